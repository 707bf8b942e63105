"""A bid of 500 MB in a real browser: sealed, its upload broken off by a dead server, resumed, handed in, opened."""

import hashlib

import pytest

from ledger.canonical import b64u
from rulebook.clock import database_now
from sealing.reference import enrolled
from sealing.vault import read
from tests.e2e.test_trust import fill_key, key_file, wait_for
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password
from tests.factories.bids import decrypt, hand_in, started_opening
from tests.factories.trading import published_lot
from trading.bidding.models import Bid
from trading.opening.models import OpenedBid, OpenedFile, Opening

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

SIZE = 500 * 1024 * 1024


def large_file(path):
    """Bytes that do not compress, the same each time; the file's digest."""
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for place in range(SIZE // (1024 * 1024)):
            piece = hashlib.shake_128(place.to_bytes(4, "big")).digest(1024 * 1024)
            digest.update(piece)
            out.write(piece)
    return b64u(digest.digest())


def test_five_hundred_megabytes_from_the_browser_to_the_opening(platform, user, tmp_path):
    lot = published_lot(holders=3)
    owner, *others = lot.city.bidders
    for other in others:
        hand_in(lot, other)
    keys = enrolled(owner, by=owner.somebody)
    digest = large_file(tmp_path / "plan.pdf")
    bidder = user("投标人").sign_in(give_password(owner.somebody), PASSWORD)
    page = bidder.go(f"/me/bids/{lot.tender.number}/{lot.no}/")
    page.get_by_label("投标报价（元）").fill("30123456.78")
    page.get_by_label("工期（日历天）").fill("400")
    page.get_by_label("项目经理").fill("甲")
    page.get_by_label("技术文件").set_input_files(tmp_path / "plan.pdf")
    page.get_by_label("商务文件（含保证金凭证）").set_input_files(
        {"name": "商务文件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
    )
    page.get_by_label("密钥文件").set_input_files(key_file(tmp_path, keys))
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    page.get_by_role("button", name="封存并递交").click()

    # In the middle of the upload the server dies; the page goes on where the next one stands.
    page.wait_for_function(
        "() => /正在上传 ([2-9]\\d)%/.test(document.querySelector('#bid-progress label')?.textContent ?? '')", timeout=240_000
    )
    platform.kill("web")
    page.wait_for_timeout(1500)
    platform.launch("web")
    platform.wait()
    bid = wait_for(page, lambda: Bid.objects.filter(lot=lot, bidder=owner).first(), seconds=240)
    assert bid.envelopes.get().size > SIZE
    assert not Bid.objects.filter(lot=lot, bidder=owner).exclude(pk=bid.pk).exists()

    opening = started_opening(lot)
    for other in others:
        decrypt(opening, other)
    page = bidder.go(f"/openings/{lot.tender.number}/{lot.no}/")
    fill_key(page.locator("#key-form"), key_file(tmp_path, keys))
    page.get_by_role("button", name="解密我的投标文件").click()
    page.get_by_text("密钥已核对").first.wait_for(timeout=60_000)
    wait_for(page, lambda: Opening.objects.get(pk=opening.pk).state == Opening.State.REVEALED or None, seconds=120)
    opened = OpenedBid.objects.get(bid=bid)
    assert (opened.state, str(opened.price)) == (OpenedBid.State.OPENED, "30123456.78")
    file = OpenedFile.objects.get(bid=opened, name="plan.pdf")
    kept = hashlib.sha256()
    for piece in read(file.vault):
        kept.update(piece)
    assert (file.size, b64u(kept.digest())) == (SIZE, digest)
    assert database_now() < opening.keys_until
