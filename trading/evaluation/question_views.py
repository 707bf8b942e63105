"""The committee's questions and votes, and the bidders' answers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from documents.actions import store_file
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import actions, blind, motions, questions
from trading.evaluation import question_forms as forms
from trading.evaluation.asking import TIMES
from trading.evaluation.bounds import CLARITY, LOW_PRICE, REASONS, REJECTION
from trading.evaluation.inquiry_views import inquiries_of
from trading.evaluation.models import BidQuestion
from trading.evaluation.views import own_desk
from web.doors import number_in, open_to

SAID = {"ask": "已向投标人提出，答复后全体成员都能看到。", "move": "提议已提交，请其他成员表决。", "vote": "已表决。"}


@open_to("expert", "tenderee")
def committee(request, pk):
    """One committee's questions, answers and votes; asking, moving and voting. For pledged members alone."""
    evaluation, seat = own_desk(request, pk)
    if seat.pledged_at is None or blind.hides(evaluation):
        return redirect("trading:evaluation_desk", pk)
    move, bids = request.POST.get("move", ""), actions.valid_bids(evaluation)
    voted_on = number_in(request.POST, "motion")
    given = {
        "ask": forms.AskForm(request.POST if move == "ask" else None, bids=actions.bids_of(evaluation), prefix="q"),
        "move": forms.MotionForm(request.POST if move == "move" else None, bids=bids, prefix="m"),
        "vote": vote_form(evaluation.motions.filter(pk=voted_on).first(), request.POST if move == "vote" else None),
    }
    if request.method == "POST" and move in given and given[move].is_valid():
        try:
            actions.advance(evaluation, at=database_now())
            carry_out(request, evaluation, move, given[move].cleaned_data)
        except Refused as refusal:
            given[move].add_refusal(refusal)
        else:
            messages.success(request, SAID[move])
            return redirect("trading:committee_questions", pk)
    evaluation.refresh_from_db()
    now = database_now()
    asked = evaluation.questions.filter(matter=BidQuestion.Matter.CLARITY).select_related("bid__bid__bidder", "proof")
    rows = evaluation.motions.select_related("bid__bid__bidder").prefetch_related("votes__member")
    return render(
        request, "trading/evaluation/questions.html",
        {
            "evaluation": evaluation, "lot": evaluation.lot, "tender": evaluation.lot.tender, "forms": given, "questions": asked,
            "motions": [shown(row, seat, given["vote"] if row.pk == voted_on else vote_form(row)) for row in rows],
            "open": questions.is_open(evaluation), "now": now, "clarity": CLARITY, "low_price": LOW_PRICE,
            "rejection": REJECTION, "inquiries": inquiries_of(evaluation, now),
        },
    )  # fmt: skip


def vote_form(motion, data=None):
    """The form of one motion: on a low price the question is another, and reasons are always given."""
    kind = forms.PriceVoteForm if motion is not None and motion.question_id else forms.VoteForm
    return kind(data, prefix=f"v{motion.pk if motion else 0}")


def shown(motion, seat, form):
    votes = list(motion.votes.all())
    return {
        "motion": motion, "form": form, "case": REASONS[motion.code], "votes": votes, "agreed": sum(vote.agrees for vote in votes),
        "against": sum(not vote.agrees for vote in votes), "mine": any(vote.member_id == seat.pk for vote in votes),
    }  # fmt: skip


def carry_out(request, evaluation, move, good):
    act = {"by": request.user, "at": database_now()}
    if move == "ask":
        questions.ask_bidder(evaluation, good.pop("bid"), **good, **act)
    elif move == "move":
        motions.move_rejection(evaluation, good.pop("bid"), **good, **act)
    else:
        motion = get_object_or_404(evaluation.motions, pk=number_in(request.POST, "motion"))
        motions.vote(motion, agrees=good["agrees"] == "1", reason=good["reason"], **act)


@open_to("bidder")
@require_safe
def own_questions(request):
    """What committees have asked the acting bidder, what waits for an answer first."""
    rows = BidQuestion.objects.filter(bid__bid__bidder=request.organisation).select_related("evaluation__lot__tender").order_by("-asked_at")
    return render(
        request,
        "trading/evaluation/own_questions.html",
        {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "now": database_now()},
    )


@open_to("bidder")
def question(request, pk):
    """Answer the committee, once and in time."""
    found = get_object_or_404(
        BidQuestion.objects.select_related("evaluation__lot__tender", "proof"), pk=pk, bid__bid__bidder=request.organisation
    )
    now = database_now()
    arithmetic = found.matter == BidQuestion.Matter.ARITHMETIC
    form = (forms.CorrectionForm if arithmetic else forms.BidderAnswerForm)(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            questions.answer_question(found, request.organisation, by=request.user, at=now, **answer_in(form, request, now))
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "答复已提交，评标委员会全体成员可以看到。")
            return redirect("trading:own_questions")
    open_now = not found.answered_at and now <= found.due_at and questions.is_open(found.evaluation)
    rule = TIMES[BidQuestion.Matter(found.matter)]
    return render(
        request, "trading/evaluation/question.html", {"question": found, "form": form, "now": now, "open": open_now, "rule": rule}
    )


def answer_in(form, request, now):
    """What the bidder's form says; its proof is kept with it."""
    good = form.cleaned_data
    proof = good.get("proof")
    proof = proof and store_file(proof, by=request.user, organisation=request.organisation, purpose="bid_answer", at=now)
    accepted = good["accepted"] == "1" if "accepted" in good else None
    return {"answer": good["answer"], "proof": proof, "accepted": accepted}
