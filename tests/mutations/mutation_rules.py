# SPDX-License-Identifier: Apache-2.0
"""Faults made by rule: every place of a room where one of the rules fits, and a random choice among them."""
import pathlib
import random
import re

from mutation_table import Mutation

# (name of the rule, what it looks for, what it puts there). Binary operators stand between blanks (clang-format), so
# that template brackets, references and signs are not taken for them.
RULES = [
    ("less", r" < ", " <= "), ("less-equal", r" <= ", " < "),
    ("greater", r" > ", " >= "), ("greater-equal", r" >= ", " > "),
    ("equal", r" == ", " != "), ("not-equal", r" != ", " == "),
    ("plus", r" \+ ", " - "), ("minus", r" - ", " + "), ("times", r" \* ", " / "), ("over", r" / ", " * "),
    ("add-to", r" \+= ", " -= "), ("take-from", r" -= ", " += "),
    ("and", r" && ", " || "), ("or", r" \|\| ", " && "),
    ("true", r"\btrue\b", "false"), ("false", r"\bfalse\b", "true"),
    ("min", r"\bstd::min\b", "std::max"), ("max", r"\bstd::max\b", "std::min"),
    ("min-element", r"\bmin_element\b", "max_element"), ("max-element", r"\bmax_element\b", "min_element"),
    ("lower-bound", r"\blower_bound\b", "upper_bound"), ("upper-bound", r"\bupper_bound\b", "lower_bound"),
    ("front", r"\.front\(\)", ".back()"), ("back", r"\.back\(\)", ".front()"),
    ("increment", r"(?<![\w+])\+\+(?=\w)", "--"),
]
NUMBER = re.compile(r"(?<![\w.\"'])(?<![eE][-+])(\d{1,4})(?![\w.\"'])")  # whole numbers, not parts of names, reals or literals
STATEMENT = re.compile(r"^\s+(?!return\b|break\b|continue\b|case\b|const\b|auto\b|using\b|throw\b|static\b|else\b|for\b|if\b"
                       r"|while\b|do\b|\w[\w:<>, ]*[&*]? \w+(;| = |\{|\())[\w+\-*(][^{}]*;$")
SKIPPED = re.compile(r"^\s*(#|//|/\*|\*|namespace\b|template\b|static_assert\b|SEQSWEEP_E\w+\(|throw\b|using\b|\[\[nodiscard)"
                     r"|fmt::format|operator")


def code_of(line):
    """The line with strings and comments blanked out, so that columns stay."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', lambda text: '"' + "_" * (len(text[0]) - 2) + '"', line)
    line = re.sub(r"'(?:\\.|[^'\\])'", lambda text: "'_'" if len(text[0]) == 3 else "'__'", line)
    comment = line.find("//")
    return line if comment < 0 else line[:comment].rstrip()


def conditions_in(code):
    """(begin, end) of each condition of an if or a while that ends on its line."""
    for match in re.finditer(r"\b(if|while) \(", code):
        depth = 1
        for end in range(match.end(), len(code)):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            if depth == 0:
                if ";" not in code[match.end() : end] and " = " not in code[match.end() : end]:  # no declarations
                    yield match.end(), end
                break


def places_in(text):
    """(rule, begin, end, new text) of every place in a source file. Offsets are into the file."""
    places, offset = [], 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\n")
        code = code_of(bare)
        if code.strip() and not SKIPPED.search(bare):
            for rule, pattern, new in RULES:
                for match in re.finditer(pattern, code):
                    places.append((rule, offset + match.start(), offset + match.end(), new))
            for begin, end in conditions_in(code):
                places.append(("negate", offset + begin, offset + end, f"!({bare[begin:end]})"))
            for match in NUMBER.finditer(code):
                places.append(("off-by-one", offset + match.start(1), offset + match.end(1), str(int(match[1]) + 1)))
            if STATEMENT.match(code) and code.count("(") == code.count(")"):
                begin = len(code) - len(code.lstrip())
                places.append(("drop", offset + begin, offset + len(code), ";"))
        offset += len(line)
    return places


def sources_of(room, root):
    root = pathlib.Path(root)
    folders = [root / "jobs"] if room == "jobs" else [root / "src" / room]
    return sorted(path for folder in folders for path in folder.rglob("*.cpp"))


class MadeByRule(Mutation):
    """A mutation at a place rather than at a text that stands there once."""

    def at(self, begin, end, new):
        self.begin, self.end, self.replacement = begin, end, new
        return self

    def mutated(self, text):
        return text[: self.begin] + self.replacement + text[self.end :]


def made_by_rule(room, root, count, seed):
    """`count` faults of a room, drawn with a seed: the rules equally often as far as they fit, then places evenly."""
    by_rule = {}
    for path in sources_of(room, root):
        text = path.read_text(encoding="utf-8")
        for rule, begin, end, new in places_in(text):
            by_rule.setdefault(rule, []).append((path.relative_to(root).as_posix(), text, begin, end, new))
    stream = random.Random(f"{seed} {room}")
    for places in by_rule.values():
        stream.shuffle(places)
    chosen = []
    while len(chosen) < count and any(by_rule.values()):
        rule = stream.choice(sorted(rule for rule, places in by_rule.items() if places))
        file, text, begin, end, new = by_rule[rule].pop()
        number = text.count("\n", 0, begin) + 1
        line = text.splitlines()[number - 1]
        column = begin - (text.rfind("\n", 0, begin) + 1)
        after = line[:column] + new + line[column + end - begin :]
        mutation = MadeByRule(name=f"{room}.{rule}.{pathlib.Path(file).stem}-{number}-{column + 1}", room=room,
                              file=file, old=line.strip(), new=after.strip(), notice=f"made by the rule '{rule}'")
        chosen.append(mutation.at(begin, end, new).complete())
    return chosen
