#!/usr/bin/env python3
"""Goal: scripts/run says yes only when every check passed, and leaves nothing behind.

Method: run_session.py with a stand-in for the payloom binary whose behaviour each test chooses.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SESSION = os.path.join(HERE, "..", "..", "scripts", "run_session.py")
STAND_IN = os.path.join(HERE, "stand_in_payloom")


class RunTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.temporary = os.path.join(self.folder.name, "temporary")
        os.makedirs(self.temporary)
        self.session = SESSION
        self.calls = os.path.join(self.folder.name, "calls")

    def start(self, arguments, **behaviour):
        environment = dict(os.environ, TMPDIR=self.temporary, STAND_IN_CALLS=self.calls,
                           STAND_IN_BEHAVIOUR=json.dumps(behaviour))
        return subprocess.Popen([sys.executable, self.session, "--binary", STAND_IN, *arguments], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_once(self, *arguments, **behaviour):
        process = self.start(["--once", "--seconds", "1", "--recharges", "0", *arguments], **behaviour)
        out, err = process.communicate(timeout=120)
        self.assertEqual(os.listdir(self.temporary), [], "temporary files were left")
        return process.returncode, out, err

    def made_calls(self):
        with open(self.calls, encoding="utf-8") as stream:
            return [json.loads(line) for line in stream]

    def test_all_checks_pass(self):
        code, out, err = self.run_once()
        self.assertEqual(code, 0, out + err)
        for expected in ("1,234,567 durable transfers/s", "9,000 / 3", "0.25 ms", "17 transfers", "passed",
                         "all checks passed"):
            self.assertIn(expected, out)
        self.assertIn("progress", err)
        self.assertEqual([call[0] for call in self.made_calls()],
                         ["server", "import", "import-orders", "bench", "verify", "drained"])
        for call in self.made_calls()[1:4]:
            self.assertEqual(call[call.index("--address") + 1], "127.0.0.1:4711")

    def test_each_failure_is_told(self):
        good = {"transfers_per_second": 1, "accepted": 1, "rejected": 0, "p50_us": 1, "p99_us": 1, "p999_us": 1,
                "max_us": 1, "index_lag": None, "money_check": True}
        rows = (
            ({"server": 4}, "the server ended with code 4 before it listened"),
            ({"import": 3}, "ended with code 3"),
            ({"import-orders": 3}, "ended with code 3"),
            ({"bench": 1}, "the bench printed no figures"),
            ({"bench": 3}, "the bench ended with code 3"),
            ({"bench": 1, "figures": good}, "the run is no result"),
            ({"figures": dict(good, money_check=False, check={"why": "7 is not 8"})}, "check failed: 7 is not 8"),
            ({"verify": 1}, "verify on the live server"),
            ({"stop": 5}, "the server ended with code 5"),
            ({"figures": "none"}, "printed no figures"),
            ({"figures": {}}, "lack transfers_per_second"),
            ({"figures": dict(good, money_check=False)}, "the money check failed"),
            ({"figures": dict(good, money_check=None)}, "the money check failed"),
            ({"figures": dict(good, accepted=0)}, "nothing accepted"),
        )
        for behaviour, message in rows:
            with self.subTest(message=message):
                code, out, err = self.run_once(**behaviour)
                self.assertEqual(code, 1, out + err)
                self.assertIn(message, err)
                self.assertNotIn("all checks passed", out)
        self.assertEqual(self.run_once(figures=good)[0], 0)

    def test_given_data_is_kept_and_given_berka_is_used(self):
        data, berka = os.path.join(self.folder.name, "books"), os.path.join(self.folder.name, "berka")
        for folder in (data, berka):
            os.makedirs(folder)
        with open(os.path.join(berka, "transactions.csv"), "w", encoding="ascii"):
            pass
        self.assertEqual(self.run_once("--data", data, "--berka", berka)[0], 0)
        self.assertTrue(os.path.isdir(data))
        calls = self.made_calls()
        self.assertEqual(calls[0][calls[0].index("--data") + 1], data)
        self.assertEqual(calls[1][calls[1].index("--berka") + 1], berka)

    def test_without_berka_a_set_is_generated(self):
        """In a copy of the script whose neighbourhood has no data."""
        alone = os.path.join(self.folder.name, "checkout", "scripts")
        os.makedirs(alone)
        shutil.copy(SESSION, alone)
        shutil.copy(os.path.join(os.path.dirname(SESSION), "run_channels.py"), alone)
        self.session = os.path.join(alone, "run_session.py")
        self.assertEqual(self.run_once()[0], 0)
        self.assertIn("--generate", self.made_calls()[1])

    def test_payments_through_channels(self):
        code, out, err = self.run_once("--recharges", "2")
        self.assertEqual(code, 0, out + err)
        self.assertIn("2 recharges over a channel that misbehaves: 2 PAID; 0 cases open", out)
        self.assertIn("transit accounts are zero", out)
        for wrong, message in (({"owed": "1.00"}, "the channel owes 100, our orders say 0"),
                               ({"transit": "0.01"}, "payment_transit holds 1"), ({"order": 1}, "ended with code 1")):
            code, out, err = self.run_once("--recharges", "1", **wrong)
            self.assertEqual(code, 1, out + err)
            self.assertIn(message, err)

    def test_wrong_usage(self):
        for arguments in (["--seconds", "-1"], ["--port", "70000"], ["--berka", self.folder.name], ["--no-such"],
                          ["--recharges", "-1"]):
            process = self.start(arguments)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 2, arguments)

    def test_serves_until_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start(["--seconds", "1", "--port", "0"])
            for line in process.stdout:
                if line.startswith("Serving at 127.0.0.1:4711"):
                    break
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0)
            self.assertEqual(self.made_calls()[-1], ["drained"])
            self.assertEqual(os.listdir(self.temporary), [])


if __name__ == "__main__":
    unittest.main()
