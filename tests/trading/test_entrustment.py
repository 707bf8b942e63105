"""采购组织形式: what stands on the central list is bought by the central body; off it a purchaser may do it itself or entrust somebody."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from tests.factories.procedures import take, take_until, trading_city
from tests.factories.trading import PROJECT, filled_project, member, organisation, pdf, person
from trading.catalogue.models import CentralItem
from trading.catalogue.queries import decide
from trading.projects import actions, entrusting
from trading.projects.models import Entrustment, Project
from trading.projects.queries import may_handle
from trading.witness.computed import agency_contract

pytestmark = pytest.mark.django_db
ABOVE, BELOW = "800000", "499999.99"


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


class Doors:
    def __init__(self, client):
        self.client = client

    def __call__(self, person, name, /, *args, **posted):
        self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        address = reverse(f"trading:{name}", args=args)
        return self.client.post(address, posted) if posted else self.client.get(address)

    def page(self, person, name, /, *args, **posted):
        return self(person, name, *args, **posted).content.decode()


@pytest.fixture
def door(client):
    return Doors(client)


@pytest.fixture
def where():
    made = trading_city("ZC")
    made.body = organisation("procurer", "清江市政府采购中心")
    made.item = CentralItem.objects.get(name="台式计算机")
    return made


FACTS = {name: PROJECT[name] for name in PROJECT if name not in ("kind", "classification", "estimate", "name")} | {
    "name": "清江市教育局实验教学设备采购", "category": "ZC", "kind": "goods", "procedure": "ZC-TP", "classification": "Z99",
}  # fmt: skip


def registered(door, where, estimate=ABOVE, **said):
    """The purchaser's own registration, typed into its form; everything but the papers."""
    buyer = where.owner.somebody
    door.client.force_login(buyer, backend="django.contrib.auth.backends.ModelBackend")
    door.client.post(reverse("trading:create_project"))
    project = Project.objects.latest("pk")
    assert door(buyer, "project", project.pk, **{**FACTS, "estimate": estimate, **said}).status_code == 302
    lot = {"name": "一包", "content": "实验教学设备", "estimate": estimate, "quality": "合格", "qualification": "具有履约能力"}
    assert door(buyer, "lot", project.pk, 1, **lot).status_code == 302
    project.refresh_from_db()
    return project


def papers(door, person, project, kinds=("approval", "funds", "decision")):
    for kind in kinds:
        assert door(person, "add_project_paper", project.pk, kind=kind, file=pdf()).status_code == 302


OFFER = {"scope": "编制采购文件、发布公告、组织评审", "powers": "采购文件和成交结果须经采购人确认"}


def offer(where):
    return {"move": "entrust", "body": where.body.pk, **OFFER, "ends_on": (city_day(database_now()) + timedelta(days=90)).isoformat()}


