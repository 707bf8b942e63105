"""The stand-alone page in real Chromium: the verdicts it must reach, on files, on the running site, and with no network at all."""

import base64
import json
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import expect

from draws import actions as draws
from draws.files import draw_file
from draws.order import below, numbers, permutation
from draws.reference import contribute, disclose, recover
from ledger.acts import record
from ledger.canonical import HJ, H, b64u, jcs, unb64u
from ledger.events import KINDS
from ledger.sequencer import sequence_once
from ledger.signer import signer
from ledger.tiles import WIDTH
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.bids import decrypt, hand_in, hand_share, revealed, started_opening, with_holders
from tests.factories.evaluation import parties
from tests.factories.trading import city, published_lot
from tests.sealing.test_browser import chromium  # noqa: F401 - a fixture
from tests.trust.corpus import build
from tests.trust.published import Log, keys
from tests.trust.test_draws import define, overdue
from tests.trust.test_fallback import approved
from trading.bidding.models import Bid
from trading.bidding.queries import receipt_of
from trading.tenders.events import TenderAmended

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "verify" / "etp_verify.py"
VECTORS = json.loads((ROOT / "tests" / "data" / "trust-vectors.json").read_text())
PARTS = """
export * from "./verify/forms.mjs";
export * from "./verify/keys.mjs";
export * from "./verify/order.mjs";
"""
# Bytes come as base64; `log` and `site` are folders of them.
CALL = """async ({ command, inputs }) => {
  const raw = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const given = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (["log", "site"].includes(name)) given[name] = Object.fromEntries(Object.entries(value).map(([path, text]) => [path, raw(text)]));
    else given[name] = name === "tender" ? value : raw(value);
  }
  return etpVerify(command, given);
}"""

pytestmark = pytest.mark.e2e


def coded(data):
    return base64.b64encode(data).decode()


def folder_of(path):
    return {each.relative_to(path).as_posix(): coded(each.read_bytes()) for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.fixture(scope="module")
def built():
    return ROOT / "static" / "build" / "verify.html"


@pytest.fixture
def fresh_page(chromium):  # noqa: F811 - a fixture
    """Pages of a browser that remembers nothing; `page.problems` lists what it complained of."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})

    def make():
        page = context.new_page()
        page.problems = []
        page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda problem: page.problems.append(str(problem)))
        return page

    yield make
    context.close()


@pytest.fixture
def page(fresh_page, built):
    """The page as somebody opens it who has saved it to a disk."""
    page = fresh_page()
    page.goto(built.as_uri())
    yield page
    assert page.problems == []


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    return folder, build(folder)


def verdict(page, command, **inputs):
    return page.evaluate(CALL, {"command": command, "inputs": inputs})


def inputs_of(folder, case):
    """A case's arguments as the page takes them; None if a file that is named is not there."""
    inputs = {"keys": coded((folder / "keys.json").read_bytes())}
    arguments = iter(case["args"])
    plain = {"log": "log", "receipt": "file", "draw": "file", "bid": "sealed", "opening": "tender", "client": "site"}[case["command"]]
    for each in arguments:
        name, value = (each[2:], next(arguments)) if each.startswith("--") else (plain, each)
        if name == "tender":
            inputs[name] = value
        elif name in ("log", "site"):
            inputs[name] = folder_of(folder / value)
        elif (folder / value).is_file():
            inputs[name] = coded((folder / value).read_bytes())
        elif name == "since":
            # The page never has a kept checkpoint that cannot be read.
            return None
        else:
            inputs.pop(name, None)
    return inputs


@pytest.fixture(scope="module")
def verdicts(chromium, built, corpus):  # noqa: F811 - a fixture
    """What the page says of each case, by name."""
    folder, cases = corpus
    page = chromium.new_page()
    page.goto(built.as_uri())
    given = {case["name"]: (case["command"], inputs_of(folder, case)) for case in cases}
    found = {name: verdict(page, command, **inputs) for name, (command, inputs) in given.items() if inputs is not None}
    page.close()
    return found


def test_the_page_reaches_the_expected_verdict_on_the_whole_corpus(verdicts, corpus):
    _, cases = corpus
    assert len(verdicts) > 300
    wrong = {
        case["name"]: verdicts[case["name"]]
        for case in cases
        if case["name"] in verdicts and verdicts[case["name"]]["code"] != case["expect"]
    }
    assert wrong == {}
    # Every verdict has a reason that people can read; none is a slip of the program.
    silent = [
        name
        for name, each in verdicts.items()
        if not re.search("[\u4e00-\u9fff]", "".join(each["reasons"])) or "程序出错" in each["reasons"][0]
    ]
    assert silent == []


def test_page_and_tool_agree_on_the_whole_corpus(verdicts, corpus):
    folder, cases = corpus

    def tool(case):
        command = [sys.executable, "-I", TOOL, case["command"], *case["args"]]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True)

    shared = [case for case in cases if case["name"] in verdicts]
    with ThreadPoolExecutor(4) as pool:
        rows = zip(shared, pool.map(tool, shared), strict=True)
        differ = {
            case["name"]: (verdicts[case["name"]], done.stdout + done.stderr)
            for case, done in rows
            if done.returncode != verdicts[case["name"]]["code"]
        }
    assert differ == {}


