"""Which standard text a tender is written from, what it says, and what a version changed."""

from ledger.canonical import HJ, b64u
from rulebook.refusals import Refused
from trading.standards.difference import difference, is_same
from trading.standards.models import DocumentTemplate


def template_for(project, *, on):
    """The version in force on a day for the project's category and kind; Refused where regulators have published none."""
    rows = DocumentTemplate.objects.in_force(on).filter(category=project.category)
    found = rows.filter(kind=project.kind).order_by("code").first()
    if found is None:
        raise Refused(
            "no_template",
            f"没有在用的“{project.get_category_display()}·{project.get_kind_display()}”招标文件范本，不能编制招标文件。",
            next_step="请联系行业监督部门发布范本。",
        )
    return found


def template_digest(template):
    """The digest over everything a version says."""
    return b64u(
        HJ(
            "document-template",
            {
                "v": 1, "code": template.code, "version": template.version, "source": template.source,
                "sections": [[row.title, row.fixed, row.text] for row in template.sections.all()],
                "criteria": [[str(value) for value in row.values()] for row in template.criteria],
                "settings": {key: str(value) for key, value in template.method_settings.items()},
            },
        )
    )  # fmt: skip


def previous_of(template):
    return DocumentTemplate.objects.filter(code=template.code, version__lt=template.version).order_by("-version").first()


def section_differences(old, new):
    """Blocks of two lists of (title, fixed, text) beside each other, in the order of the new list, then what fell away."""
    before = {title: (fixed, text) for title, fixed, text in old}
    rows = []
    for title, fixed, text in new:
        was = before.pop(title, None)
        lines = difference(was[1] if was else "", text)
        rows.append({
            "title": title, "fixed": fixed, "lines": lines, "new": was is None, "gone": False,
            "moved": was is not None and was[0] != fixed, "same": was is not None and is_same(lines) and was[0] == fixed,
        })  # fmt: skip
    for title, (fixed, text) in before.items():
        rows.append(
            {"title": title, "fixed": fixed, "lines": difference(text, ""), "new": False, "gone": True, "moved": False, "same": False}
        )
    return rows


def template_changes(template, earlier):
    """What a version changed against an earlier one, block by block."""
    return section_differences(blocks_of(earlier), blocks_of(template))


def blocks_of(holder):
    return [(row.title, row.fixed, row.text) for row in holder.sections.all()]
