"""The three levels a city trades in: Project > Tender > Lot, from registration to intake."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from documents.models import StoredFile
from trading.catalogue.models import CentralItem, OrganisationForm


class Category(models.TextChoices):
    WORKS = "GC", "工程建设"
    PROCUREMENT = "ZC", "政府采购"
    LAND = "TD", "土地使用权"
    MINING = "KY", "矿业权"
    PROPERTY = "CQ", "国有产权"
    VILLAGE = "CJ", "村级集体"
    OTHER = "QT", "其他交易"


class Project(models.Model):
    """A project as its owner registers it and the centre takes it in; it gets its code on acceptance."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待受理"
        RETURNED = "returned", "退回补正"
        ACCEPTED = "accepted", "已受理"
        REJECTED = "rejected", "不予受理"

    class Kind(models.TextChoices):
        WORKS = "works", "工程施工"
        EPC = "epc", "工程总承包"
        GOODS = "goods", "货物"
        SERVICES = "services", "服务"
        LAND = "land", "国有建设用地使用权"
        MINING = "mining", "采矿权、探矿权"
        EQUITY = "equity", "企业产权"
        ASSETS = "assets", "资产、资源"
        LEASE = "lease", "资产出租"
        FRANCHISE = "franchise", "经营权、特许经营权"
        SUPPLIES = "supplies", "物资"

    KINDS_OF = {  # noqa: RUF012 - a table, never changed
        Category.WORKS: (Kind.WORKS, Kind.EPC, Kind.GOODS, Kind.SERVICES),
        Category.PROCUREMENT: (Kind.GOODS, Kind.SERVICES, Kind.WORKS),
        Category.LAND: (Kind.LAND,),
        Category.MINING: (Kind.MINING,),
        Category.PROPERTY: (Kind.EQUITY, Kind.ASSETS, Kind.LEASE, Kind.FRANCHISE),
        Category.VILLAGE: (Kind.WORKS, Kind.GOODS, Kind.SERVICES, Kind.SUPPLIES, Kind.ASSETS),
    }

    class DesignBuildStage(models.TextChoices):
        """What was approved before design and construction are tendered together."""

        FILED = "filed", "企业投资项目，已核准或者备案"
        FEASIBILITY = "feasibility", "政府投资项目，按规定简化报批，已完成投资决策审批"
        PRELIMINARY = "preliminary", "政府投资项目，初步设计已审批"

    code = models.CharField("项目编号", max_length=17, unique=True, null=True, blank=True)
    name = models.CharField("项目名称", max_length=200)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="owned_projects", verbose_name="招标人", null=True, blank=True)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_projects", null=True, blank=True, verbose_name="代理机构")
    category = models.CharField("交易类别", max_length=2, choices=Category.choices, default=Category.WORKS)
    kind = models.CharField("标的类型", max_length=10, choices=Kind.choices, default=Kind.WORKS)
    classification = models.CharField("工程分类", max_length=3, default="A01")
    region_code = models.CharField("行政区划", max_length=6, default="429900")
    address = models.CharField("建设地点", max_length=200, blank=True)
    scale = models.TextField("建设规模及内容", blank=True)
    fund_source = models.CharField("资金来源", max_length=120, blank=True)
    state_funded = models.BooleanField("使用国有资金", default=False)
    estimate = models.DecimalField("估算价（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    invest_code = models.CharField("投资项目代码", max_length=24, blank=True)
    approval_name = models.CharField("批准文件名称", max_length=200, blank=True)
    approval_number = models.CharField("批准文号", max_length=80, blank=True)
    approval_authority = models.CharField("批准单位", max_length=120, blank=True)
    procedure = models.CharField("交易方式", max_length=20, default="GC-OT")
    # 工程总承包: at which stage it is tendered, and where that is before the preliminary design, on what ground.
    epc_stage = models.CharField("发包阶段", max_length=12, choices=DesignBuildStage.choices, blank=True)
    epc_ground = models.TextField("简化报批的依据", blank=True)
    # Government purchases: what stands on the central list, and who organises the purchase.
    central_item = models.ForeignKey(CentralItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="集中采购目录品目")
    organisation_form = models.CharField("采购组织形式", max_length=9, choices=OrganisationForm.choices, blank=True)
    contact_name = models.CharField("联系人", max_length=60, blank=True)
    contact_phone = models.CharField("联系电话", max_length=40, blank=True)
    exemption = models.TextField("例外情形说明", blank=True)
    # What the catalogue said on submission: venue, reason, item; a fact of that day, kept as it was.
    decision = models.JSONField(default=dict, blank=True)
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="regulated_projects", null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    # 绿色通道: what the applicant asks for, a key of rules.URGENCIES, and when intake granted it.
    urgency = models.CharField("绿色通道事由", max_length=16, blank=True)
    urgency_reason = models.TextField("绿色通道说明", blank=True)
    green_at = models.DateTimeField(null=True, blank=True)
    # 专办员: who of the centre follows a project of the green channel from intake to contract.
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专办员")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # What was typed but could not be kept as a value yet: it comes back with the form, as it was typed.
    draft = models.JSONField(default=dict, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "项目"
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @property
    def is_construction(self):
        """Whether something is built: construction alone, or together with its design."""
        return self.kind in (self.Kind.WORKS, self.Kind.EPC)


class ProjectPaper(models.Model):
    """An approval paper handed in with the registration."""

    class Kind(models.TextChoices):
        APPROVAL = "approval", "项目批准文件"
        FEASIBILITY = "feasibility", "可行性研究批复"
        PRELIMINARY = "preliminary", "初步设计批复"
        FUNDS = "funds", "资金落实证明"
        DECISION = "decision", "集体决策记录"
        DEMAND = "demand", "招标范围与技术需求"
        POLICY = "policy", "公平竞争审查表"
        AGENCY_CONTRACT = "agency_contract", "委托代理协议"
        OTHER = "other", "其他材料"

    project = models.ForeignKey(Project, models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")


class ToleratedPaper(models.Model):
    """容缺: a paper that the applicant promises to hand in by a day; intake accepts the project without it meanwhile."""

    class State(models.TextChoices):
        PROMISED = "promised", "已承诺"
        GRANTED = "granted", "容缺受理，待补"
        SUPPLIED = "supplied", "已补齐"
        BROKEN = "broken", "逾期未补"

    project = models.ForeignKey(Project, models.CASCADE, related_name="tolerances")
    kind = models.CharField("材料", max_length=20, choices=ProjectPaper.Kind.choices)
    due_on = models.DateField("补齐期限")
    promise = models.TextField("承诺")
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROMISED)
    promised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    promised_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    supplied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "kind"], name="one_promise_per_paper")]


