# SPDX-License-Identifier: Apache-2.0
"""Users, roles, teams and apps: the rules of RULES.md and the rows of API.md, one test each."""

import concurrent.futures
import datetime
import re
import threading
import uuid

import pytest

import catalogue_copy as cat
from client import API, CI, ORG_ROLES, PASSWORD, RFC3339_Z, unique

NOBODY = "00000000-0000-4000-8000-000000000000"


def address(prefix="u"):
    return unique(prefix) + "@example.com"


def user_row(org, user_id):
    (row,) = [u for u in org.owner.get("O/rbac/users?details=true").ok() if u["id_v2"] == user_id]
    return row


def org_role(org, user_id):
    (entry,) = [m for m in user_row(org, user_id)["team_membership"] if m["team_id"] == ""]
    return entry["role"]


def members(org, team):
    return {m["user_id_v2"]: m["team_role"] for m in org.owner.get("O/rbac/teams/" + team).ok()["members"]}


def secret_of(url):
    """The secret of a link: what follows the # in it (after a name, if it has one)."""
    return url.split("#", 1)[1].split("=")[-1]


# --- The org ---

def test_the_org(org):
    """Goal: the org can be read and renamed; unknown fields and bad names are refused."""
    shown = org.owner.get("O").ok()
    assert shown["id"] == org.id and shown["name"] == org.name and re.fullmatch(r"[a-z0-9-]+", shown["slug"])
    assert org.owner.patch("O", {"name": "Renamed \u00e9"}).ok()["name"] == "Renamed \u00e9"
    for bad in ({"name": ""}, {"name": "a" * 129}, {"name": "a\x00b"}, {"colour": 1}, {"slug": "x"}, {"name": 5}):
        org.owner.patch("O", bad).refused(400)
    assert org.owner.get("O").ok()["name"] == "Renamed \u00e9"
    guest = org.user("GUEST")
    guest.client.get("O").ok()
    guest.client.patch("O", {"name": "x"}).refused(403, "INSUFFICIENT_SCOPE", "org:update")


def test_deleting_the_org_kills_everything_in_it(org):
    """Goal: only the owner deletes the org, and when it is answered every token of it is dead."""
    admin = org.user("SUPER_ADMIN")
    ci = org.issue("ci")
    admin.client.delete("O").refused(403, "INSUFFICIENT_SCOPE", "org:delete")
    assert admin.client.works()
    org.owner.delete("O").ok()
    for value in (org.token, admin.token, ci["value"]):
        org.client(value).get("O/my_scopes").refused(401, "UNAUTHENTICATED")
    org.reveal(admin.email).refused(401)


def test_handing_over_the_org_needs_a_session(org):
    """Goal: POST O/owner is never done with a bearer token, not even the owner's."""
    admin = org.user("SUPER_ADMIN")
    org.owner.post("O/owner", {"user_id": admin.id}).refused(403, "SESSION_ONLY")
    assert org.owner.scopes() == cat.OWNER and admin.client.scopes() == cat.SUPER_ADMIN


# --- Users ---

def test_creating_a_user(org):
    """Goal: with a password the user is ready; without one there is a set-up link, and in no case a token."""
    email = address()
    made = org.owner.post("O/rbac/users", {"email": email, "org_role": "GUEST", "name": "N", "password": PASSWORD}).ok()
    assert set(made) == {"id_v2", "name", "email"}
    linked = org.owner.post("O/rbac/users", {"email": address(), "org_role": ORG_ROLES["GUEST"]}).ok()
    assert set(linked) == {"id_v2", "name", "email", "setup"} and set(linked["setup"]) == {"url", "expires_at"}
    assert RFC3339_Z.match(linked["setup"]["expires_at"])
    left = datetime.datetime.fromisoformat(linked["setup"]["expires_at"].replace("Z", "+00:00")) - \
        datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=71) < left <= datetime.timedelta(hours=72, seconds=5)
    assert len(secret_of(linked["setup"]["url"])) >= 43, "256 bits"
    for email_again in (email, email.upper()):
        org.owner.post("O/rbac/users", {"email": email_again, "org_role": "GUEST", "password": PASSWORD}).refused(409)


@pytest.mark.parametrize("body", [{}, {"email": "a@example.com"}, {"org_role": "MEMBER"},
    {"email": "nowhere", "org_role": "MEMBER"}, {"email": "a@b@c", "org_role": "MEMBER"},
    {"email": "a@example.com", "org_role": 5}, {"email": "a@example.com", "org_role": "TEAM_MEMBERS"},
    {"email": "a@example.com", "org_role": CI}, {"email": "a@example.com", "org_role": NOBODY},
    {"email": "a@example.com", "org_role": "MEMBER", "password": "short"},
    {"email": "a@example.com", "org_role": "MEMBER", "password": "p" * 1025},
    {"email": "a@example.com", "org_role": "MEMBER", "name": "a\nb"}, []])
def test_bodies_that_are_not_a_user(org, body):
    """Goal: missing, malformed or inapplicable: 400, and nobody is made."""
    org.owner.post("O/rbac/users", body).refused(400)
    assert len(org.owner.get("O/rbac/users").ok()) == 1


def test_which_roles_an_org_role_may_be(org):
    """Goal: an org role is one of five or a custom organization role; a team role or a token role is 400."""
    custom, team_role = org.role({"findings:list"}), org.role({"findings:list"}, role_type="team")
    user = org.user("GUEST")
    for bad in (team_role, CI, NOBODY, "CI", ""):
        answer = org.owner.put("O/rbac/users/" + user.id, {"org_role": bad}).refused(400)
        assert answer.json["code"] in ("ROLE_NOT_APPLICABLE", "VALIDATION_FAILED")
    org.owner.put("O/rbac/users/" + user.id, {"org_role": custom}).ok()
    assert user.client.scopes() == {"findings:list"} and org_role(org, user.id) == custom
    for alias, role in ORG_ROLES.items():
        org.owner.put("O/rbac/users/" + user.id, {"org_role": alias}).ok()
        assert org_role(org, user.id) == role
        org.owner.put("O/rbac/users/" + user.id, {"org_role": role}).ok()
        assert org_role(org, user.id) == role


