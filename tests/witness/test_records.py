"""一标一记录, 一标一评估: what was seen and checked at each stage is signed, and from then on only added to."""

import pytest
from django.db import InternalError, connection, transaction
from django.urls import reverse

from accounts.models import Duty
from ledger.audit import CHECKS
from ledger.canonical import parse_jcs
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.archives import answer_all, witnessed
from tests.factories.evaluation import shown
from tests.factories.trading import city, member, published_lot
from trading.projects.models import Lot
from trading.tenders.actions import fail_lot
from trading.tenders.models import Clarification
from trading.witness import actions
from trading.witness.models import RiskAnswer, WitnessLine, WitnessRecord
from trading.witness.queries import checklist, open_points
from trading.witness.stages import automatic_lines, is_over, reached

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def write(lot, stage="opening", text="投标人代表全部到场，开标正常。", **more):
    now = database_now()
    return actions.write_line(lot, stage, **{"seen_at": now, "place": "第一开标厅", "text": text, "by": lot.city.staff, "at": now, **more})


def sign(lot, stage="opening", **more):
    return actions.sign_record(lot, stage, **{"by": lot.city.staff, "at": database_now(), **more})


def audit(kind):
    """What the audit finds in the entries of a kind."""
    bodies = [parse_jcs(bytes(row.data)) for row in LedgerEntry.objects.filter(kind=kind).order_by("pk")]
    return [check(body) for body in bodies for check in CHECKS[kind]]


@pytest.mark.requirement("R230")
def test_a_stage_is_written_down_checked_and_signed(lot):
    write(lot, present="招标人代表 1 人、监督人员 1 人")
    answer_all(lot, "opening", by=lot.city.staff)
    record = sign(lot)
    assert (record.state, record.signed_by) == (WitnessRecord.State.SIGNED, lot.city.staff)
    body = parse_jcs(bytes(LedgerEntry.objects.get(kind="witness.signed").data))
    assert body["d"] == {"tender": lot.tender.number, "lot": lot.key, "stage": "opening", "lines": 1, "digest": record.digest}
    assert audit("witness.signed") == [None]


@pytest.mark.requirement("R230")
@pytest.mark.parametrize("statement", [
    "UPDATE trading_witnessline SET text = '改过的'",
    "DELETE FROM trading_witnessline",
    "UPDATE trading_riskanswer SET verdict = 'ok', note = '改过的'",
    "UPDATE trading_witnessrecord SET state = 'open', signed_at = NULL, signed_by_id = NULL, digest = ''",
    "DELETE FROM trading_witnessrecord",
])  # fmt: skip
def test_a_signed_record_cannot_be_altered_even_at_the_database(lot, statement):
    witnessed(lot, "opening")
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nothing_but_a_correction_is_added_to_a_signed_record(lot):
    witnessed(lot, "opening")
    record = WitnessRecord.objects.get()
    facts = {"record": record, "seen_at": database_now(), "place": "x", "text": "x", "by": lot.city.staff, "written_at": database_now()}
    with pytest.raises(InternalError), transaction.atomic():
        WitnessLine.objects.create(**facts)
    with pytest.raises(Refused) as refusal:
        actions.answer_point(lot, "opening", "RP0705", "ok", by=lot.city.staff, at=database_now())
    assert refusal.value.code == "signed"
    line = write(lot, text="更正：监督人员为 2 人。")
    assert line.correction
    # The signature stands under what it was given for; the correction has an entry of its own.
    assert audit("witness.signed") + audit("witness.corrected") == [None, None]


@pytest.mark.requirement("R230")
def test_the_audit_sees_what_somebody_changed_behind_the_guards(lot):
    witnessed(lot, "opening")
    write(lot, text="更正：监督人员为 2 人。")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE trading_witnessline DISABLE TRIGGER trading_witnessline_rows")
        cursor.execute("UPDATE trading_witnessline SET place = '别处'")
        cursor.execute("ALTER TABLE trading_witnessline ENABLE TRIGGER trading_witnessline_rows")
    assert audit("witness.signed") == ["见证记录与存证不符"]
    assert audit("witness.corrected") == ["见证更正记录与存证不符"]


