"""How long an archive is kept, by kind of trade, and from which day on."""

from datetime import date

from disclosure.models import Notice
from rulebook.clock import city_day
from rulebook.periods import MinimumPeriod
from rulebook.provisions import Consequence, in_force
from trading.archive.required import CONTRACTED, notices_of
from trading.procedures.records import records_of
from trading.procedures.rules.auctions import RECORDS_KEPT
from trading.procedures.rules.procurement import ARCHIVE_KEPT
from trading.procedures.versions import procedure_of
from trading.projects.models import Category, Lot


def kept(code, trade, confidence):
    return MinimumPeriod(
        code=code, says=f"{trade}档案自交易结束之日起至少保存十五年", source="参照《政府采购法》第四十二条（地方做法，可调整）",
        since=date(2000, 1, 1), confidence=confidence, consequence=Consequence.KEEP, months=180,
    )  # fmt: skip


WORKS_KEPT = kept("K-GC", "工程建设招标投标", "S")
BY_CATEGORY = {
    Category.WORKS: WORKS_KEPT,
    Category.PROCUREMENT: ARCHIVE_KEPT,
    Category.LAND: kept("K-TD", "国有建设用地使用权出让", "D"),
    Category.MINING: kept("K-KY", "矿业权出让", "D"),
    Category.PROPERTY: kept("K-CQ", "国有产权交易", "D"),
    Category.VILLAGE: kept("K-CJ", "村级集体资源交易", "D"),
    Category.OTHER: kept("K-QT", "其他交易的", "D"),
}
BY_CODE = {rule.code: rule for rule in (*BY_CATEGORY.values(), RECORDS_KEPT)}


def retention_of(lot, day):
    """The rule by which a lot's archive is kept, as it stands on a day: of those that hold for it, the one that keeps longest."""
    procedure = procedure_of(lot.tender)
    own = [rule for rule in procedure.periods if rule.consequence == Consequence.KEEP and rule.holds_on(day)]
    return max((in_force(BY_CATEGORY[procedure.category], day), *own), key=lambda rule: rule.earliest(day))


def ended_on(lot):
    """The day on which a lot's trade ended, from which the retention runs; None as long as it goes on.

    A deal ends with the last step taken, acceptance and payment included.
    """
    if lot.state in CONTRACTED:
        steps = records_of(lot).exclude(step="archive").values_list("at", flat=True)
        contracts = lot.awards.filter(void_at=None, contract__isnull=False).values_list("contract__filed_at", flat=True)
        return max((city_day(at) for at in (*steps, *contracts)), default=None)
    kinds = {Lot.State.FAILED: Notice.Kind.FAILURE, Lot.State.TERMINATED: Notice.Kind.TERMINATION}
    if lot.state not in kinds:
        return None
    notice = notices_of(lot, kinds[lot.state]).order_by("published_at").last()
    return city_day(notice.published_at) if notice else None
