"""The goals of ledger and payments, each measured beside the limit program, W1 or P1 in the same run. See tests/bench.

Exit code: 0 when every run worked, met or not; 1 when a run was no result, with --strict also for a missed goal;
2 for wrong usage.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time

from bench_programs import Failed, Programs, machine_facts, machine_warnings
from bench_queries import run_queries

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
RELEASE = os.path.join(ROOT, "build", "release")

# The one table of what is run. `limit`: the (connections, window) that the limit program is given, the best of them
# counts. `payloom`: what serves Payloom best within the workload's definition. `beside`: what the ratio is to.
# `at_least` / `at_most`: the goal for the ratio; `rate`: the goal for the figure itself, of a workload beside nothing.
WORKLOADS = {
    "W1": {"what": "frames of 8,190, 10 k accounts", "batch": 8190, "accounts": 10_000, "limit": ((1, 2), (2, 2)),
           "payloom": (1, 16), "beside": "limit", "figure": "transfers_per_second", "at_least": 0.40},
    "W2": {"what": "frames of 8,190, 1 M accounts", "batch": 8190, "accounts": 1_000_000, "limit": ((1, 2), (2, 2)),
           "payloom": (1, 16), "beside": "limit", "figure": "transfers_per_second", "at_least": 0.35},
    "W3": {"what": "W1, every transfer credits one hot account", "batch": 8190, "accounts": 10_000,
           "payloom": (1, 16), "more": ("--hot", "100"), "beside": "W1", "figure": "transfers_per_second",
           "at_least": 0.95},
    "W4": {"what": "single transfers, 64 connections x 16", "batch": 1, "accounts": 10_000, "limit": ((64, 16),),
           "payloom": (64, 16), "beside": "limit", "figure": "transfers_per_second", "at_least": 0.35},
    "W5": {"what": "one single transfer at a time, p50", "batch": 1, "accounts": 10_000, "limit": ((1, 1),),
           "payloom": (1, 1), "beside": "limit", "figure": "p50_us", "at_most": 1.3},
    "W5b": {"what": "single transfers, 64 connections x 1", "batch": 1, "accounts": 10_000, "limit": ((64, 1),),
            "payloom": (64, 1), "beside": "limit", "figure": "transfers_per_second", "at_least": 0.5},
    "W7": {"what": "8,190 holds, then their captures, per event", "batch": 8190, "accounts": 10_000,
           "payloom": (1, 16), "more": ("--two-phase",), "beside": "W1", "figure": "transfers_per_second",
           "at_least": 0.5},
    "P1": {"what": "payments to 100 merchants with fee, frames of 1,000", "batch": 1000, "accounts": 10_000,
           "payloom": (1, 16), "more": ("--orders",), "beside": "W1", "figure": "transfers_per_second",
           "at_least": 0.12},
    "P2": {"what": "single payments, 64 connections x 16", "batch": 1, "accounts": 10_000, "payloom": (64, 16),
           "more": ("--orders",), "beside": None, "figure": "transfers_per_second", "rate": 120_000},
    "P3": {"what": "P1, all to one merchant", "batch": 1000, "accounts": 10_000, "payloom": (1, 16),
           "more": ("--orders", "--merchants", "1"), "beside": "P1", "figure": "transfers_per_second",
           "at_least": 0.95},
    "P4": {"what": "P1 while 1 M escrow sales wait for their release", "batch": 1000, "accounts": 10_000,
           "payloom": (1, 16), "more": ("--orders", "--holding", "1000000"), "beside": "P1",
           "figure": "transfers_per_second", "at_least": 0.90},
    "mix": {"what": "shop_day.yaml: payments, refunds, queries and others", "beside": "P1",
            "scenario": os.path.join(ROOT, "tests", "bench", "scenarios", "shop_day.yaml"),
            "figure": "transfers_per_second", "at_least": 0.15},
}
# Run in turns, so that what is compared ran close together. W1 runs again beside the payments.
ROUNDS = (("W1", "W3", "W7"), ("W2",), ("W4",), ("W5",), ("W5b",), ("W1", "P1", "P3", "P4", "mix"), ("P2",))
NAMES = ("W1", "W2", "W3", "W4", "W5", "W5b", "W6", "W7", "P1", "P2", "P3", "P4", "mix", "Memory", "Restart", "Queries")

W6_PER_SECOND = 600_000
W6_SLOWEST = 0.5            # of the mean
W6_RATE_SHARE = 0.7
W6_P99_TO_P50 = 5.0
MEMORY_ACCOUNTS = 1_000_000
ACCOUNT_BYTES = 300
TRANSFER_BYTES = 6
OPEN_ORDER_BYTES = 1024
RESTART_SECONDS = 10
IDLE_SECONDS = 3
FREE_BYTES_NEEDED = 12_000_000_000


class Row:
    """One line of the table. met is None when there is no result, `why` then says why."""

    def __init__(self, name, what, goal, unit):
        self.name, self.what, self.goal, self.unit = name, what, goal, unit
        self.figure = self.beside = self.ratio = self.met = None
        self.why = ""
        self.runs = []

    def as_json(self):
        return {"name": self.name, "workload": self.what, "goal": self.goal, "figure": self.figure, "unit": self.unit,
                "beside": self.beside, "ratio": self.ratio, "met": self.met, "why": self.why, "runs": self.runs}


def say(text):
    print(text, file=sys.stderr, flush=True)


def shape_arguments(spec):
    if "scenario" in spec:
        return ["--scenario", spec["scenario"]]
    connections, window = spec["payloom"]
    return ["--batch", str(spec["batch"]), "--accounts", str(spec["accounts"]), "--connections", str(connections),
            "--window", str(window), *spec.get("more", ())]


def better(runs, figure):
    """The best of the limit program's variants: highest rate, lowest latency."""
    return min(runs, key=lambda r: r[figure]) if figure == "p50_us" else max(runs, key=lambda r: r[figure])


