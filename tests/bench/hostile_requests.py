#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a request costs the rules that a stranger makes long: pieces that expressions begin with, again and again, and
an attack behind them, so that the excuses are asked too.

  hostile_requests.py [SIZE…]   the mean and the dearest pieces, in milliseconds of processor time a line"""
import os, resource, subprocess, sys, tempfile

CTL = os.path.join(os.environ.get("SIAGA_BUILDDIR", "."), "siagactl")
LINE = '192.0.2.1 - - [17/Aug/2026:09:12:31 +0700] "GET %s HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'
PIECES = ("a=1%20and%20", "(", "a(", "'a'%20and%20", "%22a%22,", "x%20=%20'y'%20or%20", "not%20", "a.b%20like%20", "[a]", "a%20b%20",
          "sum(a)%20", "''", '%22%22', "a,b,", "{", "{{a", "a:b%20or%20", "%5B", "(a%20or%20", "now()-", "a%20between%20b%20and%20",
          "-a%20", "and%20the%20", "how%20to%20", "select%20a,", "(select%20", "%3Cb%3E%20", "../", "$a%20", ";a=", "'a%20'b%20")
BEHIND = ("%20or%201=1%20union%20select%201--%20'", "%3Cscript%3Ealert(1)", "%20'%20or%20'1'='1")
FRONTS = ("/cari?q=", "/api/items?filter=", "/x?xpath=", "/x?msg=")


def processor_time(path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([CTL, "scan", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cost(piece, size, loading, directory, repeat=3):
    path = os.path.join(directory, "requests.log")
    lines = [LINE % (front + piece * (size // len(piece)) + behind) for front in FRONTS for behind in BEHIND] * repeat
    with open(path, "w") as f:
        f.writelines(lines)
    return 1000 * (processor_time(path) - loading) / len(lines)


with tempfile.TemporaryDirectory() as directory:
    empty = os.path.join(directory, "empty.log")
    open(empty, "w").close()
    loading = min(processor_time(empty) for _ in range(3))
    for size in map(int, sys.argv[1:] or ("4000", "60000")):
        costs = sorted(((cost(piece, size, loading, directory), piece) for piece in PIECES), reverse=True)
        dearest = ", ".join("%s %.1f" % (piece, ms) for ms, piece in costs[:3])
        print("%d bytes: %.2f ms a line; dearest: %s" % (size, sum(ms for ms, _ in costs) / len(costs), dearest))
