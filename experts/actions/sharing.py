"""Experts taken over in batches, and shared with the region: one file format for both."""

import csv
import hashlib
import io
from datetime import date

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from accounts.models import Person
from experts import rules
from experts.actions.appointment import new_number
from experts.actions.changes import change_employer
from experts.actions.looks import note
from experts.classification import is_specialty
from experts.events import PoolImported, PoolShared
from experts.models import Expert, PoolExchange, Sector
from experts.permissions import require_centre
from experts.privacy import keep, taken_by_another, values_of
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.identifiers import validate_id_number, validate_mobile, validate_uscc
from rulebook.refusals import Refused

COLUMNS = (
    "姓名", "手机号", "身份证号", "工作单位", "单位统一社会信用代码", "职称", "专业代码", "行业", "库别", "行政区划", "聘期至", "培训有效期至", "同意共享",
)  # fmt: skip
REQUIRED = ("姓名", "手机号", "专业代码")
MOST_ROWS = 5000
POOLS = {"村级": Expert.Pool.VILLAGE, Expert.Pool.VILLAGE.label: Expert.Pool.VILLAGE}
SECTORS = {label: value for value, label in Sector.choices} | {value: value for value in Sector.values}
YES = ("是", "1", "同意")


class BadRow(Exception):
    """A row that cannot be taken, in words."""


@transaction.atomic
def import_pool(data, *, name, partner, by, at):
    """Take over experts from a CSV file; every good row is taken, every bad one is named with its reason. The report.

    Taken rows of the village pool wait for their training; the others stand as their file says.
    """
    require_centre(by)
    rows = read_rows(data)
    report = []
    for line, row in rows:
        try:
            with transaction.atomic():
                report.append([line, row.get("姓名", ""), take(row, partner, at), ""])
        except BadRow as wrong:
            report.append([line, row.get("姓名", ""), "refused", str(wrong)])
        except IntegrityError:
            report.append([line, row.get("姓名", ""), "refused", "与已有记录重复"])
        except DataError:
            report.append([line, row.get("姓名", ""), "refused", "内容过长或者格式不对"])
    refused = sum(row[2] == "refused" for row in report)
    made = PoolExchange.objects.create(
        kind=PoolExchange.Kind.IMPORT, name=name[:255], partner=partner, sha256=hashlib.sha256(data).hexdigest(), taken=len(report) - refused,
        refused=refused, rows=report, by=by, at=at,
    )  # fmt: skip
    record(PoolImported(sha256=made.sha256, taken=made.taken, refused=made.refused), by=by, role="staff")
    return made


