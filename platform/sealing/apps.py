from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "sealing"
    verbose_name = "投标文件封存"

    def ready(self) -> None:
        from accounts.permissions import bind_strongly
        from accounts.stepup import Method, register_method
        from sealing import acts

        register_method("key", Method(acts.has_signing_key, acts.check_act))
        bind_strongly(acts.holds_keys_to_bids)
