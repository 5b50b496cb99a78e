# SPDX-License-Identifier: Apache-2.0
"""POST O/explain: it says what the server does, why, and nothing to those who may not know."""

import os
import uuid

import pytest

from client import TOKEN_ROLES, eventually, unknown_value
from serving import run_jeton

STEPS = ["stale", "behind", "shape", "checksum", "unknown", "other-org", "revoked", "not-yet-valid", "expired", "org-inactive",
         "user-inactive", "not-visible", "unknown-scope", "scope", "partial"]
ASKED = ["findings:list", "findings:update", "org:read", "tokens:list", "tokens:create", "org:delete", "apps:create",
         "scans:create", "teams:update", "policies:write", "jira_issue:write", "reports:read"]


def explain(client, value, *scopes, **where):
    """The explanation; asserts that its steps are whole and tell one story."""
    body = {"token": value, "scopes": list(scopes), **where}
    answer = client.post("O/explain", body)
    got = answer.ok()
    assert int(answer.headers["X-Jeton-As-Of"]) <= got["as_of"]
    assert [s["step"] for s in got["steps"]] == STEPS
    outcomes = [s["outcome"] for s in got["steps"]]
    if got["decision"] == "allowed":
        assert outcomes == ["passed"] * len(STEPS)
    else:
        at = STEPS.index(got["decision"])
        assert outcomes == ["passed"] * at + ["refused"] + ["not_reached"] * (len(STEPS) - at - 1)
    assert got["allowed"] == (got["decision"] == "allowed") and [s["scope"] for s in got["scopes"]] == list(scopes)
    assert value[5:] == "" or value[5:] not in answer.text
    return got


def settled(got):
    """Without what the moment changes."""
    got = {k: v for k, v in got.items() if k not in ("as_of", "decided_at")}
    got["steps"] = [got["steps"][0]["outcome"]] + got["steps"][1:]
    return got


@pytest.fixture(scope="module")
def world(pool):
    """An org with a team of its own, another one, apps in both and in none, and all sorts of tokens."""
    org = pool.take()
    users = {role: org.user(role) for role in ("GUEST", "MEMBER", "POWER_USER", "TEAM_DEFINED", "SUPER_ADMIN")}
    org.own = org.team(name="payments", members=[(u, "TEAM_MEMBER") for u in users.values()])
    org.other = org.team(name="platform")
    org.apps = {"own": org.app(team=org.own), "other": org.app(team=org.other), "loose": org.app()}
    org.values = {"owner": org.token}
    for role, user in users.items():
        org.values[role] = user.token
        org.values[role + "-apart"] = org.user(role).token
    for kind in TOKEN_ROLES:
        org.values[kind] = org.issue(kind)["value"]
        org.values[kind + "-limited"] = org.issue(kind, teams=[org.own])["value"]
    org.custom = org.role({"findings:list", "findings:read", "tokens:list"}, name="Nightly")
    org.values["custom"] = org.issue(role_id=org.custom)["value"]
    org.values["custom-limited"] = org.issue(role_id=org.custom, teams=[org.own])["value"]
    return org


def test_it_says_what_the_server_does(world):
    """Goal: for every sort of token, in every place, what is explained as held is what the token itself holds there, and where
    the server answers 404 the place is explained as not visible."""
    places = [("O/my_scopes", {})]
    places += [("O/rbac/teams/%s/my_scopes" % t, {"team": t}) for t in (world.own, world.other, str(uuid.uuid4()))]
    places += [("O/apps/%s/my_scopes" % a, {"app": a}) for a in [*world.apps.values(), "no-such-app"]]
    seen = set()
    for name, value in world.values.items():
        client = world.client(value)
        for path, where in places:
            answer = client.get(path)
            held = set(answer.json["response"]) if answer.status == 200 else None
            together = explain(world.owner, value, *ASKED, **where)
            seen.add(together["decision"])
            if held is None or not held:
                assert together["decision"] == ("not-visible" if held is None else "scope"), (name, path, together)
                continue
            outcome = {s["scope"]: s["outcome"] for s in together["scopes"]}
            assert {s for s in ASKED if outcome[s] in ("held", "partly")} == held & set(ASKED), (name, path)
            assert "partly" not in outcome.values() or not where
            for scope in ASKED[:2]:
                one = explain(world.owner, value, scope, **where)
                assert one["decision"] == {"held": "allowed", "partly": "partial", "missing": "scope"}[outcome[scope]]
                seen.add(one["decision"])
    assert seen == {"allowed", "not-visible", "scope", "partial"}


def test_a_ci_token_is_allowed(world):
    """Goal: who holds what, and through what, is named."""
    got = explain(world.owner, world.values["ci"], "scans:create")
    assert got["conclusion"] == "allowed: the role CI holds scans:create"
    assert got["token"]["kind"] == "ci" and got["token"]["role"]["name"] == "CI" and got["token"]["role"]["type"] == "managed"
    assert got["value"] == {"shape": True, "checksum": True, "letter": "c"}
    scope = got["scopes"][0]
    assert scope["through"] == "role" and scope["areas"] == ["scans"] and scope["kind_may"] and scope["in_role"]


