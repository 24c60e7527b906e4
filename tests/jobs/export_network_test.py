#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exported networks, run by the programs they are for (onnxruntime-node, PyTorch; Keras' equations in numpy) on the raw
test part of a data set, and compared with `seqsweep predict`; for every cell and every kind of input and output.

What is missing is skipped, and then the exit code is 77: h5py, onnx and PyTorch are Debian's, onnxruntime-node comes
from npm, once, into the build folder (environment NODE_MODULES).
"""
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import cli

SKIPPED = 77
if importlib.util.find_spec("h5py") is None:
    print("skipped: no Python module h5py (Debian: apt-get install python3-h5py)")
    sys.exit(SKIPPED)

# pylint: disable=wrong-import-position
import h5py  # noqa: E402
import numpy  # noqa: E402

import keras_network  # noqa: E402
import trained_networks  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
NODE_MODULES = pathlib.Path(os.environ.get("NODE_MODULES", ".")).resolve()
ONNXRUNTIME = "onnxruntime-node@1.20.1"

# Both sides compute in single precision (2^-24 = 6e-8 a rounding) and add in another order: seen is up to 3e-7. A wrong
# gate, activation or statistic is off by 1e-2 or more.
TOLERANCE = 3e-6
CHANGE = 0.5  # of one weight, whose effect is 4e-5 or more


def missing_module(name):
    if importlib.util.find_spec(name):
        return None
    return f"no Python module {name} (Debian: apt-get install python3-{name})"


def missing_onnxruntime():
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            return f"{tool} is not installed (Debian: apt-get install nodejs npm)"
    if (NODE_MODULES / "node_modules" / "onnxruntime-node").is_dir():
        return None
    # Its install script would only fetch what GPUs need.
    fetched = subprocess.run(["npm", "install", "--prefix", NODE_MODULES, "--no-save", "--silent", "--ignore-scripts",
                              ONNXRUNTIME], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return f"npm could not fetch {ONNXRUNTIME}: {fetched.stdout.strip()[-200:]}" if fetched.returncode else None


NO_ONNX, NO_TORCH = missing_module("onnx"), missing_module("torch")
NO_ONNXRUNTIME = missing_onnxruntime()
LACKING = [why for why in (NO_ONNX, NO_TORCH, NO_ONNXRUNTIME) if why]


def changed(values, index):
    """A copy with one number changed."""
    values = numpy.array(values)
    values[index] += CHANGE
    return values


class ExportedNetworks(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        trained_networks.write_datasets(cls)
        cls.networks = {}
        for cell in trained_networks.CELLS:
            for kind in trained_networks.KINDS:
                trained = trained_networks.train(cls, cell, kind)
                cls.networks[trained.name] = trained
        # Every tensor that there is, none of it without effect (ReLU may cut units off).
        cls.to_change = [cls.networks[f"{cell}_bidirectional_layers"] for cell in ("tanh", "lstm", "gru")]
        cls.to_change.append(cls.networks["gru_tokens"])

    def export(self, trained, form):
        return self.folder / self.must("export", trained.model, "--to", form, "--force").strip()

    def index_in(self, trained, name, shape):
        """A number of this tensor that has an effect: the first, of an embedding one of a token that occurs."""
        return (trained.sequences[0][0], 0) if name.startswith("embedding") else (0,) * len(shape)

    def assert_agrees(self, trained, outputs):
        with self.subTest(trained.name):
            self.assertLess(trained_networks.error(trained.predictions, outputs), TOLERANCE)

    def assert_differs(self, trained, name, outputs):
        with self.subTest(trained.name, changed=name):
            self.assertGreater(trained_networks.error(trained.predictions, outputs), TOLERANCE)

    # onnx

    def onnx_run(self, trained, model, sequences, filling):
        """One run of a model in run_onnx.mjs, and what makes outputs of each sequence from its answer."""
        batch, lengths = trained_networks.padded(sequences, filling)
        name, kind = ("tokens", "int64") if trained.has_tokens else ("features", "float32")
        shape = (*batch.shape[:2], -1) if trained.is_per_step else (len(batch), -1)
        run = {"model": str(model), "output": "values" if trained.spec["loss"] == "mse" else "probabilities",
               "inputs": {name: {"type": kind, "shape": batch.shape, "values": batch.ravel().tolist()},
                          "lengths": {"type": "int32", "shape": [len(lengths)], "values": lengths}}}
        return run, lambda values: trained_networks.unpadded(trained, numpy.reshape(values, shape), lengths)

    def run_onnx(self, runs):
        """Outputs of each run."""
        (self.folder / "runs.json").write_text(json.dumps([run for run, _ in runs]))
        done = subprocess.run(["node", HERE / "run_onnx.mjs", self.folder / "runs.json", NODE_MODULES], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = done.stdout.splitlines()
        return [finish(json.loads(answer)) for (_, finish), answer in zip(runs, answers, strict=True)]

    @unittest.skipIf(NO_ONNX, NO_ONNX)
    def test_onnx_files_pass_its_checker(self):
        import onnx
        for trained in self.networks.values():
            with self.subTest(trained.name):
                model = onnx.load(self.export(trained, "onnx"))
                onnx.checker.check_model(model, full_check=True)
                metadata = {entry.key: entry.value for entry in model.metadata_props}
                self.assertEqual(metadata["model.cell"], trained.spec["cell"])
                with h5py.File(trained.model) as file:
                    self.assertEqual(metadata["dataset_fingerprint"], file.attrs["dataset_fingerprint"].decode())
                    self.assertEqual(metadata["epoch"], str(file["state"].attrs["best_epoch"]))
                self.assertEqual(model.producer_name, "seqsweep")
                self.assertIn(model.producer_version, self.must("--version"))

    @unittest.skipIf(NO_ONNXRUNTIME, NO_ONNXRUNTIME)
    def test_onnxruntime_gives_what_predict_gives(self):
        cases, runs = [], []
        for trained in self.networks.values():
            model = self.export(trained, "onnx")
            # All at once, with something that must not be read behind the shorter ones; and one by itself.
            for sequences, filling in ((trained.sequences, 1), (trained.sequences[:1], 0)):
                cases.append((trained, len(sequences)))
                runs.append(self.onnx_run(trained, model, sequences, filling))
        for (trained, count), outputs in zip(cases, self.run_onnx(runs)):
            with self.subTest(trained.name, sequences=count):
                self.assertLess(trained_networks.error(trained.predictions[:count], outputs), TOLERANCE)

    @unittest.skipIf(NO_ONNX or NO_ONNXRUNTIME, NO_ONNX or NO_ONNXRUNTIME)
    def test_a_number_of_an_onnx_file_that_was_changed_is_found(self):
        import onnx
        from onnx import numpy_helper
        cases, runs = [], []
        for trained in self.to_change:
            model = onnx.load(self.export(trained, "onnx"))
            for tensor in model.graph.initializer:
                if tensor.data_type != onnx.TensorProto.FLOAT:
                    continue
                whole = bytes(tensor.raw_data)
                values = numpy_helper.to_array(tensor)
                tensor.raw_data = changed(values, self.index_in(trained, tensor.name, values.shape)).tobytes()
                path = self.folder / f"changed_{len(runs)}.onnx"
                onnx.save(model, path)
                tensor.raw_data = whole
                cases.append((trained, tensor.name))
                runs.append(self.onnx_run(trained, path, trained.sequences, 0))
        for (trained, name), outputs in zip(cases, self.run_onnx(runs)):
            self.assert_differs(trained, name, outputs)

    # torch

    @unittest.skipIf(NO_TORCH, NO_TORCH)
    def test_pytorch_gives_what_predict_gives(self):
        import torch
        import torch_network
        for trained in self.networks.values():
            state = torch.load(self.export(trained, "torch"), weights_only=True)
            if trained.spec["activation"] == "sigmoid":
                continue  # torch.nn.RNN does not have it
            self.assert_agrees(trained, torch_network.outputs(trained, state))

    @unittest.skipIf(NO_TORCH, NO_TORCH)
    def test_a_number_of_a_state_dict_that_was_changed_is_found(self):
        import torch
        import torch_network
        for trained in self.to_change:
            state = torch.load(self.export(trained, "torch"))
            for name, values in state.items():
                other = torch.tensor(changed(values, self.index_in(trained, name, values.shape)))
                self.assert_differs(trained, name, torch_network.outputs(trained, {**state, name: other}))

    # keras

    def test_the_equations_of_keras_give_what_predict_gives(self):
        for trained in self.networks.values():
            with h5py.File(self.export(trained, "keras")) as file:
                self.assert_agrees(trained, keras_network.outputs(trained, file))

    def test_a_number_of_a_keras_file_that_was_changed_is_found(self):
        for trained in self.to_change:
            path = self.export(trained, "keras")
            arrays = []
            with h5py.File(path) as file:
                file.visititems(lambda name, item: arrays.append(name) if isinstance(item, h5py.Dataset) else None)
            for name in arrays:
                with h5py.File(path, "r+") as file:
                    values = file[name][:]
                    file[name][:] = changed(values, self.index_in(trained, name, values.shape))
                    self.assert_differs(trained, name, keras_network.outputs(trained, file))
                    file[name][:] = values

    # the job

    def test_of_a_results_file_the_best_trial_or_a_named_one_is_exported(self):
        self.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=6")
        with h5py.File(self.folder / "results.h5") as file:
            trials = file["trials"][:]
        best = trials["trial"][numpy.nanargmin(trials["value"])]
        for trial, options in ((best, ()), (3, ("--trial", "3"))):
            for form, ending in (("onnx", "onnx"), ("torch", "pt"), ("keras", "keras.h5")):
                name = self.must("export", "results.h5", "--to", form, *options, "--force").strip()
                self.assertEqual(name, f"results.trial-{trial:06}.{ending}")
                self.must("export", f"results.ckpt/trial-{trial:06}.h5", "--to", form, "-o", "same", "--force")
                self.assertEqual((self.folder / name).read_bytes(), (self.folder / "same").read_bytes())
        checkpoint = "results.ckpt/trial-000003.h5"
        of_trial = ("export", "results.h5", "--to", "onnx", "--trial", "3")
        self.assert_mistakes({
            "its own checkpoint": ((*of_trial, "-o", checkpoint, "--force"), "-o must name another"),
        })
        (self.folder / checkpoint).unlink()
        gone = self.run_program(*of_trial)
        self.assertEqual(gone.returncode, cli.BAD_FILE)
        self.assertIn("trial-000003.h5: is not there; make it again: seqsweep train CONFIG.ini --trial results.h5:3",
                      gone.stderr)
        self.assert_mistakes({
            "no such trial": (("export", "results.h5", "--to", "onnx", "--trial", "6"), "has no such trial"),
            "a table": (("export", "results.h5", "--to", "onnx", "--table", "epochs"), "leave --table out"),
            "all trials": (("export", "results.h5", "--to", "csv", "--trial", "3"), "leave --trial out"),
        })

    def test_mistakes_get_one_line(self):
        model = next(iter(self.networks.values())).model
        self.assert_mistakes({
            "format": (("export", model, "--to", "onx"), "did you mean 'onnx'?"),
            "one network": (("export", model, "--to", "onnx", "--trial", "3"), "is one network; leave it out"),
            "itself": (("export", model, "--to", "onnx", "-o", model, "--force"), "-o must name another"),
        })
        sweep_of_a_network = self.run_program("export", model, "--to", "csv")
        self.assertEqual(sweep_of_a_network.returncode, cli.BAD_FILE)
        self.assertEqual(len(sweep_of_a_network.stderr.splitlines()), 1, sweep_of_a_network.stderr)


if __name__ == "__main__":
    program = unittest.main(exit=False)
    for reason in LACKING:
        print(f"skipped: {reason}")
    sys.exit(1 if not program.result.wasSuccessful() else SKIPPED if LACKING else 0)
