"""The committee asks bidders in writing, and rejects only by a reasoned majority; nobody outside sees who asked or voted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from documents.permissions import may_read_file
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.evaluation import evaluating_lot, expert, marks, members, review, started
from tests.factories.trading import stored
from trading.evaluation import actions
from trading.evaluation.bounds import CLARITY, LOW_PRICE
from trading.evaluation.committee import replace_member
from trading.evaluation.models import BidQuestion, Evaluation, RejectionMotion
from trading.evaluation.motions import move_rejection, vote
from trading.evaluation.questions import answer_question, ask_bidder

pytestmark = pytest.mark.django_db
MOTION = {"code": "COLLUSION", "clause": "投标人须知第 9.3 条", "reason": "两家投标文件由同一设备编制"}


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def lot():
    return evaluating_lot()


@pytest.fixture
def evaluation(lot):
    return started(lot)


def bids(evaluation):
    return list(actions.bids_of(evaluation).order_by("order"))


def acting(organisation):
    return organisation.memberships.get().person


def ask(evaluation, **fields):
    given = {"matter": "clarity", "text": "第三章工期前后不一致，请说明。", "minutes": 30, "at": database_now(), **fields}
    given.setdefault("by", members(evaluation)[0].person)
    return ask_bidder(evaluation, given.pop("bid", bids(evaluation)[0]), **given)


def answer(question, text="以投标函为准。", **fields):
    bidder = question.bid.bidder
    given = {"answer": text, "proof": None, "by": acting(bidder), "at": database_now(), **fields}
    return answer_question(question, given.pop("organisation", bidder), **given)


def move(evaluation, bid=None, by=None, **fields):
    by = by or members(evaluation)[0].person
    return move_rejection(evaluation, bid or bids(evaluation)[0], **{**MOTION, **fields}, by=by, at=database_now())


def fresh(evaluation):
    return Evaluation.objects.get(pk=evaluation.pk)


@pytest.mark.parametrize(
    ("matter", "minutes", "allowed"),
    [("clarity", 9, False), ("clarity", 10, True), ("low_price", 29, False), ("low_price", 30, True), ("clarity", 1440, True), ("clarity", 1441, False)],
)  # fmt: skip
def test_a_bidder_has_time_to_answer(evaluation, matter, minutes, allowed):
    assert (CLARITY.least, LOW_PRICE.least) == (timedelta(minutes=10), timedelta(minutes=30))
    if allowed:
        question = ask(evaluation, matter=matter, minutes=minutes)
        assert question.due_at - question.asked_at == timedelta(minutes=minutes)
        return
    with pytest.raises(Refused) as refused:
        ask(evaluation, matter=matter, minutes=minutes)
    assert refused.value.field == "minutes" and refused.value.rule


def test_a_question_and_its_answer_go_through_the_platform_and_into_the_report(evaluation, client):
    asker, other = members(evaluation)[:2]
    client.force_login(asker.person)
    desk = reverse("trading:committee_questions", args=[evaluation.pk])
    empty = client.post(desk, {"move": "ask", "q-bid": bids(evaluation)[0].pk, "q-matter": "clarity", "q-text": "", "q-minutes": "30"})
    assert "请填写要求澄清、说明的内容" in empty.content.decode()
    client.post(
        desk, {"move": "ask", "q-bid": bids(evaluation)[0].pk, "q-matter": "clarity", "q-text": "工期前后不一致", "q-minutes": "30"}
    )
    question = BidQuestion.objects.get()
    bidder = question.bid.bidder
    assert Message.objects.filter(person=acting(bidder), subject__startswith="评标委员会要求").exists()
    client.force_login(acting(bidder))
    page = reverse("trading:bid_question", args=[question.pk])
    shown = client.get(page).content.decode()
    assert "工期前后不一致" in shown and asker.person.name not in shown
    client.post(page, {"answer": "以投标函所填 400 日历天为准。"})
    question.refresh_from_db()
    assert question.answered_by == acting(bidder)
    client.force_login(other.person)
    assert "以投标函所填 400 日历天为准。" in client.get(desk).content.decode()
    report = actions.report_of(fresh(evaluation))
    assert report["questions"][0]["answer"] == "以投标函所填 400 日历天为准。"
    entries = "".join(
        bytes(each.data).decode() for each in LedgerEntry.objects.filter(kind__in=["evaluation.questioned", "evaluation.answered"])
    )
    assert entries and bidder.uscc not in entries and "工期" not in entries and asker.person.pseudonym not in entries


def test_a_bidder_answers_once_in_time_and_only_its_own_question(evaluation):
    question = ask(evaluation)
    stranger = bids(evaluation)[1].bidder
    with pytest.raises(Refused, match="不是向你单位提出"):
        answer(question, organisation=stranger, by=acting(stranger))
    answer(question)
    with pytest.raises(Refused, match="答复不能修改"):
        answer(question, "改口")
    late = ask(evaluation)
    pretend(timedelta(minutes=31))
    with pytest.raises(Refused, match="截止"):
        answer(late)


def test_other_bidders_and_officials_find_neither_question_nor_proof(lot, evaluation, client):
    question = ask(evaluation)
    bidder = question.bid.bidder
    proof = stored(acting(bidder), bidder, "bid_answer")
    answer(question, proof=proof)
    city = lot.city
    for person in (acting(bids(evaluation)[1].bidder), city.staff, city.handler, city.supervisor):
        client.force_login(person)
        assert client.get(reverse("trading:bid_question", args=[question.pk])).status_code in (403, 404)
        assert client.get(reverse("trading:committee_questions", args=[evaluation.pk])).status_code in (403, 404)
        assert not may_read_file(person, person.organisations().first(), proof)
    assert may_read_file(members(evaluation)[1].person, None, proof)


def test_a_majority_rejects_a_bid_and_a_minority_does_not(evaluation):
    first, second = bids(evaluation)[:2]
    people = [member.person for member in members(evaluation)]
    motion = move(evaluation, first, people[0])
    with pytest.raises(Refused, match="正在表决"):
        move(evaluation, first, people[1])
    with pytest.raises(Refused, match="已经表决"):
        vote(motion, agrees=True, by=people[0], at=database_now())
    vote(motion, agrees=True, by=people[1], at=database_now())
    assert not evaluation.rejections.exists()
    vote(motion, agrees=True, by=people[2], at=database_now())
    rejection = evaluation.rejections.get()
    assert (rejection.bid, rejection.code) == (first, "COLLUSION")
    assert "投标人须知第 9.3 条" in rejection.reason and "3 票同意，应到 5 人" in rejection.reason
    with pytest.raises(Refused, match="表决完毕"):
        vote(motion, agrees=True, by=people[3], at=database_now())
    lost = move(evaluation, second, people[0])
    with pytest.raises(Refused, match="必须写明|写明意见"):
        vote(lost, agrees=False, by=people[1], at=database_now())
    for person in people[1:4]:
        vote(lost, agrees=False, reason="没有证据", by=person, at=database_now())
    lost.refresh_from_db()
    assert (lost.state, evaluation.rejections.count()) == (RejectionMotion.State.LOST, 1)
    report = actions.report_of(fresh(evaluation))
    assert [row["result"] for row in report["motions"]] == ["通过，否决投标", "未通过"]


@pytest.mark.parametrize(("missing", "field"), [("clause", "clause"), ("reason", "reason"), ("code", "code")])
def test_a_motion_names_its_case_its_clause_and_its_reason(evaluation, missing, field):
    with pytest.raises(Refused) as refused:
        move(evaluation, **{missing: ""})
    assert refused.value.field == field and not RejectionMotion.objects.exists()


def test_nobody_hands_in_while_the_committee_votes(evaluation):
    motion = move(evaluation)
    people = [member.person for member in members(evaluation)]
    with pytest.raises(Refused, match="正在表决"):
        review(evaluation, members(evaluation)[0])
    for person in people[1:3]:
        vote(motion, agrees=True, by=person, at=database_now())
    for member in members(evaluation):
        review(evaluation, member)
    assert fresh(evaluation).state == Evaluation.State.SCORING
    assert actions.valid_bids(evaluation).count() == 3


def test_a_bid_rejected_while_scores_are_given_gets_no_rank(evaluation):
    for member in members(evaluation):
        review(evaluation, member)
    first_in = members(evaluation)[0]
    actions.submit_scores(evaluation, marks(evaluation), by=first_in.person, at=database_now())
    gone = bids(evaluation)[0]
    motion = move(evaluation, gone)
    for member in members(evaluation)[1:3]:
        vote(motion, agrees=True, by=member.person, at=database_now())
    for member in members(evaluation)[1:]:
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    done = fresh(evaluation)
    assert done.state == Evaluation.State.COMBINED
    assert gone not in [row.bid for row in done.results.select_related("bid")] and done.results.count() == 3


def test_a_rejection_that_leaves_too_few_while_scoring_says_what_is_left_of_competition(evaluation):
    for member in members(evaluation):
        review(evaluation, member)
    first, second = bids(evaluation)[:2]
    people = [member.person for member in members(evaluation)]

    def carried(bid, **fields):
        motion = move(evaluation, bid, people[0], **fields)
        for person in people[1:3]:
            vote(motion, agrees=True, by=person, at=database_now())

    carried(first)
    with pytest.raises(Refused) as refused:
        move(evaluation, second, people[0])
    assert refused.value.field == "opinion" and "不足 3 个" in refused.value.message
    carried(second, opinion="其余两家报价和方案仍有竞争。")
    assert fresh(evaluation).competition_opinion == "其余两家报价和方案仍有竞争。"
    assert fresh(evaluation).state == Evaluation.State.SCORING


def test_only_pledged_members_of_this_committee_ask_and_vote(evaluation):
    motion = move(evaluation)
    unpledged = members(evaluation)[4]
    unpledged.pledged_at = None
    unpledged.save()
    acts = {"by": unpledged.person, "at": database_now()}
    for act in (
        lambda: ask(evaluation, by=unpledged.person),
        lambda: move_rejection(evaluation, bids(evaluation)[1], **MOTION, **acts),
        lambda: vote(motion, agrees=True, **acts),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "no_pledge"
    with pytest.raises(Refused) as refused:
        ask(evaluation, by=expert(50).person)
    assert refused.value.code == "not_seated"


def test_the_vote_of_who_is_replaced_counts_no_more_and_the_whole_committee_is_the_measure(lot, evaluation):
    people = members(evaluation)
    motion = move(evaluation, by=people[1].person)
    gone = next(each for each in people[2:] if each.expert)
    vote(motion, agrees=True, by=gone.person, at=database_now())
    replace_member(gone, "recused", by=lot.city.staff, at=database_now())
    left = [each for each in members(evaluation) if each.pk != people[1].pk]
    vote(motion, agrees=True, by=left[0].person, at=database_now())
    assert not evaluation.rejections.exists()
    vote(motion, agrees=True, by=left[1].person, at=database_now())
    assert evaluation.rejections.count() == 1


def test_motions_at_the_same_time_each_say_what_is_left_of_competition(evaluation):
    for member in members(evaluation):
        review(evaluation, member)
    first, second = bids(evaluation)[:2]
    move(evaluation, first)
    with pytest.raises(Refused) as refused:
        move(evaluation, second)
    assert refused.value.field == "opinion"


def test_a_refused_vote_says_so_beside_its_own_motion(evaluation, client):
    motion = move(evaluation)
    client.force_login(members(evaluation)[1].person)
    page = reverse("trading:committee_questions", args=[evaluation.pk])
    refused = client.post(page, {"move": "vote", "motion": motion.pk, f"v{motion.pk}-agrees": "0", f"v{motion.pk}-reason": ""})
    assert "不同意的，请写明意见" in refused.content.decode()
    assert client.post(page, {"move": "vote", "motion": "x"}).status_code in (200, 404)


def test_a_price_that_the_committee_itself_finds_unreasonable_is_explained_and_then_voted_on(evaluation):
    low = bids(evaluation)[0]
    with pytest.raises(Refused) as refused:
        move(evaluation, low, code="PRICE_BELOW_COST")
    assert refused.value.code == "ask_first" and refused.value.field == "code" and refused.value.next_step
    question = ask(evaluation, bid=low, matter="low_price", text="综合单价明显低于信息价，请说明成本构成。")
    with pytest.raises(Refused, match="已经要求"):
        ask(evaluation, bid=low, matter="low_price")
    answer(question, "采用自有设备。")
    motion = RejectionMotion.objects.get(question=question)
    assert motion.moved_by is None and "投标人已经说明" in motion.reason
    for member in members(evaluation)[:3]:
        vote(motion, agrees=True, reason="低于信息价三成，没有证明材料", by=member.person, at=database_now())
    rejection = evaluation.rejections.get()
    assert rejection.code == "PRICE_BELOW_COST" and rejection.bid.price == Decimal("30000000.00")
    assert "低于信息价三成，没有证明材料" in rejection.reason
