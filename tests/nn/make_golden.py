#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files of the nn room: what PyTorch computes for small networks and optimizers.

  make_golden.py            writes golden/networks.txt and golden/optimizers.txt
  make_golden.py --check    computes them anew and compares with the files; exit code 77 without PyTorch

A file is a list of cases. Each line is "case NAME", "set KEY WORD" or "KEY COUNT VALUE VALUE …".
Everything is computed in double precision from inputs that are exact in single precision.
"""
import argparse
import math
import pathlib
import random
import sys

try:
    import torch
except ImportError:
    print("PyTorch is not installed: nothing to compare with")
    sys.exit(77)

GOLDEN = pathlib.Path(__file__).parent / "golden"


class Draw:
    """Random inputs from Python's own generator, whose numbers are the same in every version of everything."""

    def __init__(self, seed):
        self.generator = random.Random(seed)

    def reals(self, *shape, scale=1.0):
        count = math.prod(shape)
        values = [scale * self.generator.uniform(-1, 1) for _ in range(count)]
        return torch.tensor(values, dtype=torch.float32).double().reshape(shape)

    def integers(self, count, bound):
        return torch.tensor([self.generator.randrange(bound) for _ in range(count)])


class Network(torch.nn.Module):
    def __init__(self, cell, activation, layers, bidirectional, features, vocabulary, hidden, outputs):
        super().__init__()
        embedding_size = 3
        if vocabulary:
            self.embedding = torch.nn.Embedding(vocabulary, embedding_size)
        kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
        extra = {"nonlinearity": activation} if cell == "rnn" else {}
        self.rnn = kind(embedding_size if vocabulary else features, hidden, layers, bidirectional=bidirectional, **extra)
        self.head = torch.nn.Linear(hidden * (2 if bidirectional else 1), outputs)

    def forward(self, padded, lengths, head):
        if hasattr(self, "embedding"):
            padded = self.embedding(padded)
        packed = torch.nn.utils.rnn.pack_padded_sequence(padded, lengths)
        states, last = self.rnn(packed)
        if head == "every_step":
            return self.head(states.data)
        h_n = last[0] if isinstance(last, tuple) else last
        if self.rnn.bidirectional:
            return self.head(torch.cat([h_n[-2], h_n[-1]], dim=1))
        return self.head(h_n[-1])


def mean_loss(loss, outputs, targets):
    if loss == "mse":
        return torch.nn.functional.mse_loss(outputs, targets)
    if loss == "cross_entropy":
        return torch.nn.functional.cross_entropy(outputs, targets, ignore_index=-1)
    keys = torch.nn.functional.binary_cross_entropy_with_logits(outputs, targets, reduction="sum")
    return keys / outputs.shape[0]


def targets_of(loss, draw, rows, outputs):
    if loss == "mse":
        return draw.reals(rows, outputs)
    if loss == "cross_entropy":
        classes = draw.integers(rows, outputs)
        classes[-1] = -1  # one row that is not scored
        return classes
    return draw.integers(rows * outputs, 2).double().reshape(rows, outputs)


def network_case(seed, cell, activation, layers, bidirectional, vocabulary, loss, head):
    draw = Draw(seed)
    lengths, hidden, outputs = [5, 3, 3, 1], 4, 3
    features = 0 if vocabulary else 2
    network = Network(cell, activation, layers, bidirectional, features, vocabulary, hidden, outputs).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(draw.reals(*parameter.shape, scale=0.8))
    steps, sequences = max(lengths), len(lengths)
    if vocabulary:
        padded = draw.integers(steps * sequences, vocabulary).reshape(steps, sequences)
    else:
        padded = draw.reals(steps, sequences, features)
    rows = sequences if head == "last_step" else sum(lengths)
    targets = targets_of(loss, draw, rows, outputs)
    computed = network(padded, lengths, head)
    value = mean_loss(loss, computed, targets)
    value.backward()

    shape = "_".join([f"{layers}_layers"] + ["bidirectional"] * bidirectional + ["embedding"] * (vocabulary > 0))
    lines = [("case", f"{cell}_{activation}_{shape}_{loss}_{head}")]
    words = {"cell": cell, "activation": activation, "loss": loss, "head": head}
    lines += [("set", key, word) for key, word in words.items()]
    packed = torch.nn.utils.rnn.pack_padded_sequence(padded, lengths).data
    numbers = {"num_features": [features], "vocabulary": [vocabulary], "num_outputs": [outputs], "embedding_size": [3],
               "hidden_size": [hidden], "num_layers": [layers], "bidirectional": [int(bidirectional)],
               "lengths": lengths, "input": packed, "targets": targets, "outputs": computed, "mean_loss": value}
    lines += [(key, values) for key, values in numbers.items()]
    for name, parameter in network.named_parameters():
        lines += [(name, parameter), ("d:" + name, parameter.grad)]
    return lines


