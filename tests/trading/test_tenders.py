"""The tender document, its publication within the law, and everything that happens until the deadline."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from disclosure.models import Notice
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.models import Holiday
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import (
    accepted_tender,
    city,
    city_time,
    make_workday,
    member,
    organisation,
    pdf,
    published_lot,
    published_tender,
    stored,
    written_document,
)
from trading.holders.queries import policy_hash
from trading.procedures.reaching import milestones_of
from trading.projects.models import Lot, Tender
from trading.standards.works import CRITERIA, WORKS_CONSTRUCTION
from trading.tenders import actions
from trading.tenders.clauses import hits_in
from trading.tenders.models import ClarificationReceipt, DocumentHolder, Suspension, TenderDocument
from trading.tenders.queries import (
    bidders_named_in,
    changes_of,
    document_digest,
    is_suspended,
    require_running,
    statutory_dates,
)
from trading.tenders.saying import sections_said
from trading.tenders.tasks import publish_scheduled

pytestmark = pytest.mark.django_db

# A Tuesday; twenty days later is a Monday, and no holiday is near.
PUBLISHED = city_time(date(2026, 3, 10))
DUE = city_time(date(2026, 3, 30))


@pytest.fixture
def where():
    return city()


def ready(where, *, due_at=DUE, **dates):
    tender = accepted_tender(where, at=PUBLISHED - timedelta(days=2))
    document = written_document(tender, by=where.handler, published_at=PUBLISHED, due_at=due_at, **dates)
    return tender, document


def codes(document, at=PUBLISHED):
    return [problem.code for problem in actions.problems_of(document, published_at=at)]


# ── the document ───────────────────────────────────────────────────────────


@pytest.mark.requirement("R091")
def test_the_document_begins_from_the_standard_text_and_what_is_known(where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    rows = list(document.sections.all())
    assert [(row.title, row.fixed) for row in rows] == [(s.title, s.fixed) for s in WORKS_CONSTRUCTION]
    said = dict(sections_said(document))
    assert tender.project.address in said["项目概况与招标范围"] and "综合楼土建" in said["项目概况与招标范围"]
    assert actions.draft_document(tender, by=where.handler) == document


@pytest.mark.requirement("R091")
def test_fixed_blocks_cannot_be_written(where):
    tender, document = ready(where)
    fixed = document.sections.filter(fixed=True).first()
    with pytest.raises(Refused) as refused:
        actions.save_document(document, data={}, sections={fixed.no: "投标人应当在本市注册"}, lots={}, by=where.handler)
    assert refused.value.code == "fixed_block"


@pytest.mark.requirement("R091")
def test_a_fixed_block_altered_behind_the_editor_stops_the_publication(where):
    tender, document = ready(where)
    document.sections.filter(fixed=True, no=1).update(text="1. 投标人应当到现场领取文件。")
    with pytest.raises(Refused) as refused:
        actions.publish_tender(tender, by=where.handler, at=PUBLISHED)
    assert refused.value.code == "fixed_block"
    row = changes_of(document)[0]
    assert row["altered"] and {line.mark for line in row["lines"]} & {"removed", "changed"}


@pytest.mark.requirement("R091")
def test_a_reviewer_sees_what_was_written_into_the_editable_blocks(where):
    tender, document = ready(where)
    rows = changes_of(document)
    assert all(row["same"] and not row["altered"] for row in rows)
    scope = document.sections.get(title="项目概况与招标范围")
    actions.save_document(document, data={}, sections={scope.no: scope.text + "\n不含园林绿化。"}, lots={}, by=where.handler)
    changed = [row for row in changes_of(document) if not row["same"]]
    assert [(row["title"], row["altered"]) for row in changed] == [("项目概况与招标范围", False)]
    assert [(line.mark, line.new[0].text) for line in changed[0]["lines"] if line.mark != "same"] == [("added", "不含园林绿化。")]


def test_only_who_was_assigned_writes(where):
    tender, document = ready(where)
    for somebody in (member(where.agency), where.owner.somebody, organisation("agency").somebody, where.staff):
        with pytest.raises(Forbidden):
            actions.save_document(document, data={}, sections={}, lots={}, by=somebody)
        with pytest.raises(Forbidden):
            actions.publish_tender(tender, by=somebody, at=PUBLISHED)


# ── what keeps it from being published ─────────────────────────────────────


def test_a_document_within_the_law_has_no_problems(where):
    _, document = ready(where)
    assert codes(document) == []


def test_missing_dates_are_named(where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    fields = [problem.field for problem in actions.problems_of(document, published_at=PUBLISHED)]
    assert fields == ["supply_until", "questions_until", "bids_due_at", "limit1"]


@pytest.mark.parametrize(("days", "found"), [(19, ["T-GC-04"]), (20, []), (21, [])])
def test_bidders_have_twenty_days(where, days, found):
    due_at = PUBLISHED + timedelta(days=days)
    make_workday(city_day(due_at))
    tender, document = ready(where, due_at=due_at, supply_until=PUBLISHED + timedelta(days=6))
    assert codes(document) == found
    if found:
        with pytest.raises(Refused) as refused:
            actions.publish_tender(tender, by=where.handler, at=PUBLISHED)
        assert "《招标投标法》第二十四条" in refused.value.rule
        assert "2026-03-30" in refused.value.message
        assert not Notice.objects.exists()


@pytest.mark.parametrize(("days", "found"), [(4, ["T-GC-02"]), (5, []), (6, [])])
def test_the_document_is_handed_out_for_five_days(where, days, found):
    _, document = ready(where, supply_until=PUBLISHED + timedelta(days=days))
    assert codes(document) == found


def test_the_period_runs_from_the_publication_not_from_the_plan(where):
    tender, document = ready(where)
    with pytest.raises(Refused) as refused:
        actions.publish_tender(tender, by=where.handler, at=PUBLISHED + timedelta(days=1))
    assert refused.value.code == "T-GC-04"


@pytest.mark.parametrize(("deposit", "found"), [("772000.00", []), ("772000.01", ["A-01"])])
def test_the_deposit_is_at_most_two_percent(where, deposit, found):
    tender, document = ready(where)
    lots = {1: {"price_limit": Decimal(38_000_000), "deposit": Decimal(deposit)}}
    actions.save_document(document, data={}, sections={}, lots=lots, by=where.handler)
    assert codes(document) == found


@pytest.mark.parametrize(("deposit", "found"), [("800000.00", []), ("800000.01", ["A-01"])])
def test_the_deposit_is_at_most_eight_hundred_thousand(where, deposit, found):
    tender = accepted_tender(where, at=PUBLISHED, estimate=Decimal(49_000_000))
    document = written_document(tender, by=where.handler, published_at=PUBLISHED, due_at=DUE)
    actions.save_document(document, data={}, sections={}, lots={1: {"deposit": Decimal(deposit)}}, by=where.handler)
    assert codes(document) == found


def test_a_deadline_on_a_rest_day_is_refused(where):
    Holiday.objects.create(date=city_day(DUE), kind="off", name="测试", source="测试")
    _, document = ready(where)
    assert codes(document) == ["deadline_on_rest_day"]


@pytest.mark.parametrize(
    ("questions_until", "found"),
    [
        (PUBLISHED, ["questions_until"]),
        (PUBLISHED + timedelta(minutes=1), []),
        (DUE, []),
        (DUE + timedelta(minutes=1), ["questions_until"]),
    ],
)
def test_questions_end_between_publication_and_deadline(where, questions_until, found):
    _, document = ready(where, questions_until=questions_until)
    assert codes(document) == found


@pytest.mark.parametrize(("points", "found"), [("59.99", ["points"]), ("60.00", []), ("60.01", ["points"])])
def test_points_sum_to_one_hundred(where, points, found):
    tender, document = ready(where)
    rows = [dict(zip(("part", "title", "standard", "points", "objective"), row, strict=True)) for row in CRITERIA]
    rows[-1]["points"] = Decimal(points)
    actions.save_criteria(document, rows, by=where.handler)
    assert codes(document) == found


def test_there_is_one_price_criterion_and_each_check_has_a_line(where):
    tender, document = ready(where)
    rows = [{"part": "technical", "title": "施工组织设计", "standard": "好", "points": Decimal(100), "objective": False}]
    actions.save_criteria(document, rows, by=where.handler)
    assert codes(document) == ["price_criterion", "no_check", "no_check", "no_check"]


# ── restrictive clauses ────────────────────────────────────────────────────

CLAUSE_CASES = [
    ("投标人须为本市注册的企业", "本市注册"),
    ("投标人的注册地须在本市", "注册地须在本市"),
    ("在本市设立分公司的优先", "在本市设立分公司"),
    ("投标人应为国有企业", "国有企业"),
    ("采用指定品牌的电缆", "指定品牌"),
    ("须提供原厂授权", "原厂授权"),
    ("具有本省业绩的加 5 分", "本省业绩"),
    ("注册资本不低于五千万元", "注册资本不低于"),
    ("企业成立满三年", "成立满三年"),
    ("到现场报名", "到现场报名"),
]


@pytest.mark.requirement("R089")
@pytest.mark.parametrize(("text", "phrase"), CLAUSE_CASES)
def test_restrictive_phrases_are_found(where, text, phrase):
    tender, document = ready(where)
    row = document.sections.get(title="投标人资格要求")
    actions.save_document(document, data={}, sections={row.no: text}, lots={}, by=where.handler)
    assert [(hit.place, hit.phrase) for hit in hits_in(document)] == [("投标人资格要求", phrase)]
    assert codes(document) == ["restrictive"]


@pytest.mark.requirement("R089")
def test_ordinary_requirements_are_no_hits(where):
    _, document = ready(where)
    assert hits_in(document) == []


@pytest.mark.requirement("R089")
def test_each_hit_is_answered_for_by_name_and_anew_when_the_words_change(where):
    tender, document = ready(where)
    row = document.sections.get(title="投标人资格要求")
    text = "注册资本不低于五千万元，且投标人应为国有企业。"
    actions.save_document(document, data={}, sections={row.no: text}, lots={}, by=where.handler)
    first, second = hits_in(document)
    with pytest.raises(Refused) as refused:
        actions.publish_tender(tender, by=where.handler, at=PUBLISHED)
    assert refused.value.code == "restrictive" and "第三十二条" in refused.value.rule
    with pytest.raises(Refused) as refused:
        actions.confirm_clause(document, first.key, reason="没有理由", by=where.handler, at=PUBLISHED)
    assert refused.value.field == "reason"
    for hit in (first, second):
        confirmed = actions.confirm_clause(
            document, hit.key, reason="资质标准明文规定的条件，见资质标准第三条。", by=where.handler, at=PUBLISHED
        )
        assert (confirmed.by, confirmed.phrase) == (where.handler, hit.phrase)
    assert codes(document) == []
    changed = "注册资本不低于八千万元，且投标人应为国有企业。"
    actions.save_document(document, data={}, sections={row.no: changed}, lots={}, by=where.handler)
    assert "restrictive" in codes(document)


# ── publication ────────────────────────────────────────────────────────────


@pytest.mark.requirement("R092")
def test_publication_opens_the_lots_and_tells_the_public_at_once(where):
    tender, document = ready(where)
    published = actions.publish_tender(tender, by=where.handler, at=PUBLISHED)
    document.refresh_from_db()
    lot = published.lots.get()
    assert (published.state, published.published_at) == (Tender.State.PUBLISHED, PUBLISHED)
    assert published.rules_on == date(2026, 3, 10)
    assert (lot.state, lot.bids_due_at) == (Lot.State.BIDDING, DUE)
    assert document.state == TenderDocument.State.PUBLISHED
    notice = document.notice
    assert (notice.kind, notice.tender_number, notice.due_at) == ("GC_NOTICE", tender.number, DUE)
    assert where.regulator.name in notice.body and ["招标人", where.owner.name] in notice.facts
    entry = LedgerEntry.objects.get(stream=tender.stream, kind="tender.published")
    text = bytes(entry.data).decode()
    assert document_digest(document) in text and policy_hash(lot) in text and notice.number in text
    assert document.printed.context["tender"] == tender.name


def test_nothing_is_written_into_a_published_document(where):
    tender = published_tender(where)
    with pytest.raises(Refused) as refused:
        actions.save_document(tender.document, data={}, sections={}, lots={}, by=where.handler)
    assert refused.value.code == "published"
    with pytest.raises(Refused) as refused:
        actions.publish_tender(tender, by=where.handler, at=database_now())
    assert refused.value.code == "published"


def test_the_clock_publishes_what_is_due(where):
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at, supply_from=None)
    actions.schedule_publication(document, now + timedelta(hours=1), by=where.handler, at=now)
    publish_scheduled()
    tender.refresh_from_db()
    assert tender.state == Tender.State.REGISTERED
    TenderDocument.objects.update(publish_at=now - timedelta(seconds=1))
    publish_scheduled()
    tender.refresh_from_db()
    assert tender.state == Tender.State.PUBLISHED
    entry = LedgerEntry.objects.get(stream=tender.stream, kind="tender.published")
    assert '"id":"platform"' in bytes(entry.data).decode()


def test_what_may_not_be_published_any_more_is_told_and_stays_a_draft(where):
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at, supply_from=None)
    actions.schedule_publication(document, now + timedelta(hours=1), by=where.handler, at=now)
    past = now - timedelta(seconds=1)
    TenderDocument.objects.update(publish_at=past, bids_due_at=now + timedelta(days=10))
    publish_scheduled()
    document.refresh_from_db()
    assert (document.state, document.publish_at) == (TenderDocument.State.DRAFT, None)
    told = Message.objects.get(person=where.handler, subject__startswith="定时发布未成功")
    assert "二十日" in told.body


def test_a_change_takes_a_scheduled_publication_back(where):
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at, supply_from=None)
    with pytest.raises(Refused) as refused:
        actions.schedule_publication(document, now, by=where.handler, at=now)
    assert refused.value.field == "publish_at"
    actions.schedule_publication(document, now + timedelta(hours=1), by=where.handler, at=now)
    document = actions.save_document(document, data={"decrypt_minutes": 45}, sections={}, lots={}, by=where.handler)
    assert (document.state, document.publish_at) == (TenderDocument.State.DRAFT, None)


def test_the_statutory_days_follow_from_the_dates(where):
    _, document = ready(where)
    rows = statutory_dates(document, on=date(2026, 3, 16))
    assert [(row.rule.code, row.event_label, row.bound, row.permitted, row.status) for row in rows] == [
        ("T-GC-02", "招标文件停止发出", "不早于", date(2026, 3, 15), "ok"),
        ("T-GC-06", "影响投标的澄清或修改发出", "不晚于", date(2026, 3, 15), "over"),
        ("T-GC-08", "对招标文件提出异议", "不晚于", date(2026, 3, 20), "due"),
        ("T-GC-04", "投标截止", "不早于", date(2026, 3, 30), "ok"),
        ("T-GC-21", "开标", "应为", date(2026, 3, 30), "due"),
    ]


# ── taking the document ────────────────────────────────────────────────────


@pytest.mark.requirement("R093")
def test_registration_is_all_it_takes_to_get_the_document(where):
    tender = published_tender(where)
    bidder = where.bidders[0]
    at = tender.published_at
    holder = actions.obtain_document(tender, bidder, by=bidder.somebody, at=at)
    assert actions.obtain_document(tender, bidder, by=bidder.somebody, at=at) == holder
    assert DocumentHolder.objects.count() == 1
    entry = LedgerEntry.objects.get(kind="document.obtained")
    assert bidder.uscc not in bytes(entry.data).decode()


@pytest.mark.requirement("R093")
def test_others_than_registered_bidders_do_not_get_it(where):
    tender = published_tender(where)
    waiting = organisation("bidder", state="submitted")
    for party in (where.agency, where.owner, waiting):
        with pytest.raises(Forbidden):
            actions.obtain_document(tender, party, by=party.somebody, at=tender.published_at)
    with pytest.raises(Forbidden):
        actions.obtain_document(tender, where.bidders[0], by=where.bidders[1].somebody, at=tender.published_at)


def test_the_document_is_handed_out_in_its_time_only(where):
    tender, document = ready(where, supply_until=PUBLISHED + timedelta(days=6), supply_from=PUBLISHED + timedelta(hours=1))
    first, second = where.bidders[:2]
    with pytest.raises(Refused) as refused:
        actions.obtain_document(tender, first, by=first.somebody, at=PUBLISHED)
    assert refused.value.code == "not_yet"
    actions.publish_tender(tender, by=where.handler, at=PUBLISHED)
    start, end = PUBLISHED + timedelta(hours=1), PUBLISHED + timedelta(days=6)
    with pytest.raises(Refused) as refused:
        actions.obtain_document(tender, first, by=first.somebody, at=start - timedelta(microseconds=1))
    assert refused.value.code == "not_yet"
    actions.obtain_document(tender, first, by=first.somebody, at=start)
    with pytest.raises(Refused) as refused:
        actions.obtain_document(tender, second, by=second.somebody, at=end + timedelta(microseconds=1))
    assert refused.value.code == "supply_over"
    actions.obtain_document(tender, second, by=second.somebody, at=end)


# ── questions and clarifications ───────────────────────────────────────────


@pytest.mark.requirement("R094")
def test_questions_come_from_holders_in_time_and_without_names(where):
    lot = published_lot(where, holders=1)
    tender, holder, other = lot.tender, where.bidders[0], where.bidders[1]
    until = tender.document.questions_until
    with pytest.raises(Refused) as refused:
        actions.ask_question(tender, other, "清单第 3 项单位？", by=other.somebody, at=until)
    assert refused.value.code == "no_document"
    with pytest.raises(Refused) as refused:
        actions.ask_question(tender, holder, "清单第 3 项单位？", by=holder.somebody, at=until + timedelta(microseconds=1))
    assert refused.value.code == "questions_over"
    for text in (f"我公司{holder.name}询问工期", "清江子虚建设询问工期", f"请回电 {holder.somebody.mobile}"):
        with pytest.raises(Refused) as refused:
            actions.ask_question(tender, holder, text, by=holder.somebody, at=until)
        assert refused.value.code == "names_asker"
    question = actions.ask_question(tender, holder, "清单第 3 项单位？", by=holder.somebody, at=until)
    told = Message.objects.get(person=where.handler, key=f"question/{question.pk}")
    assert holder.name not in told.subject + told.body


def clarify(tender, where, **changes):
    words = {
        "text": "清单第 37 项单位更正为“吨”。", "answers": {}, "affects_bids": False, "new_bids_due_at": None,
        "by": where.handler, "at": database_now(),
    }  # fmt: skip
    return actions.publish_clarification(tender, **{**words, **changes})


@pytest.mark.requirement("R094")
@pytest.mark.requirement("R095")
def test_the_answer_reaches_every_holder_with_a_receipt_and_names_nobody(where):
    lot = published_lot(where, holders=3)
    tender, asker = lot.tender, where.bidders[0]
    question = actions.ask_question(tender, asker, "清单第 37 项单位？", by=asker.somebody, at=database_now())
    clarification = clarify(tender, where, text="", answers={question.pk: "单位为吨。"})
    question.refresh_from_db()
    assert (question.answer, question.clarification) == ("单位为吨。", clarification)
    receipts = ClarificationReceipt.objects.filter(clarification=clarification)
    assert {row.organisation for row in receipts} == set(where.bidders)
    for bidder in where.bidders:
        assert Message.objects.filter(person=bidder.somebody, key=f"clarification/{clarification.pk}").count() == 1
    assert "单位为吨。" in clarification.notice.body
    assert all(bidder.name not in clarification.notice.body for bidder in where.bidders)
    entry = LedgerEntry.objects.get(stream=tender.stream, kind="tender.amended")
    assert clarification.notice.digest in bytes(entry.data).decode()


@pytest.mark.requirement("R095")
def test_who_takes_the_document_later_gets_the_earlier_clarifications_too(where):
    lot = published_lot(where, holders=1)
    clarification = clarify(lot.tender, where)
    late = where.bidders[2]
    actions.obtain_document(lot.tender, late, by=late.somebody, at=database_now())
    receipt = ClarificationReceipt.objects.get(clarification=clarification, organisation=late)
    assert receipt.acknowledged_at is None
    receipt = actions.acknowledge_clarification(clarification, late, by=late.somebody, at=database_now())
    assert receipt.acknowledged_by == late.somebody


@pytest.mark.requirement("R094")
@pytest.mark.parametrize("name", ["清江子虚建设有限公司", "清江子虚建设", "清江蜃楼建设有限公司"])
def test_what_names_a_bidder_is_not_published(where, name):
    """Holder or not makes no difference: the refusal itself must not tell who holds the document."""
    organisation("bidder", "清江蜃楼建设有限公司")
    lot = published_lot(where, holders=1)
    with pytest.raises(Refused) as refused:
        clarify(lot.tender, where, text=f"对{name}所提问题答复如下：单位为吨。")
    assert refused.value.code == "names_bidder" and "第二十二条" in refused.value.rule


def test_the_tenders_own_sides_may_be_named(where):
    tender = published_lot(where).tender
    assert bidders_named_in([f"请与{where.agency.name}、{where.owner.name}联系"], tender) == []


@pytest.mark.parametrize(("days", "refused"), [(14, True), (15, False), (16, False)])
def test_a_change_that_affects_bids_less_than_fifteen_days_before_moves_the_deadline(where, days, refused):
    lot = published_lot(where, due_in=timedelta(days=days))
    tender = lot.tender
    if not refused:
        assert clarify(tender, where, affects_bids=True).new_bids_due_at is None
        return
    with pytest.raises(Refused) as caught:
        clarify(tender, where, affects_bids=True)
    assert caught.value.code == "T-GC-06"
    first = city_day(database_now()) + timedelta(days=15)
    assert f"{first:%Y-%m-%d}" in caught.value.message and caught.value.field == "new_bids_due_at"
    make_workday(first)
    later = city_time(first)
    clarification = clarify(tender, where, affects_bids=True, new_bids_due_at=later)
    lot.refresh_from_db()
    assert (clarification.new_bids_due_at, lot.bids_due_at) == (later, later)
    changed = LedgerEntry.objects.get(stream=tender.stream, kind="lot.deadline_changed")
    assert lot.key in bytes(changed.data).decode()


def test_what_does_not_affect_bids_moves_nothing(where):
    lot = published_lot(where, due_in=timedelta(days=2))
    assert clarify(lot.tender, where).new_bids_due_at is None


def test_the_deadline_only_moves_later_and_onto_working_days(where):
    lot = published_lot(where)
    with pytest.raises(Refused) as refused:
        clarify(lot.tender, where, new_bids_due_at=lot.bids_due_at - timedelta(minutes=1))
    assert refused.value.code == "earlier"
    rest = lot.bids_due_at + timedelta(days=3)
    Holiday.objects.update_or_create(date=city_day(rest), defaults={"kind": "off", "name": "测试", "source": "测试"})
    with pytest.raises(Refused) as refused:
        clarify(lot.tender, where, new_bids_due_at=rest)
    assert refused.value.code == "deadline_on_rest_day"


def test_the_database_clock_ends_the_clarifications(where):
    """The moment passed in does not help: what counts is the clock after the lots are locked."""
    lot = published_lot(where)
    Lot.objects.filter(pk=lot.pk).update(bids_due_at=database_now() - timedelta(milliseconds=1))
    with pytest.raises(Refused) as refused:
        clarify(lot.tender, where, at=database_now() - timedelta(hours=1))
    assert refused.value.code == "not_open"


# ── stopping and ending ────────────────────────────────────────────────────


def test_a_regulator_stops_a_lot_and_lets_it_go_on(where):
    lot = published_lot(where, holders=2)
    now = database_now()
    order = {"cause": Suspension.Cause.ORDER, "reference": "TS2026-0001", "reason": "调查期间责令暂停"}
    with pytest.raises(Forbidden):
        actions.suspend_lot(lot, **order, by=where.handler, at=now)
    suspension = actions.suspend_lot(lot, **order, by=where.supervisor, at=now)
    assert is_suspended(lot, now)
    with pytest.raises(Refused) as refused:
        require_running(lot, now)
    assert refused.value.code == "suspended" and "责令暂停" in refused.value.message
    with pytest.raises(Forbidden):
        actions.resume_lot(suspension, by=where.handler, at=now)
    actions.resume_lot(suspension, reason="调查结束", by=where.supervisor, at=now + timedelta(seconds=1))
    require_running(lot, now + timedelta(seconds=1))
    kinds = Notice.objects.filter(tender_number=lot.tender.number).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["GC_NOTICE", "GC_SUSP", "GC_RESUME"]
    assert Message.objects.filter(person=where.bidders[1].somebody, key=f"suspended/{suspension.pk}").exists()


def test_a_lot_goes_on_only_when_every_reason_is_gone(where):
    lot = published_lot(where)
    now = database_now()
    one = actions.suspend_lot(lot, cause="objection", reference="YY1", reason="异议待答复", by=where.handler, at=now)
    actions.suspend_lot(lot, cause="order", reference="TS1", reason="责令暂停", by=where.supervisor, at=now)
    actions.resume_lot(one, by=where.handler, at=now)
    assert is_suspended(lot, now)
    assert "还有其他暂停事由" in Notice.objects.get(kind="GC_RESUME").body


def test_terminating_tells_everybody_and_needs_a_reason(where):
    lot = published_lot(where, holders=2)
    tender = lot.tender
    with pytest.raises(Refused) as refused:
        actions.terminate_tender(tender, reason=" ", by=where.handler, at=database_now())
    assert refused.value.field == "reason"
    notice = actions.terminate_tender(tender, reason="项目资金被调整，不再建设", by=where.handler, at=database_now())
    lot.refresh_from_db()
    tender.refresh_from_db()
    assert (lot.state, tender.state) == (Lot.State.TERMINATED, Tender.State.TERMINATED)
    assert notice.kind == "GC_TERM" and "资金被调整" in notice.body
    assert Message.objects.filter(person=where.bidders[0].somebody, key=f"terminated/{tender.pk}").exists()
    with pytest.raises(Refused) as refused:
        actions.terminate_tender(tender, reason="再次终止", by=where.handler, at=database_now())
    assert refused.value.code == "over"


def two_lots(where):
    tender = published_tender(where, lots=({}, {}))
    return tender, *tender.lots.order_by("no")


def states(tender):
    return Tender.objects.get(pk=tender.pk).state, list(tender.lots.order_by("no").values_list("state", flat=True))


@pytest.mark.parametrize("state", [Lot.State.AWARD_DECIDED, Lot.State.RESULT_PUBLIC, Lot.State.CONTRACTED])
def test_awarded_lots_stay_when_the_rest_is_terminated(where, state):
    tender, one, two = two_lots(where)
    tender.lots.filter(pk=one.pk).update(state=state)
    notice = actions.terminate_tender(tender, reason="规划调整", by=where.handler, at=database_now())
    assert states(tender) == (Tender.State.PUBLISHED, [state, Lot.State.TERMINATED])
    assert (notice.kind, notice.lot_no) == ("GC_TERM", 2) and two.name in notice.title and f"{two.name}的招标" in notice.body
    assert ("terminated" in milestones_of(tender, one), "terminated" in milestones_of(tender, two)) == (False, True)
    assert LedgerEntry.objects.filter(kind="lot.terminated").count() == 1
    assert not LedgerEntry.objects.filter(kind="tender.terminated").exists()
    with pytest.raises(Refused, match="已经定标的标段不能终止") as refused:
        actions.terminate_tender(tender, reason="再次终止", by=where.handler, at=database_now())
    assert (refused.value.code, "第四十五条" in refused.value.rule) == ("awarded", True)
    assert states(tender) == (Tender.State.PUBLISHED, [state, Lot.State.TERMINATED])


def test_a_tender_whose_other_lot_is_archived_is_closed_and_not_terminated(where):
    tender, one, _ = two_lots(where)
    tender.lots.filter(pk=one.pk).update(state=Lot.State.ARCHIVED)
    actions.terminate_tender(tender, reason="规划调整", by=where.handler, at=database_now())
    assert states(tender) == (Tender.State.CLOSED, [Lot.State.ARCHIVED, Lot.State.TERMINATED])


def test_one_lot_ends_alone_and_the_last_one_ends_the_tender(where):
    tender, one, two = two_lots(where)
    first = actions.terminate_tender(tender, lot=two, reason="规划调整", by=where.handler, at=database_now())
    assert states(tender) == (Tender.State.PUBLISHED, [Lot.State.BIDDING, Lot.State.TERMINATED])
    with pytest.raises(Refused) as refused:
        actions.terminate_tender(tender, lot=two, reason="再次终止", by=where.handler, at=database_now())
    assert refused.value.code == "over"
    last = actions.terminate_tender(tender, lot=one, reason="项目取消", by=where.handler, at=database_now())
    assert states(tender) == (Tender.State.TERMINATED, [Lot.State.TERMINATED, Lot.State.TERMINATED])
    assert (first.lot_no, last.lot_no) == (2, None)


def test_a_lot_that_ends_before_the_publication_is_left_out_of_it(where):
    tender, now = accepted_tender(where, lots=({}, {})), database_now()
    two = tender.lots.get(no=2)
    assert actions.terminate_tender(tender, lot=two, reason="规划调整", by=where.handler, at=now) is None
    due_at = now + timedelta(days=40)
    make_workday(city_day(due_at))
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at)
    actions.publish_tender(tender, by=where.handler, at=now)
    assert states(tender) == (Tender.State.PUBLISHED, [Lot.State.BIDDING, Lot.State.TERMINATED])
    document.refresh_from_db()
    assert two.name not in document.notice.body
    assert not any(two.name in text for _, text in sections_said(document))


def test_what_was_never_published_ends_without_a_notice(where):
    tender = accepted_tender(where)
    assert actions.terminate_tender(tender, reason="项目取消", by=where.handler, at=database_now()) is None
    assert not Notice.objects.exists()


def test_failed_lots_are_tendered_again_with_numbers_of_their_own(where):
    tender = published_tender(where, lots=({}, {}))
    one, two = tender.lots.order_by("no")
    now = database_now()
    with pytest.raises(Refused) as refused:
        actions.open_next_round(one, by=where.handler, at=now)
    assert refused.value.code == "not_failed"
    notice = actions.fail_lot(one, reason="投标人少于三家", by=where.staff, at=now)
    assert notice.kind == "GC_FAIL"
    again = actions.open_next_round(one, by=where.handler, at=now)
    assert (again.round, again.previous, again.name) == (2, tender, f"{tender.name}（第 2 次）")
    assert again.code == f"{tender.project.code}002" and again.number != tender.number
    assert [lot.name for lot in again.lots.all()] == [one.name]
    assert where.handler.has_perm("trading.manage_tender", again)
    assert where.supervisor.has_perm("trading.supervise_tender", again)
    copied = again.document
    assert (copied.state, copied.bids_due_at) == (TenderDocument.State.DRAFT, None)
    assert [row.text for row in copied.sections.all()] == [row.text for row in tender.document.sections.all()]
    actions.fail_lot(two, reason="全部投标被否决", by=where.staff, at=now)
    tender.refresh_from_db()
    assert tender.state == Tender.State.CLOSED
    assert actions.open_next_round(two, by=where.handler, at=now) == again
    assert [lot.code for lot in again.lots.order_by("no")] == [f"{again.code}001", f"{again.code}002"]
    with pytest.raises(Refused) as refused:
        actions.open_next_round(two, by=where.handler, at=now)
    assert refused.value.code == "again"


def test_attachments_count_into_the_documents_digest(where):
    tender, document = ready(where)
    before = document_digest(document)
    file = stored(where.handler, where.agency, "tender_document", "工程量清单.pdf")
    row = actions.add_attachment(document, "工程量清单", file, by=where.handler)
    assert document_digest(document) != before
    actions.remove_attachment(row, by=where.handler)
    assert document_digest(document) == before
    assert pdf().size
