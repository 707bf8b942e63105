"""Doors of the centre (and, for training, of regulators): collection, courses, the question bank, examinations, batches."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from experts import rules
from experts.actions import sharing, training
from experts.actions.adjustment import call_for_applications
from experts.classification import THIRD, words_of
from experts.forms import CallForm, CourseForm, ExamForm, ImportForm, QuestionForm, ShareForm
from experts.models import ApplicationCall, Course, Exam, Expert, ExpertApplication, PoolExchange, Question, Topic
from experts.permissions import may_organise
from experts.queries import gaps
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to

PAGE = 20
LARGEST = 5 * 1024 * 1024


@open_to("staff")
@require_safe
def desk(request):
    """Collection by need, courses, examinations, batches: what the centre does for the pool."""
    now = database_now()
    day = city_day(now)
    short = [gap for gap in gaps(now) if gap.is_short and len(gap.code) > 3]
    pool = Expert.objects.in_pool()
    return render(
        request, "experts/centre_desk.html",
        {
            "short": short[:8], "short_count": len(short), "calls": ApplicationCall.objects.filter(until__gte=day), "courses": Course.objects.all()[:8],
            "exams": Exam.objects.all()[:8], "questions": Question.objects.filter(active=True).count(), "now": now,
            "active": pool.filter(state=Expert.State.ACTIVE, pool=Expert.Pool.CITY).count(),
            "village": pool.filter(pool=Expert.Pool.VILLAGE).count(), "waiting": pool.filter(state=Expert.State.TRAINING).count(),
            "applicants": ExpertApplication.objects.filter(state=ExpertApplication.State.ACCEPTED).count(),
            "exchanges": PoolExchange.objects.all()[:5],
        },
    )  # fmt: skip


@open_to("staff", "supervisor")
def gap_report(request):
    """Which specialties are short, and the call for applications that answers it."""
    now = database_now()
    rows = gaps(now)
    form = CallForm(request.POST or None, initial={"specialties": [gap.code for gap in rows if gap.is_short], "title": "评标专家征集公告"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            call = call_for_applications(data["title"], data["specialties"], data["text"], data["until"], by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{call.number} 已公开，申请人可在线报名。")
            return redirect("experts:gaps")
    known = {gap.code for gap in rows}
    return render(
        request, "experts/gaps.html",
        {"rows": rows, "form": form, "rule": rules.SHORT, "empty": [words_of(code) for code in THIRD if code not in known],
         "calls": [(row, [words_of(code) for code in row.specialties]) for row in ApplicationCall.objects.all()[:10]], "today": city_day(now)},
    )  # fmt: skip


@open_to("staff", "supervisor")
def new_course(request):
    return made(request, CourseForm, training.create_course, "experts/new_course.html", "培训已公布。", "experts:course")


@open_to("staff", "supervisor")
def new_exam(request):
    counts = {kind.label: Question.objects.filter(active=True, kind=kind).count() for kind in Question.Kind}
    return made(
        request,
        ExamForm,
        training.create_exam,
        "experts/new_exam.html",
        "考试已公布。",
        "experts:exam_results",
        counts=counts,
        rule=rules.PASS_MARK,
    )


def made(request, form_class, act, template, done, target, **context):
    """A page that makes one row out of one form, and leads to its page."""
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = act(form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, done)
            return redirect(target, row.pk)
    return render(request, template, {"form": form, **context})


@open_to("staff", "supervisor")
def course(request, pk):
    """One course: who is in it, the hours each attended, its end."""
    row, now = get_object_or_404(Course.objects.select_related("organiser"), pk=pk), database_now()
    refusal = None
    if request.method == "POST":
        try:
            move = request.POST.get("move")
            if move == "pool":
                messages.success(request, f"已列入 {training.enrol_pool(row, by=request.user, at=now)} 人并通知。")
            else:
                training.record_attendance(row, hours_typed(request, row), by=request.user, at=now)
                if move == "close":
                    training.close_course(row, by=request.user, at=now)
                messages.success(request, "培训已结束，结果已生效。" if move == "close" else "出勤已保存。")
            return redirect("experts:course", pk)
        except Refused as wrong:
            refusal = wrong
    rows = [(each, request.POST.get(f"hours_{each.pk}", f"{each.hours.normalize():f}")) for each in row.enrolments.select_related("person")]
    return render(
        request, "experts/course.html", {"course": row, "rows": rows, "now": now, "refusal": refusal, "topics": topics_of(row),
         "open": not row.closed_at and may_organise(row.organiser, request.user)},
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def topics_of(row):

    return [Topic(each).label for each in row.topics]


def hours_typed(request, row):
    found = {}
    for each in row.enrolments.all():
        try:
            value = Decimal(request.POST.get(f"hours_{each.pk}", "").strip() or "0")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise Refused("bad_hours", "出勤学时应为数字。", status=400)
        found[each.pk] = value
    return found


@open_to("staff", "supervisor")
def questions(request):
    """The question bank: what there is, a new one, and taking one out of use."""
    form = QuestionForm(request.POST if request.POST.get("move") == "add" else None)
    if request.method == "POST":
        try:
            if request.POST.get("move") == "retire":
                training.retire_question(
                    get_object_or_404(Question, pk=request.POST.get("question") or 0), by=request.user, at=database_now()
                )
                return redirect("experts:questions")
            if form.is_valid():
                training.add_question(form.cleaned_data, by=request.user, at=database_now())
                messages.success(request, "试题已入库。")
                return redirect("experts:questions")
        except Refused as refusal:
            form.add_refusal(refusal)
    page = Paginator(Question.objects.filter(active=True), PAGE).get_page(request.GET.get("page"))
    return render(request, "experts/questions.html", {"page": page, "form": form})


@open_to("staff", "supervisor")
@require_safe
def exam_results(request, pk):
    row = get_object_or_404(Exam.objects.select_related("organiser"), pk=pk)
    rows = row.attempts.exclude(submitted_at=None).select_related("person").order_by("-submitted_at")
    passed = rows.filter(passed=True).count()
    return render(
        request,
        "experts/exam_results.html",
        {"exam": row, "page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "passed": passed},
    )


@open_to("staff")
def exchanges(request):
    """Batches taken over, with the report of each row, and the shared list."""
    form, share = ImportForm(request.POST or None, request.FILES or None), ShareForm(prefix="share")
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["file"]
        try:
            if uploaded.size > LARGEST:
                raise Refused("too_large", "文件超过 5 MB。", field="file", status=400)
            row = sharing.import_pool(
                uploaded.read(), name=uploaded.name, partner=form.cleaned_data["partner"], by=request.user, at=database_now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("experts:exchange", row.pk)
    rows = Paginator(PoolExchange.objects.select_related("by"), PAGE).get_page(request.GET.get("page"))
    shared = Expert.objects.active().filter(shared=True, source="").count()
    return render(
        request, "experts/exchanges.html", {"form": form, "share": share, "page": rows, "shared": shared, "columns": sharing.COLUMNS}
    )


@open_to("staff")
@require_POST
@official_act("共享评标专家名单", target="同意共享的在库专家")
def share(request):
    form = ShareForm(request.POST, prefix="share")
    if not form.is_valid():
        raise Refused("incomplete", "请填写接收方和共享依据。", status=400)
    row, data = sharing.share_pool(**form.cleaned_data, by=request.user, at=database_now())
    return sent(data, row.name)


@open_to("staff")
@require_safe
def import_template(request):
    head = ",".join(sharing.COLUMNS)
    return sent(f"\ufeff{head}\r\n".encode(), "评标专家导入模板.csv")


def sent(data, name):
    answer = HttpResponse(data, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@open_to("staff")
@require_safe
def exchange(request, pk):
    """What became of each row of a batch."""
    return render(request, "experts/exchange.html", {"exchange": get_object_or_404(PoolExchange.objects.select_related("by"), pk=pk)})
