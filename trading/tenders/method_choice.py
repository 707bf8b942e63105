"""With which method the page of the criteria begins."""

from dataclasses import dataclass

from trading.methods.presets import Preset, presets_in
from trading.methods.registry import METHODS, Method, offered_in
from trading.procedures.versions import procedure_of
from trading.tenders.actions.drafting import criteria_of
from trading.tenders.models import Criterion


@dataclass(frozen=True)
class ChosenMethod:
    """What the page begins with: the document's own method, or another or a rule of the library that was asked for."""

    method: Method
    settings: dict
    criteria: list
    methods: list
    presets: list
    preset: Preset | None = None
    saved: bool = True


def chosen_method(document, *, preset=None, method=None):
    """What was asked for by code, a rule of the library or a method; the document's own unless the procedure allows it."""
    procedure, kind = procedure_of(document.tender).code, document.tender.project.kind
    offered = {row.code: row for row in offered_in(procedure, kind)}
    presets = {row.code: row for row in presets_in(procedure, kind)}
    own = METHODS[document.method].for_kind(kind)
    standing = criteria_of(document)
    choices = {"methods": list(offered.values()), "presets": list(presets.values())}
    if rule := presets.get(preset):
        criteria = [*checks_in(standing), *rule.criteria()]
        settings = {**offered[rule.method_code].defaults(), **rule.settings}
        return ChosenMethod(offered[rule.method_code], settings, criteria, preset=rule, saved=False, **choices)
    wanted = offered.get(method, own)
    if wanted == own:
        return ChosenMethod(own, document.method_settings, standing, **choices)
    return ChosenMethod(wanted, wanted.defaults(), [row for row in standing if scores_in(wanted, row)], saved=False, **choices)


def checks_in(criteria):
    return [row for row in criteria if row["part"] in Criterion.CHECKS]


def scores_in(method, row):
    """Whether a factor stands in a method's criteria: checks always do."""
    return row["part"] in Criterion.CHECKS or row["part"] in method.parts
