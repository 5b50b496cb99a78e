#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: every SQL statement of the program lies within the seam, names its org, can be prepared on SQLite and on
PostgreSQL with the same types, and uses an index where the data grows.

    test_statements.py PROGRAM   (built from statements.c; prints TAP)
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback

import seam
from postgresql import PostgreSQL

HERE = os.path.dirname(os.path.abspath(__file__))
MIGRATIONS = os.path.join(HERE, "..", "..", "src", "store", "migrations", "*.sql")

# Statements that may walk a whole table: which one, and the reason.
MAY_SCAN = {
	r"project_(orgs|users|roles|teams|members|apps|tokens|values|teams_of_tokens|count_\w+)": (r"\w+", "a start fills the table"),
	r"org_(scan|count|only)|chain_scan": ("org", "the deployment's orgs, for the operator and for sign-in"),
	r"scope_all": ("scope", "the deployment's scopes, at a start"),
	r"(scope|role)_uses": (r"role|account|member|token|invitation", "a new catalogue is held against all that is in use"),
	r"tidy_\w+": ("org", "one org at a time, each by its index of ages"),
}
# Statements that may sort, and the reason.
MAY_SORT = {
	r"(scope|role)_uses": "a new catalogue is held against all that is in use, by the operator",
}
# Statements that may read rows only to drop them, and the reason.
MAY_DROP = {
	r"role_uses|org_\w+": "for the operator",
	r"head_\w+": "one row",
	r"role_invitations": "an org has few invitations",
	r"session_\w+": "a user has fifty sessions at most",
}

# What the seam must refuse: broken on purpose, to see that it does.
BAD = [
	"SELECT name FROM team WHERE org = $1 AND id = $2::bytea",
	'SELECT "name" FROM team WHERE org = $1',
	"SELECT name FROM team WHERE org = $1 AND name LIKE 'a%'",
	"SELECT name FROM team WHERE org = $1 AND name ILIKE $2",
	"SELECT name FROM team WHERE org = $1 FOR UPDATE",
	"SELECT name FROM team WHERE org = $1 LIMIT NULL",
	"DELETE FROM team USING app WHERE team.org = $1 AND app.team = team.id",
	"WITH gone AS (DELETE FROM team WHERE org = $1) SELECT 1",
	"INSERT INTO team (org, id) VALUES ($1, $2) RETURNING id",
	"INSERT INTO member (org, role) VALUES ($1, $2) ON CONFLICT (org) DO UPDATE SET role = role",
	"INSERT INTO member (org, role) VALUES ($1, $2) ON CONFLICT (org) DO UPDATE SET n = excluded.n + n",
	"SELECT now() FROM org WHERE id = $1",
	"UPDATE team SET name = $3 WHERE org = $1",
	"SELECT name FROM team WHERE id = $1",
	"SELECT team.name FROM team JOIN app ON app.team = team.id WHERE team.id = $1",
	"UPDATE account SET name = $1 WHERE email_fold = $2",
	"DELETE FROM token",
	"SELECT id FROM token WHERE org = $1 ORDER BY expires_s",
	"SELECT lower(name) FROM team WHERE org = $1",
	"SELECT name FROM team WHERE org = $1;",
	"INSERT OR IGNORE INTO scope (bit, name) VALUES ($1, $2)",
]


def listed(program, *args):
	done = subprocess.run([program, *args], capture_output=True, text=True, timeout=120)
	assert done.returncode == 0, "%s: %s" % (args, done.stderr)
	return json.loads(done.stdout)


def report(troubles):
	assert not troubles, "\n".join("%s: %s" % pair for pair in troubles)


def may_scan(name, table):
	return any(re.fullmatch(pattern, name) and re.fullmatch(tables, table) for pattern, (tables, _) in MAY_SCAN.items())


def may_sort(name):
	return any(re.fullmatch(pattern, name) for pattern in MAY_SORT)


def may_drop(name):
	return any(re.fullmatch(pattern, name) for pattern in MAY_DROP)


def unused_equalities(text, plan):
	"""Columns that a list is cut down to, but not by its index: it would read rows only to drop them."""
	if any(re.search(r"PRIMARY KEY \((org=\? AND )?(id|token|hash)=\?\)", line) for line in plan):
		return []  # of one row nothing is dropped
	where = re.search(r"\bWHERE\b(.*?)(\bORDER BY\b|\bLIMIT\b|$)", re.sub(r"\([^()]*\)", "()", text), re.S)
	columns = re.findall(r"(?:^|\bAND\b)\s*(?:\w+\.)?(\w+) = (?:\$\d+|\d+)", where.group(1)) if where else []
	return [c for c in columns if not any(re.search(r"[( ]%s=\?" % c, line) for line in plan)]


