"""How many days before a permitted day whoever must act is reminded; a setting of this platform, changed here."""

DEFAULT_DAYS = 3
# Where the work before the day takes longer, or the day is near from the beginning.
DAYS = {"T-GC-14": 7, "T-GC-20": 5, "T-ZC-12": 7, "T-ZC-27": 5, "T-GC-09": 1, "T-GC-13": 1, "T-GC-11": 1, "T-GC-19": 1, "L-03": 15}


def days_before(rule):
    return DAYS.get(rule.code, DEFAULT_DAYS)
