#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that are cut, have flipped bits, or are gone: never another result, never a crash, one clear line."""
import shutil
import unittest

import faults
import sweeps
from faults import cli

LONGER = ["--model.hidden_size=96", "--train.max_epochs=16", "--sweep.trials=16"]


class Results(faults.Faults):
    """Of a killed sweep and of a finished one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must(*cls.command("whole.h5", *LONGER))
        cls("setUp").interrupted("killed.h5", *LONGER, num_epochs=40)
        cls.live = (cls.folder / "killed.h5").read_bytes()
        cls.sealed = (cls.folder / "alone.h5").read_bytes()

    def put(self, name, content):
        (self.folder / name).write_bytes(content)

    def flipped(self, content):
        """The content with one bit flipped, and where."""
        at = self.dice.randrange(len(content))
        damaged = bytearray(content)
        damaged[at] ^= 1 << self.dice.randrange(8)
        return bytes(damaged), at

    def copy_killed(self, name, content):
        """The killed sweep with other content."""
        self.remove(name)
        self.put(name, content)
        shutil.copytree(self.folder / "killed.ckpt", self.folder / name.replace(".h5", ".ckpt"))

    def test_a_cut_file_is_an_error_and_its_copy_goes_on(self):
        for _ in range(100 if faults.OPTIONS.long else faults.repetitions(8)):
            length = self.dice.randrange(len(self.live))
            with self.subTest(length=length):
                self.copy_killed("cut.h5", self.live[:length])
                result = self.run_program(*self.command("cut.h5", *LONGER))
                if result.returncode != cli.DONE:
                    self.assert_clear_end(result, cli.BAD_FILE, "cut.h5")
                else:
                    self.assert_same_results("whole.h5", "cut.h5")
        self.copy_killed("cut.h5", self.live)
        self.assert_resumes("cut.h5", *LONGER, alone="whole.h5")

    def test_a_cut_sealed_file_is_an_error(self):
        for _ in range(300 if faults.OPTIONS.long else faults.repetitions(30)):
            self.put("cut.h5", self.sealed[: self.dice.randrange(len(self.sealed))])
            self.assert_clear_end(self.run_program("status", "cut.h5"), cli.BAD_FILE, "cut.h5: ")

    def test_a_flipped_bit_in_a_killed_sweep_never_becomes_another_result(self):
        num_noticed = 0
        for _ in range(200 if faults.OPTIONS.long else faults.repetitions(8)):
            damaged, at = self.flipped(self.live)
            with self.subTest(byte=at):
                self.copy_killed("flip.h5", damaged)
                result = self.run_program(*self.command("flip.h5", *LONGER))
                if result.returncode == cli.DONE:
                    self.assert_same_results("whole.h5", "flip.h5")
                else:
                    num_noticed += 1
                    self.assertIn(result.returncode, (cli.BAD_FILE, cli.BAD_CONFIG))
                    self.assert_clear_end(result, result.returncode, "flip.h5")
        print(f"  flipped bits of killed sweeps: {num_noticed} noticed, the others harmless")

    def test_a_flipped_bit_in_a_row_is_noticed(self):
        """Each committed row, whatever the rest of the file is like."""
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is missing (Debian package python3-h5py)")
        for table in ("epochs", "gradient_flow", "segments", "segment_results"):
            with h5py.File(self.folder / "killed.h5", "r", libver="latest", swmr=True) as file:
                num_rows = file["committed"][0][table]
                row = self.dice.randrange(num_rows)
                bits = file[table][row].tobytes()
            at = self.live.index(bits) + self.dice.randrange(len(bits))
            with self.subTest(table=table, row=row, byte=at):
                damaged = bytearray(self.live)
                damaged[at] ^= 1 << self.dice.randrange(8)
                self.copy_killed("row.h5", bytes(damaged))
                self.assert_clear_end(self.run_program(*self.command("row.h5", *LONGER)), cli.BAD_FILE,
                                      f"table '/{table}', row {row}", "take a copy of it, or remove it")
                self.copy_killed("row.h5", self.live)
        self.assert_resumes("row.h5", *LONGER, alone="whole.h5")

    def test_a_flipped_bit_in_a_sealed_file_changes_no_number(self):
        num_noticed = 0
        for _ in range(1000 if faults.OPTIONS.long else faults.repetitions(40)):
            damaged, at = self.flipped(self.sealed)
            with self.subTest(byte=at):
                self.put("flip.h5", damaged)
                result = self.run_program("diff", "flip.h5", "alone.h5")
                if result.returncode != cli.DONE:
                    num_noticed += 1
                    self.assert_clear_end(result, cli.BAD_FILE, "flip.h5")
        print(f"  flipped bits of sealed files: {num_noticed} noticed, the others harmless")


class Checkpoints(faults.Faults):
    """Of a killed sweep."""

    def test_damaged_ones_cost_time_and_no_result(self):
        self.must(*self.command("whole.h5", *LONGER))
        for damage in ("flip", "cut", "empty", "gone", "no folder"):
            for _ in range(10 if faults.OPTIONS.long else 1):
                with self.subTest(damage=damage):
                    self.interrupted("damaged.h5", *LONGER, num_epochs=30)
                    self.damage_all(self.folder / "damaged.ckpt", damage)
                    result = self.run_program(*self.command("damaged.h5", *LONGER))
                    self.assertEqual(result.returncode, cli.DONE, result.stderr)
                    self.assert_same_results("whole.h5", "damaged.h5")

    def damage_all(self, folder, damage):
        if damage == "no folder":
            shutil.rmtree(folder)
            return
        for path in folder.rglob("*.h5"):
            content = bytearray(path.read_bytes())
            path.unlink()
            if damage == "flip":
                content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
            elif damage == "cut":
                del content[self.dice.randrange(len(content)):]
            elif damage == "empty":
                content.clear()
            if damage != "gone":
                path.write_bytes(content)

    def test_a_folder_that_vanishes_under_a_running_sweep(self):
        process = self.start(*self.command("vanish.h5", *LONGER, "--cluster.checkpoint_interval=0s"))
        self.wait_for_epochs("vanish.h5", 10, process)
        shutil.rmtree(self.folder / "vanish.ckpt", ignore_errors=True)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.must(*self.command("whole.h5", *LONGER))
        self.assert_same_results("whole.h5", "vanish.h5")

    def test_states_of_a_population_are_right_or_an_error(self):
        population = sweeps.by_name("population")
        (self.folder / "population.ini").write_text(population.ini)
        command = ["sweep", "population.ini", "-o", "population.h5", "--quiet"]
        self.must(*command)
        (self.folder / "population.h5").rename(self.folder / "alone-population.h5")
        num_refused = 0
        for _ in range(40 if faults.OPTIONS.long else faults.repetitions(4)):
            self.remove("population.h5")
            process = self.start(*command)
            self.wait_for_epochs("population.h5", self.dice.randrange(5, 35), process)
            process.kill()
            process.communicate()
            damage = self.dice.choice(["flip", "cut", "gone"])
            with self.subTest(damage=damage):
                self.damage_all(self.folder / "population.ckpt", damage)
                result = self.run_program(*command)
                if result.returncode == cli.DONE:
                    self.assert_same_results("alone-population.h5", "population.h5")
                else:
                    num_refused += 1
                    self.assert_clear_end(result, cli.BAD_FILE, "population.ckpt")
                    self.assert_readable("population.h5")
        print(f"  damaged states of populations: {num_refused} refused, the others harmless")


if __name__ == "__main__":
    faults.main()
