# SPDX-License-Identifier: Apache-2.0
"""Goal: the command line does what it says, tells refusals from misuse and from silence, and shows no secret."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from client import Client, PASSWORD, eventually, unique
from serving import JETON, Server, environment, run_jeton
from signed_in import Session, set_up_factor

NOUNS = ("token", "user", "team", "app", "role", "verify", "status", "login")


def commands():
    """{command: {option: value or None}}, as the program lists them."""
    found = {}
    for line in run_jeton("--list-commands").stdout.splitlines():
        part = line.split("\t")
        options = found.setdefault(part[0], {})
        if len(part) > 1:
            options[part[1]] = part[2] if len(part) > 2 else None
    return found


def open_database(data):
    """The embedded database, as somebody has it who can write it; each statement is committed."""
    db = sqlite3.connect(os.path.join(data, "jeton.db"), isolation_level=None)
    db.create_collation("C", lambda a, b: (a > b) - (a < b))
    return db


def cli(org, *args, stdin="", token=None, check=None, home=None):
    """One command as a client of this org."""
    env = environment()
    env.update(JETON_URL=org.server.base, JETON_ORG=org.id, JETON_TOKEN=token or org.token,
               JETON_TABLE=os.path.join(org.server.run, "table"))
    if home:
        for name in ("JETON_ORG", "JETON_TOKEN"):
            env.pop(name)
        env["XDG_CONFIG_HOME"] = str(home)
    done = subprocess.run([JETON, *args], input=stdin, capture_output=True, text=True, timeout=60, env=env, check=False)
    if check is not None:
        assert done.returncode == check, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_explains_itself(name):
    """Goal: --help of every command has a summary, its options and an example that begins with the command."""
    done = run_jeton(*name.split(), "--help")
    assert done.stdout.startswith(f"jeton {name}: ") and f"\n  jeton {name}" in done.stdout
    for option in commands()[name]:
        assert f"  {option}" in done.stdout
    assert done.stderr == ""


def test_the_architectures_command_line_is_there():
    """Goal: no command of the design is missing."""
    wanted = {"init", "serve", "login", "verify", "recover", "backup", "restore", "status", "org create", "key rotate",
              "audit export", "audit verify"} | {f"token {v}" for v in ("create", "list", "show", "rotate", "revoke")}
    assert wanted <= set(commands())
    for noun in ("user", "team", "app", "role"):
        assert any(name.startswith(noun + " ") for name in commands())


def pages():
    return ["jeton"] + sorted({"jeton-" + name.split()[0] for name in commands()})


@pytest.mark.parametrize("page", pages())
def test_the_manual_is_well_formed_and_whole(page, tmp_path):
    """Goal: mandoc finds nothing wrong with a page, and each of its commands' options is on it."""
    text = run_jeton("--print-manual", page).stdout
    path = tmp_path / (page + ".1")
    path.write_text(text, encoding="ascii")
    lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", path], capture_output=True, text=True, check=False)
    assert lint.stdout == "" and lint.returncode == 0, lint.stdout
    shown = subprocess.run(["mandoc", "-Tascii", path], capture_output=True, text=True, check=True).stdout
    shown = re.sub(".\b", "", shown)
    for name, options in commands().items():
        if page in ("jeton", "jeton-" + name.split()[0]):
            assert name in shown, name
        if page == "jeton-" + name.split()[0]:
            assert all(option in shown for option in options), name


