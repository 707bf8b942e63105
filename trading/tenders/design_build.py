"""What the document of a design-build tender must say beside what every document says."""

from rulebook.clock import city_day
from rulebook.provisions import in_force
from rulebook.refusals import Refused
from trading.projects.design_build import MATERIAL, PREPARATION, QUALIFICATION, is_design_build


def design_build_problems(document, lots, published_at):
    """Why a document of 工程总承包 may not be published: qualification, given material, time to prepare bids."""
    if not is_design_build(document.tender.project):
        return []
    found = [
        Refused(
            "epc_qualification", f"{lot.name}的资格要求应当同时写明工程设计资质和施工资质", rule=said(QUALIFICATION), field=f"qualification{lot.no}",
            next_step="写明两项资质的类别和等级；接受联合体的，写明各方应当具备的资质。",
        )
        for lot in lots
        if "设计" not in lot.qualification or "施工" not in lot.qualification
    ]  # fmt: skip
    if not document.attachments.exists():
        found.append(
            Refused(
                "epc_material",
                "请上传发包前完成的勘察资料和设计文件",
                rule=said(MATERIAL),
                next_step="在“附件”中上传。",
                field="attachments",
            )
        )
    if document.bids_due_at is not None:
        found += too_soon(max(document.supply_from or published_at, published_at), document.bids_due_at)
    return found


def too_soon(start, due_at):
    rule = in_force(PREPARATION, city_day(start))
    try:
        rule.check(start, due_at, field="bids_due_at", subject="投标截止时间")
    except Refused as refusal:
        return [refusal]
    return []


def said(rule):
    return f"{rule.source}：{rule.says}"
