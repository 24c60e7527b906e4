#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a user gets wrong: one clear line on standard error, the right exit code, and no file left behind."""
import os
import unittest

import cli

# (what is changed in the config: lines to put in place of the key's own, or to add; what the message must name)
CONFIGS = {
    "unknown section": ("[swep]\ntrials = 3", "sweep"),
    "unknown key": ("[sweep]\ntrails = 3", "trials"),
    "key in the wrong section": ("[sweep]\nhidden_size = 3", "[model]"),
    "key twice": ("[sweep]\nseed = 1\nseed = 2", "seed"),
    "no value": ("[sweep]\nseed =", "seed"),
    "quotation marks": ('[model]\ncell = "lstm"', "quotation"),
    "line without =": ("[sweep]\nseed 7", "seed"),
    "no number": ("[sweep]\ntrials = many", "many"),
    "no whole number": ("[sweep]\ntrials = 2.5", "2.5"),
    "negative": ("[sweep]\ntrials = -1", "-1"),
    "zero trials": ("[sweep]\ntrials = 0", "trials"),
    "far too many trials": ("[sweep]\ntrials = 99999999999999999999", "trials"),
    "not finite": ("[train]\nlearning_rate = nan", "learning_rate"),
    "unknown sampler": ("[search]\nsampler = sobbol", "sobol"),
    "unknown scheduler": ("[search]\nscheduler = hyperband2", "asha"),
    "unknown metric": ("[sweep]\nmetric = loss", "val_loss"),
    "unknown goal": ("[sweep]\ngoal = minimum", "minimize"),
    "unknown cell": ("[model]\ncell = lsmt", "lstm"),
    "unknown cell in a choice": ("[model]\ncell = choice(lstm, lsmt)", "lsmt"),
    "unknown optimizer": ("[train]\noptimizer = adma", "adam"),
    "unknown distribution": ("[train]\nlearning_rate = gaussian(0, 1)", "gaussian"),
    "distribution with too few arguments": ("[model]\nhidden_size = int(8)", "int"),
    "distribution that is not closed": ("[model]\nhidden_size = int(8, 16", "hidden_size"),
    "reversed bounds": ("[model]\ndropout = uniform(0.5, 0.1)", "dropout"),
    "logarithm of zero": ("[train]\nlearning_rate = loguniform(0, 1)", "learning_rate"),
    "bound out of range": ("[model]\ndropout = uniform(0, 2)", "dropout"),
    "dropout of everything": ("[model]\ndropout = 1", "dropout"),
    "empty layer": ("[model]\nhidden_size = 0", "hidden_size"),
    "key that is never searched": ("[sweep]\ntrials = int(1, 4)", "trials"),
    "condition on an unknown key": ("[train]\nlearning_rate = uniform(0.1, 0.2) if model.sell == lstm", "model.cell"),
    "condition that can never hold": ("[train]\nlearning_rate = uniform(0.1, 0.2) if model.cell == lsmt", "lsmt"),
    "condition in a circle": ("[train]\nl1 = uniform(0, 1) if train.l2 == 0\nl2 = uniform(0, 1) if train.l1 == 0", "l1"),
    "half a condition": ("[train]\nl1 = uniform(0, 1) if", "l1"),
    "grid over a continuous dimension": ("[search]\nsampler = grid", "grid"),
    "three shards": ("[train]\nshards = 3", "power of two"),
    "three ranks per trial": ("[cluster]\nranks_per_trial = 3", "power of two"),
    "no duration": ("[sweep]\ntime_limit = soon", "2h"),
    "no size": ("[data]\nmemory_limit = lots", "4GB"),
    "reduction by one": ("[search]\nreduction_factor = 1", "reduction_factor"),
    "empty batch": ("[data]\nbatch_size = 0", "batch_size"),
    "loss for other targets": ("[model]\nloss = mse", "cross_entropy"),
    "metric that the data do not have": ("[sweep]\nmetric = val_rmse", "val_rmse"),
}

