# SPDX-License-Identifier: Apache-2.0
"""doc/openapi.yaml by itself: whether it is whole, means what API.md says, and whether its checker checks."""

import json
import os
import re

import pytest
import yaml
from jsonschema import Draft202012Validator

import openapi_check as check

RESULTS = os.path.join(os.path.dirname(os.path.abspath(check.PATH)), "..", "src", "base", "result.h")
# Of result.h, what no client is ever told: internal steps, and what keeps a server from starting.
INTERNAL = {"OK", "DONE", "TOO_LONG", "TRUNCATED", "MALFORMED", "LOCKED", "NEWER_SCHEMA", "WRONG_KEY"}
LEVELS = {"open", "token", "org", "team", "app"}
ALL = [pytest.param(*found, id=found[2]["operationId"]) for found in check.operations()]
ERROR = {"ok", "code", "message"}
KEYWORDS = set(
    "type properties required additionalProperties propertyNames minProperties dependentRequired items minItems "
    "maxItems uniqueItems minLength maxLength pattern minimum maximum enum const anyOf default description".split()
)


def walk(node, path="#"):
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, "%s/%s" % (path, key))
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from walk(value, "%s/%d" % (path, n))


def schemas():
    """Every schema that stands in the document, with its references expanded."""
    for path, node in walk(check.document()):
        if isinstance(node, dict) and path.endswith("/schema"):
            yield path, check.expand(node)


def parameters(template, op):
    item = check.document()["paths"][template]
    return [check.expand(p) for p in item.get("parameters", []) + op.get("parameters", [])]


def test_it_is_plain_json():
    """Goal: YAML and JSON readers of every sort see the same document, within the limits of the server's own reader."""
    assert json.loads(json.dumps(check.document())) == check.document()
    assert len(check.text().encode()) <= 256 * 1024
    for token in yaml.scan(check.text()):
        assert not isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)), token
        if isinstance(token, yaml.ScalarToken) and token.plain:
            assert token.value.lower() not in ("yes", "no", "on", "off", "y", "n", "~"), token.start_mark
    assert "\n---" not in check.text()


