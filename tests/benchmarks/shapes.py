# SPDX-License-Identifier: Apache-2.0
"""The shapes that the engine is compared at, and how to ask `seqsweep bench engine` for one."""
import benchmark

HIDDEN_SIZES = [32, 64, 128, 256, 512]


def shape(cell, hidden, **others):
    """A network and its sequences, with the keys of the `shape` that `seqsweep bench engine --json` prints."""
    values = {"cell": cell, "activation": "tanh", "input": 8, "vocabulary": 0, "embedding": 0, "hidden": hidden,
              "layers": 1, "bidirectional": False, "outputs": 1, "per_step": False, "batch": 32, "steps": 100}
    unknown = set(others) - set(values) - {"min_steps"}
    assert not unknown, f"no such part of a shape: {unknown}"
    return {**values, **others}


def grid():
    return [shape(cell, hidden) for cell in ("lstm", "rnn", "gru") for hidden in HIDDEN_SIZES]


def bidirectional_models():
    return [shape(cell, 128, bidirectional=True) for cell in ("lstm", "rnn", "gru")]


def embedding_models():
    """Classifying sequences of words: embedding, one layer, two classes."""
    return [shape(cell, 128, input=0, vocabulary=10000, embedding=128, outputs=2) for cell in ("rnn", "lstm", "gru")]


def character_models():
    """Predicting the next character: embedding, two layers, a head at every step."""
    return [shape(cell, 256, input=0, vocabulary=96, embedding=64, layers=2, outputs=96, per_step=True, steps=64)
            for cell in ("rnn", "lstm", "gru")]


def quick():
    return [shape("lstm", 16, batch=8, steps=10),
            shape("rnn", 16, input=0, vocabulary=50, embedding=16, outputs=2, batch=8, steps=10),
            shape("gru", 16, input=0, vocabulary=20, embedding=16, layers=2, outputs=20, per_step=True, batch=8,
                  steps=10)]


def name_of(shape_):
    text = shape_["cell"] + (" both ways " if shape_["bidirectional"] else " ")
    text += (f"{shape_['layers']}×" if shape_["layers"] > 1 else "") + f"H={shape_['hidden']}"
    if shape_["vocabulary"]:
        text += f" embedding({shape_['vocabulary']},{shape_['embedding']})"
    if shape_["per_step"]:
        text += " every step"
    return text


def options_of(shape_):
    """As `seqsweep bench engine` takes them."""
    options = []
    for key, value in shape_.items():
        name = "--" + key.replace("_", "-")
        is_for_another_cell = key == "activation" and shape_["cell"] != "rnn"
        if is_for_another_cell or (key in ("input", "vocabulary", "embedding") and value == 0):
            continue
        if key in ("per_step", "bidirectional"):
            options += [name] if value else []
        else:
            options += [name, str(value)]
    return options


def measure(program, shape_, core, shards=1):
    """One round of the program; shards 0: its default."""
    command = [program, "bench", "engine", *options_of(shape_), "--shards", shards, "--rounds", 1, "--json"]
    return benchmark.run_json(command, core)
