"""The steps of the walk: one works tender, each step by its own user in a browser of their own."""

import re
from datetime import timedelta

from django.contrib.auth.models import Group

from accounts.models import Duty, Organisation
from credit.models import CreditEntry, CreditRule, CreditScore
from credit.rules_data import load_rules
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from postbox.models import Dispatch
from rulebook.clock import CITY, city_day, database_now
from rulebook.identifiers import make_uscc
from rulebook.workdays import is_workday
from supervision.remedies.models import Complaint
from tests.factories.bids import jump_to
from tests.factories.evaluation import code_of, expert, identity_of, parties
from tests.factories.keys import make_key_file
from tests.factories.trading import PDF, city, member
from trading.archive.models import LotArchive
from trading.awards.models import Award
from trading.bidding.models import Bid
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.opening import reference
from trading.opening.models import OpenedBid, Opening
from trading.projects.models import Lot, Project
from trading.projects.queries import required_papers
from trading.tenders.models import Suspension

PASSWORD = "Qingjiang-2026"
KEY_PASSWORD = "my-sealing-words"
NAME = "清江市第一小学综合楼新建工程"
NEWCOMER = "清江扶摇建设有限公司"
PAPER = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": PDF}


def give_password(person):
    person.set_password(PASSWORD)
    person.save()
    return person.mobile


def local(moment):
    return moment.astimezone(CITY).strftime("%Y-%m-%dT%H:%M")


def lawful_deadline(now):
    day = city_day(now) + timedelta(days=21)
    while not is_workday(day):
        day += timedelta(days=1)
    return now + (day - city_day(now))


def fill(form, **values):
    """Fill in what carries these labels."""
    for label, value in values.items():
        form.get_by_label(re.compile(f"^{label}")).fill(value)


def sign_in_at_gate(page, seat):
    """The bearer of a seat shows the code and the card; the page is the gate's."""
    page.get_by_label("签到码").fill(code_of(seat))
    page.get_by_label("身份证号").fill(identity_of(seat.person))
    page.get_by_label("本人与证件相符").check()
    page.get_by_role("button", name="核验并签到").click()
    page.get_by_text(f"{seat.order} 号席已签到，人、证、名单相符").wait_for()


