#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every option that a job's --help names does something, or is refused: none is passed over in silence. The list is the
program's own, so a new option needs a line here."""
import json
import re
import unittest

import cli

SMALL = ["bench", "engine", "--batch=4", "--steps=5", "--rounds=1", "--json"]
SEARCH = ["bench", "search", "--functions=branin", "--samplers=random", "--budgets=5", "--concurrency=1", "--seeds=2", "--json"]
POINTS = ["bench", "search", "--functions=branin", "--points=3", "--json"]
CURVES = ["bench", "search", "--curves=grid.h5", "--samplers=random", "--concurrency=1", "--seeds=2", "--json"]
COORDINATOR = ["bench", "coordinator", "--workers=4", "--seeds=1", "--json"]
THROUGHPUT = ["bench", "coordinator", "--throughput", "--workers=8", "--trials=50", "--json"]
CHECKPOINT = "results.ckpt/trial-000000.h5"

# What an option changes: a command, and the option (in place of one of its words of the same name). The two must print
# something else, or write another file.
USED = {
    "sweep": [(["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3"], "--dry-run"),
              (["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3"], "--quiet"),
              (["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3"], "--output=results2.h5"),
              (["sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3"], "--verbose")],
    "train": [(["train", "sweep.ini", "-o", "model.h5", "--sweep.trials=3"], "--trial=results.h5:0"),
              (["train", "sweep.ini", "-o", "model.h5", "--sweep.trials=3", "--trial=results.h5:0"], "--quiet"),
              (["train", "sweep.ini", "-o", "model.h5", "--sweep.trials=3", "--trial=results.h5:0"], "--verbose"),
              (["train", "sweep.ini", "-o", "model.h5", "--sweep.trials=3", "--trial=results.h5:0"], "--output=model2.h5")],
    "status": [(["status", "results.h5"], "--json"), (["status", "results.h5"], "--top=1"),
               (["status", "results.h5", "--json"], "--top=1"), (["status", "results.h5", "--watch"], "--top=1")],
    "report": [(["report", "results.h5"], "--output=page.html")],
    "export": [(["export", "results.h5"], "--to=csv"), (["export", "results.h5", "--to=csv", "--force"], "--table=epochs"),
               (["export", "results.h5", "--to=onnx", "--force"], "--trial=0"),  # not the best
               (["export", "results.h5", "--to=csv", "--force"], "--output=out.csv"),
               (["export", "results.h5", "--to=csv", "-o", "there.csv"], "--force")],
    "importance": [(["importance", "many.h5"], "--json"), (["importance", "many.h5"], "--pairs=0"),
                   (["importance", "many.h5", "--json"], "--pairs=0")],
    "explain": [(["explain", "results.h5", "0"], "--json")],
    "replay": [(["replay", "results.h5"], "--json"), (["replay", "results.h5"], "--seeds=2")],
    "predict": [(["predict", CHECKPOINT, "lengths.h5"], "--split=train"),
                (["predict", CHECKPOINT, "lengths.h5"], "--output=predicted.h5")],
    "compare": [(["compare", "results.h5", "grid.h5"], "--json")],
    "diff": [(["diff", "results.h5", "grid.h5"], "--limit=1")],
    "bench engine": [(SMALL, "--cell=gru"), ([*SMALL, "--cell=rnn"], "--activation=relu"), (SMALL, "--input=3"),
                     (SMALL, "--vocabulary=9"), ([*SMALL, "--vocabulary=9"], "--embedding=5"), (SMALL, "--hidden=5"),
                     (SMALL, "--layers=2"), (SMALL, "--bidirectional"), (SMALL, "--outputs=3"), (SMALL, "--per-step"),
                     (SMALL, "--batch=3"), (SMALL, "--steps=6"), (SMALL, "--min-steps=2"), (SMALL, "--shards=2"),
                     (SMALL, "--optimizer=sgd"), (SMALL, "--rounds=2"), (SMALL, "--alone"), (SMALL, "--isa=avx1024"),
                     (SMALL[:-1], "--json")],
    "bench search": [(SEARCH, "--functions=hartmann3"), (SEARCH, "--samplers=sobol"), (SEARCH, "--budgets=6"),
                     (SEARCH, "--concurrency=2"), (SEARCH, "--seeds=3"), (POINTS, "--points=4"),
                     (CURVES, "--schedulers=none"), (SEARCH[:-1], "--json"), (POINTS, "--functions=hartmann3"),
                     (SEARCH, "--curves=grid.h5"), (SEARCH, "--speed")],  # refused beside --functions: not passed over
    "bench coordinator": [(COORDINATOR, "--workers=8"), (COORDINATOR, "--efficiency=0.8"), (COORDINATOR, "--seeds=2"),
                          (COORDINATOR[:-1], "--json"), (THROUGHPUT, "--trials=60"),
                          (COORDINATOR, "--throughput")],
}
# What does not apply: a command, and what the refusal names.
REFUSED = {
    "sweep": [(["sweep", "sweep.ini", "--quiet", "--verbose"], "--quiet and --verbose"),
              (["sweep", "sweep.ini", "--trial=results.h5:0"], "--trial")],
    "train": [(["train", "sweep.ini", "--quiet", "--verbose"], "--quiet and --verbose"),
              (["train", "sweep.ini", "--dry-run"], "--dry-run")],
    "status": [(["status", "results.h5", "--json", "--watch"], "--json")],
    "report": [(["report", "results.h5", "--watch=0"], "--watch"), (["report", "results.h5", "--top=3"], "--top")],
    "export": [(["export", "results.h5", "--to=json", "--table=trials"], "--table"),
               (["export", "results.h5", "--to=onnx", "--table=trials"], "--table"),
               (["export", "results.h5", "--to=csv", "--trial=1"], "--trial"),
               (["export", CHECKPOINT, "--to=onnx", "--trial=0"], "--trial")],
    "replay": [(["replay", "results.h5", "--seeds=2", "--sweep.seed=1"], "--seeds")],
    "bench engine": [([*SMALL, "--cell=lstm", "--activation=relu"], "--activation"), ([*SMALL, "--embedding=5"], "--embedding"),
                     ([*SMALL, "--vocabulary=9", "--input=3"], "--input")],
    "bench search": [([*SEARCH, "--schedulers=none"], "--schedulers"), ([*POINTS, "--samplers=random"], "--samplers"),
                     ([*POINTS, "--budgets=5"], "--budgets"), ([*POINTS, "--concurrency=1"], "--concurrency"),
                     ([*POINTS, "--seeds=1"], "--seeds"), ([*CURVES, "--functions=branin"], "--functions"),
                     ([*CURVES, "--budgets=5"], "--budgets"), ([*CURVES, "--points=5"], "--points"),
                     (["bench", "search", "--speed", "--curves=grid.h5"], "--curves"),
                     (["bench", "search", "--speed", "--seeds=2"], "--seeds")],
    "bench coordinator": [([*COORDINATOR, "--trials=9"], "--trials"), ([*THROUGHPUT, "--seeds=2"], "--seeds"),
                          ([*THROUGHPUT, "--efficiency=0.8"], "--efficiency"), ([*THROUGHPUT, "--elastic"], "--elastic")],
}
# Tried by tests of their own: report --watch, two ranks, the importers and tasks.
ELSEWHERE = {"report": {"--watch"}, "bench coordinator": {"--elastic"}, "status": {"--watch"}}
TWO_RANKS = {"bench allreduce": {"--floats", "--rounds", "--json"}}

