"""The register: for everybody, at the agency's own desk, and at the centre's."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Duty, Organisation
from accounts.permissions import is_member
from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import (
    AgencyComplaint,
    AgencyProfile,
    AgencyRequest,
    AgencyStaff,
    ControlPaper,
    Course,
    CourseAttendance,
    Inspection,
    Restriction,
)
from agencies.queries import (
    assessments_counted,
    counts_by_agency,
    historic_grades,
    ranking,
    restriction_of,
    staff_of,
    statistics,
)
from agencies.rules import FREE_CHOICE, FREE_CHOICE_PURCHASES, NO_LICENCE, RANKED_FROM, RANKING, RATING
from agencies.views.filling import fill_in
from documents.actions import store_file
from reception.entry_rules import rules_for
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to

LAW = (FREE_CHOICE, FREE_CHOICE_PURCHASES, NO_LICENCE)


def today():
    return city_day(database_now())


@open_to("public")
@require_safe
def register(request):
    """Everybody's register, with what it does not mean."""
    on, form = today(), forms.SearchForm(request.GET)
    rows = AgencyProfile.objects.listed().select_related("agency")
    wanted = form.cleaned_data if form.is_valid() else {}
    if question := wanted.get("q", "").strip():
        rows = rows.filter(Q(agency__name__icontains=question) | Q(agency__uscc=question.upper()))
    if service := wanted.get("service"):
        rows = rows.filter(services__contains=[service])
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    counts, stopped = counts_by_agency(), set(Restriction.objects.in_force(on).values_list("agency_id", flat=True))
    selections = AgencyRequest.objects.exclude(chosen_at=None).exclude(way=AgencyRequest.Way.DIRECT)
    return render(
        request, "agencies/register.html",
        {
            "nav": "agencies", "page": page, "form": form, "law": LAW, "figures": statistics(on), "grades": historic_grades(),
            "rows": [{"profile": row, "tenders": counts.get(row.agency_id, 0), "stopped": row.agency_id in stopped} for row in page],
            "selections": selections.select_related("owner", "agency", "draw")[:8],
        },
    )  # fmt: skip


@open_to("public")
@require_safe
def ranks(request):
    """The ranking with what made it."""
    return render(
        request,
        "agencies/ranking.html",
        {"nav": "agencies", "rows": ranking(today()), "rule": RANKING, "rating": RATING, "least": RANKED_FROM},
    )


@open_to("public")
@require_safe
def agency(request, uscc):
    """One agency as everybody may see it."""
    profile = get_object_or_404(AgencyProfile.objects.select_related("agency"), agency__uscc=uscc, checked_at__isnull=False)
    on, found = today(), profile.agency
    outcomes = found.agency_complaints.filter(state=AgencyComplaint.State.DECIDED).values_list("outcome", flat=True)
    return render(
        request, "agencies/agency.html",
        {
            "nav": "agencies", "profile": profile, "agency": found, "staff": staff_of(found, on), "law": LAW,
            "papers": found.control_papers.filter(state=ControlPaper.State.ACCEPTED), "restriction": restriction_of(found, on),
            "complaints": outcomes, "founded": sum(each != AgencyComplaint.Outcome.UNFOUNDED for each in outcomes),
            "assessments": assessments_counted(found, on), "tenders": counts_by_agency().get(found.pk, 0),
            "inspections": found.agency_inspections.filter(state=Inspection.State.CONCLUDED).select_related("notice", "regulator", "draw"),
            "place": next((row for row in ranking(on) if row["agency"] == found), None),
        },
    )  # fmt: skip


