#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks each rule of check_rooms.py once, in a small made-up checkout, and expects it to be found."""
import pathlib
import tempfile
import unittest

import check_rooms

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"


class CheckRooms(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for room in check_rooms.ROOMS:
            self.write(f"include/seqsweep/{room}/some.hpp", LICENCE + "#pragma once\n#include <vector>\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def findings(self, path, text):
        self.write(path, text)
        return [finding for line, finding in check_rooms.file_findings(self.root, pathlib.Path(path)) if line > 0]

    def assert_found(self, path, text, expected):
        findings = self.findings(path, LICENCE + text)
        self.assertEqual(len(findings), 1, findings)
        self.assertIn(expected, findings[0])

    def assert_fine(self, path, text):
        self.assertEqual(self.findings(path, LICENCE + text), [])

    def test_rooms_above_are_refused(self):
        self.assert_found("src/nn/a.cpp", '#include "seqsweep/search/some.hpp"\n', "nn may not include search")
        self.assert_found("include/seqsweep/core/a.hpp", '#pragma once\n#include "seqsweep/h5/some.hpp"\n', "nothing")
        self.assert_fine("src/store/a.cpp", '#include "seqsweep/search/some.hpp"\n#include "seqsweep/store/some.hpp"\n')
        self.assert_fine("jobs/a.cpp", '#include "seqsweep/cluster/some.hpp"\n')

    def test_links_follow_the_same_table(self):
        self.assert_found("src/data/CMakeLists.txt", "seqsweep_room(data PUBLIC seqsweep::nn)\n", "data may not link nn")
        self.assert_fine("src/data/CMakeLists.txt", "seqsweep_room(data PUBLIC seqsweep::h5)  # not seqsweep::nn\n")

    def test_foreign_headers_stay_in_their_rooms(self):
        for header, home in [("mpi.h", "cluster"), ("hdf5.h", "h5"), ("boost/program_options.hpp", "config"),
                             ("Eigen/Core", "nn"), ("Random123/philox.h", "core"), ("spdlog/spdlog.h", "core"),
                             ("zlib.h", "data"), ("unicode/uchar.h", "data"), ("xxhash.h", "core"),
                             ("nlohmann/json.hpp", "jobs")]:
            with self.subTest(header):
                self.assert_found("src/store/a.cpp", f"#include <{header}>\n", f"<{header}> belongs to")
                folder = "jobs" if home == "jobs" else f"src/{home}"
                self.assert_fine(f"{folder}/a.cpp", f"#include <{header}>\n")

    def test_mpi_and_hdf5_are_refused_in_tests_of_other_rooms(self):
        self.assert_found("tests/store/a_test.cpp", "#include <hdf5.h>\n", "belongs to h5")
        self.assert_fine("tests/cluster/a_test.cpp", "#include <mpi.h>\n#include <gtest/gtest.h>\n")

    def test_sobol_is_the_one_exception_for_boost(self):
        self.assert_fine("src/search/samplers/sobol.cpp", "#include <boost/random/sobol.hpp>\n")
        self.assert_found("src/search/samplers/tpe.cpp", "#include <boost/random/sobol.hpp>\n", "belongs to config")

    def test_public_headers_hold_no_foreign_headers(self):
        self.assert_found("include/seqsweep/h5/a.hpp", "#pragma once\n#include <hdf5.h>\n", "public header")
        self.assert_found("include/seqsweep/core/a.hpp", "#pragma once\n#include <fmt/format.h>\n", "public header")

    def test_unknown_foreign_headers_are_refused(self):
        self.assert_found("src/store/a.cpp", "#include <absl/strings/str_cat.h>\n", "no header that the table")
        self.assert_fine("src/store/a.cpp", "#include <sys/stat.h>\n#include <unistd.h>\n")
        self.assert_found("src/search/a.cpp", "#include <unistd.h>\n", "neither files nor processes")

    def test_private_headers_are_those_of_the_room(self):
        self.write("src/nn/cells/cell.hpp", LICENCE + "#pragma once\n")
        self.assert_fine("src/nn/layers/a.cpp", '#include "cells/cell.hpp"\n')
        self.assert_found("src/data/a.cpp", '#include "cells/cell.hpp"\n', "no private header of data")
        self.assert_fine("src/nn/layers/a.cpp", '#include "nn/cells/cell.hpp"\n#include "../cells/cell.hpp"\n')
        self.assert_found("src/data/a.cpp", '#include "nn/cells/cell.hpp"\n', "no private header of data")
        self.assert_found("src/data/a.cpp", '#include "../nn/cells/cell.hpp"\n', "no private header of data")

    def test_rank_zero_is_for_cluster_and_jobs(self):
        self.assert_found("src/trial/a.cpp", "if (rank == 0) save();\n", "rank 0")
        self.assert_found("src/store/a.cpp", "if (group.rank() == 0) save();\n", "rank 0")
        self.assert_fine("src/cluster/a.cpp", "if (rank == 0) save();\n")
        self.assert_fine("src/trial/a.cpp", "int rank;  // rank == 0 leads\n")

    def test_licence_length_and_pragma_are_checked(self):
        self.assertIn("SPDX", self.findings("src/nn/a.cpp", "int a;\n")[0])
        self.assertIn("SPDX", self.findings("slurm/start", "#!/bin/bash\ntrue\n")[0])
        self.assert_found("src/nn/a.cpp", "\n" * check_rooms.MOST_LINES, "split the file")
        self.assert_found("src/nn/a.hpp", "int a;\n", "#pragma once")

    def test_paths_of_one_machine_are_refused(self):
        for folder in ["/" + "work/shared", "/tmp/" + "b-nn", "/" + "home/me"]:
            self.assert_found("tests/nn/a_test.cpp", f'const char* path = "{folder}/x";\n', "absolute path")
        self.assert_fine("tests/nn/a_test.cpp", 'const char* path = "configs/quickstart.ini";  // 2 /workers\n')


if __name__ == "__main__":
    unittest.main()
