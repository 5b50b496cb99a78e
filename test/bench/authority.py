# SPDX-License-Identifier: Apache-2.0
"""What the authority does a second, against what the disk can; lists, start and memory with many tokens."""
import http.client
import json
import os
import sys
import time

import jeton as program
from measure import spread, wrk

BLOCK = os.urandom(4096)


def raw_append(root, seconds):
    """append 4 KiB + fdatasync, one after another: how often a second."""
    path = os.path.join(root, "raw-append")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    count, end, began = 0, time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < end:
        os.write(fd, BLOCK)
        os.fdatasync(fd)
        count += 1
    took = time.monotonic() - began
    os.close(fd)
    os.unlink(path)
    return count / took


def raw_overwrite(root, seconds):
    """overwrite 4 KiB in place + fdatasync."""
    path = os.path.join(root, "raw-overwrite")
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    for _ in range(256):
        os.write(fd, BLOCK)
    os.fsync(fd)
    count, end, began = 0, time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < end:
        os.pwrite(fd, BLOCK, (count % 256) * 4096)
        os.fdatasync(fd)
        count += 1
    took = time.monotonic() - began
    os.close(fd)
    os.unlink(path)
    return count / took


class Pages:
    """One kept connection; each request is timed from send to the last byte."""

    def __init__(self, jeton):
        self.connection = http.client.HTTPConnection("127.0.0.1", jeton.port, timeout=60)
        self.headers = {"Authorization": "Bearer " + jeton.token}

    def get(self, path):
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise SystemExit(f"GET {path}: {answer.status} {body[:200]}")
        return took * 1000, json.loads(body)


def path_of(url):
    return "/" + url.split("/", 3)[3]


def measure_pages(jeton, total):
    pages = Pages(jeton)
    base = f"/api/v4/orgs/{jeton.org}/tokens?per_page=100"
    cut = f"/api/v4/orgs/{jeton.org}/tokens?per_page=250"
    steps, at = 0, cut
    while (steps + 1) * 250 < total // 2:
        at = path_of(pages.get(at)[1]["next_page"])
        steps += 1
    middle = at.replace("per_page=250", "per_page=100")
    times = {"first": [], "middle": [], "last": []}
    for _ in range(60):  # in turns, so that what else the machine does falls on all
        for name, path in (("first", base), ("middle", middle), ("last", base + "&order=desc")):
            took, answer = pages.get(path)
            assert len(answer["response"]) == 100, (name, len(answer["response"]))
            times[name].append(took)
    return {name: spread(values, 3) for name, values in times.items()}, steps * 250


def ask(jeton, script, path, connections, seconds):
    said = wrk(jeton.url(path), script, {"JETON_TOKEN": jeton.token}, connections, seconds)
    return said["requests"] / (said["microseconds"] / 1e6), said["requests"]


def fill(jeton, path, wanted, have):
    began = time.monotonic()
    while have < wanted:
        have += ask(jeton, "create.lua", path, 64, 10)[1]
        print(f"  filling: {have} tokens after {time.monotonic() - began:.0f} s", file=sys.stderr)
    return have


def measure_all(binary, root, tokens, rounds, seconds):
    jeton = program.Jeton(binary, root, "authority")
    try:
        return measure_one(jeton, root, tokens, rounds, seconds)
    finally:
        jeton.remove()


def measure_one(jeton, root, tokens, rounds, seconds):
    made = f"/api/v4/orgs/{jeton.org}/tokens"
    jeton.start("0")
    rates = {"my_scopes on one core": [], "create, 1 connection": [], "create, 32 connections": [],
             "append 4 KiB + fdatasync": [], "overwrite 4 KiB + fdatasync": []}
    have, result = 0, {}
    for _ in range(rounds):
        rates["append 4 KiB + fdatasync"].append(raw_append(root, seconds / 2))
        for connections, name in ((1, "create, 1 connection"), (32, "create, 32 connections")):
            rate, requests = ask(jeton, "create.lua", made, connections, seconds)
            rates[name].append(rate)
            have += requests
        rates["overwrite 4 KiB + fdatasync"].append(raw_overwrite(root, seconds / 2))
        rates["my_scopes on one core"].append(ask(jeton, "scopes.lua", f"/api/v4/orgs/{jeton.org}/my_scopes", 32, seconds)[0])
    result["per_second"] = {name: spread(values, 0) for name, values in rates.items()}
    # Within a round: what the disk does changes from one to the next.
    for connections in ("1 connection", "32 connections"):
        result[f"create, {connections} / append"] = spread(
            [made / raw for made, raw in zip(rates[f"create, {connections}"], rates["append 4 KiB + fdatasync"])], 2)
    result["resident_mib_before"] = round(jeton.server.resident_mib(), 1)
    jeton.stop()
    jeton.start("0,1")
    have = fill(jeton, made, tokens, have)
    jeton.stop()
    starts = []
    for _ in range(3):
        starts.append(jeton.start("0,1"))
        resident = jeton.server.resident_mib()
        if len(starts) < 3:
            jeton.stop()
    result.update(tokens=have, start_seconds=spread(starts, 2), resident_mib=round(resident, 1),
                  database_mib=round(jeton.database_mib(), 1))
    result["page_ms"], result["middle_after"] = measure_pages(jeton, have)
    jeton.stop()
    return result
