# SPDX-License-Identifier: Apache-2.0
"""The life of an integration token: issue, list, rotate, revoke, with every bound of RULES.md."""

import concurrent.futures
import datetime
import re
import urllib.parse
import uuid
import zlib

import pytest

import catalogue_copy as cat
from client import ACCESS, API, CI, GITHUB, JIRA, ORG_ROLES, SERVICE, TOKEN_ROLES, eventually, unique

LETTERS = {"ci": "c", "github": "g", "jira": "j", "access": "a", "service": "s", "custom": "x"}
DEFAULT_TYPE = {"ci": "access", "access": "access", "jira": "integration", "github": "integration",
    "service": "integration"}
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def seconds_until(stamp):
    at = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return (at - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def lifetime(token):
    made = datetime.datetime.fromisoformat(token["created_at"].replace("Z", "+00:00"))
    return (datetime.datetime.fromisoformat(token["expires_at"].replace("Z", "+00:00")) - made).total_seconds()


def listed(org, query=""):
    return [t["id"] for t in org.owner.get("O/tokens" + query).ok()]


def make(org, status=200, **body):
    body.setdefault("label", "x")
    body.setdefault("role_id", CI)
    answer = org.owner.post("O/tokens", body)
    return answer.ok() if status == 200 else answer.refused(status)


# --- Issuing ---

@pytest.mark.parametrize("kind", sorted(TOKEN_ROLES))
def test_each_kind_is_issued_in_its_shape(org, kind):
    """Goal: an issued token has exactly the promised keys, a value of its kind with a right checksum, and works at
    once."""
    token = org.issue(kind, label="it", description="why")
    assert set(token) == {"id", "label", "description", "role_id", "token_type", "kind", "created_at", "created_by",
        "limited", "value"}
    assert re.fullmatch(r"jtn%s_[0-9A-Za-z]{38}" % LETTERS[kind], token["value"])
    number, check = zlib.crc32(token["value"][:-6].encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        check = DIGITS[digit] + check
    assert token["value"].endswith(check)
    assert (token["label"], token["description"], token["kind"]) == ("it", "why", kind)
    assert token["role_id"] == TOKEN_ROLES[kind] and token["token_type"] == DEFAULT_TYPE[kind]
    assert token["limited"] is False and token["created_by"] == org.owner_id
    assert org.client(token["value"]).scopes() == cat.KINDS[kind]
    for other in ("access", "integration"):
        assert org.issue(kind, token_type=other)["token_type"] == other


def test_a_value_is_shown_once(org):
    """Goal: a value is in the answer that made it and in no list, no log line and no audit row."""
    token = org.issue("ci")
    shown = org.owner.get("O/tokens/" + token["id"]).ok()
    assert shown == {k: v for k, v in token.items() if k != "value"}
    assert org.owner.get("O/tokens").ok() == [shown]
    org.client(token["value"]).get("O/rbac/users").refused(403)
    now = datetime.datetime.now(datetime.timezone.utc)
    audit = org.owner.get("O/audit/csv/%d/%d" % (now.year, now.month)).text
    assert token["id"] in audit and token["value"] not in audit and token["value"][5:37] not in audit
    assert token["value"] not in org.server.log and token["value"][5:37] not in org.server.log


@pytest.mark.parametrize("seconds,good", [(0, False), (1, True), (3153600000, True), (3153600001, False), (-1, False),
    (1.5, False), ("60", False), (True, False), (10**30, False)])
def test_bounds_of_validity(org, seconds, good):
    """Goal: valid_for_seconds is an integer from 1 to 3,153,600,000."""
    if good:
        assert lifetime(make(org, valid_for_seconds=seconds)) == pytest.approx(seconds, abs=1.5)
    else:
        make(org, 400, valid_for_seconds=seconds)
        assert listed(org) == []


def test_the_orgs_maximum_binds_what_is_issued_later(org):
    """Goal: above the org's maximum for the kind is 400; left out is the maximum; what was there before stays."""
    before = org.issue("ci")
    org.owner.patch("O", {"max_token_seconds": {"ci": 3600, "jira": 60}}).ok()
    org.owner.patch("O", {"max_token_seconds": {"access": 7200}}).ok()
    assert org.owner.get("O").ok()["max_token_seconds"] == {"ci": 3600, "jira": 60, "access": 7200}, \
        "what is not named stays"
    org.owner.patch("O", {"max_token_seconds": {"access": 0}, "name": "Renamed"}).ok()
    assert org.owner.get("O").ok()["max_token_seconds"] == {"ci": 3600, "jira": 60}, "0 takes it away"
    make(org, 400, valid_for_seconds=3601)
    make(org, 400, valid_for_seconds=61, role_id=JIRA)
    assert lifetime(make(org, valid_for_seconds=3600)) == pytest.approx(3600, abs=1.5)
    assert lifetime(make(org)) == pytest.approx(3600, abs=1.5)
    assert lifetime(make(org, role_id=JIRA)) == pytest.approx(60, abs=1.5)
    assert "expires_at" not in make(org, role_id=GITHUB)
    assert "expires_at" not in org.owner.get("O/tokens/" + before["id"]).ok()
    rotated = org.owner.post("O/tokens/%s/rotate" % before["id"], {}).ok()
    assert lifetime_from_now(rotated) <= 3601, "rotating is issuing: the maximum binds"


def lifetime_from_now(token):
    return seconds_until(token["expires_at"])


@pytest.mark.parametrize("maxima", [{"ci": 3153600001}, {"ci": -5}, {"ci": "60"}, {"cI": 60}, {"ci": 1.5},
    [], "x"])
def test_bad_maxima_are_refused(org, maxima):
    """Goal: a maximum is an integer within the bounds of validity, for a kind that exists."""
    org.owner.patch("O", {"max_token_seconds": maxima}).refused(400)
    assert org.owner.get("O").ok().get("max_token_seconds", {}) == {}


@pytest.mark.parametrize("label,good", [("", False), ("a", True), ("a" * 128, True), ("a" * 129, False),
    ("\u00e9" * 128, True), ("\U0001f511" * 128, True), ("\U0001f511" * 129, False), ("a\nb", False), ("a\x7f", False),
    ("a\u0085b", False), (5, False)])
def test_limits_of_a_label(org, label, good):
    """Goal: a label has 1 to 128 characters, of whatever script, and no control characters."""
    if good:
        assert make(org, label=label)["label"] == label
        assert org.owner.get("O/tokens").ok()[0]["label"] == label
    else:
        make(org, 400, label=label)


def test_limits_of_a_description(org):
    """Goal: a description has up to 1,024 characters; left out it is empty, never null."""
    assert make(org)["description"] == ""
    assert make(org, description="")["description"] == ""
    assert make(org, description="d" * 1024)["description"] == "d" * 1024
    make(org, 400, description="d" * 1025)


@pytest.mark.parametrize("body", [{}, {"label": "x"}, {"role_id": CI}, {"label": None, "role_id": CI},
    {"label": "x", "role_id": None}, {"label": "x", "role_id": "ci"}, {"label": "x", "role_id": CI,
    "token_type": "personal"},
    {"label": "x", "role_id": CI, "colour": "red"}, {"label": "x", "role_id": CI, "value": "jtnc_"},
    {"label": "x", "role_id": CI, "teams": "all"}, {"label": "x", "role_id": CI, "teams": ["nope"]}, []])
def test_bodies_that_are_not_a_token(org, body):
    """Goal: what is missing, of a wrong type or unknown is 400 with the field named; nothing is issued."""
    answer = org.owner.post("O/tokens", body).refused(400)
    assert answer.json["validation_errors"] or answer.json["code"] in ("ROLE_NOT_APPLICABLE", "BAD_JSON"), answer
    assert listed(org) == []


def test_null_is_the_same_as_absent(org):
    """Goal: null for an optional field of a token is as if it had been left out."""
    plain = make(org)
    nulls = make(org, description=None, token_type=None, valid_for_seconds=None, teams=None)
    same = ("label", "description", "role_id", "token_type", "kind", "limited")
    assert {k: plain[k] for k in same} == {k: nulls[k] for k in same} and set(plain) == set(nulls)


def test_roles_that_a_token_cannot_carry(org):
    """Goal: a token carries a managed token role or a custom role; a team role only with teams."""
    for role in list(ORG_ROLES.values()) + [str(uuid.uuid4()), "MEMBER"]:
        make(org, 400, role_id=role)
    team, team_role = org.team(), org.role({"findings:list"}, role_type="team")
    assert make(org, 400, role_id=team_role).json["code"] == "ROLE_NOT_APPLICABLE"
    token = make(org, role_id=team_role, teams=[team])
    assert token["kind"] == "custom" and token["teams"] == [team]
    assert org.client(token["value"]).scopes("O/rbac/teams/%s/my_scopes" % team) == {"findings:list"}


def test_a_custom_token_follows_its_role(org):
    """Goal: a custom token holds what its role holds at this moment; widen and narrow the role, same value."""
    role = org.role({"findings:list"})
    token = org.client(org.issue("custom", role_id=role)["value"])
    assert token.scopes() == {"findings:list"}
    org.owner.put("O/rbac/roles/" + role, {"scopes": ["findings:read", "apps:list"]}).ok()
    assert token.scopes() == {"findings:read", "apps:list"}


# --- Teams ---

def test_limited_tokens(org):
    """Goal: `teams` limits; left out is org-wide; an empty list and a team that is not there are refused."""
    a, b, c = org.team(), org.team(), org.team()
    make(org, 400, teams=[])
    make(org, 404, teams=[str(uuid.uuid4())])
    make(org, 404, teams=[a, str(uuid.uuid4())])
    make(org, 400, teams=[str(uuid.uuid4()) for _ in range(101)])
    both = make(org, teams=[a, b])
    assert both["limited"] is True and sorted(both["teams"]) == sorted([a, b])
    client = org.client(both["value"])
    assert client.scopes() == cat.KINDS["ci"] & (cat.EVERYONE | cat.BY_TEAM)
    for team in (a, b):
        assert client.scopes("O/rbac/teams/%s/my_scopes" % team) == cat.KINDS["ci"]
    client.get("O/rbac/teams/%s/my_scopes" % c).refused(404)
    client.put("O/apps", [{"id": unique("app")}]).refused(400)
    client.put("O/apps", [{"id": unique("app"), "team_id": a}]).ok()


def test_a_limited_token_whose_last_team_is_deleted_holds_nothing(org):
    """Goal: limited is a flag, not the length of a list: without teams it holds nothing, and is never org-wide."""
    team = org.team()
    app = org.app(team=team)
    token = org.issue("ci", teams=[team])
    client = org.client(token["value"])
    assert [a["id"] for a in client.get("O/apps").ok()] == [app]
    org.owner.delete("O/rbac/teams/" + team, {"version": org.version(team)}).ok()
    shown = org.owner.get("O/tokens/" + token["id"]).ok()
    assert shown["limited"] is True and shown.get("teams", []) == []
    client.get("O/apps/" + app).refused(403, scope="project:read")  # as for every id: nothing can be read
    apps = client.get("O/apps")
    assert apps.status in (403, 404) or apps.ok() == []
    assert client.put("O/apps", [{"id": unique("app")}]).status in (400, 403)
    assert org.app_team(app) is None


# --- Lists ---

def test_filters(org):
    """Goal: the list can be cut by kind, token type and maker; a value that is none of these is 400 or empty."""
    admin = org.user("SUPER_ADMIN")
    ci, jira = org.issue("ci")["id"], org.issue("jira")["id"]
    theirs = org.issue("github", by=admin.client, token_type="access")["id"]
    assert set(listed(org)) == {ci, jira, theirs}
    assert listed(org, "?kind=ci") == [ci]
    assert set(listed(org, "?token_type=access")) == {ci, theirs}
    assert listed(org, "?token_type=integration") == [jira]
    assert listed(org, "?created_by=" + admin.id) == [theirs]
    assert set(listed(org, "?created_by=" + org.owner_id)) == {ci, jira}
    assert listed(org, "?kind=github&created_by=" + org.owner_id) == []
    for bad in ("?kind=nothing", "?token_type=nothing", "?created_by=nobody", "?show_expired=maybe"):
        org.owner.get("O/tokens" + bad).refused(400)


def test_show_expired(org):
    """Goal: an expired token is listed only when asked for; a revoked one never; personal ones never."""
    user = org.user("MEMBER")
    short = org.issue("ci", valid_for_seconds=1)
    revoked = org.issue("ci")
    stays = org.issue("ci")
    org.owner.delete("O/tokens/" + revoked["id"]).ok()
    probe = org.client(short["value"])
    eventually(lambda: not probe.works(), "a token of one second expires")
    assert listed(org) == [stays["id"]] and listed(org, "?show_expired=false") == [stays["id"]]
    assert set(listed(org, "?show_expired=true")) == {short["id"], stays["id"]}
    assert user.token not in org.owner.get("O/tokens?show_expired=true").text
    assert all(t["kind"] != "personal" for t in org.owner.get("O/tokens?show_expired=true").ok())


def pages(org, first):
    """Follows next_page to the end; yields each page's ids."""
    path = first
    for _ in range(100):
        answer = org.owner.get(path)
        yield [t["id"] for t in answer.ok()]
        if "next_page" not in answer.json:
            return
        url = urllib.parse.urlsplit(answer.json["next_page"])
        assert answer.json["next_page"].startswith(org.server.base), "a whole URL: %s" % answer.json["next_page"]
        assert "after=" in url.query
        path = url.path + "?" + url.query
    raise AssertionError("the pages do not end")


def test_paging(org):
    """Goal: pages by number and by next_page show each token once, in the same order; desc is asc reversed."""
    made = [org.issue("ci", label="n%d" % n)["id"] for n in range(23)]
    whole = listed(org)
    assert sorted(whole) == sorted(made) and whole == listed(org, "?order=asc")
    assert listed(org, "?order=desc") == whole[::-1]
    for order, expected in (("asc", whole), ("desc", whole[::-1])):
        for size in (1, 5, 10, 23, 250):
            got = list(pages(org, "O/tokens?per_page=%d&order=%s" % (size, order)))
            assert [i for page in got for i in page] == expected
            assert all(len(page) <= size for page in got)
        assert listed(org, "?page=1&per_page=5&order=" + order) == expected[:5]
        assert listed(org, "?page=5&per_page=5&order=" + order) == expected[20:]
        assert listed(org, "?page=6&per_page=5&order=" + order) == [], "a page past the end is empty"
    assert listed(org, "?page=1000") == []
    org.owner.get("O/tokens?page=1001").refused(400, "PAGE_TOO_DEEP")
    for bad in ("page=0", "page=-1", "page=x", "per_page=0", "per_page=251", "per_page=x", "order=up", "after=zzz",
        "page=99999999999999999999"):
        org.owner.get("O/tokens?" + bad).refused(400)


def test_paging_while_tokens_come_and_go(org):
    """Goal: following next_page, what was there all the time is seen exactly once, whatever is made or revoked
    meanwhile."""
    made = [org.issue("ci")["id"] for _ in range(12)]
    seen = []
    for n, page in enumerate(pages(org, "O/tokens?per_page=3")):
        seen.extend(page)
        if n == 0:
            org.owner.delete("O/tokens/" + page[0]).ok()
            org.owner.delete("O/tokens/" + made[-1] if made[-1] not in page else "O/tokens/" + made[0]).ok()
            org.issue("ci")
    assert len(seen) == len(set(seen))
    alive = set(listed(org)) & set(made)
    assert alive <= set(seen)


# --- Changing ---

def test_patch(org):
    """Goal: label and description change, nothing else can; absent is unchanged."""
    token = org.issue("ci", description="d")
    path = "O/tokens/" + token["id"]
    got = org.owner.patch(path, {"label": "new"}).ok()
    assert (got["label"], got["description"]) == ("new", "d")
    got = org.owner.patch(path, {"description": "e", "label": None}).ok()
    assert (got["label"], got["description"]) == ("new", "e")
    for bad in ({"label": ""}, {"label": "a" * 129}, {"role_id": JIRA}, {"teams": []}, {"valid_for_seconds": 5},
        {"colour": "red"}, {"label": 5}):
        org.owner.patch(path, bad).refused(400)
    assert org.owner.get(path).ok()["label"] == "new" and org.client(token["value"]).works()
    org.owner.patch("O/tokens/" + str(uuid.uuid4()), {"label": "x"}).refused(404)
    org.owner.patch("O/tokens/not-an-id", {"label": "x"}).refused((400, 404))


# --- Rotating ---

def rotate(org, token, **body):
    return org.owner.post("O/tokens/%s/rotate" % token["id"], body)


def test_rotate_without_overlap(org):
    """Goal: a new value works at once and the old one is dead; id, label, role and teams stay."""
    team = org.team()
    token = org.issue("ci", label="it", description="d", teams=[team], valid_for_seconds=3600)
    new = rotate(org, token).ok()
    assert new["value"] != token["value"]
    for key in ("id", "label", "description", "role_id", "token_type", "kind", "limited", "teams"):
        assert new[key] == token[key], key
    assert lifetime_from_now(new) == pytest.approx(3600, abs=10)
    answer = org.client(token["value"]).get("O/my_scopes").refused(401)
    assert org.server.refusal(answer.request_id) == "revoked"
    assert org.client(new["value"]).works() and listed(org) == [token["id"]]


@pytest.mark.parametrize("overlap,good", [(0, True), (1, True), (604800, True), (604801, False), (-1, False),
    ("5", False), (1.5, False)])
def test_bounds_of_the_overlap(org, overlap, good):
    """Goal: overlap_seconds is an integer from 0 to 604,800; a refused rotation changes nothing."""
    token = org.issue("ci")
    if good:
        new = rotate(org, token, overlap_seconds=overlap).ok()
        assert org.client(new["value"]).works()
        if overlap == 604800:
            assert org.client(token["value"]).works()
        if overlap == 1:
            probe = org.client(token["value"])
            eventually(lambda: not probe.works(), "the overlap of a second ends")
    else:
        rotate(org, token, overlap_seconds=overlap).refused(400)
        assert org.client(token["value"]).works()


def test_at_most_two_values_live(org):
    """Goal: rotating again within the overlap kills the oldest value at once; DELETE kills all."""
    token = org.issue("ci")
    values = [token["value"]]
    for _ in range(3):
        values.append(rotate(org, token, overlap_seconds=3600).ok()["value"])
        alive = [org.client(v).works() for v in values]
        assert alive == [False] * (len(values) - 2) + [True, True]
    org.owner.delete("O/tokens/" + token["id"]).ok()
    assert not any(org.client(v).works() for v in values)
    values_after = rotate(org, org.issue("ci"), overlap_seconds=0).ok()["value"]
    assert org.client(values_after).works()


def test_an_overlap_never_outlives_the_old_expiry(org):
    """Goal: the old value dies when it would have died anyway, however long an overlap was asked for."""
    token = org.issue("ci", valid_for_seconds=2)
    rotate(org, token, overlap_seconds=604800).ok()
    probe = org.client(token["value"])
    eventually(lambda: not probe.works(), "the old value's own expiry", seconds=8)


def test_what_is_dead_cannot_be_rotated(org):
    """Goal: rotating an expired or a revoked token is 409; one that never was, 404; a body with a stranger, 400."""
    short = org.issue("ci", valid_for_seconds=1)
    probe = org.client(short["value"])
    eventually(lambda: not probe.works(), "a token of one second expires")
    rotate(org, short).refused(409, "NOT_ROTATABLE")
    revoked = org.issue("ci")
    org.owner.delete("O/tokens/" + revoked["id"]).ok()
    rotate(org, revoked).refused(409, "NOT_ROTATABLE")
    org.owner.post("O/tokens/%s/rotate" % uuid.uuid4(), {}).refused(404)
    rotate(org, org.issue("ci"), colour="red").refused(400)


def test_a_personal_token_is_not_rotated_or_revoked_here(org):
    """Goal: personal tokens are no part of these operations: not listed, not read, not rotated, not deleted."""
    user = org.user("MEMBER")
    personal = org.reveal(user.email).ok()["id"]
    org.owner.get("O/tokens/" + personal).refused(404)
    org.owner.post("O/tokens/%s/rotate" % personal, {}).refused((403, 404, 409))
    org.owner.patch("O/tokens/" + personal, {"label": "x"}).refused(404)
    org.owner.delete("O/tokens/" + personal).refused(404)
    user.client.post("O/tokens/%s/rotate" % personal, {}).refused((403, 404))
    assert user.client.works() and org.reveal(user.email).ok()["value"] == user.token


def test_only_the_owner_rotates_a_service_token(org):
    """Goal: issuing or rotating a service token is the owner's; revoking it is any admin's."""
    service = org.issue("service")
    admin = org.user("SUPER_ADMIN")
    admin.client.post("O/tokens/%s/rotate" % service["id"], {}).refused(403, "OWNER_ONLY")
    new = rotate(org, service).ok()
    org.client(new["value"]).post("O/tokens/%s/rotate" % service["id"], {}).refused(403)
    admin.client.delete("O/tokens/" + service["id"]).ok()
    assert not org.client(new["value"]).works()


# --- Revoking ---

def test_delete_tells_changed_and_absent_apart(org):
    """Goal: DELETE answers once; a second one, and one of nothing, 404. The value is dead when it is answered."""
    token = org.issue("ci")
    client = org.client(token["value"])
    assert client.works()
    answer = org.owner.delete("O/tokens/" + token["id"])
    assert answer.json == {"ok": True}
    client.get("O/my_scopes").refused(401)
    org.owner.delete("O/tokens/" + token["id"]).refused(404)
    org.owner.get("O/tokens/" + token["id"]).refused(404)
    org.owner.delete("O/tokens/" + str(uuid.uuid4())).refused(404)


def test_many_deletes_at_once_revoke_once(org):
    """Goal: of eight simultaneous DELETEs of one token exactly one is answered 200."""
    token = org.issue("ci")
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: org.client(org.token).delete("O/tokens/" + token["id"]).status, range(8)))
    assert sorted(found) == [200] + [404] * 7


