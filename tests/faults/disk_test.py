#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, over its quota, read-only or broken: one clear line, nothing acknowledged is lost, and once it
is mended the same command comes to the same results."""
import errno
import os
import subprocess
import unittest

import faults
import sweeps
from faults import cli

NOBODY = 65534


@unittest.skipIf(not faults.FAULTY_DISK, "FAULTY_DISK does not name the library made from faulty_disk.c")
class FaultyDisk(faults.Faults):
    """Each call that changes a file fails once, or from then on, by a library between the program and the system."""

    def fail_and_mend(self, command, path, moments, error, count):
        results = command[command.index("-o") + 1]
        for moment in moments:
            with self.subTest(path=path, moment=moment, error=errno.errorcode[error], count=count):
                self.remove(results)
                with self.faulty_disk(path, moment, error, count):
                    result = self.run_program(*command)
                if result.returncode != cli.DONE:  # once is sometimes harmless
                    self.assert_clear_end(result, cli.BAD_FILE, os.strerror(error), "; ")
                    self.assertNotIn("HDF5", result.stderr)
                self.assert_readable(results)
                self.must(*command)
                self.assert_same_results("alone.h5", results)

    def test_results_that_cannot_be_written_from_some_moment_on(self):
        command = self.command("full.h5")
        moments = range(1, self.num_calls("full.h5", command) + 1)
        self.fail_and_mend(command, "full.h5", self.some(moments, 12), errno.ENOSPC, None)

    def test_results_that_cannot_be_written_once(self):
        command = self.command("once.h5")
        moments = list(range(1, self.num_calls("once.h5", command) + 1))
        for error in (errno.EIO, errno.EDQUOT, errno.EROFS, errno.ESTALE):
            self.fail_and_mend(command, "once.h5", self.dice.sample(moments, 60 if faults.OPTIONS.long else 3), error,
                               1)

    def test_checkpoints_that_cannot_be_written_cost_time_and_no_result(self):
        command = self.command("bare.h5", "--cluster.checkpoint_interval=0s")
        num_calls = self.num_calls("bare.ckpt", command)
        for moment in [1, *self.some(range(2, num_calls + 1, 53), 4)]:
            for count in (1, None):
                with self.subTest(moment=moment, count=count):
                    self.remove("bare.h5")
                    with self.faulty_disk("bare.ckpt", moment, errno.ENOSPC, count):
                        result = self.run_program(*command)
                    self.assertEqual(result.returncode, cli.DONE, result.stderr)
                    self.assertIn("goes on without a checkpoint", result.stderr)
                    self.assertIn("No space left on device", result.stderr)
                    self.assert_same_results("alone.h5", "bare.h5")
                    self.assertEqual(list((self.folder / "bare.ckpt").glob("*.tmp")), [])

    def test_a_killed_sweep_goes_on_while_its_checkpoints_cannot_be_written(self):
        self.interrupted("lame.h5", *LONGER)
        with self.faulty_disk("lame.ckpt", 1):
            self.must(*self.command("lame.h5", *LONGER))
        self.must(*self.command("whole.h5", *LONGER))
        self.assert_same_results("whole.h5", "lame.h5")

    def test_a_data_set_that_cannot_be_written_is_not_made(self):
        command = ["dataset", "make", "adding", "--sequences", "3000", "--length", "50", "--seed", "1", "-o", "made.h5"]
        num_calls = self.num_calls("made.h5", command)
        self.must(*command)
        (self.folder / "made.h5").rename(self.folder / "right.h5")
        for moment in self.some(range(1, num_calls + 1), num_calls):
            for error, count in ((errno.EIO, 1), (errno.ENOSPC, None)):
                with self.subTest(moment=moment, count=count):
                    with self.faulty_disk("made.h5", moment, error, count):
                        result = self.run_program(*command)
                    if result.returncode == cli.DONE:  # it was tried again
                        subprocess.run(["h5diff", "made.h5", "right.h5"], cwd=self.folder, check=True)
                    else:
                        self.assert_clear_end(result, cli.BAD_FILE, os.strerror(error))
                        self.assertFalse((self.folder / "made.h5").exists())
                    self.assertEqual(list(self.folder.glob("made.h5.*")), [])
                    self.remove("made.h5")

    def test_states_that_others_go_on_from_must_be_kept(self):
        """Of a population, and of commands."""
        for sweep in (sweeps.by_name("population"), sweeps.by_name("command")):
            (self.folder / f"{sweep.name}.ini").write_text(sweep.ini)
            command = ["sweep", f"{sweep.name}.ini", "-o", f"{sweep.name}.h5", "--quiet"]
            self.must(*command)
            (self.folder / f"{sweep.name}.h5").rename(self.folder / f"alone-{sweep.name}.h5")
            num_calls = self.num_calls(f"{sweep.name}.ckpt", command)
            for moment in self.some(range(1, num_calls + 1, 25), 4):
                with self.subTest(sweep=sweep.name, moment=moment):
                    self.remove(f"{sweep.name}.h5")
                    with self.faulty_disk(f"{sweep.name}.ckpt", moment):
                        result = self.run_program(*command)
                    if result.returncode != cli.DONE:
                        self.assert_clear_end(result, cli.BAD_FILE, f"{sweep.name}.ckpt", "; ")
                    self.assert_readable(f"{sweep.name}.h5")
                    self.must(*command)
                    self.assert_same_results(f"alone-{sweep.name}.h5", f"{sweep.name}.h5")


# Long enough to be caught under way.
LONGER = ["--model.hidden_size=96", "--train.max_epochs=16", "--sweep.trials=16"]


class SmallDisk(faults.Faults):
    """A real file system in memory that fills up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.disk = cls.folder / "disk"
        cls.disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", cls.disk], capture_output=True,
                          check=False).returncode != 0:
            raise unittest.SkipTest("a file system may not be mounted here (needs root)")
        cls.addClassCleanup(subprocess.run, ["umount", "-l", cls.disk], check=True)

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", self.disk], check=True)

    def test_it_fills_up_and_is_made_larger(self):
        for kilobytes in self.some(range(8, 2000, 64), 6):
            for ranks in (0, 3):
                with self.subTest(kilobytes=kilobytes, ranks=ranks):
                    self.remove("disk/r.h5")
                    self.remount(f"size={kilobytes}k")
                    result = self.run_program(*self.command("disk/r.h5"), ranks=ranks)
                    if result.returncode != cli.DONE:
                        self.assertEqual(result.returncode, cli.BAD_FILE, result.stderr)
                        self.assertEqual(result.stderr.count("seqsweep: error: "), 1, result.stderr)
                        self.assertIn("No space left on device", result.stderr)
                    self.assert_readable("disk/r.h5")
                    self.remount("size=100m")
                    self.assert_resumes("disk/r.h5")

    def test_it_is_read_only(self):
        self.remount("size=100m")
        self.remove("disk/r.h5")
        self.remount("ro")
        self.addCleanup(self.remount, "rw")
        self.assert_clear_end(self.run_program(*self.command("disk/r.h5")), cli.BAD_FILE, "disk/r.h5",
                              "Read-only file system")
        self.remount("rw")
        self.interrupted("disk/r.h5", *LONGER)
        self.remount("ro")
        self.assert_clear_end(self.run_program(*self.command("disk/r.h5", *LONGER)), cli.BAD_FILE,
                              "Read-only file system")
        self.assert_readable("disk/r.h5")
        self.remount("rw")
        self.must(*self.command("whole.h5", *LONGER))
        self.assert_resumes("disk/r.h5", *LONGER, alone="whole.h5")