def network_cases():
    cells = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
    losses = ["mse", "cross_entropy", "bernoulli"]
    lines, seed = [], 0
    for cell, activation in cells:
        for layers, bidirectional, vocabulary in [(1, False, 0), (2, True, 0), (1, True, 6)]:
            seed += 1
            head = ["last_step", "every_step"][seed % 2]
            lines += network_case(seed, cell, activation, layers, bidirectional, vocabulary, losses[(seed + seed // 3) % 3], head)
    return lines


OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"momentum"}),
    "adam": (torch.optim.Adam, {"beta1", "beta2", "epsilon"}),
    "adamw": (torch.optim.AdamW, {"beta1", "beta2", "epsilon", "weight_decay"}),
    "rmsprop": (torch.optim.RMSprop, {"momentum", "alpha", "epsilon"}),
}


def make_torch_optimizer(name, settings, weight, bias):
    settings = dict(settings)
    decay = settings.pop("weight_decay", 0) or settings.pop("l2", 0)
    arguments = {"lr": settings.pop("learning_rate")}
    if "beta1" in settings:
        arguments["betas"] = (settings.pop("beta1"), settings.pop("beta2"))
    for ours, theirs in [("epsilon", "eps"), ("momentum", "momentum"), ("alpha", "alpha")]:
        if ours in settings:
            arguments[theirs] = settings.pop(ours)
    groups = [{"params": [weight], "weight_decay": decay}, {"params": [bias], "weight_decay": 0}]
    return OPTIMIZERS[name][0](groups, **arguments)


def optimizer_case(seed, label, name, settings):
    draw, steps = Draw(seed), 10
    weight = torch.nn.Parameter(draw.reals(3, 4))
    bias = torch.nn.Parameter(draw.reals(3))
    clip_norm = settings.pop("clip_norm", 0)
    optimizer = make_torch_optimizer(name, settings, weight, bias)
    lines = [("case", label), ("set", "name", name)]
    lines += [("settings:" + key, [value]) for key, value in settings.items()]
    lines += [("settings:clip_norm", [clip_norm]), ("before", torch.cat([weight.flatten(), bias]).detach().clone())]
    for step in range(steps):
        weight.grad, bias.grad = draw.reals(3, 4), draw.reals(3)
        lines.append((f"gradient_{step + 1}", torch.cat([weight.grad.flatten(), bias.grad]).clone()))
        if clip_norm:
            lines.append((f"norm_{step + 1}", torch.nn.utils.clip_grad_norm_([weight, bias], clip_norm)))
        optimizer.step()
        lines.append((f"after_{step + 1}", torch.cat([weight.flatten(), bias]).detach().clone()))
    return lines


def optimizer_cases():
    adam = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    rmsprop = {"learning_rate": 0.01, "alpha": 0.99, "epsilon": 1e-8}
    cases = [
        ("sgd", "sgd", {"learning_rate": 0.1}),
        ("sgd_momentum", "sgd", {"learning_rate": 0.1, "momentum": 0.9}),
        ("sgd_momentum_l2_clipped", "sgd", {"learning_rate": 0.1, "momentum": 0.9, "l2": 0.1, "clip_norm": 1.5}),
        ("adam", "adam", dict(adam)),
        ("adam_l2_clipped", "adam", {**adam, "l2": 0.1, "clip_norm": 1.5}),
        ("adam_other_betas", "adam", {**adam, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
        ("adamw", "adamw", {**adam, "weight_decay": 0.1}),
        ("adamw_clipped", "adamw", {**adam, "weight_decay": 0.1, "clip_norm": 2.5}),
        ("rmsprop", "rmsprop", dict(rmsprop)),
        ("rmsprop_momentum_l2_clipped", "rmsprop", {**rmsprop, "momentum": 0.9, "l2": 0.1, "clip_norm": 1.5}),
    ]
    lines = []
    for seed, (label, name, settings) in enumerate(cases):
        lines += optimizer_case(1000 + seed, label, name, settings)
    return lines


def numbers_of(values):
    return torch.as_tensor(values).detach().double().flatten().tolist()


def text_of(lines):
    header = "# SPDX-License-Identifier: Apache-2.0\n# Written by make_golden.py\n"
    rows = []
    for line in lines:
        if line[0] in ("case", "set"):
            rows.append(" ".join(line))
        else:
            values = numbers_of(line[1])
            rows.append(" ".join([line[0], str(len(values))] + [f"{value:.12g}" for value in values]))
    return header + "\n".join(rows) + "\n"


def differences(expected, found, tolerance):
    expected, found = expected.split(), found.split()
    if len(expected) != len(found):
        yield f"{len(expected)} words in the file, {len(found)} computed"
    for position, (a, b) in enumerate(zip(expected, found)):
        if a == b:
            continue
        try:
            if abs(float(a) - float(b)) <= tolerance * max(1.0, abs(float(a))):
                continue
        except ValueError:
            pass
        yield f"word {position}: {a} in the file, {b} computed"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    arguments = parser.parse_args()
    failed = False
    for name, cases in [("networks.txt", network_cases), ("optimizers.txt", optimizer_cases)]:
        text = text_of(cases())
        if not arguments.check:
            GOLDEN.mkdir(exist_ok=True)
            (GOLDEN / name).write_text(text)
            continue
        found = list(differences((GOLDEN / name).read_text(), text, tolerance=1e-5))
        failed = failed or bool(found)
        print(f"{name}: {len(found)} differences from PyTorch {torch.__version__}", *found[:10], sep="\n  ")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
