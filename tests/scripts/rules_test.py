#!/usr/bin/env python3
"""Goal: check_layers and lint find what they claim to find, and nothing in a clean tree.

Method: each row makes a small clean tree with one violation in it and expects exactly that finding; the last rows
expect none.
"""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# A tree without findings: two layers, one header each, built and documented.
CLEAN = {
    "protocol/README.md": "# protocol\n",
    "protocol/types/README.md": "# types\n",
    "protocol/types/CMakeLists.txt": "payloom_library(payloom_types SOURCES ids.cpp)\n",
    "protocol/types/ids.hpp": "#pragma once\n#include <cstdint>\n",
    "protocol/types/ids.cpp": '#include "protocol/types/ids.hpp"\n',
    "actors/core/README.md": "# core\n",
    "actors/core/CMakeLists.txt": "payloom_library(payloom_core SOURCES rules.cpp)\n",
    "actors/core/rules.cpp": '#include "protocol/types/ids.hpp"\n\n#include <vector>\n',
}

CORE = "actors/core/rules.cpp"
TYPES = "protocol/types/ids.cpp"

# (file, its text, line of the finding, part of the message); None: the file is left out of the tree.
LAYER_ROWS = (
    (CORE, '#include "actors/messages.hpp"\n', 1, "actors/core may not include actors/messages.hpp"),
    (CORE, '#include "storage/ports.hpp"\n', 1, "actors/core may not include storage/ports.hpp"),
    (CORE, '\n#include <caf/all.hpp>\n', 2, "actors/core may not include <caf/all.hpp>"),
    (CORE, '#  include <sys/socket.h>\n', 1, "the standard library only"),
    (CORE, '#include "rules.hpp"\n', 1, "named by their path from the root"),
    (CORE, '#include "../core/rules.hpp"\n', 1, "named by their path from the root"),
    (TYPES, '#include <fmt/format.h>\n', 1, "protocol/types may not include <fmt/format.h>"),
    (TYPES, '#include "protocol/wire/codec.hpp"\n', 1, "protocol/types may not include protocol/wire/codec.hpp"),
    ("protocol/wire/a.hpp", '#include "protocol/net/ports.hpp"\n', 1, "may not include protocol/net/ports.hpp"),
    ("protocol/net/a.hpp", '#include "actors/core/rules.hpp"\n', 1, "may not include actors/core/rules.hpp"),
    ("protocol/client/a.hpp", '#include "protocol/net/session.hpp"\n', 1, "may not include protocol/net/session.hpp"),
    ("protocol/client/a.hpp", '#include <caf/actor.hpp>\n', 1, "may not include <caf/actor.hpp>"),
    ("storage/codec/a.hpp", '#include "storage/log/log.hpp"\n', 1, "may not include storage/log/log.hpp"),
    ("storage/log/a.hpp", '#include <rocksdb/db.h>\n', 1, "may not include <rocksdb/db.h>"),
    ("storage/rocksdb/a.hpp", '#include "storage/log/log.hpp"\n', 1, "may not include storage/log/log.hpp"),
    ("storage/memory/a.hpp", '#include <boost/asio.hpp>\n', 1, "may not include <boost/asio.hpp>"),
    ("config/a.hpp", '#include "actors/messages.hpp"\n', 1, "may not include actors/messages.hpp"),
    ("actors/orders/a.hpp", '#include <boost/asio.hpp>\n', 1, "may not include <boost/asio.hpp>"),
    ("actors/orders/a.hpp", '#include "protocol/net/session.hpp"\n', 1, "may not include protocol/net/session.hpp"),
    ("actors/orders/a.hpp", '#include "storage/log/log.hpp"\n', 1, "may not include storage/log/log.hpp"),
    ("actors/orders/a.hpp", '#include "actors/app/verbs.hpp"\n', 1, "nothing but the application"),
    ("storage/log/a.hpp", '#include <openssl/sha.h>\n#include "storage/codec/format.hpp"\n', None, None),
    ("actors/orders/a.hpp", '#include <caf/all.hpp>\n#include "protocol/net/ports.hpp"\n', None, None),
    ("protocol/other/a.hpp", "#pragma once\n", 1, "this folder is in no layer"),
    ("tests/sim/auditor.hpp", '#include "actors/core/rules.hpp"\n', 1, "the auditor must not see actors/core/"),
)

