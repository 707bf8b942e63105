"""The door to a protest on pages of earlier rooms, which know nothing of protests."""

from django import template

from rulebook.clock import database_now
from supervision.remedies.links import links_of
from supervision.remedies.regimes import is_procurement, regime_of

register = template.Library()


@register.inclusion_tag("supervision/_protest_door.html", takes_context=True)
def protest_door(context, lot):
    """A bidder's button to object; to challenge only while something of the lot may be challenged, with the last day for it."""
    now, shown, until = database_now(), True, None
    if is_procurement(lot):
        until = max((link.until for link in links_of(lot, context["request"].organisation, now) if link.is_open(now)), default=None)
        shown = until is not None
    return {"lot": lot, "word": regime_of(lot).protest, "shown": shown, "until": until}
