#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: what every role and kind may do and give, everywhere, is what the design says: all of it, not a sample.

Usage: test_matrix.py PROGRAM. The program prints what the real table, verifier and rules decide, and what libjeton answers from
the table's file; this model computes the same
from a copy of the catalogue's tables of its own and from the text of the rules, and compares line by line."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import catalogue_copy as c  # noqa: E402

OWNER_ONLY = {"org:delete", "org_owner:update"}
SORTED = sorted(c.ALL)
CUSTOM = {"custom-all": set(SORTED), "custom-odd": set(SORTED[1::2]), "custom-teams": set(SORTED[0::3]),
          "custom-gone": set()}
KINDS = ("ci", "github", "jira", "access", "service")
PLACES = ("org", "team-own", "team-other", "team-of-b", "team-none", "app-own", "app-other", "app-loose", "app-of-b",
          "app-twin", "app-none")
ABSENT = {"team-of-b", "team-none", "app-of-b", "app-none"}  # not there, as far as org A is concerned
OWN = {"team-own", "app-own"}
# Named within the other org, which no holder is of.
PLACES_OF_B = ("b/team-own", "b/team-of-b", "b/app-of-b", "b/app-twin")
ABSENT |= set(PLACES_OF_B)
STEPS = ("allowed", "not-visible", "unknown-scope", "scope", "partial")  # the first of all scopes that refuses is the answer
RESULT = {"allowed": 0, "partial": 1, "other-org": 2, "scope": 3, "unknown-scope": 3, "not-visible": 4}
REACHES = ("org", "team-own", "team-other", "both-teams", "team-of-b")

WHAT = {"decide": "decisions", "give": "ceilings", "ask": "answers of libjeton", "pair": "of its answers to two scopes",
        "set": "of its sets", "told": "of its accounts of a token"}


class Holder:
    """What the design says somebody is: scopes at large, scopes in the own team besides, and whether all ends there."""

    def __init__(self, name):
        what, role, where = name.split("/")
        self.user = what == "user"
        self.kind = "personal" if self.user else role
        self.own = set()  # held at org level though limited: cut down to what the token itself made
        if self.user and role == "OWNER":
            self.scopes, self.extra, self.confined, self.teams = set(c.ALL), set(), False, set()
        elif self.user:
            self.scopes = set(c.ORG_ROLES.get(role) or CUSTOM[role]) - OWNER_ONLY
            in_team = c.IN_TEAM.get(where) or CUSTOM.get(where) or set()
            self.extra = set(in_team) - OWNER_ONLY
            self.confined = role in ("TEAM_DEFINED", "custom-teams", "custom-gone")
            self.teams = {"team-own"} if where != "-" else set()
        else:
            self.scopes = set(c.KINDS.get(role) or CUSTOM[role]) - OWNER_ONLY
            self.extra, self.confined = set(), where != "org"
            self.teams = {"team-own"} if where == "limited" else set()
            if where == "orphan":  # its last team was deleted
                self.scopes = set()
            if role == "service":
                self.own = self.scopes & {"tokens:create", "tokens:list"}

    def in_full_at_org(self):
        return (self.scopes & c.EVERYONE) | self.own if self.confined else self.scopes

    def on_own_team(self):
        return self.scopes | self.extra if self.teams else self.elsewhere()

    def elsewhere(self):
        return set() if self.confined else self.scopes

    def decides(self, place, scope):
        if place in ABSENT:
            return "not-visible"
        if place == "org":
            visible, held = True, self.in_full_at_org()
            partly = self.scopes & c.BY_TEAM if self.confined else set()
        else:
            mine = place in OWN and bool(self.teams)
            visible, partly = mine or not self.confined, set()
            held = self.on_own_team() if mine else self.elsewhere()
        if not visible:
            return "not-visible"
        if scope not in c.ALL:
            return "unknown-scope"
        return "allowed" if scope in held else "partial" if scope in partly else "scope"

    def answers(self, what, place, scope):
        """What a line of libjeton's says."""
        if place == "org-b":
            return f"other-org:{RESULT['other-org']}"
        if what == "set":
            return self.decides(place, scope)
        steps = [self.decides(place, s) for s in scope.split(",")]
        refused = [s for s in STEPS[1:] if s in steps]
        step = refused[0] if refused else "allowed"
        missing = 0 if step in ("allowed", "not-visible") else steps.index(step)
        return f"{step}:{RESULT[step]}" + (f":{missing}" if what == "pair" else "")

    def gives(self, reach, scope):
        """Nobody gives what they do not hold, on everything that it reaches."""
        if reach == "org":
            good = not self.confined and scope in self.scopes
        else:
            teams = {"both-teams": ("team-own", "team-other")}.get(reach, (reach,))
            good = all(self.decides(team, scope) == "allowed" for team in teams)
            if scope in c.EVERYONE:  # whoever has it in a team has it in the org
                good = good and scope in self.in_full_at_org()
        return "OK" if good else "CANNOT_EXCEED_SELF"


