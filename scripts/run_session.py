"""The part of scripts/run after the build: starts the server, imports, loads, checks, keeps serving.

Exit code: 0 when every check passed and the server ended cleanly, 1 otherwise, 2 for wrong usage.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import run_channels

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
LISTENING = re.compile(r'\blistening\b.*\baddress"?[=:]"?([^\s",}]+)')
START_SECONDS_MAX = 600  # recovery of a large data directory is part of the start
STOP_SECONDS_MAX = 120
GENERATED_TRANSACTIONS = 40_000
GENERATED_ORDERS = 6_000


class Failed(Exception):
    """A check that did not pass; the message is for the user."""


class Server:
    """The server process; its log lines go on to stderr."""

    def __init__(self, binary, listen, data):
        # A session of its own: Ctrl-C reaches this script alone, which then asks the server to drain.
        words = [binary, "server", "--listen", listen, "--data", data]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        errors="replace", start_new_session=True)
        self.address = None
        self.known = threading.Event()  # set when the address is known, or never will be
        threading.Thread(target=self.read_log, daemon=True).start()

    def read_log(self):
        for line in self.process.stderr:
            sys.stderr.write("server: " + line)
            match = LISTENING.search(line)
            if match and self.address is None:
                self.address = match.group(1)
                self.known.set()
        self.known.set()

    def wait_until_listening(self):
        if not self.known.wait(START_SECONDS_MAX):
            raise Failed(f"the server did not say where it listens within {START_SECONDS_MAX} s")
        if self.address is None:
            raise Failed(f"the server ended with code {self.process.wait()} before it listened")
        return self.address

    def stop(self):
        """Drains and ends it; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"the server did not drain within {STOP_SECONDS_MAX} s and was killed") from None


def step(words, what):
    """Runs one command that must succeed."""
    print(f"\n== {what}", flush=True)
    done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{what}: `{' '.join(words[1:])}` ended with code {done.returncode}")


def load(options, address):
    """Drives load and prints the table; a run that failed its checks shows its figures too, and says why."""
    print(f"\n== load for {options.seconds:g} s", flush=True)
    words = [options.binary, "bench", "--address", address, "--seconds", str(options.seconds), "--progress", "--json"]
    done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise Failed(f"the bench ended with code {done.returncode}")
    figures = read_bench(done.stdout)
    print_table(figures)
    if done.returncode != 0:
        raise Failed("the bench says that the run is no result")


def read_bench(text):
    """The figures of `payloom bench --json`, checked for being there."""
    try:
        figures = json.loads(text)
    except ValueError:
        raise Failed("the bench printed no figures") from None
    needed = ("transfers_per_second", "accepted", "rejected", "p50_us", "p99_us", "p999_us", "max_us", "index_lag",
              "money_check")
    missing = [name for name in needed if name not in figures]
    if missing:
        raise Failed(f"the bench's figures lack {', '.join(missing)}")
    return figures


def print_table(figures):
    def milliseconds(name):
        return f"{figures[name] / 1000:,.2f} ms"

    lag = figures["index_lag"]
    passed = figures["money_check"] in (True, "ok", "passed")
    rows = (
        ("throughput", f"{figures['transfers_per_second']:,.0f} durable transfers/s"),
        ("accepted / refused", f"{figures['accepted']:,} / {figures['rejected']:,}"),
        ("frame latency p50", milliseconds("p50_us")),
        ("frame latency p99", milliseconds("p99_us")),
        ("frame latency p99.9", milliseconds("p999_us")),
        ("frame latency max", milliseconds("max_us")),
        ("index lag at the end", "unknown" if lag is None else f"{lag:,} transfers"),
        ("money check", "passed" if passed else "FAILED"),
    )
    width = max(len(name) for name, _ in rows)
    print()
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print(flush=True)
    if not passed:
        why = (figures.get("check") or {}).get("why", "")
        raise Failed("the money check failed" + (f": {why}" if why else ""))
    if figures["accepted"] <= 0:
        raise Failed("the load got nothing accepted")


