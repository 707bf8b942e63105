"""The clause checker on sentences as agencies write them: what it must find, and what it must leave alone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import accepted_tender, city
from trading.standards import patterns as keeping
from trading.standards.checker import read_by_need, read_by_patterns
from trading.standards.models import ClausePattern
from trading.standards.pattern_data import PATTERNS
from trading.tenders import actions
from trading.tenders.clauses import hits_in, patterns_for

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


@pytest.fixture
def where():
    return city()


def codes(text):
    rows = patterns_for("GC", TODAY)
    by_why = {(row.why, row.basis): row.code for row in rows}
    return [by_why[row.why, row.source] for row in read_by_patterns(text, rows)]


def phrases(text):
    return [row.phrase for row in read_by_patterns(text, patterns_for("GC", TODAY))]


RESTRICTING = [
    ("投标人注册地在清江市行政区域内，且具有独立法人资格", "注册地在清江市"),
    ("项目负责人近三个月须在本市缴纳的社保证明", None),
    ("投标人须在当地设有固定办公场所，以便及时响应", "当地设有固定办公场所"),
    ("外地企业须办理本市备案登记手续后方可参加投标", "办理本市备案登记"),
    ("合资企业、民营企业不予考虑", "合资企业"),
    ("监控摄像机采用海康威视产品，录像机配套", "海康威视产品"),
    ("主要材料：电缆选用远东牌，桥架热镀锌", "选用远东牌"),
    ("投标时提供制造商出具的授权书原件", "制造商出具的授权书"),
    ("近三年具有教育系统类似业绩的，每项加 2 分", "教育系统类似业绩"),
    ("获得清江市优质工程奖的加 2 分", None),
    ("项目经理获得过鲁班奖的加 3 分", "鲁班奖"),
    ("近三年平均营业收入不低于 2 亿元人民币", "营业收入不低于"),
    ("企业净资产须达到 5000 万元", "净资产须达到"),
    ("投标人须通过 ISO9001 质量管理体系认证", None),
    ("法定代表人须亲自到场递交投标文件", "法定代表人须亲自到场"),
    ("招标公告发布后二日内完成报名的单位方可投标", "公告发布后二日内完成报名"),
    ("中标通知书发出后次日进场施工", "中标通知书发出后次日进场"),
    ("仅限入围企业库成员单位参加", "入围企业库"),
]
ORDINARY = [
    "投标人应当具有独立法人资格，具备建筑工程施工总承包二级及以上资质",
    "不得以注册地在本市作为资格条件",
    "本项目不指定品牌，投标人自行选用",
    "摄像机性能参照海康威视、大华股份或者相当于的产品",
    "电缆选用远东牌、宝胜牌或者相当于档次的产品",
    "中标后在项目所在地设立项目部，派驻项目经理",
    "中标人应当在本市依法缴纳建筑工人工伤保险",
    "依法缴纳税收和社会保障资金的良好记录",
    "进口设备须提供制造商授权书和原产地证明",
    "合同签订后三十日内开工，竣工验收合格后支付至百分之九十七",
    "近三年完成的类似工程每个得 5 分，最多 10 分",
    "接受国有企业、民营企业等各类市场主体参加，不限企业所有制形式",
    "项目负责人未担任其他在建工程的项目负责人",
    "质量保证期内接到通知后四十八小时内到场维修",
    "不以注册资本、营业收入不低于一定数额作为评审因素",
]


@pytest.mark.requirement("R089")
@pytest.mark.parametrize(("text", "phrase"), RESTRICTING)
def test_what_shuts_bidders_out_is_found(where, text, phrase):
    found = phrases(text)
    assert found if phrase is None else any(row.startswith(phrase) for row in found), found


@pytest.mark.requirement("R089")
@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_are_left_alone(where, text):
    # The sentence about all kinds of firms names what it does not restrict.
    found = phrases(text)
    assert found == ([] if "各类市场主体" not in text else ["国有企业", "民营企业"])


@pytest.mark.requirement("R089")
def test_each_pattern_finds_its_example_spares_its_counterexample_and_names_its_law(where):
    for row in ClausePattern.objects.all():
        assert list(read_by_patterns(row.example, [row])), row.code
        assert not row.counterexample or not list(read_by_patterns(row.counterexample, [row])), row.code
        assert "《" in row.source
    assert ClausePattern.objects.count() == len(PATTERNS)


@pytest.mark.parametrize(
    ("text", "estimate", "found"),
    [
        ("建筑工程施工总承包二级及以上资质", 9_999_999, 1),
        ("建筑工程施工总承包二级及以上资质", 10_000_000, 0),
        ("建筑工程施工总承包三级及以上资质", 9_999_999, 0),
        ("建筑工程施工总承包一级资质", 99_999_999, 1),
        ("建筑工程施工总承包一级资质", 100_000_000, 0),
        ("市政公用工程施工总承包特级资质", 500_000_000, 1),
        ("完成过合同金额不低于 3000 万元的类似工程业绩", 30_000_000, 0),
        ("类似工程业绩合同金额不低于 3000 万元", 30_000_000, 0),
        ("类似工程业绩合同金额不低于 3000 万元", 29_999_999, 1),
        ("近五年至少 2 项类似项目", 30_000_000, 0),
        ("近五年至少三项同类规模的类似项目", 30_000_000, 1),
    ],
)
def test_what_asks_for_more_than_the_contract_needs_is_found(text, estimate, found):
    assert len(list(read_by_need(text, estimate=Decimal(estimate), on=TODAY))) == found


def test_a_hint_does_not_stop_and_the_rest_does(where):
    document = actions.draft_document(accepted_tender(where), by=where.handler)
    row = document.sections.get(title="技术标准和要求")
    text = "质保期内接到通知后 30 分钟内到场。"
    actions.save_document(document, data={}, sections={row.no: text}, lots={}, by=where.handler)
    (hit,) = hits_in(document)
    assert (hit.severity_label, hit.is_open) == ("提示", False)
    assert "restrictive" not in [problem.code for problem in actions.problems_of(document, published_at=database_now())]


# ── keeping the list ───────────────────────────────────────────────────────

NEW = {
    "code": "P-801", "matter": "scale", "severity": "medium", "pattern": r"高新技术企业", "unless": "", "why": "资格条件与履约无关",
    "source": "《招标投标法实施条例》第三十二条第（二）项", "confidence": "V", "suggestion": "删除", "example": "须为高新技术企业",
    "counterexample": "不要求为高新技术企业",
}  # fmt: skip


def test_a_new_pattern_binds_drafts_at_once_and_an_ended_one_no_longer(where):
    document = actions.draft_document(accepted_tender(where), by=where.handler)
    row = document.sections.get(title="技术标准和要求")
    actions.save_document(document, data={}, sections={row.no: "投标人须为高新技术企业。"}, lots={}, by=where.handler)
    assert hits_in(document) == []
    now = database_now()
    added = keeping.add_pattern(NEW, where.regulator, by=where.supervisor, at=now - timedelta(days=2))
    assert [hit.phrase for hit in hits_in(document)] == ["高新技术企业"]
    keeping.end_pattern(added, where.regulator, reason="并入 P-501", by=where.supervisor, at=now)
    assert hits_in(document) == []
    added.refresh_from_db()
    assert added.until == city_day(now) - timedelta(days=1)
    kinds = LedgerEntry.objects.filter(stream="pattern/P-801").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["pattern.added", "pattern.ended"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pattern": "(高新"}, "bad_pattern"),
        ({"pattern": "(?:高新)?"}, "matches_all"),
        ({"pattern": "(?:高新技术+)+企业"}, "endless_pattern"),
        ({"example": "须为专精特新企业"}, "misses_example"),
        ({"counterexample": "培育高新技术企业"}, "finds_counterexample"),
        ({"code": "P-101"}, "code_taken"),
    ],
)
def test_a_pattern_that_does_not_do_what_it_says_is_refused(where, change, code):
    with pytest.raises(Refused) as refused:
        keeping.add_pattern({**NEW, **change}, where.regulator, by=where.supervisor, at=database_now())
    assert refused.value.code == code and refused.value.field


def test_only_regulators_keep_the_list(where):
    for office, somebody in ((where.agency, where.handler), (where.regulator, where.handler), (where.centre, where.staff)):
        with pytest.raises(Forbidden):
            keeping.add_pattern(NEW, office, by=somebody, at=database_now())


def test_a_text_is_tried_and_a_pattern_added_through_the_pages(client, where):
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("trading:patterns")
    page = client.post(url, {"text": "投标人须为本市企业。"}).content.decode()
    assert "“本市企业”" in page and "第三十二条" in page
    wrong = client.post(reverse("trading:add_pattern"), {**NEW, "pattern": "(高新"}).content.decode()
    assert "词式写法有误" in wrong
    assert client.post(reverse("trading:add_pattern"), NEW).url == url
    assert "P-801" in client.get(url).content.decode()
    assert client.post(reverse("trading:end_pattern", args=["P-801"]), {"reason": "并入 P-501"}).url == url
    client.force_login(where.handler, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(url).content.decode()
    assert "增加词式" not in page and "P-101" in page
