# SPDX-License-Identifier: Apache-2.0
"""Revoking many tokens at once: the rules of revoking one, for each."""

import csv
import datetime
import io
import uuid

import pytest

from client import CI

AT_ONCE = 1000


def revoke(client, ids, **more):
    return client.post("O/tokens/revoke", {"ids": ids}, **more)


def audited(org, operation):
    """Target and outcome of each row of the audit log with this operation, this month."""
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y/%m")
    rows = csv.DictReader(io.StringIO(org.owner.get("O/audit/csv/" + month).text))
    return [(r["target"], r["outcome"]) for r in rows if r["operation"] == operation]


def test_all_that_are_there_die_at_once(org):
    """Goal: when it is answered, every value of each is refused; what is not there, personal, revoked before or another org's is
    told apart; each that died has its row in the audit log."""
    made = [org.issue("ci") for _ in range(5)]
    user = org.user("MEMBER")
    old = org.owner.post("O/tokens/%s/rotate" % made[0]["id"], {"overlap_seconds": 3600}).ok()
    dead = org.issue("ci")["id"]
    org.owner.delete("O/tokens/" + dead).ok()
    ids = [made[0]["id"], dead, made[1]["id"], user.id, made[2]["id"].upper()]
    assert revoke(org.owner, ids).ok() == {"revoked": [made[n]["id"] for n in (0, 1, 2)], "not_found": [dead, user.id]}
    for value in [t["value"] for t in made[:3]] + [old["value"]]:
        assert not org.client(value).works()
    assert all(org.client(t["value"]).works() for t in made[3:])
    assert {t["id"] for t in org.owner.get("O/tokens").ok()} == {t["id"] for t in made[3:]}
    assert sorted(audited(org, "delete_token")) == sorted((i, "ok") for i in [dead] + [t["id"] for t in made[:3]])


def test_who_may(org):
    """Goal: tokens:delete, and nothing less; one that is left out of the grant changes nothing."""
    token = org.issue("ci")
    for client in (org.user("MEMBER").client, org.client(org.issue("service")["value"]), org.client(org.issue("ci")["value"])):
        revoke(client, [token["id"]]).refused(403, "INSUFFICIENT_SCOPE", "tokens:delete")
    assert org.client(token["value"]).works()
    sweeper = org.issue(role_id=org.role({"tokens:delete"}))
    assert revoke(org.client(sweeper["value"]), [token["id"], sweeper["id"]]).ok()["revoked"] == [token["id"], sweeper["id"]]
    assert not org.client(sweeper["value"]).works(), "whoever revokes may revoke itself"


def test_what_a_service_token_issued_stays(org):
    """Goal: nothing dies that was not named."""
    service = org.issue("service")
    child = org.issue("ci", by=org.client(service["value"]))
    revoke(org.owner, [service["id"]]).ok()
    assert org.client(child["value"]).works() and not org.client(service["value"]).works()


@pytest.mark.parametrize("ids", [[], "x", None, ["x"], [5], [str(uuid.uuid4())] * 2, [str(uuid.uuid4()) for _ in range(AT_ONCE + 1)]],
    ids=["none", "text", "null", "no id", "number", "twice", "too many"])
def test_bodies_that_are_refused(org, ids):
    """Goal: 1 to 1000 ids, each once; else 400, and nothing is revoked."""
    token = org.issue("ci")
    body = ids + [token["id"]] if isinstance(ids, list) and ids else ids
    assert revoke(org.owner, body).refused(400).json["validation_errors"][0].startswith("ids")
    org.owner.post("O/tokens/revoke", {"ids": [token["id"]], "cascade": True}).refused(400)
    assert org.client(token["value"]).works()


def test_a_thousand_at_once(org):
    """Goal: the most that may be named is done in one answer, each audited, and the chain is whole after it."""
    made = [org.issue("ci")["id"] for _ in range(20)]
    absent = [str(uuid.uuid4()) for _ in range(AT_ONCE - len(made))]
    done = revoke(org.owner, made + absent).ok()
    assert done == {"revoked": made, "not_found": absent}
    assert sorted(t for t, _ in audited(org, "delete_token")) == sorted(made)
    assert org.owner.get("O/tokens?show_expired=true").ok() == []


def test_again_under_the_same_key(org):
    """Goal: under an Idempotency-Key it is done once and told alike; without one the second time finds nothing to do."""
    made = [org.issue("ci")["id"] for _ in range(3)]
    key = {"Idempotency-Key": "k" * 16 + uuid.uuid4().hex}
    first = revoke(org.owner, made, headers=key).ok()
    assert first == {"revoked": made, "not_found": []} == revoke(org.owner, made, headers=key).ok()
    revoke(org.owner, made[:1], headers=key).refused(422, "IDEMPOTENCY_KEY_REUSED")
    assert revoke(org.owner, made).ok() == {"revoked": [], "not_found": made}
    assert len(audited(org, "delete_token")) == 3


def test_the_word_is_no_token(org):
    """Goal: .../tokens/revoke takes POST alone: it is not the token of that name, for which the answer would be 404."""
    for method in ("GET", "DELETE", "PATCH"):
        assert org.owner.ask(method, "O/tokens/revoke", {} if method == "PATCH" else None).refused(405).headers["Allow"] == "POST"
    org.owner.post("O/tokens/" + str(uuid.uuid4()), {"label": "x", "role_id": CI}).refused(405)