@pytest.mark.parametrize(
    "name, place",
    [
        ("log entry changed in its file", 300),
        # All hashes fit the change: the next act of the same stream is the first that does not.
        ("log entry changed and all hashes made anew", 302),
        # Only a signed note tells: somewhere after the last one that fits.
        ("log past checkpoint with another root, signed", 10),
    ],
)
def test_the_first_bad_place_is_named(page, corpus, name, place):
    folder, cases = corpus
    case = next(case for case in cases if case["name"] == name)
    assert verdict(page, "log", **inputs_of(folder, case))["index"] == place


@pytest.fixture(scope="module")
def parts(built):
    """What the page's script is made of, for tests of single steps."""
    made = subprocess.run(
        ["node_modules/.bin/esbuild", "--bundle", "--format=iife", "--global-name=api", "--target=es2022"],
        cwd=ROOT, check=True, capture_output=True, input=PARTS.encode(),
    )  # fmt: skip
    return made.stdout.decode()


@pytest.fixture
def lab(fresh_page, parts):
    page = fresh_page()
    page.goto("about:blank")
    # WebCrypto is given to trustworthy places only; a local file is one.
    page.goto((ROOT / "static" / "build" / "icons.svg").as_uri())
    page.evaluate(f"{parts};window.api = api")
    return page


def test_known_answers_of_a_draw(lab):
    known = VECTORS["draw"]
    found = lab.evaluate(
        """async ({ transcript }) => {
          const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
          const seed = await api.HJ("draw-seed", JSON.parse(transcript));
          const stratum = await api.stratumSeed(seed, "all");
          const below = api.generator(stratum);
          const sevens = [];
          for (let each = 0; each < 10; each += 1) sevens.push(await below(7));
          return { seed: hex(seed), stratum_seed: hex(stratum), perm10: await api.permutation(stratum, 10), below7_x10: sevens };
        }""",
        {"transcript": known["transcript"]},
    )
    assert found == {name: known[name] for name in ("seed", "stratum_seed", "perm10", "below7_x10")}


def test_two_thousand_seeds_give_the_same_order_here_and_in_python(lab):
    source = random.Random(20260301)  # noqa: S311 - the same in every run
    rows = [(source.randbytes(32), source.choice([1, 2, 3, 7, 10, 33, 100])) for _ in range(2000)]
    found = lab.evaluate(
        """async (rows) => {
          const orders = [];
          for (const [seed, n] of rows) orders.push(await api.permutation(api.unb64u(seed), n));
          return orders;
        }""",
        [[b64u(seed), n] for seed, n in rows],
    )
    assert found == [permutation(seed, n) for seed, n in rows]
    # Ranges in which a plain remainder would be biased for every second number.
    seed, large = source.randbytes(32), 2**53 - 1
    mine = lab.evaluate(
        "async ([seed, n]) => { const below = api.generator(api.unb64u(seed)); const all = []; for (let i = 0; i < 50; i += 1) all.push(await below(n)); return all; }",
        [b64u(seed), large],
    )
    stream = numbers(seed)
    assert mine == [below(stream, large) for _ in range(50)]


