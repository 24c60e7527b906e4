#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ranks join and leave running trials, in real runs, and no number changes. Needs h5py, to see that they did."""
import unittest

import cli
import h5py

MIXED_INI = """
[sweep]
trials = 16
seed = 5
concurrency = 4
[search]
sampler = random
scheduler = asha
grace_period = 2
reduction_factor = 2
[data]
path = lengths.h5
batch_size = choice(32, 48)
[model]
cell = choice(rnn, lstm, gru)
hidden_size = int(6, 24)
num_layers = int(1, 2)
bidirectional = choice(yes, no)
dropout = uniform(0, 0.4)
[train]
optimizer = choice(sgd, adam, adamw, rmsprop)
learning_rate = loguniform(1e-3, 1e-1)
clip_norm = 1
max_epochs = 8
shards = 8
"""

WORDS_INI = """
[sweep]
trials = 4
concurrency = 2
[search]
scheduler = none
[data]
path = words.h5
batch_size = 32
[model]
cell = choice(gru, lstm)
embedding_size = 12
hidden_size = int(8, 16)
[train]
optimizer = choice(sgd, adam)
max_epochs = 6
shards = 8
"""

RESTLESS = "--cluster.placement=restless"


def write_sentences(path, count):
    words = [f"word{i}" for i in range(60)]
    lines = []
    for i in range(count):
        chosen = [words[(i * 7 + t * (t + 3)) % (30 + 30 * (i % 2))] for t in range(3 + i % 9)]
        lines.append(f"{' '.join(chosen)}\t{i % 2}")
    path.write_text("\n".join(lines) + "\n")


class Elastic(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write_sentences(cls.folder / "words.txt", 400)
        cls.must("dataset", "import", "text", "words.txt", "-o", "words.h5")
        for name, text in [("mixed", MIXED_INI), ("words", WORDS_INI)]:
            (cls.folder / f"{name}.ini").write_text(text)
            cls.must("sweep", f"{name}.ini", "-o", f"{name}-alone.h5")

    def sizes_of_legs(self, name):
        """How many ranks each leg had, by segment, in the order in which they ran."""
        legs = {}
        with h5py.File(self.folder / name) as results:
            for row in sorted(results["timing"][:], key=lambda row: row["started"]):
                legs.setdefault((row["trial"], row["to_epoch"]), []).append(row["ranks"])
        return legs

    def sweep(self, config, name, *options, ranks):
        self.must("sweep", f"{config}.ini", "-o", name, *options, ranks=ranks)
        self.assert_same_results(f"{config}-alone.h5", name)

    def test_cells_optimizers_and_lengths_on_restless_ranks(self):
        changed = 0
        for ranks in (2, 3, 5, 8):
            with self.subTest(ranks=ranks):
                self.sweep("mixed", f"restless{ranks}.h5", RESTLESS, ranks=ranks)
                changed += sum(len(legs) > 1 for legs in self.sizes_of_legs(f"restless{ranks}.h5").values())
        self.assertGreater(changed, 10, "hardly a team changed: little is proved")

    def test_embeddings_on_restless_ranks(self):
        for ranks in (3, 8):
            with self.subTest(ranks=ranks):
                self.sweep("words", f"words{ranks}.h5", RESTLESS, ranks=ranks)

    def test_teams_of_any_size(self):
        for ranks_per_trial in ("1", "2", "4", "auto"):
            with self.subTest(ranks_per_trial=ranks_per_trial):
                self.sweep("mixed", f"teams-{ranks_per_trial}.h5", f"--cluster.ranks_per_trial={ranks_per_trial}", ranks=5)
        legs = self.sizes_of_legs("teams-4.h5")
        self.assertTrue(all(len(ranks.split(b",")) == 4 for teams in legs.values() for ranks in teams))

    def test_idle_ranks_join_the_last_trials(self):
        self.must("sweep", "words.ini", "-o", "tail.h5", "--model.hidden_size=128", "--train.max_epochs=24", ranks=4)
        sizes = {len(ranks.split(b",")) for teams in self.sizes_of_legs("tail.h5").values() for ranks in teams}
        self.assertGreater(max(sizes), 1, "four ranks and two trials: nobody joined")


if __name__ == "__main__":
    unittest.main()
