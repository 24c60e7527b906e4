#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts faults into the sources, one at a time, and tells which the tests see.

    tests/mutations/run.py                           every fault of mutations.txt
    tests/mutations/run.py --room search             those of a room
    tests/mutations/run.py --only median-next-epoch  one, or all whose name begins so
    tests/mutations/run.py --random 20 --seed 7 --room trial    20 made by rule instead
    tests/mutations/run.py --list                    what would be tried
    tests/mutations/run.py --check                   whether the table fits the sources; builds nothing
    tests/mutations/run.py --report                  what the log says

Works in a copy of the checkout (build/mutations/tree) with a build folder of its own; the checkout itself is not
touched. What was tried stands in build/mutations/log.jsonl and is not tried again while sources, fault and tests are
the same. Exits 1 where a fault survived, does not build, or the table does not fit.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import mutation_rules
import mutation_table

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TABLE = HERE / "mutations.txt"
LEFT_OUT = {".git", "build", "__pycache__"}  # of the copy
TEST_TIMEOUT_S = 900  # a fault that makes a test hang is caught


class Workshop:
    """A copy of the checkout, where faults are put in, built and tested."""

    def __init__(self, folder, jobs):
        self.tree, self.build = folder / "tree", folder / "build"
        self.log_path = folder / "log.jsonl"
        self.jobs = jobs
        self.sound = {}  # by (tests, filter): whether they pass without a fault
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self):
        """Brings the copy up to date. What is the same keeps its time, so that it is not built again."""
        wanted = set()
        for source in files_of(ROOT):
            relative = source.relative_to(ROOT)
            wanted.add(relative)
            copy = self.tree / relative
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        for copy in list(files_of(self.tree)):
            if copy.relative_to(self.tree) not in wanted:
                copy.unlink()
        if not (self.build / "build.ninja").exists():
            run(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], check=True)

    def fingerprint(self, mutation):
        """Of all that the outcome depends on: sources and tests as they are, the fault, and what is run."""
        digest = hashlib.sha256()
        tests = "tests/" + mutation.room + "/"
        for source in files_of(self.tree):
            name = source.relative_to(self.tree).as_posix()
            if name.startswith(("src/", "include/", "jobs/", tests)):
                digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
        text = (self.tree / mutation.file).read_text(encoding="utf-8")
        digest.update("\0".join([mutation.mutated(text), mutation.tests, mutation.filter]).encode())
        return digest.hexdigest()[:16]

    def is_sound(self, mutation):
        """Whether the tests pass, and are any, without the fault: else nothing is said by their failing."""
        key = (mutation.tests, mutation.filter)
        if key not in self.sound:
            built = self.make(mutation.targets)
            passed, output = self.test(mutation) if built.returncode == 0 else (False, built.stdout)
            has_tests = "No tests were found" not in output and "Running 0 tests" not in output
            self.sound[key] = passed and has_tests
            if not self.sound[key]:
                print(output[-4000:])
        return self.sound[key]

    def outcome_of(self, mutation):
        """caught, survived, or does not build; and the names of the tests that failed."""
        source = self.tree / mutation.file
        original = source.read_text(encoding="utf-8")
        try:
            source.write_text(mutation.mutated(original), encoding="utf-8")
            if self.make(mutation.targets).returncode != 0:
                return "does not build", []
            passed, output = self.test(mutation)
        finally:
            source.write_text(original, encoding="utf-8")
        failed = re.findall(r"\[  FAILED  \] ([\w./]+)(?:,| \()", output) or re.findall(
            r"^(?:FAIL|ERROR): (\w+)", re.sub(r"^\d+: ", "", output, flags=re.M), re.M)
        return ("survived" if passed else "caught"), sorted(set(failed))

    def make(self, targets):
        return run(["ninja", "-C", self.build, "-j", str(self.jobs), *targets])

    def test(self, mutation):
        environment = dict(os.environ, GTEST_FILTER=mutation.filter) if mutation.filter else None
        done = run(["ctest", "--test-dir", self.build, "-R", mutation.tests, "--output-on-failure", "-V", "-j",
                    str(self.jobs), "--timeout", str(TEST_TIMEOUT_S)], environment=environment)
        return done.returncode == 0, done.stdout

    def read_log(self):
        if not self.log_path.exists():
            return []
        return [json.loads(line) for line in self.log_path.read_text(encoding="utf-8").splitlines() if line.strip()]

    def write_log(self, entry):
        with self.log_path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")