@pytest.mark.requirement("R124")
def test_a_purchase_off_the_central_list_is_entrusted_declined_accepted_and_handled_by_the_body(door, where):
    buyer, official = where.owner.somebody, where.body.somebody
    project = registered(door, where, organisation_form="entrusted")
    page = door.page(buyer, "project", project.pk)
    assert "分散采购（自行组织）、分散采购（委托代理）、分散采购（委托集中采购机构）" in page and "第十八条" in page
    papers(door, buyer, project)
    early = door.page(buyer, "submit_project", project.pk, move="submit")
    assert "应当由集中采购机构接受委托后提交" in early and "第二十条" in early

    # Offered and declined, with the reason on record; then offered anew
    assert "请填写代理范围" in door.page(buyer, "entrust", project.pk, **{**offer(where), "scope": " "})
    assert door(buyer, "entrust", project.pk, **offer(where)).status_code == 302
    first = Entrustment.objects.get()
    assert project.name in door.page(official, "projects") and "答复前不能修改" in door.page(buyer, "project", project.pk)
    with pytest.raises(Refused, match="答复前不能修改"):
        actions.save_project(project, {"name": "另一个名称"}, by=buyer)
    assert "请写明退回的理由" in door.page(official, "entrustment", first.pk, move="decline", reason="")
    assert door(official, "entrustment", first.pk, move="decline", reason="本月任务已满").status_code == 302
    assert "本月任务已满" in door.page(buyer, "project", project.pk)
    assert door(buyer, "entrust", project.pk, **offer(where)).status_code == 302
    second = Entrustment.objects.latest("pk")
    assert not may_edit(project, official)

    # Accepted: from now on the body's people act, and the purchaser looks on
    assert door(official, "entrustment", second.pk, move="accept", reason="").status_code == 302
    project.refresh_from_db()
    assert project.agency == where.body and may_edit(project, official) and not may_edit(project, buyer)
    assert door(buyer, "submit_project", project.pk, move="submit").status_code == 403
    page = door.page(official, "project", project.pk)
    assert "委托书" in page and "待上传" not in page
    assert door(official, "submit_project", project.pk, move="submit").status_code == 302
    review = door.page(where.staff, "review_project", project.pk)
    assert "分散采购（委托集中采购机构）" in review and where.body.name in review
    assert door(where.staff, "review_project", project.pk, outcome="accepted", reasons="", regulator=where.regulator.pk).status_code == 302
    tender = project.tenders.select_related("project__owner", "project__agency", "project__regulator").get()
    assert may_handle(official, tender) and not may_handle(buyer, tender)
    assert agency_contract(tender.lots.get())[1] == f"{where.body.name}已在平台接受委托"
    colleague = member(where.body, name="采购员")
    assert door(official, "handlers", tender.number, person=colleague.pk).status_code == 302 and may_handle(colleague, tender)

    # The body carries the purchase out; the notice and the public page say how it is organised
    lot, where.agency = tender.lots.get(), where.body
    lot.city = where
    notice = take(lot, take_until(lot, "intention"), by=official).notice
    assert ["采购组织形式", "分散采购（委托集中采购机构）"] in notice.facts and notice.agency_name == where.body.name
    door.client.logout()
    for address in (reverse("disclosure:notice", args=[notice.number]), reverse("trading:tender", args=[tender.number])):
        assert "分散采购（委托集中采购机构）" in door.client.get(address).content.decode()
    entries = list(LedgerEntry.objects.filter(kind="project.entrustment").order_by("pk"))
    assert [json.loads(bytes(row.data))["d"]["move"] for row in entries] == ["asked", "declined", "asked", "accepted"]
    assert entries[1].private["reason"] == "本月任务已满" and "本月任务已满" not in bytes(entries[1].data).decode()


def may_edit(project, person):
    project.refresh_from_db()
    return actions.may_edit(project, person)


@pytest.mark.requirement("R124")
def test_what_stands_on_the_central_list_is_bought_centrally_whatever_its_amount(door, where):
    on, buyer = city_day(database_now()), where.owner.somebody
    assert decide("ZC", "goods", Decimal(ABOVE), on=on).forms == ("own", "agency", "entrusted")
    assert decide("ZC", "goods", Decimal(BELOW), on=on).forms == ()
    central = decide("ZC", "goods", Decimal(BELOW), on=on, listed=True)
    assert (central.forms, central.venue, central.reason) == (("central",), "must_enter", "货物不足 50 万元，列入集中采购目录，必须进场")
    assert (central.source, decide("ZC", "goods", Decimal(ABOVE), on=on, listed=True).venue) == (central.form_rule.source, "must_enter")
    assert "第二条" in central.source and "不属于政府采购" not in central.source
    listed = registered(door, where, BELOW, central_item=where.item.pk, organisation_form="own", procedure="ZC-XJ")
    papers(door, buyer, listed)
    refused = door.page(buyer, "submit_project", listed.pk, move="submit")
    assert "这个项目应当采用：集中采购" in refused and "《政府采购法》第二条、第七条、第十八条" in refused
    assert "必须进场" in refused and "自愿进场" not in refused
    # Off the list it is no central purchase, and one's own is handed in by oneself
    off = registered(door, where, ABOVE, organisation_form="central")
    papers(door, buyer, off)
    assert "应当采用：分散采购（自行组织）" in door.page(buyer, "submit_project", off.pk, move="submit")
    assert "这个项目应当采用" in door.page(buyer, "entrust", off.pk, **offer(where))
    assert door(buyer, "project", off.pk, **FACTS, estimate=ABOVE, organisation_form="own").status_code == 302
    assert door(buyer, "submit_project", off.pk, move="submit").status_code == 302
    off.refresh_from_db()
    assert (off.agency, off.decision["forms"]) == (None, ["own", "agency", "entrusted"])
    public = door.client.get(reverse("trading:catalogue")).content.decode()
    assert "政府集中采购目录" in public and "台式计算机" in public


