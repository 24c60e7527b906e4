#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of real sweeps: the job, and its page in a real browser (page_test.mjs) beside what h5py reads in the file.

The browser needs chromium, node, npm (which fetches playwright-core once, into the build folder) and h5py. Without them
the other tests run, and the exit code is 77: skipped.
"""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "jobs"))
import cli  # noqa: E402

SKIPPED = 77
PLAYWRIGHT = "playwright-core@1.65.1"
HERE = pathlib.Path(__file__).resolve().parent
PICTURES = pathlib.Path(os.environ.get("PICTURES", "."))
SWEEP_INI = """
[sweep]
trials = 16
seed = 2
concurrency = 4
replicate_best = 1
replicates = 2
[search]
sampler = random
scheduler = asha
grace_period = 2
reduction_factor = 2
[data]
path = adding.h5
batch_size = choice(16, 32)
[model]
cell = choice(rnn, gru)
hidden_size = int(4, 16, log)
activation = choice(tanh, relu) if model.cell == rnn
[train]
learning_rate = loguniform(1e-3, 1e-1)
max_epochs = 8
"""


def four_digits(value):
    """As the page writes numbers."""
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e6):
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{mantissa}e{int(exponent):+d}"
    return f"{value:.0f}" if abs(value) >= 999.95 else f"{value:#.4g}".rstrip(".")


def what_the_browser_lacks():
    for tool in ("chromium", "node", "npm"):
        if not shutil.which(tool):
            return f"{tool} is not installed (Debian: apt-get install chromium nodejs npm)"
    try:
        import h5py  # noqa: F401
    except ImportError:
        return "h5py is not installed (Debian: apt-get install python3-h5py)"
    if not (PICTURES / "node_modules" / "playwright-core").is_dir():
        fetched = subprocess.run(["npm", "install", "--prefix", PICTURES, "--no-save", "--silent", PLAYWRIGHT],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if fetched.returncode != 0:
            return f"npm could not fetch {PLAYWRIGHT}: {fetched.stdout.strip()[-200:]}"
    return None


LACKING = what_the_browser_lacks()


def data_of(page):
    """The object that a page holds."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))


