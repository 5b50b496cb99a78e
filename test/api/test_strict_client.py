# SPDX-License-Identifier: Apache-2.0
"""A client as strict as the published v4 scripts: objects from exact keys, and any status but 200 is a failure."""

import csv
import http.client
import io
import json
import urllib.parse

import pytest

from client import API, ORG_ROLES, PASSWORD, unique


class V4Error:
    """Takes exactly the keys of an error."""

    def __init__(self, ok, code, message, validation_errors=()):
        self.ok = ok
        self.code = code
        self.message = message
        self.validation_errors = validation_errors


class V4Failure(Exception):
    def __init__(self, status, error):
        super().__init__("%d %s %s" % (status, error.code, error.message))
        self.status = status
        self.error = error


class V4Membership:
    """Takes exactly the keys of a membership."""

    def __init__(self, team_name, team_id, role, role_name, role_aliases):
        self.team_name = team_name
        self.team_id = team_id
        self.role = role
        self.role_name = role_name
        self.role_aliases = role_aliases


class V4User:
    """Takes exactly the keys of a user."""

    def __init__(self, name, email, id_v2, team_membership):
        self.name = name
        self.email = email
        self.id_v2 = id_v2
        self.team_membership = [V4Membership(**entry) for entry in team_membership]

    def role_in(self, team_name):
        for entry in self.team_membership:
            if entry.team_name == team_name and entry.team_id:
                return entry
        return None

    def org_role(self):
        (entry,) = [e for e in self.team_membership if e.team_id == ""]
        return entry


class V4Client:
    """No keep-alive, no conditional headers, urlencoded by hand: the least that such a script does."""

    def __init__(self, base, org, token):
        self.host = urllib.parse.urlsplit(base)
        self.prefix = "%s/orgs/%s/" % (API, org)
        self.token = token

    def call(self, method, path, payload=None):
        connection = http.client.HTTPConnection(self.host.hostname, self.host.port, timeout=30)
        head = {"Authorization": "Bearer " + self.token, "Accept": "*/*", "User-Agent": "python-requests/2.25.1"}
        data = None
        if payload is not None:
            data = json.dumps(payload)
            head["Content-Type"] = "application/json"
        connection.request(method, self.prefix + path, data, head)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        if answer.status != 200:
            raise V4Failure(answer.status, V4Error(**body))
        return body.get("response")

    def users(self):
        return {u.email: u for u in (V4User(**entry) for entry in self.call("GET", "rbac/users"))}

    def teams(self):
        return {t["team_name"]: t for t in self.call("GET", "rbac/teams")}


SHEET = """email,team,orgrole,teamrole
ada@example.org,Payments,MEMBER,TEAM_ADMIN
bob@example.org,Payments,GUEST,TEAM_MEMBER
Cleo@Example.org,Search,TEAM_DEFINED,TEAM_GUEST
ada@example.org,Search,POWER_USER,TEAM_MANAGER
"""


def test_a_strict_script_fills_an_org_from_a_csv(org):
    """Goal: a script that takes exactly the published keys, and only 200 for success, provisions users, sets their org
    roles, makes teams and fills them from a CSV."""
    v4 = V4Client(org.server.base, org.id, org.token)
    rows = list(csv.DictReader(io.StringIO(SHEET)))

    wanted = []
    for row in rows:
        if row["email"].lower() not in [w["email"].lower() for w in wanted]:
            wanted.append({"email": row["email"], "name": row["email"].split("@")[0],
                "organization_role": row["orgrole"]})
    answer = v4.call("POST", "saml/provision", wanted)
    assert answer["rejected_emails"] == [] and answer["rejected_org_roles"] == [] and answer["rejected_team_roles"] == []

    users = v4.users()
    by_fold = {email.lower(): user for email, user in users.items()}
    teams = v4.teams()
    queued = {}
    for row in rows:
        user = by_fold[row["email"].lower()]
        if row["team"] not in teams:
            made = v4.call("POST", "rbac/teams", {"name": row["team"]})
            teams[row["team"]] = {"team_id": made["team_id"], "team_name": row["team"]}
        v4.call("PUT", "rbac/users/" + user.id_v2, {"org_role": row["orgrole"]})
        queued.setdefault(row["team"], []).append({"user_id_v2": user.id_v2, "team_role": row["teamrole"]})
    for name, members in queued.items():
        team_id = teams[name]["team_id"]
        version = v4.call("GET", "rbac/teams/" + team_id)["version"]
        v4.call("PUT", "rbac/teams/" + team_id, {"version": version, "add_team_membership": members})

    after = {email.lower(): user for email, user in v4.users().items()}
    assert after["ada@example.org"].org_role().role == ORG_ROLES["POWER_USER"]
    assert "POWER_USER" in after["ada@example.org"].org_role().role_aliases
    assert after["bob@example.org"].org_role().role == ORG_ROLES["GUEST"]
    assert after["cleo@example.org"].org_role().role == ORG_ROLES["TEAM_DEFINED"]
    assert after["ada@example.org"].role_in("Payments").role == ORG_ROLES["POWER_USER"]
    assert after["ada@example.org"].role_in("Search").role == ORG_ROLES["POWER_USER"]
    assert after["bob@example.org"].role_in("Payments").role == ORG_ROLES["MEMBER"]
    assert after["bob@example.org"].role_in("Search") is None
    assert after["cleo@example.org"].role_in("Search").role == ORG_ROLES["GUEST"]
    by_name = v4.teams()
    assert len(by_name["Payments"]["members"]) == 2 and len(by_name["Search"]["members"]) == 2

    # The older listing script uses team_version from the list, as an integer, and the role's id.
    version = int(by_name["Search"]["team_version"])
    v4.call("PUT", "rbac/teams/" + by_name["Search"]["team_id"], {"version": version, "add_team_membership": [
        {"user_id_v2": after["bob@example.org"].id_v2, "team_role": ORG_ROLES["GUEST"]}]})
    assert v4.users()["bob@example.org"].role_in("Search").role == ORG_ROLES["GUEST"]


