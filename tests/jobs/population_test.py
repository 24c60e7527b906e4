#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trials that come from others: population-based training, replicates, and training a trial again."""
import shutil
import subprocess
import sys
import unittest

import cli

POPULATION_INI = """
[sweep]
trials = 8
seed = 5
concurrency = 8
[search]
sampler = random
scheduler = pbt
interval = 1
[data]
path = lengths.h5
[model]
cell = lstm
hidden_size = 8
num_layers = 2
dropout = uniform(0, 0.4)
[train]
learning_rate = loguniform(1e-3, 1e-1)
max_epochs = 5
shards = 4
"""

COMMAND_INI = f"""
[sweep]
trials = 8
seed = 2
concurrency = 4
metric = error
[search]
scheduler = pbt
interval = 2
[trial]
objective = command
command = {sys.executable} walk.py {{checkpoint_dir}} {{to_epoch}} {{step}}
[parameters]
step = uniform(0.1, 2)
[train]
max_epochs = 8
"""

# Walks towards 10, a step an epoch; where it stands is its state.
WALK_PY = """
import json, pathlib, sys
state = pathlib.Path(sys.argv[1], "state.json")
epoch, place = json.loads(state.read_text()) if state.exists() else (0, 0.0)
while epoch < int(sys.argv[2]):
    epoch, place = epoch + 1, place + float(sys.argv[3])
    print(json.dumps({"epoch": epoch, "error": abs(10 - place), "place": place}))
state.write_text(json.dumps([epoch, place]))
"""


class Population(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "population.ini").write_text(POPULATION_INI)
        (cls.folder / "command.ini").write_text(COMMAND_INI)
        (cls.folder / "walk.py").write_text(WALK_PY)
        cls.must("sweep", "population.ini", "-o", "alone.h5")

    def test_the_worst_of_each_generation_go_on_from_the_best(self):
        status = self.status("alone.h5")
        self.assertEqual(status["num_trials_begun"], 8 + 4 * 2, "four generations, a quarter of eight trials each")
        self.assertEqual(status["trials_by_state"], {"running": 0, "paused": 0, "completed": 8, "stopped": 8, "diverged": 0,
                                                     "failed": 0})
        self.assertIn("8 of 8 trials begun, 8 that went on from others", self.must("status", "alone.h5"))

    def test_any_number_of_ranks(self):
        for name, ranks, options in [("three.h5", 3, []), ("five.h5", 5, []), ("pairs.h5", 5, ["--cluster.ranks_per_trial=2"])]:
            self.must("sweep", "population.ini", "-o", name, *options, ranks=ranks)
            self.assert_same_results("alone.h5", name)

    def test_killed_and_resumed(self):
        command = ["sweep", "population.ini", "-o", "killed.h5", "--quiet"]
        num_unfinished = 0
        for num_epochs in (5, 14, 27):
            process = self.start(*command)
            try:
                self.wait_for_epochs("killed.h5", num_epochs, process)
            except AssertionError:
                if process.returncode != cli.DONE:
                    raise  # else it was faster than the kill
            process.kill()
            process.communicate()
            num_unfinished += not self.status("killed.h5")["is_sealed"]
        self.assertGreater(num_unfinished, 0, "no kill came in time")
        self.must(*command)
        self.assert_same_results("alone.h5", "killed.h5")

    def test_patience_of_a_copy_begins_with_its_birth(self):
        self.must("sweep", "population.ini", "--train.patience=2", "--train.max_epochs=6", "-o", "patience.h5")
        self.assertEqual(self.status("patience.h5")["trials_by_state"]["diverged"], 0)

    def test_a_lost_state_to_go_on_from_is_an_error_and_no_other_result(self):
        self.must("sweep", "command.ini", "--sweep.max_total_epochs=18", "-o", "lost.h5")
        for folder in (self.folder / "lost.ckpt").iterdir():
            shutil.rmtree(folder)
        result = self.run_program("sweep", "command.ini", "-o", "lost.h5")
        self.assertEqual(result.returncode, cli.BAD_FILE, result.stderr)
        self.assertIn("goes on from", result.stderr)

    def test_another_population_is_another_sweep(self):
        result = self.run_program("sweep", "population.ini", "--sweep.trials=9", "-o", "alone.h5")
        self.assertEqual(result.returncode, cli.BAD_CONFIG)
        self.assertIn("another population", result.stderr)

    def test_training_a_trial_again_follows_its_lineage(self):
        self.must("train", "population.ini", "--trial", "alone.h5:15", "-o", "again.h5")
        difference = subprocess.run(["h5diff", "alone.ckpt/trial-000015.h5", "again.h5"], cwd=self.folder, text=True,
                                    capture_output=True, check=False)
        self.assertEqual(difference.returncode, 0, difference.stdout + difference.stderr)
        self.assertEqual([path.name for path in self.folder.glob("again*")], ["again.h5"])

    def test_a_command_goes_on_from_the_directory_of_another(self):
        self.must("sweep", "command.ini", "-o", "walk.h5")
        self.must("sweep", "command.ini", "-o", "walk3.h5", ranks=3)
        self.assert_same_results("walk.h5", "walk3.h5")
        lineage = self.status("walk.h5")["lineage"]
        self.assertGreater(len(lineage), 1, "the best walker is one that changed its step")
        place = sum((stage["to_epoch"] - stage["from_epoch"]) * stage["point"]["parameters.step"] for stage in lineage)
        self.assertAlmostEqual(self.status("walk.h5")["best"]["value"], abs(10 - place), places=9)

    def test_mistakes(self):
        self.assert_mistakes({
            "nothing to explore": (["sweep", "population.ini", "--train.learning_rate=0.1", "--model.dropout=0", "-o",
                                    "x.h5"], "nothing that may change"),
            "replicates": (["sweep", "population.ini", "--sweep.replicate_best=1", "-o", "x.h5"], "replicate_best"),
            "shape": (["sweep", "population.ini", "--data.batch_size=choice(16, 32)",
                       "--model.hidden_size=choice(8, 12) if data.batch_size == 16", "-o", "x.h5"],
                      "depends on data.batch_size"),
            "an end that comes earlier": (["sweep", "population.ini", "--sweep.max_total_epochs=20", "-o", "alone.h5"],
                                          "only be raised"),
            "replay": (["replay", "alone.h5"], "cannot be replayed"),
            "quantile": (["sweep", "population.ini", "--search.quantile=0.7", "-o", "x.h5"], "search.quantile"),
            "no trial named": (["train", "population.ini", "--trial", "alone.h5", "-o", "x.h5"], "RESULTS.h5:NUMBER"),
            "no such trial": (["train", "population.ini", "--trial", "alone.h5:99", "-o", "x.h5"], "no such trial"),
            "another sweep": (["train", "population.ini", "--trial", "alone.h5:1", "--sweep.seed=6", "-o", "x.h5"],
                              "another sweep"),
        })