def test_canonical_json_and_base64url_are_the_platforms(lab):
    objects = [{"b": [1, True, None, "é\n\u2028"], "a": {"z": "汉字", "Z": -(2**53 - 1)}}, [], {"": ""}, {"\U00010000": 1, "\uffee": 2}]
    found = lab.evaluate(
        """(objects) => ({
          jcs: objects.map((each) => api.canonical(each)),
          refused: [1.5, 2 ** 53, -0, "e\\u0301", "\\ud800"].map((each) => { try { api.canonical([each]); return false; } catch { return true; } }),
          spelt: ["AA", "AB", "AA==", "A", "+/", "-_", ""].map((text) => api.unb64u(text) !== null),
        })""",
        objects,
    )
    assert found["jcs"] == [jcs(each).decode() for each in objects]
    assert found["refused"] == [True] * 5
    assert found["spelt"] == [True, False, False, False, False, False, True]


def test_the_kinds_of_acts_are_those_of_the_platform(lab):
    listed = set((ROOT / "verify" / "kinds.mjs").read_text().split("`")[1].split())
    assert {kind for kind in KINDS if not kind.startswith("test.")} <= listed


def keys_file():
    return {
        "v": 1, "origin": signer().name.removesuffix("/ledger"),
        "ledger": [{"name": signer().name, "public_key": b64u(signer().ledger_public_key()), "from_size": 0, "to_size": None}],
        "receipt": [{"public_key": b64u(signer().receipt_public_key())}], "witnesses": [],
    }  # fmt: skip


@transaction.atomic
def something_happens(number=1):
    return record(TenderAmended(tender="T-2026-0001", notice="N-1", clarification=number, digest="x"), by=None)


@pytest.mark.django_db
def test_a_real_opening_its_receipts_and_its_sealed_files(page, settings):
    """What the platform itself makes, not a test's imitation of it."""
    lot = published_lot(holders=3)
    bidders = lot.city.bidders
    for bidder, price in zip(bidders, ("30000000.00", "31000000.00", "32000000.00"), strict=True):
        hand_in(lot, bidder, price)
    sequence_once()
    bid = Bid.objects.get(bidder=bidders[1])
    receipt = receipt_of(bid)
    opening = started_opening(lot)
    sequence_once()
    given = {"keys": coded(json.dumps(keys_file()).encode())}

    def log():
        return folder_of(settings.ETP_LEDGER)

    early = verdict(page, "opening", tender=lot.tender.number, log=log(), **given)
    assert early["code"] == 2, early
    for bidder in bidders[:2]:
        decrypt(opening, bidder)
    revealed(opening)
    sequence_once()
    done = verdict(page, "opening", tender=lot.tender.number, log=log(), **given)
    assert done["code"] == 0, done
    file = coded(json.dumps(receipt).encode())
    found = verdict(page, "receipt", file=file, log=log(), **given)
    assert (found["code"], "锁定的投标清单包含你的这一版" in found["reasons"]) == (0, True), found
    with bid.envelopes.get().upload.open() as sealed:
        data = sealed.read()
    whole = coded(json.dumps({**receipt, "manifest": bid.manifest}).encode())
    assert verdict(page, "bid", sealed=coded(data), receipt=whole, **given)["code"] == 0
    manifest = coded(json.dumps(bid.manifest).encode())
    assert verdict(page, "bid", sealed=coded(data[:-1]), receipt=file, manifest=manifest, **given)["code"] == 1
    altered = {**receipt, "receipt": {**receipt["receipt"], "received_at": receipt["receipt"]["deadline"]}}
    assert verdict(page, "receipt", file=coded(json.dumps(altered).encode()), **given)["code"] == 1


