from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    name = "experts"
    verbose_name = "评标专家"

    def ready(self):
        from documents.permissions import register_reader
        from experts.worklists import may_read_certificate, waiting_for_regulator, waiting_ratings
        from web import menus

        register_reader("expert_certificate", may_read_certificate)
        menus.badge_counter("expert_reviews", waiting_for_regulator)
        menus.badge_counter("expert_ratings", waiting_ratings)
        menus.register("signed_in", "我的", "评标专家申请", "certificate", "experts:application", order=95)
        menus.register("expert", "评标", "专家档案", "id-badge-2", "experts:archive", order=20)
        menus.register("expert", "评标", "培训考试", "school", "experts:training", order=30)
        menus.register("expert", "评标", "劳务报酬", "coin", "experts:fees", order=40)
        menus.register("supervisor", "专家", "专家管理", "users-group", "experts:regulator_desk", order=44, badge="expert_reviews")
        menus.register("supervisor", "专家", "专家名册", "list-search", "experts:experts", order=45)
        menus.register("staff", "专家", "专家征集与培训", "users-group", "experts:centre_desk", order=62)
        menus.register("staff", "专家", "专家名册", "list-search", "experts:experts", order=63)
        for audience, section in (("staff", "专家"), ("supervisor", "专家"), ("agency", "工作台"), ("tenderee", "工作台")):
            menus.register(audience, section, "一标一考", "clipboard-check", "experts:ratings", order=64, badge="expert_ratings")
