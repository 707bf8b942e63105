"""Small readable PDFs for everything that people of the demo city hand in.

One page each, in the Chinese face that every PDF reader brings along: embedded fonts would make hundreds of files large.
"""

from textwrap import wrap

from config.demo.words import PAPERS

WIDTH = 37
FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
    b"/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
    b"/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)


def shown(text, size):
    """A line of text at the pen's place, then on to the next line."""
    return f"/F {size} Tf <{text.encode('utf-16-be').hex()}> Tj T*\n"


def page(title, lines):
    """One A4 page with a title and paragraphs."""
    rows = [row for line in lines for row in (*wrap(line, WIDTH), "")]
    text = "BT 72 760 Td 22 TL\n" + shown(title, 18) + "T*\n" + "".join(shown(row, 12) for row in rows) + "ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
        FONT,
        f"<</Length {len(text)}>>stream\n{text}\nendstream".encode("ascii"),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))


def printed():
    """Every kind of paper, by its title."""
    return {title: page(title, lines) for title, lines in PAPERS.items()}