@pytest.mark.django_db
def test_a_real_emergency_opening(page, settings):
    """One bidder has lost its key; one holder hands in a wrong share first."""
    lot = with_holders(published_lot(holders=3))
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    asked = approved(lot, opening)
    with pytest.raises(Refused):
        hand_share(asked, lot.holders[0], random.Random(1).randbytes(17))  # noqa: S311 - any wrong share
    hand_share(asked, lot.holders[1])
    hand_share(asked, lot.holders[2])
    for bidder in lot.city.bidders[1:]:
        decrypt(opening, bidder)
    revealed(opening)
    sequence_once()
    keys = coded(json.dumps(keys_file()).encode())
    found = verdict(page, "opening", tender=lot.tender.number, log=folder_of(settings.ETP_LEDGER), keys=keys)
    assert found["code"] == 0 and "1 份经申请、批准和足够的持钥人应急解密" in found["reasons"][-1], found


@pytest.mark.django_db
def test_a_real_draw_with_a_recovered_number_a_replacement_and_names(page, settings):
    where = city(bidders=0)
    parties(where)
    draw = define(where, confidential=True)
    for each in where.parties:
        contribute(draw, each)
    for each in where.parties[:2]:
        disclose(draw, each)
    sequence_once()
    draw.refresh_from_db()
    overdue(draw)
    missing = draw.parties.get(role="tenderee")
    for each in where.parties[:2]:
        recover(missing, each)
    sequence_once()
    draws.conclude(draw)
    draw.refresh_from_db()
    draws.replace(draws.chosen(draw)[0], "refused", by=where.staff)
    draws.publish_names(draw, by=where.staff, at=database_now())
    sequence_once()
    draw.refresh_from_db()
    made = draw_file(draw)
    given = {"keys": coded(json.dumps(keys_file()).encode()), "log": folder_of(settings.ETP_LEDGER)}
    found = verdict(page, "draw", file=coded(json.dumps(made).encode()), **given)
    assert found["code"] == 0, found
    assert [each["recovered"] for each in found["draw"]["contrib"]] == [False, False, True]
    names = {item["candidate"]["name"] for item in found["draw"]["strata"][0]["items"] if item["candidate"]}
    assert names == {draws.opened(row)["candidate"]["name"] for row in draws.chosen(draw)}
    # A file that leaves out the last acts is not the whole story.
    shorter = {**made, "entries": made["entries"][:-1]}
    assert verdict(page, "draw", file=coded(json.dumps(shorter).encode()), **given)["code"] == 1


def test_the_scripts_of_a_site_are_those_that_were_released(page, tmp_path):
    files = {"/static/build/bid.js": b"bid()", "/static/build/hall.js": b"hall()"}
    log = Log()
    for version in ("1", "2"):
        # The newest release counts.
        rows = [{"path": path, "sha256": b64u(sha256(data if version == "2" else b"old").digest())} for path, data in files.items()]
        log.add("client.released", "client", {"version": version, "files": rows})
    log.sign()
    given = {"log": folder_of(log.write(tmp_path / "log")), "keys": coded(json.dumps(keys()).encode())}
    site = {path: coded(data) for path, data in files.items()}
    assert verdict(page, "client", site=site, **given)["code"] == 0
    assert verdict(page, "client", site={**site, "/static/build/hall.js": coded(b"evil()")}, **given)["code"] == 1
    assert verdict(page, "client", site={"/static/build/bid.js": site["/static/build/bid.js"]}, **given)["code"] == 1


def test_an_old_browser_is_told_so_and_gets_no_verdict(fresh_page, built, corpus):
    page = fresh_page()
    page.add_init_script("""
      const known = crypto.subtle.importKey.bind(crypto.subtle);
      crypto.subtle.importKey = (...rest) => rest[2] === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : known(...rest);
    """)
    page.goto(built.as_uri())
    folder, _ = corpus
    found = verdict(page, "log", log=folder_of(folder / "logs" / "good"), keys=coded((folder / "keys.json").read_bytes()))
    assert found["code"] == 2 and "不支持 Ed25519" in found["reasons"][0]


# The page as people use it ---------------------------------------------------------------------------------------


def look(page, name):
    """No sideways scrolling at any width, and nothing that axe finds wrong; the pictures are for people."""
    shots = ROOT / "var" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("(source) => { window.axe ?? new Function(source)() }", (ROOT / "node_modules/axe-core/axe.min.js").read_text())
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")["violations"]
        assert [(row["id"], [node["target"] for node in row["nodes"]]) for row in found] == []


