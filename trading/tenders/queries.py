"""What a page or another room wants to know of a tender."""

from ledger.canonical import HJ, b64u
from rulebook.refusals import Refused
from sealing import context
from trading.tenders.models import Suspension


def opening_policy(lot):
    """The opening policy that bids of this lot are sealed under (docs/trust.md §3.1)."""
    return context.opening_policy(lot.tender.number, lot.key)


def policy_hash(lot):
    return context.policy_hash(opening_policy(lot))


def document_digest(document):
    """The digest over the sections, criteria and settings of a tender document."""
    return b64u(
        HJ(
            "tender-document",
            {
                "v": 1,
                "sections": [[row.title, row.text] for row in document.sections.all()],
                "criteria": [
                    [row.part, row.title, row.standard, str(row.points), row.objective] for row in document.criteria.all()
                ],
                "settings": {key: str(value) for key, value in document.method_settings.items()},
            },
        )
    )


def require_running(lot, at):
    """Refuse while an objection is unanswered or a regulator has stopped the lot."""
    stop = Suspension.objects.filter(lot=lot).in_force(at).first()
    if stop is not None:
        raise Refused(
            "suspended",
            f"招标投标活动已暂停（{stop.get_cause_display()}）：{stop.reason}",
            rule="《招标投标法实施条例》第二十二条、第五十四条、第六十二条",
            next_step="异议答复或监督部门恢复后才能继续。",
        )


def is_suspended(lot, at):
    return Suspension.objects.filter(lot=lot).in_force(at).exists()
