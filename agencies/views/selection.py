"""Choosing an intermediary and signing the mandate, on both sides' desks."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import AgencyContract, AgencyRequest
from agencies.pages import contracts_for, may_propose, may_see_request, requests_for
from agencies.queries import drawn_from
from agencies.rules import FEE_BASES, FREE_CHOICE, WITHIN_MANDATE, WRITTEN_MANDATE
from agencies.views.filling import fill_in
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from web.doors import open_to

EVERY_SIDE = ("agency", "tenderee", "staff", "supervisor")


@open_to(*EVERY_SIDE)
@require_safe
def requests(request):
    """What the organisation asked for, may propose for, was chosen for; and its contracts."""
    page = Paginator(requests_for(request.organisation), 20).get_page(request.GET.get("page"))
    context = {
        "page": page, "contracts": contracts_for(request.organisation)[:20], "is_owner": "tenderee" in request.audiences,
        "is_agency": "agency" in request.audiences, "law": FREE_CHOICE,
    }  # fmt: skip
    return render(request, "agencies/requests.html", context)


@open_to("tenderee")
@official_act("发出委托代理需求", target="新的委托需求")
def new_request(request):
    form = forms.RequestForm(request.POST or None, initial={"way": AgencyRequest.Way.DIRECT})

    def do(form):
        data = dict(form.cleaned_data)
        actions.make_request(request.organisation, data, agency=data.pop("agency"), by=request.user, at=database_now())

    return fill_in(
        request, form, do, title="委托代理机构", button="提交", done="委托需求已提交。", back="agencies:requests", crumbs=[("委托与合同", "agencies:requests")],
        notes=f"{FREE_CHOICE.says}（{FREE_CHOICE.source}）。随机抽取和竞争性遴选由你单位自愿采用。",
    )  # fmt: skip


def found_request(request, number):
    row = get_object_or_404(AgencyRequest.objects.select_related("owner", "agency", "draw"), number=number)
    if not may_see_request(getattr(request, "organisation", None), row):
        raise Http404
    return row


@open_to("public")
@require_safe
def agency_request(request, number):
    """One request: how the agency is chosen, and the result with what led to it."""
    row, now = found_request(request, number), database_now()
    organisation = getattr(request, "organisation", None)
    proposals = row.proposals.readable_at(now).select_related("agency", "file")
    due = row.due_at is not None and now >= row.due_at
    shown = row.chosen_at is not None or organisation == row.owner
    contract = row.contracts.exclude(state=AgencyContract.State.ENDED).first()
    context = {
        "row": row, "now": now, "proposals": proposals if shown else [], "count": row.proposals.count() if due else None, "is_owner": organisation == row.owner,
        "own": row.proposals.filter(agency=organisation).first() if organisation else None, "may_propose": may_propose(organisation, row, now),
        "is_chosen": organisation is not None and organisation == row.agency, "is_staff": "staff" in request.audiences,
        "contract": contract if organisation and contracts_for(organisation).filter(pk=getattr(contract, "pk", None)).exists() else None,
        "due": due,
    }  # fmt: skip
    return render(request, "agencies/request.html" if request.user.is_authenticated else "agencies/request_public.html", context)


def trail(row):
    return [("委托与合同", reverse("agencies:requests")), (row.project_name, reverse("agencies:request", args=[row.number]))]


def there(row):
    return reverse("agencies:request", args=[row.number])


@open_to("staff")
@official_act("发起中介机构抽取", target="委托需求 {number}")
def begin_draw(request, number):
    row = found_request(request, number)
    form = forms.DrawForm(request.POST or None, row=row)
    names = "、".join(drawn_from(row, city_day(database_now())).values_list("name", flat=True))
    return fill_in(
        request, form, lambda form: actions.begin_draw(row, **form.cleaned_data, by=request.user, at=database_now()), title="发起抽取",
        button="固定名单并发起抽取", done="抽取已发起，请三方分别进入抽取室。", back=there(row), crumbs=trail(row),
        facts=[("项目", row.project_name), ("服务类型", row.get_service_display()), ("委托人", row.owner.name), ("名单", names or "没有可以抽取的机构")],
        notes="名单公开；发起后不能更改。委托人和监督部门参加人须先登记持钥人密钥。",
    )  # fmt: skip


@open_to("agency")
@official_act("提交代理服务方案", target="委托需求 {number}")
def propose(request, number):
    row = found_request(request, number)
    form = forms.ProposalForm(request.POST or None, request.FILES or None)

    def do(form):
        data, now = form.cleaned_data, database_now()
        file = data["file"] and store_file(
            data["file"], by=request.user, organisation=request.organisation, purpose="agency_proposal", at=now
        )
        actions.propose(row, request.organisation, fee=data["fee"], plan=data["plan"], file=file or None, by=request.user, at=now)

    return fill_in(
        request, form, do, title="提交方案", button="提交方案", done="方案已提交，截止前可以重新提交。", back=there(row), crumbs=trail(row),
        facts=[("项目", row.project_name), ("委托事项", row.scope), ("评选标准", "；".join(f"{each['title']} {each['weight']}%" for each in row.criteria))],
        notes="截止时间前委托人和其他机构都看不到报价和方案。",
    )  # fmt: skip


@open_to("tenderee")
@official_act("选定代理机构", target="委托需求 {number}")
def choose(request, number):
    row = found_request(request, number)
    form = forms.ChoiceForm(request.POST or None, row=row)

    def do(form):
        data = form.cleaned_data
        actions.choose_proposal(row, form.marks(), data["proposal"], data["reason"], by=request.user, at=database_now())

    facts = [
        (each.agency.name, f"报价 {each.fee:,.2f} 元。{each.plan}")
        for each in row.proposals.readable_at(database_now()).select_related("agency")
    ]
    return fill_in(
        request, form, do, title="评选方案", button="选定并公布结果", done="已选定，请拟定委托合同。", back=there(row), crumbs=trail(row), facts=facts,
        notes="按公布的标准逐项打 0 至 100 分，选定得分最高的机构；各机构的得分随结果公开。",
    )  # fmt: skip


@open_to("agency")
@official_act("不接受委托", target="委托需求 {number}")
def decline(request, number):
    row = found_request(request, number)
    form = forms.ReasonForm(request.POST or None)
    return fill_in(
        request, form,
        lambda form: actions.decline_request(row, request.organisation, form.cleaned_data["reason"], by=request.user, at=database_now()),
        title="不接受委托", button="不接受委托", done="已告知委托人。", back="agencies:requests", crumbs=trail(row),
        notes="随机抽取选定的，由候补机构依次替换；其他方式选定的，由委托人另行选择。",
    )  # fmt: skip


@open_to("tenderee")
@official_act("撤回委托需求", target="委托需求 {number}")
def close(request, number):
    row = found_request(request, number)
    form = forms.ReasonForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.close_request(row, form.cleaned_data["reason"], by=request.user, at=database_now()), title="撤回委托需求",
        button="撤回", done="委托需求已撤回。", back=there(row), crumbs=trail(row),
    )  # fmt: skip


def found_contract(request, number):
    return get_object_or_404(contracts_for(request.organisation).select_related("document"), number=number)


@open_to(*EVERY_SIDE)
@require_safe
def contract(request, number):
    """A mandate and where it stands."""
    row = found_contract(request, number)
    context = {
        "row": row, "basis": FEE_BASES.get(row.fee_basis), "is_owner": request.organisation == row.owner,
        "is_agency": request.organisation == row.agency, "law": (WRITTEN_MANDATE, WITHIN_MANDATE), "digest": actions.text_digest(row),
    }  # fmt: skip
    return render(request, "agencies/contract.html", context)


@open_to("tenderee")
def edit_contract(request, number):
    row = found_contract(request, number)
    form = forms.ContractForm(request.POST or None, instance=row)
    return fill_in(
        request, form, lambda form: actions.save_contract(row, form.cleaned_data, by=request.user, at=database_now()), title="拟定委托合同", signed=False,
        button="保存", done="合同文字已保存，请核对后签署。", back=reverse("agencies:contract", args=[number]),
        crumbs=[("委托与合同", reverse("agencies:requests")), (row.number, reverse("agencies:contract", args=[number]))],
        facts=[("项目", row.project_name), ("受托机构", row.agency.name), ("服务类型", row.get_service_display())],
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_POST
@official_act(
    {"offer": "签署委托合同", "sign": "签订委托合同", "return": "退回委托合同", "end": "终止委托合同"}, target="委托合同 {number}"
)
def move_contract(request, number):
    """Sign on one side, then on the other; send back; end."""
    row, move, now = found_contract(request, number), request.POST.get("move"), database_now()
    reason, seen = request.POST.get("reason", ""), request.POST.get("digest", "")
    if move == "offer":
        actions.offer_contract(row, seen=seen, by=request.user, at=now)
        messages.success(request, "已签署，等待代理机构签署。")
    elif move == "sign":
        actions.sign_contract(row, seen=seen, by=request.user, at=now)
        messages.success(request, "委托合同已签订。")
    elif move == "return":
        actions.return_contract(row, reason, by=request.user, at=now)
        messages.success(request, "已退回委托人。")
    elif move == "end":
        actions.end_contract(row, reason, by=request.user, at=now)
        messages.success(request, "委托合同已终止。")
    return redirect("agencies:contract", number)
