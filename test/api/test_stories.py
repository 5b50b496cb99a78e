# SPDX-License-Identifier: Apache-2.0
"""The seed stories: what the product is for, each told once from end to end."""

import pytest

import catalogue_copy as cat
from client import API, JIRA, ORG_ROLES, PASSWORD, TOKEN_ROLES, eventually, unique, unknown_value


def names(answer):
    return {app["id"] for app in answer.ok()}


def test_a_new_users_personal_token_works_at_once(org):
    """Goal: the owner creates a user, and that user's personal token works on the very next request."""
    email = unique("anna") + "@example.com"
    made = org.owner.post("O/rbac/users", {"email": email, "org_role": "MEMBER", "name": "Anna",
        "password": PASSWORD}).ok()
    assert set(made) == {"id_v2", "name",
        "email"}, "a password was given, so no set-up link, and never a token: %r" % made
    shown = org.reveal(email).ok()
    assert set(shown) == {"id", "value"} and shown["value"].startswith("jtnp_")
    anna = org.client(shown["value"])
    me = anna.get(API + "/user").ok()
    assert me["idv2"] == made["id_v2"] and me["email"] == email and me["name"] == "Anna"
    assert [m["organization"] for m in me["membership"]] == [org.id]
    assert anna.scopes() == cat.MEMBER


def test_a_change_of_role_is_seen_by_the_very_next_request(org):
    """Goal: a user's role is changed, and the same token value gains and loses scopes on the very next request."""
    anna = org.user("MEMBER")
    assert anna.client.scopes() == cat.MEMBER
    anna.client.put("O/apps", [{"id": unique("app")}]).refused(403, "INSUFFICIENT_SCOPE", "apps:create")
    for role in ("GUEST", "POWER_USER", "TEAM_DEFINED", "MEMBER", "SUPER_ADMIN", "GUEST"):
        org.owner.put("O/rbac/users/" + anna.id, {"org_role": role}).ok()
        held = anna.client.scopes()
        if role == "TEAM_DEFINED":
            assert held == cat.TEAM_DEFINED & (cat.EVERYONE | cat.BY_TEAM)
        else:
            assert held == cat.ORG_ROLES[role], "as %s" % role
        made = anna.client.put("O/apps", [{"id": unique("app")}])
        if role in ("POWER_USER", "SUPER_ADMIN"):
            made.ok()
        else:
            made.refused(403, "INSUFFICIENT_SCOPE", "apps:create")


def test_a_ci_token_outlives_the_super_admin_who_issued_it(org):
    """Goal: a CI token issued by a Super Admin still works after that Super Admin is deleted; another admin revokes
    it."""
    issuer = org.user("SUPER_ADMIN")
    second = org.user("SUPER_ADMIN")
    token = org.issue("ci", by=issuer.client)
    ci = org.client(token["value"])
    assert ci.scopes() == cat.KINDS["ci"]
    org.owner.delete("O/rbac/users/" + issuer.id).ok()
    issuer.client.get("O/my_scopes").refused(401, "UNAUTHENTICATED")
    assert ci.scopes() == cat.KINDS["ci"], "the token is the org's, not its issuer's"
    assert token["id"] in {t["id"] for t in second.client.get("O/tokens").ok()}
    second.client.delete("O/tokens/" + token["id"]).ok()
    answer = ci.get("O/my_scopes").refused(401, "UNAUTHENTICATED")
    assert org.server.refusal(answer.request_id) == "revoked"


