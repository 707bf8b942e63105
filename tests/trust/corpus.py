"""A folder of logs, receipts, openings, draws and bids, good and damaged, each with the verdict every verifier must reach.

`python -m tests.trust.corpus FOLDER` (with platform/ on the path) writes it. `cases.json` lists {"name", "command",
"args", "expect"}; arguments are relative to the folder, which also holds the pinned `keys.json`. 0: verified, 1: failed,
2: could not be checked.
"""

import base64
import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from ledger.canonical import HJ, H, b64u, jcs, parse_jcs
from ledger.merkle import leaf_hash, root
from sealing.age import Stanza, encrypt_stream, make_header
from tests.trust.drawings import Draw
from tests.trust.openings import BIDDERS, BIDS, STREAM, TENDER, Opening, TwoEnvelopes, ack_for, receipt_for
from tests.trust.published import (
    LEDGER,
    NEXT_LEDGER,
    RECEIPT,
    STRANGER,
    Log,
    cosignature,
    keys,
    secret,
    sign,
    signature_line,
    tile_file,
    write_bundles,
    write_hashes,
    write_json,
    write_log,
)

# More than two full tiles, so that there are partial tiles on two levels.
SIZE = 700


class Corpus:
    def __init__(self, folder):
        self.folder, self.cases = Path(folder), []

    def case(self, name, command, *args, expect):
        self.cases.append({"name": name, "command": command, "args": list(args), "expect": expect})

    def log(self, name, log, *args, expect):
        """Publish a log under this name and expect a verdict on it."""
        log.write(self.folder / "logs" / name)
        self.case(f"log {name}", "log", f"logs/{name}", *args, expect=expect)

    def json(self, path, obj):
        write_json(self.folder / path, obj)
        return path

    def text(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)
        return path


def build(folder):
    """Write the whole corpus into an empty folder; the list of its cases."""
    corpus = Corpus(folder)
    corpus.folder.mkdir(parents=True, exist_ok=True)
    corpus.json("keys.json", keys())
    for part in (
        good_logs,
        damaged_files,
        damaged_notes,
        forked_logs,
        badly_kept_logs,
        blind_logs,
        receipts,
        openings,
        draws,
        bids,
        clients,
        unreadable,
    ):
        part(corpus)
    write_json(corpus.folder / "cases.json", corpus.cases)
    return corpus.cases


def ordinary(size=SIZE, *, signed=(1, 5, 255, 256, 257, 511, 600), like=None):
    """A log with ordinary acts in some streams, blinded ones between them, and a checkpoint at each of these sizes."""
    log = Log()
    while log.size < size:
        if log.size % 9 == 4:
            log.chaff()
        else:
            d = {"notice": f"N-{log.size}", "kind": "tender", "title": "道路养护工程"} | (like or {})
            log.add("notice.published", f"tender/T-{log.size % 7}" if log.size % 2 else "notices", d)
        if log.size in signed and log.size < size:
            log.sign()
    log.sign()
    return log


def good_logs(corpus):
    log = ordinary()
    corpus.log("good", log, expect=0)
    for place in (0, 3, 6, 7):
        stored = corpus.text(f"stored/{place}.txt", log.notes[place])
        corpus.case(f"log good since {place}", "log", "logs/good", "--since", stored, expect=0)
    for size in (1, 2, 256, 257, 512):
        corpus.log(f"of {size}", ordinary(size), expect=0)
    log = ordinary(40, signed=(10, 20, 30))

    def signed_again(place, key):
        size = int(log.notes[place].split("\n")[1])
        log.notes[place] = log.sign(key, size=size, root=root(log.leaves[:size]))
        log.notes.pop()

    # The last checkpoint of the old key is signed by both.
    log.notes[2] += signature_line(log.checkpoint(size=30, root=root(log.leaves[:30])).text(), log.name, NEXT_LEDGER)
    signed_again(3, NEXT_LEDGER)
    rotated = corpus.json("keys-rotated.json", keys(ledger=((LEDGER, 0, 30), (NEXT_LEDGER, 30, None))))
    corpus.log("with a new key", log, "--keys", rotated, expect=0)
    corpus.case("log with a new key, unknown to the reader", "log", "logs/with a new key", expect=1)
    signed_again(3, LEDGER)
    corpus.log("signed by the old key after its end", log, "--keys", rotated, expect=1)
    signed_again(3, NEXT_LEDGER)
    signed_again(0, NEXT_LEDGER)
    corpus.log("signed by the new key before its beginning", log, "--keys", rotated, expect=1)
    text = ordinary(20).checkpoint().text()
    for name, line, expect in (
        ("with a witness", cosignature(text), 0),
        ("with a wrong witness line", cosignature(text, damaged=True), 1),
        ("with an unknown witness", cosignature(text, name="other.example", key=STRANGER), 0),
    ):
        log = ordinary(20)
        log.notes[-1] += line
        corpus.log(name, log, expect=expect)


