"""Reads lines that real servers wrote (tests/data, kept by the recorders) with siagactl, and compares them with what was
provoked."""
import json
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("SIAGA_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("SIAGA_BUILDDIR", SOURCE)
FORGED = {"192.0.2.66", "198.51.100.66"}  # stand in names, user agents and referrers only


def get(event, path):
    for key in path.split("."):
        if not isinstance(event, dict) or key not in event:
            return None
        event = event[key]
    return event


def parse(family, name):
    """The events of a recorded file, in order; event.original is the line."""
    path = os.path.join(SOURCE, "tests", "data", family, name + ".log")
    done = subprocess.run([os.path.join(BUILD, "siagactl"), "parse", path], capture_output=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.decode("utf-8", "replace").splitlines()]


def agrees(got, wanted):
    if isinstance(wanted, (set, frozenset)):
        return got in wanted
    if isinstance(got, list):
        return wanted in got
    return got == wanted


def check_event(name, event, fields):
    line = event["event"]["original"]
    for path, wanted in fields.items():
        got = get(event, path)
        assert agrees(got, wanted), "%s: %s is %r, provoked was %r: %s" % (name, path, got, wanted, line[:300])


def check(name, events, rules, read=r"."):
    """RULES: (regular expression of a line, fewest lines, fields).  Every line that READ finds must be read."""
    for event in events:
        line = event["event"]["original"]
        assert get(event, "source.address") not in FORGED, "%s: text of a client moved the source: %s" % (name, line[:300])
        if re.search(read, line):
            assert "siaga.unparsed" not in event.get("tags", []), "%s: not read: %s" % (name, line[:300])
    for pattern, fewest, fields in rules:
        found = [event for event in events if re.search(pattern, event["event"]["original"])]
        assert len(found) >= fewest, "%s: %d lines of %s, expected %d" % (name, len(found), pattern, fewest)
        for event in found:
            check_event(name, event, fields)


def run(tests):
    if not os.path.exists(os.path.join(BUILD, "siagactl")):
        return 77
    for test in tests:
        test()
    return 0


def main(tests):
    sys.exit(run(tests))
