# SPDX-License-Identifier: Apache-2.0
"""Lists of tokens as a person looks through them: searched, filtered, sorted, with names. Each against a small org that is known
here; test_lists.py in test/scale does it with many tokens."""

import base64
import itertools
import urllib.parse
import uuid

import pytest

from client import ACCESS, CI, eventually, unique
from verifier import Verifier

DAY_S = 24 * 3600
SORTS = ("created", "label", "last_used", "expires")


@pytest.fixture(scope="module")
def shop(pool):
    """An org with a token of every sort; `shop.made` has them by label."""
    org = pool.take()
    org.team_a, org.team_b = org.team(name="Alpha"), org.team(name="Beta")
    org.custom = org.role({"findings:list"}, name="Reader of findings")
    org.admin = org.user("SUPER_ADMIN", name="Ada Admin")
    org.service = org.issue("service", label="Machine room")
    org.made = {}

    def make(label, kind="ci", by=None, **body):
        org.made[label] = org.issue(kind, by=by, label=label, **body)

    make("Deploy web")
    make("deploy API", valid_for_seconds=10 * DAY_S)
    make("nightly", valid_for_seconds=100 * DAY_S, teams=[org.team_a])
    make("Nightly", by=org.admin.client, teams=[org.team_a, org.team_b])
    make("jira", "jira", by=org.admin.client)
    make("reader", role_id=org.custom)
    make("from the service", by=org.client(org.service["value"]))
    make("gone soon", valid_for_seconds=1)
    org.issue("ci", label="Deploy nothing")
    org.owner.delete("O/tokens/" + org.owner.get("O/tokens?search=deploy%20nothing").ok()[0]["id"]).ok()
    org.made["Machine room"] = org.service
    with Verifier(org.server) as v:
        for label in ("Deploy web", "nightly"):
            v.use(org.made[label]["id"], 1, ["scans:create"])
    eventually(lambda: len([t for t in org.owner.get("O/tokens").ok() if "last_used_at" in t]) >= 3,
        "the uses are known, the service token's among them")
    probe = org.client(org.made["gone soon"]["value"])
    eventually(lambda: not probe.works(), "a token of one second expires")
    return org


def labels(org, query, by=None):
    return [t["label"] for t in (by or org.owner).get("O/tokens?" + query).ok()]


def test_search_is_for_text_anywhere_in_the_label(shop):
    """Goal: letters in any case, anywhere; no pattern; nothing of what is revoked or expired; a whole id finds one token."""
    assert set(labels(shop, "search=deploy")) == {"Deploy web", "deploy API"}
    assert set(labels(shop, "search=NIGHT")) == {"nightly", "Nightly"}
    assert labels(shop, "search=y%20w") == ["Deploy web"]
    assert labels(shop, "search=gone") == [] and labels(shop, "search=gone&show_expired=true") == ["gone soon"]
    for nothing in ("%25", "_", "*", "nothing", "nightly%20", str(uuid.uuid4())):
        assert labels(shop, "search=" + nothing) == []
    jira = shop.made["jira"]["id"]
    assert labels(shop, "search=" + jira) == labels(shop, "search=" + jira.upper()) == ["jira"]
    assert labels(shop, "search=" + jira[:-1]) == []
    assert labels(shop, "search=%s&kind=ci" % jira) == []


def test_a_label_may_be_an_id(org):
    """Goal: an id that is no token's is text like any other."""
    name = str(uuid.uuid4())
    org.issue("ci", label="for " + name)
    assert labels(org, "search=" + name) == ["for " + name]


def test_filters_go_together(shop):
    """Goal: role, team, kind, maker and state: each alone, and all that are given hold."""
    assert labels(shop, "role=" + shop.custom) == ["reader"]
    assert set(labels(shop, "team=" + shop.team_a)) == {"nightly", "Nightly"}
    assert labels(shop, "team=" + shop.team_b) == ["Nightly"]
    assert labels(shop, "team=%s&created_by=%s" % (shop.team_a, shop.admin.id)) == ["Nightly"]
    assert set(labels(shop, "created_by=" + shop.admin.id + "&sort=label")) == {"Nightly", "jira"}
    assert labels(shop, "created_by=%s&sort=label" % shop.service["id"]) == ["from the service"]
    assert labels(shop, "role=%s&search=jira" % CI) == []
    assert labels(shop, "kind=jira&sort=expires") == ["jira"]
    assert labels(shop, "role=%s" % ACCESS) == []
    for nobody in ("role", "team", "created_by"):
        assert labels(shop, "sort=label&%s=%s" % (nobody, uuid.uuid4())) == []


