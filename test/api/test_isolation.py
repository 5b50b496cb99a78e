# SPDX-License-Identifier: Apache-2.0
"""No org can read, change, or learn the existence of anything in another: every operation of doc/openapi.yaml."""

import datetime
import json
import os
import re
import uuid

import pytest
import yaml

from client import API, CI, PASSWORD, Client, unique, unknown_value
from oauth import INTROSPECT, post

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
METHODS = ("get", "put", "post", "patch", "delete")


def operations():
    """Every (METHOD, path template) under /api/v4 of the document."""
    with open(os.path.join(ROOT, "doc", "openapi.yaml"), encoding="utf-8") as f:
        document = yaml.safe_load(f)
    found = []
    for path, item in document["paths"].items():
        full = path
        if not path.startswith(API) and (path.startswith("/orgs") or path.startswith("/user") or
            path.startswith("/invitations")):
            full = API + path
        if full.startswith(API + "/"):
            found.extend((m.upper(), full) for m in METHODS if m in item)
    return sorted(found)


OPERATIONS = operations() if os.path.exists(os.path.join(ROOT, "doc", "openapi.yaml")) else []

# What each `{...}` of a path names, by the segment before it.
NOUNS = {"orgs": "org", "tokens": "token", "roles": "role", "users": "user", "invitations": "invitation",
    "teams": "team", "apps": "app", "sessions": "session"}


def positions(template):
    """[(parameter as written, noun)] of a template; years, months and days are their own nouns."""
    parts = template.split("/")
    out = []
    for before, part in zip(parts, parts[1:]):
        if part.startswith("{"):
            name = part.strip("{}")
            out.append((part, name if name in ("year", "month", "day") else NOUNS[before]))
    return out


def now_path():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"year": str(now.year), "month": str(now.month), "day": str(now.day)}


def body_for(method, template, ids):
    """A body that would succeed if `ids` were the caller's own; None where the operation takes none."""
    op = (method, re.sub(r"\{[^}]*\}", "{}", template[len(API):]))
    return {
        ("PATCH", "/user"): {"name": "Taken"},
        ("PATCH", "/orgs/{}"): {"name": "Taken"},
        ("POST", "/orgs/{}/owner"): {"user_id": ids["user"]},
        ("POST", "/orgs/{}/tokens"): {"label": "x", "role_id": CI, "teams": [ids["team"]]},
        ("PATCH", "/orgs/{}/tokens/{}"): {"label": "taken"},
        ("POST", "/orgs/{}/tokens/revoke"): {"ids": [ids["token"]]},
        ("POST", "/orgs/{}/tokens/{}/rotate"): {"overlap_seconds": 0},
        ("POST", "/orgs/{}/explain"): {"token": ids["value"], "team": ids["team"]},
        ("POST", "/orgs/{}/rbac/roles"): {"name": "Taken", "scopes": ["findings:list"], "role_type": "organization"},
        ("PUT", "/orgs/{}/rbac/roles/{}"): {"scopes": ["findings:list"]},
        ("POST", "/orgs/{}/rbac/users"): {"email": "taken@example.com", "org_role": ids["role"], "password": PASSWORD},
        ("PUT", "/orgs/{}/rbac/users/{}"): {"org_role": "GUEST"},
        ("PATCH", "/orgs/{}/rbac/users/{}"): {"disabled": True},
        ("POST", "/orgs/{}/saml/provision"): [{"email": "prov@example.com", "organization_role": "GUEST",
            "team_membership": [{"team_id": ids["team"], "role": "TEAM_MEMBER"}]}],
        ("POST", "/orgs/{}/saml/access_token/reset"): {"user_ids": [ids["user"]]},
        ("POST", "/orgs/{}/rbac/invitations"): {"email": "inv@example.com", "org_role": ids["role"]},
        ("POST", "/orgs/{}/rbac/teams"): {"name": "Taken", "members": [
            {"user_id_v2": ids["user"], "team_role": "TEAM_MEMBER"}]},
        ("PUT", "/orgs/{}/rbac/teams/{}"): {"version": 0, "add_team_membership": [
            {"user_id_v2": ids["user"], "team_role": "TEAM_MEMBER"}]},
        ("PUT", "/orgs/{}/rbac/teams/{}/membership"): {"version": 0, "add_team_membership": [
            {"user_id_v2": ids["user"], "team_role": "TEAM_MEMBER"}]},
        ("PUT", "/orgs/{}/rbac/teams/{}/apps"): {"version": 0, "add_applications": [ids["app"]]},
        ("PUT", "/orgs/{}/rbac/teams/{}/metadata"): {"version": 0, "change_name": "Taken"},
        ("DELETE", "/orgs/{}/rbac/teams/{}"): {"version": 0},
        ("PUT", "/orgs/{}/apps"): [{"id": ids["app"], "team_id": ids["team"]}],
        ("POST", "/user/token/reveal"): {"org": ids["org"], "email": ids["email"], "password": PASSWORD},
        ("POST", "/session"): {"org": ids["org"], "email": ids["email"], "password": PASSWORD},
        ("POST", "/session/confirm"): {"password": PASSWORD},
        ("PUT", "/user/password"): {"password": PASSWORD, "new_password": PASSWORD},
        ("PUT", "/user/second_factor"): {"otp": "000000"},
        ("POST", "/user/token/reset"): {"org": ids["org"], "email": ids["email"], "password": PASSWORD},
        ("POST", "/invitations/accept"): {"token": ids["secret"], "name": "X", "password": PASSWORD},
    }.get(op)


