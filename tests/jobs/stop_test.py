#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How a sweep stops before its end: in bounded time, whatever its trials and ranks do, and with nothing lost."""
import os
import signal
import time
import unittest

import cli

# Takes a while, hangs while there is a file 'hang', does not care for SIGTERM. Its result depends on none of these.
PAUSING_PY = """
import json, os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(float(os.environ.get("PAUSE_S", "0")))
while pathlib.Path(__file__).with_name("hang").exists():
    pathlib.Path(__file__).with_name("hangs").touch()
    time.sleep(0.05)
print(json.dumps({"value": (float(sys.argv[1]) - 1) ** 2}))
"""

LONGEST_DRAIN_S = 30  # of networks; of commands trial.grace more


class Stop(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "pausing.py").write_text(PAUSING_PY)
        (cls.folder / "pausing.ini").write_text(cli.PAUSING_INI)
        cls.must("sweep", "pausing.ini", "-o", "alone.h5")

    def setUp(self):
        os.environ["PAUSE_S"] = "0.4"
        self.addCleanup(os.environ.pop, "SLURM_JOB_END_TIME", None)

    def finish(self, name):
        self.assertFalse(self.status(name)["is_sealed"], "it was stopped too late to prove anything")
        os.environ["PAUSE_S"] = "0"
        self.must("sweep", "pausing.ini", "-o", name)
        self.assert_same_results("alone.h5", name)

    def let_a_trial_hang(self):
        """From now on, and at least one does; until the file is removed."""
        hang, hangs = self.folder / "hang", self.folder / "hangs"
        hangs.unlink(missing_ok=True)
        hang.touch()
        self.addCleanup(hang.unlink, missing_ok=True)
        self.wait_until(hangs.exists, "a trial that hangs")

    def test_a_second_sigint_does_not_wait_for_a_trial_that_hangs(self):
        process = self.start("sweep", "pausing.ini", "-o", "twice.h5", "--trial.grace=10m")
        self.wait_for_epochs("twice.h5", 2, process)
        self.let_a_trial_hang()
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        self.assertIsNone(process.poll(), "the first SIGINT waits for the trial")
        before = self.status("twice.h5")["num_epochs"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)  # of ten minutes
        self.assertEqual(process.returncode, cli.STOPPED, err)
        self.assertIn("(Ctrl-C again: at once)", err)
        self.assertEqual(self.status("twice.h5")["num_epochs"], before)
        (self.folder / "hang").unlink()
        self.finish("twice.h5")

    def test_it_says_how_long_a_stop_may_take_and_how_long_it_took(self):
        process = self.start("sweep", "pausing.ini", "-o", "said.h5", "--trial.grace=1s")
        self.wait_for_epochs("said.h5", 2, process)
        process.send_signal(signal.SIGUSR1)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, cli.STOPPED, err)
        self.assertIn("SIGUSR1: stopping at the next step, with checkpoints; within 31.0 s", err)
        self.assertRegex(err, r"stopped by SIGUSR1 within (\d+ ms|[01]\.\d+ s); everything is saved in said\.h5")
        self.finish("said.h5")

    def test_a_program_that_is_killed_with_its_sweep_has_not_failed(self):
        """Slurm signals all processes of a job; the program of a trial may be the first to feel it."""
        process = self.start("sweep", "pausing.ini", "-o", "all.h5")
        self.wait_for_epochs("all.h5", 2, process)
        self.let_a_trial_hang()
        (program,) = cli.ranks_of(process.pid)
        os.kill(program, signal.SIGUSR1)
        time.sleep(0.05)
        self.assertIn(program, cli.ranks_of(process.pid), "SIGUSR1 is for the sweep alone")
        os.kill(program, signal.SIGKILL)
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, cli.STOPPED, err)
        self.assertNotIn("failed", err)
        (self.folder / "hang").unlink()
        self.finish("all.h5")

    def test_the_end_of_the_slurm_allocation_stops_it_in_time(self):
        os.environ["PAUSE_S"] = "2"  # twelve trials one after another are twice the allocation
        allocation_s = 12  # a tenth of it is left for the end
        end = int(time.time()) + allocation_s
        os.environ["SLURM_JOB_END_TIME"] = str(end)
        result = self.run_program("sweep", "pausing.ini", "-o", "slurm.h5", "--sweep.time_limit=1h", "--trial.grace=0s")
        self.assertLess(time.time(), end)
        self.assertEqual(result.returncode, cli.STOPPED, result.stderr)
        self.assertIn("stopped by the near end of the Slurm allocation", result.stderr)
        os.environ["SLURM_JOB_END_TIME"] = str(int(time.time()))  # past: of an allocation that is no more
        self.finish("slurm.h5")


class FrozenRank(cli.Scratch):
    # One long segment for each rank, so that none is without work when it is frozen.
    long_segments = ["--sweep.trials=3", "--search.grace_period=64", "--train.max_epochs=64", "--model.cell=lstm",
                     "--model.hidden_size=128"]

    def test_a_rank_that_does_not_answer_delays_a_stop_for_a_bounded_time(self):
        self.must("sweep", "sweep.ini", "-o", "whole.h5", *self.long_segments)
        process = self.start("sweep", "sweep.ini", "-o", "frozen.h5", *self.long_segments, "--cluster.lost_after=never",
                             ranks=3)
        self.wait_for_epochs("frozen.h5", 5, process)
        for rank in sorted(cli.ranks_of(process.pid))[1:]:
            os.kill(rank, signal.SIGSTOP)
        start = time.monotonic()
        process.send_signal(signal.SIGUSR1)
        _, err = process.communicate(timeout=2 * LONGEST_DRAIN_S)
        self.assertGreater(time.monotonic() - start, LONGEST_DRAIN_S - 1, f"the rank answered: nothing is proved\n{err}")
        self.assertEqual(process.returncode, cli.STOPPED, err)
        self.assertIn("some ranks did not stop in time", err)
        self.assertFalse(self.status("frozen.h5")["is_sealed"])
        self.must("sweep", "sweep.ini", "-o", "frozen.h5", *self.long_segments, ranks=2)
        self.assert_same_results("whole.h5", "frozen.h5")


if __name__ == "__main__":
    unittest.main()
