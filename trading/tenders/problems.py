"""What keeps a tender from being published: asked by the editor, decided again by the publication."""

from decimal import Decimal

from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.methods.choosing import choice_problems
from trading.methods.registry import METHODS
from trading.procedures.clock import date_problems
from trading.procedures.reaching import waivers_of
from trading.procedures.records import is_done, is_required, records_of
from trading.procedures.rules.works import INVITEES
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, ToleratedPaper
from trading.projects.rules import TOLERANCE
from trading.standards.facts import NAMES, strange_names
from trading.tenders.clauses import hits_in
from trading.tenders.design_build import design_build_problems
from trading.tenders.models import Criterion
from trading.tenders.queries import altered_blocks, bar_to_invitation, chosen_for
from trading.venues.terms import hall_problems

FULL_POINTS = Decimal(100)
DATES = (("supply_until", "文件获取截止"), ("questions_until", "提问截止"), ("bids_due_at", "投标截止"))


def supply_start(document, published_at):
    """When the document is handed out: as planned, but never before the notice."""
    return max(document.supply_from or published_at, published_at)


def problems_of(document, *, published_at):
    """Everything that keeps the tender from being published then, as refusals in the order of the editor."""
    lots = list(document.tender.lots.exclude(state=Lot.State.TERMINATED))
    return [
        *promises_of(document.tender),
        *steps_left(document.tender, lots),
        *invitees_of(document.tender, city_day(published_at)),
        *dates_of(document, lots, published_at),
        *amounts_of(lots),
        *sections_of(document),
        *criteria_of(document),
        *blindness_of(document),
        *method_problems(document, city_day(published_at)),
        *clauses_of(document),
        *design_build_problems(document, lots, published_at),
    ]


def promises_of(tender):
    """Papers that were promised for later and did not come."""
    rows = ToleratedPaper.objects.filter(project=tender.project_id, state=ToleratedPaper.State.BROKEN)
    return [
        Refused(
            "tolerance_broken", f"容缺受理的材料“{row.get_kind_display()}”逾期未补，不能发布。", rule=f"{TOLERANCE.source}：{TOLERANCE.says}",
            next_step="请在项目登记页补交。",
        )
        for row in rows
    ]  # fmt: skip


def steps_left(tender, lots):
    """Required steps of the desk that come before the publication and were not taken."""
    procedure = procedure_of(tender)
    before = procedure.steps[: procedure.steps.index(procedure.step_of("publication"))]
    found = []
    for lot in lots:
        done = list(records_of(lot).values_list("step", flat=True))
        for step in before:
            if step.by_form and is_required(step, lot) and not is_done(lot, procedure, step, done):
                found.append(Refused(
                    "step_left", f"{lot.name}还没有办理“{step.label}”，不能发布。", rule="；".join(procedure.basis),
                    next_step=f"请先在“交易流程”中办理“{step.label}”。",
                ))  # fmt: skip
    return found


def invitees_of(tender, on):
    """Too few to be invited, or somebody among them who may not be."""
    if not procedure_of(tender).by_invitation:
        return []
    chosen = chosen_for(tender)
    found = [refusal for each in chosen if (refusal := bar_to_invitation(tender, each, on=on))]
    if len(chosen) < INVITEES.minimum:
        few = Refused(
            INVITEES.code, f"受邀单位只有 {len(chosen)} 家，应当不少于 {INVITEES.minimum} 家。", rule=f"{INVITEES.source}：{INVITEES.says}",
            next_step="请在“受邀单位”中从登记的投标人里补足，再发出投标邀请书。", field="invitees",
        )  # fmt: skip
        found.insert(0, few)
    return found


def dates_of(document, lots, published_at):
    missing = [Refused("no_date", f"请填写{label}时间", field=name) for name, label in DATES if getattr(document, name) is None]
    if missing:
        return missing
    start = supply_start(document, published_at)
    tender = document.tender
    found = date_problems(
        procedure=procedure_of(tender),
        published_at=published_at,
        supply_from=start,
        supply_until=document.supply_until,
        bids_due_at=document.bids_due_at,
        lots=lots,
        waivers=waivers_of(tender),
    )
    if not start < document.questions_until <= document.bids_due_at:
        found.append(Refused("questions_until", "提问截止时间应在文件获取开始之后、投标截止之前。", field="questions_until"))
    if document.supply_until > document.bids_due_at:
        found.append(Refused("supply_after_deadline", "文件获取截止不能晚于投标截止。", field="supply_until"))
    if document.bid_validity_days < 1:
        found.append(Refused("no_validity", "请填写投标有效期", field="bid_validity_days", rule="《招标投标法实施条例》第二十五条"))
    if document.hall is not None:
        found += hall_problems(document.hall, document.bids_due_at, published_at)
    return found


