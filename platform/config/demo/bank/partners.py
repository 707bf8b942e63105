"""The gateways while the platform is tried out: the same signed messages, answered in the same process."""

from config.demo.bank.api import answer
from trading.deposits.gateways import HttpBank, HttpIssuer


class InProcess:
    def carry(self, path, headers, data):
        return answer(path, headers, data)


class LocalBank(InProcess, HttpBank):
    """The simulated bank; people play its customers at /demo-bank/."""


class LocalIssuer(InProcess, HttpIssuer):
    """The simulated issuer; people play its clerks at /demo-issuer/."""
