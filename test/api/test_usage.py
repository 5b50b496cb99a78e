# SPDX-License-Identifier: Apache-2.0
"""Usage: what verifiers record of a token is shown to those who may list it, survives restarts, and is nobody else's to change."""

import datetime
import os
import random
import time

import pytest

import catalogue_copy as cat
from client import CI, eventually, unique
from oauth import introspect
from verifier import SIZE, Verifier


def usage(org, token, by=None):
    return (by or org.owner).get("O/tokens/%s/usage" % token["id"]).ok()


def bare(shown):
    """Without when and from where."""
    return {k: v for k, v in shown.items() if k not in ("days", "places")}


def eventually_used(org, token, count):
    return eventually(lambda: (lambda u: u if u["count"] == count else None)(usage(org, token)),
        "%d uses of the token are known" % count)


def minutes_ago(stamp):
    at = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    assert at.second == 0, "to the minute"
    return (datetime.datetime.now(datetime.timezone.utc) - at).total_seconds() / 60


def test_a_token_that_nobody_has_used(org):
    """Goal: before its first use a token has none, no time of one, and everything it holds was never used."""
    token = org.issue("ci")
    assert bare(usage(org, token)) == {"count": 0, "scopes_used": [], "scopes_never_used": sorted(cat.KINDS["ci"])}
    assert usage(org, token)["places"] == [] and sum(d["uses"] for d in usage(org, token)["days"]) == 0
    assert "last_used_at" not in org.owner.get("O/tokens/" + token["id"]).ok()


def test_uses_are_shown(org):
    """Goal: count, last use to the minute, and the scopes exercised, of all values of a token; what it holds and never
    used is the rest. The list shows the last use too."""
    token, unused = org.issue("ci"), org.issue("ci")
    with Verifier(org.server) as v:
        v.use(token["id"], 3, ["scans:create"])
        eventually_used(org, token, 3)
        org.owner.post("O/tokens/%s/rotate" % token["id"], {}).ok()
        v.use(token["id"], 2, ["apps:list", "scans:create"])
        shown = eventually_used(org, token, 5)
    assert set(bare(shown)) == {"count", "last_used_at", "scopes_used", "scopes_never_used"}
    assert shown["scopes_used"] == ["apps:list", "scans:create"]
    assert shown["scopes_never_used"] == sorted(cat.KINDS["ci"] - {"apps:list", "scans:create"})
    assert minutes_ago(shown["last_used_at"]) < 3
    listed = {t["id"]: t.get("last_used_at") for t in org.owner.get("O/tokens").ok()}
    assert listed == {token["id"]: shown["last_used_at"], unused["id"]: None}
    assert org.owner.get("O/tokens/" + token["id"]).ok()["last_used_at"] == shown["last_used_at"]
    assert usage(org, unused)["count"] == 0


def test_the_server_records_what_it_lets_in(org):
    """Goal: calls of the API and of /verify count as uses, with the scopes that they needed; what was refused does not."""
    token = org.issue("ci")
    caller = org.client(token["value"])
    caller.get("O/apps").ok()
    caller.get("O/tokens").refused(403)
    for scope, status in (("scans:create", 204), ("scans:create", 204), ("tokens:list", 403)):
        assert caller.get("/verify?org=%s&scope=%s" % (org.id, scope)).status == status
    shown = eventually_used(org, token, 3)
    assert shown["scopes_used"] == ["apps:list", "scans:create"]
    assert minutes_ago(shown["last_used_at"]) < 3


def test_introspection_is_a_use_of_both(org):
    """Goal: whoever introspects has used its token for that, and the token that is said to live was used, for nothing in
    particular; one that is dead, or only explained, was not."""
    eyes, seen, dead = org.issue(role_id=org.role({"tokens:introspect", "tokens:list"})), org.issue("ci"), org.issue("ci")
    org.owner.delete("O/tokens/" + dead["id"]).ok()
    assert [introspect(org, eyes["value"], t["value"])["active"] for t in (seen, seen, dead)] == [True, True, False]
    assert org.client(eyes["value"]).post("O/explain", {"token": dead["value"], "scopes": []}).status == 200
    assert eventually_used(org, eyes, 4)["scopes_used"] == ["tokens:introspect", "tokens:list"]
    assert eventually_used(org, seen, 2)["scopes_used"] == []


def test_uses_of_several_processes_add_up(org):
    """Goal: counts of all verifiers are summed, the latest use counts, and a process that has ended counts too."""
    token = org.issue("ci")
    now = int(time.time()) // 60
    with Verifier(org.server) as one, Verifier(org.server) as two:
        one.use(token["id"], 10, ["scans:read"], minute=now - 100)
        two.use(token["id"], 7, ["scans:create"], minute=now - 50)
    shown = eventually_used(org, token, 17)
    assert shown["scopes_used"] == ["scans:create", "scans:read"]
    assert 49 < minutes_ago(shown["last_used_at"]) < 53


def test_a_time_is_believed_within_a_day(org):
    """Goal: no use is in the future, and none is older than a day before it was told."""
    early, late = org.issue("ci"), org.issue("ci")
    with Verifier(org.server) as v:
        v.use(early["id"], 1, minute=5)
        v.use(late["id"], 1, minute=2**31 - 1)
    assert 1439 < minutes_ago(eventually_used(org, early, 1)["last_used_at"]) < 1443
    assert -1 < minutes_ago(eventually_used(org, late, 1)["last_used_at"]) < 3