def test_a_service_token_issues_ci_tokens_and_nothing_else(org):
    """Goal: a service token issues CI tokens and is refused anything else, each refusal saying why."""
    service = org.client(org.issue("service")["value"])
    assert service.scopes() == cat.KINDS["service"]
    made = org.issue("ci", by=service)
    assert org.client(made["value"]).scopes() == cat.KINDS["ci"]
    for kind in ("access", "jira", "github", "service"):
        body = {"label": "no", "role_id": TOKEN_ROLES[kind]}
        service.post("O/tokens", body).refused(403, "SERVICE_CI_ONLY" if kind != "service" else None)
    team = org.team()
    own = service.get("O/tokens").ok()
    assert [t["id"] for t in own] == [made["id"]], "it lists what it issued and nothing else"
    foreign = org.issue("ci")
    refusals = [
        ("GET", "O", "org:read"), ("GET", "O/roles", "roles:list"), ("GET", "O/rbac/roles", "roles:list"),
        ("GET", "O/rbac/scopes", "scopes:list"), ("GET", "O/rbac/users", "org_user:list"),
        ("GET", "O/rbac/teams", "teams:list"), ("GET", "O/rbac/teams/" + team, None),
        ("GET", "O/rbac/invitations", "org_invitations:list"), ("GET", "O/apps", "apps:list"),
        ("GET", "O/audit/csv/2026/1", "org_audit_trail:read"),
        ("DELETE", "O/tokens/" + made["id"], "tokens:delete"), ("DELETE", "O/tokens/" + foreign["id"], "tokens:delete"),
        ("PATCH", "O/tokens/" + made["id"], "tokens:update"), ("POST", "O/tokens/" + made["id"] + "/rotate",
        "tokens:update"),
        ("PUT", "O/apps", "apps:create"), ("POST", "O/rbac/users", "org_user:create"), ("DELETE", "O", "org:delete"),
    ]
    for method, path, scope in refusals:
        answer = service.ask(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
        if scope is None:
            answer.refused((403, 404))
            continue
        answer.refused(403, "INSUFFICIENT_SCOPE", scope)
        assert org.server.refusal(answer.request_id) == "scope"
    service.get(API + "/user").refused(403, "NOT_A_USER")


def test_an_access_token_is_a_super_admin_less_the_api_area(org):
    """Goal: an access token holds what a Super Admin's personal token does less the scopes that are in the api area
    alone, and survives the deletion of whoever issued it."""
    issuer = org.user("SUPER_ADMIN")
    admin = issuer.client.scopes()
    assert admin == cat.SUPER_ADMIN
    elsewhere = frozenset().union(*(scopes for area, scopes in cat.AREAS.items() if area not in ("api", "legacy")))
    api_alone = cat.AREAS["api"] - elsewhere
    access = org.client(org.issue("access", by=issuer.client)["value"])
    assert access.scopes() == admin - api_alone - cat.AREAS["legacy"]
    access.get("O/tokens").refused(403, "INSUFFICIENT_SCOPE", "tokens:list")
    access.get("O/rbac/users").refused(403, "INSUFFICIENT_SCOPE", "org_user:list")
    app = unique("app")
    access.put("O/apps", [{"id": app}]).ok()
    org.owner.delete("O/rbac/users/" + issuer.id).ok()
    assert app in names(access.get("O/apps"))
    assert access.scopes() == admin - api_alone - cat.AREAS["legacy"]


def test_a_jira_token_does_what_the_plugin_needs(org):
    """Goal: a Jira token reads, updates and comments on findings, reads apps, uses the Jira scopes, and nothing
    else."""
    app = org.app()
    jira = org.client(org.issue("jira")["value"])
    expected = {"findings:list", "findings:read", "findings:update", "finding_status:update", "finding_fixed:update",
        "finding_ignore:update", "finding_assign:update", "comments:list", "comments:read", "comments:create",
        "apps:list", "project:read", "jira_association:read", "jira_association:write", "jira_issue:read",
        "jira_issue:write"}
    assert jira.scopes() == expected
    assert jira.scopes("O/apps/%s/my_scopes" % app) == expected
    assert app in names(jira.get("O/apps"))
    assert jira.get("O/apps/" + app).ok()["id"] == app
    for method, path, scope in (("GET", "O", "org:read"), ("PUT", "O/apps", "apps:create"),
        ("DELETE", "O/apps/" + app, "project:delete"), ("GET", "O/tokens", "tokens:list"),
        ("POST", "O/tokens", "tokens:create"), ("GET", "O/rbac/users", "org_user:list"),
        ("GET", "O/rbac/roles", "roles:list"), ("POST", "O/rbac/roles", "roles:create"),
        ("GET", "O/rbac/teams", "teams:list"), ("POST", "O/rbac/teams", "teams:create")):
        jira.ask(method, path, {} if method in ("PUT", "POST") else None).refused(403, "INSUFFICIENT_SCOPE", scope)


def test_an_org_wide_ci_token_adds_an_app_to_a_team_during_analysis(org):
    """Goal: an org-wide CI token adds a new app to a team during analysis."""
    team = org.team()
    ci = org.client(org.issue("ci")["value"])
    app = unique("app")
    got = ci.put("O/apps", [{"id": app, "team_id": team}]).ok()
    assert [(a["id"], a.get("team_id")) for a in got["apps"]] == [(app, team)]
    assert got["rejected_ids"] == [] and got["rejected_team_ids"] == []
    assert org.app_team(app) == team
    assert org.owner.get("O/rbac/teams/" + team).ok()["applications"] == [app]
    again = ci.put("O/apps", [{"id": app, "team_id": team}]).ok()
    assert again["rejected_ids"] == [], "the next analysis of the same app is not an error"
    assert org.app_team(app) == team


def test_a_ci_token_limited_to_a_team_stays_in_it(org):
    """Goal: a CI token limited to team A cannot add an app to B, cannot see B's apps, and cannot pull an existing app
    of
    B, or one of no team, into A."""
    a, b = org.team(), org.team()
    of_a, of_b, of_none = org.app(team=a), org.app(team=b), org.app()
    token = org.issue("ci", teams=[a])
    assert token["limited"] is True and token["teams"] == [a]
    ci = org.client(token["value"])
    assert names(ci.get("O/apps")) == {of_a}
    for hidden in (of_b, of_none, unique("nothing")):
        answer = ci.get("O/apps/" + hidden).refused(404, "NOT_FOUND")
        ci.get("O/apps/%s/my_scopes" % hidden).refused(404, "NOT_FOUND")
        assert hidden not in answer.text
    ci.get("O/rbac/teams/%s/my_scopes" % b).refused(404, "NOT_FOUND")
    new = unique("app")
    got = ci.put("O/apps", [{"id": new, "team_id": b}]).ok()
    assert got["rejected_team_ids"] == [b] and got["apps"] == []
    org.owner.get("O/apps/" + new).refused(404)
    for existing, where in ((of_b, b), (of_none, None)):
        got = ci.put("O/apps", [{"id": existing, "team_id": a}]).ok()
        assert got["apps"] == [] and got["rejected_ids"] == [existing]
        assert org.app_team(existing) == where
        got = ci.put("O/apps", [{"id": existing}]).ok()
        assert got["apps"] == [] and got["rejected_ids"] == [existing]
        assert org.app_team(existing) == where
    into_a = unique("app")
    ci.put("O/apps", [{"id": into_a, "team_id": a}]).ok()
    left_out = unique("app")
    ci.put("O/apps", [{"id": left_out}]).ok()
    assert org.app_team(into_a) == a and org.app_team(left_out) == a, "left out: its only team"


def test_a_team_defined_user_sees_only_their_teams_apps(org):
    """Goal: a Team Defined user sees only their teams' apps, and no decision for another app is yes."""
    user = org.user("TEAM_DEFINED")
    mine = org.team(members=[(user, "TEAM_MEMBER")])
    other = org.team()
    of_mine, of_other, of_none = org.app(team=mine), org.app(team=other), org.app()
    assert names(user.client.get("O/apps")) == {of_mine}
    assert user.client.scopes() == cat.TEAM_DEFINED & (cat.EVERYONE | cat.BY_TEAM)
    held = user.client.scopes("O/apps/%s/my_scopes" % of_mine)
    skip = tuple(cat.ORG_LEVEL_PREFIXES)
    assert {s for s in held if not s.startswith(skip)} == {
        s for s in cat.MEMBER | cat.TEAM_DEFINED if not s.startswith(skip)}
    for hidden in (of_other, of_none):
        for method in ("GET", "DELETE"):
            answer = user.client.ask(method, "O/apps/" + hidden).refused((403, 404))
            assert answer.blank() == user.client.ask(method,
                "O/apps/" + unique("app")).blank(), "as if it were not there"
        user.client.get("O/apps/%s/my_scopes" % hidden).refused(404)
    user.client.get("O/rbac/teams/%s/my_scopes" % other).refused(404)
    assert "findings:read" in user.client.scopes("O/rbac/teams/%s/my_scopes" % mine)
    org.owner.put("O/rbac/teams/" + mine, {"version": org.version(mine), "remove_applications": [of_mine]}).ok()
    assert names(user.client.get("O/apps")) == set()
    user.client.get("O/apps/%s/my_scopes" % of_mine).refused(404)
    user.client.get("O/apps/" + of_mine).refused((403, 404))


def test_refused_tokens_have_their_reason_in_the_log_and_nowhere_else(org, other_org):
    """Goal: an expired token, a revoked one, one with a wrong checksum, an unknown one, one of a disabled user: each is
    refused with its own reason in the log, and all of them look alike to the caller."""
    expired = org.issue("ci", valid_for_seconds=1)["value"]
    revoked = org.issue("ci")
    org.owner.delete("O/tokens/" + revoked["id"]).ok()
    live = org.issue("ci")["value"]
    wrong_sum = live[:-1] + ("0" if live[-1] != "0" else "1")
    disabled = org.user("MEMBER")
    org.owner.patch("O/rbac/users/" + disabled.id, {"disabled": True}).ok()
    probe = org.client(expired)
    eventually(lambda: not probe.works(), "a token of one second expires")
    seen = {}
    for reason, value in (("expired", expired), ("revoked", revoked["value"]), ("checksum", wrong_sum),
        ("shape", "jtnc_short"), ("shape", "x" * 300), ("user-inactive", disabled.token), ("unknown",
        unknown_value(live))):
        answer = org.client(value).get("O/my_scopes").refused(401, "UNAUTHENTICATED")
        assert org.server.refusal(answer.request_id) == reason, "for %s" % reason
        assert value not in org.server.log, "a value is in the log"
        seen[reason] = answer.blank()
    assert len({repr(s) for s in seen.values()}) == 1, "the caller can tell them apart: %r" % seen


def test_a_token_of_another_org_is_refused_as_if_the_org_did_not_exist(org, other_org):
    """Goal: a live token on another org's path learns nothing: the org might as well not exist; the log knows."""
    value = other_org.issue("ci")["value"]
    for token in (value, other_org.token):
        there = org.client(token)
        answer = there.get("O/my_scopes").refused(404, "NOT_FOUND")
        assert org.server.refusal(answer.request_id) == "other-org"
        nowhere = there.get(API + "/orgs/00000000-0000-4000-8000-000000000000/my_scopes")
        assert nowhere.blank() == answer.blank()


# --- The ceiling: nobody gives what they do not hold, tried through every operation that gives something. ---

GIVES_TOKENS = cat.POWER_USER | {"tokens:create", "tokens:list", "tokens:update", "tokens:delete"}
GIVES_ROLES = cat.GUEST | {"roles:create", "roles:update", "roles:delete", "scopes:list"}
GIVES_USERS = cat.MEMBER | {"org_user:create", "org_user:update", "org_user:delete", "org_invitations:create",
    "org_invitations:list", "org_invitations:delete", "teams:update", "teams:list", "teams:read", "teams:create",
    "team_members:update", "team_apps:update"}


@pytest.fixture
def giver(org):
    """A function: a user and a custom integration token that hold exactly these scopes, as two clients."""

    def make(scopes):
        role = org.role(scopes)
        user = org.user(role)
        token = org.issue("custom", role_id=role)
        clients = [("user", user.client), ("custom token", org.client(token["value"]))]
        for who, client in clients:
            assert client.scopes() == set(scopes), who
        return clients, role

    return make


def exceeds(answer, what):
    answer.refused(403, "CANNOT_EXCEED_SELF")
    held = answer.json["message"]
    assert any(scope in held for scope in cat.ALL), "does not name the first missing scope (%s): %s" % (what, held)


def test_ceiling_tokens(org, giver):
    """Goal: nobody issues or rotates a token that holds more than they do, through a managed or a custom role."""
    above = org.role({"policies:write", "org_configuration:write"})
    strong = org.issue("custom", role_id=above)
    weak_role = org.role({"findings:list"})
    weak = org.issue("custom", role_id=weak_role)
    jira = org.issue("jira")
    clients, _ = giver(GIVES_TOKENS)
    for who, client in clients:
        # A power user's scopes cover a CI, a GitHub and a Jira token's, but not the custom role's above.
        org.issue("ci", by=client)
        exceeds(client.post("O/tokens", {"label": "x", "role_id": above}), who)
        exceeds(client.post("O/tokens/%s/rotate" % strong["id"], {}), who)
        client.post("O/tokens/%s/rotate" % weak["id"], {}).ok()
        client.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["service"]}).refused(403, "OWNER_ONLY")
    narrow, _ = giver({"tokens:create", "tokens:update", "tokens:list", "findings:list"})
    for who, client in narrow:
        for kind in ("ci", "access", "jira", "github"):
            exceeds(client.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES[kind]}), kind)
        exceeds(client.post("O/tokens/%s/rotate" % jira["id"], {}), "jira")
    assert org.client(strong["value"]).works() and org.client(jira["value"]).works(), "a refused rotation changes nothing"


