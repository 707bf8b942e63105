from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class RemoteEvent(LotEvent):
    """Something about the seats of an evaluation that are taken in another city; `session` is the session's number."""

    round: int
    session: str


@dataclass(frozen=True)
class RemoteRequested(RemoteEvent):
    """Which city lends the desks, and how many, stands in the private part: few experts of one region would be told by it."""

    kind = "remote.requested"
    due_at: str


@dataclass(frozen=True)
class RemoteAnswered(RemoteEvent):
    kind = "remote.answered"
    confirmed: bool
    desks: int


@dataclass(frozen=True)
class RemoteWithdrawn(RemoteEvent):
    kind = "remote.withdrawn"


@dataclass(frozen=True)
class RemoteInterrupted(RemoteEvent):
    """The line between the venues is broken; what happened stands in the private part."""

    kind = "remote.interrupted"


@dataclass(frozen=True)
class RemoteResumed(RemoteEvent):
    """The line is back after so many minutes; where it took too long, the evaluation was sealed and goes on at the time named."""

    kind = "remote.resumed"
    minutes: int
    sealed: bool
    resumes_at: str


@dataclass(frozen=True)
class DiscussionClosed(LotEvent):
    """The evaluation has ended: the salted digest of all that its members wrote to each other."""

    kind = "remote.discussed"
    round: int
    lines: int
    digest: str


@dataclass(frozen=True)
class RecordingRegistered(RemoteEvent):
    kind = "remote.recorded"
    venue: str
    minutes: int
    sha256: str


@dataclass(frozen=True)
class RemoteStated(RemoteEvent):
    """The host's statement of fees: handed in, returned or accepted."""

    kind = "remote.stated"
    move: str
    total: str
