# SPDX-License-Identifier: Apache-2.0
"""The data sets and sweeps that compare_builds.py runs: small, but together they use every cell, loss, optimizer, sampler,
scheduler, importer and task, and whatever else makes bits: shards, dropout, clipping, unequal lengths, tokens. Shares of classes
are whole numbers, so that no rounding decides who is in which part."""
import datetime
import math
import random
import sys
from dataclasses import dataclass, field

TRAINER = """import sys
x, y, first, last = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
for epoch in range(first + 1, last + 1):
    loss = (x - 1) ** 2 + (y - 2) ** 2 + 1 / epoch
    print('{"epoch": %d, "val_loss": %.17g, "cost": %.17g}' % (epoch, loss, x * x), flush=True)
"""


def time_series():
    """Hourly rows with dates."""
    dice = random.Random(1)
    lines = ["date,load,temperature,weather"]
    for hour in range(900):
        load = math.sin(hour * 2 * math.pi / 24) + 0.3 * dice.random()
        temperature = 10 + 5 * load + dice.random()
        time = datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=hour)
        lines.append(f"{time},{load:.5f},{temperature:.4f},{dice.choice(['sun', 'rain', 'fog'])}")
    return "\n".join(lines) + "\n"


def sequences_by_id():
    dice = random.Random(2)
    lines = ["id,a,b,kind"]
    for sequence in range(180):
        kind = sequence % 3
        for _ in range(4 + sequence % 9):
            lines.append(f"s{sequence},{kind + dice.gauss(0, 1):.4f},{dice.random():.4f},{'xyz'[kind]}")
    return "\n".join(lines) + "\n"


COMMON = ["the", "a", "film", "was", "very", "3.5", "U.S."]


def sentences():
    dice = random.Random(3)
    words = {"good": ["fine", "great", "lovely", "don't", "it's"], "bad": ["poor", "awful", "dull", "can't", "sad"]}
    lines = []
    for index in range(400):
        label = ("good", "bad")[index % 2]
        text = " ".join(dice.choice(words[label] + COMMON) for _ in range(4 + index % 7))
        lines.append(f"{text.capitalize()}!\t{label}")
    return "\n".join(lines) + "\n"


def prose():
    dice = random.Random(4)
    words = ["to", "be", "or", "not", "that", "is", "the", "question", "whether,"]
    return " ".join(dice.choice(words) for _ in range(2500)) + "\n"


def labelled_series(first, count):
    lines = ["@problemName lengths", "@timeStamps false", "@missing false", "@univariate false", "@dimensions 2",
             "@equalLength false", "@classLabel true down up", "@data"]
    dice = random.Random(first)
    for index in range(count):
        steps = 3 + index * 7 % 15
        sign = 1 if index % 3 else -1
        rows = [",".join(f"{sign * t * scale + dice.random():.3f}" for t in range(steps)) for scale in (0.1, 0.0)]
        lines.append(f"{':'.join(rows)}:{'up' if sign > 0 else 'down'}")
    return "\n".join(lines) + "\n"


def pieces():
    dice = random.Random(5)
    return "\n".join(" ".join(",".join(str(key) for key in sorted(dice.sample(range(12), 2))) for _ in range(8 + piece % 5))
                     for piece in range(60)) + "\n"


def idx(kind, count):
    dice = random.Random(6)
    labels = bytes(index % 4 for index in range(count))
    if kind == "labels":
        return bytes([0, 0, 8, 1]) + count.to_bytes(4, "big") + labels
    pixels = bytes(min(255, 40 * labels[i] + dice.randrange(90)) for i in range(count) for _ in range(36))
    return bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (count, 6, 6)) + pixels


@dataclass
class Dataset:
    arguments: list
    inputs: dict = field(default_factory=dict)  # file name: its content

    def write_inputs(self, folder):
        for name, content in self.inputs.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


