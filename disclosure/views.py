from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from disclosure.models import Notice
from disclosure.search import find
from documents.permissions import may_read_document
from rulebook.clock import database_now
from web.context import now_of
from web.doors import open_to
from web.kept import kept_a_moment

CATEGORIES = (
    ("GC", "工程建设"),
    ("ZC", "政府采购"),
    ("TD", "土地使用权"),
    ("KY", "矿业权"),
    ("CQ", "国有产权"),
    ("CJ", "村级集体"),
    ("QT", "其他交易"),
)


# What the front page announces, and how it came out, in every kind of trade.
K = Notice.Kind
OFFERS = (K.TENDER, K.PREQUALIFICATION, K.SMALL_WORKS, K.PROCUREMENT, K.SINGLE_SOURCE, K.TRANSFER, K.DISCLOSURE, K.VILLAGE)
OUTCOMES = (K.CANDIDATES, K.RESULT, K.CONTRACT, K.ENTRY, K.DEAL, K.TRANSFER_RESULT, K.PROPERTY_RESULT, K.VILLAGE_RESULT)


def going_on(rows):
    """Notices of tenders that are neither stopped nor over."""
    kinds = Notice.Kind
    stops = (kinds.SUSPENSION, kinds.TERMINATION, kinds.FAILURE)
    about = Notice.objects.filter(tender_number=OuterRef("tender_number"), kind__in=[*stops, kinds.RESUMPTION])
    last = Subquery(about.order_by("-published_at", "-pk").values("kind")[:1])
    return rows.annotate(last=last).filter(Q(last=None) | Q(last=kinds.RESUMPTION))


@open_to("public")
@require_safe
def home(request):
    now = database_now()
    current = Notice.objects.filter(private=False).exclude(kind=Notice.Kind.HISTORICAL)
    return render(
        request,
        "disclosure/home.html",
        {
            "nav": "home",
            "tenders": current.filter(kind__in=OFFERS)[:8],
            "results": current.filter(kind__in=OUTCOMES)[:8],
            "decisions": current.filter(kind__in=[Notice.Kind.COMPLAINT, Notice.Kind.FAILURE, Notice.Kind.TERMINATION])[:6],
            "closing": going_on(current.filter(kind__in=OFFERS, due_at__gt=now)).order_by("due_at")[:6],
            "now": now,
        },
    )


@open_to("public")
@require_safe
def notices(request):
    """Every notice, filtered and searched; the results alone when the page itself asks."""
    rows = Notice.objects.filter(private=False).defer("body", "text", "search")
    question = request.GET.get("q", "").strip()[:100]
    kinds = [kind for kind in request.GET.getlist("type") if kind in Notice.Kind.values]
    categories = [code for code in request.GET.getlist("cat") if code in dict(CATEGORIES)]
    if kinds:
        rows = rows.filter(kind__in=kinds)
    elif not question:
        # History taken over from others is found by who looks for it; it does not stand among this city's notices.
        rows = rows.exclude(kind=Notice.Kind.HISTORICAL)
    if categories:
        rows = rows.filter(category__in=categories)
    if question:
        rows = find(rows, question)
    context = {
        "nav": "notices", "page": Paginator(rows, 20).get_page(request.GET.get("page")), "q": question,
        "kinds": kinds, "categories": categories, "all_kinds": Notice.Kind.choices, "all_categories": CATEGORIES,
        "now": database_now(),
    }  # fmt: skip
    page = "disclosure/_results.html" if request.headers.get("ETP-Part") else "disclosure/notices.html"
    return render(request, page, context)


@open_to("public")
@require_safe
@kept_a_moment
def notice(request, number):
    row = get_object_or_404(Notice.objects.select_related("document", "entry__leaf").defer("text", "search"), number=number)
    if row.private and not may_read_document(request.user, request.organisation, row.document):
        raise Http404
    others = (
        Notice.objects.filter(tender_number=row.tender_number, private__in=[False, row.private])
        .exclude(pk=row.pk)
        .only("number", "kind", "title")
        if row.tender_number
        else []
    )
    return render(request, "disclosure/notice.html", {"nav": "notices", "notice": row, "others": list(others[:12]), "now": now_of(request)})
