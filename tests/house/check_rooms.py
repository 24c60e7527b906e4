#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of rooms, enforced: reads the #include lines and a few other habits of the house.

    tests/house/check_rooms.py [ROOT]

Prints one line per finding, "file:line: what is wrong", and exits 1 where there is any. Warnings do not count.
"""
import pathlib
import re
import sys

# The table of rooms: which rooms a room may include, besides itself.
ROOMS = {
    "core": set(),
    "h5": {"core"},
    "nn": {"core"},
    "search": {"core"},
    "data": {"core", "h5"},
    "store": {"core", "h5", "nn", "search"},
    "report": {"core", "h5", "nn", "search", "store"},
    "trial": {"core", "nn", "data", "store", "search"},  # search: what store's records are made of
    "cluster": {"core", "search", "store", "trial"},
    "config": {"core", "search", "nn", "trial", "data"},  # the headers that hold options
}
ROOMS["jobs"] = set(ROOMS)

# Foreign headers: by their first characters, the rooms that may include them, and whether public headers may.
FOREIGN = [
    ("mpi.h", {"cluster"}),
    ("hdf5", {"h5"}),
    ("H5", {"h5"}),
    ("boost/program_options", {"config", "jobs"}),
    ("boost/", {"config"}),
    ("Eigen/", {"nn", "search"}),
    ("unsupported/Eigen/", {"nn", "search"}),
    ("hwy/", {"nn"}),
    ("nlopt.h", {"search"}),
    ("immintrin.h", {"nn"}),
    ("Random123/", {"core"}),
    ("xxhash.h", {"core"}),
    ("spdlog/", {"core"}),
    ("zlib.h", {"data"}),
    ("unicode/", {"data"}),
    ("onnx/", {"report"}),
    ("zip.h", {"report"}),
    ("nlohmann/", {"jobs", "report", "trial"}),
    ("fmt/", set(ROOMS)),
]
EXCEPTIONS = {  # (file, first characters of the header)
    ("src/search/samplers/sobol.cpp", "boost/random"),
    ("jobs/comparison.cpp", "boost/math"),
    ("include/seqsweep/report/records_json.hpp", "nlohmann/"),  # JSON is what it is about
}
LEADERS = {"include/seqsweep/trial/group.hpp"}  # says once who leads a group; everybody else asks is_leader()
OPERATING_SYSTEM = re.compile(r"^(sys/.*|unistd|fcntl|signal|sched|dirent|pthread|dlfcn|netdb|arpa/.*|netinet/.*|cpuid)\.h$"
                              r"|^(sys|arpa|netinet)/")
NO_OPERATING_SYSTEM = {"nn", "report", "search"}  # they know neither files nor processes

SOURCE_SUFFIXES = {".cpp", ".hpp", ".c", ".h", ".in"}
SCRIPT_SUFFIXES = {".py", ".sh", ".cmake", ".sbatch"}
TEXT_SUFFIXES = SOURCE_SUFFIXES | SCRIPT_SUFFIXES | {".ini", ".md", ".json", ".txt", ".yml", ".yaml", ""}
FOLDERS = ["src", "include", "jobs", "configs", "tests", "slurm", ".ci"]
MOST_LINES, MANY_LINES = 400, 350

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
RANK_ZERO = re.compile(r"\brank_?(\(\))?\s*[=!]=\s*0\b|\b0\s*[=!]=\s*(\w+\.)?rank")
MACHINE_PATHS = re.compile("|".join(["/" + "work/", "/" + r"work\b(?!\w)", "/tmp/" + "b-", "/" + "home/", "/" + "root/"]))
ROOM_LINK = re.compile(r"seqsweep::(\w+)")


def room_of(path):
    """The room a file belongs to, or None (tests, top level)."""
    parts = path.parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ("include", "seqsweep") and len(parts) > 3:
        return parts[2]
    return "jobs" if parts[0] == "jobs" else None


def project_files(root):
    """Every text file of the project, relative to its root."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            hidden = "__pycache__" in path.parts or path.suffix == ".pyc"
            if path.is_file() and not hidden and (path.suffix in TEXT_SUFFIXES):
                yield path.relative_to(root)
    for path in sorted(root.iterdir()):
        if path.is_file() and path.suffix in TEXT_SUFFIXES | {".md"}:
            yield path.relative_to(root)


