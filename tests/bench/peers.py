#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""peers.py [--lines N] [--attackers N] [--extracted DIR] [--check] [FAMILY…]: siaga beside what people use today, in one run.

Each reads the same generated log.  Printed for each: CPU time per million lines and as a ratio to bare syslog-ng from file
to file, peak memory, and how many of the generator's attackers it names (but for floods on a zone, which come from
everywhere).  What is not installed is named and left out: sec, goaccess, fail2ban, syslog-ng-scl, rsyslog with mmnormalize
(Debian's packages of these names).  rsyslog cannot be installed beside syslog-ng: unpack it, with liblognorm5, libestr0 and
libfastjson4 (and syslog-ng-scl, if you like), by `dpkg -x` into a folder and name that with --extracted.  With --check only
siaga runs, and must name every attacker: exit 1 when it does not."""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
from daemon import SRC, Daemon, cpu_seconds, wait_until

Result = collections.namedtuple("Result", "cpu memory found")
WINDOW = "log-fetch-limit(1000) log-iw-size(20000)"
SYSLOG_NG = """
options { threaded(yes); };
%(before)s
log {
  source { file("{dir}/in" flags(no-parse) follow-freq(0.1) %(window)s); };
  %(parser)s
  destination { file("{dir}/out" template("$MSG\\n") log-fifo-size(60000)); };
  flags(flow-control);
};
"""
# What a line says, as each peer's own notation puts it: the source's place is all that the comparison needs.
REGEX = {
    "web": r'^(?<host>\S+) (?<ip>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>\S+) (?<url>\S+) (?<version>[^"]+)" '
           r'(?<status>\d+) (?<bytes>\S+) "(?<referrer>[^"]*)" "(?<agent>[^"]*)"',
    "dns": r'client @\S+ (?<ip>[^#]+)#(?<port>\d+) \((?<name>[^)]*)\): query: (?<query>\S+) IN (?<type>\S+) (?<flags>\S+)',
    "auth": r'sshd\[\d+\]: Failed password for (?:invalid user )?(?<user>.*) from (?<ip>\S+) port (?<port>\d+)',
}
PATTERNDB = {
    "web": '@ESTRING:: @@ESTRING:p_ip: @@ANYSTRING@',
    "dns": '@ESTRING::client @@ESTRING:: @@ESTRING:p_ip:#@@ANYSTRING@',
    "auth": '@ESTRING::Failed password for @@ESTRING:p_user: from @@ESTRING:p_ip: port @@ANYSTRING@',
}
SEC_PATTERN = {"web": r'^\S+ (\S+) .*" 404 ', "dns": r'client @\S+ ([^#]+)#\d+ \(.* IN (?:ANY|TXT) ',
               "auth": r'sshd\[\d+\]: Failed password for .* from (\S+) port'}
RULEBASE = {
    "web": 'rule=:%host:word% %ip:word% %-:word% %user:word% [%time:char-to:]%] "%request:char-to:"%" %status:number% %bytes:word% '
           '"%referrer:char-to{"extradata":"\\""}%" "%agent:char-to{"extradata":"\\""}%"',
    "dns": "rule=:%date:word% %time:word% queries: info: client %-:word% %ip:char-to:#%#%port:number% (%name:char-to:)%): query: "
           "%query:word% IN %type:word% %rest:rest%",
    "auth": "rule=:%month:word% %day:number% %time:word% %host:word% sshd[%pid:number%]: Failed password for %user:word% from "
            "%ip:word% port %port:number% ssh2",
}
FAIL2BAN = {"web": r'^\S+ <HOST> .*" 404 ', "dns": r'client @\S+ <HOST>#\d+ \(.* IN (?:ANY|TXT) ',
            "auth": r'sshd\[\d+\]: Failed password for .* from <HOST> port'}


def named(text, truth):
    """How many attackers' sources stand in TEXT."""
    return sum(row["source"] in text for row in truth)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, errors="replace") as f:
        return f.read()


def process_cost(pid):
    """CPU seconds and peak memory in KiB of a running process."""
    with open("/proc/%d/status" % pid) as f:
        memory = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    return cpu_seconds(pid), memory


