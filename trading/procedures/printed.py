"""The table of all procedures for docs/procedures.md: stages, steps, documents, limits, bends."""

from pathlib import Path

from django.conf import settings

from trading.procedures.procedures import Procedure
from trading.procedures.versions import all_versions
from trading.procedures.vocabulary import LEADS, WAYS

BEGINS, ENDS = "<!-- procedures: made by bin/manage write_procedures -->", "<!-- procedures: end -->"


def document_path() -> Path:
    return Path(settings.ROOT) / "docs" / "procedures.md"


def written(old: str) -> str:
    """The document with the table of today's files in its place; what stands around it is kept."""
    before, _, rest = old.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{tables()}\n{ENDS}{after}"


def tables() -> str:
    return "\n".join(table_of(procedure) for procedure in all_versions())


def table_of(procedure: Procedure) -> str:
    until = f" to {procedure.until}" if procedure.until else ""
    lines = [
        f"### {procedure.code} {procedure.name}", "", f"Since {procedure.since}{until}. Basis: {'、'.join(procedure.basis)}.", "",
        "| Stage | Step | Who | Document | Done by | Limits |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for stage in procedure.stages:
        for place, step in enumerate(stage.steps):
            marks = [
                word
                for word, holds in (
                    ("optional", step.optional),
                    ("repeats", step.repeats),
                    ("sealed", step.secret),
                    ("to those invited", step.invites),
                )
                if holds
            ]
            label = step.label + (f" ({', '.join(marks)})" if marks else "")
            limits = ", ".join(dict.fromkeys(rule.code for rule in step.limits))
            limits = ", ".join(dict.fromkeys([*([limits] if limits else []), *(field.limit for field in step.fields if field.limit)]))
            cells = (stage.label if place == 0 else "", label, procedure.actors(step.actors), step.document, WAYS[step.way], limits)
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| Bend | Who | Leads to | Rules |", "|---|---|---|---|"]
    for bend in procedure.bends:
        back = f"：{procedure.step(bend.back).label}" if bend.back else ""
        rules = ", ".join(dict.fromkeys(rule.code for rule in bend.rules)) or bend.basis
        lines.append(f"| {bend.label} | {procedure.actors(bend.actors)} | {LEADS[bend.leads]}{back} | {rules} |")
    return "\n".join([*lines, ""])
