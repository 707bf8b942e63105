"""What regulators keep for those who write tender documents: standard texts, and the patterns of restrictive clauses."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from rulebook.provisions import CONFIDENCE
from trading.projects.models import Category, Project


class DocumentTemplateQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state=DocumentTemplate.State.PUBLISHED)

    def in_force(self, on):
        return self.published().filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class DocumentTemplate(models.Model):
    """One version of a standard text. A published version is never edited: a new one ends it, running documents stay on it."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        PUBLISHED = "published", "已发布"

    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField("版次")
    name = models.CharField("名称", max_length=120)
    category = models.CharField("交易类别", max_length=2, choices=Category.choices)
    kind = models.CharField("标的类型", max_length=10, choices=Project.Kind.choices)
    source = models.CharField("依据", max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    since = models.DateField("施行日期", null=True, blank=True)
    until = models.DateField("停止使用", null=True, blank=True)
    # Evaluation criteria (part, title, standard, points, objective) and price formula that a document begins with.
    criteria = models.JSONField(default=list)
    method_settings = models.JSONField(default=dict)
    # Nobody: the version that the platform was delivered with.
    publisher = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布部门")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=43, blank=True)

    objects = DocumentTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["category", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_template_per_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(state="draft"), name="one_template_draft"),
            models.UniqueConstraint(fields=["code"], condition=Q(state="published", until=None), name="one_template_without_end"),
            models.CheckConstraint(condition=Q(state="draft") | Q(since__isnull=False), name="template_has_first_day"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="template_ends_after_it_began"),
        ]

    def __str__(self):
        return f"{self.name}（第 {self.version} 版）"


class TemplateSection(models.Model):
    """A block of a standard text. {Names} in it stand for facts that are entered once elsewhere (trading.standards.facts)."""

    template = models.ForeignKey(DocumentTemplate, models.CASCADE, related_name="sections")
    no = models.PositiveSmallIntegerField()
    title = models.CharField("标题", max_length=120)
    fixed = models.BooleanField("固定版块")
    text = models.TextField("内容", blank=True)
    note = models.CharField("编写说明", max_length=300, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["template", "no"], name="one_template_section_per_number"),
            models.UniqueConstraint(fields=["template", "title"], name="one_template_section_per_title"),
        ]


class ClausePatternQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class ClausePattern(models.Model):
    """Words that may shut bidders out, and the provision behind. Ended and added anew, never edited."""

    class Matter(models.TextChoices):
        REGION = "region", "地域限制"
        OWNERSHIP = "ownership", "所有制与组织形式"
        BRAND = "brand", "品牌与供应商"
        RECORD = "record", "特定业绩与奖项"
        SCALE = "scale", "规模与资历条件"
        SIGN_UP = "sign_up", "报名与入围"
        TIME = "time", "不合理期限"

    class Severity(models.TextChoices):
        HIGH = "high", "明令禁止"
        MEDIUM = "medium", "须说明理由"
        LOW = "low", "提示"

    code = models.CharField("编号", max_length=20, unique=True)
    matter = models.CharField("类别", max_length=12, choices=Matter.choices)
    severity = models.CharField("程度", max_length=8, choices=Severity.choices)
    pattern = models.CharField("词式（正则表达式）", max_length=300)
    # Words in the same clause that make the phrase harmless: “或者相当于” after a brand.
    unless = models.CharField("例外词式", max_length=200, blank=True)
    why = models.CharField("为什么可疑", max_length=200)
    source = models.CharField("依据", max_length=200)
    confidence = models.CharField("依据可靠程度", max_length=2, choices=list(CONFIDENCE.items()), default="V")
    suggestion = models.CharField("修改建议", max_length=200, blank=True)
    example = models.CharField("应当查出的例句", max_length=200)
    counterexample = models.CharField("不应查出的例句", max_length=200, blank=True)
    categories = ArrayField(models.CharField(max_length=2), default=list, blank=True, verbose_name="适用类别（空为全部）")
    since = models.DateField("开始使用")
    until = models.DateField("停止使用", null=True, blank=True)
    # Nobody: delivered with the platform.
    publisher = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    ended_for = models.CharField(max_length=200, blank=True)

    objects = ClausePatternQuerySet.as_manager()

    class Meta:
        ordering = ["matter", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="pattern_ends_after_it_began")
        ]

    @property
    def basis(self):
        return self.source if self.confidence == "V" else f"{self.source}（{CONFIDENCE[self.confidence]}）"
