#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the coordinator, a worker, all ranks, mpirun or the whole job, at random moments of real sweeps.

    SEQSWEEP=build/release/bin/seqsweep tests/faults/kill_test.py [--kills 10 | --long] [--seed N]

After every kill the results file opens, holds every row that was seen in it before, and none twice. Killed and resumed
by the same command until it is sealed, a sweep comes to the results of one that nobody disturbed.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

import sweeps
from faults import Journal, cli, repetitions

OPTIONS = argparse.Namespace(kills=repetitions(10), seed=None)
TARGETS = ["coordinator", "worker", "ranks", "mpirun", "job"]
END_S = 30  # what the rest of a job may take to follow


def is_alive(pid):
    """Whether a process runs still; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def rank_number(pid):
    """OMPI_COMM_WORLD_RANK of a process, or None while it is no rank yet."""
    try:
        for variable in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                return int(variable.partition(b"=")[2])
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return None


def shared_segments(pids):
    """Files of /dev/shm that these processes map: a killed mpirun does not remove them."""
    found = set()
    for pid in pids:
        try:
            lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found |= {line.split()[5] for line in lines if "vader_segment" in line}
    return found


class Job:
    """A sweep under mpirun that was started and is to be killed."""

    def __init__(self, process):
        self.mpirun = process

    def ranks(self):
        """{rank: process id} of those that are there."""
        try:
            numbers = {rank_number(pid): pid for pid in cli.ranks_of(self.mpirun.pid)}
        except FileNotFoundError:
            return {}
        numbers.pop(None, None)
        return numbers

    def is_running(self):
        return self.mpirun.poll() is None

    def kill(self, target, dice):
        """Kills, and waits until nothing of the job runs any more. Whether there was anything to kill."""
        ranks = self.ranks()
        segments = shared_segments(ranks.values())
        victims = {
            "coordinator": [ranks[0]] if 0 in ranks else [],
            "worker": [dice.choice([pid for rank, pid in ranks.items() if rank > 0])] if len(ranks) > 1 else [],
            "ranks": list(ranks.values()),
            "mpirun": [self.mpirun.pid],
            "job": [self.mpirun.pid, *ranks.values()],
        }[target]
        if not victims or not self.is_running():
            return False
        for pid in victims:
            kill(pid)
        try:
            self.mpirun.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            # A rank that dies in MPI_Init may take a lock of PMIx along, for which mpirun waits at its own end for ever
            # (openpmix issue 1233).
            if any(map(is_alive, ranks.values())):
                raise
            self.mpirun.kill()
            self.mpirun.communicate()
        deadline = time.monotonic() + END_S
        while any(map(is_alive, ranks.values())):
            if time.monotonic() > deadline:
                raise AssertionError(f"{END_S} s after the kill of {target} some ranks still run")
            time.sleep(0.005)
        for segment in segments:
            pathlib.Path(segment).unlink(missing_ok=True)
        return True


@unittest.skipIf(Journal is None, "h5py is missing (Debian package python3-h5py)")
class Kills(cli.Scratch):
    """One results file per sweep; the same file is killed several times."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seconds = {}
        for sweep in sweeps.ALL:
            (cls.folder / f"{sweep.name}.ini").write_text(sweep.ini)
            start = time.monotonic()
            cls.must(*cls.command(sweep, "alone"), ranks=sweep.ranks)
            cls.seconds[sweep] = time.monotonic() - start

    @staticmethod
    def command(sweep, name):
        placement = [] if name == "alone" else sweep.placement
        return ["sweep", f"{sweep.name}.ini", *sweep.options, *placement, "-o", f"{name}-{sweep.name}.h5", "--quiet"]

    def moment_has_come(self, sweep, moment, results):
        """A function that says whether it has."""
        if moment == "random":
            deadline = time.monotonic() + self.dice.uniform(0, self.seconds[sweep])
            return lambda: time.monotonic() >= deadline
        if moment == "resuming":
            return (self.folder / f"{results}.new").exists
        if moment == "sealing":
            return (self.folder / f"{results}.sealed").exists
        checkpoints = self.folder / results.replace(".h5", ".ckpt")
        most = self.dice.randrange(30)
        seen = set()

        def has_written_enough():
            if checkpoints.exists():
                seen.update((entry.name, entry.inode()) for entry in os.scandir(checkpoints)
                            if entry.name.endswith(".tmp"))
            return len(seen) > most

        return has_written_enough

    def wait_for_moment(self, job, sweep, moment, results):
        """Waits until the moment is there; False if the sweep ends before."""
        has_come = self.moment_has_come(sweep, moment, results)
        while not has_come():
            if not job.is_running():
                return False
            time.sleep(0.0002)
        return True

    def check_file(self, results, before):
        """Right after a kill: the file opens, has every row that was seen, and none twice."""
        path = self.folder / results
        if not path.exists():
            self.assertIsNone(before, "the results file has gone")
            return None
        now = Journal(path)
        self.assertEqual(now.repeated, [], "counted twice")
        if before is not None:
            self.assertEqual(now.lost(before), [], "acknowledged and lost")
        status = self.status(results)
        self.assertIsNotNone(status, "status does not read the file")
        self.assertEqual(status["num_epochs"], len(now.rows["epochs"]))
        return now

    def one_life(self, sweep, results, before):
        """Starts the sweep, and kills it if it is not too fast. The journal afterwards."""
        target = self.dice.choice(TARGETS)
        moment = self.dice.choice(["random", "random", "resuming", "sealing", "checkpoint"])
        with self.subTest(sweep=sweep.name, target=target, moment=moment, kill=self.counts.total()):
            job = Job(self.start(*self.command(sweep, "killed"), ranks=sweep.ranks))
            self.addCleanup(job.kill, "job", self.dice)
            is_there = self.wait_for_moment(job, sweep, moment, results)
            seen = before
            if (self.folder / results).exists():
                seen = Journal(self.folder / results)
                if before is not None:
                    self.assertEqual(seen.lost(before), [], "acknowledged and lost by the resume")
            if is_there and job.kill(target, self.dice):
                self.counts[target, moment] += 1
            else:
                out, err = job.mpirun.communicate(timeout=END_S)
                self.assertEqual(job.mpirun.returncode, cli.DONE, out + err)
            return self.check_file(results, seen)
        return before

    def test_nothing_is_lost_and_the_results_are_the_same(self):
        seed = OPTIONS.seed if OPTIONS.seed is not None else random.randrange(1 << 32)
        self.dice = random.Random(seed)
        self.counts = collections.Counter()
        num_sweeps = 0
        start = time.monotonic()
        while self.counts.total() < OPTIONS.kills:
            sweep = sweeps.ALL[num_sweeps % len(sweeps.ALL)]
            num_sweeps += 1
            self.kill_and_resume(sweep, self.dice.randint(1, 3 if OPTIONS.kills <= 10 else 8))
        seconds = time.monotonic() - start
        print(f"seed {seed}: {self.counts.total()} kills of {num_sweeps} sweeps in {seconds:.0f} s")
        for part in (0, 1):  # by target, by moment
            totals = collections.Counter()
            for kind, count in self.counts.items():
                totals[kind[part]] += count
            print("  " + ", ".join(f"{name} {count}" for name, count in sorted(totals.items())))

    def kill_and_resume(self, sweep, num_lives):
        results = f"killed-{sweep.name}.h5"
        journal = None
        for _ in range(num_lives):
            journal = self.one_life(sweep, results, journal)
            if journal is not None and journal.is_sealed:
                break
        with self.subTest(sweep=sweep.name, seal=True):
            self.must(*self.command(sweep, "killed"), ranks=sweep.ranks)
            self.assert_same_results(f"alone-{sweep.name}.h5", results)
            leftovers = [path.name for path in self.folder.glob(f"{results}.*")]
            leftovers += [path.name for path in self.folder.glob(f"killed-{sweep.name}.ckpt/*.tmp")]
            self.assertEqual(leftovers, [], "left behind")
        (self.folder / results).unlink(missing_ok=True)
        for path in self.folder.glob(f"{results}.*"):
            path.unlink()
        shutil.rmtree(self.folder / f"killed-{sweep.name}.ckpt", ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=OPTIONS.kills)
    parser.add_argument("--long", dest="kills", action="store_const", const=200)
    parser.add_argument("--seed", type=int)
    OPTIONS = parser.parse_args()
    unittest.main(argv=sys.argv[:1])
