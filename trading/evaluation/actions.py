"""At the desk: pledges, checks, scores alone, the combination by the criteria, and the report all sign."""

from decimal import Decimal

from django.db import transaction

from accounts.models import Duty, Organisation, Person
from accounts.permissions import require_duty
from documents.actions import request_document
from experts.actions import sessions
from experts.actions.ratings import open_assessment
from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from postbox.actions import tell_members
from rulebook.refusals import Refused
from trading.evaluation import blind, declared, inquiries, offsite
from trading.evaluation.annexes import annexes_of, monitoring_of, remote_of
from trading.evaluation.asking import TIMES
from trading.evaluation.attendance import not_arrived
from trading.evaluation.bids import bids_of, judged_offers, offers_of, second_is_closed, second_opening, valid_bids
from trading.evaluation.bounds import ARRIVAL, CHAIR, MONITOR, OWNER_NEVER_CHAIRS, UNSIGNED
from trading.evaluation.combining import marks_of, outcome_of, prices_of, range_for, values_of
from trading.evaluation.corrections import check_price
from trading.evaluation.drafts import forget_drafts
from trading.evaluation.events import (
    ChairElected,
    EvaluationStarted,
    ReevaluationOrdered,
    ReportSigned,
    ReviewConcluded,
    ScoresCombined,
    ScoreSubmitted,
    SignatureMissing,
    about,
)
from trading.evaluation.lifecycle import EVALUATION
from trading.evaluation.methods import explained
from trading.evaluation.methods.explaining import low_lines
from trading.evaluation.models import BidRejection, BidResult, CheckOpinion, CommitteeMember, Evaluation, MonitorNote, Score, Sheet
from trading.evaluation.permissions import AT_WORK
from trading.evaluation.seats import SEATED, all_have, locked, own_seat, pledged_seat, seated, standing_monitor, working_seat
from trading.evaluation.tries import counted
from trading.methods.registry import METHODS
from trading.opening.actions import prepare_second, say
from trading.opening.models import OpenedBid
from trading.procedures.reaching import reach
from trading.procedures.records import set_down, undo_from
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import LOT
from trading.projects.models import Category, Lot
from trading.tenders.actions import fail_lot
from trading.tenders.models import Criterion, Envelope
from trading.tenders.notices import shown
from trading.tenders.queries import require_running
from trading.venues.queries import phones_at_large
from trading.venues.rules import PHONES

BELOW_MARK = "BELOW_PASS_MARK"


