"""What browsers are given: the released files and their digests (docs/client.md)."""

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from ledger.canonical import b64u

LIST = "build/release.json"


class ReleasedStorage(CompressedManifestStaticFilesStorage):
    """Names that change with the content; the content itself is served byte for byte as it was built."""

    patterns = ()


def served_file(name):
    """The file that stands behind a static name; FileNotFoundError when there is none."""
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"static file {name} is missing: npm run build")
    return Path(found)


@lru_cache(maxsize=256)
def digest(path, changed, algorithm):
    return hashlib.new(algorithm, path.read_bytes()).digest()


def digest_of(name, algorithm):
    path = served_file(name)
    return digest(path, path.stat().st_mtime_ns, algorithm)


def integrity(name):
    """The `integrity` attribute of a static file."""
    return "sha384-" + base64.b64encode(digest_of(name, "sha384")).decode()


def release():
    """What this installation serves: `{"version", "files": [{"path", "sha256"}…]}`, as `client.released` records it.

    FileNotFoundError when the front end is not built, RuntimeError when a file is not the one that was built.
    """
    built = json.loads(served_file(LIST).read_text())
    files = []
    for row in built["files"]:
        sha256 = b64u(digest_of(row["path"], "sha256"))
        if sha256 != row["sha256"]:
            raise RuntimeError(f"{row['path']} is not the file that was built")
        files.append(
            {"path": settings.STATIC_URL + staticfiles_storage.url(row["path"]).removeprefix(settings.STATIC_URL), "sha256": sha256}
        )
    return {"version": built["version"], "files": files}
