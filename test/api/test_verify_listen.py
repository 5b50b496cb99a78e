# SPDX-License-Identifier: Apache-2.0
"""--verify-listen: a unix socket for the proxy beside the server, which answers /verify and /healthz and nothing else."""

import http.client
import os
import signal
import socket
import stat
import subprocess

import pytest

from client import Client
from serving import JETON, Server, environment
from test_verify import IDENTITY, target


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("jeton", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


def ask(path, method, url, token=None, **headers):
    connection = Unix(path)
    if token:
        headers["Authorization"] = "Bearer " + token
    connection.request(method, url, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.fixture
def listening(server_factory, tmp_path):
    path = str(tmp_path / "verify.sock")
    return server_factory("--verify-listen", "unix:" + path), path


def test_it_answers_verify_as_the_main_listener_does(listening):
    """Goal: the same decision with the same headers, on one connection after the other or the same."""
    server, path = listening
    org = server.demo()
    token = org.issue("ci")["value"]
    connection = Unix(path)
    for scopes, status in ((("scans:read",), 204), (("tokens:list",), 403), ((), 204), (("scans:read",), 204)):
        connection.request("GET", target(org, *scopes), headers={"Authorization": "Bearer " + token})
        answer = connection.getresponse()
        answer.read()
        main = Client(server.base, token).get(target(org, *scopes))
        assert answer.status == main.status == status
        assert [answer.headers[n] for n in IDENTITY] == [main.headers[n] for n in IDENTITY]
    connection.close()
    assert ask(path, "GET", target(org)).status == 401
    assert ask(path, "HEAD", target(org), token).status == 204


def test_it_answers_nothing_else(listening):
    """Goal: whoever may only reach this socket reaches no API, no metrics and no document."""
    server, path = listening
    org = server.demo()
    assert ask(path, "GET", "/healthz").status == 200
    for method, url in (("GET", "/api/v4/orgs/%s/my_scopes" % org.id), ("GET", "/metrics"), ("GET", "/readyz"),
            ("GET", "/openapi.json"), ("POST", "/oauth/introspect"), ("POST", "/oauth/revoke"), ("GET", "/"),
            ("GET", "/.well-known/oauth-authorization-server"), ("POST", "/api/v4/orgs/%s/tokens" % org.id)):
        assert ask(path, method, url, org.token).status == 404, url
    assert ask(path, "POST", "/verify", org.token).status == 405


def test_its_mode_and_its_address(listening):
    """Goal: owner and group may connect, nobody else; the address behind it is what the proxy forwarded, or none."""
    server, path = listening
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660 and stat.S_ISSOCK(os.stat(path).st_mode)
    ask(path, "GET", "/healthz", **{"X-Request-Id": "by-the-socket"})
    assert server.wait_log(lambda f: f.get("id") == "by-the-socket", "it is logged")["address"] == "unix"


def refused(server, path):
    """Starts one that must not start; returns what it says."""
    done = subprocess.run([JETON, "serve", "--data", server.data, "--run", server.run, "--listen", "127.0.0.1:0",
        "--verify-listen", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, env=environment())
    assert done.returncode in (2, 3), done
    return done.returncode, done.stderr


def test_a_dead_servers_socket_is_replaced_and_a_live_ones_is_not(listening):
    """Goal: after kill -9 the next start takes the path over; while a server answers there another does not start and
    leaves it alone."""
    first, path = listening
    second = Server()
    try:
        code, said = refused(second, "unix:" + path)
        assert code == 3 and "another server listens there" in said
        assert ask(path, "GET", "/healthz").status == 200
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        first.process = None
        assert os.path.exists(path)
        second.start("--verify-listen", "unix:" + path)
        assert ask(path, "GET", "/healthz").status == 200
        second.stop()
    finally:
        if second.process is not None:
            second.process.kill()
            second.process.wait()
        second.remove()


@pytest.mark.parametrize("address, code, says", [("unix:", 2, "not unix:"), ("/tmp/x", 2, "not unix:"), ("unix:" + "x" * 200, 2,
    "at most"), ("unix:/no/such/place/x", 3, "No such file"), ("FILE", 3, "is no socket")])
def test_what_is_no_place_for_a_socket(tmp_path, address, code, says):
    """Goal: a wrong address is told, and a file that is no socket is never removed."""
    other = tmp_path / "file"
    other.write_text("precious")
    server = Server()
    try:
        got, said = refused(server, address.replace("FILE", "unix:%s" % other))
        assert got == code and says in said, said
        assert other.read_text() == "precious"
    finally:
        server.remove()
