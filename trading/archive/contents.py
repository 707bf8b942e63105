"""What goes into a lot's archive. Each stage of a tender hands over its records; upper rooms register theirs."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import Q

from accounts.models import Organisation
from disclosure.models import Notice
from documents.actions import ensure_sealed
from documents.models import OfficialDocument, StoredFile
from draws.files import draw_file
from ledger.canonical import b64u
from ledger.models import LedgerCheckpoint, LedgerEntry
from sealing.vault import read
from trading.archive.required import UNHELD, was_opened
from trading.bidding.models import Bid
from trading.deposits.queries import findings
from trading.evaluation.annexes import inquiries_of
from trading.evaluation.models import CommitteeMember
from trading.evaluation.offsite import breaks_of, venues_of
from trading.opening.models import OpenedFile
from trading.performance.record import performance_of
from trading.projects.queries import entrustment_of, mandate_of
from trading.remote.queries import lines_of, moves_of, sessions_of
from trading.witness.risks import BY_CODE as RISKS

CHUNK = 1 << 20


@dataclass(frozen=True)
class Item:
    """One file of the archive: where it stands, what it is in words, and its bytes piece by piece."""

    path: str
    what: str
    pieces: Callable[[], Iterable[bytes]]


_contributors: list[Callable] = []


def contributes(function):
    """`function(lot)` yields Items; used as a decorator by every room with something to keep."""
    _contributors.append(function)
    return function


def items_of(lot) -> Iterator[Item]:
    """All items of a lot, in a fixed order; two of one name are a mistake of a contributor."""
    seen = set()
    for contributor in _contributors:
        for item in contributor(lot):
            if item.path in seen:
                raise ValueError(f"two files called {item.path}")
            seen.add(item.path)
            yield item


def text(path, what, value):
    """A record as JSON that a person can read."""
    data = json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()
    return Item(path, what, lambda: [data])


def stored(path, what, file: StoredFile):
    def pieces():
        with default_storage.open(file.path) as source:
            while piece := source.read(CHUNK):
                yield piece

    return Item(f"{path}-{file.name}", what, pieces)


def official_documents(lot):
    """The sealed documents an archive holds: PDFs of the lot's notices, and what was issued about the tender."""
    noticed = Notice.objects.filter(Q(lot_no=None) | Q(lot_no=lot.no), tender_number=lot.tender.number).values("document")
    return OfficialDocument.objects.filter(Q(pk__in=noticed) | Q(subject=lot.tender.stream) & ~Q(kind="notice"))


def sealed(path, document: OfficialDocument):
    return stored(path, document.title, ensure_sealed(document, 0).sealed)


def entrusted(row):
    return {
        "受托机构": row.body.name, "代理范围": row.scope, "代理权限": row.powers, "委托期限至": row.ends_on, "委托时间": row.asked_at,
        "接受时间": row.answered_at, "摘要": row.digest,
    }  # fmt: skip


@contributes
def registration(lot):
    project = lot.tender.project
    entrustment = entrustment_of(project)
    yield text(
        "01-registration/project.json", "项目登记",
        {
            "项目名称": project.name, "项目编号": project.code, "招标项目编号": lot.tender.code, "标段编号": lot.code,
            "统一交易标识码": lot.deal_code, "招标人": project.owner.name, "代理机构": project.agency.name if project.agency else "",
            "采购组织形式": project.get_organisation_form_display(), "委托": entrusted(entrustment) if entrustment else "",
            "估算价": lot.estimate, "资金来源": project.fund_source, "批准文件": f"{project.approval_name}（{project.approval_number}）",
            "审核": [{"结论": row.get_outcome_display(), "意见": row.reasons, "时间": row.at} for row in project.reviews.all()],
        },
    )  # fmt: skip
    for place, paper in enumerate(project.papers.select_related("file").order_by("pk"), start=1):
        yield stored(f"01-registration/{place:02d}", paper.get_kind_display(), paper.file)
    if (mandate := mandate_of(project)) is not None:
        yield sealed("01-registration/mandate", mandate.document)