class Entrustment(models.Model):
    """委托: a purchaser puts a purchase into the hands of a central procurement body, which accepts it or declines."""

    class State(models.TextChoices):
        WAITING = "waiting", "待受托机构答复"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    STANDING = (State.WAITING, State.ACCEPTED)

    project = models.ForeignKey(Project, models.CASCADE, related_name="entrustments")
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="entrustments", verbose_name="受托机构")
    form = models.CharField("采购组织形式", max_length=9, choices=OrganisationForm.choices)
    scope = models.TextField("代理范围")
    powers = models.TextField("代理权限")
    ends_on = models.DateField("委托期限至")
    # Binds what was entrusted as it read then: the purchase with its lots, the form, scope, powers and term.
    digest = models.CharField(max_length=43)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField("退回理由", blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(state__in=["waiting", "accepted"]), name="one_standing_entrustment_per_project"
            ),
            models.CheckConstraint(condition=~models.Q(state="declined") | ~models.Q(reason=""), name="who_declines_says_why"),
        ]


class ProjectReview(models.Model):
    """What the centre decided on one submission, with its reasons."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "受理"
        RETURNED = "returned", "退回补正"
        REJECTED = "rejected", "不予受理"

    project = models.ForeignKey(Project, models.CASCADE, related_name="reviews")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reasons = models.TextField("意见", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]


class RegulatorRuling(models.Model):
    """Several departments could supervise a project: the comprehensive regulator names one, with its reason."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="rulings")
    candidates = models.ManyToManyField(Organisation, related_name="+")
    question = models.TextField("提请说明")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    regulator = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="行政监督部门")
    reason = models.TextField("指定理由", blank=True)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ruled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ruled_at=None, regulator=None) | models.Q(ruled_at__isnull=False, regulator__isnull=False) & ~models.Q(reason=""),
                name="ruling_names_one_and_says_why",
            ),
            models.UniqueConstraint(fields=["project"], condition=models.Q(ruled_at=None), name="one_open_ruling_per_project"),
        ]  # fmt: skip


