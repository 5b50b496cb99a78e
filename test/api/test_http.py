# SPDX-License-Identifier: Apache-2.0
"""Goal: the server keeps HTTP's manners: deadlines, HEAD, pipelining, a graceful end, TLS, reload."""

import os
import resource
import select
import signal
import socket
import ssl
import subprocess
import threading

from client import CI, DEADLINE_S, eventually, unique
from serving import Server
from test_bad_input import parse, request, talk


def connect(server):
    host, port = server.base.split("//")[1].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=DEADLINE_S)


def read_all(s):
    received = b""
    while chunk := s.recv(65536):
        received += chunk
    return received


def test_a_dripping_client_is_ended(server_factory):
    """Goal: the deadline runs from the first byte: a header that drips is answered 408 and the connection ends."""
    server = server_factory("--request-seconds", "1")
    with connect(server) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        received = b""
        try:
            for _ in range(200):
                s.settimeout(0.05)
                try:
                    chunk = s.recv(4096)
                    if not chunk:
                        break
                    received += chunk
                except TimeoutError:
                    s.sendall(b"X-A: b\r\n")
        except OSError:
            pass
    assert received == b"" or b"408" in received.split(b"\r\n")[0]
    org = server.demo()
    assert org.owner.get("/healthz").status == 200


def test_head_is_get_without_a_body(org):
    """Goal: HEAD has GET's status and length, and no body."""
    data = request(org, path=f"/api/v4/orgs/{org.id}/my_scopes", method="HEAD").replace(b"Content-Length: 0\r\n", b"")
    received = talk(org.server, data)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0] and body == b""


def test_pipelined_requests_are_answered_in_order(org):
    """Goal: two requests in one packet, a write among them: two answers, in order."""
    one = request(org, b'{"label":"x","role_id":"66ad5168-41be-4b6c-9ac5-a30b02229c35"}').replace(b"Connection: close\r\n", b"")
    two = request(org, path=f"/api/v4/orgs/{org.id}/tokens", method="GET").replace(b"Content-Length: 0\r\n", b"")
    answers = parse(talk(org.server, one + two))
    assert [a[0] for a in answers] == [200, 200] and b'"value"' in answers[0][2] and b'"label":"x"' in answers[1][2]


def test_every_answer_has_a_request_id(org):
    """Goal: the client's own id comes back if it is harmless, else one of ours."""
    for wanted, kept in (("my-id.1_2", True), ("x" * 65, False), ("a b", False), ('a"b', False)):
        data = request(org, path="/healthz", method="GET", extra=f"X-Request-Id: {wanted}\r\n")
        _, headers, _ = parse(talk(org.server, data))[0]
        assert (headers["x-request-id"] == wanted) == kept and headers["x-request-id"]


def test_sigterm_finishes_what_is_in_flight(server_factory):
    """Goal: requests that are being answered are answered; then the process ends with 0; no acknowledged write is lost."""
    server = server_factory()
    org = server.demo()
    made, go = [], threading.Event()

    def write():
        client = org.client(org.token)
        while not go.is_set():
            try:
                answer = client.post("O/tokens", {"label": "x", "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35"})
            except OSError:
                return
            if answer.status == 503:
                return
            made.append(answer.ok()["id"])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(made) > 20, "some writes")
    server.stop()
    go.set()
    for thread in threads:
        thread.join(DEADLINE_S)
    server.start()
    org = server.demo()
    kept = {t["id"] for t in org.owner.get("O/tokens").ok()}
    assert set(made) <= kept


def make_certificate(directory, name):
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


def name_of(server):
    host, port = server.base.split("//")[1].rsplit(":", 1)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as raw, context.wrap_socket(raw) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200" in s.recv(4096).split(b"\r\n")[0]
        assert s.version() in ("TLSv1.2", "TLSv1.3")
        text = ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
    shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=text, text=True, capture_output=True, check=True)
    return shown.stdout.strip().rsplit("=", 1)[1].strip()


def test_a_stop_amid_requests():
    """Goal: SIGTERM ends the server in order, whatever its many loops do at that instant: 20 stops."""
    server = Server()
    over = threading.Event()

    def hammer():
        while not over.is_set():
            try:
                with connect(server) as s:
                    while not over.is_set():
                        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                        if not s.recv(4096):
                            break
            except OSError:
                over.wait(0.002)

    clients = [threading.Thread(target=hammer) for _ in range(8)]
    try:
        for i in range(20):
            server.start("--threads", "32")
            if i == 0:
                for c in clients:
                    c.start()
            server.wait_log(lambda f: f.get("path") == "/healthz", "the requests come")
            server.stop()
    finally:
        over.set()
        for c in clients:
            c.join()
        server.remove()


def ask_health(s):
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")


def is_healthy(s):
    return b" 200 " in s.recv(4096)


def is_silent(s):
    """Whether nothing comes for as long as many answers take."""
    return not select.select([s], [], [], 0.3)[0]


def test_connections_beyond_the_limit_wait(server_factory):
    """Goal: the last connection within the limit is served; the next waits, and is served when another has ended."""
    server = server_factory("--connections", "4")
    within = [connect(server) for _ in range(4)]
    for s in within:
        ask_health(s)
    assert all(is_healthy(s) for s in within)
    with connect(server) as waits:
        ask_health(waits)
        assert is_silent(waits)
        within.pop().close()
        assert is_healthy(waits)
    for s in within:
        s.close()


