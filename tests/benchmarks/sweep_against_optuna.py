#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A whole sweep: seqsweep on two ranks against Optuna + PyTorch in two processes, trials per hour.

Both do the same work: 24 trials of 3 epochs on the adding problem (2,000 sequences of 50 steps, 200 more to validate
on), LSTM H = 64, B = 32, Adam; learning rate, clipping norm and beta2 are searched. The wall time counts everything:
start-up of the processes, imports, making the data, the study's storage, training, validation after every epoch.
Optuna keeps its study in SQLite (or --storage journal) and samples with TPE; seqsweep samples at random and seals its
results file. Neither stops trials early. Rounds alternate.
  tests/benchmarks/sweep_against_optuna.py [--rounds 3] [--storage sqlite|journal]
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import benchmark

WORKERS = 2
WORK = {"trials": 24, "epochs": 3, "train": 2000, "validation": 200, "steps": 50, "hidden": 64, "batch": 32}
QUICK_WORK = {"trials": 2, "epochs": 1, "train": 200, "validation": 20, "steps": 10, "hidden": 8, "batch": 32}
LEARNING_RATE, CLIP_NORM, BETA2 = (1e-4, 1e-2), (0.1, 10), (0.9, 0.9999)

CONFIG = """
[sweep]
trials = {trials}
[search]
sampler = random
scheduler = none
[data]
path = adding.h5
batch_size = {batch}
[model]
cell = lstm
hidden_size = {hidden}
[train]
optimizer = adam
learning_rate = loguniform({learning_rate[0]}, {learning_rate[1]})
clip_norm = loguniform({clip_norm[0]}, {clip_norm[1]})
beta2 = uniform({beta2[0]}, {beta2[1]})
max_epochs = {epochs}
"""


def add_options(parser):
    parser.add_argument("--storage", choices=["sqlite", "journal"], default="sqlite", help="of Optuna's study")


def run(command, folder):
    result = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def sweep_with_seqsweep(program, work, folder):
    program = pathlib.Path(program).resolve()
    total = work["train"] + work["validation"]
    config = CONFIG.format(**work, learning_rate=LEARNING_RATE, clip_norm=CLIP_NORM, beta2=BETA2)
    (folder / "sweep.ini").write_text(config)
    start = time.perf_counter()
    run([program, "dataset", "make", "adding", "--sequences", total, "--length", work["steps"],
         "--split", f"{work['train'] / total:.6f},{work['validation'] / total:.6f},0", "-o", "adding.h5"], folder)
    run(benchmark.under_mpirun(WORKERS, [program, "sweep", "sweep.ini", "-o", "sweep.h5", "--quiet"]), folder)
    wall_s = time.perf_counter() - start
    status = json.loads(run([program, "status", "sweep.h5", "--json"], folder))
    if status["trials_by_state"]["completed"] != work["trials"]:
        sys.exit(f"the sweep did not complete its trials: {status['trials_by_state']}")
    return {"wall_s": wall_s, "best": status["best"]["value"],
            "working_share": status["time"]["rank_s"] / (WORKERS * wall_s)}


def sweep_with_optuna(storage, work, folder):
    start = time.perf_counter()
    open_study(storage, folder)
    workers = [benchmark.Server([sys.executable, "-B", __file__, "--optuna-worker", w], core)
               for w, core in enumerate(benchmark.cores()[:WORKERS])]
    for w, worker in enumerate(workers):
        share = work["trials"] // WORKERS + (1 if w < work["trials"] % WORKERS else 0)
        worker.send({"storage": storage, "folder": str(folder), "work": work, "trials": share, "seed": w})
    answers = [worker.receive() for worker in workers]
    for worker in workers:
        worker.close()
    wall_s = time.perf_counter() - start
    return {"wall_s": wall_s, "best": min(answer["best"] for answer in answers),
            "working_share": sum(answer["training_s"] for answer in answers) / (WORKERS * wall_s)}


def open_study(storage, folder, seed=0):
    import warnings

    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    if storage == "sqlite":
        place = f"sqlite:///{folder}/study.db"
    else:
        place = optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(f"{folder}/study.log"))
    return optuna.create_study(study_name="adding", storage=place, load_if_exists=True,
                               sampler=optuna.samplers.TPESampler(seed=seed))