def test_the_list_of_users(org):
    """Goal: exact keys, the org role as the entry without a team, details only on request, and the filters."""
    ada = org.user("MEMBER", email="ada.%s@example.com" % uuid.uuid4().hex[:6], name="Ada Zander")
    bob = org.user("GUEST", email="bob.%s@example.com" % uuid.uuid4().hex[:6], name="Bob Yard")
    team = org.team(name="Blue", members=[(ada, "TEAM_ADMIN")])
    rows = {u["id_v2"]: u for u in org.owner.get("O/rbac/users").ok()}
    assert set(rows) == {org.owner_id, ada.id, bob.id}
    for row in rows.values():
        assert set(row) == {"name", "email", "id_v2", "team_membership"}
        for entry in row["team_membership"]:
            assert set(entry) == {"team_name", "team_id", "role", "role_name", "role_aliases"}
    (in_team,) = [m for m in rows[ada.id]["team_membership"] if m["team_id"]]
    assert (in_team["team_id"], in_team["team_name"]) == (team, "Blue")
    for row in org.owner.get("O/rbac/users?details=true").ok():
        assert {"joined_utc_timestamp", "disabled"} <= set(row)

    def found(query):
        return {u["id_v2"] for u in org.owner.get("O/rbac/users?" + query).ok()}

    assert found("search=zander") == {ada.id} and found("search=BOB.") == {bob.id}
    assert found("search=%25") == set(), "what is searched for is text, not a pattern"
    assert found("email=" + ada.email.upper().replace("@", "%40")) == {ada.id}
    assert found("team=" + team) == {ada.id} and found("team=" + NOBODY) == set()
    names = [u["email"] for u in org.owner.get("O/rbac/users?sort=email").ok()]
    assert names == sorted(names)
    assert [u["email"] for u in org.owner.get("O/rbac/users?sort=email&order=desc").ok()] == names[::-1]
    org.owner.get("O/rbac/users?sort=shoe_size").refused(400)
    bob.client.get("O/rbac/users").refused(403, "INSUFFICIENT_SCOPE", "org_user:list")
    ada.client.get("O/rbac/users").ok()


def test_disabling_and_enabling_a_user(org):
    """Goal: a disabled user's token is refused at once and cannot be revealed; enabled again, the same value works."""
    user = org.user("MEMBER")
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    answer = user.client.get("O/my_scopes").refused(401)
    assert org.server.refusal(answer.request_id) == "user-inactive"
    org.reveal(user.email).refused(401)
    assert user_row(org, user.id)["disabled"] is True
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": False, "name": "Back"}).ok()
    assert user.client.works() and user_row(org, user.id)["name"] == "Back"
    for bad in ({"disabled": "yes"}, {"name": ""}, {"colour": 1}, {"email": "x@example.com"}):
        org.owner.patch("O/rbac/users/" + user.id, bad).refused(400)


def test_deleting_a_user(org):
    """Goal: a deleted user's token is dead, their teams forget them, and the address is free again."""
    user = org.user("MEMBER")
    team = org.team(members=[(user, "TEAM_MEMBER")])
    org.owner.delete("O/rbac/users/" + user.id).ok()
    user.client.get("O/my_scopes").refused(401)
    assert members(org, team) == {}
    org.owner.delete("O/rbac/users/" + user.id).refused(404)
    org.owner.put("O/rbac/users/" + user.id, {"org_role": "GUEST"}).refused(404)
    again = org.user("GUEST", email=user.email)
    assert again.id != user.id and not user.client.works() and again.client.works()


def test_the_owner_cannot_be_touched(org):
    """Goal: nobody deletes, demotes, disables or resets the owner, nor does the owner by accident."""
    admin = org.user("SUPER_ADMIN")
    for client in (admin.client, org.owner):
        client.delete("O/rbac/users/" + org.owner_id).refused(409)
        client.put("O/rbac/users/" + org.owner_id, {"org_role": "GUEST"}).refused(409)
        client.patch("O/rbac/users/" + org.owner_id, {"disabled": True}).refused(409)
    admin.client.post("O/saml/users/%s/access_token/reset" % org.owner_id).refused(409)
    assert org.owner.scopes() == cat.OWNER


