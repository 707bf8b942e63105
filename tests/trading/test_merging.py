"""Two people write one draft: words are merged or shown, never lost."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rulebook.clock import database_now
from tests.factories.trading import accepted_tender, city, member
from trading.projects.actions import assign_staff
from trading.standards.difference import difference, words_of
from trading.tenders import actions
from trading.tenders.merging import Page, merged

BASE = "第一行\n第二行\n第三行\n第四行"


@pytest.mark.parametrize(
    ("mine", "theirs", "result"),
    [
        (BASE, BASE, BASE),
        (BASE.replace("一", "1"), BASE, BASE.replace("一", "1")),
        (BASE, BASE.replace("三", "3"), BASE.replace("三", "3")),
        (BASE.replace("一", "1"), BASE.replace("三", "3"), BASE.replace("一", "1").replace("三", "3")),
        (BASE.replace("一", "1"), BASE.replace("一", "1"), BASE.replace("一", "1")),
        (BASE.replace("一", "1"), BASE.replace("一", "壹"), None),
        (BASE + "\n甲", BASE + "\n乙", None),
        ("新\n" + BASE, BASE + "\n尾", "新\n" + BASE + "\n尾"),
        (BASE.replace("第二行\n", ""), BASE.replace("二", "2"), None),
    ],
)
def test_changes_of_different_lines_go_together_and_of_the_same_line_do_not(mine, theirs, result):
    assert merged(BASE, mine, theirs) == result


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
lines = st.lists(st.sampled_from(["甲", "乙", "丙", "丁 1"]), max_size=6).map("\n".join)


@few
@given(lines, lines, lines)
def test_a_merge_does_not_depend_on_who_came_first(base, mine, theirs):
    assert merged(base, mine, theirs) == merged(base, theirs, mine)


@few
@given(lines, lines)
def test_who_changed_nothing_loses_nothing_and_gains_nothing(base, theirs):
    assert merged(base, base, theirs) == theirs
    assert merged(base, theirs, base) == theirs


@few
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_holds_both_texts_whole(old, new):
    rows = difference(old, new)
    left = ["".join(piece.text for piece in row.old) for row in rows if row.old is not None]
    right = ["".join(piece.text for piece in row.new) for row in rows if row.new is not None]
    assert (left, right) == (old.splitlines(), new.splitlines())
    assert "".join(words_of(old)) == old


def test_only_the_changed_words_of_a_line_are_marked():
    (row,) = difference("工期 300 日历天，质量合格。", "工期 280 日历天，质量优良。")
    assert [piece.text for piece in row.old if piece.changed] == ["300", "合格"]
    assert [piece.text for piece in row.new if piece.changed] == ["280", "优良"]
    names = difference("不晚于 {投标截止时间} 递交", "不晚于 {提问截止时间} 递交")[0]
    assert [piece.text for piece in names.new if piece.changed] == ["{提问截止时间}"]


# ── through the action ─────────────────────────────────────────────────────


@pytest.fixture
def draft(db):
    where = city()
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    colleague = member(where.agency, name="同事")
    assign_staff(tender, colleague, by=where.handler)
    document.one, document.two = where.handler, colleague
    document.row = document.sections.get(title="技术标准和要求")
    actions.save_document(document, data={}, sections={document.row.no: BASE}, lots={}, by=where.handler)
    document.refresh_from_db()
    return document


def save(document, by, text, page, **lot):
    return actions.save_document(document, data={}, sections={document.row.no: text}, lots={1: lot}, by=by, page=page)


def text_of(document):
    return document.sections.get(no=document.row.no).text


def test_a_stale_save_never_overwrites(draft):
    one, two = Page(draft.revision, "one"), Page(draft.revision, "two")
    assert save(draft, draft.one, BASE.replace("一", "1"), one).conflicts == []
    found = save(draft, draft.two, BASE.replace("一", "壹"), two)
    (conflict,) = found.conflicts
    assert (conflict.theirs, conflict.mine, conflict.by) == (BASE.replace("一", "1"), BASE.replace("一", "壹"), draft.one.name)
    assert text_of(draft) == BASE.replace("一", "1")
    # What was typed is kept, and again: the same save is refused in the same way.
    assert draft.edits.get(applied=False).typed == BASE.replace("一", "壹")
    assert len(save(draft, draft.two, BASE.replace("一", "壹"), two).conflicts) == 1
    # Who has seen the other's words may put their own in place.
    seen = Page(two.revision, "two", {conflict.field: conflict.revision})
    assert save(draft, draft.two, BASE.replace("一", "壹"), seen).conflicts == []
    assert text_of(draft) == BASE.replace("一", "壹")


def test_disjoint_changes_of_two_open_pages_both_stand_however_often_each_saves(draft):
    one, two = Page(draft.revision, "one"), Page(draft.revision, "two")
    assert save(draft, draft.one, BASE.replace("一", "1"), one).conflicts == []
    assert save(draft, draft.two, BASE.replace("三", "3"), two).conflicts == []
    # The first page still shows its own text only; its next word must not take the other's back.
    assert save(draft, draft.one, BASE.replace("一", "1 月"), one).conflicts == []
    assert save(draft, draft.two, BASE.replace("三", "3 月"), two).conflicts == []
    assert text_of(draft) == BASE.replace("一", "1 月").replace("三", "3 月")


def test_an_untouched_field_of_a_stale_page_takes_nothing_back(draft):
    one, two = Page(draft.revision, "one"), Page(draft.revision, "two")
    save(draft, draft.one, BASE, one, quality="优良")
    assert save(draft, draft.two, BASE.replace("二", "2"), two, quality="合格").conflicts == []
    lot = draft.tender.lots.get()
    assert (lot.quality, text_of(draft)) == ("优良", BASE.replace("二", "2"))


def test_a_fact_changed_by_both_is_shown_to_the_second(draft):
    one, two = Page(draft.revision, "one"), Page(draft.revision, "two")
    save(draft, draft.one, BASE, one, term_days=300)
    found = save(draft, draft.two, BASE, two, term_days=280)
    assert [(row.field, row.theirs, row.mine) for row in found.conflicts] == [("term1", "300", "280")]
    assert draft.tender.lots.get().term_days == 300


def test_criteria_are_one_whole(draft):
    rows = actions.criteria_of(draft)
    one, two = Page(draft.revision, "one"), Page(draft.revision, "two")
    mine = [dict(row, points=50) if row["part"] == "price" else row for row in rows]
    theirs = [dict(row, points=55) if row["part"] == "price" else row for row in rows]
    assert actions.save_criteria(draft, mine, by=draft.one, page=one).conflicts == []
    assert [row.field for row in actions.save_criteria(draft, theirs, by=draft.two, page=two).conflicts] == ["criteria"]
    assert draft.criteria.get(part="price").points == 50


def test_who_else_has_it_open_is_known_for_a_while(draft):
    now = database_now()
    assert list(actions.note_presence(draft, by=draft.one, at=now)) == []
    assert [row.person for row in actions.note_presence(draft, by=draft.two, at=now)] == [draft.one]
    from trading.tenders.actions.drafting import PRESENT

    assert list(actions.note_presence(draft, by=draft.two, at=now + PRESENT)) == []
