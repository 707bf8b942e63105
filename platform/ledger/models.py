"""The ledger's tables (docs/ledger.md) and the outbox of events."""

from django.db import models


class LedgerStream(models.Model):
    """The head of one stream: how many entries it has, and the leaf hash of the last."""

    name = models.CharField(max_length=120, primary_key=True)
    n = models.BigIntegerField()
    last = models.BinaryField(null=True)

    class Meta:
        db_table = "ledger_stream"


class LedgerEntry(models.Model):
    """One official act. `data` is what stands in the log; for a blinded entry the act itself is `inner`."""

    stream = models.CharField(max_length=120)
    n = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    data = models.BinaryField()
    leaf_hash = models.BinaryField()
    salt = models.BinaryField(null=True)
    private = models.JSONField(null=True)
    inner = models.JSONField(null=True)

    class Meta:
        db_table = "ledger_entry"
        constraints = [models.UniqueConstraint(fields=["stream", "n"], name="one_entry_per_place")]

    @property
    def is_blind(self) -> bool:
        return self.inner is not None

    @property
    def index(self) -> int | None:
        """The entry's place in the log, or None while the sequencer has not placed it."""
        leaf = getattr(self, "leaf", None)
        return leaf.idx if leaf else None


class LedgerQueue(models.Model):
    """Entries that wait for their place in the log."""

    entry = models.OneToOneField(LedgerEntry, models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        db_table = "ledger_queue"


class LedgerLeaf(models.Model):
    """The log: which entry stands at which place."""

    idx = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField()

    class Meta:
        db_table = "ledger_leaf"


class LedgerCheckpoint(models.Model):
    """A signed root over the first `size` leaves."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"


class EventRow(models.Model):
    """An act as its listeners hear of it."""

    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="event")
    kind = models.CharField(max_length=40)
    payload = models.JSONField()

    class Meta:
        db_table = "ledger_event"


class Delivery(models.Model):
    """One event on its way to one listener: at least once in effort, exactly once in effect."""

    event = models.ForeignKey(EventRow, models.PROTECT, related_name="deliveries")
    listener = models.CharField(max_length=160)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "ledger_delivery"
        constraints = [models.UniqueConstraint(fields=["event", "listener"], name="one_delivery_per_listener")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(done_at=None), name="undelivered")]


class LedgerAlarm(models.Model):
    """Something people must look at. The same thing again, while the alarm is open, only counts up."""

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=160)
    text = models.TextField()
    count = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # Without an entry where the ledger itself could not take one.
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)
    conclusion = models.TextField(blank=True)

    class Meta:
        db_table = "ledger_alarm"
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "about"], condition=models.Q(settled_at=None), name="one_open_alarm")]


class LedgerAudit(models.Model):
    """One run of the audit: how far the log was checked, and what did not agree."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    entries = models.BigIntegerField()
    compared = models.BigIntegerField()
    findings = models.JSONField(default=list)

    class Meta:
        db_table = "ledger_audit"
        ordering = ["-started_at"]


class LedgerTimestamp(models.Model):
    """A time-stamping authority's word (RFC 3161, DER) that a checkpoint existed."""

    size = models.BigIntegerField(primary_key=True)
    token = models.BinaryField()
    authority = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_timestamp"
