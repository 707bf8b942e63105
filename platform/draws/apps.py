from django.apps import AppConfig


class DrawsConfig(AppConfig):
    name = "draws"
    verbose_name = "随机抽取"

    def ready(self):
        from web import menus

        for audience in ("staff", "supervisor", "agency", "tenderee"):
            menus.register(audience, "评标", "随机抽取", "arrows-shuffle", "draws:own", order=57)
