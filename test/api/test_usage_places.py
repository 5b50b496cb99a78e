# SPDX-License-Identifier: Apache-2.0
"""When and from where: what is shown of a token before it is deleted, and of one's personal token."""

import datetime
import http.client
import os
import socket
import sqlite3
import time

import pytest

from client import API, eventually, unique
from oauth import introspect
from test_usage import eventually_used, minutes_ago, usage
from verifier import Verifier

DAY_S = 86400


def day(back):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=back)
    return at.strftime("%Y-%m-%d")


def uses_by_day(shown):
    return {d["day"]: d["uses"] for d in shown["days"] if d["uses"]}


def addresses(shown):
    return {p["address"]: p["uses"] for p in shown["places"]}


def from_places(org, token, wanted):
    """Waits until the places of a token are these, {address: uses}, and returns what is shown."""
    return eventually(lambda: (lambda u: u if addresses(u) == wanted else None)(usage(org, token)),
        "it is known to be used from %s" % wanted)


def verify(org, token, address=None, query="", times=1):
    head = {"X-Forwarded-For": address} if address else {}
    caller = org.client(token["value"])
    for _ in range(times):
        assert caller.get("/verify?org=%s%s" % (org.id, query), headers=head).status == 204
    caller.close()


def test_every_way_by_which_a_client_is_seen(org):
    """Goal: a call of the API, and /verify by its short way and by its long one, say from where the token was used, and how
    often; what was refused is not among it."""
    token = org.issue("ci")
    caller = org.client(token["value"])
    caller.get("O/apps").ok()
    caller.get("O/tokens").refused(403)
    verify(org, token, times=3)
    verify(org, token, query="&scope=scans:create&min_seq=0", times=2)
    assert caller.get("/verify?org=%s&scope=tokens:list" % org.id).status == 403
    shown = from_places(org, token, {"127.0.0.1": 6})
    assert shown["count"] == 6 and minutes_ago(shown["places"][0]["last_used_at"]) < 3
    assert set(shown["places"][0]) == {"address", "last_used_at", "uses"}


def test_what_nobody_tells_is_nowhere(org):
    """Goal: what another process verifies, and what is introspected, counts as use and comes from no place: neither the
    verifier's nor the introspector's address is taken for the client's."""
    eyes, seen = org.issue(role_id=org.role({"tokens:introspect", "tokens:list"})), org.issue("ci")
    with Verifier(org.server) as v:
        v.use(seen["id"], 2)
        assert introspect(org, eyes["value"], seen["value"])["active"]
        shown = eventually_used(org, seen, 3)
    assert shown["places"] == [] and uses_by_day(shown) == {day(0): 3}
    from_places(org, eyes, {"127.0.0.1": 1})


def test_it_is_the_client_behind_trusted_proxies(server_factory):
    """Goal: behind a trusted proxy it is the address that the proxy tells, in its one spelling, on each of the ways; what a
    client says of itself is not believed; what is no address is not one."""
    server = server_factory("--trusted-hops", "1")
    org = server.demo()
    token = org.issue("ci")
    for address in ("203.0.113.9", "6.6.6.6, 203.0.113.9", "::ffff:203.0.113.9", "2001:DB8:0::7"):
        verify(org, token, address)
    verify(org, token, "2001:db8::7", query="&min_seq=0")
    org.client(token["value"]).get("O/apps", headers={"X-Forwarded-For": "198.51.100.4"}).ok()
    verify(org, token, "nobody")
    from_places(org, token, {"203.0.113.9": 3, "2001:db8::7": 2, "198.51.100.4": 1, "127.0.0.1": 1})


def test_who_comes_by_a_unix_socket_has_no_address(server_factory):
    """Goal: a proxy that asks on --verify-listen and tells no address is no place; one that tells it is believed as far as it is
    trusted."""
    server = None
    path = "/tmp/%s.sock" % unique("jeton")
    server = server_factory("--verify-listen", "unix:" + path, "--trusted-hops", "1")
    org = server.demo()
    token = org.issue("ci")

    def ask(more):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall(("GET /verify?org=%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n"
                % (org.id, token["value"], more)).encode())
            assert s.recv(4096).startswith(b"HTTP/1.1 204 ")

    ask("")
    ask("X-Forwarded-For: 203.0.113.50\r\n")
    assert eventually_used(org, token, 2)
    from_places(org, token, {"203.0.113.50": 1})