@transaction.atomic
def start_evaluation(evaluation, *, by, at):
    """The centre opens the desk once every seat is confirmed."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    evaluation = locked(evaluation)
    require_running(evaluation.lot, at)
    if not procedure_of(evaluation.lot.tender).is_sealed:
        raise Refused("no_desk", "本交易方式由评审小组现场评审，不使用评标桌面。", next_step="请在交易流程中登记评审小组和评审结果。")
    confirmed = seated(evaluation).count()
    if confirmed < evaluation.size:
        raise Refused("not_full", f"评标委员会应到 {evaluation.size} 人，目前确认 {confirmed} 人。", next_step="请等待专家答复，或补抽。")
    if evaluation.monitored and standing_monitor(evaluation) is None:
        MONITOR.refuse("监标专家还没有确认参加。", next_step="请等待监标专家答复，或补抽。")
    if absent := not_arrived(evaluation):
        ARRIVAL.refuse(f"{'、'.join(map(str, absent))} 号席还没有签到。", next_step="请等待签到；逾时不到的，办理缺席补抽。")
    if badges := phones_at_large(evaluation.lot):
        PHONES.refuse(
            f"评标区内 {'、'.join(map(str, badges))} 号专家的通信工具还没有寄存，不能开始评标。",
            field="phones",
            next_step="请在进场名单上登记寄存柜号。",
        )
    offsite.begin(evaluation, at=at)
    EVALUATION.apply(evaluation, "start")
    evaluation.started_at = at
    evaluation.save(update_fields=["state", "started_at"])
    reach(evaluation.lot.tender, "evaluation_start", at=at, lot=evaluation.lot, reference=str(evaluation.round))
    set_down(evaluation.lot, "committee", by=by, at=at)
    record(EvaluationStarted(**about(evaluation)), by=by, role="staff")
    return evaluation


@transaction.atomic
def make_pledge(evaluation, *, by, at):
    """A member declares to have no interest in any bidder; before that, no bid can be seen."""
    evaluation = locked(evaluation)
    seat = own_seat(evaluation, by)
    offsite.require_at_work(evaluation, seat, at)
    if seat.pledged_at is None:
        seat.pledged_at = at
        seat.save(update_fields=["pledged_at"])


@transaction.atomic
def elect_chair(evaluation, choice, *, by, at):
    """A pledged member names the seat that should chair; with the last voice the most named one does, of equals the first seat."""
    evaluation = locked(evaluation)
    seat = pledged_seat(evaluation, by, at)
    seats = list(seated(evaluation))
    if any(each.chair for each in seats):
        raise Refused("chaired", "组长已经推举产生。", next_step="请刷新页面。")
    if choice not in seats:
        raise Refused("chair", "请从本次评标的席位中推举。", field="chair", rule=CHAIR.source)
    if choice.owner_representative and evaluation.lot.tender.project.category == Category.PROCUREMENT:
        OWNER_NEVER_CHAIRS.refuse("采购人代表不得担任评审小组组长。", field="chair", next_step="请另选一名成员。")
    seat.nominates = choice
    seat.save(update_fields=["nominates"])
    if all_have(evaluation, "nominates"):
        named = list(seated(evaluation).values_list("nominates", flat=True))
        chair = max(seats, key=lambda each: (named.count(each.pk), -each.order))
        chair.chair = True
        chair.save(update_fields=["chair"])
        record(ChairElected(**about(evaluation), seat=chair.order, voices=named.count(chair.pk)), by=None)


@transaction.atomic
def submit_review(evaluation, opinions, *, by, at):
    """Hand in one member's checks: {(bid id, criterion id): (passed, reason)} for every bid and check."""
    evaluation = locked(evaluation)
    seat = working_seat(evaluation, by, Evaluation.State.REVIEWING, at)
    blind.require_shown(evaluation)
    if seat.review_submitted_at:
        raise Refused("handed_in", "你的初步评审意见已经提交。")
    refuse_open_motions(evaluation)
    if set(opinions) != {(bid.pk, check.pk) for bid in bids_of(evaluation) for check in checks_for(evaluation, bid)}:
        raise Refused("incomplete", "请对每一份投标文件的每一项作出评审。", field="opinions")
    for passed, reason in opinions.values():
        if not passed and not reason.strip():
            raise Refused("no_reason", "判定不通过的，须写明理由。", rule="《招标投标法实施条例》第五十一条")
    rows = [[bid, check, passed, reason.strip()[:300]] for (bid, check), (passed, reason) in sorted(opinions.items())]
    Sheet.handed_in(seat, Sheet.Stage.REVIEW, rows)
    seat.review_submitted_at = at
    seat.save(update_fields=["review_submitted_at"])
    forget_drafts(seat)
    if all_have(evaluation, "review_submitted_at"):
        settle_review(evaluation, by=Person.objects.platform(), at=at)


def checks_for(evaluation, bid):
    """The lines of a bid's preliminary review: the document's checks, and the declaration where it claims something."""
    checks = sorted(evaluation.lot.tender.document.criteria.filter(part__in=Criterion.CHECKS), key=lambda row: row.place)
    line = declared.judged_declaration(evaluation, bid)
    return [*checks, line] if line else checks


def sheets_of(evaluation, stage):
    return Sheet.objects.filter(member__in=seated(evaluation), stage=stage).order_by("member__order")


def refuse_open_motions(evaluation):
    """Nobody hands in while the committee still votes on rejecting a bid: the sheet would judge what may fall away."""
    if evaluation.motions.filter(state="open", bid__in=valid_bids(evaluation)).exists():
        raise Refused("open_motion", "有否决投标的提议正在表决。", next_step="请先在“澄清与表决”中完成表决，再提交。")