def foreign_finding(path, room, header):
    """Why `header` may not be included by this file of `room`, or None. `room` is None in tests."""
    for prefix, rooms in FOREIGN:
        if not header.startswith(prefix):
            continue
        if any(str(path) == file and header.startswith(start) for file, start in EXCEPTIONS):
            return None
        tested = path.parts[1] if path.parts[0] == "tests" and len(path.parts) > 2 else room
        if room is None and prefix in ("nlohmann/", "fmt/"):
            return None
        if tested not in rooms:
            return f"<{header}> belongs to {', '.join(sorted(rooms))} only"
        if path.parts[0] == "include":
            return f"<{header}> in a public header: foreign headers stay in .cpp files and private headers"
        return None
    if OPERATING_SYSTEM.match(header) and room in NO_OPERATING_SYSTEM:
        return f"<{header}>: {room} knows neither files nor processes"
    if room is not None and "/" in header and not header.startswith("ext/") and not OPERATING_SYSTEM.match(header):
        return f"<{header}> is no header that the table of rooms knows"
    return None


def include_findings(root, path, room, lines):
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        if quote == "<":
            finding = foreign_finding(path, room, header)
            if header.startswith("seqsweep/"):
                finding = f"write #include \"{header}\""
            if finding:
                yield number, finding
        elif header.startswith("seqsweep/"):
            other = header.split("/")[1]
            if not (root / "include" / header).is_file():
                yield number, f"\"{header}\" does not exist"
            elif room in ROOMS and other != room and other not in ROOMS[room]:
                allowed = ", ".join(sorted(ROOMS[room])) or "nothing"
                yield number, f"{room} may not include {other} (it may include: {allowed})"
        elif room is not None and not is_private_header(root, path, room, header):
            yield number, f"\"{header}\" is no private header of {room}"


def is_private_header(root, path, room, header):
    """Whether `header`, sought beside the file, in its room's folder and in src/, is a file of the same room."""
    home = (root / "jobs" if room == "jobs" else root / path.parts[0] / room).resolve()
    found = ((folder / header).resolve() for folder in ((root / path).parent, home, root / "src"))
    return any(file.is_file() and home in file.parents for file in found)


def link_findings(path, room, lines):
    for number, line in enumerate(lines, 1):
        for other in ROOM_LINK.findall(line.split("#")[0]):
            if other in ROOMS and other != room and other not in ROOMS[room]:
                yield number, f"{room} may not link {other}"


def needs_licence(path, lines):
    is_script = bool(lines) and lines[0].startswith("#!")
    is_cmake = path.name == "CMakeLists.txt"
    return path.suffix in SOURCE_SUFFIXES | SCRIPT_SUFFIXES or is_script or is_cmake


def file_findings(root, path):
    """(line, text) for each finding in one file; a negative line is a warning."""
    lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
    room = room_of(path)
    is_code = path.suffix in SOURCE_SUFFIXES
    if needs_licence(path, lines):
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:2]):
            yield 1, "the line 'SPDX-License-Identifier: Apache-2.0' is missing at the top"
        if len(lines) > MOST_LINES:
            yield len(lines), f"{len(lines)} lines, more than {MOST_LINES}: split the file"
        elif len(lines) > MANY_LINES:
            yield -len(lines), f"{len(lines)} lines, more than {MANY_LINES}: think of splitting the file"
    if is_code:
        yield from include_findings(root, path, room, lines)
    if path.suffix == ".hpp" and not path.stem.endswith("-inl") and not any(line.strip() == "#pragma once" for line in lines[:5]):
        yield 1, "'#pragma once' is missing at the top"
    if room in ROOMS and path.name == "CMakeLists.txt":
        yield from link_findings(path, room, lines)
    for number, line in enumerate(lines, 1):
        may_know_ranks = room in ("cluster", "jobs", None) or str(path) in LEADERS
        if is_code and not may_know_ranks and RANK_ZERO.search(line.split("//")[0]):
            yield number, "who is rank 0 is known to cluster and jobs only"
        if MACHINE_PATHS.search(line):
            yield number, "an absolute path of one machine"


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2]).resolve()
    if not (root / "CMakeLists.txt").is_file():
        print(f"{root}: no checkout of seqsweep (it has no CMakeLists.txt)", file=sys.stderr)
        return 2
    num_findings = num_files = 0
    for path in project_files(root):
        num_files += 1
        for line, text in file_findings(root, path):
            num_findings += line > 0
            print(f"{path}:{abs(line)}: {'warning: ' if line < 0 else ''}{text}")
    print(f"{num_files} files, {num_findings} findings")
    return 1 if num_findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
