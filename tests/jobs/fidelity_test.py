#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cheap epochs on the way to low rungs: the same results on any number of ranks, interrupted or not."""
import json
import unittest

import cli

KINDS = ("data", "window")


class Fidelity(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "epochs.h5")
        for kind in KINDS:
            cls.must(*cls.command(kind, f"{kind}.h5"))

    @staticmethod
    def command(kind, name):
        return ["sweep", "sweep.ini", f"--search.fidelity={kind}", "-o", name]

    def figures(self, name):
        return json.loads(self.must("replay", name, "--json"))

    def test_one_two_and_three_ranks_and_two_to_a_trial(self):
        for kind in KINDS:
            for name, ranks, options in (("one", 1, []), ("two", 2, []), ("three", 3, []),
                                         ("pairs", 3, ["--cluster.ranks_per_trial=2"])):
                with self.subTest(kind=kind, ranks=name):
                    self.must(*self.command(kind, f"{kind}-{name}.h5"), *options, ranks=ranks)
                    self.assert_same_results(f"{kind}.h5", f"{kind}-{name}.h5")

    def test_less_is_trained_and_other_values_come_of_it(self):
        whole = self.figures("epochs.h5")["recorded"]
        for kind in KINDS:
            with self.subTest(kind):
                recorded = self.figures(f"{kind}.h5")["recorded"]
                self.assertLess(recorded["multiply_adds"], 0.95 * whole["multiply_adds"])
                self.assertNotEqual(recorded["best"], whole["best"])

    def test_a_replay_with_nothing_changed_is_the_sweep(self):
        for kind in KINDS:
            with self.subTest(kind):
                figures = self.figures(f"{kind}.h5")
                self.assertEqual(figures["replays"], [figures["recorded"]])

    def test_another_fidelity_is_another_sweep(self):
        result = self.run_program(*self.command("data", "window.h5"))
        self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stderr)
        self.assertIn("search.fidelity: window there, data here", result.stderr)

    def test_does_not_learn_from_values_of_another_fidelity(self):
        self.assert_mistakes({"warm start": ((*self.command("data", "warm.h5"), "--search.sampler=tpe",
                                              "--search.warm_start=epochs.h5"),
                                             "search.fidelity = epochs, this sweep with data")})

    def test_dry_run_says_what_an_epoch_trains_with(self):
        self.assertIn("data: 25 % to epoch 1, 50 % to epoch 2, all to epoch 4,",
                      self.must("sweep", "sweep.ini", "--search.fidelity=data", "--dry-run"))

    def test_train_trains_whole(self):
        one = ["--data.batch_size=16", "--model.cell=gru", "--model.hidden_size=8", "--model.dropout=0",
               "--train.learning_rate=0.01", "-o", "model.h5"]
        self.must("train", "sweep.ini", *one)
        before = (self.folder / "model.h5").read_bytes()
        self.must("train", "sweep.ini", "--search.fidelity=data", *one)
        self.assertEqual((self.folder / "model.h5").read_bytes(), before, "the finished training was another one")


class Interruption(cli.Scratch):
    # Some seconds on any machine: long enough to be caught in the middle.
    longer = ["--model.hidden_size=192", "--train.max_epochs=32", "--sweep.trials=32", "--search.fidelity=data"]

    def test_kill_9_and_another_number_of_ranks_goes_on(self):
        command = ["sweep", "sweep.ini", *self.longer, "-o"]
        self.must(*command, "whole.h5", ranks=2)
        process = self.start(*command, "kill.h5", ranks=3)
        self.wait_for_epochs("kill.h5", 20, process)
        cli.kill_all(process)
        self.assertFalse(self.status("kill.h5")["is_sealed"], "it was killed too late to prove anything")
        self.must(*command, "kill.h5")
        self.assert_same_results("whole.h5", "kill.h5")


if __name__ == "__main__":
    unittest.main()