class Tender(models.Model):
    """A 招标项目: one procedure with one document and one or more lots; `number` is what people quote."""

    class State(models.TextChoices):
        PLANNED = "planned", "登记中"
        REGISTERED = "registered", "已进场"
        PUBLISHED = "published", "已公告"
        CLOSED = "closed", "已结束"
        TERMINATED = "terminated", "已终止"

    project = models.ForeignKey(Project, models.PROTECT, related_name="tenders")
    number = models.CharField("项目编号", max_length=32, unique=True, null=True, blank=True)
    code = models.CharField("招标项目编号", max_length=20, unique=True, null=True, blank=True)
    deal_code = models.CharField("统一交易标识码", max_length=40, unique=True, null=True, blank=True)
    name = models.CharField("招标项目名称", max_length=200)
    procedure = models.CharField("交易方式", max_length=20, default="GC-OT")
    # Which version of the procedure it runs on: the day that version holds from. Set when the tender is taken in.
    procedure_since = models.DateField(null=True, blank=True)
    # The law of the day a procedure was published stays the law of that procedure.
    rules_on = models.DateField(null=True, blank=True)
    round = models.PositiveSmallIntegerField("第几次招标", default=1)
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next_round")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    published_at = models.DateTimeField(null=True, blank=True)
    # Published to those it invites alone; the first public result ends it.
    private = models.BooleanField("仅受邀单位可见", default=False)

    class Meta:
        permissions = [
            ("manage_tender", "办理招标项目"),
            ("supervise_tender", "监督招标项目"),
        ]
        verbose_name = "招标项目"

    def __str__(self):
        return self.name

    @property
    def stream(self):
        return f"tender/{self.number}"


class Lot(models.Model):
    """A 标段(包): what is bid for, opened, judged, awarded and contracted by itself."""

    class State(models.TextChoices):
        REGISTERED = "registered", "已进场"
        BIDDING = "bidding", "正在接受投标"
        OPENING = "opening", "正在开标"
        EVALUATING = "evaluating", "正在评标"
        EVALUATED = "evaluated", "评标结束"
        CANDIDATES_PUBLIC = "candidates_public", "候选人公示"
        AWARD_DECIDED = "award_decided", "已定标"
        RESULT_PUBLIC = "result_public", "结果已公告"
        CONTRACTED = "contracted", "合同已备案"
        ARCHIVED = "archived", "已归档"
        FAILED = "failed", "招标失败"
        TERMINATED = "terminated", "已终止"

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="lots")
    no = models.PositiveSmallIntegerField("标段号", default=1)
    code = models.CharField("标段编号", max_length=23, unique=True, null=True, blank=True)
    deal_code = models.CharField("统一交易标识码", max_length=40, unique=True, null=True, blank=True)
    name = models.CharField("标段名称", max_length=200)
    content = models.TextField("招标内容", blank=True)
    estimate = models.DecimalField("合同估算价（元）", max_digits=18, decimal_places=2)
    price_limit = models.DecimalField("最高投标限价（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    deposit = models.DecimalField("投标保证金（元）", max_digits=18, decimal_places=2, default=0)
    term_days = models.PositiveIntegerField("计划工期（日历天）", null=True, blank=True)
    quality = models.CharField("质量要求", max_length=120, default="合格")
    qualification = models.TextField("投标人资格要求", blank=True)
    # The deadline stands on the lot because submission and the moving of it lock the lot's row.
    bids_due_at = models.DateTimeField("投标截止时间", null=True, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.REGISTERED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender", "no"], name="one_lot_per_number"),
            models.CheckConstraint(condition=models.Q(deposit__gte=0), name="deposit_not_negative"),
        ]
        # Read from the seats of the committee (`trading.evaluation.permissions`); no row grants it.
        permissions = [("score_lot", "评审标段")]
        ordering = ["tender", "no"]
        verbose_name = "标段"

    def __str__(self):
        return self.name

    @property
    def key(self):
        """The lot's name inside its tender in sealed contexts and streams."""
        return str(self.no)

    @property
    def bid_stream(self):
        return f"bids/{self.tender.number}/{self.key}"

    def is_open_for_bids(self, at):
        return self.state == self.State.BIDDING and self.bids_due_at is not None and at < self.bids_due_at