class Replicates(cli.Scratch):
    OPTIONS = ["--sweep.replicate_best=2", "--sweep.replicates=3"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "plain.h5")
        cls.must("sweep", "sweep.ini", *cls.OPTIONS, "-o", "replicated.h5")

    def test_the_best_trials_are_trained_again(self):
        status = self.status("replicated.h5")
        plain = self.status("plain.h5")
        self.assertEqual(status["num_trials_begun"], 10 + 2 * 3)
        self.assertEqual(status["trials"], plain["trials"], "replicates are not ranked")
        best_two = {trial["trial"]: trial["value"] for trial in plain["trials"][:2]}
        self.assertEqual({spread["trial"]: spread["chosen_by"] for spread in status["replicates"]}, best_two)
        for spread in status["replicates"]:
            self.assertEqual(spread["num_replicates"], 3)
            self.assertGreater(spread["value"]["standard_error"], 0)
        self.assertIn("Trained again", self.must("status", "replicated.h5"))

    def test_any_number_of_ranks(self):
        self.must("sweep", "sweep.ini", *self.OPTIONS, "-o", "three.h5", ranks=3)
        self.assert_same_results("replicated.h5", "three.h5")

    def test_a_finished_sweep_can_be_given_replicates(self):
        self.must("sweep", "sweep.ini", "-o", "later.h5")
        self.must("sweep", "sweep.ini", *self.OPTIONS, "-o", "later.h5")
        self.assert_same_results("replicated.h5", "later.h5")

    def test_more_trials_come_before_replicates(self):
        self.must("sweep", "sweep.ini", "--sweep.trials=14", *self.OPTIONS, "-o", "more.h5")
        self.must("sweep", "sweep.ini", *self.OPTIONS, "-o", "raised.h5")
        self.must("sweep", "sweep.ini", "--sweep.trials=14", *self.OPTIONS, "-o", "raised.h5")
        self.assert_same_results("more.h5", "raised.h5")

    def test_a_trial_can_be_trained_again(self):
        best = self.status("plain.h5")["best"]
        self.must("train", "sweep.ini", "--trial", f"plain.h5:{best['trial']}", "-o", "again.h5")
        difference = subprocess.run(["h5diff", f"plain.ckpt/trial-{best['trial']:06}.h5", "again.h5"], cwd=self.folder,
                                    text=True, capture_output=True, check=False)
        self.assertEqual(difference.returncode, 0, difference.stdout + difference.stderr)


if __name__ == "__main__":
    unittest.main()
