from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "credit"
    verbose_name = "信用"

    def ready(self):
        from web import menus

        menus.register("supervisor", "信用", "信用记录", "shield-check", "credit:entries", order=40)
        menus.register("bidder", "主体", "我的信用", "shield-check", "credit:own", order=60)