def syslog_ng(log, parser="", before="", final=None):
    """Whole syslog-ng on LOG.  FINAL: a further look for the incidents, behind the measured part."""
    directory = tempfile.mkdtemp(prefix="siaga-peers-")
    body = SYSLOG_NG % {"parser": parser, "before": before, "window": WINDOW}
    daemon = Daemon(body, dir=directory)
    try:
        daemon.start()
        begun, _ = process_cost(daemon.process.pid)
        os.link(log, daemon.path("in"))
        size = os.stat(log).st_size
        wait_until(lambda: os.path.exists(daemon.path("out")) and os.stat(daemon.path("out")).st_size >= size, "all lines", OPTIONS.patience)
        spent, memory = process_cost(daemon.process.pid)
        if final:
            time.sleep(final)
        daemon.stop()
        return Result(spent - begun, memory, read(daemon.path("incidents")))
    finally:
        shutil.rmtree(directory)


def command(*words, environment=None, directory=None):
    """A program that ends by itself."""
    with tempfile.TemporaryFile("w+", errors="replace") as out:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, env=environment,
                                   cwd=directory)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return Result(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, out.read())


def regexp_parser(family, log):
    parser = 'if { parser { regexp-parser(template("$MSG") patterns(\'%s\') prefix(".p.")); }; };'
    return syslog_ng(log, parser % REGEX[family])._replace(found=None)


def apache_scl():
    """Debian's syslog-ng-scl, installed or unpacked beside rsyslog."""
    folders = [os.environ.get("SYSLOG_NG_SCL_DIR") or "/usr/share/syslog-ng/include/scl"]
    folders += [os.path.join(OPTIONS.extracted, "usr/share/syslog-ng/include/scl")] if OPTIONS.extracted else []
    paths = [os.path.join(folder, "apache", "apache.conf") for folder in folders]
    return next((path for path in paths if os.path.exists(path)), None)


def apache_parser(family, log):
    path = apache_scl()
    if family != "web" or not path:
        return None
    return syslog_ng(log, "if { parser { apache-accesslog-parser(); }; };", before='@include "%s"' % path)._replace(found=None)


def grouping_by(family, log):
    directory = tempfile.mkdtemp(prefix="siaga-peers-db-")
    database = os.path.join(directory, "db.xml")
    with open(database, "w") as f:
        f.write("<patterndb version='4' pub_date='2026-01-01'><ruleset name='r' id='r'><rules><rule provider='p' id='1' "
                "class='c'><patterns><pattern>%s</pattern></patterns></rule></rules></ruleset></patterndb>" % PATTERNDB[family])
    parser = """
  parser { db-parser(file("%s")); };
  parser { grouping-by(key("${p_ip}") scope(global) timeout(600) where("${p_ip}" ne "") aggregate(
    value("MESSAGE" "${p_ip} $(context-length)") tags("group"))); };""" % database
    try:
        return syslog_ng(log, parser)._replace(found=None)
    finally:
        shutil.rmtree(directory)


def siaga(family, log):
    parser = """
  parser { siaga(state-dir("{dir}/state")); };
  if { filter { tags("siaga.incident"); }; destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
       filter { not tags("siaga.incident"); }; } else { };"""
    return syslog_ng(log, parser, final=4)


def sec(family, log):
    if not shutil.which("sec"):
        return None
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "sec.conf")
        with open(path, "w") as f:
            f.write("type=SingleWithThreshold\nptype=RegExp\npattern=%s\ndesc=$1\naction=write - $1\nwindow=600\nthresh=6\n" %
                    SEC_PATTERN[family])
        return command("sec", "--conf=" + path, "--input=" + log, "--notail", "--nointevents")


def goaccess(family, log):
    if family != "web" or not shutil.which("goaccess"):
        return None
    with tempfile.TemporaryDirectory() as directory:
        return command("goaccess", log, "--log-format=VCOMBINED", "--no-global-config", "-o", os.path.join(directory, "out.json"))._replace(found=None)


def fail2ban(family, log):
    if not shutil.which("fail2ban-regex"):
        return None
    result = command("fail2ban-regex", "--print-all-matched", log, FAIL2BAN[family])
    return result._replace(found=None)


