# SPDX-License-Identifier: Apache-2.0
"""Goal: whatever a client sends that it should not is answered by a 4xx in our form, once, and the server goes on.

Raw sockets: what a well-behaved library would never send."""

import json
import socket

import pytest

from client import unique

CI = "66ad5168-41be-4b6c-9ac5-a30b02229c35"
TIMEOUT_S = 20


def talk(server, data):
    """Sends bytes and reads until the server closes or has answered; returns all of it."""
    host, port = server.base.split("//")[1].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may close before it has read all
        received = b""
        try:
            while chunk := s.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


def parse(received):
    """[(status, headers, body)] of all answers."""
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        size = int(headers.get("content-length", "0"))
        answers.append((int(lines[0].split()[1]), headers, rest[:size]))
        received = rest[size:]
    return answers


def refused(server, data, status, code=None):
    """Exactly one answer: this status, our form, nothing of the inside."""
    answers = parse(talk(server, data))
    assert len(answers) == 1, answers
    got, headers, body = answers[0]
    assert got in (status if isinstance(status, tuple) else (status,)), (got, body)
    said = json.loads(body)
    assert said["ok"] is False and headers["content-type"] == "application/json"
    assert set(said) <= {"ok", "code", "message", "validation_errors"}
    if code:
        assert said["code"] == code
    return said


def request(org, body=b"", path=None, method="POST", extra="", token=None, length=None):
    path = path or f"/api/v4/orgs/{org.id}/tokens"
    return (f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token or org.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body) if length is None else length}\r\n"
            f"Connection: close\r\n{extra}\r\n").encode() + body


GOOD = {"label": "x", "role_id": CI}
BODIES = {
    "malformed": (b"{label: x}", 400, "BAD_JSON"),
    "truncated JSON": (b'{"label":"x"', 400, "BAD_JSON"),
    "empty": (b"", 400, "BAD_JSON"),
    "two documents": (b'{"label":"x"}{}', 400, "BAD_JSON"),
    "duplicate keys": (b'{"label":"x","label":"y","role_id":"%s"}' % CI.encode(), 400, "BAD_JSON"),
    "not UTF-8": (b'{"label":"\xff\xfe","role_id":"%s"}' % CI.encode(), 400, "BAD_JSON"),
    "overlong UTF-8": (b'{"label":"\xc0\xaf","role_id":"%s"}' % CI.encode(), 400, "BAD_JSON"),
    "lone surrogate": (b'{"label":"\\ud800","role_id":"%s"}' % CI.encode(), 400, "BAD_JSON"),
    "nested too deeply": (b'{"label":' + b"[" * 17 + b"]" * 17 + b"}", 400, "BAD_JSON"),
    "nested absurdly": (b"[" * 100000 + b"]" * 100000, 400, "BAD_JSON"),
    "NUL in a text": (b'{"label":"a\\u0000b","role_id":"%s"}' % CI.encode(), 400, None),
    "control character in a name": (b'{"label":"a\\u0007b","role_id":"%s"}' % CI.encode(), 400, "VALIDATION_FAILED"),
    "wrong type": (b'{"label":5,"role_id":"%s"}' % CI.encode(), 400, "VALIDATION_FAILED"),
    "an array": (b"[]", 400, "VALIDATION_FAILED"),
    "unknown field": (b'{"label":"x","role_id":"%s","frob":1}' % CI.encode(), 400, "VALIDATION_FAILED"),
    "label too long": (json.dumps({"label": "x" * 129, "role_id": CI}).encode(), 400, "VALIDATION_FAILED"),
    "lifetime 0": (json.dumps({**GOOD, "valid_for_seconds": 0}).encode(), 400, "VALIDATION_FAILED"),
    "lifetime too long": (json.dumps({**GOOD, "valid_for_seconds": 3153600001}).encode(), 400, "VALIDATION_FAILED"),
    "lifetime no integer holds": (b'{"label":"x","role_id":"%s","valid_for_seconds":99999999999999999999}' % CI.encode(), 400, None),
    "lifetime a fraction": (json.dumps({**GOOD, "valid_for_seconds": 1.5}).encode(), 400, "VALIDATION_FAILED"),
    "no teams": (json.dumps({**GOOD, "teams": []}).encode(), 400, "VALIDATION_FAILED"),
    "bad UUID in a list": (json.dumps({**GOOD, "teams": ["x"]}).encode(), 400, "VALIDATION_FAILED"),
    "no role": (b'{"label":"x"}', 400, "VALIDATION_FAILED"),
    "not a role": (json.dumps({**GOOD, "role_id": "x"}).encode(), 400, None),
    "over a mebibyte": (b'{"label":"' + b"x" * (1 << 20) + b'"}', 413, "PAYLOAD_TOO_LARGE"),
}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_bad_bodies(org, name):
    """Goal: each bad body has its 4xx, makes nothing, and is logged once."""
    body, status, code = BODIES[name]
    request_id = unique("bad")
    refused(org.server, request(org, body, extra=f"X-Request-Id: {request_id}\r\n"), status, code)
    org.server.wait_log(lambda f: f.get("id") == request_id, "the refusal")
    assert sum(f"id={request_id} " in line for line in org.server.log.splitlines()) == 1
    assert org.owner.get("O/tokens").ok() == []


def test_the_largest_body_that_is_taken(org):
    """Goal: one byte under the limit is read; the limit itself too; one more is not."""
    for size, status in ((1 << 20, 400), ((1 << 20) + 1, 413)):
        body = b'{"label":"' + b"x" * (size - 12) + b'"}'
        assert len(body) == size
        refused(org.server, request(org, body), status)


