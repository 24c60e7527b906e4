# SPDX-License-Identifier: Apache-2.0
"""What the tests of disk faults share: a sweep nobody disturbed, a disk that fails on demand, dice of a known seed."""
import argparse
import contextlib
import errno
import os
import pathlib
import random
import shutil
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "jobs"))
# pylint: disable=wrong-import-position
import cli

try:
    from journal import Journal
except ImportError:
    Journal = None

FAULTY_DISK = os.environ.get("FAULTY_DISK", "")  # the shared library made from faulty_disk.c
OPTIONS = argparse.Namespace(long=False, seed=None)


def repetitions(number):
    """How often the short form throws its dice: as often as it says, but a quarter of it under the sanitizers. They are
    slow, and see the same lines each time."""
    return (number + 3) // 4 if os.environ.get("SANITIZED") else number


class Faults(cli.Scratch):
    """Results of sweep.ini in alone.h5; a test injects a fault into a sweep of the same config and mends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must(*cls.command("alone.h5"))
        cls.folder.chmod(0o777)  # for tests that run as nobody
        seed = OPTIONS.seed if OPTIONS.seed is not None else random.randrange(1 << 32)
        cls.dice = random.Random(seed)
        print(f"{cls.__name__}: seed {seed}")

    @staticmethod
    def command(results, *options):
        return ["sweep", "sweep.ini", "-o", results, "--quiet", *options]

    @contextlib.contextmanager
    def faulty_disk(self, path, first, error=errno.ENOSPC, count=None, calls=None):
        """Programs started within see a disk whose calls on `path` fail from number `first` on."""
        variables = {"LD_PRELOAD": FAULTY_DISK, "FAULT_PATH": path, "FAULT_FROM": str(first), "FAULT_ERRNO": str(error)}
        if count is not None:
            variables["FAULT_COUNT"] = str(count)
        if calls is not None:
            variables["FAULT_CALLS"] = calls
        with mock.patch.dict(os.environ, variables):
            yield

    def num_calls(self, path, command):
        """How many calls on `path` the command makes when all goes well. Its results are removed."""
        log = self.folder / "calls"
        log.unlink(missing_ok=True)
        variables = {"LD_PRELOAD": FAULTY_DISK, "FAULT_PATH": path, "FAULT_LOG": str(log)}
        with mock.patch.dict(os.environ, variables):
            self.must(*command)
        self.remove(command[command.index("-o") + 1])
        return len(log.read_bytes())

    def some(self, everything, num_short):
        """All in the long form, a few at random in the short one."""
        everything = list(everything)
        return everything if OPTIONS.long else sorted(self.dice.sample(everything, min(repetitions(num_short), len(everything))))

    def remove(self, results):
        for path in self.folder.glob(f"{results}*"):
            path.unlink()
        shutil.rmtree(self.folder / results.replace(".h5", ".ckpt"), ignore_errors=True)

    def assert_clear_end(self, result, code, *texts):
        """This exit code, and one line of error that has these texts."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        lines = [line for line in result.stderr.splitlines() if "seqsweep: warning: " not in line]
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("seqsweep: error: "), lines[0])
        for text in texts:
            self.assertIn(text, lines[0])

    def assert_readable(self, results, acknowledged=None):
        """If the file is there, h5py and status read it, nothing of it is twice, and what was acknowledged is in it."""
        if not (self.folder / results).exists():
            self.assertIsNone(acknowledged)
            return
        self.assertIsNotNone(self.status(results))
        if Journal is not None:
            journal = Journal(self.folder / results)
            self.assertEqual(journal.repeated, [])
            if acknowledged is not None:
                self.assertEqual(journal.lost(acknowledged), [])

    def assert_resumes(self, results, *options, alone="alone.h5"):
        self.must(*self.command(results, *options))
        self.assert_same_results(alone, results)
        left = [path.name for path in self.folder.glob(f"{results}.*")]
        left += [path.name for path in (self.folder / results.replace(".h5", ".ckpt")).glob("*.tmp")]
        self.assertEqual(left, [], "left behind")

    def interrupted(self, results, *options, num_epochs=8):
        """A sweep that was killed under way; whole and to be resumed."""
        self.remove(results)
        process = self.start(*self.command(results, *options))
        self.wait_for_epochs(results, num_epochs, process)
        process.kill()
        process.communicate()
        self.assertFalse(self.status(results)["is_sealed"], "it was killed too late to prove anything")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true", help="every moment instead of some at random")
    parser.add_argument("--seed", type=int)
    parser.add_argument("tests", nargs="*", help="Class.test_…, all by default")
    parser.parse_args(namespace=OPTIONS)
    unittest.main(module="__main__", argv=[sys.argv[0], *OPTIONS.tests])
