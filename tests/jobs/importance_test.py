#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seqsweep importance`: shares that are known, few trials, running and constant sweeps, mistakes."""
import json
import unittest

import cli

# 3 x + y: 9/10 of the variance are due to x, 1/10 to y, nothing to the colour.
SUM_INI = """
[trial]
objective = command
command = awk 'BEGIN {{ printf "{{\\"epoch\\": 1, \\"value\\": %.6f}}\\n", 3 * {x} + {y} }}'
[parameters]
x = uniform(0, 1)
y = uniform(0, 1)
colour = choice(red, green, blue)
[train]
max_epochs = 1
[sweep]
trials = 80
metric = value
[search]
sampler = random
scheduler = none
"""


class Importance(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "sum.ini").write_text(SUM_INI)
        cls.must("sweep", "sum.ini", "-o", "sum.h5", "--quiet")

    def importance(self, results, *options):
        return json.loads(self.must("importance", results, "--json", *options))

    def dimension(self, found, name):
        return next(dimension for dimension in found["dimensions"] if dimension["name"] == f"parameters.{name}")

    def test_shares_are_those_of_the_terms_of_a_sum(self):
        found = self.importance("sum.h5")
        self.assertEqual((found["metric"], found["num_trials"], found["epoch"], found["num_best"]), ("value", 80, 1, 8))
        self.assertTrue(found["is_enough"])
        x, y, colour = (self.dimension(found, name) for name in ("x", "y", "colour"))
        self.assertAlmostEqual(x["share"], 0.9, delta=0.06)
        self.assertAlmostEqual(y["share"], 0.1, delta=0.06)
        self.assertLess(colour["share"], 0.02)
        self.assertLess(x["best"]["high"], 0.4)
        self.assertIsNone(x["best"]["choice"])
        self.assertIn(colour["best"]["choice"], ("red", "green", "blue"))
        self.assertLessEqual(colour["best"]["num_choice"], 8)
        total = found["rest"] + sum(part["share"] for part in found["dimensions"] + found["pairs"])
        self.assertAlmostEqual(total, 1, places=6)

    def test_of_what_is_maximised_the_best_are_the_largest(self):
        self.must("sweep", "sum.ini", "-o", "largest.h5", "--sweep.goal=maximize", "--quiet")
        found = self.importance("largest.h5")
        self.assertEqual(found["goal"], "maximize")
        self.assertGreater(self.dimension(found, "x")["best"]["low"], 0.6)

    def test_text_names_the_largest_first_and_fits_the_terminal(self):
        text = self.must("importance", "sum.h5", "--pairs", "1")
        self.assertIn("What matters for value, from 80 trials after 1 epoch\n", text)
        self.assertLess(text.index("parameters.x"), text.index("parameters.y"))
        self.assertEqual(text.count(" × "), 1)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        self.assertEqual(text, self.must("importance", "sum.h5", "--pairs", "1"), "the same every time")

    def test_says_when_trials_are_few_and_knows_conditional_dimensions(self):
        self.must("sweep", "sweep.ini", "-o", "few.h5", "--quiet")
        self.assertRegex(self.must("importance", "few.h5"), r"From 10 trials\s+shares are mostly\s+chance")
        found = self.importance("few.h5", "--pairs", "0")
        self.assertFalse(found["is_enough"])
        self.assertEqual(found["pairs"], [])
        shares = {dimension["name"]: dimension["share"] for dimension in found["dimensions"]}
        self.assertEqual(len(shares), 6)
        self.assertTrue(all(0 <= share <= 1 for share in shares.values()), shares)

    def test_reads_a_running_sweep(self):
        process = self.start("sweep", "sweep.ini", "-o", "live.h5", "--model.hidden_size=192", "--train.max_epochs=16")
        self.wait_for_epochs("live.h5", 8, process)
        self.assertGreater(self.importance("live.h5")["num_trials"], 0)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, cli.DONE, err)

    def test_where_nothing_is_searched_or_differs_it_says_so(self):
        constant = SUM_INI.replace("uniform(0, 1)", "0.5").replace("choice(red, green, blue)", "red")
        (self.folder / "constant.ini").write_text(constant.replace("trials = 80", "trials = 1"))
        self.must("sweep", "constant.ini", "-o", "constant.h5", "--quiet")
        self.assertIn("Nothing is searched", self.must("importance", "constant.h5"))
        (self.folder / "colours.ini").write_text(SUM_INI.replace("uniform(0, 1)", "0.5"))
        self.must("sweep", "colours.ini", "-o", "colours.h5", "--quiet")
        self.assertIn("All of them came to the same value", self.must("importance", "colours.h5"))
        found = self.importance("colours.h5")
        self.assertEqual((found["dimensions"][0]["share"], found["predicted_share"], found["rest"]), (0, None, None))

    def test_mistakes_get_one_line(self):
        for arguments, code, named in ((["sum.h5", "--pairs=-1"], cli.BAD_CONFIG, "--pairs"),
                                       (["lengths.h5"], cli.BAD_FILE, "lengths.h5")):
            with self.subTest(named):
                result = self.run_program("importance", *arguments)
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(named, result.stderr)


if __name__ == "__main__":
    unittest.main()
