"""Bids handed in, locked and opened, as the log tells it; `wrong` names the one thing that is not as it should be."""

from datetime import timedelta

from ledger.canonical import HJ, b64u, instant, jcs
from ledger.merkle import leaf_hash, root
from tests.trust.published import RECEIPT, Log, Person, secret, sign

TENDER, LOT = "T-2026-0001", "1"
BIDS, STREAM = f"bids/{TENDER}/{LOT}", f"tender/{TENDER}"
SECONDS = f"{BIDS}/commercial"
BIDDERS = ("91110000MA0000000A", "91110000MA0000000B", "91110000MA0000000C", "91110000MA0000000D")
ORGS = ("12110000000000001X", "12110000000000002X", "12110000000000003X")
TENDEREE = Person("tenderee")


def policy_of(orgs=ORGS, k=2):
    """An opening policy with one holder for each organisation named; with none, the bidders' own keys alone."""
    holders = []
    for place, org in enumerate(orgs):
        person = Person(f"holder {place}")
        holders.append({"id": f"p/{place}", "org": org, "role": "supervisor", "spki": b64u(person.spki), "kid": person.kid})
    return {
        "v": 1, "tender": TENDER, "lot": LOT, "k": k if holders else 0, "holders": holders,
        "fallback": "required" if holders else "none", "window_min": 30,
    }  # fmt: skip


