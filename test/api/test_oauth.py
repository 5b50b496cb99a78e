# SPDX-License-Identifier: Apache-2.0
"""Introspection (RFC 7662), revocation (RFC 7009) and metadata (RFC 8414), beyond what test_rfc.py holds against the RFCs."""

import json
import statistics
import time
import urllib.parse

import pytest

from client import Client, eventually, unique
from oauth import FORM, INTROSPECT, METADATA, REVOKE, basic, introspect, post, revoke

DEAD = b'{"active":false}'


@pytest.fixture
def eyes(org):
    """An integration token that may introspect."""
    return org.issue(role_id=org.role({"tokens:introspect"}))


def ask(org, caller, token, **more):
    return post(org.server.base, INTROSPECT, {"token": token, **more}, "Bearer " + caller)


def test_an_integration_token(org, eyes):
    """Goal: what a resource server needs to know of a token that lives, and nothing that does not apply."""
    before = int(time.time())
    made = org.issue("ci", valid_for_seconds=3600)
    said = introspect(org, eyes["value"], made["value"])
    assert said.pop("exp") - said.pop("iat") in (3599, 3600, 3601)
    assert set(said.pop("scope").split()) == org.client(made["value"]).scopes()
    assert said == {"active": True, "client_id": made["id"], "token_type": "Bearer", "sub": made["id"],
        "iss": org.server.base, "jti": made["id"], "org": org.id, "kind": "ci"}
    forever = introspect(org, eyes["value"], eyes["value"])
    assert "exp" not in forever and before - 2 <= forever["iat"] <= time.time() + 1
    assert forever["scope"] == "tokens:introspect" and forever["kind"] == "custom"


def test_a_personal_token(org, eyes):
    """Goal: a personal token's subject is its user, and the user's name is their e-mail."""
    user = org.user("MEMBER")
    said = introspect(org, eyes["value"], user.token)
    assert said["sub"] == user.id and said["username"] == user.email and said["kind"] == "personal"
    assert said["client_id"] == said["jti"] != user.id


def test_a_limited_token(org, eyes):
    """Goal: a limited token's teams are named; its scopes are those held in full, at large or where the caller asks."""
    team, other = org.team(), org.team()
    app = org.app(team=team)
    value = org.issue("ci", teams=[team])["value"]
    at_large = introspect(org, eyes["value"], value)
    assert at_large["teams"] == [team] and "scope" not in at_large
    for place in ({"app": app}, {"team": team}):
        assert "scans:create" in introspect(org, eyes["value"], value, **place)["scope"].split()
    for place in ({"app": unique("none")}, {"team": other}):
        said = introspect(org, eyes["value"], value, **place)
        assert said["active"] and "scope" not in said, place


def test_a_limited_caller_sees_its_teams_only(org):
    """Goal: whoever introspects for a team learns of tokens that reach it, and of no more than that team."""
    mine, shared, far = org.team(), org.team(), org.team()
    eyes = org.issue(role_id=org.role({"tokens:introspect", "findings:list"}), teams=[mine, shared])["value"]
    both = org.issue("ci", teams=[shared, far])["value"]
    away = org.issue("ci", teams=[far])["value"]
    said = introspect(org, eyes, both)
    assert said["active"] and said["teams"] == [shared]
    assert "scope" not in introspect(org, eyes, both, team=far), "a team of the token's that the caller does not see"
    assert ask(org, eyes, away).raw == DEAD
    assert introspect(org, eyes, org.issue("ci")["value"])["active"], "an org-wide token reaches every team"
    member = org.user("TEAM_DEFINED")
    assert ask(org, eyes, member.token).raw == DEAD
    org.owner.put("O/rbac/teams/%s/membership" % mine, {"version": org.version(mine), "add_team_membership": [
        {"user_id_v2": member.id, "team_role": "TEAM_MEMBER"}]}).ok()
    assert introspect(org, eyes, member.token)["teams"] == [mine]


def test_a_team_role_gives_no_introspection(org):
    """Goal: tokens:* held through a team role has no effect (RULES.md): those operations are at org level."""
    role = org.role({"tokens:introspect"}, role_type="team")
    user = org.user("TEAM_DEFINED")
    org.owner.post("O/rbac/teams", {"name": unique("team"), "members": [
        {"user_id_v2": user.id, "team_role": role}]}).ok()
    answer = ask(org, user.token, org.token)
    assert answer.status == 403 and answer.json["error"] == "insufficient_scope"


