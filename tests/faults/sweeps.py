# SPDX-License-Identifier: Apache-2.0
"""Small sweeps of every kind that keeps a state of its own: a few seconds each, so that faults come at all moments."""
import dataclasses
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

NETWORKS = """
[sweep]
trials = 16
seed = 3
concurrency = 4
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
hidden_size = int(48, 128, log)
num_layers = 2
dropout = uniform(0, 0.4)
[train]
learning_rate = loguniform(1e-3, 1e-1)
clip_norm = 1
max_epochs = 8
shards = 4
[cluster]
checkpoint_interval = 0s
"""

POPULATION = """
[sweep]
trials = 6
seed = 5
concurrency = 6
[search]
sampler = random
scheduler = pbt
interval = 2
[data]
path = lengths.h5
[model]
cell = lstm
hidden_size = 64
dropout = uniform(0, 0.4)
num_layers = 2
[train]
learning_rate = loguniform(1e-3, 1e-1)
max_epochs = 10
shards = 4
"""

COMMAND = f"""
[trial]
objective = command
command = {sys.executable} {ROOT}/configs/command/trainer.py
[parameters]
learning_rate = loguniform(1e-4, 1e-1)
momentum = uniform(0, 0.99)
[train]
max_epochs = 9
[sweep]
trials = 12
concurrency = 3
metric = val_loss
[search]
sampler = random
scheduler = asha
reduction_factor = 3
"""


@dataclasses.dataclass(frozen=True)
class Sweep:
    """One config, and on how many ranks it is run."""
    name: str
    ini: str
    ranks: int
    options: tuple = ()
    placement: tuple = ()  # options that change no result, of the disturbed sweep alone


ALL = [
    Sweep("asha", NETWORKS, 3, (), ("--cluster.keep_checkpoints=1",)),
    Sweep("tpe", NETWORKS, 2, ("--search.sampler=tpe", "--sweep.seed=7", "--sweep.trials=24", "--train.max_epochs=4")),
    Sweep("pairs", NETWORKS, 4, ("--cluster.ranks_per_trial=2", "--sweep.trials=8")),
    Sweep("population", POPULATION, 3, (), ("--cluster.keep_checkpoints=1",)),
    Sweep("command", COMMAND, 3),
]


def by_name(name):
    return next(sweep for sweep in ALL if sweep.name == name)
