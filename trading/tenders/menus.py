"""What agencies, tenderees and the centre's staff find in their side menus of projects and tenders."""

from trading.projects.models import Project
from web import menus


def intake_waiting(request):
    return Project.objects.filter(state=Project.State.SUBMITTED).count()


def register():
    for audience in ("agency", "tenderee"):
        menus.register(audience, "交易", "工作台", "layout-dashboard", "trading:agency_desk", order=10)
        menus.register(audience, "交易", "项目登记", "file-plus", "trading:projects", order=20)
    menus.badge_counter("intake", intake_waiting)
    menus.register("staff", "今日", "今日安排", "calendar-event", "trading:staff_desk", order=10)
    menus.register("staff", "项目", "项目受理", "inbox", "trading:intake", order=20, badge="intake")
