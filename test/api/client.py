# SPDX-License-Identifier: Apache-2.0
"""A client that asserts the manners of the API (API.md) on every answer, and orgs and users made through it."""

import http.client
import json
import os
import re
import threading
import time
import urllib.parse
import uuid
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
if os.path.exists(os.path.join(HERE, "openapi_check.py")):
    import openapi_check
else:
    openapi_check = None

API = "/api/v4"
PASSWORD = "correct horse battery staple"
DEADLINE_S = 20.0

CI = "66ad5168-41be-4b6c-9ac5-a30b02229c35"
ACCESS = "1d0a3f52-6a5e-4f8e-b2d4-7c9d1e6b9f03"
JIRA = "5b588f3a-7fe0-444d-afbb-c0d5ee04139b"
GITHUB = "4c2b6c0e-2f5b-4f0e-9a51-0d6a3a7d51c4"
SERVICE = "8f4c3f7a-9a57-4a42-8f0b-4a2f1f5d8e21"
TOKEN_ROLES = {"ci": CI, "access": ACCESS, "jira": JIRA, "github": GITHUB, "service": SERVICE}

ORG_ROLES = {
    "SUPER_ADMIN": "6fc50b34-6705-11eb-b610-435a3f7b9ad3",
    "POWER_USER": "09e9fc1f-8190-4b09-b2bf-a1beabd62c2a",
    "MEMBER": "e7ca42af-8dd5-4928-8eb9-28d5e41b5564",
    "GUEST": "6d5fbe08-0512-46e0-b5d2-45902ee6c0ba",
    "TEAM_DEFINED": "033d8bd8-849f-4665-9dd8-72787c0b2494",
}

ERROR_KEYS = {"ok", "code", "message"}
RFC3339_Z = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
PACE = threading.Event()


def eventually(attempt, what, seconds=DEADLINE_S):
    """Calls `attempt` until it returns something true, and returns that; fails with `what` at the deadline."""
    end = time.monotonic() + seconds
    while True:
        got = attempt()
        if got:
            return got
        assert time.monotonic() < end, "not within %g s: %s" % (seconds, what)
        PACE.wait(0.02)


def is_roles_collection(path):
    return re.fullmatch(API + r"/orgs/[^/]+/rbac/roles", path) is not None


def is_one_role(path):
    return re.fullmatch(API + r"/orgs/[^/]+/rbac/roles/[^/]+", path) is not None


def success_status(method, path):
    if method == "POST" and is_roles_collection(path):
        return 201
    if method == "POST" and re.fullmatch(API + r"/orgs/[^/]+/saml/users/[^/]+/access_token/reset", path):
        return 204
    return 200


def check_values(value, where):
    """Nothing is null; `*_at` and `*_utc_timestamp*` have the form that API.md names."""
    assert value is not None, "null at %s" % where
    if isinstance(value, dict):
        for key, item in value.items():
            at = "%s.%s" % (where, key)
            if key.endswith("_at"):
                assert isinstance(item, str) and RFC3339_Z.match(item), "%s is not RFC 3339 UTC: %r" % (at, item)
            elif "_utc_timestamp" in key:
                for stamp in item if isinstance(item, list) else [item]:
                    assert isinstance(stamp, int) and stamp > 10**18, "%s is not in nanoseconds: %r" % (at, stamp)
            check_values(item, at)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            check_values(item, "%s[%d]" % (where, n))


def check_error(method, path, answer):
    body = answer.json
    assert isinstance(body, dict), "an error is not a JSON object: %r" % answer.text
    keys = set(ERROR_KEYS)
    if answer.status == 400:
        keys.add("validation_errors")
    if (answer.status == 409 and method == "POST" and is_roles_collection(path)) or (
        answer.status == 404 and is_one_role(path) and "status" in body
    ):
        keys.add("status")
        assert body["status"] == answer.status and isinstance(body["status"], int), body
    assert set(body) == keys, "%s %s: keys of an error of %d: %r" % (method, path, answer.status, sorted(body))
    assert body["ok"] is False
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", body["code"]), body
    assert isinstance(body["message"], str) and body["message"], body
    for line in body.get("validation_errors", []):
        assert isinstance(line, str) and ": " in line, "validation error without a field: %r" % line


