# SPDX-License-Identifier: Apache-2.0
"""Signing in to the dashboard: what a session may do, what it must show, and how it ends."""

import csv
import datetime
import io

import pytest

from client import API, PASSWORD, Client, eventually, unique
from serving import Server
from signed_in import COOKIE, SESSION, Session, cookie_of, sign_in
from wall_clock import Clock

SESSIONS = API + "/sessions"
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def timed(tmp_path, monkeypatch):
    """(org, clock): an org on a server whose wall clock the test sets."""
    clock = Clock(str(tmp_path), "server")
    one = Server()
    try:
        with monkeypatch.context() as m:
            for name, value in clock.environment.items():
                m.setenv(name, value)
            one.start()
        yield one.demo(), clock
        one.stop()
    finally:
        if one.process is not None:
            one.process.kill()
            one.process.wait()
        one.remove()


def test_who_signs_in_has_a_cookie_that_nothing_else_can_read_or_set(org):
    """Goal: the cookie is bound to this host by its name, hidden from scripts, never sent in the clear or with a request from
    elsewhere, and 256 bits that differ each time."""
    user = org.user("MEMBER")
    values = set()
    for _ in range(3):
        name, value, attributes = cookie_of(sign_in(org, user.email))
        assert name == COOKIE
        assert attributes == sorted(["path=/", "max-age=%d" % (7 * DAY), "httponly", "secure", "samesite=strict"])
        assert len(value) == 43
        values.add(value)
    assert len(values) == 3


def test_a_session_is_told_who_it_is(org):
    """Goal: one request tells a page all that it begins with, and what it tells of scopes is what the user's token holds."""
    user = org.user("POWER_USER", name="Paula Power")
    got = Session(org, user.email).get(SESSION).ok()
    assert got["user"] == {"id": user.id, "name": "Paula Power", "email": user.email, "owner": False, "role_name": "Power User",
        "role_id": "09e9fc1f-8190-4b09-b2bf-a1beabd62c2a"}
    assert got["org"]["id"] == org.id and got["org"]["name"] == org.name
    assert set(got["scopes"]) == user.client.scopes()
    assert got["second_factor"] == {"enrolled": False, "required": False} and got["restricted"] is False
    assert Session(org, org.owner_email).facts["user"]["owner"] is True


def test_a_custom_role_is_named(org):
    """Goal: a role that the org made is told by the name that the org gave it."""
    role = org.role({"findings:list"}, name="Reader of findings")
    user = org.user(role)
    assert Session(org, user.email).facts["user"]["role_name"] == "Reader of findings"


@pytest.mark.parametrize("role", ["GUEST", "MEMBER", "POWER_USER", "SUPER_ADMIN"])
def test_a_session_may_what_its_users_token_may(org, role):
    """Goal: the same reads are allowed and refused, with the same answers."""
    user = org.user(role)
    session = Session(org, user.email)
    for path in ("O/my_scopes", "O/tokens", "O/roles", "O/rbac/users", "O/rbac/teams", "O/rbac/roles", "O/apps", API + "/user"):
        by_token, by_session = user.client.get(path), session.get(path)
        assert (by_session.status, by_session.json.get("code")) == (by_token.status, by_token.json.get("code")), path
        if path not in ("O/rbac/users", API + "/user"):  # these tell of the last sign-in
            assert by_session.json == by_token.json, path


def test_a_session_follows_its_user_at_once(org):
    """Goal: demoted, disabled and deleted users lose by session what they lose by token, with the next request."""
    user = org.user("SUPER_ADMIN")
    session = Session(org, user.email)
    session.get("O/tokens").ok()
    org.owner.put("O/rbac/users/" + user.id, {"org_role": "GUEST"}).ok()
    session.get("O/tokens").refused(403, "INSUFFICIENT_SCOPE", "tokens:list")
    assert "tokens:list" not in session.get(SESSION).ok()["scopes"]
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    session.get(SESSION).refused(401, "UNAUTHENTICATED")
    sign_in(org, user.email).refused(401, "BAD_CREDENTIALS")
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": False}).ok()
    session.get(SESSION).refused(401)  # it does not come back
    again = Session(org, user.email)
    org.owner.delete("O/rbac/users/" + user.id).ok()
    again.get(SESSION).refused(401, "UNAUTHENTICATED")