@contributes
def notices(lot):
    rows = Notice.objects.filter(Q(lot_no=None) | Q(lot_no=lot.no), tender_number=lot.tender.number)
    for row in rows.select_related("document", "entry").order_by("published_at", "pk"):
        yield text(
            f"02-notices/{row.number}.json", row.title,
            {"编号": row.number, "类别": row.get_kind_display(), "标题": row.title, "要点": row.facts, "正文": row.body, "摘要": row.digest,
             "发布时间": row.published_at},
        )  # fmt: skip
        if row.document:
            yield sealed(f"02-notices/{row.number}", row.document)


@contributes
def documents(lot):
    """Official documents about the tender that are not the PDF of a notice."""
    rows = OfficialDocument.objects.filter(subject=lot.tender.stream).exclude(kind="notice").order_by("issued_at", "pk")
    for place, row in enumerate(rows, start=1):
        yield sealed(f"03-documents/{place:02d}", row)


@contributes
def questions(lot):
    yield text(
        "04-questions/questions.json", "提问与答复",
        [{"问题": row.text, "提出": row.asked_at, "答复": row.answer, "答复时间": row.answered_at} for row in lot.tender.questions.order_by("asked_at")],
    )  # fmt: skip


@contributes
def bids(lot):
    """Manifests and signatures of all bids, and the files of those that were opened: where none was, who bid stays secret."""
    if not was_opened(lot):
        return
    for bid in Bid.objects.filter(lot=lot).select_related("bidder"):
        yield text(
            f"05-bids/{bid.bidder.uscc}/rev-{bid.rev:02d}.json", f"{bid.bidder.name}第 {bid.rev} 次递交的清单",
            {"投标人": bid.bidder.name, "状态": bid.get_state_display(), "接收时间": bid.received_at, "清单": bid.manifest, "签名": bid.signature,
             "回执": bid.receipt},
        )  # fmt: skip
    for row in OpenedFile.objects.filter(bid__opening__lot=lot).select_related("bid__opening", "bid__bid__bidder", "vault"):
        folder = f"{row.bid.opening.envelope}/" if row.bid.opening.name else ""
        place = f"05-bids/{row.bid.bidder.uscc}/{folder}{row.path.replace('/', '-')}-{row.name}"
        yield Item(place, f"{row.bid.bidder.name}的投标文件", lambda row=row: read(row.vault))


@contributes
def supply(lot):
    """Who took the document and put up a deposit: only where bids were opened, for else it stays secret."""
    if not was_opened(lot):
        return
    yield text(
        "05-bids/holders.json", "招标文件获取记录",
        [{"单位": row.organisation.name, "获取时间": row.obtained_at} for row in lot.tender.holders.select_related("organisation").order_by("obtained_at")],
    )  # fmt: skip
    found = findings(lot)
    names = dict(Organisation.objects.filter(pk__in=found).values_list("pk", "name"))
    yield text(
        "05-bids/deposits.json", "投标保证金缴纳情况",
        [{"单位": names[pk], "应缴": row.required, "截止前到账": row.counted, "情况": row.words} for pk, row in sorted(found.items())],
    )  # fmt: skip


@contributes
def opening(lot):
    for row in lot.openings.order_by("pk"):
        yield text(
            f"06-opening/opening{'-' + row.envelope if row.name else ''}.json", f"{row.name}开标过程",
            {
                "结果": row.get_state_display(), "锁定": row.locked_at, "唱标": row.revealed_at, "结束": row.closed_at, "投标清单根": row.bids_root,
                "投标": [
                    {"投标人": bid.bidder.name, "状态": bid.get_state_display(), "报价": bid.price, "工期": bid.term_days, "项目经理": bid.manager}
                    for bid in ([] if row.state in UNHELD else row.bids.select_related("bid__bidder"))
                ],
                "实况": [f"{line.at.isoformat()} {line.text}" for line in row.lines.order_by("at", "id")],
            },
        )  # fmt: skip


