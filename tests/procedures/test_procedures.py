"""The files of procedures: what they hold, what the loader refuses, and where a lot stands on its way."""

import shutil
from datetime import date

import pytest

from trading.procedures.loading import FOLDER, ProcedureError, load
from trading.procedures.printed import document_path, written
from trading.procedures.procedures import strip_of
from trading.procedures.versions import all_versions, procedure_of, version_on
from trading.projects.models import Category, Lot, Tender

TODAY = date(2026, 11, 20)
WANTED = {
    "GC-OT", "GC-IT", "GC-PQ", "GC-2E", "GC-DESIGN", "GC-SUPERVISION", "GC-MATERIALS", "GC-LOT", "ZC-OT", "ZC-IT", "ZC-TP", "ZC-CS", "ZC-XJ",
    "ZC-DY", "ZC-KJ", "TD-T", "TD-A", "TD-L", "KY-T", "KY-A", "KY-L", "CQ-L", "CQ-NB", "CQ-ZL", "CQ-JY", "CJ-W", "CJ-P", "CJ-A",
}  # fmt: skip
SEALED = {"GC-OT", "GC-IT", "GC-PQ", "GC-2E", "GC-DESIGN", "GC-SUPERVISION", "GC-MATERIALS", "ZC-OT", "ZC-IT"}


def test_every_way_to_trade_has_its_file():
    assert {each.code for each in all_versions()} == WANTED
    assert {each.code for each in all_versions() if each.is_sealed} == SEALED
    assert {each.category for each in all_versions()} == set(Category.values) - {"QT"}


def test_an_invited_tender_invites_where_an_open_one_announces():
    labels = {code: {step.label for step in version_on(code, TODAY).steps} for code in ("GC-OT", "GC-IT")}
    assert labels["GC-OT"] - labels["GC-IT"] == {"发布招标公告"}
    assert labels["GC-IT"] - labels["GC-OT"] == {"向三个以上受邀人发出投标邀请书"}


@pytest.mark.parametrize("procedure", all_versions(), ids=lambda each: each.code)
def test_each_procedure_names_actors_documents_basis_and_bends(procedure):
    assert procedure.basis
    assert all(step.actors and step.document for step in procedure.steps)
    assert {"retender", "cancel", "suspend", "challenge_upheld"} <= {bend.code for bend in procedure.bends}
    assert all(bend.rules or bend.basis or bend.code in ("no_buyer", "few_qualified") for bend in procedure.bends)
    assert procedure.steps[-1].way == "archive"


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ("registered", ["now", "", "", "", "", "", ""]),
        ("evaluated", ["done", "done", "done", "now", "", "", ""]),
        ("archived", ["done"] * 7),
        ("failed", [""] * 7),
    ],
)
def test_the_progress_strip_shows_done_now_and_to_come(state, marks):
    assert [row["state"] for row in strip_of(version_on("GC-OT", TODAY), state)] == marks


MENDED = """
code = "X"
name = "试验"
category = "CQ"
since = 2020-01-01
basis = ["试验办法"]
stages = [
  { label = "进场", states = ["registered"], steps = ["registration", "first"] },
  { label = "合同", states = ["contracted", "archived"], steps = ["archive"] },
]
bends = ["cancel"]

[steps.first]
label = "第一步"
actors = ["tenderee"]
document = "文书"
limits = ["T-CQ-03"]
fields = [{ name = "until", label = "截止", kind = "date", reaches = "formal_disclosure_end" }]
"""


def loaded(folder, text, name="X.toml"):
    shutil.copy(FOLDER / "shared.toml", folder)
    (folder / name).write_text(text)
    return load(folder)


