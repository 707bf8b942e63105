"""What nobody can do in secret, in real browsers: an emergency opening with a malicious holder, a draw with a silent party."""

import os

import pytest

from draws.models import Draw
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from sealing.age import make_header, parse_header
from sealing.context import context_hash
from sealing.reference import enrolled
from sealing.shares import share_stanza
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password
from tests.factories.bids import decrypt, hand_in, jump_to, make_holder, started_opening, with_holders
from tests.factories.evaluation import begun, evaluating_lot, expert, parties
from tests.factories.trading import published_lot
from trading.bidding.models import Bid
from trading.holders.models import OpeningPolicy
from trading.opening import actions, reference
from trading.opening.models import Fallback, OpenedBid, Opening

pytestmark = [pytest.mark.e2e]

REASON = "密钥所在的电脑损坏"


def key_file(folder, keys):
    path = folder / f"{keys.kid}.p12"
    path.write_bytes(reference.key_file(keys, KEY_PASSWORD))
    return path


def wait_for(page, found, seconds=60):
    """Wait until workers have done something; what `found` answers."""
    for _ in range(seconds * 2):
        if answer := found():
            return answer
        page.wait_for_timeout(500)
    raise AssertionError("the workers did not come to it")


def fill_key(form, path):
    form.locator("input[type=file]").set_input_files(path)
    form.locator("input[type=password]").fill(KEY_PASSWORD)


def forged_header(opened, keys):
    """A header whose share for this holder is another one, sealed to it just the same."""
    with opened.sealed.upload.open() as sealed:
        stanzas = list(parse_header(sealed).stanzas)
    at = next(place for place, each in enumerate(stanzas) if each.args[:2] == ("etp/share", keys.kid))
    bound = context_hash(actions.context_of(opened))
    stanzas[at] = share_stanza(reference.spki_of(keys.encryption), keys.kid, stanzas[at].args[2], bound, os.urandom(17))
    return make_header(os.urandom(16), stanzas)


def test_a_lost_key_is_replaced_by_the_holders_though_one_is_malicious(platform, user, tmp_path):
    """The bidder asks, the supervisor approves, one holder hands in a forged share, the other two open the bid."""
    lot = with_holders(published_lot(holders=3))
    where = lot.city
    for bidder in where.bidders:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    for bidder in where.bidders[1:]:
        decrypt(opening, bidder)
    loser = where.bidders[0]
    loser.keys.person = loser.somebody
    path = f"/openings/{lot.tender.number}/{lot.no}/"

    bidder = user("投标人").sign_in(give_password(loser.somebody), PASSWORD)
    page = bidder.go(path)
    page.get_by_text("申请应急解密").click()
    form = page.locator("#fallback-form")
    form.get_by_label("理由").fill(REASON)
    fill_key(form, key_file(tmp_path, loser.keys))
    bidder.look("fallback-ask")
    form.get_by_role("button", name="签署申请").click()
    page.get_by_text("等待监督人员批准").first.wait_for()

    supervisor = user("监督").sign_in(give_password(where.supervisor), PASSWORD)
    supervisor.signs_with(key_file(tmp_path, lot.holders[1]), KEY_PASSWORD)
    page = supervisor.go(path)
    page.get_by_text(REASON).wait_for()
    supervisor.look("fallback-decide")
    page.get_by_role("button", name="批准应急解密").click()
    page.get_by_text("已批准，等待持钥人").wait_for()
    asked = Fallback.objects.get()
    opened = OpenedBid.objects.select_related("bid__lot__tender", "bid__bidder").get(pk=asked.opened_id)

    staff, handler = (
        user(name).sign_in(give_password(person), PASSWORD) for name, person in (("中心", where.staff), ("代理", where.handler))
    )
    malicious, honest = (staff, lot.holders[0]), [(supervisor, lot.holders[1]), (handler, lot.holders[2])]
    page = malicious[0].go(path)
    forged = forged_header(opened, malicious[1])
    page.route("**/fallback/*/header/", lambda route: route.fulfill(body=forged, content_type="application/octet-stream"))
    fill_key(page.locator("form[data-share]"), key_file(tmp_path, malicious[1]))
    page.get_by_role("button", name="打开并提交我的份额").click()
    page.get_by_text("与投标文件中的承诺不符").wait_for()

    for each, keys in honest:
        page = each.go(path)
        fill_key(page.locator("form[data-share]"), key_file(tmp_path, keys))
        each.look("fallback-share") if each is handler else None
        page.get_by_role("button", name="打开并提交我的份额").click()
        page.get_by_text("份额已核对").first.wait_for()

    wait_for(page, lambda: Opening.objects.get(pk=opening.pk).state == Opening.State.REVEALED or None)
    bidder.go(path).get_by_text("30,000,000.00").first.wait_for()
    opened.refresh_from_db()
    assert opened.state == OpenedBid.State.OPENED
    told = [each["body"] for row in LedgerEntry.objects.filter(kind="blind.opened") for each in row_entries(row)]
    bad = [body for body in told if body["k"] == "fallback.bad_share"]
    assert [body["d"]["holder"] for body in bad] == [lot.holders[0].kid]
    assert len([body for body in told if body["k"] == "fallback.share"]) == 2
    for each in (bidder, supervisor, staff, handler):
        assert [line for line in each.problems if "Content Security Policy" in line] == []


def row_entries(row):
    from ledger.canonical import parse_jcs

    return parse_jcs(bytes(row.data))["d"]["entries"]


