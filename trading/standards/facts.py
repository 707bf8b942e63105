"""Facts that stand in a document's text by name, so that each is entered once: {投标截止时间} and the like.

The names are what people write between braces. What each says for one tender is `trading.tenders.saying`.
"""

import re

# What is said of a tender, in the order in which editors offer it.
NAMES = (
    "项目名称", "项目编号", "招标人", "代理机构", "资金来源", "建设地点", "建设规模", "招标内容", "资格要求", "工期", "质量要求",
    "最高投标限价", "投标保证金", "文件获取时间", "提问截止时间", "投标截止时间", "投标有效期", "解密时限", "开标地点", "联合体", "评标办法",
)  # fmt: skip
NAMED = re.compile(r"\{([^{}\n]{1,20})\}")


def names_in(text: str) -> list[str]:
    """The names between braces, in the order of the text."""
    return NAMED.findall(text)


def strange_names(text: str) -> list[str]:
    """Names between braces that stand for nothing."""
    return [name for name in names_in(text) if name not in NAMES]


def said(text: str, facts: dict[str, str]) -> str:
    """The text with each known name replaced by its fact."""
    return NAMED.sub(lambda match: facts.get(match.group(1), match.group()), text)


def pieces(text: str, facts: dict[str, str]) -> list[dict]:
    """The text in pieces for a page: plain, or the value of a fact with its name."""
    found, at = [], 0
    for match in NAMED.finditer(text):
        name = match.group(1)
        if name in facts:
            found += [{"text": text[at : match.start()]}, {"text": facts[name], "name": name}]
            at = match.end()
    return [piece for piece in [*found, {"text": text[at:]}] if piece["text"]]
