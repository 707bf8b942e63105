"""What a member reads at the desk: the files of each bid, and where each of them answers a criterion."""

from collections.abc import Iterable, Iterator

from django.urls import reverse

from trading.evaluation.models import CommitteeMember, Evaluation
from trading.opening.models import OpenedBid, OpenedFile, Opening
from trading.tenders.models import Criterion, TenderDocument

S = Evaluation.State
# While the committee works; afterwards the files are closed to its members.
OPEN = (S.REVIEWING, S.SCORING, S.PRICING, S.COMBINED)
READ_OUT = (Opening.State.REVEALED, Opening.State.CLOSED)


def asked_of(document: TenderDocument) -> list[Criterion]:
    """The criteria that a bid answers with its files: all checks, and what members judge."""
    rows = document.criteria.filter(part__in=[*Criterion.CHECKS, *Criterion.JUDGED])
    return sorted(rows, key=lambda row: row.place)


def is_pdf(file: OpenedFile) -> bool:
    return file.name.lower().endswith(".pdf") or file.content_type == "application/pdf"


def answers_of(bid: OpenedBid, criteria: Iterable[Criterion]) -> dict[int, tuple[OpenedFile, int]]:
    """{criterion's id: (file, page)} as far as the bidder's own index, sealed with the bid, names them."""
    files = {file.path: file for file in bid.files.all()}
    named = {row["criterion"]: row for row in bid.form.get("index", [])}
    found = {}
    for criterion in criteria:
        row = named.get(criterion.key)
        if row and row["path"] in files:
            found[criterion.pk] = files[row["path"]], row["page"]
    return found


def files_of(evaluation: Evaluation) -> Iterator[OpenedFile]:
    """Every file that was read out of the lot's bids so far, of either envelope."""
    rows = OpenedFile.objects.filter(bid__opening__lot=evaluation.lot, bid__opening__state__in=READ_OUT, bid__state=OpenedBid.State.OPENED)
    return rows.select_related("vault", "bid__opening")


def papers_of(evaluation: Evaluation) -> list[dict]:
    """The tender document and its clarifications, as the reader takes files."""
    tender = evaluation.lot.tender
    named = [
        ("招标文件", 0, tender.document.printed_id),
        *((f"第 {row.no} 号澄清", row.no, row.printed_id) for row in tender.clarifications.all()),
    ]
    return [
        {"key": f"paper-{no}", "name": name, "url": reverse("trading:evaluation_paper", args=[evaluation.pk, no]), "pdf": True}
        for name, no, printed in named if printed
    ]  # fmt: skip


def may_read(seat: CommitteeMember | None, evaluation: Evaluation) -> bool:
    """A member who has pledged and sits at the desk, while the committee works."""
    return seat is not None and seat.pledged_at is not None and seat.arrived_at is not None and evaluation.state in OPEN


STAGES = (
    (S.REVIEWING, "初步评审"), (S.SCORING, "详细评审"), (S.PRICING, "第二信封开标"), (S.COMBINED, "评分汇总与签署"),
)  # fmt: skip


def stages_of(evaluation: Evaluation, seats: list[CommitteeMember]) -> list[dict[str, str]]:
    """The evaluation's way in steps, as every member may know it: who has handed in, never what."""
    done = {
        S.REVIEWING: sum(seat.review_submitted_at is not None for seat in seats),
        S.SCORING: sum(seat.scores_submitted_at is not None for seat in seats),
        S.COMBINED: sum(seat.signed_at is not None for seat in seats),
    }
    pledged = sum(seat.pledged_at is not None for seat in seats)
    rows = [{"label": "承诺", "note": f"{pledged}/{len(seats)}", "state": "done" if pledged == len(seats) else "now"}]
    two = evaluation.lot.tender.document.two_envelopes
    stages = [(state, label) for state, label in STAGES if two or state != S.PRICING]
    order = [state for state, _ in stages]
    place = order.index(S(evaluation.state)) if evaluation.state in order else len(order)
    for at, (state, label) in enumerate(stages):
        note = f"{done[state]}/{len(seats)} 已{'签署' if state == S.COMBINED else '提交'}" if state in done and at <= place else ""
        rows.append({"label": label, "note": note, "state": "done" if at < place else "now" if at == place else ""})
    return rows
