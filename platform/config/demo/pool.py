"""What goes on in the demo city's expert pool: a question bank, a course, an examination, people on their way in."""

from datetime import timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from config.demo.days import at, workday
from config.demo.papers import page
from experts.actions import adjustment, applications, conduct, training
from experts.models import Expert, Proof
from rulebook.clock import city_day, database_now

QUESTIONS = (
    ("single", "law", "依法必须招标的项目，评标委员会成员人数应为", ["三人以上单数", "五人以上单数", "七人以上单数"], [1]),
    ("single", "law", "评标委员会中技术、经济等方面的专家不得少于成员总数的", ["二分之一", "三分之二", "四分之三"], [1]),
    ("single", "business", "客观评审因素的评分，各成员之间", ["可以略有差别", "应当一致", "由组长统一填写"], [1]),
    ("single", "integrity", "评标期间接到投标人的电话询问，应当", ["简要答复", "拒绝并报告", "请其会后再谈"], [1]),
    (
        "multiple",
        "integrity",
        "评标专家应当主动回避的情形有",
        ["三年内曾在投标人单位任职", "近亲属是投标人负责人", "与投标人同住一城", "持有投标人股份"],
        [0, 1, 3],
    ),
    ("multiple", "law", "下列行为违反评标纪律的有", ["私下接触投标人", "索要额外报酬", "如实写明否决理由", "协商打分"], [0, 1, 3]),
    ("judge", "law", "评标专家对评标行为终身负责，退出专家库后不再追责。", ["对", "错"], [1]),
    ("judge", "business", "有效投标不足三个且明显缺乏竞争的，评标委员会可以否决全部投标。", ["对", "错"], [0]),
)
PEOPLE = (("卓文远", "A0830", "accepted"), ("茅子恭", "A0832", "recommended"))


def keep_pool(city):
    """A story of the last weeks."""
    first = workday(city.today, -12)
    yield at(first, 10)
    for kind, topic, text, options, answer in QUESTIONS:
        training.add_question(
            {"kind": kind, "topic": topic, "text": text, "options": options, "answer": answer}, by=city.staff, at=database_now()
        )
    adjustment.call_for_applications(
        "园林绿化、信息工程专业评标专家征集公告", ["A0830", "A0832"], "面向全市征集，常年接受报名，本批报名截止后集中审核。",
        city.today + timedelta(days=30), by=city.staff, at=database_now(),
    )  # fmt: skip
    for name, specialty, goal in PEOPLE:
        apply(city, name, specialty, goal)
    yield at(workday(city.today, -1), 10)
    now = database_now()
    teach(city, now)
    rude = Expert.objects.order_by("-number").first()
    row = conduct.record_conduct(
        rude, "EX08", "在评标室发表倾向性意见，经核实属实。", decision_number="清建处〔2026〕7 号", by=city.official, at=now
    )
    conduct.publish_sanction(
        row, basis="《招标投标法实施条例》第七十一条", decision="责令改正，记入专家档案并公开。", by=city.official, at=now
    )


def teach(city, now):
    training.create_course(
        {
            "title": "第一批岗前培训", "stage": "pre_job", "pool": "city", "batch": 1, "topics": ["law", "integrity", "business"], "hours": Decimal(8),
            "place": "交易中心培训室", "starts_at": now + timedelta(days=3), "ends_at": now + timedelta(days=3, hours=8),
        },
        by=city.staff, at=now,
    )  # fmt: skip
    training.create_exam(
        {
            "title": "岗前考试", "stage": "pre_job", "single": 4, "multiple": 2, "judge": 2, "minutes": 60, "opens_at": now,
            "closes_at": now + timedelta(days=20),
        },
        by=city.staff, at=now,
    )  # fmt: skip


def apply(city, name, specialty, goal):
    """Somebody applies, and comes as far as the goal says."""
    who, now = city.person(name=name), database_now()
    row = applications.start_application(by=who, at=now)
    since = city_day(now).replace(year=city_day(now).year - 16, day=1)
    plain = {
        "sector": "GC", "title": "高级工程师", "level": "senior", "education": "bachelor", "school": "清江大学", "major": "工程管理",
        "working_since": since, "specialties": [specialty, "A08"], "regions": ["429900"], "shared": True,
    }  # fmt: skip
    private = {
        "identity": city.identity(),
        "address": "清江市滨江新区学府路 9 号",
        "bank": "清江市商业银行（虚构）",
        "account": "6222000011112222",
        "relatives": "无",
    }
    applications.save_application(row, plain, private, by=who)
    applications.add_employment(row, {"employer": "清江某设计院", "uscc": "", "duty": "主任工程师", "since": since}, by=who)
    for kind in Proof.REQUIRED:
        applications.attach_proof(row, kind, scan(kind.label), by=who, at=now)
    applications.submit_application(row, pledged=True, by=who, at=now)
    applications.recommend(row, opinion="同意推荐。", recommender="人力资源部", uploaded=scan("单位推荐表"), by=who, at=now)
    if goal == "accepted":
        applications.review_application(row, "accepted", "", by=city.official, at=now)


def scan(title):
    return SimpleUploadedFile(f"{title}.pdf", page(title, ["（演示材料，内容虚构）"]), content_type="application/pdf")
