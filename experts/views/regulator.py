"""Doors of the sector's regulator: applications, appointments, changes, conduct, the year."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.stepup import official_act
from experts import rules, worklists
from experts.actions import adjustment, appointment, changes, conduct
from experts.actions.applications import review_application
from experts.actions.looks import NEEDED, look_at
from experts.classification import SECOND, words_of
from experts.forms import (
    BasisForm,
    BatchLineForm,
    ConductForm,
    DecisionForm,
    DismissForm,
    LookForm,
    ReasonForm,
    ReviewForm,
    SanctionForm,
    SuspendForm,
    WithdrawForm,
)
from experts.models import (
    AdjustmentBatch,
    AdjustmentLine,
    AvoidedOrganisation,
    ChangeRequest,
    Expert,
    ExpertApplication,
    SpotCheck,
)
from experts.privacy import FIELDS
from experts.queries import applications_for, training_of
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to

PAGE = 20


@open_to("supervisor")
@require_safe
def desk(request):
    """What waits for the regulator: applications, appointments, changes, spot checks; who is suspended; the year's assessment and adjustment."""
    office, now = request.organisation, database_now()
    day = city_day(now)
    in_pool = Expert.objects.in_pool().filter(sector__in=office.sectors)
    ready = [(row, training_of(row.person, day)) for row in worklists.accepted(office)[:PAGE]]
    return render(
        request, "experts/regulator_desk.html",
        {
            "reviews": worklists.to_review(office)[:PAGE], "ready": ready, "changes": worklists.changes_waiting(office)[:PAGE],
            "suspended": in_pool.filter(state=Expert.State.SUSPENDED).select_related("person")[:PAGE], "today": day,
            "untrained": in_pool.filter(state=Expert.State.ACTIVE, trained_until__lt=day).select_related("person")[:PAGE],
            "village": in_pool.filter(state=Expert.State.TRAINING).count(), "year": day.year - 1,
            "unassessed": in_pool.exclude(yearly_assessments__year=day.year - 1).count(), "count": in_pool.count(),
            "batch": AdjustmentBatch.objects.filter(organisation=office, year=day.year).first(),
            "checks": [(row, row.concluded_at is None and now > row.check_of.due_at) for row in worklists.checks_open(office)[:PAGE]],
            "check": SpotCheck.objects.filter(regulator=office, year=day.year - 1).first(), "ratings": worklists.open_ratings(office, request.user).count(),
        },
    )  # fmt: skip


def application_named(pk):
    found = ExpertApplication.objects.select_related("person").filter(pk=pk).first()
    return f"{found.person.name}的评标专家申请（第 {pk} 号）" if found else f"第 {pk} 号评标专家申请"


OUTCOMES = {
    "accepted": "评标专家申请审核通过",
    "returned": "退回评标专家申请",
    "rejected": "不予通过评标专家申请",
    "appoint": "聘任评标专家",
}


@open_to("supervisor")
@official_act(OUTCOMES, target=application_named, field="outcome")
def review(request, pk):
    """One application with all it states; its review, and after training and exam the appointment."""
    row = get_object_or_404(applications_for(request.organisation), pk=pk)
    now = database_now()
    form = ReviewForm(request.POST if request.method == "POST" and request.POST.get("outcome") != "appoint" else None)
    if request.method == "POST":
        try:
            if request.POST.get("outcome") == "appoint":
                expert = appointment.appoint(row, by=request.user, at=now)
                messages.success(request, f"已聘任，专家编号 {expert.number}。")
                return redirect("experts:expert", expert.number)
            if form.is_valid():
                review_application(row, **form.cleaned_data, by=request.user, at=now)
                messages.success(request, "审核结果已登记并通知申请人。")
                return redirect("experts:regulator_desk")
        except Refused as refusal:
            if not form.is_bound:
                raise
            form.add_refusal(refusal)
    return render(request, "experts/review.html", {"form": form, **review_page(row, now)})


def review_page(row, now):
    return {
        "application": row, "specialties": [words_of(code) for code in row.specialties], "proofs": row.proofs.all(),
        "employments": row.person.employments.all(), "certificates": row.person.professional_certificates.all(), "reviews": row.reviews.all(),
        "interests": [{**each, "label": AvoidedOrganisation.Kind(each["kind"]).label} for each in row.interests], "look_form": LookForm(),
        "needed": [FIELDS[name] for name in NEEDED[Organisation.Kind.REGULATOR]], "rules": rules,
        "years": rules.years_between(row.working_since, city_day(now)) if row.working_since else 0,
        "training": training_of(row.person, city_day(now)) if row.state == ExpertApplication.State.ACCEPTED else None,
    }  # fmt: skip


@open_to("supervisor", "staff")
@require_POST
def look(request, pk):
    """Show what the office's task needs of a person's protected data, after the look was recorded with its reason."""
    person = get_object_or_404(ExpertApplication.objects.exclude(state="draft").select_related("person"), pk=pk).person
    return shown(request, person)


@open_to("supervisor", "staff")
@require_POST
def look_at_expert(request, number):
    return shown(request, get_object_or_404(Expert.objects.select_related("person"), number=number).person)


