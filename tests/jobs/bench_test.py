#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seqsweep bench engine` and `bench coordinator`: figures that can be; what a user gets wrong."""
import json
import math
import pathlib
import unittest

import cli

SMALL = ["bench", "engine", "--hidden=16", "--batch=4", "--steps=5", "--rounds=1"]


def small(*options):
    """The small shape with some options in place of its own."""
    names = {option.split("=")[0] for option in options}
    return [word for word in SMALL if word.split("=")[0] not in names] + list(options)


SHAPES = {
    "rnn": ["--cell", "rnn", "--activation", "relu"],
    "gru, two layers, both ways": ["--cell", "gru", "--layers", "2", "--bidirectional"],
    "tokens": ["--vocabulary", "20", "--embedding", "8"],
    "tokens at every step": ["--vocabulary", "20", "--embedding", "8", "--per-step", "--shards", "2"],
    "unequal lengths": ["--min-steps", "2", "--outputs", "3", "--optimizer", "sgd"],
}
MISTAKES = {
    "option twice": ([*SMALL, "--batch=3"], "more than once"),
    "unknown benchmark": (["bench", "engin"], "engine"),
    "no benchmark": (["bench"], "bench --help"),
    "unknown option": (small("--hiden=3"), "--hidden"),
    "no number": (small("--layers=two"), "two"),
    "no units": (small("--hidden=0"), "--hidden 0"),
    "three shards": (small("--shards=3"), "power of two"),
    "no rounds": (small("--rounds=0"), "--rounds 0"),
    "shortest longer than longest": (small("--min-steps=6"), "--min-steps 6"),
    "tokens with features": (small("--vocabulary=9", "--input=3"), "--input"),
    "unknown cell": (small("--cell=lsmt"), "lstm"),
    "unknown optimizer": (small("--optimizer=adma"), "adam"),
    "unknown instruction set": (small("--isa=avx1024"), "avx2"),
}


class BenchEngine(cli.Scratch):
    def figures(self, *options, ranks=0):
        return json.loads(self.must(*small("--json", *options), ranks=ranks))

    def assert_sane(self, figures):
        for key in ("sequences_per_s", "gflops", "peak_gflops", "share_of_peak", "ms_per_step", "bytes_per_rank"):
            self.assertTrue(math.isfinite(figures[key]) and figures[key] > 0, f"{key} is {figures[key]}")
        self.assertLess(figures["share_of_peak"], 1.2, "no kernel is faster than the peak")

    def test_one_shape_is_one_object_whose_figures_agree(self):
        figures = self.figures()
        self.assert_sane(figures)
        self.assertEqual(figures["shape"]["hidden"], 16)
        self.assertAlmostEqual(figures["share_of_peak"] * figures["peak_gflops"] / figures["gflops"], 1, places=3)
        self.assertAlmostEqual(figures["time_steps_per_s"] / figures["sequences_per_s"], 5, places=3)
        self.assertAlmostEqual(figures["ms_per_step"] * figures["sequences_per_s"] / 4000, 1, places=3)
        # Two operations per multiply-add: x and h into 4·16 gates, forward and for the weights' gradient; h's gradient;
        # and the head three times.
        per_step = 2 * (2 * 64 * (8 + 16) + 64 * 16)
        per_sequence = 1e9 * figures["gflops"] / figures["sequences_per_s"]
        self.assertAlmostEqual(per_sequence / (5 * per_step + 6 * 16), 1, places=3)

    def test_every_kind_of_shape_is_measured(self):
        for name, options in SHAPES.items():
            with self.subTest(name):
                self.assert_sane(self.figures(*options))

    def test_text_names_the_shape(self):
        self.assertIn("lstm H=16, I=8, B=4, T=5", self.must(*SMALL))

    def test_two_ranks_together_and_alone(self):
        together = self.figures("--batch=16", ranks=2)
        self.assert_sane(together)
        self.assertEqual((together["ranks"], together["alone"]), (2, False))
        alone = self.figures("--alone", ranks=2)
        self.assert_sane(alone)
        self.assertEqual((alone["ranks"], alone["alone"]), (2, True))

    def test_ranks_that_cannot_share_a_batch_are_refused_once(self):
        result = self.run_program(*small("--shards=1"), ranks=2)
        self.assertEqual(result.returncode, cli.BAD_CONFIG)
        self.assertEqual(result.stderr.count("seqsweep: error:"), 1, result.stderr)
        self.assertIn("--shards", result.stderr)

    def test_mistakes_get_one_line_and_exit_code_2(self):
        self.assert_mistakes(MISTAKES)



class BenchAllreduce(cli.Scratch):
    def test_two_ranks_time_each_size(self):
        figures = json.loads(self.must("bench", "allreduce", "--floats", "1000", "70000", "--rounds", "1", "--json", ranks=2))
        self.assertEqual([figures["ranks"], figures["ranks_per_node"], figures["rounds"]], [2, 2, 1])
        self.assertEqual([size["floats"] for size in figures["sizes"]], [1000, 70000])
        for size in figures["sizes"]:
            for time in ("in_one_us", "in_parts_us", "mpi_us"):
                self.assertGreater(size[time], 0)
            self.assertAlmostEqual(size["gb_per_s"], 4e-3 * size["floats"] / size["in_one_us"], delta=0.01 * size["gb_per_s"])

    def test_the_table_names_its_ranks(self):
        text = self.must("bench", "allreduce", "--floats", "1000", "--rounds", "1", ranks=2)
        self.assertIn("Adding over 2 ranks, 2 on a node", text)
        self.assertRegex(text, r"(?m)^ +1000 ")

    def test_one_rank_has_nothing_to_add_to(self):
        self.assert_mistakes({"alone": (["bench", "allreduce"], "mpirun -n 2")})


class BenchCoordinator(cli.Scratch):
    def figures(self, *options):
        return json.loads(self.must("bench", "coordinator", "--json", *options))

    def test_node_hours_of_elastic_sweeps_add_up(self):
        figures = self.figures("--workers=4,8", "--seeds=1")
        self.assertEqual({(r["workers"], r["error"]) for r in figures["results"]}, {(w, e) for w in (4, 8) for e in (0.1, 0.3)})
        for result in figures["results"]:
            shares = [result[key] for key in ("useful", "shared", "moving", "idle")]
            self.assertAlmostEqual(sum(shares), 1, places=6)
            self.assertLess(result["elastic"], result["fixed"], "idle ranks did not help")

    def test_throughput_counts_every_trial(self):
        figures, = self.figures("--throughput", "--workers=50", "--trials=400")["results"]
        self.assertEqual((figures["workers"], figures["trials"]), (50, 400))
        self.assertGreaterEqual(figures["segments"], 400)
        if figures["bytes_per_trial"] is None:  # the sanitizers' malloc does not count
            self.assertIn(b"__asan_init", pathlib.Path(cli.SEQSWEEP).read_bytes())
            del figures["bytes_per_trial"]
        for key, value in figures.items():
            self.assertTrue(math.isfinite(value) and value > 0, f"{key} is {value}")


if __name__ == "__main__":
    unittest.main()
