from django.apps import AppConfig


class TradingConfig(AppConfig):
    name = "trading"
    verbose_name = "交易"

    def ready(self):
        from documents.permissions import register_reader
        from sealing.uploads import register_gate
        from trading.bidding.gates import upload_gate
        from trading.projects.queries import may_read_paper
        from trading.tenders import menus as tender_menus
        from web import menus

        register_gate(upload_gate)
        register_reader("project", may_read_paper)
        tender_menus.register()
        menus.register("bidder", "工作台", "我的工作台", "layout-dashboard", "trading:bidder_desk", order=10)
        menus.register("bidder", "工作台", "投标密钥", "key", "sealing:keys", order=30)
