"""暗标: technical parts are marked without knowing whose they are. Names, prices and conduct appear when all have handed in their marks.

Who is behind which code follows from a key that no database holds: the prices read out are public, so an order drawn from them alone
could be computed by every member (docs/decisions/0021-blind-bids.md).
"""

from datetime import datetime
from decimal import Decimal

from django.db import models, transaction

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
    return working and bool(blind_criteria(evaluation)) and waiting_seats(evaluation).exists()


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


@transaction.atomic
def submit_blind_marks(
    evaluation: Evaluation, marks: dict[tuple[int, int], tuple[Decimal, str]], *, seat: CommitteeMember, at: datetime
) -> Sheet:
    """Hand in one member's technical marks: {(place of the code, criterion id): (points, remark)}, all of them and for good.

    Objective items must be equal among all members; a mark far from the others' asks for its author's remark.
    """
    evaluation = Evaluation.objects.select_for_update(of=["self"]).select_related("lot__tender__document").get(pk=evaluation.pk)
    if evaluation.state not in (Evaluation.State.REVIEWING, Evaluation.State.SCORING) or seat.pledged_at is None:
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能进行此操作。")
    if seat.sheets.filter(stage=Sheet.Stage.BLIND).exists():
        raise Refused("handed_in", "你的技术评分已经提交，不能修改。")
    criteria = {row.pk: row for row in blind_criteria(evaluation)}
    codes = coded(evaluation)
    if not criteria or set(marks) != {(place, criterion) for place in range(len(codes)) for criterion in criteria}:
        raise Refused("incomplete", "请对每一个编号的每一项评分。", field="marks")
    given = others_marks(evaluation)
    rows = []
    for (place, criterion), (points, remark) in sorted(marks.items()):
        code, bid = codes[place]
        check_mark(f"{code}的“{criteria[criterion].title}”", criteria[criterion], points, remark, given.get((bid.pk, criterion), []))
        rows.append([bid.pk, criterion, money(points), remark.strip()[:300]])
    kept = Sheet.handed_in(seat, Sheet.Stage.BLIND, rows)
    forget_drafts(seat)
    lot = evaluation.lot
    record(
        BlindMarksSubmitted(tender=lot.tender.number, lot=lot.key, round=evaluation.round, digest=kept.digest), by=seat, role="expert"
    )  # fmt: skip
    return kept


def check_mark(name: str, criterion: Criterion, points: Decimal, remark: str, others: list[Decimal]) -> None:
    """Refuse a mark that the criterion does not allow; `others` are the marks that members have handed in for the same."""
    if not 0 <= points <= criterion.points:
        raise Refused("out_of_range", f"{name}得分应在 0 到 {criterion.points} 之间。", rule="招标文件载明的评审标准")
    if criterion.objective and any(other != points for other in others):
        raise Refused(
            "objective_differs", f"{name}是客观分，各成员评分应当一致，已提交的评分为 {others[0]} 分。",
            rule="《政府采购货物和服务招标投标管理办法》第六十四条（参照）", next_step="请核对证明材料后填写。",
        )  # fmt: skip
    if not criterion.objective and len(others) >= 2 and is_outlier(points, [*others, points]) and not remark.strip():
        raise Refused("outlier", f"{name}评分明显偏离其他成员，请写明理由。", next_step="写明理由后可以提交。")


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