def show(options, server):
    """Import, load and checks against the running server."""
    address = server.wait_until_listening()
    if options.berka is not None:
        step([options.binary, "import", "--address", address, "--berka", options.berka], "import of real transactions")
    else:
        step([options.binary, "import", "--address", address, "--generate", str(GENERATED_TRANSACTIONS)],
             "import of generated transactions (the Berka data is not here)")
    source = ["--berka", options.berka] if options.berka is not None else ["--generate", str(GENERATED_ORDERS)]
    step([options.binary, "import-orders", "--address", address, *source, "--settle"],
         "standing orders paid as sales with fees and as transfers, merchants settled, every account explained")
    if options.recharges > 0:
        pay_through_channels(options, address)
    if options.seconds > 0:
        load(options, address)
    step([options.binary, "verify", "--address", address], "verify on the live server")


def pay_through_channels(options, address):
    print("\n== payments through channels", flush=True)
    try:
        run_channels.run(options.binary, address, options.recharges)
    except run_channels.Trouble as trouble:
        raise Failed(f"payments through channels: {trouble}") from None


def serve(options, server):
    print(f"\nServing at {server.address} until Ctrl-C. In another terminal, for example:\n"
          f"  {os.path.relpath(options.binary)} stats --address {server.address}\n"
          f"  {os.path.relpath(options.binary)} --help", flush=True)
    code = server.process.wait()
    raise Failed(f"the server ended by itself with code {code}")


def parse_options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/run", description="Builds a release, starts a server, imports real "
                                     "transactions, drives load, prints what it did, and keeps serving.")
    parser.add_argument("--once", action="store_true", help="end after the checks: 0 when all passed")
    parser.add_argument("--seconds", type=float, default=10, help="length of the load, 0: none (default 10)")
    parser.add_argument("--recharges", type=int, default=40,
                        help="payments over a channel that misbehaves, 0: nothing over channels (default 40)")
    parser.add_argument("--port", type=int, help="default 7400; with --once any free port")
    parser.add_argument("--data", help="data directory to keep (default: a temporary one, removed at the end)")
    parser.add_argument("--berka", help="folder of the Berka data (default: ../shared/data/berka where present)")
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "release", "payloom"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.seconds < 0:
        parser.error("--seconds must not be negative")
    if not 0 <= options.recharges <= 1000:
        parser.error("--recharges must be 0 .. 1000")
    if options.port is None:
        options.port = 0 if options.once else 7400
    if not 0 <= options.port <= 65535:
        parser.error("--port must be 0 .. 65535")
    near = os.path.join(ROOT, "..", "shared", "data", "berka")
    if options.berka is None and os.path.isdir(near):
        options.berka = os.path.realpath(near)
    elif options.berka is not None and not os.path.isfile(os.path.join(options.berka, "transactions.csv")):
        parser.error(f"--berka: there is no transactions.csv in {options.berka}")
    return options


def interrupted(_signal, _frame):
    raise KeyboardInterrupt


def main(arguments):
    options = parse_options(arguments)
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    scratch = tempfile.mkdtemp(prefix="payloom-run-")
    server, failure = None, None
    try:
        data = options.data or os.path.join(scratch, "data")
        server = Server(options.binary, f"127.0.0.1:{options.port}", data)
        show(options, server)
        if not options.once:
            serve(options, server)
    except KeyboardInterrupt:
        print("\nscripts/run: stopping", flush=True)
    except (Failed, OSError) as error:
        failure = str(error)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the drain is bounded: a second Ctrl-C must not leave files behind
    try:
        code = server.stop() if server is not None else 0
        if code != 0 and failure is None:
            failure = f"the server ended with code {code}"
    except Failed as error:
        failure = failure or str(error)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if failure is not None:
        print(f"scripts/run: {failure}", file=sys.stderr)
        return 1
    if options.once:
        print("scripts/run: all checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
