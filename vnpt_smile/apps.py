from django.apps import AppConfig
from django.core.checks import Tags, register

from vnpt_smile import checks


class VnptSmileConfig(AppConfig):
    name = "vnpt_smile"
    verbose_name = "VNPT Smile"

    def ready(self):
        register(checks.no_demo_accounts, Tags.security, deploy=True)
