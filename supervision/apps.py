from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监督"

    def ready(self):
        from documents.permissions import register_reader
        from supervision.alerts import listeners  # noqa: F401 - raises alerts for what others report
        from supervision.alerts.queries import alerts_for
        from supervision.remedies import keeping  # noqa: F401 - registers what an archive keeps of objections and complaints
        from supervision.remedies.queries import may_read_evidence
        from web import menus

        register_reader("remedy", may_read_evidence)
        menus.register("supervisor", "监督", "在办投诉", "scale", "supervision:desk", order=10)
        menus.badge_counter("alerts", lambda request: alerts_for(request.organisation).filter(state="open").count())
        menus.register("supervisor", "监督", "时限总览", "clock-hour-4", "supervision:clocks", order=11)
        menus.register("supervisor", "监督", "预警", "alert-triangle", "supervision:alerts", order=12, badge="alerts")
        menus.register("bidder", "工作台", "异议与投诉", "message-question", "supervision:own", order=40)
        for audience in ("agency", "tenderee"):
            menus.register(audience, "工作台", "异议答复", "message-question", "supervision:objections", order=30)
