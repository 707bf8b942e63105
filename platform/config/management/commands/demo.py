"""The demo city: a fictional 清江市, built through the real actions, so that ledger, permissions and limits hold."""

import logging

from django.core.management.base import BaseCommand
from tqdm import tqdm

from accounts.models import Organisation
from agencies.conduct_data import load_conduct
from config.demo import procedures
from config.demo.agencies import keep_register, rate_agencies
from config.demo.city import City
from config.demo.deposits import cases
from config.demo.pool import keep_pool
from config.demo.rooms import keep_rooms
from config.demo.schedule import Schedule
from config.demo.tenders import stories
from config.demo.words import CONDUCT
from credit.rules_data import load_rules
from trading.catalogue.data import load_catalogue
from trading.standards.data import load_templates
from trading.standards.pattern_data import load_patterns


class Command(BaseCommand):
    help = "Load the demo city into an empty database: it lives through some months, and ends today."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is already a city")
        parser.add_argument("--scale", type=int, default=1, help="how many times the usual size")

    def handle(self, *args, if_empty, scale, **options):
        load_catalogue()
        load_templates()
        load_patterns()
        load_rules()
        load_conduct()
        if Organisation.objects.exists():
            if not if_empty:
                self.stderr.write("数据库不是空的，没有装入演示城市。")
            return
        # A line for every signature of these months would bury what `bin/serve` says.
        logging.disable(logging.INFO)
        city, schedule = City(scale=scale), Schedule()
        with tqdm(desc="演示城市", unit="件", leave=False, disable=None) as progress:
            conduct = (city.conduct(place, *row) for place, row in enumerate(CONDUCT))
            trades = (*stories(city), *procedures.stories(city))
            for story in (
                city.settle(),
                city.newcomers(),
                keep_rooms(city),
                keep_register(city),
                rate_agencies(city),
                keep_pool(city),
                cases(city),
                *conduct,
                *trades,
            ):
                schedule.begin(story)
            schedule.run(progress)
        logging.disable(logging.NOTSET)
