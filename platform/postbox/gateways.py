"""The city's SMS and voice gateways, behind the smallest interface that a real one can fill (docs/integrating.md)."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class GatewayFailed(Exception):
    """The gateway did not take the dispatch; it will be tried again."""


class Gateway(Protocol):
    """Sends short messages and places calls; what came of a call comes back through `postbox.actions.answer_call`."""

    def send_sms(self, mobile: str, text: str, *, reference: str) -> str:
        """Hand over a short message; the gateway's own id for it. The same reference is never sent twice."""

    def place_call(self, mobile: str, text: str, *, keys: list[str], reference: str) -> str:
        """Hand over a voice call that reads the text and takes one of the keys; the gateway's own id for it.

        It rings three times, twice (experts.md §3.5), before the gateway reports that nobody answered.
        """


class LocalGateway:
    """A gateway that takes everything: people read and answer on the outbox page."""

    def send_sms(self, mobile: str, text: str, *, reference: str) -> str:
        return f"local-sms-{reference}"

    def place_call(self, mobile: str, text: str, *, keys: list[str], reference: str) -> str:
        return f"local-call-{reference}"


@cache
def gateway() -> Gateway:
    return import_string(settings.ETP_GATEWAY)()
