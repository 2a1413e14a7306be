#!/usr/bin/env python3
"""Goal: scripts/bench compares what the goals compare, calls a failed run no result, and leaves nothing behind.

Method: its functions on given figures, then the whole script with a stand-in for the limit program and payloom.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "..", "..", "scripts")
STAND_IN = os.path.join(HERE, "stand_in_goals")
sys.dont_write_bytecode = True
sys.path.insert(0, SCRIPTS)

import bench_goals  # noqa: E402  (found through the path above)
import bench_programs  # noqa: E402

LIMIT_TEXT = ("bound batch  8190 conns   1 window    2 hot   0% dsync:    2048720 transfers/s  "
              "message p50     6231 us  p99    13474 us  refused 3  (client cpu 113 ns/transfer)\n"
              "  server: 2055690 applied, 0 refused\n")
GOOD = {"transfers_per_second": 1.5, "accepted": 9, "rejected": 0, "unknown": 0, "p50_us": 1.0, "p99_us": 2.0,
        "index_lag": 0, "money_check": True}


def rates(*values):
    return [{"transfers_per_second": value, "p50_us": value} for value in values]


class PartsTest(unittest.TestCase):
    def test_limit_program_line(self):
        self.assertEqual(bench_programs.parse_limit(LIMIT_TEXT),
                         {"transfers_per_second": 2048720, "p50_us": 6231, "p99_us": 13474, "refused": 3})
        for text in ("", "no reply for 5 s", LIMIT_TEXT.replace("2048720", "0")):
            with self.assertRaises(bench_programs.Failed):
                bench_programs.parse_limit(text)

    def test_bench_object(self):
        self.assertEqual(bench_programs.parse_bench(json.dumps(GOOD)), GOOD)
        rows = (("", "no figures"), ("[]", "no figures"), ("{}", "lack transfers_per_second"),
                (json.dumps(dict(GOOD, money_check=False, check={"why": "7 is not 8"})), "7 is not 8"),
                (json.dumps(dict(GOOD, money_check=False, index_lag_finally=12)), "lag 12"),
                (json.dumps(dict(GOOD, money_check=None)), "money check failed"),
                (json.dumps(dict(GOOD, accepted=0)), "nothing was accepted"),
                (json.dumps(dict(GOOD, rejected=1)), "1 refused"),
                (json.dumps(dict(GOOD, unknown=2)), "2 without an answer"))
        for text, message in rows:
            with self.subTest(message=message), self.assertRaisesRegex(bench_programs.Failed, message):
                bench_programs.parse_bench(text)

    def test_ratio_is_the_median_of_the_rounds(self):
        row = bench_goals.compare("W1", rates(50, 30, 80), rates(100, 100, 200))
        self.assertEqual((row.ratio, row.figure, row.beside, row.met), (0.40, 50, 100, True))
        row = bench_goals.compare("W1", rates(39, 30, 80), rates(100, 100, 200))
        self.assertEqual((row.ratio, row.met), (0.39, False))

    def test_latency_must_stay_below(self):
        self.assertIs(bench_goals.compare("W5", rates(130), rates(100)).met, True)
        self.assertIs(bench_goals.compare("W5", rates(131), rates(100)).met, False)
        variants = rates(5, 7, 6)
        self.assertEqual(bench_goals.better(variants, "p50_us"), variants[0])
        self.assertEqual(bench_goals.better(variants, "transfers_per_second"), variants[1])

    def test_a_failed_run_is_no_result(self):
        for ours, others in (([*rates(9), "money check failed"], rates(1, 1)), (rates(9), ["no disk"]), ([], []),
                             (rates(9, 9), rates(1))):
            row = bench_goals.compare("W1", ours, others)
            self.assertEqual((row.met, row.ratio, bench_goals.verdict(row)), (None, None, "no result"))
            self.assertTrue(row.why)

    def test_slowest_full_second_leaves_out_the_last(self):
        self.assertEqual(bench_goals.slowest_full_second([10, 4, 10, 1]), (4, 8))
        self.assertIsNone(bench_goals.slowest_full_second([10]))

    def test_mount_of(self):
        mounts = "/dev/a / ext4 rw 0 0\ntmpfs /t tmpfs rw 0 0\n/dev/b /t/with\\040space xfs rw 0 0\n"
        for path, expected in (("/x", ("/dev/a", "ext4")), ("/t/a", ("tmpfs", "tmpfs")), ("/tt", ("/dev/a", "ext4")),
                               ("/t/with space/d", ("/dev/b", "xfs"))):
            self.assertEqual(bench_programs.mount_of(path, mounts), expected)

    def test_machine_warnings(self):
        calm = {"file_system": "ext4", "load_average": 0.5, "free_bytes": 10}
        self.assertEqual(list(bench_programs.machine_warnings(calm, 10)), [])
        bad = {"file_system": "tmpfs", "load_average": 0.51, "free_bytes": 9}
        for text, word in zip(bench_programs.machine_warnings(bad, 10), ("tmpfs", "0.51", "free"), strict=True):
            self.assertIn(word, text)


class WholeTest(unittest.TestCase):
    LIMIT = {"1": (1000, 100), "2": (2000, 200), "64": (2000, 100)}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = os.path.join(self.folder.name, "data")
        os.makedirs(self.data)
        self.calls = os.path.join(self.folder.name, "calls")

    def start(self, *arguments, **figures):
        """The script under way; the calls file starts anew."""
        with open(self.calls, "w", encoding="utf-8"):
            pass
        environment = dict(os.environ, STAND_IN_CALLS=self.calls, PYTHONDONTWRITEBYTECODE="1",
                           STAND_IN_FIGURES=json.dumps({"limit": self.LIMIT, **figures}))
        words = [sys.executable, os.path.join(SCRIPTS, "bench_goals.py"), "--payloom", STAND_IN, "--limit", STAND_IN,
                 "--query", STAND_IN, "--graph", STAND_IN]
        return subprocess.Popen([*words, "--data", self.data, "--seconds", "1", *arguments], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_bench(self, *arguments, **figures):
        """Exit code, stdout and stderr of the script."""
        process = self.start(*arguments, **figures)
        out, err = process.communicate(timeout=120)
        self.assertEqual(os.listdir(self.data), [], "temporary files were left")
        return process.returncode, out, err

    def rows(self, *arguments, **figures):
        code, out, err = self.run_bench("--json", *arguments, **figures)
        self.assertIn(code, (0, 1), out + err)
        return code, json.loads(out)["rows"]

    def made_calls(self):
        with open(self.calls, encoding="utf-8") as stream:
            return [json.loads(line) for line in stream if line.endswith("\n")]

    def test_all_goals(self):
        code, rows = self.rows("--runs", "1", hot={"transfers_per_second": 950.0},
                               two_phase={"transfers_per_second": 499.0})
        self.assertEqual(code, 0, rows)
        found = [(row["name"], row["ratio"], row["met"]) for row in rows]
        self.assertEqual([name for name, _, _ in found],
                         ["W1", "W2", "W3", "W4", "W5", "W5b", "W6", "W6", "W6", "W7", "P1", "P2", "P3", "P4", "P4",
                          "mix", "Memory", "Memory", "Restart", "Queries", "Queries", "Queries"])
        # The limit program's better variant counts: 1000 of 2000.
        self.assertEqual(found[:6], [("W1", 0.5, True), ("W2", 0.5, True), ("W3", 0.95, True), ("W4", 0.5, True),
                                     ("W5", 1.0, True), ("W5b", 0.5, True)])
        self.assertEqual((rows[6]["figure"], rows[6]["met"]), (1_000_000, True))
        self.assertEqual((rows[7]["figure"], rows[7]["ratio"]), (900, 0.9))
        self.assertEqual((rows[8]["ratio"], rows[8]["met"]), (4.0, True))
        self.assertEqual(found[9], ("W7", 0.499, False))
        # Payments: 130 of 1000 beside W1, 124 beside P1's 130 for one merchant, 117 with orders open.
        self.assertEqual(found[10:15], [("P1", 0.13, True), ("P2", None, True), ("P3", 124 / 130, True),
                                        ("P4", 0.9, True), ("P4", None, True)])
        self.assertEqual((rows[11]["figure"], rows[14]["figure"]), (120_000, 1024))
        self.assertEqual(found[15], ("mix", 20 / 130, True))
        self.assertEqual([row["met"] for row in rows[16:]], [True] * 6)

    def test_payment_goals_that_are_missed(self):
        table = (("P1", {"orders": {"transfers_per_second": 119.0}}, [False]),
                 ("P2", {"single_orders": {"transfers_per_second": 119_999.0}}, [False]),
                 ("P3", {"one_merchant": {"transfers_per_second": 123.0}}, [False]),
                 ("P4", {"open_orders": {"transfers_per_second": 116.0}}, [False, True]),
                 ("P4", {"open_orders": {"open_orders": {"bytes_each": 1024.5}}}, [True, False]),
                 ("P4", {"open_orders": {"open_orders": {"bytes_each": 0}}}, [True, False]),
                 ("P4", {"open_orders": {"money_check": False}}, [None, None]),
                 ("mix", {"mix": {"transfers_per_second": 19.0}}, [False]),
                 ("mix", {"mix": {"rejected": 1}}, [None]),
                 ("P1", {"bench": {"money_check": False}}, [None]))
        for name, figures, met in table:
            with self.subTest(name=name, figures=figures):
                self.assertEqual([row["met"] for row in self.rows(name, "--runs", "1", **figures)[1]], met)

    def test_payments_run_beside_what_they_are_compared_with(self):
        self.assertEqual(self.run_bench("P1", "P4", "--runs", "2")[0], 0)
        words = [[word for word in call if word in ("--orders", "--holding", "--merchants")]
                 for call in self.made_calls()]
        self.assertEqual(words, [[], ["--orders"], ["--orders", "--holding"]] * 2)
        self.assertEqual(self.run_bench("P3", "--runs", "1")[0], 0)  # P1 for P3's sake, W1 for nobody's
        self.assertEqual(len(self.made_calls()), 2)

    def test_rounds_alternate(self):
        self.assertEqual(self.run_bench("w3", "--runs", "2")[0], 0)
        kinds = ["hot" if "--hot" in call else call[0] for call in self.made_calls()]
        self.assertEqual(kinds, ["bench", "hot"] * 2)  # W1 runs for W3's sake, without the limit program
        self.assertEqual(self.run_bench("W4", "--runs", "2")[0], 0)
        kinds = ["bench" if call[0] == "bench" else "limit" for call in self.made_calls()]
        self.assertEqual(kinds, ["limit", "bench"] * 2)

    def test_exit_codes(self):
        slow = {"transfers_per_second": 1.0}
        self.assertEqual(self.run_bench("W4", bench=slow)[0], 0)
        self.assertEqual(self.run_bench("W4", "--strict", bench=slow)[0], 1)
        self.assertEqual(self.run_bench("W4", "--strict")[0], 0)
        code, out, _ = self.run_bench("W4", bench={"money_check": False, "check": {"why": "7 is not 8"}})
        self.assertEqual(code, 1)
        self.assertRegex(out, r"W4 .*no result\n.*7 is not 8")
        for wrong in (("W9",), ("--runs", "0"), ("--data", self.calls)):
            self.assertEqual(self.run_bench(*wrong)[0], 2)

    def test_stopped_half_way(self):
        process = self.start("W4", hang=True)
        while len(self.made_calls()) < 3:  # the limit program, the bench, the bench's process id
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(os.listdir(self.data), [])
        with self.assertRaises(ProcessLookupError):
            os.kill(self.made_calls()[2][0], 0)

    def test_queries_are_judged_by_what_they_take_beside_the_load(self):
        code, rows = self.rows("Queries", "--transfers", "1000")
        self.assertEqual((code, [(row["figure"], row["beside"], row["met"]) for row in rows]),
                         (0, [(4.0, 1.0, True), (90.0, 10.0, True), (49.0, 9.0, True)]))
        kinds = [call[0] for call in self.made_calls()]
        self.assertEqual((kinds[:5], sorted(kinds[5:])),
                         (["server", "load", "make", "ask", "graphs"], ["ask", "bench", "graphs"]))
        table = (({"queries": {"page": {"p50_ms": 5.1}}}, [False, True, True]),
                 ({"queries": {"filter_per_million": {"p50_ms": 101.0}}}, [True, False, True]),
                 ({"queries": {"graph": {"p99_ms": 50.1}}}, [True, True, False]),
                 ({"queries": {"page": {"count": 0}}}, [None] * 3),
                 ({"queries": {"graph": {"count": 0}}}, [None] * 3),
                 ({"queries_code": 1}, [None] * 3),
                 ({"bench": {"money_check": False}}, [None] * 3),
                 ({"stop": 3}, [None] * 3))
        for figures, met in table:
            with self.subTest(figures=figures):
                code, rows = self.rows("Queries", **figures)
                self.assertEqual([row["met"] for row in rows], met)
                self.assertEqual(code, 1 if None in met else 0)

    def test_long_run_failures(self):
        rows_of = {"rate": 0, "slowest": 1, "latency": 2, "restart": 3}
        table = (
            ("rate", {"bench": {"catch_up_seconds": 9.0}}, False),
            ("slowest", {"bench": {"per_second": [1000, 499, 1501, 1]}}, False),
            ("slowest", {"bench": {"per_second": [1000]}}, None),
            ("latency", {"bench": {"p99_us": 501.0}}, False),
            ("latency", {"bench": {"dropped": 1}}, False),
            ("restart", {"balances": [7, 8]}, None),
            ("restart", {"good": False}, None),
            ("restart", {"stop": 3}, None),
        )
        for part, figures, met in table:
            with self.subTest(part=part, figures=figures):
                _, rows = self.rows("W6", "Restart", **figures)
                self.assertIs(rows[rows_of[part]]["met"], met)
                self.assertEqual(bool(rows[rows_of[part]]["why"]), met is None or "dropped" in figures.get("bench", {}))


if __name__ == "__main__":
    unittest.main()
