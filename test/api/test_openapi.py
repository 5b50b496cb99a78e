# SPDX-License-Identifier: Apache-2.0
"""The program against doc/openapi.yaml: the same operations, scopes, methods, limits and manners, both ways."""

import datetime
import json
import re
import uuid

import pytest

import openapi_check as check
from client import CI, PASSWORD, Client, unique
from serving import run_jeton

ALL = [pytest.param(*found, id=found[2]["operationId"]) for found in check.operations()]
SCOPED = [param for param in ALL if "x-scope" in param.values[2]]
PER_PAGE = {"$ref": "#/components/parameters/per_page"}
LISTS = [op for _, _, op in check.operations() if PER_PAGE in op.get("parameters", [])]
PAGES = {"get_dashboard", "get_dashboard_invitation", "get_dashboard_setup", "get_dashboard_reset"}
BESIDE = {"get_health", "get_readiness", "get_metrics", "get_openapi", "get_authorization_server", *PAGES}
ASSET = "get_dashboard_asset"  # of these the page knows the names: test_assets.py


def nameless(path):
    """A template without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def fill(template, **known):
    """A template with what is known of its parameters, today, and ids that are nobody's."""
    today = datetime.datetime.now(datetime.timezone.utc)
    known = {"year": str(today.year), "month": str(today.month), "day": str(today.day), "app": "nobodys-app", **known}
    return re.sub(r"\{(\w+)\}", lambda m: known.get(m.group(1)) or str(uuid.uuid4()), template)


def keyed(op):
    return {"$ref": "#/components/parameters/idempotency_key"} in op.get("parameters", [])


@pytest.fixture(scope="module")
def shared(pool):
    """An org that the tests of this file fill with whatever they like."""
    return pool.take()


@pytest.fixture(scope="module")
def guest(shared):
    """A guest, and a team and an app which that guest can see."""
    team = shared.team()
    return shared.user("GUEST"), team, shared.app(team=team)


def test_program_and_document_list_the_same_operations():
    """Goal: no operation without a description and no description without an operation; scope, level and whether it
    takes an Idempotency-Key are the same in both."""
    program = {
        (o["method"], nameless(o["path"])): (o["id"], o.get("scope"), o["level"], o["idempotency_key"])
        for o in json.loads(run_jeton("serve", "--print-operations").stdout)
    }
    document = {
        (method, nameless(template)): (op["operationId"], op.get("x-scope"), op["x-level"], keyed(op))
        for method, template, op in check.operations()
    }
    beside = {key: value for key, value in document.items() if value[0] in BESIDE}
    assert len(beside) == len(BESIDE)
    for key in beside.keys() - program.keys():  # those that are not of the API may be answered outside of its table
        del document[key]
    assert program == document


def test_the_served_document_is_the_document(server):
    """Goal: who asks a running server reads what we wrote."""
    answer = Client(server.base).get("/openapi.json")
    assert answer.status == 200 and answer.json == check.document()


@pytest.mark.parametrize("operation_id", sorted(BESIDE))
def test_operations_beside_the_api_answer_as_described(server, operation_id):
    """Goal: health, readiness, metrics, the document itself and the dashboard are there, for anybody, in the form described."""
    method, path, _ = check.operation(operation_id)
    answer = Client(server.base).ask(method, path)
    assert answer.status == 200
    check.validate(method, path, answer.status, answer.headers, answer.text)


@pytest.mark.parametrize("method, template, op", ALL)
def test_who_has_no_token(server, method, template, op):
    """Goal: whatever the document secures is 401 without a token, and nothing else is."""
    if op["operationId"] in BESIDE or op["operationId"] == ASSET:
        return
    proof = {"org": str(uuid.uuid4()), "email": "nobody@example.com", "password": PASSWORD}
    bodies = {"reveal_user_token": proof, "reset_user_token": proof, "sign_in": proof}
    body = bodies.get(op["operationId"], {}) if "requestBody" in op else None
    answer = Client(server.base).ask(method, fill(template), body)
    if op["operationId"] in bodies:
        answer.refused(401, "BAD_CREDENTIALS")
    elif op["operationId"] == "introspect_token":
        assert answer.refused(401).json["error"] == "invalid_client"
    elif op["x-level"] == "open":
        answer.refused(400)
    else:
        answer.refused(401, "UNAUTHENTICATED")


