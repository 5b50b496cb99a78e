# SPDX-License-Identifier: Apache-2.0
"""Goal: what `meson install` brings is a library: header, shared and static, pkg-config, manual, with nothing in it but what
the header declares."""

import re
import subprocess

import pytest

from installed import ROOT, run

VERSION = "JETON_1"
TOKEN_MAX = 55


def symbols(*words):
    return [line.split() for line in run("nm", *words).splitlines() if line.strip()]


def test_the_shared_library_exports_what_the_header_declares(installed):
    """Goal: exactly the functions of jeton.h, each of version JETON_1; nothing else can be called from outside."""
    defined = symbols("-D", "--defined-only", "--with-symbol-versions", installed.shared)
    assert len(installed.functions()) == 19
    assert {name for _, kind, name in defined if kind != "A"} == {f"{f}@@{VERSION}" for f in installed.functions()}
    assert [name for _, kind, name in defined if kind == "A"] == [VERSION]
    assert {kind for _, kind, _ in defined} == {"T", "A"}


def test_the_static_library_exports_no_more(installed):
    """Goal: linked into a program it collides with nothing: every other name in it is local."""
    defined = [s for s in symbols("-g", "--defined-only", installed.static) if len(s) == 3]
    assert {name for _, _, name in defined} == installed.functions()
    assert {kind for _, kind, _ in defined} == {"T"}


def test_it_needs_libc_and_nettle_alone(installed):
    """Goal: a program that takes libjeton gets no other library with it."""
    dynamic = run("readelf", "-dW", installed.shared)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    assert sorted(re.sub(r"\.so.*", "", n) for n in needed) == ["libc", "libnettle"]
    assert re.findall(r"\(SONAME\).*\[(.*)\]", dynamic) == ["libjeton.so.1"]
    undefined = {s[-1].split("@")[0] for s in symbols("-D", "--undefined-only", installed.shared)}
    assert not {u for u in undefined if u.startswith(("sodium_", "crypto_", "pthread_", "sqlite3_", "json_"))}
    assert not {"exit", "abort", "printf", "fprintf", "puts", "sleep", "system"} & undefined


def test_it_keeps_no_state_that_is_not_named(installed):
    """Goal: no variable that threads or several handles would share but those of jeton_guard_sigbus."""
    lines = [line.split("|") for line in run("nm", "--format=sysv", installed.static).splitlines() if "|" in line]
    writable = {line[0].strip() for line in lines if line[-1].strip() in (".bss", ".data", "*COM*")}
    assert writable - {"shift_ns"} == {"guarded", "before", "installed"}  # shift_ns: of builds with test hooks


def test_pkg_config_says_how(installed):
    """Goal: the version is that of the header and of the file, and a shared link names nothing but libjeton."""
    text = installed.header.read_text(encoding="ascii")
    major, minor = (re.search(rf"JETON_VERSION_{w} (\d+)", text).group(1) for w in ("MAJOR", "MINOR"))
    assert installed.pkg_config("--modversion") == [f"{major}.{minor}.0"]
    assert installed.shared.resolve().name == f"libjeton.so.{major}.{minor}.0"
    assert [w for w in installed.pkg_config("--libs") if w.startswith("-l")] == ["-ljeton"]
    assert [w for w in installed.pkg_config("--libs", "--static") if w.startswith("-l")] == ["-ljeton", "-lnettle"]


@pytest.mark.parametrize("compiler", (["gcc", "-std=c99"], ["gcc", "-std=c17"], ["g++", "-std=c++11"], ["g++", "-std=c++20"]))
def test_the_header_stands_alone(installed, compiler, tmp_path):
    """Goal: a file that includes jeton.h and nothing else compiles, in C and C++, with every warning on."""
    source = tmp_path / ("alone.c" if compiler[0] == "gcc" else "alone.cpp")
    source.write_text("#include <jeton.h>\n#include <jeton.h>\nextern struct jeton_request want;\nstruct jeton_request want;\n",
                      encoding="ascii")
    run(*compiler, "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wconversion", "-Wshadow", "-c", source,
        *installed.pkg_config("--cflags"), "-o", tmp_path / "alone.o")


def test_the_manual_is_well_formed(installed):
    """Goal: mandoc finds nothing wrong with it."""
    lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", installed.manual], capture_output=True, text=True, check=False)
    assert lint.stdout == "" and lint.returncode == 0, lint.stdout


def test_the_manual_is_whole(installed):
    """Goal: every function is named and shown as the header declares it, and found under its own name; every result and
    every field of what is asked and answered is explained."""
    manual, header = installed.manual.read_text(encoding="ascii"), installed.header.read_text(encoding="ascii")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    shown = re.sub(".\b", "", run("mandoc", "-Tascii", "-Owidth=400", installed.manual))
    synopsis = " ".join(shown[shown.index("SYNOPSIS"):shown.index("DESCRIPTION")].split())
    for name in installed.functions():
        declared = re.search(rf"^JETON_EXPORT ([^;]*\b{name}\([^;]*);", code, flags=re.M).group(1)
        want = re.sub(r"\( ", "(", re.sub(r"\s+", " ", declared)).replace("*" + name, "* " + name)
        assert want + ";" in synopsis, want
        assert re.search(rf"^\.Nm {name}( ,)?$", manual, flags=re.M), name
        alias = installed.manual.parent / (name + ".3")
        assert alias.is_symlink() and alias.resolve() == installed.manual.resolve()
    for result in re.findall(r"X\(([A-Z_]+), \d+", header):
        assert f".It Dv JETON_{result}\n" in manual, result
    for struct in ("jeton_request", "jeton_answer"):
        fields = re.search(rf"^struct {struct} {{(.*?)^}};", code, flags=re.M | re.S).group(1)
        for field in re.findall(r"(\w+)(?:\[\d+\])?;", fields):
            assert field == "inside" or field in manual, field
    for variable in re.findall(r"\$([A-Z_]+)", header):
        assert f".It Ev {variable}\n" in manual, variable


def test_the_manual_shows_the_example(installed):
    """Goal: the program in the manual is the one that is compiled here, and it is short."""
    example = (ROOT / "contrib/example/gate.c").read_text(encoding="ascii")
    shown = re.sub(".\b", "", run("mandoc", "-Tascii", installed.manual))
    assert len(example.splitlines()) < 40
    assert " ".join(example.split("\n", 1)[1].split()) in " ".join(shown.split())
