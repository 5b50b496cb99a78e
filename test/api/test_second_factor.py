# SPDX-License-Identifier: Apache-2.0
"""The second factor: set up, asked for, lost, demanded by the org."""

import time

import pytest

from client import API, PASSWORD
from serving import Server, run_jeton
from signed_in import SESSION, STEP_S, Authenticator, Session, set_up_factor, sign_in

FACTOR = API + "/user/second_factor"
CODES = FACTOR + "/recovery_codes"


def next_code(app, used):
    """A code that was not used yet: of the present step, or of the next, which is taken too."""
    step = int(time.time()) // STEP_S
    chosen = next(s for s in (step, step + 1) if s > used[-1])
    used.append(chosen)
    return app.code(chosen)


@pytest.fixture
def enrolled(org):
    """(user, session, app, recovery codes, steps whose code was used)"""
    user = org.user("SUPER_ADMIN")
    session = Session(org, user.email)
    used = [int(time.time()) // STEP_S]
    begun = session.post(FACTOR).ok()
    app = Authenticator(begun["secret"])
    codes = session.put(FACTOR, {"otp": app.code(used[-1])}).ok()["recovery_codes"]
    return user, session, app, codes, used


def test_a_second_factor_from_set_up_to_recovery_code(org, enrolled):
    """Goal: once set up a password alone no longer suffices; a code does, once; a recovery code does, once."""
    user, session, app, codes, used = enrolled
    assert len(set(codes)) == 10
    assert session.get(SESSION).ok()["second_factor"] == {"enrolled": True, "required": False, "recovery_codes_left": 10}
    sign_in(org, user.email).refused(401, "OTP_REQUIRED")
    sign_in(org, user.email, otp="000000" if app.now() != "000000" else "111111").refused(401, "BAD_CREDENTIALS")
    code = next_code(app, used)
    Session(org, user.email, otp=code)
    sign_in(org, user.email, otp=code).refused(401, "BAD_CREDENTIALS")
    lost = Session(org, user.email, otp=codes[3].upper().replace("-", " "))
    assert lost.facts["second_factor"]["recovery_codes_left"] == 9
    sign_in(org, user.email, otp=codes[3]).refused(401, "BAD_CREDENTIALS")
    fresh = lost.post(CODES).ok()["recovery_codes"]
    sign_in(org, user.email, otp=codes[4]).refused(401, "BAD_CREDENTIALS")
    Session(org, user.email, otp=fresh[0])


def test_a_wrong_password_never_says_that_there_is_a_second_factor(org, enrolled):
    """Goal: whoever does not know the password learns nothing of the second factor, with a code or without."""
    user, *_ = enrolled
    plain = org.user("MEMBER")
    wrong = [sign_in(org, who.email, PASSWORD + "x", **more).refused(401, "BAD_CREDENTIALS").blank()
        for who in (user, plain) for more in ({}, {"otp": "123456"})]
    assert all(w == wrong[0] for w in wrong)


def test_every_proof_by_password_asks_for_it(org, enrolled):
    """Goal: revealing and resetting by e-mail and password, and confirming in a session, need the code as well."""
    user, session, app, codes, used = enrolled
    org.reveal(user.email).refused(401, "OTP_REQUIRED")
    assert org.reveal(user.email, otp=codes[0]).ok()["value"] == user.token
    session.post(SESSION + "/confirm", {"password": PASSWORD}).refused(401, "OTP_REQUIRED")
    session.post(SESSION + "/confirm", {"password": PASSWORD, "otp": codes[0]}).refused(401, "BAD_CREDENTIALS")
    session.post(SESSION + "/confirm", {"password": PASSWORD, "otp": codes[1]}).ok()
    new = {"password": PASSWORD, "new_password": "another long passphrase"}
    session.put(API + "/user/password", new).refused(401, "OTP_REQUIRED")
    session.put(API + "/user/password", {**new, "otp": codes[2]}).ok()


def test_a_code_where_none_is_asked_for_is_refused(org):
    """Goal: whoever sends a code believes that it is checked: so it is never ignored."""
    user = org.user("MEMBER")
    answer = sign_in(org, user.email, otp="123456").refused(400)
    assert answer.json["validation_errors"][0].startswith("otp: ")


def test_a_set_up_needs_a_code_of_the_new_secret(org):
    """Goal: nothing is in force before the app has shown that it has the secret; a second set-up replaces the one that waits, and
    the one in force only with its first code."""
    user = org.user("MEMBER")
    session = Session(org, user.email)
    session.put(FACTOR, {"otp": "123456"}).refused(409, "CONFLICT")
    session.post(CODES).refused(409, "CONFLICT")
    session.delete(FACTOR).refused(409, "CONFLICT")
    begun = session.post(FACTOR).ok()
    assert begun["url"].startswith("otpauth://totp/Jeton:%s?secret=%s&" % (user.email.replace("@", "%40"), begun["secret"]))
    sign_in(org, user.email).ok()
    abandoned = Authenticator(begun["secret"])
    app = Authenticator(session.post(FACTOR).ok()["secret"])
    session.put(FACTOR, {"otp": abandoned.now()}).refused(401, "BAD_CREDENTIALS")
    session.put(FACTOR, {"otp": app.now()}).ok()
    replaced = Authenticator(session.post(FACTOR).ok()["secret"])
    Session(org, user.email, otp=app.now(1))
    codes = session.put(FACTOR, {"otp": replaced.now()}).ok()["recovery_codes"]
    sign_in(org, user.email, otp=app.now(1)).refused(401, "BAD_CREDENTIALS")
    Session(org, user.email, otp=replaced.now(1))
    session.delete(FACTOR).ok()
    sign_in(org, user.email).ok()
    sign_in(org, user.email, otp=codes[0]).refused(400)


def test_the_clock_of_an_app_may_be_one_step_off(org):
    """Goal: the codes of the step before and after are taken, those of two steps away are not (RFC 6238, section 5.2)."""
    for steps, taken in ((-1, True), (1, True), (-3, False), (3, False)):  # 3: the step may end while the test asks
        session = Session(org, org.user("MEMBER").email)
        app = Authenticator(session.post(FACTOR).ok()["secret"])
        got = session.put(FACTOR, {"otp": app.now(steps)})
        if taken and got.status == 401:  # the step has just ended
            got = session.put(FACTOR, {"otp": app.now(steps)})
        assert (got.status == 200) == taken, steps


def test_an_org_may_require_it(org):
    """Goal: from then on a session without one may set one up and nothing else; nor is a token revealed by password alone; a
    bearer token goes on; and nobody may be rid of it."""
    user = org.user("SUPER_ADMIN")
    session = Session(org, user.email)
    assert org.owner.patch("O", {"require_second_factor": True}).ok()["require_second_factor"] is True
    assert org.owner.get("O").ok()["require_second_factor"] is True
    session.get("O/tokens").refused(403, "SECOND_FACTOR_REQUIRED")
    session.get(API + "/user").refused(403, "SECOND_FACTOR_REQUIRED")
    session.post(API + "/user/token/reveal").refused(403, "SECOND_FACTOR_REQUIRED")
    org.reveal(user.email).refused(403, "SECOND_FACTOR_REQUIRED")
    user.client.get("O/tokens").ok()
    fresh = Session(org, user.email)
    assert fresh.facts["restricted"] is True and fresh.facts["second_factor"]["required"] is True
    app, codes = set_up_factor(fresh)
    assert fresh.get(SESSION).ok()["restricted"] is False
    fresh.get("O/tokens").ok()
    assert org.reveal(user.email, otp=codes[0]).ok()["value"] == user.token
    fresh.delete(FACTOR).refused(409, "CONFLICT")
    org.owner.patch("O", {"require_second_factor": False}).ok()
    fresh.delete(FACTOR).ok()


def test_guesses_are_limited(server_factory):
    """Goal: ten wrong codes, whoever knows the password or not, and the account must wait; a right one is refused as well until
    then, and it is told how long."""
    org = server_factory().demo()
    session = Session(org, org.owner_email)
    app, codes = set_up_factor(session)
    wrong = next(c for c in ("000000", "111111", "222222", "333333") if c not in [app.now(s) for s in range(-2, 4)])
    for _ in range(10):
        sign_in(org, org.owner_email, otp=wrong).refused(401, "BAD_CREDENTIALS")
    answer = sign_in(org, org.owner_email, otp=codes[0]).refused(429, "TOO_MANY_REQUESTS")
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    for _ in range(10):
        session.post(SESSION + "/confirm", {"password": PASSWORD, "otp": wrong}).refused(401, "BAD_CREDENTIALS")
    session.post(SESSION + "/confirm", {"password": PASSWORD, "otp": codes[0]}).refused(429)
    assert session.is_there()


def test_a_link_never_takes_it_away(org, enrolled):
    """Goal: whoever holds a reset link sets a password, and still does not get in without a code."""
    user, _, _, codes, _ = enrolled
    url = org.owner.post("O/rbac/users/%s/link" % user.id).ok()["url"]
    org.anonymous().post(API + "/invitations/accept",
        {"token": url.split("#token=")[1], "name": "X", "password": "a password of the link"}).ok()
    sign_in(org, user.email, "a password of the link").refused(401, "OTP_REQUIRED")
    Session(org, user.email, "a password of the link", otp=codes[0])


def test_the_operator_takes_it_away_and_another_key_keeps_it(server_factory):
    """Goal: `jeton recover --drop-second-factor` is the way back in for who lost it all; `jeton key rotate` seals it anew."""
    server = server_factory()
    org = server.demo()
    app, codes = set_up_factor(Session(org, org.owner_email))
    server.stop()
    run_jeton("key", "rotate", "--data", server.data)
    server.start()
    org = server.demo()
    Session(org, org.owner_email, otp=app.now(1))
    run_jeton("recover", "--data", server.data, "--user", org.owner_email, "--drop-second-factor")
    sign_in(org, org.owner_email).ok()
    sign_in(org, org.owner_email, otp=codes[0]).refused(400)
