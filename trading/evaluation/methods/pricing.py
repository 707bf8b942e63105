"""Points for prices: the lowest price first, and distance from a benchmark."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trading.evaluation.methods.points import TEN_THOUSANDTH, Points, mean, points, rounded
from trading.evaluation.methods.trimming import Steps, trimmed


def lowest_price_points(prices: dict, full: Decimal) -> Points:
    """Low price first (87号令第五十五条): points = lowest / price x full; the lowest price gets them all."""
    lowest = min(prices.values())
    return Points(
        {key: points(Fraction(lowest) / Fraction(price) * Fraction(full)) for key, price in prices.items()},
        {"method": "LOWEST", "lowest": str(lowest), "full": str(full)},
    )


@dataclass(frozen=True)
class Benchmark:
    """The reference price, exact, with what it was made of."""

    value: Fraction
    workings: dict


def mean_benchmark(prices: dict, coefficient: Decimal, steps: Steps) -> Benchmark:
    """基准价: the mean of the (trimmed) prices x coefficient."""
    kept, dropped = trimmed(list(prices.values()), steps)
    average = mean(kept)
    return Benchmark(
        average * Fraction(coefficient),
        {"mean": str(points(average)), "dropped": [str(value) for value in dropped], "coefficient": str(coefficient)},
    )


def combined_benchmark(
    prices: dict, limit: Decimal, *, discount: Decimal, k1: Decimal, q1: Decimal, k2: Decimal, steps: Steps
) -> Benchmark:
    """基准价: J = A x K1 x Q1 + B x K2 x (1 - Q1), A the limit less a discount (percent), B the trimmed mean."""
    kept, dropped = trimmed(list(prices.values()), steps)
    average = mean(kept)
    reduced = Fraction(limit) * (1 - Fraction(discount) / 100)
    share = Fraction(q1)
    return Benchmark(
        reduced * Fraction(k1) * share + average * Fraction(k2) * (1 - share),
        {
            "mean": str(points(average)), "dropped": [str(value) for value in dropped], "limit": str(limit), "discount": str(discount),
            "reduced": str(points(reduced)), "k1": str(k1), "q1": str(q1), "k2": str(k2), "q2": str(1 - q1),
        },
    )  # fmt: skip


def deviation_of(price: Decimal, benchmark: Fraction) -> Fraction:
    """How far a price is from the benchmark, in percent of it; negative below."""
    return (Fraction(price) - benchmark) / benchmark * 100


def deviation_points(
    prices: dict, benchmark: Benchmark, full: Decimal, *, above: Decimal, below: Decimal, floor: Decimal = Decimal(0)
) -> Points:
    """Each percent above the benchmark costs `above` points, each percent below `below`; never under `floor`."""
    found, deviations = {}, {}
    for key, price in prices.items():
        deviation = deviation_of(price, benchmark.value)
        rate = above if deviation > 0 else below
        found[key] = max(points(Fraction(full) - abs(deviation) * Fraction(rate)), floor)
        deviations[str(key)] = str(rounded(deviation, TEN_THOUSANDTH))
    return Points(
        found,
        {
            "method": "BENCHMARK", **benchmark.workings, "benchmark": str(points(benchmark.value)),
            "benchmark_exact": str(rounded(benchmark.value, TEN_THOUSANDTH)), "above": str(above), "below": str(below), "full": str(full),
            "deviations": deviations,
        },
    )  # fmt: skip


def benchmark_points(
    prices: dict,
    full: Decimal,
    *,
    above: Decimal,
    below: Decimal,
    coefficient: Decimal = Decimal(1),
    steps: Steps = (),
    floor: Decimal = Decimal(0),
) -> Points:
    """Distance from the mean x coefficient."""
    return deviation_points(prices, mean_benchmark(prices, coefficient, steps), full, above=above, below=below, floor=floor)
