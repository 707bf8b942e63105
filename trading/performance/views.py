from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Duty
from accounts.permissions import is_member
from accounts.stepup import official_act
from documents.printing import qr_svg
from rulebook.clock import city_day, database_now
from rulebook.provisions import CONFIDENCE
from rulebook.refusals import Refused
from trading.awards.models import Contract
from trading.awards.sides import TENDEREE, sides_of
from trading.performance import actions, forms
from trading.performance.actions.attendance import WINDOW
from trading.performance.actions.changes import effect_of, history_of
from trading.performance.models import Custody, Deduction, Finding, KeyPerson, LocalSetting, SiteInspection
from trading.performance.pages import month_asked, page_of
from trading.performance.queries import (
    PARTIES,
    WATCHED,
    alerts_of,
    awards_without_contract,
    bonds_to_confirm,
    contracts_for,
    stage_of,
    waiting_for_regulator,
)
from trading.performance.rules import LOCAL, values_on
from trading.performance.steps import ACTS, STEPS, with_files
from web.doors import open_to

PAGE = 20
# A regulator's board sorts by what is red, so it looks at all that are newest up to here.
MOST_WATCHED = 500
EVERY_SIDE = ("agency", "tenderee", "bidder", "supervisor", "staff")


def seen_contract(request, number, no):
    """The contract of a lot and the sides on which the visitor stands; 404 for strangers."""
    rows = Contract.objects.select_related(*PARTIES).prefetch_related(*WATCHED)
    contract = get_object_or_404(rows, award__lot__tender__number=number, award__lot__no=no, award__void_at=None)
    sides = sides_of(request.user, request.organisation, contract.award)
    if not sides:
        raise Http404
    return contract, sides


@open_to(*EVERY_SIDE)
@require_safe
def contracts(request):
    """Contracts to sign and contracts that run, with what is red about them; the regulator's board shows the reddest first."""
    now, organisation = database_now(), request.organisation
    rows, values = contracts_for(request.user, organisation), values_on(city_day(now))
    supervising = "supervisor" in request.audiences

    def shown(row):
        return {"contract": row, "lot": row.lot, "price": effect_of(row)[0], "stage": stage_of(row), "alerts": alerts_of(row, values, now)}

    if supervising:
        listed = sorted((shown(row) for row in rows[:MOST_WATCHED]), key=redness, reverse=True)
        page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
        waiting = waiting_for_regulator([row["contract"] for row in listed])
    else:
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        listed = page.object_list = [shown(row) for row in page]
        waiting = bonds_to_confirm(rows) if "staff" in request.audiences else []
    return render(
        request, "trading/performance/contracts.html",
        {
            "page": page, "rows": page.object_list, "unsigned": awards_without_contract(request.user, organisation)[:PAGE], "now": now, "today": city_day(now),
            "supervising": supervising, "waiting": waiting, "red": sum(1 for row in listed if redness(row)),
        },
    )  # fmt: skip


def redness(row):
    """How many grave things are wrong with a listed contract."""
    return sum(alert.grave for alert in row["alerts"])


@open_to(*EVERY_SIDE)
@require_safe
def contract(request, number, no):
    """One contract from its signing to acceptance, as the visitor's side may see it."""
    found, sides = seen_contract(request, number, no)
    now = database_now()
    return render(request, "trading/performance/contract.html", page_of(found, sides, month_asked(request, city_day(now)), now))


@open_to(*EVERY_SIDE)
@official_act(ACTS, target="{number} 第 {no} 标段合同")
def step(request, number, no, step):
    """One step on a contract: its form, what it is about, and the act."""
    found, sides = seen_contract(request, number, no)
    wanted = STEPS.get(step)
    # The form names the step it posts, and that is the act the person signs.
    if wanted is None or not sides & set(wanted.sides) or request.POST.get("move", step) != step:
        raise Http404
    target = wanted.target_of(found, request.POST.get("target") or request.GET.get("target", ""))
    if wanted.model is not None and target is None:
        raise Http404
    form = wanted.form(request.POST if request.method == "POST" else None, request.FILES or None, contract=found, target=target)
    if request.method == "POST" and form.is_valid():
        now = database_now()
        try:
            data = with_files(form.cleaned_data, by=request.user, organisation=request.organisation, at=now)
            wanted.do(found, target, data, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, wanted.done)
            return redirect("trading:contract", number, no)
    return render(
        request, "trading/performance/step.html",
        {"contract": found, "lot": found.lot, "tender": found.lot.tender, "step": wanted, "name": step, "target": target, "form": form},
    )  # fmt: skip