@pytest.mark.parametrize("template", [t for t in check.document()["paths"] if t.startswith("/api/")])
def test_methods_that_are_not_described_are_405(shared, template):
    """Goal: each path takes the methods of the document and no other, and `Allow` names exactly those."""
    described = {m.upper() for m in check.METHODS if m in check.document()["paths"][template]}
    path = fill(template, org=shared.id)
    for method in sorted({m.upper() for m in check.METHODS} - described):
        answer = shared.owner.ask(method, path).refused(405, "METHOD_NOT_ALLOWED")
        assert {m.strip() for m in answer.headers["Allow"].split(",")} - {"HEAD", "OPTIONS"} == described


@pytest.mark.parametrize("method, template, op", SCOPED)
def test_who_lacks_the_scope_is_told_which(shared, guest, method, template, op):
    """Goal: the scope in the document is the one that the program asks for: a guest who lacks it gets 403 with its
    name, before anything is said about the body or about ids in collections that they may not read."""
    user, team, app = guest
    path = fill(template, org=shared.id, team=team, app=app)
    place = {"token": "O", "org": "O", "team": "O/rbac/teams/" + team, "app": "O/apps/" + app}[op["x-level"]]
    if op["x-scope"] in user.client.scopes(place + "/my_scopes"):
        assert method == "GET" and user.client.get(path).status == 200
    else:
        answer = user.client.ask(method, path, {} if "requestBody" in op else None)
        if template.startswith("/oauth/"):
            assert answer.refused(403).json["error"] == "insufficient_scope"
            assert 'scope="%s"' % op["x-scope"] in answer.headers["WWW-Authenticate"]
        else:
            answer.refused(403, "INSUFFICIENT_SCOPE", op["x-scope"])


def test_most_scopes_were_tried():
    """Goal: the test above is not empty: nearly every operation of an org names a scope, and a guest holds few."""
    inside = [op for _, template, op in check.operations() if "{org}" in template]
    without = {op["operationId"] for op in inside if "x-scope" not in op}
    assert without == {"set_owner", "my_scopes", "my_scopes_app", "my_scopes_team", "get_catalogue"}
    assert len({param.values[2]["x-scope"] for param in SCOPED}) >= 25


# A body that succeeds, for operations whose body needs nothing to exist before.
BODIES = {
    "create_token": lambda: {"label": unique("t"), "role_id": CI},
    "create_role": lambda: {"name": unique("r"), "scopes": ["findings:list"]},
    "create_team": lambda: {"name": unique("t")},
    "create_user": lambda: {"email": unique("u") + "@example.com", "org_role": "MEMBER"},
    "create_invitation": lambda: {"email": unique("i") + "@example.com", "org_role": "MEMBER"},
    "update_org": lambda: {"name": "Shared"},
    "put_apps": lambda: [{"id": unique("app")}],
    "provision_users": lambda: [{"email": unique("p") + "@example.com", "organization_role": "MEMBER"}],
    "reset_access_tokens": lambda: {"user_ids": [str(uuid.uuid4())]},
    "explain_token": lambda: {"token": "no token at all"},
    "revoke_tokens": lambda: {"ids": [str(uuid.uuid4())]},
}


def schema_of(operation_id):
    return check.expand(check.operation(operation_id)[2]["requestBody"])["content"]["application/json"]["schema"]


def call(org, operation_id, body):
    method, template, _ = check.operation(operation_id)
    return org.owner.ask(method, fill(template, org=org.id), body)


def stretched(value, length):
    """A text of that many characters that begins with `value`, so that names stay unique; none of them is ASCII."""
    return (value + "\u00e9" * length)[:length]


def text_fields():
    for operation_id in BODIES:
        schema = schema_of(operation_id)
        for name, field in schema.get("items", schema)["properties"].items():
            if "maxLength" in field and "pattern" not in field and "email" not in name and "role" not in name:
                yield pytest.param(operation_id, name, field, id="%s-%s" % (operation_id, name))


@pytest.mark.parametrize("operation_id, name, field", text_fields())
def test_limits_of_texts_are_the_documents(shared, operation_id, name, field):
    """Goal: the longest text that the document allows is taken; one character more, or fewer than the least, is not."""

    def send(value):
        body = BODIES[operation_id]()
        (body[0] if isinstance(body, list) else body)[name] = value
        return call(shared, operation_id, body)

    send(stretched(unique("x"), field["maxLength"])).ok()
    refused = send(stretched(unique("x"), field["maxLength"] + 1)).refused(400)
    assert any(name in line.split(":")[0] for line in refused.json["validation_errors"]), refused
    if field.get("minLength", 0) == 0:
        send("").ok()
    else:
        send("x" * (field["minLength"] - 1)).refused(400)