HEADS = {
    "two Authorization": "GET {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nAuthorization: Bearer {t}\r\n\r\n",
    "two Host": "GET {p} HTTP/1.1\r\nHost: x\r\nHost: y\r\nAuthorization: Bearer {t}\r\n\r\n",
    "no Host": "GET {p} HTTP/1.1\r\nAuthorization: Bearer {t}\r\n\r\n",
    "two Content-Length": "POST {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}",
    "Content-Length and Transfer-Encoding":
        "POST {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown Transfer-Encoding": "POST {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a name that is no token": "GET {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nX Y: z\r\n\r\n",
    "a control character": "GET {p} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\nX-Y: a\x01b\r\n\r\n",
    "%00 in the path": "GET {p}%00 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\n\r\n",
    "%2F in the path": "GET {p}%2Fx HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\n\r\n",
    "a bad escape": "GET {p}%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\n\r\n",
    "dots in the path": "GET /api/v4/../v4/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {t}\r\n\r\n",
}


@pytest.mark.parametrize("name", sorted(HEADS))
def test_smuggling_and_bad_heads(org, name):
    """Goal: what two readers could understand differently is refused, with one answer, and the connection ends."""
    text = HEADS[name].format(p=f"/api/v4/orgs/{org.id}/tokens", t=org.token)
    follow = f"GET /api/v4/orgs/{org.id}/my_scopes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {org.token}\r\n\r\n"
    answers = parse(talk(org.server, (text + follow).encode("latin-1")))
    assert len(answers) == 1 and answers[0][0] == 400, answers
    assert json.loads(answers[0][2])["ok"] is False


def test_too_large_and_too_long(org):
    """Goal: a large header 431, a long target 414, both in our form."""
    refused(org.server, request(org, path="/x?" + "y" * 5000, method="GET"), 414)
    refused(org.server, request(org, method="GET", extra="X-Y: " + "z" * 17000 + "\r\n"), 431)


@pytest.mark.parametrize("width", [20, 60, 120, 400, 16000])
@pytest.mark.parametrize("path", ["/verify?org=%s", "/api/v4/orgs/%s/my_scopes", "/nowhere/%s"])
def test_a_header_of_any_size_is_answered(org, path, width):
    """Goal: whatever of the library's memory a header has used up, there is room for an answer: 431, or what it would have been."""
    good = {"/v": 204, "/a": 200, "/n": 404}[path[:2]]
    seen = set()
    for total in (*range(2000, 17500, 700), 16380, 16384, 16390):
        lines, left = "", total
        while left > 8:
            lines += "X-P: " + "a" * (min(width, left) - 7) + "\r\n"
            left -= min(width, left)
        head = "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n%s\r\n"
        answers = parse(talk(org.server, (head % (path % org.id, org.token, lines)).encode("latin-1")))
        assert len(answers) == 1 and answers[0][0] in (good, 431), (total, answers)
        seen.add(answers[0][0])
    assert seen == {good, 431}


LIBRARYS = {
    "negative Content-Length": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "Content-Length that is no number": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4x\r\n\r\n{}",
    "a header beyond all memory": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200000 + b"\r\n\r\n",
    "no request line": b"GARBAGE\r\n\r\n",
}


@pytest.mark.parametrize("name", sorted(LIBRARYS))
def test_what_the_library_refuses_by_itself(server_factory, name):
    """Goal: what never becomes a request is refused in our form or not answered at all, and the connection ends.

    libmicrohttpd 0.9.75 sends the head of such an answer twice (doc/formats/http.md); a client reads 400 or 431 either way."""
    server = server_factory("--request-seconds", "2")
    follow = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    received = talk(server, LIBRARYS[name] + follow)
    assert b" 200 " not in received and b"<html" not in received
    if received:
        assert received.split()[1] in (b"400", b"408", b"431") and b'"ok":false' in received


def test_bad_paths_and_queries(org):
    """Goal: ids that are none are not there; absurd pages and unknown parameters are refused by name."""
    owner = org.owner
    for path in ("O/tokens/x", "O/tokens/00000000-0000-0000-0000-000000000000", "O/rbac/teams/nonsense", "O/apps/..%2e",
                 "O/nonsense", "/api/v4/orgs/x/tokens", "/api/v5/user"):
        assert owner.get(path).status in (400, 404), path
    for query in ("page=0", "page=-1", "page=x", "per_page=251", "per_page=0", "order=up", "after=!!", "frob=1", "kind=frob",
                  "show_expired=maybe", "created_by=x", "page=1&after=AAAA", "page=99999999999999999999999"):
        owner.get("O/tokens?" + query).refused(400)
    owner.get("O/tokens?page=1001").refused(400, "PAGE_TOO_DEEP")
    assert owner.get("O/tokens?page=1000").ok() == []
    assert owner.get("O/tokens?page=1&page=2").status == 400


def test_methods_and_media_types(org):
    """Goal: 405 names what is allowed; a body that is not JSON is 415."""
    answer = org.owner.ask("POST", f"/api/v4/orgs/{org.id}/my_scopes", {})
    assert answer.status == 405 and "GET" in answer.headers["Allow"]
    body = json.dumps(GOOD).encode()
    data = request(org, body).replace(b"application/json", b"text/plain")
    refused(org.server, data, 415)


def test_a_body_that_ends_early_makes_nothing(server_factory):
    """Goal: a client that goes away in the middle of a body has made nothing."""
    org = server_factory("--request-seconds", "2").demo()
    talk(org.server, request(org, json.dumps(GOOD).encode(), length=500))
    assert org.owner.get("O/tokens").ok() == []


def test_the_server_is_well_afterwards(org):
    """Goal: after all that, it answers."""
    assert org.owner.get("O/my_scopes").status == 200 and org.issue("ci")["kind"] == "ci"
