"""What bids declare for the policies of their tender document: who makes what is offered, and the brand of the product that counts.

The sealed form has it as `declarations` from version 4 on: {"firms": [{"item", "name", "kind", "industry", "employees", "revenue",
"assets"}, …], "promise", "brand": {"brand", "model"} or null}. Sums are 万元 with two places; figures that a firm need
not give are null. Without a claim `firms` is empty and so is `promise`, else that says PROMISE.
"""

import re
import unicodedata
from decimal import Decimal

from trading.methods import rules
from trading.methods.choosing import settled
from trading.methods.registry import CORE, DEDUCT, METHODS, RESERVED, RESERVED_SMALL, SINGLE
from trading.methods.sizes import INDUSTRIES, MEASURES, MEDIUM, MICRO, SIZES, SMALL

PRISON, DISABLED = "prison", "disabled"
KINDS = {**SIZES, PRISON: "监狱企业", DISABLED: "残疾人福利性单位"}
# Who is helped: firms like small ones count as such (rules.LIKE_SMALL).
LIKE_SMALL = frozenset({SMALL, MICRO, PRISON, DISABLED})
FAVOURED = {DEDUCT: LIKE_SMALL, RESERVED_SMALL: LIKE_SMALL, RESERVED: LIKE_SMALL | {MEDIUM}}
# These prove what they are by other papers, and have no figures to give.
WITHOUT_FIGURES = frozenset({PRISON, DISABLED})
PROMISE = "以上企业不属于大企业的分支机构，不存在控股股东为大企业的情形，也不存在与大企业的负责人为同一人的情形。本单位对声明内容的真实性负责，如有虚假，依法承担相应责任。"
FIRM = {"item", "name", "kind", "industry", *MEASURES}
MOST_FIRMS, MOST_EMPLOYEES = 50, 10_000_000
SUM = re.compile(r"(?:0|[1-9][0-9]{0,11})\.[0-9]{2}")
LONGEST = 120


def policy_of(document) -> str:
    """Which policy for small firms a document states; "" for none."""
    value = settled(METHODS[document.method], document.method_settings).get("policy", "") if document.method in METHODS else ""
    return value if value in FAVOURED else ""


def brand_counts(document) -> bool:
    """Whether bids of one brand are one bidder."""
    return document.method in METHODS and settled(METHODS[document.method], document.method_settings).get("same_brand") in (SINGLE, CORE)


def declares_of(document) -> dict | None:
    """What the pages that seal a bid ask for; None where the document asks for no declaration."""
    policy, brand = policy_of(document), brand_counts(document)
    if not policy and not brand:
        return None
    values = settled(METHODS[document.method], document.method_settings)
    kind = document.tender.project.kind
    return {
        "policy": policy, "percent": values["deduction"] if policy == DEDUCT else "", "brand": brand,
        "core": values["core_product"] if values["same_brand"] == CORE else "", "goods": kind == "goods",
        "promise": PROMISE, "kinds": [[code, name, policy in FAVOURED and code in FAVOURED[policy]] for code, name in KINDS.items()],
        "plain": sorted(WITHOUT_FIGURES),
        "rules": [f"{rule.says}（{rule.source}）" for rule in (rules.DECLARED, rules.LIKE_SMALL, rules.DECLARED_FALSELY)],
        "industries": [[row.industry, row.name, {name: list(each) for name, each in row.bounds.items()}] for row in INDUSTRIES.values()],
    }  # fmt: skip


def is_text(value: object, least: int = 1) -> bool:
    return isinstance(value, str) and least <= len(value) <= LONGEST and value == value.strip()


def is_firm(row: object) -> bool:
    """Whether this is one firm of a declaration, written as asked."""
    if not isinstance(row, dict) or set(row) != FIRM or not all(is_text(row[name]) for name in ("item", "name", "kind")):
        return False
    if row["kind"] in WITHOUT_FIGURES:
        return row["industry"] == "" and all(row[name] is None for name in MEASURES)
    people = row["employees"]
    return (
        row["kind"] in KINDS
        and isinstance(row["industry"], str)
        and row["industry"] in INDUSTRIES
        and (people is None or (type(people) is int and 0 <= people <= MOST_EMPLOYEES))
        and all(row[name] is None or (isinstance(row[name], str) and SUM.fullmatch(row[name])) for name in ("revenue", "assets"))
    )


def are_declarations(found: object) -> bool:
    """Whether this is what a form may hold as declarations."""
    if not isinstance(found, dict) or set(found) != {"firms", "promise", "brand"}:
        return False
    firms, brand = found["firms"], found["brand"]
    right = isinstance(firms, list) and len(firms) <= MOST_FIRMS and all(is_firm(row) for row in firms)
    if not right or found["promise"] != (PROMISE if firms else ""):
        return False
    return brand is None or (
        isinstance(brand, dict) and set(brand) == {"brand", "model"} and is_text(brand["brand"]) and is_text(brand["model"], 0)
    )


def firms_in(form: dict) -> list[dict]:
    return form.get("declarations", {}).get("firms", [])


def claims(form: dict, policy: str) -> bool:
    """Whether a form claims the policy: every firm it names is of those that are helped (one large maker takes it away)."""
    firms = firms_in(form)
    return bool(policy and firms) and all(row["kind"] in FAVOURED[policy] for row in firms)


def compared(brand: str) -> str:
    """A brand as it is compared: width, case and spaces make no other brand."""
    return "".join(unicodedata.normalize("NFKC", brand).casefold().split())


def brand_in(form: dict) -> str:
    """The brand that a form declares, as it is compared; "" for none."""
    return compared((form.get("declarations", {}).get("brand") or {}).get("brand", ""))


def computed_size(row: dict) -> str:
    """What the firm's own figures make it; "" where they do not tell."""
    if row["kind"] in WITHOUT_FIGURES:
        return ""
    return INDUSTRIES[row["industry"]].size({name: None if row[name] is None else Decimal(row[name]) for name in MEASURES})


def firm_lines(form: dict) -> list[dict]:
    """Each firm of a declaration in words, with what its figures make it and whether that is another class."""
    found = []
    for row in firms_in(form):
        size = computed_size(row)
        figures = [
            f"{label} {row[name]} {'人' if name == 'employees' else '万元'}" for name, label in MEASURES.items() if row[name] is not None
        ]
        found.append({
            "item": row["item"], "name": row["name"], "kind": KINDS[row["kind"]], "industry": INDUSTRIES[row["industry"]].name if row["industry"] else "",
            "figures": "，".join(figures), "size": SIZES.get(size, ""), "differs": bool(size) and size != row["kind"],
        })  # fmt: skip
    return found


def declaration_said(form: dict) -> str:
    """The 声明函 in one paragraph, for whoever publishes it."""
    rows = []
    for row in firm_lines(form):
        detail = "，".join(filter(None, [row["industry"] and f"属于{row['industry']}", row["figures"]]))
        rows.append(f"{row['item']}：{row['name']}{f'（{detail}）' if detail else ''}，属于{row['kind']}")
    return "；".join(rows) + f"。{form['declarations']['promise']}"
