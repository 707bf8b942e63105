import csv
from collections import defaultdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from rulebook.clock import database_now
from trading.opendata.actions import import_package
from trading.opendata.reading import Unreadable

EXAMPLES = 3


class Command(BaseCommand):
    help = "Take over a release or record package of the Open Contracting Data Standard as historical data."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="a JSON file, or one packed with gzip (.gz)")
        parser.add_argument("--report", type=Path, help="write what could not be taken, line by line, as CSV")

    def handle(self, *args, file, report, **options):
        if not file.is_file():
            raise CommandError(f"没有这个文件：{file}")
        # Read twice: first for what the package says of itself, then release by release.
        with tqdm(total=2 * file.stat().st_size, unit="B", unit_scale=True, desc="读取", disable=options["verbosity"] == 0) as bar:
            try:
                found = import_package(file, at=database_now(), tell=bar.update)
            except Unreadable as broken:
                raise CommandError(str(broken)) from broken
        counts = found.counts
        self.stdout.write(f"来源：{found.package.publisher} {found.package.uri}")
        self.stdout.write(
            f"新收 {counts['taken']} 条，更新 {counts['renewed']} 条，已有 {counts['known']} 条，不能收 {len(found.refused)} 条。"
        )
        reasons = defaultdict(list)
        for place, ocid, reason in found.refused:
            reasons[reason].append(ocid or f"第 {place} 条")
        for reason, rows in sorted(reasons.items(), key=lambda row: -len(row[1])):
            self.stdout.write(f"  {reason}：{len(rows)} 条，例如 {'、'.join(rows[:EXAMPLES])}")
        if report:
            with report.open("w", newline="", encoding="utf-8-sig") as target:
                writer = csv.writer(target)
                writer.writerow(["位置", "原始编号", "原因"])
                writer.writerows(found.refused)
        if found.broken:
            raise CommandError(found.broken)
