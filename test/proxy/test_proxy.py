# SPDX-License-Identifier: Apache-2.0
"""Goal: behind each of the four proxies, configured by the very files of contrib/, the API is reached by exactly those
requests that Jeton allows for the scope of their method and path, knows who sent them from Jeton alone, and is reached by
nothing at all while Jeton cannot say."""

import os
import re
import signal
import time

import pytest

from client import eventually, unique
from front import CLIENT, CONTRIB, PROXIES

SIX = ("X-Jeton-Token-Id", "X-Jeton-Kind", "X-Jeton-Org", "X-Jeton-User", "X-Jeton-Scopes", "X-Jeton-Teams")
ID = "0123abcd-0000-7000-8000-00000000beef"
YES = ("HTTP/1.1 204 Yes\r\nConnection: close\r\n%s\r\n" % "".join("%s: %s\r\n" % (name, ID) for name in SIX)).encode()
BOUND_S = 5.0  # a proxy waits 2 s for Jeton, on a machine that may be busy


@pytest.fixture(scope="module")
def reader(org):
    """A token that may list findings and nothing else."""
    return org.issue("access", role_id=org.role(["findings:list"]))


@pytest.fixture(scope="module")
def writer(org):
    """A token that may update findings and nothing else."""
    return org.issue("access", role_id=org.role(["findings:update"]))


def refused(reply, status, challenge=None):
    assert reply.status == status, reply
    assert reply.at_api is None, "reached the API: %r" % reply.at_api
    got = reply.headers.get_all("WWW-Authenticate") or []
    if challenge is None:
        assert got == [], reply
    else:
        assert len(got) == 1 and re.search(challenge, got[0]) and got[0].startswith("Bearer"), reply
    return reply


def unavailable(reply):
    refused(reply, 503)
    assert reply.headers["Retry-After"] == "1", reply


def jeton_headers(reply):
    """{name: value} of the X-Jeton-* that the API got, empty ones left out; each once and properly spelt."""
    found = reply.api_headers("jeton")
    names = [k.lower() for k, _ in found]
    assert sorted(set(names)) == sorted(names) and set(names) <= {n.lower() for n in SIX}, found
    return {k.lower(): v for k, v in found if v}


def test_allow(front, org, reader):
    got = front.ask("GET", "/findings?q=a%20b&q=c", reader["value"])
    assert got.status == 200, got
    assert (got.at_api["method"], got.at_api["path"]) == ("GET", "/findings?q=a%20b&q=c")
    known = jeton_headers(got)
    assert known["x-jeton-token-id"] == reader["id"]
    assert known["x-jeton-org"] == org.id
    assert "findings:list" in known["x-jeton-scopes"].split(" ")
    assert "x-jeton-user" not in known
    assert front.ask("HEAD", "/findings/7", reader["value"]).status == 200


def test_a_body_arrives_whole(front, writer):
    body = b"x" * 200000
    got = front.ask("POST", "/findings/7", writer["value"], body=body)
    assert got.status == 200 and got.at_api["body"] == body.decode()


def test_a_trailer_is_no_header(front, writer):
    got = front.ask("POST", "/findings", writer["value"], headers=[("Trailer", "X-Jeton-User")],
        body=(b"the-body", b"X-Jeton-User: forged\r\nX_Jeton_User: forged"))
    if got.status == 411:
        refused(got, 411)
    else:
        assert got.status == 200 and got.at_api["body"] == "the-body", got
        assert "forged" not in str(got.at_api["headers"])


def test_a_personal_token_names_its_user(front, org):
    got = front.ask("GET", "/findings", org.token)
    assert jeton_headers(got)["x-jeton-user"] == org.owner_id


def test_no_token_and_bad_tokens(front, reader):
    refused(front.ask("GET", "/findings"), 401, "^Bearer")
    for bad in ("nonsense", reader["value"][:-1] + ("0" if reader["value"][-1] != "0" else "1"), ""):
        refused(front.ask("GET", "/findings", bad), 401, "^Bearer")
    refused(front.ask("GET", "/findings", headers=[("Authorization", "Basic YTpi")]), 401, "^Bearer")
    refused(front.ask("GET", "/findings", headers=[("Cookie", "token=" + reader["value"])]), 401, "^Bearer")
    refused(front.ask("GET", "/findings?access_token=" + reader["value"]), 401, "^Bearer")


def test_two_tokens_at_once(front, reader):
    got = front.ask("GET", "/findings", reader["value"], headers=[("Authorization", "Bearer nonsense")])
    assert got.status in (400, 401) and got.at_api is None, got


