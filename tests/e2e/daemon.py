# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real syslog-ng with the modules of the build tree, in a folder of its own."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SRC = os.environ.get("SIAGA_SRCDIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("SIAGA_BUILDDIR") or os.path.join(SRC, ".build")
SYSLOG_NG = os.environ.get("SYSLOG_NG") or shutil.which("syslog-ng") or "/usr/sbin/syslog-ng"
SKIP = 77

# What Debian's own configuration says on each release; later ones say their own version.
STOCK_VERSIONS = {"3.38": "3.38", "4.8": "4.4"}


def run_tests():
    """Runs the calling file's tests; tells automake about a missing daemon."""
    if not os.access(SYSLOG_NG, os.X_OK):
        print("no syslog-ng to test with")
        sys.exit(SKIP)
    unittest.main(verbosity=2)


def release():
    text = subprocess.run([SYSLOG_NG, "-V"], capture_output=True, text=True).stdout
    return re.search(r"\((\d+\.\d+)\.", text.splitlines()[0]).group(1)


def system_module_dir():
    return os.environ.get("SYSLOG_NG_MODULE_DIR") or "/usr/lib/syslog-ng/" + release()


def has_http():
    return os.path.exists(os.path.join(system_module_dir(), "libhttp.so"))


def module_path():
    return os.path.join(BUILD, ".libs") + ":" + system_module_dir()


def stock_version():
    return STOCK_VERSIONS.get(release(), release())


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError("waited %d seconds for %s" % (seconds, what))
        time.sleep(0.02)
    return value


def cpu_seconds(pid):
    """What a process spent, its ended threads too.  Its own clock counts nanoseconds; /proc counts ticks of 10 ms, of which
    a short run may have none."""
    return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid(3) makes of it


def free_port():
    """Below those that the system gives to connections: until the daemon takes it, one of another test could have it."""
    for port in random.sample(range(10000, 30000), 100):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


