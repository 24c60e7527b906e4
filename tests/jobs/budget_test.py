#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far a budget carries, told before a sweep and after it; and what follows when its trials are raised."""
import unittest

import cli

VALUE_AWK = r"""
BEGIN {
  for (epoch = ENVIRON["SEQSWEEP_FROM_EPOCH"] + 1; epoch <= ENVIRON["SEQSWEEP_TO_EPOCH"]; ++epoch)
    printf "{\"epoch\": %d, \"value\": %.9f}\n", epoch, (ARGV[1] - 0.3) ^ 2 + 1 / epoch
}
"""
INI = """
[trial]
objective = command
command = awk -f value.awk {x}
[parameters]
x = uniform(0, 1)
[sweep]
trials = 12
metric = value
goal = minimize
[search]
sampler = random
scheduler = asha
[train]
max_epochs = 64
"""
SENTENCE = "12 trials to epoch 1, about 3 to epoch 4, none to epochs 16 and 64"
REMEDY = "raise sweep.trials to 64, lower train.max_epochs, or raise search.grace_period"


def words(text):
    return " ".join(text.split())


class Budget(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "value.awk").write_text(VALUE_AWK)
        (cls.folder / "value.ini").write_text(INI)

    def test_a_budget_that_carries_no_trial_to_its_last_epoch_is_told_before_and_after(self):
        plan = words(self.must("sweep", "value.ini", "--dry-run"))
        self.assertIn(SENTENCE, plan)
        self.assertIn(REMEDY, plan)
        result = self.run_program("sweep", "value.ini", "-o", "short.h5", "--sweep.seed=2")
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertIn("warning: budget: " + SENTENCE, result.stderr)
        self.assertIn(SENTENCE, words(result.stdout))
        status = self.status("short.h5")
        self.assertFalse(status["budget"]["is_enough"])
        self.assertEqual([rung["num_trials"] for rung in status["budget"]["rungs"]], [12, 3, 0, 0])
        self.must("report", "short.h5")
        self.assertIn(SENTENCE, (self.folder / "short.html").read_text())

    def test_a_budget_that_suffices_gives_no_warning(self):
        result = self.run_program("sweep", "value.ini", "-o", "enough.h5", "--train.max_epochs=4")
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertNotIn("budget", result.stderr)
        self.assertTrue(self.status("enough.h5")["budget"]["is_enough"])
        every = self.must("sweep", "value.ini", "--dry-run", "--search.scheduler=none", "--train.max_epochs=4")
        self.assertNotIn("budget", every)

    def test_raised_trials_keep_their_logical_workers_and_say_how_a_new_sweep_gets_the_same(self):
        small = ["--train.max_epochs=4", "--search.sampler=tpe"]
        self.must("sweep", "value.ini", "-o", "raised.h5", *small)
        larger = [*small, "--sweep.trials=40"]
        plan = self.run_program("sweep", "value.ini", "-o", "raised.h5", *larger, "--dry-run")
        self.assertRegex(plan.stdout, r"logical workers +2 ")
        raised = self.run_program("sweep", "value.ini", "-o", "raised.h5", *larger)
        for result in (plan, raised):
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            self.assertIn("sweep.concurrency stays 2", result.stderr)
            self.assertIn("a new sweep of 40 trials would take 5 (auto) and come to other results", result.stderr)
            self.assertIn("--sweep.concurrency=2", result.stderr)
        self.must("sweep", "value.ini", "-o", "at_once.h5", *larger, "--sweep.concurrency=2")
        self.assert_same_results("raised.h5", "at_once.h5")
        self.must("sweep", "value.ini", "-o", "auto.h5", *larger)
        self.assertEqual(self.run_program("diff", "raised.h5", "auto.h5").returncode, cli.DIFFERENT)

    def test_raised_trials_of_rounds_end_as_the_larger_sweep_does(self):
        """An unfinished last round, and its size, follow from the number of trials."""
        for scheduler in ("halving", "hyperband"):
            options = ["--train.max_epochs=4", f"--search.scheduler={scheduler}", "--search.reduction_factor=2",
                       "--sweep.concurrency=3"]
            self.must("sweep", "value.ini", "-o", f"{scheduler}.h5", *options, "--sweep.trials=6")
            self.must("sweep", "value.ini", "-o", f"{scheduler}.h5", *options, "--sweep.trials=15")
            self.must("sweep", "value.ini", "-o", f"{scheduler}-at-once.h5", *options, "--sweep.trials=15")
            self.assert_same_results(f"{scheduler}.h5", f"{scheduler}-at-once.h5")

    def test_a_plan_for_a_file_of_another_sweep_is_refused_as_the_sweep_would_be(self):
        self.must("sweep", "value.ini", "-o", "there.h5", "--train.max_epochs=4")
        before = (self.folder / "there.h5").read_bytes()
        for ranks in (0, 2):
            for options in ([], ["--dry-run"]):
                result = self.run_program("sweep", "value.ini", "-o", "there.h5", "--train.max_epochs=8", *options, ranks=ranks)
                self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stderr)
                self.assertIn("belongs to another sweep", result.stderr)
        self.assertEqual((self.folder / "there.h5").read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