def test_ceiling_roles(org, giver):
    """Goal: nobody writes a role that holds more than they do, nor changes the role that they hold."""
    clients, own = giver(GIVES_ROLES)
    lesser = org.role({"findings:list"})
    above = org.role({"policies:write"})
    for who, client in clients:
        for scope in ("tokens:create", "org:update", "policies:write", "comments:create"):
            answer = client.post("O/rbac/roles", {"name": unique("r"), "scopes": ["findings:list", scope],
                "role_type": "organization"})
            exceeds(answer, scope)
            assert scope in answer.json["message"]
            exceeds(client.put("O/rbac/roles/" + lesser, {"scopes": [scope]}), scope)
        client.post("O/rbac/roles", {"name": unique("r"), "scopes": ["findings:*"],
            "role_type": "organization"}).refused(403)
        client.put("O/rbac/roles/" + own, {"scopes": ["org:read"]}).refused(403, "OWN_ROLE")
        client.put("O/rbac/roles/" + own, {"scopes": sorted(GIVES_ROLES | {"org:update"})}).refused(403)
        exceeds(client.put("O/rbac/roles/" + above, {"scopes": ["findings:list"]}), "lowering needs the same cover")
        client.post("O/rbac/roles", {"name": unique("r"), "scopes": ["findings:list"], "role_type": "team"}).ok()
        client.put("O/rbac/roles/" + lesser, {"scopes": ["findings:list", "findings:read"]}).ok()
    listed = {r["id"]: set(r["scopes"]) for r in org.owner.get("O/rbac/roles").ok()}
    assert listed[own] == set(GIVES_ROLES) and listed[above] == {"policies:write"}