GRID_INI = """
[sweep]
trials = 4
[search]
sampler = grid
scheduler = none
[data]
path = lengths.h5
batch_size = 32
[model]
cell = choice(rnn, gru)
hidden_size = choice(4, 8)
[train]
learning_rate = 0.01
max_epochs = 2
"""


# What `bench` measures; the rest of its JSON follows from the options.
MEASURED = {"sequences_per_s", "sequences_per_s_range", "time_steps_per_s", "ms_per_step", "gflops", "peak_gflops",
            "share_of_peak", "share_of_peak_range", "data_share", "reduce_share", "ms_per_proposal", "segments_per_s",
            "resume_s", "ms", "trials_per_s", "bytes_per_trial"}


def without_times(text):
    def pruned(value):
        if isinstance(value, list):
            return [pruned(one) for one in value]
        if isinstance(value, dict):
            return {key: pruned(one) for key, one in value.items() if key not in MEASURED}
        return value
    try:
        return pruned(json.loads(text))
    except ValueError:
        return re.sub(r"[\d.:]+ *(ms|s|min|h)?\b", "0", text) if "epoch " in text or "[" in text else text


def name_of(option):
    return option.split("=")[0]


def with_option(command, option):
    short = {"--output": "-o"}.get(name_of(option))
    kept, skip = [], False
    for word in command:
        if skip or name_of(word) == name_of(option):
            skip = False
            continue
        skip = word == short
        if not skip:
            kept.append(word)
    return [*kept, option]


class Options(cli.Scratch):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "grid.ini").write_text(GRID_INI)
        cls.must("sweep", "sweep.ini", "-o", "results.h5", "--sweep.trials=3")
        cls.must("sweep", "grid.ini", "-o", "grid.h5")
        cls.must("sweep", "sweep.ini", "-o", "many.h5")
        (cls.folder / "there.csv").write_text("kept\n")

    def outcome(self, command):
        """What a command says and writes, without what a clock measured; files that it makes are gone afterwards."""
        before = {path: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        result = self.run_program(*command)
        written = {path.name for path in self.folder.iterdir() if path.is_file() and before.get(path) != path.read_bytes()}
        for name in written:
            path = self.folder / name
            path.write_bytes(before[path]) if path in before else path.unlink()
        return result.returncode, without_times(result.stdout), without_times(result.stderr), written

    def test_every_option_of_every_job_is_tried(self):
        for job in sorted(set(USED) | set(REFUSED) | set(TWO_RANKS)):
            text = self.must(*job.split(), "--help")
            own = text[re.search(r"^(options:|  -)", text, re.M).start():].split("\n\n")[0]
            named = set(re.findall(r"^  (?:-\w \[ )?(--[\w-]+)", own, re.M)) - {"--help"}
            tried = {name_of(option) for _, option in USED.get(job, [])} | ELSEWHERE.get(job, set()) | TWO_RANKS.get(job, set())
            self.assertEqual(named - tried, set(), f"options of {job} that nothing tries")
            self.assertEqual(tried - named, set(), f"options that {job} does not have")

    def test_every_job_is_here(self):
        jobs = re.findall(r"^  (\w+) ", self.must("--help"), re.M)
        without = {"dataset", "completion", "seqsweep", "mpirun"}
        self.assertEqual({job for job in jobs if job not in without} - {name.split()[0] for name in USED}, set())

    def test_options_change_what_a_job_does(self):
        for job, probes in USED.items():
            for command, option in probes:
                with self.subTest(job, option=option):
                    self.assertNotEqual(self.outcome(command), self.outcome(with_option(command, option)),
                                        f"{option} of {' '.join(command)} does nothing")

    def test_options_that_do_not_apply_are_refused(self):
        self.assert_mistakes({f"{' '.join(command)}": (command, named)
                              for cases in REFUSED.values() for command, named in cases})


if __name__ == "__main__":
    unittest.main()
