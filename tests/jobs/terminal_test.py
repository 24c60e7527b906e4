#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""status on a terminal: its width, its colours, --watch; who trains what in a real run; several sweeps compared."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import cli

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ALTERNATE, NORMAL = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """A program on a terminal of so many columns; what it writes is collected in `text`."""

    def __init__(self, folder, *arguments, columns=80, rows=40, program=(cli.SEQSWEEP,), **environment):
        self.main, side = pty.openpty()
        self.resize(columns, rows)
        settings = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE")}
        self.process = subprocess.Popen([*program, *map(str, arguments)], cwd=folder, stdin=side, stdout=side,
                                        stderr=side, env={**settings, "TERM": "xterm", **environment}, start_new_session=True)
        os.close(side)
        self.text = ""

    def resize(self, columns, rows):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, key):
        os.write(self.main, key.encode())

    def read_until(self, is_enough, timeout_s=60):
        """Reads on until the text is enough, or the program ends; gives what was read since the call."""
        start = len(self.text)
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not is_enough(self.text[start:]):
            if not select.select([self.main], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.main, 65536)
            except OSError:  # its other side is closed
                break
            if not data:
                break
            self.text += data.decode(errors="replace")
        return self.text[start:]

    def end(self, timeout_s=60):
        self.read_until(lambda _: False, timeout_s)
        os.close(self.main)
        return self.process.wait(timeout=10)


def widest(text):
    return max(len(line) for line in ESCAPES.sub("", text).replace("\r", "").split("\n"))


