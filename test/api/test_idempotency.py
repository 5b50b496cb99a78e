# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key: asked twice, done once; and a replay tells nobody more than the first answer did."""

import concurrent.futures
import uuid

import pytest

from client import CI, JIRA, PASSWORD, eventually, unique


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def same(first, second):
    assert second.status == first.status and second.json == first.json, "%r then %r" % (first, second)


def test_a_replay_answers_the_same_and_does_it_once(org):
    """Goal: the same request with the same key makes one team, and answers the same."""
    head = key()
    body = {"name": unique("team")}
    first = org.owner.post("O/rbac/teams", body, headers=head)
    first.ok()
    same(first, org.owner.post("O/rbac/teams", body, headers=head))
    assert [t["team_name"] for t in org.owner.get("O/rbac/teams").ok()].count(body["name"]) == 1


def test_a_secret_is_replayed_with_the_same_value(org):
    """Goal: a token whose answer was lost can be had again: same id, same value, and only one token exists."""
    head = key()
    body = {"label": "lost", "role_id": CI}
    first = org.owner.post("O/tokens", body, headers=head)
    again = org.owner.post("O/tokens", body, headers=head)
    same(first, again)
    assert again.json["response"]["value"] == first.json["response"]["value"]
    assert len(org.owner.get("O/tokens").ok()) == 1
    head = key()
    token = first.json["response"]["id"]
    rotated = org.owner.post("O/tokens/%s/rotate" % token, {}, headers=head)
    same(rotated, org.owner.post("O/tokens/%s/rotate" % token, {}, headers=head))
    assert org.client(rotated.ok()["value"]).works()


def test_another_body_under_the_same_key_is_refused(org):
    """Goal: a key belongs to one request: another body is 422, and nothing is done."""
    head = key()
    org.owner.post("O/tokens", {"label": "one", "role_id": CI}, headers=head).ok()
    org.owner.post("O/tokens", {"label": "two", "role_id": CI}, headers=head).refused(422, "IDEMPOTENCY_KEY_REUSED")
    assert [t["label"] for t in org.owner.get("O/tokens").ok()] == ["one"]


def test_a_key_is_the_callers_and_the_paths_own(org):
    """Goal: the same key of another caller, or on another path, is another request, and shows nobody's answer."""
    head = key()
    admin = org.user("SUPER_ADMIN")
    body = {"label": "mine", "role_id": CI}
    mine = org.owner.post("O/tokens", body, headers=head).ok()
    theirs = admin.client.post("O/tokens", body, headers=head).ok()
    assert theirs["id"] != mine["id"] and theirs["value"] != mine["value"]
    org.owner.post("O/rbac/teams", {"name": unique("team")}, headers=head).ok()


def test_a_replay_is_authorized_anew(org):
    """Goal: who has lost the scope since the first answer gets a 403, not the token's value again."""
    admin = org.user("SUPER_ADMIN")
    head = key()
    body = {"label": "x", "role_id": CI}
    first = admin.client.post("O/tokens", body, headers=head).ok()
    org.owner.put("O/rbac/users/" + admin.id, {"org_role": "GUEST"}).ok()
    answer = admin.client.post("O/tokens", body, headers=head).refused(403, "INSUFFICIENT_SCOPE", "tokens:create")
    assert first["value"] not in answer.text
    org.owner.patch("O/rbac/users/" + admin.id, {"disabled": True}).ok()
    admin.client.post("O/tokens", body, headers=head).refused(401)


def test_a_replay_obeys_the_ceiling_of_the_moment(org):
    """Goal: who still may create tokens, but no longer one as strong as that, does not get its value again."""
    wide = org.role({"tokens:create", "findings:list", "policies:write"})
    narrow = org.role({"tokens:create", "findings:list"})
    given = org.role({"policies:write"})
    user = org.user(wide)
    head = key()
    body = {"label": "x", "role_id": given}
    first = user.client.post("O/tokens", body, headers=head).ok()
    org.owner.put("O/rbac/users/" + user.id, {"org_role": narrow}).ok()
    answer = user.client.post("O/tokens", body, headers=head).refused(403, "CANNOT_EXCEED_SELF")
    assert first["value"] not in answer.text


