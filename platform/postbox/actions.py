"""Telling people things. Everything is queued in the act's own transaction and sent by a worker after it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from accounts.models import Organisation, Person
from ledger.waking import wake_worker
from postbox.models import Dispatch, Message
from rulebook.clock import database_now
from rulebook.refusals import Refused
from sealing.vault import conceal

Answer = TypeVar("Answer", bound=Callable[[str, str, datetime], object])
_answers: dict[str, Callable[[str, str, datetime], object]] = {}


def on_answer(purpose: str) -> Callable[[Answer], Answer]:
    """Register what the end of a call of this purpose does: `function(reference, key, at)`; no key where nobody answered."""

    def remember(function: Answer) -> Answer:
        _answers[purpose] = function
        return function

    return remember


def tell(person: Person, subject: str, body: str = "", *, link: str = "", key: str) -> None:
    """Put a message into a person's inbox; telling the same key again does nothing."""
    Message.objects.get_or_create(person=person, key=key, defaults={"subject": subject, "body": body, "link": link})


def tell_members(organisation: Organisation, subject: str, body: str = "", *, link: str = "", key: str) -> None:
    """Tell everybody who acts for the organisation now."""
    for membership in organisation.memberships.filter(until=None).select_related("person"):
        tell(membership.person, subject, body, link=link, key=key)


def send_sms(mobile: str, text: str, *, key: str, confidential: bool = False) -> Dispatch:
    """`confidential`: number and text stand concealed in the row, for who is told is a secret itself."""
    return queue(Dispatch.Channel.SMS, mobile, text, key=key, purpose="", confidential=confidential)


def place_call(mobile: str, text: str, *, keys: dict[str, str], key: str, purpose: str, confidential: bool = False) -> Dispatch:
    """Call somebody, read the text and wait for one of `keys`, each with what it means in Chinese."""
    return queue(Dispatch.Channel.VOICE, mobile, text, key=key, purpose=purpose, confidential=confidential, keys=keys)


def queue(
    channel: str, mobile: str, text: str, *, key: str, purpose: str, confidential: bool, keys: dict[str, str] | None = None
) -> Dispatch:
    told = {"sealed": conceal("postbox/dispatch", [mobile, text], bound=key)} if confidential else {"mobile": mobile, "text": text}
    facts = {"channel": channel, "purpose": purpose, "keys": keys or {}, **told}
    dispatch, made = Dispatch.objects.get_or_create(key=key, defaults=facts)
    if made:
        transaction.on_commit(lambda: wake(dispatch.pk))
    return dispatch


def wake(pk: int) -> None:
    from postbox.tasks import send  # tasks import the models and gateways

    wake_worker(send, pk)


@transaction.atomic
def answer_call(dispatch: Dispatch, pressed: str, *, at: datetime | None = None) -> None:
    """A call has ended with a key, or with none: nobody took it. What follows belongs to the room that placed it."""
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    if dispatch.channel != Dispatch.Channel.VOICE or dispatch.state in Dispatch.ENDED:
        raise Refused("answered", "这通电话已经应答过。")
    if pressed and pressed not in dispatch.keys:
        raise Refused("bad_key", f"这通电话只能按 {'、'.join(dispatch.keys)}。", status=400)
    at = at or database_now()
    end_call(dispatch.key, pressed, at=at)
    _answers[dispatch.purpose](dispatch.key, pressed, at)


def end_call(key: str, pressed: str = "", *, at: datetime) -> None:
    """A call waits for no key any more: it was answered elsewhere, by the key named, or nobody waits for it."""
    state = Dispatch.State.ANSWERED if pressed else Dispatch.State.UNANSWERED
    calls = Dispatch.objects.filter(key=key, channel=Dispatch.Channel.VOICE).exclude(state__in=Dispatch.ENDED)
    calls.update(state=state, answer=pressed, answered_at=at)