def shown(request, person):
    form = LookForm(request.POST)
    if not form.is_valid():
        raise Refused("no_reason", "请写明查看事由，本人可以看到。", status=400)
    values = look_at(person, why=form.cleaned_data["why"], by=request.user, at=database_now())
    answer = render(request, "experts/looked.html", {"person": person, "values": values, "why": form.cleaned_data["why"]})
    answer["Cache-Control"] = "no-store"
    return answer


@open_to("supervisor", "staff")
@require_safe
def experts(request):
    """The roster an office looks after."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "state", "specialty", "pool")}
    rows = worklists.roster(
        request.organisation, question=asked["q"], state=asked["state"], specialty=asked["specialty"], pool=asked["pool"]
    )
    return render(
        request, "experts/experts.html",
        {"page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "asked": asked, "states": Expert.State.choices,
         "pools": Expert.Pool.choices, "specialties": [(code, f"{code} {name}") for code, name in SECOND.items()]},
    )  # fmt: skip


MOVES = {
    "suspend": "暂停评标专家资格", "restore": "恢复评标专家资格", "dismiss": "解聘评标专家", "decease": "登记专家去世", "conduct": "记入专家行为",
    "withdraw": "撤销专家行为记录", "publish": "公开专家处理决定", "activate": "启用村级评审人员", "untrained": "暂停未达标专家",
}  # fmt: skip
FORMS = {
    "suspend": SuspendForm, "restore": ReasonForm, "dismiss": DismissForm, "decease": ReasonForm, "conduct": ConductForm,
}  # fmt: skip
SHOWN = [code for code, rule in rules.CONDUCT.items() if rule.display_months]


def forms_for(row, move, posted):
    """A form for each move that asks for one; the posted one is bound."""
    standing = row.conduct.filter(withdrawn_at=None)
    made = {name: form(posted if move == name else None, prefix=name) for name, form in FORMS.items()}
    made["withdraw"] = WithdrawForm(posted if move == "withdraw" else None, prefix="withdraw", records=standing)
    made["publish"] = SanctionForm(
        posted if move == "publish" else None, prefix="publish", records=standing.filter(published_at=None, code__in=SHOWN)
    )
    return made


def expert_named(number):
    found = Expert.objects.select_related("person").filter(number=number).first()
    return f"{found.person.name}（{number}）" if found else f"专家 {number}"


@open_to("supervisor", "staff")
@official_act(MOVES, target=expert_named)
def expert(request, number):
    """One expert's file; the regulator of the sector acts here, the centre reads."""
    row = get_object_or_404(worklists.roster(request.organisation), number=number)
    move, now = request.POST.get("move", ""), database_now()
    forms = forms_for(row, move, request.POST)
    if request.method == "POST":
        if move not in MOVES or "supervisor" not in request.audiences:
            raise Http404
        try:
            if move not in forms or forms[move].is_valid():
                act(row, move, dict(forms[move].cleaned_data) if move in forms else {}, by=request.user, at=now)
                messages.success(request, f"{MOVES[move]}：已办理。")
                return redirect("experts:expert", number)
        except Refused as refusal:
            if move not in forms:
                raise
            forms[move].add_refusal(refusal)
    return render(request, "experts/expert.html", expert_page(request, row, forms, move, now))


def act(row, move, data, *, by, at):
    """One move on an expert's file."""
    subject = data.pop("record", row)
    {
        "suspend": appointment.suspend, "restore": appointment.restore, "dismiss": appointment.dismiss, "decease": appointment.register_death,
        "conduct": conduct.record_conduct, "activate": appointment.activate, "untrained": conduct.suspend_untrained,
        "withdraw": conduct.withdraw_conduct, "publish": conduct.publish_sanction,
    }[move](subject, **data, by=by, at=at)  # fmt: skip


def expert_page(request, row, forms, move, now):
    day = city_day(now)
    return {
        "expert": row, "today": day, "forms": forms, "form": forms.get(move), "move": move,
        "acting": "supervisor" in request.audiences and row.sector in request.organisation.sectors,
        "specialties": [words_of(code) for code in row.specialties], "employments": row.person.employments.all(), "avoided": row.avoided.all(),
        "suspensions": row.suspensions.all()[:10], "departures": row.departures.all(), "conduct": row.conduct.select_related("decision")[:50],
        "assessments": row.assessments.exclude(closed_at=None)[:20], "years": row.yearly_assessments.all()[:10],
        "trainings": row.person.expert_trainings.select_related("course")[:20], "attempts": row.person.expert_exams.select_related("exam")[:20],
        "training": training_of(row.person, day, pool=row.pool), "look_form": LookForm(), "shown_codes": [
            code for code, rule in rules.CONDUCT.items() if rule.display_months
        ],
        "changes": row.changes.all()[:20], "liability": rules.LIABILITY,
        "needed": [FIELDS[name] for name in NEEDED[Organisation.Kind.CENTRE if "staff" in request.audiences else Organisation.Kind.REGULATOR]],
    }  # fmt: skip


