# SPDX-License-Identifier: Apache-2.0
"""A data directory of jeton's, filled as needed, and the server over it."""
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import measure

PASSWORD = "correct horse battery"
CI_ROLE = "66ad5168-41be-4b6c-9ac5-a30b02229c35"
TEAMS = 64  # BENCH_TEAMS in peers/bench.h
APP = "bench-"
SHM = "/dev/shm"  # tmpfs, where the table belongs


class Jeton:
    def __init__(self, program, root, name="data"):
        self.program, self.data = program, os.path.join(root, name)
        self.run = tempfile.mkdtemp(prefix="jeton-bench-run-", dir=SHM)
        made = subprocess.run([program, "init", "--data", self.data, "--org", "Bench", "--owner", "owner@example.com",
                               "--password-stdin", "--json"], input=PASSWORD + "\n", text=True, capture_output=True, check=True)
        self.made = json.loads(made.stdout)
        self.org, self.token = self.made["org_id"], self.made["token"]
        self.log = os.path.join(root, name + ".log")
        self.server = None

    def start(self, cores="0"):
        """Returns how many seconds it took until it listened."""
        if os.path.exists(self.log):
            os.unlink(self.log)
        began = time.monotonic()
        self.server = measure.Process([self.program, "serve", "--data", self.data, "--run", self.run, "--listen", "127.0.0.1:0",
                                       "--threads", "1" if cores == "0" else "2"], cores, self.log)
        measure.wait_for(lambda: self.server.alive() and self.event("listening"), "jeton", 600)
        took = time.monotonic() - began
        self.port = int(re.search(r":(\d+)/?$", self.event("listening")["url"]).group(1))
        return took

    def event(self, name):
        """The fields of the first line of the log that says this event, or None."""
        for line in self.server.said().splitlines():
            if f'event="{name}"' in line or f"event={name} " in line:
                return {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line)}
        return None

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.server.stop()

    def send(self, method, path, body, kind):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Authorization": "Bearer " + self.token, "Content-Type": kind})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {said[:300]}")
        return json.loads(said)

    def call(self, method, path, body):
        return self.send(method, path, json.dumps(body), "application/json")["response"]

    def introspect(self, token):
        return self.send("POST", "/oauth/introspect", "token=" + token, "application/x-www-form-urlencoded")

    def make_teams(self):
        """The teams that limited tokens are in, and in each an app."""
        base = f"/api/v4/orgs/{self.org}"
        teams = [self.call("POST", f"{base}/rbac/teams", {"name": f"Bench {n}"})["team_id"] for n in range(TEAMS)]
        self.call("PUT", f"{base}/apps", [{"id": f"{APP}{n}", "name": f"Bench {n}", "team_id": team}
                                          for n, team in enumerate(teams)])
        return teams

    def fill(self, peers, tokens):
        """Makes `tokens` of them, as rows: see peers/fill.c. Returns how long that took."""
        self.start()
        teams = self.make_teams()
        self.stop()
        os.unlink(os.path.join(self.run, "table"))  # so that it is built anew
        owner = self.made["owner_id"]
        began = time.monotonic()
        subprocess.run([peers, "fill", "--tokens", str(tokens), "--database", os.path.join(self.data, "jeton.db"),
                        *[part for name, value in (("org", self.org), ("role", CI_ROLE), ("user", owner), ("by", owner),
                                                   ("teams", "".join(teams)))
                          for part in ("--" + name, value.replace("-", ""))]], check=True)
        return time.monotonic() - began

    def table_cost(self):
        """From the log of a start that builds the table anew, and of one that finds it. The server runs then."""
        self.start()
        rebuilt = self.event("table rebuilt")
        self.stop()
        self.start()
        if self.event("table rebuilt"):
            raise SystemExit("jeton built its table anew without need")
        return {"rebuild_s": int(rebuilt["ms"]) / 1000,
                "bytes_per_token": round(int(rebuilt["bytes"]) / int(rebuilt["tokens"]), 1),
                "server_open_ms": int(self.event("opened")["ms"])}

    def contender(self, scope):
        """What peers needs to verify from the table of the running server."""
        return ["--run", self.run, "--org", self.org, "--scope", scope, "--app", APP]

    def remove(self):
        if self.server and self.server.running():
            self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.run, ignore_errors=True)

    def database_mib(self):
        return os.path.getsize(os.path.join(self.data, "jeton.db")) / 2**20
