"""The city's own values: a new one takes the place of the old from a day on."""

from django.db import IntegrityError, transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.performance.actions.holding import require_text
from trading.performance.events import LocalSettingChanged
from trading.performance.models import LocalSetting
from trading.performance.rules import LOCAL


@transaction.atomic
def change_setting(code, *, value, source, since, by, at):
    """A regulator's manager sets a value anew, with its basis; never back into the past, where it was already applied."""
    require_duty(by, Organisation.Kind.REGULATOR, Duty.MANAGER)
    if code not in LOCAL:
        raise Refused("unknown", "没有这项设置。", field="code")
    require_text(source, "source", "依据文件")
    if since <= city_day(at):
        raise Refused("since", "生效日期应在今天之后，已经发生的事项适用当时的规定。", field="since")
    try:
        with transaction.atomic():
            row = LocalSetting.objects.create(code=code, value=value, source=source, since=since, by=by, at=at)
    except IntegrityError as twice:
        raise Refused("since", "该日期已有一项设置。", field="since") from twice
    record(LocalSettingChanged(code=code, value=money(value), since=since.isoformat(), source=source), by=by, role="supervisor")
    return row