def change_named(pk):
    found = ChangeRequest.objects.select_related("expert__person").filter(pk=pk).first()
    return f"{found.expert.person.name}的{found.get_kind_display()}变更（第 {pk} 号）" if found else f"第 {pk} 号专家信息变更"


@open_to("supervisor")
@official_act({"1": "同意专家信息变更", "0": "不同意专家信息变更"}, target=change_named, field="approved")
def decide_change(request, pk):
    row = get_object_or_404(
        ChangeRequest.objects.select_related("expert__person", "proof"), pk=pk, expert__sector__in=request.organisation.sectors
    )
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changes.decide_change(row, form.cleaned_data["approved"] == "1", form.cleaned_data["words"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "审核结果已登记并通知专家。")
            return redirect("experts:regulator_desk")
    return render(request, "experts/decide_change.html", {"change": row, "form": form, "lines": change_lines(row)})


def change_lines(row):
    """What is to change, before and after."""
    Kind, expert, data = ChangeRequest.Kind, row.expert, row.data
    if row.kind == Kind.EMPLOYER:
        return [("工作单位", f"{expert.employer or '未填写'}", f"{data['employer']} {data['uscc']}")]
    if row.kind == Kind.TITLE:
        return [("职称", expert.title or "未填写", data["title"])]
    if row.kind == Kind.SPECIALTY:
        return [("评标专业", "、".join(map(words_of, expert.specialties)), "、".join(map(words_of, data["specialties"])))]
    return [("回避单位", "", f"{data['organisation']} {data['uscc']}（{AvoidedOrganisation.Kind(data['kind']).label}）")]


@open_to("supervisor")
@require_POST
@official_act("作出年度考核", target="本行业全部在库专家")
def assess_year(request):
    year = city_day(database_now()).year - 1
    count = conduct.assess_all(request.organisation, year, by=request.user, at=database_now())
    messages.success(request, f"{year} 年度考核已作出，共 {count} 人。")
    return redirect("experts:regulator_desk")


BATCH = {"open": None, "add": None, "line": None, "remove": None, "decide": "决定专家库年度集中调整"}


@open_to("supervisor")
@official_act(BATCH, target="本年度集中调整")
def batch(request):
    """The year's one adjustment: who is taken in, given other specialties, or removed; decided at once."""
    office, now, move = request.organisation, database_now(), request.POST.get("move", "")
    found = AdjustmentBatch.objects.filter(organisation=office, year=city_day(now).year).first()
    line, basis = BatchLineForm(request.POST if move == "line" else None), BasisForm(request.POST if move == "decide" else None)
    if request.method == "POST":
        try:
            if adjust(request, found, move, line, basis, now):
                return redirect("experts:batch")
        except Refused as refusal:
            if move not in ("line", "decide"):
                raise
            (line if move == "line" else basis).add_refusal(refusal)
    listed = found.lines.select_related("expert__person", "application__person") if found else []
    proposed = [row.application_id for row in listed if row.application_id]
    page = Paginator(worklists.accepted(office).exclude(pk__in=proposed), PAGE).get_page(request.GET.get("page"))
    ready = [(row, training_of(row.person, city_day(now))) for row in page]
    return render(
        request, "experts/batch.html",
        {
            "batch": found, "lines": [(row, [words_of(code) for code in row.specialties]) for row in listed], "line_form": line, "basis_form": basis,
            "form": line if move == "line" else basis, "ready": ready, "page": page, "year": city_day(now).year, "rule": rules.ONE_BATCH,
            "earlier": AdjustmentBatch.objects.filter(organisation=office).exclude(decided_at=None)[:10],
        },
    )  # fmt: skip


def adjust(request, found, move, line, basis, now):
    """Carry out one move; False when its form has gaps."""
    by = request.user
    if move == "open":
        adjustment.open_batch(request.organisation, by=by, at=now)
        return True
    if found is None or move not in BATCH:
        raise Http404
    if move == "add":
        row = get_object_or_404(worklists.accepted(request.organisation), pk=request.POST.get("application") or 0)
        adjustment.add_line(found, AdjustmentLine.Kind.ADD, application=row, by=by, at=now)
        return True
    if move == "remove":
        adjustment.remove_batch_line(get_object_or_404(found.lines, pk=request.POST.get("line") or 0), by=by, at=now)
        return True
    form = line if move == "line" else basis
    if not form.is_valid():
        return False
    if move == "line":
        codes = line.specialties() if line.cleaned_data["kind"] == "specialty" else []
        if line.cleaned_data["kind"] == "specialty" and not codes:
            raise Refused("no_specialty", "请选择主专业。", field="specialty_1", status=400)
        adjustment.add_line(
            found, line.cleaned_data["kind"], expert=line.expert, specialties=codes, reason=line.cleaned_data["reason"], by=by, at=now
        )
        messages.success(request, "已列入本次调整。")
    else:
        adjustment.decide_batch(found, basis.cleaned_data["basis"], by=by, at=now)
        messages.success(request, "年度集中调整已决定并生效。")
    return True
