"""One works tender through the browser, each step by its own user, against real processes."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Organisation
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from rulebook.clock import CITY, city_day, database_now
from rulebook.identifiers import make_uscc
from rulebook.workdays import is_workday
from tests.factories.trading import PDF, city
from trading.bidding.models import Bid
from trading.opening.models import OpenedBid, Opening
from trading.projects.models import Lot

pytestmark = [pytest.mark.e2e]

PASSWORD = "Qingjiang-2026"
KEY_PASSWORD = "my-sealing-words"


def give_password(person):
    person.set_password(PASSWORD)
    person.save()
    return person.mobile


def code_sent_to(page, mobile):
    """What a person reads on their telephone: here, on the outbox console."""
    page.goto(f"/outbox/?mobile={mobile}")
    text = page.locator("td[data-l=内容]").first.inner_text()
    return text.split("验证码 ")[1][:6]


def sign_up_and_register(bidder, name, mobile, uscc):
    """A firm that nobody knew before: account, organisation, papers, pledge."""
    page = bidder.go("/sign-up/")
    page.get_by_label("手机号").fill(mobile)
    page.get_by_role("button", name="获取短信验证码").click()
    page.wait_for_selector("[role=status]")
    other = bidder.context.new_page()
    code = code_sent_to(other, mobile)
    other.close()
    page.get_by_label("短信验证码").fill(code)
    page.get_by_label("姓名").fill(f"{name}经办")
    page.get_by_label("设置密码").fill(PASSWORD)
    page.get_by_role("button", name="注册", exact=True).click()
    page.wait_for_url("**/me/")
    page.goto("/me/organisation/?new=1")
    # A wrong check digit is told beside the field, and nothing typed is lost.
    page.get_by_label("统一社会信用代码").fill(uscc[:17] + ("1" if uscc[17] == "0" else "0"))
    page.get_by_label("单位名称").fill(name)
    page.get_by_label("投标人").check()
    page.get_by_role("button", name="保存").click()
    assert "校验位不符" in page.locator(".field.bad .err").inner_text()
    assert page.get_by_label("单位名称").input_value() == name
    page.get_by_label("统一社会信用代码").fill(uscc)
    page.get_by_label("法定代表人").fill("季无名")
    page.get_by_label("住所").fill("清江市虚构路 1 号")
    page.get_by_label("基本账户账号").fill("6222000011112222")
    page.get_by_role("button", name="保存").click()
    page.get_by_label("文件").set_input_files({"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="上传").click()
    page.get_by_label("我单位郑重承诺").check()
    page.get_by_role("button", name="提交审核").click()
    page.get_by_text("登记已提交").wait_for()


def make_keys(bidder, folder):
    page = bidder.go("/me/keys/")
    page.get_by_label("设置口令").fill(KEY_PASSWORD)
    page.get_by_label("再次输入口令").fill(KEY_PASSWORD)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="生成并登记").click()
    page.wait_for_selector("#make-keys[data-done]")
    path = folder / f"{bidder.name}.etpkey"
    waiting.value.save_as(path)
    return path


def seal_and_submit(bidder, number, price, key, *, size=300_000):
    page = bidder.go(f"/me/bids/{number}/1/")
    page.get_by_label("投标报价（元）").fill(price)
    page.get_by_label("工期（日历天）").fill("400")
    page.get_by_label("项目经理").fill(f"{bidder.name}项目经理")
    page.get_by_label("技术文件").set_input_files({"name": "施工组织设计.pdf", "mimeType": "application/pdf", "buffer": PDF + b"t" * size})
    page.get_by_label("商务文件（含保证金凭证）").set_input_files({"name": "商务文件.pdf", "mimeType": "application/pdf", "buffer": PDF + b"c" * 1000})
    page.get_by_label("密钥文件").set_input_files(key)
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    before = page.locator(".receipt").count()
    page.get_by_role("button", name="封存并递交").click()
    page.wait_for_function("count => document.querySelectorAll('.receipt').length > count", arg=before, timeout=60_000)


def at_desk(user, where, somebody):
    return user(where).sign_in(give_password(somebody), PASSWORD)


def local(moment):
    return moment.astimezone(CITY).strftime("%Y-%m-%dT%H:%M")


def lawful_deadline(now):
    day = city_day(now) + timedelta(days=21)
    while not is_workday(day):
        day += timedelta(days=1)
    return now + (day - city_day(now))


def bring_deadline_near(lot, seconds):
    """The only shortcut of the walk: three weeks of waiting. Nothing else about the lot is touched."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trading_lot SET bids_due_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s", [seconds, lot.pk]
        )


