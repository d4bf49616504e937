#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion, asked as a person does: in bash, and in fish and zsh where they are installed."""

import os
import pty
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from documents import BUILD, SRC

COMPLETION = os.path.join(os.path.abspath(SRC), "packaging", "completion")
PATH = os.path.abspath(BUILD) + ":" + os.environ["PATH"]
ENVIRONMENT = {"PATH": PATH, "SIAGA_DATA_DIR": os.path.join(os.path.abspath(SRC), "patterns"), "LC_ALL": "C.UTF-8",
               "TERM": "dumb"}

BASH = """
source %s/siagactl.bash
words=(siagactl "$@")
COMP_WORDS=("${words[@]}") COMP_CWORD=$#
_siagactl
printf '%%s\\n' "${COMPREPLY[@]}"
"""


def run(*command, home):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=home,
                          env=dict(ENVIRONMENT, HOME=home)).stdout


class Completion:
    """ask() gives back what a shell offers for the last word, of which one thing is expected."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="siaga-completion-")

    def tearDown(self):
        shutil.rmtree(self.home)

    def test_commands(self):
        offered = self.ask("replay", "re")
        self.assertIn("replay", offered)
        self.assertNotIn("bench", offered)

    def test_options_of_a_command(self):
        self.assertIn("--final", self.ask("--final", "replay", "--fin"))

    def test_values_of_an_option(self):
        self.assertIn("intelmq", self.ask("intelmq", "share", "--format", "int"))


class Bash(Completion, unittest.TestCase):
    def ask(self, expected, *words):
        return run("bash", "--norc", "-c", BASH % COMPLETION, "bash", *words, home=self.home).split()


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(Completion, unittest.TestCase):
    def ask(self, expected, *words):
        line = " ".join(("siagactl", *words))
        text = run("fish", "--no-config", "-c", "source %s/siagactl.fish; complete -C '%s'" % (COMPLETION, line), home=self.home)
        return [row.split("\t")[0] for row in text.splitlines()]


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(Completion, unittest.TestCase):
    """The only one that has to be typed at: TAB fills in what there is one of."""

    def ask(self, expected, *words):
        with open(os.path.join(self.home, ".zshrc"), "w") as rc:
            rc.write("fpath=(%s $fpath)\nautoload -Uz compinit\ncompinit -u -D\nPS1='ready> '\nunset zle_bracketed_paste\n" % COMPLETION)
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.home)
            os.execvpe("zsh", ["zsh", "-i"], dict(ENVIRONMENT, HOME=self.home, ZDOTDIR=self.home))
        try:
            self.wait_for(terminal, "ready> ")
            os.write(terminal, (" ".join(("siagactl", *words)) + "\t").encode())
            return self.wait_for(terminal, expected).replace("\r", " ").replace("\a", " ").split()
        finally:
            os.write(terminal, b"\x03\x04")
            os.close(terminal)
            os.kill(child, 9)
            os.waitpid(child, 0)

    @staticmethod
    def wait_for(terminal, text):
        read, end = "", time.monotonic() + 60
        while text not in read:
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError("zsh says only %r" % read)
            read += os.read(terminal, 4096).decode(errors="replace")
        return read


if __name__ == "__main__":
    unittest.main()
