# SPDX-License-Identifier: Apache-2.0
"""The table of faults, mutations.txt: what it may hold, how it is read, and whether it still fits the sources."""
import dataclasses
import pathlib
import re

# Of each room: the programs that are built for its tests, and the CTest tests that are run where an entry names none.
ROOMS = {
    "core": (["core_test"], "^core_test$"),
    "h5": (["h5_test"], "^h5_test$"),
    "nn": (["nn_test"], "^nn_test$"),
    "search": (["search_test"], "^search_test$"),
    "data": (["data_test"], "^data_test$"),
    "store": (["store_test"], "^store_test$"),
    "report": (["report_test"], "^report_test$"),
    "trial": (["trial_test"], "^trial_test$"),
    "cluster": (["cluster_test"], "^cluster_test$"),
    "config": (["config_test"], "^config_test$"),
    "jobs": (["seqsweep", "jobs_test"], "^jobs_test$"),
}
KEYS = ("room", "file", "notice", "tests", "targets", "filter")
NEEDED = ("room", "file", "notice")


class TableError(Exception):
    """What is wrong with the table, with file and line."""


@dataclasses.dataclass
class Mutation:
    name: str  # unique; what --only takes
    room: str
    file: str  # from the root of the checkout
    old: str  # stands in the file exactly once
    new: str
    notice: str = ""  # what a user would notice
    tests: str = ""  # a regular expression for ctest -R
    targets: list = dataclasses.field(default_factory=list)  # what ninja builds for them
    filter: str = ""  # of the GoogleTest programs among them: --gtest_filter, to save time; "" runs all
    line: int = 0  # in the table

    def complete(self):
        targets, tests = ROOMS[self.room]
        self.targets = self.targets or targets
        self.tests = self.tests or tests
        return self

    def mutated(self, text):
        return text.replace(self.old, self.new, 1)


def read_table(path):
    """The entries of a table, in their order. Throws TableError where the form is wrong."""
    mutations = []
    for block, first_line in blocks_of(path):
        mutations.append(read_block(block, first_line, path))
    names = [mutation.name for mutation in mutations]
    for mutation in mutations:
        if names.count(mutation.name) > 1:
            raise TableError(f"{path}:{mutation.line}: the name '{mutation.name}' is given twice; rename one")
    return mutations


def blocks_of(path):
    """(lines, number of the first) of what stands between two headings."""
    blocks = []
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or (not line.strip() and (not blocks or not blocks[-1][0])):
            continue
        if line.startswith("["):
            blocks.append(([], number))
        elif not blocks:
            raise TableError(f"{path}:{number}: '{line}' stands before the first [name]; write a name above it")
        blocks[-1][0].append(line)
    return blocks


def read_block(lines, first_line, path):
    def refuse(offset, problem):
        raise TableError(f"{path}:{first_line + offset}: {problem}")

    heading = re.fullmatch(r"\[([\w.-]+)\]", lines[0].strip())
    if not heading:
        refuse(0, f"'{lines[0]}' is no heading; write [name], of letters, digits, '-', '_' and '.'")
    values, texts = {}, {"-": [], "+": []}
    for offset, line in enumerate(lines[1:], 1):
        if not line.strip():
            continue
        if line[:2] in ("- ", "+ ") or line in ("-", "+"):
            texts[line[0]].append(line[2:])
            continue
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS:
            refuse(offset, f"'{line}' is neither one of {', '.join(KEYS)} with a colon nor a line with '- ' or '+ '")
        if key in values:
            refuse(offset, f"{key} is given twice; leave one out")
        values[key] = value.strip()
    for key in NEEDED:
        if not values.get(key):
            refuse(0, f"{heading[1]} has no {key}; every fault needs {', '.join(NEEDED)}")
    if values["room"] not in ROOMS:
        refuse(0, f"{heading[1]} is of an unknown room '{values['room']}' (known: {', '.join(ROOMS)})")
    if not texts["-"]:
        refuse(0, f"{heading[1]} has no old text; write the lines to be replaced after '- '")
    values["targets"] = values.get("targets", "").split()
    return Mutation(name=heading[1], old="\n".join(texts["-"]), new="\n".join(texts["+"]), line=first_line,
                    **values).complete()


def findings(mutations, root):
    """One line for each entry that no longer fits the sources."""
    found = []
    for mutation in mutations:
        source = pathlib.Path(root) / mutation.file
        where = f"mutations.txt:{mutation.line}: {mutation.name}"
        if not source.is_file():
            found.append(f"{where}: there is no {mutation.file}; it moved, or the fault goes")
            continue
        times = source.read_text(encoding="utf-8").count(mutation.old)
        if times != 1:
            found.append(f"{where}: its old text stands {times} times in {mutation.file}, not once; "
                         "take the text as it is now, or more of it")
        if mutation.old == mutation.new:
            found.append(f"{where}: old and new text are the same")
        try:
            re.compile(mutation.tests)
        except re.error as error:
            found.append(f"{where}: tests '{mutation.tests}' is no regular expression ({error})")
    return found