@pytest.fixture
def viewed(chromium, built):  # noqa: F811 - a fixture
    """The page without its policy, which keeps axe out as it keeps out everything."""
    context = chromium.new_context(locale="zh-CN", bypass_csp=True)
    page = context.new_page()
    page.goto(built.as_uri())
    yield page
    context.close()


def test_saved_to_a_disk_it_works_with_the_network_off(fresh_page, built, corpus, tmp_path):
    """Files are chosen, verdicts are read; nothing but the page itself is ever asked for."""
    folder, _ = corpus
    saved = tmp_path / "verify.html"
    saved.write_bytes(built.read_bytes())
    page = fresh_page()
    page.context.set_offline(True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(saved.as_uri())
    page.set_input_files("#files", folder / "keys.json")
    expect(page.get_by_text("由你提供，尚未核对")).to_be_visible()
    page.set_input_files("#folder", folder / "logs" / "damaged-00")
    expect(page.get_by_role("heading", name="核验不通过")).to_be_visible()
    expect(page.get_by_text("第一处问题在账本第 300 条")).to_be_visible()
    page.set_input_files("#folder", folder / "logs" / "draw-01")
    expect(page.get_by_role("heading", name="核验通过")).to_be_visible()
    page.set_input_files("#files", folder / "draws" / "01.json")
    expect(page.get_by_text("一步一步看：抽取 D-2026-0001")).to_be_visible()
    page.get_by_role("button", name="拿走这些文件").click()
    # Flawless in itself, but not the log that was seen before.
    page.set_input_files("#folder", folder / "logs" / "good")
    expect(page.get_by_text("你保存的检查点").first).to_be_visible()
    expect(page.get_by_role("heading", name="核验不通过")).to_be_visible()
    page.set_input_files("#folder", folder / "logs" / "opened")
    page.set_input_files("#files", folder / "receipts" / "01.json")
    expect(page.get_by_text("锁定的投标清单")).to_be_visible()
    page.get_by_label("项目编号").fill("T-2026-0404")
    page.get_by_role("button", name="核验开标").click()
    expect(page.get_by_role("heading", name="无法核验")).to_be_visible()
    page.get_by_role("button", name="拿走这些文件").click()
    page.set_input_files("#files", [folder / "bids" / "good.etp", folder / "bids" / "receipt.json"])
    expect(page.get_by_text("逐字节相同")).to_be_visible()
    assert [url for url in asked if not url.startswith(saved.as_uri())] == []
    assert page.problems == []


def test_a_folder_dropped_on_the_page_is_checked(page, corpus):
    folder, _ = corpus
    page.set_input_files("#files", folder / "keys.json")
    # A synthetic drop carries files, not folders; the way from entries to files is the browser's own.
    page.evaluate(
        """async (text) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(text), (char) => char.charCodeAt(0))], "receipt.json"));
          document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        coded((folder / "receipts" / "00.json").read_bytes()),
    )
    expect(page.get_by_role("heading", name="核验通过")).to_be_visible()
    expect(page.get_by_text("没有提供账本，未核对回执之后账本是否被改写")).to_be_visible()


def test_a_draw_is_shown_step_by_step(viewed, corpus):
    """Going on to the end of the exchanges gives the very order that the result was taken from."""
    folder, _ = corpus
    draw = json.loads((folder / "draws" / "00.json").read_text())
    viewed.set_input_files("#files", folder / "keys.json")
    viewed.set_input_files("#files", folder / "draws" / "00.json")
    steps = viewed.locator(".step").nth(3).locator("> div").first
    expect(steps.get_by_role("status")).to_contain_text("开始时按编号排列")
    assert steps.locator("li").count() == len(draw["lists"][0]["items"])
    steps.get_by_role("button", name="下一步").click()
    expect(steps.get_by_role("status")).to_contain_text("第 1 步：还有 7 个没有排定")
    steps.get_by_role("button", name="上一步").click()
    expect(steps.get_by_role("button", name="上一步")).to_be_disabled()
    steps.get_by_role("button", name="排到最后").click()
    seed = next(row["entry"]["d"]["seed"] for row in draw["entries"] if row["entry"]["k"] == "draw.seeded")
    stratum = draw["lists"][0]
    order = permutation(H("draw-stratum", unb64u(seed) + stratum["id"].encode()), len(stratum["items"]))
    wanted = [f"{number} 号 {stratum['items'][number]['candidate']['name']}" for number in order]
    assert [each.inner_text() for each in steps.locator("li span").all()] == wanted
    look(viewed, "verify-draw")


def test_verdicts_can_be_read_by_everybody(viewed, corpus):
    folder, _ = corpus
    look(viewed, "verify-first")
    viewed.set_input_files("#files", folder / "keys.json")
    for name, says in (("good", "核验通过"), ("damaged-00", "核验不通过")):
        viewed.set_input_files("#folder", folder / "logs" / name)
        expect(viewed.get_by_role("heading", name=says)).to_be_visible()
        viewed.locator("summary").first.click()
        look(viewed, f"verify-{name}")


@pytest.mark.django_db(transaction=True)
def test_on_the_running_site_first_visit_second_visit_and_a_log_rolled_back(fresh_page, built, live_server, settings):
    settings.ETP_LEDGER.mkdir(parents=True, exist_ok=True)
    for number in range(WIDTH + 5):
        something_happens(number)
    sequence_once()
    (settings.ETP_LEDGER / "keys.json").write_text(json.dumps(keys_file()))
    page = fresh_page()
    address = live_server.url.replace("127.0.0.1", "localhost")
    response = page.goto(f"{address}/ledger/")
    page.get_by_role("link", name="打开核验页").click()
    page.wait_for_url("**/verify.html")
    page.get_by_role("button", name="核验账本").click()
    expect(page.get_by_role("heading", name="核验通过")).to_be_visible()
    # Keys that came with the data prove nothing yet, and the page says so.
    warning = page.get_by_text("公钥取自本网站，还没有与印刷的指纹核对")
    expect(warning).to_be_visible()
    printed = HJ("keys", {name: keys_file()[name] for name in ("v", "origin", "ledger", "receipt")})[:16].hex().upper()
    assert page.locator("[data-finger]").inner_text().replace(" ", "") == printed
    page.get_by_role("button", name="我已比对").click()
    page.reload()
    expect(page.get_by_text("已与印刷的指纹核对")).to_be_visible()
    something_happens()
    sequence_once()
    page.get_by_role("button", name="核验账本").click()
    expect(page.get_by_text(f"与你保存的检查点（{WIDTH + 5} 条）一致")).to_be_visible()
    expect(warning).to_have_count(0)
    # The operator puts back what it published a while ago.
    notes = (settings.ETP_LEDGER / "checkpoints.txt").read_text().split("\n\n")
    first = "\n\n".join(notes[:2]) + "\n"
    (settings.ETP_LEDGER / "checkpoint").write_text(first)
    (settings.ETP_LEDGER / "checkpoints.txt").write_text(first + "\n")
    page.get_by_role("button", name="核验账本").click()
    expect(page.get_by_role("heading", name="核验不通过")).to_be_visible()
    expect(page.get_by_text("有记录被删去")).to_be_visible()
    assert page.problems == []
    # Other keys on the site do not replace those that the visitor has confirmed.
    strange = keys_file() | {"receipt": [{"public_key": b64u(bytes(range(32)))}]}
    (settings.ETP_LEDGER / "keys.json").write_text(json.dumps(strange))
    page.reload()
    expect(page.get_by_text("本网站现在提供的公钥与你记住的不同")).to_be_visible()
    expect(page.locator("[data-finger]")).to_have_text(re.compile(printed[:4]))
    assert response.ok


def test_the_page_allows_its_own_script_and_nothing_else(client, built):
    response = client.get("/verify.html")
    text = response.content.decode()
    policy = response["Content-Security-Policy"]
    script, style = (re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S)[1] for tag in ("script", "style"))
    hashes = [f"'sha256-{base64.b64encode(sha256(part.encode()).digest()).decode()}'" for part in (script, style)]
    assert policy.split("; ")[:4] == ["default-src 'none'", f"script-src {hashes[0]}", f"style-src {hashes[1]}", "connect-src 'self'"]
    assert policy.endswith("frame-ancestors 'none'") and text.count("<script") == 1 and " src=" not in text and " style=" not in text
