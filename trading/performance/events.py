from dataclasses import dataclass

from ledger.events import Event
from trading.projects.events import LotEvent


@dataclass(frozen=True)
class CustodyTaken(LotEvent):
    """A key person's certificate is tied to the lot; who it is stands in the private part."""

    kind = "custody.taken"
    post: str


@dataclass(frozen=True)
class CustodyReleased(LotEvent):
    kind = "custody.released"
    post: str
    why: str


@dataclass(frozen=True)
class CustodyConflictFound(LotEvent):
    kind = "custody.conflict"
    other: str
    why: str


@dataclass(frozen=True)
class ReplacementMoved(LotEvent):
    """A replacement was asked for, agreed to, approved or refused."""

    kind = "custody.replacement"
    post: str
    state: str


@dataclass(frozen=True)
class BondMoved(LotEvent):
    """The performance bond was asked for, put up, confirmed, claimed on, or released."""

    kind = "contract.bond"
    move: str
    amount: str


@dataclass(frozen=True)
class ChangeMoved(LotEvent):
    kind = "contract.change"
    no: int
    state: str
    amount: str
    days: int


@dataclass(frozen=True)
class PaymentMoved(LotEvent):
    kind = "contract.payment"
    no: int
    state: str
    amount: str


@dataclass(frozen=True)
class AttendanceEntered(LotEvent):
    kind = "site.check_in"
    post: str
    day: str
    way: str


@dataclass(frozen=True)
class InspectionMoved(LotEvent):
    """A site inspection was planned or held; `seed` and `choices` show how an unannounced one was picked."""

    kind = "site.inspection"
    number: str
    move: str
    seed: str
    choices: int


@dataclass(frozen=True)
class FindingMoved(LotEvent):
    kind = "site.finding"
    inspection: str
    state: str


@dataclass(frozen=True)
class DeductionMoved(LotEvent):
    kind = "site.deduction"
    number: str
    state: str
    amount: str


@dataclass(frozen=True)
class AcceptanceMoved(LotEvent):
    kind = "contract.acceptance"
    round: int
    state: str


@dataclass(frozen=True)
class PerformanceRated(LotEvent):
    kind = "contract.rated"
    side: str
    total: str


@dataclass(frozen=True)
class LocalSettingChanged(Event):
    """A city value was set anew from a day on."""

    kind = "setting.changed"
    code: str
    value: str
    since: str
    source: str

    @property
    def stream(self):
        return "settings"
