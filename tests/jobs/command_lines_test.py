#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What programs print, awkwardly, through the whole sweep: read, or said why not; goals, epochs, retries, parameters."""
import json
import sys
import unittest

import cli

SWEEP_INI = f"""
[trial]
objective = command
command = {sys.executable} program.py {{x}}
[parameters]
x = uniform(0, 1)
[train]
max_epochs = 4
[sweep]
trials = 6
concurrency = 2
metric = accuracy
[search]
sampler = random
scheduler = asha
reduction_factor = 2
"""

# Prints epochs from `first` on, to one beyond where it is asked to stop.
EPOCHS_PY = """
import json, os, sys
x, to_epoch, first = float(sys.argv[1]), int(os.environ["SEQSWEEP_TO_EPOCH"]), {first}
for epoch in range(to_epoch + {more}):
    print(json.dumps({{"epoch": epoch + first, "accuracy": x * (epoch + 1)}}), flush=True)
"""

# Fails the first `failures` times that a trial runs it, and counts how often it ran.
FAILING_PY = """
import json, os, pathlib, sys
runs = pathlib.Path(f"runs-{os.environ['SEQSWEEP_TRIAL']}-{sys.argv[2]}")
count = len(runs.read_text()) if runs.exists() else 0
runs.write_text("x" * (count + 1))
if count < int(sys.argv[2]):
    sys.stderr.buffer.write(b"K\\xf6ln\\n")
    sys.exit(7)
print(json.dumps({"accuracy": float(sys.argv[1])}))
"""