def test_ceiling_users(org, giver):
    """Goal: nobody makes, promotes, invites or provisions a user above themselves, nor lowers or removes one who is."""
    clients, own = giver(GIVES_USERS)
    above = org.role({"org:update"})
    high = org.user("POWER_USER")
    admin = org.user("SUPER_ADMIN")
    low = org.user("GUEST")
    for who, client in clients:
        for role in ("POWER_USER", above):
            email = unique("u") + "@example.com"
            exceeds(client.post("O/rbac/users", {"email": email, "org_role": role, "password": PASSWORD}), who)
            exceeds(client.put("O/rbac/users/" + low.id, {"org_role": role}), who)
            exceeds(client.post("O/rbac/invitations", {"email": email, "org_role": role}), who)
            got = client.post("O/saml/provision", [{"email": email, "organization_role": role}])
            if got.status == 200:
                assert email in got.json["response"]["rejected_emails"] or role in got.json["response"]["rejected_org_roles"]
            else:
                exceeds(got, who)
            assert email not in org.owner.get("O/rbac/users?email=" + email.replace("@", "%40")).text
        for role in ("SUPER_ADMIN",):
            email = unique("u") + "@example.com"
            client.post("O/rbac/users", {"email": email, "org_role": role, "password": PASSWORD}).refused(403)
            client.put("O/rbac/users/" + low.id, {"org_role": role}).refused(403)
            client.post("O/rbac/invitations", {"email": email, "org_role": role}).refused(403)
        exceeds(client.put("O/rbac/users/" + high.id, {"org_role": "GUEST"}), "demoting above oneself")
        exceeds(client.delete("O/rbac/users/" + high.id), "removing above oneself")
        exceeds(client.patch("O/rbac/users/" + high.id, {"disabled": True}), "disabling above oneself")
        client.delete("O/rbac/users/" + admin.id).refused((403, 409))
        client.delete("O/rbac/users/" + org.owner_id).refused((403, 409))
    assert high.client.scopes() == cat.POWER_USER and low.client.scopes() == cat.GUEST
    assert admin.client.scopes() == cat.SUPER_ADMIN


