"""From the award to the release of the certificates, through the doors that people use."""

from decimal import Decimal

import pytest
from django.urls import reverse

from credit.rules_data import load_rules
from disclosure.models import Notice
from rulebook.clock import city_day
from tests.factories.performance import NAMES, awarded
from trading.awards.models import Contract, ContractDraft
from trading.performance.models import Custody, Deduction, KeyPerson, Post
from trading.performance.rules import CERTIFICATES, TEAM
from trading.procedures.reaching import milestones_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def doors(client, lot, monkeypatch):
    """`post(person, step, data)` through the step's page; time stands at the award from then on."""
    award = awarded(lot)
    moment = {"now": award.at}
    for module in ("trading.performance.views", "trading.awards.contract_views"):
        monkeypatch.setattr(f"{module}.database_now", lambda: moment["now"])

    def post(person, address, data, status=302):
        client.force_login(person, backend=BACKEND)
        answer = client.post(address, data)
        assert answer.status_code == status, answer.content.decode()[:3000]
        return answer.content.decode()

    def step(person, name, data=(), target="", status=302):
        address = reverse("trading:contract_step", args=[lot.tender.number, lot.no, name])
        return post(person, address, {**dict(data), "move": name, "target": target}, status)

    doors.award, doors.moment, doors.post, doors.step = award, moment, post, step
    return doors


@pytest.mark.requirement("R129", "R130", "R216")
def test_from_the_award_to_the_release(client, lot, doors):
    load_rules()
    where, winner = lot.city, doors.award.winner
    desk, owner, firm, regulator = where.handler, where.owner.somebody, winner.somebody, where.supervisor
    page = reverse("trading:contract_draft", args=[lot.tender.number, lot.no])
    doors.post(desk, page, {"move": "draft"})
    draft = ContractDraft.objects.get()
    assert [title for title, _ in draft.clauses] == ["合同通用条款", "合同专用条款"]
    facts = {
        "move": "save", "number": draft.number, "amount": "31000000", "term_days": draft.term_days, "manager": draft.manager, "quality": draft.quality,
        "payment": draft.payment, "payment_days": 30, "additions": "",
    }  # fmt: skip
    refused = doors.post(desk, page, facts, status=200)
    assert "第五十七条" in refused and "第四十六条" in refused
    doors.post(desk, page, {**facts, "amount": str(draft.amount)})
    doors.post(owner, page, {"move": "offer"})
    doors.post(firm, page, {"move": "sign"})
    doors.post(desk, page, {"move": "file"})
    contract = Contract.objects.get()
    assert (contract.amount, contract.document.kind) == (draft.amount, "contract")
    assert {"contract_signed", "contract_published", "contract_copy_filed"} <= set(milestones_of(lot.tender, lot))
    assert Notice.objects.filter(kind="GC_CONTRACT", tender_number=lot.tender.number).exists()

    for place, post in enumerate(TEAM["works"]):
        name = contract.manager if post == Post.MANAGER else NAMES[post]
        data = {"name": name, "certificate": CERTIFICATES[post], "level": 2, "number": f"JZ00000{place}", "valid_until": "2099-01-01"}
        doors.post(firm, reverse("trading:key_people"), data)
        doors.step(firm, "name_member", {"post": post, "person": KeyPerson.objects.get(name=name).pk})
    assert Custody.objects.filter(lot=lot, released_at=None).count() == 6
    custody = Custody.objects.get(post=Post.MANAGER)
    doors.step(firm, "check_in", {"custody": custody.pk, "way": "phone", "site": "工地"})

    planned = {"kind": "planned", "planned_at": f"{doors.moment['now']:%Y-%m-%dT23:00}", "units": ""}
    doors.step(regulator, "plan_inspection", planned)
    inspection = contract.inspections.get()
    doors.step(regulator, "hold_inspection", {"inspectors": "赵、钱", "text": "检查", "absent": [custody.pk]}, inspection.pk)
    doors.step(regulator, "deduct_inspection", target=inspection.pk)
    deduction = Deduction.objects.get()
    assert deduction.amount == Decimal("5000.00")
    doors.step(firm, "reply_deduction", {"reply": "当日到市局开会"}, deduction.pk)
    doors.step(regulator, "decide_deduction", {"confirmed": "1", "decision": "无请假手续，确认扣款"}, deduction.pk)
    assert winner.credit_entries.get().rule.code == "CR18"

    doors.step(firm, "apply_acceptance", {"statement": "全部完成", "finished_on": city_day(doors.moment["now"]).isoformat()})
    assert Custody.objects.filter(released_at=None).count() == 6
    result = {"panel": "王验收 清江市质监站", "result": "passed", "opinion": "合格"}
    doors.step(owner, "hold_acceptance", result)
    assert not Custody.objects.filter(released_at=None).exists()
    assert set(Custody.objects.values_list("release", flat=True)) == {"accepted"}
    assert Notice.objects.get(kind="GC_PERF").amount == contract.amount
    for person in (desk, owner, firm, regulator, where.staff):
        client.force_login(person, backend=BACKEND)
        shown = client.get(reverse("trading:contract", args=[lot.tender.number, lot.no]))
        assert shown.status_code == 200 and "验收合格" in shown.content.decode()
    client.logout()
    public = client.get(reverse("trading:public_contract", args=[lot.tender.number, lot.no])).content.decode()
    assert contract.number in public and "JZ000" not in public and NAMES[Post.SAFETY] not in public
