# SPDX-License-Identifier: Apache-2.0
"""What somebody tries against a session: requests forged by another page, sessions planted, cookies doubled, accounts found out."""

import os
import statistics
import time
import uuid

import pytest

import openapi_check as check
import serving
from client import API, CI, PASSWORD, Client, unique
from signed_in import COOKIE, SESSION, Session, cookie_of, set_up_factor, sign_in
from test_isolation import body_for, fill, furnish

CHANGES = [pytest.param(method, template, id=op["operationId"]) for method, template, op in check.operations()
    if template.startswith(API) and method != "GET" and op.get("security") != [] and op["operationId"] != "sign_in"]
FORGED = [
    {"Jeton-CSRF": None},
    {"Jeton-CSRF": ""},
    {"Jeton-CSRF": "A" * 43},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": None, "Origin": "null"},
]


@pytest.fixture(scope="module")
def furnished(pool):
    org = pool.take()
    return org, furnish(org), Session(org, org.owner_email)


@pytest.mark.parametrize("method, template", CHANGES)
def test_no_change_is_made_by_a_forged_request(furnished, method, template):
    """Goal: a change that comes with the cookie and not from a page of ours is refused before anything else about it is said:
    without the token, with a wrong one, from another site, from a subdomain, from a page without an origin."""
    org, ids, session = furnished
    own = session.facts["user"]["id"]
    ids = {**ids, "session": session.id}
    for forged in FORGED:
        answer = session.ask(method, fill(template, ids), body_for(method, template, ids), headers=forged)
        answer.refused(403, "CSRF_REFUSED")
    assert session.is_there() and org.owner.works() and own == org.owner_id


def test_every_change_was_tried():
    """Goal: the test above leaves out no operation that changes something for who is signed in."""
    names = {p.id for p in CHANGES}
    assert len(names) >= 40 and names >= {"sign_out", "create_token", "reset_user_token", "set_owner", "delete_org", "put_apps",
        "change_password", "begin_second_factor"}


def test_the_csrf_token_is_of_its_session_alone(org):
    """Goal: another session's, even of the same user, is worth nothing."""
    one, two = Session(org, org.owner_email), Session(org, org.owner_email)
    one.ask("PATCH", "O", {"name": "Taken"}, headers={"Jeton-CSRF": two.csrf}).refused(403, "CSRF_REFUSED")
    assert one.csrf != two.csrf


def test_nobody_is_signed_in_by_another_site(org):
    """Goal: a page elsewhere cannot sign a visitor in as somebody else (login CSRF): not as a form, not as a script."""
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        answer = sign_in(org, org.owner_email, headers=headers).refused(403, "CSRF_REFUSED")
        assert answer.headers["Set-Cookie"] is None
    form = ("org=%s&email=%s&password=x" % (org.id, org.owner_email)).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        org.anonymous().ask("POST", SESSION, raw=form, headers={"Content-Type": kind}).refused(415)