class Report(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "report.ini").write_text(SWEEP_INI)
        (cls.folder / "slow.ini").write_text(cli.PAUSING_INI)
        (cls.folder / "pausing.py").write_text("import time; time.sleep(0.3); print('{\"value\": 1}')")
        cls.must("sweep", "report.ini", "-o", "results.h5", ranks=2)

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def expected(self):
        """What h5py reads, as the page should show it."""
        import h5py
        with h5py.File(self.folder / "results.h5") as file:
            trials, epochs = file["trials"][:], file["epochs"][:]
            floor = float(file.attrs["validation_floor"][0])
        begun = sorted((row for row in trials if row["parent"] < 0), key=lambda row: (row["value"], row["trial"]))
        best = begun[0]
        curve = sorted((row for row in epochs if row["trial"] == best["trial"]), key=lambda row: row["epoch"])
        replicates = [row["value"] for row in trials if row["parent"] == best["trial"]]
        return {
            "best": {"trial": int(best["trial"]), "value": four_digits(best["value"])},
            "floor": four_digits(floor),
            "replicate_mean": four_digits(math.fsum(replicates) / len(replicates)),
            "values": [four_digits(row["value"]) for row in begun],
            "rates": [four_digits(rate) for rate in sorted(row["train.learning_rate"] for row in begun)],
            "curve": [[str(row["epoch"]), four_digits(row["train_loss"]), four_digits(row["val_loss"])]
                      for row in curve],
            "at_first_rung": len(begun),
        }

    @unittest.skipIf(LACKING, LACKING)
    def test_pages_show_in_a_browser_what_h5py_reads(self):
        self.must("report", "results.h5", "-o", "real.html")
        page = self.read("real.html")
        library = re.compile(r"(</script>\s*<script>)\s*/\*.*?(</script>)", re.S)
        without = library.sub(r"\1\2", page, count=1)
        self.assertLess(len(without), len(page) - 500_000, "the page has no plot library")
        (self.folder / "tables.html").write_text(without, encoding="utf-8")
        subprocess.run([os.environ["WRITE_PAGES"], self.folder], check=True)
        (self.folder / "expected.json").write_text(json.dumps(self.expected()))
        script = shutil.copy(HERE / "page_test.mjs", PICTURES)  # beside its node_modules
        done = subprocess.run(["node", script, shutil.which("chromium"), self.folder, PICTURES], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_the_command_on_the_page_trains_the_best_again_with_the_recorded_config(self):
        self.must("report", "results.h5", "-o", "again.html")
        data = data_of(self.read("again.html"))
        (self.folder / "results.ini").write_text(data["record"]["config"], encoding="utf-8")
        best = data["sweep"]["best"]
        command = best["command"].replace("DATASET.h5", "adding.h5").split()
        self.assertEqual(command[0], "seqsweep")
        out = self.must(*command[1:])
        shown = f"{best['validation']['loss']:.4g}"
        self.assertIn(shown, out, "the loss of the page is not that of the training")

    def test_watching_follows_a_running_sweep_to_its_end(self):
        sweep = self.start("sweep", "slow.ini", "-o", "slow.h5", ranks=1)
        self.wait_for_epochs("slow.h5", 1, sweep)
        watch = self.start("report", "slow.h5", "-o", "slow.html", "--watch", "1")
        self.addCleanup(watch.communicate)
        self.addCleanup(sweep.communicate)
        begun = set()
        deadline = time.monotonic() + 60
        while watch.poll() is None and time.monotonic() < deadline:
            if (self.folder / "slow.html").exists():
                page = data_of(self.read("slow.html"))["sweep"]  # whole at any time
                begun.add(page["num_epochs"])
                self.assertEqual(page["reload_s"], 0 if page["is_sealed"] else 1)
            time.sleep(0.05)
        self.assertEqual(sweep.wait(30), cli.DONE)
        self.assertEqual(watch.wait(30), cli.DONE)
        self.assertGreater(len(begun), 2, "the page did not follow the sweep")
        last = data_of(self.read("slow.html"))["sweep"]
        self.assertTrue(last["is_sealed"])
        self.assertEqual(last["num_epochs"], 12)

    def test_a_file_cut_off_in_the_middle_is_one_clear_line(self):
        whole = (self.folder / "results.h5").read_bytes()
        for size in (0, 100, len(whole) // 2, len(whole) - 1):
            (self.folder / "cut.h5").write_bytes(whole[:size])
            result = self.run_program("report", "cut.h5", "-o", "cut.html")
            with self.subTest(size):
                self.assertEqual(result.returncode, cli.BAD_FILE, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn("cut.h5", result.stderr)
                self.assertFalse((self.folder / "cut.html").exists())

    def test_the_page_tells_of_the_data_set_when_that_is_gone(self):
        described = self.must("dataset", "info", "adding.h5")
        (self.folder / "elsewhere").mkdir()
        shutil.copy(self.folder / "results.h5", self.folder / "elsewhere")
        self.must("report", "elsewhere/results.h5")
        record = data_of(self.read("elsewhere/results.html"))["record"]
        self.assertEqual(record["dataset_provenance"],
                         "seqsweep dataset make adding --sequences 300 --length 12 --seed 1 -o adding.h5")
        self.assertIn("2 per step: value, marker", record["dataset_description"])
        self.assertTrue(described.endswith(record["dataset_description"]), described)

    def test_mistakes(self):
        self.assert_mistakes({
            "no time": (("report", "results.h5", "--watch", "0"), "--watch must be 1 or more"),
        })


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if LACKING:
        print(f"skipped the browser: {LACKING}")
    sys.exit(1 if not program.result.wasSuccessful() else SKIPPED if LACKING else 0)
