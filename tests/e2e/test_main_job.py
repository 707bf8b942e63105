"""One works tender from registration to its archive, each step by its own user, against real processes."""

import hashlib
import json
import zipfile

import pytest

from tests.e2e.walk import Walk

pytestmark = [pytest.mark.e2e]


@pytest.mark.requirement("R088", "R098", "R099", "R143")
def test_a_works_tender_from_registration_to_the_archive(platform, user, tmp_path):
    walk = Walk(user, tmp_path)
    walk.register_project()
    walk.publish()
    walk.register_newcomer()
    walk.take_document_and_ask()
    walk.score_at_deadline = walk.report_conduct(walk.where.bidders[0], on_record=1)
    walk.seal_bids()
    walk.open_bids()
    walk.evaluate()
    walk.show_candidates()
    walk.object_and_complain()
    walk.decide()
    walk.award()
    archive = walk.archive()
    with zipfile.ZipFile(archive) as found:
        manifest = json.loads(found.read("manifest.json"))
        for row in manifest["files"]:
            assert hashlib.sha256(found.read(row["path"])).hexdigest() == row["sha256"], row["path"]
    walk.report_conduct(walk.where.bidders[0], on_record=2)
    for each in walk.everybody():
        assert [line for line in each.problems if "Content Security Policy" in line] == []
