#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One sweep at a time writes a results file, on file systems with and without locks and hard links."""
import errno
import os
import signal
import socket
import subprocess
import unittest

import faults
from faults import cli

LONGER = ["--model.hidden_size=96", "--train.max_epochs=16", "--sweep.trials=16"]


class Lock(faults.Faults):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must(*cls.command("whole.h5", *LONGER))

    def second_sweep(self, results, ranks):
        process = self.start(*self.command(results, *LONGER), ranks=ranks)
        self.wait_for_epochs(results, 5, process)
        coordinator = min(cli.ranks_of(process.pid)) if ranks else process.pid
        result = self.run_program(*self.command(results, *LONGER))
        self.assert_clear_end(result, cli.BAD_FILE, results, f"process {coordinator} on host '{socket.gethostname()}'",
                              "wait for it or stop it")
        _, err = process.communicate(timeout=100)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.assert_same_results("whole.h5", results)

    def test_a_second_sweep_is_told_who_has_the_file_and_the_first_does_not_notice(self):
        self.second_sweep("second.h5", ranks=0)
        self.second_sweep("second_of_ranks.h5", ranks=3)

    def test_a_second_sweep_under_mpirun(self):
        process = self.start(*self.command("twice.h5", *LONGER))
        self.wait_for_epochs("twice.h5", 5, process)
        result = self.run_program(*self.command("twice.h5", *LONGER), ranks=2)
        self.assertEqual(result.returncode, cli.BAD_FILE, result.stderr)
        self.assertEqual(result.stderr.count("seqsweep: error: "), 1, result.stderr)
        self.assertIn(f"process {process.pid} on host", result.stderr)
        process.communicate(timeout=100)
        self.assert_same_results("whole.h5", "twice.h5")

    def test_a_sweep_that_is_frozen_still_has_its_file(self):
        process = self.start(*self.command("frozen.h5", *LONGER))
        self.wait_for_epochs("frozen.h5", 5, process)
        process.send_signal(signal.SIGSTOP)
        self.assert_clear_end(self.run_program(*self.command("frozen.h5", *LONGER)), cli.BAD_FILE,
                              f"process {process.pid}")
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=100)
        self.assert_same_results("whole.h5", "frozen.h5")

    def test_a_lock_that_another_host_left(self):
        self.interrupted("left.h5", *LONGER)
        lock = self.folder / "left.h5.lock"
        lock.write_text("host=elsewhere pid=7 started=1 slurm_job= slurm_restart=\n")
        self.assert_clear_end(self.run_program(*self.command("left.h5", *LONGER)), cli.BAD_FILE,
                              "process 7 on host 'elsewhere'", "remove 'left.h5.lock' and start again")
        self.assert_readable("left.h5")
        lock.unlink()
        self.assert_resumes("left.h5", *LONGER, alone="whole.h5")

    def test_a_lock_that_was_left_beside_a_sealed_file(self):
        """Killed between sealing and removing the lock: the next call finds the sweep finished, and tidies up."""
        lock = self.folder / "whole.h5.lock"
        ended = subprocess.Popen(["true"])
        ended.wait()
        for pid, host, stays in ((ended.pid, socket.gethostname(), False), (ended.pid, "elsewhere", True),
                                 (os.getpid(), "elsewhere", True)):
            with self.subTest(pid=pid, host=host):
                lock.write_text(f"host={host} pid={pid} started=1 slurm_job= slurm_restart=\n")
                self.must(*self.command("whole.h5", *LONGER))
                self.assertEqual(lock.exists(), stays)
                lock.unlink(missing_ok=True)

    def test_a_lock_of_half_a_line(self):
        self.interrupted("half.h5", *LONGER)
        lock = self.folder / "half.h5.lock"
        lock.write_text("host=els")
        self.assert_clear_end(self.run_program(*self.command("half.h5", *LONGER)), cli.BAD_FILE, "remove that file")
        lock.unlink()
        self.assert_resumes("half.h5", *LONGER, alone="whole.h5")

    @unittest.skipIf(not faults.FAULTY_DISK, "FAULTY_DISK does not name the library made from faulty_disk.c")
    def test_file_systems_without_locks_or_hard_links(self):
        for calls, error in (("k", errno.ENOLCK), ("k", errno.EOPNOTSUPP), ("l", errno.EPERM),
                             ("lk", errno.EOPNOTSUPP)):
            with self.subTest(calls=calls, error=errno.errorcode[error]):
                with self.faulty_disk("bare.h5", 1, error, calls=calls):
                    self.interrupted("bare.h5", *LONGER)
                    process = self.start(*self.command("bare.h5", *LONGER))  # takes the dead one's lock over
                    self.wait_for_epochs("bare.h5", 12, process)
                    result = self.run_program(*self.command("bare.h5", *LONGER))
                    self.assert_clear_end(result, cli.BAD_FILE, f"process {process.pid} on host")
                    os.kill(process.pid, signal.SIGKILL)
                    process.communicate()
                    self.assert_resumes("bare.h5", *LONGER, alone="whole.h5")


if __name__ == "__main__":
    faults.main()
