"""Taking a volume out to read, and holding the kept file against its manifest."""

import hashlib
import tempfile
import zipfile

from cryptography.exceptions import InvalidTag

from accounts.models import Organisation
from ledger.alarms import NAMES, raise_alarm
from rulebook.refusals import Forbidden
from sealing.vault import read
from trading.archive.models import ArchiveLookUp
from trading.projects.queries import SUPERVISE, may_handle

NAMES["archive.damaged"] = "档案文件与清单不符"
CHUNK = 1 << 20


def may_look_up(person, organisation, tender):
    """Who may read a lot's archive: the centre, those who ran the tender, its regulator."""
    if organisation is not None and organisation.is_active and Organisation.Kind.CENTRE in organisation.kinds:
        return True
    return may_handle(person, tender) or person.has_perm(SUPERVISE, tender)


def look_up(archive, organisation, *, by, at):
    """The volume's bytes for somebody who may read it; that they did stays on record. Forbidden for everybody else."""
    if not may_look_up(by, organisation, archive.lot.tender):
        raise Forbidden("no_permission", "你没有查阅这份档案的权限。")
    ArchiveLookUp.objects.create(archive=archive, by=by, organisation=organisation, at=at)
    return read(archive.vault)


def verify_archive(archive, *, at):
    """Hold the kept file against its manifest, byte for byte; answers what does not agree, and raises an alarm for it.

    Not inside a transaction: an alarm must not be rolled back with what follows.
    """
    archive.damage, archive.verified_at = damage_of(archive)[:300], at
    archive.save(update_fields=["damage", "verified_at"])
    if archive.damage:
        raise_alarm("archive.damaged", archive.file_name, archive.damage)
    return archive.damage


def damage_of(archive):
    """What of a sealed volume differs from its manifest, in words; empty where everything agrees."""
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as copy:
        try:
            for piece in read(archive.vault):
                digest.update(piece)
                copy.write(piece)
        except (ValueError, InvalidTag, OSError) as wrong:
            return f"档案文件不可读（{type(wrong).__name__}）"
        if digest.hexdigest() != archive.sha256:
            return "压缩包摘要与记录不符"
        with zipfile.ZipFile(copy) as found:
            for row in archive.manifest["files"]:
                if digest_of(found, row["path"]) != row["sha256"]:
                    return f"{row['path']} 与清单不符"
    return ""


def digest_of(found, path):
    digest = hashlib.sha256()
    try:
        with found.open(path) as source:
            while piece := source.read(CHUNK):
                digest.update(piece)
    except KeyError:
        return None
    return digest.hexdigest()
