"""The centre's open selection: opened with its terms, entered, marked, and confirmed into a list that restricts nobody."""

from decimal import Decimal

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member
from agencies.actions.register import require_agency, require_text
from agencies.actions.selection import check_criteria
from agencies.events import AgencyListPublished, SelectionEntered, SelectionMarked, SelectionOpened
from agencies.models import SelectionEntry, SelectionEvent
from agencies.rules import FREE_CHOICE, FREE_CHOICE_PURCHASES, SELECTION_PERIOD, rounded
from disclosure.actions import publish_notice
from disclosure.models import Notice
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused

S = SelectionEvent.State


@transaction.atomic
def open_event(data, *, by, at):
    """Open a selection: criteria, grades and their places are public and fixed from now on."""
    require_city_centre(by)
    check_criteria(data["criteria"])
    if not data["grades"] or any(row["places"] < 1 for row in data["grades"]):
        raise Refused("grades", "请写明各等次的名额。", field="grades", status=400)
    SELECTION_PERIOD.check(at, data["due_at"], field="due_at", subject="报名截止时间")
    year = city_day(at).year
    event = SelectionEvent.objects.create(
        number=f"LX{year}-{next_number('agency-selection', year):04d}", opened_by=by, opened_at=at,
        **{name: data[name] for name in ("title", "service", "trial", "criteria", "grades", "due_at")},
    )  # fmt: skip
    for agency in Organisation.objects.of_kind(Organisation.Kind.AGENCY).active():
        tell_members(
            agency, f"代理机构公开遴选：{event.title}", f"自愿报名，{event.due_at:%Y-%m-%d} 截止；名单只供参考。", link=f"/agencies/lists/{event.number}/",
            key=f"agency-selection/{event.pk}",
        )  # fmt: skip
    terms = {"v": 1, "criteria": event.criteria, "grades": event.grades, "title": event.title, "service": event.service}
    record(SelectionOpened(number=event.number, service=event.service, terms=b64u(HJ("agency-selection", terms))), by=by, role="staff")
    return event


def require_city_centre(by):
    """A township's centre serves its villages; selections are the city centre's."""
    rows = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().filter(sectors=[])
    if not any(is_member(by, row, Duty.REVIEW) for row in rows):
        raise Forbidden("not_city", "公开遴选由市交易中心办理。")


def locked(event):
    event = SelectionEvent.objects.select_for_update(of=["self"]).get(pk=event.pk)
    if event.state != S.OPEN:
        raise Refused("listed", "这次遴选的名单已经公布。")
    return event


@transaction.atomic
def enter_event(event, agency, statement, *, by, at):
    """An agency enters while there is time; what it states may be written anew until then, and nobody else reads it before."""
    require_agency(by, agency)
    event = locked(event)
    if at >= event.due_at:
        raise Refused("over", "报名时间已过。")
    require_text(statement, "statement", "申报材料")
    entry, _ = SelectionEntry.objects.update_or_create(event=event, agency=agency, defaults={"statement": statement, "entered_at": at})
    digest = b64u(HJ("agency-selection-entry", {"v": 1, "statement": statement}))
    record(SelectionEntered(number=event.number, digest=digest), by=None, role="agency", private={"agency": agency.uscc})
    return entry


@transaction.atomic
def mark_entry(entry, marks, *, by, at):
    """The centre marks one entry by the stated criteria, each of a hundred; marks may be written anew until the list is confirmed."""
    require_city_centre(by)
    event = locked(entry.event)
    if at < event.due_at:
        raise Refused("early", "报名截止后才能评分。")
    if len(marks) != len(event.criteria) or any(not 0 <= mark <= 100 for mark in marks):
        raise Refused("bad_mark", "请按每项标准打 0 至 100 分。", status=400)
    entry = SelectionEntry.objects.select_for_update(of=["self"]).select_related("agency").get(pk=entry.pk)
    entry.marks, entry.marked_by = [str(mark) for mark in marks], by
    entry.score = rounded(sum((mark * row["weight"] for mark, row in zip(marks, event.criteria, strict=True)), Decimal(0)) / 100)
    entry.save()
    record(SelectionMarked(number=event.number), by=by, role="staff", private={"agency": entry.agency.uscc, "marks": entry.marks})
    return entry


def ordered(entries, grades):
    """Write place and grade: the higher score first, equals share a place; who shares the last place of a grade is in it too."""
    rows = sorted(entries, key=lambda row: (-row.score, row.agency.uscc))
    bounds, total = [], 0
    for grade in grades:
        total += grade["places"]
        bounds.append((total, grade["title"]))
    for row in rows:
        row.place = 1 + sum(other.score > row.score for other in rows)
        row.grade = next((title for last, title in bounds if row.place <= last), "")
    return rows


@transaction.atomic
def confirm_list(event, *, valid_until, by, at):
    """Another person than who marked confirms; the order gives the grades, and the list is published with what it does not mean."""
    require_city_centre(by)
    event = locked(event)
    entries = list(event.entries.select_related("agency"))
    waiting = [row.agency.name for row in entries if row.score is None]
    if at < event.due_at or not entries or waiting:
        raise Refused("not_done", f"还有没有评分的机构：{'、'.join(waiting)}。" if waiting else "没有可以公布的结果。")
    if any(row.marked_by_id == by.pk for row in entries):
        raise Refused("second_person", "公布人不能是评分人。", next_step="请由另一位同事核对后公布。")
    if valid_until <= city_day(at):
        raise Refused("valid_until", "有效期应在今天之后。", field="valid_until")
    rows = ordered(entries, event.grades)
    for row in rows:
        row.save(update_fields=["place", "grade"])
    said = [[row.agency.uscc, row.marks, str(row.score), row.grade] for row in rows]
    event.digest = b64u(HJ("agency-list", {"v": 1, "number": event.number, "rows": said}))
    event.state, event.listed_on, event.valid_until, event.confirmed_by = S.LISTED, city_day(at), valid_until, by
    listed = [row for row in rows if row.grade]
    facts = [
        ("业务类型", event.get_service_display()), ("报名", f"{len(rows)} 家"), ("列入名单", f"{len(listed)} 家"),
        *((grade["title"], f"{sum(row.grade == grade['title'] for row in rows)} 家") for grade in event.grades),
        ("公布日期", event.listed_on.isoformat()), ("有效期至", valid_until.isoformat()), ("效力", "只供参考，不限制自主选择"),
    ]  # fmt: skip
    event.notice = publish_notice(
        Notice.Kind.AGENCY_LIST, title=f"{event.title}结果", facts=facts, category="QT", by=by, at=at,
        context={"event": event, "rows": rows, "law": (FREE_CHOICE, FREE_CHOICE_PURCHASES)},
    )  # fmt: skip
    event.save()
    record(AgencyListPublished(number=event.number, digest=event.digest, notice=event.notice.number), by=by, role="staff")
    return event