def test_cascade(org):
    """Goal: revoking a service token leaves its CI tokens alive unless cascade=true."""
    for cascade in (False, True):
        service = org.issue("service")
        ci = [org.issue("ci", by=org.client(service["value"])) for _ in range(2)]
        other = org.issue("ci")
        org.owner.delete("O/tokens/%s%s" % (service["id"], "?cascade=true" if cascade else "")).ok()
        assert not org.client(service["value"]).works()
        assert [org.client(t["value"]).works() for t in ci] == [not cascade] * 2
        assert org.client(other["value"]).works()


def test_a_users_tokens_are_revoked_on_request(org):
    """Goal: deleting a user leaves the org's tokens alive; revoke_created=true revokes those that the user made."""
    for revoke in (False, True):
        admin = org.user("SUPER_ADMIN")
        token = org.issue("ci", by=admin.client)
        other = org.issue("ci")
        assert listed(org, "?created_by=" + admin.id) == [token["id"]]
        org.owner.delete("O/rbac/users/%s%s" % (admin.id, "?revoke_created=true" if revoke else "")).ok()
        assert org.client(token["value"]).works() is (not revoke)
        assert org.client(other["value"]).works()


def test_a_token_may_revoke_itself_and_is_dead_for_the_next_request(org):
    """Goal: a token that holds tokens:delete can delete itself: answered, then refused."""
    role = org.role({"tokens:delete", "tokens:list"})
    token = org.issue("custom", role_id=role)
    client = org.client(token["value"])
    client.delete("O/tokens/" + token["id"]).ok()
    client.get("O/my_scopes").refused(401)


