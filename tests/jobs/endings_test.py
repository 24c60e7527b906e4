#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How jobs end, and what they say of sweeps that came to nothing, are empty, run, or were stopped: exit codes of every
ending, on any number of ranks, in batch scripts too; and no sentence that misleads."""
import json
import os
import re
import subprocess
import time
import unittest

import cli

# What the trial is told by PART: fails, prints NaN, the same value whatever the point, or waits.
TRIAL_AWK = r"""
BEGIN {
  x = ARGV[1]; part = ARGV[2]
  if (part == "fails") { print "no such file: weights.txt" > "/dev/stderr"; exit 1 }
  if (part == "waits") system("exec sleep 600")
  value = part == "diverges" ? "NaN" : part == "constant" ? "0.5" : x * x
  for (epoch = ENVIRON["SEQSWEEP_FROM_EPOCH"] + 1; epoch <= ENVIRON["SEQSWEEP_TO_EPOCH"]; ++epoch)
    printf "{\"epoch\": %d, \"value\": %s, \"size\": %s}\n", epoch, value, x
}
"""


def trial_ini(part, metric="value", goal="minimize"):
    return f"""
[trial]
objective = command
command = awk -f trial.awk {{x}} {part}
grace = 1s
[parameters]
x = uniform(1, 2)
y = choice(a, b)
[sweep]
trials = 3
concurrency = 2
metric = {metric}
goal = {goal}
[search]
sampler = random
[train]
max_epochs = 2
"""


READERS = (["status", "R"], ["status", "R", "--json"], ["explain", "R", "0"], ["explain", "R", "0", "--json"],
           ["importance", "R"], ["importance", "R", "--json"], ["compare", "R", "R"], ["compare", "R", "R", "--json"],
           ["diff", "R", "R"], ["replay", "R"], ["replay", "R", "--json"], ["report", "R", "-o", "page.html"],
           *(["export", "R", "--to", "csv", "--table", table, "-o", "out", "--force"]
             for table in ("trials", "epochs", "segments", "segment_results", "timing")),
           ["export", "R", "--to", "json", "-o", "out", "--force"], ["export", "R", "--to", "optuna", "-o", "out", "--force"])


class Endings(cli.Scratch):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "trial.awk").write_text(TRIAL_AWK)
        for part in ("fails", "diverges", "constant", "waits", "works"):
            (cls.folder / f"{part}.ini").write_text(trial_ini(part))
        (cls.folder / "two.ini").write_text(trial_ini("works", "value, size", "minimize, minimize"))

    def sweep(self, *arguments, ranks=0, code=cli.DONE):
        result = self.run_program("sweep", *arguments, ranks=ranks)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def test_a_sweep_all_of_whose_trials_failed_or_diverged_ends_with_5_on_any_number_of_ranks_and_when_it_is_asked_again(self):
        for part in ("fails", "diverges"):
            for ranks in (0, 1, 2, 3):
                with self.subTest(part, ranks=ranks):
                    name = f"{part}-{ranks}.h5"
                    result = self.sweep(f"{part}.ini", "-o", name, ranks=ranks, code=cli.NO_USABLE_TRIAL)
                    self.assertIn("No trial came to a usable value: 3 ", result.stdout)
                    self.assertEqual(result.stderr.count("No trial came to a usable value"), 1, result.stderr)
            again = self.sweep(f"{part}.ini", "-o", name, ranks=ranks, code=cli.NO_USABLE_TRIAL)
            self.assertIn("is finished", again.stderr)
            quiet = self.sweep(f"{part}.ini", "-o", name, "--quiet", code=cli.NO_USABLE_TRIAL)
            self.assertEqual(quiet.stdout, "")
        self.assert_same_results("fails-1.h5", "fails-3.h5")

    def test_one_usable_trial_is_enough(self):
        (self.folder / "some.awk").write_text(
            'BEGIN { if (ARGV[1] > 1.3) exit 1; print "{\\"epoch\\": 1, \\"value\\": 1}" }')
        (self.folder / "some.ini").write_text(
            trial_ini("").replace("trial.awk", "some.awk").replace("max_epochs = 2", "max_epochs = 1"))
        result = self.sweep("some.ini", "-o", "some.h5")
        states = self.status("some.h5")["trials_by_state"]
        self.assertGreater(states["failed"], 0)
        self.assertGreater(states["completed"], 0)
        self.assertNotIn("usable", result.stderr)

    def test_a_network_that_diverges_is_no_success(self):
        for ranks in (0, 2, 3):
            result = self.run_program("train", "sweep.ini", "--model.cell=rnn", "--model.activation=relu",
                                      "--model.hidden_size=8", "--model.dropout=0", "--data.batch_size=16",
                                      "--train.optimizer=sgd", "--train.learning_rate=1e30", "--train.l2=1e30",
                                      "-o", f"diverged{ranks}.h5", ranks=ranks)
            self.assertEqual(result.returncode, cli.NO_USABLE_TRIAL, result.stdout + result.stderr)
            self.assertIn("training diverged", result.stderr)
            self.assertNotIn("-nan", result.stderr)

    def test_a_network_of_a_sweep_that_has_none_is_missing_for_that_reason(self):
        result = self.run_program("sweep", "sweep.ini", "-o", "lost.h5", "--sweep.trials=3", "--train.optimizer=sgd",
                                  "--train.learning_rate=1e30", "--train.l2=1e30")
        self.assertEqual(result.returncode, cli.NO_USABLE_TRIAL, result.stdout + result.stderr)
        self.assertNotIn("nan", re.sub("is nan", "", result.stdout))
        for form in ("onnx", "torch", "keras"):
            result = self.run_program("export", "lost.h5", "--to", form)
            self.assertEqual(result.returncode, cli.NO_USABLE_TRIAL, result.stderr)
            self.assertIn("No trial came to a usable value: 3 diverged", result.stderr)
            self.assertNotIn("wait", result.stderr)
        result = self.run_program("export", "lost.h5", "--to", "onnx", "--trial", "1")
        self.assertEqual(result.returncode, cli.BAD_FILE, result.stderr)
        self.assertIn("trial 1 diverged", result.stderr)

    def read_by_all(self, results):
        """What every job that reads says of a results file; all of them did their work."""
        said = {}
        for job in READERS:
            result = self.run_program(*(results if word == "R" else word for word in job))
            self.assertEqual(result.returncode, cli.DONE, f"{job}: {result.stderr}")
            text = result.stdout + result.stderr
            if "-o" in job:
                text += re.sub("(?s)<script>.*", "", (self.folder / job[job.index("-o") + 1]).read_text())
            said[" ".join(job)] = text
            self.assertNotRegex(text, r"(?<![\w/.])-?nan\b(?!\")", job)
        return said

    def test_readers_of_a_sweep_without_a_usable_trial_do_their_work_and_say_so(self):
        for part in ("fails", "diverges"):
            self.sweep(f"{part}.ini", "-o", f"read-{part}.h5", code=cli.NO_USABLE_TRIAL)
            said = self.read_by_all(f"read-{part}.h5")
            for job, text in said.items():
                self.assertNotRegex(text.lower().split("<script")[0], r"\byet\b|ask again|\bwait for\b", job)
            self.assertIn("No trial came to a usable value: 3", said["status R"])
            self.assertIn("has a usable value: all diverged or failed", said["importance R"])
            self.assertIn("is finished and has no usable value", said["compare R R"])
            self.assertIsNone(json.loads(said["status R --json"])["best"])

    def test_readers_cope_with_a_constant_metric_a_single_trial_and_several_metrics(self):
        self.sweep("constant.ini", "-o", "constant.h5")
        self.assertIn("All of them came to the same value", self.read_by_all("constant.h5")["importance R"])
        self.sweep("works.ini", "-o", "single.h5", "--sweep.trials=1")
        self.read_by_all("single.h5")
        self.sweep("two.ini", "-o", "two.h5")
        for job in READERS:
            if job[0] != "replay":
                result = self.run_program(*("two.h5" if word == "R" else word for word in job))
                self.assertEqual(result.returncode, cli.DONE, f"{job}: {result.stderr}")
                self.assertNotRegex(result.stdout, r"(?<![\w/.])-?nan\b", job)

    def test_readers_of_a_sweep_that_runs_or_was_stopped_before_its_first_epoch(self):
        process = self.start("sweep", "waits.ini", "-o", "waits.h5")
        try:
            deadline = time.monotonic() + 60
            while not (self.status("waits.h5") or {}).get("num_trials_begun"):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            for state in ("running", "stopped"):
                for job in READERS:
                    if job[0] == "replay":
                        continue
                    result = self.run_program(*("waits.h5" if word == "R" else word for word in job))
                    self.assertEqual(result.returncode, cli.DONE, f"{state}, {job}: {result.stderr}")
                    self.assertNotRegex(result.stdout, r"(?<![\w/.])-?nan\b", job)
                text = self.must("status", "waits.h5")
                self.assertIn("No trial has a value yet.", text)
                self.assertIn(state, text.splitlines()[0])
                result = self.run_program("export", "waits.h5", "--to", "onnx")
                self.assertIn("commands", result.stderr)
                if state == "running":
                    process.terminate()
                    _, err = process.communicate(timeout=60)
                    self.assertEqual(process.returncode, cli.STOPPED, err)
        finally:
            if process.poll() is None:
                cli.kill_all(process)

    def test_every_other_ending_has_its_exit_code(self):
        self.sweep("works.ini", "-o", "works.h5")
        self.sweep("works.ini", "-o", "other.h5", "--sweep.seed=2")
        (self.folder / "text.h5").write_text("no HDF5")
        endings = {
            cli.DONE: (["sweep", "works.ini", "-o", "works.h5"], ["diff", "works.h5", "works.h5"], ["--version"], ["help"]),
            cli.DIFFERENT: (["diff", "works.h5", "other.h5"],),
            cli.BAD_CONFIG: ([], ["swep"], ["sweep", "nowhere.ini"], ["explain", "works.h5", "99"], ["status"]),
            cli.BAD_FILE: (["status", "text.h5"], ["sweep", "works.ini", "-o", "text.h5"], ["predict", "text.h5", "adding.h5"]),
        }
        for code, commands in endings.items():
            for command in commands:
                self.assertEqual(self.run_program(*command).returncode, code, command)

    def test_help_and_readme_name_the_exit_code(self):
        self.assertIn("5 done, but all trials diverged or failed", self.must("--help"))
        self.assertRegex((cli.ROOT / "slurm/README.md").read_text(), r"exit code 5")


class BatchScript(cli.Scratch):
    """slurm/sweep.sbatch with programs of the cluster that only write down what they were asked."""

    def run_script(self, exit_code):
        tools = self.folder / f"tools{exit_code}"
        tools.mkdir()
        for name, body in {"mpirun": f"exit {exit_code}", "squeue": "echo RUNNING", "srun": "exit 1",
                           "scontrol": f'echo "$@" >>{tools}/asked'}.items():
            (tools / name).write_text(f"#!/bin/sh\n{body}\n")
            (tools / name).chmod(0o755)
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "SLURM_JOB_ID": "7", "SEQSWEEP": "true",
                       "SLURM_JOB_END_TIME": "4102444800", "SEQSWEEP_LAUNCHER": "mpirun"}
        code = subprocess.run(["bash", cli.ROOT / "slurm/sweep.sbatch", "a.ini"], env=environment, cwd=self.folder,
                              stdout=subprocess.DEVNULL, check=False).returncode
        return code, (tools / "asked").exists()

    def test_a_job_is_queued_again_when_it_was_stopped_or_lost_and_not_when_it_would_end_the_same_way(self):
        for exit_code in (0, 2, 3, 4, cli.NO_USABLE_TRIAL, 70):
            self.assertEqual(self.run_script(exit_code), (exit_code, False))
        for exit_code in (cli.STOPPED, 137):
            self.assertEqual(self.run_script(exit_code), (exit_code, True))


if __name__ == "__main__":
    unittest.main()
