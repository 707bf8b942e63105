from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监督"

    def ready(self):
        from documents.permissions import register_reader
        from supervision.alerts import listeners  # noqa: F401 - raises alerts for what others report
        from supervision.alerts.queries import alerts_for
        from supervision.feedback import actions  # noqa: F401 - hands the centre's ratings to regulators
        from supervision.feedback.queries import open_feedback
        from supervision.remedies import keeping  # noqa: F401 - registers what an archive keeps of objections and complaints
        from supervision.remedies.queries import may_read_evidence
        from supervision.reports.queries import may_read_report
        from web import menus

        register_reader("remedy", may_read_evidence)
        register_reader("report", may_read_report)
        menus.register("signed_in", "我的", "我的举报", "flag", "supervision:own_reports", order=96)
        menus.register("supervisor", "监督", "在办投诉", "scale", "supervision:desk", order=10)
        menus.badge_counter("alerts", lambda request: alerts_for(request.organisation).filter(state="open").count())
        menus.badge_counter("feedback", open_feedback)
        menus.register("supervisor", "监督", "交易中心评价反馈", "clipboard-check", "supervision:feedback", order=29, badge="feedback")
        menus.register("staff", "今日", "评价反馈", "clipboard-check", "supervision:feedback", order=46)
        menus.register("supervisor", "监督", "时限总览", "clock-hour-4", "supervision:clocks", order=11)
        menus.register("supervisor", "监督", "预警", "alert-triangle", "supervision:alerts", order=12, badge="alerts")
        menus.register("bidder", "工作台", "我的询问", "message-question", "supervision:own_inquiries", order=38)
        menus.register("staff", "今日", "询问", "message-question", "supervision:inquiry_intake", order=45)
        menus.register("bidder", "工作台", "异议、质疑与投诉", "message-question", "supervision:own", order=40)
        for audience in ("agency", "tenderee"):
            menus.register(audience, "工作台", "异议、质疑答复", "message-question", "supervision:objections", order=30)
            menus.register(audience, "工作台", "询问答复", "message-question", "supervision:inquiries", order=32)