def dead_sorts(org, other_org, eyes):
    """A value of every sort that does not live, by name."""
    out = {"unknown": "jtnc_7sGx5cpvDbcxHDZQNuVdC5iRfCLUqA0mVTqh", "malformed": "what is this", "empty brand": "_",
        "long": "x" * 300, "bytes": "\x00\x01\xff", "another scheme": "Bearer " + org.token}
    live = org.issue("ci")["value"]
    out["wrong checksum"] = live[:-1] + ("0" if live[-1] != "0" else "1")
    out["other org"] = other_org.issue("ci")["value"]
    out["expired"] = org.issue("ci", valid_for_seconds=1)["value"]
    gone = org.issue("ci")
    org.owner.delete("O/tokens/" + gone["id"]).ok()
    out["revoked"] = gone["value"]
    off = org.user("MEMBER")
    org.owner.patch("O/rbac/users/" + off.id, {"disabled": True}).ok()
    out["disabled user"] = off.token
    left = org.user("MEMBER")
    org.owner.delete("O/rbac/users/" + left.id).ok()
    out["deleted user"] = left.token
    rotated = org.issue("ci")
    org.owner.post("O/tokens/%s/rotate" % rotated["id"], {}).ok()
    out["rotated away"] = rotated["value"]
    out["not visible"] = org.issue("ci", teams=[org.team()])["value"]
    eventually(lambda: ask(org, eyes, out["expired"]).raw == DEAD, "it expires")
    return out


@pytest.fixture
def narrow(org):
    """A limited token that may introspect."""
    role = org.role({"tokens:introspect", "findings:list"})
    return org.issue(role_id=role, teams=[org.team()])["value"]


def test_dead_tokens_of_every_sort_answer_with_the_same_bytes(org, other_org, narrow):
    """Goal: nothing about a token that does not live is told, not even why: body and headers are the same."""
    sorts = dead_sorts(org, other_org, narrow)
    answers = {name: ask(org, narrow, value) for name, value in sorts.items()}
    for name, answer in answers.items():
        assert answer.status == 200 and answer.raw == DEAD, (name, answer)
        assert answer.blank() == answers["unknown"].blank(), name


ROUNDS = 400


def test_dead_tokens_of_every_sort_take_the_same_time(server_factory):
    """Goal: the sorts are one timing class, to a caller that is limited to many teams, too: the medians of many requests, asked
    in turn on one connection so that whatever else the machine does meets all alike, lie within a fifth of each other. A
    statement, a password hash, or a look at each of the caller's teams for one sort alone would be far outside."""
    server = server_factory("--threads", "1")
    org, other_org = server.make_org(), server.make_org()
    role = org.role({"tokens:introspect", "findings:list"})
    eyes = org.issue(role_id=role, teams=[org.team() for _ in range(100)])["value"]
    sorts = dead_sorts(org, other_org, eyes)
    client = Client(server.base)
    head = {"Content-Type": FORM, "Authorization": "Bearer " + eyes}
    bodies = {name: urllib.parse.urlencode({"token": value}).encode() for name, value in sorts.items()}
    took = {name: [] for name in bodies}
    for _ in range(ROUNDS):
        for name, body in bodies.items():
            begin = time.perf_counter_ns()
            answer = client.send("POST", INTROSPECT, body, head)
            took[name].append(time.perf_counter_ns() - begin)
            assert answer.raw == DEAD, name
    client.close()
    median = {name: statistics.median(times) / 1000 for name, times in took.items()}
    assert max(median.values()) < 1.2 * min(median.values()), median


def test_who_may_introspect(org, other_org, eyes):
    """Goal: a token with tokens:introspect, as Bearer or as Basic with its id; nobody else, and each refusal in the words
    of its scheme."""
    base, form = org.server.base, {"token": org.token}
    both = (basic(eyes["id"], eyes["value"]), "Bearer " + eyes["value"])
    encode_all = lambda text: "".join("%%%02x" % b for b in text.encode())
    for good in (*both, basic(eyes["id"], eyes["value"], encode_all)):
        assert post(base, INTROSPECT, form, good).json["active"] is True
    assert post(base, INTROSPECT, form, "Bearer " + other_org.token).json == {"active": False}
    nobody = post(base, INTROSPECT, form)
    assert nobody.status == 401 and nobody.json["error"] == "invalid_client"
    assert nobody.headers.get_all("WWW-Authenticate") == ['Bearer realm="jeton"', 'Basic realm="jeton", charset="UTF-8"']
    other = org.issue("ci")
    for bad in (basic(eyes["id"], other["value"]), basic(other["id"], eyes["value"]), basic(eyes["id"], ""), "Basic",
            "Basic !!!!", basic("", eyes["value"]), basic(org.owner_id, org.token), "Basic " + eyes["value"]):
        answer = post(base, INTROSPECT, form, bad)
        assert answer.status == 401 and answer.json["error"] == "invalid_client", bad
        assert answer.headers.get_all("WWW-Authenticate") == ['Basic realm="jeton", charset="UTF-8"'], bad
    answer = post(base, INTROSPECT, form, "Bearer " + eyes["value"][:-1])
    assert answer.status == 401 and answer.json["error"] == "invalid_token"
    answer = post(base, INTROSPECT, form, "Bearer " + other["value"])
    assert answer.status == 403 and answer.json["error"] == "insufficient_scope"
    assert 'scope="tokens:introspect"' in answer.headers["WWW-Authenticate"]


