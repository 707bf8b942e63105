"""Reading the procedures' files: everything they name is checked, and every fault of every file is told at once."""

import tomllib
from collections import Counter
from dataclasses import fields as fields_of
from datetime import date
from fnmatch import fnmatch
from itertools import combinations
from pathlib import Path

from disclosure.models import Notice
from rulebook.periods import Period
from trading.procedures.milestones import MILESTONES
from trading.procedures.procedures import Bend, Field, Procedure, Stage, Step
from trading.procedures.registry import all_rules
from trading.procedures.vocabulary import ACTORS, CHECKS, FIELD_KINDS, LEADS, WAYS
from trading.projects.models import Category, Lot

FOLDER = Path(__file__).parent / "files"
SHARED = "shared.toml"
OVER = {Lot.State.FAILED, Lot.State.TERMINATED}


class ProcedureError(ValueError):
    """What is wrong with the files; `faults` are sentences that name file and place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(folder: Path = FOLDER) -> tuple[Procedure, ...]:
    """Every version of every procedure in a folder. ProcedureError with all faults where there is one."""
    shared = tomllib.loads((folder / SHARED).read_text())
    faults: list[str] = []
    found = [Reading(path, shared, faults).procedure() for path in sorted(folder.glob("*.toml")) if path.name != SHARED]
    procedures = [each for each in found if each is not None]
    faults += overlaps(procedures)
    if faults:
        raise ProcedureError(faults)
    return tuple(procedures)


def overlaps(procedures: list[Procedure]) -> list[str]:
    return [
        f"{one.code}: versions of {one.since} and {other.since} overlap"
        for one, other in combinations(procedures, 2)
        if one.code == other.code and one.since <= (other.until or date.max) and other.since <= (one.until or date.max)
    ]


class Reading:
    """One file being read; what it lacks is added to the faults, and reading goes on to find the others."""

    def __init__(self, path: Path, shared: dict, faults: list[str]) -> None:
        self.path, self.shared, self.faults = path, shared, faults
        self.rules: dict[str, list] = {}
        for rule in all_rules():
            self.rules.setdefault(rule.code, []).append(rule)

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.path.name}: {text}")

    def procedure(self) -> Procedure | None:
        before = len(self.faults)
        try:
            self.data = tomllib.loads(self.path.read_text())
        except tomllib.TOMLDecodeError as wrong:
            self.fault(str(wrong))
            return None
        known = {"code", "name", "category", "since", "until", "basis", "parties", "stages", "steps", "bends", "bend", "clock"}
        self.only(self.data, known, "the file")
        for name in ("code", "name", "category", "since", "stages"):
            if name not in self.data:
                self.fault(f"has no {name}")
        if len(self.faults) > before:
            return None
        self.one_of(self.data["category"], Category.values, "category")
        for actor in self.data.get("parties", {}):
            self.one_of(actor, ACTORS, "party")
        if self.data.get("until") and self.data["until"] < self.data["since"]:
            self.fault("ends before it begins")
        stages = tuple(self.stages())
        self.own_states = {state for stage in stages for state in stage.states} | OVER
        made = Procedure(
            code=self.data["code"], name=self.data["name"], category=self.data["category"], since=self.data["since"],
            until=self.data.get("until"), basis=tuple(self.data.get("basis", ())),
            parties=tuple(self.data.get("parties", {}).items()), stages=stages,
            bends=tuple(self.bend(entry) for entry in self.data.get("bends", ())), clock=self.clock(),
        )  # fmt: skip
        self.whole(made)
        return made if len(self.faults) == before else None

    def stages(self):
        for entry in self.data["stages"]:
            row = self.shared["stages"].get(entry) if isinstance(entry, str) else entry
            if row is None:
                self.fault(f"unknown stage {entry}")
                continue
            self.only(row, {"label", "states", "steps"}, f"stage {row.get('label')}")
            for state in row.get("states", ()):
                self.one_of(state, set(Lot.State.values) - OVER, f"state of stage {row['label']}")
            if not row.get("states"):
                self.fault(f"stage {row.get('label')} has no states")
            steps = [self.step(code) for code in row.get("steps", ())]
            yield Stage(label=row["label"], states=tuple(row["states"]), steps=tuple(step for step in steps if step))

    def described(self, kind: str, own: str, code: str) -> dict | None:
        """The file's own words on a step or bend, over those that are shared."""
        shared, mine = self.shared[kind].get(code), self.data.get(own, {}).get(code)
        if shared is None and mine is None:
            self.fault(f"unknown {own} {code}")
            return None
        return {**(shared or {}), **(mine or {})}

    def step(self, code: str) -> Step | None:
        row = self.described("steps", "steps", code)
        if row is None:
            return None
        where = f"step {code}"
        known = {field.name for field in fields_of(Step)} - {"code"}
        self.only(row, known, where)
        missing = [name for name in ("label", "actors", "document") if not row.get(name)]
        if missing:
            self.fault(f"{where} has no {', '.join(missing)}")
            return None
        self.words(row, where)
        self.one_of(row.get("way", "desk"), WAYS, f"way of {where}")
        for check in row.get("checks", ()):
            self.one_of(check, CHECKS, f"check of {where}")
        if row.get("notice"):
            self.one_of(row["notice"], Notice.Kind.values, f"notice of {where}")
        for name in ("reaches", "opens_after", "closes_at"):
            if row.get(name):
                self.one_of(row[name], MILESTONES, f"{name} of {where}")
        asked = tuple(self.field(entry, where) for entry in row.get("fields", ()))
        if not asked and row.get("way", "desk") == "desk":
            self.fault(f"{where} asks for nothing")
        self.unique([field.name for field in asked], f"field of {where}")
        row = {name: value for name, value in row.items() if name in known}
        return Step(
            **{
                **row,
                "code": code,
                "actors": tuple(row["actors"]),
                "shows": tuple(row.get("shows", ())),
                "gain": tuple(row.get("gain", ())),
                "checks": tuple(row.get("checks", ())),
                "instead_of": tuple(row.get("instead_of", ())),
                "limits": self.named_rules(row, where),
                "fields": asked,
            }
        )

    def field(self, row: dict, where: str) -> Field:
        where = f"field {row.get('name')} of {where}"
        known = {field.name for field in fields_of(Field)}
        self.only(row, known, where)
        self.one_of(row.get("kind", "text"), FIELD_KINDS, f"kind of {where}")
        if (row.get("kind") == "choice") != bool(row.get("choices")):
            self.fault(f"{where}: a choice has choices, and nothing else has")
        for name in ("reaches", "moves"):
            if row.get(name):
                self.one_of(row[name], MILESTONES, f"{name} of {where}")
        if (row.get("reaches") or row.get("moves")) and row.get("kind") not in ("date", "moment"):
            self.fault(f"{where} sets down a milestone and is no date")
        if row.get("limit"):
            self.one_of(row["limit"], self.rules, f"limit of {where}")
        row = {name: value for name, value in row.items() if name in known}
        return Field(**{**row, "choices": tuple(row.get("choices", ()))})

    def bend(self, code: str) -> Bend:
        row = self.described("bends", "bend", code) or {"label": code, "actors": [], "leads": "failed", "states": []}
        where = f"bend {code}"
        known = {field.name for field in fields_of(Bend)} - {"code"}
        self.only(row, known, where)
        self.words(row, where)
        self.one_of(row.get("leads"), LEADS, f"leads of {where}")
        self.one_of(row.get("way", "desk"), WAYS, f"way of {where}")
        for state in row.get("states", ()):
            self.one_of(state, Lot.State.values, f"state of {where}")
        if not row.get("states"):
            self.fault(f"{where} can never happen: it has no states")
        if "states" not in self.data.get("bend", {}).get(code, {}):
            # Shared words name every state in which such a thing happens; a procedure has some of them.
            row["states"] = [state for state in row["states"] if state in self.own_states]
        row = {name: value for name, value in row.items() if name in known}
        return Bend(
            **{**row, "code": code, "actors": tuple(row["actors"]), "states": tuple(row["states"]),
               "rules": self.named_rules({"limits": row.get("rules", ())}, where)}
        )  # fmt: skip

    def named_rules(self, row: dict, where: str) -> tuple:
        for code in row.get("limits", ()):
            self.one_of(code, self.rules, f"rule of {where}")
        return tuple(rule for code in row.get("limits", ()) for rule in self.rules.get(code, ()))

    def clock(self) -> tuple[Period, ...]:
        patterns = self.data.get("clock", ())
        for pattern in patterns:
            if not any(fnmatch(code, pattern) for code in self.rules):
                self.fault(f"clock {pattern} names no rule")
        named = [rule for code, rules in self.rules.items() if any(fnmatch(code, each) for each in patterns) for rule in rules]
        return tuple(rule for rule in named if isinstance(rule, Period))

    def whole(self, made: Procedure) -> None:
        """What only shows when all of it is read: doubles, dangling references, states out of order."""
        self.unique([step.code for step in made.steps], "step")
        self.unique([bend.code for bend in made.bends], "bend")
        states = [state for stage in made.stages for state in stage.states]
        self.unique(states, "state")
        order = [state for state in Lot.State.values if state not in OVER]
        if all(state in order for state in states) and states != sorted(states, key=order.index):
            self.fault("its stages do not follow the order of the states")
        for state in (Lot.State.REGISTERED, Lot.State.CONTRACTED, Lot.State.ARCHIVED):
            if state not in states:
                self.fault(f"no stage is {state}")
        for way in set(WAYS) - {"desk", "objection", "registration"}:
            if len([step for step in made.steps if step.way == way]) > 1:
                self.fault(f"two steps are done by way of {way}")
        codes = [step.code for step in made.steps]
        for bend in made.bends:
            if bend.leads == "back" and bend.back not in codes and bend.way == "desk":
                self.fault(f"bend {bend.code} leads back to {bend.back or 'nowhere'}")
            self.within(bend.states, [*states, *OVER], f"bend {bend.code}")
        dated = {step.reaches for step in made.steps} | {field.reaches for step in made.steps for field in step.fields}
        for place, step in enumerate(made.steps):
            for name in (step.opens_after, step.closes_at):
                if name and name not in dated:
                    self.fault(f"step {step.code} waits for {name}, which nothing sets down")
            if step.state and step.state not in made.stage_of(step).states:
                self.fault(f"step {step.code} leads to {step.state}, which its stage is not")
            for reference in step.shows:
                self.points_back(reference, step, made.steps[:place], "the notice")
            for field in step.fields:
                for reference in (field.of, field.at_least, field.at_most, field.among, field.unless):
                    self.points_back(reference, step, made.steps[:place], field.name)
            for reference in (step.among, step.count_of, step.required_if.partition("=")[0], step.reserve, *step.gain):
                self.points_back(reference, step, made.steps[:place], "the step")
            if step.reserve and not any(field.name == "price" for field in step.fields):
                self.fault(f"step {step.code} has a reserve and asks for no price")
            if step.gain and (len(step.gain) != 2 or not step.notice):
                self.fault(f"step {step.code} shows a gain, which takes two sums and a notice")
            if step.invites and step.way != "publication":
                self.fault(f"step {step.code} invites, which only a publication can")
            for other in step.instead_of:
                self.one_of(other, codes, f"instead_of of step {step.code}")
            if step.answer and step.answer not in codes[place + 1 :]:
                self.fault(f"step {step.code} is answered by {step.answer}, which does not follow it")

    def points_back(self, reference: str, step: Step, earlier: tuple[Step, ...], what: str) -> None:
        """Whether a reference names the estimate, a field of its own step, or one of an earlier step."""
        if reference in ("", "estimate"):
            return
        if any(each.code == reference and "bidder" in each.actors for each in earlier):
            return
        owner, _, name = reference.rpartition(".")
        steps = [each for each in earlier if each.code == owner] if owner else [step]
        if not any(field.name == name for each in steps for field in each.fields):
            self.fault(f"{what} of step {step.code} refers to {reference}, which no earlier step asks for")

    def words(self, row: dict, where: str) -> None:
        for actor in row.get("actors", ()):
            self.one_of(actor, ACTORS, f"actor of {where}")

    def one_of(self, value, allowed, what: str) -> None:
        if value not in allowed:
            self.fault(f"{what} is {value!r}, which there is not")

    def within(self, values, allowed, what: str) -> None:
        for value in values:
            if value not in allowed:
                self.fault(f"{what} happens in {value!r}, which no stage is")

    def only(self, row: dict, known: set[str], where: str) -> None:
        for name in sorted(set(row) - known):
            self.fault(f"{where} has {name}, which means nothing")

    def unique(self, values: list[str], what: str) -> None:
        for value, count in Counter(values).items():
            if count > 1:
                self.fault(f"two times {what} {value}")
