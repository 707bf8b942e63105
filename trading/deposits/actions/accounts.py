"""A bidder asks for the sub-account it is to pay its deposit into."""

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from rulebook.refusals import Refused
from trading.deposits.events import DepositAccountOpened
from trading.deposits.gateways import GatewayFailed, bank
from trading.deposits.models import DepositAccount
from trading.deposits.secrecy import hide, mark, tag_of
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder
from trading.tenders.queries import require_open_to


def require_participant(lot, bidder, *, by, at):
    """Refuse unless `by` may put up a deposit for the bidder: it holds the document, the lot asks for one and is open."""
    require_member(by, bidder)
    require_open_to(lot.tender, bidder)
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=bidder).exists():
        raise Refused("no_document", "请先获取招标文件。", status=403)
    if lot.deposit == 0:
        raise Refused("no_deposit", "本标段不收取投标保证金。")
    if not lot.is_open_for_bids(at):
        raise Refused("deadline_passed", "投标截止后不能再办理保证金。", rule="招标文件：保证金应在投标截止前到账", status=403)


def open_account(lot, bidder, *, by, at):
    """The sub-account of this bidder for this lot, opened at the bank if there is none yet. The bank learns no name from us."""
    require_participant(lot, bidder, by=by, at=at)
    if not bidder.basic_account:
        raise Refused(
            "no_basic_account", "你单位还没有登记基本账户，转账缴纳的保证金必须从基本账户转出。",
            rule="《招标投标法实施条例》第二十六条", next_step="请先在“单位信息”中登记基本账户，或改用保函、保险。",
        )  # fmt: skip
    tag = tag_of(lot, bidder)
    found = DepositAccount.objects.filter(tag=tag).first()
    if found is not None:
        return found
    try:
        # The bank gives the same number again, should what follows fail.
        number = bank().open_account(mark("account-request", tag))
    except GatewayFailed as wrong:
        raise Refused("bank_away", "银行系统暂时没有应答。", next_step="请稍后再试，或改用保函、保险。", status=503) from wrong
    return keep_account(lot, bidder, number, tag=tag, by=by, at=at)


@transaction.atomic
def keep_account(lot, bidder, number, *, tag, by, at):
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    require_participant(lot, bidder, by=by, at=at)
    account, made = DepositAccount.objects.get_or_create(
        tag=tag, defaults={"lot": lot, "hidden": hide(bidder.uscc), "number": number, "opened_at": at}
    )
    if made:
        # Not even the person stands in the entry: people act for firms.
        record(DepositAccountOpened(tender=lot.tender.number, lot=lot.key, deposit=mark("deposit", number)), by=None)
    return account