class CommandLines(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "sweep.ini").write_text(SWEEP_INI)

    def sweep(self, program, results, *options, ranks=0):
        (self.folder / "program.py").write_text(program)
        result = self.run_program("sweep", "sweep.ini", "-o", results, *options, ranks=ranks)
        self.assertNotIn("internal", result.stderr)
        return result

    def test_epochs_that_count_from_0_fail_until_first_epoch_says_so(self):
        program = EPOCHS_PY.format(first=0, more=0)
        result = self.sweep(program, "from0.h5")
        self.assertIn("epochs count from 1: print epoch + 1, or write trial.first_epoch = 0", result.stderr)
        self.assertEqual(self.status("from0.h5")["trials_by_state"]["failed"], 6)
        self.assertEqual(self.sweep(program, "shifted.h5", "--trial.first_epoch=0").returncode, cli.DONE)
        self.assertEqual(self.sweep(EPOCHS_PY.format(first=1, more=0), "from1.h5").returncode, cli.DONE)
        shifted, plain = self.status("shifted.h5"), self.status("from1.h5")
        self.assertGreater(plain["trials_by_state"]["completed"], 0)
        self.assertEqual(shifted["trials"], plain["trials"])
        self.assertEqual(self.sweep(program, "shifted2.h5", "--trial.first_epoch=0", ranks=2).returncode, cli.DONE)
        self.assert_same_results("shifted.h5", "shifted2.h5")

    def test_accuracy_is_maximized_and_a_name_that_says_nothing_never_starts(self):
        program = EPOCHS_PY.format(first=1, more=0)
        result = self.sweep(program, "up.h5")
        self.assertIn("by default: maximize accuracy, going by the name", result.stderr)
        status = self.status("up.h5")
        self.assertEqual(status["goal"], "maximize")
        self.assertEqual(status["best"]["value"], max(t["value"] for t in status["trials"]))
        self.assertIn("maximize accuracy", self.must("sweep", "sweep.ini", "--dry-run"))
        self.assert_mistakes({"goal": (["sweep", "sweep.ini", "--sweep.metric=score", "-o", "x.h5"], "sweep.goal is missing")})
        self.assertFalse((self.folder / "x.h5").exists())
        down = self.sweep(program, "down.h5", "--sweep.goal=minimize")
        self.assertIn("warning: sweep.goal = minimize: going by its name, accuracy is to maximize", down.stderr)
        self.assertEqual(self.status("down.h5")["goal"], "minimize")

    def test_a_program_that_goes_on_beyond_max_epochs_is_said_once_and_recorded(self):
        options = ["--search.scheduler=none", "--train.max_epochs=2"]
        result = self.sweep(EPOCHS_PY.format(first=1, more=3), "beyond.h5", *options, ranks=2)
        self.assertEqual(result.returncode, cli.DONE)
        self.assertEqual(result.stderr.count("it goes on after epoch 2, where train.max_epochs = 2 ends it"), 1)
        status = self.status("beyond.h5")
        self.assertEqual(status["trials_by_state"]["completed"], 6)
        for trial in status["trials"]:
            self.assertIn("it goes on after epoch 2", trial["message"])
        text = self.must("status", "beyond.h5")
        self.assertIn("What of the programs' output is not counted", text)
        self.assertNotIn("diverged or failed", text)

    def test_a_failing_segment_is_run_twice_and_no_more(self):
        options = ["--search.scheduler=none", "--train.max_epochs=1", "--sweep.trials=3"]
        runs = {}
        for failures, state in ((1, "completed"), (2, "failed"), (9, "failed")):
            command = f"--trial.command={sys.executable} program.py {{x}} {failures}"
            for ranks in (0, 2):
                for path in self.folder.glob("runs-*"):
                    path.unlink()
                self.sweep(FAILING_PY, f"fails{failures}-{ranks}.h5", *options, command, ranks=ranks)
                status = self.status(f"fails{failures}-{ranks}.h5")
                self.assertEqual(status["trials_by_state"][state], 3)
                runs = {path.name: len(path.read_text()) for path in self.folder.glob("runs-*")}
                self.assertEqual(runs, {f"runs-{trial}-{failures}": 2 for trial in range(3)})
        self.assertIn("exit code 7: K\ufffdln", self.status("fails9-0.h5")["trials"][0]["message"])

    def test_settings_have_choices_as_they_are_written(self):
        program = """
import json, os
with open(os.environ["SEQSWEEP_SETTINGS"]) as file:
    settings = json.load(file)
assert settings["code"] in ("007", "010"), settings
assert settings["version"] in ("1.9", "1.10"), settings
assert settings["name"] in ("nan", "inf"), settings
assert settings["rate"] in (0.001, 0.0001), settings
print('{"accuracy": %r}' % settings["x"])
"""
        result = self.sweep(program, "texts.h5", "--parameters.code=choice(007, 010)", "--parameters.version=choice(1.9, 1.10)",
                            "--parameters.name=choice(nan, inf)", "--parameters.rate=choice(1e-3, 1e-4)",
                            "--search.scheduler=none", "--train.max_epochs=1")
        self.assertEqual(self.status("texts.h5")["trials_by_state"]["completed"], 6, result.stderr)
        self.assertIn("parameters.version: {settings} has 1.10 as a text", result.stderr)
        points = [trial["point"] for trial in self.status("texts.h5")["trials"]]
        self.assertLessEqual({point["parameters.code"] for point in points}, {"007", "010"})
        self.assertLessEqual({point["parameters.version"] for point in points}, {"1.9", "1.10"})

    def test_as_many_parameters_as_are_accepted_work_to_the_end_on_any_ranks(self):
        program = """
import json, os
with open(os.environ["SEQSWEEP_SETTINGS"]) as file:
    settings = json.load(file)
print(json.dumps({"accuracy": sum(v for k, v in settings.items() if k.startswith("p") and k[1:].isdigit())}))
"""
        for name, count, value in (("dimensions", 359, "uniform(0, 1)"), ("constants", 3000, "0.5")):
            lines = "".join(f"p{i} = {value}\n" for i in range(count))
            ini = SWEEP_INI.replace("x = uniform(0, 1)\n", "x = uniform(0, 1)\n" + lines).replace("max_epochs = 4", "max_epochs = 1")
            (self.folder / f"{name}.ini").write_text(ini)
            (self.folder / "program.py").write_text(program)
            for ranks in (0, 2):
                self.must("sweep", f"{name}.ini", "-o", f"{name}{ranks}.h5", ranks=ranks)
            self.assert_same_results(f"{name}0.h5", f"{name}2.h5")
            self.assertEqual(self.status(f"{name}0.h5")["trials_by_state"]["completed"], 6)
        self.assertEqual(self.status("constants0.h5")["best"]["value"], 1500)
        status = self.status("dimensions2.h5")
        point = status["best"]["point"]
        self.assertAlmostEqual(status["best"]["value"], sum(point[f"parameters.p{i}"] for i in range(359)))
        (self.folder / "more.ini").write_text((self.folder / "constants.ini").read_text().replace("= 0.5", "= uniform(0, 1)"))
        self.assert_mistakes({"too many": (["sweep", "more.ini", "-o", "x.h5"], "3001 dimensions are too many to search over")})

    def test_awkward_output_is_read(self):
        program = r"""
import sys
print("\r 50%|##  |\r100%|####|\r\x1b[32m{\"epoch\": 1, \"accuracy\": \"0.5\", \"path\": \"a\\\\\", \"other\": NaN}\x1b[0m")
sys.stdout.flush()
sys.stdout.buffer.write(b'{"epoch": 2, "name": "K\xf6ln", "accuracy": .625, "w": "' + b"x" * 100000 + b'"}\n')
sys.stdout.buffer.write(b'{"epoch": 3, "accuracy": 0.75}')
"""
        options = ["--search.scheduler=none", "--train.max_epochs=3", "--sweep.trials=2"]
        self.assertEqual(self.sweep(program, "awkward.h5", *options, ranks=2).returncode, cli.DONE)
        for trial in self.status("awkward.h5")["trials"]:
            self.assertEqual((trial["state"], trial["epochs"], trial["value"]), ("completed", 3, 0.75))
        exported = json.loads(json.dumps(self.status("awkward.h5")))
        self.assertEqual(exported["num_epochs"], 6)


if __name__ == "__main__":
    unittest.main()