def test_what_a_limited_token_never_used(org):
    """Goal: a limited token's scopes are those it holds in its teams; with its last team gone it holds nothing, and what it
    used it has used."""
    team = org.team()
    token = org.issue("ci", teams=[team])
    held = set(usage(org, token)["scopes_never_used"])
    assert held == cat.KINDS["ci"]
    with Verifier(org.server) as v:
        v.use(token["id"], 1, ["scans:create"])
    assert set(eventually_used(org, token, 1)["scopes_never_used"]) == held - {"scans:create"}
    org.owner.delete("O/rbac/teams/" + team, {"version": org.version(team)}).ok()
    shown = usage(org, token)
    assert (shown["scopes_used"], shown["scopes_never_used"]) == (["scans:create"], [])


def test_what_was_used_and_is_no_longer_held(org):
    """Goal: what never was used follows the token's role at once; what was used stays, whatever the role is now."""
    role = org.owner.post("O/rbac/roles", {"name": unique("r"), "role_type": "organization",
        "scopes": ["findings:list", "findings:read", "scans:read"]}).ok()["id"]
    token = org.owner.post("O/tokens", {"label": "x", "role_id": role}).ok()
    with Verifier(org.server) as v:
        v.use(token["id"], 4, ["findings:list", "scans:read"])
    assert eventually_used(org, token, 4)["scopes_never_used"] == ["findings:read"]
    org.owner.put("O/rbac/roles/" + role, {"scopes": ["findings:list", "comments:list"]}).ok()
    shown = usage(org, token)
    assert shown["scopes_used"] == ["findings:list", "scans:read"]
    assert shown["scopes_never_used"] == ["comments:list"]


def test_who_may_see_it(org):
    """Goal: it takes tokens:list; a service token sees what it issued and nothing else; a revoked token has none."""
    service, other = org.issue("service"), org.issue("ci")
    by = org.client(service["value"])
    own = by.post("O/tokens", {"label": "x", "role_id": CI}).ok()
    assert usage(org, own, by)["count"] == 0
    by.get("O/tokens/%s/usage" % other["id"]).refused(404)
    by.get("O/tokens/%s/usage" % service["id"]).refused(404)
    org.client(other["value"]).get("O/tokens/%s/usage" % other["id"]).refused(403, scope="tokens:list")
    org.owner.get("O/tokens/%s/usage" % org.owner_id).refused(404)
    org.owner.delete("O/tokens/" + other["id"]).ok()
    org.owner.get("O/tokens/%s/usage" % other["id"]).refused(404)


def test_a_restart_keeps_it(server_factory):
    """Goal: what was recorded just before a stop is there after it; the verifier's next uses are added to it."""
    server = server_factory()
    org = server.demo()
    token = org.issue("ci")
    with Verifier(server) as v:
        v.use(token["id"], 5, ["scans:create"])
        server.stop()
        server.start()
        org = server.demo()
        assert usage(org, token)["count"] == 5
        v.use(token["id"], 1)
        v.connect()
        eventually_used(org, token, 6)
    server.stop()
    server.start()
    shown = usage(server.demo(), token)
    assert (shown["count"], shown["scopes_used"]) == (6, ["scans:create"])


def test_what_is_gone_is_no_error(server_factory):
    """Goal: uses of a token of an org that is deleted while they wait are dropped, and nothing is logged as an error."""
    server = server_factory()
    org, beside = server.make_org(), server.demo()
    token, kept = org.issue("ci"), beside.issue("ci")
    with Verifier(server) as v:
        v.use(token["id"], 5)
        v.use(kept["id"], 5)
        org.owner.delete("O").ok()
        eventually_used(beside, kept, 5)
    server.stop()
    assert "level=error" not in server.log


@pytest.mark.parametrize("how", ["unsealed", "greeting", "size", "format"])
def test_what_is_no_memory_of_ours_is_hung_up_on(org, how):
    """Goal: a process that hands over anything else loses its connection, and nothing else happens."""
    with Verifier(org.server, connect=False) as v:
        if how == "size":
            os.ftruncate(v.fd, SIZE + 4096)
        if how == "format":
            v.memory[8] = 2
        if how != "unsealed":
            v.seal()
        v.connect(b"JTUSAGE2" if how == "greeting" else b"JTUSAGE1")
        assert v.ended()
    assert org.owner.works()


def test_a_hostile_verifier_lies_about_its_own_use_alone(server_factory):
    """Goal: random bytes all over a memory, for some seconds, end nothing, hold nothing up, and take nothing from what another
    process has recorded."""
    server = server_factory()
    org = server.demo()
    token = org.issue("ci")
    chance = random.Random(1)
    with Verifier(server) as honest, Verifier(server) as hostile:
        honest.use(token["id"], 5, ["scans:create"])
        end = time.monotonic() + 4
        while time.monotonic() < end:
            at = chance.randrange(32, SIZE - 4096)
            hostile.memory[at:at + 4096] = chance.randbytes(4096)
            assert org.owner.works()
        shown = eventually(lambda: (lambda u: u if u["count"] >= 5 else None)(usage(org, token)), "its uses are known")
        assert "scans:create" in shown["scopes_used"]
    server.stop()


def test_one_user_has_no_more_than_its_connections(server_factory):
    """Goal: the 65th verifier of one user is turned away, and has its place when another has ended."""
    server = server_factory()
    held = [Verifier(server) for _ in range(64)]
    with Verifier(server) as one_more:
        assert one_more.ended()
    held.pop().close()
    token = server.demo().issue("ci")

    def counted():
        with Verifier(server) as again:
            again.use(token["id"], 1)
        return usage(server.demo(), token)["count"] or None

    eventually(counted, "there is room again")
    for v in held:
        v.close()
