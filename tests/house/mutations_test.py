#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of tests/mutations fits the sources as they are, and its reader and rules do what they say. Builds nothing."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "mutations"))

import mutation_rules  # noqa: E402
import mutation_table  # noqa: E402

ENTRY = """# a comment
[one-more]
room: search
file: src/a.cpp
notice: One trial too many.
- if (a < b)
-   return;
+ if (a <= b)
+   return;
"""


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "src").mkdir()

    def read(self, text):
        (self.root / "table.txt").write_text(text)
        return mutation_table.read_table(self.root / "table.txt")

    def findings(self, source):
        (self.root / "src" / "a.cpp").write_text(source)
        return mutation_table.findings(self.read(ENTRY), self.root)

    def test_fits_the_sources(self):
        mutations = mutation_table.read_table(ROOT / "tests" / "mutations" / "mutations.txt")
        self.assertEqual(mutation_table.findings(mutations, ROOT), [])
        self.assertGreater(len(mutations), 100)

    def test_is_read_as_written(self):
        (mutation,) = self.read(ENTRY)
        self.assertEqual((mutation.name, mutation.room, mutation.line), ("one-more", "search", 2))
        self.assertEqual(mutation.old, "if (a < b)\n  return;")
        self.assertEqual(mutation.tests, "^search_test$")
        self.assertEqual(mutation.mutated("f(); if (a < b)\n  return;"), "f(); if (a <= b)\n  return;")

    def test_old_text_has_to_stand_there_once(self):
        self.assertEqual(self.findings("if (a < b)\n  return;\n"), [])
        self.assertIn("stands 0 times", self.findings("if (a <= b)\n  return;\n")[0])
        self.assertIn("stands 2 times", self.findings("if (a < b)\n  return;\n" * 2)[0])

    def test_mistakes_are_told_with_their_line(self):
        for text, expected in [
            ("room: search\n", "table.txt:1: 'room: search' stands before the first [name]"),
            (ENTRY + ENTRY, "table.txt:2: the name 'one-more' is given twice"),
            (ENTRY.replace("notice", "note"), "table.txt:5: 'note: One trial too many.' is neither one of room"),
            (ENTRY.replace("search", "serach"), "table.txt:2: one-more is of an unknown room 'serach'"),
            (ENTRY.replace("notice: One trial too many.\n", ""), "table.txt:2: one-more has no notice"),
            (ENTRY.replace("- ", "+ "), "table.txt:2: one-more has no old text"),
        ]:
            with self.assertRaises(mutation_table.TableError) as caught:
                self.read(text)
            self.assertIn(expected, str(caught.exception))


class Rules(unittest.TestCase):
    def changes(self, text):
        return {text[:begin] + new + text[end:] for _, begin, end, new in mutation_rules.places_in(text)}

    def test_change_code_and_leave_strings_comments_and_includes(self):
        self.assertEqual(self.changes("  if (a < b && c) f(2);\n"),
                         {"  if (a <= b && c) f(2);\n", "  if (a < b || c) f(2);\n", "  if (!(a < b && c)) f(2);\n",
                          "  if (a < b && c) f(3);\n"})
        self.assertEqual(self.changes("#include <a>\n// a < b\n  throw Error(\"a < b\", 2);\n"), set())
        self.assertEqual(self.changes("  const auto text = \"a < 1\";  // 2 + 2\n"), set())

    def test_leave_out_statements_but_no_declarations(self):
        self.assertIn("  ;\n", self.changes("  limits.spend(cost);\n"))
        self.assertNotIn("  ;\n", self.changes("  int epoch = start(first);\n") | self.changes("  return first;\n"))

    def test_of_a_seed_are_the_same_and_differ_from_the_source(self):
        one = mutation_rules.made_by_rule("trial", ROOT, 30, 1)
        self.assertEqual([m.name for m in one], [m.name for m in mutation_rules.made_by_rule("trial", ROOT, 30, 1)])
        self.assertNotEqual([m.name for m in one], [m.name for m in mutation_rules.made_by_rule("trial", ROOT, 30, 2)])
        self.assertEqual(len({m.name for m in one}), 30)
        for mutation in one:
            text = (ROOT / mutation.file).read_text(encoding="utf-8")
            self.assertNotEqual(mutation.mutated(text), text)


if __name__ == "__main__":
    unittest.main()
