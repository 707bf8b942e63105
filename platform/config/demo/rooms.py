"""The demo city's halls and rooms, who has them, and what its witnesses saw."""

from datetime import timedelta

from accounts.models import Membership, Person
from config.demo.days import at, workday
from rulebook.clock import database_now
from trading.projects.models import Lot
from trading.venues.actions import book_venue, request_venue, save_venue
from trading.venues.models import Venue
from trading.venues.queries import free_venues, opening_period
from trading.witness.actions import answer_point, name_witness, sign_record, write_line
from trading.witness.queries import open_points

VENUES = (
    ("第一开标厅", "opening", "三楼 301 室", 80, "投影、录音录像、解密终端 6 台"),
    ("第二开标厅", "opening", "三楼 302 室", 60, "投影、录音录像、解密终端 4 台"),
    ("第三开标厅", "opening", "三楼 303 室", 40, "投影、录音录像"),
    ("第四开标厅", "opening", "三楼 304 室", 40, "投影、录音录像"),
    ("拍卖竞价厅", "auction", "二楼 201 室", 120, "大屏、竞价终端 30 台"),
    ("第一评标室", "evaluation", "五楼 501 室", 9, "隔音、录音录像、通信屏蔽"),
    ("第二评标室", "evaluation", "五楼 502 室", 9, "隔音、录音录像、通信屏蔽"),
    ("第三评标室", "evaluation", "五楼 503 室", 7, "隔音、录音录像、通信屏蔽"),
    ("第四评标室", "evaluation", "五楼 504 室", 7, "隔音、录音录像、通信屏蔽"),
    ("第一谈判室", "negotiation", "四楼 401 室", 12, "录音录像"),
    ("远程异地评标 1 号席", "remote", "五楼 511 室", 1, "高清双屏、人脸核验"),
)
SEEN = {
    "opening": ("代理机构 2 人、监督人员 1 人", "投标文件在开标时间后集中解密，唱标内容与大屏一致，开标过程录音录像完整。"),
    "evaluating": ("评标委员会 5 人、监督人员 1 人", "评委凭身份核验进入，通信工具统一保管，评标过程独立，无外人进入。"),
}


def furnish(city):
    """The centre's rooms, as its people enter them."""
    for name, kind, place, seats, equipment in VENUES:
        save_venue(Venue(name=name, kind=kind, place=place, seats=seats, equipment=equipment), by=city.staff)


def hall_for(tender_number, due_at):
    """A free hall for two of three openings; the others are held online."""
    return free_venues("opening", *opening_period(due_at)).filter(kind="opening").first() if tender_number % 3 else None


def give_room(lot, starts_at, *, by):
    """A free room for a committee's half day."""
    ends_at = starts_at + timedelta(hours=8)
    room = free_venues("evaluation", starts_at, ends_at).first()
    if room is not None and starts_at > database_now():
        book_venue(room, "evaluation", starts_at, ends_at, lot=lot, by=by, at=database_now())


def watch(lot, stage, *, by, sign):
    """The witness writes down what was seen and goes through the check-list; signs where the stage is over."""
    present, text = SEEN[stage]
    now = database_now()
    if not lot.witnesses.exists():
        name_witness(lot, by, by=by, at=now)
    write_line(lot, stage, seen_at=now, place="开标厅" if stage == "opening" else "评标室", present=present, text=text, by=by, at=now)
    for point in open_points(lot, stage, now):
        answer_point(lot, stage, point.code, "ok", by=by, at=now)
    if sign:
        sign_record(lot, stage, by=by, at=now)


def keep_rooms(city):
    """A story of today: one room is out of use, and a side waits for the answer to its request."""
    yield city.now - timedelta(hours=2)
    rooms, day = Venue.objects.filter(kind="negotiation"), workday(city.today, 2)
    closed = Venue.objects.get(name="拍卖竞价厅")
    book_venue(closed, "closed", at(day, 9), at(day, 17), note="竞价终端检修", by=city.staff, at=database_now())
    agent = Person.objects.get(mobile="13900000003")
    own = Membership.objects.get(person=agent, until=None).organisation
    lot = Lot.objects.filter(tender__project__agency=own, state=Lot.State.BIDDING).order_by("pk").first()
    if lot is not None:
        request_venue(
            rooms.first(), "negotiation", at(day, 14), at(day, 16), tender=lot.tender, lot=lot, note="约 8 人，投标前集中答疑", by=agent,
            at=database_now(),
        )  # fmt: skip
    watched = Lot.objects.filter(state=Lot.State.EVALUATING, tender__project__regulator=city.regulator).order_by("pk").first()
    if watched is not None:
        write_line(
            watched, "evaluating", seen_at=database_now(), place="评标区走廊", present="见证人员 1 人", irregular=True,
            text="一名自称投标人代表的人员在评标区门口停留并询问评标进度，已劝离并登记。", by=city.staff, at=database_now(),
        )  # fmt: skip
