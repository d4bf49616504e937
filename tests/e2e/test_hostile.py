# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes that nobody should send: no crash, no loss, no stall."""

import random

from daemon import Test, free_port, run_tests
from test_chain import tcp

SSH = b"Nov 20 02:00:00 web1.kementerian.go.id sshd[33]: Failed password for %s from 192.0.2.7 port 41234 ssh2"
GET = b'www.kementerian.go.id:443 192.0.2.7 - - [21/Nov/2026:01:00:01 +0700] "GET %s HTTP/1.1" 200 1 "-" "-"'


def hostile_lines():
    rnd = random.Random(20261121)
    yield b" "
    yield b"x"
    yield b"x" * 65000
    yield SSH % (b"a" * 64000)
    yield SSH % b"\xff\xfe\x80"
    yield SSH % b'"><script>\\u0000'
    yield GET % (b"/" + b"%25" * 20000)
    yield GET % (b"/" + b"../" * 20000)
    yield GET % (b"/?" + b"&a=%27" * 10000)
    yield GET % b"/\xc0\xae\xc0\xae/\xf0\x28\x8c\x28"
    yield b'<34>1 ' + b"-" * 60000
    yield b"{" * 30000
    yield b'{"a":' * 10000
    yield b"[" * 500 + b"\x01\x02\x03\x7f"
    yield b"%{IP:source.address}${MSG}`shell`$(echo)"
    for _ in range(300):
        yield bytes(rnd.choice(range(1, 256)) for _ in range(rnd.randrange(1, 400))).replace(b"\n", b"").replace(
            b"\r", b"") + b"."


class Hostile(Test):
    def test_hostile_lines_flow_on_untouched(self):
        port = free_port()
        daemon = self.daemon("options { log-msg-size(70000); };\n" + tcp(port)).start()
        lines = list(hostile_lines())
        daemon.send(port, lines)
        self.assertEqual(daemon.wait_lines("all", len(lines)), lines)

    def test_nul_and_empty_lines(self):
        # The daemon itself ends a record at NUL and passes over empty ones.
        port = free_port()
        daemon = self.daemon(tcp(port)).start()
        daemon.send(port, [b"", b"a\0b", b"", SSH % b"x\0y", b"end"])
        daemon.wait_lines("all", 1)
        out = b" ".join(daemon.lines("all")) if daemon.lines("all")[-1] == b"end" else None
        while out is None:
            out = b" ".join(daemon.lines("all")) if daemon.lines("all")[-1] == b"end" else None
        self.assertIn(b"a b", out)

    def test_messages_of_a_datagram_hold_nuls(self):
        import socket
        port = free_port()
        body = tcp(port).replace("network(", 'network(transport("udp") so-rcvbuf(1048576) ')
        daemon = self.daemon(body).start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for payload in (b"a\0b", b"\0", b"", SSH % b"x\0y", b"end"):
                s.sendto(payload, ("127.0.0.1", port))
        daemon.wait_lines("all", 3)


if __name__ == "__main__":
    run_tests()
