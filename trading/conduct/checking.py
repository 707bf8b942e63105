"""Whether a step may be taken now, with what its form says: order, dates, and the limits of the rules that bind it."""

from decimal import Decimal

from rulebook.clock import city_day, database_now
from rulebook.limits import MaximumCount, MinimumCount, ShareBelow
from rulebook.periods import DatedPeriod
from rulebook.provisions import Consequence, in_force
from rulebook.refusals import Refused
from trading.conduct.special import CHECKS, call_off, kept_deals, orders_only
from trading.conduct.values import amount_of, moment_of, parties_named, referred, restored, worded
from trading.procedures.milestones import MILESTONES
from trading.procedures.procedures import place_of
from trading.procedures.reaching import milestones_of
from trading.procedures.records import is_done, is_required, records_of
from trading.procedures.registry import all_rules
from trading.projects.models import Lot
from trading.tenders.notices import shown
from trading.tenders.problems import promises_of

# What the law lets stand although it came late: the deed counts, and the lateness is reported.
STANDS = (Consequence.ALERT, Consequence.WARN, Consequence.NOTE, Consequence.KEEP)
OVER = (Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.ARCHIVED)


def law_day(lot, at):
    """The day whose law holds: that of the first publication, or today before it."""
    return lot.tender.rules_on or city_day(at)


def obstacle(lot, procedure, step, at, *, done=None, reached=None):
    """What stands in the way of a step now, as a refusal; None where it may be taken."""
    done = done if done is not None else list(records_of(lot).values_list("step", flat=True))
    reached = reached if reached is not None else milestones_of(lot.tender, lot)
    stage = procedure.stages.index(procedure.stage_of(step))
    if lot.state in OVER:
        return Refused("over", f"本次交易{lot.get_state_display()}，不能再办理“{step.label}”。")
    if step.code in done and not step.repeats:
        return Refused("taken", f"“{step.label}”已经办理。", next_step="请刷新页面查看。")
    if place_of(procedure, lot.state) > stage:
        return Refused("too_late", f"交易已进入“{procedure.stages[place_of(procedure, lot.state)].label}”，不能再办理“{step.label}”。")
    before = procedure.steps[: procedure.steps.index(step)]
    if (
        step.instead_of
        and set(step.instead_of) & set(done)
        or any(each.code in done for each in procedure.steps if step.code in each.instead_of)
    ):
        return Refused("other_way", f"已经按另一种方式成交，不再办理“{step.label}”。")
    if call_off.__name__ in step.checks and kept_deals(lot) == []:
        return orders_only()
    opens, closes = reached.get(step.opens_after), reached.get(step.closes_at)
    if opens and at < opens:
        return Refused(
            "too_early",
            f"{MILESTONES[step.opens_after]}（{shown(opens)}）之后才能办理“{step.label}”。",
            rule=words_of(step.limits_on(law_day(lot, at))),
        )
    # The database's clock decides about deadlines, whatever moment the door asked for.
    if closes and max(at, database_now()) >= closes:
        return Refused("closed", f"{MILESTONES[step.closes_at]}（{shown(closes)}）已过，不能再办理“{step.label}”。")
    # Which step is named must not tell whether anybody has taken a secret one yet.
    waits = [each for each in before if each.secret and (end := reached.get(each.closes_at)) and at < end]
    missing = [each for each in before if is_required(each, lot) and (each in waits or not is_done(lot, procedure, each, done))]
    if missing:
        return Refused("not_yet", f"办理“{step.label}”前，应先完成“{missing[0].label}”。", next_step=f"请先办理“{missing[0].label}”。")
    for each in before:
        if each.answer and each.answer != step.code and done.count(each.code) and each.answer not in done:
            reply = procedure.step(each.answer)
            return Refused("unanswered", f"有“{each.label}”尚未处理。", next_step=f"请先办理“{reply.label}”。")
    if refusal := miscount(lot, step, at):
        return refusal
    # The first notice makes the tender public: it waits for the papers as the publication of a document does.
    if step.notice and lot.tender.published_at is None:
        return next(iter(promises_of(lot.tender)), None)
    return None


def miscount(lot, step, at):
    """The refusal where too few or too many organisations are left for a step."""
    if not step.count_of:
        return None
    count = len(parties_named(step.count_of, step, {}, lot))
    if step.fewest <= count and (step.most is None or count <= step.most):
        return None
    field, _ = referred(step.count_of, step, {}, lot)
    bounds = f"{step.fewest} 家" if step.most == step.fewest else f"{step.fewest} 家以上"
    return Refused("miscount", f"{field.label}为 {count} 家；“{step.label}”须有{bounds}。", rule=words_of(step.limits_on(law_day(lot, at))))


def words_of(rules):
    """Rules as a refusal or a notice cites them."""
    return "；".join(dict.fromkeys(f"{rule.source}：{rule.says}" for rule in rules))


