#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps over a program of the user's: the example configs, on any number of ranks, stopped and resumed."""
import signal
import sys
import unittest

import cli

TRAINER = cli.ROOT / "configs/command/trainer.py"

SWEEP_INI = f"""
[trial]
objective = command
command = {sys.executable} {TRAINER}
[parameters]
learning_rate = loguniform(1e-4, 1e-1)
momentum = uniform(0, 0.99)
[train]
max_epochs = 9
[sweep]
trials = 12
concurrency = 3
metric = val_loss
[search]
sampler = random
scheduler = asha
reduction_factor = 3
[start]
known = learning_rate=0.02, momentum=0.7
"""



class CommandSweep(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "command.ini").write_text(SWEEP_INI)
        cls.must("sweep", "command.ini", "-o", "alone.h5")

    def test_trains_stops_and_resumes_programs(self):
        status = self.status("alone.h5")
        self.assertEqual(status["num_trials_begun"], 12)
        self.assertGreater(status["trials_by_state"]["completed"], 0)
        self.assertGreater(status["trials_by_state"]["paused"], 0)
        self.assertLess(status["best"]["value"], 0.01)
        text = self.must("status", "alone.h5")
        self.assertIn("trainer.py", text)
        self.assertIn("val_loss", text)

    def test_the_given_point_comes_first(self):
        status = self.status("alone.h5")
        first = next(trial for trial in status["trials"] if trial["trial"] == 0)
        self.assertEqual(first["point"], {"parameters.learning_rate": 0.02, "parameters.momentum": 0.7})

    def test_any_number_of_ranks_gives_the_same_results(self):
        for ranks in (2, 4):
            self.must("sweep", "command.ini", "-o", f"ranks{ranks}.h5", ranks=ranks)
            self.assert_same_results("alone.h5", f"ranks{ranks}.h5")

    def test_stopped_and_killed_sweeps_go_on_to_the_same_results(self):
        for name, act in (("stopped.h5", lambda process: process.send_signal(signal.SIGTERM)),
                          ("killed.h5", lambda process: process.kill())):
            process = self.start("sweep", "command.ini", "-o", name)
            self.wait_for_epochs(name, 5, process)
            act(process)
            process.communicate(timeout=60)
            self.assertFalse(self.status(name)["is_sealed"], "it was interrupted too late to prove anything")
            self.must("sweep", "command.ini", "-o", name, ranks=2)
            self.assert_same_results("alone.h5", name)

    def test_every_number_that_was_printed_is_in_the_results(self):
        # pylint: disable=import-outside-toplevel
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is missing (Debian package python3-h5py)")
        with h5py.File(self.folder / "alone.h5") as file:
            rows = [row for row in file["metrics"][:] if row["trial"] == 0 and row["epoch"] == 1]
            self.assertEqual([row["name"].decode() for row in rows], ["a", "b", "val_loss"])
            epoch = next(row for row in file["epochs"][:] if row["trial"] == 0 and row["epoch"] == 1)
            self.assertEqual(rows[2]["value"], epoch["value"])

    def test_a_failing_program_fails_its_trial_and_not_the_sweep(self):
        result = self.run_program("sweep", "command.ini", "-o", "bad.h5", "--sweep.trials=4",
                                  "--trial.command=/bin/sh -c 'echo no licence >&2; exit 7' {momentum}")
        self.assertEqual(result.returncode, cli.NO_USABLE_TRIAL, result.stderr)
        status = self.status("bad.h5")
        self.assertEqual(status["trials_by_state"]["failed"], 4)
        self.assertIn("exit code 7: no licence", self.must("status", "bad.h5"))

    def test_the_example_of_one_line_finds_the_valley(self):
        ini = (cli.ROOT / "configs/branin.ini").read_text().replace("configs/", f"{cli.ROOT}/configs/")
        (self.folder / "branin.ini").write_text(ini.replace("python3", sys.executable))
        self.must("sweep", "branin.ini", "-o", "branin.h5", "--sweep.trials=20", "--search.sampler=sobol")
        self.assertLess(self.status("branin.h5")["best"]["value"], 10)

    def test_an_earlier_sweep_is_learned_from_wherever_it_lies(self):
        learn = ["sweep", "command.ini", "--sweep.trials=4", "--search.sampler=tpe", "--search.scheduler=none"]
        self.must(*learn, "--search.warm_start=alone.h5", "-o", "warm.h5")
        self.must(*learn, "-o", "cold.h5")
        self.assertEqual(self.run_program("diff", "warm.h5", "cold.h5").returncode, cli.DIFFERENT)
        (self.folder / "elsewhere.h5").write_bytes((self.folder / "alone.h5").read_bytes())
        self.must(*learn, "--search.warm_start=elsewhere.h5", "-o", "again.h5", ranks=2)
        self.assert_same_results("warm.h5", "again.h5")
        for other, named in ((["--sweep.metric=a", "--sweep.goal=minimize"], "this sweep is to minimize a"),
                             (["--sweep.goal=maximize"], "it was to minimize val_loss, this sweep is to maximize val_loss")):
            result = self.run_program(*learn, "--search.warm_start=alone.h5", *other, "-o", "other.h5")
            self.assertEqual(result.returncode, cli.BAD_CONFIG)
            self.assertIn(named, result.stderr)
            self.assertIn("cannot be compared", result.stderr)

    def test_a_target_ends_the_sweep(self):
        self.must("sweep", "command.ini", "-o", "target.h5", "--sweep.target=10")
        self.assertLess(self.status("target.h5")["num_trials_begun"], 12)


if __name__ == "__main__":
    unittest.main()
