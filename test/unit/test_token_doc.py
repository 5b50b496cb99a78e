#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: doc/formats/token.md is true: its script runs as it stands, its example has the check and the digest that it
says, and the script agrees with the golden values of test_token.c, which hold the C code to the same format."""
import contextlib
import io
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def main():
    document = read("doc", "formats", "token.md")
    script = re.search(r"```python\n(.*?)```", document, flags=re.S).group(1)
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "token.md", "exec"), names)
    kind, digest = printed.getvalue().split()
    golden = re.findall(r'"(jtn[a-z]_[0-9A-Za-z]{38})"', read("test", "unit", "test_token.c"))
    letters = re.findall(r"\bX\(\w+, (\w+), '(\w)'\)", read("src", "token", "token.h"))
    checks = [
        ("the example of the format is the script's", "    " + names["example"] + "\n" in document),
        ("its kind is personal", kind == "personal"),
        ("its digest is the one printed", "    " + digest + "\n" in document),
        ("the golden values of test_token.c are tokens", len(golden) >= 2 and all(map(names["kind_of"], golden))),
        ("kinds and letters are those of token.h", dict(letters) == {v: k for k, v in names["KINDS"].items()}),
    ]
    print(f"1..{len(checks)}")
    for number, (what, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
