# SPDX-License-Identifier: Apache-2.0
"""The four proxies with the files of contrib/, an API that tells what reached it, and an impostor of Jeton."""

import grp
import http.client
import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading

from client import DEADLINE_S, PACE

CONTRIB = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "contrib")
CLIENT = "127.0.0.2"  # where requests come from: nobody else here has this address
# Who the proxies are, as nginx and Apache say themselves where they are started by root.
USER, GROUP = (("www-data", "www-data") if os.geteuid() == 0
    else (pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name))
STARTS = 3  # a port that was free may have been taken meanwhile


class EchoHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def chunks(self):
        """The body, and what stands behind it: this API believes a trailer like a header."""
        body, trailers = b"", []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(":")
            trailers.append((name, value.strip()))
        return body, trailers

    def answer(self):
        trailers = []
        if self.headers["Transfer-Encoding"]:
            body, trailers = self.chunks()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        seen = {"method": self.command, "path": self.path, "headers": self.headers.items() + trailers, "body": body.decode()}
        self.server.seen.append(seen)
        text = json.dumps(seen).encode()
        status = int(self.headers["X-Answer"] or 200)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else text)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class EchoServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A proxy may reset a connection that it kept; nothing else may go wrong."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Echo:
    """The API: answers every request with what arrived, as JSON; `seen` has them all."""

    def __init__(self):
        self.server = EchoServer(("127.0.0.1", 0), EchoHandler)
        self.server.seen = self.seen = []
        self.address = "127.0.0.1:%d" % self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Impostor:
    """Answers every connection to a unix socket with the bytes `answer` (None: never), keeps what was `asked`, head and all."""

    def __init__(self, path):
        self.path = path
        self.answer = b""
        self.asked = []
        self.changed = threading.Condition()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        connection.settimeout(DEADLINE_S)
        got = b""
        with connection:
            while b"\r\n\r\n" not in got:
                more = connection.recv(65536)
                if not more:
                    return
                got += more
            try:
                if self.answer is not None:
                    connection.sendall(self.answer)
                    connection.shutdown(socket.SHUT_WR)
                while more := connection.recv(65536):
                    got += more
            except OSError:
                pass
            with self.changed:
                self.asked.append(got.decode())
                self.changed.notify_all()

    def last_asked(self, count):
        """What was asked last, once `count` conversations are over."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, DEADLINE_S), self.asked
            return self.asked[-1]

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Reply:
    """What a proxy answered; `at_api` is what reached the API (None if nothing did)."""

    def __init__(self, got, raw, at_api):
        self.status = got.status
        self.headers = got.headers
        self.text = raw.decode("utf-8", "replace")
        self.at_api = at_api

    def api_headers(self, part):
        """(name, value) of the API's headers whose names contain `part`, in whatever spelling."""
        return [(k, v) for k, v in self.at_api["headers"] if part in k.lower().replace("_", "-")]

    def __repr__(self):
        return "<%d %s %s>" % (self.status, self.headers.items(), self.text[:300])


class Front:
    """A proxy with its configuration out of contrib/, changed as contrib/README.md says and in no other way."""

    files = ()
    name = None

    def __init__(self, home, api, jeton_socket, org):
        self.home = home
        self.api = api
        self.process = None
        self.port = None
        os.mkdir(home, 0o755)
        shutil.chown(home, USER, GROUP)
        self.changes = {"0.0.0.0": "127.0.0.1", "127.0.0.1:9000": api.address, "/run/jeton-verify/socket": jeton_socket,
            "00000000-0000-0000-0000-000000000000": org}

    def configure(self, name):
        folder, _, base = name.partition("/")
        with open(os.path.join(CONTRIB, name), encoding="utf-8") as f:
            text = f.read()
        for old, new in {**self.changes, **self.places(), "8000": str(self.port)}.items():
            text = text.replace(old, new)
        with open(os.path.join(self.home, base), "w", encoding="utf-8") as f:
            f.write(text)

    def places(self):
        """The paths of Debian that stand in the files, and what they are here."""
        return {}

    def command(self):
        raise NotImplementedError

    def start(self):
        for _ in range(STARTS):
            with socket.create_server(("127.0.0.1", 0)) as probe:
                self.port = probe.getsockname()[1]
            for name in self.files:
                self.configure(name)
            with open(self.home + "/output", "ab") as output:
                self.process = subprocess.Popen(self.command(), cwd=self.home, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=output, env=dict(os.environ, XDG_DATA_HOME=self.home, XDG_CONFIG_HOME=self.home))
            if self.listens():
                return self
        with open(self.home + "/output", encoding="utf-8") as f:
            raise AssertionError("%s does not start:\n%s" % (self.files[0], f.read()[-4000:]))

    def listens(self):
        """Whether it takes connections; False if it ended instead."""
        for _ in range(int(DEADLINE_S / 0.02)):
            if self.process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except ConnectionRefusedError:
                PACE.wait(0.02)
        return False

    def stop(self):
        """It must still be there: a proxy that fell over answers nobody, which would look like a refusal."""
        assert self.process.poll() is None, "%s ended: %s" % (self.files[0], self.output())
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE_S)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def output(self):
        with open(self.home + "/output", encoding="utf-8", errors="replace") as f:
            return f.read()[-4000:]

    def connect(self, client=CLIENT):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S, source_address=(client, 0))

    def ask(self, method, path, token=None, headers=(), body=None, connection=None):
        """Sends one request, headers (name, value) as they are; by itself if no `connection` is given. A body that is a tuple
        (bytes, trailer) goes in one chunk."""
        own = connection or self.connect()
        before = len(self.api.seen)
        own.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            own.putheader(name, value)
        if token is not None:
            own.putheader("Authorization", "Bearer " + token)
        if isinstance(body, tuple):
            own.putheader("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (len(body[0]), *body)
        elif body is not None:
            own.putheader("Content-Length", str(len(body)))
        own.endheaders(body)
        got = own.getresponse()
        raw = got.read()
        if connection is None:
            own.close()
        seen = self.api.seen[before:]
        assert len(seen) <= 1, seen
        return Reply(got, raw, seen[0] if seen else None)


class Nginx(Front):
    name = "nginx"
    files = ("nginx/nginx.conf",)

    def places(self):
        return {"/run/nginx.pid": self.home + "/nginx.pid", "/var/log/nginx": self.home, "/var/lib/nginx": self.home}

    def command(self):
        return ["/usr/sbin/nginx", "-c", self.home + "/nginx.conf", "-e", self.home + "/error.log", "-g", "daemon off;"]


class Caddy(Front):
    name = "caddy"
    files = ("caddy/Caddyfile",)

    def places(self):
        return {"localhost:2019": "unix/" + self.home + "/admin.sock"}

    def command(self):
        return ["/usr/bin/caddy", "run", "--config", self.home + "/Caddyfile", "--adapter", "caddyfile"]


class Haproxy(Front):
    name = "haproxy"
    files = ("haproxy/haproxy.cfg", "haproxy/jeton.lua")

    def places(self):
        return {"/etc/haproxy": self.home, "user haproxy": "user " + USER, "group haproxy": "group " + GROUP}

    def command(self):
        return ["/usr/sbin/haproxy", "-db", "-f", self.home + "/haproxy.cfg"]


class Apache(Front):
    name = "apache"
    files = ("apache/apache2.conf", "apache/jeton.lua")

    def places(self):
        return {"/etc/apache2": self.home, "/run/apache2": self.home, "/var/log/apache2": self.home}

    def command(self):
        return ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", self.home + "/apache2.conf"]


PROXIES = {kind.name: kind for kind in (Apache, Caddy, Haproxy, Nginx)}
