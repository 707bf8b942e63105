from django.apps import AppConfig


class PostboxConfig(AppConfig):
    name = "postbox"
    verbose_name = "消息"

    def ready(self) -> None:
        from postbox.models import Message
        from web import menus

        menus.badge_counter("unread", lambda request: Message.objects.filter(person=request.user, read_at=None).count())
        menus.register("signed_in", "我的", "消息", "bell", "postbox:inbox", order=90, badge="unread")
