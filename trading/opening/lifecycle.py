from rulebook.lifecycle import Lifecycle, Move
from trading.opening.models import Opening

S = Opening.State

OPENING = Lifecycle(
    Move("start", (S.WAITING,), S.KEYS, "宣布开标"),
    Move("decrypt", (S.KEYS,), S.DECRYPTING, "读取投标文件"),
    Move("reveal", (S.DECRYPTING,), S.REVEALED, "唱标"),
    Move("close", (S.REVEALED,), S.CLOSED, "结束开标"),
    Move("fail", (S.WAITING,), S.FAILED, "不予开标"),
    Move("stop", (S.WAITING, S.KEYS, S.DECRYPTING), S.STOPPED, "停止开标"),
)