LISTED = [
    ("create_token", "teams"),
    ("create_role", "scopes"),
    ("reset_access_tokens", "user_ids"),
    ("explain_token", "scopes"),
    ("revoke_tokens", "ids"),
    ("create_team", "applications"),
    ("put_apps", None),
    ("provision_users", None),
]


@pytest.mark.parametrize("operation_id, name", LISTED)
def test_limits_of_lists_are_the_documents(shared, operation_id, name):
    """Goal: a list longer than the document allows is refused before anything in it is looked for; what must not be
    empty is refused empty."""
    schema = schema_of(operation_id)
    if name is not None:
        schema = schema["properties"][name]
        schema = schema.get("anyOf", [schema])[0]
    makers = {"scopes": lambda: "findings:list", "applications": lambda: unique("app")}
    item = makers.get(name, lambda: str(uuid.uuid4()))

    def send(count):
        if name is None:
            return call(shared, operation_id, [BODIES[operation_id]()[0] for _ in range(count)])
        return call(shared, operation_id, {**BODIES[operation_id](), name: [item() for _ in range(count)]})

    send(schema["maxItems"] + 1).refused(400)
    if schema.get("minItems"):
        send(0).refused(400)


@pytest.mark.parametrize("operation_id", BODIES)
def test_unknown_fields_are_treated_as_described(shared, operation_id):
    """Goal: a field that nobody knows is refused or named, as the document says of the operation."""
    body = BODIES[operation_id]()
    (body[0] if isinstance(body, list) else body)["colour"] = "red"
    answer = call(shared, operation_id, body)
    if check.operation(operation_id)[2]["x-unknown-fields"] == "refused":
        assert any("colour" in line for line in answer.refused(400).json["validation_errors"])
    else:
        answer.ok()
        assert "colour" in answer.headers["Jeton-Ignored-Fields"]


@pytest.mark.parametrize("operation_id", BODIES)
def test_null_is_the_same_as_absent(shared, operation_id):
    """Goal: every field that the document does not require may be null."""
    schema = schema_of(operation_id)
    schema = schema.get("items", schema)
    body = BODIES[operation_id]()
    one = body[0] if isinstance(body, list) else body
    for name in schema["properties"]:
        one.setdefault(name, None)
    call(shared, operation_id, body).ok()


@pytest.mark.parametrize("op", LISTS, ids=[op["operationId"] for op in LISTS])
def test_lists_take_the_described_parameters(shared, op):
    """Goal: every list takes page, per_page and order within the stated bounds, and nothing that is not described."""
    _, template, _ = check.operation(op["operationId"])
    path = fill(template, org=shared.id)
    names = {check.expand(p)["name"] for p in op["parameters"]}
    assert names >= {"page", "per_page", "after", "order"}
    for good in ("per_page=1", "per_page=250", "page=1", "page=1000", "order=asc", "order=desc"):
        shared.owner.get(path + "?" + good).ok()
    bad = "per_page=0 per_page=251 page=0 page=-1 page=x page= order=up after=not-ours colour=red page=1&page=2"
    for query in bad.split():
        shared.owner.get(path + "?" + query).refused(400)
    shared.owner.get(path + "?page=1001").refused(400, "PAGE_TOO_DEEP")
    for name in names - {"page", "per_page", "after", "order"}:
        kind = [check.expand(p)["schema"] for p in op["parameters"] if check.expand(p)["name"] == name][0]
        if kind.get("type") == "boolean":
            shared.owner.get("%s?%s=true" % (path, name)).ok()
            shared.owner.get("%s?%s=perhaps" % (path, name)).refused(400)
        for value in kind.get("enum", []):
            shared.owner.get("%s?%s=%s" % (path, name, value)).ok()
        if "enum" in kind:
            shared.owner.get("%s?%s=nothing" % (path, name)).refused(400)


@pytest.mark.parametrize("length, good", [(15, False), (16, True), (255, True), (256, False)])
def test_limits_of_an_idempotency_key(shared, length, good):
    """Goal: a key has 16 to 255 visible ASCII characters."""
    key = (uuid.uuid4().hex * 8)[:length]

    def send(value):
        return shared.owner.post("O/rbac/teams", {"name": unique("t")}, headers={"Idempotency-Key": value})

    answer = send(key)
    assert answer.status == (200 if good else 400), answer
    send("with a blank in it").refused(400)
