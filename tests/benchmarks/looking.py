#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long it takes to look at a sweep of 100,000 trials (233,336 epochs with their gradient flow), live and sealed.

Seconds of wall time of `seqsweep status`, as text and as JSON; the target is 2.
  tests/benchmarks/looking.py [--rounds 5] [--trials 100000]
The file comes from write_large_sweep, which is built with the tests.
"""
import pathlib
import subprocess
import tempfile
import time

import benchmark

KINDS = ("live", "sealed")
FORMATS = {"text": "--top=10", "JSON": "--json"}


def seconds_of(program, file, option):
    start = time.perf_counter()
    subprocess.run([program, "status", file, option], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(options):
    trials = 1000 if options.quick else options.trials
    writer = pathlib.Path(options.seqsweep).with_name("write_large_sweep")
    if not writer.is_file():
        benchmark.skip(f"{writer} is missing: build the tests")
    with tempfile.TemporaryDirectory(prefix="seqsweep-looking-") as folder:
        files = {kind: pathlib.Path(folder, f"{kind}.h5") for kind in KINDS}
        subprocess.run([writer, str(trials), files["live"], files["sealed"]], check=True)
        samples = {(kind, form): [] for kind in KINDS for form in FORMATS}
        for _ in range(options.rounds):
            for kind, form in samples:
                samples[kind, form].append(seconds_of(options.seqsweep, files[kind], FORMATS[form]))
    return [{"trials": trials, "file": kind, "format": form, "seconds": benchmark.spread(values)}
            for (kind, form), values in samples.items()]


def main():
    options = benchmark.parse(__doc__, lambda parser: parser.add_argument("--trials", type=int, default=100_000))
    figures = measure(options)
    if options.json:
        return benchmark.reply(figures)
    rows = [[f"{f['file']}, {f['format']}"] + [f"{f['seconds'][key]:.2f}" for key in ("median", "least", "most")]
            for f in figures]
    return benchmark.print_table(f"seqsweep status of {figures[0]['trials']:,} trials", ["", "s", "least", "most"], rows)


if __name__ == "__main__":
    main()
