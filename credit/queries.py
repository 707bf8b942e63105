"""A party's score on a day, its public record, and whether a decision bars it."""

from credit.models import CreditEntry, Exclusion
from credit.scoring import SCALES, Line, compute, grade_of


def lines_of(organisation):
    """Every entry that counts, or once counted, as a line; what was revoked or repaired counts no more."""
    entries = CreditEntry.objects.filter(organisation=organisation, state=CreditEntry.State.EFFECTIVE)
    return [Line(row.rule.code, row.rule.title, row.points, row.effective_on, row.expires_on) for row in entries.select_related("rule")]


def score_of(organisation, on):
    """(score, grade, lines) of a party on a day, by the bidders' scale.

    A party without any recorded conduct yet counts as a newcomer; the law forbids barring it for that.
    """
    lines = lines_of(organisation)
    newcomer = not any(line.effective_on <= on for line in lines)
    score, shown = compute(lines, on, SCALES["bidder"], newcomer=newcomer)
    return score, grade_of(score), shown


def standing_of(organisation, on):
    """A party's credit on a day as plain data, for those who must keep it as it then stood."""
    score, grade, lines = score_of(organisation, on)
    return {"score": str(score), "grade": grade, "lines": lines, "on": on.isoformat()}


def is_excluded(organisation, category, on):
    """Whether a decision bars the party from the category that day. Expired bans bar nobody."""
    return Exclusion.objects.filter(organisation=organisation, category=category).in_force(on).exists()


def public_entries(organisation, on):
    """What the public may read: entries in force, not the slight ones."""
    return [
        row
        for row in CreditEntry.objects.filter(organisation=organisation).select_related("rule", "reporter")
        if row.state in (CreditEntry.State.EFFECTIVE, CreditEntry.State.DISPUTED, CreditEntry.State.REPAIRED)
        and (row.rule.severity != 1)
        and row.effective_on
        and row.effective_on <= on
    ]