def test_a_party_that_never_reveals_does_not_stop_the_draw_of_experts(platform, user, tmp_path):
    """Two parties reveal by themselves, the third has gone home; the two recover its number, and the experts are called."""
    lot = evaluating_lot()
    where = lot.city
    for number in range(7):
        expert(number)
    keys = parties(where)
    draw = begun(lot).draw
    files = [key_file(tmp_path, each) for each in keys]
    people = [
        user(name).sign_in(give_password(person), PASSWORD)
        for name, person in (("中心", where.staff), ("监督", where.supervisor), ("代理", where.handler))
    ]
    for done, (each, file) in enumerate(reversed(list(zip(people, files, strict=True))), start=1):
        page = each.go(f"/me/draws/{draw.number}/")
        fill_key(page.locator("#commit-form"), file)
        page.get_by_role("button", name="产生随机数并提交承诺").click()
        wait_for(page, lambda done=done: draw.parties.exclude(commit="").count() == done)
        if each is people[2]:
            # The agency's handler closes the browser before the others have committed.
            each.context.close()
    wait_for(people[0].page, lambda: draw.parties.exclude(r="").count() == 2 or None)
    draw.refresh_from_db()
    assert draw.state == Draw.State.REVEAL
    jump_to(draw.reveal_until)
    wait_for(people[0].page, lambda: Draw.objects.get(pk=draw.pk).state == Draw.State.RECOVER or None)
    missing = draw.parties.get(role="tenderee")
    for done, (each, file) in enumerate(zip(people[:2], files[:2], strict=True), start=1):
        page = each.go(f"/me/draws/{draw.number}/")
        fill_key(page.locator("form[data-share]"), file)
        if each is people[0]:
            each.look("draw-recover")
        page.get_by_role("button", name="打开并提交份额").click()
        wait_for(page, lambda done=done: missing.recovered_shares.filter(right=True).count() == done)
    wait_for(people[0].page, lambda: Draw.objects.get(pk=draw.pk).state == Draw.State.RESULT or None)
    assert draw.parties.get(role="tenderee").recovered
    assert lot.evaluations.get().members.filter(called_at__lte=database_now()).count() == 5
    page = people[0].go(f"/draws/{draw.number}/")
    page.get_by_role("button", name="在我的浏览器里重算").click()
    page.wait_for_selector("#again-said[data-done]")
    said = page.locator("#again-said").inner_text()
    assert "不一致" not in said and said.count("一致") >= 6
    assert not any(f"ZJ0000{number}" in page.content() for number in range(7))


def test_holders_are_appointed_drilled_and_sealed_for_in_browsers(platform, user, tmp_path):
    """The handler signs a policy, a holder shows that the key works, and a bid is sealed for all of them."""
    lot = published_lot(holders=3)
    where = lot.city
    sides = [(where.staff, where.centre), (where.supervisor, where.regulator), (where.handler, where.agency)]
    keys = [make_holder(person, organisation) for person, organisation in sides]

    handler = user("代理").sign_in(give_password(where.handler), PASSWORD)
    page = handler.go(f"/work/tenders/{lot.tender.number}/holders/")
    form = page.locator(f"form[data-policy='{lot.no}']")
    for person, _ in sides[:2]:
        form.get_by_label(person.name).check()
    fill_key(form, key_file(tmp_path, keys[2]))
    form.get_by_label("开启所需人数").select_option("3")
    form.get_by_role("button", name="签署开标授权").click()
    form.get_by_text("持钥人须为").wait_for()
    assert form.get_by_label(where.staff.name).is_checked()
    form.get_by_label(where.handler.name).check()
    form.get_by_label("开启所需人数").select_option("2")
    handler.look("holders")
    form.get_by_role("button", name="签署开标授权").click()
    page.get_by_text("已签署").first.wait_for(timeout=60_000)
    policy = OpeningPolicy.objects.get(lot=lot)
    assert (policy.body["k"], [row["role"] for row in policy.body["holders"]]) == (2, ["opener", "supervisor", "tenderee"])

    staff = user("中心").sign_in(give_password(where.staff), PASSWORD)
    page = staff.go("/me/holdings/")
    fill_key(page.locator("form[data-drill]"), key_file(tmp_path, keys[0]))
    staff.look("holdings")
    page.get_by_role("button", name="演练一次").click()
    page.get_by_text("演练已完成").wait_for(timeout=60_000)
    assert LedgerEntry.objects.filter(kind="holder.ready").count() == 1

    owner = where.bidders[0]
    bidder = user("投标人").sign_in(give_password(owner.somebody), PASSWORD)
    own = enrolled(owner, by=owner.somebody)
    page = bidder.go(f"/me/bids/{lot.tender.number}/{lot.no}/")
    page.get_by_label("投标报价（元）").fill("30123456.78")
    page.get_by_label("工期（日历天）").fill("400")
    page.get_by_label("项目经理").fill("甲")
    for name in ("技术文件", "商务文件"):
        page.get_by_label(name).set_input_files({"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"})
    page.get_by_label("密钥文件").set_input_files(key_file(tmp_path, own))
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    page.get_by_role("button", name="封存").first.click()
    bid = wait_for(page, lambda: Bid.objects.filter(lot=lot, bidder=owner).first(), seconds=120)
    with bid.envelopes.get().upload.open() as sealed:
        stanzas = parse_header(sealed).stanzas
    assert [each.args[:2] for each in stanzas[1:]] == [("etp/share", row["kid"]) for row in policy.body["holders"]]
    for each in (handler, staff, bidder):
        assert [line for line in each.problems if "Content Security Policy" in line] == []
