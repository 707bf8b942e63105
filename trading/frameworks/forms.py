"""What collector, purchasers and suppliers type in. Rows of inputs (items, suppliers) are laid out as a table."""

from dataclasses import dataclass

from django import forms

from accounts.models import Organisation
from trading.frameworks.models import AgreedPrice, FrameworkCatalogue, FrameworkItem, FrameworkOrder, OrderDelivery
from trading.frameworks.queries import ceiling_of, suppliers_of, way_of
from web.forms import HouseForm, MomentField, MoneyField


def lines(count):
    return forms.Textarea(attrs={"rows": count})


@dataclass(frozen=True)
class InputRow:
    """A row of the form's table: what it is about, what is known of it, and its inputs with their headings."""

    label: str
    hint: str
    cells: list


class RowsForm(HouseForm, forms.Form):
    """A form with a table of inputs after its plain fields; `places` are (label, hint, [names of fields])."""

    rows_label = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.places = []

    def place(self, label, hint, **fields):
        names = []
        for name, field in fields.items():
            field.required = False
            self.fields[name] = field
            self.dress(name)
            field.widget.attrs["aria-label"] = f"{label}：{field.label}"
            names.append(name)
        self.places.append((label, hint, names))

    @property
    def rows(self):
        return [InputRow(label, hint, [self[name] for name in names]) for label, hint, names in self.places]

    @property
    def headings(self):
        return [self.fields[name].label for name in self.places[0][2]] if self.places else []

    @property
    def width(self):
        """How many columns the table has."""
        return len(self.headings) + 1

    @property
    def plain(self):
        inside = {name for _, _, names in self.places for name in names}
        return [self[name] for name in self.fields if name not in inside]


class QuantityField(forms.DecimalField):
    def __init__(self, **kwargs):
        super().__init__(**{"max_digits": 10, "decimal_places": 2, "min_value": 0, "label": "数量", **kwargs})
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control num"})
        self.error_messages["invalid"] = "请填写数量，例如 12 或者 1.5"


class OpeningForm(HouseForm, forms.Form):
    """The catalogue is opened."""

    kind = forms.ChoiceField(label="协议类别", choices=FrameworkCatalogue.Kind.choices, widget=forms.RadioSelect)
    order_limit = MoneyField(label="单笔订单限额（元）", required=False, help_text="没有限额的，不填")
    guidance = forms.CharField(label="采购人下单办法", widget=lines(4), required=False, help_text="供货范围、时限、付款等，在目录页面公开")


