"""PDF files without a name: what says who made them is taken out, and pages on which a name is written are covered.

Finds text only: a name in a picture, a logo or a scan without a text layer is not seen.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Object, Pdf
from PIL import ImageDraw
from PIL.Image import Image
from pypdfium2 import raw

# Dots per inch of a page that becomes a picture: legible in print.
DPI = 150
# What hangs on a page, or on anything drawn on it, and is no part of what is drawn.
TELLING = (
    "/Metadata", "/PieceInfo", "/LastModified", "/AF", "/StructParents", "/StructParent", "/Thumb", "/AA", "/B", "/ID", "/Alt", "/ActualText",
    "/OPI", "/Tabs", "/Dur", "/Trans", "/SeparationInfo", "/PresSteps", "/UserProperties",
)  # fmt: skip
# Application segments and comments of a JPEG; what tells its colours (0, 2 and 14) stays.
JPEG_SAYS = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}


class Unreadable(ValueError):
    """The file is no PDF that could be taken apart: broken, or locked by a password."""


@dataclass(frozen=True)
class Anonymous:
    """The file as it may be shown, and {page: how often a name stood there} of the pages that were covered."""

    content: bytes
    found: dict[int, int]


def anonymised(content: bytes, names: Iterable[str]) -> Anonymous:
    """The PDF without metadata, attachments, bookmarks, comments, forms and layers, with every page covered that writes one of `names`."""
    try:
        bare = stripped(content)
        document = pypdfium2.PdfDocument(bare)
        found = {place: boxes for place, page in enumerate(document) if (boxes := places_of(page, list(names)))}
        return Anonymous(covered(bare, document, found) if found else bare, {place + 1: len(boxes) for place, boxes in found.items()})
    except (pikepdf.PdfError, pikepdf.PasswordError, pypdfium2.PdfiumError) as wrong:
        raise Unreadable(str(wrong)) from wrong


def stripped(content: bytes) -> bytes:
    """The pages alone, in a new file: whatever hangs on the old one's root stays behind with its earlier revisions."""
    with Pdf.open(io.BytesIO(content)) as old, Pdf.new() as bare:
        bare.pages.extend(old.pages)
        for page in bare.pages:
            if Name.Annots in page:
                del page[Name.Annots]
            page.contents_coalesce()
            if isinstance(page.get(Name.Contents), pikepdf.Stream):
                page[Name.Contents].write(plain(page.obj))
        for each in bare.objects:
            strip(each)
        return saved(bare)


def saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    # Nothing that was left without a use is written.
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def strip(each: Object) -> None:
    """Take out of an object what tells about its maker, and of a picture what its camera or program wrote."""
    if not isinstance(each, pikepdf.Stream | Dictionary):
        return
    for key in TELLING:
        if key in each:
            del each[key]
    if not isinstance(each, pikepdf.Stream):
        return
    if each.get(Name.Subtype) == Name.Form:
        each.write(plain(each))
    elif each.get(Name.Subtype) == Name.Image and each.get(Name.Filter) in (Name.DCTDecode, Array([Name.DCTDecode])):
        each.write(b"".join(jpeg_parts(each.read_raw_bytes())), filter=Name.DCTDecode)


def plain(stream: Object) -> bytes:
    """A content stream without comments and without the words that stand beside what is drawn (alternative and actual text)."""
    return pikepdf.unparse_content_stream(list(unmarked(pikepdf.parse_content_stream(stream))))


def unmarked(instructions: Iterable) -> Iterator:
    for each in instructions:
        if str(each.operator) in ("BDC", "DP"):
            # Which layer it belongs to is forgotten as well.
            yield pikepdf.ContentStreamInstruction([each.operands[0], Dictionary()], each.operator)
        else:
            yield each


def jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The picture's segments but those in which programs write about it."""
    if data[:2] != b"\xff\xd8":
        yield data
        return
    yield data[:2]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] not in JPEG_SAYS:
            yield data[at:end]
        at = end
    yield data[at:]


def folded(text: str) -> str:
    """Letters and digits alone, however wide or spaced they are written."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def places_of(page: pypdfium2.PdfPage, names: list[str]) -> list[list[tuple[float, float, float, float]]]:
    """Where the page writes one of the names: the boxes of its letters, one list for each time. Spaces and lines between do not matter."""
    text = page.get_textpage()
    letters = [(letter, place) for place in range(text.count_chars()) for letter in folded(chr(raw.FPDFText_GetUnicode(text, place)))]
    line = "".join(letter for letter, _ in letters)
    found: dict[int, int] = {}
    for name in filter(None, map(folded, names)):
        start = -1
        while (start := line.find(name, start + 1)) >= 0:
            found[start] = max(found.get(start, 0), start + len(name))
    spans, last = [], 0
    for start, end in sorted(found.items()):
        # A short name within the long one is the same writing.
        if end > last:
            spans.append((start, end))
            last = end
    return [[text.get_charbox(place, loose=True) for _, place in letters[start:end]] for start, end in spans]


def covered(bare: bytes, document: pypdfium2.PdfDocument, found: dict[int, list]) -> bytes:
    """The file with each of these pages as a picture in which the boxes are black: nothing is left below."""
    with Pdf.open(io.BytesIO(bare)) as pdf:
        for place, writings in found.items():
            page = document[place]
            picture = page.render(scale=DPI / 72).to_pil().convert("RGB")
            pen = ImageDraw.Draw(picture)
            for box in (box for boxes in writings for box in boxes):
                pen.rectangle(on_picture(page, picture.size, box), fill="black")
            pdf.pages[place] = picture_page(pdf, page.get_size(), picture)
        pdf.remove_unreferenced_resources()
        return saved(pdf)


def on_picture(page: pypdfium2.PdfPage, size: tuple[int, int], box: tuple[float, float, float, float]) -> list[int]:
    """A box of the page, wherever it is turned to, in pixels of its picture; a little larger than the letter."""
    left, bottom, right, top = box
    corners = [device(page, size, x, y) for x, y in ((left, bottom), (right, top))]
    xs, ys = zip(*corners, strict=True)
    return [min(xs) - 3, min(ys) - 3, max(xs) + 3, max(ys) + 3]


def device(page: pypdfium2.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    out_x, out_y = raw.c_int(), raw.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, out_x, out_y)
    return out_x.value, out_y.value


def picture_page(pdf: Pdf, size: tuple[float, float], picture: Image) -> pikepdf.Page:
    width, height = size
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    image = pikepdf.Stream(
        pdf, out.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height, ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    drawn = pikepdf.Stream(pdf, f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /P Do Q".encode())
    return pikepdf.Page(
        pdf.make_indirect(
            Dictionary(
                Type=Name.Page, MediaBox=[0, 0, width, height], Resources=Dictionary(XObject=Dictionary(P=pdf.make_indirect(image))),
                Contents=pdf.make_indirect(drawn),
            )
        )
    )  # fmt: skip
