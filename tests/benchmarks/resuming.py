#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a sweep of 100,000 trials takes to be where it was, after a kill -9 at nine tenths of it.

A real sweep: networks of one unit, three epochs at most, random points, ASHA. The resumed run has a time limit that is
over at once, so it reads the file, replays the search, and stops. Seconds of wall time from the start of the process to
its end, and of `seqsweep status` of the same file; the target is 2.
  tests/benchmarks/resuming.py [--rounds 5] [--trials 100000]
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import benchmark

STOPPED = 75
CONFIG = """
[sweep]
trials = {trials}
concurrency = 64
[search]
sampler = random
grace_period = 1
reduction_factor = 3
[data]
path = tiny.h5
batch_size = 8
[model]
hidden_size = 1
[train]
learning_rate = loguniform(1e-4, 1e-1)
max_epochs = 3
[cluster]
keep_checkpoints = 1
"""


def run(command, folder, expected=0):
    """Seconds."""
    start = time.perf_counter()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if result.returncode != expected:
        sys.exit(f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return seconds


def trials_begun(program, folder):
    """0 while there is nothing to look at."""
    result = subprocess.run([program, "status", "killed.h5", "--json", "--top", "1"], cwd=folder, capture_output=True,
                            text=True, check=False)
    return json.loads(result.stdout)["num_trials_begun"] if result.returncode == 0 else 0


def kill_near_the_end(program, folder, trials):
    sweep = subprocess.Popen([program, "sweep", "sweep.ini", "-o", "killed.h5", "--quiet"], cwd=folder)
    while sweep.poll() is None and trials_begun(program, folder) < 0.9 * trials:
        time.sleep(0.2)
    sweep.kill()
    if sweep.wait() == 0:
        sys.exit("the sweep was over before it was killed")


def measure(options):
    program = pathlib.Path(options.seqsweep).resolve()
    trials = 3000 if options.quick else options.trials
    samples = {"resume": [], "status": []}
    with tempfile.TemporaryDirectory(prefix="seqsweep-resuming-") as name:
        folder = pathlib.Path(name)
        (folder / "sweep.ini").write_text(CONFIG.format(trials=trials))
        run([program, "dataset", "make", "adding", "--sequences", "20", "--length", "2", "-o", "tiny.h5"], folder)
        kill_near_the_end(program, folder, trials)
        for _ in range(options.rounds):
            shutil.copy(folder / "killed.h5", folder / "resumed.h5")
            samples["status"].append(run([program, "status", "resumed.h5"], folder))
            samples["resume"].append(run([program, "sweep", "sweep.ini", "-o", "resumed.h5", "--quiet",
                                          "--sweep.time_limit=0.001s"], folder, STOPPED))
        megabytes = (folder / "killed.h5").stat().st_size / 1e6
    return [{"trials": trials, "megabytes": megabytes, "what": what, "seconds": benchmark.spread(values)}
            for what, values in samples.items()]


def main():
    options = benchmark.parse(__doc__, lambda parser: parser.add_argument("--trials", type=int, default=100_000))
    figures = measure(options)
    if options.json:
        return benchmark.reply(figures)
    rows = [[f["what"]] + [f"{f['seconds'][key]:.2f}" for key in ("median", "least", "most")] for f in figures]
    return benchmark.print_table(f"a killed sweep of {figures[0]['trials']:,} trials, {figures[0]['megabytes']:.0f} MB",
                                 ["", "s", "least", "most"], rows)


if __name__ == "__main__":
    main()
