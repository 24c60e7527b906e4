#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trials that need more memory than there is: refused before the sweep begins, left out, or survived by the others."""
import json
import os
import unittest
from unittest import mock

import faults
from faults import cli

FAULTY_RANK = os.environ.get("FAULTY_RANK", "")  # the shared library made from faulty_rank.c


class Memory(faults.Faults):
    def sizes(self, results, larger, smaller=8):
        """The command of a sweep of two trials: LSTMs of `smaller` and of `larger` hidden units."""
        return self.command(results, "--search.sampler=grid", "--search.scheduler=none", "--sweep.trials=2",
                            "--model.cell=lstm", f"--model.hidden_size=choice({smaller}, {larger})",
                            "--model.num_layers=1",
                            "--model.dropout=0", "--data.batch_size=32", "--train.learning_rate=0.01",
                            "--train.max_epochs=1")

    def states(self, results):
        """By the trials' hidden size."""
        trials = json.loads(self.must("status", results, "--json"))["trials"]
        return {int(trial["point"]["model.hidden_size"]): trial["state"] for trial in trials}

    @unittest.skipIf(os.environ.get("SANITIZED"), "the address sanitizer needs more address space than any limit")
    def test_one_trial_fails_and_the_others_are_what_they_are(self):
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                results = f"r{ranks}.h5"
                result = self.run_program(*self.sizes(results, 3000), ranks=ranks, limit="-v 900000")  # it needs 2 GB
                self.assertEqual(result.returncode, cli.DONE, result.stdout + result.stderr)
                self.assertIn("is out of memory in trial", result.stderr)
                self.assertEqual(self.states(results), {8: "completed", 3000: "failed"})
                self.assertIn("limits.memory", self.must("status", results))

    @unittest.skipIf(not FAULTY_RANK or os.environ.get("SANITIZED"), "needs faulty_rank.c, and no allocator of others")
    def test_a_trial_whose_memory_did_not_suffice_once_comes_to_the_same_result(self):
        """Rank 1's first allocation of a megabyte fails, whichever of the two trials it has."""
        self.must(*self.sizes("twice.h5", 301, 300))
        faults_of_1 = {"LD_PRELOAD": FAULTY_RANK, "FAULTS_OF_1": "a", "FAULT_PATH": "lengths.h5",
                       "FAULT_BYTES": "1000000", "FAULT_COUNT": "1"}
        with mock.patch.dict(os.environ, faults_of_1):
            result = self.run_program(*self.sizes("once.h5", 301, 300), ranks=2)
        self.assertEqual(result.returncode, cli.DONE, result.stdout + result.stderr)
        self.assertEqual(result.stderr.count("rank 1 is out of memory in trial"), 1, result.stderr)
        self.assert_same_results("twice.h5", "once.h5")

    def test_a_sweep_that_cannot_fit_does_not_begin(self):
        result = self.run_program(*self.sizes("never.h5", 60000))
        self.assert_clear_end(result, cli.BAD_CONFIG, "does not fit", "hidden_size = 60000", "limits.memory")
        self.assertFalse((self.folder / "never.h5").exists())

    def test_a_limit_leaves_out_what_would_not_fit(self):
        self.must(*self.sizes("limited.h5", 60000), "--limits.memory=1GB")
        self.assertEqual(self.states("limited.h5"), {8: "completed"})


if __name__ == "__main__":
    faults.main()
