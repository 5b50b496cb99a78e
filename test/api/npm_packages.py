# SPDX-License-Identifier: Apache-2.0
"""What package-lock.json names, installed once beside the build."""

import hashlib
import os
import shutil
import subprocess


def installed(directory):
    """A directory with the files of `directory` and its packages; made anew whenever one of the files is another."""
    build = os.environ.get("JETON_BUILD") or "/tmp"
    found = hashlib.sha256()
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name in ("package.json", "package-lock.json"):
            with open(path, "rb") as f:
                found.update(f.read())
    place = os.path.join(build, "npm-" + found.hexdigest()[:16])
    if not os.path.exists(os.path.join(place, "ready")):
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(directory, name), place)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True,
            text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        open(os.path.join(place, "ready"), "w", encoding="ascii").close()
    return place