def check_manners(method, path, answer):
    """What holds for every answer of the API, whatever was asked."""
    where = "%s %s -> %d %s" % (method, path, answer.status, answer.text[:500])
    assert answer.request_id, "no X-Request-Id: " + where
    assert len(answer.headers.get_all("X-Request-Id")) == 1, where
    if answer.status in (401, 403):
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge and challenge.startswith("Bearer"), "no WWW-Authenticate: " + where
    if answer.status == 405:
        assert answer.headers["Allow"], where
    if answer.status in (429, 503):
        assert re.fullmatch(r"[0-9]+", answer.headers["Retry-After"] or ""), where
    if not path.startswith("/api/"):
        return
    assert answer.status < 500 or answer.status in (503, 507), where
    if answer.status == 204:
        assert answer.text == "" and success_status(method, path) == 204 and answer.headers["X-Jeton-Seq"], where
        return
    if answer.status < 400:
        assert answer.status == success_status(method, path), where
        reads = method in ("GET", "HEAD") or path.endswith("/explain")
        assert reads == (answer.headers["X-Jeton-Seq"] is None), where
    kind = (answer.headers["Content-Type"] or "").split(";")[0].strip()
    if kind == "application/csv":
        assert answer.status == 200 and "/audit/csv/" in path, where
        return
    assert kind == "application/json", where
    if answer.status >= 400:
        check_error(method, path, answer)
        if answer.json["code"] == "INSUFFICIENT_SCOPE":
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"], where
            named = re.search(r'scope="([^"]+)"', answer.headers["WWW-Authenticate"])
            assert named and named.group(1) in answer.json["message"], where
        return
    body = answer.json
    assert body.get("ok") is True, where
    assert set(body) <= {"ok", "response", "next_page"}, "keys of a success: " + where
    check_values(body, "$")


class Answer:
    """One answer: status, headers (names in any case), text, json (None if it is none)."""

    def __init__(self, status, headers, raw):
        self.status = status
        self.headers = headers
        self.raw = raw
        self.text = raw.decode("utf-8", "replace")
        self.json = None
        if "json" in (headers["Content-Type"] or "") and raw:
            self.json = json.loads(raw.decode("utf-8"))
        self.request_id = headers["X-Request-Id"]

    def __repr__(self):
        return "<%d %s>" % (self.status, self.text[:300])

    def ok(self):
        """Asserts success and returns `response` (None if there is nothing to say)."""
        assert self.status < 300, "refused: %r" % self
        return self.json.get("response") if self.json else None

    def refused(self, status, code=None, scope=None):
        """Asserts a refusal with this status (one or a tuple), code and named scope."""
        wanted = status if isinstance(status, tuple) else (status,)
        assert self.status in wanted, "wanted %s, got %r" % (status, self)
        if code is not None:
            assert self.json["code"] == code, "wanted %s, got %r" % (code, self)
        if scope is not None:
            assert scope in self.json["message"], "does not name %s: %r" % (scope, self)
            if self.json["code"] == "INSUFFICIENT_SCOPE":
                assert 'scope="%s"' % scope in self.headers["WWW-Authenticate"]
        return self

    def blank(self):
        """What may be compared between two answers: everything but the request id, the date and the change's number."""
        skip = {"x-request-id", "date", "x-jeton-seq", "x-jeton-as-of"}
        return (self.status, sorted((k.lower(), v) for k, v in self.headers.items() if k.lower() not in skip), self.raw)


