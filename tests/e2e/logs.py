# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Log lines of attacks and of ordinary days, timed so that a year-less stamp is read as this year's."""

import time

HOUR_AGO = int(time.time()) - 3600
GOVERNMENT = "web1.kementerian.go.id"
SHOP = "toko1.contoh.co.id"


def stamp(seconds):
    t = time.gmtime(seconds)
    return "%s %2d %s" % (time.strftime("%b", t), t.tm_mday, time.strftime("%H:%M:%S", t))


def failed_logins(address, count=30, host=GOVERNMENT, start=HOUR_AGO, every=1, user="root"):
    """COUNT failed logins of ADDRESS, as bytes; no two lines are equal."""
    return [("%s %s sshd[%d]: Failed password for %s from %s port %d ssh2" % (
        stamp(start + i * every), host, 1000 + i, user, address, 20000 + i)).encode() for i in range(count)]


def ordinary(count, host=SHOP, start=HOUR_AGO):
    """Lines that no rule of high level is about."""
    return [("%s %s CRON[%d]: pam_unix(cron:session): session opened for user www-data(uid=33) by (uid=0)" % (
        stamp(start + i * 300 // count), host, i)).encode() for i in range(count)]


def mixed(*streams):
    """One line of each in turn, each stream's order kept."""
    iterators = [iter(stream) for stream in streams]
    while iterators:
        for iterator in list(iterators):
            try:
                yield next(iterator)
            except StopIteration:
                iterators.remove(iterator)
