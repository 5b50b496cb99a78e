# SPDX-License-Identifier: Apache-2.0
"""Goal: the table that follows the feed change by change answers as one that is loaded from the database: after any mix of
changes, a restart changes no answer for anybody anywhere."""

import random

import pytest

import catalogue_copy as cat
from client import unique

ORG_ROLES = ["MEMBER", "GUEST", "POWER_USER", "TEAM_DEFINED"]
TEAM_ROLES = ["TEAM_ADMIN", "TEAM_MEMBER", "TEAM_GUEST"]
GIVEN = sorted(cat.MEMBER | {"teams:read", "apps:create", "policies:write"})


class Mix:
    """Changes at random; each that is refused (what it names may be gone by then) is a change that must not show."""

    def __init__(self, org, seed):
        self.org = org
        self.pick = random.Random(seed)
        self.users = [org.user(role) for role in ORG_ROLES]
        self.roles = [org.role(self.some(), reach=reach) for reach in ("org", "teams")]
        self.teams = [org.team() for _ in range(3)]
        self.apps = [org.app(), org.app(team=self.teams[0])]
        self.tokens = [org.issue("ci"), org.issue("ci", teams=self.teams[:2])]

    def some(self):
        return self.pick.sample(GIVEN, self.pick.randint(1, 12))

    def any(self, things):
        return self.pick.choice(things)

    def role_of_user(self):
        self.org.owner.put("O/rbac/users/" + self.any(self.users).id, {"org_role": self.any(ORG_ROLES + self.roles)})

    def disable(self):
        self.org.owner.patch("O/rbac/users/" + self.any(self.users).id, {"disabled": self.any([True, False, False])})

    def role(self):
        self.org.owner.put("O/rbac/roles/" + self.any(self.roles), {"scopes": self.some()})

    def new_role(self):
        self.roles.append(self.org.role(self.some(), reach=self.any(["org", "teams"])))

    def drop_role(self):
        self.org.owner.delete("O/rbac/roles/" + self.any(self.roles))

    def join(self):
        self.org.owner.put("O/rbac/teams/" + self.any(self.teams), {
            "add_team_membership": [{"user_id_v2": self.any(self.users).id, "team_role": self.any(TEAM_ROLES)}]})

    def leave(self):
        self.org.owner.put("O/rbac/teams/" + self.any(self.teams), {
            "remove_team_membership": [self.any(self.users).id]})

    def new_team(self):
        self.teams.append(self.org.team(apps=[], members=[(self.any(self.users), self.any(TEAM_ROLES))]))

    def drop_team(self):
        team = self.any(self.teams)
        got = self.org.owner.get("O/rbac/teams/" + team)
        if got.status == 200:
            self.org.owner.delete("O/rbac/teams/" + team, {"version": got.ok()["version"]}).ok()

    def new_app(self):
        self.apps.append(self.org.app(team=None))

    def move_app(self):
        self.org.owner.put("O/rbac/teams/" + self.any(self.teams), {"add_applications": [self.any(self.apps)],
            "force_app_inclusion": True})

    def free_app(self):
        self.org.owner.put("O/rbac/teams/" + self.any(self.teams), {"remove_applications": [self.any(self.apps)]})

    def drop_app(self):
        self.org.owner.delete("O/apps/" + self.any(self.apps))

    def issue(self):
        body = {"label": unique("t"), "role_id": self.any(self.roles)}
        if self.any([True, False]):
            body["teams"] = self.pick.sample(self.teams, self.pick.randint(1, min(3, len(self.teams))))
        got = self.org.owner.post("O/tokens", body)
        if got.status == 200:
            self.tokens.append(got.ok())

    def rotate(self):
        got = self.org.owner.post("O/tokens/%s/rotate" % self.any(self.tokens)["id"],
            {"overlap_seconds": self.any([0, 3600])})
        if got.status == 200:
            self.tokens.append(got.ok())

    def revoke(self):
        self.org.owner.delete("O/tokens/" + self.any(self.tokens)["id"])

    def run(self, count):
        widen = [self.role_of_user, self.new_role, self.join, self.new_team, self.new_app, self.move_app, self.issue]
        narrow = [self.disable, self.role, self.drop_role, self.leave, self.drop_team, self.free_app, self.drop_app,
            self.rotate, self.revoke]
        changes = 3 * widen + narrow
        for _ in range(count):
            self.any(changes)()

    def answers(self):
        """What every value holds at every place."""
        values = [u.token for u in self.users] + [t["value"] for t in self.tokens] + [self.org.token]
        places = ["O"] + ["O/rbac/teams/" + t for t in self.teams] + ["O/apps/" + a for a in self.apps]
        found = {}
        for value in values:
            client = self.org.client(value)
            for place in places:
                got = client.get(place + "/my_scopes")
                found[value, place] = (got.status, got.ok() if got.status == 200 else got.json["code"])
            client.close()
        return found


@pytest.mark.parametrize("seed", range(4))
def test_a_restart_changes_no_answer(server_factory, seed):
    server = server_factory()
    mix = Mix(server.demo(), seed)
    mix.run(150)
    before = mix.answers()
    held = {answer for answer in map(str, before.values())}
    assert len(held) >= 8, "too much alike to show anything: %s" % held
    server.stop()
    server.start()
    mix.org.server = server
    assert mix.answers() == before
