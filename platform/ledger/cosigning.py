"""Witnesses' lines under the newest checkpoint: taken in, kept beside it, and served with it."""

import fcntl

from django.conf import settings

from ledger.keys import verify_checkpoint, witnesses
from ledger.models import LedgerCheckpoint
from ledger.note import cosigned_at, opened, parse
from ledger.tiles import write
from rulebook.refusals import Refused

LARGEST_NOTE = 16_384


def take_cosignature(data: bytes) -> None:
    """Keep a checkpoint of ours with the lines of known witnesses in `cosigned`; refused otherwise.

    A newer one takes the place of an older; lines under the same checkpoint are gathered.
    """
    if len(data) > LARGEST_NOTE:
        raise Refused("too_large", "见证内容过大。", status=413)
    try:
        note = data.decode()
        checkpoint = verify_checkpoint(note)
        lines = lines_of_witnesses(note)
    except ValueError as wrong:
        raise Refused("bad_note", "不是本平台签名的检查点，或见证签名不正确。", status=400) from wrong
    ours = LedgerCheckpoint.objects.filter(size=checkpoint.size).first()
    if ours is None or bytes(ours.root) != checkpoint.root:
        raise Refused("not_ours", "账本中没有这个检查点。")
    if not lines:
        raise Refused("unknown_witness", "没有已登记见证人的签名。", status=403)
    with (settings.ETP_LEDGER / ".cosigning").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = settings.ETP_LEDGER / "cosigned"
        before = path.read_text() if path.exists() else None
        known = parse(before).size if before else 0
        if known > checkpoint.size:
            return
        if before and known == checkpoint.size:
            lines = {**lines_of_witnesses(before), **lines}
        write(path, (ours.note + "".join(lines.values())).encode())


def lines_of_witnesses(note: str) -> dict[str, str]:
    """The signature lines of known witnesses by name; ValueError for one that is wrong."""
    text, found = opened(note)[0], {}
    for line in note.rpartition("\n\n")[2].splitlines(keepends=True):
        for witness in witnesses():
            if cosigned_at(f"{text}\n{line}", witness.name, witness.public_key) is not None:
                found[witness.name] = line
    return found


def with_cosignatures(note: str) -> str:
    """The checkpoint with the witnesses' lines that are kept for it, if any; they never replace its own."""
    path = settings.ETP_LEDGER / "cosigned"
    if not path.exists():
        return note
    cosigned = path.read_text()
    return cosigned if opened(cosigned)[0] == opened(note)[0] else note
