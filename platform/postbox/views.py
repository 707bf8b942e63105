from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from postbox.actions import answer_call
from postbox.models import Dispatch, Message
from rulebook.clock import database_now
from web.doors import open_to


@open_to("signed_in")
@require_safe
def inbox(request):
    rows = Message.objects.filter(person=request.user)
    return render(request, "postbox/inbox.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("signed_in")
@require_POST
def read_message(request, pk):
    """Mark a message as read and go where it leads."""
    message = get_object_or_404(Message, pk=pk, person=request.user)
    if message.read_at is None:
        message.read_at = database_now()
        message.save(update_fields=["read_at"])
    safe = message.link and url_has_allowed_host_and_scheme(message.link, allowed_hosts=None)
    return redirect(message.link if safe else "postbox:inbox")


def console_only():
    if not settings.ETP_CONSOLES:
        raise Http404


@open_to("public")
@require_safe
def outbox(request):
    """The local gateway's console: what a telephone would have got. Absent where a real gateway is connected."""
    console_only()
    number = request.GET.get("mobile", "").strip()
    # Numbers may stand concealed: the console looks at each, as only a demo's console can afford.
    rows = [row for row in Dispatch.objects.all() if row.number == number] if number else Dispatch.objects.all()
    return render(
        request,
        "postbox/outbox.html",
        {"page": Paginator(rows, 30).get_page(request.GET.get("page")), "mobile": number},
    )


@open_to("public")
@require_POST
def press_key(request, pk):
    """Answer a call on the console as the person called, or let it ring until the gateway gives up."""
    console_only()
    answer_call(get_object_or_404(Dispatch, pk=pk), request.POST.get("key", ""))
    return redirect("postbox:outbox")