@contributes
def evaluation(lot):
    for row in lot.evaluations.order_by("round"):
        seats = row.members.order_by("order")
        monitors = CommitteeMember.monitors.filter(evaluation=row)
        yield text(
            f"07-evaluation/round-{row.round}.json", f"第 {row.round} 次评标",
            {
                "状态": row.get_state_display(), "抽取": draw_file(row.draw) if row.draw else None,
                "成员": [
                    {"姓名": seat.person.name, "状态": seat.get_state_display(), "组长": seat.chair, "签署": seat.signed_at, "不同意见": seat.dissent}
                    for seat in seats
                ],
                "监标": [
                    {"姓名": seat.person.name, "状态": seat.get_state_display(),
                     "记录": [{"时间": note.at, "监标报告": note.report, "内容": note.text} for note in seat.notes.all()]}
                    for seat in monitors
                ],
                "初步评审": [
                    {"成员": seat.person.name, "投标人": op.bid.bidder.name, "因素": op.criterion.title, "通过": op.passed, "理由": op.reason}
                    for seat in seats for op in seat.opinions.select_related("bid__bid__bidder", "criterion")
                ],
                "评分": [
                    {"成员": seat.person.name, "投标人": op.bid.bidder.name, "因素": op.criterion.title, "得分": op.points, "说明": op.remark}
                    for seat in seats for op in seat.scores.select_related("bid__bid__bidder", "criterion")
                ],
                "否决": [{"投标人": no.bid.bidder.name, "理由": no.reason} for no in row.rejections.select_related("bid__bid__bidder")],
                "汇总": [
                    {"名次": result.rank, "投标人": result.bid.bidder.name, "评审报价": result.price, "各项": result.parts, "总分": result.total}
                    for result in row.results.select_related("bid__bid__bidder")
                ],
                "报价核实": inquiries_of(row),
                "算术修正": [
                    {"投标人": each.bid.bidder.name, "开标报价": each.bid.price, "修正后": each.price, "各处": each.lines}
                    for each in row.corrections.select_related("bid__bid__bidder")
                ],
                "计算过程": row.workings,
            },
        )  # fmt: skip


@contributes
def remote_sessions(lot):
    """The sessions in other cities, round by round: desks, breaks of the line, recordings and what the members wrote."""
    for row in lot.evaluations.order_by("round"):
        found = sessions_of(lot, row.round)
        if not found:
            continue
        yield text(
            f"07-evaluation/remote-{row.round}.json", f"第 {row.round} 次评标的远程异地评标",
            {
                "场地": venues_of(row),
                "会话": [
                    {
                        "编号": each.number, "副场": each.host.name, "状态": each.get_state_display(), "开始": each.started_at, "结束": each.finished_at,
                        "工位": [desk.name for desk in each.desks.all()],
                        "音视频记录": [
                            {"场地": "副场" if kept.by_host else "主场", "名称": kept.name, "分钟": kept.minutes, "摘要": kept.sha256, "存放": kept.place}
                            for kept in each.recordings.all()
                        ],
                        "费用": [{"工位费": bill.desk_fee, "餐费": bill.meals, "状态": bill.get_state_display()} for bill in each.statements.all()],
                    }
                    for each in found
                ],
                "连接中断": breaks_of(row),
                "会商": [{"席位": line.seat, "时间": line.at, "内容": line.text} for line in lines_of(lot, row.round)],
                "会议室": [
                    {"席位": move.seat, "场地": move.venue, "动作": move.get_kind_display(), "时间": move.at} for move in moves_of(lot, row.round)
                ],
            },
        )  # fmt: skip


