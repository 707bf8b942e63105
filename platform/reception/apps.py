from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    name = "reception"
    verbose_name = "注册与登录"

    def ready(self):
        from accounts.models import Organisation
        from documents.permissions import register_reader
        from reception.grants import requests_of
        from web import menus

        def staff_reads(person, organisation, file):
            return organisation is not None and Organisation.Kind.CENTRE in organisation.kinds and organisation.is_active

        register_reader("organisation", staff_reads)
        menus.badge_counter("organisations", lambda request: Organisation.objects.filter(state=Organisation.State.SUBMITTED).count())
        menus.register("bidder", "工作台", "人员资质业绩", "id-badge-2", "accounts:register", order=35)
        menus.register("staff", "主体", "主体审核", "building", "accounts:review_list", order=60, badge="organisations")
        menus.register("signed_in", "我的", "单位信息", "building", "accounts:organisation", order=91)
        menus.register("signed_in", "我的", "账号与安全", "user-circle", "accounts:profile", order=92)
        for audience in ("bidder", "tenderee", "agency", "staff", "supervisor", "host"):
            menus.register(audience, "我的", "经办人", "users", "accounts:members", order=93)
        menus.badge_counter("permissions", lambda request: requests_of(request.user).filter(decided_at=None).count())
        for audience in ("staff", "supervisor", "admin"):
            menus.register(
                audience,
                "我的" if audience != "admin" else "平台",
                "权限变更",
                "shield-lock",
                "accounts:permissions",
                order=94,
                badge="permissions",
            )
        menus.register("admin", "平台", "工作日历", "calendar-event", "accounts:calendar", order=20)
        menus.register("admin", "平台", "单位", "building", "accounts:admin_desk", order=10)
