#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps as jobs of a real Slurm: on several nodes, against the time limit, cancelled, preempted, as an array. Whatever
happens to a job, its results are in the end those of a sweep that was left alone."""
import os
import signal
import unittest

import cluster
from cluster import ARRAY, SWEEP, cli

# Long enough to be caught in the middle.
TRAINING = ["sweep.ini", "--model.hidden_size=192", "--train.max_epochs=32", "--sweep.trials=32"]
THREE_NODES = ["--nodes=3", "--nodelist=n1,n2,n3", "--ntasks-per-node=2"]
TWO_RANKS = ["--nodes=1", "--ntasks-per-node=2"]

# Trials that take a second or two without using the processor: jobs that run beside the others.
PAUSING_PY = """
import json, os, sys, time
time.sleep(float(os.environ.get("PAUSE_S", "0")))
print(json.dumps({"value": (float(sys.argv[1]) - 1) ** 2}))
"""


class SlurmJobs(cluster.Cluster):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["PAUSE_S"] = "0"
        (cls.folder / "pausing.py").write_text(PAUSING_PY)
        (cls.folder / "pausing.ini").write_text(cli.PAUSING_INI)
        os.environ["PAUSE_S"] = "2"
        # The shortest limit that Slurm has is a minute: these two run beside the other tests.
        cls.near_end = cls.submit("--nodelist=n5", *TWO_RANKS, "--time=1", "--signal=CONT@1", SWEEP, "pausing.ini",
                                  "--sweep.trials=80", "-o", "near_end.h5", log="near_end.log")
        os.environ["SEQSWEEP_LAUNCHER"] = "mpirun"
        cls.warned = cls.submit("--nodelist=n4", *TWO_RANKS, "--time=2", "--signal=B:USR1@120", SWEEP, "pausing.ini",
                                "--sweep.trials=50", "-o", "warned.h5", log="warned.log")
        del os.environ["SEQSWEEP_LAUNCHER"]
        cls.must("sweep", *TRAINING, "-o", "training.h5")

    def assert_same_as_undisturbed(self, name, *options):
        os.environ["PAUSE_S"] = "0"
        self.must("sweep", "pausing.ini", "-o", f"undisturbed.{name}", *options)
        self.assert_same_results(f"undisturbed.{name}", name)

    def finish_by_hand(self, name):
        self.assertFalse(self.status(name)["is_sealed"], "it was stopped too late to prove anything")
        os.environ["PAUSE_S"] = "0"
        self.must("sweep", "pausing.ini", "-o", name)
        self.assert_same_as_undisturbed(name)

    def train(self, name):
        return self.submit(*THREE_NODES, SWEEP, *TRAINING, "-o", name, log=name.replace(".h5", ".log"))

    def test_three_nodes_by_srun_of_which_a_rank_is_killed(self):
        job = self.train("srun.h5")
        self.wait_until_under_way("srun.h5", 5)
        lock = dict(field.split("=") for field in (self.folder / "srun.h5.lock").read_text().split())
        os.kill(int(lock["pid"]), signal.SIGKILL)
        fields = job.wait("COMPLETED")
        self.assertEqual((fields["NumNodes"], fields["Restarts"]), ("3", "1"))
        self.assert_same_results("training.h5", "srun.h5")

    def test_three_nodes_by_mpirun_warned_before_the_time_limit(self):
        os.environ["SEQSWEEP_LAUNCHER"] = "mpirun"
        self.addCleanup(os.environ.pop, "SEQSWEEP_LAUNCHER")
        job = self.train("mpirun.h5")
        self.wait_until_under_way("mpirun.h5", 5)
        self.slurm("scancel", "--batch", "--signal=USR1", job.number)  # as --signal=B:USR1 does
        self.assertEqual(job.wait("COMPLETED")["Restarts"], "1")
        self.assertIn("stopped by SIGUSR1 within", job.text())
        self.assert_same_results("training.h5", "mpirun.h5")

    def test_a_cancelled_job_saves_and_is_not_queued_again(self):
        job = self.train("cancelled.h5")
        self.wait_until_under_way("cancelled.h5", 5)
        self.slurm("scancel", job.number)
        self.assertEqual(job.wait("CANCELLED")["Restarts"], "0")
        again = self.train("cancelled.h5")
        again.wait("COMPLETED")
        self.assertEqual(job.fields()["JobState"], "CANCELLED")
        self.assertIn("stopped by SIGTERM within", again.text())
        self.assert_same_results("training.h5", "cancelled.h5")

    def test_a_preempted_job_gives_way_and_goes_on(self):
        job = self.train("preempted.h5")
        self.wait_until_under_way("preempted.h5", 5)
        urgent = self.submit("--partition=high", *THREE_NODES, "--wrap", "srun sleep 1", log="urgent.log")
        urgent.wait("COMPLETED", timeout_s=30)
        self.assertEqual(job.wait("COMPLETED")["Restarts"], "1")
        self.assertIn("DUE TO PREEMPTION", job.text())
        self.assert_same_results("training.h5", "preempted.h5")

    def test_each_task_of_an_array_is_a_sweep_of_its_own(self):
        os.environ["PAUSE_S"] = "1"
        array = self.submit(*TWO_RANKS, "--array=1-2", ARRAY, "pausing.ini", "--sweep.trials=14", log="array-%a.log")
        first, last = (cluster.Job(self, f"{array.number}_{seed}", f"array-{seed}.log") for seed in (1, 2))
        self.wait_until_under_way("pausing.seed-2.h5", 2)
        self.slurm("scancel", "--batch", "--signal=USR1", last.number)
        self.assertEqual(first.wait("COMPLETED")["Restarts"], "0")
        self.assertEqual(last.wait("COMPLETED")["Restarts"], "1")
        for seed in (1, 2):
            self.assert_same_as_undisturbed(f"pausing.seed-{seed}.h5", "--sweep.trials=14", f"--sweep.seed={seed}")

    def test_requeues_are_bounded(self):
        os.environ["PAUSE_S"] = "1"
        job = self.submit(*TWO_RANKS, "--export=ALL,SEQSWEEP_MOST_REQUEUES=1", SWEEP, "pausing.ini", "-o", "bounded.h5",
                          log="bounded.log")
        self.wait_until_under_way("bounded.h5", 2)
        self.slurm("scancel", "--batch", "--signal=USR1", job.number)
        job.wait_for_restart()
        self.wait_until_under_way("bounded.h5", 4)
        self.slurm("scancel", "--batch", "--signal=USR1", job.number)
        fields = job.wait("FAILED")
        self.assertEqual((fields["Restarts"], fields["ExitCode"]), ("1", f"{cli.STOPPED}:0"))
        self.assertIn("not queued again after 1 times", job.text())
        self.finish_by_hand("bounded.h5")

    def test_programs_that_are_cancelled_with_their_job_have_not_failed(self):
        os.environ["PAUSE_S"] = "1"
        job = self.submit(*TWO_RANKS, SWEEP, "pausing.ini", "-o", "programs.h5", log="programs.log")
        self.wait_until_under_way("programs.h5", 2)
        self.slurm("scancel", job.number)
        job.wait("CANCELLED")
        self.assertNotIn("failed", job.text())
        self.finish_by_hand("programs.h5")

    def test_z1_the_warning_of_slurm_stops_a_sweep_until_it_is_done(self):
        self.assertGreaterEqual(int(self.warned.wait("COMPLETED")["Restarts"]), 1)
        self.assertIn("stopped by SIGUSR1 within", self.warned.text())
        self.assert_same_as_undisturbed("warned.h5", "--sweep.trials=50")

    def test_z2_without_a_warning_a_sweep_stops_before_the_end_of_its_allocation(self):
        self.assertGreaterEqual(int(self.near_end.wait("COMPLETED")["Restarts"]), 1)
        self.assertIn("stopped by the near end of the Slurm allocation within", self.near_end.text())
        self.assertNotIn("DUE TO TIME LIMIT", self.near_end.text())
        self.assert_same_as_undisturbed("near_end.h5", "--sweep.trials=80")


if __name__ == "__main__":
    unittest.main()
