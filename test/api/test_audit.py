# SPDX-License-Identifier: Apache-2.0
"""Goal: the audit log tells who did what to whom, and who was refused what, with what a reader needs to undo it."""

import csv
import datetime
import json
import os
import sqlite3
from contextlib import closing

import catalogue_copy as cat
from client import API, Client, unique
from serving import run_jeton, sanitized


def exported(server, org):
    done = run_jeton("audit", "export", "--data", server.data, "--org", org.id)
    return [json.loads(line) for line in done.stdout.splitlines()]


def today(org):
    now = datetime.datetime.now(datetime.timezone.utc)
    text = org.owner.get("O/audit/csv/%d/%d/%d" % (now.year, now.month, now.day)).text
    return list(csv.DictReader(text.splitlines()))


def details(org, operation, target):
    return [json.loads(r["detail"]) for r in today(org) if r["operation"] == operation and r["target"] == target]


def test_refusals_are_recorded(server_factory):
    """Goal: a caller who is refused for want of power leaves a row, also where the answer is a success that only names what
    was left out, and where it says that nothing is there."""
    server = server_factory()
    org, other = server.demo(), server.make_org()
    admin, fellow = org.user("SUPER_ADMIN"), org.user("SUPER_ADMIN")
    guest, far = org.user("GUEST"), org.user("TEAM_DEFINED")
    team, hidden = org.team(), org.team()
    ci = org.issue("ci", teams=[team])
    guest.client.get("O/tokens").refused(403)
    admin.client.delete("O/rbac/users/" + fellow.id).refused(409, "CANNOT_DELETE_FELLOW_ADMIN")
    got = admin.client.post("O/saml/provision", [{"email": guest.email, "organization_role": "SUPER_ADMIN"}]).ok()
    assert got["rejected_org_roles"] == ["SUPER_ADMIN"]
    got = org.client(ci["value"]).put("O/apps", [{"id": unique("app"), "team_id": hidden}]).ok()
    assert got["rejected_team_ids"] == [hidden]
    far.client.get("O/rbac/teams/%s/my_scopes" % hidden).refused(404)
    org.client(other.token).get("O/my_scopes").refused(404)
    server.stop()
    seen = {(r["operation"], r["outcome"], r.get("user_id") or r.get("token_id")) for r in exported(server, org)}
    for row in (("list_tokens", "INSUFFICIENT_SCOPE", guest.id),
        ("delete_user", "CANNOT_DELETE_FELLOW_ADMIN", admin.id),
        ("provision_users", "OWNER_ONLY", admin.id),
        ("put_apps", "INSUFFICIENT_SCOPE", ci["id"]),
        ("my_scopes_team", "NOT_FOUND", far.id)):
        assert row in seen, "%s is not among %s" % (row, sorted(r for r in seen if r[1] != "ok"))
    assert [r["operation"] for r in exported(server, other) if r["outcome"] == "NOT_FOUND"] == ["my_scopes"], \
        "a refusal belongs to the caller's org"


def test_each_token_that_goes_with_its_user_has_a_row(org):
    """Goal: revoke_created names every token that it revokes, as one revoked by hand would be."""
    admin = org.user("SUPER_ADMIN")
    tokens = [org.issue("ci", by=admin.client)["id"] for _ in range(3)]
    org.owner.delete("O/rbac/users/%s?revoke_created=true" % admin.id).ok()
    for token in tokens:
        assert details(org, "delete_token", token) == [{"with_user": admin.id}]


