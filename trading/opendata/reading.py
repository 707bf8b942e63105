"""Reading OCDS release and record packages of any size: never more than one release in memory."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ijson

LISTS = ("releases", "records")
ABOUT = ("uri", "license", "publishedDate", "version", "publisher.name")


class Unreadable(Exception):
    """The file is no package, or breaks off; the message is for people."""


@dataclass(frozen=True)
class Package:
    """What a package says of itself, and which list it holds."""

    publisher: str
    uri: str
    licence: str
    published: str
    holds: str


class Watched:
    """A file that tells how many of its bytes were read."""

    def __init__(self, path: Path, tell: Callable[[int], None]):
        self.raw = path.open("rb")
        self.tell = tell
        self.source = gzip.GzipFile(fileobj=self.raw) if path.suffix == ".gz" else self.raw

    def read(self, size: int) -> bytes:
        before = self.raw.tell()
        data = self.source.read(size)
        self.tell(self.raw.tell() - before)
        return data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.raw.close()


def look_into(path: Path, tell: Callable[[int], None]) -> Package:
    """What the package says of itself, wherever in the file it says it."""
    said: dict[str, str] = {}
    holds = ""
    with Watched(path, tell) as source:
        try:
            for prefix, event, value in ijson.parse(source):
                if event == "start_array" and prefix in LISTS:
                    holds = prefix
                elif prefix in ABOUT and event in ("string", "number"):
                    said[prefix] = str(value)
        except ijson.JSONError as broken:
            if not holds:
                raise Unreadable("文件不是 JSON，或开头已经损坏。") from broken
        except (OSError, EOFError) as broken:
            raise Unreadable("压缩文件已损坏。") from broken
    if not holds:
        raise Unreadable("文件不是开放招标数据标准（OCDS）的发布包或记录包：没有 releases 或 records。")
    return Package(
        said.get("publisher.name", "未注明发布者"), said.get("uri", ""), said.get("license", ""), said.get("publishedDate", ""), holds
    )


def releases_of(path: Path, package: Package, tell: Callable[[int], None]) -> Iterator[tuple[object, str]]:
    """Each release of the package with "" or with why there is none; Unreadable where the file breaks off."""
    with Watched(path, tell) as source:
        try:
            for item in ijson.items(source, f"{package.holds}.item"):
                yield (item, "") if package.holds == "releases" else release_of(item)
        except (ijson.JSONError, OSError, EOFError) as broken:
            raise Unreadable("文件在中途损坏，之后的内容没有读到。") from broken


def release_of(record: object) -> tuple[object, str]:
    """The release a record stands for: the compiled one, or else its newest embedded one."""
    if not isinstance(record, dict):
        return record, ""
    compiled = record.get("compiledRelease")
    if isinstance(compiled, dict):
        return {"ocid": record.get("ocid"), **compiled}, ""
    embedded = [row for row in record.get("releases") or [] if isinstance(row, dict) and "tag" in row]
    if not embedded:
        return record, "记录只列出链接，没有内容"
    return max(embedded, key=lambda row: str(row.get("date", ""))), ""
