"""How the centre lends its rooms: hours and usual lengths, as data the centre may change."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from rulebook.provisions import Rule
from trading.venues.models import Capacity, Venue, VenueBooking, Zone

Purpose, Kind = VenueBooking.Purpose, Venue.Kind


@dataclass(frozen=True, kw_only=True)
class LendingHours(Rule):
    """From when to when a room is offered on a working day, in steps of `step`, and how long an opening usually takes."""

    opens: time
    closes: time
    step: timedelta
    opening_takes: timedelta
    # How far ahead a free time is looked for.
    looks_ahead: timedelta


LENDING = LendingHours(
    code="venue-hours", says="场地在工作日 8:30 至 18:00 之间安排，开标按两小时预留", source="交易中心场地安排（平台设计值，可调整）",
    since=date(2024, 1, 1), confidence="D", opens=time(8, 30), closes=time(18), step=timedelta(minutes=30),
    opening_takes=timedelta(hours=2), looks_ahead=timedelta(days=21),
)  # fmt: skip

# Which rooms serve which purpose; any room can be closed.
SERVES = {
    Purpose.OPENING: (Kind.OPENING, Kind.AUCTION),
    Purpose.EVALUATION: (Kind.EVALUATION, Kind.REMOTE),
    Purpose.AUCTION: (Kind.AUCTION, Kind.OPENING),
    Purpose.NEGOTIATION: (Kind.NEGOTIATION, Kind.EVALUATION),
    Purpose.MEETING: (Kind.OPENING, Kind.NEGOTIATION, Kind.AUCTION),
    Purpose.CLOSED: tuple(Kind),
}


@dataclass(frozen=True, kw_only=True)
class AccessTerms(Rule):
    """Who is let into which area, what they wear, and how long before the session the list opens."""

    zones: dict[str, tuple[str, ...]]
    wears: dict[str, str]
    opens_before: timedelta


PHONES = Rule(
    code="venue-phones", says="进入评标区的人员应当把手机等通信工具寄存在区外的寄存柜，离场后取回；评标期间与外界隔离",
    source="《招标投标法》第三十八条、本市评标现场管理办法（寄存为地方做法，可调整）", since=date(2018, 1, 1), confidence="S",
)  # fmt: skip
EVERYWHERE = (Zone.OPENING, Zone.EVALUATION)
ACCESS = AccessTerms(
    code="venue-access",
    says="开标区与评标区分隔；评标在严格保密的情况下进行，投标人、旁听人员不得进入评标区；进场人员佩戴标识，不在名单上的不得进入",
    source="《招标投标法》第三十八条、本市交易场所管理要求（分区和标识为地方做法，可调整）", since=date(2018, 1, 1), confidence="S",
    zones={
        Capacity.EXPERT: (Zone.EVALUATION,), Capacity.AGENCY: EVERYWHERE, Capacity.TENDEREE: EVERYWHERE, Capacity.BIDDER: (Zone.OPENING,),
        Capacity.SUPERVISOR: EVERYWHERE, Capacity.STAFF: EVERYWHERE, Capacity.TECHNICIAN: EVERYWHERE, Capacity.GUEST: (Zone.OPENING,),
    },
    wears={
        Capacity.EXPERT: "红色马甲", Capacity.AGENCY: "黄色马甲", Capacity.TENDEREE: "蓝色胸牌", Capacity.BIDDER: "绿色胸牌",
        Capacity.SUPERVISOR: "监督证", Capacity.STAFF: "工作证", Capacity.TECHNICIAN: "维护证", Capacity.GUEST: "旁听证",
    },
    opens_before=timedelta(hours=1),
)  # fmt: skip
