#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The training step of seqsweep against PyTorch's and oneDNN's on one core, float32, the same mathematics.

  pytorch  seqsweep with one shard, its share of the core's peak, and the ratio to PyTorch (one thread, time-major,
           Adam) and, where tests/benchmarks was built with oneDNN, to its RNN primitives in one direction (which do
           less: no head, no loss, no embedding)
  shards   what the default number of shards costs against one shard
  lengths  real time steps per second with lengths uniform in 10 … 100, against equal lengths of 100

Rounds alternate between the competitors in one run; PyTorch and oneDNN stay alive between rounds.
  tests/benchmarks/engine_against_pytorch.py [--parts pytorch,shards,lengths] [--only lstm] [--rounds 5] [--tuned]
"""
import json
import pathlib
import sys

import benchmark
import shapes

FOLDER = pathlib.Path(__file__).resolve().parent
PARTS = ["pytorch", "shards", "lengths"]
LONGEST_SAMPLE_S = 0.3
# The allocator gives memory back after every small step unless told not to.
TUNED_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "1073741824"}


def add_options(parser):
    parser.add_argument("--parts", default=",".join(PARTS), help="which tables, with commas (default: all)")
    parser.add_argument("--only", default="", metavar="TEXT", help="shapes whose name holds this text: 'lstm', 'H=32'")
    parser.add_argument("--tuned", action="store_true",
                        help="PyTorch with its foreach Adam and large malloc thresholds")
    parser.add_argument("--onednn", type=pathlib.Path, metavar="PROGRAM",
                        help="engine_against_onednn (default: beside seqsweep, where it was built)")


def against_pytorch(options, chosen, seconds):
    core = benchmark.cores()[0]
    onednn_path = options.onednn or pathlib.Path(options.seqsweep).parent / "engine_against_onednn"
    onednn = benchmark.Server([onednn_path], core) if onednn_path.is_file() else None
    results = []
    for shape in chosen:
        # A process of its own for each shape: the allocator of one that has trained a larger network is warm.
        pytorch = benchmark.Server([sys.executable, "-B", FOLDER / "torch_training.py"], core,
                                   TUNED_MALLOC if options.tuned else None)
        ours, shares, peaks, theirs, primitives = [], [], [], [], []
        for r in range(options.rounds):
            benchmark.say(f"{shapes.name_of(shape)}, round {r + 1} of {options.rounds}")
            request = {"shape": shape, "seconds": seconds, "foreach": options.tuned or None}
            theirs.append(pytorch.ask(request)["sequences_per_s"])
            measured = shapes.measure(options.seqsweep, shape, core)
            ours.append(measured["sequences_per_s"])
            shares.append(measured["share_of_peak"])
            peaks.append(measured["peak_gflops"])
            if onednn and not shape["bidirectional"]:
                primitives.append(onednn.ask({**shape, "seconds": seconds})["sequences_per_s"])
        pytorch.close()
        result = {"name": shapes.name_of(shape), "shape": shape, "sequences_per_s": benchmark.spread(ours),
                  "share_of_peak": benchmark.spread(shares), "peak_gflops": benchmark.spread(peaks),
                  "pytorch_sequences_per_s": benchmark.spread(theirs),
                  "ratio_to_pytorch": benchmark.ratios(ours, theirs)}
        if primitives:
            result["onednn_sequences_per_s"] = benchmark.spread(primitives)
            result["ratio_to_onednn"] = benchmark.ratios(ours, primitives)
        results.append(result)
    if onednn:
        onednn.close()
    elif not options.json:
        print(f"oneDNN is left out: {onednn_path} is missing (README.md here says how to build it)")
    return results


def show_pytorch(results):
    columns = ["one shard", "seq/s", "of peak", "PyTorch", "× PyTorch (range)"]
    rows = [[r["name"], benchmark.show_rate(r["sequences_per_s"]), benchmark.show_share(r["share_of_peak"]),
             benchmark.show_rate(r["pytorch_sequences_per_s"]), benchmark.show_ratio(r["ratio_to_pytorch"])]
            for r in results]
    if any("ratio_to_onednn" in r for r in results):
        columns += ["oneDNN", "× oneDNN (range)"]
        for row, r in zip(rows, results):
            if "ratio_to_onednn" in r:
                row += [benchmark.show_rate(r["onednn_sequences_per_s"]), benchmark.show_ratio(r["ratio_to_onednn"])]
            else:
                row += ["–", "–"]
    benchmark.print_table("Training step, sequences per second", columns, rows)


def compare(options, chosen, key, measures):
    """The ratio of the first to the second way of measuring each shape, in rounds that alternate."""
    core = benchmark.cores()[0]
    results = []
    for shape in chosen:
        rates = ([], [])
        for r in range(options.rounds):
            benchmark.say(f"{shapes.name_of(shape)}, round {r + 1} of {options.rounds}")
            for rate, measure in zip(rates, measures):
                rate.append(measure(shape, core)[key])
        results.append({"name": shapes.name_of(shape), "shape": shape, key: benchmark.spread(rates[0]),
                        f"reference_{key}": benchmark.spread(rates[1]), "ratio": benchmark.ratios(*rates)})
    return results


def default_shards(options, chosen):
    return compare(options, chosen, "sequences_per_s",
                   [lambda shape, core: shapes.measure(options.seqsweep, shape, core, shards=0),
                    lambda shape, core: shapes.measure(options.seqsweep, shape, core, shards=1)])


def unequal_lengths(options, chosen):
    def unequal(shape, core):
        return shapes.measure(options.seqsweep, {**shape, "min_steps": max(1, shape["steps"] // 10)}, core)
    return compare(options, chosen, "time_steps_per_s",
                   [unequal, lambda shape, core: shapes.measure(options.seqsweep, shape, core)])


def show_compared(title, first, second, key, results):
    rows = [[r["name"], benchmark.show_rate(r[key]), benchmark.show_rate(r[f"reference_{key}"]),
             benchmark.show_ratio(r["ratio"])] for r in results]
    benchmark.print_table(title, ["", first, second, "ratio (range)"], rows)


def main():
    options = benchmark.parse(__doc__, add_options)
    parts = options.parts.split(",")
    if not set(parts) <= set(PARTS):
        sys.exit(f"--parts takes some of {','.join(PARTS)}, not {options.parts}")
    seconds = 0.02 if options.quick else LONGEST_SAMPLE_S
    grid = shapes.quick() if options.quick else shapes.grid()
    others = [] if options.quick else (shapes.bidirectional_models() + shapes.embedding_models() +
                                       shapes.character_models())

    def chosen(candidates):
        return [shape for shape in candidates if options.only in shapes.name_of(shape)]

    results = {}
    if "pytorch" in parts:
        results["torch"] = benchmark.need_fast_torch(options)
        results["pytorch"] = against_pytorch(options, chosen(grid + others), seconds)
    if "shards" in parts:
        results["shards"] = default_shards(options, chosen(grid + others))
    if "lengths" in parts:
        results["lengths"] = unequal_lengths(options, chosen(grid))
    benchmark.say("")
    if options.json:
        print(json.dumps(results, indent=2))
        return
    if "pytorch" in parts:
        show_pytorch(results["pytorch"])
    if "shards" in parts:
        show_compared("What the default number of shards costs, sequences per second", "default", "one shard",
                      "sequences_per_s", results["shards"])
    if "lengths" in parts:
        show_compared("Unequal lengths, real time steps per second", "10–100 %", "equal", "time_steps_per_s",
                      results["lengths"])


if __name__ == "__main__":
    main()