class Permissions(faults.Faults):
    """As somebody who may not write."""

    def run_as_nobody(self, *command):
        user = {"user": NOBODY} if os.geteuid() == 0 else {}
        return subprocess.run([cli.SEQSWEEP, *command], cwd=self.folder, text=True, capture_output=True, check=False,
                              env={**os.environ, "HOME": str(self.folder)}, **user)

    def test_a_read_only_directory(self):
        folder = self.folder / "locked"
        folder.mkdir(mode=0o555)
        self.addCleanup(folder.chmod, 0o755)
        self.assert_clear_end(self.run_as_nobody(*self.command("locked/r.h5")), cli.BAD_FILE, "locked/r.h5",
                              "Permission denied")
        folder.chmod(0o777)
        self.assertEqual(self.run_as_nobody(*self.command("locked/r.h5")).returncode, cli.DONE)
        self.assert_same_results("alone.h5", "locked/r.h5")

    def test_a_directory_that_becomes_read_only(self):
        folder = self.folder / "later"
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        self.assertEqual(self.run_as_nobody(*self.command("later/r.h5", "--sweep.trials=6")).returncode, cli.DONE)
        folder.chmod(0o555)
        self.addCleanup(folder.chmod, 0o755)
        self.assert_clear_end(self.run_as_nobody(*self.command("later/r.h5")), cli.BAD_FILE, "Permission denied")
        self.assert_readable("later/r.h5")
        folder.chmod(0o777)
        self.assertEqual(self.run_as_nobody(*self.command("later/r.h5")).returncode, cli.DONE)
        self.assert_same_results("alone.h5", "later/r.h5")

    def test_results_that_nobody_may_read(self):
        self.must(*self.command("secret.h5", "--sweep.trials=6"))
        (self.folder / "secret.h5").chmod(0)
        self.assert_clear_end(self.run_as_nobody(*self.command("secret.h5")), cli.BAD_FILE, "secret.h5", "permissions")
        (self.folder / "secret.h5").chmod(0o644)
        self.assert_resumes("secret.h5")

    def test_a_missing_directory(self):
        self.assert_clear_end(self.run_program(*self.command("nowhere/r.h5")), cli.BAD_FILE, "nowhere",
                              "make the folder")
        (self.folder / "nowhere").mkdir()
        self.assert_resumes("nowhere/r.h5")


class Quota(faults.Faults):
    """A limit of file sizes, as `ulimit -f` and batch systems set it. [1024 bytes]"""

    def test_a_limit_is_an_error_and_no_death_by_signal(self):
        for limit in self.some(range(1, 1200, 40), 8):
            with self.subTest(limit=limit):
                self.remove("limited.h5")
                result = self.run_program(*self.command("limited.h5"), limit=f"-f {limit}")
                if result.returncode != cli.DONE:
                    self.assert_clear_end(result, cli.BAD_FILE, "File too large", "limit")
                self.assert_readable("limited.h5")
                self.assert_resumes("limited.h5")

    def test_a_program_of_a_trial_still_dies_of_it(self):
        sweep = sweeps.by_name("command")
        (self.folder / "command.ini").write_text(sweep.ini)
        result = self.run_program("sweep", "command.ini", "-o", "dying.h5", "--quiet", "--sweep.trials=1",
                                  "--trial.command=/bin/sh -c 'ulimit -f 1; exec head -c 9999 /dev/zero > zeros'")
        self.assertEqual(result.returncode, cli.NO_USABLE_TRIAL, result.stdout + result.stderr)
        self.assertIn("signal 25", self.must("status", "dying.h5"))
        (self.folder / "zeros").unlink()


if __name__ == "__main__":
    faults.main()