def run(arguments, check=False, environment=None):
    return subprocess.run([str(a) for a in arguments], check=check, env=environment, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(names):
            path = pathlib.Path(folder) / name
            if name not in LEFT_OUT and not path.is_symlink():  # .git of a worktree is a file
                yield path


def chosen_mutations(options):
    if options.random:
        rooms = [options.room] if options.room else [r for r in mutation_table.ROOMS if r not in ("h5", "core")]
        return [m for room in rooms for m in mutation_rules.made_by_rule(room, ROOT, options.random, options.seed)]
    mutations = mutation_table.read_table(TABLE)
    if options.room:
        mutations = [m for m in mutations if m.room == options.room]
    if options.only:
        mutations = [m for m in mutations if any(m.name.startswith(name) for name in options.only)]
    return mutations


def report_of(entries):
    """Per room and in all: how many were caught of those that build."""
    latest = {entry["name"]: entry for entry in entries}
    lines = [f"{'room':<10}{'caught':>8}{'survived':>10}{'no build':>10}{'caught %':>10}"]
    counts = {room: collections.Counter() for room in mutation_table.ROOMS}
    for entry in latest.values():
        counts[entry["room"]][entry["outcome"]] += 1
    counts["all"] = sum(counts.values(), collections.Counter())
    for room, count in counts.items():
        built = count["caught"] + count["survived"]
        if count:
            share = f"{100 * count['caught'] / built:.0f}" if built else "-"
            lines.append(f"{room:<10}{count['caught']:>8}{count['survived']:>10}{count['does not build']:>10}{share:>10}")
    for entry in latest.values():
        if entry["outcome"] != "caught":
            lines.append(f"{entry['outcome']}: {entry['name']} in {entry['file']}\n  - {entry['old']}\n  + {entry['new']}"
                         f"\n  {entry['notice']}")
    return "\n".join(lines)


def try_all(mutations, workshop, tries_again):
    """The log's entries of these, new or as they stand there."""
    workshop.prepare()
    known = {entry["fingerprint"]: entry for entry in workshop.read_log()}
    entries = []
    for number, mutation in enumerate(mutations, 1):
        fingerprint = workshop.fingerprint(mutation)
        entry = known.get(fingerprint)
        if entry is None or tries_again:
            if not workshop.is_sound(mutation):
                sys.exit(f"{mutation.name}: its tests ({mutation.tests}, {mutation.filter or 'all'}) do not pass without "
                         "the fault, or there are none; mend that first")
            start = time.monotonic()
            outcome, failed = workshop.outcome_of(mutation)
            entry = {"name": mutation.name, "room": mutation.room, "file": mutation.file, "old": mutation.old,
                     "new": mutation.new, "notice": mutation.notice, "outcome": outcome, "failed": failed[:10],
                     "seconds": round(time.monotonic() - start, 1), "fingerprint": fingerprint}
            workshop.write_log(entry)
        entries.append(entry)
        by = f" by {', '.join(entry['failed'][:3])}" if entry["failed"] else ""
        print(f"[{number}/{len(mutations)}] {entry['outcome']:<14} {mutation.name}{by}", flush=True)
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--room", choices=mutation_table.ROOMS, help="only faults of this room")
    parser.add_argument("--only", action="append", metavar="NAME", help="only faults whose name begins so")
    parser.add_argument("--list", action="store_true", help="print the faults and try none")
    parser.add_argument("--check", action="store_true", help="whether every old text stands in its file exactly once")
    parser.add_argument("--report", action="store_true", help="what the log says, and try none")
    parser.add_argument("--random", type=int, metavar="N", help="N faults of each room, made by rule")
    parser.add_argument("--seed", type=int, default=1, help="of --random")
    parser.add_argument("--again", action="store_true", help="also what the log has")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of ninja and ctest")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "mutations", help="for copy and log")
    options = parser.parse_args()
    try:
        table = mutation_table.read_table(TABLE)
        found = mutation_table.findings(table, ROOT)
        mutations = chosen_mutations(options)
    except mutation_table.TableError as error:
        sys.exit(str(error))
    if options.check or found:
        print("\n".join(found) or f"{len(table)} faults, each old text stands in its file exactly once")
        return 1 if found else 0
    workshop = Workshop(options.folder.resolve(), options.jobs)
    if options.report:
        print(report_of(workshop.read_log()))
        return 0
    if options.list:
        for m in mutations:
            print(f"{m.name} ({m.file}): {m.notice}\n  - " + m.old.replace("\n", "\n  - ") + "\n  + " +
                  m.new.replace("\n", "\n  + "))
        return 0
    if not mutations:
        sys.exit("no fault of that name or room; --list shows all")
    entries = try_all(mutations, workshop, options.again)
    print(report_of(entries))
    return 0 if all(entry["outcome"] == "caught" for entry in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