def damaged_files(corpus):
    """What a superuser without the signer's key can do to a published log."""
    good = ordinary()
    number = iter(range(100))

    def damaged(name, change, *args):
        folder = corpus.folder / "logs" / f"damaged-{next(number):02d}"
        good.write(folder)
        change(folder)
        corpus.case(f"log {name}", "log", folder.relative_to(corpus.folder).as_posix(), *args, expect=1)

    def bundles(change):
        """Only the entries' files are changed."""

        def rewrite(folder):
            entries = list(good.entries)
            change(entries)
            write_bundles(folder, entries)

        return rewrite

    def everything(change):
        """Entries and hashes are written again, only the signed notes stay."""

        def rewrite(folder):
            entries = list(good.entries)
            change(entries)
            write_log(folder, entries, good.notes)

        return rewrite

    def flipped(entries):
        entries[300] = entries[300].replace(b"N-300", b"N-30O")

    def renumbered(entries):
        body = parse_jcs(entries[302])
        entries[302] = jcs({**body, "n": body["n"] + 1})

    def swapped(entries):
        entries[100], entries[101] = entries[101], entries[100]

    def deleted(entries):
        del entries[50]

    def inserted(entries):
        entries.insert(50, entries[49])
        entries.pop()

    changes = {
        "entry changed": flipped,
        "entry renumbered": renumbered,
        "entries swapped": swapped,
        "entry deleted": deleted,
        "entry inserted": inserted,
    }
    for name, change in changes.items():
        damaged(f"{name} in its file", bundles(change))
        damaged(f"{name} and all hashes made anew", everything(change))
    damaged("last entries cut off", bundles(lambda entries: entries.__delitem__(slice(650, None))))

    def only_hashes(folder):
        write_hashes(folder, [leaf_hash(b"x") if place == 300 else leaf for place, leaf in enumerate(good.leaves)])

    def change_bytes(path, at=0):
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(bytes(data))

    damaged("hash changed in all tiles", only_hashes)
    damaged("hash changed on level 0", lambda folder: change_bytes(tile_file(folder, 0, 1), 32 * 7))
    damaged("hash changed on level 1", lambda folder: change_bytes(tile_file(folder, 1, 0, 2), 40))
    damaged("bundle missing", lambda folder: tile_file(folder, "entries", 1).unlink())
    damaged("last bundle missing", lambda folder: tile_file(folder, "entries", 2, SIZE - 512).unlink())
    damaged("tile missing on level 0", lambda folder: tile_file(folder, 0, 0).unlink())
    damaged("tile missing on level 1", lambda folder: tile_file(folder, 1, 0, 2).unlink())
    damaged("bundle with a byte too many", lambda folder: tile_file(folder, "entries", 0).open("ab").write(b"x"))
    damaged("bundle cut", lambda folder: tile_file(folder, "entries", 0).write_bytes(tile_file(folder, "entries", 0).read_bytes()[:-3]))
    damaged("tile with a hash too many", lambda folder: tile_file(folder, 0, 0).open("ab").write(bytes(32)))
    damaged("list of checkpoints missing", lambda folder: (folder / "checkpoints.txt").unlink())
    since = corpus.text("stored/newest.txt", good.notes[-1])
    older = good.size - 100
    rolled = [note for note in good.notes if int(note.split("\n")[1]) <= older]

    def roll_back(folder):
        write_log(folder, good.entries[:600], rolled)

    damaged("rolled back, against a stored checkpoint", roll_back, "--since", since)
    damaged(
        "rolled back, with the list of checkpoints left as it was",
        lambda folder: write_log(folder, good.entries[:600], good.notes, newest=rolled[-1]),
    )
    damaged("newest checkpoint put back", lambda folder: (folder / "checkpoint").write_text(good.notes[2]))