def test_token_roles_are_listed(org):
    """Goal: GET O/roles names the managed token roles, each with exactly its keys."""
    roles = org.owner.get("O/roles").ok()
    assert {r["id"] for r in roles} == set(TOKEN_ROLES.values())
    assert all(set(r) == {"id", "label", "description", "role_type"} and r["role_type"] == "managed" for r in roles)
    assert len({ACCESS, SERVICE, CI} & {r["id"] for r in roles}) == 3


def test_credentials_are_taken_one_way_only(org):
    """Goal: no token, a foreign scheme, an empty one: 401; two credentials at once: 400; a cookie or query never
    counts."""
    ask = org.anonymous()
    ask.get("O/my_scopes").refused(401)
    for value in ("Bearer", "Bearer ", "Basic " + org.token, org.token, "Token " + org.token,
        "Bearer " + org.token + " x"):
        ask.get("O/my_scopes", headers={"Authorization": value}).refused((400, 401))
    assert ask.get("O/my_scopes", headers={"Authorization": "bearer " + org.token}).status == 200, "RFC 9110: any case"
    ask.get("O/my_scopes", headers={"Cookie": "token=" + org.token}).refused(401)
    ask.get("O/my_scopes?access_token=" + org.token).refused((400, 401))
    ask.get(API + "/nothing/here", headers={"Authorization": "Bearer " + org.token}).refused(404)
