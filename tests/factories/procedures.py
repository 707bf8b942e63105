"""Walking a procedure from its registration to its archive, each step through its action, as its people would."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Duty
from rulebook.clock import city_day, database_now
from rulebook.periods import MaximumPeriod, MinimumPeriod, day_end
from tests.factories.bids import jump_to
from tests.factories.documents import place_entries
from tests.factories.trading import accepted_tender, city, organisation, pdf, store_file
from trading.conduct.actions import complete_step
from trading.conduct.special import quotes_of
from trading.procedures.reaching import milestones_of
from trading.procedures.records import is_done, records_of
from trading.procedures.versions import procedure_of
from trading.tenders.actions import name_invitee
from trading.tenders.queries import drawn_for

ABLE = {kind: {"qualification": "具有独立承担民事责任和履行合同的能力"} for kind in ("goods", "services")}
# Kind and estimate for which the catalogue allows a procedure.
SUBJECTS = {
    code: {"kind": kind, "estimate": Decimal(estimate), "lots": ({"estimate": Decimal(estimate)} | ABLE.get(kind, {}),)}
    for kind, estimate, codes in (
        ("works", 38_600_000, "GC-OT GC-IT GC-PQ GC-2E"), ("goods", 3_000_000, "GC-MATERIALS ZC-OT ZC-IT ZC-TP ZC-DY ZC-KJ"),
        ("services", 3_000_000, "GC-DESIGN GC-SUPERVISION ZC-CS"), ("goods", 800_000, "ZC-XJ"), ("works", 800_000, "GC-LOT CJ-W"),
        ("land", 90_000_000, "TD-L TD-A TD-T"), ("mining", 90_000_000, "KY-L KY-A KY-T"), ("equity", 20_000_000, "CQ-L"),
        ("assets", 3_000_000, "CQ-NB CJ-A"), ("lease", 360_000, "CQ-ZL"), ("franchise", 500_000, "CQ-JY"), ("goods", 300_000, "CJ-P"),
    )
    for code in codes.split()
}  # fmt: skip
OWN_VALUES = {"experts": 4, "size": "5"}


def trading_city(category, bidders=4):
    """A city whose regulator watches this category too."""
    where = city(bidders=bidders)
    where.regulator.sectors = ["GC", category]
    where.regulator.save()
    if category == "CJ":
        where.centre = organisation("centre", "清江市滨江镇公共资源交易中心", duties=Duty.values, sectors=["CJ"])
    return where


def lot_under(code, *, where=None, category=None, at=None, **fields):
    """The lot of a project taken in under a procedure."""
    from trading.procedures.versions import version_on

    procedure = version_on(code, city_day(at or database_now()))
    where = where or trading_city(procedure.category)
    given = {"category": procedure.category, "procedure": code, **SUBJECTS[code], **fields}
    tender = accepted_tender(where, at=at, **given)
    lot = tender.lots.get()
    lot.city = where
    return lot


def invited(lot, bidders=None):
    """The lot's tender invites these of the city's bidders, all unless said otherwise; drawn ones are invited already."""
    if procedure_of(lot.tender).by_invitation and not drawn_for(lot.tender):
        for bidder in lot.city.bidders if bidders is None else bidders:
            name_invitee(lot.tender, bidder, by=lot.city.handler, at=database_now())
    return lot


def person_for(step, lot):
    """(person, organisation) who may take a step."""
    where = lot.city
    first = step.actors[0]
    if first in ("bidder", "winner"):
        return where.bidders[0].somebody, where.bidders[0]
    return {"staff": where.staff, "supervisor": where.supervisor}.get(first, where.handler), None


def value_for(field, step, lot, data, at):
    """Something lawful for a field: dates long enough away, sums at their bounds, the bidders as parties."""
    if field.name in OWN_VALUES:
        return OWN_VALUES[field.name]
    if field.kind in ("text", "longtext"):
        return f"{field.label}的内容"
    if field.kind == "choice":
        return field.choices[0]
    if field.kind == "file":
        return store_file(pdf(), by=lot.city.handler, organisation=lot.city.agency, purpose="step", at=at)
    if field.kind == "number":
        return 5
    if field.kind == "amount":
        return amount_for(field, step, lot, data)
    if field.kind == "parties":
        return parties_for(field, step, lot, data)
    if field.reaches == "quote_deadline":
        return at + timedelta(hours=1)
    moment = moment_for(field, step, lot, data, at)
    return city_day(moment) if field.kind == "date" else moment


SOLE = ("supplier", "winner")


def parties_for(field, step, lot, data):
    """All who may stand there, in their order; one where one is meant; of the framework's ranking all but the last."""
    from trading.conduct.values import kept, parties_named

    said = {each.name: kept(each, data[each.name]) for each in step.fields if each.name in data}
    codes = parties_named(field.among, step, said, lot) if field.among else [each.uscc for each in lot.city.bidders]
    chosen = [each for code in codes for each in lot.city.bidders if each.uscc == code]
    if field.name == "entrants":
        return chosen[:-1]
    return chosen[:1] if field.name in SOLE else chosen


