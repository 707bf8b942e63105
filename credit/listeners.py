from accounts.models import Organisation
from credit.actions import rescore
from credit.events import ConductClosed, ConductEffective
from ledger.delivery import listens
from rulebook.clock import database_now


@listens(ConductEffective, ConductClosed)
def rescore_party(event):
    rescore(Organisation.objects.get(uscc=event.party), at=database_now())