def test_super_admins_among_themselves(org):
    """Goal: a Super Admin cannot delete, demote, disable or reset another (409); the owner can."""
    admin, fellow = org.user("SUPER_ADMIN"), org.user("SUPER_ADMIN")
    c = admin.client
    c.delete("O/rbac/users/" + fellow.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    c.put("O/rbac/users/" + fellow.id, {"org_role": "MEMBER"}).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    c.patch("O/rbac/users/" + fellow.id, {"disabled": True}).refused((403, 409))
    c.post("O/saml/users/%s/access_token/reset" % fellow.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    got = c.post("O/saml/access_token/reset", {"user_ids": [fellow.id]})
    assert got.status in (403, 409) or got.json["response"]["reset"] == []
    assert fellow.client.scopes() == cat.SUPER_ADMIN
    org.owner.put("O/rbac/users/" + fellow.id, {"org_role": "MEMBER"}).ok()
    assert fellow.client.scopes() == cat.MEMBER
    c.delete("O/rbac/users/" + fellow.id).ok()
    org.owner.delete("O/rbac/users/" + admin.id).ok()


def test_demoting_oneself_takes_effect_at_once(org):
    """Goal: whoever lowers themselves has lowered themselves: no way back up by the same token."""
    role = org.role(cat.MEMBER | {"teams:update"})
    user = org.user(role)
    answer = user.client.put("O/rbac/users/" + user.id, {"org_role": "MEMBER"})
    answer.ok()
    assert user.client.scopes() == cat.MEMBER
    user.client.put("O/rbac/users/" + user.id, {"org_role": role}).refused(403, "INSUFFICIENT_SCOPE", "teams:update")


def test_get_user(org):
    """Goal: GET /user shows the person behind a personal token, with exactly its keys; anything else is NOT_A_USER."""
    user = org.user("MEMBER", name="Me")
    me = user.client.get(API + "/user").ok()
    assert set(me) == {"idv2", "name", "email", "emailVerified", "membership", "invites",
        "lastLoginUTCTimestampHistory"}
    assert me["membership"] == [{"organization": org.id, "organizationName": org.name}] and me["invites"] == []
    org.client(org.issue("access")["value"]).get(API + "/user").refused(403, "NOT_A_USER")
    org.anonymous().get(API + "/user").refused(401)


# --- Reveal and reset ---

def test_reveal_and_reset(org):
    """Goal: reveal shows the same value each time; reset kills it and shows another; both need the password."""
    user = org.user("MEMBER")
    first = org.reveal(user.email).ok()
    assert first["value"] == user.token == org.reveal(user.email.upper()).ok()["value"]
    slug = org.owner.get("O").ok()["slug"]
    body = {"org": slug, "email": user.email, "password": PASSWORD}
    assert org.anonymous().post(API + "/user/token/reveal", body).ok()["value"] == user.token, "the slug will do"
    new = org.anonymous().post(API + "/user/token/reset", body).ok()
    assert set(new) == {"id", "value"} and new["value"] != user.token
    user.client.get("O/my_scopes").refused(401)
    assert org.client(new["value"]).scopes() == cat.MEMBER
    assert org.reveal(user.email).ok()["value"] == new["value"]
    org.anonymous().post(API + "/user/token/reset", dict(body, password="wrong " + PASSWORD)).refused(401)
    org.anonymous().post(API + "/user/token/reveal", dict(body, colour=1)).refused(400)
    org.anonymous().post(API + "/user/token/reveal", dict(body, otp="000000")).refused(400), "nobody checks it yet"
    assert org.client(new["value"]).works()


def test_reveals_are_audited(org):
    """Goal: who was shown their token again is in the audit log, with the token's id and without its value; a refused
    attempt shows nothing and is no reveal."""
    user = org.user("MEMBER")
    before = reveals(org, user)
    shown = org.reveal(user.email).ok()
    org.reveal(user.email, "wrong " + PASSWORD).refused(401)
    after = reveals(org, user)
    assert len(after) == len(before) + 1 and shown["id"] in after[-1] and ',"ok",' in after[-1], after
    assert shown["value"] not in "".join(after)


def reveals(org, user):
    now = datetime.datetime.now(datetime.timezone.utc)
    text = org.owner.get("O/audit/csv/%d/%d" % (now.year, now.month)).text
    return [line for line in text.splitlines() if "reveal_user_token" in line and user.id in line]


def test_the_org_may_be_left_out_while_there_is_only_one(server_factory):
    """Goal: with one org in the deployment reveal needs no org; with two it does."""
    server = server_factory()
    demo = server.demo()
    body = {"email": demo.owner_email, "password": PASSWORD}
    assert demo.anonymous().post(API + "/user/token/reveal", body).ok()["value"] == demo.token
    second = server.make_org()
    for wrong in (body, dict(body, password="x"), dict(body, email="nobody@example.com")):
        answer = demo.anonymous().post(API + "/user/token/reveal", wrong).refused(400)
        assert [line.split(":")[0] for line in answer.json["validation_errors"]] == ["org"], answer.text
    assert second.reveal(second.owner_email).ok()["value"] == second.token


def test_a_bearer_token_is_no_proof_for_reveal(org):
    """Goal: possession of the token alone neither reveals nor resets it."""
    user = org.user("MEMBER")
    for operation in ("reveal", "reset"):
        user.client.post(API + "/user/token/" + operation, {}).refused((400, 401, 403))
    assert user.client.works()


def test_guessing_passwords_is_slowed_down(server_factory):
    """Goal: wrong passwords for one account end in 429 with Retry-After, before a hundred of them; no token is
    harmed."""
    org = server_factory().make_org()
    user = org.user("MEMBER")
    for n in range(100):
        # The org's id has 2 to the power of some 15 spellings; the limit is the account's.
        spelt = "".join(c.upper() if (n >> i) & 1 else c for i, c in enumerate(org.id))
        answer = org.anonymous().post(API + "/user/token/reveal", {"org": spelt, "email": user.email,
            "password": "wrong horse battery staple"})
        if answer.status == 429:
            break
        answer.refused(401, "BAD_CREDENTIALS")
    assert answer.status == 429 and int(answer.headers["Retry-After"]) >= 1 and 10 <= n < 20
    assert user.client.works()


def test_resets_by_an_admin(org):
    """Goal: an admin resets users' tokens without ever seeing them: 204 for one; for many, who was and was not
    found."""
    one, two = org.user("MEMBER"), org.user("GUEST")
    answer = org.owner.post("O/saml/users/%s/access_token/reset" % one.id)
    assert answer.status == 204 and answer.text == ""
    one.client.get("O/my_scopes").refused(401)
    assert org.client(org.reveal(one.email).ok()["value"]).works()
    got = org.owner.post("O/saml/access_token/reset", {"user_ids": [two.id, NOBODY]}).ok()
    assert got == {"reset": [two.id], "not_found": [NOBODY], "not_saml": []}
    two.client.get("O/my_scopes").refused(401)
    org.owner.post("O/saml/users/%s/access_token/reset" % NOBODY).refused(404)
    org.owner.post("O/saml/access_token/reset", {}).refused(400)
    org.user("MEMBER").client.post("O/saml/access_token/reset", {"user_ids": []}).refused(403, "INSUFFICIENT_SCOPE",
        "org_user:update")


# --- Invitations and links ---

def test_an_invitation_from_end_to_end(org):
    """Goal: invited, listed, accepted with a name and password of one's own; the link works once, and only then a
    user."""
    email = address("inv")
    made = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "MEMBER", "name": "Ivy"}).ok()
    assert set(made) == {"id", "name", "email", "role", "invited_utc_timestamp", "url"}
    assert made["role"] == ORG_ROLES["MEMBER"] and made["url"].startswith(org.server.base)
    (row,) = org.owner.get("O/rbac/invitations").ok()
    assert row == {k: v for k, v in made.items() if k != "url"}
    secret = secret_of(made["url"])
    assert len(secret) >= 43 and secret not in org.server.log
    assert email not in org.owner.get("O/rbac/users").text
    accept = {"token": secret, "name": "Ivy Own", "password": PASSWORD}
    org.anonymous().post(API + "/invitations/accept", dict(accept, password="short")).refused(400)
    assert org.anonymous().post(API + "/invitations/accept", accept).json == {"ok": True}
    token = org.reveal(email).ok()["value"]
    assert org.client(token).scopes() == cat.MEMBER
    assert org.client(token).get(API + "/user").ok()["name"] == "Ivy Own"
    assert org.owner.get("O/rbac/invitations").ok() == []
    org.anonymous().post(API + "/invitations/accept", accept).refused(410, "GONE")