class ItemForm(RowsForm):
    """An item with the price each entrant has agreed to."""

    rows_label = "各入围供应商的协议单价"
    line = forms.ChoiceField(label="类别", choices=FrameworkItem.Line.choices)
    name = forms.CharField(label="品目名称", max_length=120)
    spec = forms.CharField(label="规格和要求", max_length=300, required=False)
    unit = forms.CharField(label="计价单位", max_length=20, help_text="例如：台、工日、小时、件")
    ceiling = MoneyField(label="最高限制单价（元）")
    as_responded = forms.BooleanField(label="采用响应单价", required=False, help_text="协议单价取各供应商响应文件的单价，下面不用填写")

    def __init__(self, *args, lot, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [pair for pair in FrameworkItem.Line.choices if pair[0] not in FrameworkItem.MEDICAL]
        self.fields["ceiling"].help_text = f"不高于征集文件的最高限制单价 {ceiling_of(lot):,.2f} 元"
        self.dress("ceiling")
        for place, supplier in enumerate(suppliers_of(lot), start=1):
            self.place(f"{place}. {supplier.name}", "", **{f"price_{supplier.pk}": MoneyField(label="协议单价（元）")})

    @property
    def prices(self):
        found = {name.removeprefix("price_"): value for name, value in self.cleaned_data.items() if name.startswith("price_")}
        return {int(pk): value for pk, value in found.items() if value}


class ArticleForm(ItemForm):
    """A drug or device with what identifies it, and the price each entrant has agreed to."""

    code = forms.RegexField(
        r"^[A-Z][0-9A-Z]{7,29}$", label="国家医保编码", max_length=30, help_text="药品或者医用耗材的医保编码，字母开头",
        error_messages={"invalid": "请填写字母开头的编码，不含空格"},
    )  # fmt: skip
    registration = forms.CharField(label="注册证号（批准文号）", max_length=60)
    registered_until = forms.DateField(label="注册证有效期至", widget=forms.DateInput(attrs={"type": "date"}))
    form = forms.CharField(label="剂型或者型号", max_length=80)
    manufacturer = forms.CharField(label="生产企业", max_length=120)
    as_responded = None
    field_order = ("line", "name", "code", "registration", "registered_until", "form", "spec", "manufacturer", "unit", "ceiling")
    ARTICLE = ("code", "registration", "registered_until", "form", "manufacturer")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [(each.value, each.label) for each in FrameworkItem.MEDICAL]
        self.fields["spec"].label = "规格"
        self.dress("spec")

    @property
    def article(self):
        return {name: self.cleaned_data[name] for name in self.ARTICLE}


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", widget=lines(2))


class CutForm(HouseForm, forms.Form):
    price = MoneyField(label="新的单价（元）")


class SupplierChoice(forms.ModelChoiceField):
    def __init__(self, suppliers, **kwargs):
        keys = [each.pk for each in suppliers]
        super().__init__(queryset=Organisation.objects.filter(pk__in=keys).order_by("pk"), empty_label="请选择", **kwargs)

    def label_from_instance(self, row):
        return row.name


class OrderForm(RowsForm):
    """A purchaser's order: what is needed, how much of which item, and from whom or until when."""

    rows_label = "品目和数量"
    subject = forms.CharField(label="采购内容", max_length=120)
    need = forms.CharField(label="需求说明", widget=lines(4), help_text="交货地点、时间和其他要求")
    contact = forms.CharField(label="联系人和电话", max_length=120)

    def __init__(self, *args, catalogue, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.catalogue, way = catalogue, way_of(catalogue.lot)
        if catalogue.is_repair:
            self.fields["subject"].label, self.fields["subject"].help_text = "车辆（设备）", "名称、型号、牌照或者编号"
            self.fields["need"].label, self.fields["need"].help_text = "故障情况和维修需求", "故障现象、停放地点、希望完成的时间"
            for name in ("subject", "need"):
                self.dress(name)
        if way == FrameworkOrder.Way.DIRECT:
            self.fields["supplier"] = SupplierChoice(suppliers_of(catalogue.lot), label="选定供应商")
            self.dress("supplier")
        if way == FrameworkOrder.Way.COMPETITION:
            self.fields["quote_due_at"] = MomentField(label="报价截止时间", help_text="至少留出一个工作日")
            self.dress("quote_due_at")
        if not catalogue.is_repair:
            for item in items_in_use(catalogue):
                hint = f"{item.details}　计价单位：{item.unit}".strip("　") + ("　注册证已过期，不能订购" if item.is_expired(on) else "")
                self.place(f"{item.name}", hint, **{f"quantity_{item.pk}": QuantityField()})

    @property
    def quantities(self):
        return {item: self.cleaned_data.get(f"quantity_{item.pk}") for item in items_in_use(self.catalogue)} if self.places else {}


def items_in_use(catalogue):
    return list(catalogue.items.filter(withdrawn_at=None).select_related("article"))


class StepForm(RowsForm):
    """A step on an order; `order` and `organisation` (who takes it) shape its fields."""

    def __init__(self, *args, order, organisation, **kwargs):
        super().__init__(*args, **kwargs)
        self.order, self.organisation = order, organisation
        self.build()

    def build(self):
        """Fields that depend on the order."""


class NothingForm(StepForm):
    """Nothing to fill in: pressing the button is the act."""


class WhyForm(StepForm):
    reason = forms.CharField(label="理由", widget=lines(3))


class ChoiceForm(StepForm):
    def build(self):
        asked = set(self.order.offers.values_list("supplier", flat=True))
        left = [each for each in suppliers_of(self.order.lot) if each.pk not in asked]
        self.fields["supplier"] = SupplierChoice(left, label="供应商")
        self.dress("supplier")


def own_prices(organisation, **which):
    rows = AgreedPrice.objects.filter(supplier=organisation, item__withdrawn_at=None, **which)
    return rows.select_related("item").order_by("item__no")


class QuoteForm(StepForm):
    """A quote in a second competition: a unit price for each line."""

    rows_label = "报价"

    def build(self):
        quantities = {line.item_id: line.quantity for line in self.order.lines.all()}
        for row in own_prices(self.organisation, item__in=list(quantities)):
            hint = f"{quantities[row.item_id].normalize():f} {row.item.unit}，不高于 {row.price:,.2f} 元"
            self.place(row.item.name, hint, **{f"price_{row.item_id}": MoneyField(label="单价（元）")})

    @property
    def prices(self):
        return {line.item: self.cleaned_data.get(f"price_{line.item_id}") for line in self.order.lines.select_related("item")}


class RepairQuoteForm(StepForm):
    """A repair's quote: labour and parts that it takes."""

    rows_label = "工时和配件（用到的填写）"
    findings = forms.CharField(label="检查结论和维修方案", widget=lines(4))

    def build(self):
        for row in own_prices(self.organisation, item__catalogue=self.order.catalogue):
            hint = f"{row.item.get_line_display()}，每{row.item.unit}不高于 {row.price:,.2f} 元"
            price = MoneyField(label="单价（元）", initial=row.price)
            self.place(row.item.name, hint, **{f"quantity_{row.item_id}": QuantityField(), f"price_{row.item_id}": price})

    @property
    def quoted(self):
        rows = own_prices(self.organisation, item__catalogue=self.order.catalogue)
        said = self.cleaned_data
        return {row.item: (said.get(f"quantity_{row.item_id}"), said.get(f"price_{row.item_id}")) for row in rows}


class DeliveryForm(StepForm):
    delivery = forms.CharField(label="交付（完工）情况", widget=lines(3), help_text="交付时间、地点、数量，维修的写明更换的配件")


class BatchesForm(StepForm):
    """What a supplier has delivered of each line that is not complete yet."""

    rows_label = "本次交付（没有交付的不填）"

    def build(self):
        for line in self.order.lines.select_related("item__article").prefetch_related("deliveries"):
            if line.outstanding:
                expires = forms.DateField(label="使用期限至", widget=forms.DateInput(attrs={"type": "date"}))
                hint = f"{line.item.details}　未交付 {line.outstanding.normalize():f} {line.item.unit}"
                self.place(
                    line.item.name, hint,
                    **{f"quantity_{line.pk}": QuantityField(), f"batch_{line.pk}": forms.CharField(label="生产批号", max_length=40), f"expires_{line.pk}": expires},
                )  # fmt: skip

    @property
    def batches(self):
        said = self.cleaned_data
        keys = [name.removeprefix("quantity_") for name in self.fields if name.startswith("quantity_")]
        return {int(pk): (said.get(f"quantity_{pk}"), said.get(f"batch_{pk}") or "", said.get(f"expires_{pk}")) for pk in keys}


class VerdictsForm(StepForm):
    """The purchaser's word on each batch that waits for it."""

    rows_label = "逐项验收（暂不下结论的不选）"
    VERDICTS = (("", "暂不下结论"), ("accept", "合格，接收"), ("refuse", "不合格，拒收"))

    def build(self):
        for row in OrderDelivery.objects.filter(line__order=self.order, accepted=None).select_related("line__item__article"):
            hint = f"{row.line.item.details}　{row.quantity.normalize():f} {row.line.item.unit}，批号 {row.batch}，使用期限至 {row.expires_on:%Y-%m-%d}"
            self.place(
                row.line.item.name, hint,
                **{f"verdict_{row.pk}": forms.ChoiceField(label="结论", choices=self.VERDICTS), f"reason_{row.pk}": forms.CharField(label="拒收理由", max_length=300)},
            )  # fmt: skip

    @property
    def verdicts(self):
        said, words = self.cleaned_data, {"accept": True, "refuse": False}
        keys = [name.removeprefix("verdict_") for name in self.fields if name.startswith("verdict_")]
        return {int(pk): (words.get(said.get(f"verdict_{pk}")), said.get(f"reason_{pk}") or "") for pk in keys}


class AcceptanceForm(StepForm):
    opinion = forms.CharField(label="验收意见", widget=lines(3))


class RatingForm(StepForm):
    rating = forms.TypedChoiceField(
        label="评分", coerce=int, widget=forms.RadioSelect,
        choices=[("5", "5 分　很满意"), ("4", "4 分　满意"), ("3", "3 分　一般"), ("2", "2 分　不满意"), ("1", "1 分　很不满意")],
    )  # fmt: skip
    words = forms.CharField(label="评价", widget=lines(3), help_text="在协议目录页面公开")
