"""The table of rules as a whole."""

import re
from collections import defaultdict

from rulebook.periods import Period
from rulebook.provisions import CONFIDENCE
from trading.procedures.milestones import MILESTONES
from trading.procedures.registry import all_rules

TABLE = {"GC": 29, "ZC": 57, "TD": 8, "KY": 4, "CQ": 13, "PM": 3, "ALL": 9}


def test_no_row_of_the_table_is_missing():
    wanted = {f"T-{family}-{n:02d}" for family, count in TABLE.items() for n in range(1, count + 1)}
    wanted |= {f"A-{n:02d}" for n in range(1, 23)} | {f"C-{n:02d}" for n in range(1, 15)}
    wanted |= {f"B-{n:02d}" for n in range(1, 8)}
    wanted |= {"M-01", "M-02", "M-03", "M-06", "M-16", "S-01", "S-02", "S-03", "S-04"}
    wanted |= {"L-01", "L-02", "L-03", "L-04", "L-11", "L-12", "L-13", "L-14"}
    assert {rule.code for rule in all_rules()} == wanted


def test_every_rule_says_what_where_and_how_sure():
    for rule in all_rules():
        assert rule.confidence in CONFIDENCE, rule.code
        assert re.search(r"第[一二三四五六七八九十百]+条|号|（.*(可调整|待核).*）|规则》|办法》", rule.source), rule.code
        assert len(rule.says) >= 8, rule.code
        assert not re.search(r"[A-Za-z]{2,}", rule.says + rule.source), rule.code


def test_periods_run_between_events_that_have_words():
    for rule in all_rules():
        if isinstance(rule, Period):
            assert {rule.start, rule.end} <= set(MILESTONES), rule.code
            assert rule.start != rule.end, rule.code


def test_versions_of_one_provision_never_overlap():
    versions = defaultdict(list)
    for rule in all_rules():
        if rule.until is not None:
            versions[rule.code].append(rule)
    assert sorted(versions) == ["A-11", "A-13", "A-17", "B-06"]
    for code, ended in versions.items():
        for old in ended:
            followers = [rule for rule in all_rules() if rule.code == code and rule.since > old.since and rule.until is None]
            assert followers, code
            assert all(rule.since > old.until for rule in followers), code