@open_to("agency")
def own(request):
    """The agency's own page in the register: what it says of itself, its people, papers, training."""
    organisation, on = request.organisation, today()
    profile = AgencyProfile.objects.filter(agency=organisation).first()
    form = forms.ProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_profile(organisation, form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已保存。")
            return redirect("agencies:own")
    courses = Course.objects.filter(held_on__gte=on)
    return render(
        request, "agencies/own.html",
        {
            "profile": profile, "form": form, "staff": staff_of(organisation, on), "staff_form": forms.StaffForm(agency=organisation, auto_id="staff_%s"),
            "papers": organisation.control_papers.select_related("file"), "restriction": restriction_of(organisation, on), "rules": rules_for([Organisation.Kind.AGENCY], on)[0].articles,
            "courses": [{"course": row, "form": forms.SignUpForm(agency=organisation, course=row, auto_id=f"course{row.pk}_%s")} for row in courses],
            "results": CourseAttendance.objects.filter(staff__agency=organisation).select_related("course", "staff__person")[:50],
            "may_submit": is_member(request.user, organisation, Duty.MANAGER),
        },
    )  # fmt: skip


@open_to("agency")
@require_POST
@official_act("签署入场规则并提交代理机构登记", target="本单位代理机构登记")
def submit(request):
    actions.submit_profile(request.organisation, by=request.user, at=database_now())
    messages.success(request, "登记已提交，交易中心核对后公示。")
    return redirect("agencies:own")


@open_to("agency")
@official_act("退出代理机构名册", target="本单位代理机构登记")
def leave(request):
    form = forms.ReasonForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.leave_register(request.organisation, form.cleaned_data["reason"], by=request.user, at=database_now()),
        title="退出名册", button="退出名册", done="已退出名册。", back="agencies:own", crumbs=[("机构登记", "agencies:own")],
        notes="退出后不再参加随机抽取和竞争性遴选；委托人仍可依法自行选择你单位。正在办理的业务不受影响。",
    )  # fmt: skip


@open_to("agency")
@require_POST
def add_staff(request):
    form = forms.StaffForm(request.POST, agency=request.organisation)
    if not form.is_valid():
        raise Refused("incomplete", "请选择人员并填写职务。", next_step="请返回“机构登记”重新填写。", status=400)
    actions.add_staff(request.organisation, form.cleaned_data["person"], form.cleaned_data["title"], by=request.user)
    messages.success(request, "人员已登记。")
    return redirect("agencies:own")


@open_to("agency")
@require_POST
def end_staff(request, pk):
    actions.end_staff(get_object_or_404(AgencyStaff, pk=pk, agency=request.organisation), by=request.user, at=database_now())
    messages.success(request, "已登记离岗。")
    return redirect("agencies:own")


@open_to("agency")
@official_act("申报内控材料", target="本单位内控材料")
def declare_paper(request):
    form = forms.PaperForm(request.POST or None, request.FILES or None)

    def do(form):
        now, data = database_now(), form.cleaned_data
        file = store_file(data["file"], by=request.user, organisation=request.organisation, purpose="agency", at=now)
        actions.declare_control_paper(request.organisation, data["kind"], data["statement"], file, by=request.user, at=now)

    return fill_in(
        request, form, do, title="申报内控材料", button="申报", done="内控材料已申报，等待核查。", back="agencies:own", crumbs=[("机构登记", "agencies:own")],
        notes="由你单位自行申报并对真实性负责，交易中心核查后公开事项和执行情况，不公开文件。",
    )  # fmt: skip


@open_to("agency")
@require_POST
def sign_up(request, pk):
    course = get_object_or_404(Course, pk=pk)
    form = forms.SignUpForm(request.POST, agency=request.organisation, course=course)
    if not form.is_valid():
        raise Refused("incomplete", "请选择参加人员。", next_step="请返回“机构登记”重新选择。", status=400)
    actions.sign_up(course, form.cleaned_data["staff"], by=request.user, at=database_now())
    messages.success(request, "已报名。")
    return redirect("agencies:own")


@open_to("staff")
@require_safe
def desk(request):
    """What waits at the centre, and all agencies."""
    waiting = AgencyProfile.objects.filter(state=AgencyProfile.State.SUBMITTED).select_related("agency")
    papers = ControlPaper.objects.filter(state=ControlPaper.State.DECLARED).select_related("agency", "file")
    rows = AgencyProfile.objects.exclude(state=AgencyProfile.State.DRAFT, checked_at=None).select_related("agency")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    on = today()
    return render(
        request, "agencies/desk.html",
        {
            "waiting": waiting, "papers": papers, "page": page, "figures": statistics(on),
            "stopped": set(Restriction.objects.in_force(on).values_list("agency_id", flat=True)),
        },
    )  # fmt: skip


def agency_named(uscc):
    found = Organisation.objects.filter(uscc=uscc).first()
    return f"代理机构“{found.name}”" if found else f"代理机构 {uscc}"


