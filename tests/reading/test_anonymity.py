"""A PDF without its maker's name: read with two other programs than the one that took it out."""

import io
import subprocess
import zlib

import pikepdf
import pytest
from PIL import Image

from documents.anonymity import Unreadable, anonymised
from tests.factories.reading import pdf_of

NAMES = ["清江子虚建设有限公司", "子虚", "91420000MA4K00010L", "王小明"]


def text_of(content, tmp_path, *more):
    path = tmp_path / "found.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", *more, path, "-"], check=True, capture_output=True, text=True).stdout


def everything(content):
    """All bytes of the file, with every compressed stream opened."""
    found = [content]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Stream):
                try:
                    found.append(each.read_bytes())
                except pikepdf.PdfError:
                    found.append(each.read_raw_bytes())
            found.append(repr(each).encode())
    return b"\n".join(found)


def telling():
    """A plan whose maker's name stands everywhere but on its first page."""
    plain = pdf_of("施工组织设计，工序安排如下。", "第二页正文", title="子虚方案", author="ZIXU-AUTHOR", bookmarks=())
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        pdf.attachments["ZIXU-NAME.txt"] = b"ZIXU-ATTACHED"
        with pdf.open_metadata() as metadata:
            metadata["dc:creator"] = ["ZIXU-XMP"]
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("ZIXU-BOOKMARK", 0))
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[9, 9, 30, 30], T="ZIXU-COMMENTER", Contents="ZIXU-COMMENT"
        )
        pdf.pages[0][pikepdf.Name.Annots] = pdf.make_indirect([note])
        pdf.pages[0][pikepdf.Name.PieceInfo] = pikepdf.Dictionary(Word=pikepdf.Dictionary(Private="ZIXU-PIECE"))
        pdf.Root[pikepdf.Name.AcroForm] = pikepdf.Dictionary(Fields=[], DA="ZIXU-FORM")
        picture = io.BytesIO()
        Image.new("RGB", (40, 20), "white").save(picture, "JPEG", comment=b"ZIXU-JPEG", exif=exif())
        image = pikepdf.Stream(
            pdf, picture.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=40, Height=20, ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        pdf.pages[0].add_resource(image, pikepdf.Name.XObject, pikepdf.Name("/Pic"))
        marked = b"/Span <</ActualText (ZIXU-ACTUAL)>> BDC q 10 0 0 5 50 50 cm /Pic Do Q EMC % ZIXU-REMARK\n"
        pdf.pages[0].contents_add(pdf.make_stream(marked))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def exif():
    made = Image.Exif()
    made[0x013B] = "ZIXU-EXIF"
    return made


def test_all_that_tells_the_maker_is_gone_and_the_text_stays(tmp_path):
    before = telling()
    assert everything(before).count(b"ZIXU") >= 9
    found = anonymised(before, NAMES)
    assert found.found == {}
    assert b"ZIXU" not in everything(found.content)
    assert zlib.crc32(found.content) != zlib.crc32(before)
    text = text_of(found.content, tmp_path)
    assert "工序安排如下" in text and "第二页正文" in text
    info = subprocess.run(["pdfinfo", tmp_path / "found.pdf"], check=True, capture_output=True, text=True).stdout
    assert not any(line.startswith(("Title", "Author", "Creator", "Producer", "CreationDate")) for line in info.splitlines())
    with pikepdf.open(io.BytesIO(found.content)) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        # The picture is still there.
        assert any(each.get("/Subtype") == "/Image" for each in pdf.objects if isinstance(each, pikepdf.Stream))


@pytest.mark.parametrize(
    "written",
    [
        "本工程由清江子虚建设有限公司编制",
        "本工程由 清江 子 虚 建设有限公司编制",
        "信用代码９１４２００００ＭＡ４Ｋ０００１０Ｌ",
        "项目经理：王小\n明",
    ],
)
def test_a_page_that_writes_a_name_is_covered_and_holds_it_no_more(written, tmp_path):
    found = anonymised(pdf_of("第一页正文", written, "第三页正文"), NAMES)
    assert found.found == {2: 1}
    pages = text_of(found.content, tmp_path).split("\f")
    assert ("第一页正文" in pages[0], pages[1].strip(), "第三页正文" in pages[2]) == (True, "", True)
    # It is a picture of the page with the writing blackened, not an empty page.
    subprocess.run(["pdftoppm", "-r", "50", "-f", "2", "-l", "2", "-png", tmp_path / "found.pdf", tmp_path / "page"], check=True)
    shades = Image.open(next(tmp_path.glob("page*.png"))).convert("L").histogram()
    assert sum(shades[:40]) > 100 and sum(shades[200:]) > 100_000


def test_a_page_that_is_turned_is_covered_where_the_name_stands(tmp_path):
    with pikepdf.open(io.BytesIO(pdf_of("王小明"))) as pdf:
        pdf.pages[0].rotate(90, relative=False)
        out = io.BytesIO()
        pdf.save(out)
    found = anonymised(out.getvalue(), NAMES)
    with pikepdf.open(io.BytesIO(found.content)) as pdf:
        image = next(each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image")
        picture = Image.open(io.BytesIO(image.read_raw_bytes())).convert("L")
    dark = picture.point(lambda shade: 255 if shade < 128 else 0)
    left, top, right, bottom = dark.getbbox()
    # Everything dark is the black bar itself: no stroke of the writing is left beside it.
    assert dark.histogram()[255] > 0.95 * (right - left) * (bottom - top)
    assert picture.width > picture.height


def test_a_broken_or_locked_file_is_named_so():
    with pytest.raises(Unreadable):
        anonymised(b"%PDF-1.4 plan", NAMES)
    with pikepdf.open(io.BytesIO(pdf_of("一"))) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(Unreadable):
        anonymised(out.getvalue(), NAMES)