def compare(name, ours, others):
    """The row of a workload from its rounds. `ours` and `others`: figures, one a round, or the text of a failure."""
    spec = WORKLOADS[name]
    if "rate" in spec:
        goal = f"at least {spec['rate']:,}/s"
    else:
        goal = f"at least {spec['at_least']:.2f}" if "at_least" in spec else f"at most {spec['at_most']:.2f}"
        goal += f" x {'limit program' if spec['beside'] == 'limit' else spec['beside']}"
    row = Row(name, spec["what"], goal, "us" if spec["figure"] == "p50_us" else "/s")
    failures = [run for run in (*ours, *others) if isinstance(run, str)]
    if failures or not ours or len(ours) != len(others):
        row.why = failures[0] if failures else "not every run has one beside it"
        return row
    if "rate" in spec:
        row.runs = [{"figure": mine[spec["figure"]], "beside": None, "ratio": None} for mine in ours]
        row.figure = statistics.median(run["figure"] for run in row.runs)
        row.met = row.figure >= spec["rate"]
        return row
    pairs = [(mine[spec["figure"]], other[spec["figure"]]) for mine, other in zip(ours, others)]
    row.runs = [{"figure": mine, "beside": other, "ratio": mine / other} for mine, other in pairs]
    row.figure = statistics.median(mine for mine, _ in pairs)
    row.beside = statistics.median(other for _, other in pairs)
    row.ratio = statistics.median(run["ratio"] for run in row.runs)
    row.met = row.ratio >= spec["at_least"] if "at_least" in spec else row.ratio <= spec["at_most"]
    return row


def open_orders(ours):
    """The row of the memory that the open orders of P4 take, from its rounds."""
    row = Row("P4", "memory of one of them", f"at most {OPEN_ORDER_BYTES:,} B", "B")
    failures = [run for run in ours if isinstance(run, str)]
    if failures or not ours:
        row.why = failures[0] if failures else "there was no run"
        return row
    row.runs = [dict(run["open_orders"], figure=run["open_orders"]["bytes_each"]) for run in ours]
    row.figure = statistics.median(run["figure"] for run in row.runs)
    row.met = 0 < row.figure <= OPEN_ORDER_BYTES
    return row


def one_run(name, programs, seconds, what):
    """One run of Payloom (`what` = payloom) or of the limit program: its figures, or the text of its failure."""
    spec = WORKLOADS[name]
    try:
        if what == "payloom":
            figures = programs.run_bench([*shape_arguments(spec), "--seconds", str(seconds)], seconds=seconds)
        else:
            figures = better([programs.run_limit(["--batch", str(spec["batch"]), "--accounts", str(spec["accounts"]),
                                                  "--conns", str(connections), "--window", str(window)], seconds)
                              for connections, window in spec["limit"]], spec["figure"])
    except Failed as failure:
        say(f"  {name} {what}: {failure}")
        return str(failure)
    say(f"  {name} {what}: {figures['transfers_per_second']:,.0f}/s, p50 {figures['p50_us']:,.0f} us, "
        f"p99 {figures['p99_us']:,.0f} us")
    return figures