def furnish(org):
    """Something of everything in an org; returns the ids."""
    user = org.user("MEMBER")
    team = org.team(members=[(user, "TEAM_MEMBER")])
    app = org.app("shop-" + uuid.uuid4().hex[:12], team=team)
    role = org.role({"findings:list"})
    token = org.issue("ci")
    org.issue("jira", teams=[team])
    email = unique("invited") + "@example.com"
    invitation = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "GUEST"}).ok()
    return {"org": org.id, "user": user.id, "team": team, "app": app, "role": role, "token": token["id"],
        "value": token["value"], "invitation": invitation["id"], "session": str(uuid.uuid4()), "email": user.email, "secret": "s" * 43}


def nowhere(ids):
    """As `ids`, but of nothing that exists, and as long."""
    fake = {k: str(uuid.uuid4()) for k in ("org", "user", "team", "role", "token", "invitation", "session")}
    fake["app"] = "shop-" + uuid.uuid4().hex[:12]
    fake["email"] = "n" + ids["email"][1:]
    fake["secret"] = "t" * 43
    fake["value"] = unknown_value(ids["value"])
    return fake


def fill(template, ids):
    path = template
    for part, noun in positions(template):
        path = path.replace(part, ids[noun] if noun in ids else now_path()[noun], 1)
    return path


USE = {"count", "days", "places", "scopes_used", "scopes_never_used"}  # of a token: the owner's own is used by looking


def settled(value):
    """Without what changes by being looked at."""
    if isinstance(value, dict):
        return {k: settled(v) for k, v in value.items() if not k.startswith("last_")
            and k != "lastLoginUTCTimestampHistory" and not ("places" in value and k in USE)}
    if isinstance(value, list):
        return [settled(v) for v in value]
    return value


def dump(org, ids):
    """Everything that the owner can read, by every GET of the document."""
    out = {}
    for method, template in OPERATIONS:
        if method == "GET":
            path = fill(template, ids)
            answer = org.owner.get(path)
            out[path] = (answer.status, settled(answer.json) if answer.json is not None else answer.text)
    for query in ("O/rbac/users?details=true", "O/tokens?show_expired=true"):
        out[query] = settled(org.owner.get(query).json)
    return out


def alike(answer, ids):
    """The answer with the ids that were asked for taken out, for comparison."""
    text = repr(answer.blank())
    for value in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(value, "ID")
    return text


def test_the_document_has_operations_and_bodies_are_known_for_all():
    """Goal: the walk below leaves no operation out: whatever takes a body in doc/openapi.yaml has one in this file."""
    assert len(OPERATIONS) >= 48  # all of /api/v4; the other four name no org
    with open(os.path.join(ROOT, "doc", "openapi.yaml"), encoding="utf-8") as f:
        paths = yaml.safe_load(f)["paths"]
    ids = dict.fromkeys(("org", "user", "team", "app", "role", "token", "value", "invitation", "email", "secret", "session"), "x")
    for method, template in OPERATIONS:
        item = paths.get(template) or paths[template[len(API):]]
        operation = item[method.lower()]
        required = operation.get("requestBody", {}).get("required", False)
        if required:
            assert body_for(method, template, ids) is not None, "no body for %s %s" % (method, template)