class Daemon:
    """One configuration and its process.  BODY may name files below {dir}; use .path() to build them."""

    def __init__(self, body, dir=None, version=None, environment=None, scl=True):
        self.dir = dir or tempfile.mkdtemp(prefix="siaga-e2e-")
        self.version = version or stock_version()
        self.scl = scl
        self.environment = dict(os.environ, SIAGA_DATA_DIR=os.path.join(SRC, "patterns"),
                                SIAGA_CONFIG_DIR=self.path("etc"), **(environment or {}))
        self.process = None
        self.configure(body)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def configure(self, body):
        with open(self.path("syslog-ng.conf"), "w") as f:
            f.write("@version: %s\n" % self.version)
            if self.scl:
                f.write('@include "%s"\n' % os.path.join(SRC, "packaging", "scl", "siaga.conf"))
            f.write("options { stats-level(2); keep-hostname(yes); };\n" if release().startswith("3") else
                    "options { stats(level(2)); keep-hostname(yes); };\n")
            f.write(body.replace("{dir}", self.dir))

    def _command(self, *more):
        return [SYSLOG_NG, "-f", self.path("syslog-ng.conf"), "--module-path=" + module_path(), *more]

    def check_syntax(self):
        """Gives back the exit code and everything printed."""
        result = subprocess.run(self._command("--syntax-only"), env=self.environment, capture_output=True, timeout=60)
        return result.returncode, (result.stdout + result.stderr).decode(errors="replace")

    def start(self, wait=True):
        self._launch()
        if wait:
            wait_until(lambda: self._is_up(), "the daemon to come up", 60)
        return self

    def _launch(self):
        with open(self.path("daemon.log"), "ab") as log:
            self.begun_at = log.tell()
            self.process = subprocess.Popen(
                self._command("-F", "--no-caps", "--persist-file=" + self.path("persist"),
                              "--pidfile=" + self.path("pid"), "--control=" + self.path("control")),
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir)

    def _is_up(self):
        if self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            # Between two runs of the daemon its port is anybody's: a test beside this one may hold it for a moment.
            if "Address already in use" not in self.output(self.begun_at):
                raise AssertionError("syslog-ng ended with %d:\n%s" % (code, self.output()))
            self._launch()
        return os.path.exists(self.path("control")) and self.control("stats")[0] == 0

    def output(self, begin=0):
        with open(self.path("daemon.log"), "rb") as f:
            f.seek(begin)
            return f.read().decode(errors="replace")

    def control(self, *words):
        tool = os.path.join(os.path.dirname(SYSLOG_NG), "syslog-ng-ctl")
        result = subprocess.run([tool, *words, "--control=" + self.path("control")], capture_output=True, timeout=60)
        return result.returncode, result.stdout + result.stderr

    def reload(self):
        """Gives back whether the new configuration was taken."""
        code, text = self.control("reload")
        return code == 0 and b"fail" not in text.lower()

    def stats(self):
        """All counters as (text, value)."""
        words = ["stats"] if release().startswith("3") else ["stats", "prometheus"]
        lines = self.control(*words)[1].decode(errors="replace").splitlines()
        pairs = [line.rsplit(";" if len(words) == 1 else " ", 1) for line in lines]
        return [(pair[0], int(pair[1])) for pair in pairs if len(pair) == 2 and pair[1].isdigit()]

    def counter(self, *words):
        """The sum of the counters whose text has all WORDS; None when there is none."""
        found = [value for text, value in self.stats() if all(word in text for word in words)]
        return sum(found) if found else None

    def stop(self, number=signal.SIGTERM):
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the daemon does not end:\n" + self.output())
        self.process = None
        return code

    def lines(self, name):
        try:
            with open(self.path(name), "rb") as f:
                return f.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []

    def json(self, name):
        return [json.loads(line) for line in self.lines(name)]

    def wait_lines(self, name, count, seconds=60):
        wait_until(lambda: len(self.lines(name)) >= count, "%d lines in %s" % (count, name), seconds)
        return self.lines(name)

    def send(self, port, lines, connections=1, between=None):
        """LINES (bytes) over TCP, each connection its share, all at once; calls BETWEEN when half is sent."""
        shares = [lines[i::connections] for i in range(connections)]
        halfway = threading.Barrier(connections + 1)
        threads = [threading.Thread(target=self._send_share, args=(port, share, halfway)) for share in shares]
        for thread in threads:
            thread.start()
        halfway.wait()
        if between:
            between()
        halfway.wait()
        for thread in threads:
            thread.join()

    @staticmethod
    def _send_share(port, share, halfway):
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.sendall(b"".join(line + b"\n" for line in share[:len(share) // 2]))
            halfway.wait()
            halfway.wait()
            s.sendall(b"".join(line + b"\n" for line in share[len(share) // 2:]))


class Test(unittest.TestCase):
    """Ends its daemons and removes their folders; keeps them when the test failed."""

    def setUp(self):
        self.daemons = []
        self.dir = tempfile.mkdtemp(prefix="siaga-e2e-")

    def daemon(self, body, **options):
        daemon = Daemon(body, **dict({"dir": self.dir}, **options))
        self.daemons.append(daemon)
        return daemon

    def tearDown(self):
        for daemon in self.daemons:
            if daemon.process:
                code = daemon.stop()
                self.assertIn(code, (0, None), daemon.output())
        if self._failed():
            print("kept: " + self.dir, file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, result=None):
        self.result = result
        self.bad_before = len(result.failures) + len(result.errors)
        return super().run(result)

    def _failed(self):
        outcome = getattr(self, "_outcome", None)
        errors = [error for _, error in getattr(outcome, "errors", None) or [] if error]
        return bool(errors) or len(self.result.failures) + len(self.result.errors) > self.bad_before

    @staticmethod
    def read(path):
        with open(path, "rb") as f:
            return f.read()

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path


def siagactl(*words, **options):
    """Runs the build tree's tool; gives back the objects it prints, one per line."""
    result = subprocess.run([os.path.join(BUILD, "siagactl"), *words], capture_output=True, timeout=300,
                            env=dict(os.environ, SIAGA_DATA_DIR=os.path.join(SRC, "patterns")), **options)
    if result.returncode:
        raise AssertionError("siagactl %s: %s" % (" ".join(words), result.stderr.decode(errors="replace")))
    return [json.loads(line) for line in result.stdout.splitlines()]
