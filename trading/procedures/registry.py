"""The rule table as a whole: the files of all kinds of trade, read together."""

from rulebook.provisions import Rule
from trading.procedures.rules import auctions, common, deposits, land, local, mining, procurement, state_property, works

FILES = (works, procurement, land, mining, state_property, auctions, deposits, common, local)


def rules_of(file) -> tuple[Rule, ...]:
    """Every entry of a rule file in the order it is written, all versions of a rule included."""
    found = []
    for value in vars(file).values():
        found += [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Rule)]
    return tuple(found)


def all_rules() -> tuple[Rule, ...]:
    """Every rule of every kind of trade."""
    return tuple(rule for file in FILES for rule in rules_of(file))


def rules_by_code() -> dict[str, Rule]:
    """The latest version of each rule by its code; of entries with one code, the first that is written."""
    found: dict[str, Rule] = {}
    for rule in all_rules():
        if rule.code not in found or rule.since > found[rule.code].since:
            found[rule.code] = rule
    return found
