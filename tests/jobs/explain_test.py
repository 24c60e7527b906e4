#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`seqsweep explain` and `seqsweep replay`: checked against the tables themselves, read with h5dump or h5py."""
import json
import unittest

import cli

MISTAKES = {
    "explain without a trial": (["explain", "asha.h5"], cli.BAD_CONFIG, "TRIAL"),
    "explain of no number": (["explain", "asha.h5", "best"], cli.BAD_CONFIG, "'best'"),
    "explain of a trial that is not there": (["explain", "asha.h5", "10"], cli.BAD_CONFIG, "0 to 9"),
    "explain of a file that is not there": (["explain", "nowhere.h5", "1"], cli.BAD_FILE, "nowhere.h5"),
    "explain of a data set": (["explain", "adding.h5", "1"], cli.BAD_FILE, "adding.h5"),
    "replay of nothing": (["replay"], cli.BAD_CONFIG, "RESULTS.h5"),
    "replay of a file that is not there": (["replay", "nowhere.h5"], cli.BAD_FILE, "nowhere.h5"),
    "replay with an unknown key": (["replay", "asha.h5", "--search.reduction=3"], cli.BAD_CONFIG, "reduction_factor"),
    "replay with a bad value": (["replay", "asha.h5", "--search.reduction_factor=1"], cli.BAD_CONFIG,
                                "search.reduction_factor"),
    "replay with an impossible scheduler": (["replay", "asha.h5", "--search.brackets=9"], cli.BAD_CONFIG,
                                            "search.brackets"),
    "replay of a population": (["replay", "asha.h5", "--search.scheduler=pbt"], cli.BAD_CONFIG, "no such curve is recorded"),
    "replay of another network": (["replay", "asha.h5", "--model.hidden_size=3"], cli.BAD_CONFIG, "model.hidden_size"),
    "replay with another metric": (["replay", "asha.h5", "--sweep.metric=val_accuracy"], cli.BAD_CONFIG,
                                   "sweep.metric"),
    "replay of more trials than there are": (["replay", "asha.h5", "--sweep.trials=11"], cli.BAD_CONFIG, "10 trials"),
    "replay of a sampler without all points": (["replay", "asha.h5", "--search.sampler=sobol"], cli.BAD_CONFIG, "grid"),
    "replay with two sorts of seeds": (["replay", "asha.h5", "--seeds=2", "--sweep.seed=1"], cli.BAD_CONFIG, "--seeds"),
    "replay with fewer than no seeds": (["replay", "asha.h5", "--seeds=-1"], cli.BAD_CONFIG, "--seeds"),
}


def tables(path):
    """The rows of /trials, /segments and /segment_results as dictionaries."""
    import h5py  # pylint: disable=import-outside-toplevel
    with h5py.File(path, "r") as file:
        def plain(value):
            return value.decode() if isinstance(value, bytes) else value.item()
        return {name: [{column: plain(row[column]) for column in file[name].dtype.names} for row in file[name][:]]
                for name in ("trials", "segments", "segment_results")}


def place_of(trial, epoch, rows):
    """(place, measured) of a trial at an epoch when it got there: counted from the tables, of one bracket."""
    values = {(r["trial"], r["to_epoch"]): r["value"] for r in rows["segment_results"]}
    order = sorted(range(len(rows["segments"])), key=lambda i: (rows["segments"][i]["virtual_finish"], i))
    arrived = [rows["segments"][i] for i in order if rows["segments"][i]["to_epoch"] == epoch]
    until = next(i for i, segment in enumerate(arrived) if segment["trial"] == trial)
    ranked = sorted((values[s["trial"], epoch], s["trial"]) for s in arrived[:until + 1])
    return ranked.index((values[trial, epoch], trial)) + 1, len(ranked), ranked


class OverASweep(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "asha.h5", "--quiet")

    def explanation(self, results, trial):
        return json.loads(self.must("explain", results, trial, "--json"))

    def replay(self, results, *options):
        return json.loads(self.must("replay", results, "--json", *options))


