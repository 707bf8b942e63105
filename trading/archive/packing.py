"""A ZIP as a stream: made piece by piece, so that an archive of gigabytes needs no memory and no second copy."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

from rulebook.clock import CITY
from trading.archive.contents import Item


class Outlet:
    """The end of the pipe that zipfile writes to; what has come through is taken off it."""

    def __init__(self):
        self.waiting = bytearray()

    def write(self, data):
        self.waiting += data
        return len(data)

    def flush(self):
        """Nothing is held back."""

    def take(self):
        data, self.waiting = bytes(self.waiting), bytearray()
        return data


def pack(items: Iterable[Item], head: dict, at: datetime, manifest: dict) -> Iterator[bytes]:
    """The ZIP's bytes; `manifest` is filled on the way and stands as `manifest.json` at the end of the ZIP.

    Beside it stands `SHA256SUMS`, so that `sha256sum -c` checks the archive where no program of ours is at hand.
    """
    outlet, files = Outlet(), []
    stamp = at.astimezone(CITY).timetuple()[:6]
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as target:
        for item in items:
            digest, size = hashlib.sha256(), 0
            with target.open(named(item.path, stamp), "w", force_zip64=True) as entry:
                for piece in item.pieces():
                    digest.update(piece)
                    size += len(piece)
                    entry.write(piece)
                    yield outlet.take()
            files.append({"path": item.path, "what": item.what, "size": size, "sha256": digest.hexdigest()})
        manifest.update({"v": 1, **head, "files": files})
        target.writestr(named("manifest.json", stamp), json.dumps(manifest, ensure_ascii=False, indent=1))
        target.writestr(named("SHA256SUMS", stamp), "".join(f"{row['sha256']}  {row['path']}\n" for row in files))
        yield outlet.take()
    yield outlet.take()


def named(path, stamp):
    info = zipfile.ZipInfo(path, stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
