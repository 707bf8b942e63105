"""Random selection that anybody can compute again, and nobody can lean on (docs/trust.md §7)."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from sealing.models import EncryptionKey


class Draw(models.Model):
    """One draw, from its rule and list to the result; three parties or more make its seed together."""

    class State(models.TextChoices):
        COMMIT = "commit", "等待各方提交承诺"
        REVEAL = "reveal", "等待各方公开随机数"
        RECOVER = "recover", "补齐缺席方随机数"
        SEEDING = "seeding", "等待存证后计算"
        RESULT = "result", "已产生结果"
        VOID = "void", "已作废"

    class Purpose(models.TextChoices):
        COMMITTEE = "committee", "评标专家"
        AGENCY = "agency", "中介机构"
        LOTS = "lots", "摇号"
        COEFFICIENT = "coefficient", "评标系数"
        INSPECTION = "inspection", "随机检查对象"

    number = models.CharField(max_length=16, unique=True)
    purpose = models.CharField("抽取事项", max_length=12, choices=Purpose.choices)
    title = models.CharField("名称", max_length=200)
    # What it belongs to, in the words of the room that asked for it.
    subject = models.CharField(max_length=64, blank=True)
    rule = models.TextField("规则")
    # [{"id", "name", "take"}] in the order in which they stand in the transcript.
    strata = models.JSONField()
    # The candidates of a confidential draw stay unknown until `draw.names`.
    confidential = models.BooleanField(default=False)
    k = models.PositiveSmallIntegerField(default=2)
    state = models.CharField(max_length=8, choices=State.choices, default=State.COMMIT)
    commit_until = models.DateTimeField()
    reveal_until = models.DateTimeField(null=True, blank=True)
    recover_until = models.DateTimeField(null=True, blank=True)
    # How long each stage may take.
    minutes = models.PositiveSmallIntegerField(default=30)
    list_root = models.CharField(max_length=43)
    committed = models.ForeignKey("ledger.LedgerEntry", models.PROTECT, null=True, blank=True, related_name="+")
    transcript = models.JSONField(null=True, blank=True)
    seed = models.CharField(max_length=43, blank=True)
    names_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeated_by")
    defined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    defined_at = models.DateTimeField()
    # Grows with every change that a watcher could see; pages poll by it.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-defined_at"]

    def __str__(self):
        return self.number

    @property
    def stream(self):
        return f"draw/{self.number}"


class DrawCandidate(models.Model):
    """One on the list: publicly only the hash `c`; `sealed` holds salt and candidate, wrapped by the vault's key."""

    class State(models.TextChoices):
        LISTED = "listed", "候补"
        CHOSEN = "chosen", "选中"
        SKIPPED = "skipped", "依规则跳过"
        REPLACED = "replaced", "已由候补替换"

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="candidates")
    stratum = models.CharField(max_length=32)
    # Its place in the sorted list of its stratum, and in the permutation once there is one.
    position = models.PositiveIntegerField()
    place = models.PositiveIntegerField(null=True, blank=True)
    c = models.CharField(max_length=43)
    sealed = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.LISTED)
    code = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["stratum", "position"]
        constraints = [models.UniqueConstraint(fields=["draw", "c"], name="one_candidate_once")]


class DrawParty(models.Model):
    """One of those whose random numbers make the seed."""

    class Role(models.TextChoices):
        CENTRE = "centre", "交易中心"
        SUPERVISOR = "supervisor", "监督部门"
        TENDEREE = "tenderee", "招标人"

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="parties")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    # The keys as they stood when the draw was defined: one signs, the other opens shares of the others' numbers.
    signing_spki = models.BinaryField()
    key = models.ForeignKey(EncryptionKey, models.PROTECT, related_name="+")
    commit = models.CharField(max_length=43, blank=True)
    signature = models.CharField(max_length=700, blank=True)
    # r sealed to the party's own key, so that it can be revealed from any machine; and its shares, one per party.
    own_copy = models.JSONField(null=True, blank=True)
    shares = models.JSONField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    r = models.CharField(max_length=43, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)
    recovered = models.BooleanField(default=False)

    class Meta:
        ordering = ["role"]
        constraints = [models.UniqueConstraint(fields=["draw", "role"], name="one_party_per_role")]


class RecoveredShare(models.Model):
    """What one party handed in of another's missing number; a right share is kept wrapped until enough are there."""

    missing = models.ForeignKey(DrawParty, models.PROTECT, related_name="recovered_shares")
    holder = models.ForeignKey(DrawParty, models.PROTECT, related_name="+")
    right = models.BooleanField()
    wrapped = models.BinaryField(null=True, blank=True)
    at = models.DateTimeField()
