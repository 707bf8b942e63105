"""What administrators and supervisors watch the ledger by: its alarms and its audits."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ledger.alarms import NAMES, open_alarms, settle_alarm
from ledger.keys import witnesses
from ledger.models import LedgerAlarm, LedgerAudit, LedgerTimestamp
from web.doors import open_to

AREAS = {
    "leaves": "记录与叶摘要",
    "roots": "根摘要",
    "signatures": "检查点签名",
    "published": "公布的文件",
    "witness": "见证签名",
    "streams": "各流的先后",
    "entries": "记录内容",
    "rows": "业务数据与存证",
}


@open_to("admin", "supervisor")
@require_safe
def alarms(request):
    """What is open, and what became of the rest."""
    settled = LedgerAlarm.objects.exclude(settled_at=None).order_by("-settled_at")
    return render(
        request,
        "web/alarms.html",
        {
            "going": open_alarms(),
            "page": Paginator(settled, 30).get_page(request.GET.get("page")),
            "names": NAMES,
            "settles": "admin" in request.audiences,
        },
    )


@open_to("admin")
@require_POST
def settle(request, pk):
    """An administrator has looked into it, and says what it was."""
    settle_alarm(get_object_or_404(LedgerAlarm, pk=pk), request.POST.get("conclusion", ""), by=request.user)
    messages.success(request, "已记录处理结论。")
    return redirect("web:alarms")


@open_to("admin", "supervisor")
@require_safe
def audits(request):
    """The last audit with what it found, those before, witnesses and time stamps."""
    rows = LedgerAudit.objects.all()
    return render(
        request,
        "web/audits.html",
        {
            "last": rows.first(),
            "page": Paginator(rows, 30).get_page(request.GET.get("page")),
            "areas": AREAS,
            "witnesses": witnesses(),
            "stamp": LedgerTimestamp.objects.order_by("-size").first(),
        },
    )
