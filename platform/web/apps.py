from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "界面"

    def ready(self):
        from ledger.models import LedgerAlarm
        from web import menus

        menus.badge_counter("alarms", lambda request: LedgerAlarm.objects.filter(settled_at=None).count())
        for audience, group in (("admin", "平台"), ("supervisor", "监督")):
            menus.register(audience, group, "平台告警", "alert-triangle", "web:alarms", order=70, badge="alarms")
            menus.register(audience, group, "账本审计", "list-check", "web:audits", order=71)