def run_rounds(chosen, programs, options):
    """Rows of all chosen workloads that are compared by rounds."""
    rows = {}
    for group in ROUNDS:
        wanted = [name for name in group if name in chosen and name not in rows]
        bases = {WORKLOADS[name]["beside"] for name in wanted} - {"limit", None}
        running = [name for name in group if name in wanted or name in bases]
        done = {(name, what): [] for name in running for what in ("limit", "payloom")}
        for number in range(options.runs if running else 0):
            say(f"round {number + 1} of {options.runs}: {', '.join(running)}")
            for name in running:
                if name in wanted and WORKLOADS[name]["beside"] == "limit":
                    done[name, "limit"].append(one_run(name, programs, options.seconds, "limit"))
                done[name, "payloom"].append(one_run(name, programs, options.seconds, "payloom"))
        for name in wanted:
            beside = WORKLOADS[name]["beside"]
            ours = done[name, "payloom"]
            others = done[name, "limit"] if beside == "limit" else done[beside, "payloom"] if beside else ours
            rows[name] = compare(name, ours, others)
            if name == "P4":
                rows["P4 memory"] = open_orders(ours)
    return rows


def slowest_full_second(per_second):
    """(slowest, mean) of the full seconds of a run; the last one is cut short. None when there are none."""
    full = per_second[:-1]
    return (min(full), statistics.mean(full)) if full else None


def judge(row, figure, met, beside=None, ratio=None):
    row.figure, row.met, row.beside, row.ratio = figure, bool(met), beside, ratio
    row.runs = [{"figure": figure, "beside": beside, "ratio": ratio}]


def w6_rows(transfers):
    size = f"{transfers / 1e6:g} M transfers"
    return {"rate": Row("W6", f"{size}, W1 shape, until caught up", f"at least {W6_PER_SECOND:,}/s", "/s"),
            "slowest": Row("W6", "its slowest full second, beside the mean", f"at least {W6_SLOWEST:.2f} x mean", "/s"),
            "latency": Row("W6", f"p99 at {W6_RATE_SHARE:.0%} of that rate, beside p50",
                           f"at most {W6_P99_TO_P50:g} x p50", "us"),
            "memory": Row("Memory", f"growth over the {size}", f"at most {TRANSFER_BYTES} B a transfer", "B"),
            "restart": Row("Restart", "seconds to serve after W6, balances equal", f"at most {RESTART_SECONDS} s", "s")}


def judge_w6(rows, figures, rss_before, rss_after):
    caught_up = figures["accepted"] / (figures["seconds"] + figures["catch_up_seconds"])
    judge(rows["rate"], caught_up, caught_up >= W6_PER_SECOND)
    rows["rate"].runs[0].update(load_per_second=figures["transfers_per_second"], index_lag=figures["index_lag"],
                                index_lag_finally=figures.get("index_lag_finally"),
                                catch_up_seconds=figures["catch_up_seconds"])
    pair = slowest_full_second(figures["per_second"])
    if pair is None:
        rows["slowest"].why = "no full second: too few transfers"
    else:
        judge(rows["slowest"], pair[0], pair[0] >= W6_SLOWEST * pair[1], pair[1], pair[0] / pair[1])
    each = (rss_after - rss_before) / figures["accepted"]
    judge(rows["memory"], each, each <= TRANSFER_BYTES)
    rows["memory"].runs[0].update(rss_before=rss_before, rss_after=rss_after)
    return caught_up


def judge_rate(row, figures):
    ratio = figures["p99_us"] / figures["p50_us"]
    judge(row, figures["p99_us"], ratio <= W6_P99_TO_P50 and figures["dropped"] == 0, figures["p50_us"], ratio)
    row.runs[0].update(dropped=figures["dropped"], late=figures["late"], rate=figures["rate"],
                       per_second=figures["transfers_per_second"])
    if figures["dropped"] > 0:
        row.why = f"{figures['dropped']} of the schedule were never sent"


