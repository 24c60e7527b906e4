#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several objectives from the config to status: the same front on any number of ranks, stopped and resumed."""
import signal
import sys
import unittest

import cli

SWEEP_INI = """
[sweep]
trials = 24
seed = 5
concurrency = 4
metric = val_loss, parameters, multiply_adds
[data]
path = lengths.h5
batch_size = choice(16, 32)
[model]
cell = choice(rnn, lstm, gru)
hidden_size = int(4, 24, log)
activation = choice(tanh, relu) if model.cell == rnn
[train]
learning_rate = loguniform(1e-3, 1e-1)
max_epochs = 3
shards = 4
"""

COMMAND_INI = f"""
[trial]
objective = command
command = {sys.executable} score.py {{x}} {{y}}
[parameters]
x = uniform(0, 1)
y = uniform(0, 1)
[sweep]
trials = 20
concurrency = 3
metric = error, speed
goal = minimize, maximize
[search]
sampler = nsga2
"""

SCORE_PY = """
import json, sys
x, y = map(float, sys.argv[1:])
print(json.dumps({"error": (x - 0.5) ** 2, "speed": x + y}))
"""


def dominates(one, other):
    return all(a <= b for a, b in zip(one, other)) and one != other


def objectives_of(trial):
    return [trial["value"], *trial["further_values"]]


class SeveralObjectives(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "front.ini").write_text(SWEEP_INI)
        (cls.folder / "command.ini").write_text(COMMAND_INI)
        (cls.folder / "score.py").write_text(SCORE_PY)
        cls.must("sweep", "front.ini", "-o", "alone.h5")

    def test_the_front_is_what_no_other_trial_dominates(self):
        status = self.status("alone.h5")
        everything = [objectives_of(trial) for trial in self.all_trials("alone.h5")]
        expected = sorted(p for p in everything if not any(dominates(other, p) for other in everything))
        self.assertEqual([objectives_of(trial) for trial in status["front"]["trials"]], expected)
        self.assertGreater(len(expected), 1)
        self.assertEqual(status["front"]["reference"], [max(values) for values in zip(*everything)])
        self.assertIn(f"Pareto front: {len(expected)} of 24 trials", self.must("status", "alone.h5"))

    def all_trials(self, name):
        # --top shows so many of the best
        result = self.run_program("status", name, "--json", "--top", "1000")
        return cli.json.loads(result.stdout)["trials"]

    def test_any_number_of_ranks_gives_the_same_results(self):
        for sampler in ("auto", "nsga2"):
            for ranks in (0, 1, 3):
                self.must("sweep", "front.ini", f"--search.sampler={sampler}", "-o", f"{sampler}{ranks}.h5", ranks=ranks)
                self.assert_same_results(f"{sampler}0.h5", f"{sampler}{ranks}.h5")
        self.assert_same_results("alone.h5", "auto0.h5")
        self.assertEqual(self.run_program("diff", "auto0.h5", "nsga20.h5").returncode, cli.DIFFERENT)

    def test_a_stopped_sweep_goes_on_to_the_same_results(self):
        longer = ["--train.max_epochs=32", "--model.hidden_size=int(96, 192)"]
        self.must("sweep", "front.ini", *longer, "-o", "whole.h5")
        process = self.start("sweep", "front.ini", *longer, "-o", "stopped.h5")
        self.wait_for_epochs("stopped.h5", 30, process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertFalse(self.status("stopped.h5")["is_sealed"], "it was interrupted too late to prove anything")
        self.assertIsNotNone(self.status("stopped.h5")["front"])
        self.must("sweep", "front.ini", *longer, "-o", "stopped.h5", ranks=3)
        self.assert_same_results("whole.h5", "stopped.h5")

    def test_costs_are_those_of_the_network(self):
        for trial in self.all_trials("alone.h5"):
            point = trial["point"]
            gates = {"rnn": 1, "lstm": 4, "gru": 3}[point["model.cell"]]
            hidden, features, classes = point["model.hidden_size"], 2, 2
            weights = gates * hidden * (features + hidden + 2) + classes * (hidden + 1)
            self.assertEqual(trial["further_values"][0], weights)

    def test_a_larger_budget_goes_on_where_the_smaller_one_ended(self):
        self.must("sweep", "front.ini", "--sweep.trials=14", "-o", "grown.h5")
        self.must("sweep", "front.ini", "-o", "grown.h5")
        self.assert_same_results("alone.h5", "grown.h5")

    def test_an_earlier_sweep_of_the_same_metrics_is_learned_from(self):
        learn = ["sweep", "front.ini", "--sweep.trials=4", "--search.warm_start=alone.h5"]
        self.must(*learn, "-o", "warm.h5")
        self.assert_mistakes({"other metrics": ([*learn, "--sweep.metric=val_loss,parameters", "-o", "other.h5"],
                                                "cannot be compared")})

    def test_commands_have_metrics_of_any_name(self):
        self.must("sweep", "command.ini", "-o", "command.h5")
        self.must("sweep", "command.ini", "-o", "command3.h5", ranks=3)
        self.assert_same_results("command.h5", "command3.h5")
        status = self.status("command.h5")
        self.assertEqual(status["further_metrics"], [{"name": "speed", "goal": "maximize"}])
        speeds = [trial["further_values"][0] for trial in status["front"]["trials"]]
        self.assertEqual(speeds, sorted(speeds), "the better the error, the lower the speed")

    def test_the_columns_are_named_as_the_metrics(self):
        # pylint: disable=import-outside-toplevel
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is missing (Debian package python3-h5py)")
        with h5py.File(self.folder / "alone.h5") as file:
            self.assertEqual([name.decode() for name in file.attrs["further_metrics"]], ["parameters", "multiply_adds"])
            names = file["trials"].dtype.names
            self.assertEqual(names[names.index("best_epoch") + 1:][:2], ("parameters", "multiply_adds"))
            best = min(file["trials"][:], key=lambda row: row["value"])
            self.assertEqual(best["parameters"], self.status("alone.h5")["best"]["further_values"][0])

    def test_other_jobs_go_on_working(self):
        self.assertIn("What matters for val_loss", self.must("importance", "alone.h5"))
        self.assertIn("Trial 3: completed", self.must("explain", "alone.h5", 3))
        self.assertIn("equal:", self.must("diff", "alone.h5", "alone.h5"))

    def test_mistakes_get_one_line(self):
        self.assert_mistakes({
            "replay": (["replay", "alone.h5"], "is of a sweep with 3 metrics"),
            "scheduler": (["sweep", "front.ini", "--search.scheduler=asha", "-o", "x.h5"], "search.scheduler = asha"),
            "sampler": (["sweep", "front.ini", "--search.sampler=gp", "-o", "x.h5"], "write motpe or nsga2"),
            "column": (["sweep", "command.ini", "--sweep.metric=error,epochs", "-o", "x.h5"], "another column of /trials"),
            "scores of other data": (["sweep", "front.ini", "--sweep.metric=val_loss,val_mae", "-o", "x.h5"],
                                     "does not apply"),
        })


if __name__ == "__main__":
    unittest.main()