def test_the_latest_few_are_kept(server_factory):
    """Goal: of more addresses than are kept it is the latest, the last one first; one that comes again is among them with all of
    its uses since; a restart keeps them."""
    server = server_factory("--trusted-hops", "1")
    org = server.demo()
    token = org.issue("ci")
    for n in range(1, 8):
        verify(org, token, "203.0.113.%d" % n, times=n)
        eventually_used(org, token, n * (n + 1) // 2)
    expected = {"203.0.113.%d" % n: n for n in range(3, 8)}
    from_places(org, token, expected)
    verify(org, token, "203.0.113.4", times=2)
    expected["203.0.113.4"] = 6
    shown = from_places(org, token, expected)
    latest = [p["last_used_at"] for p in shown["places"]]
    assert latest == sorted(latest, reverse=True) and shown["places"][0]["address"] == "203.0.113.4"
    server.stop()
    server.start("--trusted-hops", "1")
    assert addresses(usage(server.demo(), token)) == expected


def test_many_tokens_and_addresses_on_one_connection(server_factory):
    """Goal: what one proxy asks, of more tokens from more addresses than a thread's memory holds apart, is told apart all the
    same: nothing is attributed to another token or another address."""
    server = server_factory("--trusted-hops", "1")
    org = server.demo()
    tokens = [org.issue("ci") for _ in range(60)]
    connection = http.client.HTTPConnection(server.base.split("//")[1], timeout=30)
    for turn in range(3):
        for n, token in enumerate(tokens):
            for host in range(4):
                connection.request("GET", "/verify?org=" + org.id, headers={"Authorization": "Bearer " + token["value"],
                    "X-Forwarded-For": "10.%d.%d.1" % (host, n)})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 204
    connection.close()
    for n, token in enumerate(tokens):
        from_places(org, token, {"10.%d.%d.1" % (host, n): 3 for host in range(4)})


def test_days(org):
    """Goal: thirty days up to today, each of them, in order; a use counts on the day of its minute, UTC, also when it is told
    a day later."""
    token = org.issue("ci")
    now = int(time.time())
    yesterday = (now // DAY_S * DAY_S - 60) // 60
    with Verifier(org.server) as v:
        v.use(token["id"], 5)
        eventually_used(org, token, 5)
        v.use(token["id"], 7, minute=max(yesterday, now // 60 - 1439))
        shown = eventually_used(org, token, 12)
    assert [d["day"] for d in shown["days"]] == [day(n) for n in range(29, -1, -1)]
    if now // DAY_S == int(time.time()) // DAY_S:
        assert uses_by_day(shown) == {day(0): 5, day(1): 7}


def test_ones_personal_token(org):
    """Goal: a user sees of their own token when it was made, whether it can be revealed, and when, from where and for what it
    was used; never its value; whoever is nobody's token is refused."""
    user = org.user("MEMBER")
    shown = user.client.get(API + "/user/token").ok()
    assert user.token not in str(shown)
    assert shown["id"] == org.reveal(user.email).ok()["id"] and shown["value"] == "kept"
    assert minutes_ago(shown["created_at"][:17] + "00Z") < 3 and "expires_at" not in shown
    user.client.get("O/apps").ok()
    shown = eventually(lambda: (lambda s: s if s["scopes_used"] else None)(user.client.get(API + "/user/token").ok()),
        "the use of a personal token is shown")
    assert shown["scopes_used"] == ["apps:list"] and shown["count"] >= 2
    assert list(addresses(shown)) == ["127.0.0.1"] and uses_by_day(shown)[day(0)] >= 2
    org.client(org.issue("ci")["value"]).get(API + "/user/token").refused(403, "NOT_A_USER")
    other = org.user("MEMBER").client.get(API + "/user/token").ok()
    assert other["id"] != shown["id"] and other["scopes_used"] == []


def test_a_personal_token_that_ends(org):
    """Goal: where the org limits the life of personal tokens, the user sees when theirs ends."""
    org.owner.patch("O", {"max_token_seconds": {"personal": 3600}}).ok()
    user = org.user("MEMBER")
    ends = datetime.datetime.fromisoformat(user.client.get(API + "/user/token").ok()["expires_at"].replace("Z", "+00:00"))
    left = (ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert 3000 < left <= 3600


@pytest.mark.parametrize("of", ["integration", "personal"])
def test_a_revoked_token_leaves_no_addresses(server_factory, of):
    """Goal: addresses are kept for as long as somebody may ask for them: nothing of them is in the database once the token is
    revoked, and none comes after."""
    server = server_factory("--trusted-hops", "1")
    org = server.demo()
    user = org.user("MEMBER")
    token = org.issue("ci") if of == "integration" else {"id": org.reveal(user.email).ok()["id"], "value": user.token}

    def kept():
        with sqlite3.connect("file:%s?mode=ro" % os.path.join(server.data, "jeton.db"), uri=True) as db:
            return db.execute("SELECT count(*) FROM token_usage WHERE instr(trace, ?) > 0",
                (socket.inet_aton("203.0.113.99"),)).fetchone()[0]

    verify(org, token, "203.0.113.99")
    eventually(lambda: kept() == 1, "the address is in the database")
    verify(org, token, "203.0.113.99")
    if of == "integration":
        org.owner.delete("O/tokens/" + token["id"]).ok()
    else:
        org.owner.delete("O/rbac/users/" + user.id).ok()
    assert kept() == 0
    server.stop()
    assert kept() == 0
