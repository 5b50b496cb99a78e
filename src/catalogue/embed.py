#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a text file, as it is, into a C file as an array of lines: embed.py OUT.c HEADER NAME FILE"""
import sys

out, header, name, path = sys.argv[1:]
escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}
with open(path, encoding="ascii") as f:
    lines = f.read().splitlines()
with open(out, "w", encoding="ascii") as f:
    f.write(f'/* Written by embed.py. */\n#include "{header}"\n\n#include <stddef.h>\n\nconst char *const {name}[] = {{\n')
    for line in lines:
        f.write('\t"' + "".join(escapes.get(c, c) for c in line) + '\\n",\n')
    f.write("\tNULL,\n};\n")