def test_links_that_no_longer_open(org):
    """Goal: a deleted invitation, a replaced one and an invented one are all 410, and look the same."""
    ask = org.anonymous()

    def accept(secret):
        return ask.post(API + "/invitations/accept", {"token": secret, "name": "X", "password": PASSWORD})

    email = address("inv")
    first = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "GUEST"}).ok()
    second = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "GUEST"}).ok()
    assert secret_of(first["url"]) != secret_of(second["url"])
    replaced = accept(secret_of(first["url"])).refused(410, "GONE")
    assert len(org.owner.get("O/rbac/invitations").ok()) == 1
    org.owner.delete("O/rbac/invitations/" + second["id"]).ok()
    org.owner.delete("O/rbac/invitations/" + second["id"]).refused(404)
    deleted = accept(secret_of(second["url"])).refused(410, "GONE")
    invented = accept("A" * len(secret_of(first["url"]))).refused(410, "GONE")
    assert replaced.blank() == deleted.blank() == invented.blank()
    assert email not in org.owner.get("O/rbac/users").text


def test_invitations_are_checked_anew_when_they_are_accepted(org):
    """Goal: the inviter was deleted or demoted meanwhile, or the role went away: the link is 410."""
    for change in ("delete", "demote", "disable"):
        admin = org.user("SUPER_ADMIN")
        made = admin.client.post("O/rbac/invitations", {"email": address("inv"), "org_role": "MEMBER"}).ok()
        if change == "delete":
            org.owner.delete("O/rbac/users/" + admin.id).ok()
        elif change == "demote":
            org.owner.put("O/rbac/users/" + admin.id, {"org_role": "GUEST"}).ok()
        else:
            org.owner.patch("O/rbac/users/" + admin.id, {"disabled": True}).ok()
        org.anonymous().post(API + "/invitations/accept", {"token": secret_of(made["url"]), "name": "X",
            "password": PASSWORD}).refused(410, "GONE")


def test_who_and_what_may_be_invited(org):
    """Goal: the scope is needed, the role must be an org role, and who is there already is 409."""
    user = org.user("MEMBER")
    user.client.post("O/rbac/invitations", {}).refused(403, "INSUFFICIENT_SCOPE", "org_invitations:create")
    user.client.get("O/rbac/invitations").refused(403, "INSUFFICIENT_SCOPE", "org_invitations:list")
    for bad in ({}, {"email": "x"}, {"email": address(), "org_role": CI}, {"email": address(), "org_role": "TEAM_X"},
        {"email": address(), "org_role": "GUEST", "colour": 1}):
        org.owner.post("O/rbac/invitations", bad).refused(400)
    org.owner.post("O/rbac/invitations", {"email": user.email, "org_role": "GUEST"}).refused(409)


def test_a_setup_link_replaces_the_token(org):
    """Goal: whoever held the set-up link could have had the token: the user's own first password replaces it."""
    email = address("setup")
    made = org.owner.post("O/rbac/users", {"email": email, "org_role": "MEMBER"}).ok()
    org.reveal(email).refused(401)
    secret = secret_of(made["setup"]["url"])
    accept = {"token": secret, "name": "Own", "password": PASSWORD}
    org.anonymous().post(API + "/invitations/accept", accept).ok()
    token = org.reveal(email).ok()["value"]
    assert org.client(token).scopes() == cat.MEMBER
    assert org.client(token).get(API + "/user").ok()["idv2"] == made["id_v2"]
    org.anonymous().post(API + "/invitations/accept", accept).refused(410)


# --- Provisioning ---

def test_provisioning(org):
    """Goal: users are made and placed in bulk; what cannot be done is named, and the rest is done."""
    team = org.team()
    good, placed = address("good"), address("placed")
    got = org.owner.post("O/saml/provision", [
        {"email": good, "organization_role": "MEMBER", "name": "Good"},
        {"email": placed, "organization_role": ORG_ROLES["TEAM_DEFINED"],
            "team_membership": [{"team_id": team, "role": "TEAM_MEMBER"}]},
        {"email": "not an address", "organization_role": "MEMBER"},
        {"email": address("bad"), "organization_role": "NO_SUCH_ROLE"}]).ok()
    assert set(got) == {"users", "rejected_emails", "rejected_org_roles", "rejected_team_roles"}
    assert [u["email"] for u in got["users"]] == [good, placed]
    assert set(got["users"][0]) == {"idv2", "name", "email", "emailVerified", "membership", "invites",
        "lastLoginUTCTimestampHistory"}
    assert "not an address" in got["rejected_emails"] and "NO_SUCH_ROLE" in got["rejected_org_roles"]
    assert list(members(org, team)) == [got["users"][1]["idv2"]]
    again = org.owner.post("O/saml/provision", [{"email": good.upper(), "organization_role": "GUEST"}]).ok()
    assert again["users"][0]["idv2"] == got["users"][0]["idv2"], "who is there already is updated, not made twice"
    assert org_role(org, got["users"][0]["idv2"]) == ORG_ROLES["GUEST"]
    for bad in ({}, [], [{}], [5], [{"email": good}]):
        org.owner.post("O/saml/provision", bad).refused(400)


# --- Roles ---

