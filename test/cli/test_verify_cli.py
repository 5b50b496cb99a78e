# SPDX-License-Identifier: Apache-2.0
"""`jeton verify`: the table of this machine answers, and explains; a server does with --url."""

import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import uuid

import pytest

from client import TOKEN_ROLES, eventually, unknown_value
from serving import JETON, environment
from verifier import Verifier


def table_of(server):
    return os.path.join(server.run, "table")


def verify(server, value, *args, check=None, url=None, **env):
    """One `jeton verify`, the value on standard input, that knows of nothing but the table (or a server)."""
    known = environment()
    for name in ("JETON_TABLE", "RUNTIME_DIRECTORY", "HOME", "XDG_CONFIG_HOME"):
        known.pop(name, None)
    known.update(env)
    where = ["--url", url] if url else ["--table", table_of(server)]
    done = subprocess.run([JETON, "verify", *where, *args, "-"], input=value + "\n", capture_output=True, text=True, timeout=60,
                          env=known, check=False)
    if check is not None:
        assert done.returncode == check, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert value not in done.stdout + done.stderr and (len(value) < 40 or value[5:37] not in done.stdout + done.stderr)
    return done


@pytest.fixture(scope="module")
def world(pool):
    """An org with two teams, an app in each, and tokens of all sorts."""
    org = pool.take()
    org.guest = org.user("GUEST")
    org.apart = org.user("TEAM_DEFINED")
    org.own = org.team(name="payments", members=[(org.guest, "TEAM_MEMBER"), (org.apart, "TEAM_GUEST")])
    org.other = org.team(name="platform")
    org.shop, org.infra = org.app(team=org.own), org.app(team=org.other)
    org.values = {kind: org.issue(kind)["value"] for kind in TOKEN_ROLES}
    org.values["limited"] = org.issue("jira", teams=[org.own])["value"]
    org.values.update(owner=org.token, guest=org.guest.token, apart=org.apart.token)
    return org


def test_the_table_answers_as_the_server_does(world):
    """Goal: for every sort of token in every place, allowed is what the token holds there, 1 what it does not; the plain answer,
    the explanation, and the server's explanation agree."""
    server = world.server
    places = [((), "O/my_scopes"), (("--team", world.own), f"O/rbac/teams/{world.own}/my_scopes"),
              (("--app", world.infra), f"O/apps/{world.infra}/my_scopes")]
    for name, value in world.values.items():
        for where, path in places:
            answer = world.client(value).get(path)
            held = set(answer.json["response"]) if answer.status == 200 else set()
            for scope in ("findings:list", "scans:create", "findings:update"):
                plain = json.loads(verify(server, value, "--org", world.id, "--scope", scope, "--json", *where).stdout)
                expected = {"allowed"} if scope in held else {"scope", "not-visible"}
                if scope in held and not where:
                    expected = {"allowed", "partial"}
                assert plain["decision"] in expected, (name, where, scope, plain)
                told = verify(server, value, "--org", world.id, "--scope", scope, "--json", "--explain", *where)
                explained = json.loads(told.stdout)
                assert explained["decision"] == plain["decision"]
                assert told.returncode == (0 if plain["decision"] == "allowed" else 1)
                asked = json.loads(verify(server, value, "--scope", scope, "--json", "--explain", *where, url=server.base,
                                          JETON_ORG=world.id, JETON_TOKEN=world.token).stdout)
                assert asked["decision"] == plain["decision"] and asked["token"]["id"] == explained["token"]["id"]


def test_what_is_printed(world):
    """Goal: one word where it is allowed, one sentence where it is not, and the teams where it is allowed for some."""
    server = world.server
    ci, limited = world.values["ci"], world.values["limited"]
    assert verify(server, ci, "--scope", "scans:create", check=0).stdout == "allowed\n"
    assert verify(server, ci, check=0).stdout == "allowed\n"
    assert verify(server, ci, "--scope", "scans:create", "--scope", "findings:update", check=1).stdout == (
        "refused: it does not hold findings:update here\n")
    assert verify(server, ci, "--scope", "no_such:scope", check=1).stdout == "refused: there is no scope no_such:scope here\n"
    assert "not visible" in verify(server, limited, "--app", world.infra, check=1).stdout
    assert verify(server, limited, "--app", world.shop, "--scope", "findings:update", check=0).stdout == "allowed\n"
    assert "--partial" in verify(server, limited, "--scope", "findings:list", check=1).stdout
    partly = verify(server, limited, "--scope", "findings:list", "--partial", check=0).stdout
    assert partly == "allowed for these teams only:\n" + world.own + "\n"
    data = json.loads(verify(server, limited, "--scope", "findings:list", "--partial", "--json", check=0).stdout)
    assert data["allowed"] and data["decision"] == "partial" and data["teams"] == [world.own]
    whole = json.loads(verify(server, world.token, "--json", check=0).stdout)
    assert whole["user"] == world.owner_id and whole["org"] == world.id and whole["kind"] == "personal" and whole["as_of"] > 0
    assert "unknown" in verify(server, unknown_value(ci), check=1).stdout
    assert "checksum" in verify(server, ci[:-1] + ("x" if ci[-1] != "x" else "y"), check=1).stdout
    assert "shape" in verify(server, "nonsense", check=1).stdout


