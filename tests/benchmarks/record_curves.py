#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Records a table of real training curves for `seqsweep bench search --curves`: every point of a small space.

576 networks learn which of nine speakers says the Japanese vowels (Kudo, Toyama, Shimbo 1999), 27 epochs each:
  tests/benchmarks/record_curves.py JapaneseVowels_TRAIN.ts JapaneseVowels_TEST.ts -o vowels.curves.h5
  seqsweep bench search --curves vowels.curves.h5 --samplers random,tpe --schedulers none,asha
The files are those of the UEA archive (timeseriesclassification.com). Takes some minutes on two cores. As every sweep,
it goes on where it was interrupted.
"""
import argparse
import os
import pathlib
import subprocess
import sys

import benchmark

CONFIG = """
[sweep]
trials = 576
metric = val_loss
concurrency = 16
[search]
sampler = grid
scheduler = none
[data]
path = {data}
batch_size = choice(8, 32)
[model]
cell = choice(rnn, lstm, gru)
hidden_size = choice(8, 16, 32, 64)
dropout = choice(0, 0.25, 0.5)
[train]
optimizer = adam
learning_rate = choice(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
clip_norm = 1
max_epochs = 27
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=pathlib.Path, help="JapaneseVowels_TRAIN.ts")
    parser.add_argument("test", type=pathlib.Path, help="JapaneseVowels_TEST.ts")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="CURVES.h5")
    parser.add_argument("--ranks", type=int, default=len(benchmark.cores()), help="default: one for each core")
    benchmark.add_program(parser)
    options = parser.parse_args()
    program, curves = pathlib.Path(options.seqsweep).resolve(), options.output.resolve()
    data, config = curves.with_suffix(".data.h5"), curves.with_suffix(".ini")
    config.write_text(CONFIG.format(data=data))
    if not data.exists():
        subprocess.run([program, "dataset", "import", "ts", options.train, "--test", options.test,
                        "--validation", "0.2", "-o", data], check=True)
    sweep = [program, "sweep", config, "-o", curves]
    result = subprocess.run(benchmark.under_mpirun(options.ranks, sweep), env=dict(os.environ, **benchmark.ONE_THREAD),
                            check=False)
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
