#!/usr/bin/env python3
"""siagactl parse of an Apache file to JSON beside goaccess, which reads the same file to its JSON report: processor time
(user and system) of each, and the ratio.  Skipped where goaccess is absent.  SIAGA_LINES: lines, default 200,000."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

LINES = int(os.environ.get("SIAGA_LINES", "200000"))
ROUNDS = 3
BUILD = os.environ.get("SIAGA_BUILDDIR", ".")
AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
          "Mozilla/5.0 (Linux; Android 13; SM-A125F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36",
          "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "curl/7.88.1"]


def write(path):
    with open(path, "w", encoding="ascii") as log:
        for n in range(LINES):
            second = n // 20
            log.write('%d.%d.113.%d - - [10/Oct/2026:%02d:%02d:%02d +0700] "GET /layanan/%d/berkas.php?id=%d&p=%d HTTP/1.1" %d %d '
                      '"https://www.kementerian.go.id/berita/%d" "%s"\n' % (
                          203, n % 3, n % 254 + 1, second // 3600 % 24, second // 60 % 60, second % 60, n % 997, n, n % 7,
                          (200, 200, 200, 304, 404)[n % 5], 500 + n % 9000, n % 311, AGENTS[n % len(AGENTS)]))


def cpu(command):
    """Processor seconds of COMMAND, its output thrown away."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    if not shutil.which("goaccess"):
        print("skipped: no goaccess")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "access.log")
        write(log)
        ours = [os.path.join(BUILD, "siagactl"), "parse", "--family", "web", log]
        theirs = ["goaccess", log, "--log-format=COMBINED", "--no-global-config", "--no-progress", "-o", os.path.join(folder, "out.json")]
        pairs = [(cpu(ours), cpu(theirs)) for _ in range(ROUNDS)]
    best = max(pairs, key=lambda pair: pair[1] / pair[0])
    worst = min(pairs, key=lambda pair: pair[1] / pair[0])
    print("%d lines: siagactl %.2f s, goaccess %.2f s, %.1f times as fast (%.1f in the worst of %d rounds)" % (
        LINES, best[0], best[1], best[1] / best[0], worst[1] / worst[0], ROUNDS))
    return 0


sys.exit(main())