def test_ceiling_teams(org, giver):
    """Goal: nobody gives a team role above themselves, in any of the operations that can."""
    clients, _ = giver(GIVES_USERS)
    low = org.user("GUEST")
    team = org.team()
    strong = org.role({"policies:write", "findings:list"}, role_type="team")
    for who, client in clients:
        for role in ("TEAM_ADMIN", "TEAM_MANAGER", strong):
            entry = [{"user_id_v2": low.id, "team_role": role}]
            exceeds(client.post("O/rbac/teams", {"name": unique("t"), "members": entry}), role)
            exceeds(client.put("O/rbac/teams/" + team, {"add_team_membership": entry, "version": org.version(team)}),
                role)
            exceeds(client.put("O/rbac/teams/%s/membership" % team,
                {"add_team_membership": entry, "version": org.version(team)}), role)
            got = client.post("O/saml/provision", [{"email": low.email, "organization_role": "GUEST",
                "team_membership": [{"team_id": team, "role": role}]}])
            if got.status == 200:
                assert got.json["response"]["rejected_team_roles"] or got.json["response"]["rejected_emails"], got
            else:
                exceeds(got, role)
    assert org.owner.get("O/rbac/teams/" + team).ok()["members"] == []
    low.client.get("O/rbac/teams/%s/my_scopes" % team).ok()
    assert low.client.scopes("O/rbac/teams/%s/my_scopes" % team) == cat.GUEST


