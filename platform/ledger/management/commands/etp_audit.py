from typing import Any

from django.core.management.base import BaseCommand

from ledger.audit import run_audit, summary


class Command(BaseCommand):
    help = "Recompute the whole ledger and compare it with the signer, the published files, the witnesses and the rows; exit 1 on findings."

    def handle(self, *args: Any, **options: Any) -> None:
        report = run_audit()
        for finding in report.findings:
            self.stderr.write(f"{finding['area']}: {finding['about']}: {finding['text']}")
        self.stdout.write(summary(report))
        if report.findings:
            raise SystemExit(1)
