# SPDX-License-Identifier: Apache-2.0
"""The published walkthrough with curl, exactly as a v4 client would type it."""

import json
import subprocess

from client import ACCESS, API, CI, SERVICE


class Shell:
    """curl as a person at a prompt uses it."""

    def __init__(self, base, org):
        self.url = "%s%s/orgs/%s" % (base, API, org)

    def curl(self, *args, token, path):
        """Returns (status, body); curl itself must succeed."""
        done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "20", "-w", "\n%{http_code}", *args,
            "-H", "Authorization: Bearer " + token, self.url + path], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        text, status = done.stdout.rsplit("\n", 1)
        return int(status), json.loads(text) if text else None

    def get(self, path, token):
        return self.curl("-X", "GET", token=token, path=path)

    def post(self, path, token, body):
        return self.curl("-X", "POST", "-H", "Content-Type: application/json", "--data", json.dumps(body), token=token,
            path=path)

    def delete(self, path, token):
        return self.curl("-X", "DELETE", token=token, path=path)


def done(answer):
    status, body = answer
    assert status == 200 and body["ok"] is True, answer
    return body.get("response")


def refused(answer, scope=None):
    status, body = answer
    assert status == 403 and set(body) == {"ok", "code", "message"} and body["ok"] is False, answer
    if scope:
        assert scope in body["message"], answer


def test_walkthrough_with_curl(org):
    """Goal: a v4 client with curl lists the token roles, makes a service token, and with it a CI token; the service
    token
    sees its own tokens and nothing else; the owner lists and deletes them all."""
    shell = Shell(org.server.base, org.id)
    owner = org.token

    roles = {r["id"]: r for r in done(shell.get("/roles", owner))}
    assert {CI, ACCESS, SERVICE} <= set(roles)
    assert all(set(r) == {"id", "label", "description", "role_type"} and r["role_type"] == "managed"
        for r in roles.values())

    service = done(shell.post("/tokens", owner, {"label": "for jenkins", "description": "issues CI tokens",
        "role_id": SERVICE, "token_type": "integration"}))
    assert service["value"].startswith("jtns_") and service["kind"] == "service"
    assert service["token_type"] == "integration"

    ci = done(shell.post("/tokens", service["value"], {"label": "ci 1", "description": "", "role_id": CI,
        "token_type": "access", "valid_for_seconds": 86400}))
    assert ci["value"].startswith("jtnc_") and ci["token_type"] == "access" and ci["role_id"] == CI
    assert "expires_at" in ci

    listed = done(shell.get("/tokens?show_expired=false", service["value"]))
    assert [t["id"] for t in listed] == [ci["id"]]
    assert "value" not in listed[0] and ci["value"] not in json.dumps(listed)

    refused(shell.get("/roles", service["value"]), "roles:list")
    refused(shell.get("/rbac/users", service["value"]), "org_user:list")
    refused(shell.get("/apps", service["value"]), "apps:list")
    refused(shell.delete("/tokens/" + ci["id"], service["value"]), "tokens:delete")
    refused(shell.delete("/tokens/" + service["id"], service["value"]), "tokens:delete")
    refused(shell.post("/tokens", service["value"], {"label": "no", "role_id": ACCESS, "token_type": "access"}))
    refused(shell.post("/tokens", service["value"], {"label": "no", "role_id": SERVICE, "token_type": "integration"}))

    assert "scans:create" in done(shell.get("/my_scopes", ci["value"]))

    assert {t["id"] for t in done(shell.get("/tokens", owner))} == {service["id"], ci["id"]}
    done(shell.delete("/tokens/" + service["id"], owner))
    assert shell.get("/my_scopes", service["value"])[0] == 401
    assert shell.get("/my_scopes", ci["value"])[0] == 200, "without cascade its CI tokens live on"
    done(shell.delete("/tokens/" + ci["id"], owner))
    assert shell.get("/my_scopes", ci["value"])[0] == 401
    assert shell.delete("/tokens/" + ci["id"], owner)[0] == 404
    assert done(shell.get("/tokens?show_expired=false", owner)) == []