def test_ceiling_of_what_a_membership_brings_along(org, giver):
    """Goal: a user whose org role has reach `teams` gets that role's scopes in each team they are put into: who puts them
    there holds these too, and so does who takes them out, or deletes the team."""
    clients, _ = giver(GIVES_USERS | {"teams:delete"})
    far = org.role({"policies:write", "findings:list"}, reach="teams")
    user = org.user(far)
    team, other = org.team(), org.team(members=[(user, "TEAM_MEMBER")])
    for who, client in clients:
        entry = [{"user_id_v2": user.id, "team_role": "TEAM_MEMBER"}]
        exceeds(client.post("O/rbac/teams", {"name": unique("t"), "members": entry}), who)
        for path in ("", "/membership"):
            exceeds(client.put("O/rbac/teams/" + team + path, {"add_team_membership": entry,
                "version": org.version(team)}), who)
            exceeds(client.put("O/rbac/teams/" + other + path, {"remove_team_membership": [user.id],
                "version": org.version(other)}), who)
        exceeds(client.delete("O/rbac/teams/" + other, {"version": org.version(other)}), who)
    assert org.owner.get("O/rbac/teams/" + team).ok()["members"] == []
    assert "policies:write" in user.client.scopes("O/rbac/teams/%s/my_scopes" % other)
    org.owner.put("O/rbac/teams/%s/membership" % team, {"add_team_membership": entry, "version": org.version(team)}).ok()
    assert "policies:write" in user.client.scopes("O/rbac/teams/%s/my_scopes" % team)
    org.owner.delete("O/rbac/teams/" + team, {"version": org.version(team)}).ok()


def test_ceiling_of_a_super_admin(org):
    """Goal: a Super Admin finds no way to another Super Admin, to a service token, or to the owner's scopes."""
    admin = org.user("SUPER_ADMIN")
    fellow = org.user("SUPER_ADMIN")
    low = org.user("GUEST")
    c = admin.client
    email = unique("u") + "@example.com"
    c.post("O/rbac/users", {"email": email, "org_role": "SUPER_ADMIN", "password": PASSWORD}).refused(403, "OWNER_ONLY")
    c.put("O/rbac/users/" + low.id, {"org_role": "SUPER_ADMIN"}).refused(403, "OWNER_ONLY")
    c.post("O/rbac/invitations", {"email": email, "org_role": "SUPER_ADMIN"}).refused(403, "OWNER_ONLY")
    got = c.post("O/saml/provision", [{"email": email, "organization_role": "SUPER_ADMIN"}])
    if got.status == 200:
        assert got.json["response"]["users"] == []
    else:
        got.refused(403)
    c.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["service"]}).refused(403, "OWNER_ONLY")
    service = org.issue("service")
    c.post("O/tokens/%s/rotate" % service["id"], {}).refused(403, "OWNER_ONLY")
    for scope in ("org:delete", "org_owner:update"):
        c.post("O/rbac/roles", {"name": unique("r"), "scopes": [scope], "role_type": "organization"}).refused((400,
            403))
    c.delete("O").refused(403)
    c.post("O/owner", {"user_id": admin.id}).refused(403)
    c.put("O/rbac/users/" + fellow.id, {"org_role": "GUEST"}).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    c.delete("O/rbac/users/" + fellow.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    c.post("O/saml/users/%s/access_token/reset" % fellow.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    # What a Super Admin can give is what a Super Admin holds: the widest role of one's own reach is no way up either.
    wide = org.role(cat.SUPER_ADMIN - cat.AREAS["legacy"], by=c)
    token = org.client(org.issue("custom", by=c, role_id=wide)["value"])
    assert token.scopes() <= cat.SUPER_ADMIN
    token.put("O/rbac/users/" + low.id, {"org_role": "SUPER_ADMIN"}).refused(403)
    token.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["service"]}).refused(403)
    token.delete("O/rbac/users/" + fellow.id).refused((403, 409))
    assert fellow.client.scopes() == cat.SUPER_ADMIN and low.client.scopes() == cat.GUEST


