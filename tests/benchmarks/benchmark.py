# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: options, the program, processes that stay alive between rounds, medians, tables.

Speed on a shared machine wanders by tens of per cent within seconds. So everything is measured in rounds that alternate
between the competitors, each ratio is taken within its round, and a figure is the median over rounds with its range.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys

import rival

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # ctest's code for a test that could not run

PACKAGES = {"torch": "python3-torch", "optuna": "python3-optuna", "cmaes": "python3-cmaes"}  # Debian 12
SLOWEST_GEMM_GFLOPS = 15  # the reference BLAS has 2 to 5, OpenBLAS and MKL 50 and more
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def add_program(parser):
    parser.add_argument("--seqsweep", type=pathlib.Path, metavar="PROGRAM",
                        default=os.environ.get("SEQSWEEP", ROOT / "build/release/bin/seqsweep"),
                        help="the program (default: $SEQSWEEP, or that of build/release)")


def parse(text, add_options=None, has_rounds=True):
    """The options of every benchmark, and those that `add_options` adds; `text` is the script's own."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    if has_rounds:
        parser.add_argument("--rounds", type=int, default=5,
                            help="alternations, of which medians are shown (default: 5)")
    parser.add_argument("--quick", action="store_true",
                        help="small shapes and one round: whether it works, not how fast")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of tables")
    add_program(parser)
    if add_options:
        add_options(parser)
    options = parser.parse_args()
    if has_rounds and options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    if has_rounds and options.quick:
        options.rounds = 1
    rival.may_choose()
    if not pathlib.Path(options.seqsweep).is_file():
        parser.error(f"{options.seqsweep} is missing: build seqsweep, or name it with --seqsweep")
    return options


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need_modules(*modules):
    for module in modules:
        if importlib.util.find_spec(module) is None:
            skip(f"{module} is missing for {sys.executable} (Debian package {PACKAGES[module]})")


def need_right_product(module, options):
    """Says what `module` (numpy, torch) multiplies matrices with, and ends where the product is wrong. Gives what rival.py
    found; nothing in quick mode, which compares nothing."""
    if options.quick:
        return {}
    found = run_json([sys.executable, "-B", ROOT / "tests/benchmarks/rival.py", module], cores()[0], ONE_THREAD)
    told = f"{module} {found['version']}, OpenBLAS kernel {found['kernel']}"
    print(f"{told}: {found['gemm_gflops']:.0f} GFLOP/s", file=sys.stderr)
    if found["worst_error"] > 1:
        sys.exit(f"{told}: a product of matrices is wrong, {found['worst_error']:.3g} times what rounding may do: "
                 "nothing is measured against that (another version of OpenBLAS may be right)")
    return found


def need_fast_torch(options):
    """PyTorch on the reference BLAS is several times slower than what its users have: no rival to be proud of."""
    need_modules("torch")
    found = need_right_product("torch", options)
    if found and found["gemm_gflops"] < SLOWEST_GEMM_GFLOPS:
        skip(f"PyTorch {found['version']} multiplies matrices at {found['gemm_gflops']:.1f} GFLOP/s: it runs on the "
             "reference BLAS, and every ratio would flatter us (Debian package libopenblas0-pthread)")
    return found


def cores():
    return sorted(os.sched_getaffinity(0))


def need_cores(count):
    if len(cores()) < count:
        skip(f"{count} cores are needed, this process may use {len(cores())}")


def run_json(command, core=None, env=None):
    """Runs a program, on one core where that is given, and reads its standard output as JSON."""
    pin = None if core is None else lambda: os.sched_setaffinity(0, {core})
    result = subprocess.run([str(word) for word in command], preexec_fn=pin, env=dict(os.environ, **(env or {})),
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def under_mpirun(ranks, command):
    """The command line that starts so many ranks, with what this machine's mpirun needs."""
    script = f'source "{ROOT}/jobs/mpi-env.sh"; prepare_mpi {ranks}; exec mpirun "${{mpi_options[@]}}" "$@"'
    return ["bash", "-c", script, "mpirun", *map(str, command)]


class Server:
    """A process that stays alive between rounds: a line of JSON in, a line of JSON out."""

    def __init__(self, command, core, env=None):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
                                        env=dict(os.environ, **ONE_THREAD, **(env or {})), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{' '.join(self.command)} ended with exit code {self.process.wait()}")
        return json.loads(line)

    def ask(self, request):
        self.send(request)
        return self.receive()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def requests():
    """The server's side: each request as it comes."""
    for line in sys.stdin:
        yield json.loads(line)


def reply(answer):
    print(json.dumps(answer), flush=True)


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def ratios(ours, theirs):
    """Of each round, ours to theirs."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def show_ratio(ratio):
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})"


def show_rate(rate):
    return f"{rate['median']:,.0f}"


def show_share(share):
    return f"{100 * share['median']:.0f} %"


def print_table(title, columns, rows):
    """The first column to the left, the others to the right."""
    widths = [max(len(row[c]) for row in [columns, *rows]) for c in range(len(columns))]
    print(f"\n{title}")
    for row in [columns, *rows]:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip())


def say(text):
    """Progress, for people who wait."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
