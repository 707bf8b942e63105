"""The national classification of evaluation experts (《公共资源交易评标专家专业分类标准》，发改法规〔2018〕316号).

Code: a letter, two digits for the second level, two for the third. The second level is complete; of the third stand here the
specialties in use (read in a copy, V2). A city that needs another third-level code adds a line; whole second-level codes may be
chosen where none of the third fits.
"""

SOURCE = "发改法规〔2018〕316号"
CONFIDENCE = "V2"

FIRST = {"A": "工程", "B": "货物", "C": "服务"}
SECOND = {
    "A01": "规划", "A02": "投资策划与决策", "A03": "勘察", "A04": "设计", "A05": "监理", "A06": "工程造价", "A07": "项目管理",
    "A08": "工程施工", "A09": "其他工程",
    "B01": "机电产品类", "B02": "医疗器材", "B03": "金属材料", "B04": "石油及其制品", "B05": "煤炭煤层气及其制品",
    "B06": "化工材料及其制品", "B07": "建筑材料", "B08": "医药", "B09": "其他类",
    "C01": "勘查与调查", "C02": "公共咨询", "C03": "经济管理", "C04": "工商管理", "C05": "金融", "C06": "法律",
    "C07": "运维、评估与修理", "C08": "租赁", "C09": "交通运输与物流", "C10": "节能服务", "C11": "高新技术服务", "C12": "其他服务",
    "C13": "应对气候变化服务",
}  # fmt: skip
THIRD = {
    "A0101": "经济社会发展规划", "A0102": "城乡规划", "A0103": "土地利用规划", "A0105": "矿产资源规划", "A0201": "项目可行性研究与评估",
    "A0301": "岩土工程勘察", "A0302": "地质勘察", "A0303": "测绘", "A0304": "水文气象",
    "A0401": "建筑设计", "A0402": "市政工程设计", "A0403": "公路工程设计", "A0404": "铁路工程设计", "A0405": "城市轨道交通设计",
    "A0406": "机场工程设计", "A0407": "航道工程设计", "A0408": "水利工程设计", "A0409": "水电工程设计", "A0410": "电力工程设计",
    "A0421": "农业工程设计", "A0422": "林业工程设计", "A0424": "电子工程设计", "A0425": "通信工程设计",
    "A0822": "通信工程施工", "A0830": "园林绿化工程施工", "A0832": "信息工程施工", "A0833": "文物保护工程施工", "A0834": "土地整治工程施工",
    "A0901": "环境工程", "A0907": "安防工程",
    "B0101": "工程机械", "B0125": "车辆", "B0131": "输配电设备", "B0132": "计算机与网络设备", "B0133": "系统软件", "B0134": "环保设备",
    "B0139": "科教设备", "B0140": "安防设备", "B0148": "医疗设备",
    "B0201": "医疗器械", "B0202": "医用材料", "B0701": "水泥", "B0706": "新型材料", "B0819": "药品", "B0825": "疫苗",
    "B0901": "其他货物（办公设备、家具、服装、图书）",
    "C0201": "咨询服务", "C0403": "资产评估", "C0410": "物业管理", "C0502": "会计", "C0604": "经济法", "C0705": "信息系统运行维护",
    "C1201": "公共安全服务", "C1210": "物业服务", "C1213": "检验检测",
}  # fmt: skip


def is_specialty(code: str) -> bool:
    """Whether a person can have it as a specialty: a code of the third level, or a whole second level."""
    return code in THIRD or code in SECOND


def words_of(code: str) -> str:
    """A0830 园林绿化工程施工; the second level's name for a code that is not in the table."""
    name = THIRD.get(code) or SECOND.get(code)
    return f"{code} {name}" if name else f"{code} {SECOND.get(code[:3], '未列入本市目录的专业')}"


def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a form: under each second level itself and its third levels."""
    return [
        (f"{FIRST[second[0]]} · {name}", [(second, f"{second} {name}（不分细类）"), *named_below(second)])
        for second, name in SECOND.items()
    ]  # fmt: skip


def named_below(second: str) -> list[tuple[str, str]]:
    return [(code, f"{code} {name}") for code, name in THIRD.items() if code.startswith(second)]
