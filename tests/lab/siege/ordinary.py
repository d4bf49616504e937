# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Those who just use the servers, from 198.51.100.0/24, while others attack."""

import itertools
import os
import random
import subprocess
import threading

from namespace import LOGIN, RESOLVER, WEB
from servers import SITES, USERS

BROWSERS = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36")


class Ordinary:
    """Readers, a crawl, logins and questions, one after another without haste until stopped."""

    def __init__(self, lab):
        self.lab = lab
        self.ended = threading.Event()
        self.done = {"pages": 0, "logins": 0, "questions": 0}
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.read, self.log_in, self.ask)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(30)

    def _run(self, *command, text=None):
        subprocess.run(command, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, timeout=30)

    def read(self):
        """Forty people with browsers, and a search engine's crawl."""
        choice = random.Random(1)
        while not self.ended.wait(0.1):
            site, person = choice.choice(SITES), choice.randrange(1, 40)
            for path in ["/"] + ["/berita/%d.html" % choice.randrange(200) for _ in range(3)]:
                self._run("curl", "-s", "-o", "/dev/null", "--interface", "198.51.100.%d" % person, "--resolve",
                          "%s:80:%s" % (site, WEB), "-A", choice.choice(BROWSERS), "http://%s%s" % (site, path))
                self.done["pages"] += 1

    def log_in(self):
        """Staff who read their mail; one mistypes now and then."""
        for number in itertools.count():
            if self.ended.wait(2):
                return
            user = sorted(USERS)[number % 2]
            password = USERS[user] if number % 10 else "salah-ketik"
            self._run("curl", "-s", "-o", "/dev/null", "--interface", "198.51.100.%d" % (60 + number % 31), "--user",
                      "%s:%s" % (user, password), "imap://%s/" % LOGIN)
            self.done["logins"] += 1

    def ask(self):
        """The network's machines ask their resolver."""
        path = os.path.join(self.lab, "ordinary-questions")
        with open(path, "w") as f:
            f.writelines("%s.%s A\n" % (host, site.split(".", 1)[1]) for site in SITES for host in ("www", "mail", "portal", "ppid"))
        for number in itertools.count():
            if self.ended.wait(1):
                return
            self._run("dnsperf", "-s", RESOLVER, "-a", "198.51.100.%d" % (100 + number % 20), "-d", path, "-n", "1", "-Q", "20",
                      "-W")
            self.done["questions"] += 12
