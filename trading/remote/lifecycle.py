from rulebook.lifecycle import Lifecycle, Move
from trading.remote.models import RemoteSession

S = RemoteSession.State

REMOTE = Lifecycle(
    Move("confirm", (S.REQUESTED,), S.CONFIRMED, "确认工位"),
    Move("refuse", (S.REQUESTED,), S.REFUSED, "不承接"),
    Move("withdraw", (S.REQUESTED, S.CONFIRMED), S.WITHDRAWN, "撤回申请"),
    # Drawn again where the first draw became void.
    Move("draw", (S.CONFIRMED, S.DRAWN), S.DRAWN),
    Move("gather", (S.DRAWN,), S.CHECKED_IN),
    # Somebody who had signed in is replaced.
    Move("miss", (S.CHECKED_IN,), S.DRAWN),
    Move("start", (S.CHECKED_IN,), S.RUNNING),
    Move("interrupt", (S.RUNNING,), S.INTERRUPTED, "报告连接中断"),
    Move("resume", (S.INTERRUPTED,), S.RUNNING, "恢复评标"),
    # After a suspension everybody signs in again, also where the line had held.
    Move("reassemble", (S.INTERRUPTED, S.RUNNING), S.DRAWN),
    Move("finish", (S.DRAWN, S.CHECKED_IN, S.RUNNING, S.INTERRUPTED), S.FINISHED),
    Move("settle", (S.FINISHED,), S.SETTLED, "确认结算"),
)
