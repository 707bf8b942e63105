"""While a committee works, the accounts of those at its desk send nothing out through the platform but the committee's questions."""

from rulebook.refusals import Refused
from trading.evaluation.models import CommitteeMember
from trading.evaluation.permissions import seats_at_work
from trading.venues.rules import PHONES
from web.middleware import refused

SAFE = ("GET", "HEAD", "OPTIONS")
# Doors through which nothing reaches anybody outside: the desk itself, and signing in, out and for an act.
INSIDE = {
    "trading:evaluation_desk", "trading:evaluation_draft", "trading:committee_questions", "trading:monitor_desk", "trading:discussion", "trading:meeting", "trading:answer_invitation", "accounts:sign_out",
    "accounts:sign_in", "accounts:second_step", "accounts:passkey_sign_in", "accounts:passkey_options", "accounts:certificate_sign_in",
    "accounts:certificate_challenge", "accounts:certificate_session", "accounts:act_challenge", "accounts:switch", "postbox:read",
}  # fmt: skip


class IsolationMiddleware:
    """Refuses whatever a person at work in an evaluation hands in anywhere but INSIDE; reading stays free."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method in SAFE or not request.user.is_authenticated or request.resolver_match.view_name in INSIDE:
            return None
        if not seats_at_work(request.user, CommitteeMember.called).exists():
            return None
        return refused(request, isolated())


def isolated():
    return Refused(
        "isolated",
        "你正在参加评标。评标期间与外界隔离，不能通过平台向外提交任何内容。",
        rule=f"{PHONES.source}：{PHONES.says}",
        next_step="需要投标人澄清的，请在评标桌面的“澄清与表决”中提出；其他事项请在评标结束后办理。",
        status=403,
    )
