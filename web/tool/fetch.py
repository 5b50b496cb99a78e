#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brings packages of npm that package-lock.json names, without npm: fetch.py LOCK CACHE INTO PACKAGE...

Each tarball comes from the registry that npm is set to, has the SHA-512 that the lock file gives, and is kept in CACHE: it is
fetched once. INTO gets node_modules as npm would make it, and a stamp that lists what is there. {arch} in a name is this
machine's, as npm spells it.
"""
import base64
import hashlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request

ARCH = {"x86_64": "x64", "aarch64": "arm64", "armv7l": "arm", "i686": "ia32", "ppc64le": "ppc64", "loongarch64": "loong64"}
TRIES = 4


def registry():
    """npm's setting, from its environment or from itself; its default where there is no npm."""
    url = os.environ.get("npm_config_registry") or os.environ.get("NPM_CONFIG_REGISTRY")
    if not url and shutil.which("npm"):
        asked = subprocess.run(["npm", "config", "get", "registry"], capture_output=True, text=True, check=False)
        url = asked.stdout.strip() if asked.returncode == 0 else ""
    return (url if url and url.startswith("http") else "https://registry.npmjs.org").rstrip("/")


def download(url):
    for attempt in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError) as why:
            if attempt == TRIES or getattr(why, "code", 500) < 500:
                sys.exit(f"{url}: {why}\nThe dashboard is built with packages of npm: this needs its registry once.")
            time.sleep(attempt)
    return b""


def is_whole(data, integrity):
    kind, _, wanted = integrity.partition("-")
    return kind == "sha512" and base64.b64encode(hashlib.sha512(data).digest()).decode() == wanted


def tarball(name, entry, cache):
    """The bytes of the package that the lock file means, and no others."""
    version, integrity = entry["version"], entry["integrity"]
    kept = cache / f"{name.replace('/', '+')}-{version}.tgz"
    if kept.exists() and is_whole(data := kept.read_bytes(), integrity):
        return data
    url = f"{registry()}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    data = download(url)
    if not is_whole(data, integrity):
        sys.exit(f"{url}: not what package-lock.json describes; it is not used")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache, delete=False) as f:
        f.write(data)
    os.replace(f.name, kept)
    return data


def unpack(data, into):
    """Leaves out the package's top folder, whatever it is called; takes plain files alone."""
    shutil.rmtree(into, ignore_errors=True)
    with tempfile.TemporaryFile() as f:
        f.write(data)
        f.seek(0)
        with tarfile.open(fileobj=f, mode="r:gz") as tar:
            for member in tar:
                parts = pathlib.PurePosixPath(member.name).parts[1:]
                if not member.isfile() or not parts or ".." in parts:
                    continue
                path = into.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())
                path.chmod(0o755 if member.mode & 0o100 else 0o644)


def main(lock, cache, into, names):
    packages = json.loads(pathlib.Path(lock).read_text(encoding="utf-8"))["packages"]
    machine = platform.machine()
    stamp = []
    for name in names:
        name = name.format(arch=ARCH.get(machine, machine))
        entry = packages.get(f"node_modules/{name}")
        if not entry:
            sys.exit(f"{lock} does not name {name}")
        unpack(tarball(name, entry, pathlib.Path(cache)), pathlib.Path(into) / "node_modules" / name)
        stamp.append(f"{name} {entry['version']} {entry['integrity']}\n")
    (pathlib.Path(into) / "packages.stamp").write_text("".join(stamp), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
