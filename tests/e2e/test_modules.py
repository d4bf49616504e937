# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules as files: what they export, what they need, and that syslog-ng knows them."""

import glob
import os
import re
import subprocess

from daemon import BUILD, SRC, SYSLOG_NG, Test, module_path, run_tests

MODULES = sorted(glob.glob(os.path.join(BUILD, ".libs", "lib*.so")))


def symbols(path, which):
    text = subprocess.run(["nm", "-D", which, path], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].split("@")[0] for line in text.splitlines()}


class Modules(Test):
    def test_there_are_modules(self):
        names = [os.path.basename(path) for path in MODULES]
        for room in ("weblog", "dnslog", "authlog", "govtag", "incident"):
            self.assertIn("lib%s.so" % room, names)

    def test_each_exports_its_two_symbols_and_no_more(self):
        for path in MODULES:
            room = os.path.basename(path)[3:-3]
            self.assertEqual(symbols(path, "--defined-only"), {"module_info", room + "_module_init"}, path)

    def test_each_is_complete(self):
        for path in MODULES:
            missing = [name for name in symbols(path, "--undefined-only") if name.startswith("siaga_")]
            self.assertEqual(missing, [], path)

    def test_syslog_ng_loads_each(self):
        text = subprocess.run([SYSLOG_NG, "--module-path=" + module_path(), "--module-registry"],
                              capture_output=True, text=True).stdout
        for path in MODULES:
            self.assertIn("Module: " + os.path.basename(path)[3:-3] + "\n", text)

    def test_each_manual_names_every_option(self):
        for path in MODULES:
            room = os.path.basename(path)[3:-3]
            for parser in (room, room + "-parser", room + "-policy"):
                daemon = self.daemon("parser p { %s(no-such-option(x)); };" % parser, scl=False)
                known = re.search(r"known are: ([a-z -]*?)(?: in |$)", daemon.check_syntax()[1], re.M)
                if known:
                    break
            self.assertTrue(known, room)
            with open(os.path.join(SRC, "modules", room, "README.md")) as f:
                manual = f.read()
            # The daemon cuts long messages: the last name may be half of one.
            missing = [name for name in known.group(1).split()[:-1] if "`" + name not in manual]
            self.assertEqual(missing, [], room)


if __name__ == "__main__":
    run_tests()