def test_ceiling_owner_only_is_never_for_an_integration_token(org):
    """Goal: even an integration token that the owner issued cannot do what is the owner's alone."""
    wide = org.role(cat.SUPER_ADMIN - cat.AREAS["legacy"])
    token = org.client(org.issue("custom", role_id=wide)["value"])
    low = org.user("GUEST")
    admin = org.user("SUPER_ADMIN")
    token.put("O/rbac/users/" + low.id, {"org_role": "SUPER_ADMIN"}).refused(403)
    token.put("O/rbac/users/" + admin.id, {"org_role": "GUEST"}).refused((403, 409))
    token.post("O/rbac/users", {"email": unique("u") + "@example.com", "org_role": "SUPER_ADMIN",
        "password": PASSWORD}).refused(403)
    token.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["service"]}).refused(403)
    token.post("O/owner", {"user_id": admin.id}).refused(403)
    token.delete("O").refused(403)
    assert admin.client.scopes() == cat.SUPER_ADMIN


def test_ceiling_of_a_limited_token(org):
    """Goal: a token limited to teams gives nothing beyond them, and nothing org-wide."""
    a, b = org.team(), org.team()
    role = org.role({"tokens:create", "tokens:list", "tokens:update", "apps:create", "apps:list", "project:create",
        "project:read"} | cat.KINDS["ci"])
    limited = org.client(org.issue("custom", role_id=role, teams=[a])["value"])
    assert limited.scopes() <= cat.EVERYONE | cat.BY_TEAM
    for body in ({}, {"teams": [b]}, {"teams": [a, b]}):
        limited.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["ci"], **body}).refused((403, 404))
    service = org.issue("service", teams=[a], valid_for_seconds=3600)
    c = org.client(service["value"])
    for body in ({}, {"teams": [b]}, {"teams": [a, b]}):
        answer = c.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["ci"], "valid_for_seconds": 60, **body})
        answer.refused((403, 404))
    made = org.issue("ci", by=c, teams=[a], valid_for_seconds=60)
    assert made["limited"] is True and made["teams"] == [a]
    c.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["ci"], "teams": [a],
        "valid_for_seconds": 7200}).refused((400, 403))
    left_out = c.post("O/tokens", {"label": "x", "role_id": TOKEN_ROLES["ci"], "teams": [a]})
    if left_out.status == 200:
        assert left_out.json["response"]["expires_at"] <= service["expires_at"], "no later than the service token itself"
    else:
        left_out.refused((400, 403))


def test_ceiling_follows_the_giver_down(org):
    """Goal: the ceiling is what the caller holds at that moment: a demoted admin gives nothing on the next request,
    and an
    invitation that they sent no longer opens."""
    admin = org.user("SUPER_ADMIN")
    email = unique("late") + "@example.com"
    invited = admin.client.post("O/rbac/invitations", {"email": email, "org_role": "POWER_USER"}).ok()
    secret = invited["url"].split("#", 1)[1].split("=")[-1]
    org.owner.put("O/rbac/users/" + admin.id, {"org_role": "GUEST"}).ok()
    admin.client.post("O/tokens", {"label": "x", "role_id": JIRA}).refused(403, "INSUFFICIENT_SCOPE", "tokens:create")
    accept = {"token": secret, "name": "Late", "password": PASSWORD}
    org.anonymous().post(API + "/invitations/accept", accept).refused(410, "GONE")
    assert email not in org.owner.get("O/rbac/users").text


def test_org_roles_are_what_the_catalogue_says(org):
    """Goal: what each org role holds through the API is exactly what CATALOGUE.md lists; the owner holds everything."""
    assert org.owner.scopes() == cat.OWNER
    for role in ORG_ROLES:
        user = org.user(role)
        expected = cat.ORG_ROLES[role]
        if role == "TEAM_DEFINED":
            expected = expected & (cat.EVERYONE | cat.BY_TEAM)
        assert user.client.scopes() == expected, role
