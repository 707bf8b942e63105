from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class PolicySigned(LotEvent):
    """From now on new bids of the lot are sealed under this policy."""

    kind = "lot.policy_signed"
    policy: dict
    policy_hash: str
    signature: str
    spki: str


@dataclass(frozen=True)
class HolderReady(LotEvent):
    """A holder has shown, before the deadline, that the key can be used."""

    kind = "holder.ready"
    policy: str
    holder: str
    org: str