def expected_holders():
    org_roles = list(c.ORG_ROLES) + list(CUSTOM)
    in_team = ["-"] + list(c.IN_TEAM) + ["custom-odd", "custom-all"]
    names = {f"user/{role}/{team}" for role in org_roles for team in in_team} | {"user/OWNER/-"}
    return names | {f"token/{k}/{w}" for k in KINDS + tuple(CUSTOM) for w in ("org", "limited", "orphan")}


def main():
    out = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True).stdout.splitlines()
    holders, wrong, seen = {}, {what: [] for what in WHAT}, set()
    for line in out:
        what, name, place, scope, said = line.split(" ")
        holder = holders.setdefault(name, Holder(name)) if name in expected_holders_ else None
        if holder is None:
            continue
        seen.add((what, name, place, scope))
        if what == "told":
            should = "same"
        elif what == "give":
            should = holder.gives(place, scope)
        elif what != "decide":
            should = holder.answers(what, place, scope)
        else:
            should = "other-org" if place == "org-b" else holder.decides(place, scope)
        if said != should:
            wrong[what].append(f"{line}: should be {should}")
    scopes = c.ALL | {"no_such:scope"}
    should_see = {("decide", n, p, s) for n in expected_holders_ for p in PLACES for s in scopes}
    should_see |= {(w, n, "org-b", "*") for n in expected_holders_ for w in ("decide", "ask")}
    should_see |= {("give", n, r, s) for n in expected_holders_ for r in REACHES for s in c.ALL}
    should_see |= {(w, n, p, s) for n in expected_holders_ for p in PLACES + PLACES_OF_B for s in scopes for w in ("ask", "set")}
    pairs = {s for what, _, _, s in seen if what == "pair"}
    should_see |= {("pair", n, p, s) for n in expected_holders_ for p in PLACES + PLACES_OF_B for s in pairs}
    should_see |= {("told", n, "-", "-") for n in expected_holders_}
    names = {line.split(" ")[1] for line in out}
    checks = [
        ("the holders are those of the design", names == expected_holders_, sorted(names ^ expected_holders_)),
        (f"every combination was decided, each once ({len(should_see)})", seen == should_see and len(out) == len(seen),
         [f"{len(out)} lines, {len(seen)} of them different"] + [str(x) for x in sorted(should_see ^ seen)[:5]]),
        ("each scope was asked with one before it and one after it, and the unknown one too",
         sorted(p.split(",")[0] for p in pairs) == sorted(p.split(",")[1] for p in pairs) == sorted(scopes), sorted(pairs)[:5]),
    ] + [(f"{sum(1 for s in seen if s[0] == what)} {text} agree with the model", not wrong[what], wrong[what])
         for what, text in WHAT.items()]
    print(f"1..{len(checks)}")
    for number, (text, good, details) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {text}")
        for detail in [] if good else details[:20]:
            print("# " + detail)
    return 0


expected_holders_ = expected_holders()

if __name__ == "__main__":
    sys.exit(main())
