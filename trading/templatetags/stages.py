"""Where a lot stands, in the words of its own procedure."""

from django import template

from trading.procedures.procedures import place_of
from trading.procedures.versions import procedure_of

register = template.Library()


@register.filter
def stage_words(lot):
    """The state of a lot under sealed bids; elsewhere, where nobody bids or opens in a hall, the stage of its procedure."""
    procedure = procedure_of(lot.tender)
    place = place_of(procedure, lot.state)
    if procedure.is_sealed or place < 0:
        return "本次交易失败" if lot.state == lot.State.FAILED and not procedure.is_sealed else lot.get_state_display()
    return procedure.stages[place].label
