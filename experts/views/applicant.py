"""Doors of whoever applies, trains and sits an examination: everybody who has signed in, about themselves."""

from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from experts import rules
from experts.actions import applications as actions
from experts.actions import training
from experts.actions.looks import look_at_proof
from experts.classification import words_of
from experts.forms import REGIONS, ApplicationForm, CertificateForm, EmploymentForm, InterestForm, ProofForm, RecommendationForm
from experts.models import ApplicationCall, AvoidedOrganisation, Course, Exam, ExamAttempt, Expert, ExpertApplication, Proof
from experts.privacy import values_of
from experts.queries import training_of
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to

LISTS = {
    "employment": (EmploymentForm, actions.add_employment, "工作经历已添加。"),
    "certificate": (CertificateForm, actions.add_certificate, "证书已添加。"),
    "interest": (InterestForm, actions.add_interest, "回避单位已添加。"),
}


@open_to("signed_in")
def application(request):
    """One's own application: begin, fill in, attach proofs, hand in, add the employer's recommendation, see the answer."""
    found = actions.running_application(request.user) or ExpertApplication.objects.filter(person=request.user).first()
    move = request.POST.get("move", "") if request.method == "POST" else ""
    if move == "start":
        actions.start_application(by=request.user, at=database_now())
        return redirect("experts:application")
    forms = blank_forms(found)
    if move and found is not None:
        try:
            if work(request, found, move, forms):
                return redirect("experts:application")
        except Refused as refusal:
            show_refusal(forms.get(FORM_OF.get(move, move)), refusal)
    return render(request, "experts/application.html", page_of(request, found, forms))


# Moves that are shown in another's form.
FORM_OF = {"save": "main", "submit": "main"}


def blank_forms(found):
    if found is None:
        return {}
    made = {name: form(prefix=name) for name, (form, _, _) in LISTS.items()}
    made["main"] = ApplicationForm(initial=ApplicationForm.initial_from(found, values_of(found.person)))
    made["proof"], made["recommend"] = ProofForm(prefix="proof"), RecommendationForm(prefix="recommend")
    return made


def show_refusal(form, refusal):
    if form is None:
        raise refusal
    fields = refusal.details.get("fields", {})
    if not fields:
        form.add_refusal(refusal)
    for name, words in fields.items():
        if name in form.fields:
            form.add_error(name, words)
            form.mark(name)
        else:
            form.add_error(None, words)


def work(request, found, move, forms):
    """Carry out one move of the page; False when its form has gaps and is to be shown again."""
    by, now = request.user, database_now()
    if move in ("save", "submit"):
        return save(request, found, move, forms, by, now)
    if move == "remove":
        actions.remove_line(found, request.POST.get("kind"), request.POST.get("line"), by=by)
        return True
    if move == "withdraw":
        actions.withdraw_application(found, by=by, at=now)
        messages.success(request, "申请已撤回，修改后可重新提交。")
        return True
    if move in LISTS:
        made, act, done = LISTS[move]
        form = forms[move] = made(request.POST, prefix=move)
        if form.is_valid():
            act(found, form.cleaned_data, by=by)
            messages.success(request, done)
        return form.is_valid()
    if move == "proof":
        form = forms["proof"] = ProofForm(request.POST, request.FILES, prefix="proof")
        if form.is_valid():
            actions.attach_proof(found, form.cleaned_data["kind"], form.cleaned_data["file"], by=by, at=now)
            messages.success(request, "材料已加密保存。")
        return form.is_valid()
    if move == "recommend":
        form = forms["recommend"] = RecommendationForm(request.POST, request.FILES, prefix="recommend")
        if form.is_valid():
            data = form.cleaned_data
            actions.recommend(found, opinion=data["opinion"], recommender=data["recommender"], uploaded=data["file"], by=by, at=now)
            messages.success(request, "单位推荐已提交，行业主管部门将审核你的申请。")
        return form.is_valid()
    raise Http404


def save(request, found, move, forms, by, now):
    form = forms["main"] = ApplicationForm(request.POST)
    if not form.is_valid():
        return False
    found = actions.save_application(found, form.plain(), form.personal(), by=by)
    if move == "submit":
        actions.submit_application(found, pledged=request.POST.get("pledge") == "1", by=by, at=now)
        messages.success(request, "申请已提交，请上传单位推荐表。")
    else:
        messages.success(request, "已保存，可以随时回来继续填写。")
    return True


