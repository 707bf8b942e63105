"""到岗考勤: check-ins of key persons. Devices on the site stand behind small readers (docs/performance.md)."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.permissions import is_member
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.refusals import Refused
from sealing.vault import vault_key
from trading.awards.sides import SUPERVISOR, WINNER, require_side
from trading.performance.actions.holding import about, held, require_running
from trading.performance.events import AttendanceEntered
from trading.performance.models import Custody, SiteCheckIn

# A site's code is good for the window it was shown in and for the one after.
WINDOW = 300
CODE_DIGITS = 6


def code_at(contract, window):
    data = f"etp/site-code/v1/{contract.pk}/{window}".encode()
    number = int.from_bytes(hmac.new(vault_key(settings.ETP_KEYS), data, hashlib.sha256).digest()[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def site_code(contract, at: datetime) -> str:
    """The code on the tenderee's screen at the site now."""
    return code_at(contract, int(at.timestamp()) // WINDOW)


def reads_code(custody, proof, contract, at):
    window = int(at.timestamp()) // WINDOW
    return any(hmac.compare_digest(proof, code_at(contract, each)) for each in (window, window - 1))


def reads_console(custody, proof, contract, at):
    """The local stand-in for a face gate or a phone's position: it believes the person, and only where consoles are on."""
    return settings.ETP_CONSOLES


# `reader(custody, proof, contract, at) -> bool` per way; a city wires its gates here.
READERS = {SiteCheckIn.Way.QR: reads_code, SiteCheckIn.Way.FACE: reads_console, SiteCheckIn.Way.PHONE: reads_console}


@transaction.atomic
def check_in(contract, custody, *, way, proof="", site="", photo=None, by, at):
    """A key person is on the site today: by a reader, or found there by a supervisor with a photo."""
    contract = held(contract)
    require_running(contract)
    if way == SiteCheckIn.Way.MANUAL:
        require_side(by, contract.award, SUPERVISOR)
        if photo is None:
            raise Refused("no_photo", "人工核实须附现场照片。", field="photo")
    else:
        require_side(by, contract.award, WINNER)
    custody = Custody.objects.select_related("lot__tender").filter(pk=custody.pk, lot=contract.lot).first()
    if custody is None or custody.released_at is not None:
        raise Refused("not_on_the_team", "该人员不在本合同的在岗名单中。", field="custody")
    if way != SiteCheckIn.Way.MANUAL and not READERS[way](custody, proof, contract, at):
        raise Refused(
            "not_read", "现场码不正确或已失效。", field="proof", next_step="请扫描工地现场屏幕上的最新二维码，或输入下方六位数字。"
        )
    try:
        with transaction.atomic():
            row = SiteCheckIn.objects.create(custody=custody, day=city_day(at), at=at, way=way, site=site, photo=photo, by=by)
    except IntegrityError as twice:
        raise Refused("checked_in", "今天已经签到。", field="custody") from twice
    record(AttendanceEntered(**about(contract.lot), post=custody.post, day=row.day.isoformat(), way=way), by=by)
    return row


def may_show_code(person, contract):
    """The site's screen belongs to the tenderee."""
    return is_member(person, contract.lot.tender.project.owner)