COMMAND_LINES = {
    "unknown job": (["swep"], "sweep"),
    "no config": (["sweep"], "CONFIG.ini"),
    "config that is not there": (["sweep", "nowhere.ini"], "nowhere.ini"),
    "config that is a folder": (["sweep", "."], "directory"),
    "config that is a data set": (["sweep", "adding.h5"], "HDF5"),
    "superfluous argument": (["sweep", "sweep.ini", "other.ini"], "other.ini"),
    "unknown override": (["sweep", "sweep.ini", "--sweep.trails=3"], "trials"),
    "override without a value": (["sweep", "sweep.ini", "--sweep.trials"], "trials"),
    "override of no key": (["sweep", "sweep.ini", "--frobnicate"], "frobnicate"),
    "bad value in an override": (["sweep", "sweep.ini", "--sweep.trials=x"], "command line"),
    "status of nothing": (["status"], "RESULTS.h5"),
    "status of two": (["status", "a.h5", "b.h5"], "b.h5"),
    "status with an unknown option": (["status", "a.h5", "--jsn"], "--json"),
    "status with no number": (["status", "a.h5", "--top", "x"], "x"),
    "status with a negative number": (["status", "a.h5", "--top=-1"], "--top"),
    "diff of one": (["diff", "a.h5"], "B.h5"),
    "diff without a limit": (["diff", "a.h5", "b.h5", "--limit", "0"], "--limit"),
    "predict of a checkpoint alone": (["predict", "c.h5"], "DATASET"),
    "predict of an unknown split": (["predict", "c.h5", "adding.h5", "--split", "tset"], "test"),
    "dataset without a verb": (["dataset"], "make"),
    "dataset with an unknown verb": (["dataset", "mak", "adding"], "make"),
    "unknown task": (["dataset", "make", "addign", "-o", "new.h5"], "adding"),
    "unknown option of a task": (["dataset", "make", "adding", "--lenght", "5", "-o", "new.h5"], "length"),
    "task out of range": (["dataset", "make", "adding", "--length", "0", "-o", "new.h5"], "length"),
    "unknown format": (["dataset", "import", "cvs", "a.csv", "-o", "new.h5"], "csv"),
    "unknown shell": (["completion", "fisch"], "bash"),
}

BAD_FILES = {
    "data set that is not there": (["sweep", "sweep.ini", "--data.path=nowhere.h5", "-o", "new.h5"], "nowhere.h5"),
    "data set that is text": (["sweep", "sweep.ini", "--data.path=text.h5", "-o", "new.h5"], "text.h5"),
    "data set that is empty": (["sweep", "sweep.ini", "--data.path=empty.h5", "-o", "new.h5"], "empty.h5"),
    "data set that is cut off": (["sweep", "sweep.ini", "--data.path=cut.h5", "-o", "new.h5"], "cut.h5"),
    "data set that is a results file": (["sweep", "sweep.ini", "--data.path=results.h5", "-o", "new.h5"], "results.h5"),
    "data set that is a folder": (["sweep", "sweep.ini", "--data.path=.", "-o", "new.h5"], "."),
    "info of a results file": (["dataset", "info", "results.h5"], "results.h5"),
    "existing data set": (["dataset", "make", "adding", "--sequences", "10", "-o", "adding.h5"], "adding.h5"),
    "data set in a folder that is not there": (["dataset", "make", "adding", "--sequences", "10", "-o", "no/new.h5"], "no/"),
    "import of a file that is not there": (["dataset", "import", "ts", "nowhere.ts", "-o", "new.h5"], "nowhere.ts"),
    "import of a broken file": (["dataset", "import", "ts", "broken.ts", "-o", "new.h5"], "broken.ts:9"),
    "results in a folder that is not there": (["sweep", "sweep.ini", "-o", "no/new.h5"], "no/new.h5"),
    "results over a data set": (["sweep", "sweep.ini", "-o", "adding.h5"], "adding.h5"),
    "results over a text": (["sweep", "sweep.ini", "-o", "text.h5"], "text.h5"),
    "status of a file that is not there": (["status", "nowhere.h5"], "nowhere.h5"),
    "status of a text": (["status", "text.h5"], "text.h5"),
    "status of a data set": (["status", "adding.h5"], "adding.h5"),
    "status of a checkpoint": (["status", "results.ckpt/trial-000000.h5"], "trial-000000.h5"),
    "status of a cut results file": (["status", "cut_results.h5"], "cut_results.h5"),
    "diff with a text": (["diff", "results.h5", "text.h5"], "text.h5"),
    "diff with a file that is not there": (["diff", "nowhere.h5", "results.h5"], "nowhere.h5"),
    "checkpoint that is not there": (["predict", "nowhere.h5", "lengths.h5"], "nowhere.h5"),
    "checkpoint that is a text": (["predict", "text.h5", "lengths.h5"], "text.h5"),
    "checkpoint that is a data set": (["predict", "adding.h5", "lengths.h5"], "adding.h5"),
    "checkpoint that is cut off": (["predict", "cut_checkpoint.h5", "lengths.h5"], "cut_checkpoint.h5"),
    "checkpoint with a flipped bit": (["predict", "flipped_checkpoint.h5", "lengths.h5"], "flipped_checkpoint.h5"),
    "predict on data of another kind": (["predict", "results.ckpt/trial-000000.h5", "adding.h5", "-o", "new.h5"], "adding"),
    "predict over a file": (["predict", "results.ckpt/trial-000000.h5", "lengths.h5", "-o", "text.h5"], "text.h5"),
}


