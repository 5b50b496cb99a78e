# SPDX-License-Identifier: Apache-2.0
"""A client of the OAuth endpoints: forms in, plain JSON out, and the manners that hold for every answer."""

import base64
import json
import re
import urllib.parse

import openapi_check
from client import Client

ERRORS = {"invalid_request", "invalid_client", "invalid_token", "insufficient_scope", "temporarily_unavailable",
    "server_error"}
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 5.2
INTROSPECT, REVOKE = "/oauth/introspect", "/oauth/revoke"
METADATA = "/.well-known/oauth-authorization-server"
FORM = "application/x-www-form-urlencoded"


def basic(user, password, encode=urllib.parse.quote_plus):
    pair = "%s:%s" % (encode(user), encode(password))
    return "Basic " + base64.b64encode(pair.encode()).decode()


def check(path, answer):
    """What holds for every answer of these endpoints."""
    where = "%s -> %r" % (path, answer)
    assert answer.headers["Cache-Control"] == "no-store", where
    assert answer.headers["Content-Type"].split(";")[0] == "application/json", where
    assert isinstance(answer.json, dict), where
    if answer.status >= 400:
        assert set(answer.json) == {"error", "error_description"}, where
        assert answer.json["error"] in ERRORS, where
        assert DESCRIPTION.fullmatch(answer.json["error_description"]), where
    if answer.status in (401, 403):
        assert answer.headers["WWW-Authenticate"], where
    if answer.status in (429, 503):
        assert answer.headers["Retry-After"], where
    openapi_check.validate("POST", path, answer.status, answer.headers, answer.json)


def post(base, path, form, authorization=None, headers=None, content_type=FORM):
    """Sends a form (a dict, pairs, or bytes as they are) on a connection of its own."""
    data = form if isinstance(form, bytes) else urllib.parse.urlencode(form).encode()
    head = {"Content-Type": content_type} if content_type else {}
    if authorization:
        head["Authorization"] = authorization
    head.update(headers or {})
    client = Client(base)
    answer = client.send("POST", path, data, head)
    client.close()
    check(path.split("?")[0], answer)
    return answer


def introspect(org, caller, token, **more):
    """As `caller` (a value); asserts success and returns the answer's JSON."""
    answer = post(org.server.base, INTROSPECT, {"token": token, **more}, "Bearer " + caller)
    assert answer.status == 200, answer
    assert re.fullmatch(r"[0-9]+", answer.headers["X-Jeton-As-Of"]), answer
    return answer.json


def revoke(org, token, **more):
    answer = post(org.server.base, REVOKE, {"token": token, **more})
    assert answer.status == 200 and json.loads(answer.text) == {}, answer
    return answer
