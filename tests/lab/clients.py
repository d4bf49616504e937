#!/usr/bin/env python3
"""One login at a server of the lab: clients.py PROTOCOL PORT USER PASSWORD (raw: PORT TEXT; syslog: 0 FILE keeps what
comes to /dev/log, with the header that a syslog daemon writes; inetd: PORT COMMAND… runs one command for each connection;
tty: 0 TEXT COMMAND… types the lines of TEXT on a terminal; site: PORT [ADDRESS] asks for every page of the web lab)."""
import base64
import ftplib
import hashlib
import http.client
import imaplib
import os
import poplib
import pty
import re
import select
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

HOST = "127.0.0.1"


def raw(port, text):
    with socket.create_connection((HOST, port), 5) as peer:
        peer.settimeout(2)
        peer.sendall(text.encode().decode("unicode_escape").encode("latin-1"))
        try:
            peer.recv(4096)
        except socket.timeout:
            pass


# What a web server is asked: path, method, headers, body.  Each path is in one request only, so that a line names it.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) lab"
REFERRER = "https://www.kementerian.go.id/layanan?a=1"


def basic(login):
    return "Basic " + base64.b64encode(login.encode()).decode()


PAGES = [
    ("GET", "/ada?id=7", {"Referer": REFERRER}, b""),
    ("HEAD", "/ada?kepala", {}, b""),
    ("POST", "/ada?kirim", {"Content-Type": "text/plain"}, b"a=1&b=2"),
    ("GET", "/tiada%20ada?x=%22", {"User-Agent": 'a"b\\c [x] 198.51.100.66'}, b""),
    ("GET", "/cari?q=1%27%20UNION%20SELECT%20sandi--", {"User-Agent": "sqlmap/1.7"}, b""),
    ("GET", "/..%2f..%2fetc%2fpasswd", {}, b""),
    ("GET", "/?a=../../etc/passwd", {}, b""),
    ("GET", "/priv/kosong", {}, b""),
    ("GET", "/priv/salah", {"Authorization": basic("budi:salah")}, b""),
    ("GET", "/priv/asing", {"Authorization": basic("siti:salah")}, b""),
    ("GET", "/priv/palsu", {"Authorization": basic('x", client: 198.51.100.66, server: y:z')}, b""),
    ("GET", "/priv/benar", {"Authorization": basic("budi:rahasia")}, b""),
    ("GET", "/deny/x", {"Referer": 'https://x/", client: 198.51.100.66'}, b""),
    ("GET", "/mati/x", {"X-Forwarded-For": "203.0.113.9, 10.0.0.1"}, b""),
    ("GET", "/tanpa-agen", {"User-Agent": None}, b""),
    ("OPTIONS", "*", {}, b""),
    ("GET", "/panjang/" + "a" * 9000, {}, b""),
    ("GET", "http://www.kementerian.go.id/mutlak", {}, b""),
]
# Text that is no request, or no good one.
NOISE = [b"FOO\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /tanpa-host HTTP/1.1\r\n\r\n", b"GET /lama\r\n",
         b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", b"GET /putus HTTP/1.1\r\nHost: www.kemen", b"",
         b'GET /a"b HTTP/1.1\r\nHost: a" b\r\n\r\n', b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]


def page(method, path, headers, body):
    lines = {"Host": "www.kementerian.go.id", "User-Agent": AGENT, "Connection": "close", **headers}
    if body:
        lines["Content-Length"] = str(len(body))
    text = "".join("%s: %s\r\n" % line for line in lines.items() if line[1] is not None)
    return ("%s %s HTTP/1.1\r\n%s\r\n" % (method, path, text)).encode("latin-1") + body


def send(port, address, text):
    """From an address of its own where the server is IPv4, so that peer and server differ."""
    source = ("::1" if ":" in address else "127.0.0.7", 0)
    with socket.create_connection((address, port), 5, source) as peer:
        peer.settimeout(2)
        try:
            peer.sendall(text)
            while peer.recv(65536):
                pass
        except OSError:
            pass


