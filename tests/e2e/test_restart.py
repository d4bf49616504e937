# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""State lives through reload, a reload taken back, restart and kill -9; bad state and bad folders harm nobody."""

import glob
import json
import os
import signal
import socket
import subprocess
import tempfile

from daemon import Test, free_port, run_tests, wait_until
from logs import failed_logins

BODY = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { siaga(state-dir("%s") %s); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
  };
  flags(flow-control);
};
"""
# Two destinations of one name: the configuration is read, but cannot be started.
IMPOSSIBLE = """
log { destination { program("cat >/dev/null" persist-name("one")); program("cat >/dev/null" persist-name("one")); }; };
"""
# The shipped rule asks for five failures.
LINES = failed_logins("192.0.2.7", 6)


class Survival(Test):
    def setUp(self):
        super().setUp()
        self.port = free_port()

    def start(self, options="", state=None):
        state = state or os.path.join(self.dir, "state")
        return self.daemon(BODY % (self.port, state, options)).start()

    def half(self, daemon):
        daemon.send(self.port, LINES[:3])
        daemon.wait_lines("all", 3)

    def rest(self, daemon):
        self.assertEqual(daemon.json("incidents"), [])
        daemon.send(self.port, LINES[3:])
        daemon.wait_lines("all", 6)
        wait_until(lambda: daemon.json("incidents"), "the incident of the failures")

    def test_a_reload(self):
        daemon = self.start()
        self.half(daemon)
        self.assertTrue(daemon.reload())
        self.rest(daemon)

    def test_a_reload_that_is_taken_back(self):
        daemon = self.start()
        self.half(daemon)
        for _ in range(3):
            daemon.configure(BODY % (self.port, daemon.path("state"), "") + IMPOSSIBLE)
            self.assertFalse(daemon.reload())
        self.rest(daemon)
        daemon.configure(BODY % (self.port, daemon.path("state"), ""))
        self.assertTrue(daemon.reload())

    def test_a_taken_back_reload_with_other_options(self):
        daemon = self.start('persist-name("one")')
        self.half(daemon)
        daemon.configure(BODY % (self.port, daemon.path("state"), 'persist-name("one") max-open("2h")') + IMPOSSIBLE)
        self.assertFalse(daemon.reload())
        self.rest(daemon)

    def test_a_reload_with_other_options_under_the_same_name(self):
        daemon = self.start('persist-name("one")')
        self.half(daemon)
        daemon.configure(BODY % (self.port, daemon.path("state"), 'persist-name("one") max-open("2h")'))
        self.assertTrue(daemon.reload())
        self.rest(daemon)

    def test_a_restart(self):
        daemon = self.start()
        self.half(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.rest(daemon.start())

    def test_kill_9(self):
        daemon = self.start()
        self.half(daemon)
        daemon.stop(signal.SIGKILL)
        os.unlink(daemon.path("control"))
        self.rest(daemon.start())

    def test_an_incident_keeps_its_id_and_is_not_raised_again(self):
        daemon = self.start()
        daemon.send(self.port, LINES)
        wait_until(lambda: daemon.json("incidents"), "the incident")
        daemon.stop()
        daemon.start()
        daemon.send(self.port, failed_logins("192.0.2.7", 9)[6:])
        daemon.wait_lines("all", 9)
        daemon.stop()
        opened = [i for i in daemon.json("incidents") if i["siaga"]["incident"]["state"] == "open"]
        self.assertEqual(len(opened), len({i["siaga"]["incident"]["id"] for i in opened}))
        self.assertEqual(len({i["siaga"]["incident"]["id"] for i in daemon.json("incidents")}), len(opened))

    def test_many_reloads_under_load(self):
        daemon = self.start()
        lines = failed_logins("192.0.2.8", 4000, every=0)
        daemon.send(self.port, lines, connections=4, between=lambda: [daemon.reload() for _ in range(5)])
        daemon.wait_lines("all", len(lines))
        self.assertEqual(sorted(daemon.lines("all")), sorted(lines))

    def test_the_state_folder_is_private_and_made_late(self):
        daemon = self.daemon(BODY % (self.port, os.path.join(self.dir, "state"), ""))
        self.assertEqual(daemon.check_syntax()[0], 0)
        self.assertFalse(os.path.exists(daemon.path("state")))
        daemon.start()
        wait_until(lambda: os.path.isdir(daemon.path("state")), "the state folder")
        self.assertEqual(os.stat(daemon.path("state")).st_mode & 0o777, 0o750)

    def test_check_startup_touches_nothing(self):
        daemon = self.daemon(BODY % (self.port, os.path.join(self.dir, "state"), ""))
        command = daemon._command("--check-startup", "--no-caps", "--persist-file=" + daemon.path("persist"),
                                  "--pidfile=" + daemon.path("pid"), "--control=" + daemon.path("control"))
        result = subprocess.run(command, env=daemon.environment, capture_output=True, timeout=60)
        if b"Unknown option" in result.stderr:
            self.skipTest("this release has no --check-startup")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse(os.path.exists(daemon.path("state")))

    def test_without_a_writable_folder_it_works_and_says_so_once(self):
        self.file("not-a-folder", "")
        messages = 'log { source { internal(); }; destination { file("{dir}/messages" template("$MSG\\n")); }; };'
        daemon = self.daemon(BODY % (self.port, os.path.join(self.dir, "not-a-folder", "state"), "") + messages).start()
        daemon.send(self.port, LINES)
        wait_until(lambda: daemon.json("incidents"), "the incident")
        said = [line for line in daemon.lines("messages") if b"not kept over a restart" in line]
        self.assertEqual(len(said), 1, daemon.lines("messages"))

    def test_broken_state_is_set_aside(self):
        daemon = self.start()
        self.half(daemon)
        daemon.stop()
        for path in glob.glob(daemon.path("state", "*")):
            with open(path, "r+b") as f:
                f.write(b"\xff" * 4096)
        daemon.start()
        daemon.send(self.port, LINES)
        daemon.wait_lines("all", 9)
        wait_until(lambda: daemon.json("incidents"), "the incident")


class FullDisk(Test):
    """A folder of its own that has room for the journal and little more."""

    def setUp(self):
        super().setUp()
        self.disk = tempfile.mkdtemp(prefix="siaga-disk-")
        self.addCleanup(os.rmdir, self.disk)
        mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", self.disk]
        if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("only root can mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])

    def test_it_runs_on_and_says_so_and_writes_again(self):
        port = free_port()
        state = os.path.join(self.disk, "state")
        messages = 'log { source { internal(); }; destination { file("{dir}/messages" template("$MSG\\n")); }; };'
        daemon = self.daemon(BODY % (port, state, "memory-limit(8388608)") + messages).start()
        said = lambda text: [line for line in daemon.lines("messages") if text in line]
        daemon.send(port, failed_logins("192.0.2.7", 3))
        wait_until(lambda: os.path.isdir(state), "the state folder")
        filler = open(os.path.join(self.disk, "filler"), "wb", buffering=0)
        self.addCleanup(filler.close)
        try:
            while True:
                filler.write(b"x" * 65536)
        except OSError:
            pass
        self.crowd(daemon, port, 1, lambda: said(b"the state cannot be written"))
        self.assertEqual(len(said(b"the state cannot be written")), 1)
        wait_until(lambda: daemon.counter("siaga_correlator", "checkpoints_failed"), "the count of what failed")
        daemon.send(port, failed_logins("192.0.2.7", 5))
        wait_until(lambda: any(i.get("source", {}).get("ip") == "192.0.2.7" for i in daemon.json("incidents")), "the incident")
        filler.truncate(0)
        self.crowd(daemon, port, 2, lambda: said(b"the state is written again"))
        daemon.stop()
        before = {i["siaga"]["incident"]["id"] for i in daemon.json("incidents") if i.get("source", {}).get("ip") == "192.0.2.7"}
        daemon.start()
        daemon.send(port, failed_logins("192.0.2.7", 3))
        daemon.send(port, failed_logins("192.0.2.8", 8))
        wait_until(lambda: any(i.get("source", {}).get("ip") == "192.0.2.8" for i in daemon.json("incidents")), "the next one")
        after = {i["siaga"]["incident"]["id"] for i in daemon.json("incidents") if i.get("source", {}).get("ip") == "192.0.2.7"}
        self.assertEqual(after, before)

    def crowd(self, daemon, port, net, over):
        """Fills the journal, so that states are written now and not in half a minute."""
        for turn in range(60):
            if over():
                return
            lines = [line for n in range(200) for line in failed_logins("10.%d.%d.%d" % (net, turn, n + 1), 2)]
            arrived = len(daemon.lines("all"))
            daemon.send(port, lines)
            daemon.wait_lines("all", arrived + len(lines))
        wait_until(over, "what is said of the disk", 60)


class StalledDestination(Test):
    def test_incidents_wait_for_a_destination_that_does_not_read(self):
        """Not one is lost, and not more than max-in-flight() are under way."""
        port, out = free_port(), free_port()
        body = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state") max-in-flight(10) reorder-window(0)); };
  filter { tags("siaga.incident"); };
  destination { network("127.0.0.1" port(%d) template("${.siaga.incident.json}\\n") time-reopen(1)); };
  flags(flow-control);
};
""" % (port, out)
        daemon = self.daemon(body).start()
        attackers = ["192.0.2.%d" % i for i in range(1, 61)]
        lines = [line for a in attackers for line in failed_logins(a, 8)]
        daemon.send(port, lines)
        wait_until(lambda: (daemon.counter("siaga_correlator", "opened") or 0) >= len(attackers), "incidents")
        with socket.create_server(("127.0.0.1", out)) as server:
            server.settimeout(30)
            connection, _ = server.accept()
            connection.settimeout(30)
            seen, text = set(), b""
            while len(seen) < len(attackers):
                data = connection.recv(65536)
                self.assertTrue(data, "the daemon hung up")
                text += data
                *lines, text = text.split(b"\n")
                seen |= {json.loads(line).get("source", {}).get("ip") for line in lines} - {None}
            connection.close()


if __name__ == "__main__":
    run_tests()
