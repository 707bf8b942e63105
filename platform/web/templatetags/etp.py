"""Tags and filters of the house; built in to every template."""

from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html

from accounts.stepup import must_sign
from rulebook.clock import CITY
from rulebook.money import capital as in_capitals
from web.released import integrity

register = template.Library()

STATUS_ICONS = {
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
    "run": "progress",
    "line": "circle-dashed",
    "mute": "circle-minus",
    "solid": "alert-octagon",
}


@register.simple_tag
def icon(name, label=""):
    """An icon of the sprite; with a label it speaks, without it is decoration."""
    where = static("build/icons.svg")
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>', label, where, name)
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#i-{}"/></svg>', where, name)


@register.simple_tag
def script(name, module=False):
    """A script of ours; the browser runs it only if it is the very file that was released."""
    kind = "type=module" if module else "defer"
    return format_html('<script {} src="{}" integrity="{}"></script>', kind, static(name), integrity(name))


@register.simple_tag
def stylesheet(name):
    """A stylesheet of ours; the browser uses it only if it is the very file that was released."""
    return format_html('<link rel="stylesheet" href="{}" integrity="{}">', static(name), integrity(name))


@register.simple_tag
def st(kind, text, glyph=""):
    """A status: icon, word and tint."""
    return format_html('<span class="st st-{}">{}{}</span>', kind, icon(glyph or STATUS_ICONS[kind]), text)


@register.simple_tag
def cd(deadline, now=None):
    """How long until a deadline, in words, with the tint of its urgency; the page also writes the moment itself."""
    rest = (deadline - (now or timezone.now())).total_seconds()
    if rest <= 0:
        return format_html('<span class="cd over">{}已截止</span>', icon("alert-octagon"))
    days, hours, minutes = int(rest // 86400), int(rest % 86400 // 3600), int(rest % 3600 // 60)
    words = f"还剩 {days} 天 {hours} 小时" if days else f"还剩 {hours} 小时 {minutes} 分"
    kind = "urgent" if days < 1 else "soon" if days < 7 else ""
    return format_html('<span class="cd {}">{}{}</span>', kind, icon("clock-hour-4"), words)


@register.filter
def yuan(amount):
    """1,234,567.80"""
    return "—" if amount is None or amount == "" else f"{Decimal(amount):,.2f}"


@register.filter
def wan(amount):
    """Yuan shown in 万元 with two places."""
    return "—" if amount is None or amount == "" else f"{Decimal(amount) / 10000:,.2f}"


@register.filter
def capital(amount):
    return in_capitals(Decimal(amount))


@register.filter
def moment(value):
    """2026-11-24 09:30 in the city's time."""
    return value.astimezone(CITY).strftime("%Y-%m-%d %H:%M") if value else "—"


@register.filter
def second(value):
    """2026-11-24 09:30:07 in the city's time."""
    return value.astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


@register.filter
def clock(value):
    return value.astimezone(CITY).strftime("%H:%M:%S") if value else "—"


@register.filter
def hour(value):
    """09:30 in the city's time."""
    return value.astimezone(CITY).strftime("%H:%M") if value else "—"


@register.filter
def day(value):
    """2026-11-24, of a day or of a moment in the city's time."""
    if not value:
        return "—"
    return (value.astimezone(CITY) if hasattr(value, "hour") else value).strftime("%Y-%m-%d")


@register.filter
def filesize(count):
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


@register.filter
def masked(account):
    """An account number of which only the ends can be read."""
    return f"{account[:4]} **** **** {account[-4:]}" if account and len(account) > 8 else "未登记"


@register.filter
def grouped(account):
    """An account number in groups of four, as banks print it."""
    return " ".join(account[at : at + 4] for at in range(0, len(account), 4))


@register.filter
def digest(text):
    """A long digest in groups of eight, so that an eye can compare it."""
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


@register.filter
def item(mapping, key):
    """The value of a key that a template holds in a variable."""
    return mapping.get(key)


@register.inclusion_tag("web/field.html")
def field(bound, css=""):
    """A form field with label, hint, error and input."""
    kind = bound.field.widget.__class__.__name__
    return {
        "field": bound,
        "css": css,
        "single_check": kind == "CheckboxInput",
        "group": kind in ("CheckboxSelectMultiple", "RadioSelect"),
    }


@register.inclusion_tag("web/error_summary.html")
def error_summary(form):
    """The list of errors above a form, in the words that stand beside the fields."""
    rows = [{"text": text, "target": ""} for text in form.non_field_errors()]
    for bound in form:
        rows += [{"text": text, "target": bound.id_for_label or bound.auto_id} for text in bound.errors]
    return {"rows": rows}


@register.simple_tag(takes_context=True)
def qs(context, **changes):
    """The page's query string with some values changed (None drops one)."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def act(context):
    """Marks a form whose posting is an official act: the page stops it until the person has signed."""
    request = context["request"]
    if not must_sign(request):
        return ""
    request.has_act = True
    return "data-act"
