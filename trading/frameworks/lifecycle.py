from rulebook.lifecycle import Lifecycle, Move
from trading.frameworks.models import FrameworkOrder

S = FrameworkOrder.State
UNDECIDED = (S.ASKED, S.QUOTED, S.COMPETING, S.CHOOSING)

ORDER = Lifecycle(
    Move("ask", (S.CHOOSING,), S.ASKED, "选择供应商"),
    Move("quote", (S.ASKED,), S.QUOTED, "报价"),
    Move("pass_on", (S.ASKED, S.QUOTED), S.CHOOSING, "另选供应商"),
    Move("decide", (S.ASKED, S.QUOTED, S.COMPETING), S.DECIDED, "成交"),
    Move("deliver", (S.DECIDED,), S.DELIVERED, "交付"),
    Move("await_rest", (S.DELIVERED,), S.DECIDED, ""),
    Move("send_back", (S.DELIVERED,), S.DECIDED, "退回整改"),
    Move("accept", (S.DELIVERED,), S.ACCEPTED, "验收"),
    Move("cancel", UNDECIDED, S.CANCELLED, "撤销"),
    Move("fail", UNDECIDED, S.FAILED, ""),
)
