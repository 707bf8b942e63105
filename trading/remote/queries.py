from collections import Counter

from accounts.models import Organisation
from experts.classification import SECOND
from experts.models import Expert
from trading.remote.models import DiscussionLine, MeetingMove, RemoteSession, SessionDesk, SharedDesk

S = RemoteSession.State


def sessions_of(lot, no):
    """The sessions of one evaluation (a lot, and the number of its round) that the host has not refused and the centre not withdrawn, the oldest first."""
    rows = RemoteSession.objects.filter(lot=lot, round=no).exclude(state__in=RemoteSession.GONE)
    return list(rows.select_related("host").order_by("requested_at", "pk"))


def home_of(region_code):
    """The first digits of the codes of all who live in a region: a whole city for a city's code, else that county alone."""
    return region_code[:4] if region_code.endswith("00") else region_code


def hosts():
    return Organisation.objects.of_kind(Organisation.Kind.HOST).active()


def free_desks(session):
    """The host's shared desks that no other session holds at that time."""
    taken = SessionDesk.objects.filter(session__starts_at__lt=session.ends_at, session__ends_at__gt=session.starts_at)
    taken = taken.exclude(session__state__in=(*RemoteSession.GONE, *RemoteSession.OVER)).exclude(session=session)
    return SharedDesk.objects.filter(host=session.host, active=True).exclude(pk__in=taken.values("desk"))


def lines_of(lot, no):
    return DiscussionLine.objects.filter(lot=lot, round=no)


def moves_of(lot, no):
    return MeetingMove.objects.filter(lot=lot, round=no)


def present_in(lot, no):
    """Who is in the simulated room now: [{"seat", "venue", "since", "shares"}] in order of seats."""
    inside = {}
    for move in moves_of(lot, no):
        if move.kind == MeetingMove.Kind.JOIN:
            inside.setdefault(move.seat, {"seat": move.seat, "venue": move.venue, "since": move.at, "shares": False})
        elif move.kind == MeetingMove.Kind.LEAVE:
            inside.pop(move.seat, None)
        elif move.seat in inside:
            if move.kind == MeetingMove.Kind.SHARE:
                for each in inside.values():
                    each["shares"] = False
            inside[move.seat]["shares"] = move.kind == MeetingMove.Kind.SHARE
    return [inside[seat] for seat in sorted(inside)]


def subject_of(lot):
    """How a host is told which lot it is about; a private tender has no name there."""
    tender = lot.tender
    return f"邀请招标项目 {tender.number} 第 {lot.no} 标段" if tender.private else f"{tender.name}{lot.name}"


def shared_experts(host):
    """[(level-2 code, name, how many)] of the experts in our pool who live in the host's region."""
    rows = Expert.objects.active().filter(region_code__startswith=home_of(host.region_code)).values_list("specialties", flat=True)
    counts = Counter(code for codes in rows for code in {each[:3] for each in codes})
    return [(code, SECOND.get(code, code), counts[code]) for code in sorted(counts)]
