# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine of its own for the lab: network, mounts, processes and host name that end with it."""

import os
import shutil
import subprocess
import sys

# What stands on this machine's loopback: servers, those who attack them, and those who just use them.
WEB, PORTAL, NAMES, RESOLVER, LOGIN, TUNNEL = ("192.0.2.10", "192.0.2.11", "192.0.2.53", "192.0.2.54", "192.0.2.22",
                                               "192.0.2.99")
SERVERS = (WEB, PORTAL, NAMES, RESOLVER, LOGIN, TUNNEL)
NETWORKS = ("192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "net", "fd", "stdin", "stdout",
           "stderr")


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


UNSHARE = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")


def is_forbidden():
    """Whether this machine, or the container around it, lets nobody have namespaces."""
    return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode != 0


def enter(arguments):
    """Starts this program again inside; gives back True once there."""
    if "--inside" in arguments:
        return True
    os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-B", *sys.argv, "--inside"])


def _private_devices(lab):
    """/dev without the host's /dev/log."""
    old = os.path.join(lab, "olddev")
    os.mkdir(old)
    run("mount", "--rbind", "/dev", old)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/dev")
    for name in DEVICES:
        source, target = os.path.join(old, name), os.path.join("/dev", name)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source):
            os.mkdir(target)
            run("mount", "--rbind", source, target)
        elif os.path.exists(source):
            open(target, "w").close()
            run("mount", "--bind", source, target)


def _private_copy(lab, folder):
    """FOLDER as a copy: accounts and configurations of the lab never reach the machine."""
    copy = os.path.join(lab, "copy" + folder.replace("/", "-"))
    shutil.copytree(folder, copy, symlinks=True, ignore_dangling_symlinks=True, copy_function=_copy)
    os.chmod(copy, 0o755)
    run("mount", "--bind", copy, folder)


def _copy(source, target):
    shutil.copy2(source, target)
    status = os.stat(source)
    os.chown(target, status.st_uid, status.st_gid)


def furnish(lab, host):
    """Loopback with all addresses, /dev, /etc, /run and /var/log of its own, and the name HOST."""
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    for network in NETWORKS + SERVERS:  # BIND listens only where an interface has the very address
        run("ip", "address", "add", network, "dev", "lo")
    _private_devices(lab)
    _private_copy(lab, "/etc")
    for folder in ("/run", "/var/log"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    run("hostname", host)
    with open("/etc/hosts", "w") as f:
        f.write("127.0.0.1 localhost\n192.0.2.22 %s\n" % host)
    with open("/etc/resolv.conf", "w") as f:
        f.write("nameserver %s\n" % RESOLVER)


def speak_as(source, *servers):
    """From now on connections to SERVERS come from SOURCE, where a program names none itself."""
    for server in servers or SERVERS[:-1]:
        run("ip", "route", "replace", "table", "local", "local", server, "dev", "lo", "scope", "host", "src", source)
