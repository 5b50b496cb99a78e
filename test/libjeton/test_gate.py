# SPDX-License-Identifier: Apache-2.0
"""Goal: the example of contrib/example, built as its comment says against an installed copy, decides beside a real server
what that server decides: shared, static, in C and in C++."""

import os
import signal
import subprocess

import pytest

from client import eventually
from installed import ROOT, Gate
from serving import run_jeton

GATE = ROOT / "contrib/example/gate.c"
GATE_CPP = ROOT / "test/libjeton/gate.cpp"
HOW = {
    "shared": (["gcc", "-std=c99"], GATE, False),
    "static": (["gcc", "-std=c99"], GATE, True),
    "c++": (["g++", "-std=c++11"], GATE_CPP, False),
    "c++ static": (["g++", "-std=c++20"], GATE_CPP, True),
}
ALLOWED, SCOPE, INVALID = "allowed", "the token does not hold a scope that is needed", "not a token that may be used here"
UNAVAILABLE, PARTIAL = "the table cannot be believed at the moment", "held for some teams only"
BOUND_S = 6


@pytest.fixture(scope="module", params=sorted(HOW))
def gate(request, installed, tmp_path_factory):
    compiler, source, static = HOW[request.param]
    return installed.compile(compiler, source, tmp_path_factory.mktemp("gate") / "gate", static=static)


@pytest.fixture(scope="module")
def shared_gate(installed, tmp_path_factory):
    return installed.compile(*HOW["shared"][:2], tmp_path_factory.mktemp("gate") / "gate")


def table_of(server):
    return os.path.join(server.run, "table")


def test_the_linking_is_what_it_was_asked_to_be(installed, tmp_path):
    """Goal: the shared program needs libjeton.so.1, the static one no library at all."""
    shared = installed.compile(*HOW["shared"][:2], tmp_path / "shared")
    static = installed.compile(*HOW["static"][:2], tmp_path / "static", static=True)
    needed = [subprocess.run(["readelf", "-dW", p], capture_output=True, text=True, check=True).stdout for p in (shared, static)]
    assert "[libjeton.so.1]" in needed[0] and "NEEDED" not in needed[1]


def test_the_example_follows_what_is_changed(gate, installed, org):
    """Goal: without being restarted it lets in a token that was made after its start, and refuses a revoked one, one without
    the scope, and what is no token; what it says of the token is its id."""
    with Gate(gate, "findings:list", table_of(org.server), installed.env) as g:
        token, other = org.issue("access"), org.issue("service")
        assert g.ask(token["value"]) == (token["id"], ALLOWED)
        assert g.ask(org.token)[1] == ALLOWED
        assert g.ask(other["value"]) == (other["id"], SCOPE)
        org.owner.delete("O/tokens/" + token["id"]).ok()
        assert g.ask(token["value"])[1] == INVALID
        assert [g.ask(x) for x in ("", "x" * 200, token["value"] + "x", token["value"][:-1])] == [("", INVALID)] * 4


def test_a_user_is_followed(shared_gate, installed, org):
    """Goal: a user's own token is allowed, refused, allowed in part and refused again as the user's role changes, with the
    same interned name."""
    user = org.user("MEMBER")
    with Gate(shared_gate, "findings:list", table_of(org.server), installed.env) as g:
        said = [g.ask(user.token)[1]]
        for role in ("TEAM_DEFINED", "POWER_USER"):
            org.owner.put("O/rbac/users/" + user.id, {"org_role": role}).ok()
            said.append(g.ask(user.token)[1])
        org.owner.delete("O/rbac/users/" + user.id).ok()
        said.append(g.ask(user.token)[1])
    assert said == [ALLOWED, PARTIAL, ALLOWED, INVALID]


def test_a_new_catalogue_is_followed(shared_gate, installed, server_factory, tmp_path):
    """Goal: a scope that the catalogue gets is held, and one that it loses is refused, under the name that was interned before;
    the table that was replaced for it refuses nothing else meanwhile."""
    text = (ROOT / "catalogue/prezero.yaml").read_text(encoding="ascii")
    longer = text.replace("    - scans:create\n", "    - scans:delete\n    - scans:create\n")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="ascii")
    server = server_factory("--catalogue", str(path))
    token, env, table = server.demo().token, installed.env, table_of(server)
    with Gate(shared_gate, "scans:delete", table, env) as moving, Gate(shared_gate, "findings:list", table, env) as steady:

        def becomes(wanted):
            assert steady.ask(token)[1] == ALLOWED
            return moving.ask(token)[1] == wanted

        assert moving.ask(token)[1] == SCOPE
        for now, wanted in ((longer, ALLOWED), (text, SCOPE), (longer, ALLOWED)):
            path.write_text(now, encoding="ascii")
            server.process.send_signal(signal.SIGHUP)
            eventually(lambda wanted=wanted: becomes(wanted), wanted)


def test_many_new_tokens_do_not_lose_it(shared_gate, installed, server_factory):
    """Goal: when the table grows, which puts another file into its place, a program that has it open goes on with the new one."""
    server = server_factory()
    org = server.demo()
    first = os.stat(table_of(server)).st_ino
    with Gate(shared_gate, "findings:list", table_of(server), installed.env) as g:
        last = None
        for _ in range(3000):
            last = org.issue("access")
            if os.stat(table_of(server)).st_ino != first:
                break
        assert os.stat(table_of(server)).st_ino != first
        assert g.ask(last["value"]) == (last["id"], ALLOWED)
        org.owner.delete("O/tokens/" + last["id"]).ok()
        assert g.ask(last["value"])[1] == INVALID
        assert g.ask(org.token)[1] == ALLOWED


def test_a_server_that_does_not_speak_is_not_believed_for_ever(shared_gate, installed, server_factory):
    """Goal: --stale-after bounds how long a table is believed whose server was stopped; when it goes on, so does everything."""
    server = server_factory("--stale-after", str(BOUND_S))
    with Gate(shared_gate, "findings:list", table_of(server), installed.env) as g:
        token = server.demo().token
        assert g.ask(token)[1] == ALLOWED
        server.process.send_signal(signal.SIGSTOP)
        try:
            assert g.ask(token)[1] == ALLOWED
            eventually(lambda: g.ask(token)[1] == UNAVAILABLE, "the stopped server's table is refused", BOUND_S + 4)
            assert g.ask("nonsense")[1] == UNAVAILABLE
        finally:
            server.process.send_signal(signal.SIGCONT)
        eventually(lambda: g.ask(token)[1] == ALLOWED, "the table is believed again")


def test_a_killed_server_is_followed_by_the_next(shared_gate, installed, server_factory):
    """Goal: a program outlives the server: killed, its table is believed for its bound and refused after it; the next server's
    table is believed at once."""
    server = server_factory("--stale-after", str(BOUND_S))
    with Gate(shared_gate, "findings:list", table_of(server), installed.env) as g:
        token = server.demo().token
        server.process.kill()
        server.process.wait()
        server.reader.join()
        server.process.stderr.close()
        assert g.ask(token)[1] == ALLOWED
        eventually(lambda: g.ask(token)[1] == UNAVAILABLE, "the dead server's table is refused", BOUND_S + 4)
        server.start("--stale-after", str(BOUND_S))
        assert g.ask(token)[1] == ALLOWED


def test_a_bound_that_cannot_be_kept_is_refused():
    """Goal: a bound below what the clocks can tell, or of hours, is misuse."""
    for seconds in ("5", "3601", "soon"):
        done = run_jeton("serve", "--data", "/nonexistent", "--stale-after", seconds, check=False)
        assert done.returncode == 2 and "stale-after" in done.stderr, done.stderr
