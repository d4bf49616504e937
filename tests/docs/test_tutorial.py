#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The tutorial as a new user goes through it: every file is written, every command runs, what must be seen is seen."""

import os
import signal
import shutil
import sys
import tempfile
import unittest

from documents import SRC, Place, blocks, has_daemon


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="siaga-tutorial-")
        self.place = Place(self.folder)

    def tearDown(self):
        try:
            with open(os.path.join(self.folder, "daemon.pid")) as f:
                os.kill(int(f.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def localise(self, text):
        scl = '@include "%s"' % os.path.join(SRC, "packaging", "scl", "siaga.conf")
        return text.replace('@include "scl.conf"', scl)

    def go_through(self, document):
        said = ""
        for block in blocks("packaging", "doc", document):
            place = "%s:%d" % (document, block.line)
            if block.kind == "sh":
                code, said = self.place.run(block.text)
                self.assertEqual(code, 0, place + ": " + said)
            elif block.kind == "text":
                for line in block.text.splitlines():
                    self.assertIn(" ".join(line.split()), " ".join(said.split()), place)
            else:
                self.assertTrue(block.file, place)
                self.place.write(block.file, self.localise(block.text))

    def test_in_english(self):
        self.go_through("tutorial.md")

    def test_in_bahasa_indonesia(self):
        english, indonesian = ([(b.kind, b.text) for b in blocks("packaging", "doc", name)]
                               for name in ("tutorial.md", "tutorial.id.md"))
        self.assertEqual(english, indonesian)


if __name__ == "__main__":
    if not has_daemon():
        print("no syslog-ng to go through the tutorial with")
        sys.exit(77)
    unittest.main()
