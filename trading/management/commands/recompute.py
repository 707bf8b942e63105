from django.core.management.base import BaseCommand, CommandError

from trading.evaluation.recomputing import evaluations_to_check, recomputed, recomputed_in_public
from trading.projects.models import Tender


class Command(BaseCommand):
    help = "Do an evaluation again from its sealed inputs, or with --public from published notices, and say where it differs."

    def add_arguments(self, parser):
        parser.add_argument("tender", help="the tender's number")
        parser.add_argument("--lot", type=int, help="one lot by its number; without it all")
        parser.add_argument("--public", action="store_true", help="from published notices alone")

    def handle(self, *args, tender, lot, public, **options):
        row = Tender.objects.filter(number=tender).first()
        if row is None:
            raise CommandError(f"没有招标项目 {tender}")
        found = list(self.in_public(row, lot) if public else self.sealed(row, lot))
        if not found:
            raise CommandError("没有已经汇总的评标，无法复算。")
        differing = 0
        for title, finding in found:
            self.stdout.write(title)
            for mark, lines in (("✓", finding.agrees), ("✗", finding.differs), ("?", finding.untold)):
                for line in lines:
                    self.stdout.write(f"  {mark} {line}")
            differing += len(finding.differs)
        if differing:
            raise CommandError(f"复算不一致：{differing} 处。")
        # What could not be told is no agreement.
        told = any(finding.agrees for _, finding in found)
        self.stdout.write("复算一致。" if told else "公开信息不足，没有可以复算的内容。")

    def sealed(self, tender, lot):
        for row in evaluations_to_check(tender, lot):
            yield f"{tender.number} 第 {row.lot.no} 标段，第 {row.round} 次评标", recomputed(row)

    def in_public(self, tender, lot):
        lots = tender.lots.filter(no=lot) if lot else tender.lots.all()
        for row in lots:
            yield f"{tender.number} 第 {row.no} 标段（只用公开信息）", recomputed_in_public(tender, row)
