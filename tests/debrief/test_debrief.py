"""Each loser's own page and document: what it may see, what it may not, and until when it may contest."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils.html import escape

from documents.actions import ensure_printed, ensure_sealed
from documents.models import OfficialDocument
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.periods import day_end
from tests.documents.test_printing import text_of
from tests.factories.documents import place_entries
from tests.factories.evaluation import (
    at_work,
    begun,
    drawn,
    end_of,
    expert,
    marks,
    members,
    parties,
    published_procurement,
    review,
    shown,
    signed,
    started,
)
from tests.factories.trading import city_time, national_day, organisation
from trading.awards import actions as awards
from trading.awards.debriefing import debriefs_of
from trading.evaluation import actions
from trading.evaluation.models import Evaluation
from trading.evaluation.motions import move_rejection, vote
from trading.opening.models import OpenedBid
from trading.projects.models import Lot
from trading.tenders.notices import shown as said


def newest(lot, bidder):
    return debriefs_of(lot, bidder).first()


def loser(lot):
    """The bidder of the highest price, who comes last; the second bidder wins."""
    return lot.city.bidders[3]


def opened_of(lot, bidder):
    return OpenedBid.objects.get(opening__lot=lot, bid__bidder=bidder)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def rejected_by_motion(lot, bidder):
    """A signed report in which the committee has rejected this bidder by a vote of four to one."""
    evaluation = started(lot)
    first, *others = members(evaluation)
    bid = opened_of(lot, bidder)
    motion = move_rejection(
        evaluation, bid, code="QUALIFICATION", clause="第三章 2.1.2 资格评审标准", reason="安全生产许可证已于投标截止前失效", by=first.person,
        at=database_now(),
    )  # fmt: skip
    vote(motion, agrees=False, reason="许可证正在延期", by=others[0].person, at=database_now())
    for each in others[1:3]:
        vote(motion, agrees=True, by=each.person, at=database_now())
    evaluation.refresh_from_db()
    for each in members(evaluation):
        review(evaluation, each)
    for each in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=each.person, at=database_now())
    evaluation.refresh_from_db()
    for each in members(evaluation):
        actions.sign_report(evaluation, by=each.person, at=database_now())
    return evaluation


def test_a_ranked_loser_sees_its_points_beside_the_first_candidates(lot, deliver, visit):
    shown(lot)
    deliver()
    page = text(visit(loser(lot).somebody, lot))
    first = lot.evaluations.get().results.get(rank=1)
    last = lot.evaluations.get().results.get(rank=4)
    assert last.bid.bidder == loser(lot)
    assert f"你单位投标报价 33,000,000.00 元，得 {last.total} 分，排第 4 名。" in page
    assert f"第一中标候选人为{first.bid.bidder.name}，投标报价 31,000,000.00 元，得 {first.total} 分。" in page
    rows = newest(lot, loser(lot)).context["rows"]
    assert {row["title"]: (row["own"], row["winner"]) for row in rows} == {
        title: (last.parts[title], first.parts[title]) for title in first.parts
    }
    # How the price and the credit made points, of its own bid and the first.
    lines = newest(lot, loser(lot)).context["lines"]
    assert any("评标基准价 31,500,000.00 元" in line for line in lines)
    assert [line for line in lines if line.startswith("你单位报价")] == ["你单位报价：偏差率 4.7619%，扣 4.7619 × 1 分"]
    assert any("信用" in line for line in lines)
    # Nothing of the two bidders between.
    for other in (lot.city.bidders[0], lot.city.bidders[2]):
        assert other.name not in page
    for member in members(lot.evaluations.get()):
        assert member.person.name not in page


def test_an_objection_runs_to_the_end_of_the_publicity_over_a_holiday(lot, deliver, visit):
    national_day()
    evaluation = signed(lot)
    # Published on 29 September: the third day is 2 October, a holiday, so the publicity lasts until 8 October.
    awards.publish_candidates(evaluation, by=lot.city.handler, at=city_time(date(2026, 9, 29)))
    deliver()
    objection, complaint = newest(lot, loser(lot)).context["remedies"]
    assert (objection["name"], objection["until_said"]) == ("异议", "2026-10-08 23:59")
    assert [rule["source"] for rule in objection["rules"]] == ["《招标投标法实施条例》第五十四条", "《招标投标法实施条例》第五十四条"]
    assert lot.city.owner.name in objection["whom"]
    # Ten days after the publication is 9 October, a working day.
    assert (complaint["name"], complaint["until_said"], complaint["whom"]) == ("投诉", "2026-10-09 23:59", lot.city.regulator.name)
    page = text(visit(loser(lot).somebody, lot))
    assert "2026-10-08 23:59" in page
    assert "《招标投标法实施条例》第六十条" in page


def test_the_page_leads_to_the_objection_only_while_it_is_in_time(lot, deliver, visit):
    publicity = shown(lot)
    deliver()
    door = f"/tenders/{lot.tender.number}/lots/{lot.no}/objections/new/"
    assert door in text(visit(loser(lot).somebody, lot))
    document = newest(lot, loser(lot))
    document.context["remedies"][0]["until"] = (publicity.until - timedelta(days=30)).isoformat()
    document.save()
    page = text(visit(loser(lot).somebody, lot))
    assert door not in page
    assert "已截止" in page


def test_each_loser_is_told_where_its_page_is_and_the_first_is_not(lot, deliver, visit):
    shown(lot)
    deliver()
    winner = lot.city.bidders[1]
    told = Message.objects.filter(subject__startswith="评审结果告知书", link=f"/me/bids/{lot.tender.number}/{lot.no}/debrief/")
    assert {row.person for row in told} == {each.somebody for each in lot.city.bidders if each != winner}
    assert visit(winner.somebody, lot).status_code == 404


def test_nobody_else_sees_that_there_is_a_debrief(lot, deliver, visit, read):
    shown(lot)
    deliver()
    document = newest(lot, loser(lot))
    assert visit(organisation("bidder").somebody, lot).status_code == 404
    for person in (lot.city.bidders[0].somebody, lot.city.bidders[1].somebody, lot.city.handler, lot.city.supervisor, lot.city.staff):
        assert read(person, document).status_code == 404
    # A competitor at the same address reads its own.
    assert loser(lot).name not in text(visit(lot.city.bidders[0].somebody, lot))


def test_the_document_says_the_same_and_its_digest_is_in_the_ledger(lot, deliver, read, tmp_path):
    shown(lot)
    deliver()
    document = ensure_printed(newest(lot, loser(lot)))
    place_entries()
    sealed = ensure_sealed(document)
    assert document.entry.kind == "document.printed"
    answer = read(loser(lot).somebody, document)
    assert answer.status_code == 200
    pdf = b"".join(answer.streaming_content)
    assert len(pdf) == sealed.sealed.size
    printed = "".join(text_of(pdf, tmp_path).split())
    for words in (document.context["sentence"], "依法不公开", "权利救济", document.context["remedies"][0]["until_said"]):
        assert "".join(words.split()) in printed


def test_a_rejected_bidder_sees_clause_reason_basis_and_the_count_of_votes(lot, deliver, visit):
    bidder = lot.city.bidders[0]
    evaluation = rejected_by_motion(lot, bidder)
    awards.publish_candidates(Evaluation.objects.get(pk=evaluation.pk), by=lot.city.handler, at=database_now())
    deliver()
    page = text(visit(bidder.somebody, lot))
    for words in (
        "被评标委员会否决（不符合资格条件），没有参加排名", "第三章 2.1.2 资格评审标准", "安全生产许可证已于投标截止前失效",
        "应到 5 人，3 人同意、1 人不同意，过半数同意，通过", "《招标投标法实施条例》第五十一条",
    ):  # fmt: skip
        assert escape(words) in page
    # Who voted how, and what those against said, is not told.
    assert "许可证正在延期" not in page
    assert not any(member.person.name in page for member in members(evaluation))


def test_a_bid_that_failed_a_check_names_the_check_of_the_document(lot, deliver, visit):
    bidder = lot.city.bidders[0]
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member, failing=[opened_of(lot, bidder).pk])
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    awards.publish_candidates(evaluation, by=lot.city.handler, at=database_now())
    deliver()
    fallen = newest(lot, bidder).context["fallen"]
    assert "资质证书过期" in fallen["reason"]
    check = lot.tender.document.criteria.filter(part="qualification").order_by("no").first()
    assert f"资格评审标准“{check.title}”" in fallen["clause"]
    assert escape("资质证书过期") in text(visit(bidder.somebody, lot))


def test_a_price_over_the_limit_is_told_with_the_limit(lot, deliver):
    bidder = lot.city.bidders[3]
    OpenedBid.objects.filter(bid__bidder=bidder).update(price=lot.price_limit + Decimal("0.01"))
    shown(lot)
    deliver()
    said_to = newest(lot, bidder).context
    assert "投标报价高于最高投标限价，投标无效，没有参加排名" in said_to["sentence"]
    assert f"{lot.price_limit:,.2f} 元" in said_to["fallen"]["clause"]


def test_a_bid_that_was_not_decrypted_is_told_why(lot, deliver, visit):
    bidder = lot.city.bidders[3]
    why = "因投标人原因未在规定时间内解密，视为撤销投标文件（《电子招标投标办法》第三十一条）"
    OpenedBid.objects.filter(bid__bidder=bidder).update(state=OpenedBid.State.UNOPENED_BIDDER, price=None, reason=why)
    shown(lot)
    deliver()
    page = text(visit(bidder.somebody, lot))
    assert "在开标时未解密（投标人原因），没有进入评审，没有参加排名" in page
    assert why in page


def test_when_all_are_rejected_each_learns_its_own_reason_and_where_to_complain(lot, deliver, visit):
    evaluation = started(lot)
    everyone = [row.pk for row in actions.bids_of(evaluation)]
    for member in members(evaluation):
        review(evaluation, member, failing=everyone)
    deliver()
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.FAILED
    for bidder in lot.city.bidders:
        page = text(visit(bidder.somebody, lot))
        assert "本标段没有中标人：评标委员会否决了全部投标。" in page
        assert "资质证书过期" in page
    remedies = newest(lot, loser(lot)).context["remedies"]
    assert [(row["name"], row["whom"]) for row in remedies] == [("投诉", lot.city.regulator.name)]


def test_in_procurement_the_winners_points_are_withheld_but_for_the_total(lot, deliver, visit):
    award = published_procurement(lot, database_now())
    deliver()
    page = text(visit(loser(lot).somebody, lot))
    content = newest(lot, loser(lot)).context
    assert {row["winner"] for row in content["rows"]} == {"依法不公开"}
    assert content["total"]["winner"] == str(award.candidate.result.total)
    own = lot.evaluations.get().results.get(rank=4)
    assert {row["title"]: row["own"] for row in content["rows"]} == own.parts
    assert f"排第 4 名。中标供应商为{award.candidate.result.bid.bidder.name}" in page
    assert "《政府采购货物和服务招标投标管理办法》第六十九条" in page
    # The winner's deviation would give away its price points.
    assert not any(line.startswith(award.candidate.result.bid.bidder.name) for line in content["lines"])
    assert visit(lot.city.bidders[1].somebody, lot).status_code == 404


def test_in_procurement_the_challenge_runs_from_the_end_of_the_notice_over_a_holiday(lot, deliver):
    national_day()
    published_procurement(lot, city_time(date(2026, 9, 29)))
    deliver()
    inquiry, challenge, complaint = newest(lot, loser(lot)).context["remedies"]
    assert (inquiry["name"], inquiry["until"]) == ("询问", "")
    # The notice ends on 30 September; seven working days after it are 8 to 10 and 12 to 15 October.
    assert (challenge["name"], challenge["until_said"]) == ("质疑", "2026-10-15 23:59")
    assert "《政府采购法》第五十二条" in challenge["rules"][0]["source"]
    assert complaint["name"] == "投诉"
    assert complaint["until"] > challenge["until"]


def test_an_upheld_objection_voids_the_debriefs_and_a_new_result_supersedes_them(lot, deliver, visit):
    publicity = shown(lot)
    deliver()
    old = newest(lot, loser(lot))
    awards.void_publicity(publicity, reason="第一名业绩不实", by=lot.city.handler, at=database_now())
    again = actions.order_reevaluation(lot, reason="第一名业绩不实", by=lot.city.handler, at=database_now())
    deliver()
    page = text(visit(loser(lot).somebody, lot))
    assert "本告知书已失效：第一名业绩不实" in page
    assert "/objections/new/" not in page

    evaluation = redone(lot, again)
    awards.publish_candidates(evaluation, by=lot.city.handler, at=database_now())
    deliver()
    old.refresh_from_db()
    new = newest(lot, loser(lot))
    assert (old.superseded_by, new.voided_at) == (new, None)
    page = text(visit(loser(lot).somebody, lot))
    assert "本告知书已失效" not in page
    assert old.number in page


def redone(lot, again):
    """A committee of other experts judges as the first did."""
    for number in range(20, 29):
        expert(number)
    evaluation = begun(lot)
    assert evaluation.pk == again.pk
    drawn(evaluation.draw, parties(lot.city))
    at_work(evaluation, lot.city.staff)
    for member in members(evaluation):
        review(evaluation, member)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def test_whoever_wins_after_all_loses_its_debrief_and_the_first_gets_one(lot, deliver, visit):
    publicity = shown(lot)
    deliver()
    first, second = lot.city.bidders[1], lot.city.bidders[2]
    assert newest(lot, second) is not None
    awards.pass_over_first(lot, reason="书面放弃中标", by=lot.city.handler, at=database_now())
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    awards.publish_result(award, by=lot.city.handler, at=end_of(publicity))
    deliver()
    assert newest(lot, second).voided_at is not None
    page = text(visit(first.somebody, lot))
    assert "排第 1 名，没有被确定为中标人（书面放弃中标）" in page
    assert f"中标人为{second.name}" in page
    # The publicity is over: what is left is the complaint.
    assert [row["name"] for row in newest(lot, first).context["remedies"]] == ["投诉"]


def test_the_same_result_announced_again_makes_no_further_document(lot, deliver):
    publicity = shown(lot)
    deliver()
    count = OfficialDocument.objects.filter(kind="debrief").count()
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    awards.publish_result(award, by=lot.city.handler, at=end_of(publicity))
    deliver()
    assert (count, OfficialDocument.objects.filter(kind="debrief").count()) == (3, 3)


def test_times_on_the_page_are_the_stored_ones(lot, deliver):
    publicity = shown(lot)
    deliver()
    row = newest(lot, loser(lot)).context["remedies"][0]
    assert row["until_said"] == said(publicity.until)
    assert publicity.until == day_end(city_day(publicity.until))


def test_an_announced_winner_that_makes_room_takes_the_debriefs_back_until_the_next(lot, deliver, visit):
    first, second = lot.city.bidders[1], lot.city.bidders[2]
    published_procurement(lot, database_now())
    deliver()
    awards.pass_over_first(Lot.objects.get(pk=lot.pk), reason="拒绝签订合同", by=lot.city.handler, at=database_now())
    deliver()
    assert "本告知书已失效：中标结果已撤销：拒绝签订合同" in text(visit(loser(lot).somebody, lot))
    award = awards.decide_award(Lot.objects.get(pk=lot.pk), by=lot.city.handler, at=database_now())
    awards.publish_result(award, by=lot.city.handler, at=database_now())
    deliver()
    assert f"中标供应商为{second.name}" in text(visit(loser(lot).somebody, lot))
    # Both the one that gave way and those ranked lower may challenge the new result.
    assert [row["name"] for row in newest(lot, first).context["remedies"]] == ["询问", "质疑", "投诉"]
    assert newest(lot, second).voided_at is not None
