from decimal import Decimal

from django import forms

from trading.bidding.declaring import compared
from trading.evaluation.methods import Offer, points
from trading.methods.presets import PRESETS
from trading.methods.registry import METHODS
from web.forms import HouseForm, MoneyField

ROWS = 8
KINDS = [("goods", "货物"), ("services", "服务")]
BOUNDED = ("COMPREHENSIVE_SCORING", "CONSULTATION_SCORING")
# Invented, so that the page shows at once what it does.
EXAMPLE = (
    ("甲公司", "9500000", "88", "92", "0", "0"), ("乙公司", "9300000", "90", "78", "10", "2"), ("丙公司", "9100000", "84", "98", "-5", "0"),
    ("丁公司", "9800000", "92", "85", "0", "0"), ("戊公司", "9000000", "80", "88", "0", "1"),
)  # fmt: skip
EXAMPLE_VALUES = {"day_value": "5000", "month_share": "1", "reserve": "9200000"}
COLUMNS = ("name", "price", "marks", "credit", "days", "months", "small", "brand")
WEIGHTS = {
    "CREDIT_BUSINESS": ("70", "30"), "COMPREHENSIVE_SCORING": ("30", "0"), "CONSULTATION_SCORING": ("30", "0"), "DOUBLE_ENVELOPE": ("40", "10"),
    "REASONABLE_LOW_PRICE": ("100", "0"), "CREDIT_MARK": ("0", "10"),
}  # fmt: skip


def beginnings():
    """The choices of the first field: rules of the library, then the methods by themselves."""
    return [
        ("工程建设办法库", [(row.code, f"{row.name}（{row.method.name}）") for row in PRESETS.values() if row.category == "GC"]),
        ("政府采购办法库", [(row.code, f"{row.name}（{row.method.name}）") for row in PRESETS.values() if row.category == "ZC"]),
        ("单独的办法", [(row.code, row.name) for row in METHODS.values()]),
    ]


class TrialForm(HouseForm, forms.Form):
    """What all bids share: the limit, the weights of price and credit, and the text that stands for the draw's seed."""

    limit = MoneyField(label="最高限价（元）", required=False, help_text="用于组合基准价和异常低价提示，可以不填")
    price = forms.DecimalField(label="价格分满分", min_value=0, max_value=100, decimal_places=2)
    credit = forms.DecimalField(label="信用分满分", min_value=0, max_value=100, decimal_places=2)
    kind = forms.ChoiceField(label="标的", choices=KINDS)
    seed = forms.CharField(
        label="抽签用的文本",
        max_length=200,
        required=False,
        help_text="真实评标用开标一览表的摘要；试算时任意填写，换一个文本就换一次抽签结果",
    )

    def __init__(self, *args, method, **kwargs):
        super().__init__(*args, **kwargs)
        self.method = method
        judged = "technical" in method.parts
        asked = {
            "price": "price" in method.parts and method.code != "CREDIT_BUSINESS", "credit": "credit" in method.parts,
            "kind": method.code in BOUNDED, "limit": method.by in ("points", "price") and method.code not in ("VALUE_RATIO", "CREDIT_MARK"),
            "seed": method.by == "lot" or any(row.name in ("k", "ties") for row in method.parameters),
        }  # fmt: skip
        for name, wanted in asked.items():
            if not wanted:
                del self.fields[name]
        for name in ("price", "credit"):
            if name in self.fields:
                field = self.fields[name]
                field.error_messages["invalid"] = f"{field.label}应填写数字"
                field.error_messages["max_digits"] = field.error_messages["max_decimal_places"] = f"{field.label}最多两位小数"
                for limit in field.validators:
                    if getattr(limit, "code", "") in ("min_value", "max_value"):
                        limit.message = f"{field.label}应在 0 至 100 之间"
        if judged and "price" in self.fields:
            self.fields["price"].help_text = "满分 100，余下的是其他评分"

    def clean(self):
        data = super().clean()
        if sum((data.get(name) or Decimal(0) for name in ("price", "credit")), Decimal(0)) > 100:
            self.add_error("credit" if "credit" in self.fields else "price", "价格分和信用分合计不能超过 100")
        return data

    def weights(self):
        """(price, credit) in points."""
        credit = self.cleaned_data.get("credit") or Decimal(0)
        if self.method.code == "CREDIT_BUSINESS":
            return Decimal(100) - credit, credit
        return self.cleaned_data.get("price") or Decimal(0), credit


class OfferForm(HouseForm, forms.Form):
    """One made-up bid; a row without a price does not count."""

    name = forms.CharField(label="投标人", max_length=30, required=False)
    price = MoneyField(label="报价（元）", required=False)
    marks = forms.DecimalField(label="其他评分", required=False, min_value=0, decimal_places=2)
    credit = forms.DecimalField(label="信用评分", required=False, min_value=0, max_value=200, decimal_places=2)
    days = forms.IntegerField(label="工期晚（天）", required=False, min_value=-3650, max_value=3650)
    months = forms.IntegerField(label="付款提前（月）", required=False, min_value=0, max_value=60)
    small = forms.BooleanField(label="小微企业", required=False)
    brand = forms.CharField(label="品牌", max_length=30, required=False)

    def __init__(self, *args, method, full, place, **kwargs):
        super().__init__(*args, **kwargs)
        names = {row.name for row in method.parameters}
        self.place, self.full = place, full
        unasked = {
            "marks": "technical" not in method.parts, "days": "day_value" not in names, "months": "month_share" not in names,
            "small": "deduction" not in names, "brand": "same_brand" not in names, "credit": "credit" not in method.parts and "day_value" not in names,
        }  # fmt: skip
        for name, gone in unasked.items():
            if gone:
                del self.fields[name]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"第 {place} 家{field.label}"
            field.error_messages["invalid"] = f"第 {place} 家的{field.label}应填写数字"
            field.error_messages["max_decimal_places"] = f"第 {place} 家的{field.label}最多两位小数"
            for limit in field.validators:
                if getattr(limit, "code", "") in ("min_value", "max_value"):
                    word = "小于" if limit.code == "min_value" else "大于"
                    limit.message = f"第 {place} 家的{field.label}不能{word} %(limit_value)s"
            if name in ("marks", "credit", "days", "months"):
                field.widget = forms.TextInput(attrs={**field.widget.attrs, "inputmode": "decimal", "class": "form-control num"})

    def clean(self):
        data = super().clean()
        if data.get("price") is not None and data["price"] <= 0:
            self.add_error("price", f"第 {self.place} 家的报价应大于 0")
        if (data.get("marks") or 0) > self.full:
            self.add_error("marks", f"第 {self.place} 家的其他评分不能大于满分 {self.full.normalize():f}")
        return data

    def offer(self):
        """The bid, or None where no price was given."""
        data = self.cleaned_data
        if data.get("price") is None:
            return None
        return Offer(
            key=self.place, price=data["price"], marks={"其他评分": points(data.get("marks") or Decimal(0))}, credit=data.get("credit") or Decimal(0),
            days=data.get("days") or 0, months=data.get("months") or 0, small=data.get("small") or False, brand=compared(data.get("brand") or ""), code=f"{self.place:02d}",
        )  # fmt: skip

    @property
    def called(self):
        return self.cleaned_data.get("name") or f"第 {self.place} 家"