def nullable():
	parts = []
	for path in sorted(glob.glob(MIGRATIONS)):
		with open(path, encoding="ascii") as f:
			parts.append(f.read())
	return seam.nullable_columns("\n".join(parts))


def check_listed(program):
	"""Every JT_SQL of the source is in the section, under a name of its own."""
	names = [s["name"] for s in listed(program, "list")]
	twice = sorted({n for n in names if names.count(n) > 1})
	assert not twice, "names used twice: %s" % twice
	for room in ("db", "store", "feed"):
		for path in glob.glob(os.path.join(HERE, "..", "..", "src", room, "*.c")):
			with open(path, encoding="utf-8") as f:
				found = re.findall(r"^JT_SQL\((\w+)", f.read(), re.M)
			# A file that is not built yet has none of its statements here; one that is has all.
			missing = [n for n in found if n not in names]
			assert not missing or len(missing) == len(found), "%s: not listed: %s" % (path, missing)


def check_seam(program):
	"""No statement is outside the seam or leaves out its org."""
	columns = nullable()
	assert ("token", "expires_s") in columns and ("token", "label") not in columns
	report([(s["name"], t) for s in listed(program, "list") for t in seam.trouble_of(s["name"], s["text"], columns)])


def check_seam_refuses(program):
	"""The rules above see what they are for."""
	columns = nullable()
	report([(text, "passes") for text in BAD if not seam.trouble_of("bad", text, columns)])


def check_sqlite(program):
	"""Every statement can be prepared on SQLite with the schema."""
	with tempfile.TemporaryDirectory(prefix="jeton-sql-") as at:
		report([(s["name"], s["error"]) for s in listed(program, "sqlite", at) if "error" in s])


def check_plans(program):
	"""Nothing that a request runs walks a table or sorts."""
	troubles = []
	with tempfile.TemporaryDirectory(prefix="jeton-sql-") as at:
		for s in listed(program, "sqlite", at):
			for line in s["plan"]:
				scanned = re.match(r"SCAN (?!CONSTANT ROW)(\w+)", line)
				if scanned and not may_scan(s["name"], scanned.group(1)):
					troubles.append((s["name"], line))
				if "USE TEMP B-TREE" in line and not may_sort(s["name"]):
					troubles.append((s["name"], line))
			joined = re.search(r"\bFROM (\w+)(?: AS \w+)? (?:CROSS |LEFT )?JOIN\b", s["text"])
			if joined and not s["text"].startswith("DELETE") and not may_sort(s["name"]) and not re.match(r"(SEARCH|SCAN) %s\b" % joined.group(1), s["plan"][0]):
				troubles.append((s["name"], "begins elsewhere than the statement says: %s" % s["plan"]))
			if not may_drop(s["name"]):
				troubles += [(s["name"], "%s is not in the index: %s" % (c, s["plan"]))
					for c in unused_equalities(s["text"], s["plan"])]
	report(troubles)


def check_walks(program):
	"""What walks over many tokens reads an index and no rows, from its place on: a page costs the same at every depth."""
	troubles = []
	with tempfile.TemporaryDirectory(prefix="jeton-sql-") as at:
		walks = [s for s in listed(program, "sqlite", at) if s["name"].startswith("token_list_")]
	for s in walks:
		if [re.match(r"SEARCH \w+ USING COVERING INDEX \w+ \(org=\?", line) is not None for line in s["plan"]] != [True]:
			troubles.append((s["name"], s["plan"]))
		if "OFFSET" in s["text"]:
			troubles.append((s["name"], "passes over rows by counting them"))
	assert len(walks) >= 20
	report(troubles)


def check_postgresql(program):
	"""The migrations run on PostgreSQL as they are; every statement can be prepared there, with our three types only."""
	troubles = []
	with PostgreSQL() as server:
		for s in listed(program, "postgresql", server.conninfo):
			if "error" in s:
				troubles.append((s["name"], s["error"]))
			elif "other" in s["columns"]:
				troubles.append((s["name"], "selects %s, which is not int64, text or bytes" % s["columns"]))
	report(troubles)


def main():
	checks = [check_listed, check_seam, check_seam_refuses, check_sqlite, check_plans, check_walks, check_postgresql]
	failed = 0
	print("1..%d" % len(checks))
	for number, check in enumerate(checks, 1):
		try:
			check(sys.argv[1])
			print("ok %d - %s" % (number, check.__doc__))
		except Exception:  # told below; the others still run
			failed += 1
			print("not ok %d - %s" % (number, check.__doc__))
			for line in traceback.format_exc().splitlines():
				print("# " + line)
	sys.exit(1 if failed else 0)


main()
