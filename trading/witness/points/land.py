"""What can go wrong when land or mining rights are sold by tender, auction or listing (招标、拍卖、挂牌出让)."""

from trading.projects.models import Category
from trading.witness.points.point import LOCAL, G, H, W, points

LAND, MINING, AUCTION = "《招标拍卖挂牌出让国有建设用地使用权规定》", "《矿业权出让交易规则》", "《拍卖法》"
SAVED = "国土资发〔2010〕34号"
REGISTRATION, NOTICE, SESSION = ("registration",), ("transfer_notice",), ("session",)
CONFIRMATION, CONTRACT = ("confirmation",), ("transfer_contract",)

POINTS = (
    *points(
        (Category.LAND, Category.MINING),
        (
            ("CR0103", ("plot_plan",), G, "出让计划、规划条件等批准文件不全", "出让方案和批准文件是否齐全", LOCAL, "S"),
            ("CR0107", REGISTRATION, G, "标的有权属争议或者被查封", "权属和查封、抵押情况", LOCAL, "S"),
            ("CR0108", ("joint_decision",), G, "起始价、底价、保证金没有集体决策", "集体决策会议纪要", LOCAL, "S"),
            ("CR0501", NOTICE, H, "竞买申请人的名单或者家数泄露", "有无无关人员打听申请情况", LOCAL, "S"),
            ("CR0505", ("qualification",), G, "保证金未按时到账而取得竞买资格", "到账时间与资格确认", LOCAL, "S"),
            ("CR0701", SESSION, H, "没有按公告的时间、地点举行", "活动开始时间与公告", LOCAL, "S"),
            ("CR0705", SESSION, G, "竞买人串通", "报价、应价有无异常规律", f"{AUCTION}第三十七条", "H"),
            ("CR0706", SESSION, G, "底价泄露或者低于底价成交", "底价的密封、启封和成交价", f"{AUCTION}第五十条"),
            ("CR0709", SESSION, W, "活动记录没有签字或者没有录音录像", "签字的活动记录和录像", LOCAL, "S"),
            ("CR0904", CONFIRMATION, G, "成交确认书与活动记录不一致", "竞得人、成交价", LOCAL, "S"),
            ("CR1002", CONTRACT, G, "出让合同改变出让条件", "合同与出让文件、成交确认书", LOCAL, "S"),
            ("CR1009", ("full_payment",), G, "未付清价款而交付或者办理登记", "价款缴纳凭证与交付时间", LOCAL, "S"),
        ),
    ),
    *points(
        (Category.LAND,),
        (
            ("TD0202", NOTICE, H, "出让条件影响公平竞争", "竞买人资格有无指向性", f"{LAND}第十一条", "M"),
            ("TD0302", NOTICE, G, "公告到活动开始时间不足", "公告的天数", f"{LAND}第八条", "V2"),
            ("TD0503", NOTICE, H, "竞买保证金低于起始价的百分之二十", "保证金与起始价之比", SAVED, "H"),
            ("TD0710", ("listing_open",), G, "挂牌时间不足", "挂牌的天数", f"{LAND}第十八条", "H"),
            ("TD0901", ("transfer_result",), H, "逾期公布出让结果", "活动结束到公布的工作日", f"{LAND}第二十二条", "V2"),
            ("TD1001", CONTRACT, H, "逾期签订出让合同", "成交确认到合同签订的工作日", SAVED, "H"),
            ("TD1007", ("first_payment",), H, "逾期缴纳价款", "首付款和全部价款的缴纳时间", SAVED, "H"),
        ),
    ),
    *points(
        (Category.MINING,),
        (
            ("KY0202", NOTICE, H, "出让条件影响公平竞争", "竞买人资格有无指向性", MINING, "M"),
            ("KY0302", NOTICE, G, "公告到活动开始时间不足", "公告的工作日", MINING, "M"),
            ("KY0710", ("listing_open",), G, "挂牌时间不足", "挂牌的工作日", MINING, "M"),
            ("KY0902", ("transfer_result",), G, "成交结果公示时间不足", "公示的工作日", MINING, "M"),
        ),
    ),
)  # fmt: skip
