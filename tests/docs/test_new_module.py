#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/new-module: what it makes is compiled with this build's flags, loaded, and passes its own test."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from documents import BUILD, SRC, has_daemon

MAKE = """include Makefile
COMPILE_ROOM = $(LIBTOOL) --tag=CC --mode=compile $(CC) $(DEFS) -I. -I$(TREE)/modules $(AM_CPPFLAGS) $(CPPFLAGS) \\
	$(MODULE_CFLAGS) $(CFLAGS)
room:
	$(COMPILE_ROOM) -c -o $(OUT)/plugin.lo $(TREE)/modules/pintu/pintu-plugin.c
	$(COMPILE_ROOM) -c -o $(OUT)/parser.lo $(TREE)/modules/pintu/pintu-parser.c
	$(LIBTOOL) --tag=CC --mode=link $(CC) $(MODULE_CFLAGS) $(CFLAGS) $(MODULE_LDFLAGS) $(LDFLAGS) -rpath /nowhere \\
	  -o $(OUT)/libpintu.la $(OUT)/plugin.lo $(OUT)/parser.lo $(MODULE_LIBS)
"""


class NewModule(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.mkdtemp(prefix="siaga-room-")
        os.mkdir(os.path.join(self.tree, "packaging"))
        shutil.copy(os.path.join(SRC, "packaging", "new-module"), os.path.join(self.tree, "packaging"))
        shutil.copy(os.path.join(SRC, "Makefile.am"), self.tree)

    def tearDown(self):
        shutil.rmtree(self.tree)

    def make_room(self, name):
        return subprocess.run([os.path.join(self.tree, "packaging", "new-module"), name], capture_output=True, text=True)

    def test_it_builds_loads_and_passes_its_test(self):
        self.assertEqual(self.make_room("pintu").returncode, 0)
        with open(os.path.join(self.tree, "Makefile.am")) as f:
            self.assertEqual(f.read().count("include modules/pintu/Makefile.am\n"), 1)
        out = os.path.join(self.tree, "out")
        os.mkdir(out)
        done = subprocess.run(["make", "-s", "-f", "-", "room", "TREE=" + self.tree, "OUT=" + out], input=MAKE, cwd=BUILD,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # The daemon's search path takes the tree's modules from one folder.
        staged = os.path.join(self.tree, "build", ".libs")
        os.makedirs(staged)
        for folder in (os.path.join(BUILD, ".libs"), os.path.join(out, ".libs")):
            for file in os.listdir(folder):
                if file.endswith(".so"):
                    shutil.copy(os.path.join(folder, file), staged)
        environment = dict(os.environ, SIAGA_SRCDIR=SRC, SIAGA_BUILDDIR=os.path.join(self.tree, "build"))
        done = subprocess.run([sys.executable, os.path.join(self.tree, "modules", "pintu", "tests", "test_pintu.py")],
                              env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_bad_and_taken_names_are_refused(self):
        for name in ("", "x", "Pintu", "pin-tu", "../x"):
            self.assertEqual(self.make_room(name).returncode, 2, name)
        self.assertEqual(self.make_room("pintu").returncode, 0)
        self.assertEqual(self.make_room("pintu").returncode, 2)


if __name__ == "__main__":
    if not has_daemon():
        print("no syslog-ng to load a room with")
        sys.exit(77)
    unittest.main()
