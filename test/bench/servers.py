# SPDX-License-Identifier: Apache-2.0
"""Servers on core 0, who asks them on core 1: what a request costs the server, in turns with what it is compared with."""
import json
import os
import re
import subprocess
import urllib.parse

import glewlwyd
import measure

CONNECTIONS = 32
SCOPE = "scans:read"
NGINX = """daemon off;
master_process off;
worker_processes 1;
pid {dir}/pid;
error_log {dir}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}
}}
"""


class Nginx:
    def __init__(self, root, cores):
        where, self.port = os.path.join(root, "nginx"), measure.free_port()
        os.makedirs(where)
        config = os.path.join(where, "nginx.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(NGINX.format(dir=where, port=self.port))
        self.server = measure.Process(["nginx", "-p", where, "-c", config], cores, os.path.join(where, "log"))
        self.server.wait_port(self.port)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.server.stop()


class Redis:
    """On a unix socket for the contenders in one process, and on TCP."""

    def __init__(self, root, cores):
        self.dir, self.port = os.path.join(root, "redis"), measure.free_port()
        os.makedirs(self.dir)
        self.socket = os.path.join(self.dir, "socket")
        self.server = measure.Process(["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket", self.socket,
                                       "--save", "", "--appendonly", "no", "--dir", self.dir], cores,
                                      os.path.join(self.dir, "log"))
        self.server.wait_port(self.port)

    def load(self, peers, tokens):
        subprocess.run([peers, "load-redis", "--tokens", str(tokens), "--redis", self.socket], check=True)

    def drive(self, peers, tokens, seconds):
        out = subprocess.run(["taskset", "-c", "1", peers, "drive-redis", "--tokens", str(tokens), "--port", str(self.port),
                              "--connections", str(CONNECTIONS), "--seconds", str(seconds)], text=True, capture_output=True,
                             check=True).stdout
        return json.loads(re.search(r"^JSON (.*)$", out, re.M).group(1))

    def stop(self):
        self.server.stop()


def write_values(path, values):
    with open(path, "w", encoding="ascii") as f:
        f.writelines(value + "\n" for value in values)
    return path


def some_values(peers, root, tokens):
    out = subprocess.run([peers, "values", "--tokens", str(tokens), "--sample", "100000"], text=True, capture_output=True,
                         check=True)
    return write_values(os.path.join(root, "values"), out.stdout.split())


def measure_verify(jeton, redis, peers, tokens, values, root, rounds, seconds):
    """GET /verify, nginx's `return 200` to the very same requests, and Redis GET of as many keys."""
    path = "/verify?" + urllib.parse.urlencode({"org": jeton.org, "scope": SCOPE})
    nginx = Nginx(root, "0")
    env = {"JETON_VALUES": values}
    runs = {"jeton": (jeton.server, lambda s: measure.wrk(jeton.url(path), "verify.lua", env, CONNECTIONS, s)),
            "nginx": (nginx.server, lambda s: measure.wrk(nginx.url(path), "verify.lua", env, CONNECTIONS, s)),
            "redis": (redis.server, lambda s: redis.drive(peers, tokens, s))}
    result = in_turns(runs, rounds, seconds)
    nginx.stop()
    return result


def measure_introspect(jeton, values, root, rounds, seconds, tokens=200):
    """POST /oauth/introspect, and the same asked of glewlwyd; in both the answer is "active" and has the claims."""
    other = glewlwyd.Glewlwyd(root, "0")
    theirs = [other.issue() for _ in range(tokens)]
    their_values = write_values(os.path.join(root, "values-glewlwyd"), theirs)
    with open(values, encoding="ascii") as f:
        ours = f.readline().strip()
    if not other.introspect(theirs[-1], theirs[0])["active"] or not jeton.introspect(ours)["active"]:
        raise SystemExit("a token that lives is said not to be active")
    env = {"JETON_VALUES": values, "JETON_BODY": "1", "JETON_TOKEN": jeton.token}
    their_env = {"JETON_VALUES": their_values, "JETON_BODY": "1", "JETON_TOKEN": theirs[0]}
    runs = {"jeton": (jeton.server, lambda s: measure.wrk(jeton.url("/oauth/introspect"), "verify.lua", env, CONNECTIONS, s)),
            "glewlwyd": (other.server, lambda s: measure.wrk(other.url(other.path), "verify.lua", their_env, CONNECTIONS, s))}
    result = in_turns(runs, rounds, seconds)
    other.stop()
    return result


def in_turns(runs, rounds, seconds):
    """One short turn each to warm up, then rounds. Ratios are to the first, within a round."""
    had = {name: [] for name in runs}
    for _, run in runs.values():
        run(1)
    for _ in range(rounds):
        for name, (server, run) in runs.items():
            had[name].append(measure.cost(server, lambda run=run: run(seconds)))
    result = measure.gather(had)
    first = next(iter(runs))
    for name in runs:
        result[name]["cpu_to_" + first] = measure.spread(
            [other["cpu_s_per_million"] / own["cpu_s_per_million"] for other, own in zip(had[name], had[first])])
        result[name]["rate_to_" + first] = measure.spread(
            [other["rate"] / own["rate"] for other, own in zip(had[name], had[first])])
    return result