def books(programs, address):
    """All balances, and what `verify` finds wrong with them: (accounts, empty text or the problem)."""
    report = programs.ask(["verify", "--address", address])
    good = report.get("good", report.get("passed")) is True
    accounts = programs.ask(["account", "list", "--address", address, "--limit", "10000000"])
    for account in accounts:
        account.pop("as_of", None)  # where the answer was read, no property of the account
    return accounts, "" if good else f"verify: {report.get('problems') or report}"


def restart(row, programs, server, data):
    """Stops the server, starts it on the same data, compares the balances, stops it again."""
    before, problem = books(programs, server.address)
    if problem:
        raise Failed("before the restart, " + problem)
    server.stop()
    again = programs.start_server(data)
    try:
        say(f"  Restart: serving after {again.seconds_to_listen:.2f} s")
        after, problem = books(programs, again.address)
        if problem or after != before:
            raise Failed("after the restart, " + (problem or "balances differ"))
        judge(row, again.seconds_to_listen, again.seconds_to_listen <= RESTART_SECONDS)
        again.stop()
    finally:
        again.kill()


def idle_bytes(server):
    """Resident memory when the server has been idle for a moment: then it gives free memory back."""
    time.sleep(IDLE_SECONDS)
    return server.resident_bytes()


def run_w6(programs, options):
    """All rows that come from the long run: rate, slowest second, latency, memory growth, restart."""
    rows = w6_rows(options.transfers)
    data = os.path.join(programs.folder, "w6")
    shape = shape_arguments(WORKLOADS["W1"])
    server, pending = None, list(rows.values())
    try:
        say(f"W6: {options.transfers:,} transfers on one server")
        server = programs.start_server(data)
        # What every server grows by once it works (buffers, caches' first blocks) is not growth by transfers.
        programs.run_bench([*shape, "--seconds", "5"], server.address, 5)
        rss_before = idle_bytes(server)
        figures = programs.run_bench([*shape, "--transfers", str(options.transfers)], server.address)
        rate = judge_w6(rows, figures, rss_before, idle_bytes(server))
        say(f"  W6: {rate:,.0f}/s caught up, {figures['transfers_per_second']:,.0f}/s while loading")
        try:
            seconds = 2 * options.seconds
            steady = programs.run_bench([*shape, "--rate", f"{W6_RATE_SHARE * rate:.0f}", "--seconds", str(seconds)],
                                        server.address, seconds)
            judge_rate(rows["latency"], steady)
            say(f"  W6 at {steady['rate']:,.0f}/s: p50 {steady['p50_us']:,.0f} us, p99 {steady['p99_us']:,.0f} us")
        except Failed as failure:
            rows["latency"].why = str(failure)
        if options.restart:
            restart(rows["restart"], programs, server, data)
    except Failed as failure:
        say(f"  W6: {failure}")
        for row in pending:
            if row.met is None and not row.why:
                row.why = str(failure)
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)
    return rows


def run_account_memory(programs):
    """Resident memory of a server with 1 M accounts beside the empty one."""
    row = Row("Memory", f"an account, {MEMORY_ACCOUNTS / 1e6:g} M of them resident", f"at most {ACCOUNT_BYTES} B", "B")
    data = os.path.join(programs.folder, "memory")
    server = None
    try:
        server = programs.start_server(data)
        empty = server.resident_bytes()
        programs.run_bench(["--accounts", str(MEMORY_ACCOUNTS), "--transfers", "1", "--batch", "1", "--no-limits"],
                           server.address)
        full = idle_bytes(server)
        judge(row, (full - empty) / MEMORY_ACCOUNTS, (full - empty) / MEMORY_ACCOUNTS <= ACCOUNT_BYTES)
        row.runs[0].update(rss_before=empty, rss_after=full)
        say(f"  Memory: {row.figure:.0f} B an account")
        server.stop()
    except Failed as failure:
        say(f"  Memory: {failure}")
        row.met, row.why = None, str(failure)
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)
    return row


def run_all(chosen, programs, options):
    rounds = run_rounds(chosen, programs, options)
    memory = [run_account_memory(programs)] if "Memory" in chosen else []
    options.restart = "Restart" in chosen
    long = run_w6(programs, options) if {"W6", "Memory", "Restart"} & set(chosen) else {}
    queries = (run_queries(programs, Row, options.transfers, options.seconds, shape_arguments(WORKLOADS["W1"]))
               if "Queries" in chosen else [])
    rows = []
    for name in NAMES:
        if name not in chosen:
            continue
        if name == "Queries":
            rows += queries
        elif name in rounds:
            rows += [rounds[key] for key in (name, name + " memory") if key in rounds]
        elif name == "Memory":
            rows += [*memory, long["memory"]]
        else:
            rows += [row for row in long.values() if row.name == name]
    return rows


