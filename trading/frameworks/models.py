"""The second stage of a framework agreement: its catalogue with agreed prices, and what is ordered under it."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from documents.models import StoredFile
from sealing.models import VaultFile
from trading.procedures.models import StepRecord
from trading.projects.models import Lot

PERSON = settings.AUTH_USER_MODEL


def sum_field(label, **more):
    return models.DecimalField(label, max_digits=18, decimal_places=2, **more)


def quantity_field():
    return models.DecimalField("数量", max_digits=10, decimal_places=2)


class FrameworkCatalogue(models.Model):
    """协议目录: opened by the collector once the agreement is signed; from then on the orders of the lot are made here."""

    class Kind(models.TextChoices):
        SUPPLY = "supply", "协议供货"
        REPAIR = "repair", "协议维修"
        MEDICAL = "medical", "医疗器械和药品"

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="framework")
    kind = models.CharField("协议类别", max_length=7, choices=Kind.choices)
    order_limit = sum_field("单笔订单限额（元）", null=True, blank=True)
    guidance = models.TextField("采购人下单办法", blank=True)
    opened_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(order_limit=None) | Q(order_limit__gt=0), name="order_limit_positive")]

    @property
    def is_repair(self):
        return self.kind == self.Kind.REPAIR

    @property
    def is_medical(self):
        return self.kind == self.Kind.MEDICAL


class FrameworkItem(models.Model):
    """A line of the catalogue with its ceiling price: a product, a service, an hour of labour or a spare part."""

    class Line(models.TextChoices):
        PRODUCT = "product", "货物"
        SERVICE = "service", "服务"
        LABOUR = "labour", "工时"
        PART = "part", "配件材料"
        DRUG = "drug", "药品"
        DEVICE = "device", "医疗器械和耗材"

    MEDICAL = (Line.DRUG, Line.DEVICE)

    catalogue = models.ForeignKey(FrameworkCatalogue, models.PROTECT, related_name="items")
    no = models.PositiveSmallIntegerField()
    line = models.CharField("类别", max_length=8, choices=Line.choices)
    name = models.CharField("品目名称", max_length=120)
    spec = models.CharField("规格和要求", max_length=300, blank=True)
    unit = models.CharField("计价单位", max_length=20)
    ceiling = sum_field("最高限制单价（元）")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.CharField("停用理由", max_length=300, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "no"], name="one_framework_item_per_number"),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="framework_ceiling_positive"),
        ]

    @property
    def details(self):
        """Everything that tells the item from others of its name."""
        article = getattr(self, "article", None)
        more = (article.form, article.manufacturer, article.registration) if article else ()
        return "，".join(each for each in (self.spec, *more) if each)

    def is_expired(self, on):
        """Whether its registration certificate has run out; what needs none never does."""
        article = getattr(self, "article", None)
        return article is not None and on > article.registered_until


class MedicalArticle(models.Model):
    """What a drug or a medical device is besides: its national code, its registration and how long that holds, who makes it."""

    item = models.OneToOneField(FrameworkItem, models.PROTECT, related_name="article")
    code = models.CharField("国家医保编码", max_length=30)
    registration = models.CharField("注册证号（批准文号）", max_length=60)
    registered_until = models.DateField("注册证有效期至")
    form = models.CharField("剂型或者型号", max_length=80)
    manufacturer = models.CharField("生产企业", max_length=120)


class AgreedPrice(models.Model):
    """协议价格: what an entrant agreed to for an item, and its price now, which may only have become lower."""

    item = models.ForeignKey(FrameworkItem, models.PROTECT, related_name="prices")
    supplier = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    agreed = sum_field("协议单价（元）")
    price = sum_field("现行单价（元）")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "supplier"], name="one_agreed_price_per_supplier"),
            models.CheckConstraint(condition=Q(price__gt=0, price__lte=F("agreed")), name="price_at_most_agreed"),
        ]


class PriceCut(models.Model):
    """A supplier has lowered its price."""

    agreed = models.ForeignKey(AgreedPrice, models.PROTECT, related_name="cuts")
    price = sum_field("降至（元）")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]


class FrameworkOrder(models.Model):
    """A purchase under a framework, from the purchaser's need to its rating; `record` is its deal in the lot's procedure."""

    class State(models.TextChoices):
        ASKED = "asked", "待供应商答复"
        QUOTED = "quoted", "待采购人确认报价"
        COMPETING = "competing", "二次竞价中"
        CHOOSING = "choosing", "待另选供应商"
        DECIDED = "decided", "已成交，履行中"
        DELIVERED = "delivered", "待验收"
        ACCEPTED = "accepted", "已验收"
        CANCELLED = "cancelled", "已撤销"
        FAILED = "failed", "未成交"

    class Way(models.TextChoices):
        DIRECT = "direct", "直接选定"
        COMPETITION = "competition", "二次竞价"
        ROTATION = "rotation", "顺序轮候"

    number = models.CharField(max_length=24, unique=True)
    catalogue = models.ForeignKey(FrameworkCatalogue, models.PROTECT, related_name="orders")
    purchaser = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    way = models.CharField(max_length=11, choices=Way.choices)
    subject = models.CharField("采购内容", max_length=120)
    need = models.TextField("需求说明")
    contact = models.CharField("联系人和电话", max_length=120)
    state = models.CharField(max_length=10, choices=State.choices)
    placed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    quote_due_at = models.DateTimeField("报价截止时间", null=True, blank=True)
    supplier = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    amount = sum_field("成交金额（元）", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    paper = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    record = models.OneToOneField(StepRecord, models.PROTECT, null=True, blank=True, related_name="order")
    delivery = models.TextField("交付（完工）情况", blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    opinion = models.TextField("验收意见", blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField("评分", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    rating_words = models.TextField("评价", blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    ending = models.TextField("撤销或者未成交的原因", blank=True)

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5), name="order_rating_one_to_five"),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "delivered", "accepted"])
                | Q(supplier__isnull=False, amount__isnull=False, decided_at__isnull=False),
                name="a_decided_order_has_its_deal",
            ),
        ]

    @property
    def lot(self):
        return self.catalogue.lot

    @property
    def open_offer(self):
        """The offer that is open, of the order's offers as they were fetched."""
        return next((each for each in self.offers.all() if each.state == OrderOffer.State.OPEN), None)


