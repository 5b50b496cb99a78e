#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: each rule of tools/lint fires on a bad sample, at the right line, and on that only; a good tree passes."""
import os
import shutil
import subprocess
import sys
import tempfile

LINT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "tools", "lint")
C = "/* SPDX-License-Identifier: Apache-2.0 */\n"
SH = "# SPDX-License-Identifier: Apache-2.0\n"
STYLE = "BasedOnStyle: LLVM\nIndentWidth: 8\nUseTab: Always\nBreakBeforeBraces: Linux\n"

# A tree that keeps every rule, with what comes close to breaking one.
GOOD = {
    "src/base/a.h": C + "/* Adds. */\nint jt_a(int x);\nint jt_b(int x);\n#ifdef X\nint jt_c(int x,\n\tint y);\n#endif\n\n"
    "struct a {\n\tint (*f)(void);\n};\n/* Both. */\nstatic inline int jt_d(void)\n{\n\treturn 1;\n}\n"
    "#define JT_E(x) (x)\ntypedef int (*jt_f)(int x);\nextern const int jt_table[];\n",
    "src/base/a.c": C + '#include "base/a.h"\n/* strcpy(a, b), exit(1), JT_SQL( */\nstatic const char *s = "sprintf(x)";\n'
    "int jt_a(int x)\n{\n\treturn my_rand(x) + p->exit(1) + memcmp(a, b, 1);\n}\n",
    "src/store/q.c": C + '#include "base/a.h"\n#include "store/q.h"\nJT_SQL(x, "y");\n',
    "src/http/mhd.c": C + "#include <microhttpd.h>\n",
    "src/db/sqlite.c": C + "#include <sqlite3.h>\n",
    "src/cli/main.c": C + "int main(void)\n{\n\texit(0);\n}\n",
    "src/token/digest.c": C + "int f(void)\n{\n\treturn jt_secret_equal(a, 1, b, 1);\n}\n",
    "src/base/meson.build": SH,
    "test/unit/t.c": C + "int t(void)\n{\n\t_exit(0); /* sleep(1) */\n}\n",
    "test/unit/t.py": SH + "wait_until(lambda: asleep())\n",
    "README.md": "See /usr/share and https://example.org" + "/wor" + "k/x\n",
    "test/fuzz/corpus/token/x": "trailing \n no end ",
}

