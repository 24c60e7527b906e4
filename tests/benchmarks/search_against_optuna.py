#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Samplers against Optuna's on test functions: simple regret, in the same number of trials.

Simple regret is the least value of all points tried, without noise, minus the optimum. Both sides are driven alike: so
many trials are in flight, the oldest ends first, and what the sampler then knows is all but what is in flight. Ours run
in `seqsweep bench search`; Optuna runs through ask and tell, in memory, and is told of infinity where training would
diverge. Optuna's rivals are its TPESampler as it comes (default), the same with multivariate=True, group=True (and
constant_liar=True for several in flight) (tpe), and CmaEsSampler (cmaes).

Our tpe meets its tpe, our cmaes its cmaes; our gp and auto meet on each function whichever of Optuna's has the least
median. "wins" is the share of pairs of searches, one of ours and one of theirs, in which ours comes nearer: 50 % is
equality, and 50 seeds on either side leave it uncertain by 6 % (one standard deviation).
  tests/benchmarks/search_against_optuna.py [--functions branin,levy] [--seeds 20] [--in-flight 1]
Optuna needs about an hour of two cores for everything; fewer seeds, functions or budgets take less.
"""
import collections
import json
import math
import multiprocessing
import os
import statistics
import sys
import time

import benchmark

RIVALS = ["default", "tpe", "cmaes"]


def add_options(parser):
    def words(text):
        return text.split(",")

    def numbers(text):
        return [int(word) for word in words(text)]
    parser.add_argument("--functions", type=words, metavar="A,B", help="test functions (default: all)")
    parser.add_argument("--samplers", type=words, metavar="A,B", default=["tpe", "gp", "cmaes", "auto"],
                        help="ours (default: tpe,gp,cmaes,auto)")
    parser.add_argument("--budgets", type=numbers, metavar="N,N", default=[50, 100, 200],
                        help="[trials] (default: 50,100,200)")
    parser.add_argument("--in-flight", type=numbers, metavar="V,V", default=[1, 16], help="trials (default: 1,16)")
    parser.add_argument("--seeds", type=int, default=50, help="searches of each kind (default: 50)")
    parser.add_argument("--processes", type=int, default=len(benchmark.cores()), help="default: one for each core")


def our_figures(options, *extra):
    command = [options.seqsweep, "bench", "search", "--json", "--functions", ",".join(options.functions), *extra]
    return benchmark.run_json(command)


def check_functions(options):
    """Both sides minimise the same functions; gives what ours says of them, by name."""
    from search_functions import FUNCTIONS
    told = {figures["function"]: figures for figures in our_figures(options, "--points", "100")}
    for name, figures in told.items():
        for sample in figures["points"]:
            ours = math.inf if sample["value"] is None else sample["value"]
            theirs = FUNCTIONS[name].value(sample["point"])
            if ours != theirs and not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9):
                sys.exit(f"{name} is {ours} here and {theirs} in Python at {sample['point']}")
    return told


def optuna_sampler(name, in_flight, seed):
    from optuna import samplers
    if name == "cmaes":
        return samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    if name == "tpe":
        return samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=in_flight > 1)
    return samplers.TPESampler(seed=seed)


def search_with_optuna(job):
    """The regret of one search at each budget, and the time of a proposal. [ms]"""
    import warnings

    import numpy as np
    import optuna
    from search_functions import FUNCTIONS
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    function = FUNCTIONS[job["function"]]
    noise = np.random.default_rng(job["seed"])
    study = optuna.create_study(sampler=optuna_sampler(job["rival"], job["in_flight"], job["seed"]))
    running = collections.deque()
    least, regrets, seconds = math.inf, [], 0.0
    for num_trials in range(1, max(job["budgets"]) + 1):
        start = time.perf_counter()
        if len(running) == job["in_flight"]:
            study.tell(*running.popleft())
        trial = study.ask()
        point = function.suggest(trial)
        seconds += time.perf_counter() - start
        value = function.value(point)
        running.append((trial, value + job["noise_sd"] * noise.standard_normal()))
        least = min(least, value)
        if num_trials in job["budgets"]:
            regrets.append(least - job["optimum"])
    return {"job": job, "regrets": regrets, "ms_per_proposal": 1e3 * seconds / max(job["budgets"])}


def search_with_seqsweep(options):
    results = our_figures(options, "--samplers", ",".join(options.samplers), "--seeds", options.seeds,
                          "--budgets", ",".join(map(str, options.budgets)),
                          "--concurrency", ",".join(map(str, options.in_flight)))
    for refusal in results["refusals"]:
        sys.exit(f"{refusal['sampler']} on {refusal['function']}: {refusal['reason']}")
    return results["results"]


class Outcomes:
    """Regrets by seed of each sampler of either side, by function, number in flight and budget."""

    def __init__(self):
        self.regrets = collections.defaultdict(list)
        self.ms = collections.defaultdict(list)

    def add_ours(self, results):
        for r in results:
            self.regrets["ours", r["sampler"], r["function"], r["in_flight"], r["trials"]] = r["regrets"]
            self.ms["ours", r["sampler"], r["in_flight"]].append(r["ms_per_proposal"])

    def add_theirs(self, result):
        job = result["job"]
        self.ms["theirs", job["rival"], job["in_flight"]].append(result["ms_per_proposal"])
        for budget, regret in zip(sorted(job["budgets"]), result["regrets"], strict=True):
            self.regrets["theirs", job["rival"], job["function"], job["in_flight"], budget].append(regret)

    def median(self, side, sampler, *where):
        return statistics.median(self.regrets[side, sampler, *where])

    def rival_of(self, sampler, *where):
        """Its namesake at Optuna, or the best of Optuna's here."""
        return sampler if sampler in RIVALS else min(RIVALS, key=lambda rival: self.median("theirs", rival, *where))

    def duel(self, sampler, *where):
        rival = self.rival_of(sampler, *where)
        ours, theirs = self.regrets["ours", sampler, *where], self.regrets["theirs", rival, *where]
        wins = sum((a < b) + (a == b) / 2 for a in ours for b in theirs) / (len(ours) * len(theirs))
        return {"rival": rival, "is_equal_or_better": statistics.median(ours) <= statistics.median(theirs),
                "wins": wins}