def test_a_missing_scope_is_named(front, reader, writer):
    refused(front.ask("POST", "/findings", reader["value"], body=b"{}"), 403, 'scope="findings:update"')
    refused(front.ask("GET", "/findings", writer["value"]), 403, 'scope="findings:list"')
    refused(front.ask("GET", "/apps", reader["value"]), 403, 'scope="apps:list"')


def test_what_is_not_listed_is_not_served(front, reader):
    for method, path in (("GET", "/"), ("GET", "/findingsx"), ("GET", "/other/findings"), ("DELETE", "/findings"),
            ("OPTIONS", "/findings"), ("GET", "/jeton-verify"), ("GET", "/verify")):
        refused(front.ask(method, path, reader["value"]), 404)


def test_forged_headers_never_arrive(front, org, reader):
    genuine = jeton_headers(front.ask("GET", "/findings", reader["value"]))
    for spell in (str, str.lower, str.upper, lambda n: n.replace("-", "_"), lambda n: n.replace("-", "_").upper(),
            lambda n: n.replace("X-Jeton", "X_Jeton"), lambda n: n.replace("X-Jeton-", "X-Jeton_")):
        forged = [(spell(name), "forged") for name in (*SIX, "X-Jeton-Seq")]
        got = front.ask("GET", "/findings", reader["value"], headers=forged)
        assert got.status == 200 and jeton_headers(got) == genuine, got.at_api
        assert "forged" not in str(got.at_api["headers"])
    twice = [("X-Jeton-User", "forged"), ("x-jeton-user", "forged")]
    got = front.ask("GET", "/findings", reader["value"], headers=twice)
    assert got.status == 200 and jeton_headers(got) == genuine, got.at_api


def test_genuine_headers_always_arrive(front, reader):
    """A proxy drops what `Connection` names, be it Jeton's: the request is refused, or has them all."""
    genuine = jeton_headers(front.ask("GET", "/findings", reader["value"]))
    for value in ("X-Jeton-Org", "close, x-jeton-user ,X-JETON-TEAMS", "keep-alive,X-Jeton-Token-Id"):
        for headers in ([("Connection", value)], [("Connection", "x-y"), ("Connection", value)]):
            got = front.ask("GET", "/findings", reader["value"], headers=headers)
            if got.status != 400:
                assert got.status == 200 and jeton_headers(got) == genuine, got
            else:
                refused(got, 400)


def test_revoked_between_two_requests(front, org, reader):
    token = org.issue("access", role_id=reader["role_id"])
    connection = front.connect()
    for _ in range(3):
        assert front.ask("GET", "/findings", token["value"], connection=connection).status == 200
    line = connection.sock.getsockname()
    org.owner.delete("O/tokens/" + token["id"]).ok()
    refused(front.ask("GET", "/findings", token["value"], connection=connection), 401, "^Bearer")
    assert connection.sock is None or connection.sock.getsockname() == line
    connection.close()


def test_the_query_does_not_choose_the_scope(front, reader, org):
    for query in ("?scope=findings:list", "?org=%s&scope=findings:list" % org.id, "?x&scope=", "?%23", "?a=//../%2e%2e"):
        refused(front.ask("POST", "/findings" + query, reader["value"], body=b""), 403, 'scope="findings:update"')
        assert front.ask("GET", "/findings" + query, reader["value"]).status == 200


def test_odd_paths(front, reader):
    for path in ("//findings", "/findings//7", "/apps/../findings", "/findings/../apps", "/findings/..", "/./findings",
            "/findings/%2e%2e/apps", "/findings/%2E", "/findings%2f..%2fapps", "/findings%2Fapps", "/findings/..%2fapps",
            "/findings%5c..%5capps", "/findings\\..\\apps", "/findings/%252e%252e/apps", "/findings/..;/apps",
            "/findings%00", "/findings%0a", "/findings#/../apps", "/findings/..?x"):
        got = front.ask("GET", path, reader["value"])
        refused(got, got.status)
        assert got.status in (400, 404), got
    for path in ("/%66indings", "/findings%3f", "/f%69ndings/caf%C3%A9%20au+lait"):
        got = front.ask("GET", path, reader["value"])
        assert got.status == 200 or (got.status == 404 and got.at_api is None), got
    refused(front.ask("GET", "/%61pps", reader["value"]), 403, 'scope="apps:list"')


def test_the_clients_address(front, jeton, reader):
    """Jeton and the API have it from the proxy, whatever the client says of itself."""
    client = "127.0.1.%d" % (1 + sorted(PROXIES).index(front.name))
    forged = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "203.0.113.8, 203.0.113.7"),
        ("Forwarded", "for=203.0.113.6"), ("X-Real-IP", "203.0.113.5")]
    connection = front.connect(client)
    got = front.ask("GET", "/findings", reader["value"], headers=forged, connection=connection)
    assert [v for _, v in got.api_headers("x-forwarded-for")] == [client]

    def logged():
        refused(front.ask("GET", "/findings", headers=forged, connection=connection), 401, "^Bearer")
        return client in jeton.log

    eventually(logged, "one of the refusals, of which some are logged, with the client's address")
    assert "203.0.113" not in jeton.log
    connection.close()


