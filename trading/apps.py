from django.apps import AppConfig


class TradingConfig(AppConfig):
    name = "trading"
    verbose_name = "交易"

    def ready(self):
        from documents.permissions import register_reader
        from sealing.uploads import register_gate
        from trading.awards.sides import may_read_contract_file
        from trading.bidding.gates import upload_gate
        from trading.conduct.queries import may_read_step
        from trading.evaluation import (
            answers,  # noqa: F401 - registers what a key press in a call means
            outlying,  # noqa: F401 - tells spot checks of marks that stood apart
        )
        from trading.evaluation.desk_files import may_read_answer
        from trading.frameworks.sides import may_read_order_file
        from trading.outages.queries import waiting_outages
        from trading.performance.queries import may_read_performance_file
        from trading.procedures import intake  # noqa: F401 - what begins with an intake
        from trading.projects import agency_work  # noqa: F401 - tells of the tenders that agencies carry out
        from trading.projects.models import Project, RegulatorRuling
        from trading.projects.queries import may_read_paper, submitted_to
        from trading.remote.models import RemoteSession
        from trading.tenders.queries import may_read_document, may_read_notice
        from trading.venues.queries import open_faults, waiting_bookings
        from web import menus

        register_gate(upload_gate)
        register_reader("project", may_read_paper)
        register_reader("tender_document", may_read_document)
        for kind in ("notice", "opening_record", "outage_certificate", "complaint_decision"):
            register_reader(kind, may_read_notice)
        register_reader("step", may_read_step)
        register_reader("bid_answer", may_read_answer)
        menus.badge_counter("intake", lambda request: submitted_to(request.organisation).count())
        register_reader("performance", may_read_performance_file)
        register_reader("contract", may_read_contract_file)
        register_reader("framework", may_read_order_file)
        menus.badge_counter("intake", lambda request: Project.objects.filter(state=Project.State.SUBMITTED).count())
        for audience in ("agency", "tenderee"):
            menus.register(audience, "工作台", "我的工作台", "layout-dashboard", "trading:agency_desk", order=10)
            menus.register(audience, "工作台", "项目登记", "file-plus", "trading:projects", order=20)
            menus.register(audience, "工作台", "档案材料", "archive", "trading:own_archives", order=50)
            menus.register(audience, "工作台", "场地安排", "calendar-event", "trading:own_bookings", order=25)
        menus.register("staff", "今日", "今日安排", "calendar-event", "trading:staff_desk", order=10)
        menus.register("staff", "今日", "项目受理", "inbox", "trading:intake", order=20, badge="intake")
        menus.register(
            "supervisor", "监督", "监督部门指定", "gavel", "trading:rulings", order=14, badge="rulings",
            when=lambda request: request.organisation is not None and not request.organisation.sectors,
        )  # fmt: skip
        menus.badge_counter("rulings", lambda request: RegulatorRuling.objects.filter(ruled_at=None).count())
        menus.register("staff", "今日", "绿色通道", "bolt", "trading:green_channel", order=22)
        menus.badge_counter("outages", lambda request: waiting_outages())
        menus.register("staff", "运行", "平台故障", "activity-heartbeat", "trading:outages", order=70, badge="outages")
        for audience in ("staff", "supervisor"):
            menus.register(audience, "资金", "保证金", "building-bank", "trading:deposit_desk", order=57)
        for audience, section in (("staff", "今日"), ("supervisor", "监督")):
            menus.register(audience, section, "交易流程", "route", "trading:procedures", order=50)
        menus.register("staff", "今日", "场地日历", "calendar-event", "trading:venue_calendar", order=30, badge="venues")
        menus.badge_counter("venues", waiting_bookings)
        menus.register("staff", "今日", "场地故障", "tool", "trading:faults", order=32, badge="faults")
        menus.badge_counter("faults", open_faults)
        menus.register("staff", "今日", "见证记录", "writing-sign", "trading:witness_desk", order=40)
        menus.register("supervisor", "监督", "见证疑点", "alert-triangle", "trading:concerns", order=20)
        menus.register("staff", "归档", "归档", "archive", "trading:archives", order=60)
        for audience in ("supervisor", "tenderee"):
            menus.register(
                audience, "工作台" if audience == "tenderee" else "监督", "招标文件审核", "file-diff", "trading:reviews", order=25
            )
        for audience in ("supervisor", "agency", "tenderee", "staff"):
            group = "监督" if audience == "supervisor" else "工作台" if audience != "staff" else "今日"
            menus.register(audience, group, "限制竞争词式", "list-search", "trading:patterns", order=35)
        for audience in ("supervisor", "agency", "tenderee", "bidder"):
            menus.register(
                audience, "监督" if audience == "supervisor" else "工作台", "评标办法库与试算", "calculator", "trading:methods", order=36
            )
        menus.register("supervisor", "监督", "文件范本", "file-stack", "trading:templates", order=30)
        for audience in ("agency", "tenderee", "staff", "supervisor"):
            menus.register(audience, "开标", "持钥事项", "shield-lock", "trading:holdings", order=55)
        menus.register("bidder", "工作台", "我的工作台", "layout-dashboard", "trading:bidder_desk", order=10)
        menus.register("bidder", "工作台", "评标澄清", "message-question", "trading:own_questions", order=22)
        menus.register("bidder", "工作台", "我的保证金", "building-bank", "trading:deposits", order=20)
        for audience in ("agency", "tenderee", "staff"):
            menus.register(audience, "合同", "合同与履约", "file-text", "trading:contracts", order=57)
        for audience, group in (
            ("agency", "合同"),
            ("tenderee", "合同"),
            ("bidder", "结果与履约"),
            ("supervisor", "监督"),
            ("staff", "合同"),
        ):
            menus.register(audience, group, "框架协议", "basket", "trading:framework_desk", order=58)
        menus.register("supervisor", "监督", "标后监管", "clipboard-check", "trading:contracts", order=20)
        menus.register("supervisor", "监督", "检查台账", "list-check", "trading:site_inspections", order=22)
        menus.register("supervisor", "监督", "标后规则", "adjustments", "trading:performance_settings", order=24)
        menus.register("bidder", "结果与履约", "中标与合同", "file-text", "trading:contracts", order=50)
        menus.register("bidder", "结果与履约", "关键人员", "users", "trading:key_people", order=52)
        menus.register("bidder", "工作台", "我的密钥", "key", "sealing:keys", order=30)
        for audience in ("staff", "supervisor", "agency", "tenderee", "host"):
            menus.register(audience, "我的", "我的密钥", "key", "sealing:keys", order=94)
        menus.badge_counter(
            "remote", lambda request: RemoteSession.objects.filter(host=request.organisation, state=RemoteSession.State.REQUESTED).count()
        )
        menus.register("host", "异地评标", "申请与会话", "building-community", "trading:host_desk", order=10, badge="remote")
        menus.register("host", "异地评标", "共享工位", "armchair", "trading:host_desks", order=20)
        menus.register("expert", "评标", "评标邀请", "users-group", "trading:expert_desk", order=10)
        menus.register("tenderee", "交易", "评标代表", "users-group", "trading:expert_desk", order=60)
