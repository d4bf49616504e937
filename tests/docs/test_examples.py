#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every fenced example of README, manuals and operator's page: commands run, configurations are read, files load."""

import glob
import os
import re
import shutil
import sys
import tempfile
import unittest

from documents import SRC, Place, blocks, has_daemon

sys.path.insert(0, os.path.join(SRC, "tests", "e2e"))
from daemon import has_http

DOCUMENTS = ["README.md", "packaging/doc/README.id.md", "packaging/doc/operating.md", "patterns/README.md",
             "modules/engine/pattern/README.md"] + sorted(
                 os.path.relpath(path, SRC) for path in glob.glob(os.path.join(SRC, "modules", "*", "README.md")))
# What fenced text may be besides examples: pictures, quoted lines and messages, another program's file.
NO_EXAMPLE = re.compile(r" a log line ──►|[A-Z][a-z]{2} [ 0-9]\d \d\d:|\S+:\d+:\d+: error: |/usr/lib/@")
# Commands that other tests run, or the build itself.
ELSEWHERE = re.compile(r"packaging/(quickstart|build-deb|test-deb|make-schemas|new-module)|autoreconf|make |git |sudo |apt|install -d|"
                       r"syslog-ng-ctl|systemctl|\.\./\.\./")
AUTH = "Mar  1 08:00:%02d web1.kementerian.go.id sshd[4123]: Failed password for root from 192.0.2.44 port 41234 ssh2\n"
WEB = '192.0.2.15 - - [01/Mar/2026:15:00:00 +0700] "GET /etc/passwd HTTP/1.1" 404 12 "-" "curl/7.88.1"\n'


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="siaga-examples-")
        self.place = Place(self.folder)
        self.place.write("auth.log", "".join(AUTH % i for i in range(8)))
        self.place.write("access.log", WEB)
        self.place.write("share.key", "0123456789abcdef0123456789abcdef")
        os.makedirs(os.path.join(self.folder, "etc", "rules.d"))
        for name in ("csirt.pem", "our.key", "our.pem", "misp.key"):
            self.place.write(name, "")
        self.place.run("siagactl replay --final auth.log > incidents.json")

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def localise(self, text):
        for old, new in {"/usr/share/siaga": os.path.join(SRC, "patterns"), "/etc/siaga/share.key": self.folder + "/share.key",
                         "/etc/siaga": self.folder + "/etc", "/var/log/": self.folder + "/"}.items():
            text = text.replace(old, new)
        return text

    def try_shell(self, text):
        for line in re.sub(r"\\\n", "", text).splitlines():
            line = line.strip()
            if line and not line.startswith("#") and not ELSEWHERE.match(line):
                self.assertTrue(line.startswith("siagactl "), "no test runs: " + line)
                code, said = self.place.run(self.localise(line))
                self.assertEqual(code, 0, line + ": " + said)

    def try_yaml(self, text):
        if text.startswith("format:"):
            text = "dataset: example\nfamily: web\n" + text
        name = "policy.yaml" if "partners:" in text else "pattern.yaml"
        code, said = self.place.run("siagactl check " + self.place.write("y/" + name, self.localise(text)))
        self.assertEqual(code, 0, said)
        self.assertNotIn("error", said.replace("0 errors", ""))

    def try_configuration(self, text):
        if not has_daemon():
            self.skipTest("no syslog-ng")
        if "siaga-http(" in text and not has_http():
            self.skipTest("no http module of syslog-ng")
        if not re.search(r"^(log|source|@version)\b", text, re.M):
            text = "log { source { internal(); };\n" + text + "};\n"
        code, said = self.place.check_configuration(text.replace("/etc/ssl/", self.folder + "/"))
        self.assertEqual(code, 0, said)

    def try_table(self, text):
        code, said = self.place.run("siagactl check " + self.place.write("table.csv", text))
        self.assertEqual(code, 0, said)

    def try_block(self, block):
        if block.kind == "sh":
            self.try_shell(block.text)
        elif block.kind == "yaml":
            if not block.file:  # named files belong together: siagactl's own tests load them
                self.try_yaml(block.text)
        elif block.kind == "json":
            self.assertTrue(__import__("json").loads(block.text))
        elif block.text.startswith("suffix_or_network,"):
            self.try_table(block.text)
        elif not NO_EXAMPLE.match(block.text):
            self.try_configuration(block.text)

    def test_all(self):
        for document in DOCUMENTS:
            for block in blocks(document):
                with self.subTest(document=document, line=block.line):
                    self.try_block(block)


if __name__ == "__main__":
    unittest.main()