def test_partly_for_no_team_is_not_at_all(org):
    """Goal: held for some teams only, by a user who is in none, is held for nothing: --partial refuses too, everywhere."""
    user = org.user("TEAM_DEFINED")
    ask = (org.server, user.token, "--scope", "findings:list", "--partial")
    for flags in ((), ("--json",), ("--explain",)):
        verify(*ask, *flags, check=1)
        verify(*ask, *flags, check=1, url=org.server.base, JETON_ORG=org.id, JETON_TOKEN=org.token)
    team = org.team(members=[(user, "TEAM_GUEST")])
    for flags in ((), ("--json",), ("--explain",)):
        assert team in verify(*ask, *flags, check=0).stdout
        verify(*ask, *flags, check=0, url=org.server.base, JETON_ORG=org.id, JETON_TOKEN=org.token)


def test_the_org(world, org):
    """Goal: an org that is named by --org or JETON_ORG must be the token's; else an app is looked for in the token's own."""
    server, ci = world.server, world.values["ci"]
    assert "other-org" in verify(server, ci, "--org", org.id, check=1).stdout
    assert "other-org" in verify(server, ci, check=1, JETON_ORG=org.id).stdout
    verify(server, ci, "--org", world.id, check=0, JETON_ORG=org.id)
    verify(server, ci, "--app", world.shop, "--scope", "scans:create", check=0)
    assert "unknown" in verify(server, unknown_value(ci), "--app", world.shop, check=1).stdout
    explained = json.loads(verify(server, ci, "--app", world.shop, "--explain", "--json", check=0).stdout)
    assert explained["place"]["team"]["id"] == world.own


def test_an_explanation_for_people(world):
    """Goal: a line a step, aligned, the one that refused marked, those after it not reached, and the conclusion last."""
    lines = verify(world.server, world.values["ci"], "--explain", "--scope", "scans:create", "--scope", "findings:update",
                   check=1).stdout.splitlines()
    assert lines[-1].startswith("refused: the role CI does not hold findings:update") and "held by: Access" in lines[-1]
    assert lines[-2] == ""
    steps, scopes = lines[:15], lines[15:-2]
    assert [s.split()[0] for s in steps] == ["ok"] * 13 + ["REFUSED", "-"] and len(scopes) == 2
    assert scopes[0].split()[:2] == ["held", "scans:create"] and scopes[1].split()[:2] == ["LACKS", "findings:update"]
    column = steps[0].index("it shows every change")
    assert all(line[column - 1] == " " and line[column] != " " for line in steps[:14] + scopes)
    good = verify(world.server, world.values["ci"], "--explain", "--scope", "scans:create", check=0).stdout
    assert good.splitlines()[-1] == "allowed: the role CI holds scans:create" and "REFUSED" not in good and "\033" not in good


def test_what_a_terminal_is_told(world):
    """Goal: the step that refused is red on a terminal, and without colour where NO_COLOR is set; and a token that is typed is
    not echoed."""
    for env, colour in (({}, True), ({"NO_COLOR": "1"}, False)):
        ours, theirs = pty.openpty()
        try:
            known = {**environment(), **env}
            process = subprocess.Popen([JETON, "verify", "--table", table_of(world.server), "--explain", "--scope", "org:delete",
                                        world.values["ci"]], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=known)
            assert process.wait(30) == 1
            shown = os.read(ours, 1 << 16).decode()
            assert ("\033[1;31mREFUSED" in shown) == colour and world.values["ci"][5:37] not in shown
        finally:
            os.close(ours)
            os.close(theirs)