def test_a_procedure_is_added_by_adding_a_file(tmp_path):
    (made,) = loaded(tmp_path, MENDED)
    assert [step.code for step in made.steps] == ["registration", "first", "archive"]
    assert [rule.code for rule in made.periods] == ["T-CQ-03"]
    assert made.bend("cancel").states == ("registered",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('actors = ["tenderee"]', 'actors = ["mayor"]', "actor of step first is 'mayor'"),
        ('label = "第一步"', 'label = "第一步"\nway = "carrier-pigeon"', "way of step first is 'carrier-pigeon'"),
        ('"T-CQ-03"', '"T-CQ-99"', "rule of step first is 'T-CQ-99'"),
        ('reaches = "formal_disclosure_end"', 'reaches = "doomsday"', "is 'doomsday'"),
        ('states = ["registered"]', 'states = ["dreaming"]', "state of stage 进场 is 'dreaming'"),
        ('"registration", "first"', '"registration", "first", "first"', "two times step first"),
        ('"registration", "first"', '"registration", "ghost"', "unknown steps ghost"),
        ('bends = ["cancel"]', 'bends = ["cancel", "cancel"]', "two times bend cancel"),
        ('bends = ["cancel"]', 'bends = ["earthquake"]', "unknown bend earthquake"),
        ('document = "文书"', "", "step first has no document"),
        ('document = "文书"', 'document = "文书"\nnotice = "GC_GOSSIP"', "notice of step first is 'GC_GOSSIP'"),
        ('document = "文书"', 'document = "文书"\nopens_after = "session_start"', "waits for session_start, which nothing sets down"),
        ('document = "文书"', 'document = "文书"\ncolour = "red"', "step first has colour, which means nothing"),
        ('kind = "date"', 'kind = "mood"', "is 'mood'"),
        ('kind = "date"', 'kind = "date", size = 3', "has size, which means nothing"),
        ('kind = "date"', 'kind = "date", at_least = "first.price"', "refers to first.price"),
        ('category = "CQ"', 'category = "QQ"', "category is 'QQ'"),
        ("since = 2020-01-01", "since = 2020-01-01\nuntil = 2019-01-01", "ends before it begins"),
        ('code = "X"', "", "has no code"),
        ("stages = [", "stages = [[", "X.toml"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_the_place_of_the_fault(tmp_path, old, new, fault):
    assert old in MENDED
    with pytest.raises(ProcedureError) as wrong:
        loaded(tmp_path, MENDED.replace(old, new, 1))
    assert any(fault in each and each.startswith("X.toml") for each in wrong.value.faults), wrong.value.faults


def test_a_bend_that_leads_back_must_lead_to_a_step(tmp_path):
    own = '\n[bend.cancel]\nleads = "back"\nback = "nowhere"\n'
    with pytest.raises(ProcedureError, match="bend cancel leads back to nowhere"):
        loaded(tmp_path, MENDED + own)


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "A.toml").write_text("code = 1")
    with pytest.raises(ProcedureError) as wrong:
        loaded(tmp_path, MENDED.replace('"tenderee"', '"mayor"'))
    assert {each.partition(":")[0] for each in wrong.value.faults} == {"A.toml", "X.toml"}


@pytest.mark.parametrize(("since", "fits"), [("2025-01-01", True), ("2024-12-31", False)])
def test_versions_of_a_procedure_may_not_overlap(tmp_path, since, fits):
    ended = MENDED.replace("since = 2020-01-01", "since = 2020-01-01\nuntil = 2024-12-31")
    shutil.copy(FOLDER / "shared.toml", tmp_path)
    (tmp_path / "X@2020.toml").write_text(ended)
    if fits:
        assert len(loaded(tmp_path, MENDED.replace("2020-01-01", since))) == 2
    else:
        with pytest.raises(ProcedureError, match="overlap"):
            loaded(tmp_path, MENDED.replace("2020-01-01", since))


def test_a_running_tender_stays_on_the_version_it_began_with(tmp_path, monkeypatch):
    shutil.copy(FOLDER / "shared.toml", tmp_path)
    (tmp_path / "X@2020.toml").write_text(MENDED.replace("since = 2020-01-01", "since = 2020-01-01\nuntil = 2024-12-31"))
    versions = loaded(tmp_path, MENDED.replace("2020-01-01", "2025-01-01").replace("第一步", "新的第一步"))
    monkeypatch.setattr("trading.procedures.versions.all_versions", lambda: versions)
    assert version_on("X", date(2024, 12, 31)).step("first").label == "第一步"
    assert version_on("X", date(2025, 1, 1)).step("first").label == "新的第一步"
    running = Tender(procedure="X", procedure_since=date(2020, 1, 1))
    assert procedure_of(running).step("first").label == "第一步"


def test_states_lead_forward_in_every_file():
    for procedure in all_versions():
        order = [state for state in Lot.State.values if state not in ("failed", "terminated")]
        states = [state for stage in procedure.stages for state in stage.states]
        assert states == sorted(states, key=order.index), procedure.code


def test_the_document_shows_the_files_as_they_stand():
    path = document_path()
    assert path.read_text() == written(path.read_text())
    assert all(f"### {each.code} {each.name}" in path.read_text() for each in all_versions())
