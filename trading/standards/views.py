from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.standards import actions, forms
from trading.standards import patterns as keeping
from trading.standards.checker import read_by_patterns
from trading.standards.facts import NAMES
from trading.standards.models import ClausePattern, DocumentTemplate
from trading.standards.queries import previous_of, template_changes
from web.doors import open_to


def regulated(request):
    """The categories that the acting regulator keeps standard texts for."""
    return request.organisation.sectors if "supervisor" in request.audiences else []


def in_sight(request):
    """Published versions are everybody's to read; a draft is its regulator's."""
    drafts = DocumentTemplate.objects.filter(state=DocumentTemplate.State.DRAFT, category__in=regulated(request))
    return (DocumentTemplate.objects.published() | drafts).select_related("publisher", "drafted_by")


@open_to("public")
@require_safe
def templates(request):
    """All standard texts with their versions, the newest first."""
    rows = list(in_sight(request))
    groups = {}
    for row in rows:
        groups.setdefault(row.code, []).append(row)
    context = {"groups": groups.values(), "mine": regulated(request), "today": city_day(database_now()), "nav": "templates"}
    return render(request, "trading/standards/templates.html", context)


@open_to("public")
@require_safe
def template(request, code, version):
    """One version: its words, and what it changed against another one (the version before, unless one is chosen)."""
    row = get_object_or_404(in_sight(request), code=code, version=version)
    others = in_sight(request).filter(code=code, version__lt=version)
    chosen = request.GET.get("against", "")
    if chosen and not (chosen.isdigit() and others.filter(version=chosen)):
        raise Http404
    earlier = others.get(version=chosen) if chosen else previous_of(row)
    return render(
        request,
        "trading/standards/template.html",
        {
            "template": row, "others": others, "earlier": earlier, "changes": template_changes(row, earlier) if earlier else [],
            "may_write": row.category in regulated(request), "today": city_day(database_now()), "nav": "templates",
            "form": forms.TemplatePublicationForm(),
        },
    )  # fmt: skip


@open_to("supervisor")
@require_POST
def draft(request, code, version):
    """Begin the next version with the words of this one."""
    row = get_object_or_404(DocumentTemplate.objects.published(), code=code, version=version)
    made = actions.draft_template(row, request.organisation, by=request.user)
    return redirect("trading:edit_template", made.code, made.version)


@open_to("supervisor")
def edit(request, code, version):
    row = get_object_or_404(DocumentTemplate, code=code, version=version, category__in=regulated(request))
    initial = list(row.sections.values("title", "fixed", "text", "note"))
    form = forms.TemplateForm(request.POST or None, instance=row)
    formset = forms.SectionFormSet(request.POST or None, initial=initial, prefix="s")
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        kept = [each.cleaned_data for each in formset.forms if each.cleaned_data.get("title") and not each.cleaned_data["DELETE"]]
        kept.sort(key=lambda data: data["ORDER"] or len(kept) + 1)
        sections = [{name: data[name] for name in ("title", "fixed", "text", "note")} for data in kept]
        try:
            actions.save_template(row, request.organisation, data=form.cleaned_data, sections=sections, by=request.user)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "范本草稿已保存。")
            return redirect("trading:template", code, version)
    return render(request, "trading/standards/edit.html", {"template": row, "form": form, "formset": formset, "names": NAMES})


@open_to("supervisor")
@official_act("发布招标文件范本", target="范本 {code} 第 {version} 版")
@require_POST
def publish(request, code, version):
    row = get_object_or_404(DocumentTemplate, code=code, version=version, category__in=regulated(request))
    form = forms.TemplatePublicationForm(request.POST)
    if not form.is_valid():
        raise Refused("no_since", "请填写施行日期。", next_step="请返回填写后再发布。", status=400)
    actions.publish_template(row, request.organisation, since=form.cleaned_data["since"], by=request.user, at=database_now())
    messages.success(request, f"已发布，自 {form.cleaned_data['since']:%Y-%m-%d} 起使用。")
    return redirect("trading:template", code, version)


@open_to("supervisor", "staff", "agency", "tenderee")
def patterns(request):
    """The patterns in force with the provision behind each, and a place to try a text against them; nothing of it is kept."""
    today = city_day(database_now())
    rows = list(ClausePattern.objects.in_force(today).select_related("publisher"))
    form = forms.TrialForm(request.POST or None)
    findings = None
    if request.method == "POST" and form.is_valid():
        findings = sorted(read_by_patterns(form.cleaned_data["text"], rows), key=lambda row: row.start)
    groups = [{"label": matter.label, "rows": [row for row in rows if row.matter == matter]} for matter in ClausePattern.Matter]
    return render(
        request,
        "trading/standards/patterns.html",
        {
            "groups": [group for group in groups if group["rows"]], "form": form, "findings": findings, "count": len(rows),
            "ended": ClausePattern.objects.exclude(until=None).filter(until__lt=today).select_related("publisher"),
            "may_write": "supervisor" in request.audiences,
        },
    )  # fmt: skip


@open_to("supervisor")
@official_act("增加限制竞争词式", target="词式")
def add_pattern(request):
    form = forms.PatternForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.add_pattern(form.cleaned_data, request.organisation, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "词式已加入，编制中的招标文件会按它重新检查。")
            return redirect("trading:patterns")
    return render(request, "trading/standards/pattern.html", {"form": form})


@open_to("supervisor")
@official_act("停用限制竞争词式", target="词式 {code}")
def end_pattern(request, code):
    row = get_object_or_404(ClausePattern, code=code)
    form = forms.PatternEndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keeping.end_pattern(row, request.organisation, reason=form.cleaned_data["reason"], by=request.user, at=database_now())
        messages.success(request, f"词式 {code} 已停用。")
        return redirect("trading:patterns")
    return render(request, "trading/standards/pattern_end.html", {"pattern": row, "form": form})