def complete(*words):
    script = ("source /usr/share/bash-completion/bash_completion; source contrib/completion/jeton.bash; "
              "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; _jeton; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    done = subprocess.run(["bash", "-c", script, "bash", JETON, *words], capture_output=True, text=True, check=True, cwd=root)
    return done.stdout.split()


def test_completion_knows_commands_verbs_and_options():
    """Goal: bash completes what the program has, at each place of the line."""
    assert {"init", "token", "verify"} <= set(complete(""))
    assert set(complete("token", "r")) == {"rotate", "revoke"}
    assert {"--role", "--team", "--json"} <= set(complete("token", "create", "--"))
    assert set(complete("serve", "--tls-")) == {"--tls-cert", "--tls-key"}
    assert set(complete("verify", "--t")) == {"--table", "--team"}
    assert any(name.endswith("README.md") for name in complete("verify", "--table", "READ"))


def test_wrong_use_is_2_and_says_so():
    """Goal: an unknown command, an unknown option, a missing argument: 2, with a sentence on standard error."""
    for args in (["frobnicate"], ["token", "create"], ["token", "list", "--frob"], ["init"], ["verify"], []):
        done = run_jeton(*args, check=False)
        assert done.returncode == 2 and (done.stderr or done.stdout), args


def test_nobody_answers_is_3(tmp_path):
    """Goal: a server that is not there is told apart from a refusal."""
    env = environment()
    env.update(JETON_URL="http://127.0.0.1:1", JETON_ORG="x", JETON_TOKEN="y", XDG_CONFIG_HOME=str(tmp_path))
    for args in (["token", "list"], ["status"], ["verify", "--url", "http://127.0.0.1:1", "jtnc_x"]):
        done = subprocess.run([JETON, *args], capture_output=True, text=True, env=env, timeout=60, check=False)
        assert done.returncode == 3 and "cannot reach" in done.stderr, args


def test_a_tokens_life(org):
    """Goal: create, list, show, verify, rotate with overlap, revoke: each seen by the next command."""
    made = json.loads(cli(org, "token", "create", "--role", "ci", "--valid-for", "3600", "--json", "nightly", check=0).stdout)
    assert made["kind"] == "ci" and made["value"].startswith("jtnc_")
    table = cli(org, "token", "list", check=0).stdout
    assert "LAST USED" in table and "nightly" in table and made["id"] in table and made["value"] not in table and "\033" not in table
    shown = cli(org, "token", "show", made["id"], check=0).stdout
    assert "nightly" in shown and made["value"] not in shown
    used = cli(org, "token", "show", "--usage", made["id"], check=0).stdout
    assert re.search(r"^uses +0$", used, re.M) and re.search(r"^scopes never used +.*scans:create", used, re.M), used
    assert json.loads(cli(org, "token", "show", "--usage", "--json", made["id"], check=0).stdout)["count"] == 0
    assert cli(org, "verify", "--scope", "scans:create", "-", stdin=made["value"] + "\n", check=0).stdout == "allowed\n"
    assert "scans:create" not in cli(org, "verify", "--scope", "org:update", "-", stdin=made["value"] + "\n", check=1).stdout
    new = json.loads(cli(org, "token", "rotate", "--overlap", "600", "--json", made["id"], check=0).stdout)
    for value in (made["value"], new["value"]):
        cli(org, "verify", "-", stdin=value + "\n", check=0)
    cli(org, "token", "revoke", made["id"], check=0)
    for value in (made["value"], new["value"]):
        cli(org, "verify", "-", stdin=value + "\n", check=1)
    again = cli(org, "token", "revoke", made["id"], check=1)
    assert "NOT_FOUND" in again.stderr and "request" in again.stderr


def test_people_teams_apps_and_roles(org):
    """Goal: each noun makes, shows and removes its own."""
    team = json.loads(cli(org, "team", "create", "--json", "payments", check=0).stdout)["team_id"]
    cli(org, "app", "put", "--team", team, "shop", check=0)
    assert "shop" in cli(org, "app", "list", check=0).stdout and "shop" in cli(org, "team", "show", team, check=0).stdout
    email = unique("pia") + "@example.com"
    user = json.loads(cli(org, "user", "create", "--role", "GUEST", "--json", email, check=0).stdout)
    assert user["setup"]["url"]
    cli(org, "team", "update", "--add-user", user["id_v2"], "--role", "TEAM_ADMIN", team, check=0)
    cli(org, "user", "role", user["id_v2"], "MEMBER", check=0)
    assert re.search(re.escape(email) + r".*Member", cli(org, "user", "list", check=0).stdout)
    role = json.loads(cli(org, "role", "create", "--scope", "findings:*", "--json", "Triage", check=0).stdout)
    assert "findings:update" in role["scopes"]
    cli(org, "role", "delete", role["id"], check=0)
    cli(org, "user", "delete", user["id_v2"], check=0)
    cli(org, "app", "delete", "shop", check=0)
    refused = cli(org, "user", "create", "--role", "NO_SUCH_ROLE", unique("x") + "@example.com", check=1)
    assert "ROLE_NOT_APPLICABLE" in refused.stderr


def test_a_link_lets_a_user_set_a_password(server):
    """Goal: what the command prints works, once."""
    org = server.make_org()
    user = org.user("MEMBER")
    printed = json.loads(cli(org, "user", "link", user.id, "--json", check=0).stdout)
    assert printed["purpose"] == "setup"
    body = {"token": printed["url"].split("#token=")[1], "name": "Own", "password": "a password of their own"}
    org.anonymous().post("/api/v4/invitations/accept", body).ok()
    org.anonymous().post("/api/v4/invitations/accept", body).refused(410)


def test_login_asks_for_a_second_factor(server, tmp_path):
    """Goal: who has one gives a code on the next line, and is told so where there is none."""
    org = server.make_org()
    _, codes = set_up_factor(Session(org, org.owner_email))
    missing = cli(org, "login", "--org", org.id, org.owner_email, stdin=PASSWORD + "\n", home=tmp_path, check=2)
    assert "one-time code" in missing.stderr and org.token not in missing.stdout + missing.stderr
    cli(org, "login", "--org", org.id, org.owner_email, stdin="%s\n%s\n" % (PASSWORD, codes[0]), home=tmp_path, check=0)
    again = cli(org, "login", "--org", org.id, org.owner_email, stdin="%s\n%s\n" % (PASSWORD, codes[0]), home=tmp_path, check=1)
    assert "BAD_CREDENTIALS" in again.stderr


def test_login_keeps_the_token_for_its_owner_alone(server, tmp_path):
    """Goal: after login no flag is needed; the file is 0600 and holds no password."""
    org = server.demo()
    cli(org, "login", "--org", "demo", server.first["email"], stdin=PASSWORD + "\n", home=tmp_path, check=0)
    kept = tmp_path / "jeton" / "credentials"
    assert kept.stat().st_mode & 0o777 == 0o600 and PASSWORD not in kept.read_text(encoding="utf-8")
    cli(org, "token", "list", home=tmp_path, check=0)
    wrong = cli(org, "login", "--org", "demo", server.first["email"], stdin="not the password\n", home=tmp_path, check=1)
    assert "BAD_CREDENTIALS" in wrong.stderr


def test_init_makes_one_deployment_and_only_one():
    """Goal: a second init on the same directory is refused and changes nothing; bad input names the field."""
    server = Server()
    try:
        before = os.stat(os.path.join(server.data, "jeton.key")).st_mtime_ns
        again = run_jeton("init", "--data", server.data, "--org", "X", "--owner", "x@example.com", check=False)
        assert again.returncode == 1 and "already" in again.stderr
        assert os.stat(os.path.join(server.data, "jeton.key")).st_mtime_ns == before
        bad = run_jeton("init", "--data", server.data + "2", "--org", "X", "--owner", "nobody", check=False)
        assert bad.returncode == 2 and "e-mail" in bad.stderr and not os.path.exists(server.data + "2")
    finally:
        server.remove()


def test_backup_while_it_serves_and_restore(server_factory, tmp_path):
    """Goal: a backup of a running server is whole; restored with its key, it serves what was there; without, it says so."""
    server = server_factory()
    org = server.demo()
    value = json.loads(cli(org, "token", "create", "--json", "kept", check=0).stdout)["value"]
    copy, data = str(tmp_path / "copy.db"), str(tmp_path / "data")
    run_jeton("backup", "--data", server.data, "--to", copy)
    assert run_jeton("backup", "--data", server.data, "--to", copy, check=False).returncode == 1
    run_jeton("restore", "--from", copy, "--data", data)
    assert run_jeton("restore", "--from", copy, "--data", data, check=False).returncode == 1
    keyless = run_jeton("audit", "verify", "--data", data, check=False)
    assert keyless.returncode == 3 and "jeton.key" in keyless.stderr
    with open(os.path.join(server.data, "jeton.key"), "rb") as f:
        key = f.read()
    with open(os.open(os.path.join(data, "jeton.key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
        f.write(key)
    run_jeton("audit", "verify", "--data", data)
    other = Server()
    try:
        run_jeton("backup", "--data", other.data, "--to", str(tmp_path / "other.db"))
        os.unlink(os.path.join(data, "jeton.db"))
        for name in ("jeton.db-wal", "jeton.db-shm"):
            if os.path.exists(os.path.join(data, name)):
                os.unlink(os.path.join(data, name))
        wrong = run_jeton("restore", "--from", str(tmp_path / "other.db"), "--data", data, check=False)
        assert wrong.returncode == 3 and "does not belong" in wrong.stderr
        assert not os.path.exists(os.path.join(data, "jeton.db"))
        run_jeton("restore", "--from", copy, "--data", data)
        other.data = data
        other.start()
        other.first = server.first
        cli(other.demo(), "verify", "-", stdin=value + "\n", check=0)
    finally:
        other.stop()
        other.remove()


@pytest.mark.parametrize("command", ["serve --listen 127.0.0.1:0", "key rotate", "audit verify", "backup --to /dev/null/x",
                                     "org create --name x --owner a@example.com"])
def test_a_directory_that_is_not_there_is_named(command, tmp_path):
    """Goal: each command on a data directory says which one it did not find, in one line, and ends with 3."""
    for where in (tmp_path / "nowhere", tmp_path):
        done = run_jeton(*command.split(), "--data", str(where), check=False)
        assert done.returncode == 3, (command, done)
        assert "there is no d" in done.stderr and str(where) in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_broken_backup_is_refused(tmp_path):
    """Goal: what is no backup, or a torn one, never becomes a data directory."""
    for name, content in (("noise", os.urandom(8192)), ("empty", b""), ("torn", b"SQLite format 3\0" + os.urandom(100))):
        path = tmp_path / name
        path.write_bytes(content)
        done = run_jeton("restore", "--from", str(path), "--data", str(tmp_path / ("d-" + name)), check=False)
        assert done.returncode == 3, (name, done.stderr)
        assert not (tmp_path / ("d-" + name) / "jeton.db").exists()


def test_key_rotation_keeps_reveals_and_the_audit_log():
    """Goal: refused while a server runs; afterwards personal tokens are still revealed and the chain is whole."""
    server = Server()
    try:
        server.start()
        busy = run_jeton("key", "rotate", "--data", server.data, check=False)
        assert busy.returncode == 3 and "another server" in busy.stderr
        server.stop()
        run_jeton("key", "rotate", "--data", server.data)
        with open(os.path.join(server.data, "jeton.key"), encoding="ascii") as f:
            assert len(f.readlines()) == 2
        run_jeton("audit", "verify", "--data", server.data)
        server.start()
        answer = Client(server.base).post("/api/v4/user/token/reveal",
                                          {"email": server.first["email"], "password": PASSWORD})
        assert answer.ok()["value"] == server.first["token"]
        server.stop()
    finally:
        server.remove()


def test_an_interrupted_key_rotation_is_finished():
    """Goal: killed between writing the key file and sealing anew, it loses nothing: an operator's command refuses and says
    what to do, `jeton serve` finishes it, tokens are still revealed and the chain is whole."""
    server = Server()
    try:
        died = subprocess.run([JETON, "key", "rotate", "--data", server.data], capture_output=True, timeout=60,
                              env=dict(environment(), JETON_TEST_KILL_AT="key_written"))
        assert died.returncode == -signal.SIGKILL
        with open(os.path.join(server.data, "jeton.key"), encoding="ascii") as f:
            assert len(f.readlines()) == 2
        refused = run_jeton("org", "create", "--data", server.data, "--name", "Two", "--owner", "two@example.com",
                            "--password-stdin", stdin=PASSWORD + "\n", check=False)
        assert refused.returncode == 3 and "finishes it" in refused.stderr, refused.stderr
        server.start()
        answer = Client(server.base).post("/api/v4/user/token/reveal",
                                          {"email": server.first["email"], "password": PASSWORD})
        assert answer.ok()["value"] == server.first["token"]
        server.stop()
        run_jeton("audit", "verify", "--data", server.data)
        with open(os.path.join(server.data, "jeton.key"), encoding="ascii") as f:
            assert len(f.readlines()) == 2, "finished, not begun again"
    finally:
        server.remove()


def test_another_key_file_is_refused():
    """Goal: a server with a key that is not the database's does not start, and says so."""
    one, two = Server(), Server()
    try:
        os.replace(os.path.join(two.data, "jeton.key"), os.path.join(one.data, "jeton.key"))
        done = run_jeton("serve", "--data", one.data, "--listen", "127.0.0.1:0", check=False)
        assert done.returncode == 3 and "does not belong" in done.stderr
    finally:
        one.remove()
        two.remove()


def test_a_newer_schema_is_refused():
    """Goal: a database that a newer jeton wrote is left alone."""
    server = Server()
    try:
        with closing(open_database(server.data)) as db:
            db.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
        done = run_jeton("serve", "--data", server.data, "--listen", "127.0.0.1:0", check=False)
        assert done.returncode == 3 and "newer" in done.stderr, done.stderr
    finally:
        server.remove()


def test_recover_is_a_way_back_in(server_factory):
    """Goal: beside a running server, a new password and a link; with --make-owner the org has a new owner."""
    server = server_factory()
    org = server.demo()
    run_jeton("recover", "--data", server.data, "--user", server.first["email"], "--password-stdin",
              stdin="another good password\n")
    anybody = Client(server.base)
    anybody.post("/api/v4/user/token/reveal",
                 {"email": server.first["email"], "password": "another good password"}).ok()
    link = json.loads(run_jeton("recover", "--data", server.data, "--user", server.first["email"], "--json").stdout)
    anybody.post("/api/v4/invitations/accept",
                 {"token": link["secret"], "name": "Olga", "password": "yet another password"}).ok()
    gone = anybody.post("/api/v4/invitations/accept",
                        {"token": link["secret"], "name": "Olga", "password": "yet another password"})
    gone.refused(410)
    nobody = run_jeton("recover", "--data", server.data, "--user", "nobody@example.com", check=False)
    assert nobody.returncode == 1 and "no user" in nobody.stderr
    assert org.owner.get("O/my_scopes").status == 401, \
        "others had set the passwords so far: with the owner's first own one the token is another"
    org.owner.token = anybody.post("/api/v4/user/token/reveal",
                                   {"email": server.first["email"], "password": "yet another password"}).ok()["value"]
    user = org.user("MEMBER")
    run_jeton("recover", "--data", server.data, "--user", user.id, "--make-owner")
    assert "recover" in run_jeton("audit", "export", "--data", server.data).stdout


def test_what_has_expired_is_tidied_away(server_factory):
    """Goal: an invitation that nobody accepted in time, and every expired link, goes by itself, and holds no role back."""
    server = server_factory()
    org = server.demo()
    role = org.role({"findings:list"})
    org.owner.post("O/rbac/invitations", {"email": "late@example.com", "org_role": role}).ok()
    org.owner.post("O/rbac/users", {"email": "later@example.com", "org_role": "MEMBER"}).ok()
    org.owner.delete("O/rbac/roles/" + role).refused(409, "ROLE_IN_USE")
    with closing(open_database(server.data)) as db:
        assert db.execute("SELECT count(*) FROM link").fetchone() == (2,)
        db.execute("UPDATE link SET expires_s = expires_s - 4 * 86400")
        db.execute("UPDATE invitation SET created_ns = created_ns - 4 * 86400 * 1000000000")
        eventually(lambda: db.execute("SELECT count(*) FROM link").fetchone() == (0,), "expired links go")
    eventually(lambda: org.owner.get("O/rbac/invitations").ok() == [], "expired invitations go")
    org.owner.delete("O/rbac/roles/" + role).ok()


def test_a_recovered_password_ends_older_links_and_is_not_the_users_own(server_factory):
    """Goal: who held a set-up or reset link from before cannot set a password over the recovered one; and since the operator
    knows it, the user's own next password replaces the token that others may have seen."""
    server = server_factory()
    org, anybody = server.demo(), Client(server.base)
    made = org.owner.post("O/rbac/users", {"email": "ada@example.com", "org_role": "MEMBER"}).ok()
    setup = made["setup"]["url"].split("#token=")[1]
    recover = ("recover", "--data", server.data, "--user", "ada@example.com")
    reset = json.loads(run_jeton(*recover, "--json").stdout)["secret"]
    run_jeton(*recover, "--password-stdin", stdin="another good password\n")
    for secret in (setup, reset):
        anybody.post("/api/v4/invitations/accept",
                     {"token": secret, "name": "Eve", "password": "password of Eve's"}).refused(410)
    proof = {"org": org.id, "email": "ada@example.com", "password": "another good password"}
    seen = anybody.post("/api/v4/user/token/reveal", proof).ok()["value"]
    link = json.loads(run_jeton(*recover, "--json").stdout)["secret"]
    anybody.post("/api/v4/invitations/accept", {"token": link, "name": "Ada", "password": "only Ada knows this"}).ok()
    assert org.client(seen).get("O/my_scopes").status == 401
    proof["password"] = "only Ada knows this"
    own = anybody.post("/api/v4/user/token/reveal", proof).ok()["value"]
    assert org.client(own).works()


TAMPERS = {
    "changed": ("UPDATE audit SET detail = '{}' WHERE seq = 2", "row 2 is not as it was written"),
    "removed": ("DELETE FROM audit WHERE seq = 2", "row 2 is missing"),
    "reordered": ("UPDATE audit SET seq = CASE seq WHEN 2 THEN 3 WHEN 3 THEN 2 END WHERE seq IN (2, 3)", "row 2 was reordered"),
    "cut": ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "are gone"),
}


@pytest.mark.parametrize("how", sorted(TAMPERS))
def test_audit_verify_names_the_first_wrong_row(how):
    """Goal: whoever has only the database cannot rewrite history unseen: the first wrong row is named."""
    server = Server()
    try:
        server.start()
        org = server.demo()
        for _ in range(3):
            org.issue("ci")
        server.stop()
        good = run_jeton("audit", "verify", "--data", server.data)
        assert "whole" in good.stdout and "none is anchored" in good.stdout
        statement, words = TAMPERS[how]
        with closing(open_database(server.data)) as db:
            if how == "reordered":
                db.execute("UPDATE audit SET seq = -2 WHERE seq = 2")
                db.execute("UPDATE audit SET seq = 2 WHERE seq = 3")
                db.execute("UPDATE audit SET seq = 3 WHERE seq = -2")
            else:
                db.execute(statement)
        bad = run_jeton("audit", "verify", "--data", server.data, check=False)
        assert bad.returncode == 1 and words in bad.stdout, bad.stdout
    finally:
        server.remove()


def test_an_anchor_shows_a_cut_tail(tmp_path):
    """Goal: with the head set back to fit a cut tail, the anchor file still knows."""
    anchor = str(tmp_path / "anchor")
    server = Server()
    try:
        server.start("--audit-anchor", anchor)
        server.demo().issue("ci")
        server.stop()
        assert "vouches for all" in run_jeton("audit", "verify", "--data", server.data, "--audit-anchor", anchor).stdout
        with closing(open_database(server.data)) as db:
            last = db.execute("SELECT max(seq) FROM audit").fetchone()[0]
            db.execute("DELETE FROM audit WHERE seq = ?", (last,))
            db.execute("UPDATE org SET audit_seq = ?, audit_mac = (SELECT mac FROM audit WHERE seq = ?)", (last - 1, last - 1))
        assert run_jeton("audit", "verify", "--data", server.data).returncode == 0, "without an anchor it does not show"
        bad = run_jeton("audit", "verify", "--data", server.data, "--audit-anchor", anchor, check=False)
        assert bad.returncode == 1 and "anchor file knows" in bad.stdout
    finally:
        server.remove()
