#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No job writes over what it reads, whatever --force says and by whatever name the file is called."""
import os
import unittest

import cli


class OwnInput(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3")
        cls.checkpoint = "results.ckpt/trial-000000.h5"
        for file in ("results.h5", "lengths.h5", "sweep.ini", cls.checkpoint):
            base = os.path.basename(file)
            os.symlink(file, cls.folder / f"symbolic-{base}")
            os.link(cls.folder / file, cls.folder / f"hard-{base}")

    def names_of(self, file):
        base = os.path.basename(file)
        return [file, f"./{file}", str(self.folder / file), f"symbolic-{base}", f"hard-{base}"]

    def assert_refused(self, *command, reads):
        """With -o set to each name of each file that the command reads."""
        for file in reads:
            before = (self.folder / file).read_bytes()
            for name in self.names_of(file):
                with self.subTest(" ".join(command), output=name):
                    result = self.run_program(*command, "-o", name)
                    self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stdout + result.stderr)
                    self.assertEqual(result.stderr.count("error:"), 1, result.stderr)
                    self.assertIn("is read by this job", result.stderr)
                    self.assertEqual((self.folder / file).read_bytes(), before, "it was overwritten")

    def test_export(self):
        for form in ("csv", "json", "optuna"):
            self.assert_refused("export", "results.h5", "--to", form, "--force", reads=["results.h5"])
        self.assert_refused("export", "results.h5", "--to", "onnx", "--trial", "0", "--force",
                            reads=["results.h5", self.checkpoint])
        self.assert_refused("export", self.checkpoint, "--to", "torch", "--force", reads=[self.checkpoint])

    def test_dataset(self):
        for file in ("train.ts", "test.ts"):
            os.symlink(file, self.folder / f"symbolic-{file}")
            os.link(self.folder / file, self.folder / f"hard-{file}")
        self.assert_refused("dataset", "import", "ts", "train.ts", "--test", "test.ts", "--force", reads=["train.ts", "test.ts"])

    def test_report(self):
        self.assert_refused("report", "results.h5", reads=["results.h5"])

    def test_report_keeps_what_is_no_page(self):
        result = self.run_program("report", "results.h5", "-o", "adding.h5")
        self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stderr)
        self.assertIn("adding.h5 exists and is no page", result.stderr)
        self.must("report", "results.h5", "-o", "page.html")
        self.must("report", "results.h5", "-o", "page.html")

    def test_predict(self):
        self.assert_refused("predict", self.checkpoint, "lengths.h5", reads=[self.checkpoint, "lengths.h5"])

    def test_predict_keeps_an_input_that_has_the_name_of_its_half_written_output(self):
        os.link(self.folder / "lengths.h5", self.folder / "new.h5.part")
        result = self.run_program("predict", self.checkpoint, "new.h5.part", "-o", "new.h5")
        self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stderr)
        self.assertTrue((self.folder / "new.h5.part").exists())
        self.assertFalse((self.folder / "new.h5").exists())

    def test_sweep(self):
        self.assert_refused("sweep", "sweep.ini", reads=["sweep.ini", "lengths.h5"])
        self.assert_refused("sweep", "sweep.ini", "--search.sampler=tpe", "--search.warm_start=results.h5",
                            reads=["results.h5"])

    def test_train(self):
        network = ["--model.cell=gru", "--model.hidden_size=4", "--model.dropout=0", "--data.batch_size=16",
                   "--train.learning_rate=0.01"]
        self.assert_refused("train", "sweep.ini", *network, reads=["sweep.ini", "lengths.h5"])
        self.assert_refused("train", "sweep.ini", "--sweep.trials=3", "--trial", "results.h5:0", reads=["results.h5"])


if __name__ == "__main__":
    unittest.main()
