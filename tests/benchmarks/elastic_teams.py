#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What idle ranks gain a real sweep when they join running trials: ranks_per_trial = auto against 1.

An ASHA sweep of 24 LSTMs on two ranks, start-up included; rounds alternate. The results of both are compared: they are
the same bits, or this ends with an error.
  tests/benchmarks/elastic_teams.py [--rounds 5]
"""
import pathlib
import subprocess
import tempfile
import time

import benchmark

RANKS = 2
CONFIG = """
[sweep]
trials = 24
seed = 3
[search]
sampler = random
scheduler = asha
grace_period = 1
reduction_factor = 2
[data]
path = adding.h5
batch_size = 64
[model]
cell = lstm
hidden_size = int(24, 96, log)
[train]
max_epochs = 16
learning_rate = loguniform(0.001, 0.1)
shards = 8
"""
QUICK = ["--sweep.trials=4", "--train.max_epochs=2"]


def seconds_of(options, folder, ranks_per_trial, name):
    command = [options.seqsweep, "sweep", "sweep.ini", "-o", name, "--quiet", *(QUICK if options.quick else []),
               f"--cluster.ranks_per_trial={ranks_per_trial}"]
    start = time.perf_counter()
    subprocess.run(benchmark.under_mpirun(RANKS, command), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(options):
    program = pathlib.Path(options.seqsweep).resolve()
    options.seqsweep = program
    seconds = {"auto": [], "1": []}
    with tempfile.TemporaryDirectory(prefix="seqsweep-elastic-") as folder:
        subprocess.run([program, "dataset", "make", "adding", "--sequences", "2000", "-o", "adding.h5"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        pathlib.Path(folder, "sweep.ini").write_text(CONFIG)
        for n in range(options.rounds):
            for ranks_per_trial, values in seconds.items():
                values.append(seconds_of(options, folder, ranks_per_trial, f"{ranks_per_trial}-{n}.h5"))
            subprocess.run([program, "diff", f"auto-{n}.h5", f"1-{n}.h5"], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
    return {"seconds": {name: benchmark.spread(values) for name, values in seconds.items()},
            "ratio": benchmark.ratios(seconds["auto"], seconds["1"])}


def main():
    options = benchmark.parse(__doc__)
    benchmark.need_cores(RANKS)
    figures = measure(options)
    if options.json:
        return benchmark.reply(figures)
    rows = [[name] + [f"{spread[key]:.2f}" for key in ("median", "least", "most")]
            for name, spread in figures["seconds"].items()]
    benchmark.print_table("An ASHA sweep of 24 trials on two ranks", ["ranks_per_trial", "s", "least", "most"], rows)
    print(f"  ratio {benchmark.show_ratio(figures['ratio'])}")


if __name__ == "__main__":
    main()