def test_basic_is_for_introspection_alone(org):
    """Goal: the API takes Bearer, as API.md says, and nothing that a browser would send by itself."""
    mine = [t for t in [introspect(org, org.token, org.token)]][0]["jti"]
    answer = Client(org.server.base, None, org.id).get("O/my_scopes", headers={"Authorization": basic(mine, org.token)})
    assert answer.status == 401


@pytest.mark.parametrize("body", [b"", b"token=", b"token", b"token=a&token=a", b"token=a&token_type_hint=x&token_type_hint=x",
    b"token=%", b"token=%4", b"token=%zz", b"token=a b", b"token=\xff", b"tok%00en=a&token=b", b"=a&token=b", b"token=a;b\n",
    b"&".join(b"f%d=1" % n for n in range(30)) + b"&token=x"])
@pytest.mark.parametrize("path", [INTROSPECT, REVOKE])
def test_forms_that_are_refused(org, eyes, path, body):
    """Goal: no token, a field twice (RFC 6749, 3.2) or what is not a form is invalid_request, and revokes nothing."""
    answer = post(org.server.base, path, body, "Bearer " + eyes["value"])
    assert answer.status == 400 and answer.json["error"] == "invalid_request", answer


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE])
def test_how_a_token_may_not_come(org, eyes, path):
    """Goal: never in a URL, nor as JSON, nor by another method; each refused in the RFC's words."""
    base, value = org.server.base, eyes["value"]
    for answer in (post(base, path + "?token=" + value, {"token": value}, "Bearer " + value),
            post(base, path + "?token=" + value, b"", "Bearer " + value),
            post(base, path, json.dumps({"token": value}).encode(), "Bearer " + value, content_type="application/json"),
            post(base, path, {"token": value}, "Bearer " + value, content_type=None)):
        assert answer.status == 400 and answer.json["error"] == "invalid_request", answer
    client = Client(base, value)
    for method in ("GET", "PUT", "DELETE"):
        answer = client.send(method, path, None, {"Authorization": "Bearer " + value})
        assert answer.status == 405 and answer.headers["Allow"] == "POST" and answer.json["error"] == "invalid_request"
    client.close()
    assert introspect(org, value, value)["active"] is True


def test_unknown_fields_and_hints_are_ignored(org, eyes):
    """Goal: RFC 6749, 3.2, and RFC 7009, 2.1: what is not known is ignored, a wrong hint changes nothing."""
    token = org.issue("ci")["value"]
    for more in ({"colour": "red"}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "?"}, {"token_type_hint": ""},
            {"client_id": "x"}):
        assert introspect(org, eyes["value"], token, **more)["active"] is True
    revoke(org, token, token_type_hint="refresh_token", colour="red", client_id="x")
    assert introspect(org, eyes["value"], token) == {"active": False}


def test_revoking_needs_the_value_and_nothing_else(org, eyes):
    """Goal: who holds a value may kill it; when the answer is there it is dead, on the API, /verify and introspection."""
    made = org.issue("ci")
    client = org.client(made["value"])
    assert client.works()
    answer = revoke(org, made["value"])
    assert int(answer.headers["X-Jeton-Seq"]) > 0
    assert client.get("O/my_scopes").status == 401
    assert client.get("/verify?org=" + org.id).status == 401
    assert introspect(org, eyes["value"], made["value"]) == {"active": False}
    org.owner.get("O/tokens/" + made["id"]).refused(404)
    again = revoke(org, made["value"])
    assert again.blank()[2] == answer.blank()[2]


def test_revoking_what_is_none(org, other_org):
    """Goal: 200 for a value that is invalid, of whatever sort; nothing is changed by it."""
    for value in ("x", "jtnc_7sGx5cpvDbcxHDZQNuVdC5iRfCLUqA0mVTqh", org.token[:-1], "\x00"):
        revoke(org, value)
    assert org.owner.works() and other_org.owner.works()