@open_to("tenderee")
@require_safe
@never_cache
def site_screen(request, number, no):
    """The screen at the site: a code that changes every five minutes, to be typed or scanned when signing in."""
    found, sides = seen_contract(request, number, no)
    if TENDEREE not in sides:
        raise Http404
    code = actions.site_code(found, database_now())
    return render(
        request, "trading/performance/site_screen.html",
        {"contract": found, "lot": found.lot, "tender": found.lot.tender, "code": code, "qr": qr_svg(code), "minutes": WINDOW // 60},
    )  # fmt: skip


@open_to("bidder")
def key_people(request):
    """The firm's register of key persons: their certificates, and which lot holds them."""
    form = forms.KeyPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_key_person(request.organisation, form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "人员已登记。")
            return redirect("trading:key_people")
    people = KeyPerson.objects.filter(organisation=request.organisation, withdrawn_at=None)
    held = {row.key_person_id: row for row in Custody.objects.filter(key_person__in=people, released_at=None).select_related("lot__tender")}
    return render(
        request, "trading/performance/key_people.html",
        {"rows": [{"person": row, "custody": held.get(row.pk)} for row in people], "form": form, "today": city_day(database_now())},
    )  # fmt: skip


@open_to("bidder")
@require_POST
def withdraw_key_person(request, pk):
    person = get_object_or_404(KeyPerson, pk=pk, organisation=request.organisation, withdrawn_at=None)
    actions.withdraw_key_person(person, by=request.user, at=database_now())
    messages.success(request, "登记已注销。")
    return redirect("trading:key_people")


@open_to("supervisor")
def inspections(request):
    """标后检查台账: every check of the regulator's contracts; an unannounced one is picked here by chance."""
    if request.method == "POST":
        picked = actions.pick_flight_inspection(by=request.user, at=database_now())
        messages.success(request, f"已抽取：{picked.contract.lot.tender.name}{picked.contract.lot.name}（{picked.number}）。")
        return redirect("trading:contract", picked.contract.lot.tender.number, picked.contract.lot.no)
    own = {"contract__award__lot__tender__project__regulator": request.organisation}
    rows = SiteInspection.objects.filter(**own)
    rows = rows.select_related("contract__award__lot__tender", "deduction").prefetch_related("findings", "absent")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    served = Deduction.objects.filter(**own).exclude(state=Deduction.State.REVOKED)
    totals = served.aggregate(count=Count("pk"), amount=Sum("amount", default=0))
    problems = Finding.objects.filter(inspection__in=SiteInspection.objects.filter(**own)).aggregate(
        count=Count("pk"), open=Count("pk", filter=~Q(state=Finding.State.CLOSED))
    )
    return render(request, "trading/performance/inspections.html", {"page": page, "totals": totals, "problems": problems})


@open_to("supervisor")
def settings(request):
    """The city's values for the time after the award: what holds, on what basis, since when, and what is to come."""
    code = request.POST.get("code", "")
    given = forms.SettingForm(request.POST or None)
    now = database_now()
    if request.method == "POST" and given.is_valid():
        try:
            actions.change_setting(code, **given.cleaned_data, by=request.user, at=now)
        except Refused as refusal:
            given.add_refusal(refusal)
        else:
            messages.success(request, "新的数值已登记，自生效日期起适用。")
            return redirect("trading:performance_settings")
    on = city_day(now)
    values, rows = values_on(on), []
    for each in LOCAL:
        rule = values[each]
        rows.append(
            {
                "rule": rule, "confidence": CONFIDENCE[rule.confidence], "history": LocalSetting.objects.filter(code=each),
                "form": given if code == each else forms.SettingForm(auto_id=f"{each}_%s"), "open": code == each,
            }
        )  # fmt: skip
    may = is_member(request.user, request.organisation, Duty.MANAGER)
    return render(request, "trading/performance/settings.html", {"rows": rows, "today": on, "may": may})


@open_to("public")
@require_safe
def public_contract(request, number, no):
    """What everybody may read of a contract: key facts, changes, acceptance. No certificate, no attendance, no payment."""
    rows = Contract.objects.select_related(*PARTIES).prefetch_related("changes", "acceptances")
    found = get_object_or_404(rows, award__lot__tender__number=number, award__lot__no=no, award__void_at=None)
    price, term = effect_of(found)
    return render(
        request, "trading/performance/public.html",
        {
            "contract": found, "lot": found.lot, "tender": found.lot.tender, "history": history_of(found), "price": price, "term": term,
            "acceptance": found.acceptances.filter(state="passed").select_related("notice").first(), "stage": stage_of(found),
        },
    )  # fmt: skip