def amount_for(field, step, lot, data):
    from trading.conduct.values import amount_of, kept

    said = {each.name: kept(each, data[each.name]) for each in step.fields if each.name in data}
    quotes = quotes_of(lot)
    if "own_quote" in step.checks and field.name == "price":
        return quotes[lot.city.bidders[0].uscc]
    for reference in (field.at_least, field.at_most):
        bound = amount_of(reference, step, said, lot) if reference else None
        if bound is not None:
            return bound
    if "保证金" in field.label:
        # A fifth of the start price (land), and less than what the others allow at most.
        return Decimal("200000.00") if step.code == "joint_decision" else Decimal("10000.00")
    return Decimal("1000000.00")


def moment_for(field, step, lot, data, at):
    """The first lawful moment: after every minimum period that ends with this event, and no later than the longest allows."""
    known = milestones_of(lot.tender, lot) | {step.reaches: at}
    for each in step.fields:
        if each.reaches and each.name in data:
            value = data[each.name]
            known[each.reaches] = value if hasattr(value, "hour") else day_end(value)
    closing = field.reaches and any(each.closes_at == field.reaches for each in procedure_of(lot.tender).steps)
    first = at + timedelta(hours=2) if closing else at
    for rule in step.limits_on(city_day(at)):
        if isinstance(rule, MinimumPeriod) and rule.end == field.reaches and rule.start in known:
            first = max(first, day_end(rule.earliest(city_day(known[rule.start]))))
        if isinstance(rule, MaximumPeriod) and rule.end == field.reaches and rule.consequence == "不得进入下一步" and rule.start in known:
            first = max(first, at + timedelta(days=1))
    return first


def take(lot, step, *, at=None, by=None, **own):
    """Take a step of the desk, waiting for the moment from which it may be taken."""
    lot.refresh_from_db()
    known = milestones_of(lot.tender, lot)
    if step.repeats and "bidder" in step.actors and by is None:
        return [take_as_bidder(lot, step, bidder, place, **own) for place, bidder in enumerate(lot.city.bidders)][-1]
    if step.code == "talks" and step.repeats and "supplier" not in own:
        return [take(lot, step, supplier=[bidder]) for bidder in lot.city.bidders][-1]
    if (opens := known.get(step.opens_after)) and database_now() < opens:
        jump_to(opens + timedelta(seconds=1))
        place_entries()
    at = at or database_now()
    person, acting = person_for(step, lot)
    data = {}
    for field in step.fields:
        if field.name in own:
            data[field.name] = own[field.name]
        elif field.required:
            data[field.name] = value_for(field, step, lot, data, at)
    return complete_step(lot, step.code, data, by=by or person, at=at, organisation=acting)


def take_as_bidder(lot, step, bidder, place, **own):
    """A bidder takes a step; quotes rise with the place, so that the first is the lowest."""
    at = database_now()
    data = {field.name: value_for(field, step, lot, {}, at) for field in step.fields if field.required} | own
    if "price" in data and "price" not in own:
        data["price"] = Decimal(500_000 + 1000 * place)
    return complete_step(lot, step.code, data, by=bidder.somebody, at=at, organisation=bidder)


def take_until(lot, code):
    """Take every required step before this one that is not done yet."""
    procedure = procedure_of(lot.tender)
    for step in procedure.steps:
        if step.code == code:
            return step
        done = list(records_of(lot).values_list("step", flat=True))
        if step.by_form and not step.optional and not is_done(lot, procedure, step, done):
            take(lot, step)
    raise LookupError(code)