def test_a_scope_that_the_kind_cuts(world):
    """Goal: that no token of the kind may hold it is said, with the areas, and who would hold it."""
    got = explain(world.owner, world.values["ci"], "scans:create", "findings:update")
    assert got["decision"] == "scope" and got["missing"] == "findings:update"
    assert got["conclusion"] == ("refused: the role CI does not hold findings:update, and no ci token may hold it: it is in the "
        "area modify_findings, and the kind has scans, check_analysis; held by: Access, Jira plugin")
    assert got["scopes"][1]["held_by"] == ["Access", "Jira plugin"] and got["scopes"][0]["outcome"] == "held"


def test_a_limited_token_on_another_teams_app(world):
    """Goal: the team of the app, and those that the token is limited to, are named."""
    got = explain(world.owner, world.values["ci-limited"], "scans:create", app=world.apps["other"])
    assert got["decision"] == "not-visible" and "the team platform" in got["conclusion"]
    assert got["token"]["teams"] == [{"id": world.own, "name": "payments"}] and got["token"]["team_count"] == 1
    assert got["place"] == {"found": True, "among": False, "team": {"id": world.other, "name": "platform"}}
    assert got["scopes"][0]["outcome"] == "not_reached"
    partly = explain(world.owner, world.values["jira-limited"], "findings:list")
    assert partly["decision"] == "partial" and "for 1 team only" in partly["conclusion"]


def test_a_demoted_users_token(org):
    """Goal: the role as it is now is what counts and what is named; a role in a team is told apart from it."""
    user = org.user("POWER_USER")
    team = org.team(members=[(user, "TEAM_ADMIN")])
    assert explain(org.owner, user.token, "policies:write")["allowed"]
    org.owner.put("O/rbac/users/" + user.id, {"org_role": "GUEST"}).ok()
    got = explain(org.owner, user.token, "policies:write")
    assert got["conclusion"] == ("refused: the role Guest does not hold policies:write; held by: Super Admin, Power User")
    assert got["token"]["user"] == user.id and got["token"]["owner"] is False
    there = explain(org.owner, user.token, "policies:write", team=team)
    assert there["allowed"] and there["scopes"][0]["through"] == "team_role"
    assert there["place"]["role"]["name"] == "Power User"
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    assert explain(org.owner, user.token)["decision"] == "user-inactive"
    org.owner.delete("O/rbac/users/" + user.id).ok()
    assert explain(org.owner, user.token)["decision"] in ("revoked", "unknown", "user-inactive")


def test_what_ended(server_factory):
    """Goal: expired, revoked, and replaced by a newer value are told apart; the last names the token that lives on. (A server
    of its own: a table that grows forgets what is dead.)"""
    org = server_factory().demo()
    short = org.issue("ci", valid_for_seconds=1)["value"]
    eventually(lambda: not explain(org.owner, short)["allowed"], "it expires")
    got = explain(org.owner, short)
    assert got["decision"] == "expired" and "expired 20" in got["conclusion"] and got["conclusion"].endswith(" ago")
    token = org.issue("ci")
    new = org.owner.post("O/tokens/%s/rotate" % token["id"]).ok()["value"]
    replaced = explain(org.owner, token["value"])
    assert replaced["decision"] == "revoked" and "replaced" in replaced["conclusion"]
    assert replaced["token"]["id"] == token["id"]
    org.owner.delete("O/tokens/" + token["id"]).ok()
    assert "the token was revoked" in explain(org.owner, new)["conclusion"]


def test_what_is_no_token(world):
    """Goal: shape and checksum are told apart, and nothing more of the value is told than its letter."""
    value = world.values["jira"]
    damaged = value[:12] + ("a" if value[12] != "a" else "b") + value[13:]
    got = explain(world.owner, damaged)
    assert got["decision"] == "checksum" and got["value"] == {"shape": True, "checksum": False, "letter": "j"}
    for text in ("ghp_something", value + "x", value[:-1], "x" * 1024, "é\n"):
        got = explain(world.owner, text)
        assert got["decision"] == "shape" and got["value"] == {"shape": False} and "token" not in got
    assert explain(world.owner, unknown_value(value))["decision"] == "unknown"
    assert explain(world.owner, value, "no_such:scope")["missing"] == "no_such:scope"
    assert "one operation at a time" in explain(world.owner, value, "findings:*")["conclusion"]


def test_another_orgs_token_is_unknown(org, other_org):
    """Goal: to the admin of an org a token of another is, word for word, a value that nobody has: alive, revoked or of a
    user; whatever is asked about it. And another org's apps and teams do not exist."""
    team = other_org.team()
    app = other_org.app(team=team)
    dead = other_org.issue("ci")
    other_org.owner.delete("O/tokens/" + dead["id"]).ok()
    for value in (other_org.issue("ci")["value"], other_org.issue("jira", teams=[team])["value"], other_org.token, dead["value"]):
        for where in ({}, {"app": app}, {"team": team}, {"scopes": ["findings:list"]}):
            scopes = where.get("scopes", [])
            place = {k: v for k, v in where.items() if k != "scopes"}
            theirs = explain(org.owner, value, *scopes, **place)
            assert theirs["decision"] == "unknown" and "token" not in theirs and "place" not in theirs
            assert settled(theirs) == settled(explain(org.owner, unknown_value(value), *scopes, **place))
    mine = org.issue("ci")["value"]
    assert settled(explain(org.owner, mine, team=team)) == settled(explain(org.owner, mine, team=str(uuid.uuid4())))
    assert settled(explain(org.owner, mine, app=app)) == settled(explain(org.owner, mine, app="no-such-app"))


