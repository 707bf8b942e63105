"""Fees for evaluating (劳务报酬): the standards of several provinces as data, and what a session comes to by one of them.

Individual income tax is outside the platform.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rulebook.provisions import Rule

HALF, HOUR = timedelta(minutes=30), timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class FeeStandard(Rule):
    """`steps`: up to so many hours so much, the last step being the base from which further hours are counted.

    A part of an hour under thirty minutes earns `part` (None: it counts as an hour). `cap` holds for up to `cap_hours`;
    beyond them `long_cap`, or `long_hour` for each further hour over the cap, or nothing more. `unheld` is paid when no
    evaluation took place; `failed` where it was broken off: (up to hours, amount), then the last amount.
    """

    steps: tuple[tuple[int, Decimal], ...]
    hour: Decimal
    part: Decimal | None = None
    cap: Decimal | None = None
    cap_hours: int = 0
    long_cap: Decimal | None = None
    long_hour: Decimal | None = None
    unheld: Decimal | None = None
    failed: tuple[tuple[int, Decimal], ...] = ()
    holiday_times: int = 1

    def for_session(
        self, took: timedelta, *, holiday: bool = False, held: bool = True, agreed: Decimal | None = None, supplement: Decimal = Decimal(0)
    ) -> tuple[Decimal, list[list[str]]]:
        """What the session comes to, and the lines that make it. `agreed`: where the parties may agree and did; `supplement`: the chair's."""
        if not held:
            return self.summed([["未评审即终止", self.broken_off(took)]])
        if agreed is not None:
            return self.summed([["双方约定", agreed]])
        lines = [[f"基础报酬（{self.base_hours(took)} 小时以内）", self.base(took)]]
        if (more := self.further(took)) > 0:
            lines.append(["超时报酬", more])
        if (over := self.over_cap(took, sum(amount for _, amount in lines))) != 0:
            lines.append(["按最高标准调整", over])
        if holiday and self.holiday_times > 1:
            lines.append(["法定节假日加发", sum(amount for _, amount in lines) * (self.holiday_times - 1)])
        if supplement:
            lines.append(["组长补助", supplement])
        return self.summed(lines)

    @staticmethod
    def summed(lines: list) -> tuple[Decimal, list[list[str]]]:
        return sum((amount for _, amount in lines), Decimal(0)), [[label, f"{amount:.2f}"] for label, amount in lines]

    def base_hours(self, took: timedelta) -> int:
        return next((hours for hours, _ in self.steps if took <= hours * HOUR), self.steps[-1][0])

    def base(self, took: timedelta) -> Decimal:
        return dict(self.steps)[self.base_hours(took)]

    def further(self, took: timedelta) -> Decimal:
        """For the time beyond the last step: whole hours, and what is left of one."""
        rest = took - self.steps[-1][0] * HOUR
        if rest <= timedelta(0):
            return Decimal(0)
        whole, left = divmod(rest, HOUR)
        if self.long_hour is not None and self.cap_hours:
            # Hours beyond the capped day are counted in `over_cap`.
            whole, left = min((whole, left), divmod((self.cap_hours - self.steps[-1][0]) * HOUR, HOUR))
        return whole * self.hour + self.for_part(left)

    def for_part(self, left: timedelta) -> Decimal:
        if left <= timedelta(0):
            return Decimal(0)
        return self.part if self.part is not None and left < HALF else self.hour

    def over_cap(self, took: timedelta, earned: Decimal) -> Decimal:
        """What the cap takes away, or what the hours beyond it add."""
        if self.cap is None:
            return Decimal(0)
        if self.cap_hours and took > self.cap_hours * HOUR:
            if self.long_hour is not None:
                beyond = took - self.cap_hours * HOUR
                return min(earned, self.cap) - earned + -(-beyond // HOUR) * self.long_hour
            limit = self.long_cap or self.cap
        else:
            limit = self.cap
        return min(earned, limit) - earned

    def broken_off(self, took: timedelta) -> Decimal:
        """Nothing was evaluated: before the review began, or after it had begun."""
        if took > timedelta(0) and self.failed:
            return next((amount for hours, amount in self.failed if took <= hours * HOUR), self.failed[-1][1])
        return self.unheld or Decimal(0)


def standard(code, name, source, steps, hour, **more):
    return FeeStandard(
        code=code, says=name, source=source, since=date(2021, 1, 1), confidence="V2",
        steps=tuple((hours, Decimal(amount)) for hours, amount in steps), hour=Decimal(hour),
        **{key: Decimal(value) if isinstance(value, int) and key not in ("cap_hours", "holiday_times") else value for key, value in more.items()},
    )  # fmt: skip


STANDARDS = {
    row.code: row
    for row in (
        standard(
            "shanxi", "山西省政府采购评审专家劳务报酬标准", "晋财购〔2021〕24号", [(2, 300)], 100, cap=800, cap_hours=8, long_cap=1000, unheld=100,
            failed=((2, Decimal(300)), (24, Decimal(400))), holiday_times=2,
        ),
        standard("shandong", "山东省政府采购评审专家劳务报酬标准", "山东省财政部门公布的标准", [(3, 400)], 100, part=50, cap=1000, unheld=200),
        standard("zhejiang", "浙江省政府采购评审专家劳务报酬标准", "浙江省财政部门公布的标准", [(3, 500)], 100, cap=1000, cap_hours=8, long_hour=200),
        standard("fujian", "福建省政府采购评审专家劳务报酬标准", "福建省财政部门公布的标准", [(3, 300)], 100, part=50),
        standard("tianjin", "天津市政府采购评审专家劳务报酬标准", "天津市财政部门公布的标准", [(4, 300), (6, 450), (8, 600)], 100, unheld=100),
    )
}  # fmt: skip
# The standard this city has taken over.
CITY_STANDARD = STANDARDS["shandong"]