DATASETS = {
    "adding": Dataset(["make", "adding", "--sequences", "400", "--length", "20"], {"trainer.py": TRAINER}),
    "copy": Dataset(["make", "copy_memory", "--sequences", "200"]),
    "mackey_glass": Dataset(["make", "mackey_glass"]),
    "sine": Dataset(["make", "sine"]),
    "windows": Dataset(["import", "csv", "hours.csv", "--features", "load,temperature", "--categorical", "weather",
                        "--time-features", "hour,weekday", "--target", "load", "--window", "24", "--horizon", "1..3"],
                       {"hours.csv": time_series()}),
    "differences": Dataset(["import", "csv", "hours.csv", "--features", "load,temperature", "--target", "all-features",
                            "--stack-targets", "--window", "24", "--difference", "--split-rows", "600,750"],
                           {"hours.csv": time_series()}),
    "by_id": Dataset(["import", "csv", "ids.csv", "--sequence-column", "id", "--class-column", "kind"],
                     {"ids.csv": sequences_by_id()}),
    "sentences": Dataset(["import", "text", "sentences.tsv"], {"sentences.tsv": sentences()}),
    "characters": Dataset(["import", "text", "prose.txt", "--language-model", "--tokens", "characters", "--window", "32"],
                          {"prose.txt": prose()}),
    "lengths": Dataset(["import", "ts", "train.ts", "--test", "test.ts"],
                       {"train.ts": labelled_series(0, 150), "test.ts": labelled_series(150, 40)}),
    "keys": Dataset(["import", "piano_roll", "pieces.txt", "--keys", "12"], {"pieces.txt": pieces()}),
    "images": Dataset(["import", "idx", "images.idx", "labels.idx"],
                      {"images.idx": idx("images", 240), "labels.idx": idx("labels", 240)}),
}


@dataclass
class Sweep:
    """Sections of an INI file as {"section": "key = value; key = value"}."""
    sections: dict

    @property
    def ini(self):
        return "".join(f"[{section}]\n" + "\n".join(line.strip() for line in lines.split(";")) + "\n"
                       for section, lines in self.sections.items())


def network(data, search="sampler = random; scheduler = none",
            model="cell = choice(rnn, lstm, gru); hidden_size = int(4, 12, log)",
            train="learning_rate = loguniform(1e-3, 1e-1); max_epochs = 3", sweep="trials = 6"):
    return Sweep({"sweep": f"seed = 3; {sweep}", "search": search, "data": f"path = {data}.h5; batch_size = choice(16, 32)",
                  "model": model, "train": train})


SMALL = "cell = gru; hidden_size = int(4, 12)"
RATE = "learning_rate = loguniform(1e-3, 1e-1); max_epochs = 4"
DROPOUT = "cell = choice(rnn, lstm, gru); hidden_size = int(4, 12, log); num_layers = 2; dropout = uniform(0, 0.4)"

SWEEPS = {
    **{f"data_{name}": network(name) for name in DATASETS if name not in ("windows", "lengths")},
    "data_windows": network("windows", train="learning_rate = 0.01; max_epochs = 2; min_delta = 0.01; patience = 1"),
    "lengths_dropout": network("lengths", model=DROPOUT + "; bidirectional = choice(no, yes)",
                               train=RATE + "; clip_norm = 1; shards = 4"),
    "lengths_relu": network("lengths", model="cell = rnn; activation = choice(tanh, relu); hidden_size = 9",
                            train=RATE + "; patience = 2"),
    **{f"optimizer_{name}": network("adding", model=SMALL, train=f"optimizer = {name}; {RATE}") for name in
       ("sgd", "rmsprop", "adam", "adamw")},
    **{f"schedule_{name}": network("adding", model=SMALL, train=f"schedule = {name}; {RATE}") for name in ("cosine", "step")},
    **{f"sampler_{name}": network("adding", f"sampler = {name}; scheduler = none", SMALL, sweep="trials = 14; concurrency = 3")
       for name in ("random", "sobol", "latin", "tpe", "gp", "cmaes", "auto")},
    "sampler_grid": network("adding", "sampler = grid; scheduler = none", "cell = choice(rnn, gru); hidden_size = choice(4, 8)",
                            "learning_rate = choice(0.01, 0.03); max_epochs = 2"),
    **{f"scheduler_{name}": network("adding", f"sampler = random; scheduler = {name}", SMALL, RATE,
                                    "trials = 12; concurrency = 4") for name in
       ("asha", "halving", "hyperband", "median", "pbt")},
    "fidelity_data": network("lengths", "sampler = tpe; scheduler = asha; fidelity = data", SMALL, RATE, "trials = 12"),
    "fidelity_window": network("adding", "sampler = random; scheduler = halving; fidelity = window", SMALL, RATE,
                               "trials = 12"),
    **{f"objectives_{name}": network("adding", f"sampler = {name}", SMALL,
                                     sweep="trials = 14; metric = val_loss, parameters") for name in ("motpe", "nsga2")},
    "replicates": network("adding", "sampler = random; scheduler = asha", SMALL, RATE,
                          "trials = 8; replicate_best = 2; replicates = 2"),
    "commands": Sweep({
        "trial": f"objective = command; command = {sys.executable} trainer.py {{x}} {{y}} {{from_epoch}} {{to_epoch}}",
        "parameters": "x = uniform(-3, 3); y = uniform(0, 4)",
        "sweep": "trials = 12; metric = val_loss; goal = minimize",
        "search": "sampler = tpe; scheduler = asha",
        "train": "max_epochs = 4"}),
}
