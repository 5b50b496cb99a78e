# SPDX-License-Identifier: Apache-2.0
"""An installed copy of the library, and programs that are built against it as a user would."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("JETON_BUILD", str(ROOT / "build/test"))
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]


def run(*command, **more):
    """A command that succeeds; its standard output."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120, check=False, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Installed:
    def __init__(self, where):
        self.root = where
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", where)
        self.header = self.one("jeton.h")
        self.shared = self.one("libjeton.so")
        self.static = self.one("libjeton.a")
        self.pc = self.one("libjeton.pc")
        self.manual = self.one("libjeton.3")
        self.env = dict(os.environ, PKG_CONFIG_PATH=str(self.pc.parent), PKG_CONFIG_SYSROOT_DIR=str(where),
                        LD_LIBRARY_PATH=str(self.shared.parent))

    def one(self, name):
        """The path of the only file of this name."""
        found = [p for p in self.root.rglob(name)]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def functions(self):
        """What jeton.h declares for everybody."""
        text = re.sub(r"/\*.*?\*/", "", self.header.read_text(encoding="ascii"), flags=re.S)
        return set(re.findall(r"^JETON_EXPORT[^;(]*?(\w+)\(", text, flags=re.M))

    def pkg_config(self, *words):
        return run("pkg-config", *words, "libjeton", env=self.env).split()

    def compile(self, compiler, source, out, *more, static=False):
        flags = self.pkg_config("--cflags")
        libs = self.pkg_config("--libs", *(["--static"] if static else []))
        run(*compiler, *STRICT, *more, *(["-static"] if static else []), source, *flags, *libs, "-o", out)
        return out


class Gate:
    """A program that says of each token it is sent what contrib/example/gate.c says."""

    def __init__(self, program, scope, table, env):
        self.process = subprocess.Popen([program, scope], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1, env=dict(env, JETON_TABLE=table))

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(20) == 0

    def ask(self, token):
        """(id of the token or "", sentence)"""
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()
        return tuple(self.process.stdout.readline().rstrip("\n").split(": ", 1))
