# SPDX-License-Identifier: Apache-2.0
"""GET /verify, as a proxy asks it before it lets a request through."""

import http.client
import re
import urllib.parse
import uuid

import pytest

from client import Client, unique

IDENTITY = ("X-Jeton-Token-Id", "X-Jeton-Kind", "X-Jeton-Org", "X-Jeton-User", "X-Jeton-Scopes", "X-Jeton-Teams")


def target(org, *scopes, **more):
    query = [("org", org.id if hasattr(org, "id") else org)] + [("scope", s) for s in scopes] + list(more.items())
    return "/verify?" + urllib.parse.urlencode(query)


def verify(org, token, *scopes, headers=None, method="GET", **more):
    """Asks as `token` about its power in `org`; asserts what every answer says."""
    client = Client(org.server.base, token)
    answer = client.ask(method, target(org, *scopes, **more), headers=headers)
    client.close()
    assert re.fullmatch(r"[0-9]+", answer.headers["X-Jeton-As-Of"]), answer
    assert answer.headers["Cache-Control"] == "no-store"
    for name in IDENTITY:
        found = answer.headers.get_all(name, [])
        assert len(found) == (1 if answer.status == 204 else 0), (name, found)
    return answer


def allowed(answer):
    assert answer.status == 204 and answer.raw == b"", answer
    assert "Content-Type" not in answer.headers
    return {name: answer.headers[name] for name in IDENTITY}


def challenge(answer):
    values = answer.headers.get_all("WWW-Authenticate")
    assert len(values) == 1, values
    return values[0]


def test_a_token_that_may_is_let_through_and_named(org):
    """Goal: 204 says who it is: token, kind, org, and the scopes that were asked for; what does not apply is there and
    empty."""
    token = org.issue("ci")
    said = allowed(verify(org, token["value"], "scans:create", "findings:list"))
    assert said == {"X-Jeton-Token-Id": token["id"], "X-Jeton-Kind": "ci", "X-Jeton-Org": org.id, "X-Jeton-User": "",
        "X-Jeton-Scopes": "scans:create findings:list", "X-Jeton-Teams": ""}


def test_a_personal_token_names_its_user(org):
    """Goal: X-Jeton-User is the user of a personal token."""
    user = org.user("MEMBER")
    said = allowed(verify(org, user.token, "findings:read"))
    assert said["X-Jeton-User"] == user.id and said["X-Jeton-Kind"] == "personal"


def test_without_a_scope_all_that_are_held_are_named(org):
    """Goal: who asks for no scope learns which are held there, the same that my_scopes says."""
    token = org.issue("jira")["value"]
    said = allowed(verify(org, token))
    assert set(said["X-Jeton-Scopes"].split()) == org.client(token).scopes()


def test_head_answers_as_get(org):
    """Goal: a proxy that asks with HEAD gets the same decision and the same headers."""
    token = org.issue("ci")["value"]
    get, head = verify(org, token, "scans:read"), verify(org, token, "scans:read", method="HEAD")
    assert allowed(get) == allowed(head)
    assert verify(org, token, "tokens:list", method="HEAD").status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(org, method):
    """Goal: what is not GET or HEAD changes nothing and is told which methods there are."""
    answer = Client(org.server.base, org.token).ask(method, target(org))
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD"


def test_no_token(org):
    """Goal: without a credential 401 and a challenge that names no error (RFC 6750, 3.1)."""
    answer = verify(org, None)
    assert answer.status == 401 and challenge(answer) == 'Bearer realm="jeton"'


@pytest.mark.parametrize("value", ["nonsense", "jtnc_" + "a" * 38, "jtnc_" + "a" * 38 + "x", "x" * 3000])
def test_what_is_no_token(org, value):
    """Goal: noise, a wrong checksum and what is too long are 401 invalid_token, and told apart in the log alone."""
    answer = verify(org, value)
    assert answer.status == 401 and challenge(answer) == 'Bearer realm="jeton", error="invalid_token"'


def test_a_token_of_another_org(org, other_org):
    """Goal: a token is none in another org: the same answer as for a token that never was."""
    token = other_org.issue("ci")["value"]
    other = verify(org, token, "scans:read")
    never = verify(org, token[:-4] + "0000", "scans:read")
    assert other.status == 401 and other.json == never.json and challenge(other) == challenge(never)
    assert verify(str_org(org, str(uuid.uuid4())), token).status == 401


class str_org:  # an org that is not there
    def __init__(self, org, org_id):
        self.server, self.id = org.server, org_id