def check_complete(step, data):
    """Refuse unless the form says what it must, and nothing that it does not ask for."""
    strange = set(data) - {field.name for field in step.fields}
    if strange:
        raise ValueError(f"{step.code} asks for no {sorted(strange)}")
    for field in step.fields:
        if field.required and data.get(field.name) in (None, "", []):
            raise Refused("missing", f"请填写{field.label}。", field=field.name, status=400)
        if field.kind == "choice" and data.get(field.name) and data[field.name] not in field.choices:
            raise Refused("choice", f"{field.label}没有这个选项。", field=field.name, status=400)


def check_limits(lot, step, data, at):
    """Hold what the form says (kept values) against every bound; the codes of rules that it overruns and that let it stand."""
    day = law_day(lot, at)
    for field in step.fields:
        if data.get(field.name):
            check_field(lot, step, field, data, day)
    for check in step.checks:
        CHECKS[check](lot, step, data, step.limits_on(day))
    return check_periods(lot, step, data, at, day)


def check_field(lot, step, field, data, day):
    value = restored(field, data[field.name])
    if field.among:
        allowed = parties_named(field.among, step, data, lot)
        if strange := [code for code in value if code not in allowed]:
            raise Refused("not_among", f"{worded(field, strange)}不在可选的单位之内。", field=field.name)
    for reference, fits, words in (
        (field.at_least, lambda mine, bound: mine >= bound, "不得低于"), (field.at_most, lambda mine, bound: mine <= bound, "不得高于"),
    ):  # fmt: skip
        bound = amount_of(reference, step, data, lot) if reference else None
        if bound is not None and not fits(Decimal(value), bound):
            other, _ = referred(reference, step, data, lot)
            raise Refused(
                "beyond", f"{field.label}{words}{other.label if other else '估算价'}（{bound:,.2f}）。",
                rule=words_of(step.limits_on(day)), field=field.name,
            )  # fmt: skip
    if field.limit:
        check_bound(lot, step, field, value, data, day)


def check_bound(lot, step, field, value, data, day):
    rule = in_force(tuple(each for each in all_rules() if each.code == field.limit), day)
    base = amount_of(field.of, step, data, lot) if field.of else None
    if field.of and base is None:
        return
    if isinstance(rule, ShareBelow):
        if rule.applies_to(Decimal(value), base=base) and not (field.unless and data.get(field.unless)):
            need = step.field(field.unless).label if field.unless else "批准文件"
            rule.refuse(f"{field.label}：{rule.says}", field=field.unless or field.name, next_step=f"请先取得并上传{need}。")
    elif isinstance(rule, MinimumCount | MaximumCount):
        rule.check(len(value) if isinstance(value, list) else int(value), field=field.name)
    elif base is not None:
        rule.check(Decimal(value), base=base, field=field.name)
    else:
        rule.check(Decimal(value), field=field.name)


def dates_set(step, data, at):
    """{milestone: (moment, name of the field)} that taking the step now sets down."""
    found = {step.reaches: (at, "")} if step.reaches else {}
    for field in step.fields:
        # What sets down an end of its own counts from the moment that it puts off: for it the old one holds.
        if (name := field.reaches or field.moves) and data.get(field.name):
            found[name] = (moment_of(restored(field, data[field.name])), field.name)
    return found


def planned(step, data):
    """{milestone: moment} that the form plans, or puts off."""
    found = {}
    for field in step.fields:
        if data.get(field.name):
            moment = moment_of(restored(field, data[field.name])) if field.reaches or field.moves else None
            found |= {name: moment for name in (field.reaches, field.moves) if name}
    return found


def check_moved(step, data, held, day):
    """A moment that is put off only moves later than the one that holds."""
    for field in step.fields:
        old = held.get(field.moves)
        if old and data.get(field.name) and moment_of(restored(field, data[field.name])) < old:
            raise Refused(
                "moved_back", f"{field.label}不得早于现在的{MILESTONES[field.moves]}（{shown(old)}）。",
                rule=words_of(step.limits_on(day)), next_step="请改为更晚的时间；不顺延的，请留空。", field=field.name,
            )  # fmt: skip


def check_periods(lot, step, data, at, day):
    """Refuse what comes too early or too late where the law forbids it; name what it only reports."""
    found, held = dates_set(step, data, at), milestones_of(lot.tender, lot)
    check_moved(step, data, held, day)
    moments = {**held, **{name: moment for name, (moment, _) in found.items()}}
    overran = []
    for rule in step.limits_on(day):
        if not isinstance(rule, DatedPeriod) or not {rule.start, rule.end} & set(found) or not {rule.start, rule.end} <= set(moments):
            continue
        floor = step.floor_of(rule)
        if floor is not None and not floor.applies_to(Decimal(data["price"])):
            continue
        mover = next((field.name for field in step.fields if field.moves == rule.end), "")
        where = found.get(rule.end, found.get(rule.start, (None, "")))[1] or mover
        try:
            rule.check(moments[rule.start], moments[rule.end], field=where, subject=MILESTONES[rule.end])
        except Refused:
            if rule.consequence not in STANDS:
                raise
            overran.append(rule.code)
    return overran
