"""A deliberately simple second calendar, counted day by day from what the State Council announced, written by hand."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def days(first, last):
    return {first + n * DAY for n in range((last - first).days + 1)}


# 国务院办公厅关于 2025、2026 年部分节假日安排的通知
OFF = (
    {date(2025, 1, 1)} | days(date(2025, 1, 28), date(2025, 2, 4)) | days(date(2025, 4, 4), date(2025, 4, 6))
    | days(date(2025, 5, 1), date(2025, 5, 5)) | days(date(2025, 5, 31), date(2025, 6, 2)) | days(date(2025, 10, 1), date(2025, 10, 8))
    | days(date(2026, 1, 1), date(2026, 1, 3)) | days(date(2026, 2, 15), date(2026, 2, 23)) | days(date(2026, 4, 4), date(2026, 4, 6))
    | days(date(2026, 5, 1), date(2026, 5, 5)) | days(date(2026, 6, 19), date(2026, 6, 21)) | days(date(2026, 9, 25), date(2026, 9, 27))
    | days(date(2026, 10, 1), date(2026, 10, 7))
)  # fmt: skip
WORKED = {
    date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11),
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
}  # fmt: skip
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def works(day):
    if day.year > 2026:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def after(start, amount, unit):
    """The day that lies the amount after the start: d calendar days, w working days, m months."""
    day = start
    if unit == "d":
        return start + amount * DAY
    if unit == "w":
        while amount:
            day += DAY
            amount -= works(day)
        return day
    months = start.year * 12 + start.month - 1 + amount
    next_first = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return (next_first - DAY).replace(day=min(start.day, (next_first - DAY).day))


def moved_off_rest(day):
    while not works(day):
        day += DAY
    return day


def last_start(end, amount, unit):
    """The last day from which at least the amount lies before the end."""
    day = end
    while after(day, amount, unit) > end:
        day -= DAY
    return day