def refuse_open_inquiries(evaluation, at):
    """Nor while prices are looked into: what is asked, voted on or few may yet fall away."""
    waiting = inquiries.open_inquiries(evaluation)
    if waiting:
        said = "；".join(f"{row.bid.bidder.name}的{row.get_matter_display()}：{inquiries.standing_of(row, at)}" for row in waiting)
        raise Refused(
            "open_inquiry", f"报价还在核实，现在不能提交评分。{said}。", rule=TIMES[waiting[0].matter].source, next_step="处理完毕后再提交，已填写的内容会保留。",
        )  # fmt: skip
    if must_judge_competition(evaluation):
        rule = competition(evaluation)
        raise Refused(
            "few_valid", f"有效投标不足 {rule.minimum} 个，现在不能提交评分。", rule=f"{rule.source}：{rule.says}", next_step="请等待组长记录评标委员会关于竞争性的意见。",
        )  # fmt: skip


def settle_review(evaluation, *, by, at):
    """When all have handed in: the sheets are opened, and what a majority fails is rejected, with the reasons they gave."""
    sheets = list(sheets_of(evaluation, Sheet.Stage.REVIEW))
    opinions = (
        CheckOpinion(member_id=sheet.member_id, bid_id=bid, criterion_id=check, passed=passed, reason=reason)
        for sheet in sheets
        for bid, check, passed, reason in sheet.rows
        if check != declared.DECLARATION
    )
    # All have handed in again, when a member was replaced while the chair's word on few bids was waited for.
    CheckOpinion.objects.bulk_create(opinions, ignore_conflicts=True)
    for bid in valid_bids(evaluation):
        failed = CheckOpinion.objects.filter(member__evaluation=evaluation, bid=bid, passed=False).select_related("criterion")
        by_check = {}
        for opinion in failed:
            by_check.setdefault(opinion.criterion, []).append(opinion.reason)
        against = {check: reasons for check, reasons in by_check.items() if len(reasons) * 2 > evaluation.size}
        if against:
            reason = "；".join(
                f"{check.title}不通过（{len(reasons)} 票）：{'，'.join(sorted(set(reasons)))}" for check, reasons in against.items()
            )
            BidRejection.objects.create(evaluation=evaluation, bid=bid, code="NON_RESPONSIVE", reason=reason, at=at)
        elif bid.price is not None:
            check_price(evaluation, bid, bid.price, at=at)
    declared.settle_declarations(evaluation, [row for sheet in sheets for row in sheet.rows], list(bids_of(evaluation)), at=at)
    valid = valid_bids(evaluation).count()
    record(ReviewConcluded(**about(evaluation), valid=valid, rejected=evaluation.rejections.count()), by=by)
    if not ended_for_want(evaluation, by=by, at=at) and competing(evaluation) >= competition(evaluation).minimum:
        begin_scoring(evaluation, at=at)


def begin_scoring(evaluation, *, at):
    EVALUATION.apply(evaluation, "conclude_review")
    evaluation.save(update_fields=["state"])
    go_on(evaluation, at=at)


def ended_for_want(evaluation, *, by, at):
    """End without a winner where no valid bid is left, or fewer than the procedure can do with; whether it ended."""
    valid, rule = valid_bids(evaluation).count(), competition(evaluation)
    if valid == 0:
        end_without_winner(evaluation, "评标委员会否决了全部投标。", by=by, at=at)
    elif competing(evaluation) < rule.minimum and procedure_of(evaluation.lot.tender).bend("few_valid").leads == "failed":
        end_without_winner(evaluation, f"有效投标为 {competing_words(evaluation)}。{rule.says}（{rule.source}）。", by=by, at=at)
    else:
        return False
    return True


def go_on(evaluation, *, at):
    """Whenever a bid fell, an answer came or a time passed: take up what prices ask for, and combine what waits for nothing more."""
    platform = Person.objects.platform()
    priced = evaluation.state == Evaluation.State.PRICING and second_is_closed(evaluation)
    if priced:
        reject_unpriced(evaluation, at=at)
    inquiries.take_up(evaluation, at=at)
    if not ended_for_want(evaluation, by=platform, at=at) and priced and can_combine(evaluation, at=at):
        combine_scores(evaluation, by=platform, at=at)


@transaction.atomic
def advance(evaluation, *, at):
    """The same, set off by the clock or by whoever comes to the desk."""
    evaluation = locked(evaluation)
    asked = evaluation.state == Evaluation.State.REVIEWING and evaluation.questions.exists()
    if asked or evaluation.state in (Evaluation.State.SCORING, Evaluation.State.PRICING):
        go_on_unless_halted(evaluation, at=at)


