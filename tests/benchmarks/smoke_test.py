#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every benchmark's --quick mode: it ends well and its figures are numbers that can be. Says nothing about speed."""
import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

import benchmark
import rival

FOLDER = pathlib.Path(__file__).resolve().parent


def numbers_in(value, path=""):
    """Every number of a JSON value with where it stands."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers_in(part, f"{path}.{key}")
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from numbers_in(part, f"{path}[{i}]")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


class Quick(unittest.TestCase):
    def figures_of(self, script, *options):
        result = subprocess.run([sys.executable, "-B", FOLDER / script, "--quick", "--json", *options],
                                capture_output=True, text=True, check=False)
        if result.returncode == benchmark.SKIPPED:
            self.skipTest(result.stdout.strip())
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        figures = json.loads(result.stdout)
        for path, value in numbers_in(figures):
            self.assertTrue(math.isfinite(value) and value >= 0, f"{path} is {value}")
        return figures

    def assert_spread(self, spread):
        self.assertEqual(set(spread), {"median", "least", "most"})
        self.assertGreater(spread["least"], 0)
        self.assertLessEqual(spread["least"], spread["median"])
        self.assertLessEqual(spread["median"], spread["most"])

    def test_engine_against_pytorch(self):
        # A core that is shared may show too low a peak for a moment; operations that are miscounted are so each time.
        for _ in range(3):
            figures = self.figures_of("engine_against_pytorch.py")
            if (share := max(result["share_of_peak"]["median"] for result in figures["pytorch"])) < 1.2:
                break
        self.assertLess(share, 1.2, "no kernel is faster than the peak")
        self.assertEqual(set(figures), {"torch", "pytorch", "shards", "lengths"})
        for result in figures["pytorch"]:
            self.assert_spread(result["ratio_to_pytorch"])
        for result in figures["shards"] + figures["lengths"]:
            self.assert_spread(result["ratio"])

    def test_rivals_choose_their_kernels_whatever_the_machine_sets(self):
        with mock.patch.dict(os.environ, OPENBLAS_CORETYPE="Haswell", OPENBLAS_L2_SIZE="262144", OPENBLAS_NUM_THREADS="1"):
            with mock.patch("sys.argv", ["benchmark", f"--seqsweep={sys.executable}"]):
                benchmark.parse("")
            left = benchmark.run_json([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"])
        self.assertEqual([name for name in left if name.startswith("OPENBLAS")], ["OPENBLAS_NUM_THREADS"])

    def test_a_wrong_product_is_no_rival(self):
        try:
            import numpy as np
        except ImportError:
            self.skipTest("numpy is missing (Debian package python3-numpy)")
        for module in ("numpy", "torch"):
            if importlib.util.find_spec(module):
                found = benchmark.run_json([sys.executable, "-B", FOLDER / "rival.py", module])
                self.assertLessEqual(found["worst_error"], 1)
        self.assertGreater(rival.worst_error(lambda a, b: (a @ b) * np.float32(1.0001)), 1)
        self.assertGreater(rival.worst_error(lambda a, b: np.where(a[:, :1] > 2.5, np.nan, a @ b)), 1)
        wrong = {"version": "1", "kernel": "Zen", "gemm_gflops": 90, "worst_error": 3.0}
        with mock.patch("benchmark.run_json", return_value=wrong), self.assertRaisesRegex(SystemExit, "kernel Zen.* wrong"):
            benchmark.need_right_product("numpy", mock.Mock(quick=False))

    def test_data_parallel(self):
        for result in self.figures_of("data_parallel.py"):
            for key in ("of_two_alone", "ddp_of_two_alone", "ratio_to_ddp"):
                self.assert_spread(result[key])

    def test_resuming(self):
        for result in self.figures_of("resuming.py"):
            self.assert_spread(result["seconds"])

    def test_sweep_against_optuna(self):
        figures = self.figures_of("sweep_against_optuna.py")
        self.assert_spread(figures["ratio"])
        for side in ("seqsweep", "optuna"):
            self.assert_spread(figures[side]["trials_per_hour"])
            self.assertLessEqual(figures[side]["working_share"]["most"], 1, "more training than there was time")

    def test_elastic_teams(self):
        figures = self.figures_of("elastic_teams.py")
        for values in (figures["ratio"], *figures["seconds"].values()):
            self.assert_spread(values)

    def test_looking(self):
        self.assertEqual(len(figures := self.figures_of("looking.py")), 4)
        for result in figures:
            self.assert_spread(result["seconds"])

    def test_search_against_optuna(self):
        figures = self.figures_of("search_against_optuna.py", "--samplers", "random,sobol")
        self.assertEqual([(table["in_flight"], table["trials"]) for table in figures["tables"]],
                         [(1, 12), (1, 20), (16, 12), (16, 20)])
        for table in figures["tables"]:
            for duels in (function["duels"] for function in table["functions"].values()):
                self.assertTrue(all(duel["wins"] <= 1 for duel in duels.values()), duels)


if __name__ == "__main__":
    unittest.main()
