# SPDX-License-Identifier: Apache-2.0
"""The client's address behind proxies: counted from the right, never what a client says of itself."""

import http.client
import time
import urllib.parse
import uuid

import pytest

from client import API, PASSWORD


@pytest.fixture(scope="module", params=[0, 1, 2, 16])
def hops(request):
    """(N, a server with --trusted-hops N)"""
    from serving import Server
    server = Server()
    try:
        yield request.param, server.start("--trusted-hops", str(request.param))
        server.stop()
    finally:
        if server.process is not None:
            server.process.kill()
            server.process.wait()
        server.remove()


def seen(server, *lines, path="/healthz"):
    """The address that the log gives a request with these X-Forwarded-For lines."""
    request_id = uuid.uuid4().hex
    address = urllib.parse.urlsplit(server.base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.putrequest("GET", path)
    connection.putheader("X-Request-Id", request_id)
    for line in lines:
        connection.putheader("X-Forwarded-For", line)
    connection.endheaders()
    assert connection.getresponse().read() is not None
    connection.close()
    return server.wait_log(lambda f: f.get("id") == request_id, "request " + request_id)["address"]


PEER = "127.0.0.1"
LONG = ", ".join(["2001:db8:aaaa:bbbb:cccc:dddd:eeee:%04x" % n for n in range(1, 17)])
CASES = [  # lines, then the address for 0, 1, 2 and 16 hops
    ([], PEER, PEER, PEER, PEER),
    (["203.0.113.9"], PEER, "203.0.113.9", "203.0.113.9", "203.0.113.9"),
    (["1.1.1.1, 203.0.113.9"], PEER, "203.0.113.9", "1.1.1.1", "1.1.1.1"),
    (["6.6.6.6, 1.1.1.1, 203.0.113.9"], PEER, "203.0.113.9", "1.1.1.1", "6.6.6.6"),
    (["6.6.6.6,1.1.1.1", "203.0.113.9"], PEER, "203.0.113.9", "1.1.1.1", "6.6.6.6"),
    (["6.6.6.6", "1.1.1.1", "203.0.113.9"], PEER, "203.0.113.9", "1.1.1.1", "6.6.6.6"),
    (["1.1.1.1, unknown"], PEER, PEER, "1.1.1.1", "1.1.1.1"),
    (["1.1.1.1, , 2.2.2.2"], PEER, "2.2.2.2", PEER, "1.1.1.1"),
    (["1.1.1.1,"], PEER, PEER, "1.1.1.1", "1.1.1.1"),
    ([""], PEER, PEER, PEER, PEER),
    (["' or 1=1 --, 2.2.2.2"], PEER, "2.2.2.2", PEER, PEER),
    (["2.2.2.2:4711"], PEER, "2.2.2.2", "2.2.2.2", "2.2.2.2"),
    (["[2001:DB8::0:1]:80"], PEER, "2001:db8::1", "2001:db8::1", "2001:db8::1"),
    (["2001:db8:0:0:0:0:0:1"], PEER, "2001:db8::1", "2001:db8::1", "2001:db8::1"),
    (["::ffff:192.0.2.1"], PEER, "192.0.2.1", "192.0.2.1", "192.0.2.1"),
    (["1.2.3"], PEER, PEER, PEER, PEER),
    (["1.1.1.1, 1.2.3.4.5"], PEER, PEER, "1.1.1.1", "1.1.1.1"),
    (["9.9.9.9, " + LONG], PEER, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:10", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:f",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    # What does not fit is cut at the left, and what is left of an entry there is no address: not 34.5.6.7 of 1234.5.6.7
    (["x" * 5000 + "234.5.6.7"], PEER, PEER, PEER, PEER),
    (["x" * 5000, "3.3.3.3"], PEER, "3.3.3.3", PEER, PEER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0])[:40])
def test_addresses_are_counted_from_the_right(hops, case):
    """Goal: with N trusted hops it is the N-th address from the right over all lines; with fewer the leftmost, which the
    outermost of them wrote; what is no address is none, and then the connection's counts."""
    count, server = hops
    assert seen(server, *case[0]) == case[1 + [0, 1, 2, 16].index(count)]


def wrong_password(server, address):
    org = server.demo()
    return org.anonymous().post(API + "/user/token/reveal", {"org": org.id, "email": uuid.uuid4().hex + "@example.com",
        "password": PASSWORD + "x"}, headers={"X-Forwarded-For": "6.6.6.6, %s" % address}).status


def test_limits_and_audit_go_by_that_address(server_factory):
    """Goal: whoever guesses from one address is slowed down, whoever comes by another is not, and a client cannot choose
    its own; the audit log has the same address."""
    server = server_factory("--trusted-hops", "1")
    statuses = [wrong_password(server, "203.0.113.1") for _ in range(62)]
    assert statuses[:60] == [401] * 60 and 429 in statuses[60:]
    assert wrong_password(server, "203.0.113.200") == 401
    org = server.demo()
    org.owner.post("O/rbac/teams", {"name": "t"}, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.77"}).ok()
    text = org.owner.get("O/audit/csv/" + time.strftime("%Y/%m", time.gmtime())).text
    assert "203.0.113.77" in text and "6.6.6.6" not in text
