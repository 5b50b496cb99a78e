# SPDX-License-Identifier: Apache-2.0
"""What a statement may not contain so that one text means the same on SQLite and on PostgreSQL (MECHANISM.md "The SQL
seam"), and may not leave out so that it stays within one org. Read by test_statements.py."""

import re

# (what is looked for, outside of text constants; why it is out)
BANNED = [
	(r"::", "SQLite takes $1::text for the name of another parameter; write CAST"),
	(r'"', "double quotes, but in COLLATE \"C\""),
	(r";", "one statement, no semicolon"),
	(r"[?@:`\[\]]", "parameters are $1..$n; no arrays, no quoted names"),
	(r"--|/\*", "comments belong into C"),
	(r"\b(ILIKE|LIKE|GLOB|SIMILAR|REGEXP|MATCH)\b", "patterns on user text"),
	(r"\bLIMIT\s+(NULL|ALL|-)", "LIMIT NULL, ALL or negative"),
	(r"\bLIMIT\s+\S+\s*,", "LIMIT a, b"),
	(r"\bFOR\s+(NO\s+KEY\s+|KEY\s+)?(UPDATE|SHARE)\b", "locks are taken by UPDATE"),
	(r"\bDELETE\b.*\bUSING\b", "DELETE USING"),
	(r"\bWITH\b.*\b(INSERT|UPDATE|DELETE)\b", "a data-modifying CTE"),
	(r"\bINSERT\s+OR\b|\bREPLACE\b|\bUPDATE\s+OR\b|\bON\s+DUPLICATE\b", "SQLite's or MySQL's own words"),
	(r"\b(ARRAY|ANY|ALL\s*\(|UNNEST)\b", "arrays"),
	(r"\b(NOW|RANDOM|DATETIME|DATE|JULIANDAY|STRFTIME|UNIXEPOCH|CLOCK_TIMESTAMP|CURRENT_TIME(STAMP)?|CURRENT_DATE|"
		r"GEN_RANDOM_UUID)\b", "time and chance come from C"),
	(r"\b(NEXTVAL|CURRVAL|SETVAL|LASTVAL|SERIAL|AUTOINCREMENT|LAST_INSERT_ROWID|ROWID|CTID|XMIN|OID)\b",
		"sequences and row numbers"),
	(r"\b(PG_\w+|SQLITE_\w+|PRAGMA|VACUUM|ANALYZE|ATTACH|LISTEN|NOTIFY|LOCK|TEMP|TEMPORARY|TRIGGER|CREATE|DROP|ALTER)\b",
		"the engine's own things"),
	(r"\b(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", "transactions are made by db"),
	(r"\b(IFNULL|NVL|INSTR|PRINTF|HEX|UNHEX|GROUP_CONCAT|STRING_AGG|SUBSTR|SUBSTRING|TOTAL|IIF|TYPEOF)\b",
		"a function of one engine only, or with another meaning there"),
	(r"\b(LOWER|UPPER|INITCAP)\s*\(", "case is folded in C, into a column"),
	(r"\b(TRUE|FALSE)\b", "a boolean is 0 or 1"),
	(r"\|\|", "text is put together in C"),
	(r"\bAS\s+(INTEGER|INT|BLOB|VARCHAR|BYTEA|REAL|NUMERIC)\s*\)", "CAST to BIGINT or TEXT only"),
	(r"\bNULLS\s+(FIRST|LAST)\b", "order by what cannot be NULL"),
	(r"(?<!IS )\bDISTINCT\s+ON\b|\bIS\s+(NOT\s+)?DISTINCT\b", "DISTINCT ON, IS DISTINCT FROM"),
	(r"==|!=|<=>|<<|>>|->|%|&|~|\^", "operators that differ; not equal is <>"),
]