def test_changes_are_seen_at_once(server_factory):
    """Goal: what was answered by the server is in the next answer of the table: issued, revoked, a role, a watermark. (A server
    of its own: a table that grows forgets what is dead.)"""
    server = server_factory()
    org = server.demo()
    token = org.issue("ci")
    verify(server, token["value"], check=0)
    seq = json.loads(verify(server, token["value"], "--json", check=0).stdout)["as_of"]
    verify(server, token["value"], "--min-seq", str(seq), check=0)
    late = verify(server, token["value"], "--min-seq", str(seq + 1000000), check=3)
    assert late.stdout == "" and "what was demanded" in late.stderr
    told = verify(server, token["value"], "--min-seq", str(seq + 1000000), "--explain", check=3)
    assert told.stdout.splitlines()[-1].startswith("cannot be decided: change ")
    org.owner.delete("O/tokens/" + token["id"]).ok()
    assert "revoked" in verify(server, token["value"], check=1).stdout
    user = org.user("POWER_USER")
    verify(server, user.token, "--scope", "policies:write", check=0)
    org.owner.put("O/rbac/users/" + user.id, {"org_role": "GUEST"}).ok()
    assert "the role Guest does not hold policies:write" in verify(
        server, user.token, "--explain", "--scope", "policies:write", check=1).stdout


@pytest.mark.parametrize("args", [("--app", "a", "--team", str(uuid.uuid4())), ("--scope", "findings"), ("--org", "acme"),
                                  ("--team", "payments"), ("--app", "-x-"), ("--min-seq", "soon"),
                                  ("--url", "http://127.0.0.1:1"), ("--scope", "x:" + "y" * 80)])
def test_wrong_use(world, args):
    """Goal: what cannot be asked is 2, with a sentence, and never an answer."""
    done = verify(world.server, world.values["ci"], *args, check=2)
    assert done.stdout == "" and done.stderr.startswith("jeton: ")


def test_an_empty_value_is_wrong_use(world):
    """Goal: nothing on standard input, or an empty argument, is no token that could be refused."""
    for value in ("-", ""):
        done = subprocess.run([JETON, "verify", "--table", table_of(world.server), value], input="", capture_output=True,
                              text=True, env=environment(), timeout=30, check=False)
        assert done.returncode == 2 and done.stdout == "" and "cannot take the token" in done.stderr


def test_no_table_is_3(world, tmp_path):
    """Goal: a table that is not there, is no table, or is not believed any more is no refusal; a server that is known is named,
    and not asked."""
    ci = world.values["ci"]
    env = {**environment(), "JETON_URL": "http://127.0.0.1:1", "JETON_TABLE": str(tmp_path / "none")}
    done = subprocess.run([JETON, "verify", ci], capture_output=True, text=True, env=env, timeout=30, check=False)
    assert done.returncode == 3 and done.stdout == "" and str(tmp_path / "none") in done.stderr and ci not in done.stderr
    assert "jeton verify --url http://127.0.0.1:1" in done.stderr
    noise = tmp_path / "noise"
    noise.write_bytes(os.urandom(1 << 16))
    for flags in ((), ("--explain",)):
        done = subprocess.run([JETON, "verify", "--table", str(noise), *flags, ci], capture_output=True, text=True,
                              env=environment(), timeout=30, check=False)
        assert done.returncode == 3 and "damaged" in done.stderr


STATE, FRESH_FROM, FRESH_UNTIL = 1024, 1032, 1088  # doc/formats/table.md: what goes on
RETIRED = struct.pack("<Q", 0x5265746972656421)


@pytest.mark.parametrize("writes", [[(FRESH_FROM, bytes(8)), (FRESH_UNTIL, bytes(8))], [(STATE, RETIRED)]], ids=["late", "retired"])
def test_a_table_that_is_not_believed_is_3(world, tmp_path, writes):
    """Goal: past its lease, or retired without a successor, a table refuses nobody: nobody can say."""
    ci, copy = world.values["ci"], tmp_path / "table"
    shutil.copy(table_of(world.server), copy)
    for flags in ((), ("--json",), ("--explain",), ("--explain", "--json")):
        ask = [JETON, "verify", "--table", str(copy), *flags, ci]
        assert subprocess.run(ask, capture_output=True, env=environment(), timeout=30, check=False).returncode == 0
    with open(copy, "r+b") as f:
        for at, what in writes:
            f.seek(at)
            f.write(what)
    for flags in ((), ("--json",)):
        done = subprocess.run([JETON, "verify", "--table", str(copy), *flags, ci], capture_output=True, text=True,
                              env=environment(), timeout=30, check=False)
        assert done.returncode == 3 and done.stdout == "" and "cannot be believed" in done.stderr
    done = subprocess.run([JETON, "verify", "--table", str(copy), "--explain", ci], capture_output=True, text=True,
                          env=environment(), timeout=30, check=False)
    assert done.returncode == 3 and done.stdout.startswith("REFUSED  table fresh")
    assert done.stdout.splitlines()[-1].startswith("cannot be decided: the ")