@contributes
def contract(lot):
    for award in lot.awards.filter(contract__isnull=False).select_related("contract__file", "contract__bond"):
        filed = award.contract
        yield text(
            "08-contract/contract.json", "合同要点",
            {"合同编号": filed.number, "金额": filed.amount, "签订日期": filed.signed_on, "工期": filed.term_days, "项目经理": filed.manager,
             "质量": filed.quality, "备案时间": filed.filed_at},
        )  # fmt: skip
        if filed.file:
            yield stored("08-contract/contract", "合同文件", filed.file)
        if award.report:
            yield stored("08-contract/report", "招标投标情况书面报告", award.report)
        yield text("08-contract/performance.json", "合同履行", performance_of(filed))


@contributes
def witness(lot):
    """What the centre's people saw at each stage and checked for risks."""
    for row in lot.witness_records.select_related("signed_by").order_by("pk"):
        yield text(
            f"11-witness/{row.stage}.json", "见证记录",
            {
                "状态": row.get_state_display(), "签署人": row.signed_by.name if row.signed_by else "", "签署时间": row.signed_at, "摘要": row.digest,
                "见证情况": [
                    {"发生时间": line.seen_at, "地点": line.place, "在场": line.present, "情况": line.text, "异常": line.irregular,
                     "签署后更正": line.correction, "记录人": line.by.name, "记录时间": line.written_at}
                    for line in row.lines.select_related("by")
                ],
                "风险核查": [
                    {"风险点": answer.point, "风险": RISKS[answer.point].says, "结论": answer.get_verdict_display(), "说明": answer.note,
                     "平台核查": answer.computed}
                    for answer in row.answers.all()
                ],
            },
        )  # fmt: skip


def papers_of(archive):
    """The papers that were handed in for this volume."""
    for place, paper in enumerate(archive.papers.select_related("file", "organisation"), start=1):
        yield stored(f"12-papers/{place:02d}", f"{paper.title}（{paper.organisation.name}）", paper.file)


def later_items(lot):
    """What a later volume holds beside its papers: the log as it has grown since."""
    yield from ledger(lot)


@contributes
def ledger(lot):
    """The tender's entries as they stand in the log, and the newest checkpoint to hold them against."""

    def pieces():
        for row in LedgerEntry.objects.filter(stream=lot.tender.stream).order_by("n").select_related("leaf").iterator():
            place = getattr(row, "leaf", None)
            line = {"n": row.n, "index": place.idx if place else None, "data": b64u(bytes(row.data))}
            yield json.dumps(line).encode() + b"\n"

    yield Item("09-ledger/entries.jsonl", "公开账本中的全部记录", pieces)
    newest = LedgerCheckpoint.objects.order_by("-size").first()
    if newest is not None:
        yield Item("09-ledger/checkpoint", "账本检查点", lambda: [newest.note.encode()])


@contributes
def steps(lot):
    """The steps of the lot's procedure with what their forms said, and the files that came with them; what was undone too.

    Of a step that was taken in secret and never opened there is only that it was taken.
    """
    rows = lot.steps.select_related("by", "organisation", "notice", "document").prefetch_related("files")
    yield text(
        "13-steps/steps.json", "交易流程步骤",
        [
            {"步骤": row.step, "次": row.no, "办理人": taker_of(row), "时间": row.at, "内容": row.data,
             "公告": row.notice.number if row.notice else "", "文书": row.document.number if row.document else "", "超期": row.overran,
             "撤销": row.void_reason}
            for row in rows
        ],
    )  # fmt: skip
    for row in rows:
        for place, file in enumerate([] if row.is_secret else sorted(row.files.all(), key=lambda each: each.pk), start=1):
            yield stored(f"13-steps/{row.step}-{row.no}-{place}", f"{row.step} 的材料", file)


def taker_of(row):
    if row.is_secret:
        return "未开启，不记载"
    return row.organisation.name if row.organisation else row.by.name
