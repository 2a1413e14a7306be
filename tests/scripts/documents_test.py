#!/usr/bin/env python3
"""Goal: what the documents and the key table promise exists.

Method: links, script names and verbs are taken from the texts and looked up in the tree and in the binary's help.
usage: documents_test.py PAYLOOM_BINARY
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BINARY = None
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")
SCRIPT = re.compile(r"\bscripts/([a-z_]+)\b(?!/)")
VERB = re.compile(r"(?:^|[`\s(])(?:\$payloom|payloom|build/release/payloom)((?: [a-z][a-z-]*)+)")
LISTENING = re.compile(r"\blistening address=(\S+)")
PEOPLE = ("README.md", "OPERATIONS.md", "ARCHITECTURE.md", "CHANGELOG.md")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
        return stream.read()


def documents():
    yield from (name for name in PEOPLE)
    for top in ("actors", "protocol", "storage", "config", "tests", "scripts"):
        for directory, _, names in os.walk(os.path.join(ROOT, top)):
            yield from (os.path.relpath(os.path.join(directory, n), ROOT) for n in names if n.endswith(".md"))


class DocumentsTest(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for path in documents():
            for target in LINK.findall(read(path)):
                with self.subTest(document=path, link=target):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, os.path.dirname(path), target)))

    def test_named_scripts_exist(self):
        for path in documents():
            for name in SCRIPT.findall(read(path)):
                with self.subTest(document=path, script=name):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, "scripts", name)) or
                                    os.path.exists(os.path.join(ROOT, "scripts", name + ".py")))

    def test_every_key_has_an_effect(self):
        """A key that nothing outside config/ reads would be a promise without anyone behind it."""
        members = re.findall(r"PAYLOOM_AT\(([a-z_.]+)\)", read("config/keys.cpp"))
        self.assertGreater(len(members), 30)
        used = "\n".join(read(os.path.relpath(os.path.join(directory, name), ROOT))
                         for directory, _, names in os.walk(os.path.join(ROOT, "actors"))
                         for name in names if name.endswith((".cpp", ".hpp")))
        for member in members:
            # The log's settings are handed over whole.
            text = "configure_log(" if member.startswith("log.") else member
            with self.subTest(key=member):
                found = re.search(rf"(?<![a-z_]){re.escape(text)}", used)
                self.assertTrue(found, f"nothing in actors/ reads {member}")

    def test_the_first_steps_of_the_readme_work(self):
        """Every command of the block, in order, against a server of its own."""
        steps = re.findall(r"^    \$payloom (.+)$", read("README.md"), re.MULTILINE)
        self.assertGreater(len(steps), 5)
        with tempfile.TemporaryDirectory() as folder:
            server = subprocess.Popen([BINARY, "server", "--listen", "127.0.0.1:0", "--data", folder + "/data"],
                                      stderr=subprocess.PIPE, text=True)
            try:
                address = next(m.group(1) for m in map(LISTENING.search, server.stderr) if m)
                for words in steps:
                    with self.subTest(step=words):
                        done = subprocess.run([BINARY, *words.split(), "--address", address], timeout=120,
                                              capture_output=True, text=True, check=False)
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            finally:
                server.terminate()
                server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0)

    def test_named_verbs_are_known_to_the_binary(self):
        for path in ("README.md", "OPERATIONS.md"):
            for words in {match.strip() for match in VERB.findall(read(path))}:
                with self.subTest(document=path, verb=words):
                    # Words after the verb may be prose: the verb is what must answer --help.
                    verb = words.split()[0]
                    done = subprocess.run([BINARY, verb, "--help"], capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(__doc__)
    BINARY = os.path.realpath(sys.argv.pop(1))
    unittest.main()
