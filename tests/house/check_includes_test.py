#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Leaves out an #include in a small made-up checkout, and expects that to be found."""
import pathlib
import re
import tempfile
import unittest

import check_includes

ROOT = pathlib.Path(__file__).resolve().parents[2]
BROUGHT_ALONG = {"cstddef", "utility"}  # by every other header


class CheckIncludes(unittest.TestCase):
    def findings(self, **texts):
        """Of src/core/a.cpp, with the other files beside it."""
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder, "src/core")
            home.mkdir(parents=True)
            for name, text in texts.items():
                (home / name.replace("_", ".")).write_text(text)
            checkout = check_includes.Checkout(pathlib.Path(folder))
            return list(checkout.findings(home / "a.cpp"))

    def test_a_name_without_its_header_is_found_at_its_line(self):
        self.assertEqual(self.findings(a_cpp="#include <vector>\n\nvoid f(std::vector<int>& a) {\n  std::sort(a);\n}\n"),
                         [(4, "sort is used without #include <algorithm>")])
        self.assertEqual(self.findings(a_cpp='auto a = fmt::format("{}", 1);\n'),
                         [(1, "fmt is used without #include <fmt/format.h>")])
        self.assertEqual(self.findings(a_cpp="\nTEST(A, b) {}\n"), [(2, "TEST is used without #include <gtest/gtest.h>")])

    def test_a_header_of_the_project_brings_what_it_includes(self):
        own, sort = '#include "a.hpp"\n', "void f(int* a) { std::sort(a, a + 2); }\n"
        self.assertEqual(self.findings(a_cpp=own + sort, a_hpp="#include <algorithm>\n"), [])
        self.assertEqual(self.findings(a_cpp=own + sort, a_hpp='#include "b.hpp"\n', b_hpp="#include <algorithm>\n"), [])
        self.assertEqual(len(self.findings(a_cpp=own + sort, a_hpp="#include <vector>\n")), 1)

    def test_comments_and_strings_use_nothing(self):
        self.assertEqual(self.findings(a_cpp='// std::sort\nconst char* a = "std::sort";\nauto b = R"(std::sort)";\n'), [])

    def test_the_names_of_every_precompiled_header_are_known(self):
        texts = (ROOT / "CMakeLists.txt").read_text() + (ROOT / "tests/CMakeLists.txt").read_text()
        lists = re.findall(r"^set\(seqsweep_std_headers[^)]*|^seqsweep_headers[^)]*", texts, re.MULTILINE)
        headers = set(re.findall(r"<([\w./]+)>", " ".join(lists)))
        self.assertIn("gtest/gtest.h", headers)
        self.assertLessEqual(headers - BROUGHT_ALONG, set(check_includes.NAMES))


if __name__ == "__main__":
    unittest.main()