class Opening:
    """One lot from its publication to the end of its opening, written into a log of its own."""

    def __init__(self, wrong="", log=None):
        self.log, self.wrong = log or Log(), wrong
        self.bids = {}
        self.last = {}
        self.deadline = instant(self.log.at.replace(hour=2, minute=0))
        self.policy = policy_of((ORGS[0], ORGS[0], *ORGS[1:]), 3) if wrong == "same-org" else policy_of()

    def about(self, **more):
        return {"tender": TENDER, "lot": LOT, **more}

    def publish(self):
        plain = policy_of(())
        row = {"lot": LOT, "code": "", "deadline": self.deadline, "policy": plain, "policy_hash": b64u(HJ("opening-policy", plain))}
        d = {
            "tender": TENDER,
            "notice": "N-1",
            "document": b64u(secret("document")),
            "lots": [row],
            "rules_on": "2026-03-02",
        } | self.document()
        if self.wrong == "policy-early":
            self.sign_policy()
        self.log.add("tender.published", STREAM, d)
        if self.wrong != "policy-early":
            self.sign_policy()

    def document(self):
        """More of what the publication says of the document."""
        return {}

    def sign_policy(self):
        if self.wrong == "policy-one-org":
            self.policy = policy_of((ORGS[0], ORGS[0], ORGS[1]))
        signature = TENDEREE.sign("opening-policy", {**self.policy, "k": 3} if self.wrong == "policy-signature" else self.policy)
        digest = b64u(secret("other") if self.wrong == "policy-hash" else HJ("opening-policy", self.policy))
        spki = b64u(TENDEREE.spki)
        self.log.add(
            "lot.policy_signed", STREAM,
            self.about(policy=self.policy, policy_hash=digest, signature=signature, spki=spki), role="tenderee",
        )  # fmt: skip

    def bid(self, bidder, kind="submitted", **changed):
        """Hand in, replace or withdraw; answers the place of what opens the entry."""
        rev = self.last.get(bidder, 0) + 1
        self.last[bidder] = changed.get("rev", rev)
        manifest = {
            "v": 1, "action": "withdraw" if kind == "withdrawn" else "submit", "tender": TENDER, "lot": LOT, "bidder": bidder,
            "rev": rev, "prev": None, "policy": b64u(HJ("opening-policy", self.policy)), "envelopes": [],
        }  # fmt: skip
        d = self.about(bidder=bidder, rev=rev, manifest=b64u(HJ("bid-manifest", manifest)), received_at=self.log.now) | changed
        self.log.blind(f"bid.{kind}", BIDS, d, role=bidder)
        self.bids.pop(bidder, None)
        if kind != "withdrawn":
            self.bids[bidder] = d
        return self.log.hidden[BIDS][-1]

    def hand_in(self):
        a, b, c, d = BIDDERS
        self.bid(a)
        self.log.chaff(2)
        self.bid(b)
        self.bid(d)
        self.bid(c, **({"received_at": self.deadline} if self.wrong == "late-bid" else {}))
        self.bid(a, "replaced", **({"rev": 3} if self.wrong == "rev-gap" else {}))
        self.bid(d, "withdrawn")

    def move_deadline(self):
        new = instant(self.log.at.replace(hour=3, minute=0))
        self.log.add("lot.deadline_changed", STREAM, self.about(old=self.deadline, new=new))
        self.deadline = new

    def restore_deadline(self, *, hours):
        new = instant(self.log.at + timedelta(hours=hours))
        self.log.add("lot.deadline_restored", STREAM, self.about(old=self.deadline, new=new, outage="GZ2026-0001"))
        self.deadline = new

    def bids_root(self):
        rows = sorted(self.bids.values(), key=lambda d: d["manifest"])
        return root([leaf_hash(jcs({"manifest": d["manifest"], "received_at": d["received_at"]})) for d in rows])

    def lock(self):
        if self.wrong == "moved-late":
            self.log.wait(hours=2)
            self.move_deadline()
            self.log.wait(hours=2)
        elif self.wrong == "restored-early":
            self.restore_deadline(hours=5)
            self.log.wait(hours=8)
        elif self.wrong in ("restored", "restored-backwards"):
            self.log.wait(hours=2)
            self.restore_deadline(hours=1 if self.wrong == "restored" else -1)
            self.log.wait(hours=2)
        elif self.wrong != "locked-early":
            self.log.wait(hours=2)
        self.n = n = len(self.bids) + (self.wrong == "wrong-n")
        bids_root = secret("root") if self.wrong == "wrong-root" else self.bids_root()
        self.log.add("lot.locked", STREAM, self.about(n=n, bids_root=b64u(bids_root)))
        if self.wrong == "two-locks":
            self.log.add("lot.locked", STREAM, self.about(n=n, bids_root=b64u(bids_root)))
        if self.wrong == "bid-after-lock":
            self.bid(BIDDERS[3], received_at=instant(self.log.at.replace(hour=1, minute=30)))

    def start(self):
        until = self.log.at.replace(minute=30)
        self.log.add("opening.started", STREAM, self.step(keys_until=instant(until)), role="staff")
        if self.wrong == "extended":
            until = instant(until + timedelta(hours=2))
            self.log.add("opening.extended", STREAM, self.about(keys_until=until, reason="平台故障"), role="supervisor")

    def secretly(self, kind, bidder, *, role=None, stream=BIDS, **more):
        d = self.step(bidder=bidder, manifest=self.bids[bidder]["manifest"], **more)
        self.log.blind(kind, stream, d, role=role or bidder)

    def step(self, **more):
        """A step of an opening, as entries spoke of it before there were two envelopes."""
        return self.about(**more)

    def release(self, bidder):
        self.secretly("opening.key_released", bidder, digest=b64u(secret(f"file key {bidder}")))

    def share(self, bidder, place, **changed):
        holder = self.policy["holders"][place]
        more = {"holder": holder["kid"], "org": holder["org"], "commit": b64u(secret(f"share {place}"))} | changed
        self.secretly("fallback.share", bidder, role="holder", **more)

    def fall_back(self, bidder):
        wrong = self.wrong
        if wrong != "unrequested":
            self.secretly("fallback.requested", bidder, by="bidder", reason="密钥文件损坏")
        if wrong == "refused":
            self.secretly("fallback.refused", bidder, reason="理由不成立")
            return
        if wrong not in ("unapproved", "approved-after"):
            self.secretly("fallback.approved", bidder, reason="同意")
        if wrong == "bad-share":
            holder = self.policy["holders"][2]
            self.secretly(
                "fallback.bad_share", bidder, role="holder", holder=holder["kid"], org=holder["org"],
                digest=b64u(secret("wrong share")), signature=b64u(bytes(64)),
            )  # fmt: skip
        for place in {"few-shares": (0,), "same-org": (0, 1, 2), "same-holder": (0, 0)}.get(wrong, (0, 1)):
            self.share(bidder, place, **({"holder": Person("nobody").kid} if wrong == "foreign-holder" and place else {}))
        if wrong == "approved-after":
            self.secretly("fallback.approved", bidder, reason="同意")
        self.secretly("fallback.opened", bidder, digest=b64u(secret(f"file key {bidder}")))

    def keys(self):
        """The window for keys: A and B release theirs, C needs the holders; answers how many bids were opened."""
        a, b, c, _ = BIDDERS
        self.secretly("opening.key_failed", b, attempts=1)
        self.release(a)
        if self.wrong not in ("unsettled", "unopened", "extended"):
            self.release(b)
        self.fall_back(c)
        if self.wrong in ("unopened", "refused", "extended"):
            self.log.wait(hours=1)
        return 3 - (self.wrong in ("unsettled", "unopened", "refused", "extended"))

    def reveal(self, opened):
        rows = self.log.hidden[BIDS]
        if self.wrong == "opened-before-reveal":
            self.log.open_blind(BIDS, STREAM)
        self.log.add(
            "opening.revealed", STREAM,
            self.step(n=self.n, opened=opened + (self.wrong == "more-opened"), table=b64u(secret("table"))),
        )  # fmt: skip
        if self.wrong == "hidden-bid":
            self.log.open_blind(BIDS, STREAM, rows[:3])
        elif self.wrong != "opened-before-reveal":
            self.log.open_blind(BIDS, STREAM)
        self.log.add("opening.closed", STREAM, self.step(opened=opened, record="N-2", discarded=0), role="staff")

    def run(self, until="closed"):
        """Everything up to a stage: published, locked, started, closed."""
        self.publish()
        self.log.sign()
        if self.wrong == "deadline-moved":
            self.move_deadline()
        self.hand_in()
        self.log.sign()
        if self.wrong == "released-before-lock":
            self.release(BIDDERS[0])
        if until != "published":
            self.lock()
        if self.wrong == "too-few":
            self.log.add("lot.failed", STREAM, self.about(notice="N-3"))
        elif until in ("started", "closed"):
            self.start()
            opened = self.keys() if until == "closed" else 0
            if until == "closed":
                self.reveal(opened)
        self.log.chaff()
        self.log.sign()
        return self


