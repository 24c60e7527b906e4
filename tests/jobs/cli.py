# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a scratch folder, the program (environment SEQSWEEP), mpirun, small data sets."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SEQSWEEP = os.environ.get("SEQSWEEP", "")
ROOT = pathlib.Path(__file__).resolve().parents[2]

DONE, DIFFERENT, BAD_CONFIG, BAD_FILE, NO_USABLE_TRIAL, STOPPED = 0, 1, 2, 3, 5, 75

# Four times shorter rungs than a real sweep, but everything that could break determinism: dropout, unequal lengths,
# conditional dimensions, a scheduler that pauses and promotes, shards, clipping.
SWEEP_INI = """
[sweep]
trials = 10
seed = 3
concurrency = 3
[search]
sampler = random
scheduler = asha
grace_period = 1
reduction_factor = 2
[data]
path = lengths.h5
batch_size = choice(16, 32)
[model]
cell = choice(rnn, lstm, gru)
hidden_size = int(4, 12, log)
num_layers = 2
dropout = uniform(0, 0.4)
activation = choice(tanh, relu) if model.cell == rnn
[train]
learning_rate = loguniform(1e-3, 1e-1)
clip_norm = 1
max_epochs = 4
shards = 4
"""


# Trials that are commands: a pausing.py, which each test has of its own, prints a value for x.
PAUSING_INI = f"""
[trial]
objective = command
command = {sys.executable} pausing.py {{x}}
[parameters]
x = uniform(-3, 3)
[sweep]
trials = 12
concurrency = 2
metric = value
goal = minimize
[search]
sampler = random
scheduler = none
[train]
max_epochs = 1
"""


def write_ts(path, num_sequences, first):
    """Two features over 3 to 17 steps, two classes, in the format of the UEA archive; a function of its arguments."""
    lines = ["@problemName lengths", "@timeStamps false", "@missing false", "@univariate false", "@dimensions 2",
             "@equalLength false", "@classLabel true up down", "@data"]
    for s in range(first, first + num_sequences):
        steps = 3 + (s * 7) % 15
        sign = 1 if s % 3 else -1
        one = [f"{sign * t * 0.1 + ((s * 31 + t * 17) % 23) / 23:.3f}" for t in range(steps)]
        two = [f"{((s * 13 + t * 29) % 37) / 37:.3f}" for t in range(steps)]
        lines.append(f"{','.join(one)}:{','.join(two)}:{'up' if sign > 0 else 'down'}")
    path.write_text("\n".join(lines) + "\n")


class Scratch(unittest.TestCase):
    """A scratch folder per class, with lengths.h5 (classes, unequal lengths), adding.h5 (real) and sweep.ini in it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="seqsweep-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        write_ts(cls.folder / "train.ts", 160, 0)
        write_ts(cls.folder / "test.ts", 40, 160)
        cls.must("dataset", "import", "ts", "train.ts", "--test", "test.ts", "-o", "lengths.h5")
        cls.must("dataset", "make", "adding", "--sequences", "300", "--length", "12", "--seed", "1", "-o", "adding.h5")
        (cls.folder / "sweep.ini").write_text(SWEEP_INI)

    @classmethod
    def start(cls, *arguments, ranks=0, mpirun="", limit=""):
        """Starts the program, under mpirun (with those options) where `ranks` are given, each process within a `limit`
        (options of ulimit); its output goes to pipes."""
        command = [SEQSWEEP, *map(str, arguments)]
        script = f"ulimit {limit}; " if limit else ""
        if ranks:
            script += f'source "{ROOT}/jobs/mpi-env.sh"; prepare_mpi {ranks}; exec mpirun {mpirun} "${{mpi_options[@]}}" "$@"'
        elif limit:
            script += 'exec "$@"'
        if script:
            command = ["bash", "-c", script, "started", *command]
        return subprocess.Popen(command, cwd=cls.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, errors="replace")

    @classmethod
    def run_program(cls, *arguments, ranks=0, limit="", timeout_s=100):
        process = cls.start(*arguments, ranks=ranks, limit=limit)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @classmethod
    def must(cls, *arguments, ranks=0):
        """Runs the program, which must succeed; gives its standard output."""
        result = cls.run_program(*arguments, ranks=ranks)
        if result.returncode != DONE:
            raise AssertionError(f"seqsweep {' '.join(map(str, arguments))} on {ranks} ranks: exit code "
                                 f"{result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def status(self, results):
        """What `status --json` says, or None while there is nothing to read."""
        result = self.run_program("status", results, "--json")
        return json.loads(result.stdout) if result.returncode == DONE else None

    def wait_for_epochs(self, results, num_epochs, process, timeout_s=60):
        """Waits until the live file of a running sweep shows so many epochs."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if (self.folder / results).exists():
                status = self.status(results)
                if status and status["num_epochs"] >= num_epochs:
                    return status
            if process.poll() is not None:
                out, err = process.communicate()
                self.fail(f"the sweep ended (exit code {process.returncode}) before it showed {num_epochs} epochs\n{out}{err}")
            time.sleep(0.02)
        self.fail(f"no {num_epochs} epochs in {timeout_s} s")

    def wait_until(self, is_true, what, timeout_s=60):
        """Waits until the function says so."""
        deadline = time.monotonic() + timeout_s
        while not is_true():
            if time.monotonic() > deadline:
                self.fail(f"not within {timeout_s} s: {what}")
            time.sleep(0.02)

    def assert_mistakes(self, mistakes):
        """Each of {name: (arguments, text)}: one line with that text, exit code 2, nothing on standard output."""
        for name, (arguments, named) in mistakes.items():
            with self.subTest(name):
                result = self.run_program(*arguments)
                self.assertEqual(result.returncode, BAD_CONFIG, result.stdout + result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(named, result.stderr)

    def assert_same_results(self, first, second):
        """Equal to our own eyes and to h5diff, timing apart."""
        own = self.run_program("diff", first, second)
        self.assertEqual(own.returncode, DONE, own.stdout + own.stderr)
        self.assertIn("equal:", own.stdout)
        theirs = subprocess.run(["h5diff", "--exclude-path=/timing", first, second], cwd=self.folder, text=True,
                                capture_output=True, check=False)
        self.assertEqual(theirs.returncode, 0, theirs.stdout + theirs.stderr)


def ranks_of(mpirun_pid):
    """The process ids of the program's ranks below an mpirun."""
    children = pathlib.Path(f"/proc/{mpirun_pid}/task/{mpirun_pid}/children").read_text().split()
    return [int(child) for child in children]


def kill_all(process):
    """SIGKILL for an mpirun that we started, and its ranks."""
    for pid in [process.pid, *ranks_of(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.communicate()
