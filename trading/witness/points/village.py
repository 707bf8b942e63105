"""What can go wrong when a village trades collective resources, works and purchases (村级集体资源交易)."""

from trading.projects.models import Category
from trading.witness.points.point import LOCAL, G, H, W, points

VILLAGE = "本市村级集体资源交易办法（地方做法，可调整）"
NOTICE, CHOICE = ("village_notice",), ("choice",)

POINTS = points(
    (Category.VILLAGE,),
    (
        ("CJ0101", ("registration",), H, "化整为零规避进场交易", "同一村近期有无拆分的同类事项", VILLAGE, "S"),
        ("CJ0108", ("vote",), G, "没有村民（代表）会议决议", "四议两公开的决议和签字", "《村民委员会组织法》第二十四条", "H"),
        ("CJ0112", ("township_review",), G, "没有经过乡镇审核", "乡镇审核意见", VILLAGE, "S"),
        ("CJ0202", NOTICE, H, "报名条件影响公平竞争", "报名条件有无指向性", VILLAGE, "S"),
        ("CJ0302", NOTICE, H, "公告时间不足", "公告的天数", VILLAGE, "M"),
        ("CJ0501", NOTICE, H, "报名人名单泄露", "有无无关人员打听报名情况", LOCAL, "S"),
        ("CJ0603", ("review_group",), G, "评审小组没有从人员库产生，或者应当回避而没有回避", "小组名单与报名人有无利害关系", VILLAGE, "S"),
        ("CJ0706", CHOICE, G, "超出预算价或者低于底价成交", "成交价与底价（预算价）", VILLAGE, "S"),
        ("CJ0709", CHOICE, W, "评审（竞价）记录没有签字", "签字的评审记录", VILLAGE, "S"),
        ("CJ0902", ("village_result",), G, "成交公示时间不足", "公示的天数", VILLAGE, "M"),
        ("CJ1002", ("village_contract",), G, "合同与成交结果不一致", "合同价款和成交人", VILLAGE, "S"),
        ("CJ1011", ("account",), W, "收支没有记入村级账簿", "入账凭证", VILLAGE, "S"),
    ),
)  # fmt: skip