def go_on_unless_halted(evaluation, *, at):
    """The same, but nothing moves while the lot is stopped or the line between the venues is broken; the clock takes it up later."""
    try:
        require_running(evaluation.lot, at)
        offsite.require_joined(offsite.sessions_for(evaluation), at)
    except Refused:
        return
    go_on(evaluation, at=at)


def can_combine(evaluation, *, at):
    """Whether no vote, no inquiry, no bidder's answer and no word on competition is still to come."""
    valid = valid_bids(evaluation)
    return not (
        evaluation.motions.filter(state="open", bid__in=valid).exists()
        or inquiries.open_inquiries(evaluation)
        or evaluation.questions.filter(answered_at=None, due_at__gte=at, bid__in=valid).exists()
        or must_judge_competition(evaluation)
    )


def competing(evaluation, without=()):
    """How many bidders still stand against each other, as the law counts them."""
    return declared.competitors(evaluation, valid_bids(evaluation).exclude(pk__in=[bid.pk for bid in without]))


def competing_words(evaluation):
    """The same in words, which say where brands made it fewer than the bids."""
    count, valid = competing(evaluation), valid_bids(evaluation).count()
    return f"{count} 家" + (f"（{valid} 份投标，同品牌按一家计算）" if count < valid else "")


def competition(evaluation):
    """The count of valid bids below which the procedure bends, by the law of its publication."""
    tender = evaluation.lot.tender
    return procedure_of(tender).least_count("few_valid", tender.rules_on)


def must_judge_competition(evaluation):
    """Whether fewer than three bids are valid and the committee has not said of so few what it thinks.

    That can happen again and again: after the preliminary review, when bids fall later, and when the second opening leaves fewer.
    """
    valid = valid_bids(evaluation).count()
    if not 0 < competing(evaluation) < competition(evaluation).minimum:
        return False
    if evaluation.judged_valid is not None and valid >= evaluation.judged_valid:
        return False
    if evaluation.state == Evaluation.State.PRICING:
        return second_is_closed(evaluation)
    return evaluation.state == Evaluation.State.SCORING or all_have(evaluation, "review_submitted_at")


@transaction.atomic
def judge_competition(evaluation, *, goes_on, opinion, by, at):
    """With fewer than three valid bids, the chair records whether competition is still there (C-04)."""
    evaluation = locked(evaluation)
    reviewing = evaluation.state == Evaluation.State.REVIEWING
    seat = working_seat(evaluation, by, evaluation.state if evaluation.state in AT_WORK else Evaluation.State.REVIEWING, at)
    refuse_open_motions(evaluation)
    if not seat.chair or not must_judge_competition(evaluation):
        rule = competition(evaluation)
        raise Refused("not_now", "须在全体成员提交初步评审、有效投标不足三个时，由组长记录。", rule=f"{rule.source}：{rule.says}")
    if not opinion.strip():
        raise Refused("no_opinion", "请写明评标委员会的意见和理由。", field="opinion")
    note_competition(evaluation, opinion)
    if not goes_on:
        reason = f"有效投标不足三个且明显缺乏竞争，评标委员会否决全部投标：{opinion}"
        end_without_winner(evaluation, reason, by=Person.objects.platform(), at=at)
    elif reviewing:
        begin_scoring(evaluation, at=at)
    else:
        go_on(evaluation, at=at)


def note_competition(evaluation, opinion):
    """What the committee thinks of the few bids that are valid now."""
    evaluation.competition_opinion = "\n".join(filter(None, [evaluation.competition_opinion, opinion]))
    evaluation.judged_valid = valid_bids(evaluation).count()
    evaluation.save(update_fields=["competition_opinion", "judged_valid"])


def end_without_winner(evaluation, reason, *, by, at):
    EVALUATION.apply(evaluation, "reject_all")
    evaluation.finished_at = at
    evaluation.save(update_fields=["state", "finished_at"])
    hand_to_pool(evaluation, at=at)
    close_desk(evaluation, at=at)
    fail_lot(evaluation.lot, reason=reason, by=by, at=at)


