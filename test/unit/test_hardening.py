#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: what is shipped is hardened. Reads a built executable or shared library with readelf: position-independent, relocations read-only
from the start, no executable stack, no segment both writable and executable, stack canaries, no text relocations, no
search path of the builder, and, in an optimised build, FORTIFY.

    test_hardening.py FILE [--fortify] [--library]
"""
import re
import subprocess
import sys


def readelf(option, path):
    return subprocess.run(["readelf", "-W", option, path], check=True, capture_output=True, text=True).stdout


def segment_flags(headers, kind):
    """The flags ("RW ", "R E") of every segment of a kind."""
    return re.findall(rf"^\s+{kind}\s+(?:0x[0-9a-f]+\s+){{5}}([RWE ]{{3}})", headers, flags=re.M)


def checks(path, fortify, library):
    headers, dynamic = readelf("-l", path), readelf("-d", path)
    symbols = set(re.findall(r"\bUND\s+([\w.]+)", readelf("--dyn-syms", path)))
    stack = segment_flags(headers, "GNU_STACK")
    loads = segment_flags(headers, "LOAD")
    now = re.search(r"\(FLAGS_1\).*\bNOW\b|\(BIND_NOW\)", dynamic)
    if library:
        yield "a library of a version", re.search(r"\(SONAME\).*\.so\.\d+\]", dynamic) is not None
    yield "PIE", "Type:                              DYN" in readelf("-h", path) and (library or "PIE" in dynamic)
    yield "full RELRO", bool(segment_flags(headers, "GNU_RELRO") and now)
    yield "the stack is not executable", stack == ["RW "]
    yield "nothing is writable and executable", len(loads) > 1 and not any("W" in f and "E" in f for f in loads)
    yield "stack canaries", "__stack_chk_fail" in symbols
    yield "no text relocations", "(TEXTREL)" not in dynamic
    yield "no search path", "(RPATH)" not in dynamic and "(RUNPATH)" not in dynamic
    if fortify:
        yield "FORTIFY", any(re.fullmatch(r"__\w+_chk", s) and s != "__stack_chk_fail" for s in symbols)


def main():
    path = [a for a in sys.argv[1:] if not a.startswith("-")][0]
    results = list(checks(path, "--fortify" in sys.argv, "--library" in sys.argv))
    print(f"1..{len(results)}")
    for number, (what, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