def optuna_jobs(options, told):
    return [{"function": name, "rival": rival, "in_flight": in_flight, "seed": seed, "budgets": options.budgets,
             "optimum": told[name]["optimum"], "noise_sd": told[name]["noise_sd"]}
            for name in options.functions for rival in RIVALS for in_flight in options.in_flight
            for seed in range(1, options.seeds + 1)]


def search_all(options, told):
    outcomes = Outcomes()
    benchmark.say("seqsweep")
    outcomes.add_ours(search_with_seqsweep(options))
    jobs = optuna_jobs(options, told)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for i, result in enumerate(pool.imap_unordered(search_with_optuna, jobs)):
            outcomes.add_theirs(result)
            benchmark.say(f"Optuna: {i + 1} of {len(jobs)} searches")
    benchmark.say("")
    return outcomes


def comparison(options, outcomes, in_flight, budget):
    """One table: regrets by function, and how often ours are at least equal."""
    functions = {}
    for name in options.functions:
        where = (name, in_flight, budget)
        functions[name] = {"seqsweep": {s: outcomes.median("ours", s, *where) for s in options.samplers},
                           "optuna": {r: outcomes.median("theirs", r, *where) for r in RIVALS},
                           "duels": {s: outcomes.duel(s, *where) for s in options.samplers}}
    verdicts = {}
    for sampler in options.samplers:
        duels = [figures["duels"][sampler] for figures in functions.values()]
        verdicts[sampler] = {"equal_or_better": sum(duel["is_equal_or_better"] for duel in duels),
                             "of": len(duels), "wins": statistics.mean(duel["wins"] for duel in duels)}
    return {"in_flight": in_flight, "trials": budget, "functions": functions, "verdicts": verdicts}


def show(table, samplers):
    rows = [[name, *(f"{f['seqsweep'][s]:.2g}" for s in samplers), *(f"{f['optuna'][r]:.2g}" for r in RIVALS),
             *(f"{100 * f['duels'][s]['wins']:.0f} %" for s in samplers)] for name, f in table["functions"].items()]
    benchmark.print_table(f"Median simple regret after {table['trials']} trials, {table['in_flight']} in flight",
                          ["", *samplers, *(f"Optuna {r}" for r in RIVALS), *(f"{s} wins" for s in samplers)], rows)
    for sampler, verdict in table["verdicts"].items():
        rival = f"Optuna's {sampler}" if sampler in RIVALS else "Optuna's best"
        print(f"  {sampler} is at least equal to {rival} on {verdict['equal_or_better']} of {verdict['of']}, "
              f"and wins {100 * verdict['wins']:.0f} % of pairs")


def show_times(times):
    rows = [[row["sampler"], str(row["in_flight"]), f"{row['ms']:.3g}"] for row in times]
    benchmark.print_table("Milliseconds per proposal, mean", ["", "in flight", "ms"], rows)


def main():
    options = benchmark.parse(__doc__, add_options, has_rounds=False)
    benchmark.need_modules("optuna", "cmaes")
    os.environ.update(benchmark.ONE_THREAD)
    benchmark.need_right_product("numpy", options)
    if options.quick:
        options.functions, options.seeds, options.budgets = ["branin", "conditional"], 2, [12, 20]
    if not options.functions:
        from search_functions import FUNCTIONS
        options.functions = list(FUNCTIONS)
    options.budgets.sort()
    outcomes = search_all(options, check_functions(options))
    tables = [comparison(options, outcomes, in_flight, budget)
              for in_flight in options.in_flight for budget in options.budgets]
    times = [{"sampler": f"{'seqsweep' if side == 'ours' else 'Optuna'} {sampler}", "in_flight": in_flight,
              "ms": statistics.mean(ms)} for (side, sampler, in_flight), ms in outcomes.ms.items()]
    if options.json:
        print(json.dumps({"seeds": options.seeds, "tables": tables, "times": times}, indent=2))
        return
    for table in tables:
        show(table, options.samplers)
    show_times(times)


if __name__ == "__main__":
    main()