def close_desk(evaluation, *, at):
    """The evaluation has ended: what the desk showed is shut (`permissions.py` looks at the state), and the seats are named."""
    forget_drafts(*evaluation.members.all())
    offsite.end(evaluation, at=at)
    called = CommitteeMember.called.filter(evaluation=evaluation)
    for member in called.filter(named=None):
        member.name()
    sessions.close([f"committee/{member.pk}" for member in called], at=at)


@transaction.atomic
def stop_evaluation(evaluation, *, at):
    """The tenderee has ended the lot: nobody works at the desk any more, and whoever sat there is named and paid."""
    evaluation = locked(evaluation)
    EVALUATION.apply(evaluation, "stop")
    evaluation.finished_at = at
    evaluation.save(update_fields=["state", "finished_at"])
    hand_to_pool(evaluation, at=at, held=evaluation.started_at is not None)
    close_desk(evaluation, at=at)


def judged_criteria(evaluation):
    return evaluation.lot.tender.document.criteria.filter(part__in=Criterion.JUDGED)


def submit_scores(evaluation, marks, *, by, at):
    """Hand in one member's sheet: {(bid id, criterion id): (points, remark)} for every valid bid and judged item.

    Objective items must be equal among all members; a mark far from the others' asks for its author's remark. How often a sheet
    was refused for that is kept.
    """
    with counted(own_seat(evaluation, by), at=at):
        hand_in_scores(evaluation, marks, by=by, at=at)


def hand_in_scores(evaluation, marks, *, by, at):
    evaluation = locked(evaluation)
    seat = working_seat(evaluation, by, Evaluation.State.SCORING, at)
    blind.require_shown(evaluation)
    marks = blind.with_blind(seat, marks)
    if seat.scores_submitted_at:
        raise Refused("handed_in", "你的评分已经提交，不能修改。")
    refuse_open_inquiries(evaluation, at)
    refuse_open_motions(evaluation)
    criteria = {row.pk: row for row in judged_criteria(evaluation)}
    bids = {bid.pk: bid for bid in valid_bids(evaluation)}
    if set(marks) != {(bid, criterion) for bid in bids for criterion in criteria}:
        raise Refused("incomplete", "请对每一份有效投标的每一项评分。", field="marks")
    given = {}
    for sheet in sheets_of(evaluation, Sheet.Stage.SCORE):
        for bid, criterion, value, _ in sheet.rows:
            given.setdefault((bid, criterion), []).append(Decimal(value))
    blind.check_marks(
        blind.Mark(
            f"{bids[bid].bidder.name}的“{criteria[criterion].title}”", criteria[criterion], points, remark, given.get((bid, criterion), [])
        )
        for (bid, criterion), (points, remark) in marks.items()
    )
    rows = [[bid, criterion, money(value), remark.strip()[:300]] for (bid, criterion), (value, remark) in sorted(marks.items())]
    sheet = Sheet.handed_in(seat, Sheet.Stage.SCORE, rows)
    seat.scores_submitted_at = at
    seat.save(update_fields=["scores_submitted_at"])
    forget_drafts(seat)
    record(ScoreSubmitted(**about(evaluation), digest=sheet.digest), by=seat, role="expert")
    if all_have(evaluation, "scores_submitted_at"):
        open_scores(evaluation)
        platform = Person.objects.platform()
        if evaluation.lot.tender.document.two_envelopes:
            conclude_first(evaluation, by=platform, at=at)
        else:
            combine_scores(evaluation, by=platform, at=at)


def open_scores(evaluation):
    """All have handed in: the sheets are opened."""
    Score.objects.bulk_create(
        Score(member_id=sheet.member_id, bid_id=bid, criterion_id=criterion, points=value, remark=remark)
        for sheet in sheets_of(evaluation, Sheet.Stage.SCORE)
        for bid, criterion, value, remark in sheet.rows
    )


def conclude_first(evaluation, *, by, at):
    """The first envelope is judged: its result is announced to all, and the opening of the second is prepared.

    A re-evaluation finds the second envelopes open already: their prices are checked at once.
    """
    EVALUATION.apply(evaluation, "await_prices")
    evaluation.save(update_fields=["state"])
    reject_below_mark(evaluation, at=at)
    if not valid_bids(evaluation).exists():
        end_without_winner(evaluation, "技术商务得分均低于招标文件载明的通过线，评标委员会否决了全部投标。", by=by, at=at)
    elif second_opening(evaluation) is None:
        announce_first(evaluation, by=by, at=at)
    else:
        judge_prices(evaluation, by=by, at=at)


