from celery import shared_task

from accounts.models import Organisation
from postbox.actions import tell_members
from rulebook.clock import city_day, database_now
from trading.awards.models import Award, Contract
from trading.performance.actions.holding import link_to, subject_of, tell_desk, tell_regulator
from trading.performance.queries import PARTIES, WATCHED, alerts_of
from trading.performance.rules import values_on
from trading.projects.models import Lot


@shared_task(ignore_result=True)
def remind_of_red_items():
    """Once a day: what is red is told to tenderee, winner and regulator; each thing once a week at most."""
    now = database_now()
    values = values_on(city_day(now))
    week = city_day(now).isocalendar()
    contracts = Contract.objects.filter(award__void_at=None).select_related(*PARTIES)
    for contract in contracts.prefetch_related(*WATCHED):
        for alert in alerts_of(contract, values, now):
            key = f"red/{contract.pk}/{alert.code}/{week.year}-{week.week}"
            tell_desk(contract, "标后提醒", alert.text, key=key)
            tell_members(contract.winner, subject_of(contract.lot, "标后提醒"), alert.text, link=link_to(contract.lot), key=key)
            tell_regulator(contract.lot, "标后提醒", alert.text, key=key)
    overdue = Award.objects.filter(void_at=None, contract=None, lot__state=Lot.State.RESULT_PUBLIC, contract_due_on__lt=city_day(now))
    for award in overdue.select_related("lot__tender__project__owner", "lot__tender__project__regulator"):
        project = award.lot.tender.project
        for party in (project.owner, project.regulator):
            if isinstance(party, Organisation):
                tell_members(
                    party,
                    subject_of(award.lot, "合同逾期未订立"),
                    f"最迟应于 {award.contract_due_on:%Y-%m-%d} 签订。",
                    key=f"unsigned/{award.pk}/{week.week}",
                )
