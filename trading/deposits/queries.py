"""How a bidder's deposit stands: for its own page at any time, for the committee and the host after the opening."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from rulebook.clock import city_day
from trading.deposits.books import ZERO, Ledger, held
from trading.deposits.models import DepositAccount, DepositDisclosure, DepositPosting, DepositRefund, Guarantee
from trading.deposits.secrecy import tag_of
from trading.procedures.rules.works import DEPOSIT_VALIDITY
from trading.projects.models import Lot


@dataclass(frozen=True)
class Standing:
    """A bidder's deposit for a lot: money that counted by the deadline, a guarantee that held then, and whether that is enough."""

    required: Decimal
    counted: Decimal
    guarantee: Guarantee | None
    account: DepositAccount | None
    # A guarantee was put up that does no longer.
    outrun: bool = False

    @property
    def ok(self):
        return self.required == 0 or self.guarantee is not None or self.counted >= self.required

    @property
    def kind(self):
        """The status tint of the pages."""
        return "ok" if self.ok else "warn" if self.counted else "line"

    @property
    def missing(self):
        return max(self.required - self.counted, ZERO)

    @property
    def words(self):
        if self.required == 0:
            return "无需缴纳"
        if self.guarantee is not None:
            return f"{self.guarantee.get_kind_display()}已验真"
        if self.ok:
            return "转账已到账"
        if self.outrun and not self.counted:
            return "保函有效期或者金额已不足"
        return f"还差 {self.missing:,.2f} 元" if self.counted else "未缴纳"


def validity_of(lot):
    """Until when a guarantee must at least hold: as long as the bids (条例第二十六条)."""
    return DEPOSIT_VALIDITY.falls_on(city_day(lot.bids_due_at) + timedelta(days=lot.tender.document.bid_validity_days))


def suffices(lot, guarantee):
    """Whether a guarantee still does for a lot: its deadline, and with it the bids' validity, may have moved since it was issued."""
    return lot.bids_due_at is not None and guarantee.amount >= lot.deposit and guarantee.valid_until >= validity_of(lot)


def standing_of(lot, bidder):
    """For the bidder itself, found by its tag."""
    tag = tag_of(lot, bidder)
    return standing(lot, DepositAccount.objects.filter(tag=tag).first(), Guarantee.objects.filter(tag=tag).valid())


def standing(lot, account, guarantees):
    guarantees = list(guarantees)
    guarantee = next((row for row in guarantees if suffices(lot, row)), None)
    counted = held(account, before=lot.bids_due_at) if account and lot.bids_due_at else ZERO
    outrun = guarantee is None and bool(guarantees)
    return Standing(required=lot.deposit, counted=counted, guarantee=guarantee, account=account, outrun=outrun)


def standings(lots, bidder):
    """{lot: Standing} of one bidder over many lots, in three queries."""
    tags = {lot: tag_of(lot, bidder) for lot in lots}
    accounts = {row.tag: row for row in DepositAccount.objects.filter(tag__in=tags.values())}
    counted = {}
    for lot in lots:
        if (account := accounts.get(tags[lot])) and lot.bids_due_at:
            counted[account.pk] = lot.bids_due_at
    sums = dict(
        DepositPosting.objects.filter(ledger=Ledger.HELD)
        .filter(Q(pk=None) if not counted else any_of(counted))
        .values_list("entry__account").annotate(total=Sum("amount"))
    )  # fmt: skip
    by_tag = {tag: lot for lot, tag in tags.items()}
    letters = {row.tag: row for row in Guarantee.objects.filter(tag__in=tags.values()).valid() if suffices(by_tag[row.tag], row)}
    return {
        lot: Standing(
            required=lot.deposit, account=accounts.get(tag), guarantee=letters.get(tag),
            counted=-(sums.get(accounts[tag].pk) or ZERO) if tag in accounts else ZERO,
        )
        for lot, tag in tags.items()
    }  # fmt: skip


def any_of(counted):
    wanted = Q()
    for account, deadline in counted.items():
        wanted |= Q(entry__account=account, entry__value_at__lt=deadline)
    return wanted


def findings(lot):
    """{bidder's pk: Standing} once the deposits of a lot are disclosed; empty before. A bidder that put up nothing is not in it."""
    if not DepositDisclosure.objects.filter(lot=lot).exists():
        return {}
    accounts = {row.bidder_id: row for row in DepositAccount.objects.filter(lot=lot)}
    letters = defaultdict(list)
    for row in Guarantee.objects.filter(lot=lot).valid():
        letters[row.bidder_id].append(row)
    return {pk: standing(lot, accounts.get(pk), letters[pk]) for pk in {*accounts, *letters}}


def finding_for(lot, bidder, known):
    """What `findings` says of a bidder; nothing put up is a finding too."""
    return known.get(bidder.pk) or Standing(required=lot.deposit, counted=ZERO, guarantee=None, account=None)


def hidden_lots():
    """Lots of which not even totals may be shown: bids are still being taken."""
    return Lot.objects.filter(state=Lot.State.BIDDING)


def refunds_to_show():
    """Refunds whose existence tells nothing about a lot that still takes bids."""
    rows = DepositRefund.objects.select_related("account__lot__tender", "account__bidder")
    return rows.exclude(account__isnull=False, account__lot__in=hidden_lots())


def totals(lots):
    """[(lot, money held, number of accounts with money, valid guarantees)] of lots past their deadline."""
    rows = []
    for lot in lots:
        sums = (
            DepositPosting.objects.filter(ledger=Ledger.HELD, entry__account__lot=lot)
            .values("entry__account").annotate(total=Sum("amount")).values_list("total", flat=True)
        )  # fmt: skip
        standing_sums = [-total for total in sums if total]
        rows.append(
            (lot, sum(standing_sums, ZERO), len(standing_sums), Guarantee.objects.filter(lot=lot, state=Guarantee.State.ISSUED).count())
        )
    return rows