def reject_below_mark(evaluation, *, at):
    """双信封: what earns less than the document's share of the first envelope's points goes no further."""
    pass_mark = values_of(evaluation.lot.tender.document).get("pass_mark")
    if pass_mark is None:
        return
    full = sum((row.points for row in judged_criteria(evaluation)), Decimal(0))
    least = full * Decimal(pass_mark) / 100
    for bid in valid_bids(evaluation):
        earned = sum(marks_of(evaluation, bid).values(), Decimal(0))
        if earned < least:
            BidRejection.objects.create(
                evaluation=evaluation, bid=bid, code=BELOW_MARK, at=at,
                reason=f"技术商务得分 {earned} 分，低于招标文件载明的通过线 {least.normalize():f} 分（满分 {full.normalize():f} 分的 {pass_mark}%）",
            )  # fmt: skip


def announce_first(evaluation, *, by, at):
    lot = evaluation.lot
    passed = list(valid_bids(evaluation).select_related("bid"))
    first = lot.openings.get(envelope=Envelope.TECHNICAL)
    second = prepare_second(first, passed, by=by, at=at)
    rejected = {row.bid_id: row.reason for row in evaluation.rejections.all()}
    for row in first.bids.select_related("bid__bidder"):
        if row in passed:
            told = f"通过第一信封评审，得 {sum(marks_of(evaluation, row).values(), Decimal(0))} 分，第二信封待开启"
        else:
            told = f"未通过第一信封评审，第二信封不开启、退回：{rejected.get(row.pk) or row.reason or row.get_state_display()}"
        say(second, f"{row.order} 号 {row.bidder.name}：{told}"[:300], at=at, official=True)
        tell_members(
            row.bidder, f"第一信封评审结果：{lot.tender.name}{lot.name}", f"你单位{told}。",
            link=f"/openings/{lot.tender.number}/{lot.no}/", key=f"first-envelope/{second.pk}",
        )  # fmt: skip


@transaction.atomic
def judge_prices(evaluation, *, by, at):
    """The second opening has ended: what is left of the bids goes on with its prices, and is combined once nothing is waited for.

    With none left the lot fails; with fewer than three, and fewer than were judged before, the chair must judge.
    """
    evaluation = locked(evaluation)
    if evaluation.state == Evaluation.State.PRICING:
        go_on(evaluation, at=at)


def reject_unpriced(evaluation, *, at):
    """Second envelopes that were not opened, and prices over the limit, fall away."""
    offers = offers_of(evaluation)
    for bid in valid_bids(evaluation):
        offer = offers.get(bid.bid_id)
        if offer is None or offer.state != OpenedBid.State.OPENED:
            why = (offer.reason or offer.get_state_display()) if offer else "此前的评审中已退回"
            BidRejection.objects.create(evaluation=evaluation, bid=bid, code="SECOND_UNOPENED", reason=f"第二信封没有开启：{why}", at=at)
        else:
            check_price(evaluation, bid, offer.price, at=at)


def combine_scores(evaluation, *, by, at):
    """All is in: the document's method makes points and ranks of marks, prices and credit."""
    judged = judged_offers(evaluation)
    found = outcome_of(evaluation, judged)
    bids, prices = {bid.pk: bid for bid in judged}, prices_of(evaluation, judged)
    for row in found.rows:
        BidResult.objects.create(
            evaluation=evaluation,
            bid=bids[row.key],
            parts=row.parts,
            total=row.total,
            rank=row.rank,
            price=prices[row.key],
            aside=row.aside,
        )
    for key, first in found.unevaluated.items():
        declared.set_aside(evaluation, judged[bids[key]], bids[first], at=at)
    evaluation.workings = found.workings | range_for(evaluation.lot, prices)
    EVALUATION.apply(evaluation, "combine")
    evaluation.save(update_fields=["workings", "state"])
    record(ScoresCombined(**about(evaluation), digest=b64u(HJ("evaluation-table", table_of(evaluation)))), by=by)