class OnATerminal(cli.Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "done.h5")

    def show(self, *arguments, **settings):
        terminal = Terminal(self.folder, "status", "done.h5", *arguments, **settings)
        self.assertEqual(terminal.end(), cli.DONE)
        return terminal.text

    def test_lines_fit_the_terminal_and_use_its_width(self):
        for columns in (60, 80, 120, 200):
            with self.subTest(columns=columns):
                self.assertLessEqual(widest(self.show(columns=columns)), columns)
        self.assertGreater(widest(self.show(columns=200)), 100)
        self.assertRegex(self.show(columns=80), "[▁▂▃▄▅▆▇█]{2}")

    def test_columns_of_the_environment_win(self):
        self.assertLessEqual(widest(self.show(columns=200, COLUMNS="70")), 70)

    def test_a_pipe_gets_a_hundred_columns_and_no_colours(self):
        text = self.must("status", "done.h5")
        self.assertNotIn("\x1b", text)
        self.assertTrue(80 < widest(text) <= 100, widest(text))

    def test_colours_are_for_terminals_that_want_them(self):
        self.assertIn("\x1b[1m", self.show())
        self.assertNotIn("\x1b[", self.show(NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.show(TERM="dumb"))
        self.assertNotIn("\x1b[", self.show(CLICOLOR="0"))

    def test_colours_anywhere_are_asked_for_by_the_environment_alone(self):
        def into_a_pipe(**environment):
            return subprocess.run([cli.SEQSWEEP, "status", "done.h5"], cwd=self.folder, capture_output=True, text=True,
                                  env={**os.environ, **environment}, check=True).stdout
        self.assertIn("\x1b[1m", into_a_pipe(CLICOLOR_FORCE="1"))
        self.assertNotIn("\x1b", into_a_pipe(CLICOLOR_FORCE="0"))
        self.assertNotIn("\x1b", into_a_pipe(CLICOLOR_FORCE="1", NO_COLOR="1"))

    def test_watching_a_finished_sweep_shows_it_and_ends(self):
        text = self.show("--watch")
        self.assertIn("finished and sealed", text[text.index(NORMAL):])


    def test_the_help_names_every_key_of_the_json(self):
        def keys_of(value):
            if isinstance(value, list):
                return set().union(*map(keys_of, value)) if value else set()
            if not isinstance(value, dict):
                return set()
            inner = [keys_of(v) for k, v in value.items() if k not in ("point", "definition", "distribution", "condition")]
            return set(value).union(*inner)

        for job, files in (("status", ["done.h5"]), ("compare", ["done.h5", "done.h5"])):
            words = set(re.findall(r"\w+", self.must(job, "--help")))
            found = keys_of(json.loads(self.must(job, *files, "--json")))
            self.assertEqual({key for key in found if key not in words}, set(), job)


class UnderMpirun(cli.Scratch):
    """mpirun gives each rank a terminal for standard output, wherever it writes itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("sweep", "sweep.ini", "-o", "done.h5")

    @staticmethod
    def mpirun(ranks, *command):
        return ["bash", "-c", f'source "{cli.ROOT}/jobs/mpi-env.sh"; prepare_mpi {ranks}; exec mpirun "${{mpi_options[@]}}" "$@"',
                "mpirun", *command]

    def into_a_file(self, ranks, *command):
        settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CLICOLOR_FORCE")}
        with open(self.folder / "log", "wb") as log:
            subprocess.run(self.mpirun(ranks, *command), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                           stderr=subprocess.STDOUT, env={**settings, "TERM": "xterm"}, check=True)
        return (self.folder / "log").read_text()

    def test_a_log_has_neither_colours_nor_carriage_returns(self):
        for ranks in (1, 2, 3):
            text = self.into_a_file(ranks, cli.SEQSWEEP, "sweep", "sweep.ini", "-o", f"new{ranks}.h5")
            self.assertIn("Trials, best first", text)
            self.assertNotRegex(text, "[\x1b\r]")

    def test_a_log_of_a_script_has_no_colours_either(self):
        text = self.into_a_file(1, "bash", "-c", '"$@"; true', "script", cli.SEQSWEEP, "status", "done.h5")
        self.assertIn("Trials, best first", text)
        self.assertNotIn("\x1b", text)

    def test_a_terminal_has_colours(self):
        for command in ([cli.SEQSWEEP, "status", "done.h5"], ["bash", "-c", '"$@"; true', "script", cli.SEQSWEEP, "status", "done.h5"]):
            terminal = Terminal(self.folder, program=self.mpirun(1, *command))
            self.assertEqual(terminal.end(), cli.DONE)
            self.assertIn("\x1b[1m", terminal.text)


class WhileItRuns(cli.Scratch):
    def begin(self, name, ranks=0, epochs=32):
        """A sweep that shows what it does; of more epochs where that many are over before anybody looks."""
        process = self.start("sweep", "sweep.ini", "-o", name, "--model.hidden_size=96", f"--train.max_epochs={epochs}",
                             f"--search.grace_period={epochs // 4}", ranks=ranks)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            status = self.status(name) if (self.folder / name).exists() else None
            activity = status["activity"] if status else {"now": None}
            if activity["now"] and activity["now"]["teams"] and (activity["utilisation"] or 0) > 0:
                return process, status
            time.sleep(0.05)
        if process.poll() == cli.DONE:
            process.communicate()
            (self.folder / name).unlink()
            return self.begin(name, ranks, 4 * epochs)
        cli.kill_all(process)
        self.fail("nothing was shown of the sweep")

    def test_who_trains_what_and_how_it_ended(self):
        process, status = self.begin("now.h5", ranks=3, epochs=2000)
        try:
            activity = status["activity"]
            now = activity["now"]
            self.assertEqual(activity["kind"], "running")
            self.assertEqual(now["num_ranks"], 3)
            self.assertEqual(sum(team["num_ranks"] for team in now["teams"]) + now["num_idle"], 3)
            running = {t["trial"] for t in status["trials"] if t["state"] == "running"}
            self.assertLessEqual({team["trial"] for team in now["teams"]}, running | set(range(status["num_trials_begun"])))
            self.assertTrue(0 < activity["utilisation"] <= 1)
            self.assertRegex(self.must("status", "now.h5"), r"Now: \d ranks? on \d trials?")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                cli.kill_all(process)
        stopped = self.status("now.h5")["activity"]
        self.assertEqual(stopped["kind"], "stopped")
        self.assertIn("stopped by SIGTERM", stopped["sentence"])
        self.assertEqual(stopped["now"]["teams"], [])

    def test_a_killed_sweep_is_called_so(self):
        process, _ = self.begin("killed.h5", epochs=2000)
        process.kill()
        process.communicate()
        self.assertIn("its process ended in the middle", self.status("killed.h5")["activity"]["sentence"])

    def test_watch_renews_the_picture_until_the_sweep_is_sealed(self):
        process, _ = self.begin("watched.h5")
        terminal = Terminal(self.folder, "status", "watched.h5", "--watch", "0.2", columns=90, rows=30)
        pictures = terminal.read_until(lambda text: text.count("q leaves") >= 3)
        self.assertIn(ALTERNATE, pictures)
        self.assertIn("Now: ", pictures)
        self.assertLessEqual(max(map(len, ESCAPES.sub("", pictures).replace("\n", "").split("\r"))), 90)
        terminal.resize(70, 20)
        terminal.read_until(lambda text: text.count("q leaves") >= 2)
        _, err = process.communicate(timeout=100)
        self.assertEqual(process.returncode, cli.DONE, err)
        self.assertEqual(terminal.end(), cli.DONE)
        last = terminal.text[terminal.text.index(NORMAL):]
        self.assertIn("finished and sealed", last)
        self.assertIn("Gradient flow of trial", last)

    def test_watch_ends_with_q_and_with_control_c(self):
        process, _ = self.begin("left.h5", epochs=2000)
        try:
            for key in ("q", "\x03"):
                terminal = Terminal(self.folder, "status", "left.h5", "--watch")
                terminal.read_until(lambda text: "q leaves" in text)
                if key == "q":
                    terminal.press(key)
                else:
                    terminal.process.send_signal(signal.SIGINT)
                self.assertEqual(terminal.end(20), cli.DONE)
                self.assertIn("running for", terminal.text[terminal.text.index(NORMAL):])
            lost = Terminal(self.folder, "status", "left.h5", "--watch", "0.2")
            lost.read_until(lambda text: "q leaves" in text)
            os.close(lost.main)
            lost.process.wait(timeout=20)  # it does not outlive its terminal
            blocks = self.start("status", "left.h5", "--watch", "0.3")
            self.addCleanup(blocks.kill)
            out = ""
            while out.count("Sweep on data set") < 3 and (line := blocks.stdout.readline()):
                out += line
            self.assertEqual(out.count("Sweep on data set"), 3)
            blocks.send_signal(signal.SIGINT)
            out += blocks.communicate(timeout=60)[0]
            self.assertNotIn("\x1b", out)
        finally:
            cli.kill_all(process)


class Compare(cli.Scratch):
    def test_sweeps_side_by_side(self):
        for seed in (1, 2):
            self.must("sweep", "sweep.ini", "-o", f"seed{seed}.h5", "--sweep.trials=4", f"--sweep.seed={seed}",
                      "--sweep.replicate_best=1", "--sweep.replicates=2")
        text = self.must("compare", "seed1.h5", "seed2.h5")
        self.assertIn("2 sweeps of val_loss on data set", text)
        self.assertRegex(text, r"sweep\.seed +1 +2")
        self.assertLessEqual(widest(text), 100)
        found = json.loads(self.must("compare", "seed1.h5", "seed2.h5", "seed1.h5", "--json"))
        self.assertEqual(len(found["sweeps"]), 3)
        self.assertEqual(found["differing"], {"sweep.seed": ["1", "2", "1"]})
        for sweep in found["sweeps"]:
            status = self.status(sweep["file"])
            self.assertEqual(sweep["best"]["value"], status["best"]["value"])
            self.assertEqual(sweep["replicates"]["mean"], status["replicates"][0]["value"]["mean"])
            self.assertEqual(sweep["best_so_far"]["values"], status["best_so_far"]["values"])
        self.assertIsNotNone(found["tests"][0]["exceeds_spread"])

    def test_other_metrics_are_refused(self):
        for metric in ("val_loss", "val_accuracy"):
            self.must("sweep", "sweep.ini", "-o", f"{metric}.h5", "--sweep.trials=2", f"--sweep.metric={metric}")
        self.assert_mistakes({
            "metrics": (["compare", "val_loss.h5", "val_accuracy.h5"], "different metrics ('val_loss' and 'val_accuracy')"),
            "one file": (["compare", "val_loss.h5"], "B.h5 is missing"),
        })


if __name__ == "__main__":
    unittest.main()
