"""Keeping the list of restrictive phrases: added with its proof, ended with its reason, never edited."""

import re
from datetime import timedelta

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import require_member
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from trading.standards.checker import read_by_patterns
from trading.standards.events import PatternAdded, PatternEnded
from trading.standards.models import ClausePattern

# A repetition inside a repetition can keep a machine busy for ever.
ENDLESS = re.compile(r"\([^()]*[+*][^()]*\)[+*{]")


def require_office(by, organisation):
    require_member(by, organisation)
    if Organisation.Kind.REGULATOR not in organisation.kinds:
        raise Forbidden("not_regulator", "只有行业监督部门可以维护词式。", next_step="请联系行业监督部门。")


@transaction.atomic
def add_pattern(data, organisation, *, by, at):
    """Add a pattern (a dict of ClausePattern's fields) from today on; it must find its example and spare its counterexample."""
    require_office(by, organisation)
    row = ClausePattern(**data, since=city_day(at), publisher=organisation)
    for name in ("pattern", "unless"):
        check_expression(getattr(row, name), name)
    if ClausePattern.objects.filter(code=row.code).exists():
        raise Refused("code_taken", f"编号 {row.code} 已经用过。", field="code", next_step="请用新的编号。")
    if not list(read_by_patterns(row.example, [row])):
        raise Refused("misses_example", "词式查不出它的例句。", field="example", next_step="请修改词式或例句。")
    if row.counterexample and list(read_by_patterns(row.counterexample, [row])):
        raise Refused(
            "finds_counterexample", "词式会误查不应查出的例句。", field="counterexample", next_step="请收紧词式，或补充例外词式。"
        )
    row.save()
    record(PatternAdded(code=row.code, office=organisation.uscc, pattern=row.pattern, source=row.source), by=by, role="supervisor")
    return row


def check_expression(text, field):
    try:
        found = re.compile(text)
    except re.error as wrong:
        raise Refused(
            "bad_pattern", f"词式写法有误（第 {(wrong.pos or 0) + 1} 个字符附近）。", field=field, next_step="请检查括号是否成对。"
        ) from wrong
    if text and found.search("") is not None:
        raise Refused("matches_all", "词式会查出任何文字。", field=field, next_step="请写明至少一个词。")
    if ENDLESS.search(text):
        raise Refused("endless_pattern", "词式中有重复嵌套重复，检查会非常慢。", field=field, next_step="请去掉外层的 + 或 *。")


@transaction.atomic
def end_pattern(pattern, organisation, *, reason, by, at):
    """Use a pattern up to today and no longer; documents published before were looked through with it."""
    require_office(by, organisation)
    pattern = ClausePattern.objects.select_for_update().get(pk=pattern.pk)
    today = city_day(at)
    if pattern.until is not None:
        raise Refused("pattern_ended", f"这条词式已于 {pattern.until:%Y-%m-%d} 停用。")
    pattern.until, pattern.ended_for = max(today - timedelta(days=1), pattern.since), reason
    pattern.save(update_fields=["until", "ended_for"])
    record(
        PatternEnded(code=pattern.code, office=organisation.uscc, until=f"{pattern.until:%Y-%m-%d}", reason=reason),
        by=by,
        role="supervisor",
    )
    return pattern
