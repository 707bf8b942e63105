from django.apps import AppConfig


def registers(request):
    """Whether the visitor acts for an agency of the register; a central procurement body stands outside it."""
    from accounts.models import Organisation

    return Organisation.Kind.AGENCY in request.organisation.kinds


class AgenciesConfig(AppConfig):
    name = "agencies"
    verbose_name = "代理机构"

    def ready(self):
        from agencies.pages import (
            may_read_complaint,
            may_read_contract,
            may_read_paper,
            may_read_proposal,
            open_complaints,
            waiting_at_centre,
            waiting_ratings,
        )
        from documents.permissions import register_reader
        from web import menus

        register_reader("agency", may_read_paper)
        register_reader("agency_proposal", may_read_proposal)
        register_reader("agency_contract", may_read_contract)
        register_reader("agency_complaint", may_read_complaint)
        menus.badge_counter("agencies", waiting_at_centre)
        menus.badge_counter("agency_ratings", waiting_ratings)
        menus.register("agency", "代理业务", "机构登记", "building", "agencies:own", order=70, when=registers)
        menus.register("agency", "代理业务", "项目评价", "star", "agencies:own_assessments", order=74)
        menus.register("agency", "代理业务", "年度检查", "clipboard-check", "agencies:inspections", order=76, when=registers)
        for audience in ("agency", "tenderee"):
            menus.register(audience, "代理业务", "委托与合同", "writing-sign", "agencies:requests", order=72)
        for audience in ("tenderee", "staff", "bidder"):
            group = {"tenderee": "代理业务", "staff": "代理机构", "bidder": "结果与履约"}[audience]
            menus.register(audience, group, "评价代理机构", "star", "agencies:ratings", order=78, badge="agency_ratings")
        menus.register("staff", "代理机构", "代理机构管理", "building", "agencies:desk", order=75, badge="agencies")
        menus.register("staff", "代理机构", "公开遴选", "list-check", "agencies:lists", order=79)
        menus.register("staff", "代理机构", "委托与抽取", "dice", "agencies:requests", order=76)
        menus.register("staff", "代理机构", "培训与考试", "certificate", "agencies:courses", order=77)
        menus.badge_counter("agency_complaints", open_complaints)
        menus.register("supervisor", "监督", "代理机构投诉", "message-report", "agencies:complaints", order=28, badge="agency_complaints")
        menus.register("agency", "代理业务", "收到的投诉", "message-report", "agencies:agency_complaints", order=77, when=registers)
        menus.register("signed_in", "我的", "代理机构投诉", "message-report", "agencies:own_complaints", order=97)
        menus.register("supervisor", "监督", "代理机构监管", "building", "agencies:oversight", order=26)
        menus.register("supervisor", "监督", "代理机构检查", "clipboard-check", "agencies:inspections", order=27)
