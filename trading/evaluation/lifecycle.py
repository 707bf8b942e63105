from rulebook.lifecycle import Lifecycle, Move
from trading.evaluation.models import Evaluation

S = Evaluation.State

EVALUATION = Lifecycle(
    Move("start", (S.FORMING,), S.REVIEWING, "开始评审"),
    Move("conclude_review", (S.REVIEWING,), S.SCORING, "结束初步评审"),
    Move("reject_all", (S.REVIEWING, S.SCORING, S.PRICING), S.FAILED, "否决全部投标"),
    Move("await_prices", (S.SCORING,), S.PRICING, "公布第一信封评审结果"),
    Move("combine", (S.SCORING, S.PRICING), S.COMBINED, "汇总评分"),
    Move("stop", (S.FORMING, S.REVIEWING, S.SCORING, S.PRICING, S.COMBINED), S.STOPPED, "终止评标"),
    Move("record", (S.FORMING,), S.SIGNED, "评审小组作出评审记录"),
    Move("sign", (S.COMBINED,), S.SIGNED, "签署评标报告"),
)