class TwoEnvelopes(Opening):
    """The same lot in two envelopes: C's bid does not pass the first; A and B go on to the second."""

    envelope = "technical"

    def document(self):
        return {"envelopes": ["technical"] if self.wrong == "one-of-two" else ["technical", "commercial"]}

    def step(self, **more):
        named = {} if self.wrong == "unnamed" else {"envelope": self.envelope}
        return self.about(**named, **more)

    def release_second(self, bidder, envelope="commercial"):
        d = self.about(envelope=envelope, bidder=bidder, manifest=self.bids[bidder]["manifest"], digest=b64u(secret(f"second {bidder}")))
        self.log.blind("opening.key_released", SECONDS, d, role=bidder)

    def keys(self):
        if self.wrong == "second-key-early":
            self.release_second(BIDDERS[0])
        if self.wrong == "second-key-among-first":
            self.envelope = "commercial"
            self.release(BIDDERS[0])
            self.envelope = "technical"
        return super().keys()

    def reveal(self, opened):
        if self.wrong == "admitted-early":
            self.admit()
        super().reveal(opened)
        if self.wrong == "second-key-before-admission":
            self.release_second(BIDDERS[0])
        self.envelope = "commercial"
        if self.wrong != "admitted-early":
            self.admit()
        if self.wrong != "second-waits":
            self.open_second()

    def admit(self):
        a, b, c, _ = BIDDERS
        returned = {"returned-stranger": (BIDDERS[3],), "returned-nobody": ()}.get(self.wrong, (c,))
        for bidder in returned:
            manifest = self.bids.get(bidder, {"manifest": b64u(secret("stranger"))})["manifest"]
            for _ in range(2 if self.wrong == "returned-twice" else 1):
                self.log.add("envelope.returned", STREAM, self.about(envelope="commercial", bidder=bidder, manifest=manifest))
        heads = sorted((self.bids[bidder] for bidder in (a, b)), key=lambda d: d["manifest"])
        found = root([leaf_hash(jcs({"manifest": d["manifest"], "received_at": d["received_at"]})) for d in heads])
        self.log.add(
            "envelope.admitted", STREAM,
            self.about(envelope="commercial", n=3 if self.wrong == "admitted-n" else 2, bids_root=b64u(secret("x") if self.wrong == "admitted-root" else found)),
        )  # fmt: skip

    def open_second(self):
        a, b, c, _ = BIDDERS
        self.log.wait(hours=1)
        until = self.log.at.replace(minute=50)
        self.log.add("opening.started", STREAM, self.step(keys_until=instant(until)), role="staff")
        self.release_second(a, "technical" if self.wrong == "swapped" else "commercial")
        if self.wrong not in ("second-missing", "second-revoked", "second-fallback"):
            self.release_second(b)
        if self.wrong == "second-fallback":
            for kind, more in (("requested", {"by": "host", "reason": "密钥丢失"}), ("approved", {"reason": "同意"})):
                self.secretly(f"fallback.{kind}", b, stream=SECONDS, **more)
            for place in (0, 1):
                holder = self.policy["holders"][place]
                share = {"holder": holder["kid"], "org": holder["org"], "commit": b64u(secret(f"second share {place}"))}
                self.secretly("fallback.share", b, role="holder", stream=SECONDS, **share)
            self.secretly("fallback.opened", b, stream=SECONDS, digest=b64u(secret(f"second {b}")))
        if self.wrong == "second-of-returned":
            self.release_second(c)
        if self.wrong == "second-revoked":
            self.log.wait(hours=1)
        opened = 1 if self.wrong in ("second-missing", "second-revoked") else 2
        if self.wrong == "second-opened-early":
            self.log.open_blind(SECONDS, STREAM)
        n = 3 if self.wrong == "second-n" else 2
        self.log.add("opening.revealed", STREAM, self.step(n=n, opened=opened, table=b64u(secret("second table"))))
        if self.wrong not in ("second-opened-early", "second-hidden"):
            self.log.open_blind(SECONDS, STREAM)
        self.log.add("opening.closed", STREAM, self.step(opened=opened, record="N-4", discarded=1), role="staff")


