#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a release build, all in one run on one machine: see README.md.

    bench.py JETON PEERS [--json FILE] [--doc DIR] [--small] [--only PART...] [--dir DIR]

What is compared is measured in turns, and medians with their spread (least and most) are printed. Ratios count; absolute figures
are this machine's. The parts: authority (what the disk allows), in-process (verification against the floor, LMDB, Redis, JWTs and
macaroons), servers (a verification and an introspection over HTTP)."""
import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import authority
import in_process
import jeton as program
import measure
import report
import servers

PARTS = ["authority", "in-process", "servers"]


class Scale:
    """How much of everything: the whole, or JETON_BENCH_SMALL=1."""

    def __init__(self, small):
        self.small = small
        self.sizes = [10_000, 1_000_000] if small else [10_000, 1_000_000, 10_000_000]
        self.rounds = 3 if small else 5
        self.seconds = 1 if small else 4
        self.block_rounds = 5 if small else 15
        self.listed = 20_000 if small else 1_000_000


def step(what):
    print(f"[{time.strftime('%H:%M:%S')}] {what}", file=sys.stderr, flush=True)


def measure_size(args, scale, root, result, redis, key, tokens, jeton):
    """One size: the table, verification in one process, and over the largest the servers."""
    last = tokens == scale.sizes[-1]
    step(f"{tokens:,} tokens: filling")
    took = jeton.fill(args.peers, tokens)
    step(f"{tokens:,} tokens: rows written in {took:.0f} s; building the table")
    result["table"][str(tokens)] = dict(jeton.table_cost(), fill_s=round(took, 1), database_mib=round(jeton.database_mib()))
    if "in-process" in args.only:
        step(f"{tokens:,} tokens: verification in one process")
        result["in_process"] += in_process.measure_size(args.peers, tokens, jeton, redis, key, scale.block_rounds)
    elif last:
        redis.load(args.peers, tokens)
    if last and "servers" in args.only:
        measure_servers(args, scale, root, result, jeton, redis)


def measure_tables(args, scale, root, result):
    redis, key = servers.Redis(root, "0"), in_process.make_key(root)
    result["in_process"], result["table"] = [], {}
    try:
        for tokens in scale.sizes if "in-process" in args.only else scale.sizes[-1:]:
            jeton = program.Jeton(args.jeton, root, f"data-{tokens}")
            try:
                measure_size(args, scale, root, result, redis, key, tokens, jeton)
            finally:
                jeton.remove()
    finally:
        redis.stop()


def measure_servers(args, scale, root, result, jeton, redis):
    tokens = scale.sizes[-1]
    values = servers.some_values(args.peers, root, tokens)
    result["servers"] = {"tokens": tokens}
    step("GET /verify, nginx, Redis")
    result["servers"]["verify"] = servers.measure_verify(jeton, redis, args.peers, tokens, values, root, scale.rounds,
                                                         scale.seconds)
    step("POST /oauth/introspect, glewlwyd")
    result["servers"]["introspect"] = servers.measure_introspect(jeton, values, root, scale.rounds, scale.seconds)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("jeton")
    parser.add_argument("peers")
    parser.add_argument("--json", help="where the figures go")
    parser.add_argument("--doc", help="where latest.json and the plots go")
    parser.add_argument("--small", action="store_true", default=os.environ.get("JETON_BENCH_SMALL") == "1")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--dir", help="where databases and raw writes go (a file system that fsync means something on)")
    return parser.parse_args()


def main():
    args = parse()
    scale = Scale(args.small)
    root = tempfile.mkdtemp(prefix="jeton-bench-", dir=args.dir or os.path.join(os.getcwd(), "build"))
    result = {"when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "small": scale.small,
              "jeton": subprocess.run([args.jeton, "--version"], text=True, capture_output=True, check=False).stdout.strip(),
              "machine": measure.machine()}
    began = time.monotonic()
    try:
        if "authority" in args.only:
            step("the authority")
            result["authority"] = authority.measure_all(args.jeton, root, scale.listed, scale.rounds, scale.seconds)
        if "in-process" in args.only or "servers" in args.only:
            measure_tables(args, scale, root, result)
    finally:
        measure.end_all()
        shutil.rmtree(root, ignore_errors=True)
    result["took_s"] = round(time.monotonic() - began)
    result["goals"] = report.goals(result)
    report.show(result)
    if scale.small or args.only != PARTS:
        args.doc = None  # what is shown there is whole
    for path in [args.json] + ([os.path.join(args.doc, "latest.json")] if args.doc else []):
        if path:
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                json.dump(result, f, indent=1)
                f.write("\n")
    if args.doc:
        report.plot(result, args.doc)


if __name__ == "__main__":
    main()
