#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two ranks that train one network, against two that train one each, and against PyTorch's DDP over gloo.

LSTM H = 256 and 32, 64 sequences a rank, T = 100, I = 8, one core and one thread a rank. Sequences per second of both
ranks together; rounds alternate. "of two alone" is what data parallelism leaves of two independent processes.
  tests/benchmarks/data_parallel.py [--rounds 5]
"""
import json
import os
import socket
import sys

import benchmark
import shapes

RANKS = 2
BATCH_PER_RANK = 64
SAMPLE_S = 0.5


def ours(program, shape, is_alone):
    """One round under mpirun; the batch of ranks that train together is that of all."""
    batch = shape["batch"] * (1 if is_alone else RANKS)
    command = [program, "bench", "engine", *shapes.options_of({**shape, "batch": batch}), "--rounds", 1, "--json"]
    return benchmark.run_json(benchmark.under_mpirun(RANKS, command + (["--alone"] if is_alone else [])))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TorchRanks:
    """Two processes of PyTorch, one gloo group, alive between rounds."""

    def __init__(self):
        env = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "GLOO_SOCKET_IFNAME": "lo"}
        self.ranks = [benchmark.Server([sys.executable, "-B", __file__, "--torch-rank", rank], core, env)
                      for rank, core in enumerate(benchmark.cores()[:RANKS])]

    def rate(self, shape, is_alone, seconds):
        for rank in self.ranks:
            rank.send({"shape": shape, "alone": is_alone, "seconds": seconds})
        return sum(rank.receive()["sequences_per_s"] for rank in self.ranks)

    def close(self):
        for rank in self.ranks:
            rank.close()


def torch_rank(rank):
    """The server's side: both ways of training a shape are kept."""
    import torch
    import torch_training
    from torch import distributed
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=RANKS)
    shape, trainings = None, {}
    for request in benchmark.requests():
        if request["shape"] != shape:
            shape, trainings = request["shape"], {}
        if request["alone"] not in trainings:
            wrap = (lambda model: model) if request["alone"] else torch.nn.parallel.DistributedDataParallel
            trainings[request["alone"]] = torch_training.Training(shape, wrap=wrap)
        training = trainings[request["alone"]]
        # Both take the same number of steps, at the same time.
        pace = torch.tensor([training.rate_over(2) / shape["batch"]])
        distributed.all_reduce(pace)
        num_steps = max(1, round(request["seconds"] * pace.item() / RANKS))
        benchmark.reply({"sequences_per_s": training.rate_over(num_steps)})


def measure(options, shape, torch_ranks, seconds):
    rates = {"together": [], "alone": [], "ddp": [], "torch_alone": []}
    reduce_shares = []
    for r in range(options.rounds):
        benchmark.say(f"{shapes.name_of(shape)}, round {r + 1} of {options.rounds}")
        rates["alone"].append(ours(options.seqsweep, shape, is_alone=True)["sequences_per_s"])
        together = ours(options.seqsweep, shape, is_alone=False)
        rates["together"].append(together["sequences_per_s"])
        reduce_shares.append(together["reduce_share"])
        rates["ddp"].append(torch_ranks.rate(shape, False, seconds))
        rates["torch_alone"].append(torch_ranks.rate(shape, True, seconds))
    return {"name": shapes.name_of(shape), "shape": shape, "ranks": RANKS,
            "sequences_per_s": benchmark.spread(rates["together"]),
            "alone_sequences_per_s": benchmark.spread(rates["alone"]),
            "ddp_sequences_per_s": benchmark.spread(rates["ddp"]),
            "reduce_share": benchmark.spread(reduce_shares),
            "of_two_alone": benchmark.ratios(rates["together"], rates["alone"]),
            "ddp_of_two_alone": benchmark.ratios(rates["ddp"], rates["torch_alone"]),
            "ratio_to_ddp": benchmark.ratios(rates["together"], rates["ddp"])}


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--torch-rank":
        torch_rank(int(sys.argv[2]))
        return
    options = benchmark.parse(__doc__)
    benchmark.need_fast_torch(options)
    benchmark.need_cores(RANKS)
    os.environ.update(benchmark.ONE_THREAD)
    chosen = [shapes.shape("lstm", hidden, batch=BATCH_PER_RANK) for hidden in (256, 32)]
    if options.quick:
        chosen = [shapes.shape("lstm", 16, batch=16, steps=10)]
    torch_ranks = TorchRanks()
    results = [measure(options, shape, torch_ranks, 0.05 if options.quick else SAMPLE_S) for shape in chosen]
    torch_ranks.close()
    benchmark.say("")
    if options.json:
        print(json.dumps(results, indent=2))
        return
    rows = [[r["name"], benchmark.show_rate(r["sequences_per_s"]), benchmark.show_ratio(r["of_two_alone"]),
             benchmark.show_share(r["reduce_share"]), benchmark.show_rate(r["ddp_sequences_per_s"]),
             benchmark.show_ratio(r["ddp_of_two_alone"]), benchmark.show_ratio(r["ratio_to_ddp"])] for r in results]
    benchmark.print_table(f"{RANKS} ranks together, sequences per second",
                          ["", "seqsweep", "of two alone", "reducing", "PyTorch DDP", "of two alone", "× DDP (range)"],
                          rows)


if __name__ == "__main__":
    main()