# rule, path, text, line
BAD = [
    ("include", "src/token/t.c", C + '#include "base/a.h"\n#include "policy/p.h"\n', 3),
    ("include", "src/http/h.h", C + '#  include "api/x.h"\n', 2),
    ("library", "src/api/h.c", C + "#include <microhttpd.h>\n", 2),
    ("library", "src/http/other.c", C + "#include <microhttpd.h>\n", 2),
    ("library", "src/store/h.c", C + "#include <sqlite3.h>\n", 2),
    ("comment", "src/base/h.h", C + "#include <x.h>\n\nint f(int x);\n", 4),
    ("comment", "src/base/h.h", C + "/* One. */\nint f(int x);\n\nint g(int x);\n", 5),
    ("comment", "src/base/h.h", C + "/* One. */\n\nconst char *f(int x,\n\tint y);\n", 4),
    ("comment", "src/base/h.h", C + "\nstatic inline int f(int x)\n{\n\treturn x;\n}\n", 3),
    ("comment", "src/base/h.h", C + "/* Of a struct. */\nstruct s {\n\tint x;\n};\nint f(struct s *s);\n", 6),
    *[("banned", "test/unit/b.c", C + f"\n\tx = {call}(y);\n", 3)
      for call in ("strcpy", "strcat", "sprintf", "vsprintf", "gets", "rand", "atoi", "strtok", "alloca")],
    ("banned", "src/base/b.c", C + "int f(void)\n{\n\texit(1);\n}\n", 4),
    ("banned", "src/base/b.c", C + "int f(void)\n{\n\t_exit (1);\n}\n", 4),
    ("memcmp", "src/base/secret.c", C + "\n\treturn memcmp(a, b, 3);\n", 3),
    ("memcmp", "src/store/x.c", C + "uint8_t d[JT_DIGEST_SIZE];\n\treturn memcmp(a, b, 3);\n", 3),
    ("length", "src/base/l.c", C + "\n" * 500, 501),
    ("length", "src/base/l.c", C + "int f(void)\n{\n" + "\tx();\n" * 79 + "}\n", 3),
    ("spdx", "src/base/s.c", "\n" + C, 1),
    ("spdx", "src/base/s.h", "/* Copyright */\n", 1),
    ("spdx", "tools/x", "#!/bin/sh\n:\n", 1),
    ("spdx", "src/base/meson.build", "x = 1\n", 1),
    ("sleep", "test/unit/s.c", C + "\tusleep(5);\n", 2),
    ("sleep", "test/api/s.py", SH + "\ntime.sleep(0.5)\n", 3),
    ("sleep", "test/api/s.sh", "#!/bin/sh\n" + SH + "true; sleep 1\n", 3),
    ("blank", "README.md", "good\nbad \n", 2),
    ("blank", "README.md", "good\nno end", 2),
    ("machine", "README.md", "see /wor" + "k/main\n", 1),
    ("machine", "tools/x.py", SH + "x = '/hom" + "e/someone/x'\n", 2),
    ("sql", "src/authority/s.c", C + 'JT_SQL(x, "SELECT 1");\n', 2),
    ("allow", "tools/lint.allow", "length src/base/gone.c it was long\n", 1),
    ("allow", "tools/lint.allow", "# comment\n\nlength src/base/a.c\n", 3),
    ("allow", "tools/lint.allow", "nonsense src/base/a.c because\n", 1),
]
FORMAT = ("format", "src/base/f.c", C + "int  f(void);\n", 2)
SHELL = ("shell", "tools/x.sh", "#!/bin/sh\n" + SH + "rm $1\n", 3)


def lint(tree, rules, git=False):
    """Exit status and what is said of a tree {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
        if git:
            subprocess.run(["git", "init", "-q", root], check=True)
            subprocess.run(["git", "-C", root, "add", "README.md"], check=True)
        run = subprocess.run([sys.executable, LINT, "--root", root, *rules], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr


def cases():
    rules = [line.split()[0] for line in subprocess.run(
        [sys.executable, LINT, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()]
    plain = [r for r in rules if r not in ("format", "shell")]
    yield "a good tree passes", lint(GOOD, plain) == (0, "")
    bad = list(BAD)
    if shutil.which("clang-format"):
        bad.append(FORMAT)
    if shutil.which("shellcheck"):
        bad.append(SHELL)
    for rule, path, text, line in bad:
        tool = [rule] if rule in ("format", "shell") else []
        tree = {".clang-format": STYLE, path: text} if tool else {**GOOD, path: text}
        status, said = lint(tree, tool or plain)
        one = len(said.splitlines()) == 1
        good = status == 1 and one and said.startswith(f"{path}:{line}: {rule}: ")
        yield f"{rule} at {path}:{line}" + ("" if good else f" # said {said!r}"), good
        if rule not in ("allow", *tool):
            excused = {**tree, "tools/lint.allow": f"{rule} {path} this is a test\n"}
            yield f"{rule} excused", lint(excused, plain) == (0, "")
    yield "every rule has a bad sample", set(rules) <= {b[0] for b in BAD} | {"format", "shell"}
    untracked = {**GOOD, "src/base/s.c": "bad \n"}
    yield "what git does not track is not looked at", lint(untracked, plain, git=True) == (0, "")
    yield "what git tracks is", lint({**GOOD, "README.md": "bad \n"}, plain, git=True)[0] == 1


def main():
    number = 0
    for number, (what, good) in enumerate(cases(), 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    print(f"1..{number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