def test_asking_a_server(world, org):
    """Goal: --url asks the server: the token what it holds; with --explain somebody who may list tokens, and that they may not
    is no refusal of the token."""
    server, ci = world.server, world.values["ci"]
    mine = {"JETON_ORG": world.id, "JETON_TOKEN": world.token}
    assert verify(server, ci, "--scope", "scans:create", check=0, url=server.base, **mine).stdout == "allowed\n"
    verify(server, ci, "--scope", "org:update", check=1, url=server.base, **mine)
    two = ("--scope", "scans:create", "--scope", "org:update")
    assert "org:update" in verify(server, ci, *two, check=1, url=server.base, **mine).stdout
    data = json.loads(verify(server, ci, *two, "--json", check=1, url=server.base, **mine).stdout)
    assert data["allowed"] is False and data["missing"] == "org:update"
    assert json.loads(verify(server, ci, "--json", check=0, url=server.base, **mine).stdout) == {"allowed": True}
    limited = (world.values["limited"], "--scope", "findings:list")
    verify(server, *limited, check=1, url=server.base, **mine)
    partly = verify(server, *limited, "--partial", check=0, url=server.base, **mine).stdout
    assert partly == "allowed for these teams only:\n" + world.own + "\n"
    data = json.loads(verify(server, *limited, "--partial", "--json", check=0, url=server.base, **mine).stdout)
    assert data == {"allowed": True, "teams": [world.own]}
    verify(server, *limited, "--team", world.own, check=0, url=server.base, **mine)
    assert "app or team" in verify(server, *limited, "--app", world.infra, check=1, url=server.base, **mine).stdout
    assert "no valid token" in verify(server, unknown_value(ci), check=1, url=server.base, **mine).stdout
    verify(server, ci, "--min-seq", "1", check=0, url=server.base, **mine)
    verify(server, ci, "--min-seq", str(2**62), check=3, url=server.base, **mine)
    verify(server, ci, "--scope", "no scope", check=2, url=server.base, **mine)
    told = verify(server, ci, "--scope", "org:update", "--explain", check=1, url=server.base, **mine).stdout
    assert told.splitlines()[-1].startswith("refused: the role CI does not hold org:update")
    mine["JETON_TOKEN"] = ci
    not_allowed = verify(server, ci, "--explain", check=3, url=server.base, **mine)
    assert "tokens:list" in not_allowed.stderr and not_allowed.stdout == ""
    mine = {"JETON_ORG": org.id, "JETON_TOKEN": org.token}
    assert "nothing here has this value" in verify(server, ci, "--explain", check=1, url=server.base, **mine).stdout


def test_standard_input_keeps_it_out_of_ps(world):
    """Goal: while a value is awaited on standard input, the command line has none."""
    process = subprocess.Popen([JETON, "verify", "--table", table_of(world.server), "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, env=environment())
    try:
        with open(f"/proc/{process.pid}/cmdline", "rb") as f:
            assert world.values["ci"].encode() not in f.read()
        out, _ = process.communicate(world.values["ci"] + "\n", timeout=30)
        assert out == "allowed\n" and process.returncode == 0
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_it_is_no_use_of_the_token(org):
    """Goal: verifying by hand on the table and explaining are not recorded as a use of the token; what came before a use that
    is recorded was not."""
    token, spare = org.issue("ci"), org.issue("ci")
    for flags in ((), ("--explain",)):
        verify(org.server, token["value"], "--scope", "scans:create", *flags, check=0)
    org.owner.post("O/explain", {"token": token["value"]}).ok()
    with Verifier(org.server) as another:
        another.use(spare["id"], 1, ["scans:create"])
        used = eventually(lambda: {t["id"] for t in org.owner.get("O/tokens").ok() if "last_used_at" in t}, "a use is recorded")
    assert used == {spare["id"]}