def test_jeton_stopped_is_503_and_not_for_long(front, jeton, reader):
    assert front.ask("GET", "/findings", reader["value"]).status == 200
    jeton.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, jeton.process.pid, os.WSTOPPED)  # until then some of its threads go on
    try:
        start = time.monotonic()
        unavailable(front.ask("GET", "/findings", reader["value"]))
        assert time.monotonic() - start < BOUND_S
    finally:
        jeton.process.send_signal(signal.SIGCONT)
    eventually(lambda: front.ask("GET", "/findings", reader["value"]).status == 200, "it goes on when Jeton does")


def test_jeton_killed_is_503(orphaned, mortal):
    token = mortal.demo().token
    assert orphaned.ask("GET", "/findings", token).status == 200
    mortal.process.kill()
    mortal.process.wait()
    for _ in range(2):
        unavailable(orphaned.ask("GET", "/findings", token))
    os.unlink(mortal.socket)
    unavailable(orphaned.ask("GET", "/findings", token))
    mortal.again()
    assert orphaned.ask("GET", "/findings", token).status == 200


def test_what_jeton_is_asked(misled, impostor):
    """The target is made of the configuration alone, and neither the body nor another credential goes along."""
    impostor.answer = YES
    before = len(impostor.asked)
    got = misled.ask("POST", "/findings/7?scope=apps:list&org=x", "the-value", body=b"the-body" * 1000,
        headers=[("Cookie", "the-cookie"), ("X-Forwarded-For", "203.0.113.9"), ("X-Jeton-Org", "forged"),
            ("Connection", "X-Forwarded-For")])
    assert got.status == 200 and got.at_api["body"].startswith("the-body"), got
    assert jeton_headers(got) == {name.lower(): ID for name in SIX}
    asked = impostor.last_asked(before + 1)
    assert len(impostor.asked) == before + 1
    line, _, rest = asked.partition("\r\n")
    assert re.fullmatch(r"GET /verify\?org=00000000-0000-0000-0000-0000000000aa&scope=findings(:|%3A)update HTTP/1\.1", line)
    assert re.findall(r"(?im)^authorization: (.*)\r$", rest) == ["Bearer the-value"]
    assert re.findall(r"(?im)^x-forwarded-for: (.*)\r$", rest) == [CLIENT]
    assert rest.endswith("\r\n\r\n") and "the-body" not in rest and "the-cookie" not in rest and "forged" not in rest
    assert not re.search(r"(?im)^(content-length: [^0]|transfer-encoding:)", rest), rest


@pytest.mark.parametrize("answer", [
    b"", b"\0\1\2\3\r\n\r\n", b"hello\n", b"204\r\n\r\n", b"HTTP/1.1 204", b"HTTP/9.9 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"HTTP/1.1 204 No Content\r\n\r\n",
    YES[:-2], b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 502 Oh\r\nContent-Length: 2\r\n\r\nhi",
    b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"], ids=lambda a: a[:24].decode("latin-1").strip() or "none")
def test_answers_that_are_none(misled, impostor, answer):
    impostor.answer = answer
    unavailable(misled.ask("GET", "/findings", "any"))


def test_what_was_allowed_lends_nothing_to_the_next(misled, impostor):
    connection = misled.connect()
    for answer, status in ((YES, 200), (b"hello\n", 503), (YES, 200), (b"", 503)):
        impostor.answer = answer
        got = misled.ask("GET", "/findings", "any", connection=connection)
        assert got.status == status and (got.at_api is None) == (status == 503), got
    connection.close()


def test_silence(misled, impostor):
    impostor.answer = None
    start = time.monotonic()
    unavailable(misled.ask("GET", "/findings", "any"))
    assert time.monotonic() - start < BOUND_S


def test_an_error_of_the_api_stays_its_own(front, reader):
    got = front.ask("GET", "/findings", reader["value"], headers=[("X-Answer", "500")])
    assert got.status == 500 and got.at_api, got


def test_the_readme_names_what_is_replaced(front):
    """The files run here with changes that contrib/README.md tells, each of which is really in a file."""
    with open(os.path.join(CONTRIB, "README.md"), encoding="utf-8") as f:
        told = f.read()
    text = ""
    for name in front.files:
        assert name in told, name
        with open(os.path.join(CONTRIB, name), encoding="utf-8") as f:
            text += f.read()
    for old in (*front.changes, *front.places(), "8000"):
        assert "`%s`" % old in told and old in text, old
