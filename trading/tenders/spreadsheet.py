"""Reading and writing the spreadsheets of a price table; what does not fit is answered cell by cell, all at once."""

import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from rulebook.refusals import Refused

SHEET = "工程量清单"
HEADS = ("编码", "名称", "单位", "工程量", "最高综合单价（元）", "综合单价（元）", "合价（元）")
WRITTEN_BY_AGENCY = HEADS[:5]
MOST_ROWS = 5000
# What a sheet may unpack to: a small file must not fill the memory.
LARGEST_UNPACKED = 60 * 1024 * 1024
NUMBER = re.compile(r"\d{1,12}(?:\.\d+)?")


@dataclass(frozen=True)
class CellProblem:
    """A cell that does not fit: where, what stands there, what is expected."""

    cell: str
    found: str
    expected: str


def cell_text(value) -> str:
    """What a cell says. Computed numbers are taken to six places, as the browser takes them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value).strip()


def decimal_of(text: str, places: int) -> Decimal | None:
    """A non-negative number with at most so many places; None if it is none. Thousands may be set off by commas."""
    plain = re.sub(r"[,，\s]", "", text)
    if not NUMBER.fullmatch(plain):
        return None
    number = Decimal(plain)
    return number if number == number.quantize(Decimal(1).scaleb(-places)) else None


def sheet_rows(file) -> list[tuple[int, list[str]]]:
    """(row number, texts) of the first sheet; Refused if it is no spreadsheet."""
    unreadable = Refused(
        "no_spreadsheet",
        "这个文件不是可以读取的 .xlsx 电子表格。",
        next_step="请下载清单模板，在模板里填写后上传。",
        field="file",
        status=400,
    )
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
                raise unreadable
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = []
        for no, cells in enumerate(sheet.iter_rows(max_col=len(HEADS), max_row=MOST_ROWS + 2, values_only=True), start=1):
            rows.append((no, [cell_text(value) for value in cells]))
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as wrong:
        raise unreadable from wrong
    return [(no, texts + [""] * (len(HEADS) - len(texts))) for no, texts in rows]


def read_bill(file):
    """(items as dicts, problems) of an agency's bill: every cell that does not fit is named."""
    rows = sheet_rows(file)
    problems: list[CellProblem] = []
    heads = rows[0][1] if rows else [""] * len(HEADS)
    for place, head in enumerate(WRITTEN_BY_AGENCY):
        if heads[place] != head:
            problems.append(CellProblem(f"{get_column_letter(place + 1)}1", heads[place] or "空", f"表头“{head}”"))
    if problems:
        return [], problems
    items, codes = [], {}
    for no, texts in rows[1:]:
        if any(texts[:5]) and len(items) < MOST_ROWS:
            items.append(read_item(no, texts, codes, problems))
    if not items:
        problems.append(CellProblem("A2", "空", "至少一项清单"))
    if len(rows) > MOST_ROWS + 1:
        problems.append(CellProblem(f"A{MOST_ROWS + 2}", "更多的行", f"不超过 {MOST_ROWS} 项，请分标段或合并"))
    return items, problems


def read_item(no, texts, codes, problems):
    def expect(column, good, expected):
        if not good:
            problems.append(CellProblem(f"{column}{no}", texts["ABCDE".index(column)] or "空", expected))

    code, name, unit, quantity, ceiling = texts[:5]
    expect("A", 0 < len(code) <= 24, "编码，不超过 24 个字符")
    if code in codes:
        expect("A", False, f"不重复的编码（第 {codes[code]} 行已用）")
    codes.setdefault(code, no)
    expect("B", 0 < len(name) <= 120, "名称，不超过 120 个字")
    expect("C", 0 < len(unit) <= 12, "计量单位，如 m³、吨、项")
    amount, highest = decimal_of(quantity, 4), decimal_of(ceiling, 2)
    expect("D", amount is not None and 0 < amount < 10**10, "大于零的数，最多四位小数")
    expect("E", not ceiling or (highest is not None and 0 < highest < 10**12), "大于零的金额，最多两位小数；不设可留空")
    return {"code": code, "name": name, "unit": unit, "quantity": amount, "ceiling": highest}


def workbook_of(items, *, for_bidder):
    """A spreadsheet: the agency's template with its items so far, or the bidder's with only the prices left open."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(list(HEADS if for_bidder else WRITTEN_BY_AGENCY))
    for row, item in enumerate(items, start=2):
        sheet.append([item.code, item.name, item.unit, item.quantity.normalize(), item.ceiling])
        if for_bidder:
            sheet.cell(row, 7, f"=ROUND(D{row}*F{row},2)")
            sheet.cell(row, 6).protection = Protection(locked=False)
            sheet.cell(row, 6).fill = PatternFill("solid", fgColor="FFF7E0")
    for place, width in enumerate((16, 36, 10, 14, 18, 16, 18), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        if place <= sheet.max_column:
            sheet.cell(1, place).font = Font(bold=True)
            sheet.cell(1, place).alignment = Alignment(horizontal="center")
    sheet.freeze_panes = "A2"
    if for_bidder:
        last = len(items) + 2
        sheet.cell(last, 1, "合计")
        sheet.cell(last, 7, f"=SUM(G2:G{last - 1})")
        sheet.protection.sheet = True
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
