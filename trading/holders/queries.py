"""What other rooms ask about emergency holders."""

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Duty, Organisation
from ledger.canonical import b64u
from ledger.proofs import proof_of
from sealing import context
from sealing.models import EncryptionKey
from trading.holders.models import OpeningPolicy, PolicyHolder
from trading.projects.queries import SUPERVISE

LEAST, MOST = 2, 7


def newest_policy(lot):
    """The policy that new bids of the lot are sealed under; None while no holders were appointed."""
    return OpeningPolicy.objects.filter(lot=lot).first()


def opening_policy(lot):
    """The body of that policy; without holders, the one that says so."""
    signed = newest_policy(lot)
    return signed.body if signed else plain_policy(lot)


def plain_policy(lot):
    return context.opening_policy(lot.tender.number, lot.key, window_min=lot.tender.document.decrypt_minutes)


def policy_hash(lot):
    return context.policy_hash(opening_policy(lot))


def policy_of(lot, digest):
    """The body of the policy with this hash, under which some bid of the lot was sealed."""
    signed = OpeningPolicy.objects.filter(lot=lot, hash=digest).first()
    return signed.body if signed else plain_policy(lot)


def role_of(key, tender):
    """In which role the owner of a holder's key may stand in a tender's policy; None if in none."""
    if key.organisation_id in (tender.project.owner_id, tender.project.agency_id):
        return PolicyHolder.Role.TENDEREE
    kinds = key.organisation.kinds
    if Organisation.Kind.CENTRE in kinds and key.organisation.memberships.filter(
        person=key.enrolled_by, until=None, duties__overlap=[Duty.OPENING, Duty.MANAGER]
    ):
        return PolicyHolder.Role.OPENER
    if Organisation.Kind.REGULATOR in kinds and key.enrolled_by.has_perm(SUPERVISE, tender):
        return PolicyHolder.Role.SUPERVISOR
    return None


def possible_holders(tender):
    """The newest holder's key of everybody who may hold a share in this tender, as (key, role)."""
    offices = Q(organisation__kinds__overlap=[Organisation.Kind.CENTRE, Organisation.Kind.REGULATOR])
    own = Q(organisation__in=[pk for pk in (tender.project.owner_id, tender.project.agency_id) if pk])
    keys = EncryptionKey.objects.filter(offices | own, role=EncryptionKey.Role.HOLDER, revoked_at=None, not_after__gt=Now())
    keys = keys.select_related("organisation", "enrolled_by").order_by("enrolled_by", "-enrolled_at", "-pk").distinct("enrolled_by")
    found = [(key, role_of(key, tender)) for key in keys]
    order = list(PolicyHolder.Role)
    return sorted([row for row in found if row[1]], key=lambda row: (order.index(row[1]), row[0].organisation.name))


def policy_file(lot):
    """Everything with which a bidder's browser checks a policy before it trusts it; None for a lot without holders.

    The policy, the tenderee's signature, each holder's key binding, and the proof that the policy stands in the ledger
    (None while the entry waits for its place).
    """
    signed = newest_policy(lot)
    if signed is None:
        return None
    place = proof_of(signed.entry)
    return {
        "v": 1,
        "type": "etp-policy",
        "tender": lot.tender.number,
        "lot": lot.key,
        "policy": signed.body,
        "policy_hash": signed.hash,
        "signature": signed.signature,
        "spki": signed.spki,
        "bindings": [
            {"binding": row.key.binding, "signature": row.key.signature, "spki": b64u(bytes(row.key.signing_spki))}
            for row in signed.holders.select_related("key")
        ],
        "entry": bytes(signed.entry.data).decode(),
        "proof": place,
    }