def site(port, address="127.0.0.80"):
    for text in [page(*wanted) for wanted in PAGES] + NOISE:
        try:
            send(port, address, text)
        except OSError:
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


def mqtt(port, user, password):
    def text(value):
        return len(value).to_bytes(2, "big") + value.encode()

    body = text("MQTT") + b"\x04\xc2\0\x3c" + text("sensor7") + text(user) + text(password)
    with socket.create_connection((HOST, port), 5) as peer:
        peer.sendall(bytes([0x10, len(body)]) + body)
        peer.recv(4)
        peer.sendall(b"\xe0\0")


def postgres(port, user, password):
    with socket.create_connection((HOST, port), 5) as peer:
        body = b"\0\x03\0\0user\0" + user.encode() + b"\0database\0gaji\0\0"
        peer.sendall((len(body) + 4).to_bytes(4, "big") + body)
        if peer.recv(4096)[:1] == b"R":
            body = password.encode() + b"\0"
            peer.sendall(b"p" + (len(body) + 4).to_bytes(4, "big") + body)
            peer.recv(4096)


def web(port, user, password):
    basic = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
    urllib.request.urlopen(urllib.request.Request("http://%s:%d/" % (HOST, port), headers={"Authorization": "Basic " + basic}),
                           timeout=5)


def socks(port, user, password):
    with socket.create_connection((HOST, port), 5) as peer:
        peer.sendall(b"\x05\x01\x02")
        peer.recv(2)
        peer.sendall(b"\x01" + bytes([len(user)]) + user.encode() + bytes([len(password)]) + password.encode())
        peer.recv(2)


def irc(port, user, password):
    with socket.create_connection((HOST, port), 5) as peer:
        peer.settimeout(3)
        peer.sendall(("PASS %s:%s\r\nNICK lab\r\nUSER %s 0 * :lab\r\n" % (user, password, user)).encode())
        peer.recv(4096)
        time.sleep(0.3)


def xmpp(port, user, password):
    plain = base64.b64encode(("\0%s\0%s" % (user, password)).encode()).decode()
    with socket.create_connection((HOST, port), 5) as peer:
        peer.settimeout(3)
        peer.sendall(b"<?xml version='1.0'?><stream:stream to='lab' version='1.0' xmlns='jabber:client' "
                     b"xmlns:stream='http://etherx.jabber.org/streams'>")
        time.sleep(0.5)
        peer.recv(65536)
        peer.sendall(("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>" % plain).encode())
        peer.recv(65536)


def openconnect(port, user, password):
    form = '<?xml version="1.0"?><config-auth client="vpn" type="%s"><auth>%s</auth></config-auth>'
    server = http.client.HTTPSConnection(HOST, port, timeout=10, context=ssl._create_unverified_context())  # the lab's own
    cookies = {}
    steps = [("/", "init", ""), ("/auth", "auth-reply", "<username>%s</username>" % user)]
    for path, kind, text in steps + 4 * [("/auth", "auth-reply", "<password>%s</password>" % password)]:
        server.request("POST", path, form % (kind, text), {"Cookie": "; ".join(cookies.values())})
        answer = server.getresponse()
        if b"<auth id=\"success\"" in answer.read() or answer.status != 200:
            break
        for value in answer.headers.get_all("Set-Cookie") or []:
            cookies[value.split("=")[0]] = value.split(";")[0]
    server.close()


def inetd(port, *command):
    with socket.create_server((HOST, port)) as server:
        while True:
            peer, _ = server.accept()
            with peer:
                subprocess.run(command, stdin=peer, stdout=peer, check=False)


def tty(_port, text, *command):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    for line in text.split("\n"):
        while select.select([terminal], [], [], 2)[0]:
            try:
                os.read(terminal, 4096)
            except OSError:
                return
        os.write(terminal, line.encode() + b"\n")
    time.sleep(6)


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