def test_a_stage_is_signed_only_when_it_is_over_written_and_checked(lot):
    for stage, code in (("evaluating", "stage_goes_on"), ("opening", "no_line")):
        with pytest.raises(Refused) as refusal:
            sign(lot, stage)
        assert refusal.value.code == code
    write(lot)
    with pytest.raises(Refused) as refusal:
        sign(lot)
    (point,) = open_points(lot, "opening", database_now())
    assert refusal.value.code == "points_open" and f"{point.code} {point.says}" in refusal.value.message
    answer_all(lot, "opening", by=lot.city.staff)
    assert sign(lot).is_signed


def test_a_stage_that_has_not_come_has_no_record(lot):
    with pytest.raises(Refused) as refusal:
        write(lot, "contracted")
    assert refusal.value.code == "not_reached"


@pytest.mark.parametrize(("state", "stages"), [
    (Lot.State.BIDDING, ["registered", "bidding"]),
    (Lot.State.EVALUATED, ["registered", "bidding", "opening", "evaluating"]),
    (Lot.State.ARCHIVED, ["registered", "bidding", "opening", "evaluating", "candidates_public", "award_decided", "contracted"]),
])  # fmt: skip
def test_the_stages_come_from_the_procedure(lot, state, stages):
    lot.state = state
    assert reached(lot) == stages
    assert [is_over(lot, stage) for stage in stages] == [True] * (len(stages) - 1) + [state == Lot.State.ARCHIVED]


def test_the_ledger_writes_its_own_lines(lot):
    shown(lot)
    lines = automatic_lines(lot)
    assert [line.act for line in lines["bidding"]][:3] == ["安排开标场地", "发布公告", "发布招标"]
    assert [line.act for line in lines["candidates_public"]] == ["发布公告", "公示中标候选人"]


def test_lines_of_another_lot_are_not_this_ones():
    lot = published_lot(lots=({}, {}))
    other = lot.tender.lots.exclude(pk=lot.pk).get()
    other.city = lot.city
    actions.name_witness(other, lot.city.staff, by=lot.city.staff, at=database_now())
    fail_lot(other, reason="无人投标", by=lot.city.handler, at=database_now())
    assert "招标失败" in [line.act for rows in automatic_lines(other).values() for line in rows]
    assert "招标失败" not in [line.act for rows in automatic_lines(lot).values() for line in rows]


@pytest.mark.requirement("R063")
def test_a_lot_has_one_named_witness_who_alone_signs(lot, client):
    other = member(lot.city.centre, duties=[Duty.OPENING], name="见证员")
    actions.name_witness(lot, other, by=lot.city.staff, at=database_now())
    write(lot)
    answer_all(lot, "opening", by=lot.city.staff)
    with pytest.raises(Forbidden) as refusal:
        sign(lot)
    assert other.name in refusal.value.message
    assert sign(lot, by=other).signed_by == other
    client.force_login(lot.city.staff, backend=BACKEND)
    card = client.get(reverse("trading:witness_card", args=[lot.tender.number, lot.no])).content.decode()
    assert other.name in card and lot.tender.name in card
    successor = member(lot.city.centre, duties=[Duty.OPENING])
    actions.name_witness(lot, successor, by=lot.city.staff, at=database_now())
    assert [row.person for row in lot.witnesses.filter(until=None)] == [successor]


def test_only_the_witnessing_post_writes(lot):
    archivist = member(lot.city.centre, duties=[Duty.ARCHIVE])
    for person in (lot.city.handler, lot.city.supervisor, archivist):
        with pytest.raises(Forbidden):
            write(lot, by=person)
    with pytest.raises(Refused) as refusal:
        actions.name_witness(lot, archivist, by=lot.city.staff, at=database_now())
    assert refusal.value.code == "no_witness"


