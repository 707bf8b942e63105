"""How long an archive is kept, by kind of trade, and from which day on."""

from datetime import date

from disclosure.models import Notice
from rulebook.clock import city_day
from rulebook.periods import MinimumPeriod
from rulebook.provisions import Consequence, in_force
from trading.archive.required import notices_of
from trading.procedures.rules.auctions import RECORDS_KEPT
from trading.procedures.rules.procurement import ARCHIVE_KEPT
from trading.projects.models import Category, Lot

WORKS_KEPT = MinimumPeriod(
    code="K-GC", says="工程建设招标投标档案自交易结束之日起至少保存十五年",
    source="参照《政府采购法》第四十二条（地方做法，可调整）", since=date(2000, 1, 1), confidence="S", consequence=Consequence.KEEP, months=180,
)  # fmt: skip
OTHERS_KEPT = MinimumPeriod(
    code="K-QT", says="其他交易的档案自交易结束之日起至少保存十五年",
    source="参照《政府采购法》第四十二条（地方做法，可调整）", since=date(2000, 1, 1), confidence="D", consequence=Consequence.KEEP, months=180,
)  # fmt: skip
BY_CATEGORY = {Category.WORKS: WORKS_KEPT, Category.PROCUREMENT: ARCHIVE_KEPT}
# An auction is kept by the law of auctions, whatever is sold.
AUCTIONS = "PM"
BY_CODE = {rule.code: rule for rule in (WORKS_KEPT, OTHERS_KEPT, ARCHIVE_KEPT, RECORDS_KEPT)}


def retention_of(lot, day):
    """The rule by which a lot's archive is kept, as it stands on a day."""
    if lot.tender.procedure.startswith(AUCTIONS):
        return in_force(RECORDS_KEPT, day)
    return in_force(BY_CATEGORY.get(lot.tender.project.category, OTHERS_KEPT), day)


def ended_on(lot):
    """The day on which a lot's trade ended, from which the retention runs; None as long as it goes on."""
    award = lot.awards.filter(void_at=None, contract__isnull=False).select_related("contract").first()
    if award is not None:
        return city_day(award.contract.filed_at)
    kinds = {Lot.State.FAILED: Notice.Kind.FAILURE, Lot.State.TERMINATED: Notice.Kind.TERMINATION}
    if lot.state not in kinds:
        return None
    notice = notices_of(lot, kinds[lot.state]).order_by("published_at").last()
    return city_day(notice.published_at) if notice else None
