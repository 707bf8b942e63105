"""What a host shares: its desks, meals and lodging, and what its experts are paid."""

from django.db import transaction

from accounts.models import Organisation
from rulebook.refusals import Refused
from trading.remote.models import HostTerms, SharedDesk
from trading.remote.permissions import require_host


@transaction.atomic
def publish_terms(host, *, meals, lodging, expert_fees, by, at):
    """Set what stands on the public page beside the host's desks."""
    require_host(by, host)
    given = {"meals": meals.strip(), "lodging": lodging.strip(), "expert_fees": expert_fees.strip(), "published_at": at}
    return HostTerms.objects.update_or_create(host=host, defaults=given)[0]


@transaction.atomic
def save_desk(host, *, name, fee, active, by, desk=None):
    """Share a desk, or change its fee; a session that was confirmed before keeps the fee of its day."""
    require_host(by, host)
    Organisation.objects.select_for_update().get(pk=host.pk)
    if SharedDesk.objects.filter(host=host, name=name).exclude(pk=desk and desk.pk).exists():
        raise Refused("known", "已有同名的工位。", field="name")
    desk = desk or SharedDesk(host=host)
    desk.name, desk.fee, desk.active = name, fee, active
    desk.save()
    return desk
