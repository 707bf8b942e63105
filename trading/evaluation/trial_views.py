from decimal import Decimal

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rulebook.clock import city_day, database_now
from trading.evaluation.combining import ranges_by_class
from trading.evaluation.trial_forms import COLUMNS, EXAMPLE, EXAMPLE_VALUES, ROWS, WEIGHTS, OfferForm, TrialForm, beginnings
from trading.evaluation.trials import Trial, parts_of, shown
from trading.methods.choosing import settled
from trading.methods.presets import PRESETS
from trading.methods.registry import METHODS
from trading.methods.rules import PRICE_RANGE, PRICE_RANGE_SAMPLE
from trading.projects.models import Tender
from trading.projects.queries import may_handle
from trading.tenders.forms import MethodForm
from trading.tenders.models import Criterion, TenderDocument
from trading.tenders.queries import may_read_tender
from web.doors import open_to


def document_asked_for(request):
    """The document whose settings are asked for: a published one that the reader holds, or a draft they work on."""
    number = request.GET.get("tender")
    if not number:
        return None
    tender = Tender.objects.select_related("project").filter(number=number).first()
    document = TenderDocument.objects.filter(tender=tender).first() if tender else None
    person = request.user
    if document is None or not person.is_authenticated:
        raise Http404
    published = document.state == TenderDocument.State.PUBLISHED
    if not (may_handle(person, tender) or published and may_read_tender(person, request.organisation, tender)):
        raise Http404
    return document


def sums_of(criteria):
    """Full points of price and credit of scored criteria, given as (part, points)."""
    return {
        name: str(sum((Decimal(points) for part, points in criteria if part == name), Decimal(0)).normalize().__format__("f"))
        for name in ("price", "credit")
    }  # fmt: skip


def beginning_of(request):
    """(what was chosen, its method, its settings, its weights, the document it comes from)."""
    if document := document_asked_for(request):
        method = METHODS[document.method].for_kind(document.tender.project.kind)
        weights = sums_of(document.criteria.exclude(part__in=Criterion.CHECKS).values_list("part", "points"))
        return "", method, settled(method, document.method_settings), weights, document
    code = request.GET.get("begin", "COMPREHENSIVE_ASSESSMENT")
    if preset := PRESETS.get(code):
        return code, preset.method, preset.full_settings(), sums_of([(row[0], row[3]) for row in preset.factors]), None
    method = METHODS.get(code)
    if method is None:
        raise Http404
    price, credit = WEIGHTS.get(code, ("60", "10"))
    values = method.defaults()
    return (
        code,
        method,
        values | {name: value for name, value in EXAMPLE_VALUES.items() if name in values},
        {"price": price, "credit": credit},
        None,
    )


def example_rows(method, full):
    """Initial values of the made-up bids; their marks are given out of a hundred."""
    rows = [dict(zip(COLUMNS, row, strict=False)) for row in EXAMPLE]
    for row in rows:
        row["marks"] = f"{(Decimal(row['marks']) * full / 100).quantize(Decimal('0.01')).normalize():f}"
    return rows + [{}] * (ROWS - len(rows))


@open_to("public")
@require_safe
def calculator(request):
    """Try a method with made-up bids; the address holds everything, nothing is kept."""
    code, method, settings, weights, document = beginning_of(request)
    day = city_day(database_now())
    given = request.GET if "go" in request.GET else None
    example = {"seed": f"{day:%Y-%m-%d}|示例", "kind": "goods", "limit": "10000000", **weights}
    common = TrialForm(given if given else example, method=method)
    values = MethodForm(
        given if given else {f"m-{name}": value for name, value in {"method": method.code, **settings}.items()},
        prefix="m",
        method=method,
        day=day,
        every=True,
    )
    good = all([common.is_valid(), values.is_valid()])
    points = parts_of(method, *common.weights()) if common.is_valid() else {}
    full = points.get("technical", Decimal(0))
    filled = example_rows(method, full)
    rows = [
        OfferForm(given if given else {f"r{place}-{name}": value for name, value in filled[place - 1].items()},
                  prefix=f"r{place}", method=method, full=full, place=place)
        for place in range(1, ROWS + 1)
    ]  # fmt: skip
    good = all([*[row.is_valid() for row in rows], good])
    trial = None
    if good:
        offers = {row.place: row.offer() for row in rows}
        trial = Trial(
            method, values.values, points, [offer for offer in offers.values() if offer], {str(row.place): row.called for row in rows},
            common.cleaned_data.get("limit") or None, common.cleaned_data.get("seed", ""), common.cleaned_data.get("kind", "goods"), day,
        )  # fmt: skip
    return render(
        request, "trading/evaluation/calculator.html",
        {
            "code": code, "method": method, "document": document, "preset": PRESETS.get(code), "beginnings": beginnings(), "common": common,
            "values": values, "rows": rows, "bad_rows": [row for row in rows if row.errors], "example": given is None, "full": full, "nav": "calculator",
            "result": shown(trial) if trial and trial.offers else None, "warnings": trial.warnings() if trial else [],
        },
    )  # fmt: skip


@open_to("public")
@require_safe
def methods(request):
    """The library: every method with its basis and parameters, and the city's rules for works and procurement."""
    groups = [
        ("工程建设办法库", [row for row in PRESETS.values() if row.category == "GC"]),
        ("政府采购办法库", [row for row in PRESETS.values() if row.category == "ZC"]),
    ]
    return render(
        request,
        "trading/evaluation/methods.html",
        {
            "methods": METHODS.values(),
            "groups": groups,
            "ranges": ranges_by_class(),
            "rules": (PRICE_RANGE, PRICE_RANGE_SAMPLE),
            "nav": "calculator",
        },
    )
