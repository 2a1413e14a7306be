"""The programs that scripts/bench runs: the limit program, `payloom bench`, a server of our own; and the machine."""
import json
import os
import re
import resource
import signal
import subprocess
import threading
import time

LISTENING = re.compile(r'\blistening\b.*\baddress"?[=:]"?([^\s",}]+)')
LIMIT_LINE = re.compile(r"bound batch\s+(\d+).*?:\s+(\d+) transfers/s\s+message p50\s+(\d+) us\s+p99\s+(\d+) us"
                        r"\s+refused (\d+)")
GRACE_SECONDS = 300      # set-up, catching up and check of one run
START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 60
LOG_LINES_KEPT = 40
INDEX_LAG_MAX = 16_384   # events: an idle follower indexes that many at once and leaves fewer until more come
MEMORY_FILE_SYSTEMS = ("tmpfs", "ramfs", "devtmpfs")


class Failed(Exception):
    """A run that is no result; the message is for the user."""


def parse_limit(text):
    """The limit program's line as figures."""
    match = LIMIT_LINE.search(text)
    if match is None:
        raise Failed("the limit program printed no figures: " + text.strip()[-200:])
    _, rate, p50, p99, refused = (int(group) for group in match.groups())
    if rate == 0:
        raise Failed("the limit program did nothing")
    return {"transfers_per_second": rate, "p50_us": p50, "p99_us": p99, "refused": refused}


def parse_bench(text):
    """The object of `payloom bench --json`; Failed when its own checks say that it is no result."""
    try:
        figures = json.loads(text)
    except ValueError:
        raise Failed("payloom bench printed no figures") from None
    if not isinstance(figures, dict):
        raise Failed("payloom bench printed no figures")
    needed = ("transfers_per_second", "accepted", "rejected", "p50_us", "p99_us", "index_lag", "money_check")
    missing = [name for name in needed if name not in figures]
    if missing:
        raise Failed("the figures of payloom bench lack " + ", ".join(missing))
    if figures["money_check"] is not True:
        why = (figures.get("check") or {}).get("why")
        raise Failed("money check failed: " + (why or f"lag {figures.get('index_lag_finally')}, or a lost connection"))
    if figures["accepted"] <= 0:
        raise Failed("nothing was accepted")
    if figures["rejected"] > 0 or figures.get("unknown", 0) > 0:
        raise Failed(f"{figures['rejected']} refused, {figures.get('unknown', 0)} without an answer: other work than "
                     f"the limit program's ({figures.get('rejected_by_code')})")
    return figures


def end_group(process):
    """Ends a process that is the first of its session, and all that it started there, unless it has ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            pass
    process.wait()


class Programs:
    """Runs programs one at a time; whatever happens, none is left behind."""

    def __init__(self, payloom, limit, folder, settings, query=None, graph=None):
        self.payloom = payloom
        self.limit = limit
        self.query = query
        self.graph = graph
        self.folder = folder
        self.settings = [word for setting in settings for word in ("--set", setting)]

    def output_of(self, words, seconds):
        """Exit code, stdout and stderr of one command in a session of its own."""
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, errors="replace", start_new_session=True)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"`{os.path.basename(words[0])}` did not end within {seconds:.0f} s") from None
        finally:
            end_group(process)
        return process.returncode, out, err

    def run_limit(self, arguments, seconds):
        """The limit program's figures. It leaves its file behind when it fails; the folder is removed at the end."""
        os.sync()
        words = [self.limit, self.folder, *arguments, "--seconds", str(seconds)]
        code, out, err = self.output_of(words, seconds + GRACE_SECONDS)
        if code != 0:
            raise Failed(f"the limit program ended with code {code}: {err.strip()[-200:]}")
        return parse_limit(out)

    def run_bench(self, arguments, address=None, seconds=0):
        """The figures of `payloom bench`, on a server of its own unless `address` names one."""
        os.sync()
        where = ["--address", address] if address else ["--embedded", "--data", self.folder, *self.settings]
        words = [self.payloom, "bench", "--json", "--max-lag", str(INDEX_LAG_MAX), *where, *arguments]
        code, out, err = self.output_of(words, seconds + GRACE_SECONDS)
        if code not in (0, 1) or not out.strip():
            raise Failed(f"payloom bench ended with code {code}: {err.strip()[-400:]}")
        return parse_bench(out)

    def ask(self, arguments):
        """The JSON that a verb of the command line prints."""
        code, out, err = self.output_of([self.payloom, *arguments, "--json"], GRACE_SECONDS)
        try:
            return json.loads(out)
        except ValueError:
            raise Failed(f"`payloom {' '.join(arguments[:2])}` ended with code {code} and no JSON: "
                         f"{err.strip()[-200:]}") from None

    def start_server(self, data):
        return Server([self.payloom, "server", "--listen", "127.0.0.1:0", "--data", data, *self.settings])


class Server:
    """A payloom server; seconds_to_listen says how long it took until it served."""

    def __init__(self, words):
        self.started = time.monotonic()
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        errors="replace", start_new_session=True)
        self.address = None
        self.seconds_to_listen = None
        self.lines = []
        self.known = threading.Event()
        threading.Thread(target=self.read_log, daemon=True).start()
        if not self.known.wait(START_SECONDS_MAX) or self.address is None:
            self.kill()
            raise Failed("the server did not serve: " + " / ".join(self.lines[-3:]))

    def read_log(self):
        for line in self.process.stderr:
            self.lines = [*self.lines[1 - LOG_LINES_KEPT:], line.strip()]
            match = LISTENING.search(line)
            if match and self.address is None:
                self.seconds_to_listen = time.monotonic() - self.started
                self.address = match.group(1)
                self.known.set()
        self.known.set()

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as stream:
            return int(stream.read().split()[1]) * resource.getpagesize()

    def stop(self):
        """SIGTERM and a clean end, or Failed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server did not drain within {STOP_SECONDS_MAX} s") from None
        if code != 0:
            raise Failed(f"the server ended with code {code}: " + " / ".join(self.lines[-3:]))

    def kill(self):
        end_group(self.process)


def mount_of(path, mounts):
    """(device, file system) of the longest mount point above `path`; `mounts` is the text of /proc/mounts."""
    best = ("", "unknown", "unknown")
    for line in mounts.splitlines():
        device, point, kind = line.split()[:3]
        point = point.replace("\\040", " ")
        if (path + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
            best = (point, device, kind)
    return best[1], best[2]


def machine_facts(folder):
    """What the figures depend on."""
    with open("/proc/mounts", encoding="utf-8") as stream:
        device, kind = mount_of(os.path.realpath(folder), stream.read())
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as stream:
        models = re.findall(r"model name\s*:\s*(.+)", stream.read())
    space = os.statvfs(folder)
    return {"cores": os.cpu_count(), "cpu": models[0] if models else "unknown",
            "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
            "kernel": os.uname().release, "disk": device, "file_system": kind,
            "free_bytes": space.f_bavail * space.f_frsize, "load_average": round(os.getloadavg()[0], 2)}


def machine_warnings(facts, free_bytes_needed):
    """Why the figures may say less than they seem to."""
    if facts["file_system"] in MEMORY_FILE_SYSTEMS:
        yield f"{facts['file_system']} is memory, not a disk: nothing durable is measured; name a disk with --data"
    if facts["load_average"] > 0.5:
        yield f"load average {facts['load_average']}: something else is running"
    if facts["free_bytes"] < free_bytes_needed:
        yield f"only {facts['free_bytes'] / 1e9:.1f} GB free, these runs may need {free_bytes_needed / 1e9:.0f} GB"
