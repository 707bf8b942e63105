"""暗标: technical parts are marked without knowing whose they are. Names, prices and conduct appear when all have handed in their marks.

Who is behind which code follows from a key that no database holds: the prices read out are public, so an order drawn from them alone
could be computed by every member (docs/decisions/0021-blind-bids.md).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import models, transaction

from accounts.models import Person
from documents.anonymity import Unreadable, anonymised
from ledger.acts import record
from ledger.canonical import money
from rulebook.refusals import Refused
from sealing.vault import marked, read, store
from trading.bidding.identity import names_in
from trading.evaluation.combining import seed_for
from trading.evaluation.drafts import forget_drafts
from trading.evaluation.events import BlindMarksSubmitted
from trading.evaluation.methods import is_outlier
from trading.evaluation.models import CommitteeMember, Evaluation, Sheet
from trading.evaluation.reading import is_pdf
from trading.evaluation.seats import chaired_seat, locked, own_seat, seated
from trading.evaluation.tries import counted
from trading.opening.models import OpenedBid, OpenedFile
from trading.tenders.models import Criterion

PURPOSE = "evaluation/blind"
STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
# Above that the copy without names is not made: it is held in memory.
LARGEST = 200 * 1024 * 1024
BASIS = "招标文件载明的暗标评审要求"


class BlindFile(models.Model):
    """A technical file without its bidder's name, made once; what members read until the marks are in."""

    file = models.OneToOneField(OpenedFile, models.PROTECT, related_name="blind")
    vault = models.ForeignKey("sealing.VaultFile", models.PROTECT, null=True, related_name="+")
    # {page: how often a name stood there}: these pages are covered, and shown to the committee as such.
    covered = models.JSONField(default=dict)
    # Why there is no such copy, in words for the committee.
    problem = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(vault=None) ^ models.Q(problem=""), name="blind_copy_or_problem")]

    @property
    def pages(self) -> list[str]:
        """The covered pages as people write them: 2, 5–8."""
        runs: list[list[int]] = []
        for page in sorted(map(int, self.covered)):
            if runs and page == runs[-1][-1] + 1:
                runs[-1].append(page)
            else:
                runs.append([page])
        return [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def blind_criteria(evaluation: Evaluation) -> list[Criterion]:
    """What is marked blind; nothing where the document does not say so."""
    document = evaluation.lot.tender.document
    return sorted(document.criteria.filter(part=Criterion.Part.TECHNICAL), key=lambda row: row.place) if document.blind_technical else []


def waiting_seats(evaluation: Evaluation) -> models.QuerySet:
    """The seats whose blind marks are still to come."""
    seats = evaluation.members.filter(state=CommitteeMember.State.ACCEPTED)
    return seats.exclude(sheets__in=Sheet.objects.filter(stage=Sheet.Stage.BLIND))


def hides(evaluation: Evaluation) -> bool:
    """Whether the committee may not yet know whose technical part is whose."""
    working = evaluation.state in (Evaluation.State.REVIEWING, Evaluation.State.SCORING)
    if not working or not blind_criteria(evaluation):
        return False
    # A seat that stands empty is somebody who will still mark blind.
    return waiting_seats(evaluation).exists() or seated(evaluation).count() < evaluation.size


def require_shown(evaluation: Evaluation) -> None:
    """Nothing else is judged before all blind marks are in."""
    if hides(evaluation):
        raise Refused(
            "blind", "技术部分为暗标：全体成员提交技术评分之前，不能进行其他评审。", rule=BASIS, next_step="请先完成技术（暗标）评分，并等待其他成员。",
        )  # fmt: skip


def coded(evaluation: Evaluation) -> list[tuple[str, OpenedBid]]:
    """(code, bid) in the drawn order. All that were opened: a code that went with a rejection would tell whose it was."""
    bids = OpenedBid.objects.filter(opening__lot=evaluation.lot, state=OpenedBid.State.OPENED).select_related("bid__bidder", "opening")
    rows = list(bids.prefetch_related("files"))
    if not rows:
        return []
    seed = seed_for(evaluation.lot, rows[0].opening)
    rows.sort(key=lambda bid: marked(PURPOSE, f"{seed}/{evaluation.round}/{bid.bid.manifest_hash}"))
    return [(f"投标人{STEMS[place] if place < len(STEMS) else place + 1}", bid) for place, bid in enumerate(rows)]


def code_of(evaluation: Evaluation) -> dict[int, str]:
    """{bid's id: the code it was marked under}."""
    return {bid.pk: code for code, bid in coded(evaluation)} if blind_criteria(evaluation) else {}


def technical_files(bid: OpenedBid) -> list[OpenedFile]:
    """The files that its bidder handed in as technical ones, in its order."""
    return sorted(bid.files.all(), key=lambda file: file.path)[: bid.form.get("technical_files", 0)]


@transaction.atomic
def blind_copy(file: OpenedFile, *, at: datetime) -> BlindFile:
    """The copy of a technical file that tells nobody's name; made by whoever asks first."""
    OpenedFile.objects.select_for_update(of=["self"]).get(pk=file.pk)
    made = BlindFile.objects.select_related("vault").filter(file=file).first()
    if made is not None:
        return made
    if not is_pdf(file) or file.size > LARGEST:
        return BlindFile.objects.create(file=file, problem="不是 PDF 文件，或超过 200 MB，不能按暗标提供", made_at=at)
    try:
        found = anonymised(b"".join(read(file.vault)), names_in(file.bid.bidder, file.bid.form, file.bid.manager))
    except Unreadable:
        return BlindFile.objects.create(file=file, problem="文件损坏或设有口令，不能按暗标提供", made_at=at)
    covered = {str(page): count for page, count in found.found.items()}
    return BlindFile.objects.create(file=file, vault=store([found.content]), covered=covered, made_at=at)


def submit_blind_marks(evaluation: Evaluation, marks: dict[tuple[int, int], tuple[Decimal, str]], *, by: Person, at: datetime) -> Sheet:
    """Hand in one member's technical marks: {(place of the code, criterion id): (points, remark)}, all of them and for good.

    Objective items must be equal among all members; a mark far from the others' asks for its author's remark. How often a sheet
    was refused for that is kept.
    """
    with counted(own_seat(evaluation, by), at=at):
        return hand_in(evaluation, marks, by=by, at=at)


def hand_in(evaluation: Evaluation, marks: dict[tuple[int, int], tuple[Decimal, str]], *, by: Person, at: datetime) -> Sheet:
    evaluation = locked(evaluation)
    seat = chaired_seat(evaluation, by, at)
    if evaluation.state not in (Evaluation.State.REVIEWING, Evaluation.State.SCORING):
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能进行此操作。")
    if seat.sheets.filter(stage=Sheet.Stage.BLIND).exists():
        raise Refused("handed_in", "你的技术评分已经提交，不能修改。")
    criteria = {row.pk: row for row in blind_criteria(evaluation)}
    codes = coded(evaluation)
    if not criteria or set(marks) != {(place, criterion) for place in range(len(codes)) for criterion in criteria}:
        raise Refused("incomplete", "请对每一个编号的每一项评分。", field="marks")
    given = others_marks(evaluation)
    lines, rows = [], []
    for (place, criterion), (points, remark) in sorted(marks.items()):
        code, bid = codes[place]
        item = criteria[criterion]
        lines.append(Mark(f"{code}的“{item.title}”", item, points, remark, given.get((bid.pk, criterion), [])))
        rows.append([bid.pk, criterion, money(points), remark.strip()[:300]])
    check_marks(lines)
    kept = Sheet.handed_in(seat, Sheet.Stage.BLIND, rows)
    forget_drafts(seat)
    lot = evaluation.lot
    record(
        BlindMarksSubmitted(tender=lot.tender.number, lot=lot.key, round=evaluation.round, digest=kept.digest), by=seat, role="expert"
    )  # fmt: skip
    return kept


class Mark(NamedTuple):
    """One line of a sheet, and the marks that other members have handed in for the same."""

    name: str
    criterion: Criterion
    points: Decimal
    remark: str
    others: list[Decimal]


def check_marks(lines: Iterable[Mark]) -> None:
    """Refuse what the criteria do not allow, and only for a sheet that is within them compare it with the others'.

    The refusal names all items that differ and never says what others gave: tries are counted (`tries.py`).
    """
    lines = list(lines)
    for line in lines:
        if not 0 <= line.points <= line.criterion.points:
            raise Refused("out_of_range", f"{line.name}得分应在 0 到 {line.criterion.points} 之间。", rule="招标文件载明的评审标准")
    differing = [line.name for line in lines if line.criterion.objective and any(other != line.points for other in line.others)]
    if differing:
        raise Refused(
            "objective_differs", f"{'、'.join(differing)}是客观分，各成员评分应当一致，你的评分与已提交的不一致。",
            rule="《政府采购货物和服务招标投标管理办法》第六十四条（参照）", next_step="请与其他成员一起核对证明材料后填写。",
        )  # fmt: skip
    if apart := [line.name for line in lines if is_apart(line) and not line.remark.strip()]:
        raise Refused("outlier", f"{'、'.join(apart)}评分明显偏离其他成员，请写明理由。", next_step="写明理由后可以提交。")


def is_apart(line: Mark) -> bool:
    """Whether a mark that is a matter of judgement lies far from the others'."""
    return not line.criterion.objective and len(line.others) >= 2 and is_outlier(line.points, [*line.others, line.points])


def given_blind(seat: CommitteeMember) -> dict[tuple[int, int], tuple[Decimal, str]]:
    """{(bid id, criterion id): (points, remark)} of what the seat has marked blind."""
    sheet = seat.sheets.filter(stage=Sheet.Stage.BLIND).first()
    return {(bid, criterion): (Decimal(points), remark) for bid, criterion, points, remark in sheet.rows} if sheet else {}


def others_marks(evaluation: Evaluation) -> dict[tuple[int, int], list[Decimal]]:
    found: dict[tuple[int, int], list[Decimal]] = {}
    for seat in evaluation.members.filter(state=CommitteeMember.State.ACCEPTED):
        for place, (points, _) in given_blind(seat).items():
            found.setdefault(place, []).append(points)
    return found


def with_blind(seat: CommitteeMember, marks: dict) -> dict:
    """A score sheet in which the points that were given blind stand as they were given; a remark may still be added to them."""
    blind = given_blind(seat)
    return {key: (blind[key][0], value[1].strip() or blind[key][1]) if key in blind else value for key, value in marks.items()}
