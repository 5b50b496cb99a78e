#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the migrations, as they are, into a C file: embed.py OUT.c 0001_first.sql 0002_second.sql ..."""

import os
import re
import sys

ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}


def quoted(line):
	return '\t"' + "".join(ESCAPES.get(c, c) for c in line) + '\\n"'


def main(out, files):
	parts = ["/* Written by embed.py from the .sql files. */", '#include "db/migrations.h"', ""]
	for number, path in enumerate(files, 1):
		if not re.match(r"%04d_[a-z0-9_]+\.sql$" % number, os.path.basename(path)):
			sys.exit("%s: expected %04d_NAME.sql here" % (path, number))
		with open(path, encoding="ascii") as f:
			text = f.read()
		parts.append("static const char *const step_%d[] = {" % number)
		for line in text.splitlines():
			parts.append(quoted(line) + ",")
		parts += ["\tNULL,", "};", ""]
	parts.append("const struct jt_migration jt_migrations[] = {")
	for number, path in enumerate(files, 1):
		parts.append('\t{"%s", step_%d},' % (os.path.basename(path)[:-4], number))
	parts += ["};", "const unsigned jt_migration_count = sizeof(jt_migrations) / sizeof(jt_migrations[0]);", ""]
	with open(out, "w", encoding="ascii") as f:
		f.write("\n".join(parts))


main(sys.argv[1], sys.argv[2:])