def page_of(request, found, forms):
    expert = Expert.objects.filter(person=request.user).first()
    now = database_now()
    day = city_day(now)
    named = dict(REGIONS)
    return {
        "application": found, "forms": forms, "form": forms.get("main"), "expert": expert, "rules": rules,
        "may_start": actions.may_start(request.user, now),
        "steps": steps_of(found) if found else [], "reviews": found.reviews.all() if found else [],
        "proofs": found.proofs.all() if found else [], "required": Proof.REQUIRED,
        "employments": request.user.employments.all(), "certificates": request.user.professional_certificates.all(),
        "interests": [{**row, "label": AvoidedOrganisation.Kind(row["kind"]).label} for row in found.interests] if found else [],
        "specialties": [words_of(code) for code in found.specialties] if found else [],
        "regions": [named.get(code, code) for code in found.regions] if found else [],
        "training": training_of(request.user, day) if found and found.state == ExpertApplication.State.ACCEPTED else None,
        "calls": [(row, [words_of(code) for code in row.specialties]) for row in ApplicationCall.objects.filter(until__gte=day)],
    }  # fmt: skip


def steps_of(found):
    """Where the application stands, as the steps of the page's head."""
    State = ExpertApplication.State
    order = (State.DRAFT, State.SUBMITTED, State.RECOMMENDED, State.ACCEPTED, State.APPOINTED)
    labels = ("填写申请", "单位推荐", "主管部门审核", "培训考试", "聘任")
    place = {State.RETURNED: 0, State.REJECTED: 2}.get(found.state, order.index(found.state) if found.state in order else 0)
    return [
        {"label": label, "state": "done" if at < place or found.state == State.APPOINTED else "now" if at == place else "", "note": ""}
        for at, label in enumerate(labels)
    ]


@open_to("signed_in")
def proof(request, pk):
    """A proof: one's own at once; another's, for who reviews it, with a reason that its owner can read."""
    row = get_object_or_404(Proof.objects.select_related("person", "kept"), pk=pk)
    if row.person_id != request.user.pk and request.method != "POST":
        raise Http404
    pieces = look_at_proof(row, why=request.POST.get("why", ""), by=request.user, at=database_now())
    answer = StreamingHttpResponse(pieces, content_type=row.content_type)
    answer["Content-Disposition"] = content_disposition_header(False, row.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


@open_to("signed_in")
def own_training(request):
    """Courses to join, one's hours, examinations and marks."""
    now = database_now()
    allowed = training.may_train(request.user)
    if request.method == "POST":
        training.enrol(get_object_or_404(Course, pk=request.POST.get("course") or 0), by=request.user, at=now)
        messages.success(request, "已报名。")
        return redirect("experts:training")
    expert = Expert.objects.filter(person=request.user).first()
    mine = request.user.expert_trainings.select_related("course").order_by("-course__starts_at")
    pool = expert.pool if expert else Expert.Pool.CITY
    return render(
        request, "experts/training.html",
        {
            "allowed": allowed, "expert": expert, "mine": mine, "now": now, "today": city_day(now),
            "open": Course.objects.filter(ends_at__gt=now, pool=pool, closed_at=None).exclude(enrolments__person=request.user) if allowed else [],
            "exams": Exam.objects.filter(opens_at__lte=now, closes_at__gt=now) if allowed else [],
            "attempts": request.user.expert_exams.select_related("exam"), "state": training_of(request.user, city_day(now), pool=pool),
        },
    )  # fmt: skip


@open_to("signed_in")
def exam(request, pk):
    """Before, during and after one examination."""
    row, now = get_object_or_404(Exam, pk=pk), database_now()
    attempts = list(row.attempts.filter(person=request.user))
    running = next((each for each in attempts if each.submitted_at is None), None)
    left = rules.ATTEMPTS.maximum - len(attempts)
    passed = any(each.passed for each in attempts)
    return render(
        request, "experts/exam.html",
        {"exam": row, "attempt": running, "attempts": attempts, "now": now, "left": left, "pass_mark": rules.PASS_MARK,
         "may_start": not running and not passed and left > 0 and row.is_open(now) and training.may_train(request.user)},
    )  # fmt: skip


@open_to("signed_in")
@require_POST
def sit_exam(request, pk):
    """Draw a paper, or hand one in."""
    row, now = get_object_or_404(Exam, pk=pk), database_now()
    if request.POST.get("move") == "start":
        training.start_attempt(row, by=request.user, at=now)
    else:
        attempt = get_object_or_404(ExamAttempt, exam=row, person=request.user, submitted_at=None)
        answers = [places(request.POST.getlist(f"q{number}"), line) for number, line in enumerate(attempt.paper)]
        training.submit_attempt(attempt, answers, by=request.user, at=now)
        messages.success(request, "试卷已提交，成绩已生效。")
    return redirect("experts:exam", pk)


def places(values, line):
    """The chosen options, of those there are."""
    return sorted({int(value) for value in values if value.isdigit() and int(value) < len(line["options"])})