def test_running_the_csv_twice_changes_nothing_and_fails_nowhere(org):
    """Goal: such scripts are run again and again: members already there are not an error."""
    v4 = V4Client(org.server.base, org.id, org.token)
    item = [{"email": "again@example.org", "name": "Again", "organization_role": "MEMBER"}]
    v4.call("POST", "saml/provision", item)
    v4.call("POST", "saml/provision", item)
    user = v4.users()["again@example.org"]
    assert user.org_role().role == ORG_ROLES["MEMBER"]
    team_id = v4.call("POST", "rbac/teams", {"name": "Again"})["team_id"]
    for _ in range(2):
        version = v4.call("GET", "rbac/teams/" + team_id)["version"]
        v4.call("PUT", "rbac/teams/" + team_id, {"version": version, "add_team_membership": [
            {"user_id_v2": user.id_v2, "team_role": "TEAM_MEMBER"}]})
    assert v4.call("GET", "rbac/teams/" + team_id)["members"] == [
        {"user_id_v2": user.id_v2, "team_role": ORG_ROLES["MEMBER"]}] or len(
        v4.call("GET", "rbac/teams/" + team_id)["members"]) == 1


@pytest.mark.parametrize("method,path,payload,status", [
    ("GET", "rbac/teams/00000000-0000-4000-8000-000000000000", None, 404),
    ("PUT", "rbac/users/00000000-0000-4000-8000-000000000000", {"org_role": "MEMBER"}, 404),
    ("POST", "rbac/teams", {}, 400),
    ("POST", "rbac/users", {"email": "not an address", "org_role": "MEMBER", "password": PASSWORD}, 400),
    ("POST", "rbac/users", {"email": "a@example.org", "org_role": "NOBODY", "password": PASSWORD}, 400),
    ("POST", "tokens", {"label": "x", "role_id": "00000000-0000-4000-8000-000000000000"}, 400),
    ("DELETE", "tokens/00000000-0000-4000-8000-000000000000", None, 404),
])
def test_errors_have_exactly_the_published_keys(org, method, path, payload, status):
    """Goal: an error builds an object that takes ok, code, message, validation_errors and no other key."""
    v4 = V4Client(org.server.base, org.id, org.token)
    with pytest.raises(V4Failure) as failed:
        v4.call(method, path, payload)
    assert failed.value.status == status
    assert failed.value.error.ok is False
    if status == 400:
        assert failed.value.error.validation_errors is not None


def test_unknown_fields_of_v4_operations_are_named_and_ignored(org):
    """Goal: a field that an old script sends and we do not know is no failure; Jeton-Ignored-Fields names it."""
    answer = org.owner.post("O/rbac/teams", {"name": unique("team"), "colour": "red", "groups": []})
    answer.ok()
    named = {f.strip() for f in answer.headers["Jeton-Ignored-Fields"].split(",")}
    assert "colour" in named
    org.owner.post("O/tokens", {"label": "x", "role_id": "66ad5168-41be-4b6c-9ac5-a30b02229c35",
        "colour": "red"}).refused(400)
