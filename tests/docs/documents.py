# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fenced examples of the documents, and a place to run them in."""

import os
import re
import shutil
import subprocess

SRC = os.environ.get("SIAGA_SRCDIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.abspath(os.environ.get("SIAGA_BUILDDIR") or ".")
SYSLOG_NG = os.environ.get("SYSLOG_NG") or shutil.which("syslog-ng") or "/usr/sbin/syslog-ng"


class Block:
    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line
        name = re.match(r"# file: (\S+)\n", text)
        self.file = name and name.group(1)


def blocks(*path):
    """The fenced blocks of a document, in order."""
    with open(os.path.join(SRC, *path)) as f:
        text = f.read()
    return [Block(m.group(1), m.group(2), text.count("\n", 0, m.start()) + 1)
            for m in re.finditer(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)]


def has_daemon():
    return os.access(SYSLOG_NG, os.X_OK)


def _module_path():
    version = subprocess.run([SYSLOG_NG, "-V"], capture_output=True, text=True).stdout
    release = re.search(r"\((\d+\.\d+)\.", version.splitlines()[0]).group(1)
    system = os.environ.get("SYSLOG_NG_MODULE_DIR") or "/usr/lib/syslog-ng/" + release
    return os.path.join(BUILD, ".libs") + ":" + system


class Place:
    """A folder in which the tree's siagactl and a syslog-ng with its modules are the commands of these names."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = os.path.join(folder, ".bin")
        os.mkdir(self.bin)
        os.symlink(os.path.join(BUILD, "siagactl"), os.path.join(self.bin, "siagactl"))
        if has_daemon():
            self._script("syslog-ng", 'exec %s --module-path=%s "$@"' % (SYSLOG_NG, _module_path()))
        self.environment = dict(os.environ, PATH=self.bin + ":" + os.environ.get("PATH", "/usr/bin:/bin"),
                                SIAGA_DATA_DIR=os.path.join(SRC, "patterns"), NO_COLOR="1")
        self.environment.pop("SIAGA_CONFIG_DIR", None)

    def _script(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + text + "\n")
        os.chmod(path, 0o755)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def run(self, text):
        """Gives back the exit code, of the first command that fails, and everything that was said."""
        result = subprocess.run(["/bin/sh", "-ec", text], cwd=self.folder, env=self.environment, timeout=300,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return result.returncode, result.stdout.decode(errors="replace")

    def check_configuration(self, text):
        """Whether syslog-ng reads it, with siaga's SCL in place of the installed one."""
        scl = "".join('@include "%s"\n' % os.path.join(SRC, "packaging", "scl", name)
                      for name in ("siaga.conf", "siaga-share.conf"))
        text = re.sub(r'^@(version: current|include "scl.conf")\n', "", text, flags=re.M)
        path = self.write("syslog-ng.conf", "@version: current\n" + scl + text)
        return self.run("syslog-ng --syntax-only -f " + path)