LINT_ROWS = (
    (CORE, "// " + "x" * 118 + "\n", 1, "121 columns"),
    (CORE, "int a;\t// b\n", 1, "tab"),
    (CORE, "\nint a; \n", 2, "trailing white space"),
    (CORE, "int a;\r\n", 1, "trailing white space or carriage return"),
    (CORE, "int a;", 1, "no newline at the end"),
    (CORE, "int a;\n" * 501, 500, "501 lines, at most 500"),
    (CORE, "void f(int a) {\n" + "  g(a);\n" * 71 + "}\n", 1, "function of 71 lines"),
    (CORE, "struct s {\n  void f(int a) {\n" + "    g(a);\n" * 71 + "  }\n};\n", 2, "function of 71 lines"),
    (CORE, "// TODO: all of it\n", 1, "leftover marker"),
    (CORE, "// see /work/main\n", 1, "path of one machine"),
    (CORE, 'auto t = "/tmp/x";\n', 1, "path of one machine"),
    ("scripts/get", "#!/bin/bash\ncurl https://pypi.org/x\n", 2, "package host"),
    ("scripts/get", "#!/bin/bash\nif then\n", 1, "bash cannot read it"),
    ("scripts/get.py", "def f(:\n", 1, "python cannot read it"),
    (CORE, "auto now = std::chrono::system_clock::now();\n", 1, "`system_clock` is banned here"),
    (CORE, "std::mutex m;\n", 1, "no clock, randomness or threads"),
    (CORE, "int r = rand();\n", 1, "a seeded engine"),
    (CORE, "std::random_device d;\n", 1, "no clock, randomness or threads"),
    (CORE, 'std::printf("x");\n', 1, "does not print"),
    (CORE, "double amount = 0;\n", 1, "amounts and decisions are integers"),
    (CORE, "assert(true);\n", 1, "PAYLOOM_ASSERT"),
    (CORE, "fsync(1);\n", 1, "durability is the journal's"),
    (CORE, "int n = atoi(text);\n", 1, "from_chars"),
    ("storage/mysql/a.hpp", "#pragma once\nvoid f() { connection->commit(); }\n", 2, "swallows errors"),
    ("storage/mysql/a.hpp", "#pragma once\nvoid f() { c.setAutoCommit(true); }\n", 2, "swallows errors"),
    ("tests/core/a_test.cpp", "GTEST_SKIP();\n", 1, "a test runs or does not exist"),
    ("tests/core/a_test.cpp", "EXPECT_TRUE(true);\n", 1, "a test that can fail"),
    ("protocol/types/ids.hpp", "#include <cstdint>\n", 1, "#pragma once is missing"),
    ("protocol/types/lost.hpp", "#pragma once\n", 1, "nothing includes this header"),
    ("protocol/types/lost.cpp", "int a;\n", 1, "no CMakeLists.txt at or above it names this file"),
    ("protocol/types/README.md", None, 1, "missing: purpose"),
    ("protocol/README.md", "x" * 1_000_001, 1, "larger than"),
    ("protocol/types/bytes.md", b"\xff\xfe\n", 1, "not UTF-8"),
    # Not findings:
    (CORE, "// system_clock and rand() are words in a comment\n", None, None),
    (CORE, 'static_assert(sizeof(int) == 4);\n', None, None),
    (CORE, "void f(int a) {\n" + "  g(a);\n" * 70 + "}\n", None, None),
    ("storage/log/file.hpp", "#pragma once\nvoid f() { fsync(1); }\n", None, None),
    ("build/release/x.cpp", "// TODO\n", None, None),
)