def test_a_form_is_asked_above_the_limit_and_means_nothing_below_it(door, where):
    project = registered(door, where)
    papers(door, where.owner.somebody, project)
    assert "请选择采购组织形式" in door.page(where.owner.somebody, "submit_project", project.pk, move="submit")
    small = registered(door, where, BELOW, organisation_form="own", procedure="ZC-XJ")
    papers(door, where.owner.somebody, small)
    assert "不适用采购组织形式" in door.page(where.owner.somebody, "submit_project", small.pk, move="submit")
    assert door(where.owner.somebody, "project", small.pk, **{**FACTS, "procedure": "ZC-XJ"}, estimate=BELOW).status_code == 302
    assert door(where.owner.somebody, "submit_project", small.pk, move="submit").status_code == 302


@pytest.mark.parametrize(("form", "code"), [("own", "has_agency"), ("entrusted", "not_entrusted"), ("central", "other_form")])
def test_who_registers_is_who_the_form_names(where, form, code):
    amount = Decimal(ABOVE)
    project = filled_project(
        where, category="ZC", kind="goods", procedure="ZC-TP", estimate=amount, lots=({"estimate": amount},), organisation_form=form
    )
    with pytest.raises(Refused) as refused:
        actions.submit_project(project, by=where.handler, at=database_now())
    assert (refused.value.code, refused.value.field) == (code, "organisation_form")
    actions.save_project(project, {"organisation_form": "agency"}, by=where.handler)
    actions.submit_project(project, by=where.handler, at=database_now())


def test_an_item_of_another_kind_is_refused(where):
    project = filled_project(
        where, category="ZC", kind="services", procedure="ZC-CS", estimate=Decimal(ABOVE), lots=({"estimate": Decimal(ABOVE)},),
        central_item=where.item, organisation_form="central",
    )  # fmt: skip
    with pytest.raises(Refused, match="标的类型不符"):
        actions.submit_project(project, by=where.handler, at=database_now())


def test_only_the_two_sides_stand_before_an_entrustment(door, where):
    project = registered(door, where, organisation_form="entrusted")
    door(where.owner.somebody, "entrust", project.pk, **offer(where))
    row = Entrustment.objects.get()
    other = organisation("procurer", "清江市部门集中采购机构").somebody
    for visitor, status in (
        (where.owner.somebody, 200), (where.body.somebody, 200), (other, 404), (where.handler, 404), (where.bidders[0].somebody, 403), (where.staff, 403),
    ):  # fmt: skip
        assert door(visitor, "entrustment", row.pk).status_code == status, visitor.name
    for stranger in (where.owner.somebody, other):
        with pytest.raises(Refused) as refused:
            entrusting.accept_entrustment(row, by=stranger, at=database_now())
        assert refused.value.code == "not_member"
    assert door(where.owner.somebody, "entrust", project.pk, move="withdraw").status_code == 302
    with pytest.raises(Refused, match="已撤回"):
        entrusting.accept_entrustment(row, by=where.body.somebody, at=database_now())


def test_nobody_else_is_entrusted_and_the_body_may_give_back_a_draft(where):
    amount, at = Decimal(ABOVE), database_now()
    buyer, until = where.owner.somebody, city_day(at) + timedelta(days=30)
    project = actions.start_project(where.owner, by=buyer)
    actions.save_project(project, {**FACTS, "estimate": amount, "organisation_form": "entrusted", "procedure": "ZC-TP"}, by=buyer)
    with pytest.raises(Refused, match="不是已入库的集中采购机构"):
        entrusting.entrust_project(project, where.agency, **OFFER, ends_on=until, by=buyer, at=at)
    with pytest.raises(Refused, match="请先填写一标段的合同估算价"):
        entrusting.entrust_project(project, where.body, **OFFER, ends_on=until, by=buyer, at=at)
    actions.save_lot(project, {"estimate": amount}, by=buyer, lot=project.tenders.get().lots.get())
    with pytest.raises(Refused, match="应在今天之后"):
        entrusting.entrust_project(project, where.body, **OFFER, ends_on=city_day(at), by=buyer, at=at)
    row = entrusting.entrust_project(project, where.body, **OFFER, ends_on=until, by=buyer, at=at)
    with pytest.raises(Refused, match="已经委托"):
        entrusting.entrust_project(project, where.body, **OFFER, ends_on=until, by=buyer, at=at)
    entrusting.accept_entrustment(row, by=where.body.somebody, at=at)
    entrusting.decline_entrustment(row, "资金未落实", by=where.body.somebody, at=at)
    project.refresh_from_db()
    assert project.agency is None and may_edit(project, buyer)