def test_a_token_of_another_org_reaches_nothing(org, other_org):
    """Goal: every operation on another org's path, with that org's ids, by an owner's and by a CI token of one's own
    org:
    401, 403 or 404, nothing changed, and no difference from an org and ids that do not exist."""
    ids = furnish(org)
    fake = nowhere(ids)
    before = dump(org, ids)
    callers = [other_org.client(other_org.token), other_org.client(other_org.issue("ci")["value"])]
    walked = 0
    for method, template in OPERATIONS:
        if "{org}" not in template:
            continue
        for caller in callers:
            theirs = caller.ask(method, fill(template, ids), body_for(method, template, ids))
            assert theirs.status in (401, 403, 404), "%s %s: %r" % (method, template, theirs)
            absent = caller.ask(method, fill(template, fake), body_for(method, template, fake))
            assert alike(theirs, ids) == alike(absent, fake), "%s %s" % (method, template)
            walked += 1
    assert walked == 2 * sum("{org}" in template for _, template in OPERATIONS) >= 80
    assert dump(org, ids) == before


def test_ids_of_another_org_on_ones_own_path_name_nothing(org, other_org):
    """Goal: every id position of every path, within one's own org but with the other org's id: 401, 403 or 404, nothing
    changed there, and no difference from an id that exists nowhere. One foreign id at a time."""
    ids = furnish(org)
    own = furnish(other_org)
    before = dump(org, ids)
    caller = other_org.owner
    walked = 0
    for method, template in OPERATIONS:
        for _, noun in positions(template):
            if noun in ("org", "year", "month", "day"):
                continue
            answers = []
            for source in (ids, nowhere(ids)):
                mixed = dict(own)
                mixed[noun] = source[noun]
                answer = caller.ask(method, fill(template, mixed), body_for(method, template, own))
                assert answer.status in (401, 403, 404), "%s %s: %r" % (method, template, answer)
                answers.append(alike(answer, mixed))
            assert answers[0] == answers[1], "%s %s" % (method, template)
            walked += 1
    assert walked >= 20
    assert dump(org, ids) == before


BODY_POSITIONS = [
    ("POST", "O/tokens", lambda i: {"label": "x", "role_id": CI, "teams": [i["team"]]}),
    ("POST", "O/tokens", lambda i: {"label": "x", "role_id": i["role"]}),
    ("POST", "O/rbac/users", lambda i: {"email": "b@example.com", "org_role": i["role"], "password": PASSWORD}),
    ("POST", "O/rbac/invitations", lambda i: {"email": "b@example.com", "org_role": i["role"]}),
    ("POST", "O/rbac/teams", lambda i: {"name": "B", "members": [{"user_id_v2": i["user"],
    "team_role": "TEAM_MEMBER"}]}),
    ("POST", "O/rbac/teams", lambda i: {"name": "B", "members": [{"user_id_v2": i["own_user"],
    "team_role": i["role"]}]}),
    ("PUT", "O/rbac/users/{own_user}", lambda i: {"org_role": i["role"]}),
    ("PUT", "O/rbac/teams/{own_team}", lambda i: {"version": i["version"], "add_team_membership": [
        {"user_id_v2": i["user"], "team_role": "TEAM_MEMBER"}]}),
    ("PUT", "O/rbac/teams/{own_team}/membership", lambda i: {"version": i["version"], "add_team_membership": [
        {"user_id_v2": i["user"], "team_role": "TEAM_MEMBER"}]}),
    ("PUT", "O/rbac/teams/{own_team}/membership", lambda i: {"version": i["version"], "add_team_membership": [
        {"user_id_v2": i["own_user"], "team_role": i["role"]}]}),
    ("PUT", "O/rbac/teams/{own_team}/apps", lambda i: {"version": i["version"], "add_applications": [i["app"]]}),
    ("POST", "O/saml/provision", lambda i: [{"email": i["own_email"], "organization_role": "MEMBER",
        "team_membership": [{"team_id": i["team"], "role": "TEAM_MEMBER"}]}]),
    ("POST", "O/saml/provision", lambda i: [{"email": i["own_email"], "organization_role": i["role"]}]),
    ("POST", "O/saml/access_token/reset", lambda i: {"user_ids": [i["user"]]}),
    ("PUT", "O/apps", lambda i: [{"id": "newcomer", "team_id": i["team"]}]),
    ("POST", "O/owner", lambda i: {"user_id": i["user"]}),
    ("POST", "O/tokens/revoke", lambda i: {"ids": [i["token"]]}),
    ("GET", "O/tokens?created_by={user}", None),
    ("GET", "O/tokens?role={role}", None),
    ("GET", "O/tokens?team={team}", None),
    ("GET", "O/tokens?search={token}", None),
    ("GET", "O/rbac/users?team={team}", None),
    ("GET", "O/rbac/users?email={email}", None),
    ("GET", "O/rbac/users?role={role}", None),
    ("GET", "O/apps?team={team}", None),
]


