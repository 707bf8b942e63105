"""The money of a contract: the performance bond, changes of price and term, and what is paid when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from disclosure.models import Notice
from documents.models import StoredFile
from trading.awards.models import Contract

PERSON = settings.AUTH_USER_MODEL


def sum_field(label, **more):
    return models.DecimalField(label, max_digits=18, decimal_places=2, **more)


class PerformanceBond(models.Model):
    """履约保证金: asked for by the tenderee, put up by the winner, confirmed by the centre, released after acceptance."""

    class Form(models.TextChoices):
        TRANSFER = "transfer", "银行转账"
        GUARANTEE = "guarantee", "银行保函"
        INSURANCE = "insurance", "保证保险"

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="bond")
    amount = sum_field("金额（元）")
    due_on = models.DateField("提交期限")
    form = models.CharField("提交方式", max_length=12, choices=Form.choices, blank=True)
    reference = models.CharField("流水号或保函编号", max_length=80, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    registered_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="bond_positive")]


class BondClaim(models.Model):
    """The tenderee claims on the bond; the winner may state its case before the reasoned decision."""

    class State(models.TextChoices):
        ASKED = "asked", "待陈述"
        UPHELD = "upheld", "已扣除"
        DROPPED = "dropped", "已放弃"

    bond = models.ForeignKey(PerformanceBond, models.PROTECT, related_name="claims")
    amount = sum_field("主张金额（元）")
    reason = models.TextField("理由和合同依据")
    statement = models.TextField("中标人陈述", blank=True)
    statement_until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    decision = models.TextField("决定及理由", blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="claim_positive")]


class ContractChange(models.Model):
    """合同变更: a difference of price or term with its reason; in force once all who must have agreed."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待中标人确认"
        AGREED = "agreed", "待监督部门核准"
        IN_FORCE = "in_force", "已生效"
        REFUSED = "refused", "未通过"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="changes")
    no = models.PositiveSmallIntegerField()
    title = models.CharField("变更事项", max_length=120)
    reason = models.TextField("变更理由")
    amount = sum_field("价款增减（元）", default=0)
    days = models.IntegerField("工期增减（日历天）", default=0)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    # Whether the cumulative change passed the city's threshold when it was proposed.
    needs_approval = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField("意见", blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "no"], name="one_change_per_number"),
            models.CheckConstraint(condition=~Q(amount=0, days=0), name="a_change_changes_something"),
        ]


class PaymentMilestone(models.Model):
    """A payment the contract plans: for what, how much, and by when it is expected."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="payment_plan")
    no = models.PositiveSmallIntegerField()
    title = models.CharField("付款节点", max_length=120)
    amount = sum_field("计划金额（元）")
    planned_on = models.DateField("计划时间", null=True, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "no"], name="one_payment_plan_per_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="planned_payment_positive"),
        ]


class PaymentRequest(models.Model):
    """The winner asks for a payment upon delivery or measured progress; its due day is a fact from then on."""

    class State(models.TextChoices):
        ASKED = "asked", "待审核"
        APPROVED = "approved", "待支付"
        PAID = "paid", "已支付"
        RETURNED = "returned", "已退回"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="payments")
    no = models.PositiveSmallIntegerField()
    milestone = models.ForeignKey(PaymentMilestone, models.PROTECT, null=True, blank=True, related_name="requests")
    progress = models.TextField("完成情况")
    delivered_on = models.DateField("交付（计量）日期")
    amount = sum_field("申请金额（元）")
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved = sum_field("核定金额（元）", null=True, blank=True)
    # Confirmed deductions that were kept back from this payment.
    withheld = sum_field("扣款（元）", default=0)
    remark = models.TextField("审核意见", blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField("支付日期", null=True, blank=True)
    interest = sum_field("逾期利息（元）", default=0)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "no"], name="one_payment_per_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
            models.CheckConstraint(condition=Q(approved=None) | Q(approved__lte=F("amount")), name="approved_at_most_asked"),
            models.CheckConstraint(condition=Q(approved=None) | Q(withheld__lte=F("approved")), name="withheld_at_most_approved"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_on__isnull=False), name="paid_on_a_day"),
        ]

    @property
    def payable(self):
        """What is to be transferred: the approved sum without what is withheld."""
        return (self.approved if self.approved is not None else self.amount) - self.withheld