def test_states(shop):
    """Goal: active is what is not expired; expiring and unused are parts of it; expired is the rest, whatever show_expired says."""
    everything = set(shop.made)
    used = {"Deploy web", "nightly", "Machine room"}
    assert set(labels(shop, "state=active")) == everything - {"gone soon"}
    assert labels(shop, "state=expiring") == ["deploy API"]
    assert set(labels(shop, "state=unused")) == everything - {"gone soon"} - used
    for more in ("", "&show_expired=true", "&show_expired=false"):
        assert labels(shop, "state=expired" + more) == ["gone soon"]
        assert "gone soon" not in labels(shop, "state=unused" + more)


def expected_order(org, sort):
    rows = org.owner.get("O/tokens?show_expired=true").ok()
    keys = {"created": lambda t: t["created_at"], "label": lambda t: t["label"].lower(),
        "last_used": lambda t: t.get("last_used_at", ""), "expires": lambda t: t.get("expires_at", "~")}
    return sorted(rows, key=lambda t: (keys[sort](t), t["id"]))


@pytest.mark.parametrize("sort, order", itertools.product(SORTS, ("asc", "desc")))
def test_sorts(shop, sort, order):
    """Goal: each order, ends included: never used comes first by last use, never expiring last by expiry; desc is asc reversed."""
    wanted = [t["label"] for t in expected_order(shop, sort)]
    if sort == "created":  # what was made within a second is told apart by more than the answer says
        wanted = labels(shop, "show_expired=true")
    got = labels(shop, "show_expired=true&sort=%s&order=%s" % (sort, order))
    assert got == (wanted if order == "asc" else wanted[::-1])
    pages, path = [], "O/tokens?show_expired=true&per_page=2&sort=%s&order=%s" % (sort, order)
    while path:
        answer = shop.owner.get(path)
        pages += [t["label"] for t in answer.ok()]
        url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
        path = url.path and url.path + "?" + url.query
    assert pages == got
    assert labels(shop, "show_expired=true&per_page=2&page=3&sort=%s&order=%s" % (sort, order)) == got[4:6]


def test_details(shop):
    """Goal: names beside ids, and the state, where they are asked for and nowhere else; alike in the list and alone."""
    rows = {t["label"]: t for t in shop.owner.get("O/tokens?details=true&show_expired=true").ok()}
    plain = {t["label"]: t for t in shop.owner.get("O/tokens?show_expired=true").ok()}
    more = {"role_name", "created_by_name", "created_by_kind", "team_names", "state"}
    for label, row in rows.items():
        assert {k: v for k, v in row.items() if k not in more} == plain[label]
        alone = shop.owner.get("O/tokens/%s?details=true" % row["id"]).ok()
        assert alone == row and set(shop.owner.get("O/tokens/" + row["id"]).ok()) & more == set()
    assert {k: rows["Nightly"][k] for k in more} == {"role_name": "CI", "created_by_name": "Ada Admin",
        "created_by_kind": "user", "state": "unused",
        "team_names": [{shop.team_a: "Alpha", shop.team_b: "Beta"}[i] for i in rows["Nightly"]["teams"]]}
    assert (rows["from the service"]["created_by_kind"], rows["from the service"]["created_by_name"]) == ("token", "Machine room")
    assert rows["reader"]["role_name"] == "Reader of findings" and "team_names" not in rows["reader"]
    states = {label: row["state"] for label, row in rows.items()}
    assert states == {"Deploy web": "active", "deploy API": "expiring", "nightly": "active", "Nightly": "unused",
        "jira": "unused", "reader": "unused", "from the service": "unused", "gone soon": "expired", "Machine room": "active"}


def test_what_a_maker_who_is_gone_leaves(org):
    """Goal: the id of a user who was deleted stays, and has no name."""
    user = org.user("SUPER_ADMIN")
    token = org.issue("ci", by=user.client)
    org.owner.delete("O/rbac/users/" + user.id).ok()
    (row,) = org.owner.get("O/tokens?details=true").ok()
    assert row["created_by"] == user.id and row["created_by_kind"] == "user" and "created_by_name" not in row
    assert org.owner.get("O/tokens?search=" + token["id"]).ok()[0]["id"] == token["id"]


