"""Checks the report of a bulk deletion without the program that made it:

    python verify_report.py [FILE.zip or FOLDER]

Needs Python 3.10 or later and nothing else. Ends with 0 if everything fits, else with 1. With the key of the
audit trail in the environment variable AUDIT_KEY the seals of its entries are checked, too.
"""

import hashlib
import hmac
import json
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FINAL = {"deleted", "already_absent", "held", "failed", "cancelled"}
READ_BACKS = {"confirmed", "still_there"}
# May be decided without asking upstream.
UNASKED = {"held", "cancelled", "already_absent"}
# Of an entry that is about something else.
LINK = {"number", "previous_hash", "hash"}
SHOWN = 50


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


class Report:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.checked: list[str] = []
        self.problems: list[str] = []

    def check(self) -> bool:
        self.check_files()
        self.told: Json = json.loads(self.read("report.json"))
        self.rows = self.lines("outcomes.jsonl")
        self.entries = self.lines("audit.jsonl")
        self.check_plan()
        self.check_outcomes()
        self.check_chain()
        self.check_proofs()
        if os.environ.get("AUDIT_KEY"):
            self.check_seals(os.environ["AUDIT_KEY"])
        return not self.problems

    def read(self, name: str) -> bytes:
        if self.place.is_dir():
            return (self.place / name).read_bytes()
        with zipfile.ZipFile(self.place) as archive:
            return archive.read(name)

    def lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in self.read(name).splitlines() if line]

    def expect(self, fits: object, problem: str) -> None:
        if not fits:
            self.problems.append(problem)

    def check_files(self) -> None:
        """Each file is the one that the manifest names."""
        listed = json.loads(self.read("manifest.json"))["files"]
        for each in listed:
            found = hashlib.sha256(self.read(each["name"])).hexdigest()
            self.expect(found == each["sha256"], f"{each['name']} is not the file that the manifest names")
        self.checked.append(f"{len(listed)} files have the hashes of the manifest")

    def check_plan(self) -> None:
        """It has the hash that was executed, and each of its rows is one of the deletions."""
        raw = self.read("plan.jsonl")
        found = hashlib.sha256(raw).hexdigest()
        self.expect(found == self.told["hash"], "plan.jsonl doesn't have the hash of the plan")
        asked, *planned = [json.loads(line) for line in raw.splitlines() if line]
        self.expect(asked == self.told["asked"], "report.json and the plan tell of different wishes")
        carried = [[row["endpoint"], row["response_id"], row["held_when_planned"]] for row in self.rows]
        self.expect(planned == carried, "the deletions are not those of the plan")
        for action in ("plan_made", "plan_executed"):
            named = [entry["details"]["hash"] for entry in self.about(action)]
            self.expect(named and {*named} == {found}, f"the audit trail has no {action} of this plan")
        self.checked.append(f"the plan has its hash, and its {len(planned)} rows are the deletions")

    def check_outcomes(self) -> None:
        for row in self.rows:
            outcome, name = row["outcome"], row["response_id"] or row["response"]
            self.expect(outcome in FINAL, f"{name} has no final outcome: {outcome}")
            kept = not row["held_when_planned"] or outcome in ("held", "cancelled")
            self.expect(kept, f"{name} was held when it was planned, and yet is {outcome}")
            self.expect(outcome != "deleted" or accepted(row), f"{name}: no answer of upstream says so")
        counts = Counter(row["outcome"] for row in self.rows)
        self.expect(counts == self.told["outcomes"], "report.json counts other outcomes")
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        self.checked.append(f"every deletion has one final outcome: {told or 'none'}")

    def check_chain(self) -> None:
        """Entries follow each other without a gap, up to the head that the report names."""
        for one, following in pairwise(self.entries):
            number = following["number"]
            self.expect(number == one["number"] + 1, f"an entry is missing before {number}")
            linked = following["previous_hash"] == one["hash"]
            self.expect(linked, f"entry {number} doesn't follow on the one before it")
        head = self.told["audit"]
        ends = self.entries and self.entries[-1]["hash"] == head["head"]
        self.expect(ends, "the audit trail doesn't end with the head that the report names")
        self.checked.append(f"{len(self.entries)} audit entries are linked, up to the head {head['head']}")

    def check_proofs(self) -> None:
        """What the audit trail says was decided is what upstream's answers say, row by row."""
        by_key = {row["deletion"]: row for row in self.rows}
        decided: dict[int, str] = {}
        read: dict[int, str] = {}
        for entry in self.about("job_progressed", "job_cancelled"):
            stated = sorted(self.stated(entry, by_key), key=lambda line: int(line["deletion"]))
            digest = hashlib.sha256(b"".join(canonical(line) + b"\n" for line in stated)).hexdigest()
            # A cancellation of older versions doesn't say what it cancelled.
            fits = digest == entry["details"].get("digest", digest)
            self.expect(fits, f"audit entry {entry['number']} was written for other answers than these")
            for line in stated:
                (read if line["what"] in READ_BACKS else decided)[line["deletion"]] = line["what"]
        for key, row in by_key.items():
            self.check_proof(row, decided.get(key), read.get(key))
        self.checked.append(f"the audit trail proves {len(decided)} outcomes and {len(read)} read-backs")

    def check_proof(self, row: Json, decided: str | None, read: str | None) -> None:
        name, outcome = row["response_id"] or row["response"], row["outcome"]
        unasked = decided is None and not row["answers"] and outcome in UNASKED
        proved = decided == outcome or unasked
        self.expect(proved, f"{name} is {outcome}, of which the audit trail doesn't tell")
        asked = row["read_back"] in READ_BACKS
        self.expect(not asked or read == row["read_back"], f"{name}: the audit trail tells another read-back")

    def stated(self, entry: Json, by_key: dict[int, Json]) -> Iterator[Json]:
        """The lines that the entry's digest was made of; docs/audit.md of the program has their form."""
        if entry["action"] == "job_cancelled":
            yield from self.cancelled(entry)
            return
        for what, told in entry["details"]["rows"].items():
            for key, number in told:
                row = by_key.get(key)
                if row is None or (number is not None and number >= len(row["answers"])):
                    self.expect(False, f"audit entry {entry['number']} tells of what isn't here: {key}")
                    continue
                answer = None if number is None else row["answers"][number]
                yield {"answer": answer, "deletion": key, "response_id": row["response_id"], "what": what}

    def cancelled(self, entry: Json) -> Iterator[Json]:
        at = entry["details"].get("at")
        for row in self.rows:
            if row["outcome"] == "cancelled" and at in (None, row["decided_at"]):
                key, name = row["deletion"], row["response_id"]
                yield {"answer": None, "deletion": key, "response_id": name, "what": "cancelled"}

    def check_seals(self, key: str) -> None:
        whole = [entry for entry in self.entries if {*entry} != LINK]
        for entry in whole:
            covered = canonical({field: value for field, value in entry.items() if field != "hash"})
            found = hmac.new(key.encode(), covered, hashlib.sha256).hexdigest()
            self.expect(found == entry["hash"], f"the seal of audit entry {entry['number']} is broken")
        self.checked.append(f"{len(whole)} entries about this deletion have the seals of AUDIT_KEY")

    def about(self, *actions: str) -> list[Json]:
        return [entry for entry in self.entries if entry.get("action") in actions]


def accepted(row: Json) -> bool:
    return any(answer.get("request") == "delete" and answer.get("status") == 200 for answer in row["answers"])


def main(arguments: list[str]) -> int:
    report = Report(Path(arguments[0]) if arguments else Path(__file__).parent)
    fits = report.check()
    lines = [f"checked: {line}" for line in report.checked]
    lines += [f"WRONG: {problem}" for problem in report.problems[:SHOWN]]
    more = len(report.problems)
    lines.append("The report is whole." if fits else f"The report is NOT whole; problems: {more}.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if fits else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
