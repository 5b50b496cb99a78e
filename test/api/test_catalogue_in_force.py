# SPDX-License-Identifier: Apache-2.0
"""GET O/catalogue: the matrix as it is in force."""

import os

import yaml

from signed_in import Session

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_it_is_what_the_file_says(org):
    """Goal: areas with their scopes and the marks of scopes are those of catalogue/prezero.yaml, for any token and any session."""
    with open(os.path.join(ROOT, "catalogue", "prezero.yaml"), encoding="utf-8") as f:
        written = yaml.safe_load(f)
    got = org.owner.get("O/catalogue").ok()
    assert {a["name"]: set(a["scopes"]) for a in got["areas"]} == {n: set(s) for n, s in written["areas"].items()}
    assert [a["name"] for a in got["areas"]] == list(written["areas"])
    for guest in (org.user("GUEST").client, org.client(org.issue("ci")["value"]), Session(org, org.owner_email)):
        assert guest.get("O/catalogue").ok() == got


def test_a_cell_of_the_matrix_is_what_a_token_holds(org):
    """Goal: what a kind may hold, area by area, is what a token of it does hold, where no role of the org has a say."""
    got = org.owner.get("O/catalogue").ok()
    areas = {a["name"]: set(a["scopes"]) for a in got["areas"]}
    kinds = {k["name"]: k["areas"] for k in got["kinds"]}
    assert set(kinds) == {"personal", "ci", "github", "jira", "access", "service", "custom"}
    assert {n for n, row in kinds.items() if "by role" in row.values()} == {"personal", "custom"}
    for kind in ("ci", "github", "jira", "access", "service"):
        held = org.client(org.issue(kind)["value"]).scopes()
        assert {n: set(cell) for n, cell in kinds[kind].items()} == {n: s & held for n, s in areas.items() if s & held}, kind
    assert {s["name"]: set(s["areas"]) for s in got["scopes"]} == {
        name: {a for a, of in areas.items() if name in of} for name in set().union(*areas.values())}


def test_a_role_is_what_its_users_hold(org):
    """Goal: the scopes of a managed role are those of a user who has it."""
    roles = {r["name"]: r for r in org.owner.get("O/catalogue").ok()["roles"]}
    assert {r["kind"] for r in roles.values() if r["for"] == "tokens"} == {"ci", "github", "jira", "access", "service"}
    for alias, name in (("GUEST", "Guest"), ("MEMBER", "Member"), ("POWER_USER", "Power User"), ("SUPER_ADMIN", "Super Admin")):
        assert set(roles[name]["scopes"]) == org.user(alias).client.scopes(), name
        assert roles[name]["for"] == "users" and roles[name]["reach"] == "org"
    assert roles["Team Defined"]["reach"] == "teams"