def amount(value, unit):
    if value is None:
        return ""
    text = f"{value:,.0f}" if value >= 100 or unit in ("/s", "us") else f"{value:.2f}"
    return text + (unit if unit == "/s" else " " + unit)


def verdict(row):
    return "no result" if row.met is None else "met" if row.met else "MISSED"


def print_table(rows):
    lines = [("", "workload", "goal", "figure", "beside", "ratio", "")]
    lines += [(row.name, row.what, row.goal, amount(row.figure, row.unit), amount(row.beside, row.unit),
               "" if row.ratio is None else f"{row.ratio:.2f}", verdict(row)) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(7)]
    for line in lines:
        cells = [cell.rjust(width) if column in (3, 4, 5) else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())
    for row in rows:
        if row.why:
            print(f"{row.name} ({row.what}): {row.why}")


def print_machine(facts, warnings):
    print(f"{facts['cores']} cores ({facts['cpu']}), {facts['memory_bytes'] / 2**30:.1f} GiB, Linux {facts['kernel']}, "
          f"{facts['file_system']} on {facts['disk']}, {facts['free_bytes'] / 1e9:.0f} GB free, "
          f"load average {facts['load_average']:.2f}")
    for text in warnings:
        print("warning: " + text)
    print(flush=True)


def parse_options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the goals: goal, figure, ratio beside "
                                     "the limit program (or W1, P1), met or not.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="any of " + " ".join(NAMES) + " (default: all)")
    parser.add_argument("--seconds", type=float, default=5, help="length of a run (default 5)")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median of their ratios counts (default 3)")
    parser.add_argument("--data", help="a directory on the disk to be measured (default: the system's temporary one)")
    parser.add_argument("--transfers", type=int, default=10_000_000, help="of W6 and Queries (default 10,000,000)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the servers")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--payloom", default=os.path.join(RELEASE, "payloom"), help=argparse.SUPPRESS)
    parser.add_argument("--limit", default=os.path.join(RELEASE, "tests", "bench", "limit", "limit"),
                        help=argparse.SUPPRESS)
    parser.add_argument("--query", default=os.path.join(RELEASE, "tests", "bench", "query_bench"),
                        help=argparse.SUPPRESS)
    parser.add_argument("--graph", default=os.path.join(RELEASE, "tests", "bench", "graph_bench"),
                        help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    known = {name.lower(): name for name in NAMES}
    unknown = [name for name in options.names if name.lower() not in known]
    if unknown:
        parser.error(f"unknown workload {unknown[0]}: there are {', '.join(NAMES)}")
    options.names = [known[name.lower()] for name in options.names] or list(NAMES)
    if options.seconds <= 0 or options.runs < 1 or options.transfers < 1:
        parser.error("--seconds, --runs and --transfers must be positive")
    if options.data is not None and not os.path.isdir(options.data):
        parser.error(f"--data: {options.data} is no directory")
    return options


def remove(folder):
    """Removes the folder; a server that is just ending may still write to it."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.2)
    say(f"scripts/bench: could not remove {folder}")


def interrupted(_signal, _frame):
    raise KeyboardInterrupt


def main(arguments):
    options = parse_options(arguments)
    signal.signal(signal.SIGTERM, interrupted)
    folder = tempfile.mkdtemp(prefix="payloom-goals-", dir=options.data)
    try:
        facts = machine_facts(folder)
        warnings = list(machine_warnings(facts, FREE_BYTES_NEEDED))
        if not options.json:
            print_machine(facts, warnings)
        programs = Programs(options.payloom, options.limit, folder, options.set, options.query,
                            options.graph)
        rows = run_all(options.names, programs, options)
    except KeyboardInterrupt:
        say("scripts/bench: stopped")
        return 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave files behind
        remove(folder)
    if options.json:
        print(json.dumps({"machine": facts, "warnings": warnings, "seconds": options.seconds, "runs": options.runs,
                          "rows": [row.as_json() for row in rows]}, indent=1))
    else:
        print_table(rows)
    failed = any(row.met is None or (options.strict and not row.met) for row in rows)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