def test_after_the_token_died_a_replay_names_it_without_its_value(org):
    """Goal: the secret in a kept answer dies with the token: then 409, with the token's id."""
    head = key()
    body = {"label": "x", "role_id": CI}
    first = org.owner.post("O/tokens", body, headers=head).ok()
    org.owner.delete("O/tokens/" + first["id"]).ok()
    answer = org.owner.post("O/tokens", body, headers=head).refused(409, "IDEMPOTENCY_ANSWER_GONE")
    assert first["id"] in answer.json["message"] and first["value"] not in answer.text
    head = key()
    body = {"label": "short", "role_id": CI, "valid_for_seconds": 1}
    short = org.owner.post("O/tokens", body, headers=head).ok()
    gone = eventually(lambda: (lambda a: a if a.status == 409 else None)(org.owner.post("O/tokens", body,
        headers=head)),
        "the answer goes with the expired token")
    assert gone.json["code"] == "IDEMPOTENCY_ANSWER_GONE" and short["id"] in gone.json["message"]
    assert short["value"] not in gone.text


@pytest.mark.parametrize("length,good", [(15, False), (16, True), (255, True), (256, False)])
def test_the_length_of_a_key(org, length, good):
    """Goal: 16 to 255 characters, neither less nor more."""
    answer = org.owner.post("O/rbac/teams", {"name": unique("team")}, headers={"Idempotency-Key": "k" * length})
    if good:
        answer.ok()
    else:
        answer.refused(400)
        assert org.owner.get("O/rbac/teams").ok() == []


@pytest.mark.parametrize("bad", ["has a blank in the key", "sixteen-and-a-tab\tx", "sixteen-and-\xe9-accent"])
def test_the_characters_of_a_key(org, bad):
    """Goal: visible ASCII only."""
    org.owner.post("O/rbac/teams", {"name": unique("team")}, headers={"Idempotency-Key": bad}).refused(400)
    assert org.owner.get("O/rbac/teams").ok() == []


def test_every_mutation_takes_a_key(org):
    """Goal: a repeated PUT, PATCH or DELETE under its key answers as the first did, though the thing has changed
    since."""
    token = org.issue("ci")
    user = org.user("MEMBER")
    role = org.role({"findings:list"})
    team = org.team()
    for method, path, body in (
        ("PATCH", "O/tokens/" + token["id"], {"label": "renamed"}),
        ("PUT", "O/rbac/users/" + user.id, {"org_role": "GUEST"}),
        ("PUT", "O/rbac/roles/" + role, {"scopes": ["findings:read"]}),
        ("PUT", "O/rbac/teams/" + team + "/metadata", {"version": org.version(team), "change_name": unique("team")}),
        ("PUT", "O/apps", [{"id": unique("app")}]),
        ("PATCH", "O", {"name": unique("org")}),
        ("POST", "O/rbac/invitations", {"email": unique("i") + "@example.com", "org_role": "GUEST"}),
        ("POST", "O/rbac/users", {"email": unique("u") + "@example.com", "org_role": "GUEST", "password": PASSWORD}),
        ("DELETE", "O/tokens/" + token["id"], None),
        ("DELETE", "O/rbac/users/" + user.id, None),
        ("DELETE", "O/rbac/roles/" + role, None)):
        head = key()
        first = org.owner.ask(method, path, body, headers=head)
        first.ok()
        same(first, org.owner.ask(method, path, body, headers=head))


def test_refusals_may_be_tried_again_under_the_same_key(org):
    """Goal: a refused request did nothing, so its key still serves once the obstacle is gone."""
    head = key()
    admin = org.user("MEMBER")
    body = {"label": "x", "role_id": JIRA}
    admin.client.post("O/tokens", body, headers=head).refused(403)
    org.owner.put("O/rbac/users/" + admin.id, {"org_role": "SUPER_ADMIN"}).ok()
    admin.client.post("O/tokens", body, headers=head).ok()


def test_many_at_once_under_one_key_do_it_once(org):
    """Goal: eight at the same time: one token; every answer is that token or 'still running'."""
    head = key()
    body = {"label": "race", "role_id": CI}

    def one(_):
        return org.client(org.token).post("O/tokens", body, headers=head)

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(one, range(8)))
    values = set()
    for answer in answers:
        if answer.status == 200:
            values.add(answer.json["response"]["value"])
        else:
            answer.refused(409, "IDEMPOTENCY_IN_PROGRESS")
    assert len(values) == 1
    assert len(org.owner.get("O/tokens").ok()) == 1
