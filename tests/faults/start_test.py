#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What fails on one rank alone while all of them start: nobody waits for ever, and one line says what and where.

    SEQSWEEP=build/release/bin/seqsweep FAULTY_RANK=… tests/faults/start_test.py
"""
import errno
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import unittest
from unittest import mock

import faults
from faults import cli

FAULTY_RANK = os.environ.get("FAULTY_RANK", "")  # the shared library made from faulty_rank.c
CLUSTER_FAILURE = 4
LIMIT_S = 120  # who waits longer waits for ever
RANK_1 = f"rank 1 on host {socket.gethostname()}: "


def bytes_in(text):
    """Of "24.1 MB"."""
    number, unit = text.split()
    return float(number) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def planned(plan, label):
    """The size that a plan has behind a label, or None."""
    found = re.search(rf"^  {label} +([0-9.]+ \w+)", plan, re.MULTILINE)
    return bytes_in(found.group(1)) if found else None


class Start(faults.Faults):
    def on_two(self, *arguments, other=None):
        """The program on two ranks; the second one's arguments may be others. Its exit code, output and errors."""
        first, second = ([cli.SEQSWEEP, *map(str, a)] for a in (arguments, other or arguments))
        script = (f'source "{cli.ROOT}/jobs/mpi-env.sh"; prepare_mpi 2; '
                  f'mpirun "${{mpi_options[@]:2}}" -n 1 {shlex.join(first)} : -n 1 {shlex.join(second)}')
        return subprocess.run(["bash", "-c", script], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=LIMIT_S, check=False)

    def assert_one_line(self, result, code, *texts):
        """This exit code, and of the program's own lines exactly one, with these texts; mpirun may add some."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        lines = [line for line in result.stderr.splitlines() if line.startswith("seqsweep: ")]
        self.assertEqual(len(lines), 1, result.stderr)
        for text in texts:
            self.assertIn(text, lines[0])


@unittest.skipIf(not FAULTY_RANK, "FAULTY_RANK does not name the library made from faulty_rank.c")
@unittest.skipIf(os.environ.get("SANITIZED"), "the address sanitizer has allocations of its own")
class FaultyRank(Start):
    """A call fails on one rank, by a library between the program and the system."""

    def with_faults(self, of_first="", of_second="", path="no such path", number=errno.EACCES, **more):
        variables = {"LD_PRELOAD": FAULTY_RANK, "FAULTS_OF_0": of_first, "FAULTS_OF_1": of_second,
                     "FAULT_PATH": path, "FAULT_ERRNO": str(number), **{k: str(v) for k, v in more.items()}}
        return mock.patch.dict(os.environ, variables)

    def test_ranks_that_cannot_share_memory_hold_a_copy_each(self):
        for name, letters, number in (("made", ("m", ""), errno.ENOSYS), ("reserved", ("f", ""), errno.ENOSPC),
                                      ("opened", ("", "p"), errno.EACCES)):
            with self.subTest(what_cannot_be=name):
                with self.with_faults(*letters, number=number):
                    result = self.on_two(*self.command(f"{name}.h5"))
                self.assert_one_line(result, cli.DONE, f"memory cannot be shared ({os.strerror(number)}): "
                                     "each of its 2 ranks holds a copy of the data set")
                self.assert_same_results("alone.h5", f"{name}.h5")

    def test_ranks_that_cannot_share_memory_read_from_the_file_what_is_too_large_for_copies(self):
        size = planned(self.on_two(*self.command("no.h5"), "--dry-run").stdout, "data on each node")
        with self.with_faults("m"):
            result = self.on_two(*self.command("read.h5"), f"--data.memory_limit={round(1.5 * size)}B")
        self.assert_one_line(result, cli.DONE, "each of its 2 ranks reads the data set from its file, batch by batch")
        self.assert_same_results("alone.h5", "read.h5")

    def test_the_plan_counts_copies_for_each_rank(self):
        self.must("dataset", "make", "adding", "--sequences", "4000", "--length", "300", "--seed", "1", "-o", "long.h5")
        command = [*self.command("no.h5"), "--data.path=long.h5", "--sweep.metric=val_loss", "--dry-run"]
        shared = self.on_two(*command).stdout
        with self.with_faults("m"):
            private = self.on_two(*command).stdout
        size = planned(shared, "data on each node")
        self.assertAlmostEqual(size, 4000 * 300 * 2 * 4, delta=0.02 * size)
        self.assertIsNone(planned(private, "data on each node"))
        self.assertAlmostEqual(planned(private, "memory of a rank"), planned(shared, "memory of a rank") + size,
                               delta=0.02 * size)

    def test_a_rank_without_memory_for_its_copy_ends_all(self):
        with self.with_faults("m", "c", path="lengths.h5", FAULT_BYTES=10_000):
            self.assert_clear_end_of_rank_1(self.on_two(*self.command("never.h5")), cli.BAD_FILE, "lengths.h5: needs ")

    def assert_clear_end_of_rank_1(self, result, code, text):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        errors = [line for line in result.stderr.splitlines() if line.startswith("seqsweep: error: ")]
        self.assertEqual(len(errors), 1, result.stderr)
        self.assertTrue(errors[0].startswith(f"seqsweep: error: {RANK_1}{text}"), errors[0])
        self.assertFalse((self.folder / "never.h5").exists())

    def test_a_file_that_one_rank_alone_cannot_read_ends_all(self):
        self.must(*self.command("earlier.h5"))
        for path, code in (("sweep.ini", cli.BAD_CONFIG), ("lengths.h5", cli.BAD_FILE), ("earlier.h5", cli.BAD_FILE)):
            with self.subTest(path=path):
                with self.with_faults("", "o", path=path):
                    result = self.on_two(*self.command("never.h5"), "--search.sampler=tpe",
                                         "--search.warm_start=earlier.h5")
                self.assert_clear_end_of_rank_1(result, code, path)

    def test_a_rank_that_runs_out_of_memory_while_all_train_one_network_ends_all(self):
        with self.with_faults("", "a", path="lengths.h5", FAULT_BYTES=1_000_000):
            result = self.on_two("train", "sweep.ini", "-o", "never.h5", "--model.cell=lstm", "--model.hidden_size=300",
                                 "--data.batch_size=32", "--model.dropout=0", "--train.learning_rate=0.01")
        self.assert_clear_end_of_rank_1(result, CLUSTER_FAILURE, "out of memory")

    def test_mpi_that_fails_on_one_rank_ends_all(self):
        with self.with_faults("", "d"):
            result = self.on_two(*self.command("never.h5"))
        self.assert_one_line(result, CLUSTER_FAILURE, "MPI_Comm_dup failed")


class SmallSharedMemory(Start):
    """A /dev/shm that is smaller than the data set, as in many containers."""

    def test_a_data_set_larger_than_dev_shm_is_shared_all_the_same(self):
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", "/dev/shm"],
                          capture_output=True, check=False).returncode != 0:
            self.skipTest("a file system may not be mounted here (needs root)")
        self.must("dataset", "make", "adding", "--sequences", "8000", "--length", "400", "-o", "large.h5")
        command = [cli.SEQSWEEP, *self.command("no.h5"), "--data.path=large.h5", "--sweep.metric=val_loss", "--dry-run"]
        script = ('mount -t tmpfs -o size=16m tmpfs /dev/shm; '
                  f'source "{cli.ROOT}/jobs/mpi-env.sh"; seqsweep_mpirun 2 {shlex.join(command)}')
        result = subprocess.run(["unshare", "-m", "bash", "-c", script], cwd=self.folder, capture_output=True, text=True,
                                timeout=LIMIT_S, check=False)
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.assertNotIn("warning", result.stderr)
        self.assertGreater(planned(result.stdout, "data on each node"), 25e6)


class Strangers(Start):
    """Ranks that are not what the others are, or that do not know of each other."""

    def test_other_arguments_on_another_rank_are_refused(self):
        command = self.command("never.h5")
        for option, here in (("--sweep.seed=9", "sweep.seed = 9"), ("--data.path=adding.h5", None),
                             ("--dry-run", "--dry-run"), ("--output=other.h5", None)):
            with self.subTest(option=option):
                result = self.on_two(*command, other=[*command[:1], "sweep.ini", option, "--quiet",
                                                      *([] if "output" in option else ["-o", "never.h5"])])
                self.assert_one_line(result, CLUSTER_FAILURE, RANK_1 + "its command line, config or data set", here or "")
                self.assertFalse((self.folder / "never.h5").exists())
        result = self.on_two(*command, other=["train", *command[1:]])
        self.assert_one_line(result, CLUSTER_FAILURE, "'train ', there 'sweep '")

    def test_another_program_on_another_rank_is_refused(self):
        revision = re.search(r"\((\w+), ", self.must("--version")).group(1)
        other = self.folder / "other-program"
        program = pathlib.Path(cli.SEQSWEEP).read_bytes()
        self.assertIn(revision.encode() + b"\0", program)
        other.write_bytes(program.replace(revision.encode() + b"\0", b"x" * len(revision) + b"\0"))
        shutil.copymode(cli.SEQSWEEP, other)
        script = (f'source "{cli.ROOT}/jobs/mpi-env.sh"; prepare_mpi 2; mpirun "${{mpi_options[@]:2}}" '
                  f'-n 1 {cli.SEQSWEEP} sweep sweep.ini -o never.h5 : -n 1 {other} sweep sweep.ini -o never.h5')
        result = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=LIMIT_S,
                                check=False)
        self.assert_one_line(result, CLUSTER_FAILURE, RANK_1 + "its program is not that of rank 0", f"({revision}, ")
        self.assertFalse((self.folder / "never.h5").exists())

    def alone(self, **variables):
        with mock.patch.dict(os.environ, variables):
            return self.run_program(*self.command("never.h5"), timeout_s=LIMIT_S)

    def test_processes_that_take_themselves_for_rank_0_each_are_refused(self):
        for size, rank, launcher in (("SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun started 4 processes"),
                                     ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "MVAPICH's mpirun started 4")):
            with self.subTest(size):
                self.assert_clear_end(self.alone(**{size: "4", rank: "0"}), CLUSTER_FAILURE, launcher, f"env -u {size}")
                result = self.alone(**{size: "4", rank: "3"})
                self.assertEqual((result.returncode, result.stderr), (CLUSTER_FAILURE, ""), "the first says it for all")
                self.assertFalse((self.folder / "never.h5").exists())

    def test_an_allocation_of_several_tasks_does_not_keep_one_process_from_running(self):
        result = self.alone(SLURM_NTASKS="4", SLURM_PROCID="0", SLURM_STEP_NUM_TASKS="1")
        self.assertEqual(result.returncode, cli.DONE, result.stderr)
        self.remove("never.h5")


if __name__ == "__main__":
    faults.main()