class Refusals(cli.Scratch):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3")
        folder = cls.folder
        (folder / "text.h5").write_text("no HDF5 at all\n")
        (folder / "empty.h5").write_bytes(b"")
        checkpoint = (folder / "results.ckpt/trial-000000.h5").read_bytes()
        for name, content in [("cut.h5", (folder / "lengths.h5").read_bytes()),
                              ("cut_results.h5", (folder / "results.h5").read_bytes()), ("cut_checkpoint.h5", checkpoint)]:
            (folder / name).write_bytes(content[: len(content) * 2 // 3])
        lines = (folder / "train.ts").read_text().splitlines()
        (folder / "broken.ts").write_text("\n".join(lines[:8] + ["1,2,x:3,4,5:up"]) + "\n")
        cls.flip_a_bit_of_the_weights(checkpoint)

    @classmethod
    def flip_a_bit_of_the_weights(cls, checkpoint):
        """In the longest stretch without zeros, which is where the weights are."""
        stretches = max(checkpoint.split(b"\0\0\0\0"), key=len)
        damaged = bytearray(checkpoint)
        damaged[checkpoint.index(stretches) + len(stretches) // 2] ^= 0x10
        (cls.folder / "flipped_checkpoint.h5").write_bytes(bytes(damaged))

    def snapshot(self):
        """Every file with its size and time of change; checkpoints of the set-up included."""
        return {str(path.relative_to(self.folder)): (path.stat().st_size, path.stat().st_mtime_ns)
                for path in self.folder.rglob("*") if path.is_file()}

    def assert_refused(self, arguments, codes, named, ranks=0):
        before = self.snapshot()
        result = self.run_program(*arguments, ranks=ranks)
        lines = result.stderr.splitlines()
        if ranks:  # mpirun adds its own remarks
            lines = [line for line in lines if line.startswith("seqsweep")]
        said = "\n".join(lines)
        self.assertIn(result.returncode, codes, said)
        self.assertEqual(len(lines), 1, said)
        self.assertRegex(lines[0], r"^seqsweep: error: \S")
        self.assertIn(named, lines[0])
        self.assertNotIn("HDF5-DIAG", said)
        self.assertNotIn("report this bug", said)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.snapshot(), before, "a file was left or changed")

    def changed_config(self, change):
        """sweep.ini with the keys of `change` in place of its own."""
        section, *entries = change.splitlines()
        names = {entry.split("=")[0].split()[0] for entry in entries}
        kept = [line for line in cli.SWEEP_INI.splitlines()
                if not line or line.startswith("[") or line.split()[0] not in names]
        if section in kept:
            at = kept.index(section) + 1
            return "\n".join(kept[:at] + entries + kept[at:])
        return "\n".join(kept + [section] + entries)

    def test_config_files(self):
        for name, (change, named) in CONFIGS.items():
            with self.subTest(name):
                (self.folder / "bad.ini").write_text(self.changed_config(change))
                self.assert_refused(["sweep", "bad.ini", "-o", "new.h5"], [cli.BAD_CONFIG], named)
        (self.folder / "bad.ini").unlink()

    def test_config_without_a_data_set(self):
        (self.folder / "nodata.ini").write_text(cli.SWEEP_INI.replace("path = lengths.h5", ""))
        self.assert_refused(["sweep", "nodata.ini", "-o", "new.h5"], [cli.BAD_CONFIG], "data.path")

    def test_command_lines(self):
        for name, (arguments, named) in COMMAND_LINES.items():
            with self.subTest(name):
                self.assert_refused(arguments, [cli.BAD_CONFIG], named)

    def test_files(self):
        for name, (arguments, named) in BAD_FILES.items():
            with self.subTest(name):
                self.assert_refused(arguments, [cli.BAD_FILE], named)

    def test_a_resume_with_another_definition_names_the_keys(self):
        self.assert_refused(["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3", "--model.num_layers=1"],
                            [cli.BAD_CONFIG, cli.BAD_FILE], "model.num_layers")
        self.assert_refused(["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=2"],
                            [cli.BAD_CONFIG, cli.BAD_FILE], "trials")

    def test_one_line_on_many_ranks_too(self):
        self.assert_refused(["sweep", "sweep.ini", "--sweep.trails=3", "-o", "new.h5"], [cli.BAD_CONFIG], "trials", ranks=3)
        self.assert_refused(["sweep", "sweep.ini", "--data.path=cut.h5", "-o", "new.h5"], [cli.BAD_FILE], "cut.h5", ranks=3)
        self.assert_refused(["sweep", "sweep.ini", "-o", "text.h5"], [cli.BAD_FILE], "text.h5", ranks=3)
        self.assert_refused(["sweep", "sweep.ini", "--ouput=new.h5"], [cli.BAD_CONFIG], "--ouput", ranks=3)
        self.assert_refused(["bench", "allreduce"], [cli.BAD_CONFIG], "power of two", ranks=3)

    def test_a_network_that_is_too_large_to_be_trained_together_is_refused_before_it_begins(self):
        """It was an internal error of the first step. 4 * 12,000 * 12,000 * 3 weights: 1.7e9; two layers of 9,000: 9.7e8."""
        large = ["sweep", "sweep.ini", "--dry-run", "--model.cell=lstm"]
        self.assert_refused([*large, "--model.hidden_size=12000"], [cli.BAD_CONFIG], "cluster.ranks_per_trial = 1", ranks=3)
        for options, ranks in ((["--model.hidden_size=9000"], 3), (["--model.hidden_size=12000"], 0),
                               (["--model.hidden_size=12000", "--cluster.ranks_per_trial=1"], 3)):
            result = self.run_program(*large, *options, ranks=ranks)
            self.assertNotIn("together", result.stderr)

    def test_many_ranks_explain_themselves_once(self):
        for job in (["sweep"], ["train"], ["bench", "engine"], ["bench", "allreduce"]):
            result = self.run_program(*job, "--help", ranks=3)
            self.assertEqual(result.returncode, cli.DONE, result.stderr)
            self.assertEqual(result.stdout.count("usage: "), 1, result.stdout)

    def test_a_sweep_with_nothing_to_train_makes_no_file(self):
        for nothing in ("--limits.parameters=1", "--sweep.max_total_epochs=1"):
            command = ["sweep", "sweep.ini", "--search.scheduler=none", nothing, "-o", "nothing.h5"]
            for ranks in (0, 3):
                self.assert_refused(command, [cli.BAD_CONFIG], "nothing to train", ranks=ranks)
            self.assertFalse((self.folder / "nothing.h5").exists())

    def test_a_second_sweep_is_kept_away_from_a_running_one(self):
        command = ["sweep", "sweep.ini", "-o", "busy.h5", "--model.hidden_size=192", "--train.max_epochs=64"]
        process = self.start(*command)
        try:
            self.wait_for_epochs("busy.h5", 1, process)
            second = self.run_program(*command)
            self.assertIsNone(process.poll(), "the first sweep ended too early to prove anything")
            self.assertEqual(second.returncode, cli.BAD_FILE, second.stderr)
            self.assertIn(str(process.pid), second.stderr)
            self.assertEqual(len(second.stderr.splitlines()), 1, second.stderr)
        finally:
            process.terminate()
            process.communicate()

    @unittest.skipIf(os.geteuid() == 0, "root may read and write everything")
    def test_missing_permissions(self):
        locked = self.folder / "locked.h5"
        locked.write_bytes((self.folder / "lengths.h5").read_bytes())
        locked.chmod(0)
        self.assert_refused(["sweep", "sweep.ini", "--data.path=locked.h5", "-o", "new.h5"], [cli.BAD_FILE], "locked.h5")
        locked.unlink()


if __name__ == "__main__":
    unittest.main()
