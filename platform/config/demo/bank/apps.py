from django.apps import AppConfig


class DemoBankConfig(AppConfig):
    name = "config.demo.bank"
    label = "demobank"
