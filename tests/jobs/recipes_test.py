#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every ```python block of README.md, run as it stands on what small sweeps left.

A block whose modules are not there is skipped by itself; exit code 77 where none could run.
"""
import ast
import importlib.util
import os
import re
import subprocess
import sys
import unittest

import cli

SKIPPED = 77
README = (cli.ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# What the README's networks are: four features, one target, a GRU of 64.
NETWORK_INI = """
[data]
path = four.h5
[model]
cell = gru
hidden_size = 64
[train]
max_epochs = 1
"""


def modules_of(block):
    """The modules that a block imports, by their outermost name."""
    names = set()
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    # What those modules import only when they are used.
    return names | ({"matplotlib"} if ".plot(" in block else set()) | (
        {"sklearn"} if "get_param_importances" in block else set())


def lacking(block):
    return sorted(name for name in modules_of(block) if importlib.util.find_spec(name) is None)


class Recipes(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", cli.ROOT / "configs" / "quickstart.ini", "-o", "quickstart.h5", ranks=2)
        cls.must("export", "quickstart.h5", "--to", "optuna", "-o", "RESULTS.journal")
        rows = [f"{t % 7},{t % 5},{t % 3},{t % 2}" for t in range(400)]
        (cls.folder / "four.csv").write_text("\n".join(["a,b,c,d", *rows]) + "\n")
        cls.must("dataset", "import", "csv", "four.csv", "--features", "a,b,c,d", "--target", "a", "--window", "10",
                 "--horizon", "1", "--split", "0.7,0.15,0.15", "-o", "four.h5")
        (cls.folder / "network.ini").write_text(NETWORK_INI)
        cls.must("train", "network.ini", "-o", "MODEL.h5")
        for target in ("onnx", "torch", "keras"):
            cls.must("export", "MODEL.h5", "--to", target)

    def run_block(self, *words):
        """Runs the block that has these words in it, in a program of its own; gives what it printed."""
        found = [block for block in BLOCKS if all(word in block for word in words)]
        self.assertEqual(len(found), 1, f"blocks of README.md with {words}")
        if missing := lacking(found[0]):
            self.skipTest(f"needs {', '.join(missing)}")
        done = subprocess.run([sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", found[0]],
                              cwd=self.folder, env=os.environ | {"MPLBACKEND": "Agg"}, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_every_block_of_the_readme_has_a_test_here(self):
        tested = ["iloc[0]", "groupby(\"model.cell\")", "swmr=True", "JournalStorage", "onnxruntime", "torch.load",
                  "load_weights"]
        for block in BLOCKS:
            self.assertEqual(sum(word in block for word in tested), 1, f"run this block of README.md, too:\n{block}")

    def test_the_best_curve_is_plotted_and_its_weights_fit_into_torch(self):
        self.run_block("iloc[0]", "load_state_dict")
        self.assertGreater((self.folder / "curve.png").stat().st_size, 1000)

    def test_pandas_finds_the_best_trials(self):
        out = self.run_block('groupby("model.cell")')
        first = out.splitlines()[1].split()
        best = self.status("quickstart.h5")["trials"][0]
        self.assertEqual(first[1], str(best["trial"]), out)
        self.assertAlmostEqual(float(first[2]), best["value"], delta=1e-3 * best["value"])  # as pandas prints it
        self.assertGreater((self.folder / "curves.png").stat().st_size, 1000)

    def test_a_running_sweep_is_read(self):
        (self.folder / "slow.ini").write_text(cli.PAUSING_INI)
        (self.folder / "pausing.py").write_text("import time; time.sleep(0.2); print('{\"value\": 0.5}')")
        sweep = self.start("sweep", "slow.ini", "-o", "running.h5", "--sweep.trials=1000", ranks=1)
        try:
            self.wait_for_epochs("running.h5", 2, sweep)
            out = self.run_block("swmr=True")
            self.assertIsNone(sweep.poll(), "the sweep had ended already")
        finally:
            cli.kill_all(sweep)
        self.assertRegex(out, r"(?m)^0 +1 +0\.5$")

    def test_optuna_knows_what_matters(self):
        self.assertIn("train.learning_rate", self.run_block("JournalStorage"))

    def test_onnx_predicts(self):
        self.assertRegex(self.run_block("onnxruntime"), r"^\[\[.+\]\s+\[.+\]\]\s*$")

    def test_torch_takes_a_state_dict(self):
        self.run_block("torch.load")

    def test_keras_takes_the_weights(self):
        self.run_block("load_weights")


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if not program.result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if all(lacking(block) for block in BLOCKS) else 0)