def table_of(evaluation):
    """The ranking in canonical form, for the digest in the ledger."""
    return [[row.rank, row.bid.bid.manifest_hash, row.measure] for row in evaluation.results.select_related("bid__bid")]


@transaction.atomic
def sign_report(evaluation, *, dissent="", by, at):
    """A member signs, with a written dissent if there is one; the last signature makes and closes the report."""
    evaluation = locked(evaluation)
    seat = working_seat(evaluation, by, Evaluation.State.COMBINED, at)
    if seat.signed_at:
        raise Refused("signed", "你已经签署评标报告。")
    last = closes(evaluation, seat)
    seat.signed_at, seat.dissent = at, dissent
    seat.save(update_fields=["signed_at", "dissent"])
    if last:
        finish(evaluation, by=Person.objects.platform(), at=at)
    record(ReportSigned(**about(evaluation), dissent=bool(dissent.strip()), last=last), by=seat, role="expert")


def closes(evaluation, seat):
    """Whether the report lacks nobody but this seat; Refused while the monitor's report is missing, for nobody else need wait for it."""
    last = not unsigned(evaluation).exclude(pk=seat.pk).exists()
    if last and evaluation.monitored and monitor_report(evaluation) is None:
        MONITOR.refuse(
            "监标专家还没有提交监标报告，评标报告不能完成签署。", next_step="请等待监标报告提交后再签署；监标专家缺席的，请交易中心补抽。"
        )
    return last


def unsigned(evaluation):
    """The members whom the report waits for."""
    return seated(evaluation).filter(signed_at=None, unsigned="")


def may_note_unsigned(evaluation, seat, at):
    """Whether the committee has waited long enough for those who do not sign, and most have signed, this seat among them."""
    signed = list(seated(evaluation).exclude(signed_at=None).values_list("signed_at", flat=True))
    enough = len(signed) * 2 > evaluation.size and at >= max(signed) + UNSIGNED.after
    return evaluation.state == Evaluation.State.COMBINED and seat.signed_at is not None and enough and unsigned(evaluation).exists()


@transaction.atomic
def note_unsigned(evaluation, missing, reason, *, by, at):
    """A member who signed writes down why another does not: the report counts that one as agreeing, and says so."""
    evaluation = locked(evaluation)
    seat = working_seat(evaluation, by, Evaluation.State.COMBINED, at)
    if not may_note_unsigned(evaluation, seat, at):
        UNSIGNED.refuse(
            "须在过半数成员签署、最后一人签署满一小时以后，由已签署的成员记录。", next_step="请继续等候其签署或者书面说明不同意见。"
        )
    if missing not in unsigned(evaluation):
        raise Refused("no_seat", "请选择没有签署的席位。", field="missing")
    if not reason.strip():
        raise Refused("no_reason", "请写明未签署的情况。", field="reason", rule=UNSIGNED.source)
    last = closes(evaluation, missing)
    missing.unsigned = reason.strip()
    missing.save(update_fields=["unsigned"])
    if last:
        finish(evaluation, by=Person.objects.platform(), at=at)
    record(
        SignatureMissing(**about(evaluation), seat=missing.order, last=last), by=seat, role="expert", private={"reason": missing.unsigned}
    )


def monitor_report(evaluation):
    """What the supervising expert who watched to the end handed in, or None."""
    return MonitorNote.objects.filter(seat__evaluation=evaluation, seat__state=SEATED, report=True).first()


def finish(evaluation, *, by, at):
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=evaluation.lot_id)
    LOT.apply(lot, "finish_evaluation")
    lot.save(update_fields=["state"])
    EVALUATION.apply(evaluation, "sign")
    evaluation.finished_at = at
    earlier = lot.evaluations.exclude(report=None).select_related("report").order_by("-round").first()
    evaluation.report = request_document(
        "evaluation_report",
        subject=lot.tender.stream,
        title=f"{lot.tender.name}{lot.name}评标报告",
        context=report_of(evaluation),
        by=by,
        at=at,
        supersedes=earlier.report if earlier else None,
    )
    evaluation.save(update_fields=["state", "finished_at", "report"])
    # The report lies with the tenderee's side the moment it is signed: the platform hands it over.
    for name in ("evaluation_end", "evaluation_report_received"):
        reach(lot.tender, name, at=at, lot=lot, reference=str(evaluation.round))
    set_down(lot, "evaluation", by=by, at=at, document=evaluation.report)
    hand_to_pool(evaluation, at=at)
    close_desk(evaluation, at=at)


