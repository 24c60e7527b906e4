#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps that maximize, through the program: whoever takes the wrong sense does so in every run, so here the right answer
is known. The trials are commands whose value is x, or nothing."""
import json
import unittest

import cli

INI = """
[trial]
objective = command
command = sh value.sh {x}
[parameters]
x = uniform(0, 1)
[sweep]
trials = 32
metric = value
goal = maximize
[search]
sampler = sobol
scheduler = none
"""


class Maximize(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "up.ini").write_text(INI)
        (cls.folder / "value.sh").write_text('echo "{\\"value\\": $1}"\n')
        (cls.folder / "nothing.sh").write_text('echo "{\\"value\\": 0}"\n')
        cls.must("sweep", "up.ini", "-o", "up.h5", "--quiet")

    def points(self, results):
        path = self.folder / self.must("export", results, "--to", "json", "--force").strip()
        return [float(trial["point"]["parameters.x"]) for trial in json.loads(path.read_text())["trials"]]

    def test_the_best_trial_has_the_highest_value(self):
        self.assertEqual(self.status("up.h5")["best"]["value"], max(self.points("up.h5")))

    def test_an_earlier_sweep_teaches_where_values_were_high(self):
        for sampler in ("tpe", "gp", "cmaes"):
            self.must("sweep", "up.ini", "-o", f"{sampler}.h5", "--trial.command=sh nothing.sh {x}", "--sweep.trials=8",
                      f"--search.sampler={sampler}", "--search.warm_start=up.h5", "--quiet")
            found = self.points(f"{sampler}.h5")
            self.assertEqual(len(found), 8)
            self.assertGreater(sum(found) / len(found), 0.7, f"{sampler}: {found}")


if __name__ == "__main__":
    unittest.main()
