# SPDX-License-Identifier: Apache-2.0
"""The dashboard's sources and their tools, without a browser."""

import base64
import functools
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading

import pytest

import npm_packages

WEB = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "web")
BUILD = os.environ.get("JETON_BUILD")


def test_types_fit():
    """Goal: what the comments say of types holds (TypeScript's own checker, strict)."""
    place = npm_packages.installed(WEB)
    shutil.rmtree(os.path.join(place, "src"), ignore_errors=True)
    shutil.copytree(os.path.join(WEB, "src"), os.path.join(place, "src"))
    shutil.copy(os.path.join(WEB, "jsconfig.json"), place)
    checker = os.path.join(place, "node_modules", ".bin", "tsc")
    done = subprocess.run([checker, "-p", "jsconfig.json", "--pretty", "false"], cwd=place, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_sources_make_the_same_files(tmp_path):
    """Goal: a rebuild elsewhere gives the very same table, so that names and tags change with the content alone."""
    built = os.path.join(BUILD, "web")
    out = tmp_path / "web_assets.c"
    subprocess.run([sys.executable, os.path.join(WEB, "tool", "bundle.py"), os.path.join(WEB, "src"), built, str(out), str(tmp_path / "d")],
        check=True, timeout=120)
    with open(os.path.join(built, "web_assets.c"), "rb") as f:
        assert out.read_bytes() == f.read()
    depends = (tmp_path / "d").read_text()
    sources = [os.path.join(at, name) for at, _, names in os.walk(os.path.join(WEB, "src")) for name in names]
    assert [s for s in sources if s not in depends] == [], "each source is built in, and an edit of it rebuilds"


def test_colours_are_named_in_one_file():
    """Goal: light and dark are settled in tokens.css; no other file brings a colour of its own."""
    found = []
    for at, _, names in os.walk(os.path.join(WEB, "src")):
        for name in names:
            if name.endswith((".css", ".jsx", ".js")) and name != "tokens.css":
                with open(os.path.join(at, name), encoding="utf-8") as f:
                    found += ["%s: %s" % (name, c) for c in re.findall(r"(?<![\w&])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3})\b|\brgba?\(|\bhsl", f.read())]
    assert found == []


# ---- the packages


def tarball(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


class Registry(http.server.BaseHTTPRequestHandler):
    def __init__(self, shelf, asked, *args):
        self.shelf, self.asked = shelf, asked
        super().__init__(*args)

    def do_GET(self):
        self.asked.append(self.path)
        data = self.shelf.get(self.path)
        self.send_response(200 if data else 404)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *args):
        pass


@pytest.fixture
def registry():
    """(address, what it has, what it was asked for)"""
    shelf, asked = {}, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Registry, shelf, asked))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "http://127.0.0.1:%d/npm" % server.server_address[1], shelf, asked
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(address, lock, cache, into, *names):
    return subprocess.run([sys.executable, os.path.join(WEB, "tool", "fetch.py"), str(lock), str(cache), str(into), *names],
        env=dict(os.environ, npm_config_registry=address + "/"), capture_output=True, text=True, timeout=60)


def test_packages_are_those_that_are_locked(registry, tmp_path):
    """Goal: from the registry that npm is set to, by the locked hash and nothing else, once; nothing lands outside of its folder."""
    address, shelf, asked = registry
    good = tarball({"package/index.js": b"good", "package/../../escaped": b"x", "package/bin/run": b"run"})
    entry = {"version": "1.2.3", "integrity": "sha512-" + base64.b64encode(hashlib.sha512(good).digest()).decode()}
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": {"node_modules/@some/thing": entry, "node_modules/other": entry}}))
    into, cache = tmp_path / "into", tmp_path / "cache"

    shelf["/npm/@some/thing/-/thing-1.2.3.tgz"] = tarball({"package/index.js": b"evil"})
    done = fetch(address, lock, cache, into, "@some/thing")
    assert done.returncode == 1 and "not what package-lock.json describes" in done.stderr
    assert not (into / "node_modules").exists() and not cache.exists()

    shelf["/npm/@some/thing/-/thing-1.2.3.tgz"] = good
    assert fetch(address, lock, cache, into, "@some/thing").returncode == 0
    assert (into / "node_modules/@some/thing/index.js").read_bytes() == b"good"
    assert sorted(p.name for p in tmp_path.rglob("*escaped*")) == []

    asked.clear()
    assert fetch(address, lock, cache, tmp_path / "again", "@some/thing").returncode == 0
    assert asked == [] and (tmp_path / "again/node_modules/@some/thing/index.js").exists()

    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    assert fetch(address, lock, cache, into, "@some/thing").returncode == 0
    assert len(asked) == 1, "what was changed in the cache is fetched anew"

    done = fetch(address, lock, cache, into, "other")
    assert done.returncode == 1 and "registry" in done.stderr
    assert fetch(address, lock, cache, into, "unknown").returncode == 1
