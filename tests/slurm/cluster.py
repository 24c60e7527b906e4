# SPDX-License-Identifier: Apache-2.0
"""A test cluster (slurm/test-cluster.sh) for a class of tests, and jobs on it."""
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "jobs"))
import cli  # pylint: disable=wrong-import-position

SWEEP, ARRAY = cli.ROOT / "slurm/sweep.sbatch", cli.ROOT / "slurm/array.sbatch"
SKIPPED = 77
ENDED = {"CANCELLED", "COMPLETED", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"}

# Nodes that are really one machine: Open MPI would take the ranks of all for neighbours. Ranks exceed cores here.
ONE_MACHINE = {"OMPI_MCA_btl": "tcp,self", "OMPI_MCA_mpi_yield_when_idle": "1",
               "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def test_cluster(folder, *arguments):
    environment = {**os.environ, **ONE_MACHINE, "SEQSWEEP_SLURM_DIR": str(folder / "slurm")}
    command = [cli.ROOT / "slurm/test-cluster.sh", *map(str, arguments)]
    # The daemons go on; they must not keep a pipe of ours open.
    return subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True, timeout=120,
                          capture_output=True, check=False)


class Job:
    """A batch job: its script's log, its state, its number of restarts."""

    def __init__(self, cluster, number, log):
        self.cluster, self.number, self.log = cluster, number, cluster.folder / log

    def fields(self):
        """What `scontrol show job` says, as {name: value}."""
        text = self.cluster.slurm("scontrol", "--oneliner", "show", "job", self.number)
        return dict(word.split("=", 1) for word in text.split() if "=" in word)

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait(self, state, timeout_s=150):
        """Waits for a state; gives the fields then."""
        deadline = time.monotonic() + timeout_s
        while (fields := self.fields())["JobState"] != state:
            if time.monotonic() > deadline or fields["JobState"] in ENDED:
                raise AssertionError(f"job {self.number} is {fields['JobState']}, not {state}\n{self.text()}")
            time.sleep(0.2)
        return fields

    def wait_for_restart(self, timeout_s=60):
        """Waits until the job has been queued again and runs."""
        restarts, deadline = self.fields()["Restarts"], time.monotonic() + timeout_s
        while (fields := self.fields())["Restarts"] == restarts or fields["JobState"] != "RUNNING":
            if time.monotonic() > deadline:
                raise AssertionError(f"job {self.number} was not queued again\n{self.text()}")
            time.sleep(0.2)


class Cluster(cli.Scratch):
    """A cluster of five nodes with two cores each, for one class of tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder.chmod(0o755)
        started = test_cluster(cls.folder, "start")
        if started.returncode == SKIPPED:
            print(f"skipped: {started.stderr.strip()}")
            sys.exit(SKIPPED)
        cls.addClassCleanup(test_cluster, cls.folder, "stop")
        if started.returncode:
            raise AssertionError(started.stderr)

    @classmethod
    def slurm(cls, *command):
        result = test_cluster(cls.folder, "run", *command)
        if result.returncode:
            raise AssertionError(f"{command}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    @classmethod
    def submit(cls, *arguments, log):
        """sbatch; `arguments` are its options, the script, and what goes to that."""
        number = cls.slurm("sbatch", "--parsable", f"--output={log}", *arguments).strip()
        return Job(cls, number, log)

    def wait_until_under_way(self, results, num_epochs, timeout_s=60):
        """Waits until the live file of a running job shows so many epochs."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            status = self.status(results) if (self.folder / results).exists() else None
            if status and status["num_epochs"] >= num_epochs:
                self.assertFalse(status["is_sealed"], "it ended before it could be disturbed")
                return
            time.sleep(0.1)
        self.fail(f"{results} does not show {num_epochs} epochs in {timeout_s} s")