def test_no_page_of_another_origin_may_read(org):
    """Goal: no answer invites other origins to read it."""
    session = Session(org, org.owner_email)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = session.get(SESSION, headers=headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        session.ask("OPTIONS", SESSION, headers={**headers, "Access-Control-Request-Method": "DELETE"}).refused(405)


def test_a_planted_cookie_is_never_taken_up(org):
    """Goal: no fixation: whatever cookie somebody came with, signing in makes a new one, and the planted one stays worthless."""
    planted = "A" * 43
    answer = sign_in(org, org.owner_email, headers={"Cookie": "%s=%s" % (COOKIE, planted)})
    answer.ok()
    assert cookie_of(answer)[1] != planted
    org.anonymous().get(SESSION, headers={"Cookie": "%s=%s" % (COOKIE, planted)}).refused(401)


def test_a_cookie_beside_ours_changes_nothing(org):
    """Goal: what a sibling domain can set (a cookie without the prefix, or one of our name twice) is ignored or refused."""
    session = Session(org, org.owner_email)
    ours = "%s=%s" % (COOKIE, session.secret)
    session.get(SESSION, headers={"Cookie": "jeton=x; %s; __Host-jeton2=y" % ours}).ok()
    session.get(SESSION, headers={"Cookie": "%s; %s=%s" % (ours, COOKIE, "B" * 43)}).refused(400)
    session.get(SESSION, headers={"Cookie": "jeton=%s" % session.secret}).refused(401)
    session.get(SESSION, headers={"Cookie": "__host-jeton=%s" % session.secret}).refused(401)


WORTHLESS = {"nothing": "", "short": "x", "one less": "A" * 42, "one more": "A" * 44, "unknown": "A" * 43, "escapes": "%00" * 14,
    "quoted": '"' + "A" * 41 + '"', "long": "A" * 4000}


@pytest.mark.parametrize("value", WORTHLESS.values(), ids=WORTHLESS.keys())
def test_what_is_no_session_is_refused(org, value):
    """Goal: any other value of the cookie is 401, whatever it looks like."""
    org.anonymous().get(SESSION, headers={"Cookie": "%s=%s" % (COOKIE, value)}).refused(401, "UNAUTHENTICATED")
    org.anonymous().get("O/tokens", headers={"Cookie": "%s=%s" % (COOKIE, value)}).refused(401, "UNAUTHENTICATED")


def test_two_credentials_are_refused(org):
    """Goal: a bearer token beside the cookie is a mistake or a trick, and refused."""
    session = Session(org, org.owner_email)
    session.get("O/tokens", headers={"Authorization": "Bearer " + org.token}).refused(400, "BAD_REQUEST")


def test_a_token_is_no_session(org):
    """Goal: what is the user's alone is never done with a bearer token, whoever stole it."""
    for method, template, op in check.operations():
        if op.get("security") == [{"session": []}]:
            ids = {"org": org.id, "session": str(uuid.uuid4()), "user": org.owner_id}
            body = body_for(method, template, {**dict.fromkeys(
                ("org", "user", "team", "app", "role", "token", "value", "email", "secret"), "x"), **ids})
            org.owner.ask(method, fill(template, ids), body).refused(403, "SESSION_ONLY")


def test_a_cookie_is_no_token(org):
    """Goal: /verify and introspection let nobody in by the cookie of a session, nor does its value work as a bearer token."""
    session = Session(org, org.owner_email)
    cookie = {"Cookie": "%s=%s" % (COOKIE, session.secret)}
    assert Client(org.server.base).get("/verify?org=" + org.id, headers=cookie).status == 401
    form = {"Content-Type": "application/x-www-form-urlencoded", **cookie}
    assert Client(org.server.base).ask("POST", "/oauth/introspect", raw=b"token=x", headers=form).status == 401
    org.client(session.secret).get("O/my_scopes").refused(401)


def test_a_session_of_another_org_reaches_nothing(org, other_org):
    """Goal: every operation on another org's path is refused as if that org did not exist."""
    ids = {**furnish(org), "session": str(uuid.uuid4())}
    session = Session(other_org, other_org.owner_email)
    for method, template, _ in check.operations():
        if "{org}" in template and template.startswith(API):
            session.ask(method, fill(template, ids), body_for(method, template, ids)).refused(404, "NOT_FOUND")


def test_a_user_agent_is_shown_as_text(org):
    """Goal: bytes that are no text, controls and more than 256 of them are tamed, not stored as they came."""
    session = Session(org, org.owner_email, headers={"User-Agent": b"Agent \xff\xc3\xa9 <script>alert(1)</script>" + b"x" * 600})
    shown = next(s for s in session.get(API + "/sessions").ok() if s["current"])["user_agent"]
    assert shown.startswith("Agent ?\u00e9 <script>alert(1)</script>xxx") and len(shown.encode()) <= 256


# ---- accounts


def test_sign_in_does_not_tell_who_has_an_account(org):
    """Goal: the same answer to a wrong password, an unknown address, an unknown org, a disabled account, one without a password."""
    user, disabled = org.user("MEMBER"), org.user("MEMBER")
    org.owner.patch("O/rbac/users/" + disabled.id, {"disabled": True}).ok()
    bare = unique("bare") + "@example.com"
    org.owner.post("O/rbac/users", {"email": bare, "org_role": "MEMBER"}).ok()
    asked = [({"org": org.id, "email": user.email, "password": PASSWORD + "x"}), {"org": org.id, "email": "x" + user.email,
        "password": PASSWORD}, {"org": str(uuid.uuid4()), "email": user.email, "password": PASSWORD}, {"org": org.id,
        "email": disabled.email, "password": PASSWORD}, {"org": org.id, "email": bare, "password": PASSWORD}]
    answers = [org.anonymous().post(SESSION, body).refused(401, "BAD_CREDENTIALS").blank() for body in asked]
    assert all(a == answers[0] for a in answers)


def test_sign_in_takes_as_long_for_whoever_it_is(server_factory, monkeypatch):
    """Goal: the time tells no more than the words: a password is hashed at the full cost whether or not there is an account. (A
    hash takes a hundred times what the rest does: left out, the medians would differ by that. Half is left to a busy machine.)"""
    plain = dict(serving.environment(), JETON_TEST_CHEAP_HASH="0")
    monkeypatch.setattr(serving, "environment", lambda: plain)
    org = server_factory().demo()
    ask = org.anonymous()

    def took(email):
        start = time.perf_counter()
        ask.post(SESSION, {"org": org.id, "email": email, "password": PASSWORD + "x"}).refused(401)
        return time.perf_counter() - start

    known, unknown = [], []
    for i in range(7):
        known.append(took(org.owner_email))
        unknown.append(took("nobody%d@example.com" % i))
    assert min(known + unknown) > 0.02, "the hash is not at its full cost"
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


def test_guessing_passwords_is_slowed_by_account_and_by_address(server_factory):
    """Goal: ten wrong passwords of an account, then one every 30 seconds, from wherever; sixty of an address; whoever is signed in
    stays so, and other accounts sign in."""
    org = server_factory("--trusted-hops", "1").demo()
    user, other = org.user("MEMBER"), org.user("MEMBER")
    session = Session(org, user.email)

    def guess(email, address):
        return sign_in(org, email, PASSWORD + "x", headers={"X-Forwarded-For": address})

    for n in range(10):
        guess(user.email, "192.0.2.%d" % n).refused(401)
    answer = guess(user.email, "192.0.2.99").refused(429, "TOO_MANY_REQUESTS")
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    sign_in(org, user.email).refused(429)
    assert session.is_there()
    Session(org, other.email)
    for n in range(60):
        guess("nobody%d@example.com" % n, "198.51.100.7").refused(401)
    guess("somebody@example.com", "198.51.100.7").refused(429)
    sign_in(org, other.email, headers={"X-Forwarded-For": "198.51.100.7"}).refused(429)
    Session(org, other.email, headers={"X-Forwarded-For": "198.51.100.8"})


def test_no_secret_of_a_session_is_kept_or_logged(server_factory):
    """Goal: neither the cookie's value nor what goes with it, nor a second factor's secret or a recovery code, is in the database's
    files or in the log in the clear."""
    server = server_factory()
    org = server.demo()
    session = Session(org, org.owner_email)
    begun = session.post(API + "/user/second_factor").ok()["secret"]
    _, codes = set_up_factor(session)
    session.get(SESSION).ok()
    session.post("O/tokens", {"label": "x", "role_id": CI}).ok()
    server.stop()
    secrets = [session.secret, session.csrf, begun, codes[0], codes[0].replace("-", "")]
    for name in os.listdir(server.data):
        path = os.path.join(server.data, name)
        if os.path.isfile(path):
            with open(path, "rb") as f:
                content = f.read()
            assert not [s for s in secrets if s.encode() in content], name
    assert not [s for s in secrets if s in "\n".join(server.lines)]
    server.start()