def test_a_session_does_not_depend_on_the_personal_token(org):
    """Goal: a reset or revoked personal token ends no session, and a session is no use of the token."""
    user = org.user("MEMBER")
    session = Session(org, user.email)
    revoked = Client(org.server.base).ask("POST", "/oauth/revoke", raw=b"token=" + user.token.encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert revoked.status == 200 and not user.client.works()
    session.get("O/my_scopes").ok()
    fresh = session.post(API + "/user/token/reset").ok()["value"]
    assert org.client(fresh).works() and session.is_there()


def test_what_a_session_does_is_in_the_audit_log_under_its_id(org):
    """Goal: sign-in, what was done, and sign-out each have a row with the user and the session."""
    user = org.user("SUPER_ADMIN")
    session = Session(org, user.email)
    token = session.post("O/tokens", {"label": "by session", "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35"}).ok()
    assert token["created_by"] == user.id
    session.delete(SESSION).ok()
    rows = [r for r in audit_rows(org) if r["user_id"] == user.id and r["actor"] in ("session", "password")]
    assert [(r["actor"], r["operation"]) for r in rows][-3:] == [("password", "sign_in"), ("session", "create_token"),
        ("session", "end_session")]
    assert {r["token_id"] for r in rows if r["actor"] == "session"} == {session.id}


def audit_rows(org):
    now = datetime.datetime.now(datetime.timezone.utc)
    text = org.owner.get("O/audit/csv/%d/%d" % (now.year, now.month)).text
    return list(csv.DictReader(io.StringIO(text)))


# ---- the end of a session


def test_signing_out_ends_the_session_for_good(org):
    """Goal: the cookie is removed, and its value is worth nothing from then on, whoever kept it."""
    session = Session(org, org.owner_email)
    name, value, attributes = cookie_of(session.delete(SESSION))
    assert (name, value) == (COOKIE, "") and "max-age=0" in attributes
    session.get(SESSION).refused(401, "UNAUTHENTICATED")
    session.delete(SESSION).refused(401, "UNAUTHENTICATED")


def test_sessions_are_listed_and_ended_one_by_one_or_together(org):
    """Goal: a user sees from where they are signed in, and ends any of it; nobody else's is touched."""
    user, other = org.user("MEMBER"), org.user("MEMBER")
    theirs = Session(org, other.email)
    first = Session(org, user.email, headers={"User-Agent": "First/1"})
    second = Session(org, user.email, headers={"User-Agent": "Second/2"})
    third = Session(org, user.email, headers={"User-Agent": "Third/3"})
    listed = second.get(SESSIONS).ok()
    assert [(s["user_agent"], s["current"]) for s in listed] == [("Third/3", False), ("Second/2", True), ("First/1", False)]
    assert all(s["address"] == "127.0.0.1" for s in listed)
    second.delete(SESSIONS + "/" + theirs.id).refused(404)
    second.delete(SESSIONS + "/" + first.id).ok()
    first.get(SESSION).refused(401)
    assert second.delete(SESSIONS + "?others=true").ok() == {"ended": 1}
    third.get(SESSION).refused(401)
    assert second.is_there() and theirs.is_there()
    fourth = Session(org, user.email)
    assert fourth.delete(SESSIONS).ok() == {"ended": 2}
    assert not second.is_there() and not fourth.is_there() and theirs.is_there()


def test_of_fifty_one_sessions_the_oldest_ends(org):
    """Goal: the limit of sessions of one user, at its edge."""
    user = org.user("MEMBER")
    made = [Session(org, user.email) for _ in range(50)]
    assert made[0].is_there()
    made.append(Session(org, user.email))
    assert not made[0].is_there() and made[1].is_there() and len(made[-1].get(SESSIONS).ok()) == 50


def last_seen(session):
    return next(s["last_seen_at"] for s in session.get(SESSIONS).ok() if s["current"])


def test_a_session_ends_when_it_was_left_alone(timed):
    """Goal: twelve hours without a request, at its edge; a request a little before keeps it for twelve more."""
    org, clock = timed
    used, idle = Session(org, org.owner_email), Session(org, org.owner_email)
    before = last_seen(used)
    clock.set(12 * HOUR - MINUTE)
    eventually(lambda: last_seen(used) > before, "that it was seen is written")
    clock.set(12 * HOUR + MINUTE)
    assert used.is_there()
    idle.get(SESSION).refused(401, "UNAUTHENTICATED")
    clock.set(24 * HOUR + MINUTE)
    used.get(SESSION).refused(401, "UNAUTHENTICATED")


def test_a_session_ends_after_a_week(timed):
    """Goal: seven days whatever is done in it, at its edge."""
    org, clock = timed
    session = Session(org, org.owner_email)
    for at in [*range(11 * HOUR, 7 * DAY, 11 * HOUR), 7 * DAY - MINUTE]:
        before = last_seen(session)
        clock.set(at)
        assert session.is_there()
        eventually(lambda: last_seen(session) > before, "that it was seen is written")
    clock.set(7 * DAY + 1)
    session.get(SESSION).refused(401, "UNAUTHENTICATED")


# ---- the password again


def test_what_shows_or_destroys_a_secret_needs_a_fresh_password(timed):
    """Goal: five minutes after the password was given none of these is done by a session, each is after it was given again, and
    a token is never asked."""
    org, clock = timed
    session = Session(org, org.owner_email)
    user = org.user("MEMBER")
    token = org.issue("ci")["id"]

    def attempts():
        yield session.post(API + "/user/token/reveal")
        yield session.post("O/tokens", {"label": "x", "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35"})
        yield session.post("O/tokens/%s/rotate" % token, {})
        yield session.post("O/rbac/users/%s/link" % user.id)
        yield session.post("O/saml/users/%s/access_token/reset" % user.id)
        yield session.post("O/saml/access_token/reset", {"user_ids": [user.id]})
        yield session.post(API + "/user/second_factor")
        yield session.delete("O/tokens/" + token)
        yield session.delete("O/rbac/users/" + user.id)

    assert "confirmed_until_at" in session.facts["session"]
    clock.set(290)
    session.post(API + "/user/token/reveal").ok()
    clock.set(301)
    assert "confirmed_until_at" not in session.get(SESSION).ok()["session"]
    for answer in attempts():
        answer.refused(403, "CONFIRM_PASSWORD")
    session.post(API + "/user/token/reset").refused(403, "CONFIRM_PASSWORD")
    session.post("O/owner", {"user_id": user.id}).refused(403, "CONFIRM_PASSWORD")
    session.delete("O").refused(403, "CONFIRM_PASSWORD")
    assert org.owner.works() and user.client.works()
    org.owner.post("O/tokens/%s/rotate" % token, {}).ok()
    session.post(SESSION + "/confirm", {"password": PASSWORD + "x"}).refused(401, "BAD_CREDENTIALS")
    session.post(API + "/user/token/reveal").refused(403, "CONFIRM_PASSWORD")
    until = session.post(SESSION + "/confirm", {"password": PASSWORD}).ok()["confirmed_until_at"]
    assert session.get(SESSION).ok()["session"]["confirmed_until_at"] == until
    for answer in attempts():
        answer.ok()


def test_a_session_reveals_and_resets_the_personal_token(org):
    """Goal: the same value as by password, without any in the body; after a reset the old one is refused at once."""
    user = org.user("MEMBER")
    session = Session(org, user.email)
    assert session.post(API + "/user/token/reveal").ok()["value"] == user.token
    fresh = session.post(API + "/user/token/reset", {}).ok()["value"]
    user.client.get("O/my_scopes").refused(401)
    assert org.client(fresh).works()
    both = {"org": org.id, "email": user.email, "password": PASSWORD}
    session.post(API + "/user/token/reveal", both).refused(400, "BAD_REQUEST")


def test_a_password_is_changed_by_who_knows_it(org):
    """Goal: the old one is asked for, all other sessions end, and the token that somebody else could have had is replaced the
    first time and never again."""
    user = org.user("MEMBER")  # whoever made them knows their first password
    here, there = Session(org, user.email), Session(org, user.email)
    path, new = API + "/user/password", "another long passphrase"
    here.put(path, {"password": PASSWORD + "x", "new_password": new}).refused(401, "BAD_CREDENTIALS")
    here.put(path, {"password": PASSWORD, "new_password": "short"}).refused(400)
    assert here.put(path, {"password": PASSWORD, "new_password": new}).ok() == {"token_replaced": True}
    assert here.is_there() and not there.is_there() and not user.client.works()
    sign_in(org, user.email).refused(401, "BAD_CREDENTIALS")
    again = Session(org, user.email, new)
    assert again.put(path, {"password": new, "new_password": PASSWORD}).ok() == {"token_replaced": False}
    assert not here.is_there()


# ---- links


def spend(org, url, **body):
    return org.anonymous().post(API + "/invitations/accept",
        {"token": url.split("#token=")[1], "name": "Own Name", "password": "my own passphrase", **body})


def test_an_admin_makes_a_link_with_which_a_user_sets_a_password(org):
    """Goal: a set-up link until the user has a password of their own, a reset link after; it works once, ends every session, and
    is made by who holds all that the user holds."""
    admin, user = org.user("SUPER_ADMIN"), org.user("MEMBER")
    session = Session(org, user.email)
    made = Session(org, admin.email).post("O/rbac/users/%s/link" % user.id).ok()
    assert made["purpose"] == "setup" and "/setup#token=" in made["url"]
    spend(org, made["url"]).ok()
    spend(org, made["url"]).refused(410)
    assert not session.is_there() and not user.client.works()
    made = admin.client.post("O/rbac/users/%s/link" % user.id).ok()
    assert made["purpose"] == "reset" and "/reset#token=" in made["url"]
    newer = admin.client.post("O/rbac/users/%s/link" % user.id).ok()
    spend(org, made["url"]).refused(410)
    spend(org, newer["url"], password="yet another passphrase").ok()
    Session(org, user.email, "yet another passphrase")
    peer = org.user("SUPER_ADMIN")
    admin.client.post("O/rbac/users/%s/link" % peer.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    admin.client.post("O/rbac/users/%s/link" % org.owner_id).refused(409, "OWNER_PROTECTED")
    user.client.post("O/rbac/users/%s/link" % peer.id).refused(401)
    org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    admin.client.post("O/rbac/users/%s/link" % user.id).refused(409, "CONFLICT")


def test_who_invites_from_a_session_must_still_be_able_to(org):
    """Goal: an invitation made by session works, also after a reset of the inviter's token, and no more once they could not
    invite any longer."""
    admin = org.user("SUPER_ADMIN")
    session = Session(org, admin.email)
    first = session.post("O/rbac/invitations", {"email": unique("a") + "@example.com", "org_role": "MEMBER"}).ok()
    second = session.post("O/rbac/invitations", {"email": unique("b") + "@example.com", "org_role": "MEMBER"}).ok()
    session.post(API + "/user/token/reset").ok()
    spend(org, first["url"]).ok()
    org.owner.put("O/rbac/users/" + admin.id, {"org_role": "MEMBER"}).ok()
    spend(org, second["url"]).refused(410)


def test_the_owner_hands_the_org_over_from_a_session(org):
    """Goal: by the owner's session to a Super Admin, never by a token, never by anybody else."""
    heir, member = org.user("SUPER_ADMIN"), org.user("MEMBER")
    org.owner.post("O/owner", {"user_id": heir.id}).refused(403, "SESSION_ONLY")
    Session(org, heir.email).post("O/owner", {"user_id": heir.id}).refused(403, "OWNER_ONLY")
    session = Session(org, org.owner_email)
    session.post("O/owner", {"user_id": member.id}).refused(409, "CONFLICT")
    session.post("O/owner", {"user_id": heir.id}).ok()
    assert session.get(SESSION).ok()["user"]["owner"] is False
    assert Session(org, heir.email).facts["user"]["owner"] is True
    session.post("O/owner", {"user_id": org.owner_id}).refused(403, "OWNER_ONLY")