def accepted(door, where):
    """A complete registration whose entrustment the body has accepted."""
    project = registered(door, where, organisation_form="entrusted")
    papers(door, where.owner.somebody, project)
    assert door(where.owner.somebody, "entrust", project.pk, **offer(where)).status_code == 302
    row = Entrustment.objects.latest("pk")
    entrusting.accept_entrustment(row, by=where.body.somebody, at=database_now())
    return project, row


@pytest.mark.parametrize(
    ("changed", "lot"),
    [
        ({"name": "另一个名称"}, {}), ({"estimate": Decimal("900000")}, {}), ({}, {"content": "另一批设备"}), ({}, {"estimate": Decimal("700000")}),
        ({"kind": "services", "procedure": "ZC-CS"}, {}),
    ],
)  # fmt: skip
def test_the_body_hands_in_what_was_entrusted_and_nothing_else(door, where, changed, lot):
    project, row = accepted(door, where)
    buyer, official, at = where.owner.somebody, where.body.somebody, database_now()
    if changed:
        actions.save_project(project, changed, by=official)
    if lot:
        actions.save_lot(project, lot, by=official, lot=project.tenders.get().lots.get())
    with pytest.raises(Refused) as refused:
        actions.submit_project(project, by=official, at=at)
    assert (refused.value.code, refused.value.field) == ("not_as_entrusted", "organisation_form")
    assert "第二十条" in refused.value.rule and "重新委托" in refused.value.next_step
    # Entrusted anew as it now stands, it is handed in
    assert "查看或者撤回委托" in door.page(buyer, "project", project.pk)
    assert "撤回委托</button>" in door.page(buyer, "entrust", project.pk)
    assert door(buyer, "entrust", project.pk, move="withdraw").status_code == 302
    assert may_edit(project, buyer) and not may_edit(project, official)
    assert door(buyer, "entrust", project.pk, **offer(where)).status_code == 302
    entrusting.accept_entrustment(Entrustment.objects.latest("pk"), by=official, at=at)
    actions.submit_project(project, by=official, at=at)


def test_nothing_is_handed_in_after_the_term_of_the_entrustment(door, where):
    project, row = accepted(door, where)
    official, at = where.body.somebody, database_now()
    with pytest.raises(Refused) as refused:
        actions.submit_project(project, by=official, at=at + timedelta(days=91))
    assert (refused.value.code, refused.value.field) == ("over", "organisation_form")
    assert "第二十条" in refused.value.rule and "重新委托" in refused.value.next_step
    # On its last day it still holds; once handed in, nobody takes it back
    actions.submit_project(project, by=official, at=at + timedelta(days=90))
    assert "撤回委托</button>" not in door.page(where.owner.somebody, "entrust", project.pk)
    with pytest.raises(Refused, match="现在不能变更委托"):
        entrusting.withdraw_entrustment(row, by=where.owner.somebody, at=at)


@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_the_body_reads_no_entrustment_that_left_its_hands(door, where, end):
    project, row = accepted(door, where)
    buyer, official = where.owner.somebody, where.body.somebody
    assert door(official, "entrustment", row.pk).status_code == 200
    if end == "declined":
        entrusting.decline_entrustment(row, "资金未落实", by=official, at=database_now())
    else:
        entrusting.withdraw_entrustment(row, by=buyer, at=database_now())
    assert (door(official, "entrustment", row.pk).status_code, door(buyer, "entrustment", row.pk).status_code) == (404, 200)


def test_a_central_body_registers_like_an_agency_and_starts_no_project_of_its_own(where, client):
    client.force_login(where.body.somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert reverse("trading:create_project") not in client.get(reverse("trading:projects")).content.decode()
    with pytest.raises(Refused):
        actions.start_project(where.body, by=where.body.somebody)
    client.force_login(person("新注册人员"), backend="django.contrib.auth.backends.ModelBackend")
    assert 'value="procurer"' in client.get(reverse("accounts:organisation"), {"new": ""}).content.decode()
