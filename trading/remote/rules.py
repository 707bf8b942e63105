"""What bounds a remote evaluation (远程异地评标): which lots it is meant for, shares, times, and how desks are paid."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from rulebook.clock import CITY, city_day
from rulebook.limits import MinimumShare
from rulebook.provisions import Consequence, Rule
from rulebook.workdays import add_workdays, next_workday

SOURCE = "发改办法规〔2025〕807号"


@dataclass(frozen=True, kw_only=True)
class RemoteScope(Rule):
    """From which estimate on (yuan) lots of which category are to be evaluated remotely."""

    least: dict[str, Decimal]

    def covers(self, category: str, estimate: Decimal | None) -> bool:
        return estimate is not None and category in self.least and estimate >= self.least[category]


@dataclass(frozen=True, kw_only=True)
class AnswerHours(Rule):
    """Something is to be answered within so many working hours: those between opening and closing on working days."""

    hours: int
    opens: time
    closes: time

    def due_at(self, start: datetime) -> datetime:
        left, moment = timedelta(hours=self.hours), start.astimezone(CITY)
        while True:
            day = next_workday(city_day(moment))
            begins, ends = (datetime.combine(day, each, tzinfo=CITY) for each in (self.opens, self.closes))
            moment = max(moment, begins)
            if moment + left <= ends:
                return moment + left
            left -= max(ends - moment, timedelta(0))
            moment = datetime.combine(add_workdays(day, 1), self.opens, tzinfo=CITY)


@dataclass(frozen=True, kw_only=True)
class LongestInterruption(Rule):
    """A connection that is gone for longer than `most` suspends the evaluation and seals it."""

    most: timedelta


@dataclass(frozen=True, kw_only=True)
class HalfDays(Rule):
    """Desks are paid by half days of so many hours; what was begun counts."""

    hours: int

    def count(self, took: timedelta) -> int:
        return max(1, -(-took // timedelta(hours=self.hours)))


SCOPE = RemoteScope(
    code="R-01", says="省级发展改革部门会同有关部门公布实行远程异地评标的项目类别和规模；本市对估算价一千万元以上的工程建设项目、五百万元以上的政府采购项目实行",
    source=f"{SOURCE}（类别和规模为平台设计值，以省级公布的为准）", since=date(2025, 1, 1), confidence="D", consequence=Consequence.WARN,
    least={"GC": Decimal(10_000_000), "ZC": Decimal(5_000_000)},
)  # fmt: skip
SHARED_LISTS = Rule(
    code="R-02", says="专家库运行单位公布共享专家名单、劳务报酬标准和支付方式；交易中心公布共享工位、食宿条件和收费标准",
    source=SOURCE, since=date(2025, 1, 1), confidence="V2", consequence=Consequence.NOTE,
)  # fmt: skip
OFFSITE_SHARE = MinimumShare(
    code="R-03", says="远程异地评标的异地专家不少于评标委员会成员总数的三分之一",
    source=f"{SOURCE}（比例为平台设计值，可调整）", since=date(2025, 1, 1), confidence="D", numerator=1, denominator=3,
)  # fmt: skip
ANSWER = AnswerHours(
    code="R-04", says="副场收到申请后，在四个工作小时内（工作日 8:30 至 17:30）确认工位或者说明不能承接的理由",
    source=f"{SOURCE}（时限为平台设计值，可调整）", since=date(2025, 1, 1), confidence="D", consequence=Consequence.ALERT,
    hours=4, opens=time(8, 30), closes=time(17, 30),
)  # fmt: skip
INTERRUPTION = LongestInterruption(
    code="R-05", says="主场与副场的连接中断超过三十分钟的，暂停评标并封存评标资料；恢复须另定时间，各场专家重新签到",
    source=f"{SOURCE}（时长为平台设计值，可调整）", since=date(2025, 1, 1), confidence="D", most=timedelta(minutes=30),
)  # fmt: skip
HALF_DAY = HalfDays(
    code="R-06", says="工位按半日计费，每四小时为半日，不足半日的按半日计", source=f"{SOURCE}（计费方式为平台设计值，可调整）",
    since=date(2025, 1, 1), confidence="D", hours=4,
)  # fmt: skip
TALK = Rule(
    code="R-07", says="评标委员会成员独立评审；会商只核对事实和共同适用的标准，不得就主观评分相互协商",
    source="《政府采购货物和服务招标投标管理办法》第六十二条、《评标委员会和评标方法暂行规定》第十三条", since=date(2017, 10, 1), confidence="V2",
)  # fmt: skip