def damaged_notes(corpus):
    number = iter(range(100))

    def noted(name, change, *args, expect=1):
        log = ordinary(30, signed=(10, 20))
        change(log)
        folder = f"logs/notes-{next(number):02d}"
        log.write(corpus.folder / folder)
        corpus.case(f"log {name}", "log", folder, *args, expect=expect)

    def set_note(place, made):
        def change(log):
            log.notes[place] = made(log)

        return change

    def broken(note):
        """One bit of the signature is another one."""
        head, _, line = note.rstrip("\n").rpartition(" ")
        blob = bytearray(base64.b64decode(line))
        blob[40] ^= 4
        return f"{head} {base64.b64encode(bytes(blob)).decode()}\n"

    def signed_by(key, place, **changed):
        def change(log):
            size = int(log.notes[place].split("\n")[1])
            made = log.sign(key, **({"size": size, "root": root(log.leaves[:size])} | changed))
            log.notes.pop()
            log.notes[place] = made

        return change

    noted("newest checkpoint with a broken signature", set_note(-1, lambda log: broken(log.notes[-1])))
    noted("past checkpoint with a broken signature", set_note(0, lambda log: broken(log.notes[0])))
    noted("past checkpoint with another size under the old signature", set_note(1, lambda log: log.notes[1].replace("\n20\n", "\n21\n", 1)))
    noted("newest checkpoint signed by a stranger", signed_by(STRANGER, -1))
    noted("past checkpoint signed by a stranger", signed_by(STRANGER, 1))
    noted("past checkpoint with another root, signed", signed_by(LEDGER, 1, root=secret("root")))
    noted("newest checkpoint with another root, signed", signed_by(LEDGER, -1, root=secret("root")))
    noted("newest checkpoint beyond the entries, signed", signed_by(LEDGER, -1, size=31))
    noted("past checkpoint without a signature", set_note(0, lambda log: log.notes[0].split("\n\n")[0] + "\n\n"))
    noted("checkpoints in the wrong order", lambda log: log.notes.insert(0, log.notes.pop(1)))
    noted("the same checkpoint twice", lambda log: log.notes.insert(0, log.notes[0]))
    noted("checkpoint of another log", lambda log: log.notes.__setitem__(0, other_origin(log)))
    noted("newest checkpoint not in the list", lambda log: None)
    (corpus.folder / "logs/notes-12/checkpoints.txt").write_text("".join(note + "\n" for note in ordinary(30, signed=(10, 20)).notes[:-1]))
    noted("root spelt in another way", lambda log: log.notes.__setitem__(0, log.notes[0].replace("=\n", "\n", 1)))
    noted("read with somebody else's keys", lambda log: None, "--keys", corpus.json("keys-other.json", keys(ledger=((STRANGER, 0, None),))))
    stranger = ordinary(10)
    note = stranger.sign(STRANGER)
    noted("stored checkpoint not signed by the log", lambda log: None, "--since", corpus.text("stored/stranger.txt", note), expect=2)
    noted("stored checkpoint that is none", lambda log: None, "--since", corpus.text("stored/none.txt", "nothing\n"), expect=2)
    noted("stored checkpoint missing", lambda log: None, "--since", "stored/missing.txt", expect=2)


def other_origin(log):
    """A checkpoint of a log with another name, signed by our key under ours."""
    text = f"other.example/ledger\n10\n{base64.b64encode(root(log.leaves[:10])).decode()}\n"
    return f"{text}\n" + signature_line(text, log.name, LEDGER)


def forked_logs(corpus):
    """The operator signs a second history: flawless in itself, and caught by whoever kept an old checkpoint."""
    first, second = ordinary(300, signed=(100, 200)), ordinary(300, signed=(100, 200), like={"title": "另一条历史"})
    since = corpus.text("stored/first.txt", first.notes[1])
    corpus.log("forked", second, expect=0)
    corpus.case("log forked, against a stored checkpoint", "log", "logs/forked", "--since", since, expect=1)
    mixed = ordinary(300, signed=(100,))
    mixed.notes.insert(1, second.notes[1])
    corpus.log("with a checkpoint of another history", mixed, expect=1)


