#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The space of checkpoints is bounded, and no result depends on it (cluster.keep_checkpoints and
cluster.checkpoint_space)."""
import json
import re
import subprocess

import faults
import sweeps
from faults import cli

# Half of the trials are stopped, the others completed.
MEDIAN = ["--search.scheduler=median", "--search.min_trials=2", "--sweep.trials=16"]


class Space(faults.Faults):
    def kept(self, results):
        """The trials that have a checkpoint or snapshots."""
        folder = self.folder / results.replace(".h5", ".ckpt")
        return {int(re.match(r"trial-(\d+)", path.name)[1]) for path in folder.iterdir()}

    def trials(self, results, *states):
        """Those in one of these states, best first."""
        status = json.loads(self.must("status", results, "--json", "--top", "100"))
        return [trial["trial"] for trial in status["trials"] if trial["state"] in states]

    def sweep(self, results, *options, ranks=0):
        self.must(*self.command(results, *options), ranks=ranks)

    def test_the_best_that_have_ended_and_all_that_may_go_on_stay(self):
        self.sweep("all.h5", *MEDIAN, "--cluster.keep_checkpoints=all")
        ended = self.trials("all.h5", "completed", "stopped")
        self.assertGreater(len(ended), 10)
        self.assertEqual(self.kept("all.h5"), set(range(16)))
        for number, ranks in ((1, 0), (3, 3)):
            results = f"median{number}.h5"
            self.sweep(results, *MEDIAN, f"--cluster.keep_checkpoints={number}", ranks=ranks)
            self.assert_same_results("all.h5", results)
            self.assertEqual(self.kept(results), set(ended[:number]))

    def test_paused_trials_keep_theirs_for_a_larger_budget(self):
        self.sweep("paused.h5", "--sweep.trials=6", "--cluster.keep_checkpoints=1")
        paused = self.trials("paused.h5", "paused")
        self.assertTrue(paused)
        self.assertLessEqual(set(paused), self.kept("paused.h5"))
        self.sweep("paused.h5", "--cluster.keep_checkpoints=1")
        self.assert_same_results("alone.h5", "paused.h5")

    def test_killed_and_resumed(self):
        longer = [*MEDIAN, "--model.hidden_size=96", "--train.max_epochs=12"]
        self.sweep("long.h5", *longer)
        for number in (1, 2):
            keep = [*longer, f"--cluster.keep_checkpoints={number}"]
            self.interrupted("killed.h5", *keep, num_epochs=40)
            self.assert_resumes("killed.h5", *keep, alone="long.h5")
            ended = self.trials("killed.h5", "completed", "stopped")
            self.assertEqual(self.kept("killed.h5"), set(ended[:number]))

    def bytes_of(self, results):
        folder = self.folder / results.replace(".h5", ".ckpt")
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    def test_a_bound_in_bytes(self):
        self.sweep("all.h5", *MEDIAN)
        ended = self.trials("all.h5", "completed", "stopped")
        kilobytes = self.bytes_of("all.h5") // 3000
        for ranks in (0, 3):
            results = f"bytes{ranks}.h5"
            self.sweep(results, *MEDIAN, f"--cluster.checkpoint_space={kilobytes}kB", ranks=ranks)
            self.assert_same_results("all.h5", results)
            self.assertLessEqual(self.bytes_of(results), 1000 * kilobytes)
            self.assertIn(ended[0], self.kept(results))

    def test_what_a_paused_trial_needs_stays_beyond_the_bound(self):
        result = self.run_program(*self.command("small.h5", "--sweep.trials=6", "--cluster.checkpoint_space=1kB"))
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertEqual(result.stderr.count("more than cluster.checkpoint_space"), 1, result.stderr)
        self.assertLessEqual(set(self.trials("small.h5", "paused")), self.kept("small.h5"))
        self.assertIn(self.trials("small.h5", "completed")[0], self.kept("small.h5"))
        self.sweep("small.h5", "--cluster.checkpoint_space=1kB")
        self.assert_same_results("alone.h5", "small.h5")

    def test_a_trial_without_a_checkpoint_is_trained_again_to_the_same_bits(self):
        self.sweep("gone.h5", *MEDIAN, "--cluster.keep_checkpoints=1")
        self.sweep("there.h5", *MEDIAN)
        gone = min(set(self.trials("gone.h5", "completed")) - self.kept("gone.h5"))
        self.must("train", "sweep.ini", *MEDIAN, "--trial", f"gone.h5:{gone}", "-o", "again.h5")
        difference = subprocess.run(["h5diff", f"there.ckpt/trial-{gone:06}.h5", "again.h5"], cwd=self.folder,
                                    text=True, capture_output=True, check=False)
        self.assertEqual(difference.returncode, 0, difference.stdout + difference.stderr)

    def test_a_population_keeps_what_its_members_begin_from(self):
        population = sweeps.by_name("population")
        (self.folder / "population.ini").write_text(population.ini)
        command = ["sweep", "population.ini", "--quiet", "-o"]
        self.must(*command, "alone-population.h5", "--cluster.keep_checkpoints=all")
        self.must(*command, "bounded.h5", "--cluster.keep_checkpoints=1", ranks=3)
        self.assert_same_results("alone-population.h5", "bounded.h5")
        self.assertEqual(self.kept("bounded.h5"), set(self.trials("bounded.h5", "completed", "stopped")[:1]))
        for num_epochs in (10, 20, 30):
            process = self.start(*command, "killed.h5", "--cluster.keep_checkpoints=1")
            self.wait_for_epochs("killed.h5", num_epochs, process)
            process.kill()
            process.communicate()
        self.must(*command, "killed.h5", "--cluster.keep_checkpoints=1")
        self.assert_same_results("alone-population.h5", "killed.h5")

    def test_what_commands_keep_is_theirs(self):
        sweep = sweeps.by_name("command")
        (self.folder / "command.ini").write_text(sweep.ini + "[cluster]\nkeep_checkpoints = 1\n")
        result = self.run_program("sweep", "command.ini", "-o", "command.h5", "--quiet")
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertIn("cluster.keep_checkpoints has no effect with trial.objective = command", result.stderr)
        self.assertEqual(self.kept("command.h5"), set(range(self.status("command.h5")["num_trials_begun"])))

    def test_mistakes(self):
        self.assert_mistakes({"negative": (["sweep", "sweep.ini", "--cluster.keep_checkpoints=-1", "-o", "x.h5"],
                                           "cluster.keep_checkpoints")})


if __name__ == "__main__":
    faults.main()
