"""Draws as the log tells them, computed in plain Python; `wrong` names the one thing that is not as it should be."""

from copy import deepcopy

from draws.order import permutation
from ledger.canonical import HJ, H, b64u, instant, jcs, parse_jcs, unb64u
from ledger.merkle import leaf_hash, root
from tests.trust.published import Log, Person, secret

STRATA = (("工程", 2, 7), ("经济", 1, 4))
ROLES = ("centre", "supervisor", "tenderee")


class Draw:
    """One draw in a log of its own; `file()` is what a verifier gets to see."""

    def __init__(self, wrong="", *, number="D-2026-0001", strata=STRATA, confidential=False, beacon=False, lost=None, log=None):
        self.log, self.wrong, self.number, self.confidential, self.lost = log or Log(), wrong, number, confidential, lost
        self.stream = f"draw/{number}"
        self.purpose = "committee"
        self.strata = [{"id": name, "name": f"{name}类", "take": take} for name, take, _ in strata]
        self.people = {role: Person(f"{number} {role}") for role in ROLES}
        self.r = {role: secret(f"{number} r {role}") for role in ROLES}
        self.beacon = {"chain": "drand-quicknet", "round": 12345678} if beacon else None
        self.lists = [self.listed(name, count) for name, _, count in strata]
        self.indexes = []

    def listed(self, stratum, count):
        rows = []
        for place in range(count):
            salt, candidate = (
                secret(f"{self.number} {stratum} {place}"),
                {"id": f"E-{place:03d}", "name": f"专家{place}", "stratum": stratum},
            )
            rows.append({"c": b64u(H("draw-cand", salt + jcs(candidate))), "salt": b64u(salt), "candidate": candidate})
        rows.sort(key=lambda row: unb64u(row["c"]), reverse=self.wrong == "list-order")
        return {"id": stratum, "items": rows}

    def add(self, kind, /, *, role="system", **d):
        self.indexes.append(self.log.add(kind, self.stream, {"draw": self.number, **d}, role=role))

    def define(self):
        parties, holders = [], []
        for place, (role, person) in enumerate(self.people.items()):
            org = f"1211000000000000{0 if self.wrong == 'same-org' else place}X"
            parties.append({"id": role, "org": org, "role": role, "kid": person.kid, "spki": b64u(person.spki)})
            holders.append({"id": role, "org": org, "role": role, "spki": b64u(person.spki), "kid": person.kid})
        self.parties = parties
        at = self.log.at
        self.add(
            "draw.defined", purpose=self.purpose, rule="三方各出一个随机数", strata=self.strata, parties=parties, k=2, holders=holders,
            commit_until=instant(at.replace(hour=2)), reveal_until=instant(at.replace(hour=3)), beacon=self.beacon, repeats=None,
        )  # fmt: skip

    def list(self):
        leaves = [leaf_hash(unb64u(row["c"])) for rows in self.lists for row in rows["items"]]
        self.list_root = b64u(secret("root") if self.wrong == "list-root" else root(leaves))
        counts = [{"id": rows["id"], "n": len(rows["items"])} for rows in self.lists]
        n = len(leaves) + (self.wrong == "list-n")
        self.add("draw.listed", confidential=self.confidential, n=n, strata=counts, list_root=self.list_root)

    def commit(self):
        self.commits = {role: b64u(HJ("draw-commit", {"draw": self.number, "party": role, "r": b64u(self.r[role])})) for role in ROLES}
        rows = []
        for role in sorted(ROLES):
            signed = {"v": 1, "draw": self.number, "party": role, "commit": self.commits[role]}
            person = Person("stranger") if self.wrong == "commit-signature" and role == "supervisor" else self.people[role]
            rows.append({"party": role, "commit": self.commits[role], "signature": person.sign("draw-commit", signed)})
        self.add("draw.committed", commits=rows[1:] if self.wrong == "commit-missing" else rows)

    def recover(self, role):
        self.add("fallback.requested", party=role, reason="逾期未公开")
        others = [row for row in self.parties if row["id"] != role]
        for row in others[: 1 if self.wrong == "few-shares" else 2]:
            self.add(
                "fallback.share", party=role, holder=row["kid"], org=row["org"], digest=b64u(secret(f"share {row['id']}")), role="holder"
            )

    def reveal(self, *, early=False):
        for role in ROLES[:1] if early else ROLES:
            if self.wrong == "changed-r" and role == "tenderee":
                self.r[role] = secret("another r")
            if role == self.lost and (self.beacon or self.wrong == "r-missing"):
                self.r[role] = None
                continue
            if role == self.lost:
                self.recover(role)
            self.add("draw.revealed", party=role, r=b64u(self.r[role]), recovered=role == self.lost, role=role)

    def seed(self):
        place = self.checkpoint
        strata = [{"id": row["id"], "take": row["take"]} for row in self.strata]
        contrib = [{"party": role, "commit": self.commits[role], "r": self.r[role] and b64u(self.r[role])} for role in sorted(ROLES)]
        if self.wrong == "transcript-r":
            contrib[0]["r"] = b64u(secret("another r"))
        beacon = self.beacon and {**self.beacon, "signature": b64u(secret("beacon") + secret("beacon"))}
        if self.wrong == "beacon-changed":
            beacon["round"] += 1
        transcript = {
            "v": 1, "draw": self.number, "kind": self.purpose, "n": sum(len(rows["items"]) for rows in self.lists),
            "list_root": self.list_root, "strata": strata, "checkpoint": place, "contrib": contrib, "beacon": beacon,
        }  # fmt: skip
        self.seeded = secret("seed") if self.wrong == "seed" else HJ("draw-seed", transcript)
        self.add("draw.seeded", transcript=transcript, seed=b64u(self.seeded))

    def orders(self):
        """Each stratum's hashes in drawn order."""
        out = {}
        for rows in self.lists:
            order = permutation(H("draw-stratum", self.seeded + rows["id"].encode()), len(rows["items"]))
            if self.wrong == "permutation":
                order.reverse()
            out[rows["id"]] = [rows["items"][place]["c"] for place in order]
        return out

    def result(self):
        """The second place of the first stratum is passed over by a rule, all others are taken as they come."""
        self.walked, self.chosen, result = {}, {}, []
        for number, row in enumerate(self.strata):
            order, take = self.orders()[row["id"]], row["take"]
            passed = [1] if number == 0 and take > 1 else []
            places = [place for place in range(take + len(passed)) if place not in passed]
            chosen = [{"place": place, "c": order[place]} for place in places]
            code = "" if self.wrong == "skip-code" else "avoid.employer"
            skipped = [{"place": place, "c": order[place], "code": code} for place in passed]
            if self.wrong == "swapped" and number == 0:
                chosen[0]["c"], chosen[1]["c"] = chosen[1]["c"], chosen[0]["c"]
            if self.wrong == "too-few" and number == 0:
                chosen.pop()
            self.walked[row["id"]] = take + len(passed)
            self.chosen[row["id"]] = [each["c"] for each in chosen]
            result.append({"id": row["id"], "chosen": chosen, "skipped": skipped})
        self.add("draw.result", strata=result)
        if self.wrong == "two-results":
            self.add("draw.result", strata=result)

    def replace(self):
        stratum = self.strata[0]["id"]
        order, place = self.orders()[stratum], self.walked[stratum]
        if self.wrong == "standby":
            place += 1
        out = order[-1] if self.wrong == "replaced-nobody" else self.chosen[stratum][0]
        self.add("draw.replaced", stratum=stratum, out=out, **{"in": order[place]}, place=place, skipped=[], reason="absent")
        self.chosen[stratum] = [order[place], *self.chosen[stratum][1:]]

    def names(self):
        known = {row["c"]: row for rows in self.lists for row in rows["items"]}
        wanted = [c for rows in self.chosen.values() for c in rows]
        if self.wrong == "names-other":
            wanted[0] = next(c for c in known if c not in wanted and c not in self.orders()[self.strata[0]["id"]][:4])
        rows = [known[c] for c in wanted]
        if self.wrong == "names":
            rows[0] = {**rows[0], "candidate": {**rows[0]["candidate"], "name": "别人"}}
        self.add("draw.names", names=rows)

    def run(self, until="names"):
        """Everything up to a stage: committed, void, names."""
        log = self.log
        log.chaff(3)
        self.define()
        self.list()
        log.sign()
        if self.wrong == "commit-late":
            self.commits = {}
            self.reveal(early=True)
        self.commit()
        if self.wrong == "commit-late":
            log.sign()
        self.checkpoint = self.place_of(log.sign())
        if self.wrong == "checkpoint-early":
            self.checkpoint = self.place_of(log.notes[0])
        if self.wrong == "checkpoint-late":
            log.chaff()
            self.checkpoint = self.place_of(log.sign())
        if self.wrong == "checkpoint-root":
            self.checkpoint["root"] = b64u(secret("root"))
        log.chaff()
        if until == "void":
            self.add("draw.void", reason="一方缺席", party="tenderee")
        if until == "names":
            if self.wrong == "commit-late":
                for role in ROLES[1:]:
                    self.add("draw.revealed", party=role, r=b64u(self.r[role]), recovered=False, role=role)
            else:
                self.reveal()
            self.seed()
            self.result()
            self.after_result = log.sign()
            if self.strata[0]["take"] > 1:
                self.replace()
            if self.confidential:
                self.names()
        log.chaff(2)
        log.sign()
        return self

    def place_of(self, note):
        size = int(note.split("\n")[1])
        return {"size": size, "root": b64u(root(self.log.leaves[:size]))}

    def file(self, *, drop=0, note=None, **changed):
        """The draw file as of a checkpoint (the last if none is given); `drop` leaves out so many of the last entries."""
        note = note or self.log.notes[-1]
        size = int(note.split("\n")[1])
        indexes = [index for index in self.indexes[: len(self.indexes) - drop] if index < size]
        entries = [{"index": index, "entry": parse_jcs(self.log.entries[index]), "proof": self.log.proof(index, size)} for index in indexes]
        lists = deepcopy(self.lists)
        if self.confidential:
            lists = [
                {"id": rows["id"], "items": [{"c": row["c"], "salt": None, "candidate": None} for row in rows["items"]]} for rows in lists
            ]
        return {
            "v": 1, "type": "etp-draw", "draw": self.number, "checkpoint": note, "entries": entries, "lists": lists, **changed,
        }  # fmt: skip
