# SPDX-License-Identifier: Apache-2.0
"""The test functions of `seqsweep bench search`, written once more from their sources, for Optuna to minimise.

A point is a dict of what exists in it. Values are without noise; infinity where training would diverge.
"""
import dataclasses
import math
from collections.abc import Callable

import numpy as np

ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
A3 = np.array([[3.0, 10, 30], [0.1, 10, 35], [3.0, 10, 30], [0.1, 10, 35]])
P3 = 1e-4 * np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]])
A6 = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
               [17, 8, 0.05, 10, 0.1, 14]])
P6 = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                      [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])


def vector(point):
    return np.array([point[f"x{d + 1}"] for d in range(len(point))])


def branin(point):
    x1, x2 = vector(point)
    b, c, r, s, t = 5.1 / (4 * math.pi ** 2), 5 / math.pi, 6, 10, 1 / (8 * math.pi)
    return float((x2 - b * x1 ** 2 + c * x1 - r) ** 2 + s * (1 - t) * math.cos(x1) + s)


def hartmann(a, p):
    return lambda point: -float(ALPHA @ np.exp(-np.sum(a * (vector(point) - p) ** 2, axis=1)))


def ackley(point):
    x = vector(point)
    return float(-20 * math.exp(-0.2 * math.sqrt(np.mean(x ** 2))) - math.exp(np.mean(np.cos(2 * math.pi * x)))
                 + 20 + math.e)


def rosenbrock(point):
    x = vector(point)
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (x[:-1] - 1) ** 2))


def levy(point):
    w = 1 + (vector(point) - 1) / 4
    return float(math.sin(math.pi * w[0]) ** 2
                 + np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(math.pi * w[:-1] + 1) ** 2))
                 + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2))


def mixed(point):
    floor, log_rate, momentum = {"sgd": (0.1, -1, 0.95), "adam": (0, -2.7, 0.8),
                                 "rmsprop": (0.05, -3.2, 0.3)}[point["optimizer"]]
    log_batch = math.log2(int(point["batch_size"])) - 6
    return (floor + 0.3 * (math.log10(point["learning_rate"]) - log_rate - 0.3 * log_batch) ** 2
            + 0.02 * log_batch ** 2 + 0.03 * (point["layers"] - 3) ** 2 + 0.5 * (point["momentum"] - momentum) ** 2)


def conditional(point):
    layers = point["layers"]
    loss = {"lstm": 0, "gru": 0.05, "rnn": 0.2}[point["cell"]] + {1: 0.15, 2: 0, 3: 0.05}[layers]
    loss += 0.1 if point.get("activation") == "relu" else 0
    loss += 0.2 * (math.log10(point["learning_rate"]) + 2 + 0.25 * (layers - 1)) ** 2
    loss += sum(0.03 * (math.log2(point[f"size_{layer}"]) - (8 - layer)) ** 2 for layer in range(1, layers + 1))
    return loss + ((point["dropout"] - 0.2) ** 2 if layers > 1 else 0)


def network(point):
    log_size, log_clip = math.log2(point["hidden_size"]), math.log10(point["clip_norm"])
    below_edge = -1 - 0.15 * (log_size - 6) - 0.25 * log_clip - math.log10(point["learning_rate"])
    if below_edge < 0:
        return math.inf
    return (0.2 + 0.8 * (1 - math.exp(-(below_edge - 0.3) ** 2 / 2)) + 0.03 * (log_size - 7) ** 2
            + 0.5 * (point["dropout"] - 0.05 * (log_size - 2)) ** 2
            + 0.1 * (1 - math.exp(-(math.log10(point["weight_decay"]) + 4) ** 2 / 8)) + 0.02 * log_clip ** 2)


def box(size, low, high):
    return lambda trial: {f"x{d + 1}": trial.suggest_float(f"x{d + 1}", low, high) for d in range(size)}


def suggest_branin(trial):
    return {"x1": trial.suggest_float("x1", -5, 10), "x2": trial.suggest_float("x2", 0, 15)}


def suggest_mixed(trial):
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-5, 1, log=True),
            "batch_size": trial.suggest_categorical("batch_size", ["16", "32", "64", "128", "256"]),
            "layers": trial.suggest_int("layers", 1, 6),
            "optimizer": trial.suggest_categorical("optimizer", ["sgd", "adam", "rmsprop"]),
            "momentum": trial.suggest_float("momentum", 0, 0.99)}


def suggest_conditional(trial):
    point = {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
             "cell": trial.suggest_categorical("cell", ["rnn", "lstm", "gru"]),
             "layers": trial.suggest_int("layers", 1, 3)}
    if point["cell"] == "rnn":
        point["activation"] = trial.suggest_categorical("activation", ["tanh", "relu"])
    for layer in range(1, point["layers"] + 1):
        point[f"size_{layer}"] = trial.suggest_int(f"size_{layer}", 8, 256, log=True)
    if point["layers"] > 1:
        point["dropout"] = trial.suggest_float("dropout", 0, 0.6)
    return point


def suggest_network(trial):
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-5, 1, log=True),
            "hidden_size": trial.suggest_int("hidden_size", 16, 512, log=True),
            "dropout": trial.suggest_float("dropout", 0, 0.7),
            "weight_decay": trial.suggest_float("weight_decay", 1e-8, 1e-1, log=True),
            "clip_norm": trial.suggest_float("clip_norm", 0.1, 100, log=True)}


@dataclasses.dataclass
class Function:
    suggest: Callable  # an Optuna trial's point
    value: Callable


FUNCTIONS = {
    "branin": Function(suggest_branin, branin),
    "hartmann3": Function(box(3, 0, 1), hartmann(A3, P3)),
    "hartmann6": Function(box(6, 0, 1), hartmann(A6, P6)),
    "ackley": Function(box(5, -15, 30), ackley),
    "rosenbrock": Function(box(4, -5, 10), rosenbrock),
    "levy": Function(box(5, -10, 10), levy),
    "noisy_branin": Function(suggest_branin, branin),
    "mixed": Function(suggest_mixed, mixed),
    "conditional": Function(suggest_conditional, conditional),
    "network": Function(suggest_network, network),
}
