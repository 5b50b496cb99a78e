# SPDX-License-Identifier: Apache-2.0
"""A browser's side of a session: its cookie, and what a page of ours sends with a change. And an authenticator app."""

import base64
import hashlib
import hmac
import struct
import time

from client import API, PASSWORD, Client

COOKIE = "__Host-jeton"
SESSION = API + "/session"
STEP_S = 30


def cookie_of(answer):
    """(name, value, attributes in lower case) of the one Set-Cookie of an answer; (None, None, None) if there is none."""
    lines = answer.headers.get_all("Set-Cookie") or []
    assert len(lines) <= 1, lines
    if not lines:
        return None, None, None
    name, rest = lines[0].split("=", 1)
    value, *attributes = rest.split(";")
    return name, value, sorted(a.strip().lower() for a in attributes)


def sign_in(org, email, password=PASSWORD, headers=None, **more):
    """POST session; returns the answer."""
    return org.anonymous().ask("POST", SESSION, {"org": org.id, "email": email, "password": password, **more}, headers=headers)


class Session(Client):
    """A client that comes with the cookie of a session, and sends what a page of the dashboard does."""

    def __init__(self, org, email, password=PASSWORD, headers=None, **more):
        super().__init__(org.server.base, None, org.id)
        answer = sign_in(org, email, password, headers, **more)
        self.facts = answer.ok()
        self.id = self.facts["session"]["id"]
        self.csrf = self.facts["csrf"]
        self.secret = cookie_of(answer)[1]

    def ask(self, method, path, body=None, headers=None, raw=None):
        head = {"Cookie": "%s=%s" % (COOKIE, self.secret), "Sec-Fetch-Site": "same-origin"}
        if method not in ("GET", "HEAD"):
            head["Jeton-CSRF"] = self.csrf
        head.update(headers or {})
        return super().ask(method, path, body, {k: v for k, v in head.items() if v is not None}, raw)

    def is_there(self):
        return self.get(SESSION).status == 200


class Authenticator:
    """An app as RFC 6238 describes it, written without a look at the server's."""

    def __init__(self, secret):
        self.key = base64.b32decode(secret)

    def code(self, step):
        mac = hmac.new(self.key, struct.pack(">Q", step), hashlib.sha1).digest()
        at = mac[-1] & 15
        return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)

    def now(self, steps=0, clock_s=0):
        return self.code(int(time.time() + clock_s) // STEP_S + steps)


def set_up_factor(session, clock_s=0):
    """Goes all the way with a session that has just confirmed its password; returns (app, recovery codes)."""
    begun = session.post(API + "/user/second_factor").ok()
    app = Authenticator(begun["secret"])
    codes = session.put(API + "/user/second_factor", {"otp": app.now(clock_s=clock_s)}).ok()["recovery_codes"]
    return app, codes
