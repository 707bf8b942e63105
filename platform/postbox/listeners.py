from accounts.models import Person
from ledger.alarms import NAMES
from ledger.delivery import listens
from ledger.events import ClockAlarm, LedgerNote
from postbox.actions import tell


@listens(LedgerNote, ClockAlarm)
def tell_administrators_of_alarms(event: LedgerNote) -> None:
    if event.note != "alarm":
        return
    name, about = NAMES.get(event.details["alarm"], event.details["alarm"]), event.details["about"]
    for person in Person.objects.filter(is_administrator=True, is_active=True):
        tell(
            person,
            f"平台告警：{name}",
            f"对象：{about}。请尽快核查并写明结论。",
            link="/administration/alarms/",
            key=f"alarm/{event.details['no']}",
        )