def test_no_key_is_written_twice():
    """Goal: nothing in the document silently replaces something else in it."""

    def look(node):
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)) <= 2000, node.start_mark
            for key, value in node.value:
                look(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                look(value)

    look(yaml.compose(check.text()))


def test_every_reference_resolves_and_every_component_is_used():
    """Goal: no dangling reference, no dead component."""
    used = set()
    for path, node in walk(check.document()):
        if isinstance(node, dict) and "$ref" in node:
            check.resolve(node["$ref"])
            used.add(node["$ref"])
    for kind, named in check.document()["components"].items():
        for name in named:
            reference = "#/components/%s/%s" % (kind, name)
            assert reference in used or kind == "securitySchemes", "nobody uses " + reference


def test_every_schema_is_a_schema():
    """Goal: a typing error in a schema cannot make it accept everything."""
    count = 0
    for path, schema in schemas():
        Draft202012Validator.check_schema(schema)
        for at, node in walk(schema, path):
            named = at.rsplit("/", 2)[-2:]
            if isinstance(node, dict) and named[-1] not in ("properties", "dependentRequired"):
                assert set(node) <= KEYWORDS, "%s: %s" % (at, set(node) - KEYWORDS)
                count += 1
    assert count > 300


@pytest.mark.parametrize("method, template, op", ALL)
def test_operation_is_whole(method, template, op):
    """Goal: each operation says what it is, what it needs, what it takes and all that it may answer."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", op["operationId"])
    assert op["summary"] and op["description"]
    assert op["x-level"] in LEVELS
    by_session = op.get("security") == [{"session": []}]
    own = op.get("security") is not None and not by_session and op["operationId"] != "introspect_token"
    assert (op["x-level"] == "open") == own
    for level in ("org", "team", "app"):
        assert op["x-level"] != level or "{%s}" % level in template
    assert {tag["name"] for tag in check.document()["tags"]} >= set(op["tags"])
    declared = [p for p in parameters(template, op) if p["in"] == "path"]
    assert ["{%s}" % p["name"] for p in declared] == re.findall(r"\{[a-z]+\}", template)
    assert all(p["required"] and "pattern" in p["schema"] for p in declared)
    codes = set(op["responses"])
    assert len([c for c in codes if c.startswith("2")]) == 1
    assert codes >= {"400", "408", "413", "414", "429", "431", "500", "503"}
    if op.get("security") is None:
        assert "401" in codes
    if "x-scope" in op:
        assert re.fullmatch(r"[a-z_]+:[a-z]+", op["x-scope"]) and "403" in codes
    if "{org}" in template:
        assert "404" in codes


def test_success_statuses_are_those_of_v4():
    """Goal: strict old clients take any status but 200 for a failure; the two exceptions are named in API.md."""
    statuses = {(op["operationId"], status) for _, _, op in check.operations() for status in op["responses"]}
    odd = {operation_id: status for operation_id, status in statuses if status[0] == "2" and status != "200"}
    assert odd == {"create_role": "201", "reset_user_access_token": "204", "verify_token": "204"}


def test_operation_ids_are_unique():
    """Goal: an operation id names one operation."""
    ids = [op["operationId"] for _, _, op in check.operations()]
    assert len(ids) == len(set(ids))


VERIFYING = ("verify_token", "introspect_token", "explain_token")
# Done twice they do what they do once, or, of who signs in, what whoever repeats it wants.
HARMLESS = ("reveal_user_token", "introspect_token", "revoke_token", "explain_token", "sign_in", "sign_out", "confirm_session",
    "end_sessions", "end_session", "change_password", "begin_second_factor", "enable_second_factor", "disable_second_factor",
    "renew_recovery_codes")
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("method, template, op", ALL)
def test_successes_of_mutations_say_their_number(method, template, op):
    """Goal: whatever changes something says which change its answer rests on; what answers about a token says what was
    taken into account."""
    good = [check.expand(r) for status, r in op["responses"].items() if status[0] == "2"][0]
    if method != "GET" and op["operationId"] not in VERIFYING:
        assert "X-Jeton-Seq" in good["headers"]
    assert ("X-Jeton-As-Of" in good["headers"]) == (op["operationId"] in VERIFYING)


@pytest.mark.parametrize("method, template, op", ALL)
def test_mutations_take_an_idempotency_key(method, template, op):
    """Goal: whatever changes something can be repeated safely, and says so."""
    taken = "Idempotency-Key" in [p["name"] for p in parameters(template, op)]
    assert taken == (method != "GET" and op["operationId"] not in HARMLESS)
    assert taken == ("422" in op["responses"]) and (not taken or "409" in op["responses"])


@pytest.mark.parametrize("method, template, op", ALL)
def test_unknown_fields_are_said(method, template, op):
    """Goal: what happens to a field that we do not know is stated, and the schema says the same."""
    if "requestBody" not in op:
        assert "x-unknown-fields" not in op
        return
    form = template.startswith("/oauth/")
    schema = check.expand(op["requestBody"])["content"][FORM if form else "application/json"]["schema"]
    schema = schema.get("items", schema)
    assert schema["additionalProperties"] is {"refused": False, "ignored": True}[op["x-unknown-fields"]]
    assert ("415" in op["responses"]) == (not form)
    if "/tokens" in template:
        assert op["x-unknown-fields"] == "refused"


def error_responses():
    """All but those of the OAuth endpoints, which have the RFCs' form."""
    for path, node in walk(check.document()):
        if re.search(r"/responses/[45][0-9][0-9]$", path) and "Oauth" not in str(node):
            yield path, int(path[-3:]), check.expand(node)


CHALLENGED = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


def test_errors_have_exactly_the_keys_of_api_md():
    """Goal: an error's body has ok, code, message; a 400 its validation_errors; two places a status; nothing else."""
    seen = set()
    for path, status, response in error_responses():
        schema = response["content"]["application/json"]["schema"]
        wanted = ERROR | ({"validation_errors"} if status == 400 else set())
        if path.endswith("/rbac/roles/post/responses/409") or re.search(r"/roles/\{role\}/[a-z]+/responses/404$", path):
            wanted = wanted | {"status"}
            seen.add(path)
        assert set(schema["required"]) == set(schema["properties"]) == wanted, path
        assert schema["additionalProperties"] is False and schema["properties"]["ok"] == {"const": False}
        assert set(response["headers"]) == {"X-Request-Id", CHALLENGED.get(status, "X-Request-Id")}, path
        assert all(header["required"] for header in response["headers"].values()), path
    assert len(seen) == 3


def test_codes_are_those_of_the_program():
    """Goal: every code that a client can be told is documented under its status, and no other."""
    with open(RESULTS, encoding="utf-8") as file:
        rows = re.findall(r'X\((\w+), (\d+), "(\w+)"', file.read())
    told = {(int(status), code) for name, status, code in rows if name not in INTERNAL}
    assert len(told) > 30
    documented = set()
    for _, status, response in error_responses():
        schema = response["content"]["application/json"]["schema"]
        documented |= {(status, code) for code in schema["properties"]["code"]["enum"]}
    assert documented == told


HEADERS = {"X-Request-Id": "0123456789abcdef", "Content-Type": "application/json"}
SCOPES = "/api/v4/orgs/66ad5168-41be-4b6c-9ac5-a30b02229c35/my_scopes"


def test_checker_finds_templates():
    """Goal: a real path leads to its own operation, and a foreign one to none."""
    assert check.match(SCOPES) == "/api/v4/orgs/{org}/my_scopes"
    assert check.match("/api/v4/orgs/x/apps/my_scopes/my_scopes") == "/api/v4/orgs/{org}/apps/{app}/my_scopes"
    assert check.match("/api/v4/orgs/x/rbac/teams/y/apps?page=1") == "/api/v4/orgs/{org}/rbac/teams/{team}/apps"
    assert check.match("/api/v4/orgs/x/nothing") is None
    assert check.match("/api/v4/orgs//tokens") is None
    for _, template, _ in check.operations():
        assert check.match(template) == template


def test_checker_accepts_what_is_right():
    """Goal: a true answer passes, in each of the forms in which the clients hold it."""
    good = {"ok": True, "response": ["org:read"]}
    check.validate("GET", SCOPES, 200, HEADERS, good)
    check.validate("GET", SCOPES, 200, HEADERS, json.dumps(good).encode())
    wrong_method = {"ok": False, "code": "METHOD_NOT_ALLOWED", "message": "m"}
    check.validate("PUT", SCOPES, 405, {**HEADERS, "Allow": "GET"}, wrong_method)
    check.validate("GET", "/nowhere", 404, HEADERS, {"ok": False, "code": "NOT_FOUND", "message": "m"})
    reset = "/api/v4/orgs/x/saml/users/y/access_token/reset"
    check.validate("POST", reset, 204, {"X-Request-Id": "0123456789abcdef"}, "")


WRONG = {
    "status not in the document": ("GET", 201, HEADERS, {"ok": True, "response": []}),
    "key that is not in the document": ("GET", 200, HEADERS, {"ok": True, "response": [], "extra": 1}),
    "missing key": ("GET", 200, HEADERS, {"ok": True}),
    "ok that is no boolean": ("GET", 200, HEADERS, {"ok": 1, "response": []}),
    "null": ("GET", 200, HEADERS, {"ok": True, "response": None}),
    "wrong item": ("GET", 200, HEADERS, {"ok": True, "response": ["no scope"]}),
    "no request id": ("GET", 200, {"Content-Type": "application/json"}, {"ok": True, "response": []}),
    "wrong content type": ("GET", 200, {**HEADERS, "Content-Type": "text/html"}, {"ok": True, "response": []}),
    "ignored fields on a GET": ("GET", 200, {**HEADERS, "Jeton-Ignored-Fields": "a"}, {"ok": True, "response": []}),
    "401 without a challenge": ("GET", 401, HEADERS, {"ok": False, "code": "UNAUTHENTICATED", "message": "m"}),
    "code of another status": ("GET", 404, HEADERS, {"ok": False, "code": "CONFLICT", "message": "m"}),
    "400 without validation_errors": ("GET", 400, HEADERS, {"ok": False, "code": "BAD_REQUEST", "message": "m"}),
    "status in an error": ("GET", 404, HEADERS, {"ok": False, "code": "NOT_FOUND", "message": "m", "status": 404}),
    "405 without Allow": ("PUT", 405, HEADERS, {"ok": False, "code": "METHOD_NOT_ALLOWED", "message": "m"}),
    "success of an unknown method": ("PUT", 200, HEADERS, {"ok": True}),
}


@pytest.mark.parametrize("method, status, headers, body", WRONG.values(), ids=WRONG.keys())
def test_checker_refuses_what_is_wrong(method, status, headers, body):
    """Goal: the checker that the whole suite leans on notices each sort of departure."""
    with pytest.raises(check.Mismatch):
        check.validate(method, SCOPES, status, headers, body)
