"""The states of an application and of an expert, and the only moves between them."""

from experts.models import Expert, ExpertApplication
from rulebook.lifecycle import Lifecycle, Move

A, E = ExpertApplication.State, Expert.State

APPLICATION = Lifecycle(
    Move("submit", ExpertApplication.EDITABLE, A.SUBMITTED, "提交申请"),
    Move("recommend", (A.SUBMITTED,), A.RECOMMENDED, "登记单位推荐"),
    Move("accepted", (A.RECOMMENDED,), A.ACCEPTED, "审核通过"),
    Move("returned", (A.RECOMMENDED,), A.RETURNED, "退回补正"),
    Move("rejected", (A.RECOMMENDED, A.ACCEPTED), A.REJECTED, "不予通过"),
    Move("withdraw", (A.SUBMITTED, A.RECOMMENDED), A.DRAFT, "撤回修改"),
    Move("appoint", (A.ACCEPTED,), A.APPOINTED, "聘任"),
)

EXPERT = Lifecycle(
    Move("activate", (E.TRAINING,), E.ACTIVE, "启用"),
    Move("suspend", (E.ACTIVE,), E.SUSPENDED, "暂停"),
    Move("restore", (E.SUSPENDED,), E.ACTIVE, "恢复"),
    Move("dismissed", Expert.STANDING, E.DISMISSED, "解聘出库"),
    Move("exited", Expert.STANDING, E.EXITED, "退出"),
    Move("deceased", Expert.STANDING, E.DECEASED, "登记去世"),
    Move("readmit", (E.DISMISSED, E.EXITED), E.ACTIVE, "重新聘任"),
)