def make_tree(folder, path, text):
    tree = dict(CLEAN)
    tree[path] = text
    for name, content in tree.items():
        if content is None:
            continue
        full = os.path.join(folder, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as stream:
            stream.write(content if isinstance(content, bytes) else content.encode())
        if content.startswith("#!" if isinstance(content, str) else b"#!"):
            os.chmod(full, 0o755)


def findings(script, folder):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", script), folder],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


class RulesTest(unittest.TestCase):
    def check(self, script, rows):
        for path, text, line, message in rows:
            with self.subTest(script=script, path=path, expected=message), tempfile.TemporaryDirectory() as folder:
                make_tree(folder, path, text)
                code, output = findings(script, folder)
                mine = [row for row in output.splitlines() if row.startswith(f"{path}:")]
                if message is None:
                    self.assertEqual([row for row in mine if "nothing includes" not in row], [])
                    continue
                self.assertEqual(code, 1, output)
                self.assertTrue(any(row.startswith(f"{path}:{line}: ") and message in row for row in mine), output)

    def test_layers(self):
        self.check("check_layers", LAYER_ROWS)

    def test_lint(self):
        self.check("lint", LINT_ROWS)

    def test_a_clean_tree_has_no_findings(self):
        for script in ("check_layers", "lint"):
            with tempfile.TemporaryDirectory() as folder:
                make_tree(folder, CORE, CLEAN[CORE])
                self.assertEqual(findings(script, folder), (0, ""))

    def test_the_auditor_is_followed_through_its_helpers(self):
        with tempfile.TemporaryDirectory() as folder:
            make_tree(folder, "tests/sim/auditor.cpp", '#include "tests/sim/model.hpp"\n')
            make_tree(folder, "tests/sim/model.hpp", '#pragma once\n#include "actors/core/rules.hpp"\n')
            code, output = findings("check_layers", folder)
            self.assertEqual(code, 1)
            self.assertIn("tests/sim/model.hpp:2: the auditor must not see actors/core/rules.hpp", output)

    def test_a_shell_reaches_no_library_behind_a_header(self):
        with tempfile.TemporaryDirectory() as folder:
            make_tree(folder, "actors/follower/a.hpp", '#pragma once\n#include "storage/rocksdb/store.hpp"\n')
            make_tree(folder, "storage/rocksdb/store.hpp", '#pragma once\n#include "storage/rocksdb/inner.hpp"\n')
            make_tree(folder, "storage/rocksdb/inner.hpp", "#pragma once\n#include <string>\n")
            self.assertEqual(findings("check_layers", folder), (0, ""))
            make_tree(folder, "storage/rocksdb/inner.hpp", "#pragma once\n#include <rocksdb/db.h>\n")
            code, output = findings("check_layers", folder)
            self.assertEqual(code, 1)
            self.assertIn("storage/rocksdb/inner.hpp:2: reached from the actor shells", output)

    def test_a_script_without_the_executable_bit(self):
        with tempfile.TemporaryDirectory() as folder:
            make_tree(folder, "scripts/get", "#!/bin/bash\n")
            os.chmod(os.path.join(folder, "scripts/get"), 0o644)
            self.assertIn("scripts/get:1: has a #! line but is not executable", findings("lint", folder)[1])


class PackagesTest(unittest.TestCase):
    def test_every_library_that_cmake_finds_is_in_the_list(self):
        listed = subprocess.run([os.path.join(ROOT, "scripts", "install_packages"), "--list"],
                                capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(len(listed), len(set(listed)))
        with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as stream:
            cmake = stream.read()
        for library, package in (("CAF", "libcaf-dev"), ("Boost", "libboost-dev"), ("yaml-cpp", "libyaml-cpp-dev"),
                                 ("fmt", "libfmt-dev"), ("RocksDB", "librocksdb-dev"), ("GTest", "libgtest-dev")):
            self.assertIn(f"find_package({library} ", cmake)
            self.assertIn(package, listed)


if __name__ == "__main__":
    unittest.main()