def amounts_of(lots):
    return [Refused("no_limit", f"请填写{lot.name}的最高投标限价", field=f"limit{lot.no}") for lot in lots if not lot.price_limit]


def sections_of(document):
    found = [
        Refused("empty_section", f"请填写“{row.title}”", field=f"section{row.no}")
        for row in document.sections.all()
        if not row.text.strip()
    ]
    for title in altered_blocks(document):
        found.append(Refused("fixed_block", f"固定版块“{title}”与范本不一致，不能发布。", next_step="请联系平台恢复范本原文。"))
    for row in document.sections.filter(fixed=False):
        for name in strange_names(row.text):
            found.append(
                Refused(
                    "strange_name",
                    f"“{row.title}”中的“{{{name}}}”不是已定义的项目要素，发布后不会变成内容。",
                    next_step=f"可用的要素：{'、'.join(NAMES)}。",
                    field=f"section{row.no}",
                )
            )
    return found


def criteria_of(document):
    rows = list(document.criteria.all())
    parts = [row.part for row in rows]
    scored = [row for row in rows if row.part not in Criterion.CHECKS]
    found = []
    total = sum((row.points for row in scored), Decimal(0))
    by_points = document.method not in METHODS or METHODS[document.method].by == "points"
    if by_points and total != FULL_POINTS:
        found.append(
            Refused(
                "points",
                f"评分项分值合计应为 100 分，现为 {total.normalize():f} 分",
                next_step="请调整评审标准。",
                field="points",
            )
        )
    if len({row.title.strip() for row in scored}) < len(scored):
        found.append(Refused("same_title", "评分项的名称不能相同，否则得分无法分清", next_step="请调整评审标准。", field="points"))
    if any(row.points <= 0 for row in scored):
        found.append(Refused("zero_points", "每个评分项的分值都应大于 0", next_step="请调整评审标准。"))
    if by_points and parts.count(Criterion.Part.PRICE) != 1:
        found.append(Refused("price_criterion", "应有且只有一个价格分评审因素", next_step="请调整评审标准。"))
    if parts.count(Criterion.Part.CREDIT) > 1:
        found.append(Refused("credit_criterion", "信用分评审因素最多一个", next_step="请调整评审标准。"))
    for part in Criterion.CHECKS:
        if part not in parts:
            found.append(Refused("no_check", f"请至少写一项{Criterion.Part(part).label}标准", next_step="请调整评审标准。"))
    if document.two_envelopes:
        found += [
            Refused(
                "price_in_first_envelope",
                f"双信封项目评审第一信封时看不到报价，{row.get_part_display()}“{row.title}”不能涉及报价",
                next_step="请删去或改写；报价是否超过限价由平台在第二信封开标后核对。",
            )
            for row in rows
            if row.part != Criterion.Part.PRICE and "报价" in row.title + row.standard
        ]
    return found


def blindness_of(document):
    """Blind marking needs something to mark, and files that hold nothing else: a first envelope holds proofs of who bids as well."""
    if not document.blind_technical:
        return []
    found = []
    if not document.criteria.filter(part=Criterion.Part.TECHNICAL).exists():
        found.append(
            Refused("blind_nothing", "采用暗标，须有技术分评审因素", next_step="请调整评审标准，或取消暗标。", field="blind_technical")
        )
    if document.two_envelopes:
        found.append(
            Refused(
                "blind_envelopes", "暗标和双信封不能同时采用：第一信封含资格证明，会暴露投标人", next_step="请取消其中一项。",
                field="blind_technical",
            )
        )  # fmt: skip
    return found


def method_problems(document, day):
    """What keeps the method, its parameters and the shares of its parts from being lawful on the day of publication."""
    points = {}
    for row in document.criteria.exclude(part__in=Criterion.CHECKS):
        points[row.part] = points.get(row.part, Decimal(0)) + row.points
    return choice_problems(
        document.method, document.method_settings, procedure=procedure_of(document.tender).code, kind=document.tender.project.kind,
        points=points, two_envelopes=document.two_envelopes, day=day,
    )  # fmt: skip


def clauses_of(document):
    return [
        Refused(
            "restrictive",
            f"“{hit.place}”中的“{hit.phrase}”可能限制竞争：{hit.why}",
            rule=hit.source,
            next_step=f"{hit.finding.suggestion or '请修改表述'}；确有法律依据的，逐条写明理由后确认。",
            field="clauses",
        )
        for hit in hits_in(document)
        if hit.is_open
    ]