def test_an_expired_token(server_factory):
    """Goal: a token is dead in the second in which it expires."""
    server = server_factory()
    org = server.demo()
    token = org.issue("ci", valid_for_seconds=1)["value"]
    from client import eventually
    eventually(lambda: verify(org, token).status == 401, "it expires")


def test_a_disabled_user(org):
    """Goal: a disabled user's token is none, and is one again when the user may come back."""
    user = org.user("MEMBER")
    assert verify(org, user.token).status == 204
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    assert verify(org, user.token).status == 401
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": False}).ok()
    assert verify(org, user.token).status == 204


def test_a_connection_is_kept(org):
    """Goal: one connection serves any number of requests, let through and refused, by the short way and the long."""
    address = urllib.parse.urlsplit(org.server.base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    token = org.issue("ci")["value"]
    for value, status in ((token, 204), ("x", 401), (token, 204), (org.token, 204), (token, 204)):
        for path in (target(org, "scans:read"), target(org), target(org, "scans:read") + "&min_seq=0"):
            connection.request("GET", path, headers={"Authorization": "Bearer " + value})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status and not answer.will_close
    connection.close()


def escaped(path):
    """The same with every byte of every value as an escape."""
    where, _, query = path.partition("?")
    return where + "?" + "&".join(name + "=" + "".join("%%%02x" % ord(c) for c in value)
                                  for name, value in urllib.parse.parse_qsl(query))


def test_the_short_way_says_what_the_long_way_says(org):
    """Goal: what decides most requests in fewer steps gives the same headers as what decides them all. (min_seq is not
    taken by the short way.)"""
    team = org.team()
    app = org.app(team=team)
    user = org.user("MEMBER")
    tokens = [org.issue("ci")["value"], org.issue("jira", teams=[team])["value"], user.token, org.token,
        org.issue("service")["value"]]
    for value in tokens:
        client = Client(org.server.base, value)
        for place in ({}, {"app": app}, {"team": team}):
            for scopes in ((), ("findings:list",), ("findings:list", "scans:read"), ("tokens:create",)):
                long = client.get(target(org, *scopes, min_seq=0, **place))
                short = client.get(urllib.parse.unquote(target(org, *scopes, **place)))
                assert client.get(escaped(target(org, *scopes, **place))).blank() == short.blank() == long.blank()
                assert int(long.headers["X-Jeton-As-Of"]) <= int(short.headers["X-Jeton-As-Of"])
        client.close()


@pytest.mark.parametrize("between", ["nobody", "head", "min_seq", "body", "other"])
def test_what_was_asked_before_is_not_asked_again(org, between):
    """Goal: on a kept connection each request is decided for its own query, whatever came before it and however that was refused."""
    value = org.issue("ci")["value"]
    good, bad = "/verify?org=%s&scope=scans:read" % org.id, "/verify?org=%s&scope=roles:list" % org.id
    assert len(good) == len(bad)
    address = urllib.parse.urlsplit(org.server.base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)

    def ask(path, method="GET", token=value, **headers):
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
        return answer.status

    assert [ask(good), ask(good), ask(bad), ask(bad), ask(good)] == [204, 204, 403, 403, 204]
    assert {"nobody": lambda: ask(bad, token=None), "head": lambda: ask(bad, "HEAD"), "other": lambda: ask(bad, token="x"),
        "min_seq": lambda: ask(bad, **{"X-Jeton-Min-Seq": "0"}), "body": lambda: ask(bad, **{"Content-Type": "text/plain"}),
        }[between]() in (401, 403)
    assert [ask(bad), ask(good), ask(bad)] == [403, 204, 403]
    connection.close()


def test_revoked_between_two_requests_on_one_connection(org):
    """Goal: when the DELETE is answered the next request is refused, on a connection that was let through before."""
    token = org.issue("ci")
    client = Client(org.server.base, token["value"])
    for _ in range(3):
        assert client.get(target(org, "scans:read")).status == 204
    org.owner.delete("O/tokens/" + token["id"]).ok()
    assert client.get(target(org, "scans:read")).status == 401
    client.close()


def test_a_role_changed_between_two_requests(org):
    """Goal: a scope taken from a role is gone for all of its tokens with the next request."""
    role = org.role({"findings:list", "scans:read"})
    token = org.issue(role_id=role)["value"]
    assert verify(org, token, "findings:list").status == 204
    org.owner.put("O/rbac/roles/" + role, {"scopes": ["scans:read"]}).ok()
    assert verify(org, token, "findings:list").status == 403
    assert verify(org, token, "scans:read").status == 204


def test_all_of_several_scopes(org):
    """Goal: several scopes mean all of them; the first that is missing is named in challenge and body."""
    token = org.issue("ci")["value"]
    answer = verify(org, token, "scans:create", "tokens:list", "scans:read")
    assert answer.status == 403 and "tokens:list" in answer.json["message"]
    assert challenge(answer) == 'Bearer realm="jeton", error="insufficient_scope", scope="tokens:list"'


def test_a_scope_that_nobody_knows(org):
    """Goal: a scope that the catalogue does not have is held by nobody, not even the owner."""
    answer = verify(org, org.token, "findings:lst")
    assert answer.status == 403 and "findings:lst" in challenge(answer)


def test_on_apps_and_teams(org):
    """Goal: a limited token holds its scopes on its teams and their apps, and sees no others."""
    mine, other = org.team(), org.team()
    app, far, loose = org.app(team=mine), org.app(team=other), org.app()
    token = org.issue("ci", teams=[mine])["value"]
    assert allowed(verify(org, token, "scans:create", app=app))["X-Jeton-Teams"] == ""
    assert verify(org, token, "scans:create", team=mine).status == 204
    for place in ({"app": far}, {"app": loose}, {"app": unique("none")}, {"team": other}, {"team": str(uuid.uuid4())}):
        answer = verify(org, token, "scans:create", **place)
        assert answer.status == 403 and 'error="insufficient_scope"' in challenge(answer), place
    wide = org.issue("ci")["value"]
    assert verify(org, wide, "scans:create", app=loose).status == 204
    assert verify(org, wide, "scans:create", app=unique("none")).status == 403


def test_a_partial_decision(org):
    """Goal: a scope held for some teams only is refused with 'name an app or a team', unless the caller says that it cuts
    its answer down; then the teams are named."""
    teams = sorted([org.team(), org.team()])
    token = org.issue("ci", teams=teams)["value"]
    answer = verify(org, token, "findings:list")
    assert answer.status == 403 and "name an app or a team" in answer.json["message"]
    assert 'scope="findings:list"' in challenge(answer)
    said = allowed(verify(org, token, "findings:list", partial="ok"))
    assert sorted(said["X-Jeton-Teams"].split()) == teams and said["X-Jeton-Scopes"] == "findings:list"
    assert verify(org, token, "findings:list", "scans:create", partial="ok").status == 403
    assert allowed(verify(org, org.issue("ci")["value"], "findings:list", partial="ok"))["X-Jeton-Teams"] == ""
    for team in teams:
        org.owner.delete("O/rbac/teams/" + team, {"version": org.version(team)}).ok()
    assert verify(org, token, "findings:list", partial="ok").status == 403, "no team is left: nothing is held"


def test_partial_for_more_teams_than_a_header_holds(org):
    """Goal: nothing is left out of X-Jeton-Teams: beyond a hundred teams the caller must name a place."""
    user = org.user("TEAM_DEFINED")
    for n in range(101):
        assert verify(org, user.token, "findings:list", partial="ok").status == (204 if n else 403)
        org.team(members=[(user, "TEAM_MEMBER")])
    answer = verify(org, user.token, "findings:list", partial="ok")
    assert answer.status == 403 and "name an app or a team" in answer.json["message"]


BAD = ["", "?", "?org=", "?org=x", "?org={org}&org={org}", "?org={org}&colour=red", "?org={org}&access_token=x",
    "?org={org}&scope=", "?org={org}&scope=a&partial=yes", "?org={org}&partial=ok&partial=ok", "?org={org}&app=a&app=a",
    "?org={org}&app=a&team=66ad5168-41be-4b6c-9ac5-a30b02229c35", "?org={org}&app=-a", "?org={org}&team=x", "?org={org}&page=1",
    "?org={org}&min_seq=x", "?org={org}&min_seq=-1", "?org={org}&min_seq=", "?org={org}&min_seq=1&min_seq=1",
    "?org={org}&" + "&".join("scope=a:%d" % n for n in range(24))]


@pytest.mark.parametrize("query", BAD)
def test_a_query_that_is_not_understood_is_refused(org, query):
    """Goal: org is needed; an unknown, a repeated or an ill-formed parameter is 400 and never ignored."""
    client = Client(org.server.base, org.token)
    answer = client.get("/verify" + query.replace("{org}", org.id))
    client.close()
    assert answer.status == 400 and answer.json["validation_errors"], answer


def raw(org, lines):
    """Sends header lines as they are; returns (status, headers)."""
    address = urllib.parse.urlsplit(org.server.base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.putrequest("GET", target(org), skip_accept_encoding=True)
    for name, value in lines:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def test_two_credentials(org):
    """Goal: two credentials at once are 400, in whatever way (RFC 6750, 2)."""
    bearer = ("Authorization", "Bearer " + org.token)
    assert raw(org, [bearer])[0] == 204
    assert raw(org, [bearer, bearer])[0] == 400
    assert Client(org.server.base, org.token).get(target(org, access_token=org.token)).status == 400


def test_a_cookie_is_no_credential(org):
    """Goal: whatever a cookie says, only the Authorization header counts."""
    for cookie in ("jeton_session=" + org.token, "Authorization=Bearer " + org.token, "token=" + org.token):
        assert raw(org, [("Cookie", cookie)])[0] == 401
        assert raw(org, [("Cookie", cookie), ("Authorization", "Bearer " + org.token)])[0] == 204


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Bearer:", "bearerx", ""])
def test_only_bearer(org, scheme):
    """Goal: a token in another scheme is no credential here; the scheme's case does not matter (RFC 9110, 11.1)."""
    assert raw(org, [("Authorization", ("%s %s" % (scheme, org.token)).strip())])[0] == 401
    assert raw(org, [("Authorization", "bEARER   " + org.token)])[0] == 204


def test_forged_headers_never_come_back(org):
    """Goal: what a client says of itself in X-Jeton-* is never in the answer: each is there once, with our word."""
    token = org.issue("ci")
    forged = [(name, "forged") for name in IDENTITY + ("X-Jeton-As-Of",)]
    status, headers = raw(org, [("Authorization", "Bearer " + token["value"]), *forged])
    assert status == 204
    for name, _ in forged:
        assert headers.get_all(name) != ["forged"] and len(headers.get_all(name)) == 1, name
    assert headers["X-Jeton-User"] == "" and headers["X-Jeton-Teams"] == ""


def test_demanding_a_change(org):
    """Goal: after X-Jeton-Seq of a mutation the table shows it; what it does not show yet is 503 with Retry-After, by query
    or by header, and never an older answer."""
    made = org.owner.post("O/tokens", {"label": unique("t"), "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35"})
    seq = int(made.headers["X-Jeton-Seq"])
    token = made.ok()["value"]
    answer = verify(org, token, min_seq=seq)
    assert answer.status == 204 and int(answer.headers["X-Jeton-As-Of"]) >= seq
    assert verify(org, token, headers={"X-Jeton-Min-Seq": str(seq)}).status == 204
    far = seq + 10**9
    for answer in (verify(org, token, min_seq=far), verify(org, token, headers={"X-Jeton-Min-Seq": str(far)}),
            verify(org, "nobody", min_seq=far)):
        assert answer.status == 503 and answer.json["code"] == "BEHIND" and answer.headers["Retry-After"]


def test_nothing_of_it_is_logged_line_by_line(server_factory):
    """Goal: requests to /verify are counted, refusals sampled with how many were left out, and no token is in the log."""
    server = server_factory()
    org = server.demo()
    client = Client(server.base, org.token)
    for _ in range(50):
        assert client.get(target(org)).status == 204
    bad = Client(server.base, org.token[:-1] + "!")
    seen = 0
    while not seen or seen < 200:
        assert bad.get(target(org)).status == 401
        seen += 1
    server.wait_log(lambda f: f.get("event") == "refused" and f.get("path") == "/verify", "a refusal is said")
    lines = [line for line in server.log.split("\n") if "/verify" in line]
    assert not any("event=request " in line for line in lines)
    assert 1 <= sum("event=refused" in line for line in lines) < 100
    count = re.findall(r'jeton_requests_total\{operation="verify_token",status="(\dxx)"\} (\d+)',
        Client(server.base).get("/metrics").text)
    assert dict(count)["2xx"] == "50" and int(dict(count)["4xx"]) == 200
    assert org.token[5:] not in server.log


def test_while_the_server_cannot_answer_truthfully(org):
    """Goal: a body on /verify is refused; so is a path below it."""
    client = Client(org.server.base, org.token)
    assert client.ask("GET", target(org), raw=b"x").status == 400
    assert client.get("/verify/x?org=" + org.id).status == 404