def test_a_service_token_knows_what_it_made(org):
    """Goal: to a service token there is nothing but the CI tokens that it issued; a limited one learns of no place that its
    tokens do not see, and no names."""
    own, other = org.team(name="own"), org.team(name="other")
    hidden = org.app(team=other)
    service = org.issue("service", teams=[own])
    caller = org.client(service["value"])
    made = org.issue("ci", by=caller, teams=[own])["value"]
    got = explain(caller, made, "scans:create")
    assert got["decision"] == "scope" and got["token"]["teams"] == [{"id": own}]
    for value in (org.issue("ci")["value"], org.token, service["value"], org.user("GUEST").token):
        got = explain(caller, value)
        assert got["decision"] == "unknown"
        assert settled(got) == settled(explain(caller, unknown_value(value)))
    answers = [settled(explain(caller, made, **where)) for where in ({"app": hidden}, {"app": "no-such-app"})]
    assert answers[0] == answers[1] and answers[0]["decision"] == "not-visible" and "place" not in answers[0]
    answers = [settled(explain(caller, made, **where)) for where in ({"team": other}, {"team": str(uuid.uuid4())})]
    assert answers[0] == answers[1]
    wide = org.client(org.issue("service")["value"])
    assert explain(wide, made)["decision"] == "unknown"


def test_who_may_not_list_tokens_may_not_ask(world):
    """Goal: tokens:list in the whole org, or being a service token; names of roles and teams only to who may list them."""
    for name in ("ci", "jira", "access", "GUEST", "MEMBER", "POWER_USER", "custom-limited"):
        world.client(world.values[name]).post("O/explain", {"token": world.values["ci"]}).refused(
            403, "INSUFFICIENT_SCOPE", "tokens:list")
    world.anonymous().post("O/explain", {"token": world.values["ci"]}).refused(401)
    caller = world.client(world.values["custom"])
    plain = explain(caller, world.values["custom-limited"], "org:read", team=world.own)
    assert plain["token"]["role"] == {"id": world.custom, "type": "custom", "reach": "org"}
    assert plain["place"]["team"] == {"id": world.own} and "Nightly" not in str(plain)
    named = explain(world.owner, world.values["custom-limited"], "org:read", team=world.own)
    assert named["token"]["role"]["name"] == "Nightly" and "the custom role Nightly does not hold" in named["conclusion"]


@pytest.mark.parametrize("body, field", [
    ({}, "token"), ({"token": ""}, "token"), ({"token": 7}, "token"), ({"token": "x" * 1025}, "token"),
    ({"token": "x", "scopes": "findings:list"}, "scopes"), ({"token": "x", "scopes": ["findings"]}, "scopes"),
    ({"token": "x", "scopes": ["Findings:list"]}, "scopes"), ({"token": "x", "team": "payments"}, "team"),
    ({"token": "x", "app": "-"}, "app"), ({"token": "x", "app": "a", "team": str(uuid.uuid4())}, "team"),
    ({"token": "x", "min_seq": 1}, "min_seq")])
def test_bad_bodies(world, body, field):
    """Goal: each wrong field is named, and the value is in no answer."""
    answer = world.owner.post("O/explain", body).refused(400, "VALIDATION_FAILED")
    assert any(line.split(":")[0].startswith(field) for line in answer.json["validation_errors"]), answer


def test_the_value_is_nowhere_afterwards(server_factory):
    """Goal: neither log, audit, metrics nor database has the value, with an Idempotency-Key too; no audit row is written for
    an explanation, and one for a refusal."""
    server = server_factory()
    org = server.demo()
    values = [org.issue("ci")["value"], unknown_value(org.token), "not-a-token-but-secret"]
    for value in values:
        for _ in range(2):
            org.owner.post("O/explain", {"token": value}, headers={"Idempotency-Key": "k" * 20}).ok()
    org.user("GUEST").client.post("O/explain", {"token": values[0]}).refused(403)
    haystack = [org.owner.get("/metrics").raw]
    server.stop()
    haystack.append(server.log.encode())
    audit = run_jeton("audit", "export", "--data", server.data).stdout
    rows = [line for line in audit.splitlines() if "explain_token" in line]
    assert len(rows) == 1 and "INSUFFICIENT_SCOPE" in rows[0]
    for at, _, names in os.walk(server.root):
        for name in names:
            with open(os.path.join(at, name), "rb") as f:
                haystack.append(f.read())
    for value in values:
        assert not any(value.encode() in text or value[5:37].encode() in text for text in haystack)