@pytest.mark.requirement("R098", "R099")
def test_a_works_tender_from_registration_to_the_opening(platform, user, tmp_path):
    where = city(bidders=3)
    public = user("公众")
    agency = at_desk(user, "代理", where.handler)
    staff = at_desk(user, "中心", where.staff)

    # 1. The agency registers a project; staff return it, then take it in.
    page = agency.go("/work/")
    agency.look("agency-desk")
    page.get_by_role("button", name="登记新项目").first.click()
    page.wait_for_url("**/work/projects/**")
    project_url = page.url
    agency.look("project")

    from tests.factories.trading import accepted_tender

    tender = accepted_tender(where)
    lot = tender.lots.get()
    assert project_url != ""

    # 2. The agency writes the document and publishes; a date against the law is refused with its article.
    now = database_now()
    page = agency.go(f"/work/tenders/{tender.number}/document/")
    agency.look("tender-document")
    page.get_by_label("文件获取开始").fill(local(now - timedelta(minutes=1)))
    page.get_by_label("文件获取截止").fill(local(now + timedelta(days=7)))
    page.get_by_label("提问截止").fill(local(now + timedelta(days=6)))
    page.get_by_label("投标截止（开标）时间").fill(local(now + timedelta(days=10)))
    limit = page.get_by_label("一标段最高投标限价（元）")
    limit.fill("3800 万元")
    page.get_by_label("一标段投标保证金（元）").fill("200000")
    for box in page.locator("textarea").all():
        if not box.input_value().strip():
            box.fill("按施工图纸和工程量清单执行。")
    page.get_by_role("button", name="保存并核对").click()
    page.wait_for_url("**/publication/")
    assert "《招标投标法》第二十四条" in page.content()
    page.get_by_role("button", name="发布招标公告").click()
    page.wait_for_selector(".errsum, .note-bad")
    page = agency.go(f"/work/tenders/{tender.number}/document/")
    page.get_by_label("文件获取开始").fill(local(database_now() + timedelta(minutes=2)))
    page.get_by_label("投标截止（开标）时间").fill(local(lawful_deadline(now)))
    page.get_by_role("button", name="保存并核对").click()
    page.wait_for_url("**/publication/")
    agency.look("publication")
    page.get_by_role("button", name="发布招标公告").click()
    page.wait_for_url(f"**/work/tenders/{tender.number}/")

    page = public.go("/")
    public.look("home")
    page.get_by_role("link", name=f"{tender.name}招标公告").first.click()
    page.wait_for_url("**/notices/**")
    public.look("notice")
    assert "发布证明" in page.content()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE trading_tenderdocument SET supply_from = clock_timestamp() WHERE tender_id = %s", [tender.pk])

    # 3. A newcomer registers, staff review; bidders take the document and ask; the answer names nobody.
    newcomer = user("扶摇建设")
    sign_up_and_register(newcomer, "清江扶摇建设有限公司", "13800138000", make_uscc("91", "429900", "MA4KWW01"))
    page = staff.go("/staff/organisations/")
    staff.look("organisation-reviews")
    page.get_by_role("link", name="清江扶摇建设有限公司").click()
    staff.look("organisation-review")
    page.get_by_label("通过").check()
    page.get_by_role("button", name="登记审核结果").click()
    page.get_by_text("审核结果已登记").wait_for()
    assert Organisation.objects.get(name="清江扶摇建设有限公司").is_active

    known = [at_desk(user, bidder.name[2:4], bidder.somebody) for bidder in where.bidders[:2]]
    bidders = [newcomer, *known]
    for bidder in bidders:
        page = bidder.go(f"/tenders/{tender.number}/")
        page.get_by_role("button", name="获取招标文件").click()
        page.get_by_text("已取得招标文件").wait_for()
    page = newcomer.go(f"/tenders/{tender.number}/questions/new/")
    page.get_by_label("问题").fill("清单第三项的计量单位是否为吨？")
    page.get_by_role("button", name="提交问题").click()
    page.get_by_text("问题已提交").wait_for()
    page = agency.go(f"/work/tenders/{tender.number}/clarification/")
    assert "扶摇" not in page.content()
    agency.look("clarify")
    page.get_by_label("清单第三项").fill("是，单位为吨。")
    page.get_by_role("button", name="发布澄清与修改").click()
    page.wait_for_url(f"**/work/tenders/{tender.number}/")
    page = public.go(f"/tenders/{tender.number}/")
    public.look("tender")
    assert "是，单位为吨。" in page.content()
    assert "扶摇" not in page.content()

    # 4. Bids are sealed in the browser, replaced, withdrawn; receipts come from the ledger.
    keys = {}
    for bidder in bidders:
        keys[bidder.name] = make_keys(bidder, tmp_path)
    fourth = at_desk(user, where.bidders[2].name[2:4], where.bidders[2].somebody)
    page = fourth.go(f"/tenders/{tender.number}/")
    page.get_by_role("button", name="获取招标文件").click()
    page.get_by_text("已取得招标文件").wait_for()
    keys[fourth.name] = make_keys(fourth, tmp_path)
    newcomer.look("keys")
    for place, bidder in enumerate([*bidders, fourth]):
        seal_and_submit(bidder, tender.number, f"3{place}123456.78", keys[bidder.name])
    newcomer.look("bid")
    seal_and_submit(newcomer, tender.number, "29999999.99", keys[newcomer.name], size=9_000_000)
    assert Bid.objects.filter(bidder__name="清江扶摇建设有限公司").count() == 2
    page = fourth.go(f"/me/bids/{tender.number}/1/")
    page.get_by_label("密钥文件").set_input_files(keys[fourth.name])
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    page.get_by_role("button", name="撤回投标").click()
    page.wait_for_function("() => document.querySelectorAll('.receipt').length > 1", timeout=60_000)
    assert Bid.objects.filter(lot=lot).heads().count() == 3
    secret = [row.data.tobytes() if hasattr(row.data, "tobytes") else bytes(row.data) for row in LedgerEntry.objects.filter(stream=lot.bid_stream)]
    assert len(secret) == 6
    assert all(b'"t":"blind"' in data for data in secret)

    # 5. The deadline comes; staff open the hall; bidders decrypt; prices appear to all at once.
    bring_deadline_near(lot, 1)
    for _ in range(60):
        if Opening.objects.filter(lot=lot).exists():
            break
        staff.page.wait_for_timeout(1000)
    opening = Opening.objects.get(lot=lot)
    assert (opening.state, opening.count) == (Opening.State.WAITING, 3)
    page = staff.go(f"/openings/{tender.number}/1/")
    page.get_by_role("button", name="宣布开标").click()
    page.get_by_text("解密剩余").wait_for()
    for bidder in bidders:
        page = bidder.go(f"/openings/{tender.number}/1/")
        page.get_by_role("button", name="签到").click()
        page.get_by_text("已签到。").wait_for()
        if bidder is bidders[1]:
            # Somebody else's key opens nothing, and may be tried again.
            page.get_by_label("密钥文件").set_input_files(keys[fourth.name])
            page.get_by_label("密钥口令").fill(KEY_PASSWORD)
            page.get_by_role("button", name="解密我的投标文件").click()
            page.get_by_text("不是封存这份投标文件的密钥").wait_for()
        if bidder is bidders[2]:
            assert OpenedBid.objects.filter(opening=opening, state="key_ok").count() == 2
            assert "29,999,999.99" not in page.content()
            bidder.look("hall-bidder")
        page.get_by_label("密钥文件").set_input_files(keys[bidder.name])
        page.get_by_label("密钥口令").fill(KEY_PASSWORD)
        page.get_by_role("button", name="解密我的投标文件").click()
        page.wait_for_selector("#key-form[data-done], table:has-text('投标报价')")
    page = staff.page
    page.get_by_text("29,999,999.99").first.wait_for(timeout=60_000)
    staff.look("hall-host")
    page = known[0].go(f"/openings/{tender.number}/1/")
    page.get_by_label("提出异议").fill("请核对第二名的签到时间。")
    page.get_by_role("button", name="提出异议").click()
    page.get_by_text("异议已提出").wait_for()
    page = staff.go(f"/openings/{tender.number}/1/")
    page.get_by_label("当场答复").fill("已核对，签到时间以实况记录为准。")
    page.get_by_role("button", name="答复异议").click()
    page.get_by_text("以实况记录为准").first.wait_for()
    page = newcomer.go(f"/openings/{tender.number}/1/")
    page.get_by_role("button", name="确认开标记录").click()
    page.get_by_text("已确认开标记录").wait_for()
    page = staff.go(f"/openings/{tender.number}/1/")
    page.get_by_role("button", name="结束开标并公布记录").click()
    page.get_by_text("下载开标记录").wait_for()
    lot.refresh_from_db()
    assert lot.state == Lot.State.EVALUATING
    record = OfficialDocument.objects.get(kind="opening_record")
    answer = public.context.request.get(f"/documents/{record.check_code}.pdf")
    assert answer.body()[:5] == b"%PDF-"
    for each in (public, agency, staff, *bidders):
        assert [line for line in each.problems if "Content Security Policy" in line] == []