def test_a_service_token_sees_its_own_whatever_it_asks(shop):
    """Goal: no filter shows a service token more than what it issued."""
    machine = shop.client(shop.service["value"])
    for query in ("sort=label", "search=e", "details=true", "state=active", "role=" + CI, "sort=last_used", "state=unused"):
        assert labels(shop, query, by=machine) == ["from the service"]
    for query in ("search=nightly", "team=" + shop.team_a, "search=" + shop.made["jira"]["id"], "created_by=" + shop.admin.id):
        assert labels(shop, query, by=machine) == []


def test_relabelling_moves_a_token(org):
    """Goal: what a label is looked up and sorted by follows the label."""
    first, second = org.issue("ci", label="alpha"), org.issue("ci", label="beta")
    org.owner.patch("O/tokens/" + first["id"], {"label": "Gamma"}).ok()
    assert labels(org, "sort=label") == ["beta", "Gamma"] and labels(org, "search=alpha") == []
    assert labels(org, "search=gamma") == ["Gamma"]
    org.owner.post("O/tokens/%s/rotate" % second["id"], {}).ok()
    assert labels(org, "sort=label") == ["beta", "Gamma"]


def test_equal_labels_page_by_id(org):
    """Goal: among equals the order is fixed, so that no page repeats or leaves out any."""
    made = sorted(org.issue("ci", label="same" if n % 2 else "SAME")["id"] for n in range(7))
    seen, path = [], "O/tokens?sort=label&per_page=2"
    while path:
        answer = org.owner.get(path)
        seen += [t["id"] for t in answer.ok()]
        url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
        path = url.path and url.path + "?" + url.query
    assert seen == made


def test_the_longest_labels_can_be_paged(org):
    """Goal: next_page holds a place after any label, and any search, that a token can have."""
    wide = "\U0010fffd" * 120
    made = [org.issue("ci", label=wide + "%08d" % n)["id"] for n in range(3)]
    found, path = [], "O/tokens?sort=label&per_page=1&details=true&search=" + urllib.parse.quote(wide)
    while path:
        answer = org.owner.get(path)
        found += [t["id"] for t in answer.ok()]
        url = urllib.parse.urlsplit(answer.json.get("next_page", ""))
        path = url.path and url.path + "?" + url.query
    assert found == made


def cursor(*parts):
    return base64.urlsafe_b64encode(b"".join(parts)).decode().rstrip("=")


def test_bad_parameters(shop):
    """Goal: what is no parameter's value is a 400 that names it, a place of another order or of none among them."""
    bad = {"sort": ("size", "", "Label"), "state": ("dead", ""), "role": ("CI", "x"), "team": ("Alpha",), "details": ("yes",),
        "search": ("", "x" * 129), "after": ("!", "AAAA", cursor(b"\0" * 29), cursor(b"\1" + b"\0" * 28),
            cursor(b"\1" + b"\0" * 28 + b"\xff"), cursor(b"\1" * 600))}
    for name, values in bad.items():
        for value in values:
            refused = shop.owner.get("O/tokens?%s%s=%s" % ("sort=label&" if name == "after" else "", name, value)).refused(400)
            assert refused.json["validation_errors"][0].startswith(name + ":"), (name, value, refused)
    page = shop.owner.get("O/tokens?sort=label&per_page=1").json["next_page"]
    after = urllib.parse.parse_qs(urllib.parse.urlsplit(page).query)["after"][0]
    for other in SORTS:
        answer = shop.owner.get("O/tokens?sort=%s&after=%s" % (other, after))
        assert answer.status == (200 if other == "label" else 400)


def test_a_list_in_pages_unless_v4_asks(org):
    """Goal: with a parameter of ours a list comes in pages of a hundred; without any it comes whole, as it always did."""
    for n in range(101):
        org.issue("ci", label=unique("many"))
    whole = org.owner.get("O/tokens")
    assert len(whole.ok()) == 101 and "next_page" not in whole.json
    for ours in ("search=many", "role=" + CI, "state=active", "sort=created", "details=false"):
        answer = org.owner.get("O/tokens?" + ours)
        assert len(answer.ok()) == 100 and "next_page" in answer.json, ours
