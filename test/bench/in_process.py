# SPDX-License-Identifier: Apache-2.0
"""Verification inside one process (peers/), at each size and with both kinds of pages; and what the table itself costs."""
import json
import os
import shutil
import subprocess
import tempfile

from jeton import SHM
from servers import SCOPE

HUGE_PAGE = 2 << 20


def make_key(root):
    """A P-256 pair for ES256; the public half beside it."""
    key = os.path.join(root, "es256")
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], check=True,
                   capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", key + ".pub"], check=True, capture_output=True)
    return key


def measure_size(peers, tokens, jeton, redis, key, rounds):
    """Every contender, with 4 KiB pages and, where the table has room for any, with 2 MiB pages. LMDB's file is on tmpfs, as the
    table is."""
    lmdb = tempfile.mkdtemp(prefix="jeton-bench-lmdb-", dir=SHM)
    lines = []
    try:
        subprocess.run([peers, "load-lmdb", "--tokens", str(tokens), "--lmdb", lmdb], check=True)
        redis.load(peers, tokens)
        for pages in ("4k", "2m") if tokens * 64 > HUGE_PAGE else ("4k",):
            out = subprocess.run([peers, "measure", "--tokens", str(tokens), "--pages", pages, "--rounds", str(rounds),
                                  "--core", "1", "--lmdb", lmdb, "--redis", redis.socket, "--key", key, "--macaroon",
                                  *jeton.contender(SCOPE)], text=True, stdout=subprocess.PIPE, check=True).stdout
            lines += [json.loads(line) for line in out.splitlines()]
    finally:
        shutil.rmtree(lmdb, ignore_errors=True)
    return lines
