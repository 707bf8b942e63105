"""What happens in the pool. Entries name people by their pseudonyms alone."""

from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class ExpertEvent(Event):
    expert: str

    @property
    def stream(self):
        return f"expert/{self.expert}"


@dataclass(frozen=True)
class ApplicationSubmitted(ExpertEvent):
    kind = "expert.applied"
    sector: str
    specialties: list
    # SHA-256 of every proof as handed in.
    proofs: list


@dataclass(frozen=True)
class UnitRecommended(ExpertEvent):
    kind = "expert.recommended"
    sha256: str


@dataclass(frozen=True)
class ApplicationReviewed(ExpertEvent):
    kind = "expert.reviewed"
    outcome: str


@dataclass(frozen=True)
class ExpertAppointed(ExpertEvent):
    kind = "expert.appointed"
    term_until: str
    certificate: str


@dataclass(frozen=True)
class ExpertActivated(ExpertEvent):
    """A person of the village pool has had the training before the first session."""

    kind = "expert.activated"


@dataclass(frozen=True)
class ExpertChanged(ExpertEvent):
    """A reported change was decided; what it is stands in the private part."""

    kind = "expert.changed"
    change: str
    approved: bool


@dataclass(frozen=True)
class ExpertSuspended(ExpertEvent):
    kind = "expert.suspended"
    cause: str
    until: str


@dataclass(frozen=True)
class ExpertRestored(ExpertEvent):
    kind = "expert.restored"


@dataclass(frozen=True)
class ExpertRemoved(ExpertEvent):
    """From this moment no draw finds the expert."""

    kind = "expert.removed"
    how: str
    for_good: bool


@dataclass(frozen=True)
class TrainingCompleted(ExpertEvent):
    kind = "expert.trained"
    hours: str


@dataclass(frozen=True)
class ExamMarked(ExpertEvent):
    """The paper and the answers are bound by their digest; the mark stands."""

    kind = "expert.examined"
    passed: bool
    digest: str


@dataclass(frozen=True)
class ConductRecorded(ExpertEvent):
    kind = "expert.conduct"
    code: str
    points: str


@dataclass(frozen=True)
class ConductWithdrawn(ExpertEvent):
    kind = "expert.conduct_withdrawn"
    code: str


@dataclass(frozen=True)
class ExpertRated(ExpertEvent):
    """All sides have rated a session, or time was up; session and score stand in the private part."""

    kind = "expert.rated"
    ratings: int


@dataclass(frozen=True)
class ExpertGraded(ExpertEvent):
    """The year's assessment; its lines stand in the private part."""

    kind = "expert.graded"
    year: int
    grade: str


@dataclass(frozen=True)
class PersonalDataLooked(ExpertEvent):
    """Somebody looked at the person's protected data: nobody can look and leave no trace."""

    kind = "expert.looked_at"
    what: str


@dataclass(frozen=True)
class PoolEvent(Event):
    @property
    def stream(self):
        return "experts"


@dataclass(frozen=True)
class SanctionPublished(PoolEvent):
    """A decision that names a person was published. Whose pseudonym that is stands in the private part: beside the document
    it would tell whose every other entry is.
    """

    kind = "expert.sanctioned"
    document: str


@dataclass(frozen=True)
class SpotCheckBegun(PoolEvent):
    """The year's sittings stand as a list; whose they are is known to the regulator alone."""

    kind = "pool.check_begun"
    number: str
    year: int
    total: int
    wanted: int
    draw: str


@dataclass(frozen=True)
class SpotCheckEvent(PoolEvent):
    """One drawn sitting, by its place in the draw; expert, session and words stand in the private part."""

    number: str
    place: int


@dataclass(frozen=True)
class SittingChecked(SpotCheckEvent):
    kind = "pool.check_found"


@dataclass(frozen=True)
class SittingStated(SpotCheckEvent):
    kind = "pool.check_stated"


@dataclass(frozen=True)
class SittingConcluded(SpotCheckEvent):
    kind = "pool.check_concluded"


@dataclass(frozen=True)
class SittingCorrected(SpotCheckEvent):
    kind = "pool.check_corrected"


@dataclass(frozen=True)
class SittingRechecked(SpotCheckEvent):
    kind = "pool.check_rechecked"
    accepted: bool


@dataclass(frozen=True)
class SpotCheckPublished(PoolEvent):
    kind = "pool.check_published"
    number: str
    notice: str


@dataclass(frozen=True)
class ApplicationsCalled(PoolEvent):
    kind = "pool.called"
    number: str
    specialties: list
    until: str


@dataclass(frozen=True)
class PoolAdjusted(PoolEvent):
    """The year's one adjustment was decided."""

    kind = "pool.adjusted"
    year: int
    sector: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class PoolImported(PoolEvent):
    kind = "pool.imported"
    sha256: str
    taken: int
    refused: int


@dataclass(frozen=True)
class PoolShared(PoolEvent):
    kind = "pool.shared"
    sha256: str
    count: int