def test_custom_roles(org):
    """Goal: make, list, change and delete; `resource:*` is written out; `*:*` and what is not known are refused."""
    answer = org.owner.post("O/rbac/roles", {"name": "Readers", "scopes": ["findings:*", "org:read"],
        "role_type": "organization", "description": "d"})
    assert answer.status == 201
    role = answer.json["response"]["id"]
    (row,) = [r for r in org.owner.get("O/rbac/roles").ok() if r["id"] == role]
    every = {s for s in cat.ALL if s.startswith("findings:")}
    assert set(row["scopes"]) == every | {"org:read"}
    assert row["organization_id"] == org.id and row["name"] == "Readers" and row["description"] == "d"
    assert row["resource_type"] == "organization" and row["role_type"] == "organization"
    for scopes in (["*:*"], ["*"], ["nothing:read"], ["findings:fly"], ["findings"], [5], "findings:list",
        ["nothing:*"]):
        org.owner.post("O/rbac/roles", {"name": unique("r"), "scopes": scopes,
            "role_type": "organization"}).refused(400)
    org.owner.post("O/rbac/roles", {"name": unique("r"), "scopes": [], "role_type": "world"}).refused(400)
    org.owner.post("O/rbac/roles", {"name": "a" * 129, "scopes": [], "role_type": "team"}).refused(400)
    again = org.owner.post("O/rbac/roles", {"name": "Readers", "scopes": ["org:read"], "role_type": "organization"})
    again.refused(409, "CUSTOM_ROLE_CREATION_CONFLICT")
    assert again.json["status"] == 409
    org.owner.put("O/rbac/roles/" + role, {"scopes": ["org:read"]}).ok()
    (row,) = [r for r in org.owner.get("O/rbac/roles").ok() if r["id"] == role]
    assert row["scopes"] == ["org:read"] and row["name"] == "Readers" and row["description"] == "d", "absent is unchanged"
    org.owner.put("O/rbac/roles/" + role, {"scopes": ["org:read"], "name": "Renamed", "description": ""}).ok()
    org.owner.put("O/rbac/roles/" + role, {"name": "x"}).refused(400)
    org.owner.delete("O/rbac/roles/" + role).ok()
    missing = org.owner.delete("O/rbac/roles/" + role).refused(404)
    assert missing.json["status"] == 404
    assert org.owner.put("O/rbac/roles/" + NOBODY, {"scopes": []}).refused(404).json["status"] == 404


def test_an_org_has_a_thousand_custom_roles(org):
    """Goal: the thousandth custom role is made, one more is refused with a reason; when one goes there is room again."""
    made = [org.role({"findings:list"}) for _ in range(1000)]
    more = {"name": unique("role"), "scopes": ["findings:list"], "role_type": "team"}
    answer = org.owner.post("O/rbac/roles", more).refused(409, "CUSTOM_ROLE_CREATION_CONFLICT")
    assert "1000" in answer.json["message"]
    org.owner.delete("O/rbac/roles/" + made[0]).ok()
    org.owner.post("O/rbac/roles", more).ok()


def test_a_role_copied_from_elsewhere_is_accepted(org):
    """Goal: every legacy scope may be in a custom role, `auth_provider:*` too, and is shown as it was written."""
    role = org.owner.post("O/rbac/roles", {"name": unique("copied"), "scopes": sorted(cat.AREAS["legacy"]),
        "role_type": "organization"}).json["response"]["id"]
    (row,) = [r for r in org.owner.get("O/rbac/roles").ok() if r["id"] == role]
    assert row["scopes"] == sorted(cat.AREAS["legacy"]) and "auth_provider:*" in row["scopes"]


def test_managed_roles_are_ours(org):
    """Goal: the five org roles are listed as managed, with exact sets, and can be neither changed nor deleted."""
    rows = {r["id"]: r for r in org.owner.get("O/rbac/roles").ok()}
    assert set(ORG_ROLES.values()) <= set(rows)
    for alias, role in ORG_ROLES.items():
        row = rows[role]
        assert row["role_type"] == "qwiet" and row["resource_type"] == "organization" and alias in row["id_aliases"]
        assert "organization_id" not in row
        assert set(row["scopes"]) == cat.ORG_ROLES[alias], alias
        org.owner.put("O/rbac/roles/" + role, {"scopes": []}).refused(404)
        org.owner.delete("O/rbac/roles/" + role).refused(404)
    assert set(rows[ORG_ROLES["POWER_USER"]]["id_aliases"]) == {"POWER_USER", "TEAM_ADMIN", "TEAM_MANAGER"}


def test_scopes_for_custom_roles(org):
    """Goal: the scopes that a custom role may have are listed, and each of them is accepted in one."""
    scopes = org.owner.get("O/rbac/scopes").ok()
    assert len(scopes) == len(set(scopes)) and set(scopes) <= cat.ALL
    assert "findings:list" in scopes and "team:read" in scopes
    org.role(scopes)
    org.user("MEMBER").client.get("O/rbac/scopes").refused(403, "INSUFFICIENT_SCOPE", "scopes:list")


def test_a_role_in_use_is_not_deleted(org):
    """Goal: deleting a role that users, members, tokens or invitations carry is 409 with the counts; freed, it goes."""
    held, in_team, carried = org.role({"findings:list"}), org.role({"findings:list"},
        "team"), org.role({"findings:list"})
    user = org.user(held)
    team = org.team(members=[(user, in_team)])
    token = org.issue("custom", role_id=carried)
    for role in (held, in_team, carried):
        answer = org.owner.delete("O/rbac/roles/" + role).refused(409, "ROLE_IN_USE")
        assert "1" in answer.json["message"], "with counts: " + answer.json["message"]
    org.owner.put("O/rbac/users/" + user.id, {"org_role": "GUEST"}).ok()
    org.owner.put("O/rbac/teams/%s/membership" % team, {"version": org.version(team),
        "remove_team_membership": [user.id]}).ok()
    org.owner.delete("O/tokens/" + token["id"]).ok()
    for role in (held, in_team, carried):
        org.owner.delete("O/rbac/roles/" + role).ok()


def test_a_change_of_a_role_reaches_its_users_at_once(org):
    """Goal: a custom role is widened and narrowed, and its users' next requests see it."""
    role = org.role({"findings:list"})
    user = org.user(role)
    for scopes in ({"findings:list", "apps:create"}, {"findings:read"}, set(), {"org:read"}):
        org.owner.put("O/rbac/roles/" + role, {"scopes": sorted(scopes)}).ok()
        assert user.client.scopes() == scopes


# --- Teams ---