def hand_to_pool(evaluation, *, at, held=True):
    """The pool learns how long each expert sat, pays by it, and asks the three sides to rate them (一标一考)."""
    lot, project = evaluation.lot, evaluation.lot.tender.project
    centre = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().order_by("pk").first()
    sides = {"centre": centre, "owner": project.agency or project.owner, "regulator": project.regulator}
    for seat in CommitteeMember.called.filter(evaluation=evaluation, state=SEATED, owner_representative=False):
        began_at = evaluation.started_at or min(evaluation.starts_at, at)
        sessions.note_session(
            f"committee/{seat.pk}", began_at=began_at, ended_at=at, paused=offsite.paused(evaluation), chair=seat.chair, held=held
        )  # fmt: skip
        if held:
            open_assessment(
                seat.expert, lot.tender.number, lot.key, {role: side for role, side in sides.items() if side}, at=at,
                title=f"{lot.tender.name}{lot.name}",
            )  # fmt: skip


@transaction.atomic
def close_group(evaluation, *, at):
    """A group that reviews without the desk (village deals) has decided: its seats are named, the pool pays and is asked to rate."""
    evaluation = locked(evaluation)
    if evaluation.state != Evaluation.State.FORMING:
        return
    EVALUATION.apply(evaluation, "record")
    evaluation.finished_at = at
    evaluation.save(update_fields=["state", "finished_at"])
    hand_to_pool(evaluation, at=at)
    close_desk(evaluation, at=at)


def lines_of(evaluation, results):
    """The method and its workings in sentences."""
    names = {str(row.bid_id): row.bid.bidder.name for row in results}
    method = METHODS[evaluation.lot.tender.document.method]
    return (
        [
            f"评标办法：{method.name}，{method.core}",
            *declared.declared_lines(evaluation),
            *explained(evaluation.workings, names),
            *low_lines(evaluation.workings, names),
        ]
        if results
        else []
    )


def report_of(evaluation):
    """The report's content: members, rejections, ranking, how it was computed, signatures and dissents."""
    results = list(evaluation.results.select_related("bid__bid__bidder"))
    return {
        "tender": evaluation.lot.tender.name,
        "lot": evaluation.lot.name,
        "members": [f"{row.order} 号席 {row.person.name}" + ("（组长）" if row.chair else "") for row in seated(evaluation)],
        "rejections": [{"name": row.bid.bidder.name, "reason": row.reason} for row in evaluation.rejections.select_related("bid__bid__bidder")],
        "opinion": evaluation.competition_opinion,
        **annexes_of(evaluation),
        **remote_of(evaluation),
        "monitoring": monitoring_of(evaluation),
        "parts": list(results[0].parts) if results else [],
        "results": [
            {"rank": "同品牌不推荐" if row.aside else row.rank, "name": row.bid.bidder.name, "price": money(row.price), "read": money(row.bid.price) if row.is_corrected else "",
             "parts": list(row.parts.values()), "total": row.shown}
            for row in results
        ],
        "workings": lines_of(evaluation, results),
        "signatures": [
            {"name": row.person.name, "at": shown(row.signed_at) if row.signed_at else "", "dissent": row.dissent, "unsigned": row.unsigned}
            for row in seated(evaluation) if row.signed_at or row.unsigned
        ],
    }  # fmt: skip


@transaction.atomic
def order_reevaluation(lot, *, reason, by, at):
    """An upheld objection or a regulator's decision sends the lot back to a new committee; the old result stays on record."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    LOT.apply(lot, "reevaluate")
    lot.save(update_fields=["state"])
    last = lot.evaluations.order_by("-round").first()
    again = Evaluation.objects.create(lot=lot, round=last.round + 1)
    undo_from(lot, "committee", reason=reason, at=at)
    record(ReevaluationOrdered(**about(again), reason=reason[:500]), by=by)
    return again
