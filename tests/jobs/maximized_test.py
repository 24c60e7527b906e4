#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A metric that is maximized, of trials that are at their best before their last epoch: what every job says of them."""
import csv
import io
import json
import sys
import unittest

import cli

# Accuracy x after one epoch, x + 0.05 after two, at most x + 0.1 after three; after four it has fallen again.
TRAINER_PY = """
import json, os, sys
x = float(sys.argv[1])
for epoch in range(int(os.environ["SEQSWEEP_FROM_EPOCH"]) + 1, int(os.environ["SEQSWEEP_TO_EPOCH"]) + 1):
    print(json.dumps({"epoch": epoch, "accuracy": round(x + [0, 0.05, 0.1, 0.02][epoch - 1], 2)}))
"""
INI = f"""
[trial]
objective = command
command = {sys.executable} trainer.py {{x}}
[parameters]
x = choice(0.1, 0.7, 0.3, 0.5, 0.2, 0.8, 0.4, 0.6)
[sweep]
trials = 8
concurrency = 2
metric = accuracy
goal = maximize
[search]
sampler = grid
scheduler = halving
reduction_factor = 2
[train]
max_epochs = 4
"""
BEST_X, BEST_VALUE, BEST_EPOCH = "0.8", 0.9, 3


class Maximized(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "trainer.py").write_text(TRAINER_PY)
        (cls.folder / "maximized.ini").write_text(INI)
        cls.text = cls.must("sweep", "maximized.ini", "-o", "all.h5", ranks=2)
        cls.must("sweep", "maximized.ini", "-o", "few.h5", "--parameters.x=choice(0.1, 0.2, 0.3, 0.4)")

    def points(self, results="all.h5"):
        rows = csv.DictReader(io.StringIO(self.exported(results, "csv")))
        return {int(row["trial"]): row for row in rows}

    def exported(self, results, form):
        output = f"{results}.{form}"
        self.must("export", results, "--to", form, "-o", output, "--force")
        return (self.folder / output).read_text()

    def test_status_has_the_highest_first_and_the_best_epoch(self):
        status = self.status("all.h5")
        best = status["best"]
        self.assertEqual((best["value"], best["best_epoch"], best["epochs"]), (BEST_VALUE, BEST_EPOCH, 4))
        self.assertEqual(best["point"]["parameters.x"], BEST_X)
        values = [trial["value"] for trial in status["trials"]]
        self.assertEqual(values, sorted(values, reverse=True))
        rising = status["best_so_far"]["values"]
        self.assertEqual(rising, sorted(rising))
        self.assertEqual(rising[-1], BEST_VALUE)
        self.assertIn(f"Best: trial {best['trial']}, after its epoch {BEST_EPOCH}", self.text)

    def test_those_that_went_on_are_the_highest(self):
        points = self.points()
        to_the_end = sorted(float(row["parameters.x"]) for row in points.values() if row["epochs"] == "4")
        self.assertEqual(to_the_end, [0.7, 0.8])
        self.assertEqual({row["best_epoch"] for row in points.values() if row["epochs"] == "4"}, {"3"})

    def test_explain_counts_places_from_the_highest(self):
        worst = next(trial for trial, row in self.points().items() if row["parameters.x"] == "0.1")
        explained = json.loads(self.must("explain", "all.h5", worst, "--json"))
        place = explained["segments"][0]["place"]
        self.assertEqual(explained["aftermath"]["at_end"]["place"], 4, "rounds are of four trials")
        self.assertEqual(place["place"], place["num_measured"], "it is the last of those that were there")
        self.assertEqual(explained["aftermath"]["worst_gone_on"]["value"], 0.5)

    def test_importance_finds_the_best_where_values_are_high(self):
        self.assertEqual(json.loads(self.must("importance", "all.h5", "--json"))["dimensions"][0]["best"]["choice"], BEST_X)

    def test_compare_takes_the_higher_for_the_better(self):
        for order in (["all.h5", "few.h5"], ["few.h5", "all.h5"]):
            test, = json.loads(self.must("compare", *order, "--json"))["tests"]
            self.assertEqual((test["better"], test["worse"]), ("all.h5", "few.h5"))

    def test_exports_have_the_best_epoch_and_the_direction(self):
        trials = json.loads(self.exported("all.h5", "json"))["trials"]
        best = max(trials, key=lambda trial: trial["value"])
        self.assertEqual((best["value"], best["best_epoch"]), (BEST_VALUE, BEST_EPOCH))
        self.assertEqual([epoch["value"] for epoch in best["curve"]], [0.8, 0.85, 0.9, 0.82])
        first = json.loads(self.exported("all.h5", "optuna").splitlines()[0])
        self.assertEqual(first["directions"], [2])

    def test_replay_finds_the_highest(self):
        figures = json.loads(self.must("replay", "all.h5", "--json"))
        self.assertEqual((figures["recorded"]["best"], figures["replays"][0]["best"]), (BEST_VALUE, BEST_VALUE))
        self.assertEqual(figures["recorded"]["best_trial"], self.status("all.h5")["best"]["trial"])

    def test_the_page_has_the_same_best(self):
        self.must("report", "all.h5", "-o", "all.html")
        page = (self.folder / "all.html").read_text()
        opening = '<script type="application/json" id="data">'
        data = json.loads(page[page.index(opening) + len(opening):].split("</script")[0])
        best = data["sweep"]["best"]
        self.assertEqual((best["value"], best["best_epoch"]), (BEST_VALUE, BEST_EPOCH))
        self.assertEqual(data["trials"]["value"], sorted(data["trials"]["value"], reverse=True))

    def test_a_target_is_reached_from_below(self):
        for target, is_reached in ((0.95, False), (0.15, True)):
            results = f"target-{target}.h5"
            self.must("sweep", "maximized.ini", "-o", results, f"--sweep.target={target}", "--search.scheduler=none")
            begun = self.status(results)["num_trials_begun"]
            self.assertEqual(begun < 8, is_reached, f"{begun} of 8 trials began with sweep.target = {target}")


if __name__ == "__main__":
    unittest.main()
