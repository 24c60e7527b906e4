#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers that die or freeze under `mpirun --enable-recovery`: the sweep goes on without them, to the same results.

    SEQSWEEP=build/release/bin/seqsweep tests/faults/lost_test.py [--long] [--seed N]
"""
import json
import os
import signal
import time

import faults
from faults import OPTIONS, Faults, cli
from kill_test import rank_number

LONGER = ["--train.max_epochs=24", "--sweep.trials=24", "--model.hidden_size=96"]
MANNERS = [(["--cluster.lost_after=2s"], 5), (["--cluster.lost_after=2s", "--cluster.placement=restless"], 5),
           (["--cluster.lost_after=2s", "--cluster.ranks_per_trial=2"], 5), (["--cluster.lost_after=2s"], 3)]

# Its losses follow from what it reads back from its directory before each epoch.
COUNTER = """#!/bin/sh
cd "$SEQSWEEP_CHECKPOINT_DIR" || exit 1
epoch=$SEQSWEEP_FROM_EPOCH
while [ "$epoch" -lt "$SEQSWEEP_TO_EPOCH" ]; do
  sleep 0.1
  count=$(($(cat "$SEQSWEEP_CHECKPOINT_DIR/count" 2>/dev/null || echo 0) + 1))
  echo $count > "$SEQSWEEP_CHECKPOINT_DIR/count"
  epoch=$((epoch + 1))
  echo "{\\"epoch\\": $epoch, \\"val_loss\\": $count}"
done
"""
COUNTING = """
[trial]
objective = command
command = ./counter.sh {x}
[parameters]
x = uniform(0, 1)
[train]
max_epochs = 30
[sweep]
trials = 4
concurrency = 2
metric = val_loss
[search]
sampler = random
scheduler = none
"""


class LostWorkers(Faults):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "longer.h5", "--quiet", *LONGER)

    def begin(self, name, options, ranks):
        """A sweep that survives its workers, after its first epochs; and the processes of its ranks from 1 on."""
        process = self.start("sweep", "sweep.ini", "-o", name, *LONGER, *options, ranks=ranks, mpirun="--enable-recovery")
        self.wait_for_epochs(name, self.dice.randrange(3, 12), process)
        pids = {rank_number(pid): pid for pid in cli.ranks_of(process.pid)}
        return process, [pids[rank] for rank in range(1, ranks)]

    def assert_ended_whole(self, process, name, said):
        _, err = process.communicate(timeout=90)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.assertIn(said, err)
        self.assertTrue(self.status(name)["is_sealed"], err)
        self.assert_same_results("longer.h5", name)

    def test_killed_workers_are_done_without(self):
        for turn in range(20 if OPTIONS.long else 2):
            options, ranks = MANNERS[turn % len(MANNERS)]
            with self.subTest(turn=turn, options=options):
                name = f"killed{turn}.h5"
                process, workers = self.begin(name, options, ranks)
                for pid in self.dice.sample(workers, self.dice.randrange(1, len(workers))):
                    time.sleep(self.dice.uniform(0, 0.3))
                    os.kill(pid, signal.SIGKILL)
                self.assert_ended_whole(process, name, "is lost")

    def test_a_frozen_worker_comes_back(self):
        for turn in range(6 if OPTIONS.long else 1):
            with self.subTest(turn=turn):
                name = f"frozen{turn}.h5"
                process, workers = self.begin(name, ["--cluster.lost_after=1s"], 3)
                frozen = self.dice.choice(workers)
                os.kill(frozen, signal.SIGSTOP)
                self.assertIn("is lost", next((line for line in process.stderr if "is lost" in line), ""))
                os.kill(frozen, signal.SIGCONT)
                self.assert_ended_whole(process, name, "")

    def test_a_program_whose_rank_froze_does_not_meet_its_successor(self):
        script = self.folder / "counter.sh"
        script.write_text(COUNTER)
        script.chmod(0o755)
        (self.folder / "counting.ini").write_text(COUNTING)
        process = self.start("sweep", "counting.ini", "-o", "counting.h5", "--cluster.lost_after=1s", ranks=4,
                             mpirun="--enable-recovery")
        self.wait_for_epochs("counting.h5", 4, process)
        pids = {rank_number(pid): pid for pid in cli.ranks_of(process.pid)}
        os.kill(pids[1], signal.SIGSTOP)  # its program goes on
        self.assertIn("is lost", next((line for line in process.stderr if "is lost" in line), ""))
        time.sleep(2)
        os.kill(pids[1], signal.SIGCONT)
        _, err = process.communicate(timeout=90)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.must("export", "counting.h5", "--to", "json", "-o", "counting.json")
        trials = json.loads((self.folder / "counting.json").read_text())["trials"]
        self.assertEqual(len(trials), 4)
        for trial in trials:
            self.assertEqual([row["value"] for row in trial["curve"]], list(range(1, 31)), trial["trial"])

    def test_a_rank_that_dies_unnoticed_holds_nobody_up_at_the_end(self):
        two = ["sweep", "sweep.ini", "--quiet", "--sweep.trials=2", "--train.shards=1", "--train.max_epochs=64",
               "--model.hidden_size=96", "--search.scheduler=none"]
        self.must(*two, "-o", "two.h5")
        process = self.start(*two, "-o", "unnoticed.h5", "--cluster.lost_after=10m", ranks=5, mpirun="--enable-recovery")
        self.wait_for_epochs("unnoticed.h5", 1, process)
        pids = {rank_number(pid): pid for pid in cli.ranks_of(process.pid)}
        os.kill(pids[4], signal.SIGKILL)  # two trials keep two of the workers 1 to 4 busy, the lowest
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.assert_same_results("two.h5", "unnoticed.h5")

    def test_a_lost_coordinator_ends_the_run_and_the_same_command_goes_on(self):
        process, workers = self.begin("headless.h5", [], 3)
        coordinator = next(pid for pid in cli.ranks_of(process.pid) if rank_number(pid) == 0)
        os.kill(coordinator, signal.SIGKILL)
        time.sleep(0.5)
        cli.kill_all(process)  # the workers would wait for ten minutes
        self.must("sweep", "sweep.ini", "-o", "headless.h5", "--quiet", *LONGER, ranks=2)
        self.assert_same_results("longer.h5", "headless.h5")
        self.assertEqual(len(workers), 2)


if __name__ == "__main__":
    faults.main()
