"""Who may work on a tender."""

from rulebook.refusals import Forbidden
from trading.projects.queries import may_handle


def require_handler(by, tender):
    """Refuse unless `by` was assigned to the tender and still acts for its agency or owner."""
    if not may_handle(by, tender):
        raise Forbidden(
            "no_permission",
            "你没有被指定办理这个项目，不能进行此操作。",
            next_step="请由项目所属单位的管理员指定你为经办人。",
        )
