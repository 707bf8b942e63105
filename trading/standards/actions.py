"""What regulators do with standard texts: draft a version from an older one, write it, publish it from a day on."""

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import require_member
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from trading.standards.events import TemplatePublished
from trading.standards.facts import NAMES, strange_names
from trading.standards.models import DocumentTemplate, TemplateSection
from trading.standards.queries import section_differences, template_digest

WRITTEN = ("name", "source")


def require_regulator(by, organisation, category):
    """Refuse unless `by` acts for a regulator of that category."""
    require_member(by, organisation)
    if Organisation.Kind.REGULATOR not in organisation.kinds or category not in organisation.sectors:
        raise Forbidden(
            "not_regulator", "只有负责该交易类别的行业监督部门可以起草和发布范本。", next_step="请由相应的行业监督部门办理。",
        )  # fmt: skip


@transaction.atomic
def draft_template(template, organisation, *, by):
    """A new version as a draft, beginning with the words of an older one; the draft there is, if one was begun."""
    require_regulator(by, organisation, template.category)
    versions = DocumentTemplate.objects.select_for_update().filter(code=template.code)
    standing = {row.version: row for row in versions}
    draft = next((row for row in standing.values() if row.state == DocumentTemplate.State.DRAFT), None)
    if draft is not None:
        return draft
    draft = DocumentTemplate.objects.create(
        code=template.code, version=max(standing) + 1, name=template.name, category=template.category, kind=template.kind,
        source=template.source, criteria=template.criteria, method_settings=template.method_settings,
        publisher=organisation, drafted_by=by,
    )  # fmt: skip
    TemplateSection.objects.bulk_create(
        TemplateSection(template=draft, no=row.no, title=row.title, fixed=row.fixed, text=row.text, note=row.note)
        for row in template.sections.all()
    )
    return draft


def drafted(template, organisation, by):
    """Lock a draft for a change by its own regulator."""
    template = DocumentTemplate.objects.select_for_update().get(pk=template.pk)
    require_regulator(by, organisation, template.category)
    if template.state != DocumentTemplate.State.DRAFT:
        raise Refused("template_published", "已发布的范本不能修改。", next_step="请起草新版本，从新的施行日期起替代它。")
    return template


@transaction.atomic
def save_template(template, organisation, *, data, sections, by):
    """Keep a draft's name, source and blocks (dicts of title, fixed, text, note, in order)."""
    template = drafted(template, organisation, by)
    for name in WRITTEN:
        setattr(template, name, data[name])
    template.save(update_fields=list(WRITTEN))
    titles = [row["title"] for row in sections]
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice:
        raise Refused("title_twice", f"有两个版块都叫“{twice}”。", next_step="请为每个版块取不同的标题。")
    for row in sections:
        refuse_strange(row)
    template.sections.all().delete()
    TemplateSection.objects.bulk_create(TemplateSection(template=template, no=no, **row) for no, row in enumerate(sections, start=1))
    return template


def refuse_strange(row):
    strange = strange_names(row["text"])
    if strange:
        raise Refused(
            "strange_name", f"“{row['title']}”中的“{{{strange[0]}}}”不是已定义的项目要素。", next_step=f"可用的要素：{'、'.join(NAMES)}。",
        )  # fmt: skip


@transaction.atomic
def publish_template(template, organisation, *, since, by, at):
    """From a day on, documents are begun from this version; the one before ends the day before. Running ones stay on theirs."""
    template = drafted(template, organisation, by)
    if since < city_day(at):
        raise Refused("since_past", "施行日期不能早于今天。", field="since", next_step="范本不溯及已经开始编制的招标文件。")
    if not template.sections.exists():
        raise Refused("empty_template", "范本没有任何版块，不能发布。")
    last = DocumentTemplate.objects.published().filter(code=template.code, until=None).first()
    if last is not None:
        replace(last, template, since)
    template.state, template.since, template.published_at = DocumentTemplate.State.PUBLISHED, since, at
    template.publisher, template.digest = organisation, template_digest(template)
    template.save()
    record(
        TemplatePublished(
            code=template.code, version=template.version, publisher=organisation.uscc, since=f"{since:%Y-%m-%d}", digest=template.digest
        ),
        by=by,
        role="supervisor",
    )
    return template


def replace(last, template, since):
    """End the version before, the day before; refused where it would end before it began, or where nothing changes."""
    if since <= last.since:
        raise Refused(
            "since_before_last", f"施行日期应晚于上一版的施行日期 {last.since:%Y-%m-%d}。", field="since",
        )  # fmt: skip
    both = [[(row.title, row.fixed, row.text) for row in each.sections.all()] for each in (last, template)]
    if all(row["same"] for row in section_differences(*both)) and [row[0] for row in both[0]] == [row[0] for row in both[1]]:
        raise Refused("nothing_changed", "新版本与在用版本完全一致，无需发布。", next_step="请先修改内容。")
    last.until = since.fromordinal(since.toordinal() - 1)
    last.save(update_fields=["until"])
