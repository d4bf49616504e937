#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The README's example configuration, as it stands but for its folders, and its example pattern."""

import os
import re
import shutil
import subprocess

from daemon import BUILD, SRC, Test, run_tests, wait_until
from logs import failed_logins

MOVED = {"/var/log/": "{dir}/", "siaga();": 'siaga(state-dir("{dir}/state"));'}


def blocks(document, start):
    """The fenced blocks of DOCUMENT that begin with START."""
    with open(os.path.join(SRC, document)) as f:
        return [block for block in re.findall(r"^```\w*\n(.*?)^```", f.read(), re.M | re.S) if block.startswith(start)]


def is_open(pid, path):
    folder = "/proc/%d/fd" % pid
    return any(os.path.realpath(os.path.join(folder, fd)) == os.path.realpath(path) for fd in os.listdir(folder))


class Readme(Test):
    def example(self, document):
        (text,) = blocks(document, "@version")
        for old, new in MOVED.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        return text

    def configure(self, daemon, text):
        """The staged SCL in place of the installed one; everything else is the document's."""
        shutil.copytree(os.path.join(SRC, "packaging", "scl"), daemon.path("include", "scl", "siaga"))
        head, rest = text.replace("{dir}", daemon.dir).split("\n", 1)
        staged = '@define include-path "/etc/syslog-ng:/usr/share/syslog-ng/include:%s"' % daemon.path("include")
        with open(daemon.path("syslog-ng.conf"), "w") as f:
            f.write("\n".join((head, staged, rest)))

    def try_document(self, document):
        daemon = self.daemon("")
        self.configure(daemon, self.example(document))
        os.makedirs(daemon.path("apache2"))
        open(daemon.path("auth.log"), "w").close()
        open(daemon.path("apache2", "other_vhosts_access.log"), "w").close()
        daemon.start()
        wait_until(lambda: is_open(daemon.process.pid, daemon.path("auth.log")), "the log to be read from its end on")
        with open(daemon.path("auth.log"), "ab") as f:
            f.write(b"\n".join(failed_logins("192.0.2.7")) + b"\n")
        wait_until(lambda: daemon.lines("siaga-government.json"), "an incident on a government domain")
        wait_until(lambda: daemon.lines("siaga-incidents.json"), "the incident among all")

    def test_the_example_configuration_starts_and_finds_an_attack(self):
        self.try_document("README.md")

    def test_so_does_the_one_in_bahasa_indonesia(self):
        self.try_document("packaging/doc/README.id.md")

    def test_the_example_pattern_loads_and_its_samples_pass(self):
        (text,) = blocks("README.md", "dataset:")
        path = self.file("doorlock.yaml", text)
        for command in ("check", "test"):
            done = subprocess.run([os.path.join(BUILD, "siagactl"), command, path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    run_tests()
