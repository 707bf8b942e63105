from django import forms

from web.forms import HouseForm


class PaperForm(HouseForm, forms.Form):
    """A paper for the archive: one of the items that are asked for, or something beside them."""

    item = forms.ChoiceField(label="档案项目", required=False)
    title = forms.CharField(label="材料名称", max_length=120)
    file = forms.FileField(label="文件", help_text="PDF、图片、Word、Excel 或 ZIP，不超过 50 MB")

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "其他材料"), *((row.code, f"{row.says}（{row.supplier}）") for row in items)]


class ExceptionForm(HouseForm, forms.Form):
    item = forms.ChoiceField(label="缺少的项目")
    reason = forms.CharField(label="不能补齐的理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, missing, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "请选择"), *((row.item.code, row.item.says) for row in missing)]


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="事由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