def test_both_values_of_an_overlap_die_together(org):
    """Goal: a token that is being rotated dies with either of its values; a value that ended before kills nothing."""
    for which in (0, 1):
        made = org.issue("ci")
        after = org.owner.post("O/tokens/%s/rotate" % made["id"], {"overlap_seconds": 600}).ok()
        values = (made["value"], after["value"])
        assert all(org.client(v).works() for v in values)
        revoke(org, values[which])
        assert not any(org.client(v).works() for v in values)
    made = org.issue("ci")
    after = org.owner.post("O/tokens/%s/rotate" % made["id"], {}).ok()
    revoke(org, made["value"])
    assert org.client(after["value"]).works()


def test_a_personal_token_is_revoked_and_its_user_gets_another(org):
    """Goal: a leaked personal token dies by revocation; its user is told to reset it, and does."""
    user = org.user("MEMBER")
    revoke(org, user.token)
    assert not user.client.works()
    org.reveal(user.email).refused(410)
    body = {"org": org.id, "email": user.email, "password": user.password}
    fresh = org.anonymous().post("/api/v4/user/token/reset", body).ok()["value"]
    assert fresh != user.token and org.client(fresh).works() and not user.client.works()


def test_a_disabled_users_token_is_revoked_for_good(org):
    """Goal: what would live again when its user may come back is dead after it was revoked."""
    user = org.user("MEMBER")
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    revoke(org, user.token)
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": False}).ok()
    assert not user.client.works()


def test_a_revocation_is_in_the_audit_log(org):
    """Goal: who was revoked, by whom (the token itself), when and from where; and never the value."""
    made = org.issue("ci")
    revoke(org, made["value"])
    year, month = time.strftime("%Y %m", time.gmtime()).split()
    rows = [line for line in org.owner.get("O/audit/csv/%s/%s" % (year, month)).text.split("\n") if "revoke_token" in line]
    assert len(rows) == 1 and rows[0].count(made["id"]) == 2 and "127.0.0.1" in rows[0]
    assert made["value"] not in rows[0]


def test_guessing_is_limited_by_address(server_factory):
    """Goal: whoever revokes what is nobody's over and over waits; who revokes what lives is never counted."""
    server = server_factory()
    org = server.demo()
    for _ in range(70):
        revoke(org, org.issue("ci")["value"])
    answers = [post(server.base, REVOKE, {"token": "x"}) for _ in range(80)]
    assert [a.status for a in answers[:60]] == [200] * 60
    late = [a for a in answers if a.status == 429]
    assert late and all(a.json["error"] == "temporarily_unavailable" for a in late)
    assert int(late[0].headers["Retry-After"]) > 0


def test_demanding_a_change(org, eyes):
    """Goal: introspection that shows a change or refuses: by form field or by header."""
    made = org.owner.post("O/tokens", {"label": unique("t"), "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35"})
    seq, value = int(made.headers["X-Jeton-Seq"]), made.ok()["value"]
    answer = ask(org, eyes["value"], value, min_seq=seq)
    assert answer.json["active"] and int(answer.headers["X-Jeton-As-Of"]) >= seq
    for far in (ask(org, eyes["value"], value, min_seq=seq + 10**9),
            post(org.server.base, INTROSPECT, {"token": value}, "Bearer " + eyes["value"],
                headers={"X-Jeton-Min-Seq": str(seq + 10**9)})):
        assert far.status == 503 and far.json["error"] == "temporarily_unavailable"
    assert ask(org, eyes["value"], value, min_seq="x").status == 400


def test_metadata_says_what_there_is(server_factory):
    """Goal: issuer and endpoints come from --public-url, never from the Host header, and nothing else is promised."""
    server = server_factory("--public-url", "https://tokens.example.com/")
    answer = Client(server.base).get(METADATA, headers={"Host": "evil.example.com"})
    assert answer.status == 200 and answer.json == {
        "issuer": "https://tokens.example.com",
        "introspection_endpoint": "https://tokens.example.com/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "Bearer"],
        "revocation_endpoint": "https://tokens.example.com/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": ["none"],
        "response_types_supported": []}
    org = server.demo()
    assert introspect(org, org.token, org.token)["iss"] == "https://tokens.example.com"


def test_introspections_are_not_logged_one_by_one(server_factory):
    """Goal: what is asked for each request of somebody else's is counted, not logged; of refusals a few are."""
    server = server_factory()
    org = server.demo()
    for _ in range(20):
        introspect(org, org.token, org.token)
        assert post(server.base, INTROSPECT, {"token": "x"}, "Bearer " + org.token[:-1] + "!").status == 401
    server.wait_log(lambda f: f.get("event") == "refused" and f.get("path") == INTROSPECT, "a refusal is said")
    lines = [line for line in server.log.split("\n") if INTROSPECT in line]
    assert lines and not any("event=request " in line for line in lines)
    assert 'jeton_requests_total{operation="introspect_token",status="2xx"} 20' in Client(server.base).get("/metrics").text