class Explain(OverASweep):
    def rows(self):
        try:
            return tables(self.folder / "asha.h5")
        except ImportError:
            self.skipTest("h5py is missing (Debian package python3-h5py)")

    def test_every_phrase_of_the_tables_appears_once_for_each_decision(self):
        rows = self.rows()
        for trial in rows["trials"]:
            said = self.explanation("asha.h5", trial["trial"])
            decided = [row for row in rows["segments"] if row["trial"] == trial["trial"]]
            for key in ("from_epoch", "to_epoch", "virtual_start", "virtual_finish", "reason"):
                self.assertEqual([s[key] for s in said["segments"]], [row[key] for row in decided])
            self.assertEqual((said["state"], said["reason"]), (trial["state"], trial["reason"]))
            text = self.must("explain", "asha.h5", trial["trial"])
            words = " ".join(text.split())
            for row in decided:
                self.assertIn(row["reason"], words)
                self.assertIn(f"Epochs {row['from_epoch']} → {row['to_epoch']},", words)
            self.assertIn(trial["reason"], words)
            self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_places_rivals_and_cutoffs_are_those_of_an_independent_count(self):
        rows = self.rows()
        num_checked = num_cutoffs = 0
        for trial in range(10):
            for segment in self.explanation("asha.h5", trial)["segments"]:
                said = segment["place"]
                place, num_measured, ranked = place_of(trial, segment["to_epoch"], rows)
                self.assertEqual((said["epoch"], said["place"], said["num_measured"]),
                                 (segment["to_epoch"], place, num_measured))
                pairs = [None, *ranked, None]
                for neighbour, expected in ((said["above"], pairs[place - 1]), (said["below"], pairs[place + 1])):
                    self.assertEqual(neighbour and (neighbour["value"], neighbour["trial"]), expected)
                num_checked += 1
                if said["num_going_on"] is not None:
                    self.assertEqual(said["num_going_on"], num_measured // 2, "search.reduction_factor = 2")
                    if said["num_going_on"]:
                        self.assertEqual(said["cutoff"]["trial"], ranked[num_measured // 2 - 1][1])
                        num_cutoffs += 1
        self.assertEqual(num_checked, len(rows["segments"]))
        self.assertGreater(num_cutoffs, 0)

    def test_a_paused_trial_hears_how_it_stood_in_the_end(self):
        rows = self.rows()
        paused = [row for row in rows["trials"] if row["state"] == "paused"]
        self.assertTrue(paused)
        for trial in paused:
            after = self.explanation("asha.h5", trial["trial"])["aftermath"]
            at_rung = [row for row in rows["segment_results"] if row["to_epoch"] == trial["epochs"]]
            self.assertEqual(after["at_end"]["num_measured"], len(at_rung))
            self.assertEqual(after["at_end"]["place"],
                             1 + sum((row["value"], row["trial"]) < (trial["value"], trial["trial"]) for row in at_rung))
            gone_on = [row for row in rows["segments"] if row["from_epoch"] == trial["epochs"]]
            self.assertEqual(after["num_went_on"], len(gone_on))
            self.assertIsNone(after["chance"], "with no end but its trials, ASHA takes up all that may go on")

    def test_a_chance_that_was_not_taken_is_named(self):
        # The sweep ends at once when a trial is good enough, so that those that wait wait for ever.
        found = []
        for limit in range(8, 20):
            name = f"limit{limit}.h5"
            self.must("sweep", "sweep.ini", "-o", name, "--quiet", f"--sweep.max_total_epochs={limit}")
            for trial in self.status(name)["trials"]:
                after = self.explanation(name, trial["trial"])["aftermath"]
                if after and after["chance"]:
                    found.append((after["chance"], self.must("explain", name, trial["trial"])))
        self.assertTrue(found)
        for chance, text in found:
            self.assertLessEqual(chance["place"], chance["num_going_on"])
            self.assertIn("it could have gone on", " ".join(text.split()))

    def test_brackets_and_rounds_are_counted_apart(self):
        for scheduler, options in (("asha", ["--search.brackets=2"]), ("halving", []), ("hyperband", [])):
            name = f"{scheduler}-groups.h5"
            self.must("sweep", "sweep.ini", "-o", name, "--quiet", f"--search.scheduler={scheduler}", *options)
            groups = set()
            for trial in range(10):
                said = self.explanation(name, trial)
                place = said["segments"][-1]["place"]
                groups.add(place["group"])
                if f"rung {place['epoch']}: " in said["reason"]:
                    self.assertTrue(said["reason"].startswith(place["group"] + ", rung"), said["reason"])
                    self.assertIn(f" of {place['num_measured']}", said["reason"])
            self.assertGreater(len(groups), 1, scheduler)

    def test_a_running_sweep_is_explained(self):
        process = self.start("sweep", "sweep.ini", "-o", "live.h5", "--model.hidden_size=192", "--train.max_epochs=16")
        self.wait_for_epochs("live.h5", 2, process)
        said = self.explanation("live.h5", 0)
        text = self.must("explain", "live.h5", 0)
        process.communicate(timeout=60)
        self.assertFalse(said["is_sealed"])
        self.assertEqual(said["segments"][0]["from_epoch"], 0)
        self.assertIn("not finished", text)


class Replay(OverASweep):
    def test_the_same_options_give_the_recorded_sweep(self):
        for name, options in (("asha.h5", []), ("median.h5", ["--search.scheduler=median", "--search.min_trials=2"]),
                              ("halving.h5", ["--search.scheduler=halving", "--train.min_delta=0.05",
                                               "--train.patience=100"])):
            if options:
                self.must("sweep", "sweep.ini", "-o", name, "--quiet", *options)
            figures = self.replay(name)
            self.assertEqual(figures["replays"], [figures["recorded"]])
            status = self.status(name)
            self.assertEqual(figures["recorded"]["epochs"], status["num_epochs"])
            self.assertEqual(figures["recorded"]["best"], status["best"]["value"])
            self.assertEqual(figures["recorded"]["best_trial"], status["best"]["trial"])
            self.assertEqual(figures["recorded"]["trials_cut_short"], 0)

    def test_whole_curves_tell_what_every_scheduler_would_have_taken(self):
        self.must("sweep", "sweep.ini", "-o", "none.h5", "--quiet", "--search.scheduler=none")
        none = self.replay("none.h5")["recorded"]
        self.assertEqual((none["epochs"], none["rungs"]), (40, [{"epoch": 4, "trials": 10}]))
        (asha,) = self.replay("none.h5", "--search.scheduler=asha")["replays"]
        self.assertEqual(asha["trials_cut_short"], 0)
        # Points and curves are the same as those of the sweep that was really done with ASHA.
        recorded = self.replay("asha.h5")["recorded"]
        self.assertEqual(asha, recorded)
        (gentle,) = self.replay("none.h5", "--search.scheduler=asha", "--search.reduction_factor=4")["replays"]
        self.assertEqual([[rung["epoch"] for rung in replay["rungs"]] for replay in (asha, gentle)], [[1, 2, 4], [1, 4]])
        for replay in (asha, gentle):
            self.assertLess(replay["epochs"], none["epochs"])

    def test_curves_that_break_off_are_counted(self):
        (figures,) = self.replay("asha.h5", "--search.scheduler=none")["replays"]
        unfinished = [t for t in self.status("asha.h5")["trials"] if t["state"] == "paused"]
        self.assertEqual(figures["trials_cut_short"], len(unfinished))
        self.assertEqual(figures["epochs_missing"], sum(4 - trial["epochs"] for trial in unfinished))
        text = self.must("replay", "asha.h5", "--search.scheduler=none")
        self.assertIn(f"{len(unfinished)} of 10 trials were asked for", " ".join(text.split()))
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_seeds_shuffle_the_trials_and_repeat(self):
        first, second = (self.replay("asha.h5", "--seeds=5") for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(len(first["replays"]), 5)
        self.assertGreater(len({json.dumps(replay) for replay in first["replays"]}), 1)
        self.assertEqual(self.replay("asha.h5", "--sweep.seed=4")["replays"], [first["replays"][3]])
        self.assertIn("median (quartiles)", self.must("replay", "asha.h5", "--seeds=5"))

    def test_a_table_of_all_points_lets_another_sampler_choose(self):
        options = ["--search.sampler=grid", "--search.scheduler=none", "--model.dropout=0", "--model.hidden_size=4",
                   "--train.learning_rate=choice(0.001, 0.01)", "--sweep.trials=16"]
        self.must("sweep", "sweep.ini", "-o", "grid.h5", "--quiet", *options)
        recorded = self.replay("grid.h5")["recorded"]
        (replay,) = self.replay("grid.h5", "--search.sampler=sobol")["replays"]
        self.assertEqual((replay["trials"], replay["epochs"]), (recorded["trials"], recorded["epochs"]))
        self.assertEqual((replay["best"], replay["best_trial"]), (recorded["best"], recorded["best_trial"]))
        (few,) = self.replay("grid.h5", "--search.sampler=random", "--sweep.trials=3")["replays"]
        self.assertEqual((few["trials"], few["epochs"]), (3, 12))


class Mistakes(OverASweep):
    def test_each_gets_one_line_and_its_exit_code(self):
        for name, (arguments, code, named) in MISTAKES.items():
            with self.subTest(name):
                result = self.run_program(*arguments)
                self.assertEqual(result.returncode, code, result.stdout + result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(named, result.stderr)


if __name__ == "__main__":
    unittest.main()
