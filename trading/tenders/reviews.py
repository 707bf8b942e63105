"""Where the review of a document stands: its versions, whose turn it is, and what a version said."""

from ledger.canonical import HJ, b64u
from trading.methods.choosing import described
from trading.standards.queries import section_differences
from trading.tenders.clauses import hits_in
from trading.tenders.models import Criterion, DocumentReview, TenderDocument
from trading.tenders.notices import shown
from trading.tenders.queries import document_digest
from trading.tenders.saying import facts_of, sections_said

STAGE_RULE = "办事流程“进场登记”：招标文件经招标人确认并报行业监督部门备案后发布"
FRONT = (
    "提问截止时间",
    "投标截止时间",
    "投标有效期",
    "解密时限",
    "开标地点",
    "联合体",
    "最高投标限价",
    "投标保证金",
    "工期",
    "质量要求",
    "资格要求",
)


def front_of(document):
    """The facts of the front sheet as lines. From when the document is handed out depends on the publication itself."""
    facts = facts_of(document)
    until = shown(document.supply_until) if document.supply_until else ""
    return "\n".join([f"文件获取截止：{until}", *(f"{name}：{facts[name]}" for name in FRONT)])


def snapshot(document):
    """All that a reviewer sees, as it stands now."""
    fixed = {row.title: row.fixed for row in document.sections.all()}
    return {
        "front": front_of(document),
        "sections": [[title, fixed[title], text] for title, text in sections_said(document)],
        "criteria": [
            f"{Criterion.Part(row.part).label}：{row.title}，{row.points} 分。{row.standard}" for row in document.criteria.order_by("no")
        ],
        "method": [f"{label}：{value}" for label, value in described(document.method, document.method_settings)],
        "findings": [
            {
                "key": hit.key,
                "place": hit.place,
                "phrase": hit.phrase,
                "why": hit.why,
                "kept": hit.confirmation.reason if hit.confirmation else "",
            }
            for hit in hits_in(document)
        ],
    }


def version_digest(document):
    return b64u(HJ("document-version", {"v": 1, "document": document_digest(document), "front": front_of(document)}))


def standing_version(document):
    """The last version handed in, if the document still says the same."""
    version = document.versions.last()
    return version if version is not None and version.digest == version_digest(document) else None


def stage_waiting(version):
    """Whose turn it is on a version: the tenderee's, the regulator's, or nobody's (None: returned, or all is done)."""
    answered = {row.stage: row.outcome for row in version.reviews.all()}
    if DocumentReview.Outcome.RETURNED in answered.values():
        return None
    return next((stage for stage in stages_of(version.document.tender) if stage not in answered), None)


def stages_of(tender):
    """Who reviews: the tenderee what its agency wrote, then the regulator the tender is under."""
    project = tender.project
    stages = [DocumentReview.Stage.TENDEREE] if project.agency_id and project.agency_id != project.owner_id else []
    return stages + ([DocumentReview.Stage.REGULATOR] if project.regulator_id else [])


def version_changes(version, document):
    """What the document says now against what it said in a version."""
    old, new = version.content, snapshot(document)
    return section_differences(blocks(old), blocks(new))


def mended(version, document):
    """Findings of a version that the document does not give rise to any more: they were mended."""
    now = {hit.key for hit in hits_in(document)}
    return [row for row in version.content["findings"] if row["key"] not in now]


def blocks(content):
    return [
        ("投标人须知前附表", False, content["front"]),
        *map(tuple, content["sections"]),
        ("评审标准", False, "\n".join(content["criteria"])),
        # Versions handed in before there was a choice of methods say nothing of it.
        ("评标办法", False, "\n".join(content.get("method", []))),
    ]


def waiting_for(tenders, stage):
    """Documents of these tenders whose last version waits at a stage."""
    rows = TenderDocument.objects.filter(tender__in=tenders).exclude(state=TenderDocument.State.PUBLISHED).exclude(versions=None)
    found = []
    for document in rows.select_related("tender__project__owner", "tender__project__agency").prefetch_related("versions__reviews"):
        version = document.versions.last()
        if version is not None and stage_waiting(version) == stage:
            found.append((document, version))
    return found
