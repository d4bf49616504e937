#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Manuals name every option; man pages are clean."""

import glob
import os
import re
import shutil
import subprocess
import unittest

SRC = os.environ.get("SIAGA_SRCDIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGES = glob.glob(os.path.join(SRC, "packaging", "man", "*.[157]")) + [
    os.path.join(SRC, "modules", "siagactl", "siagactl.1")]
# The options of each manual's parser, by the file that lists them.
TABLES = {"weblog": "modules/glue/family-parser.h", "dnslog": "modules/glue/family-parser.h",
          "authlog": "modules/glue/family-parser.h", "govtag": "modules/govtag/govtag-parser.c",
          "incident": "modules/incident/incident-options.c", "share": "modules/share/share-parser.c"}


def read(path):
    with open(os.path.join(SRC, path)) as f:
        return f.read()


def options(path):
    """Names in a table of options, those that all parsers share included."""
    text = read(path)
    if "SIAGA_DATA_OPTIONS" in text:
        text += read("modules/glue/data.h")
    return set(re.findall(r'(?:OPTION\(|\{ )"([a-z-]+)", (?:SIAGA_OPTION_)?[A-Z]+,', text))


class Manuals(unittest.TestCase):
    def test_each_option_stands_in_its_manual(self):
        for room, table in TABLES.items():
            manual = read("modules/%s/README.md" % room)
            names = options(table)
            self.assertGreater(len(names), 4, table)
            for name in names:
                self.assertRegex(manual, r"`%s(\(|`)" % name, room)

    def test_siaga_passes_every_option_of_the_block_on(self):
        text = read("packaging/scl/siaga.conf")
        head, body = re.search(r"block parser siaga\((.*?)\n\)\n\{(.*?)\n\};", text, re.S).groups()
        names = re.findall(r"^\s*((?:[a-z-]+\([^)]*\) ?)+)$", head, re.M)
        names = [name for line in names for name in re.findall(r"([a-z-]+)\(", line)]
        self.assertGreater(len(names), 25)
        for name in names:
            self.assertIn("`%s`" % name, body)

    def test_man_pages_are_clean(self):
        self.assertEqual(len(PAGES), 4)
        for page in PAGES:
            if shutil.which("man"):
                done = subprocess.run(["man", "-l", "--warnings", page], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                      env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80"))
                self.assertEqual(done.stderr.decode(), "", page)
            if shutil.which("mandoc"):
                done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], capture_output=True, text=True)
                self.assertEqual(done.stdout + done.stderr, "", page)


if __name__ == "__main__":
    unittest.main()
