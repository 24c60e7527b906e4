#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seqsweep bench search`: searches on test functions and on recorded curves, proposals timed, mistakes."""
import json
import unittest

import cli

# Twelve points, each trained to its end.
GRID_INI = """
[sweep]
trials = 12
[search]
sampler = grid
scheduler = none
[data]
path = lengths.h5
batch_size = 32
[model]
cell = choice(rnn, gru)
hidden_size = choice(4, 8)
[train]
learning_rate = choice(0.001, 0.01, 0.1)
max_epochs = 4
"""
POINTS, MAX_EPOCHS = 12, 4

MISTAKES = {
    "unknown function": (["--functions=branin,hartman3"], "hartmann3"),
    "unknown sampler": (["--samplers=randm"], "random"),
    "unknown scheduler": (["--schedulers=ahsa"], "asha"),
    "no budget": (["--budgets=50,0"], "'0'"),
    "no number in flight": (["--concurrency=many"], "'many'"),
    "no seeds": (["--seeds=0"], "--seeds 0"),
}


class BenchSearch(cli.Scratch):
    def figures(self, *options):
        return json.loads(self.must("bench", "search", "--json", *options))

    def test_regret_of_every_function_falls_with_the_budget(self):
        figures = self.figures("--samplers=random", "--budgets=5,80", "--concurrency=1", "--seeds=3")
        self.assertEqual((len(figures["results"]), figures["refusals"]), (20, []))
        for few, many in zip(figures["results"][::2], figures["results"][1::2]):
            with self.subTest(few["function"]):
                self.assertEqual((few["function"], few["trials"], many["trials"]), (many["function"], 5, 80))
                self.assertEqual(sorted(many["regrets"])[1], many["regret"]["median"])
                for after_few, after_many in zip(few["regrets"], many["regrets"]):
                    self.assertTrue(0 <= after_many <= after_few, "the first points are the same")
                self.assertLess(many["regret"]["median"], few["regret"]["median"])

    def test_the_same_command_gives_the_same_regrets(self):
        command = ["--samplers=sobol,random", "--functions=noisy_branin,network", "--budgets=30", "--seeds=2"]
        first, second = ([result["regrets"] for result in self.figures(*command)["results"]] for _ in range(2))
        self.assertEqual(first, second)

    def test_a_sampler_that_cannot_search_a_function_is_named_and_the_others_go_on(self):
        figures = self.figures("--samplers=grid,random", "--functions=branin", "--budgets=5", "--concurrency=1")
        self.assertEqual([result["sampler"] for result in figures["results"]], ["random"])
        self.assertEqual([refusal["sampler"] for refusal in figures["refusals"]], ["grid"])

    def test_points_have_the_dimensions_that_exist_in_them(self):
        conditional, network = self.figures("--points=60", "--functions=conditional,network")
        for sample in conditional["points"]:
            point = sample["point"]
            self.assertEqual("activation" in point, point["cell"] == "rnn")
            self.assertEqual("size_3" in point, point["layers"] == 3)
            self.assertGreaterEqual(sample["value"], conditional["optimum"])
        diverged = sum(sample["value"] is None for sample in network["points"])
        self.assertTrue(0 < diverged < 30, f"{diverged} of 60 diverge")

    def test_searches_on_recorded_curves_count_the_epochs_they_need(self):
        (self.folder / "grid.ini").write_text(GRID_INI)
        self.must("sweep", "grid.ini", "-o", "curves.h5", "--quiet")
        figures = self.figures("--curves=curves.h5", "--samplers=random", "--concurrency=1,3", "--seeds=9")
        self.assertEqual((figures["points"], figures["max_epochs"]), (POINTS, MAX_EPOCHS))
        best = self.status("curves.h5")["best"]["value"]
        self.assertEqual(figures["target"], best, "the best hundredth of 12 is the best")
        self.assertEqual([(r["scheduler"], r["in_flight"]) for r in figures["results"]],
                         [("none", 1), ("asha", 1), ("none", 3), ("asha", 3)])
        for result in figures["results"]:
            self.assertTrue(0 < result["epochs"]["median"] <= POINTS * MAX_EPOCHS, result)
            if result["scheduler"] == "none":
                self.assertEqual(result["epochs"]["median"] % MAX_EPOCHS, 0, "whole trainings")

    def test_a_sweep_that_left_points_out_is_no_table_of_curves(self):
        self.must("sweep", "sweep.ini", "-o", "random.h5", "--quiet")
        result = self.run_program("bench", "search", "--curves=random.h5")
        self.assertEqual(result.returncode, cli.BAD_FILE, result.stdout + result.stderr)
        self.assertIn("search.sampler = grid", result.stderr)

    def test_speed_is_measured(self):
        figures = self.figures("--speed", "--samplers=random,sobol")
        self.assertEqual(len(figures["proposals"]), 8)
        for result in figures["proposals"]:
            self.assertTrue(0 < result["ms"] < 1000, result)
        for result in figures["trials"]:
            self.assertGreater(result["trials_per_s"], 10, result["what"])

    def test_mistakes_get_one_line_and_exit_code_2(self):
        self.assert_mistakes({name: (["bench", "search", *arguments], named)
                              for name, (arguments, named) in MISTAKES.items()})


if __name__ == "__main__":
    unittest.main()