def test_making_and_listing_teams(org):
    """Goal: exact keys, names once per org, members and apps from the start."""
    user = org.user("MEMBER")
    app = org.app()
    team = org.team(name="Blue", apps=[app], members=[(user, "TEAM_MANAGER")])
    shown = org.owner.get("O/rbac/teams/" + team).ok()
    assert set(shown) == {"team_id", "team_name", "version", "applications", "members", "groups"}
    assert shown["applications"] == [app] and shown["groups"] == [] and [m["user_id_v2"] for m in shown["members"]] == [user.id]
    (row,) = org.owner.get("O/rbac/teams").ok()
    assert set(row) == {"team_id", "team_name", "team_version", "projects", "members"}
    assert row["projects"] == [app] and row["team_version"] == shown["version"]
    (row,) = org.owner.get("O/rbac/teams?no_members=true").ok()
    assert set(row) == {"team_id", "team_name", "team_version", "projects"}
    assert [t["team_id"] for t in org.owner.get("O/rbac/teams?name=Blue").ok()] == [team]
    assert [t["team_id"] for t in org.owner.get("O/rbac/teams?teamName=Blue").ok()] == [team]
    assert org.owner.get("O/rbac/teams?name=Red").ok() == []
    org.owner.post("O/rbac/teams", {"name": "Blue"}).refused(409)
    for bad in ({}, {"name": ""}, {"name": "a" * 129}, {"name": "a\tb"}, {"name": 5}, {"name": "x", "members": "all"},
        {"name": "x", "members": [{"user_id_v2": user.id}]}, {"name": "x", "applications": ["not/an/app"]},
        {"name": "x", "members": [{"user_id_v2": user.id, "team_role": "SUPER_ADMIN"}]}):
        org.owner.post("O/rbac/teams", bad).refused(400)
    org.owner.post("O/rbac/teams", {"name": "x", "members": [{"user_id_v2": NOBODY,
        "team_role": "TEAM_GUEST"}]}).refused(404)
    other = org.owner.post("O/rbac/teams", {"name": unique("t"), "team_membership": [
        {"user_id_v2": user.id, "team_role": "TEAM_GUEST"}]}).ok()["team_id"]
    assert list(members(org, other)) == [user.id], "team_membership is another name for members"


def test_versions_of_a_team(org):
    """Goal: each change counts the version up; a stale one is 409 and changes nothing; required but on the first
    PUT."""
    team = org.team()
    v = org.version(team)
    got = org.owner.put("O/rbac/teams/%s/metadata" % team, {"version": v, "change_name": "Red"}).ok()
    assert got["team_name"] == "Red" and got["version"] > v
    for path, body in (("", {"add_team_membership": []}), ("/metadata", {"change_name": "Stale"}),
        ("/membership", {"add_team_membership": []}), ("/apps", {"add_applications": []})):
        org.owner.put("O/rbac/teams/" + team + path, {"version": v, **body}).refused(409, "STALE_VERSION")
    org.owner.delete("O/rbac/teams/" + team, {"version": v}).refused(409, "STALE_VERSION")
    for path in ("/metadata", "/membership", "/apps"):
        org.owner.put("O/rbac/teams/" + team + path, {}).refused(400)
    org.owner.delete("O/rbac/teams/" + team).refused(400)
    org.owner.delete("O/rbac/teams/" + team, {}).refused(400)
    app = org.app()
    assert org.owner.put("O/rbac/teams/" + team, {"add_applications": [app]}).ok()["applications"] == [app]
    assert org.owner.get("O/rbac/teams/" + team).ok()["team_name"] == "Red"
    org.owner.delete("O/rbac/teams/" + team, {"version": org.version(team)}).ok()
    org.owner.get("O/rbac/teams/" + team).refused(404)
    assert org.app_team(app) is None, "the app stays"


def test_racing_changes_of_a_team(org):
    """Goal: of eight changes that name the same version exactly one is done."""
    team = org.team()
    v = org.version(team)

    def rename(n):
        return org.client(org.token).put("O/rbac/teams/%s/metadata" % team, {"version": v,
            "change_name": "n%d" % n}).status

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(rename, range(8))) == [200] + [409] * 7


def test_team_membership(org):
    """Goal: members come, change their role and go; all or nothing when one of them is not there."""
    ada, bob = org.user("GUEST"), org.user("GUEST")
    team = org.team()
    path = "O/rbac/teams/%s/membership" % team

    def change(status=200, **body):
        answer = org.owner.put(path, {"version": org.version(team), **body})
        return answer.ok() if status == 200 else answer.refused(status)

    for role, scopes in cat.IN_TEAM.items():
        change(add_team_membership=[{"user_id_v2": ada.id, "team_role": role}])
        held = ada.client.scopes("O/rbac/teams/%s/my_scopes" % team)
        skip = cat.ORG_LEVEL_PREFIXES
        assert {s for s in held if not s.startswith(skip)} == {s for s in scopes if not s.startswith(skip)}, role
        assert ada.client.scopes() == cat.GUEST, "a team role is held in the team"
    change(add_team_membership=[{"user_id_v2": bob.id, "team_role": ORG_ROLES["MEMBER"]}])
    assert set(members(org, team)) == {ada.id, bob.id}
    before = org.owner.get("O/rbac/teams/" + team).ok()
    change(404, add_team_membership=[{"user_id_v2": NOBODY, "team_role": "TEAM_GUEST"}],
        remove_team_membership=[ada.id])
    change(400, add_team_membership=[{"user_id_v2": ada.id, "team_role": "TEAM_DEFINED"}])
    change(400, add_team_membership=[{"user_id_v2": ada.id, "team_role": CI}])
    assert org.owner.get("O/rbac/teams/" + team).ok() == before
    change(remove_team_membership=[ada.id])
    assert set(members(org, team)) == {bob.id}
    assert ada.client.scopes("O/rbac/teams/%s/my_scopes" % team) == cat.GUEST
    assert [m["team_id"] for m in user_row(org, ada.id)["team_membership"]] == [""]