WORDS = {"COALESCE", "CAST", "AS", "BIGINT", "TEXT", "NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "IS"}

# Statements that may name no org, each with the reason.
NO_ORG = {
	r"sql_version(_set)?|meta_\w+": "the deployment's own table",
	r"head_\w+|change_\w+": "the feed is one for all orgs",
	r"scope_(all|add)": "the deployment's own table",
	r"(scope|role)_uses": "a new catalogue is held against what any org uses, for the operator",
	r"project_\w+": "the follower fills the table of all orgs",
	r"session_get": "a cookie alone says whose session it is",
	r"factor_scan": "the key file is one for all orgs",
	r"org_(count|only|scan|by_slug)|chain_scan": "finds or walks the orgs themselves, for sign-in and the operator",
	r"personal_scan_sealed": "key rotation seals anew, of all orgs",
	r"tidy_\w+": "removes what is old, of all orgs",
	r"link_(find|by_hash|get|take|delete|spend)\w*": "the hash of a 256-bit secret is what names the org",
}

# Tables without an org; org is its own.
GLOBAL_TABLES = {"meta", "head", "change", "scope"}


def bare(text):
	"""The text without what is inside text constants, and with the one allowed pair of double quotes gone."""
	text = re.sub(r"'(?:[^']|'')*'", "''", text)
	return re.sub(r'COLLATE "C"', "COLLATE C", text)


def upsert_trouble(text):
	found = re.search(r"\bDO\s+UPDATE\s+SET\b(.*)$", text, re.S | re.I)
	if not found:
		return []
	trouble = []
	for assignment in re.split(r",(?![^(]*\))|\bWHERE\b", found.group(1)):
		right = assignment.split("=", 1)[1] if re.match(r"\s*\w+\s*=", assignment) else assignment
		for name in re.findall(r"(?<![\w.$'])([A-Za-z_]\w*)(?!\s*[.(\w])", right):
			if name.upper() not in WORDS:
				trouble.append("upsert: %s is not qualified" % name)
	return trouble


def params_trouble(text):
	numbers = {int(n) for n in re.findall(r"\$(\d+)", text)}
	if numbers != set(range(1, len(numbers) + 1)):
		return ["parameters are not $1..$n: %s" % sorted(numbers)]
	return []


def tables_of(text):
	"""Table names after FROM, JOIN, INTO, UPDATE, and alias -> table."""
	pattern = r"\b(?:FROM|JOIN|INTO|(?<!DO )UPDATE)\s+([a-z_]\w*)(?:\s+AS\s+([a-z_]\w*))?"
	return {alias or table: table for table, alias in re.findall(pattern, text)}


def org_trouble(name, text):
	if any(re.fullmatch(pattern, name) for pattern in NO_ORG):
		return []
	tables = set(tables_of(text).values())
	if tables and tables <= GLOBAL_TABLES:
		return []
	if re.match(r"INSERT\s+INTO\s+org\s*\(\s*id\b", text) or re.match(r"INSERT\s+INTO\s+\w+\s*\(\s*org\b", text):
		return []
	if tables == {"org"} and re.search(r"\bWHERE\s+id = \$\d", text):
		return []
	if re.search(r"(?<!\.)\borg = \$\d|\b\w+\.org = \$\d|\borg\.id = \$\d", text):
		return []
	return ["names no org"]


def order_trouble(text, nullable):
	"""NULLs come first on one engine and last on the other, unless the statement leaves them out. `nullable`: (table, column) pairs."""
	trouble = []
	tables = tables_of(text)
	for clause in re.findall(r"\bORDER\s+BY\s+(.*?)(?=\bLIMIT\b|\)|$)", text, re.S):
		for column in re.findall(r"(?:(\w+)\.)?([a-z_]\w*)", clause):
			if re.search(r"\b%s IS NOT NULL\b" % column[1], text):
				continue
			owners = [tables.get(column[0], column[0])] if column[0] else tables.values()
			if any((table, column[1]) in nullable for table in owners):
				trouble.append("orders by %s, which can be NULL" % column[1])
	return trouble


def trouble_of(name, text, nullable):
	"""All that is wrong with a statement, as sentences."""
	plain = bare(text)
	trouble = [why for pattern, why in BANNED if re.search(pattern, plain, re.I | re.S)]
	if re.search(r"\bRETURNING\b", plain, re.I) and not re.match(r"UPDATE head\b", plain):
		trouble.append("RETURNING is for the head row alone")
	if re.search(r"\bLIMIT\b", plain) and re.search(r"\bOFFSET\b", plain) and not re.search(r"\bORDER BY\b", plain):
		trouble.append("OFFSET without ORDER BY")
	return trouble + upsert_trouble(plain) + params_trouble(plain) + org_trouble(name, plain) + order_trouble(plain, nullable)


def nullable_columns(migrations):
	"""(table, column) of every column that may be NULL, from the text of the migrations."""
	found = set()
	for table, body in re.findall(r"CREATE TABLE (\w+) \(\n(.*?)\n\)", migrations, re.S):
		for line in body.splitlines():
			column = re.match(r"\s+([a-z_]\w*) (?:BIGINT|BYTEA|TEXT)\b([^,]*)", line)
			if column and not re.search(r"NOT NULL|PRIMARY KEY", column.group(2)):
				found.add((table, column.group(1)))
	for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (?!.*NOT NULL)", migrations):
		found.add((table, column))
	return found
