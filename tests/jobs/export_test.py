#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exports, read by the programs they are for (pandas, Optuna) and compared with what h5py reads in the results file.

Without h5py, pandas or Optuna (with scikit-learn) it is skipped: exit code 77.
"""
import datetime
import importlib.util
import json
import math
import signal
import sys
import unittest
import warnings

import cli

SKIPPED = 77
MISSING = [name for name in ("h5py", "pandas", "optuna", "sklearn") if importlib.util.find_spec(name) is None]
if MISSING:
    print(f"skipped: no Python module {', '.join(MISSING)} (Debian: apt-get install python3-h5py python3-pandas "
          "python3-optuna python3-sklearn)")
    sys.exit(SKIPPED)

# pylint: disable=wrong-import-position
import h5py  # noqa: E402
import optuna  # noqa: E402
import pandas  # noqa: E402
from optuna.storages import JournalFileStorage, JournalStorage  # noqa: E402
from optuna.trial import TrialState  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.WARNING)

TABLES = ("trials", "epochs", "segments", "segment_results", "timing")
STATES = {"completed": TrialState.COMPLETE, "stopped": TrialState.PRUNED, "paused": TrialState.PRUNED,
          "diverged": TrialState.FAIL, "failed": TrialState.FAIL}

# Trials that are commands: values of every kind of dimension, one that fails, several objectives.
OBJECTIVES_INI = f"""
[trial]
objective = command
command = {sys.executable} score.py {{x}} {{y}}
[parameters]
x = uniform(0, 1, 0.25)
y = normal(0, 1)
z = choice("a, b", ü, 010) if parameters.x in (0, 0.25, 0.5)
[sweep]
trials = 14
metric = error, speed
goal = minimize, maximize
"""
OBJECTIVES_PY = """
import json, sys
x, y = map(float, sys.argv[1:])
if x == 1: sys.exit('x, "the last",\\nwas too large')
print(json.dumps({"error": (x - 0.5) ** 2 + y * y, "speed": x + y}))
"""


def of_file(cell):
    return cell.decode() if isinstance(cell, bytes) else cell.item()


def same(one, other):
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def is_absent(value):
    """Whether this stands for a dimension that a trial does not have."""
    return value == "" or same(value, math.nan)


class Exports(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "score.py").write_text(OBJECTIVES_PY)
        (cls.folder / "objectives.ini").write_text(OBJECTIVES_INI)
        cls.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=24")
        cls.must("sweep", "objectives.ini", "-o", "objectives.h5")

    def read_rows(self, results, table):
        """The rows of a table, as dictionaries of Python's own values."""
        with h5py.File(self.folder / results) as file:
            rows = file[table][:]
        return [{name: of_file(row[name]) for name in rows.dtype.names} for row in rows]

    def differences_of_csv(self, results, table, path):
        """Cells of the file that pandas reads otherwise than h5py reads the table."""
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
        rows = self.read_rows(results, table)
        self.assertEqual(len(frame), len(rows))
        if rows:
            self.assertEqual(list(frame.columns), list(rows[0]))
        read = {int: int, float: lambda cell: float(cell) if cell else math.nan, str: str}
        return [(number, name, value, frame[name][number]) for number, row in enumerate(rows)
                for name, value in row.items() if not same(value, read[type(value)](frame[name][number]))]

    def load_study(self, path):
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.load_study(study_name="seqsweep", storage=JournalStorage(JournalFileStorage(str(path))))

    def differences_of_study(self, results, study):
        """What Optuna has otherwise than the results file."""
        rows, epochs = self.read_rows(results, "trials"), self.read_rows(results, "epochs")
        timing = self.read_rows(results, "timing")
        with h5py.File(self.folder / results) as file:
            further = [name.decode() for name in file.attrs.get("further_metrics", [])]
            attributes = file["dimensions"].attrs
            dimensions = [attributes[key][0].decode() for key in attributes if key.isdigit()]
        self.assertEqual(len(study.trials), len(rows))
        found = []

        def check(what, expected, value):
            if expected != value:
                found.append((what, expected, value))

        for row, trial in zip(rows, study.trials):
            values = [row["value"], *(row[name] for name in further)]
            check("number", row["trial"], trial.number)
            check("state", STATES[row["state"]], trial.state)
            check("values", None if trial.state == TrialState.FAIL else values, trial.values)
            check("our state", row["state"], trial.user_attrs["state"])
            check("message", row["message"], trial.user_attrs["message"])
            curve = {e["epoch"]: e["value"] for e in epochs if e["trial"] == row["trial"] and math.isfinite(e["value"])}
            check("intermediate values", {} if further else curve, trial.intermediate_values)
            # Choices are texts in Optuna; what h5py has as a number is compared as one.
            check("params", {name: row[name] for name in dimensions if not is_absent(row[name])},
                  {name: type(row[name])(value) for name, value in trial.params.items()})
            outside = [name for name, distribution in trial.distributions.items()
                       if not distribution._contains(distribution.to_internal_repr(trial.params[name]))]
            check("outside their distributions", [], outside)
            legs = [leg for leg in timing if leg["trial"] == row["trial"]]
            for what, expected, moment in (
                    ("start", min(leg["started"] for leg in legs), trial.datetime_start),
                    ("end", max(leg["started"] + leg["seconds"] for leg in legs), trial.datetime_complete)):
                seconds = moment.replace(tzinfo=datetime.timezone.utc).timestamp()
                check(what, True, abs(seconds - expected) < 2e-6)
        return found

    def test_csv_holds_every_cell_of_every_table(self):
        for results in ("results", "objectives"):
            for table in TABLES:
                with self.subTest(results=results, table=table):
                    path = self.folder / self.must("export", f"{results}.h5", "--to", "csv", "--table", table).strip()
                    self.assertEqual(path.name, f"{results}.{table}.csv")
                    self.assertEqual(self.differences_of_csv(f"{results}.h5", table, path), [])
        frame = pandas.read_csv(self.folder / "results.epochs.csv", float_precision="round_trip")
        self.assertEqual(frame["value"].tolist(), [row["value"] for row in self.read_rows("results.h5", "epochs")])

    def test_a_cell_of_a_csv_that_was_changed_is_found(self):
        path = self.folder / self.must("export", "results.h5", "--to", "csv", "-o", "changed.csv").strip()
        value = self.read_rows("results.h5", "trials")[3]["value"]
        text = path.read_text()
        self.assertEqual(text.count(f",{value!r},"), 1)
        path.write_text(text.replace(f",{value!r},", f",{math.nextafter(value, math.inf)!r},"))
        (number, name, _, _), = self.differences_of_csv("results.h5", "trials", path)
        self.assertEqual((number, name), (3, "value"))

    def test_json_holds_trials_and_their_curves(self):
        self.must("export", "results.h5", "--to", "json")
        whole = json.loads((self.folder / "results.json").read_text(), parse_constant=self.fail)
        epochs = self.read_rows("results.h5", "epochs")
        rows = self.read_rows("results.h5", "trials")
        self.assertEqual(len(whole["trials"]), len(rows))
        for row, trial in zip(rows, whole["trials"]):
            for key in ("trial", "state", "reason", "epochs", "value", "best_epoch", "message"):
                self.assertEqual(trial[key], row[key], key)
            self.assertEqual(trial["point"]["model.hidden_size"], row["model.hidden_size"])
            curve = [(e["epoch"], e["value"], e["val_accuracy"], e["train_loss"])
                     for e in epochs if e["trial"] == row["trial"]]
            self.assertEqual([(e["epoch"], e["value"], e["validation"]["accuracy"], e["train_loss"])
                              for e in trial["curve"]], curve)
        with h5py.File(self.folder / "results.h5") as file:
            definition = dict(line.split(" = ", 1) for line in file.attrs["definition"].decode().splitlines())
        self.assertEqual(whole["definition"], definition)

    def test_optuna_loads_the_trials(self):
        self.must("export", "results.h5", "--to", "optuna")
        study = self.load_study(self.folder / "results.journal")
        self.assertEqual(self.differences_of_study("results.h5", study), [])
        self.assertEqual(study.direction.name, "MINIMIZE")
        Float, Int, Choice = (optuna.distributions.FloatDistribution, optuna.distributions.IntDistribution,
                              optuna.distributions.CategoricalDistribution)
        expected = {"data.batch_size": Choice(("16", "32")), "model.cell": Choice(("rnn", "lstm", "gru")),
                    "model.hidden_size": Int(4, 12, log=True), "model.dropout": Float(0, 0.4),
                    "model.activation": Choice(("tanh", "relu")), "train.learning_rate": Float(1e-3, 1e-1, log=True)}
        found = {name: d for trial in study.trials for name, d in trial.distributions.items()}
        self.assertEqual(found, expected)
        rows = self.read_rows("results.h5", "trials")
        best = min((row for row in rows if row["state"] == "completed"), key=lambda row: row["value"])
        self.assertEqual((study.best_trial.number, study.best_value), (best["trial"], best["value"]))
        importances = optuna.importance.get_param_importances(study)
        self.assertLessEqual(set(importances), set(expected))
        self.assertAlmostEqual(sum(importances.values()), 1)

    def test_optuna_loads_several_objectives_and_conditions(self):
        self.must("export", "objectives.h5", "--to", "optuna")
        study = self.load_study(self.folder / "objectives.journal")
        self.assertEqual(self.differences_of_study("objectives.h5", study), [])
        self.assertEqual([direction.name for direction in study.directions], ["MINIMIZE", "MAXIMIZE"])
        self.assertEqual(study.user_attrs["metrics"], ["error", "speed"])
        self.assertIn(TrialState.FAIL, {trial.state for trial in study.trials})
        self.assertEqual({"parameters.z" in trial.params for trial in study.trials}, {True, False})
        self.assertGreater(len(study.best_trials), 0)

    def test_a_value_of_a_journal_that_was_changed_is_found(self):
        self.must("export", "results.h5", "--to", "optuna", "-o", "changed.journal")
        path = self.folder / "changed.journal"
        lines = path.read_text().splitlines()
        place, = [i for i, line in enumerate(lines) if json.loads(line)["op_code"] == 4 and
                  len(json.loads(line)["user_attrs"]["message"]) == 0][:1]
        trial = json.loads(lines[place])
        changes = {"intermediate values": lambda t: t["intermediate_values"].update({"1": 0.125}),
                   "values": lambda t: t.update(value=0.125), "state": lambda t: t.update(state=3 - t["state"]),
                   "params": lambda t: t["params"].update({"model.dropout": 0.125})}
        for what, change in changes.items():
            with self.subTest(what):
                changed = json.loads(json.dumps(trial))
                change(changed)
                path.write_text("\n".join([*lines[:place], json.dumps(changed), *lines[place + 1:]]) + "\n")
                found = self.differences_of_study("results.h5", self.load_study(path))
                self.assertIn(what, [difference[0] for difference in found])

    def test_a_sweep_that_was_stopped_is_exported_as_far_as_it_came(self):
        longer = ["--train.max_epochs=32", "--search.scheduler=none", "--model.hidden_size=int(96, 192)"]
        process = self.start("sweep", "sweep.ini", *longer, "-o", "stopped.h5")
        self.wait_for_epochs("stopped.h5", 20, process)
        for table in TABLES:
            self.must("export", "stopped.h5", "--to", "csv", "--table", table, "-o", f"live.{table}.csv")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        status = self.status("stopped.h5")
        self.assertFalse(status["is_sealed"], "it was interrupted too late to prove anything")
        for form in ("json", "optuna"):
            self.must("export", "stopped.h5", "--to", form)
        self.must("export", "stopped.h5", "--to", "csv", "--table", "epochs")
        self.assertEqual(len(pandas.read_csv(self.folder / "stopped.epochs.csv")), status["num_epochs"])
        trials = self.load_study(self.folder / "stopped.journal").trials
        self.assertEqual(len(trials), status["num_trials_begun"])
        self.assertIn(TrialState.RUNNING, {trial.state for trial in trials})
        self.assertEqual(sum(len(trial.intermediate_values) for trial in trials), status["num_epochs"])
        whole = json.loads((self.folder / "stopped.json").read_text())
        self.assertEqual(sum(len(trial["curve"]) for trial in whole["trials"]), status["num_epochs"])

    def test_mistakes_get_one_line(self):
        export = ["export", "results.h5"]
        self.assert_mistakes({
            "format": ([*export, "--to", "cvs"],
                       "unknown format 'cvs' (known: csv, json, optuna, onnx, torch, keras); did you mean 'csv'?"),
            "no format": (export, "--to FORMAT is missing (known: csv, json, optuna, onnx, torch, keras)"),
            "table": ([*export, "--to", "csv", "--table", "epoch"], "did you mean 'epochs'?"),
            "no tables": ([*export, "--to", "json", "--table", "epochs"], "leave --table out"),
            "itself": ([*export, "--to", "json", "-o", "results.h5", "--force"], "-o must name another"),
        })

    def test_a_file_that_exists_is_overwritten_with_force_only(self):
        path = self.folder / "kept.json"
        path.write_text("mine")
        export = ["export", "results.h5", "--to", "json", "-o", "kept.json"]
        result = self.run_program(*export)
        self.assertEqual(result.returncode, cli.BAD_FILE)
        self.assertIn("--force", result.stderr)
        self.assertEqual(path.read_text(), "mine")
        self.must(*export, "--force")
        self.assertEqual(len(json.loads(path.read_text())["trials"]), 24)


if __name__ == "__main__":
    unittest.main()
