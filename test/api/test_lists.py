# SPDX-License-Identifier: Apache-2.0
"""Lists of users, teams and apps: searched, filtered, in pages. Lists of tokens: test_token_lists.py."""

import urllib.parse
import uuid

from client import ORG_ROLES, eventually

APPS, USERS, TEAMS = "O/apps", "O/rbac/users", "O/rbac/teams"


def follow(client, path, between=lambda: None):
    """Every row of all pages; calls `between` after each."""
    rows = []
    while path:
        answer = client.get(path)
        rows += answer.ok()
        url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
        path = url.path and url.path + "?" + url.query
        between()
    return rows


def query(path, **parameters):
    return path + "?" + urllib.parse.urlencode(parameters)


def test_users_by_role_and_team_and_text(org):
    """Goal: search, role and team: each alone, and all that are given hold, in either order, however they are paged."""
    custom = org.role({"findings:list"})
    people = [org.user("MEMBER", name="Ada Zander"), org.user("GUEST", name="ada yard"), org.user("MEMBER", name="Bob Zander"),
        org.user(custom, name="Ada Zander")]
    team = org.team(members=[(people[0], "TEAM_MEMBER"), (people[1], "TEAM_ADMIN"), (people[3], "TEAM_MEMBER")])
    ada, yard, bob, other = (p.id for p in people)
    cases = {("search", "ADA"): {ada, yard, other}, ("search", "zander"): {ada, bob, other}, ("role", custom): {other},
        ("role", ORG_ROLES["MEMBER"]): {ada, bob}, ("role", str(uuid.uuid4())): set(), ("team", team): {ada, yard, other}}
    for (name, value), expected in cases.items():
        for more, most in (({}, None), ({"search": "Ada Z"}, {ada, other}), ({"role": ORG_ROLES["MEMBER"]}, {ada, bob}),
            ({"team": team}, {ada, yard, other}), ({"email": people[0].email}, {ada})):
            if name in more:
                continue
            wanted = expected if most is None else expected & most
            for sort in ("email", "name"):
                parameters = {name: value, "sort": sort, **more}
                whole = [u["id_v2"] for u in org.owner.get(query(USERS, **parameters)).ok()]
                assert set(whole) == wanted and len(whole) == len(wanted), parameters
                for order in ("asc", "desc"):
                    paged = follow(org.owner, query(USERS, per_page=1, order=order, **parameters))
                    assert [u["id_v2"] for u in paged] == (whole if order == "asc" else whole[::-1])
                second = org.owner.get(query(USERS, per_page=1, page=2, **parameters)).ok()
                assert [u["id_v2"] for u in second] == whole[1:2]


def test_users_of_equal_names_page_by_id(org):
    """Goal: among equals the order is fixed."""
    made = sorted(org.user("GUEST", name="Same" if n % 2 else "SAME").id for n in range(5))
    paged = follow(org.owner, query(USERS, search="same", sort="name", per_page=2))
    assert [u["id_v2"] for u in paged] == made


def test_paging_goes_on_when_the_last_one_shown_is_gone(org):
    """Goal: next_page is a place, not a row: whatever is deleted meanwhile, all others are seen exactly once."""
    for sort in ("email", "name"):
        users = [org.user("GUEST", name="Guest").id for _ in range(5)]
        path, seen = query(USERS, search="guest", sort=sort, per_page=1), []
        while path:
            answer = org.owner.get(path)
            (row,) = answer.ok()
            seen.append(row["id_v2"])
            org.owner.delete(USERS + "/" + row["id_v2"]).ok()
            url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
            path = url.path and url.path + "?" + url.query
        assert sorted(seen) == sorted(users)
    teams = [org.team(name="Team %d" % n) for n in range(4)]
    path, seen = query(TEAMS, per_page=1), []
    while path:
        answer = org.owner.get(path)
        (row,) = answer.ok()
        seen.append(row["team_id"])
        org.owner.delete(TEAMS + "/" + row["team_id"], {"version": row["team_version"]}).ok()
        url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
        path = url.path and url.path + "?" + url.query
    assert seen == teams


def test_when_a_user_was_last_active(org):
    """Goal: details say when a user's own token was last used; of one who was never active they say nothing."""
    active, idle = org.user("MEMBER"), org.user("MEMBER")
    active.client.get("O/my_scopes").ok()

    def rows():
        return {u["id_v2"]: u for u in org.owner.get(USERS + "?details=true").ok()}

    eventually(lambda: "last_activity_utc_timestamp" in rows()[active.id], "the use is known")
    assert "last_activity_utc_timestamp" not in rows()[idle.id]
    assert all("last_activity_utc_timestamp" not in u for u in org.owner.get(USERS).ok())