@open_to("staff")
@official_act("核对代理机构登记", target=agency_named)
def check(request, uscc):
    profile = get_object_or_404(
        AgencyProfile.objects.select_related("agency").exclude(state=AgencyProfile.State.DRAFT, checked_at=None), agency__uscc=uscc
    )
    if profile.state != AgencyProfile.State.SUBMITTED and request.method == "GET":
        return redirect("agencies:agency", uscc)
    form = forms.CheckForm(request.POST or None)
    people = "、".join(f"{each['row'].person.name}（{each['row'].title}）" for each in staff_of(profile.agency, today()))
    return fill_in(
        request, form,
        lambda form: actions.check_profile(profile, form.cleaned_data["accepted"], form.cleaned_data["opinion"], by=request.user, at=database_now()),
        title=f"核对登记：{profile.agency.name}", button="登记核对结果", done="核对结果已登记。", back="agencies:desk",
        crumbs=[("代理机构管理", "agencies:desk")], notes=f"只核对内容是否完整、属实，不作资格审批（{NO_LICENCE.source}）。",
        facts=[
            ("统一社会信用代码", profile.agency.uscc), ("业务类型", profile.service_names()), ("历史资格等级", profile.get_historic_grade_display() or "未填"),
            ("业务简介", profile.introduction or "未填"), ("从业人员", people or "没有登记"),
        ],
    )  # fmt: skip


def paper_named(pk):
    found = ControlPaper.objects.select_related("agency").filter(pk=pk).first()
    return f"{found.agency.name}的“{found.get_kind_display()}”" if found else f"第 {pk} 号内控材料"


@open_to("staff")
@official_act("核查内控材料", target=paper_named)
def check_paper(request, pk):
    row = get_object_or_404(ControlPaper.objects.select_related("agency", "file"), pk=pk)
    form = forms.CheckForm(request.POST or None, yes="已核查，予以公开")
    return fill_in(
        request, form,
        lambda form: actions.check_control_paper(row, form.cleaned_data["accepted"], form.cleaned_data["opinion"], by=request.user, at=database_now()),
        title=f"核查内控材料：{row.agency.name}", button="登记核查结果", done="核查结果已登记。", back="agencies:desk",
        crumbs=[("代理机构管理", "agencies:desk")], facts=[("事项", row.get_kind_display()), ("执行情况", row.statement), ("材料", row.file)],
    )  # fmt: skip


@open_to("staff")
@require_safe
def courses(request):
    page = Paginator(Course.objects.prefetch_related("attendances"), 20).get_page(request.GET.get("page"))
    return render(request, "agencies/courses.html", {"page": page, "today": today()})


@open_to("staff")
@official_act("发布代理机构培训", target="新的培训")
def new_course(request):
    form = forms.CourseForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.hold_course(form.cleaned_data, by=request.user, at=database_now()), title="发布培训", button="发布",
        done="培训已发布，代理机构可以报名。", back="agencies:courses", crumbs=[("培训与考试", "agencies:courses")],
    )  # fmt: skip


@open_to("staff")
@require_safe
def course(request, pk):
    """Who comes to a course, and with which result."""
    row = get_object_or_404(Course, pk=pk)
    rows = row.attendances.select_related("staff__agency", "staff__person")
    return render(request, "agencies/course.html", {"course": row, "rows": rows, "held": row.held_on <= today()})


@open_to("staff")
@official_act("登记培训成绩", target="第 {pk} 号报名")
def result(request, pk):
    row = get_object_or_404(CourseAttendance.objects.select_related("course", "staff__person", "staff__agency"), pk=pk)
    if row.recorded_at is not None and request.method == "GET":
        raise Http404
    form = forms.ResultForm(request.POST or None)
    return fill_in(
        request, form,
        lambda form: actions.record_result(row, form.cleaned_data["attended"], form.cleaned_data["mark"], by=request.user, at=database_now()),
        title="登记培训成绩", button="登记成绩", done="成绩已登记。", back="agencies:courses", crumbs=[("培训与考试", "agencies:courses")],
        facts=[("培训", row.course.title), ("人员", f"{row.staff.person.name}（{row.staff.agency.name}）"), ("合格分", row.course.pass_mark)],
        notes="成绩登记后不能更改。",
    )  # fmt: skip