def receipt_for(opening, row, *, size=None, key=RECEIPT, body=None, **changed):
    """The receipt for an opened bid entry, in the state the log had at `size`."""
    log, d = opening.log, row["body"]["d"]
    size = size or log.size
    note = next(note for note in log.notes if int(note.split("\n")[1]) == size)
    made = {
        "v": 1,
        "action": "withdraw" if row["body"]["k"] == "bid.withdrawn" else "submit",
        **{name: d[name] for name in ("tender", "lot", "bidder", "rev", "manifest", "received_at")},
        "deadline": opening.deadline,
        "entry": {"salt": row["salt"], "body": body or row["body"]},
        "index": row["index"],
        "size": size,
        "root": b64u(root(log.leaves[:size])),
        "proof": log.proof(row["index"], size),
        "checkpoint": note,
        **changed,
    }
    return {"receipt": made, "signature": sign(key, "receipt", made)}


def ack_for(opening, row, *, key=RECEIPT, **changed):
    made = {
        name: value for name, value in receipt_for(opening, row)["receipt"].items()
        if name not in ("entry", "index", "size", "root", "proof", "checkpoint")
    }  # fmt: skip
    made |= {"leaf": b64u(opening.log.leaves[row["index"]]), "promise": 60} | changed
    return {"ack": made, "signature": sign(key, "ack", made)}
