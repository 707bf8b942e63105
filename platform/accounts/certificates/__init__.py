"""People's certificates: who vouches for them, whose they are, and what they sign (docs/certificates.md)."""

from accounts.certificates.actions import enroll_certificate, identify, revoke_certificate, vouching
from accounts.certificates.challenges import issue_challenge, use_challenge
from accounts.certificates.reading import read
from accounts.certificates.trust import check_trust

__all__ = ["check_trust", "enroll_certificate", "identify", "issue_challenge", "read", "revoke_certificate", "use_challenge", "vouching"]
