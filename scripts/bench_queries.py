"""The Queries rows of scripts/bench: pages of statements, filters over what is on disk, and graphs of orders, while W1
runs."""
import json
import os
import shutil
import subprocess
import sys
import threading

from bench_programs import INDEX_LAG_MAX, Failed, end_group, parse_bench

PAGE_MS = 5
FILTER_MS_PER_MILLION = 100
GRAPH_MS = 50
PAGE_ROWS = 1000
BUSINESSES = 20_000     # of three orders each, whose graphs are asked for
ACCOUNTS = 10_000
LOAD_SECONDS_MAX = 900
WARM_UP_SECONDS = 1     # of the load, before the first question


def say(text):
    print(text, file=sys.stderr, flush=True)


def query_rows(make_row, transfers):
    """The rows without figures. `make_row(name, what, goal, unit)`."""
    size = f"{transfers / 1e6:g} M on disk"
    page = f"a statement's page of {PAGE_ROWS:,} while W1 runs, {size}"
    return {"page": make_row("Queries", f"{page}: p50", f"at most {PAGE_MS} ms", "ms"),
            "filter": make_row("Queries", f"a filter while W1 runs, {size}: p50 of a million scanned",
                               f"at most {FILTER_MS_PER_MILLION} ms", "ms"),
            "graph": make_row("Queries", f"all that belongs to any id of three orders while W1 runs, {size}: p99",
                              f"at most {GRAPH_MS} ms", "ms")}


def parse_answers(text):
    """The object of `query_bench ask`; Failed when it is none or says nothing."""
    try:
        figures = json.loads(text)
        counts = [figures[name]["count"] for name in ("page", "filter_per_million")]
    except (ValueError, KeyError, TypeError):
        raise Failed("query_bench printed no figures") from None
    if min(counts) < 1:
        raise Failed("query_bench got no full page or no filter's answer in its time")
    return figures


def parse_graphs(text):
    """The object of `graph_bench graphs`; Failed when it is none or says nothing."""
    try:
        figures = json.loads(text)
        count = figures["graph"]["count"]
    except (ValueError, KeyError, TypeError):
        raise Failed("graph_bench printed no figures") from None
    if count < 1:
        raise Failed("graph_bench got no graph in its time")
    return figures


def judge_queries(rows, quiet, loaded, w1):
    """Fills the rows; `quiet` and `loaded` are what the programs printed, `w1` what the load beside them did."""
    def judge(row, figure, beside, met):
        row.figure, row.beside, row.met = figure, beside, met
        row.runs = [{"figure": figure, "quiet": beside}]

    page, filters = loaded["page"], loaded["filter_per_million"]
    judge(rows["page"], page["p50_ms"], quiet["page"]["p50_ms"], page["p50_ms"] <= PAGE_MS)
    rows["page"].runs[0].update(loaded=loaded, all_quiet=quiet, w1_per_second=w1["transfers_per_second"])
    judge(rows["filter"], filters["p50_ms"], quiet["filter_per_million"]["p50_ms"],
          filters["p50_ms"] <= FILTER_MS_PER_MILLION)
    graph = loaded["graphs"]["graph"]
    judge(rows["graph"], graph["p99_ms"], quiet["graphs"]["graph"]["p99_ms"], graph["p99_ms"] <= GRAPH_MS)


def ask(program, programs, words, seconds):
    """What query_bench or graph_bench prints."""
    code, out, err = programs.output_of([program, *words], seconds)
    if code != 0:
        raise Failed(f"{os.path.basename(program)} ended with code {code}: {err.strip()[-400:]}")
    return out


def ask_all(programs, address, transfers, seconds):
    """Pages and filters, then graphs: the figures of both."""
    most = seconds + LOAD_SECONDS_MAX
    figures = parse_answers(ask(programs.query, programs,
                                ["ask", address, str(transfers), str(seconds), str(PAGE_ROWS)], most))
    figures["graphs"] = parse_graphs(ask(programs.graph, programs, ["graphs", address, str(BUSINESSES), str(seconds)],
                                         most))
    return figures


def ask_beside_w1(programs, address, transfers, seconds, shape):
    """(what the programs printed, the figures of the load that ran all the while)."""
    # The load goes on a little longer than the questions, so that none is asked of a quiet server.
    load_seconds = WARM_UP_SECONDS + 2 * seconds + 2
    words = [programs.payloom, "bench", "--json", "--max-lag", str(INDEX_LAG_MAX), "--address", address, *shape,
             "--seconds", str(load_seconds)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, start_new_session=True)
    try:
        threading.Event().wait(WARM_UP_SECONDS)
        answers = ask_all(programs, address, transfers, seconds)
        out, _ = process.communicate(timeout=LOAD_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise Failed("the load beside the queries did not end") from None
    finally:
        end_group(process)
    return answers, parse_bench(out)


def run_queries(programs, make_row, transfers, seconds, shape):
    """The rows of Queries: a server with `transfers` on disk, asked while quiet and while W1 runs."""
    rows = query_rows(make_row, transfers)
    data = os.path.join(programs.folder, "queries")
    server = None
    try:
        say(f"Queries: {transfers:,} transfers on one server")
        server = programs.start_server(data)
        loaded = json.loads(ask(programs.query, programs, ["load", server.address, str(transfers), str(ACCOUNTS)],
                                LOAD_SECONDS_MAX))
        say(f"  Queries: loaded in {loaded['seconds']:.1f} s, caught up after {loaded['caught_up_seconds']:.1f} s")
        ask(programs.graph, programs, ["make", server.address, str(BUSINESSES)], LOAD_SECONDS_MAX)
        seconds = max(1, round(seconds))
        quiet = ask_all(programs, server.address, transfers, seconds)
        busy, w1 = ask_beside_w1(programs, server.address, transfers, seconds, shape)
        judge_queries(rows, quiet, busy, w1)
        say(f"  Queries beside W1 at {w1['transfers_per_second']:,.0f}/s: page p50 {busy['page']['p50_ms']:.2f} ms, "
            f"p99 {busy['page']['p99_ms']:.2f} ms, filter {busy['filter_per_million']['p50_ms']:.0f} ms per million, "
            f"graph p99 {busy['graphs']['graph']['p99_ms']:.2f} ms")
        server.stop()
    except Failed as failure:
        say(f"  Queries: {failure}")
        for row in rows.values():
            row.met, row.why = None, str(failure)
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)
    return list(rows.values())