def rsyslog(family, log):
    root = OPTIONS.extracted
    program = os.path.join(root, "usr/sbin/rsyslogd") if root else shutil.which("rsyslogd")
    if not program or not os.path.exists(program):
        return None
    libraries = os.path.join(root, "usr/lib/x86_64-linux-gnu") if root else "/usr/lib/x86_64-linux-gnu"
    with tempfile.TemporaryDirectory() as directory:
        path = lambda name: os.path.join(directory, name)
        with open(path("rules.rb"), "w") as f:
            f.write("version=2\n" + RULEBASE[family] + "\n")
        with open(path("rsyslog.conf"), "w") as f:
            f.write('module(load="imfile")\nmodule(load="mmnormalize")\n'
                    'template(name="t" type="string" string="%%msg%%\\n")\n'
                    'input(type="imfile" File="%s" Tag="x" ruleset="r")\n'
                    'ruleset(name="r") {\n  action(type="mmnormalize" rulebase="%s" useRawMsg="off")\n'
                    '  action(type="omfile" file="%s" template="t")\n}\n' % (path("in"), path("rules.rb"), path("out")))
        environment = dict(os.environ, LD_LIBRARY_PATH=libraries, RSYSLOG_MODDIR=os.path.join(libraries, "rsyslog"))
        process = subprocess.Popen([program, "-n", "-f", path("rsyslog.conf"), "-i", path("pid"), "-M", os.path.join(libraries, "rsyslog")],
                                   env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            begun, _ = process_cost(process.pid)
            os.link(log, path("in"))
            wait_until(lambda: os.path.exists(path("out")) and os.stat(path("out")).st_size >= os.stat(log).st_size, "rsyslog", OPTIONS.patience)
            spent, memory = process_cost(process.pid)
            return Result(spent - begun, memory, None)
        finally:
            process.terminate()
            process.wait()


PEERS = [
    ("syslog-ng, bare", lambda family, log: syslog_ng(log)._replace(found=None)),
    ("siaga(): the whole chain", siaga),
    ("regexp-parser(), one pattern", regexp_parser),
    ("apache-accesslog-parser()", apache_parser),
    ("db-parser() + grouping-by()", grouping_by),
    ("SEC, one rule", sec),
    ("rsyslog, mmnormalize", rsyslog),
    ("goaccess to JSON", goaccess),
    ("fail2ban-regex, one expression", fail2ban),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=500000)
    parser.add_argument("--attackers", type=int, default=40)
    parser.add_argument("--patience", type=int, default=1200, help="seconds for each")
    parser.add_argument("--extracted", metavar="DIR")
    parser.add_argument("--check", action="store_true", help="only siaga, which must name every attacker")
    parser.add_argument("families", nargs="*", default=[], metavar="FAMILY")
    options = parser.parse_args()
    options.families = options.families or ["web", "dns", "auth"]
    return options


def generate(family, directory):
    log, truth = os.path.join(directory, family + ".log"), os.path.join(directory, family + ".truth")
    with open(log, "w") as f:
        subprocess.run([sys.executable, "-B", os.path.join(SRC, "tests", "corpus", "generate"), family, "--lines",
                        str(OPTIONS.lines), "--attackers", str(OPTIONS.attackers), "--truth", truth], stdout=f, check=True)
    with open(truth) as f:
        return log, [row for row in map(json.loads, f) if row["attack"] != "random-subdomain"]


def check(family, directory):
    log, truth = generate(family, directory)
    found = siaga(family, log).found
    missed = [row for row in truth if row["source"] not in found]
    print("%s: %d of %d attackers named" % (family, len(truth) - len(missed), len(truth)), *missed, sep="\n  ", flush=True)
    return bool(truth) and not missed


def compare(family, directory):
    log, truth = generate(family, directory)
    with open(log) as f:
        lines = sum(1 for _ in f)
    bare = None
    print("\n| %s, %d lines | CPU s per million lines | × bare | lines/s of one core | peak MiB | attackers named |" % (family, lines))
    print("|---|---|---|---|---|---|")
    for title, measure in PEERS:
        result = measure(family, log)
        if result is None:
            continue
        bare = bare or result.cpu
        found = "" if result.found is None else "%d of %d" % (named(result.found, truth), len(truth))
        print("| %s | %.2f | %.2f | %.0f | %.0f | %s |" % (title, result.cpu / lines * 1e6, result.cpu / bare, lines / max(result.cpu, 1e-9),
                                                  result.memory / 1024, found), flush=True)


def check_all():
    with tempfile.TemporaryDirectory(prefix="siaga-peers-") as directory:
        good = [check(family, directory) for family in OPTIONS.families]
    print("%d passed, %d failed" % (sum(good), len(good) - sum(good)))
    return 0 if all(good) else 1


def main():
    missing = [name for name in ("sec", "goaccess", "fail2ban-regex") if not shutil.which(name)]
    missing += [] if apache_scl() else ["syslog-ng-scl"]
    if missing:
        print("not installed, so not compared: " + ", ".join(missing))
    with tempfile.TemporaryDirectory(prefix="siaga-peers-") as directory:
        for family in OPTIONS.families:
            compare(family, directory)


OPTIONS = arguments()
if OPTIONS.check:
    sys.exit(check_all())
main()
