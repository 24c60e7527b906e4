#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program that trains, as a trial of `seqsweep sweep configs/command.ini`: gradient descent on a valley, epoch by epoch.

It shows all that a command can take part in: where to train from and to, a directory to resume from, metric lines,
an end when asked (SIGTERM). Replace the middle with your own training.
"""
import json
import os
import pathlib
import signal
import sys

# Asked to stop: finish the epoch, save it, print it, and exit with code 0, to go on from there another time.
is_asked_to_stop = False


def stop(*_):
    global is_asked_to_stop
    is_asked_to_stop = True


signal.signal(signal.SIGTERM, stop)

with open(os.environ["SEQSWEEP_SETTINGS"]) as file:
    settings = json.load(file)
learning_rate, momentum = settings["learning_rate"], settings["momentum"]
to_epoch = int(os.environ["SEQSWEEP_TO_EPOCH"])
checkpoint = pathlib.Path(os.environ["SEQSWEEP_CHECKPOINT_DIR"]) / "state.json"

state = {"epoch": 0, "w": [-1.2, 1.0], "v": [0.0, 0.0]}
if checkpoint.exists():
    state = json.loads(checkpoint.read_text())

while state["epoch"] < to_epoch and not is_asked_to_stop:
    for _ in range(20):
        a, b = state["w"]
        gradient = [-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)]  # of (1 - a)² + 10 (b - a²)²
        state["v"] = [momentum * v - learning_rate * g for v, g in zip(state["v"], gradient)]
        state["w"] = [w + v for w, v in zip(state["w"], state["v"])]
    state["epoch"] += 1
    a, b = state["w"]
    loss = (1 - a) ** 2 + 10 * (b - a * a) ** 2 if max(abs(a), abs(b)) < 1e6 else float("nan")
    temporary = checkpoint.with_suffix(".new")
    temporary.write_text(json.dumps(state))
    temporary.replace(checkpoint)
    print(json.dumps({"epoch": state["epoch"], "val_loss": loss, "a": a, "b": b}), flush=True)
    if loss != loss:
        sys.exit()
