"""Before the publication: the document is handed in, the tenderee confirms it, and the regulator files it (备案)."""

from django.db import transaction

from accounts.permissions import require, require_member
from ledger.acts import record
from postbox.actions import tell, tell_members
from rulebook.refusals import Refused
from trading.projects.permissions import require_handler
from trading.projects.queries import SUPERVISE, handlers_of
from trading.tenders.actions.drafting import SHORTEST_REASON, editable
from trading.tenders.events import DocumentReviewed, DocumentSubmitted
from trading.tenders.models import DocumentReview, DocumentVersion, TenderDocument
from trading.tenders.problems import problems_of
from trading.tenders.reviews import STAGE_RULE, snapshot, stage_waiting, standing_version, version_digest


@transaction.atomic
def submit_document(document, *, by, at):
    """Hand the document in for review as it stands; refused while anything breaks a rule or a finding is open."""
    document = editable(document, by)
    problems = problems_of(document, published_at=document.publish_at or at)
    if problems:
        first = problems[0]
        first.details["problems"] = [[row.code, row.message] for row in problems]
        raise first
    standing = standing_version(document)
    if standing is not None and stage_waiting(standing) is not None:
        raise Refused("in_review", "这一稿正在审核，内容没有变化，无需再次送审。", next_step="请等待审核结果。")
    document.save()
    version = DocumentVersion.objects.create(
        document=document, no=document.versions.count() + 1, content=snapshot(document), digest=version_digest(document), by=by, at=at
    )
    record(DocumentSubmitted(tender=document.tender.number, version=version.no, digest=version.digest), by=by)
    call_reviewer(version)
    return version


def call_reviewer(version):
    """Tell whose turn it is; at the end, those who work on the tender."""
    tender = version.document.tender
    link = f"/work/tenders/{tender.number}/review/"
    stage = stage_waiting(version)
    key = f"review/{version.pk}/{stage or 'done'}"
    if stage == DocumentReview.Stage.TENDEREE:
        tell_members(tender.project.owner, f"请确认招标文件：{tender.name}", f"第 {version.no} 次送审。", link=link, key=key)
    elif stage == DocumentReview.Stage.REGULATOR:
        tell_members(tender.project.regulator, f"招标文件待备案：{tender.name}", f"第 {version.no} 次送审。", link=link, key=key)
    else:
        for person in handlers_of(tender):
            tell(person, f"招标文件审核结束：{tender.name}", "请查看结果。", link=link, key=key)


def reviewed(version, by):
    """Lock the document and answer at which stage `by` may decide on this version; refused out of turn."""
    document = TenderDocument.objects.select_for_update(of=["self"]).select_related("tender__project__owner").get(pk=version.document_id)
    stage = stage_waiting(version)
    if document.state == TenderDocument.State.PUBLISHED or stage is None or document.versions.last() != version:
        raise Refused("not_waiting", "这一稿没有等待审核。", next_step="请刷新页面查看最新一稿。")
    if version.digest != version_digest(document):
        raise Refused("changed_since", "送审后招标文件又有修改，这一稿不能再审核。", next_step="请由编制人重新送审。", rule=STAGE_RULE)
    if stage == DocumentReview.Stage.TENDEREE:
        require_member(by, document.tender.project.owner)
    else:
        require(by, SUPERVISE, document.tender)
    return document, stage


@transaction.atomic
def review_document(version, *, by, at):
    """The tenderee confirms, or the regulator files, what was handed in."""
    return decide(version, DocumentReview.Outcome.PASSED, "", by=by, at=at)


@transaction.atomic
def return_document(version, *, reasons, by, at):
    """Send it back to whoever writes it, with reasons."""
    if len(reasons.strip()) < SHORTEST_REASON:
        raise Refused("no_reason", f"请写明退回的理由，不少于 {SHORTEST_REASON} 个字。", field="reasons")
    return decide(version, DocumentReview.Outcome.RETURNED, reasons.strip(), by=by, at=at)


def decide(version, outcome, reasons, *, by, at):
    document, stage = reviewed(version, by)
    review = DocumentReview.objects.create(version=version, stage=stage, outcome=outcome, reasons=reasons, by=by, at=at)
    role = "supervisor" if stage == DocumentReview.Stage.REGULATOR else "tenderee"
    record(DocumentReviewed(tender=document.tender.number, version=version.no, stage=str(stage), outcome=str(outcome)), by=by, role=role)
    call_reviewer(version)
    return review


def require_reviewed(document, by):
    """Refuse a publication of what was not confirmed and filed as it now stands."""
    version = standing_version(document)
    if version is None:
        raise Refused(
            "not_reviewed", "招标文件还没有送审，或者送审后又有修改。", rule=STAGE_RULE, next_step="请在“送审与备案”中送审。", field="review",
        )  # fmt: skip
    stage = stage_waiting(version)
    returned = version.reviews.filter(outcome=DocumentReview.Outcome.RETURNED).exists()
    if stage is not None or returned:
        said = "已被退回" if returned else f"还在等待{DocumentReview.Stage(stage).label}"
        raise Refused("not_reviewed", f"招标文件{said}，不能发布。", rule=STAGE_RULE, next_step="请在“送审与备案”中查看。", field="review")
    require_handler(by, document.tender)