class Client:
    """A caller. Paths that begin with `O` are under the org's, as in API.md: c.get("O/tokens")."""

    def __init__(self, base, token=None, org=None):
        self.base = base
        self.token = token
        self.org = org
        self.address = urllib.parse.urlsplit(base)
        self.connection = None

    def other(self, token):
        """The same server and org with another token."""
        return Client(self.base, token, self.org)

    def expand(self, path):
        if path == "O" or path.startswith("O/") or path.startswith("O?"):
            return "%s/orgs/%s%s" % (API, self.org, path[1:])
        return path

    def send(self, method, path, body, headers):
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
            try:
                self.connection.request(method, path, body=body, headers=headers)
                got = self.connection.getresponse()
                raw = got.read()
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                self.close()
                if fresh or attempt == 2:
                    raise
                continue
            if got.will_close:
                self.close()
            return Answer(got.status, got.headers, raw)
        raise AssertionError("not reached")

    def ask(self, method, path, body=None, headers=None, raw=None):
        """Sends `body` as JSON (or `raw` bytes as they are) and returns the Answer, its manners checked."""
        target = self.expand(path)
        head = {}
        if self.token is not None:
            head["Authorization"] = "Bearer " + self.token
        data = raw
        if body is not None:
            data = json.dumps(body).encode("utf-8")
            head["Content-Type"] = "application/json"
        head.update(headers or {})
        answer = self.send(method, target, data, head)
        bare = target.split("?")[0]
        check_manners(method, bare, answer)
        if openapi_check is not None and bare.startswith("/api/"):
            openapi_check.validate(method, bare, answer.status, answer.headers,
                answer.json if answer.json is not None else answer.text)
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.ask("PUT", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.ask("PATCH", path, body, **more)

    def delete(self, path, body=None, **more):
        return self.ask("DELETE", path, body, **more)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def scopes(self, path="O/my_scopes"):
        """The scopes held at `path`, as a set; asserts that they come sorted and once each."""
        got = self.get(path).ok()
        assert got == sorted(set(got)), got
        return set(got)

    def works(self):
        """Whether the token is accepted at the org at this moment (a 404 counts: limited tokens of a vanished org)."""
        return self.get("O/my_scopes").status == 200


def unique(prefix):
    return "%s-%s" % (prefix, uuid.uuid4().hex[:10])


def unknown_value(like):
    """A value of the right shape, with a right checksum, that nobody ever issued."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body = like[:-6]
    body = body[:-4] + ("Zq1x" if not body.endswith("Zq1x") else "Zq1y")
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text = digits[digit] + text
    return body + text


class User:
    """A person of an org, with the personal token that was made with them."""

    def __init__(self, org, user_id, email, password, token):
        self.org = org
        self.id = user_id
        self.email = email
        self.password = password
        self.token = token
        self.client = org.client(token)


class Org:
    """An org of its own for one test, with its owner's client and shorthands for what tests need over and over."""

    def __init__(self, server, name, made):
        self.server = server
        self.name = name
        self.id = made["org_id"]
        self.owner_id = made["owner_id"]
        self.owner_email = made["email"]
        self.token = made["token"]
        self.owner = Client(server.base, self.token, self.id)

    def client(self, token):
        return Client(self.server.base, token, self.id)

    def anonymous(self):
        return Client(self.server.base, None, self.id)

    def reveal(self, email, password=PASSWORD, **more):
        return self.anonymous().post(API + "/user/token/reveal",
            {"org": self.id, "email": email, "password": password, **more})

    def user(self, role="MEMBER", by=None, email=None, name=None):
        """Creates a user with a password and finds their personal token as they would themselves."""
        email = email or unique(role.lower().replace("_", "-")) + "@example.com"
        body = {"email": email, "org_role": role, "password": PASSWORD}
        if name is not None:
            body["name"] = name
        made = (by or self.owner).post("O/rbac/users", body).ok()
        shown = self.reveal(email).ok()
        return User(self, made["id_v2"], email, PASSWORD, shown["value"])

    def team(self, name=None, apps=(), members=(), by=None):
        """members: (user, role) pairs."""
        body = {"name": name or unique("team"), "applications": list(apps),
            "members": [{"user_id_v2": user.id, "team_role": role} for user, role in members]}
        return (by or self.owner).post("O/rbac/teams", body).ok()["team_id"]

    def version(self, team):
        return self.owner.get("O/rbac/teams/" + team).ok()["version"]

    def app(self, name=None, team=None):
        name = name or unique("app")
        item = {"id": name}
        if team is not None:
            item["team_id"] = team
        got = self.owner.put("O/apps", [item]).ok()
        assert [a["id"] for a in got["apps"]] == [name], got
        return name

    def app_team(self, name):
        """The team that the app is in, None if it is in none."""
        return self.owner.get("O/apps/" + name).ok().get("team_id")

    def issue(self, kind="ci", by=None, **body):
        """Issues a token of a managed kind (or of `role_id`) and returns what was answered, value and all."""
        body.setdefault("label", unique(kind))
        body.setdefault("role_id", TOKEN_ROLES.get(kind))
        return (by or self.owner).post("O/tokens", body).ok()

    def role(self, scopes, role_type="organization", by=None, name=None, **more):
        """Makes a custom role and returns its id."""
        made = (by or self.owner).post("O/rbac/roles", {"name": name or unique("role"), "scopes": sorted(scopes),
            "role_type": role_type, **more}).ok()
        return made["id"]
