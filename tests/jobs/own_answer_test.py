#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A network that reads in both directions is refused where a step's target is a later step's input."""
import unittest

import cli

NETWORK = ["--model.cell=gru", "--model.hidden_size=4", "--model.dropout=0", "--data.batch_size=16",
           "--train.learning_rate=0.01"]
WHY = "the input 1 step later"


class OwnAnswer(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = "".join(f"the {'quick' if i % 3 else 'lazy'} fox {i % 11} jumps over {'hen' if i % 5 else 'dog'}. " for i in range(120))
        (cls.folder / "text.txt").write_text(text)
        (cls.folder / "music.txt").write_text(
            "".join(" ".join(f"{(t * t + piece) % 7},{(t + piece) % 5}" for t in range(16)) + "\n" for piece in range(40)))
        cls.must("dataset", "import", "text", "text.txt", "--language-model", "--tokens", "characters", "--window", "16",
                 "-o", "next.h5")
        cls.must("dataset", "import", "piano_roll", "music.txt", "--keys", "8", "-o", "music.h5")
        cls.must("dataset", "make", "copy_memory", "--sequences", "80", "--delay", "4", "--remember", "3", "-o", "copy.h5")

    def refused(self, *arguments, ranks=0):
        before = sorted(self.folder.rglob("*"))
        result = self.run_program(*arguments, ranks=ranks)
        self.assertEqual(result.returncode, cli.BAD_CONFIG, result.stdout + result.stderr)
        errors = [line for line in result.stderr.splitlines() if line.startswith("seqsweep: error")]
        self.assertEqual(len(errors), 1, result.stderr)
        self.assertIn("model.bidirectional may be yes", errors[0])
        self.assertIn(WHY, errors[0])
        self.assertIn("set it to no", errors[0])
        self.assertEqual(sorted(self.folder.rglob("*")), before, "a file was made")

    def test_constants_and_choices_are_refused_in_every_job_that_trains(self):
        for data in ("next.h5", "music.h5"):
            for value in ("yes", "choice(no, yes)", "choice(no, yes) if model.cell == gru"):
                for options in ([], ["--dry-run"]):
                    self.refused("sweep", "sweep.ini", f"--data.path={data}", f"--model.bidirectional={value}", "-o", "new.h5", *options)
            self.refused("train", "sweep.ini", *NETWORK, f"--data.path={data}", "--model.bidirectional=yes", "-o", "new.h5")
        for ranks in (2, 3):
            self.refused("sweep", "sweep.ini", "--data.path=next.h5", "--model.bidirectional=yes", "-o", "new.h5", ranks=ranks)

    def test_one_direction_is_trained(self):
        for value in ("no", "choice(no)"):
            self.must("sweep", "sweep.ini", "--data.path=next.h5", f"--model.bidirectional={value}", "--sweep.trials=2",
                      "-o", f"one-{len(value)}.h5")

    def test_data_sets_that_ask_for_the_past_or_for_one_answer_are_read_both_ways(self):
        for data in ("lengths.h5", "adding.h5", "copy.h5"):
            self.must("sweep", "sweep.ini", f"--data.path={data}", "--model.bidirectional=choice(no, yes)", "--sweep.trials=2",
                      "-o", f"both-{data}")

    def test_predicting_with_a_network_that_has_seen_the_answers_is_warned_of(self):
        self.must("dataset", "make", "copy_memory", "--sequences", "80", "--delay", "4", "--remember", "3", "--symbols", "8",
                  "-o", "shape.h5")
        self.must("train", "sweep.ini", *NETWORK, "--data.path=shape.h5", "--model.bidirectional=yes", "-o", "both.h5")
        result = self.run_program("predict", "both.h5", "shape.h5")
        self.assertEqual((result.returncode, result.stderr), (cli.DONE, ""))


if __name__ == "__main__":
    unittest.main()
