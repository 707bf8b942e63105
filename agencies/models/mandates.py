"""From a tenderee's wish for an agency to the contract between the two."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from agencies.models.register import Service
from documents.models import OfficialDocument, StoredFile
from draws.models import Draw


class AgencyRequest(models.Model):
    """A tenderee looks for an intermediary for a project: chosen freely, by open draw, or among proposals."""

    class Way(models.TextChoices):
        DIRECT = "direct", "自主选择"
        DRAW = "draw", "随机抽取"
        COMPETITION = "competition", "竞争性遴选"

    class State(models.TextChoices):
        OPEN = "open", "等待抽取"
        PROPOSING = "proposing", "征集方案"
        DRAWING = "drawing", "正在抽取"
        CHOSEN = "chosen", "已选定"
        CLOSED = "closed", "已结束"

    number = models.CharField(max_length=16, unique=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_requests")
    service = models.CharField("服务类型", max_length=12, choices=Service.choices)
    way = models.CharField("选择方式", max_length=12, choices=Way.choices)
    project_name = models.CharField("项目名称", max_length=200)
    scope = models.TextField("委托事项")
    fee_limit = models.DecimalField("服务费上限（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    # [{"title", "weight"}], weights summing to a hundred; said before anybody proposes.
    criteria = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField("方案提交截止时间", null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    draw = models.OneToOneField(Draw, models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="won_requests")
    chosen_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField("选定理由", blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return self.project_name


class ProposalQuerySet(models.QuerySet):
    def readable_at(self, at):
        """Before the time to propose is over nobody reads another's fee or plan."""
        return self.filter(request__due_at__lte=at)


class Proposal(models.Model):
    """What an agency offers: fee and plan, and afterwards the tenderee's marks by the stated criteria."""

    request = models.ForeignKey(AgencyRequest, models.PROTECT, related_name="proposals")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    fee = models.DecimalField("服务费报价（元）", max_digits=18, decimal_places=2)
    plan = models.TextField("服务方案")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    # One mark of 0 to 100 for each criterion, in their order.
    marks = models.JSONField(default=list, blank=True)
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-total", "pk"]
        constraints = [models.UniqueConstraint(fields=["request", "agency"], name="one_proposal_per_agency")]


class AgencyContractQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(state=AgencyContract.State.SIGNED, starts_on__lte=on, ends_on__gte=on)


class AgencyContract(models.Model):
    """委托代理协议: what the agency is to do, with which powers, for which fee, until when; both sides sign the same words."""

    class State(models.TextChoices):
        WRITING = "writing", "起草中"
        OFFERED = "offered", "待代理机构签署"
        SIGNED = "signed", "已签订"
        ENDED = "ended", "已终止"

    class Payer(models.TextChoices):
        OWNER = "owner", "委托人"
        WINNER = "winner", "中标（成交）人"

    number = models.CharField(max_length=16, unique=True)
    request = models.ForeignKey(AgencyRequest, models.PROTECT, related_name="contracts")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_contracts_given")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_contracts")
    service = models.CharField("服务类型", max_length=12, choices=Service.choices)
    project_name = models.CharField("项目名称", max_length=200)
    scope = models.TextField("委托范围")
    powers = models.TextField("代理权限")
    fee = models.DecimalField("服务费（元）", max_digits=18, decimal_places=2, null=True)
    fee_basis = models.CharField("收费依据", max_length=16)
    payer = models.CharField("服务费支付方", max_length=8, choices=Payer.choices, default=Payer.OWNER)
    starts_on = models.DateField("委托期限自", null=True)
    ends_on = models.DateField("委托期限至", null=True)
    additions = models.TextField("补充约定", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WRITING)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    digest = models.CharField(max_length=43, blank=True)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    offered_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.TextField("退回意见", blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.TextField("终止原因", blank=True)

    objects = AgencyContractQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at"]
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=~Q(state="ended"), name="one_standing_agency_contract"),
            models.CheckConstraint(condition=Q(fee=None) | Q(fee__gte=0), name="agency_fee_not_negative"),
        ]


class MandateUse(models.Model):
    """A project was registered on the strength of this contract: kept, whatever becomes of the contract later."""

    contract = models.ForeignKey(AgencyContract, models.PROTECT, related_name="uses")
    # In the words of the room that registers projects: "project/12".
    subject = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
