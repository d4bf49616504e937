#!/usr/bin/env python3
"""One login at a server of the lab: clients.py PROTOCOL PORT USER PASSWORD (raw: PORT TEXT; syslog: 0 FILE keeps what
comes to /dev/log, with the header that a syslog daemon writes)."""
import ftplib
import hashlib
import imaplib
import os
import poplib
import re
import smtplib
import socket
import sys

HOST = "127.0.0.1"


def raw(port, text):
    with socket.create_connection((HOST, port), 5) as peer:
        peer.settimeout(2)
        peer.sendall(text.encode().decode("unicode_escape").encode("latin-1"))
        try:
            peer.recv(4096)
        except socket.timeout:
            pass


def imap(port, user, password):
    server = imaplib.IMAP4(HOST, port)
    server.login(user, password)
    server.logout()


def pop3(port, user, password):
    server = poplib.POP3(HOST, port, 10)
    server.user(user)
    server.pass_(password)
    server.quit()


def ftp(port, user, password):
    server = ftplib.FTP()
    server.connect(HOST, port, 10)
    server.login(user, password)
    server.quit()


def smtp(port, user, password):
    server = smtplib.SMTP(HOST, port, "lab", 10)
    server.ehlo()
    server.login(user, password)
    server.sendmail("a@example.com", ["b@example.com"], "Subject: x\n\nx\n")


def ldap(port, user, password):
    def field(tag, value):
        return bytes([tag, len(value)]) + value

    bind = field(0x60, field(0x02, b"\x03") + field(0x04, user.encode()) + field(0x80, password.encode()))
    with socket.create_connection((HOST, port), 5) as peer:
        peer.sendall(field(0x30, field(0x02, b"\x01") + bind))
        peer.recv(4096)


def radius(port, user, password):
    authenticator = os.urandom(16)
    pad = hashlib.md5(b"testing123" + authenticator).digest()
    hidden = bytes(a ^ b for a, b in zip(password.encode().ljust(16, b"\0"), pad))
    values = b"".join(bytes([kind, len(value) + 2]) + value for kind, value in (
        (1, user.encode()), (2, hidden), (5, b"\0\0\0\x07"), (31, b"192.0.2.7")))
    packet = bytes([1, 1]) + (20 + len(values)).to_bytes(2, "big") + authenticator + values
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(3)
        peer.sendto(packet, (HOST, port))
        peer.recv(4096)


def syslog(_port, path):
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    while True:
        text = re.sub(r"^<[0-9]+>", "", log.recv(65536).rstrip(b"\0\n").decode("utf-8", "replace"))
        if not re.match(r"[A-Z][a-z]{2} [ 0-9]", text):
            text = "Nov 21 03:04:05 " + text
        with open(path, "a") as out:
            out.write(text[:16] + "www " + text[16:] + "\n")


globals()[sys.argv[1]](int(sys.argv[2]), *sys.argv[3:])