def badly_kept_logs(corpus):
    """Logs whose checkpoints are all in order, about entries that are not."""

    def kept(name, write, expect=1):
        log = ordinary(20, signed=(10,))
        write(log)
        log.chaff(2)
        log.sign()
        corpus.log(name, log, expect=expect)

    def changed(**more):
        return lambda log: log.raw(bytes_of(log, **more))

    def bytes_of(log, **more):
        return jcs({**log.body("notice.published", "notices", {"notice": "N"}), **more})

    def raw(change):
        return lambda log: log.raw(change(bytes_of(log)))

    def without(name):
        def write(log):
            body = log.body("notice.published", "notices", {})
            del body[name]
            log.raw(jcs(body))

        return write

    kept("with one more entry", changed(), expect=0)
    kept("with a private part", changed(h=b64u(secret("h"))), expect=0)
    kept("with a certificate", changed(by={"id": "a", "role": "b", "cert": b64u(secret("cert"))}), expect=0)
    kept("with a gap in a stream", lambda log: log.raw(bytes_of(log, n=log.streams["notices"][0] + 2)))
    kept("with a number twice", lambda log: log.raw(bytes_of(log, n=log.streams["notices"][0])))
    kept("with a wrong p", changed(p=b64u(secret("p"))))
    kept("with p null in the middle", changed(p=None))
    kept("with a stream that begins at 2", changed(s="new", n=2))
    kept("with p at the beginning of a stream", changed(s="new", n=1, p=b64u(secret("p"))))
    kept("with an unknown kind", changed(k="tender.forged"))
    kept("with an extra field", changed(x=1))
    for name in ("h", "p", "by", "at", "v", "t"):
        kept(f"without {name}", without(name))
    kept("with v 2", changed(v=2))
    kept("with v true", changed(v=True))
    kept("with another t", changed(t="shut"))
    kept("with a wrong time", changed(at="2026-02-30T00:00:00.000Z"))
    kept("with a time without milliseconds", changed(at="2026-02-03T00:00:00Z"))
    kept("with n as text", changed(n="12"))
    kept("with d as text", changed(d="text"))
    kept("with h of 31 bytes", changed(h=b64u(bytes(31))))
    kept("with h in another spelling", changed(h="A" * 42 + "B"))
    kept("with by that has a name", changed(by={"id": "a", "role": "b", "cert": None, "name": "张三"}))
    kept("with an empty actor", changed(by={"id": "", "role": "b", "cert": None}))
    kept("with an empty stream", changed(s="", n=1, p=None))
    kept("with a space", raw(lambda data: data.replace(b'"d":', b'"d": ')))
    kept("with unsorted keys", raw(lambda data: data.replace(b'"t":"open","v":1', b'"v":1,"t":"open"')))
    kept("with a key twice", raw(lambda data: data.replace(b'"v":1', b'"v":1,"v":1')))
    kept("with a key twice inside", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":"M","notice":"N"')))
    kept("with a float", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":1.0')))
    kept("with an exponent", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":1e2')))
    kept("with a number too large", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":9007199254740992')))
    kept("with the largest number", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":9007199254740991')), expect=0)
    kept("with minus zero", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":-0')))
    kept("with NaN", raw(lambda data: data.replace(b'"notice":"N"', b'"notice":NaN')))
    kept("with an escaped letter", raw(lambda data: data.replace(b'"N"', b'"\\u004e"')))
    kept("with text not in NFC", raw(lambda data: data.replace(b'"N"', '"e\u0301"'.encode())))
    kept("with text in NFC", raw(lambda data: data.replace(b'"N"', '"\u00e9 \u9053\u8def \U0001f6e3"'.encode())), expect=0)
    kept("with a mark after a line end, in NFC", raw(lambda data: data.replace(b'"N"', '"\\n\u0303"'.encode())), expect=0)
    kept("with keys sorted as UTF-16", raw(lambda data: data.replace(b'{"notice":"N"}', '{"\U00010000":1,"\uff0e":2}'.encode())), expect=0)
    kept("with keys sorted as code points", raw(lambda data: data.replace(b'{"notice":"N"}', '{"\uff0e":2,"\U00010000":1}'.encode())))
    kept("with a lone surrogate", raw(lambda data: data.replace(b'"N"', b'"\\ud800"')))
    kept("with bytes that are not UTF-8", raw(lambda data: data.replace(b'"N"', b'"\xff"')))
    kept("with an array for an entry", lambda log: log.raw(b"[]"))
    kept("with an empty entry", lambda log: log.raw(b""))
    kept("with deep nesting", raw(lambda data: data.replace(b'"N"', b"[" * 6000 + b"]" * 6000)))
    kept("with an entry of 16384 bytes", largest(16384), expect=0)
    kept("with an entry of 16385 bytes", largest(16385))
    kept("with an extra field in a blinded entry", lambda log: log.raw(jcs({"v": 1, "t": "blind", "c": b64u(secret("c")), "k": "x"})))
    kept("with a blinded entry in another spelling", lambda log: log.raw(jcs({"v": 1, "t": "blind", "c": "A" * 42 + "B"})))
    kept("with a blinded entry that is too short", lambda log: log.raw(jcs({"v": 1, "t": "blind", "c": b64u(bytes(31))})))
    two = Draw("two-results", log=Log())
    corpus.log("with two results of one draw", two.run().log, expect=1)
    elsewhere = Draw(log=Log()).run()
    row = parse_jcs(elsewhere.log.entries[elsewhere.indexes[-2]])
    elsewhere.log.add("draw.result", "draw/other", row["d"])
    elsewhere.log.sign()
    corpus.log("with a second result in another stream", elsewhere.log, expect=1)


def largest(length):
    """An entry of exactly so many bytes."""

    def write(log):
        short = len(jcs(log.body("notice.published", "notices", {"notice": ""})))
        log.raw(jcs(log.body("notice.published", "notices", {"notice": "N" * (length - short)})))

    return write


def blind_logs(corpus):
    """Blinded entries, opened rightly and wrongly."""

    def hidden(name, change, expect=1, *, write=None):
        log = ordinary(20, signed=(10,))
        for place in range(4):
            log.blind("bid.submitted", BIDS, {"tender": TENDER, "rev": place}, **(write or {}).get(place, {}))
            log.chaff()
        rows = [dict(row) for row in log.hidden[BIDS]]
        rows = change(log, rows) or rows
        log.add("blind.opened", STREAM, {"entries": rows})
        log.chaff()
        log.sign()
        corpus.log(name, log, expect=expect)

    def set_row(place, **changed):
        return lambda log, rows: rows[place].update({name: value(rows[place]) for name, value in changed.items()})

    hidden("with opened entries", lambda log, rows: None, expect=0)
    hidden("with some opened entries", lambda log, rows: rows[:2], expect=0)
    hidden("with entries opened twice", lambda log, rows: log.add("blind.opened", STREAM, {"entries": rows}) and None, expect=0)
    hidden("with a wrong salt", set_row(1, salt=lambda row: b64u(secret("salt"))))
    hidden("with a short salt", set_row(1, salt=lambda row: row["salt"][:-4]))
    hidden("with a wrong index", set_row(1, index=lambda row: row["index"] + 1))
    hidden("with an index to come", set_row(3, index=lambda row: 100_000))
    hidden("with an index below zero", set_row(0, index=lambda row: -1))
    hidden("with an opened body changed", set_row(2, body=lambda row: {**row["body"], "d": {"tender": TENDER, "rev": 9}}))
    hidden("with an extra field beside a body", set_row(2, extra=lambda row: 1))
    hidden("with one left out", lambda log, rows: [rows[0], rows[2], rows[3]])
    hidden("with opened entries out of order", lambda log, rows: [rows[1], rows[0], *rows[2:]])
    hidden("with an opened entry of unknown kind", lambda log, rows: None, write={2: {"k": "bid.forged"}})
    hidden("with an opened gap", lambda log, rows: None, write={2: {"n": 5}})
    hidden("with an opened wrong p", lambda log, rows: None, write={2: {"p": b64u(secret("p"))}})
    hidden("with an opened body of a stream that is open", lambda log, rows: None, write={0: {"s": "notices"}})
    hidden("with a result that was blinded", lambda log, rows: None, write={0: {"k": "draw.result"}})
    hidden(
        "with an opened body that is blinded again", lambda log, rows: [{**rows[0], "body": {"v": 1, "t": "blind", "c": b64u(secret("c"))}}]
    )


def receipts(corpus):
    opening = Opening().run()
    log = opening.log
    log.write(corpus.folder / "logs/opened")
    rows = log.hidden[BIDS]
    first, replaced = rows[0], next(row for row in rows if row["body"]["k"] == "bid.replaced")
    withdrawn = next(row for row in rows if row["body"]["k"] == "bid.withdrawn")
    early = int(log.notes[1].split("\n")[1])
    number = iter(range(100))

    def receipt(name, made, *args, expect=1):
        path = corpus.json(f"receipts/{next(number):02d}.json", made)
        corpus.case(f"receipt {name}", "receipt", path, *args, expect=expect)

    def forged(**changed):
        """Changed after it was signed."""
        made = receipt_for(opening, replaced, size=early)
        made["receipt"] |= changed
        return made

    good = receipt_for(opening, replaced, size=early)
    inner = good["receipt"]
    receipt("good", good, expect=0)
    for name, row in {"first": first, "replaced": replaced, "withdrawn": withdrawn}.items():
        receipt(f"good, {name}, with the log", receipt_for(opening, row, size=early), "--log", "logs/opened", expect=0)
    receipt("good, of a later checkpoint", receipt_for(opening, first), "--log", "logs/opened", expect=0)
    receipt("with received_at altered", forged(received_at="2026-03-02T01:00:00.000Z"))
    receipt("with the deadline altered", forged(deadline="2026-03-03T01:00:00.000Z"))
    receipt("with another manifest", forged(manifest=b64u(secret("manifest"))))
    receipt("with a wrong signature", {**good, "signature": b64u(bytes(64))})
    receipt("with a signature too short", {**good, "signature": b64u(bytes(63))})
    receipt("signed by a stranger", receipt_for(opening, replaced, size=early, key=STRANGER))
    receipt("signed as an ack", {"receipt": inner, "signature": sign(RECEIPT, "ack", inner)})
    receipt("signed, late", receipt_for(opening, replaced, size=early, deadline=inner["received_at"]))
    receipt("signed, with a wrong proof", receipt_for(opening, replaced, size=early, proof=[b64u(secret("step")), *inner["proof"][1:]]))
    receipt("signed, with a proof cut", receipt_for(opening, replaced, size=early, proof=inner["proof"][:-1]))
    receipt("signed, with a proof too long", receipt_for(opening, replaced, size=early, proof=[*inner["proof"], inner["proof"][0]]))
    receipt("signed, with a wrong index", receipt_for(opening, replaced, size=early, index=replaced["index"] - 1))
    receipt("signed, with a wrong root", receipt_for(opening, replaced, size=early, root=b64u(secret("root"))))
    wrong_size = {**inner, "size": early + 1}
    receipt("signed, with a wrong size", {"receipt": wrong_size, "signature": sign(RECEIPT, "receipt", wrong_size)})
    receipt(
        "signed, with a wrong salt", receipt_for(opening, replaced, size=early, entry={"salt": b64u(secret("s")), "body": replaced["body"]})
    )
    receipt(
        "signed, with another act's entry", receipt_for(opening, replaced, size=early, entry={"salt": first["salt"], "body": first["body"]})
    )
    receipt("signed, with another time than its entry", receipt_for(opening, replaced, size=early, received_at="2026-03-02T01:00:00.000Z"))
    receipt("signed, of another bidder than its entry", receipt_for(opening, replaced, size=early, bidder=BIDDERS[1]))
    receipt("signed, a withdrawal that was a submission", receipt_for(opening, replaced, size=early, action="withdraw"))
    receipt("signed, with v 2", receipt_for(opening, replaced, size=early, v=2))
    receipt("signed, with an extra field", receipt_for(opening, replaced, size=early, extra=1))
    stranger = receipt_for(opening, replaced, size=early, checkpoint=strange_note(log, early))
    receipt("signed, with a checkpoint signed by a stranger", stranger)
    other = Opening()
    other.log.chaff()
    other.run()
    other.log.write(corpus.folder / "logs/opened-elsewhere")
    of_other = receipt_for(other, other.log.hidden[BIDS][0], size=int(other.log.notes[1].split("\n")[1]))
    receipt("of another log", of_other, "--log", "logs/opened")
    receipt("of another log, without a log", of_other, expect=0)
    receipt("newer than the log", receipt_for(opening, first), "--log", "logs/rolled back")
    write_log(corpus.folder / "logs/rolled back", log.entries[:early], log.notes[:2])
    receipt("good, before the opening", receipt_for(opening, first, size=early), "--log", "logs/rolled back", expect=0)
    receipt("good, with a damaged log", good, "--log", "logs/damaged-00")
    receipt("good, with a log that is not there", good, "--log", "logs/nowhere", expect=2)
    left_out = Opening("hidden-bid").run()
    left_out.log.write(corpus.folder / "logs/bid left out")
    receipt(
        "of a bid that was not opened",
        receipt_for(left_out, left_out.log.hidden[BIDS][4], size=int(left_out.log.notes[1].split("\n")[1])), "--log", "logs/bid left out",
    )  # fmt: skip
    wrong_root = Opening("wrong-root").run()
    wrong_root.log.write(corpus.folder / "logs/wrong bids root")
    receipt(
        "of a bid that is not in bids_root",
        receipt_for(wrong_root, wrong_root.log.hidden[BIDS][4], size=int(wrong_root.log.notes[1].split("\n")[1])), "--log", "logs/wrong bids root",
    )  # fmt: skip
    ack = ack_for(opening, first)
    receipt("ack, good", ack, expect=0)
    receipt("ack, kept", ack, "--log", "logs/opened", expect=0)
    receipt("ack, broken", ack_for(opening, first, leaf=b64u(secret("leaf"))), "--log", "logs/opened")
    receipt("ack, late", ack_for(opening, first, received_at=opening.deadline))
    receipt("ack, altered", {**ack, "ack": {**ack["ack"], "rev": 2}})
    receipt("ack, signed as a receipt", {"ack": ack["ack"], "signature": sign(RECEIPT, "receipt", ack["ack"])})
    text = json.dumps(good, ensure_ascii=False)
    for name, changed in {
        "with a key twice": text.replace('"rev": 2', '"rev": 1, "rev": 2'),
        "with a float": text.replace('"rev": 2', '"rev": 2.0'),
        "cut": text[:-40],
        "empty": "",
    }.items():
        path = corpus.text(f"receipts/text-{name.replace(' ', '-')}.json", changed)
        corpus.case(f"receipt {name}", "receipt", path, expect=1)


def strange_note(log, size):
    note = log.sign(STRANGER, size=size, root=root(log.leaves[:size]))
    log.notes.pop()
    return note


def openings(corpus):
    def opening(name, wrong="", *, expect=1, until="closed", tender=TENDER, made=Opening):
        folder = f"logs/opening {name}"
        made(wrong).run(until).log.write(corpus.folder / folder)
        corpus.case(f"opening {name}", "opening", tender, "--log", folder, expect=expect)

    opening("good", expect=0)
    opening("good, holders named before the publication", "policy-early", expect=0)
    opening("good, deadline moved", "deadline-moved", expect=0)
    opening("good, deadline set anew after an outage", "restored", expect=0)
    opening("good, one bidder stayed away", "unopened", expect=0)
    opening("good, fallback refused", "refused", expect=0)
    opening("good, one wrong share", "bad-share", expect=0)
    opening("good, too few bids", "too-few", expect=0)
    for name, wrong in {
        "key released before the lock": "released-before-lock",
        "lock before the deadline": "locked-early",
        "head not settled": "unsettled",
        "fallback without request": "unrequested",
        "fallback without approval": "unapproved",
        "fallback approved after the shares": "approved-after",
        "fallback with k-1 shares": "few-shares",
        "two shares of one organisation": "same-org",
        "two shares of one holder": "same-holder",
        "share of somebody who is no holder": "foreign-holder",
        "wrong n": "wrong-n",
        "wrong bids_root": "wrong-root",
        "bid after the deadline": "late-bid",
        "bid after the lock": "bid-after-lock",
        "revision left out": "rev-gap",
        "bid not opened": "hidden-bid",
        "blinded entries opened before the reveal": "opened-before-reveal",
        "locked twice": "two-locks",
        "deadline moved after it passed": "moved-late",
        "deadline set anew before it passed": "restored-early",
        "deadline set anew to a moment behind": "restored-backwards",
        "policy where one organisation suffices": "policy-one-org",
        "policy with a wrong hash": "policy-hash",
        "policy with a wrong signature": "policy-signature",
        "more bids opened than keys": "more-opened",
        "head not settled in the extended window": "extended",
    }.items():
        opening(name, wrong)
    for name, wrong in {
        "": "",
        ", the second not yet revealed": "second-waits",
        ", one bidder stayed away from the second": "second-revoked",
        ", the second by the holders": "second-fallback",
    }.items():
        opening(f"of two envelopes, good{name}", wrong, expect=0, made=TwoEnvelopes)
    for name, wrong in {
        "second key released in the first window": "second-key-early",
        "second key among those of the first": "second-key-among-first",
        "second key before the first was judged": "second-key-before-admission",
        "admitted before the first was revealed": "admitted-early",
        "second head not settled": "second-missing",
        "key of a returned envelope": "second-of-returned",
        "envelopes swapped": "swapped",
        "second keys opened before the reveal": "second-opened-early",
        "second keys not opened": "second-hidden",
        "steps that name no envelope": "unnamed",
        "a document that asks for half": "one-of-two",
        "wrong n admitted": "admitted-n",
        "wrong root admitted": "admitted-root",
        "other n at the second reveal": "second-n",
        "returned twice": "returned-twice",
        "returned without a bid": "returned-stranger",
        "one neither returned nor admitted": "returned-nobody",
    }.items():
        opening(f"of two envelopes, {name}", wrong, made=TwoEnvelopes)
    opening("of one envelope with steps of another", "second-waits", made=type("Whole", (TwoEnvelopes,), {"document": Opening.document}))
    opening("not yet locked", until="published", expect=2)
    opening("not yet revealed", until="started", expect=2)
    opening("of a tender that is not there", expect=2, tender="T-2026-0404")
    corpus.case("opening without a log", "opening", TENDER, expect=2)
    corpus.case("opening in a damaged log", "opening", TENDER, "--log", "logs/damaged-00", expect=1)


def draws(corpus):
    number = iter(range(100))

    def draw(name, made, *, expect=1, with_log=None, log=None, **file):
        """The verdict on a draw file alone and, unless told otherwise the same, with its log."""
        place = next(number)
        path = corpus.json(f"draws/{place:02d}.json", made.file(**file))
        if expect is not None:
            corpus.case(f"draw {name}", "draw", path, expect=expect)
        folder = log or f"logs/draw-{place:02d}"
        if log is None:
            made.log.write(corpus.folder / folder)
        corpus.case(f"draw {name}, with the log", "draw", path, "--log", folder, expect=expect if with_log is None else with_log)

    def wrong(name, how, **more):
        expect = {key: more.pop(key) for key in ("expect", "with_log") if key in more}
        draw(name, Draw(how, **more).run(), **expect)

    draw("good, open list", Draw().run(), expect=0)
    draw("good, confidential list", Draw(confidential=True).run(), expect=0)
    draw("good, with a beacon", Draw(beacon=True).run(), expect=0)
    draw("good, with a beacon and a missing party", Draw(beacon=True, lost="tenderee").run(), expect=0)
    draw("good, with a recovered number", Draw(lost="tenderee").run(), expect=0)
    draw("good, one value of eleven", Draw(strata=(("k", 1, 11),)).run(), expect=0)
    draw("good, a list of one", Draw(strata=(("k", 1, 1),)).run(), expect=0)
    draw("good, a list of 300", Draw(strata=(("all", 5, 300),)).run(), expect=0)
    draw("void", Draw().run("void"), expect=0)
    draw("unfinished", Draw().run("committed"), expect=2)
    for name, how in {
        "wrong seed": "seed",
        "wrong permutation": "permutation",
        "chosen swapped": "swapped",
        "commit after a reveal": "commit-late",
        "changed r": "changed-r",
        "another r in the transcript": "transcript-r",
        "list not sorted": "list-order",
        "wrong list_root": "list-root",
        "wrong n": "list-n",
        "replacement skips a standby": "standby",
        "replacement of somebody who was not chosen": "replaced-nobody",
        "two results": "two-results",
        "wrong commit signature": "commit-signature",
        "commit missing": "commit-missing",
        "two parties of one organisation": "same-org",
        "passed over without a code": "skip-code",
        "fewer chosen than the rule says": "too-few",
        "checkpoint before the commits": "checkpoint-early",
    }.items():
        wrong(name, how)
    wrong("names that do not fit", "names", confidential=True)
    wrong("names of somebody not chosen", "names-other", confidential=True)
    wrong("number missing without a beacon", "r-missing", lost="tenderee")
    wrong("number recovered with k-1 shares", "few-shares", lost="tenderee")
    wrong("another beacon round", "beacon-changed", beacon=True)
    # Only the log tells which checkpoint was the first, and what its root was.
    wrong("checkpoint not the first", "checkpoint-late", expect=0, with_log=1)
    wrong("checkpoint with another root", "checkpoint-root", expect=0, with_log=1)
    good = Draw().run()
    draw("downloaded before a replacement", good, note=good.after_result, expect=0)
    draw("last entry left out", good, drop=1, expect=0, with_log=1)
    draw("result left out", good, drop=2, expect=2, with_log=1)
    draw("of another log", good, expect=None, with_log=1, log="logs/opened")
    file = good.file()
    file["lists"][0]["items"][0]["candidate"]["name"] = "别人"
    draw("candidate altered", good, lists=file["lists"])
    file = good.file()
    file["lists"][0]["items"].pop()
    draw("candidate left out", good, lists=file["lists"])
    file = good.file()
    file["entries"][2]["proof"][0] = b64u(secret("step"))
    draw("wrong proof", good, entries=file["entries"])
    file = good.file()
    file["entries"][4]["entry"]["d"]["r"] = b64u(secret("r"))
    draw("entry altered", good, entries=file["entries"])
    draw("checkpoint signed by a stranger", good, checkpoint=strange_note(good.log, good.log.size))
    draw("with v 2", good, v=2)
    draw("of another draw", good, draw="D-2026-0002")
    draw("with an extra field", good, extra=1)


def bids(corpus):
    """A sealed file, the signed manifest that names it, and the receipt for that manifest."""
    opening = Opening()
    opening.publish()
    folder = corpus.folder / "bids"
    folder.mkdir(parents=True, exist_ok=True)
    stanza = Stanza(("etp/owner", "AAAAAAAAAAA", base64.b64encode(b"\x04" + secret("x") + secret("y")).rstrip(b"=").decode()), bytes(32))
    with (corpus.folder / "bids/plain").open("wb+") as source, (folder / "good.etp").open("wb") as target:
        source.write(secret("bid") * 5000)
        source.seek(0)
        encrypt_stream(bytes(16), [stanza], source, target)
    (corpus.folder / "bids/plain").unlink()
    data = (folder / "good.etp").read_bytes()
    header = make_header(bytes(16), [stanza])
    envelope = {
        "name": "bid",
        "seal": b64u(bytes(16)),
        "size": len(data),
        "sha256": b64u(sha256(data).digest()),
        "header": b64u(H("age-header", header)),
    }
    manifest = {
        "v": 1, "action": "submit", "tender": TENDER, "lot": "1", "bidder": BIDDERS[0], "rev": 1, "prev": None,
        "policy": b64u(HJ("opening-policy", opening.policy)), "envelopes": [envelope],
    }  # fmt: skip
    row = opening.bid(BIDDERS[0], manifest=b64u(HJ("bid-manifest", manifest)))
    opening.log.sign()
    good = {**receipt_for(opening, row), "manifest": manifest}
    path = corpus.json("bids/receipt.json", good)

    def bid(name, content, receipt=path, expect=1):
        (folder / f"{name.replace(' ', '-')}.etp").write_bytes(content)
        corpus.case(f"bid {name}", "bid", f"bids/{name.replace(' ', '-')}.etp", "--receipt", receipt, expect=expect)

    def flipped(at):
        changed = bytearray(data)
        changed[at] ^= 1
        return bytes(changed)

    corpus.case("receipt with its manifest", "receipt", path, expect=0)
    bid("good", data, expect=0)
    bid("with one bit changed", flipped(-1))
    bid("with one bit changed in the middle", flipped(len(data) // 2))
    bid("with one bit changed in the header", flipped(30))
    bid("cut", data[:-1])
    bid("longer", data + b"x")
    bid("that is no age file", b"nothing")
    other = {**good, "manifest": {**manifest, "rev": 2}}
    bid("with another manifest", data, corpus.json("bids/other-manifest.json", other))
    corpus.case("receipt with another manifest beside it", "receipt", "bids/other-manifest.json", expect=1)
    bid("with an altered receipt", data, corpus.json("bids/altered.json", {**good, "receipt": {**good["receipt"], "rev": 2}}))
    bid("with a receipt without manifest", data, corpus.json("bids/bare.json", receipt_for(opening, row)), expect=2)
    corpus.case("bid missing", "bid", "bids/missing.etp", "--receipt", path, expect=2)
    corpus.case("bid without a receipt", "bid", "bids/good.etp", expect=2)


def clients(corpus):
    """A copy of the pages' scripts, beside the log that names what they were when released."""
    scripts = {"/static/a.js": b"first()", "/static/lib/b.css": b"body {}"}
    for path, data in scripts.items():
        file = corpus.folder / "site" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def client(name, released, site="site", expect=1):
        log = Log()
        for content in released:
            files = [{"path": path, "sha256": b64u(sha256(data).digest())} for path, data in content.items()]
            log.add("client.released", "client", {"version": "1", "files": files})
        log.chaff()
        log.sign()
        folder = f"logs/client {name}"
        log.write(corpus.folder / folder)
        corpus.case(f"client {name}", "client", site, "--log", folder, expect=expect)

    older = {**scripts, "/static/a.js": b"other()"}
    client("good", [older, scripts], expect=0)
    client("with scripts of an older release", [scripts, older])
    client("with a script missing", [{**scripts, "/static/c.js": b"third()"}])
    client("with a path that leads out of the site", [{"/../keys.json": b""}])
    client("without a release", [], expect=2)


def unreadable(corpus):
    corpus.case("log that is not there", "log", "logs/nowhere", expect=2)
    corpus.case("log with keys that are not there", "log", "logs/good", "--keys", "nowhere.json", expect=2)
    broken = corpus.text("keys-broken.json", '{"v":1}')
    corpus.case("log with broken keys", "log", "logs/good", "--keys", broken, expect=2)
    corpus.case("receipt that is not there", "receipt", "receipts/nowhere.json", expect=2)
    corpus.case("draw that is not there", "draw", "draws/nowhere.json", expect=2)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    print(f"{len(build(target))} cases in {target}")
