"""What happens to deposits. Before the opening even that is blinded, and no entry names a bidder: accounts go by a digest."""

from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class SecretDepositEvent(Event):
    blind = True

    tender: str
    lot: str
    # A keyed digest of the account's number or the guarantee's reference; `deposit.disclosed` says whose it is.
    deposit: str

    @property
    def stream(self):
        return deposit_stream(self.tender, self.lot)


def deposit_stream(tender, lot):
    return f"deposits/{tender}/{lot}"


@dataclass(frozen=True)
class DepositAccountOpened(SecretDepositEvent):
    kind = "deposit.account_opened"


@dataclass(frozen=True)
class DepositReceived(SecretDepositEvent):
    """Money came in; `counted` of it counts towards the deposit, the rest goes back for the reason given."""

    kind = "deposit.received"
    amount: str
    counted: str
    value_at: str
    reason: str


@dataclass(frozen=True)
class DepositReversed(SecretDepositEvent):
    kind = "deposit.reversed"
    amount: str


@dataclass(frozen=True)
class GuaranteeIssued(SecretDepositEvent):
    kind = "guarantee.issued"
    amount: str
    valid_until: str
    sufficient: bool


@dataclass(frozen=True)
class GuaranteeEnded(SecretDepositEvent):
    """The issuer took it back, or it was no longer needed; `reason` says which."""

    kind = "guarantee.ended"
    amount: str
    reason: str


@dataclass(frozen=True)
class SecretRefundOrdered(SecretDepositEvent):
    kind = "deposit.secret_refund_ordered"
    reference: str
    amount: str
    interest: str
    reason: str
    due_at: str


@dataclass(frozen=True)
class SecretRefundPaid(SecretDepositEvent):
    kind = "deposit.secret_refund_paid"
    reference: str


@dataclass(frozen=True)
class OpenDepositEvent(Event):
    tender: str
    lot: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class DepositsDisclosed(OpenDepositEvent):
    """The lot's bids are shown: the blinded entries are opened, and this tells whose deposit each digest is."""

    kind = "deposit.disclosed"
    owners: dict


@dataclass(frozen=True)
class LateNotice(OpenDepositEvent):
    """The bank or an issuer reported something about a deposit after the lot's deposits were disclosed."""

    kind = "deposit.notice"
    deposit: str
    what: str
    amount: str
    reason: str


@dataclass(frozen=True)
class RefundOrdered(OpenDepositEvent):
    kind = "deposit.refund_ordered"
    deposit: str
    reference: str
    amount: str
    interest: str
    reason: str
    due_at: str


@dataclass(frozen=True)
class RefundPaid(OpenDepositEvent):
    kind = "deposit.refund_paid"
    deposit: str
    reference: str


@dataclass(frozen=True)
class MoneyEvent(Event):
    """About money that belongs to no lot's account."""

    reference: str

    @property
    def stream(self):
        return "deposits"


@dataclass(frozen=True)
class UnidentifiedReceived(MoneyEvent):
    kind = "deposit.unidentified"


@dataclass(frozen=True)
class UnidentifiedReturned(MoneyEvent):
    kind = "deposit.unidentified_returned"


@dataclass(frozen=True)
class RefundRetried(MoneyEvent):
    """A refund that came back is instructed to the bank anew."""

    kind = "deposit.refund_retried"
    attempt: int


@dataclass(frozen=True)
class DifferenceSettled(MoneyEvent):
    kind = "deposit.difference_settled"
    difference: str
    conclusion: str


@dataclass(frozen=True)
class BooksReconciled(Event):
    """The bank's statement of a day was compared with the books. How many lines it had would tell how many bidders paid."""

    kind = "deposit.reconciled"
    day: str
    differences: int

    @property
    def stream(self):
        return "deposits"
