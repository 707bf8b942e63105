from rulebook.lifecycle import Lifecycle, Move
from trading.projects.models import Lot, Project

P, L = Project.State, Lot.State

EDITABLE = (P.DRAFT, P.RETURNED)
PROJECT = Lifecycle(
    Move("submit", (P.DRAFT, P.RETURNED), P.SUBMITTED, "提交登记"),
    Move("accept", (P.SUBMITTED,), P.ACCEPTED, "受理"),
    Move("return", (P.SUBMITTED,), P.RETURNED, "退回补正"),
    Move("reject", (P.SUBMITTED,), P.REJECTED, "不予受理"),
)

RUNNING = (L.REGISTERED, L.BIDDING, L.OPENING, L.EVALUATING, L.EVALUATED, L.CANDIDATES_PUBLIC)

# An award without a contract can still be undone by a regulator's decision (条例第八十一条).
UNDOABLE = (L.CANDIDATES_PUBLIC, L.AWARD_DECIDED, L.RESULT_PUBLIC)

LOT = Lifecycle(
    Move("publish", (L.REGISTERED,), L.BIDDING, "发布公告"),
    Move("lock", (L.BIDDING,), L.OPENING, "开标"),
    Move("close_opening", (L.OPENING,), L.EVALUATING, "结束开标"),
    Move("finish_evaluation", (L.EVALUATING,), L.EVALUATED, "完成评标"),
    Move("show_candidates", (L.EVALUATED,), L.CANDIDATES_PUBLIC, "公示候选人"),
    Move("reevaluate", (L.EVALUATED, *UNDOABLE), L.EVALUATING, "重新评标"),
    Move("decide_award", (L.CANDIDATES_PUBLIC, L.EVALUATED), L.AWARD_DECIDED, "定标"),
    # Whoever won gives up before the contract: back to the candidates, shown in public or not as the procedure has it.
    Move("undo_award", (L.AWARD_DECIDED, L.RESULT_PUBLIC), L.CANDIDATES_PUBLIC, "撤销定标"),
    Move("undo_direct_award", (L.AWARD_DECIDED, L.RESULT_PUBLIC), L.EVALUATED, "撤销定标"),
    Move("publish_result", (L.AWARD_DECIDED,), L.RESULT_PUBLIC, "公告中标结果"),
    Move("file_contract", (L.RESULT_PUBLIC,), L.CONTRACTED, "备案合同"),
    Move("archive", (L.CONTRACTED,), L.ARCHIVED, "归档"),
    Move("fail", (*RUNNING, L.AWARD_DECIDED, L.RESULT_PUBLIC), L.FAILED, "宣布招标失败"),
    Move("terminate", RUNNING, L.TERMINATED, "终止招标"),
)
