# SPDX-License-Identifier: Apache-2.0
"""Debian's glewlwyd on an SQLite database in a directory of its own, set up through its API: an OAuth2 plugin that signs with
HS256 (the cheapest it has), a client, a user, and access tokens. Whoever introspects shows an access token with the scope for it:
with the client's password instead, each request costs it a password hash, some 60 times as much."""
import base64
import http.client
import json
import os
import sqlite3
import urllib.parse

import measure

SCHEMA = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
MODULES = "/usr/lib/glewlwyd"
CLIENT, SECRET, USER = "bench", "a client's secret", "bench"
SCOPE = "introspect scans"
PLUGIN = {"jwt-type": "sha", "jwt-key-size": "256", "key": "a key of the benchmark, 32 bytes", "access-token-duration": 864000,
          "refresh-token-duration": 864000, "code-duration": 600, "refresh-token-rolling": False, "auth-type-code-enabled": True,
          "auth-type-implicit-enabled": False, "auth-type-password-enabled": True, "auth-type-client-enabled": True,
          "auth-type-refresh-enabled": False, "introspection-revocation-allowed": True,
          "introspection-revocation-auth-scope": ["introspect"], "scope": []}


class Glewlwyd:
    path = "/api/bench/introspect"

    def __init__(self, root, cores):
        self.dir, self.port = os.path.join(root, "glewlwyd"), measure.free_port()
        os.makedirs(self.dir)
        database = os.path.join(self.dir, "glewlwyd.db")
        with sqlite3.connect(database) as db, open(SCHEMA, encoding="utf-8") as f:
            db.executescript(f.read())
        config = os.path.join(self.dir, "glewlwyd.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f'port={self.port}\nbind_address="127.0.0.1"\nexternal_url="http://127.0.0.1:{self.port}/"\n'
                    'login_url="login.html"\napi_prefix="api"\nlog_mode="console"\nlog_level="ERROR"\nhash_algorithm="SHA512"\n'
                    'session_expiration=2419200\nsession_key="GLEWLWYD2_SESSION_ID"\nadmin_scope="g_admin"\n'
                    'profile_scope="g_profile"\nadmin_session_authentication="cookie"\n'
                    f'user_module_path="{MODULES}/user"\nclient_module_path="{MODULES}/client"\n'
                    f'user_auth_scheme_module_path="{MODULES}/scheme"\nplugin_module_path="{MODULES}/plugin"\n'
                    f'database = {{ type="sqlite3" path="{database}" }}\n')
        self.server = measure.Process(["glewlwyd", "--config-file=" + config], cores, os.path.join(self.dir, "log"))
        self.server.wait_port(self.port)
        self.cookie = None
        self.set_up()

    def call(self, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/api/" + path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"glewlwyd {path}: {answer.status} {said[:300]}")
        self.cookie = self.cookie or (answer.getheader("Set-Cookie") or "").split(";")[0]
        return json.loads(said) if said else None

    def admin(self, path, body):
        self.call(path, json.dumps(body), {"Content-Type": "application/json", "Cookie": self.cookie or ""})

    def form(self, path, fields, authorization):
        return self.call(path, urllib.parse.urlencode(fields),
                         {"Content-Type": "application/x-www-form-urlencoded", "Authorization": authorization})

    def set_up(self):
        self.admin("auth/", {"username": "admin", "password": "password"})
        self.admin("mod/plugin/", {"module": "oauth2-glewlwyd", "name": "bench", "display_name": "bench", "parameters": PLUGIN})
        for name in SCOPE.split():
            self.admin("scope/", {"name": name, "display_name": name, "password_required": False, "scheme": {}})
        self.admin("client/", {"client_id": CLIENT, "name": CLIENT, "password": SECRET, "confidential": True, "enabled": True,
                               "authorization_type": ["password"], "scope": SCOPE.split(), "redirect_uri": []})
        self.admin("user/", {"username": USER, "name": USER, "password": SECRET, "enabled": True, "scope": SCOPE.split()})

    def issue(self):
        """A new access token, active, which may introspect."""
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        return self.form("bench/token", {"grant_type": "password", "scope": SCOPE, "username": USER, "password": SECRET},
                         basic)["access_token"]

    def introspect(self, token, by):
        return self.form("bench/introspect", {"token": token}, "Bearer " + by)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.server.alive()
        self.server.stop(clean=False)  # 2.7.5 may end with SIGSEGV when it is told to end
