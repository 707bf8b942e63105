"""Amounts, shares and counts that the law limits, each with its article."""

from dataclasses import dataclass
from decimal import Decimal

from rulebook.provisions import Rule


@dataclass(frozen=True, kw_only=True)
class Ceiling(Rule):
    """An amount may be at most a share of a base, and at most a fixed sum."""

    share: Decimal
    most: Decimal | None = None

    def limit(self, base: Decimal) -> Decimal:
        limit = (base * self.share).quantize(Decimal("0.01"), rounding="ROUND_FLOOR")
        return limit if self.most is None else min(limit, self.most)

    def check(self, amount: Decimal, *, base: Decimal, field: str = "", subject: str = "金额") -> None:
        limit = self.limit(base)
        if amount > limit:
            self.refuse(f"{subject}不得超过 {limit:,.2f} 元（{self.says}）", field=field, next_step="请调低后再试。")


@dataclass(frozen=True, kw_only=True)
class AmountLimit(Rule):
    """An amount may be at most so much."""

    most: Decimal

    def check(self, amount: Decimal, *, field: str = "", subject: str = "金额") -> None:
        if amount > self.most:
            self.refuse(f"{subject}不得超过 {self.most:,.2f} 元（{self.says}）", field=field, next_step="请调低后再试。")


@dataclass(frozen=True, kw_only=True)
class MinimumAmount(Rule):
    """From so much on, something applies."""

    least: Decimal

    def applies_to(self, amount: Decimal) -> bool:
        return amount >= self.least


@dataclass(frozen=True, kw_only=True)
class AmountAbove(Rule):
    """Something applies above so much; the sum itself does not count."""

    floor: Decimal

    def applies_to(self, amount: Decimal) -> bool:
        return amount > self.floor


@dataclass(frozen=True, kw_only=True)
class AmountUpTo(Rule):
    """Something applies up to so much, the sum itself included."""

    most: Decimal

    def applies_to(self, amount: Decimal) -> bool:
        return amount <= self.most


@dataclass(frozen=True, kw_only=True)
class MinimumShare(Rule):
    """A part must be at least a share of the whole."""

    numerator: int
    denominator: int

    def check(self, part: Decimal, *, base: Decimal, field: str = "") -> None:
        if part * self.denominator < base * self.numerator:
            self.refuse(self.says, field=field)

    def least_of(self, total: int) -> int:
        """The least whole number of `total` things that meets the share: rounded up, so that of any there is one."""
        return -(-total * self.numerator // self.denominator)


@dataclass(frozen=True, kw_only=True)
class ShareRange(Rule):
    """A percentage must lie between two bounds, both included."""

    least: Decimal
    most: Decimal

    def check(self, percent: Decimal, *, field: str = "", subject: str = "比例") -> None:
        if not self.least <= percent <= self.most:
            self.refuse(f"{subject}应在 {self.least}% 至 {self.most}% 之间（{self.says}）", field=field)


@dataclass(frozen=True, kw_only=True)
class ShareBelow(Rule):
    """Something applies while a part is less than a share of the whole; the share itself does not count."""

    numerator: int
    denominator: int

    def applies_to(self, part: Decimal, *, base: Decimal) -> bool:
        return part * self.denominator < base * self.numerator


@dataclass(frozen=True, kw_only=True)
class ShareAbove(Rule):
    """Something applies when a part is more than a share of the whole; the share itself does not count."""

    numerator: int
    denominator: int

    def applies_to(self, part: Decimal, *, base: Decimal) -> bool:
        return part * self.denominator > base * self.numerator


@dataclass(frozen=True, kw_only=True)
class MinimumCount(Rule):
    minimum: int

    def check(self, count: int, *, field: str = "") -> None:
        if count < self.minimum:
            self.refuse(self.says, field=field)


@dataclass(frozen=True, kw_only=True)
class MaximumCount(Rule):
    maximum: int

    def check(self, count: int, *, field: str = "") -> None:
        if count > self.maximum:
            self.refuse(self.says, field=field)
