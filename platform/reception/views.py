"""Doors for people and organisations: signing in, registering, reviewing."""

import pyotp
import segno
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Membership, Organisation, Person
from accounts.permissions import needs_second_factor
from accounts.stepup import official_act
from documents.actions import store_file
from ledger.alarms import NAMES, open_alarms
from reception import actions, forms
from reception.entry_rules import VERSIONS, text_of
from reception.models import MobileCode
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to
from web.safe import safe_target


def safe_next(request):
    return safe_target(request, request.POST.get("next") or request.GET.get("next"))


def locked_out(request, credentials, *args, **kwargs):
    return render(request, "reception/locked_out.html", status=429)


@open_to("public")
@never_cache
@ensure_csrf_cookie
@sensitive_post_parameters("password")
def sign_in(request):
    """Password first; who has an authenticator or a passkey is then asked for it before the session is theirs."""
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = authenticate(request, username=form.cleaned_data["mobile"].strip(), password=form.cleaned_data["password"])
        if person is None:
            form.add_error(None, "手机号或密码不对。连续输错 5 次将锁定 15 分钟。")
        elif person.has_totp or person.has_passkey:
            request.session["half"] = {"person": person.pk, "next": safe_next(request)}
            return redirect("accounts:second_step")
        else:
            return enter(request, person, safe_next(request))
    return render(request, "reception/sign_in.html", {"form": form, "next": safe_next(request)})


def enter(request, person, target, **shown):
    """The session becomes the person's, under a new id; `shown` says what they signed in with beside the password."""
    request.session.pop("half", None)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session.update(shown)
    return redirect(target or "web:desk")


@open_to("public")
@never_cache
@ensure_csrf_cookie
def second_step(request):
    half = request.session.get("half")
    if half is None:
        return redirect("accounts:sign_in")
    person = get_object_or_404(Person, pk=half["person"], is_active=True)
    form = forms.TotpForm(request.POST or None)
    if request.method == "POST" and person.has_totp and form.is_valid():
        try:
            right = actions.check_totp(person, form.cleaned_data["code"], at=database_now())
        except Refused:
            request.session.pop("half")
            return locked_out(request, {})
        if right:
            return enter(request, person, half["next"], totp=True)
        form.add_error("code", "动态口令不对或已用过，请等待下一个口令")
    return render(request, "reception/second_step.html", {"form": form, "person": person, "next": half["next"]})


@open_to("signed_in")
@require_POST
def sign_out(request):
    logout(request)
    return redirect("disclosure:home")


def password_page(request, form_class, purpose, finish, template):
    """The two steps of a form that needs a code: ask for one, then hand in everything."""
    form = form_class(request.POST or None) if "finish" in request.POST else form_class(initial=request.POST.dict())
    sent = False
    if "send" in request.POST:
        asked = forms.MobileForm(request.POST)
        if asked.is_valid():
            try:
                actions.send_code(asked.cleaned_data["mobile"], purpose, at=database_now())
                sent = True
            except Refused as refusal:
                form = form_class(request.POST)
                form.errors.clear()
                form.add_refusal(refusal)
        else:
            form = form_class(request.POST)
            form.errors.clear()
            form.add_error("mobile", asked.errors["mobile"])
    elif request.method == "POST" and form.is_valid():
        try:
            return finish(form.cleaned_data)
        except Refused as refusal:
            form.add_refusal(refusal)
    return render(request, template, {"form": form, "sent": sent})


@open_to("public")
@never_cache
@sensitive_post_parameters("password")
def sign_up(request):
    def finish(data):
        person = actions.sign_up(**data, at=database_now())
        return enter(request, person, "")

    return password_page(request, forms.SignUpForm, MobileCode.Purpose.SIGN_UP, finish, "reception/sign_up.html")


@open_to("public")
@never_cache
@sensitive_post_parameters("password")
def reset_password(request):
    def finish(data):
        actions.reset_password(**data, at=database_now())
        messages.success(request, "密码已重设，请用新密码登录。")
        return redirect("accounts:sign_in")

    return password_page(request, forms.NewPasswordForm, MobileCode.Purpose.RESET, finish, "reception/reset_password.html")


@open_to("signed_in")
@require_safe
@ensure_csrf_cookie
def profile(request):
    memberships = Membership.objects.filter(person=request.user, until=None).select_related("organisation")
    return render(request, "reception/profile.html", {"memberships": memberships})