def read_rows(data):
    """(line number, {column: text}) of a CSV in UTF-8 or GB 18030; Refused when it is no such file."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("not_text", "文件不是 UTF-8 或 GB18030 编码的 CSV。", field="file", status=400)
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
    if missing:
        raise Refused("no_columns", f"缺少列：{'、'.join(missing)}。", next_step="请下载模板，按表头填写。", field="file", status=400)
    rows = [(number, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str) and not isinstance(value, list)})
            for number, row in enumerate(reader, start=2)]  # fmt: skip
    if len(rows) > MOST_ROWS:
        raise Refused("too_many", f"一次最多导入 {MOST_ROWS} 行。", field="file", status=400)
    return rows


def take(row, partner, at):
    """One row becomes an expert, or renews one of the same mobile and name: "taken" or "renewed"."""
    fields = fields_of(row)
    person, known = person_of(row)
    expert = Expert.objects.select_for_update().filter(person=person).first()
    if expert is not None and expert.source != partner:
        raise BadRow("此人由本市或者其他来源管理，不能用导入改动")
    if expert is not None and not expert.is_standing:
        raise BadRow("此人已出库，不能用导入恢复")
    if identity := row.get("身份证号"):
        keep_identity(person, identity)
    if expert is not None:
        renew(expert, fields, city_day(at))
        return "renewed"
    village = POOLS.get(row.get("库别", ""), Expert.Pool.CITY) == Expert.Pool.VILLAGE
    Expert.objects.create(
        person=person, number=new_number(city_day(at).year), source=partner, state=Expert.State.TRAINING if village else Expert.State.ACTIVE,
        pool=Expert.Pool.VILLAGE if village else Expert.Pool.CITY,
        # Whoever has an account here agrees to be shared in their own application, not in somebody's file.
        shared=not known and row.get("同意共享") in YES, **{"trained_until": city_day(at), **fields},
    )  # fmt: skip
    return "taken"


def keep_identity(person, number):
    if taken_by_another(person, number):
        raise BadRow("身份证号已由另一人登记")
    values = values_of(person)
    if values.get("identity") not in (None, number):
        raise BadRow("身份证号与此人登记的不一致")
    keep(person, {**values, "identity": number, "birthday": f"{number[6:10]}-{number[10:12]}-{number[12:14]}"})


def renew(expert, fields, day):
    """What the row fills in replaces what stood; the employer as any change of employer, so that the former one is avoided."""
    name, code = fields.pop("employer", expert.employer), fields.pop("employer_uscc", "")
    same = name == expert.employer
    if same and not expert.employer_uscc:
        fields["employer_uscc"] = code
    for key, value in fields.items():
        setattr(expert, key, value)
    expert.save()
    if not same or (code and code != expert.employer_uscc):
        change_employer(expert, {"employer": name, "uscc": code}, day)


def fields_of(row):
    """What the row fills in of an expert; an empty column says nothing."""
    codes = [code.strip().upper() for code in row["专业代码"].replace("；", ";").replace("、", ";").split(";") if code.strip()]
    if not codes:
        raise BadRow("没有填写专业代码")
    if strange := [code for code in codes if not is_specialty(code)]:
        raise BadRow(f"专业分类标准中没有 {strange[0]}")
    if len(codes) > rules.SPECIALTIES.maximum:
        raise BadRow(rules.SPECIALTIES.says)
    checked(row.get("单位统一社会信用代码"), validate_uscc)
    checked(row.get("身份证号"), validate_id_number)
    sector = row.get("行业")
    if sector and sector not in SECTORS:
        raise BadRow(f"没有“{sector}”这个行业")
    region = row.get("行政区划")
    if region and not (len(region) == 6 and region.isdigit()):
        raise BadRow("行政区划应为六位数字")
    found = {
        "title": row.get("职称"), "employer": row.get("工作单位"), "employer_uscc": row.get("单位统一社会信用代码"),
        "sector": SECTORS[sector] if sector else None, "region_code": region,
    }  # fmt: skip
    for column, name in (("聘期至", "term_until"), ("培训有效期至", "trained_until")):
        found[name] = day_of(row[column], column) if row.get(column) else None
    return {"specialties": codes, "main_specialty": codes[0], **{name: value for name, value in found.items() if value}}


def day_of(text, column):
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise BadRow(f"{column}应写成 2026-12-31 的样子") from wrong


def checked(text, validate):
    try:
        if text:
            validate(text)
    except ValidationError as wrong:
        raise BadRow(wrong.message) from wrong


def person_of(row):
    """(whoever has this mobile number, True) if the name is the same, else (a new account without a password, False)."""
    if not row["姓名"]:
        raise BadRow("没有填写姓名")
    checked(row["手机号"] or "空", validate_mobile)
    found = Person.objects.filter(mobile=row["手机号"]).first()
    if found is not None and found.name != row["姓名"]:
        raise BadRow("手机号已由另一姓名的账号使用")
    if found is not None:
        return found, True
    made = Person(mobile=row["手机号"], name=row["姓名"])
    made.set_unusable_password()
    made.save()
    return made, False


@transaction.atomic
def share_pool(*, partner, why, by, at):
    """The experts who agreed to be shared, as a file of the same columns; no identity numbers or accounts. (PoolExchange, bytes).

    Each person can see that their name and number went out, to whom and why.
    """
    centre = require_centre(by)
    if not why.strip():
        raise Refused("no_reason", "请写明共享的依据。", field="why", status=400)
    rows = list(Expert.objects.active().filter(shared=True, source="").select_related("person"))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for expert in rows:
        writer.writerow(shared_row(expert))
        note(expert.person, f"共享给{partner}：姓名、手机号、单位、职称、专业"[:200], why, centre, by=by, at=at)
    data = out.getvalue().encode("utf-8-sig")
    made = PoolExchange.objects.create(
        kind=PoolExchange.Kind.EXPORT, name=f"评标专家共享-{city_day(at):%Y%m%d}.csv", partner=partner, sha256=hashlib.sha256(data).hexdigest(),
        taken=len(rows), by=by, at=at,
    )  # fmt: skip
    record(PoolShared(sha256=made.sha256, count=len(rows)), by=by, role="staff")
    return made, data


def shared_row(expert):
    return {
        "姓名": safe(expert.person.name), "手机号": expert.person.mobile, "身份证号": "", "工作单位": safe(expert.employer),
        "单位统一社会信用代码": expert.employer_uscc, "职称": safe(expert.title), "专业代码": ";".join(expert.specialties),
        "行业": expert.get_sector_display(), "库别": expert.get_pool_display(), "行政区划": expert.region_code,
        "聘期至": expert.term_until.isoformat() if expert.term_until else "", "培训有效期至": expert.trained_until.isoformat(), "同意共享": "是",
    }  # fmt: skip


def safe(text):
    """A cell that a spreadsheet would take for a formula begins with an apostrophe instead."""
    return f"'{text}" if text[:1] in "=+-@" and text else text