def test_a_team_admin_runs_the_team_and_no_other(org):
    """Goal: TEAM_ADMIN changes members, apps and name of that team, and nothing of another; org-level work stays
    403."""
    lead, low = org.user("GUEST"), org.user("GUEST")
    mine, other = org.team(members=[(lead, "TEAM_ADMIN")]), org.team()
    c = lead.client
    entry = [{"user_id_v2": low.id, "team_role": "TEAM_MEMBER"}]
    c.put("O/rbac/teams/%s/membership" % mine, {"version": org.version(mine), "add_team_membership": entry}).ok()
    c.put("O/rbac/teams/%s/metadata" % mine, {"version": org.version(mine), "change_name": unique("t")}).ok()
    new = unique("app")
    c.put("O/apps", [{"id": new, "team_id": mine}]).ok()
    assert org.app_team(new) == mine
    for path, body in (("/membership", {"add_team_membership": entry}), ("/metadata", {"change_name": "no"}),
        ("/apps", {"add_applications": []}), ("", {})):
        c.put("O/rbac/teams/" + other + path, {"version": org.version(other), **body}).refused((403, 404))
    strong = [{"user_id_v2": low.id, "team_role": org.role({"scans:create", "policies:write", "webhook:write"},
        "team")}]
    c.put("O/rbac/teams/%s/membership" % mine, {"version": org.version(mine), "add_team_membership": strong}).refused(
        403, "CANNOT_EXCEED_SELF", "webhook:write")
    c.post("O/rbac/teams", {"name": "x"}).refused(403, "INSUFFICIENT_SCOPE", "teams:create")
    c.delete("O/rbac/teams/" + mine, {"version": org.version(mine)}).refused(403, "INSUFFICIENT_SCOPE", "teams:delete")
    c.get("O/tokens").refused(403, "INSUFFICIENT_SCOPE", "tokens:list")


def test_org_level_scopes_have_no_effect_in_a_team(org):
    """Goal: tokens:*, roles:* and org_* held through a team role open nothing."""
    role = org.role({"tokens:create", "tokens:list", "roles:list", "roles:create", "org_user:list", "findings:list"},
        "team")
    user = org.user("TEAM_DEFINED")
    team = org.team(members=[(user, role)])
    held = user.client.scopes("O/rbac/teams/%s/my_scopes" % team)
    assert "findings:list" in held
    for path, scope in (("O/tokens", "tokens:list"), ("O/rbac/users", "org_user:list")):
        user.client.get(path).refused(403, "INSUFFICIENT_SCOPE", scope)
    user.client.post("O/tokens", {"label": "x", "role_id": CI, "teams": [team]}).refused(403, "INSUFFICIENT_SCOPE",
        "tokens:create")
    user.client.post("O/rbac/roles", {"name": "x", "scopes": [], "role_type": "team"}).refused(403,
        "INSUFFICIENT_SCOPE",
        "roles:create")


def test_moving_apps_between_teams(org):
    """Goal: an app of another team comes only with force_app_inclusion and with team_apps:update on both teams."""
    lead = org.user("GUEST")
    a, b = org.team(members=[(lead, "TEAM_ADMIN")]), org.team()
    of_b, free = org.app(team=b), org.app()

    def add(client, app, **more):
        return client.put("O/rbac/teams/%s/apps" % a, {"version": org.version(a), "add_applications": [app], **more})

    add(org.owner, of_b).refused(409)
    assert org.app_team(of_b) == b
    add(lead.client, of_b, force_app_inclusion=True).refused((403, 404))
    assert org.app_team(of_b) == b
    add(org.owner, of_b, force_app_inclusion=True).ok()
    assert org.app_team(of_b) == a and org.owner.get("O/rbac/teams/" + b).ok()["applications"] == []
    add(org.owner, free).ok()
    assert org.app_team(free) == a
    add(org.owner, unique("nothing")).refused(404)
    org.owner.put("O/rbac/teams/%s/apps" % a, {"version": org.version(a), "remove_applications": [free]}).ok()
    assert org.app_team(free) is None


def test_apps_leave_a_team_by_who_may_change_its_apps(org):
    """Goal: teams:update alone renames a team; its apps need team_apps:update, whichever operation names them."""
    editor = org.user(org.role(cat.MEMBER | {"teams:update", "teams:read"}))
    team = org.team()
    app = org.app(team=team)
    editor.client.put("O/rbac/teams/" + team, {"version": org.version(team), "remove_applications": [app]}).refused(403,
        "INSUFFICIENT_SCOPE", "team_apps:update")
    assert org.app_team(app) == team
    editor.client.put("O/rbac/teams/%s/metadata" % team, {"version": org.version(team), "change_name": unique("t")}).ok()


def test_an_app_of_no_team_is_taken_by_who_may_at_org_level_too(org):
    """Goal: an app that is in no team comes into one only by who holds team_apps:update at org level and on the team, by any
    operation that adds apps: who leads a team does not help themselves to what the org has."""
    lead = org.user("MEMBER")
    mine = org.team(members=[(lead, "TEAM_ADMIN")])
    maker = org.user(org.role(cat.MEMBER | {"teams:create"}))
    free = org.app()
    assert "team_apps:update" in lead.client.scopes("O/rbac/teams/%s/my_scopes" % mine)
    for path in ("", "/apps"):
        body = {"version": org.version(mine), "add_applications": [free]}
        for force in (False, True):
            lead.client.put("O/rbac/teams/" + mine + path, {**body, "force_app_inclusion": force}).refused(403,
                "INSUFFICIENT_SCOPE", "team_apps:update")
    maker.client.post("O/rbac/teams", {"name": unique("t"), "applications": [free]}).refused(403, "INSUFFICIENT_SCOPE",
        "team_apps:update")
    assert org.app_team(free) is None
    org.owner.post("O/rbac/teams", {"name": unique("t"), "applications": [free]}).ok()
    assert org.app_team(free) is not None


# --- Apps ---

def test_a_list_is_of_one_moment(org):
    """Goal: an app that leaves a team by the same change by which a user comes to it is never listed to that user, however the
    two are looked up; what is theirs all the time always is."""
    user = org.user("TEAM_DEFINED")
    home, team = org.team(members=[(user, "TEAM_ADMIN")]), org.team()
    mine, app = org.app(team=home), org.app(team=team)
    ended = threading.Event()

    def read():
        lists, client = set(), org.client(user.token)
        while not ended.is_set():
            lists.add(tuple(a["id"] for a in client.get("O/apps").ok()))
        return lists

    with concurrent.futures.ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(read) for _ in range(2)]
        try:
            for turn in range(200):
                body = ({"add_applications": [app], "remove_team_membership": [user.id]} if turn % 2 else
                    {"remove_applications": [app], "add_team_membership": [{"user_id_v2": user.id, "team_role": "TEAM_MEMBER"}]})
                org.owner.put("O/rbac/teams/" + team, body).ok()
        finally:
            ended.set()
        assert [r.result() for r in reading] == [{(mine,)}] * 2