def test_a_move_tells_where_the_app_came_from(org):
    """Goal: a team that loses an app to another counts its version up, and the row says from where to where; a deleted team
    says how much went with it; provisioning into a team counts its version up too, and once only."""
    user = org.user("GUEST")
    a, b = org.team(members=[(user, "TEAM_GUEST")]), org.team()
    app = org.app(team=a)
    before = org.version(a)
    org.owner.put("O/rbac/teams/%s/apps" % b, {"version": org.version(b), "add_applications": [app],
        "force_app_inclusion": True}).ok()
    assert org.version(a) == before + 1
    assert details(org, "move_app", app) == [{"from": a, "to": b}]
    org.owner.put("O/rbac/teams/%s/apps" % a, {"version": before, "add_applications": []}).refused(409)
    place = [{"email": user.email, "organization_role": "GUEST", "team_membership": [{"team_id": b, "role": "TEAM_GUEST"}]}]
    before = org.version(b)
    for _ in range(2):
        org.owner.post("O/saml/provision", place).ok()
    assert org.version(b) == before + 1
    org.owner.delete("O/rbac/teams/" + b, {"version": org.version(b)}).ok()
    assert [(d["members"], d["apps"]) for d in details(org, "delete_team", b)] == [(1, 1)]


def test_a_replaced_invitation_is_named(org):
    """Goal: inviting anew says which invitation it replaces; who could not have made that one does not end it."""
    email = unique("inv") + "@example.com"
    first = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "SUPER_ADMIN"}).ok()
    weak = org.user(org.role(cat.GUEST | {"org_invitations:create", "org_invitations:delete"}))
    weak.client.post("O/rbac/invitations", {"email": email, "org_role": "GUEST"}).refused(403, "OWNER_ONLY")
    weak.client.delete("O/rbac/invitations/" + first["id"]).refused(403, "OWNER_ONLY")
    member = unique("inv") + "@example.com"
    of_member = org.owner.post("O/rbac/invitations", {"email": member, "org_role": "MEMBER"}).ok()
    weak.client.post("O/rbac/invitations", {"email": member, "org_role": "GUEST"}).refused(403, "CANNOT_EXCEED_SELF")
    weak.client.delete("O/rbac/invitations/" + of_member["id"]).refused(403, "CANNOT_EXCEED_SELF")
    second = org.owner.post("O/rbac/invitations", {"email": email, "org_role": "GUEST"}).ok()
    assert details(org, "create_invitation", second["id"])[0]["replaces"] == first["id"]
    weak.client.delete("O/rbac/invitations/" + second["id"]).ok()
    org.anonymous().post(API + "/invitations/accept", {"token": second["url"].split("#token=")[1], "name": "x",
        "password": "correct horse battery"}).refused(410)


def test_a_long_day_comes_whole(server_factory):
    """Goal: an export is as long as the log is: no row is left out or comes twice where one part ends and the next begins,
    also of rows that share their time; HEAD has no body; the server keeps only a part of it in memory."""
    server = server_factory()
    org = server.demo()
    for n in range(300):
        org.owner.patch("O", {"name": "Name %d" % n}).ok()
    server.stop()
    with closing(sqlite3.connect(os.path.join(server.data, "jeton.db"))) as db:
        db.create_collation("C", lambda a, b: (a > b) - (a < b))
        last, = db.execute("SELECT max(seq) FROM audit").fetchone()
        noon = int(datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.timezone.utc).timestamp()) * 10**9
        db.execute("UPDATE audit SET time_ns = ? + seq / 200", (noon,))
        more = 60000
        db.execute("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO audit "
            "SELECT org, seq + i, ? + (seq + i) / 200, actor, token, account, address, request, operation, target_type, "
            "target, detail, outcome, folded, key_gen, mac FROM audit, n WHERE seq = ?", (more, noon, last))
        db.commit()
    server.start()
    before = server.resident_kib()
    head = Client(server.base, org.token, org.id).ask("HEAD", "O/audit/csv/2026/2/3")
    assert head.status == 200 and head.text == ""
    got = Client(server.base, org.token, org.id).get("O/audit/csv/2026/2")
    rows = list(csv.DictReader(got.text.splitlines()))
    assert [int(r["seq"]) for r in rows] == list(range(1, last + more + 1))
    # A reader's page cache is 16 MiB; the whole answer, made and copied at once, would be three times its 14 MB. (What a
    # sanitizer holds back of freed memory is beside the point.)
    assert sanitized() or server.resident_kib() - before < 28 * 1024, "%d bytes" % len(got.text)
    assert len(list(csv.DictReader(
        Client(server.base, org.token, org.id).get("O/audit/csv/2026/02/04").text.splitlines()))) == 0
