#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at a finished sweep with h5py alone, as its user would; needs python3-h5py.

    tests/jobs/check_results.py RESULTS.h5 [--beats-floor]
"""
import math
import re
import sys

import h5py

COLUMNS = {
    "trials": ["trial", "state", "value"],
    "epochs": ["trial", "epoch", "train_loss"],
    "segments": ["trial", "from_epoch", "to_epoch", "reason"],
    "segment_results": ["trial", "to_epoch", "ending", "value"],
    "gradient_flow": ["trial", "epoch", "layer", "norm"],
    "timing": ["trial", "seconds", "host"],
}
SCORES = ["loss", "accuracy", "mae", "rmse", "r2"]  # of the attributes validation_floor and test_floor


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def problems(file, must_beat_floor):
    for table, columns in COLUMNS.items():
        if table not in file:
            yield f"/{table} is missing"
            continue
        found = file[table].dtype.names
        yield from (f"/{table} has no column {column}: {found}" for column in columns if column not in found)
        if len(file[table]) == 0:
            yield f"/{table} is empty"
    if file.attrs["sealed"] != 1:
        yield "the file is not sealed"
    trials = file["trials"][:]
    if len(trials) != file.attrs["trials"]:
        yield f"{len(trials)} trials instead of {file.attrs['trials']}"
    if list(trials["trial"]) != list(range(len(trials))):
        yield "the trials are not in order"
    searched = re.findall(r"^(\S+) = (?:choice|int|uniform|loguniform|normal|lognormal)\(", text(file.attrs["definition"]), re.M)
    yield from (f"/trials has no column {key}" for key in searched if key not in trials.dtype.names)
    keys = [(int(row["trial"]), int(row["epoch"])) for row in file["epochs"][:]]
    if keys != sorted(set(keys)):
        yield "/epochs is not in order, or has an epoch twice"

    metric, goal = text(file.attrs["metric"]), text(file.attrs["goal"])
    values = [float(value) for value in trials["value"] if math.isfinite(value)]
    if not values:
        yield "no trial has a value"
    elif must_beat_floor:
        best = max(values) if goal == "maximize" else min(values)
        floor = float(file.attrs["validation_floor"][SCORES.index(metric.removeprefix("val_"))])
        if not (best > floor if goal == "maximize" else best < floor):
            yield f"the best {metric} is {best}, no better than the floor of the trivial rule, {floor}"
        print(f"{len(trials)} trials, {len(keys)} epochs, best {metric} {best:.4g}, floor {floor:.4g}")


def main(arguments):
    with h5py.File(arguments[0], "r") as file:
        found = list(problems(file, "--beats-floor" in arguments))
    for problem in found:
        print(f"{arguments[0]}: {problem}")
    print(f"{arguments[0]}: " + ("as it should be" if not found else f"{len(found)} problems"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
