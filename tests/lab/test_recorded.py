#!/usr/bin/env python3
"""Lines that real servers wrote (tests/data/auth, kept by tests/lab/record-auth): each failed and each successful login
is seen, and a name that imitates an address moves no source."""
import json
import os
import subprocess
import sys

SOURCE = os.environ.get("SIAGA_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("SIAGA_BUILDDIR", SOURCE)
DATA = os.path.join(SOURCE, "tests", "data", "auth")
FORGED = "192.0.2.66"  # stands in user names only
PEERS = {"192.0.2.7", "pc7.contohkab.go.id"}

# What the clients did: failures, of them with the peer in the line, successes, and whose failures ("" where the server
# does not say).  What a check behind the server said counts among the failures here.
EXPECTED = {
    "dante": (2, 2, 0, {"root", "siti"}),
    "dovecot": (10, 10, 2, {"", "admin", "budi", "x"}),
    "dropbear": (9, 6, 0, {"", "nobody", "root"}),
    "exim": (2, 2, 1, {"budi", "siti"}),
    "freeradius": (2, 2, 1, {"budi", "siti"}),
    "krb5kdc": (3, 2, 1, {"", "budi", "siti"}),
    "local": (6, 0, 4, {"", "UNKNOWN", "nobody"}),
    "mariadb": (2, 2, 0, {"root", "x'@'192.0.2.66"}),
    "monit": (2, 2, 0, {"budi", "siti"}),
    "mosquitto": (2, 0, 1, {""}),
    "nrpe": (2, 2, 0, {""}),
    "ocserv": (3, 2, 0, {"budi", "siti"}),
    "openvpn": (3, 3, 0, {""}),
    "pgbouncer": (8, 5, 0, {"", "budi", "siti"}),
    "popa3d": (5, 0, 0, {"", "UNKNOWN USER", "root"}),
    "postfix": (4, 4, 1, {"budi", "siti"}),
    "postgresql": (3, 1, 3, {"budi", "siti"}),
    "proftpd": (4, 4, 1, {"budi", "root", "siti", "x (y[192.0.2.66])"}),
    "prosody": (2, 2, 2, {"budi@lab", "siti@lab"}),
    "pure-ftpd": (2, 2, 1, {"root", "x] (?@192.0.2.66)"}),
    "samba": (6, 4, 3, {"nobody", "siti"}),
    "saslauthd": (3, 0, 0, {"root", "siti", "x] [service=smtp] [realm=] [mech=shadow"}),
    "slapd": (1, 0, 1, {"cn=admin,dc=lab"}),
    "sshd": (36, 34, 2, {"", "admin", "nobody", "root", "x from 192.0.2.66 port 1 ssh2"}),
    "vsftpd": (3, 3, 1, {"root", 'x] FAIL LOGIN: Client "192.0.2.66"'}),
    "znc": (2, 2, 1, {"budi", "siti"}),
}


def parse(name):
    command = [os.path.join(BUILD, "siagactl"), "parse", os.path.join(DATA, name + ".log")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def logins(events, outcome):
    return [event for event in events
            if "authentication" in event.get("event", {}).get("category", []) and event["event"].get("outcome") == outcome]


def check(name):
    events = parse(name)
    failures, successes = logins(events, "failure"), logins(events, "success")
    named = [event for event in failures if event.get("source", {}).get("address") in PEERS]
    users = {event.get("user", {}).get("name", "") for event in failures}
    got = len(failures), len(named), len(successes), users
    assert got == EXPECTED[name], "%s: failures, with peer, successes, users: %s, expected %s" % (name, got, EXPECTED[name])
    for event in events:
        assert event.get("source", {}).get("address") != FORGED, "%s: a name moved the source: %s" % (name, event)


def main():
    if not os.path.exists(os.path.join(BUILD, "siagactl")):
        return 77
    for name in sorted(EXPECTED):
        check(name)
    return 0


sys.exit(main())