def test_descriptors_for_the_connections(server_factory):
    """Goal: a shell's soft limit of descriptors does not narrow --connections: the server takes what the hard one lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        server = server_factory()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    clients = [connect(server) for _ in range(200)]
    for s in clients:
        ask_health(s)
    assert all(is_healthy(s) for s in clients)
    for s in clients:
        s.close()


def test_a_shortage_of_descriptors_passes(server_factory):
    """Goal: with no descriptor left, connections wait and the log says why; it goes on when there are some again."""
    server = server_factory()
    held = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (held + 8, held + 8))
    clients = [connect(server) for _ in range(24)]
    server.wait_log(lambda f: f.get("event") == "no room for a connection", "the shortage is told")
    ask_health(clients[0])
    assert is_healthy(clients[0])
    ask_health(clients[-1])
    assert is_silent(clients[-1])
    for s in clients[:-1]:
        s.close()
    assert is_healthy(clients[-1])
    clients[-1].close()


def test_tls_and_a_new_certificate_on_sighup(server_factory, tmp_path):
    """Goal: HTTPS by flag; SIGHUP takes the new certificate without an end; a bad one leaves the old in place."""
    cert, key = make_certificate(tmp_path, "first")
    server = server_factory("--tls-cert", cert, "--tls-key", key)
    assert server.base.startswith("https://") and name_of(server) == "first"
    make_certificate(tmp_path, "second")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: name_of(server) == "second", "the new certificate")
    with open(cert, "w", encoding="ascii") as f:
        f.write("nonsense")
    server.process.send_signal(signal.SIGHUP)
    server.wait_log(lambda f: f.get("event") == "certificate not reloaded", "the refusal")
    assert name_of(server) == "second"


def test_a_new_catalogue_on_sighup(server_factory, tmp_path):
    """Goal: a scope that is added is there after SIGHUP; a catalogue that is bad, or lacks what is in use, is refused whole."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(root, "catalogue", "prezero.yaml"), encoding="ascii") as f:
        text = f.read()
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="ascii")
    server = server_factory("--catalogue", str(path))
    org = server.demo()
    assert "scans:delete" not in org.owner.scopes()
    path.write_text(text.replace("    - scans:create\n", "    - scans:delete\n    - scans:create\n"), encoding="ascii")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "scans:delete" in org.owner.scopes(), "the new scope")
    org.role({"scans:delete"})
    path.write_text(text, encoding="ascii")
    server.process.send_signal(signal.SIGHUP)
    line = server.wait_log(lambda f: f.get("event") == "catalogue not reloaded", "the refusal")
    assert "in use" in line["why"] and "scans:delete" in org.owner.scopes()
    path.write_text("areas: [", encoding="ascii")
    server.process.send_signal(signal.SIGHUP)
    server.wait_log(lambda f: f.get("event") == "catalogue not reloaded" and "mine.yaml:2" in f.get("why", ""), "file and line")
    path.write_text(text.replace("    - scans:create\n", "    - scans:delete\n    - scans:create\n"), encoding="ascii")


def test_without_a_public_url_only_loopback_is_served(server_factory):
    """Goal: links would come from nowhere, so a public listener without --public-url does not start."""
    server = server_factory()
    server.stop()
    from serving import JETON, environment  # pylint: disable=import-outside-toplevel
    done = subprocess.run([JETON, "serve", "--data", server.data, "--listen", "0.0.0.0:0"], capture_output=True, text=True,
                          timeout=DEADLINE_S, env=environment(), check=False)
    assert done.returncode == 2 and "--public-url" in done.stderr


def test_operational_endpoints_need_no_token(org):
    """Goal: health, readiness and metrics answer without one, and show no secret and nothing that a client chose."""
    anybody = org.client(None)
    for path in ("/healthz", "/readyz"):
        assert anybody.get(path).status == 200
    org.owner.get("O/tokens")
    received = talk(org.server, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    status, headers, body = parse(received)[0]
    assert status == 200 and headers["content-type"].startswith("text/plain")
    assert b'jeton_requests_total{operation="list_tokens",status="2xx"}' in body and org.token.encode() not in body


class HeldBody:
    """A request whose header is judged, and whose body is kept back."""

    def __init__(self, org, token, path, body, kind):
        self.body = body
        self.socket = connect(org.server)
        self.socket.sendall((f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n"
                             f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n").encode())
        assert self.socket.recv(100).startswith(b"HTTP/1.1 100"), "the header was not judged"

    def answered(self):
        with self.socket:
            self.socket.sendall(self.body)
            return parse(read_all(self.socket))[0][0]


def test_a_body_that_is_kept_back_keeps_no_access(org):
    """Goal: whoever was let in by the header and keeps the body back is judged anew when it comes, in reads as in writes: a token
    that was revoked meanwhile is refused, and so is a scope that its role has lost."""
    form = "application/x-www-form-urlencoded"
    body = b'{"token":"%s","scopes":[]}' % org.token.encode()
    asks = ((f"/api/v4/orgs/{org.id}/explain", body, "application/json"),
            ("/oauth/introspect", b"token=" + org.token.encode(), form),
            (f"/api/v4/orgs/{org.id}/tokens", b'{"label":"x","role_id":"%s"}' % CI.encode(), "application/json"))
    scopes = {"tokens:list", "tokens:introspect", "tokens:create"} | org.client(org.issue("ci")["value"]).scopes()
    for path, body, kind in asks:
        role = org.role(scopes, name=unique("held"))
        kept, lost = org.issue(role_id=role), org.issue(role_id=role)
        assert HeldBody(org, kept["value"], path, body, kind).answered() == 200, path
        held = [HeldBody(org, one["value"], path, body, kind) for one in (kept, lost)]
        org.owner.delete("O/tokens/" + lost["id"]).ok()
        org.owner.put("O/rbac/roles/" + role, {"scopes": ["org:read"]}).ok()
        assert [one.answered() for one in held] == [403, 401], path