def adding_problem(torch, num_sequences, steps, seed):
    """[T × N × 2] values and marks, [N × 1] sums of the two marked values."""
    random = torch.Generator().manual_seed(seed)
    x = torch.zeros(steps, num_sequences, 2)
    x[:, :, 0] = torch.rand(steps, num_sequences, generator=random)
    marks = torch.randint(steps // 2, (2, num_sequences), generator=random)
    marks[1] += steps // 2
    for mark in marks:
        x[mark, torch.arange(num_sequences), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(0).unsqueeze(1)


def train(torch, work, point, seed, data):
    """The validation loss after the last epoch."""
    from torch.nn import functional
    torch.manual_seed(seed)
    (x, y), (validation_x, validation_y) = data
    rnn, head = torch.nn.LSTM(2, work["hidden"]), torch.nn.Linear(work["hidden"], 1)
    parameters = [*rnn.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=point["learning_rate"], betas=(0.9, point["beta2"]))
    loss = math.nan
    for _ in range(work["epochs"]):
        for chosen in torch.randperm(work["train"]).split(work["batch"]):
            optimizer.zero_grad()
            functional.mse_loss(head(rnn(x[:, chosen])[0][-1]), y[chosen]).backward()
            torch.nn.utils.clip_grad_norm_(parameters, point["clip_norm"])
            optimizer.step()
        with torch.no_grad():
            loss = functional.mse_loss(head(rnn(validation_x)[0][-1]), validation_y).item()
    return loss


def optuna_worker():
    """The server's side: one sweep, then the end."""
    import torch
    torch.set_num_threads(1)
    for request in benchmark.requests():
        work = request["work"]
        study = open_study(request["storage"], request["folder"], request["seed"])
        data = (adding_problem(torch, work["train"], work["steps"], 1),
                adding_problem(torch, work["validation"], work["steps"], 2))
        training_s = 0.0

        def objective(trial):
            nonlocal training_s
            point = {"learning_rate": trial.suggest_float("learning_rate", *LEARNING_RATE, log=True),
                     "clip_norm": trial.suggest_float("clip_norm", *CLIP_NORM, log=True),
                     "beta2": trial.suggest_float("beta2", *BETA2)}
            start = time.perf_counter()
            loss = train(torch, work, point, trial.number, data)
            training_s += time.perf_counter() - start
            return loss

        study.optimize(objective, n_trials=request["trials"])
        benchmark.reply({"best": study.best_value, "training_s": training_s})


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--optuna-worker":
        optuna_worker()
        return
    options = benchmark.parse(__doc__, add_options)
    benchmark.need_modules("optuna")
    benchmark.need_fast_torch(options)
    benchmark.need_cores(WORKERS)
    os.environ.update(benchmark.ONE_THREAD)
    work = QUICK_WORK if options.quick else WORK
    ours, theirs = [], []
    for r in range(options.rounds):
        benchmark.say(f"round {r + 1} of {options.rounds}")
        with tempfile.TemporaryDirectory(prefix="seqsweep-benchmark-") as folder:
            ours.append(sweep_with_seqsweep(options.seqsweep, work, pathlib.Path(folder)))
            theirs.append(sweep_with_optuna(options.storage, work, pathlib.Path(folder)))
    benchmark.say("")

    def rates(runs):
        return [3600 * work["trials"] / run_["wall_s"] for run_ in runs]

    def figures(runs):
        return {"trials_per_hour": benchmark.spread(rates(runs)),
                "wall_s": benchmark.spread([run_["wall_s"] for run_ in runs]),
                "working_share": benchmark.spread([run_["working_share"] for run_ in runs]),
                "best": benchmark.spread([run_["best"] for run_ in runs])}

    results = {"work": work, "workers": WORKERS, "storage": options.storage, "seqsweep": figures(ours),
               "optuna": figures(theirs), "ratio": benchmark.ratios(rates(ours), rates(theirs))}
    if options.json:
        print(json.dumps(results, indent=2))
        return
    rows = [[name, benchmark.show_rate(f["trials_per_hour"]), f"{f['wall_s']['median']:.2f}",
             benchmark.show_share(f["working_share"]), f"{f['best']['median']:.4f}"]
            for name, f in [("seqsweep", results["seqsweep"]), (f"Optuna ({options.storage})", results["optuna"])]]
    benchmark.print_table(f"A sweep of {work['trials']} trials on {WORKERS} workers",
                          ["", "trials/hour", "seconds", "spent training", "best loss"], rows)
    print(f"  ratio {benchmark.show_ratio(results['ratio'])}")


if __name__ == "__main__":
    main()