def test_teams_by_text(org):
    """Goal: a part of the name, in any case, in order and in pages; with details how many are in each."""
    user = org.user("MEMBER")
    blue = org.team(name="Blue Sky", members=[(user, "TEAM_MEMBER")], apps=[org.app(), org.app()])
    sea, red = org.team(name="deep blue sea"), org.team(name="Red")
    assert [t["team_id"] for t in org.owner.get(TEAMS + "?search=BLUE").ok()] == [blue, sea]
    assert [t["team_id"] for t in org.owner.get(TEAMS + "?search=%25").ok()] == []
    assert [t["team_id"] for t in org.owner.get(TEAMS + "?search=e&order=desc").ok()] == [red, sea, blue]
    assert [t["team_id"] for t in follow(org.owner, TEAMS + "?search=e&order=desc&per_page=1")] == [red, sea, blue]
    assert [t["team_id"] for t in org.owner.get(TEAMS + "?search=e&per_page=2&page=2").ok()] == [red]
    assert org.owner.get(TEAMS + "?search=sky&name=red").ok() == []
    rows = {t["team_id"]: t for t in org.owner.get(TEAMS + "?details=true&no_members=true").ok()}
    assert [(rows[t]["member_count"], rows[t]["app_count"]) for t in (blue, sea, red)] == [(1, 2), (0, 0), (0, 0)]
    assert "members" not in rows[blue]
    limited = org.client(org.issue(role_id=org.role({"teams:list"}), teams=[blue, red])["value"])
    assert [t["team_id"] for t in limited.get(TEAMS + "?search=blue").ok()] == [blue]


def test_apps_by_text_and_team(org):
    """Goal: a part of the id or the name, in any case; of one team; and both; in order and in pages."""
    one, two = org.team(), org.team()
    org.owner.put(APPS, [{"id": "Web-1", "name": "Front", "team_id": one}, {"id": "web-2", "team_id": two}, {"id": "svc"},
        {"id": "api", "name": "Webhook", "team_id": one}]).ok()

    def found(by=None, **parameters):
        whole = [a["id"] for a in (by or org.owner).get(query(APPS, **parameters)).ok()]
        assert [a["id"] for a in follow(by or org.owner, query(APPS, per_page=1, **parameters))] == whole
        down = follow(by or org.owner, query(APPS, per_page=2, order="desc", **parameters))
        assert [a["id"] for a in down] == whole[::-1]
        assert [a["id"] for a in (by or org.owner).get(query(APPS, per_page=1, page=2, **parameters)).ok()] == whole[1:2]
        return whole

    assert found() == ["Web-1", "api", "svc", "web-2"]
    assert found(search="WEB") == ["Web-1", "api", "web-2"] and found(search="front") == ["Web-1"] and found(search="%") == []
    assert found(team=one) == ["Web-1", "api"] and found(team=one, search="b-") == ["Web-1"]
    assert found(team=str(uuid.uuid4())) == []
    limited = org.client(org.issue("ci", teams=[one])["value"])
    assert found(by=limited) == found(by=limited, search="web") == found(by=limited, team=one) == ["Web-1", "api"]
    assert found(by=limited, team=two) == []


def test_places_that_are_none(org):
    """Goal: an `after` that no page had is a 400, never a list from the start."""
    org.user("GUEST", name="x"), org.user("GUEST", name="y"), org.team(), org.team(), org.app(), org.app()
    first = query(USERS, per_page=1, sort="name")
    after = urllib.parse.parse_qs(urllib.parse.urlsplit(org.owner.get(first).json["next_page"]).query)["after"][0]
    org.owner.get(query(USERS, sort="email", after=after)).refused(400)
    for path in (USERS, TEAMS, APPS):
        for bad in ("", "!", "AA", "_w", "A" * 769, "B" * 800):
            org.owner.get(query(path, after=bad)).refused(400)
    for bad in ("role=MEMBER", "search=", "search=" + "x" * 255):
        org.owner.get(USERS + "?" + bad).refused(400)
    for path, bad in ((APPS, "team=x"), (APPS, "search="), (TEAMS, "search="), (TEAMS, "details=1")):
        org.owner.get(path + "?" + bad).refused(400)