class Walk:
    """The parties, their browsers and the tender on its way. Time passes by moving the official clock of the database."""

    def __init__(self, user, folder):
        self.user, self.folder = user, folder
        self.where = city(bidders=3)
        load_rules()
        self.colleague = member(self.where.regulator, duties=[Duty.COMPLAINTS, Duty.CREDIT], name="冯监督")
        for person in (self.where.supervisor, self.colleague):
            Group.objects.get_or_create(name=f"regulator:{self.where.regulator.pk}")[0].user_set.add(person)
        self.public = user("公众")
        self.agency = self.enter("代理", self.where.handler)
        self.staff = self.enter("中心", self.where.staff)
        self.supervisor = self.enter("监督", self.where.supervisor)
        self.colleague_desk = self.enter("监督同事", self.colleague)
        self.party_files = [self.key_file(keys) for keys in parties(self.where)]
        for each, file in zip((self.staff, self.supervisor, self.agency), self.party_files, strict=True):
            each.signs_with(file, KEY_PASSWORD)

    def enter(self, name, somebody):
        return self.user(name).sign_in(give_password(somebody), PASSWORD)

    def key_file(self, keys):
        """The file in which somebody keeps these keys."""
        path = self.folder / f"{keys.kid}.p12"
        path.write_bytes(reference.key_file(keys, KEY_PASSWORD))
        return path

    def until(self, moment):
        """Let the official clock run on to that moment."""
        jump_to(moment)

    def wait_for(self, found, seconds=90):
        """Wait until workers have done something; what `found` answers."""
        for _ in range(seconds * 2):
            if answer := found():
                return answer
            self.staff.page.wait_for_timeout(500)
        raise AssertionError("the workers did not come to it")

    @property
    def number(self):
        return self.tender.number

    # 1. Registration, return, correction, acceptance

    def register_project(self):
        page = self.agency.go("/work/")
        self.agency.look("agency-desk")
        page.get_by_role("button", name="登记新项目").first.click()
        page.wait_for_url("**/work/projects/**")
        url = page.url
        page.get_by_label("项目名称").fill(NAME)
        page.get_by_label("建设规模及内容").fill("新建综合楼一栋")
        page.wait_for_function("() => /已自动保存/.test(document.querySelector('#saved').textContent)")
        # The session ends; the draft is there after the next sign-in.
        page.get_by_role("button", name="退出").click()
        self.agency.sign_in(self.where.handler.mobile, PASSWORD)
        page = self.agency.go(url)
        assert page.get_by_label("项目名称").input_value() == NAME
        page.get_by_label("招标人").select_option(label=self.where.owner.name)
        page.get_by_label("工程分类").select_option("A01")
        page.get_by_label("项目估算价（元）").fill("3860 万元")
        fill(page, 建设地点="清江市滨江新区学府路", 资金来源="市财政资金 100%", 批准文件名称="关于综合楼项目建议书的批复", 批准文号="清发改审〔2026〕64 号",
             批准单位="清江市发展和改革委员会", 联系人="何经办", 联系电话="0999-555-0111")  # fmt: skip
        page.get_by_role("button", name="保存", exact=True).click()
        page.wait_for_load_state()
        assert page.get_by_label("项目估算价（元）").input_value().startswith("38")
        # Handing in too early names what is missing, beside where it is missing.
        page.get_by_role("button", name="提交登记").click()
        page.wait_for_selector(".errsum")
        self.agency.look("project-gaps")
        page.get_by_role("link", name=re.compile("修改.*一标段")).click()
        fill(
            page,
            标段名称="一标段",
            招标内容="综合楼土建、安装及室外工程",
            投标人资格要求="建筑工程施工总承包二级及以上资质和有效的安全生产许可证",
        )
        page.get_by_label("合同估算价（元）").fill("3860 万元")
        page.get_by_label("计划工期（日历天）").fill("420")
        page.get_by_role("button", name="保存标段").click()
        page.wait_for_url(url)
        project = Project.objects.get(name=NAME)
        for kind in required_papers(project):
            page.get_by_label("材料类型").select_option(kind)
            page.get_by_label(re.compile("^文件")).set_input_files(PAPER)
            page.get_by_role("button", name="上传").click()
            page.wait_for_load_state()
        self.agency.look("project")
        page.get_by_role("button", name="提交登记").click()
        page.get_by_text("待受理").first.wait_for()

        self.take_in(project, "退回补正", "资金落实证明未加盖公章，请补正。")
        page = self.agency.go(url)
        assert "未加盖公章" in page.content()
        page.get_by_role("button", name="提交登记").click()
        page.get_by_text("待受理").first.wait_for()
        self.take_in(project, "受理", "")
        self.tender = project.tenders.get()
        self.lot = self.tender.lots.get()
        assert self.tender.number
        assert self.tender.deal_code in self.agency.go(url).content()

    def take_in(self, project, outcome, reasons):
        page = self.staff.go("/staff/intake/")
        self.staff.look("intake")
        page.get_by_role("link", name=NAME).click()
        page.get_by_label(outcome, exact=True).check()
        page.get_by_label("意见").fill(reasons)
        self.staff.look("intake-review")
        page.get_by_role("button", name="登记受理结果").click()
        page.wait_for_load_state()

    # 2. The tender document and its publication

    def publish(self):
        now = database_now()
        page = self.agency.go(f"/work/tenders/{self.number}/document/")
        self.agency.look("tender-document")
        page.get_by_label("文件获取开始").fill(local(now - timedelta(minutes=1)))
        page.get_by_label("文件获取截止").fill(local(now + timedelta(days=7)))
        page.get_by_label("提问截止").fill(local(now + timedelta(days=6)))
        page.get_by_label("投标截止（开标）时间").fill(local(now + timedelta(days=10)))
        page.get_by_label("一标段最高投标限价（元）").fill("3700 万元")
        page.get_by_label("一标段投标保证金（元）").fill("200000")
        for box in page.locator("textarea").all():
            if not box.input_value().strip():
                box.fill("按施工图纸和工程量清单执行。")
        page.get_by_role("button", name="保存并核对").click()
        page.wait_for_url("**/publication/")
        # A date against the law is refused with its article.
        assert "《招标投标法》第二十四条" in page.content()
        page.get_by_role("button", name="发布招标公告").click()
        page.wait_for_selector(".errsum, .note-bad")
        page = self.agency.go(f"/work/tenders/{self.number}/document/")
        page.get_by_label("文件获取开始").fill(local(database_now() + timedelta(minutes=2)))
        page.get_by_label("投标截止（开标）时间").fill(local(lawful_deadline(now)))
        page.get_by_role("button", name="保存并核对").click()
        page.wait_for_url("**/publication/")
        self.agency.look("publication")
        self.review_document()
        page = self.agency.go(f"/work/tenders/{self.number}/publication/")
        page.get_by_role("button", name="发布招标公告").click()
        page.wait_for_url(f"**/work/tenders/{self.number}/")

        page = self.public.go("/")
        self.public.look("home")
        page.get_by_role("link", name=f"{self.tender.name}招标公告").first.click()
        page.wait_for_url("**/notices/**")
        self.public.look("notice")
        assert "发布证明" in page.content()
        self.is_pdf("notice")
        self.until(database_now() + timedelta(minutes=3))

    def review_document(self):
        """The agency hands the document in, the owner confirms it, the regulator sees the difference to the template and files it."""
        review = f"/work/tenders/{self.number}/review/"
        page = self.agency.go(review)
        page.get_by_role("button", name="送审", exact=True).click()
        page.get_by_text("已送审").first.wait_for()
        owner = self.enter("招标人", self.where.owner.somebody)
        page = owner.go("/document-reviews/")
        page.get_by_role("link", name=self.tender.name).click()
        page.get_by_role("button", name="确认，报送备案").click()
        page.get_by_text("已登记").first.wait_for()
        self.supervisor.go(f"/work/tenders/{self.number}/changes/")
        self.supervisor.look("document-changes")
        page = self.supervisor.go(review)
        self.supervisor.look("document-review")
        page.get_by_role("button", name="登记备案").click()
        page.get_by_text("已登记").first.wait_for()

    # 3. A newcomer registers; bidders take the document and ask

    def register_newcomer(self):
        self.newcomer = self.user("扶摇建设")
        self.sign_up(self.newcomer, NEWCOMER, "13800138000", make_uscc("91", "429900", "MA4KWW01"))
        page = self.staff.go("/staff/organisations/")
        self.staff.look("organisation-reviews")
        page.get_by_role("link", name=NEWCOMER).click()
        self.staff.look("organisation-review")
        page.get_by_label("通过").check()
        page.get_by_role("button", name="登记审核结果").click()
        page.get_by_text("审核结果已登记").wait_for()
        assert Organisation.objects.get(name=NEWCOMER).is_active

    def sign_up(self, bidder, name, mobile, uscc):
        """A firm that nobody knew before: account, organisation, papers, pledge."""
        page = bidder.go("/sign-up/")
        page.get_by_label("手机号").fill(mobile)
        page.get_by_role("button", name="获取短信验证码").click()
        page.wait_for_selector("[role=status]")
        other = bidder.context.new_page()
        other.goto(f"/outbox/?mobile={mobile}")
        code = other.locator("td[data-l=内容]").first.inner_text().split("验证码 ")[1][:6]
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
        fill(page, 统一社会信用代码=uscc, 法定代表人="季无名", 住所="清江市虚构路 1 号", 基本账户账号="6222000011112222")
        page.get_by_role("button", name="保存").click()
        page.get_by_label("文件").set_input_files(PAPER)
        page.get_by_role("button", name="上传").click()
        page.get_by_label("我单位郑重承诺").check()
        page.get_by_role("button", name="提交审核").click()
        page.get_by_text("登记已提交").wait_for()

    def take_document_and_ask(self):
        self.known = [self.enter(bidder.name[2:4], bidder.somebody) for bidder in self.where.bidders[:2]]
        self.fourth = self.enter(self.where.bidders[2].name[2:4], self.where.bidders[2].somebody)
        self.bidders = [self.newcomer, *self.known]
        for bidder in (*self.bidders, self.fourth):
            page = bidder.go(f"/tenders/{self.number}/")
            page.get_by_role("button", name="获取招标文件").click()
            page.get_by_text("已取得招标文件").wait_for()
        page = self.newcomer.go(f"/tenders/{self.number}/questions/new/")
        page.get_by_label("问题").fill("清单第三项的计量单位是否为吨？")
        page.get_by_role("button", name="提交问题").click()
        page.get_by_text("问题已提交").wait_for()
        page = self.agency.go(f"/work/tenders/{self.number}/clarification/")
        assert "扶摇" not in page.content()
        self.agency.look("clarify")
        page.get_by_label("清单第三项").fill("是，单位为吨。")
        page.get_by_role("button", name="发布澄清与修改").click()
        page.wait_for_url(f"**/work/tenders/{self.number}/")
        page = self.public.go(f"/tenders/{self.number}/")
        self.public.look("tender")
        assert "是，单位为吨。" in page.content()
        assert "扶摇" not in page.content()

    # 4. Sealed bids

    def make_keys(self, bidder):
        path = self.folder / f"{bidder.name}.p12"
        make_key_file(bidder.go("/me/keys/"), KEY_PASSWORD, path)
        return path

    def seal_and_submit(self, bidder, price, *, size=300_000):
        page = bidder.go(f"/me/bids/{self.number}/1/")
        page.get_by_label("投标报价（元）").fill(price)
        page.get_by_label("工期（日历天）").fill("400")
        page.get_by_label("项目经理").fill(f"{bidder.name}项目经理")
        page.get_by_label("技术文件").set_input_files(
            {"name": "施工组织设计.pdf", "mimeType": "application/pdf", "buffer": PDF + b"t" * size}
        )
        page.get_by_label("商务文件（含保证金凭证）").set_input_files(
            {"name": "商务文件.pdf", "mimeType": "application/pdf", "buffer": PDF + b"c" * 1000}
        )
        page.get_by_label("密钥文件").set_input_files(self.keys[bidder.name])
        page.get_by_label("密钥口令").fill(KEY_PASSWORD)
        before = page.locator(".receipt").count()
        page.get_by_role("button", name="封存并递交").click()
        page.wait_for_function("count => document.querySelectorAll('.receipt').length > count", arg=before, timeout=60_000)

    def seal_bids(self):
        self.keys = {bidder.name: self.make_keys(bidder) for bidder in (*self.bidders, self.fourth)}
        self.newcomer.look("keys")
        for place, bidder in enumerate([*self.bidders, self.fourth]):
            self.seal_and_submit(bidder, f"3{place}123456.78")
        self.newcomer.look("bid")
        self.seal_and_submit(self.newcomer, "29999999.99", size=9_000_000)
        assert Bid.objects.filter(bidder__name=NEWCOMER).count() == 2
        page = self.newcomer.page
        receipt = page.get_by_role("link", name="机器可读回执").first.get_attribute("href")
        assert self.wait_for(lambda: self.newcomer.context.request.get(receipt).ok)
        page = self.fourth.go(f"/me/bids/{self.number}/1/")
        page.get_by_label("密钥文件").set_input_files(self.keys[self.fourth.name])
        page.get_by_label("密钥口令").fill(KEY_PASSWORD)
        page.get_by_role("button", name="撤回投标").click()
        page.wait_for_function("() => document.querySelectorAll('.receipt').length > 1", timeout=60_000)
        assert Bid.objects.filter(lot=self.lot).heads().count() == 3
        secret = [bytes(row.data) for row in LedgerEntry.objects.filter(stream=self.lot.bid_stream)]
        assert len(secret) == 6
        assert all(b'"t":"blind"' in data for data in secret)

    # 5. The opening

    def open_bids(self):
        self.lot.refresh_from_db()
        self.until(self.lot.bids_due_at + timedelta(seconds=1))
        page = self.newcomer.go(f"/me/bids/{self.number}/1/")
        assert "投标截止时间已过" in page.content()
        opening = self.wait_for(lambda: Opening.objects.filter(lot=self.lot).first())
        assert (opening.state, opening.count) == (Opening.State.WAITING, 3)
        page = self.staff.go(f"/openings/{self.number}/1/")
        page.get_by_role("button", name="宣布开标").click()
        page.get_by_text("解密剩余").wait_for()
        for bidder in self.bidders:
            self.decrypt(bidder, opening)
        page = self.staff.page
        page.get_by_text("29,999,999.99").first.wait_for(timeout=60_000)
        self.staff.look("hall-host")
        page = self.known[0].go(f"/openings/{self.number}/1/")
        page.get_by_label("提出异议").fill("请核对第二名的签到时间。")
        page.get_by_role("button", name="提出异议").click()
        page.get_by_text("异议已提出").wait_for()
        page = self.staff.go(f"/openings/{self.number}/1/")
        page.get_by_label("当场答复").fill("已核对，签到时间以实况记录为准。")
        page.get_by_role("button", name="答复异议").click()
        page.get_by_text("以实况记录为准").first.wait_for()
        page = self.newcomer.go(f"/openings/{self.number}/1/")
        page.get_by_role("button", name="确认开标记录").click()
        page.get_by_text("已确认开标记录").wait_for()
        page = self.staff.go(f"/openings/{self.number}/1/")
        page.get_by_role("button", name="结束开标并公布记录").click()
        page.get_by_text("下载开标记录").wait_for()
        self.state_is(Lot.State.EVALUATING)
        self.is_pdf("opening_record")

    def decrypt(self, bidder, opening):
        page = bidder.go(f"/openings/{self.number}/1/")
        page.get_by_role("button", name="签到").click()
        page.get_by_text("已签到。").wait_for()
        if bidder is self.bidders[1]:
            # Somebody else's key opens nothing, and may be tried again.
            page.get_by_label("密钥文件").set_input_files(self.keys[self.fourth.name])
            page.get_by_label("密钥口令").fill(KEY_PASSWORD)
            page.get_by_role("button", name="解密我的投标文件").click()
            page.get_by_text("不是封存这份投标文件的密钥").wait_for()
        if bidder is self.bidders[2]:
            assert OpenedBid.objects.filter(opening=opening, state="key_ok").count() == 2
            assert "29,999,999.99" not in page.content()
            bidder.look("hall-bidder")
        page.get_by_label("密钥文件").set_input_files(self.keys[bidder.name])
        page.get_by_label("密钥口令").fill(KEY_PASSWORD)
        page.get_by_role("button", name="解密我的投标文件").click()
        page.wait_for_selector("#key-form[data-done], table:has-text('投标报价')")

    def state_is(self, state):
        self.lot.refresh_from_db()
        assert self.lot.state == state

    def is_pdf(self, kind):
        """The official document of that kind, as a worker prints it, for those who may read it."""
        document = OfficialDocument.objects.filter(kind=kind).latest("issued_at")
        answer = self.agency.context.request.get(f"/documents/{document.check_code}.pdf")
        assert answer.body()[:5] == b"%PDF-", (kind, answer.status)

    # 6. The committee, its review, scores and report

    def evaluate(self):
        for number in range(7):
            expert(number)
        page = self.staff.go(f"/staff/committees/{self.number}/1/")
        page.get_by_label("工程施工").check()
        page.get_by_label("评标时间").fill(local(database_now() + timedelta(hours=1)))
        page.get_by_label("监督部门参加人").select_option(label=self.where.supervisor.name)
        page.get_by_label("招标人参加人").select_option(label=self.where.handler.name)
        self.staff.look("committee-form")
        page.get_by_role("button", name="发起抽取").click()
        page.get_by_text("抽取已发起").wait_for()
        evaluation = Evaluation.objects.get(lot=self.lot)
        self.draw(evaluation.draw)
        self.answer_calls(evaluation)
        page = self.staff.go(f"/staff/committees/{self.number}/1/")
        self.staff.look("committee")
        page.get_by_role("link", name="签到").click()
        for seat in evaluation.members.filter(state=CommitteeMember.State.ACCEPTED):
            sign_in_at_gate(page, seat)
        self.staff.look("attendance")
        page.get_by_role("link", name="评标委员会", exact=True).first.click()
        page.get_by_role("button", name="开始评标").click()
        page.get_by_text("评标已开始").wait_for()

        seats = list(evaluation.members.filter(state=CommitteeMember.State.ACCEPTED))
        experts = [self.enter(f"专家{seat.order}", seat.person) for seat in seats]
        first = experts[0].go("/expert/")
        experts[0].look("expert-desk")
        first.get_by_role("link", name="进入评标桌面").click()
        experts[0].look("pledge")
        for each in experts:
            each.go(f"/expert/evaluations/{evaluation.pk}/").get_by_role("button", name="签署承诺").click()
            each.page.get_by_label("1 号席").check()
            if each is experts[0]:
                each.look("chair")
            each.page.get_by_role("button", name="推举").click()
            each.page.get_by_text("已推举，全体成员推举后产生组长").wait_for()
        # An incomplete sheet is refused and comes back as it was filled in.
        choices = first.locator("input[type=radio][value='1']")
        first.reload()
        choices.first.check()
        first.get_by_role("button", name="提交初步评审意见").click()
        first.wait_for_selector(".errsum")
        assert choices.first.is_checked()
        for each in experts:
            each.go(f"/expert/evaluations/{evaluation.pk}/")
            for choice in each.page.locator("input[type=radio][value='1']").all():
                choice.check()
            if each is experts[0]:
                each.look("review")
            each.page.get_by_role("button", name="提交初步评审意见").click()
            each.page.wait_for_load_state()
        for place, each in enumerate(experts):
            page = each.go(f"/expert/evaluations/{evaluation.pk}/")
            for box in page.get_by_label("类似业绩得分").all():
                box.fill("5")
            for box in page.get_by_label("施工组织设计得分").all():
                box.fill(str(16 + place % 2))
            if place == 0:
                each.look("scores")
            page.get_by_role("button", name="提交评分").click()
            page.wait_for_load_state()
            if place < len(experts) - 1:
                assert not page.get_by_role("heading", name="评分汇总").count()
        for each in experts:
            page = each.go(f"/expert/evaluations/{evaluation.pk}/")
            if each is experts[0]:
                each.look("report")
            page.get_by_role("button", name="签署评标报告").click()
            page.wait_for_load_state()
        evaluation.refresh_from_db()
        assert evaluation.state == Evaluation.State.SIGNED
        self.state_is(Lot.State.EVALUATED)
        self.check_credit(evaluation)

    def draw(self, draw):
        """Each party gives its number in its own browser; all stay on the page, which reveals by itself."""
        for user, keys in zip((self.staff, self.supervisor, self.agency), self.party_files, strict=True):
            page = user.go(f"/me/draws/{draw.number}/")
            page.get_by_label("密钥文件").set_input_files(keys)
            page.get_by_label("密钥口令").fill(KEY_PASSWORD)
            if user is self.staff:
                user.look("draw-room")
            page.get_by_role("button", name="产生随机数并提交承诺").click()
            self.wait_for(lambda keys=keys: draw.parties.exclude(commit="").count() == 1 + self.party_files.index(keys))
        self.wait_for(lambda: type(draw).objects.get(pk=draw.pk).state == "result" or None)
        page = self.public.go(f"/draws/{draw.number}/")
        page.get_by_role("button", name="在我的浏览器里重算").click()
        page.wait_for_selector("#again-said[data-done]")
        said = page.locator("#again-said").inner_text()
        assert "不一致" not in said and said.count("一致") >= 6
        self.public.look("draw")

    def answer_calls(self, evaluation):
        """The called answer by telephone (the outbox console); one declines, and the next in order is called."""
        console, declined = self.user("电话"), False
        for _ in range(12):
            page = console.go("/outbox/")
            waiting = page.get_by_role("button", name="按 1 参加")
            if not waiting.count():
                break
            if not declined:
                page.get_by_role("button", name="按 2 时间冲突").first.click()
                declined = True
            else:
                waiting.first.click()
            page.wait_for_load_state()
        states = CommitteeMember.State
        self.wait_for(lambda: evaluation.members.filter(state=states.ACCEPTED).count() == 5 or None)
        assert evaluation.members.filter(state=states.REFUSED).count() == 1
        calls = Dispatch.objects.filter(channel="voice")
        assert not any(NAME in call.words or self.where.owner.name in call.text for call in calls)

    # 7. Candidates, objection, complaint, decision

    def show_candidates(self):
        page = self.agency.go(f"/work/tenders/{self.number}/lots/1/award/")
        page.get_by_role("button", name="公示中标候选人").click()
        page.get_by_text("候选人公示已发布").wait_for()
        self.agency.look("award")
        page = self.public.go("/notices/")
        page.get_by_role("link", name="中标候选人公示").first.click()
        page.wait_for_url("**/notices/*/")
        self.public.look("candidates")
        assert "29,999,999.99" in page.content()

    def object_and_complain(self):
        loser = self.known[0]
        page = loser.go(f"/tenders/{self.number}/")
        page.get_by_role("link", name="提出异议（一标段）").click()
        page.get_by_label("异议事项与事实").fill("第一名的类似业绩与公开信息不符。")
        page.get_by_label("请求").fill("请核实并公布业绩证明。")
        page.get_by_label("证明材料").set_input_files(PAPER)
        loser.look("objection-form")
        page.get_by_role("button", name="提交异议").click()
        page.wait_for_url("**/me/remedies/")
        assert Suspension.objects.filter(lot=self.lot, until=None).count() == 1
        page = self.agency.go("/work/objections/")
        self.agency.look("objections")
        page.get_by_role("link", name=NAME).click()
        page.get_by_label("异议不成立").check()
        page.get_by_label("答复内容和理由").fill("经核查，业绩证明齐全，与平台记录一致。")
        self.agency.look("objection")
        page.get_by_role("button", name="答复异议").click()
        page.get_by_text("已答复").wait_for()
        assert not Suspension.objects.filter(lot=self.lot, until=None).exists()

        page = loser.go("/me/remedies/")
        loser.look("own-remedies")
        page.get_by_role("link", name="不服答复，投诉").click()
        page.get_by_role("button", name="提交投诉").click()
        page.wait_for_url("**/me/complaints/**")
        loser.look("own-complaint")
        self.complaint = Complaint.objects.get()
        page = self.supervisor.go("/supervision/")
        self.supervisor.look("supervision-desk")
        page.get_by_role("link", name=NAME).click()
        page.get_by_label("受理", exact=True).check()
        page.get_by_role("button", name="登记审查结果").click()
        page.get_by_label("责令暂停的理由").fill("调查期间暂停定标。")
        page.get_by_role("button", name="责令暂停").click()
        page.get_by_text("已责令暂停").wait_for()
        # While it is stopped, nobody is awarded.
        award = self.agency.go(f"/work/tenders/{self.number}/lots/1/award/")
        award.get_by_role("button", name="确定第一名为中标人").click()
        award.wait_for_load_state()
        assert "暂停" in award.content()
        assert not Award.objects.exists()

    def decide(self):
        url = f"/supervision/complaints/{self.complaint.number}/"
        for desk, note in ((self.supervisor, "查阅评标报告和业绩证明。"), (self.colleague_desk, "询问投诉人和招标人。")):
            page = desk.go(url)
            page.get_by_label("调查记录").fill(note)
            page.get_by_role("button", name="添加记录").click()
            page.get_by_text("调查记录已添加").wait_for()
        page = self.supervisor.go(url)
        page.get_by_label("驳回投诉").check()
        page.get_by_label("查明事实").fill("第一名提交的业绩合同、验收证明与平台记录一致。")
        page.get_by_label("处理依据").fill("《工程建设项目招标投标活动投诉处理办法》第二十条")
        page.get_by_label("处理意见").fill("投诉缺乏事实依据，予以驳回。")
        self.supervisor.look("complaint")
        page.get_by_role("button", name="作出决定并公开").click()
        page.get_by_text("处理决定已作出并公开").wait_for()
        assert not Suspension.objects.filter(lot=self.lot, until=None).exists()
        page = self.public.go("/notices/")
        page.get_by_role("link", name="投诉处理决定").first.click()
        page.wait_for_url("**/notices/*/")
        assert "予以驳回" in page.content()
        self.public.look("decision")
        self.is_pdf("complaint_decision")

    # 8. Credit

    def report_conduct(self, firm, *, on_record):
        """A regulator reports, a colleague checks, the party's time to answer passes, and a worker scores anew."""
        rule = CreditRule.objects.filter(points__lt=0, severity=2, until=None).order_by("code").first()
        page = self.supervisor.go("/supervision/credit/new/")
        page.get_by_label("统一社会信用代码").fill(firm.uscc)
        page.get_by_label("评价细则").select_option(str(rule.pk))
        page.get_by_label("事实").fill("在另一项目中逾期提交履约资料，经通知仍未改正。")
        page.get_by_label("证据材料").set_input_files(PAPER)
        self.supervisor.look("credit-report")
        page.get_by_role("button", name="提交复核").click()
        page.get_by_text("已填报").wait_for()
        # Who reported cannot check it.
        page.get_by_role("button", name="复核并告知").first.click()
        page.wait_for_load_state()
        assert "复核人不能是填报人" in page.content()
        page = self.colleague_desk.go("/supervision/credit/")
        self.colleague_desk.look("credit-entries")
        page.get_by_role("button", name="复核并告知").first.click()
        page.get_by_text("已复核并告知").wait_for()
        entry = CreditEntry.objects.filter(organisation=firm).latest("pk")
        self.until(entry.statement_until + timedelta(seconds=1))
        page = self.supervisor.go("/supervision/credit/")
        page.get_by_role("button", name="使其生效").first.click()
        page.get_by_text("记录已生效").wait_for()
        self.wait_for(lambda: CreditScore.objects.filter(organisation=firm).count() == on_record or None)
        score = CreditScore.objects.filter(organisation=firm).latest("computed_at")
        page = self.public.go(f"/credit/{firm.uscc}/")
        assert rule.title in page.content()
        assert f"{score.score} 分" in page.content()
        self.public.look("credit")
        return score

    def check_credit(self, evaluation):
        """The score that held at the deadline counts, and the report says so."""
        firm = self.where.bidders[0]
        opened = OpenedBid.objects.get(opening__lot=self.lot, bid__bidder=firm)
        assert opened.credit["score"] == str(self.score_at_deadline.score)
        assert evaluation.workings["credit"]["scores"][str(opened.pk)] == opened.credit["score"]

    # 9. Award, result, contract, archive

    def award(self):
        publicity = self.lot.publicities.get()
        url = f"/work/tenders/{self.number}/lots/1/award/"
        if database_now() <= publicity.until:
            self.until(publicity.until + timedelta(seconds=1))
        page = self.agency.go(url)
        page.get_by_role("button", name="确定第一名为中标人").click()
        page.get_by_text("已定标，中标通知书").wait_for()
        page.get_by_role("button", name="公告中标结果").click()
        page.get_by_text("中标结果已公告").wait_for()
        self.is_pdf("award_notice")
        award = Award.objects.get(lot=self.lot)
        bid = award.candidate.result.bid
        page = self.public.go("/notices/")
        page.get_by_role("link", name="中标结果公告").first.click()
        page.wait_for_url("**/notices/*/")
        assert bid.bidder.name in page.content()
        self.public.look("result")
        page = self.agency.go(url)
        page.get_by_label("合同编号").fill("QJ-2026-001")
        page.get_by_label("合同金额（元）").fill("1")
        page.get_by_label("签订日期").fill(city_day(database_now()).isoformat())
        page.get_by_label("工期（日历天）").fill(str(bid.term_days))
        page.get_by_label("项目经理").fill(bid.manager)
        page.get_by_label("质量标准").fill("合格")
        page.get_by_label("合同文件").set_input_files(PAPER)
        page.get_by_role("button", name="备案并公开合同要点").click()
        # What differs from the bid is refused with the article, and what was typed stays.
        page.wait_for_selector(".errsum")
        assert "第五十七条" in page.content()
        assert page.get_by_label("合同编号").input_value() == "QJ-2026-001"
        self.agency.look("contract")
        page.get_by_label("合同金额（元）").fill(str(bid.price))
        page.get_by_label("合同文件").set_input_files(PAPER)
        page.get_by_role("button", name="备案并公开合同要点").click()
        page.get_by_text("合同要点已备案并公开").wait_for()
        self.state_is(Lot.State.CONTRACTED)

    def witness(self, stage):
        """The centre's record of a stage that is over: what was seen, the risk points, the signature."""
        page = self.staff.go(f"/witness/{self.number}/1/{stage}/")
        page.get_by_label("地点").fill("第一开标厅")
        page.get_by_label("见证情况").fill("过程正常，全程录音录像。")
        page.get_by_role("button", name="写入记录").click()
        page.get_by_text("已保存。").wait_for()
        for choice in page.locator(".point-answer select").all():
            choice.select_option(label="正常")
        page.get_by_role("button", name="保存核查结果").click()
        page.get_by_text("风险点已全部核查").wait_for()
        page.get_by_role("button", name="签署见证记录").click()
        page.get_by_text("摘要已存证").wait_for()

    def archive(self):
        for stage in ("opening", "evaluating"):
            self.witness(stage)
        # What only the tenderee's side has is named, and handed in.
        assert "招标投标情况书面报告" in self.staff.go("/staff/archives/").content()
        page = self.agency.go(f"/archives/{self.number}/1/")
        page.get_by_role("link", name="前往提交").click()
        page.get_by_label("招标投标情况书面报告").set_input_files(PAPER)
        page.get_by_role("button", name="提交监督部门").click()
        page.get_by_text("书面报告已提交监督部门").wait_for()
        page = self.staff.go("/staff/archives/")
        page.get_by_role("button", name="归档").click()
        page.get_by_text("正在归档").wait_for()
        self.wait_for(lambda: LotArchive.objects.filter(finished_at__isnull=False).exists())
        page = self.staff.go("/staff/archives/")
        self.staff.look("archives")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="下载").click()
        path = self.folder / "archive.zip"
        waiting.value.save_as(path)
        self.state_is(Lot.State.ARCHIVED)
        return path

    def everybody(self):
        return (self.public, self.agency, self.staff, self.supervisor, self.colleague_desk, *self.bidders, self.fourth)