def test_put_apps(org):
    """Goal: PUT makes and updates; what it cannot do is in rejected_ids and rejected_team_ids, and the rest is done."""
    a, b = org.team(), org.team()
    of_b = org.app(team=b)
    one, two, three = unique("app"), unique("app"), unique("app")
    got = org.owner.put("O/apps", [{"id": one, "name": "One", "team_id": a, "base_branch": "main"}, {"id": two},
        {"id": of_b, "team_id": a}, {"id": three, "team_id": NOBODY}]).ok()
    assert set(got) == {"apps", "rejected_ids", "rejected_team_ids"}
    assert got["apps"] == [{"id": one, "name": "One", "team_id": a, "base_branch": "main"}, {"id": two}] or \
        [x["id"] for x in got["apps"]] == [one, two]
    assert got["rejected_ids"] == [of_b] and got["rejected_team_ids"] == [NOBODY]
    assert org.app_team(of_b) == b and org.app_team(two) is None
    org.owner.get("O/apps/" + three).refused(404)
    shown = org.owner.get("O/apps/" + one).ok()
    assert set(shown) == {"id", "name", "team_id", "tags", "labels", "can_delete"}
    assert shown["name"] == "One" and shown["tags"] == [] and shown["labels"] == [] and shown["can_delete"] is True
    assert org.owner.put("O/apps", [{"id": two, "team_id": a}]).ok()["rejected_ids"] == []
    assert org.app_team(two) == a, "from no team into one, by who holds apps:create on both"
    for bad in ({}, [{}], [5], [{"id": ""}], [{"id": "-x"}], [{"id": "a/b"}], [{"id": "a" * 129}], [{"id": "x",
        "team_id": 5}],
        [{"id": "x", "team_id": "nope"}], [{"id": "x", "name": "a\nb"}]):
        org.owner.put("O/apps", bad).refused(400)


def test_changing_an_app_needs_project_update(org):
    """Goal: a CI token makes apps but does not rename one that exists; with project:update it is done."""
    ci = org.client(org.issue("ci")["value"])
    app = unique("app")
    ci.put("O/apps", [{"id": app, "name": "First"}]).ok()
    before = org.owner.get("O/apps/" + app).ok()
    answer = ci.put("O/apps", [{"id": app, "name": "Second"}])
    if answer.status == 200:
        assert answer.json["response"]["rejected_ids"] == [app]
    else:
        answer.refused(403, None, "project:update")
    assert org.owner.get("O/apps/" + app).ok() == before
    org.owner.put("O/apps", [{"id": app, "name": "Second"}]).ok()
    assert org.owner.get("O/apps/" + app).ok()["name"] == "Second"


def test_rejected_ids_tell_nothing_about_what_cannot_be_seen(org):
    """Goal: an app of another team is answered the same to who may see it and to who may not; and is left alone."""
    a, b = org.team(), org.team()
    of_b = org.app(team=b)
    limited = org.client(org.issue("ci", teams=[a])["value"])
    wide = org.client(org.issue("ci")["value"])
    first, second = (c.put("O/apps", [{"id": of_b, "team_id": a}]) for c in (limited, wide))
    assert first.json == second.json == {"ok": True,
        "response": {"apps": [], "rejected_ids": [of_b], "rejected_team_ids": []}}
    assert org.app_team(of_b) == b


def test_deleting_apps(org):
    """Goal: project:delete on the app; what is not there 404; who lacks the scope 403 and sees can_delete false."""
    app = org.app()
    member = org.user("MEMBER")
    assert member.client.get("O/apps/" + app).ok()["can_delete"] is False
    member.client.delete("O/apps/" + app).refused(403, "INSUFFICIENT_SCOPE", "project:delete")
    org.owner.delete("O/apps/" + app).ok()
    org.owner.delete("O/apps/" + app).refused(404)
    org.owner.get("O/apps/" + app).refused(404)


def test_a_caller_without_the_lists_scope_gets_403_for_every_id(org):
    """Goal: who cannot read a collection cannot find out what is in it: 403 for what exists and for what does not."""
    guest = org.user("GUEST")
    token = org.issue("ci")
    for method, path, real in (("GET", "O/tokens/%s", token["id"]), ("DELETE", "O/tokens/%s", token["id"]),
        ("PUT", "O/rbac/users/%s", org.owner_id), ("DELETE", "O/rbac/users/%s", org.owner_id)):
        answers = [guest.client.ask(method, path % i, {} if method == "PUT" else None).refused(403,
            "INSUFFICIENT_SCOPE").blank()
            for i in (real, str(uuid.uuid4()))]
        assert answers[0] == answers[1], path


# --- Audit ---

def test_the_audit_trail(org):
    """Goal: every mutation and refusal shows in the CSV of the day and month, with the cells that a spreadsheet would
    run
    quoted; leading zeros or not; only with the scope."""
    team = org.owner.post("O/rbac/teams", {"name": "=cmd|' /C calc'!A0"}).ok()["team_id"]
    token = org.issue("ci", label="@SUM(1+1)")
    org.owner.delete("O/tokens/" + token["id"]).ok()
    guest = org.user("GUEST")
    guest.client.get("O/tokens").refused(403)
    now = datetime.datetime.now(datetime.timezone.utc)
    month = org.owner.get("O/audit/csv/%d/%d" % (now.year, now.month))
    assert month.status == 200 and month.headers["Content-Type"].startswith("application/csv")
    assert team in month.text and token["id"] in month.text and guest.id in month.text
    assert re.search(r'(^|,)"?[=@+-][^0-9]', month.text, re.M) is None, month.text
    padded = org.owner.get("O/audit/csv/%d/%02d/%02d" % (now.year, now.month, now.day))
    plain = org.owner.get("O/audit/csv/%d/%d/%d" % (now.year, now.month, now.day))
    assert team in padded.text and padded.text == plain.text
    for bad in ("2026/13", "2026/0", "x/1", "2026/2/30", "2026/1/0", "26/1"):
        org.owner.get("O/audit/csv/" + bad).refused((400, 404))
    guest.client.get("O/audit/csv/2026/1").refused(403, "INSUFFICIENT_SCOPE", "org_audit_trail:read")
