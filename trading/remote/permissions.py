"""Who acts for which venue: the one place that decides it."""

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from rulebook.refusals import Forbidden


def require_main(by):
    """Refuse unless `by` draws experts for our centre; answers the centre. A host is no centre and never passes."""
    return of_the_city(require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW))


def of_the_city(centre):
    """Refuse a township's centre: it serves its villages alone."""
    if centre.sectors:
        raise Forbidden("no_duty", "远程异地评标和评标签到由市交易中心办理。")
    return centre


def is_hosts(person, host):
    """Whether the person works for this very host."""
    return host.is_active and Organisation.Kind.HOST in host.kinds and is_member(person, host, Duty.HANDLER)


def require_host(by, host):
    if not is_hosts(by, host):
        raise Forbidden("not_host", f"此事由副场“{host.name}”的经办人办理。")


def may_receive(person, session):
    """Whether the person may sign in seats: those of a session its host's people, those of the main venue (None) who keep our rooms."""
    return keeps_gate(person) if session is None else is_hosts(person, session.host)


def keeps_gate(person):
    try:
        of_the_city(require_duty(person, Organisation.Kind.CENTRE, Duty.OPENING))
    except Forbidden:
        return False
    return True


def side_of(by, session):
    """True for the host's people, False for our centre's; anybody else is refused."""
    if is_hosts(by, session.host):
        return True
    require_main(by)
    return False