@open_to("signed_in")
@never_cache
def totp(request):
    """Set up the authenticator app."""
    if request.user.has_totp:
        return redirect("accounts:profile")
    secret = actions.start_totp(request.user)
    form = forms.TotpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_totp(request.user, form.cleaned_data["code"], at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            update_session_auth_hash(request, request.user)
            request.session["totp"] = True
            messages.success(request, "动态口令已启用，下次登录时需要输入。")
            return redirect("accounts:profile")
    address = pyotp.TOTP(secret).provisioning_uri(name=request.user.mobile, issuer_name="清江市公共资源交易平台")
    picture = mark_safe(segno.make(address).svg_inline(border=2, svgclass="qr", omitsize=True))  # noqa: S308 - squares drawn here
    return render(
        request, "reception/totp.html", {"form": form, "secret": secret, "picture": picture, "required": needs_second_factor(request.user)}
    )


@open_to("signed_in")
@require_POST
def switch(request):
    """Act for another of one's organisations, or for nobody but oneself."""
    chosen = request.POST.get("organisation", "")
    if chosen == "self":
        request.session["organisation"] = "self"
    else:
        mine = request.user.organisations().filter(pk=chosen if chosen.isdigit() else 0).first()
        if mine is not None:
            request.session["organisation"] = mine.pk
    return redirect("web:desk")


def own_organisation(request):
    """The organisation whose registration the person works on: the acting one."""
    return request.organisation


@open_to("signed_in")
def organisation(request):
    """The registration of one's organisation: begin, save, attach papers, hand in, correct."""
    row = own_organisation(request)
    if row is None and "new" not in request.GET and request.method == "GET":
        return render(request, "reception/no_organisation.html")
    editable = row is None or row.state in actions.EDITABLE
    form = forms.OrganisationForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            if row is None:
                row = actions.start_organisation(data, by=request.user, at=database_now())
                request.session["organisation"] = row.pk
            else:
                row = actions.save_organisation(row, data, by=request.user)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已保存。")
            return redirect("accounts:organisation")
    return render(
        request,
        "reception/organisation.html",
        {
            "organisation": row,
            "form": form,
            "editable": editable,
            "paper_form": forms.PaperForm(auto_id="paper_%s"),
            "papers": row.papers.select_related("file") if row else [],
            "reviews": row.reviews.all() if row else [],
            **rules_of(row, city_day(database_now())),
        },
    )


def rules_of(row, on):
    """What the organisation has signed of the entry rules, and what it has not."""
    if row is None:
        return {"unsigned": [], "signatures": []}
    signatures = [(each, text_of(each.role, each.version)) for each in row.rules_signatures.select_related("person")]
    return {"unsigned": actions.unsigned_rules(row, on), "signatures": signatures}


@open_to("public")
@require_safe
def entry_rules(request):
    """Every version of the entry rules, the newest first."""
    rows = sorted(VERSIONS, key=lambda row: (row.role, -row.version))
    return render(request, "reception/entry_rules.html", {"rows": rows, "today": city_day(database_now())})


@open_to("bidder", "tenderee", "agency")
@require_POST
@official_act("签署入场规则", target="本单位现行入场规则")
def sign_rules(request):
    signed = actions.sign_rules(request.organisation, request.POST.getlist("digest"), by=request.user, at=database_now())
    messages.success(request, f"已签署：{'、'.join(f'{row.title}第 {row.version} 版' for row in signed)}。")
    return redirect("accounts:organisation")


@open_to("signed_in")
@require_POST
def add_paper(request):
    row = own_organisation(request)
    form = forms.PaperForm(request.POST, request.FILES)
    if row is None or not form.is_valid():
        messages.error(request, "请选择材料类型和文件。")
        return redirect("accounts:organisation")
    file = store_file(form.cleaned_data["file"], by=request.user, organisation=row, purpose="organisation", at=database_now())
    actions.attach_paper(row, form.cleaned_data["kind"], file, by=request.user)
    messages.success(request, "材料已上传。")
    return redirect("accounts:organisation")


@open_to("signed_in")
@require_POST
def submit(request):
    row = own_organisation(request)
    if row is None:
        return redirect("accounts:organisation")
    if not request.POST.get("pledge"):
        raise Refused("no_pledge", "提交前须阅读并签署诚信承诺。", next_step="请返回勾选“我单位郑重承诺”。", status=400)
    actions.submit_organisation(row, by=request.user, at=database_now())
    messages.success(request, "登记已提交，交易中心将在两个工作日内审核。")
    return redirect("accounts:organisation")


@open_to("staff")
@require_safe
def review_list(request):
    rows = Organisation.objects.filter(state=Organisation.State.SUBMITTED).order_by("submitted_at")
    return render(request, "reception/review_list.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


def organisation_named(uscc):
    found = Organisation.objects.filter(uscc=uscc).first()
    return f"{found.name}（{uscc}）" if found else f"统一社会信用代码 {uscc}"


@open_to("staff")
@official_act({"accepted": "主体入库审核通过", "returned": "退回主体登记"}, field="outcome", target=organisation_named)
def review(request, uscc):
    row = get_object_or_404(Organisation, uscc=uscc)
    form = forms.ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.review_organisation(row, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "审核结果已登记并通知该单位。")
            return redirect("accounts:review_list")
    return render(
        request,
        "reception/review.html",
        {"organisation": row, "form": form, "papers": row.papers.select_related("file"), "reviews": row.reviews.all()},
    )


@open_to("bidder", "tenderee", "agency", "staff", "supervisor", "host")
def members(request):
    form = forms.MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_member(request.organisation, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已授权。")
            return redirect("accounts:members")
    rows = Membership.objects.filter(organisation=request.organisation, until=None).select_related("person")
    context = {"form": form, "members": rows, "office": actions.is_office(request.organisation)}
    return render(request, "reception/members.html", context)


@open_to("bidder", "tenderee", "agency", "staff", "supervisor", "host")
@require_POST
def end_membership(request, pk):
    row = get_object_or_404(Membership, pk=pk, organisation=request.organisation, until=None)
    actions.end_membership(row, by=request.user, at=database_now())
    messages.success(request, "已移除。")
    return redirect("accounts:members")


@open_to("admin")
@require_safe
def admin_desk(request):
    rows = Organisation.objects.order_by("name")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "reception/admin_desk.html", {"page": page, "alarms": open_alarms(), "alarm_names": NAMES})