def test_ids_of_another_org_in_bodies_and_queries_name_nothing(org, other_org):
    """Goal: an id of another org inside a body or a query is treated as one that exists nowhere, and changes
    nothing."""
    ids = furnish(org)
    own = furnish(other_org)
    before = dump(org, ids)
    for method, path, body in BODY_POSITIONS:
        answers = []
        for source in (ids, nowhere(ids)):
            mixed = dict(source, own_user=own["user"], own_team=own["team"], own_email=own["email"],
                version=other_org.version(own["team"]))
            target = path.format(**mixed)
            answer = other_org.owner.ask(method, target, body(mixed) if body else None)
            if answer.status == 200:
                text = json.dumps(answer.json)
                listed = re.search(r'"(rejected_team_ids|rejected_team_roles|rejected_org_roles|rejected_emails|not_found)": '
                    r'\[[^\]]', text)
                assert method == "GET" and answer.json["response"] == [] or listed, "%s %s: %r" % (method, path, answer)
            else:
                assert answer.status in (400, 403, 404), "%s %s: %r" % (method, path, answer)
            answers.append(alike(answer, {k: v for k, v in source.items()}))
        assert answers[0] == answers[1], "%s %s" % (method, path)
    assert dump(org, ids) == before


def test_an_app_of_the_same_name_in_another_org_is_another_app(org, other_org):
    """Goal: app names are the org's own: the same name may be made, read and deleted without touching the other's."""
    name = unique("same")
    team = org.team()
    org.app(name, team=team)
    other_org.app(name)
    assert other_org.app_team(name) is None
    other_org.owner.delete("O/apps/" + name).ok()
    other_org.owner.get("O/apps/" + name).refused(404)
    assert org.app_team(name) == team


def test_the_same_email_in_two_orgs_is_two_accounts(org, other_org):
    """Goal: an account belongs to one org: the same address in two orgs has two tokens, revealed by naming the org."""
    email = unique("both") + "@example.com"
    here, there = org.user("MEMBER", email=email), other_org.user("GUEST", email=email)
    assert here.id != there.id and here.token != there.token
    assert org.reveal(email).ok()["value"] == here.token
    assert other_org.reveal(email).ok()["value"] == there.token
    there.client.get(API + "/orgs/%s/my_scopes" % org.id).refused(404)
    without = org.anonymous().post(API + "/user/token/reveal", {"email": email, "password": PASSWORD})
    assert without.status in (400, 401), "with more than one org it must be named: %r" % without
    assert here.token not in without.text and there.token not in without.text


@pytest.mark.parametrize("operation", ["reveal", "reset"])
def test_reveal_does_not_tell_which_orgs_or_addresses_exist(server_factory, operation):
    """Goal: a wrong password, an unknown address and an unknown org answer alike. (A server of its own: wrong passwords
    count against the address that all tests share.)"""
    server = server_factory()
    org, other_org = server.make_org(), server.make_org()
    user = org.user("MEMBER")
    path = API + "/user/token/" + operation
    ask = org.anonymous()
    answers = [ask.post(path, body).refused(401).blank() for body in (
        {"org": org.id, "email": user.email, "password": PASSWORD + "x"},
        {"org": org.id, "email": "x" + user.email[1:], "password": PASSWORD},
        {"org": other_org.id, "email": user.email, "password": PASSWORD},
        {"org": str(uuid.uuid4()), "email": user.email, "password": PASSWORD})]
    assert all(a == answers[0] for a in answers)
    assert user.client.works()


def test_whoever_verifies_learns_nothing_of_another_org(org, other_org):
    """Goal: /verify, introspection and revocation by one org with another's ids and tokens: the same as with ids and tokens of
    nothing, and nothing changed there but what a value's holder may do."""
    ids = furnish(org)
    fake = nowhere(ids)
    before = dump(org, ids)
    mine = other_org.issue("ci")["value"]
    caller = Client(org.server.base, mine)
    bearer = "Bearer " + other_org.token
    for where in ("org=%(org)s", "org=" + other_org.id + "&app=%(app)s", "org=" + other_org.id + "&team=%(team)s"):
        theirs, absent = (caller.get("/verify?" + where % of) for of in (ids, fake))
        assert theirs.status in (401, 403) and alike(theirs, ids) == alike(absent, fake), where
    for place in ("app", "team"):
        theirs, absent = (post(org.server.base, INTROSPECT, {"token": mine, place: of[place]}, bearer) for of in (ids, fake))
        assert alike(theirs, ids) == alike(absent, fake) and "scope" not in theirs.json
    theirs, absent = (post(org.server.base, INTROSPECT, {"token": t}, bearer) for t in (ids["value"], "x" * len(ids["value"])))
    assert theirs.blank() == absent.blank()
    caller.close()
    assert dump(org, ids) == before
