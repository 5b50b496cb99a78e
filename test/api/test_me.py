# SPDX-License-Identifier: Apache-2.0
"""What users see and change of themselves, whatever their role."""

from client import API, ORG_ROLES, PASSWORD, unique


def test_users_rename_themselves_and_nobody_else(org):
    """Goal: whoever is somebody changes their own name, and nothing else by it; an integration token is nobody."""
    guest = org.user("GUEST", name="Gus")
    assert guest.client.patch(API + "/user", {"name": "Augustus"}).json == {"ok": True}
    assert guest.client.get(API + "/user").ok()["name"] == "Augustus"
    guest.client.patch(API + "/user", {"name": "x", "disabled": True}).refused(400)
    guest.client.patch(API + "/user", {}).refused(400)
    org.client(org.issue()["value"]).patch(API + "/user", {"name": "Robot"}).refused(403, "NOT_A_USER")
    assert guest.client.get(API + "/user").ok()["name"] == "Augustus"


def test_users_see_their_own_teams(org):
    """Goal: one's teams with one's role in each, also for who may list neither teams nor users; nobody else's."""
    guest, other = org.user("TEAM_DEFINED"), org.user("GUEST")
    mine = org.team(members=[(guest, "TEAM_ADMIN"), (other, "TEAM_MEMBER")])
    org.team(members=[(other, "TEAM_MEMBER")])
    (shown,) = guest.client.get(API + "/user/teams").ok()
    assert shown["team_id"] == mine and shown["role"] == ORG_ROLES["POWER_USER"]
    assert len(other.client.get(API + "/user/teams").ok()) == 2
    assert org.owner.get(API + "/user/teams").ok() == []
    org.client(org.issue()["value"]).get(API + "/user/teams").refused(403, "NOT_A_USER")


def test_a_link_that_names_nobody_keeps_the_name(org):
    """Goal: who accepts an invitation or sets a password without a name keeps the one that an admin gave them."""

    def spend(url):
        body = {"token": url.split("#token=")[1], "password": PASSWORD + " of my own"}
        assert org.anonymous().post(API + "/invitations/accept", body).json == {"ok": True}

    def named(email):
        (row,) = org.owner.get("O/rbac/users?email=" + email).ok()
        return row["name"]

    invited = unique("ivy") + "@example.com"
    spend(org.owner.post("O/rbac/invitations", {"email": invited, "org_role": "GUEST", "name": "Ivy"}).ok()["url"])
    assert named(invited) == "Ivy"
    user = org.user("MEMBER", name="Una")
    for purpose in ("setup", "reset"):
        made = org.owner.post("O/rbac/users/%s/link" % user.id).ok()
        assert made["purpose"] == purpose
        spend(made["url"])
        assert named(user.email) == "Una"
