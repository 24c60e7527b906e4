#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help texts, status of running and finished sweeps, prediction."""
import re
import subprocess
import unittest

import cli

JOBS = ["sweep", "train", "dataset", "status", "report", "export", "importance", "explain", "replay", "predict", "compare",
        "diff", "bench", "completion"]


class Help(cli.Scratch):
    def test_every_job_explains_itself(self):
        self.assertIn("seqsweep JOB", self.must("--help"))
        for job in JOBS:
            with self.subTest(job):
                self.assertIn(f"seqsweep {job}", self.must(job, "--help"))

    def test_version_is_one_line(self):
        self.assertRegex(self.must("--version"), r"^seqsweep \d+\.\d+\.\d+ .*\n$")


class Status(cli.Scratch):
    def test_json_is_valid_during_and_after_a_sweep(self):
        process = self.start("sweep", "sweep.ini", "-o", "live.h5", "--model.hidden_size=192", "--train.max_epochs=16")
        during = self.wait_for_epochs("live.h5", 2, process)
        self.assertFalse(during["is_sealed"])
        self.assertEqual(during["num_trials_planned"], 10)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, cli.DONE, err)
        after = self.status("live.h5")
        self.assertTrue(after["is_sealed"])
        self.assertEqual(set(during), set(after), "the keys do not depend on the progress")
        self.assertEqual(sum(after["trials_by_state"].values()), after["num_trials_begun"])
        self.assertEqual(after["best"], after["trials"][0])
        values = [trial["value"] for trial in after["trials"] if trial["value"] is not None]
        self.assertEqual(values, sorted(values))
        text = self.must("status", "live.h5", "--top", "3")
        self.assertIn(f"Best: trial {after['best']['trial']}", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_status_changes_nothing(self):
        self.must("sweep", "sweep.ini", "-o", "still.h5", "--sweep.trials=4")
        before = (self.folder / "still.h5").read_bytes()
        self.must("status", "still.h5")
        self.assertEqual((self.folder / "still.h5").read_bytes(), before)


class Predict(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=4")

    def test_scores_are_those_of_the_sweep(self):
        best = self.status("results.h5")["best"]
        checkpoint = f"results.ckpt/trial-{best['trial']:06d}.h5"
        self.must("predict", checkpoint, "lengths.h5", "-o", "predictions.h5")
        dump = subprocess.run(["h5dump", "-m", "%.17g", "-a", "/loss", "predictions.h5"], cwd=self.folder, text=True,
                              capture_output=True, check=True).stdout
        self.assertEqual(float(re.search(r"\(0\): (\S+)", dump).group(1)), best["test"]["loss"])
        header = subprocess.run(["h5dump", "-H", "predictions.h5"], cwd=self.folder, text=True, capture_output=True,
                                check=True).stdout
        self.assertRegex(header, r'DATASET "predictions" \{\s+DATATYPE  H5T_IEEE_F32LE\s+DATASPACE  SIMPLE \{ \( 40, 2 \)')
        self.assertRegex(header, r'DATASET "classes" \{\s+DATATYPE  H5T_STD_I32LE\s+DATASPACE  SIMPLE \{ \( 40 \)')

    def test_an_existing_file_is_not_overwritten(self):
        (self.folder / "mine.h5").write_text("precious")
        result = self.run_program("predict", "results.ckpt/trial-000000.h5", "lengths.h5", "-o", "mine.h5")
        self.assertEqual(result.returncode, cli.BAD_FILE)
        self.assertEqual((self.folder / "mine.h5").read_text(), "precious")


if __name__ == "__main__":
    unittest.main()
