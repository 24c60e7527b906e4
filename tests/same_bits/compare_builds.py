#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do two builds of the program give the same bits? Runs each sweep of sweeps.py with both and compares all that they write.

  tests/same_bits/compare_builds.py OLD_SEQSWEEP NEW_SEQSWEEP [--only REGEX] [--allow NAME …] [--keep FOLDER]

Compares data sets, results files (all but /timing) and the checkpoints that remain: names, shapes, types, values and
attributes, bit for bit, by h5py and not by the program. Attributes that name the program or explain columns are left out, and
so is what --allow names (a column, a data set or an attribute that the new build adds or renames). Exit code 1 if anything
differs.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy

from sweeps import DATASETS, SWEEPS

PROGRAM = {"format_version", "program_version", "git_revision", "provenance", "created", "columns"}


def run(program, arguments, folder):
    result = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)}: exit code {result.returncode}\n"
                           f"{result.stdout}{result.stderr}")


def same(a, b):
    """Bit for bit: a NaN equals a NaN of the same bits."""
    a, b = numpy.asarray(a), numpy.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and (a.tobytes() == b.tobytes() if a.dtype.kind != "O" else
                                                          a.tolist() == b.tolist())


class Comparison:
    """Collects the differences of pairs of HDF5 files."""

    def __init__(self, allowed):
        self.allowed = PROGRAM | set(allowed)
        self.differences = []

    def note(self, place, what):
        self.differences.append(f"{place}: {what}")

    def names(self, place, a, b):
        """The names on both sides; those on one side alone are differences."""
        for name in sorted(set(a) ^ set(b)):
            if name not in self.allowed:
                self.note(place, f"only the {'old' if name in a else 'new'} build has '{name}'")
        return sorted((set(a) & set(b)) - self.allowed)

    def attributes(self, place, a, b):
        for name in self.names(place, a.attrs, b.attrs):
            if not same(a.attrs[name], b.attrs[name]):
                self.note(place, f"attribute '{name}' was {a.attrs[name]!r:.60} and is {b.attrs[name]!r:.60}")

    def table(self, place, a, b):
        for name in self.names(place, a.dtype.names, b.dtype.names):
            if not same(a[name], b[name]):
                self.note(place, f"column '{name}' differs")

    def node(self, place, a, b):
        self.attributes(place, a, b)
        if isinstance(a, h5py.Group):
            for name in self.names(place, a, b):
                if name != "timing":
                    self.node(f"{place}/{name}", a[name], b[name])
        elif a.dtype.names and b.dtype.names:
            self.table(place, a[()], b[()])
        elif not same(a[()], b[()]):
            self.note(place, "values differ")

    def file(self, name, old, new):
        with h5py.File(old / name) as a, h5py.File(new / name) as b:
            self.node(name, a, b)

    def folder(self, name, old, new):
        """The checkpoints below `name`, which are named alike."""
        files = [{str(path.relative_to(root)) for path in (root / name).rglob("*.h5")} for root in (old, new)]
        for file in self.names(name, *files):
            self.file(file, old, new)


def compare(name, sweep, programs, folders, comparison):
    """One sweep with both builds; gives the number of differences."""
    before = len(comparison.differences)
    for program, folder in zip(programs, folders):
        (folder / f"{name}.ini").write_text(sweep.ini)
        run(program, ["sweep", f"{name}.ini", "-o", f"{name}.h5", "--quiet"], folder)
    comparison.file(f"{name}.h5", *folders)
    comparison.folder(f"{name}.ckpt", *folders)
    return len(comparison.differences) - before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs=2, metavar="SEQSWEEP", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--only", default="", metavar="REGEX", help="only sweeps whose name matches")
    parser.add_argument("--allow", nargs="*", default=[], metavar="NAME", help="names that may be new, gone or different")
    parser.add_argument("--keep", metavar="FOLDER", help="work here and leave the files")
    given = parser.parse_args()
    scratch = None if given.keep else tempfile.TemporaryDirectory(prefix="same-bits-")
    root = pathlib.Path(given.keep or scratch.name).resolve()
    folders = [root / "old", root / "new"]
    comparison = Comparison(given.allow)
    for program, folder in zip(given.programs, folders):
        folder.mkdir(parents=True, exist_ok=True)
        for name, dataset in DATASETS.items():
            dataset.write_inputs(folder)
            run(program, ["dataset", *dataset.arguments, "--force", "-o", f"{name}.h5"], folder)
    for name in DATASETS:
        comparison.file(f"{name}.h5", *folders)
    print(f"{len(DATASETS)} data sets: {len(comparison.differences)} differences")
    for name, sweep in SWEEPS.items():
        if re.search(given.only, name):
            print(f"{name:<28} {compare(name, sweep, given.programs, folders, comparison)} differences", flush=True)
    for difference in comparison.differences:
        print(" ", difference)
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
