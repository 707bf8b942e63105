"""At the opening, and not before, it becomes known who put up a deposit."""

from django.db import transaction

from ledger.acts import open_blind, record
from trading.deposits.events import DepositsDisclosed, deposit_stream
from trading.deposits.models import DepositAccount, DepositDisclosure, Guarantee
from trading.deposits.secrecy import mark, owner_of


@transaction.atomic
def disclose_deposits(lot, *, by, at):
    """Name the bidder of each account and guarantee of a lot whose bids are being shown, and open the blinded entries.

    Called inside the transaction of the reveal. Refused (`ledger_behind`) while an entry waits for its place in the log.
    """
    if DepositDisclosure.objects.filter(lot=lot).exists():
        return
    owners = {}
    for model, name in ((DepositAccount, "number"), (Guarantee, "reference")):
        for row in model.objects.select_for_update().filter(lot=lot):
            row.bidder = owner_of(row)
            row.save(update_fields=["bidder"])
            owners[mark("deposit", getattr(row, name))] = row.bidder.uscc
    DepositDisclosure.objects.create(lot=lot, at=at)
    open_blind(private_stream=deposit_stream(lot.tender.number, lot.key), stream=f"tender/{lot.tender.number}", by=by)
    record(DepositsDisclosed(tender=lot.tender.number, lot=lot.key, owners=owners), by=by)
