import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.alarms import raise_alarm
from ledger.sequencer import LogBroken, run, sequence_once
from ledger.signer import SignerRefused
from rulebook.clock import check_clock


@contextmanager
def asked_to_stop() -> Iterator[list[bool]]:
    """A list that fills when somebody asks this process to end; outside, signals mean what they meant before."""
    asked: list[bool] = []
    before = {number: signal.signal(number, lambda *_: asked.append(True)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Command(BaseCommand):
    help = "Give ledger entries their places and publish checkpoints; runs until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="place what waits now and end")
        parser.add_argument("--hold", action="store_true", help="on a broken ledger, do nothing until stopped instead of ending")

    def handle(self, *args: Any, once: bool, hold: bool, **options: Any) -> None:
        check_clock()
        if once:
            self.stdout.write(f"{sequence_once()} entries placed")
            return
        with asked_to_stop() as asked:
            self.place(asked, hold=hold)

    def place(self, asked: list[bool], *, hold: bool) -> None:
        try:
            run(lambda: bool(asked))
        except (LogBroken, SignerRefused) as broken:
            # Exit code 3 tells the supervisor not to start it again: people must look first.
            self.stderr.write(f"ALARM: the ledger is broken: {broken}")
            raise_alarm("ledger.broken", "sequencer", f"定序停止：{broken}")
            # Where whatever ends is started again, staying idle is the same; the site's health shows that nothing is placed.
            while hold and not asked:
                time.sleep(1)
            raise SystemExit(3) from broken