def test_an_irregularity_reaches_the_regulator_and_not_the_public(lot, client):
    line = write(lot, text="一名投标人代表与评委私下接触。", irregular=True)
    assert Message.objects.filter(person=lot.city.supervisor, body=line.text).exists()
    entry = LedgerEntry.objects.get(kind="witness.concern")
    assert parse_jcs(bytes(entry.data))["d"] == {"of": "line", "row": line.pk}
    assert entry.private["tender"] == lot.tender.number
    client.force_login(lot.city.supervisor, backend=BACKEND)
    page = client.get(reverse("trading:concerns")).content.decode()
    assert line.text in page and lot.tender.name in page
    client.force_login(city().supervisor, backend=BACKEND)
    assert line.text not in client.get(reverse("trading:concerns")).content.decode()
    assert client.get(reverse("trading:witness_stage", args=[lot.tender.number, lot.no, "opening"])).status_code == 404


def verdict_of(lot, stage, code):
    row = next(row for row in checklist(lot, stage, database_now()) if row.point.code == code)
    return row.verdict, row.computed


def test_what_the_platform_knows_it_answers_itself(lot):
    assert verdict_of(lot, "opening", "RP0702") == ("ok", True)
    lot.openings.update(count=2)
    assert verdict_of(lot, "opening", "RP0702") == ("concern", True)
    with pytest.raises(Refused) as refusal:
        actions.answer_point(lot, "opening", "RP0702", "ok", by=lot.city.staff, at=database_now())
    assert refusal.value.code == "computed"


@pytest.mark.parametrize(("times", "verdict"), [(1, "ok"), (2, "concern")])
def test_a_deadline_moved_twice_gives_cause_for_doubt(lot, times, verdict):
    for no in range(1, times + 1):
        now = database_now()
        Clarification.objects.create(
            tender=lot.tender, no=no, text="推迟", affects_bids=False, old_bids_due_at=now, new_bids_due_at=now, published_at=now
        )
    assert verdict_of(lot, "bidding", "RP0308") == (verdict, True)


def test_a_doubt_is_explained_and_reaches_the_supervisor(lot):
    with pytest.raises(Refused) as refusal:
        actions.answer_point(lot, "opening", "RP0705", "concern", by=lot.city.staff, at=database_now())
    assert refusal.value.field == "n_RP0705"
    actions.answer_point(lot, "opening", "RP0705", "concern", note="两家网卡号相同", by=lot.city.staff, at=database_now())
    assert Message.objects.filter(person=lot.city.supervisor, body__contains="两家网卡号相同").exists()
    actions.answer_point(lot, "opening", "RP0705", "ok", note="经核对为同一机房", by=lot.city.staff, at=database_now())
    # Both answers stay; the later one holds.
    assert RiskAnswer.objects.filter(point="RP0705").count() == 2
    assert verdict_of(lot, "opening", "RP0705") == ("ok", False)


def test_staff_witness_a_stage_at_the_page(lot, client):
    client.force_login(lot.city.staff, backend=BACKEND)
    assert lot.tender.name in client.get(reverse("trading:witness_desk")).content.decode()
    page = reverse("trading:witness_stage", args=[lot.tender.number, lot.no, "opening"])
    assert client.get(reverse("trading:witness_lot", args=[lot.tender.number, lot.no])).status_code == 302
    client.post(page, {"move": "line", "seen_at": "2026-01-05T09:30", "place": "第一开标厅", "present": "", "text": "按时开标。"})
    shown_page = client.post(page, {"move": "check", "v_RP0705": "concern", "n_RP0705": ""}).content.decode()
    assert "请写明情况" in shown_page
    client.post(page, {"move": "check", "v_RP0705": "none", "n_RP0705": "没有采集机器特征"})
    answer = client.post(page, {"move": "sign"}, follow=True).content.decode()
    assert "已签署" in answer and "按时开标。" in answer
    client.force_login(lot.city.supervisor, backend=BACKEND)
    assert "按时开标。" in client.get(page).content.decode()
    assert client.post(page, {"move": "line"}).status_code == 404
