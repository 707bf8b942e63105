"""The public notice board. A notice is rendered once, when published, and then never changes."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from documents.models import OfficialDocument
from ledger.models import LedgerEntry


class Notice(models.Model):
    """A published notice: what, of which tender, when, with its digest and its place in the ledger."""

    class Kind(models.TextChoices):
        TENDER = "GC_NOTICE", "招标公告"
        INVITATION = "GC_INVITE", "投标邀请书"
        CLARIFICATION = "GC_CLAR", "澄清与修改"
        SUSPENSION = "GC_SUSP", "暂停公告"
        RESUMPTION = "GC_RESUME", "恢复公告"
        POSTPONED = "POSTPONED", "截止时间顺延公告"
        WAIVER = "WAIVER", "时限豁免公告"
        TERMINATION = "GC_TERM", "终止公告"
        OPENING = "GC_OPEN", "开标记录"
        CANDIDATES = "GC_CAND", "中标候选人公示"
        RESULT = "GC_WIN", "中标结果公告"
        FAILURE = "GC_FAIL", "招标失败公告"
        CONTRACT = "GC_CONTRACT", "合同订立信息"
        PROCUREMENT_CONTRACT = "ZC_CONTRACT", "政府采购合同公告"
        CONTRACT_CHANGE = "GC_CHANGE", "合同变更公告"
        PERFORMANCE = "GC_PERF", "履约与验收信息"
        OBJECTION = "GC_OBJ", "异议答复"
        COMPLAINT = "GC_COMPLAINT", "投诉处理决定"
        PREQUALIFICATION = "GC_PREQUAL", "资格预审公告"
        SMALL_WORKS = "GC_SMALL", "小额工程公告"
        INTENTION = "ZC_INTENT", "采购意向"
        PROCUREMENT = "ZC_NOTICE", "采购公告"
        SINGLE_SOURCE = "ZC_SINGLE", "单一来源采购公示"
        ENTRY = "ZC_ENTRY", "入围结果公告"
        DEAL = "ZC_DEAL", "成交结果公告"
        SUMMARY = "ZC_SUMMARY", "成交结果汇总公告"
        TRANSFER = "TD_NOTICE", "出让公告"
        TRANSFER_RESULT = "TD_RESULT", "出让结果公示"
        PRE_DISCLOSURE = "CQ_PRE", "预披露公告"
        DISCLOSURE = "CQ_NOTICE", "信息披露公告"
        PROPERTY_RESULT = "CQ_RESULT", "产权交易结果公告"
        VILLAGE = "CJ_NOTICE", "村级交易公告"
        VILLAGE_RESULT = "CJ_RESULT", "村级成交公示"
        AGENCY_INSPECTION = "DL_INSPECT", "代理机构检查结果"
        EXPERT_CHECK = "ZJ_CHECK", "评标专家抽查结果"
        AGENCY_LIST = "DL_LIST", "代理机构公开遴选结果"
        HISTORICAL = "HISTORICAL", "历史交易数据"

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    title = models.CharField(max_length=300)
    # What it is about, by numbers and names rather than keys: the board does not know the rooms above it.
    tender_number = models.CharField(max_length=64, blank=True, db_index=True)
    lot_no = models.PositiveSmallIntegerField(null=True, blank=True)
    category = models.CharField(max_length=2)
    region_code = models.CharField(max_length=6, default="429900")
    owner_name = models.CharField(max_length=200, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    # [label, value] pairs for the table of key facts, then the body as rendered HTML of our own templates.
    facts = models.JSONField(default=list)
    body = models.TextField()
    text = models.TextField(blank=True)
    search = SearchVectorField(null=True)
    digest = models.CharField(max_length=43)
    due_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField()
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, null=True, blank=True, related_name="+")
    # Not on the board yet: for those who may read its document (an invited tender before its result).
    private = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    source_key = models.CharField(max_length=200, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-published_at"]
        indexes = [
            GinIndex(fields=["search"]),
            models.Index(fields=["kind", "-published_at"]),
            models.Index(fields=["category", "-published_at"]),
        ]

    def __str__(self):
        return self.title