class OrderLine(models.Model):
    """What is ordered of an item; its price once the order is decided."""

    order = models.ForeignKey(FrameworkOrder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(FrameworkItem, models.PROTECT, related_name="+")
    quantity = quantity_field()
    price = sum_field("成交单价（元）", null=True, blank=True)

    class Meta:
        ordering = ["item__no"]
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="one_order_line_per_item"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="ordered_quantity_positive"),
        ]

    @property
    def amount(self):
        return None if self.price is None else self.price * self.quantity

    @property
    def accepted(self):
        """How much of it was accepted, of the line's deliveries as they were fetched."""
        return sum((each.quantity for each in self.deliveries.all() if each.accepted), Decimal(0))

    @property
    def outstanding(self):
        """How much is still to be delivered: what was refused is delivered again."""
        return self.quantity - sum((each.quantity for each in self.deliveries.all() if each.accepted is not False), Decimal(0))


class OrderDelivery(models.Model):
    """One batch of a line was delivered: how much, until when it may be used, and whether the purchaser took it."""

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="deliveries")
    quantity = quantity_field()
    batch = models.CharField("生产批号", max_length=40)
    expires_on = models.DateField("使用期限至")
    delivered_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    delivered_at = models.DateTimeField()
    accepted = models.BooleanField("验收合格", null=True, blank=True)
    reason = models.CharField("拒收理由", max_length=300, blank=True)
    judged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["delivered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="delivered_quantity_positive"),
            models.CheckConstraint(condition=Q(accepted=None) | Q(accepted=True) | ~Q(reason=""), name="who_refuses_a_batch_says_why"),
        ]


class OrderOffer(models.Model):
    """A supplier was offered the order, chosen by the purchaser or by its turn: until when, and what it answered."""

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "已谢绝"
        LAPSED = "lapsed", "逾期未答复"
        REFUSED = "refused", "报价未被接受"
        BARRED = "barred", "不能参加，顺延"
        WITHDRAWN = "withdrawn", "订单已撤销"

    order = models.ForeignKey(FrameworkOrder, models.PROTECT, related_name="offers")
    supplier = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField("理由", blank=True)
    # A repair's quote: [item number, quantity, unit price] of each line, with what the supplier found.
    quote = models.JSONField(default=list)
    findings = models.TextField("检查结论和维修方案", blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="open"), name="one_open_offer_per_order"),
            models.UniqueConstraint(fields=["order", "supplier"], name="one_offer_per_supplier_and_order"),
        ]


class OrderQuote(models.Model):
    """A supplier's quote in a second competition, sealed until the deadline; the last one handed in counts."""

    order = models.ForeignKey(FrameworkOrder, models.PROTECT, related_name="quotes")
    supplier = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    no = models.PositiveSmallIntegerField()
    sealed = models.ForeignKey(VaultFile, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # {item number: unit price}, once opened; the total, and its place among the quotes that count.
    prices = models.JSONField(default=dict)
    total = sum_field("报价合计（元）", null=True, blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    # Why a quote does not count although it was handed in.
    void = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["rank", "pk"]
        constraints = [models.UniqueConstraint(fields=["order", "supplier", "no"], name="one_quote_per_number")]
