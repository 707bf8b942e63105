from django.apps import AppConfig


class TradingConfig(AppConfig):
    name = "trading"
    verbose_name = "交易"

    def ready(self):
        from documents.permissions import register_reader
        from trading.projects.queries import may_read_paper
        from trading.tenders import menus

        register_reader("project", may_read_paper)
        menus.register()
