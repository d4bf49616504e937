# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that behave as those of partners do: syslog over TLS, a TAXII 2.1 collection and a MISP."""

import errno
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import threading

from daemon import wait_until

TAXII = "application/taxii+json;version=2.1"
OBJECTS = "/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/objects/"


def make_certificate(folder):
    os.makedirs(folder)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", os.path.join(folder, "key.pem"),
                    "-out", os.path.join(folder, "cert.pem")], check=True, capture_output=True)


def server_context(folder):
    """TLS that asks for the sender's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    context.load_verify_locations(os.path.join(folder, "cert.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class _SyslogHandler(socketserver.StreamRequestHandler):
    """RFC 5425: each message behind its length."""

    def handle(self):
        try:
            while not self.rfile.closed and (size := b"".join(iter(lambda: self.rfile.read(1), b" "))):
                message = self.rfile.read(int(size))
                if len(message) < int(size):
                    return  # the connection ended within it: no receiver may take half a message
                self.server.owner.take(message)
        except (OSError, ValueError):
            pass  # the other side went, or stop() did


class _SyslogServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def get_request(self):
        connection, address = super().get_request()
        try:
            connection = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            self.owner.refused += 1
            raise
        self.owner.connections.append(connection)
        return connection, address

    def handle_error(self, *_):
        pass


class _Listener:
    """Listens on PORT between start() and stop(), with the certificate in FOLDER."""

    def __init__(self, port, folder):
        self.port, self.folder = port, folder
        self.server = None

    def start(self):
        context = server_context(self.folder)
        # Between stop() and start() the port is anybody's: a test beside this one may hold it for a moment.
        self.server = wait_until(lambda: self.bind(context), "port %d to be free" % self.port)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def bind(self, context):
        try:
            return self.make_server(("127.0.0.1", self.port), context)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        return None

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


class Syslog(_Listener):
    """Takes RFC 5424 messages over mutual TLS."""

    def __init__(self, port, folder):
        super().__init__(port, folder)
        self.messages, self.connections = [], []
        self.refused = 0  # handshakes that failed

    def make_server(self, address, context):
        server = _SyslogServer(address, _SyslogHandler)
        server.context = context
        return server

    def stop(self):
        super().stop()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
            connection.close()
        self.connections = []

    def take(self, message):
        self.messages.append(message)

    def incidents(self):
        """(id, revision) of each incident that came; equal ones tell the same."""
        bodies = {}
        for message in list(self.messages):
            if b"{" not in message:
                continue  # a mark
            event = json.loads(message[message.index(b"{"):])
            incident = event["siaga"]["incident"]
            key = incident["id"], incident["revision"]
            if bodies.setdefault(key, event) != event:
                raise AssertionError("%s revision %d came in two forms" % key)
        return set(bodies)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            status, answer = self.server.owner.take(self.path, self.headers, body)
        if status is None:
            self.close_connection = True
            return
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", self.server.owner.media_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Receiver(_Listener):
    """Answers over HTTPS.  TROUBLES are the answers to the first requests: None hangs up."""

    media_type = "application/json"

    def __init__(self, port, folder, troubles=()):
        super().__init__(port, folder)
        self.troubles = list(troubles)
        self.requests = []  # what came, answered in whatever way

    def make_server(self, address, context):
        server = http.server.ThreadingHTTPServer(address, _Handler)
        server.daemon_threads = True
        server.lock = threading.Lock()
        server.socket = context.wrap_socket(server.socket, server_side=True)
        return server

    def take(self, path, headers, body):
        self.requests.append((path, body))
        if self.troubles:
            return self.troubles.pop(0), {}
        return self.accept(path, headers, json.loads(body))


class Taxii(Receiver):
    """A collection: what is there already under the same id and time is taken silently, as the standard asks."""

    media_type = TAXII

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.objects = {}  # by (id, modified)
        self.again = 0

    def accept(self, path, headers, body):
        if path != OBJECTS:
            return 404, {}
        if headers["Authorization"] != "Bearer kunci":
            return 401, {}
        if headers["Content-Type"] != TAXII:
            return 415, {}
        if headers["Accept"] != TAXII:
            return 406, {}
        for thing in body["objects"]:
            key = thing["id"], thing.get("modified")
            if key in self.objects and self.objects[key] != thing:
                return 422, {"title": "another object with the same id and time"}
            self.again += key in self.objects
            self.objects[key] = thing
        return 202, {"id": "2d086da7-4bdc-4f91-900e-d77486753710", "status": "complete",
                     "total_count": len(body["objects"]), "success_count": len(body["objects"]),
                     "failure_count": 0, "pending_count": 0}

    def incidents(self):
        """(id, revision) of each incident that came."""
        return {(thing["id"].split("--")[1], next(iter(thing["extensions"].values()))["revision"])
                for thing in self.objects.values() if thing["type"] == "incident"}


class Misp(Receiver):
    """Of a MISP's interface what decides about new events."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.events = {}

    def accept(self, path, headers, body):
        if headers["Authorization"] != "kunci":
            return 403, {"name": "Authentication failed. Please make sure you pass the API key of an API enabled user."}
        if headers["Content-Type"] != "application/json" or headers["Accept"] != "application/json":
            return 405, {}
        event = body["Event"]
        if path != "/events/add":
            return 404, {"name": "Not Found"}
        return self.add(event)

    def add(self, event):
        if event["uuid"] in self.events:
            return 404, {"name": "Event already exists, if you would like to edit it, use the url in the location header."}
        self.events[event["uuid"]] = event
        return 200, {"Event": event}

    @staticmethod
    def revision(event):
        return int(next(a["value"] for a in event["Attribute"] if a.get("comment") == "revision"))
