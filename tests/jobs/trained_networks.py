# SPDX-License-Identifier: Apache-2.0
"""Small data sets of every kind, networks of every cell trained on them, and what `seqsweep predict` says of both."""
import dataclasses
import pathlib

import h5py
import numpy

CELLS = {"tanh": ("rnn", "tanh"), "relu": ("rnn", "relu"), "sigmoid": ("rnn", "sigmoid"), "lstm": ("lstm", "tanh"),
         "gru": ("gru", "tanh")}
# What a network reads and says: data set, layers, directions.
KINDS = {
    "classes": ("lengths", 1, 1),            # features, unequal lengths
    "values": ("weather", 1, 1),             # two targets, everything normalised
    "tokens": ("reviews", 1, 1),             # unequal lengths
    "steps": ("music", 1, 1),                # several outputs at every step, unequal lengths
    "tokens_steps": ("copy", 2, 1),          # a class at every step
    "two_layers": ("weather", 2, 1),
    "bidirectional": ("lengths", 1, 2),
    "bidirectional_layers": ("weather", 2, 2),
    "bidirectional_steps": ("copy", 2, 2),   # (of music, it would have seen the answers)
    "bidirectional_tokens": ("reviews", 1, 2),
}


def write_datasets(test):
    """Makes the data sets of KINDS in the scratch folder of `test` (lengths.h5 is there)."""
    days = [f"{12 + (n * 7) % 19 / 2},{1000 - (n * 13) % 41},{(n * 5) % 17 / 4},{(n * 3) % 7}" for n in range(150)]
    (test.folder / "weather.csv").write_text("\n".join(["warm,wet,wind,rain", *days]) + "\n")
    test.must("dataset", "import", "csv", "weather.csv", "--features", "warm,wet,wind", "--target", "warm,rain",
              "--window", "9", "-o", "weather.h5")
    words = "a fine dull bright slow film story actor".split()
    reviews = [" ".join(words[(n * n + 3 * k) % 8] for k in range(2 + n % 6)) + f"\t{n % 3 % 2}" for n in range(120)]
    (test.folder / "reviews.tsv").write_text("\n".join(reviews) + "\n")
    test.must("dataset", "import", "text", "reviews.tsv", "-o", "reviews.h5")
    music = [" ".join(f"{(n + k) % 5},{(n * k) % 3}" if (n + k) % 4 else "-" for k in range(4 + n % 9))
             for n in range(60)]
    (test.folder / "music.txt").write_text("\n".join(music) + "\n")
    test.must("dataset", "import", "piano_roll", "music.txt", "--keys", "5", "-o", "music.h5")
    test.must("dataset", "make", "copy_memory", "--sequences", "100", "--delay", "5", "-o", "copy.h5")


@dataclasses.dataclass
class Trained:
    """A trained network, the test part of its data set, and its predictions of that."""

    name: str
    model: pathlib.Path
    spec: dict        # of the network: cell, activation, hidden_size …
    sequences: list   # raw features [T × D] or tokens [T], of each sequence
    predictions: list  # [K] or [T × K] of each

    @property
    def has_tokens(self):
        return self.spec["vocabulary"] > 0

    @property
    def is_per_step(self):
        return self.spec["head"] == "every_step"


def train(test, cell, kind):
    """Trains the network of a cell and a kind for a few epochs, and reads what it predicts."""
    name = f"{cell}_{kind}"
    dataset, layers, directions = KINDS[kind]
    network, activation = CELLS[cell]
    (test.folder / f"{name}.ini").write_text(
        f"[data]\npath = {dataset}.h5\n[model]\ncell = {network}\nactivation = {activation}\nhidden_size = 5\n"
        f"embedding_size = 3\nnum_layers = {layers}\nbidirectional = {'yes' if directions == 2 else 'no'}\n"
        "[train]\nlearning_rate = 0.02\nmax_epochs = 3\n")
    test.must("train", f"{name}.ini", "-o", f"{name}.h5")
    test.must("predict", f"{name}.h5", f"{dataset}.h5", "-o", f"{name}.predictions.h5")
    return read(test.folder, name, dataset)


def of_file(value):
    return value.decode() if isinstance(value, bytes) else value.item()


def read(folder, name, dataset):
    prefix = "network."
    with h5py.File(folder / f"{name}.h5") as file:
        spec = {key[len(prefix):]: of_file(value) for key, value in file.attrs.items() if key.startswith(prefix)}
    with h5py.File(folder / f"{dataset}.h5") as file:
        steps = (file["tokens"] if "tokens" in file else file["features"])[:]
        sequences = [steps[row["start"]:row["start"] + row["length"]] for row in file["sequences"] if row["split"] == 2]
    with h5py.File(folder / f"{name}.predictions.h5") as file:
        rows, first = file["predictions"][:], file["first_row"][:]
    predictions = [rows[a:b] if spec["head"] == "every_step" else rows[a] for a, b in zip(first, first[1:])]
    assert len(predictions) == len(sequences) > 3
    return Trained(name, folder / f"{name}.h5", spec, sequences, predictions)


def padded(sequences, filling):
    """All sequences side by side, [B × T …], and their lengths."""
    lengths = [len(sequence) for sequence in sequences]
    batch = numpy.full((len(sequences), max(lengths), *sequences[0].shape[1:]), filling, sequences[0].dtype)
    for row, sequence in zip(batch, sequences):
        row[:len(sequence)] = sequence
    return batch, lengths


def unpadded(trained, outputs, lengths):
    """The outputs of a padded batch, those of each sequence by themselves."""
    return [row[:length] for row, length in zip(outputs, lengths)] if trained.is_per_step else list(outputs)


def error(predictions, outputs):
    """The largest difference, relative to the largest prediction."""
    largest = max(numpy.abs(prediction).max() for prediction in predictions)
    return max(numpy.abs(p.astype(float) - numpy.asarray(y, float)).max()
               for p, y in zip(predictions, outputs, strict=True)) / largest
