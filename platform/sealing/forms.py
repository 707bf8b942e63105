from django import forms

from sealing.models import EncryptionKey
from web.forms import HouseForm


class RevocationForm(HouseForm, forms.Form):
    reason = forms.ChoiceField(label="停用原因", choices=EncryptionKey.Reason.choices, widget=forms.RadioSelect)
