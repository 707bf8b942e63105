from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Duty, Organisation
from accounts.permissions import is_member
from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Forbidden
from supervision.feedback.actions import ACKNOWLEDGED
from supervision.feedback.actions import acknowledge as take_note
from supervision.feedback.models import CentreFeedback
from supervision.feedback.queries import feedback_for, missed_by_centre
from web.doors import open_to


@open_to("supervisor", "staff")
@require_safe
def feedback(request):
    """The centre's ratings on their way to the regulator: open, late, acknowledged; and those that the centre still owes."""
    now = database_now()
    supervising = Organisation.Kind.REGULATOR in request.organisation.kinds
    office = request.organisation if supervising else None
    # The names of those who were rated are for the posts that rate: not for everybody at the office.
    post = Duty.REVIEW if supervising else Duty.DRAW
    if not is_member(request.user, request.organisation, post):
        raise Forbidden("no_duty", "评价反馈由办理评价的岗位查看。", next_step="请由单位管理员分配岗位。")
    context = {
        "page": Paginator(feedback_for(office), 20).get_page(request.GET.get("page")), "now": now, "supervising": supervising,
        "missed": missed_by_centre(office, now), "rule": ACKNOWLEDGED,
    }  # fmt: skip
    return render(request, "supervision/feedback.html", context)


@open_to("supervisor")
@require_POST
@official_act("确认收悉交易中心评价", target="反馈 {number}")
def acknowledge(request, number):
    row = get_object_or_404(CentreFeedback, number=number, regulator=request.organisation)
    take_note(row, request.POST.get("words", "").strip()[:500], by=request.user, at=database_now())
    messages.success(request, "已确认收悉。")
    return redirect("supervision:feedback")
