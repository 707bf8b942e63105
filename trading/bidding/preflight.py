"""The trial before the bid: key, browser and line are tried with a dummy, in the very ways that the bid will go."""

from django.db import transaction

from accounts.permissions import require_member
from rulebook.refusals import Refused
from trading.bidding.models import BidPreflight
from trading.tenders.queries import holds_document

# In the order of the trial, with what each says when it was passed.
CHECKS = {
    "browser": "浏览器支持加密和后台封存",
    "storage": "浏览器有足够的磁盘空间",
    "key": "密钥文件和口令正确，是当前登记的密钥",
    "seal": "模拟投标文件能够封存，并能用密钥解开",
    "upload": "模拟文件已上传，并已立即删除",
}
MEGABYTE = 1024 * 1024
SIZES = (1, 20, 100, 500)
LONGEST_MS = 24 * 3600 * 1000


@transaction.atomic
def keep_preflight(lot, organisation, *, passed, size, seal_ms, upload_ms, by, at):
    """Keep a trial's outcome for the bidder itself; it is a service, no official act."""
    require_member(by, organisation)
    if not holds_document(lot.tender, organisation):
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", status=403)
    numbers = (size, seal_ms, upload_ms)
    right = isinstance(passed, list) and set(passed) <= set(CHECKS) and all(type(each) is int for each in numbers)
    if not right or not 0 <= size <= max(SIZES) * 2 * MEGABYTE or not all(0 <= each <= LONGEST_MS for each in numbers[1:]):
        raise Refused("bad_preflight", "预检结果不完整。", next_step="请刷新页面后重试。", status=400)
    return BidPreflight.objects.create(
        lot=lot, bidder=organisation, by=by, at=at, passed=[name for name in CHECKS if name in passed], size=size, seal_ms=seal_ms,
        upload_ms=upload_ms,
    )  # fmt: skip


def last_preflight(lot, organisation):
    return BidPreflight.objects.filter(lot=lot, bidder=organisation).first()
