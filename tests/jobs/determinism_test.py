#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The promise: the same config gives the same sealed results on any number of ranks, interrupted or not."""
import signal
import unittest

import cli


class Determinism(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "alone.h5")

    def sweep(self, name, *options, ranks=0):
        self.must("sweep", "sweep.ini", "-o", name, *options, ranks=ranks)
        self.assert_same_results("alone.h5", name)

    def test_the_sweep_is_one_that_could_differ(self):
        status = self.status("alone.h5")
        self.assertTrue(status["is_sealed"])
        self.assertEqual(status["num_trials_begun"], 10)
        self.assertGreater(status["trials_by_state"]["completed"], 0)
        self.assertGreater(status["trials_by_state"]["paused"] + status["trials_by_state"]["stopped"], 0)
        values = {trial["value"] for trial in status["trials"]}
        self.assertGreater(len(values), 8)

    def test_another_seed_gives_other_results(self):
        self.must("sweep", "sweep.ini", "--sweep.seed=4", "-o", "other_seed.h5")
        result = self.run_program("diff", "alone.h5", "other_seed.h5")
        self.assertEqual(result.returncode, cli.DIFFERENT, result.stdout + result.stderr)
        self.assertTrue(result.stdout)

    def test_one_rank_under_mpirun(self):
        self.sweep("one.h5", ranks=1)

    def test_two_ranks(self):
        self.sweep("two.h5", ranks=2)

    def test_three_ranks(self):
        self.sweep("three.h5", ranks=3)

    def test_five_ranks(self):
        self.sweep("five.h5", ranks=5)

    def test_two_ranks_per_trial(self):
        self.sweep("pairs.h5", "--cluster.ranks_per_trial=2", ranks=3)

    def test_four_ranks_per_trial(self):
        self.sweep("fours.h5", "--cluster.ranks_per_trial=4", ranks=5)

    def test_the_least_instruction_set(self):
        self.sweep("avx2.h5", "--cluster.isa=avx2", ranks=2)

    def test_a_finished_sweep_is_not_run_again(self):
        before = (self.folder / "alone.h5").read_bytes()
        result = self.run_program("sweep", "sweep.ini", "-o", "alone.h5")
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertIn("alone.h5 is finished", result.stderr)
        self.assertEqual((self.folder / "alone.h5").read_bytes(), before)


class Interruption(cli.Scratch):
    # Some seconds on any machine: long enough to be caught in the middle.
    longer = ["--model.hidden_size=128", "--train.max_epochs=32", "--sweep.trials=32"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "whole.h5", *cls.longer)

    def command(self, name):
        return ["sweep", "sweep.ini", "-o", name, *self.longer]

    def interrupted(self, name, ranks, act):
        """Starts the sweep, acts when it is under way, and gives its exit code and standard error."""
        process = self.start(*self.command(name), ranks=ranks)
        self.wait_for_epochs(name, 5, process)
        act(process)
        _, err = process.communicate(timeout=60)
        self.assertFalse(self.status(name)["is_sealed"], "it was interrupted too late to prove anything")
        return process.returncode, err

    def finish(self, name, ranks):
        self.must(*self.command(name), ranks=ranks)
        self.assert_same_results("whole.h5", name)

    def test_sigterm_saves_everything_and_the_same_command_goes_on(self):
        code, err = self.interrupted("term.h5", 0, lambda process: process.send_signal(signal.SIGTERM))
        self.assertEqual(code, cli.STOPPED, err)
        self.finish("term.h5", 0)

    def test_sigusr1_under_mpirun_stops_all_ranks_and_another_number_of_ranks_goes_on(self):
        code, err = self.interrupted("usr1.h5", 3, lambda process: process.send_signal(signal.SIGUSR1))
        self.assertEqual(code, cli.STOPPED, err)
        self.finish("usr1.h5", 2)

    def test_sigterm_to_mpirun_loses_nothing_that_was_acknowledged(self):
        code, _ = self.interrupted("mpiterm.h5", 3, lambda process: process.send_signal(signal.SIGTERM))
        self.assertNotEqual(code, cli.DONE)
        self.finish("mpiterm.h5", 3)

    def test_kill_9_twice(self):
        self.interrupted("kill.h5", 3, cli.kill_all)
        before = self.status("kill.h5")["num_epochs"]
        process = self.start(*self.command("kill.h5"), ranks=2)
        self.wait_for_epochs("kill.h5", before + 3, process)
        cli.kill_all(process)
        self.assertGreaterEqual(self.status("kill.h5")["num_epochs"], before)
        (self.folder / "kill.ckpt" / "trial-000000.h5.host-1.tmp").write_bytes(b"half a checkpoint")
        self.finish("kill.h5", 0)
        self.assertEqual(list((self.folder / "kill.ckpt").glob("*.tmp")), [], "half a checkpoint was left")

    def test_time_limit_stops_with_the_same_exit_code(self):
        result = self.run_program(*self.command("limit.h5"), "--sweep.time_limit=1s")
        self.assertEqual(result.returncode, cli.STOPPED, result.stderr)
        self.finish("limit.h5", 0)

    def test_a_larger_budget_goes_on_where_the_smaller_one_ended(self):
        small = ["sweep", "sweep.ini", "-o", "grown.h5"]
        self.must(*small, "--sweep.trials=6")
        self.must(*small, "--sweep.trials=10")
        self.must("sweep", "sweep.ini", "-o", "at_once.h5")
        self.assert_same_results("at_once.h5", "grown.h5")


if __name__ == "__main__":
    unittest.main()
