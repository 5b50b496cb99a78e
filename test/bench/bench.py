#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a release build: bench.py JETON [--json FILE] [--tokens N] [--seconds S] [--rounds N].

Everything runs on this machine in one go: the server on core 0, wrk (https://github.com/wg/wrk) on core 1. What is compared is
measured in turns, and medians with their spread (least and most) are printed. Ratios count; absolute figures are this machine's."""
import argparse
import http.client
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "correct horse battery"
BLOCK = os.urandom(4096)


def spread(values, digits=0):
    values = sorted(values)
    return {"median": round(statistics.median(values), digits), "least": round(values[0], digits),
            "most": round(values[-1], digits), "rounds": len(values)}


class Server:
    def __init__(self, jeton, root):
        self.jeton, self.data = jeton, os.path.join(root, "data")
        made = subprocess.run([jeton, "init", "--data", self.data, "--org", "Bench", "--owner", "owner@example.com",
                               "--password-stdin", "--json"], input=PASSWORD + "\n", text=True, capture_output=True, check=True)
        self.made = json.loads(made.stdout)
        self.process = None

    def start(self, cores):
        """Returns how many seconds it took until it listened."""
        began = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", cores, self.jeton, "serve", "--data", self.data, "--listen",
                                         "127.0.0.1:0", "--threads", "1" if cores == "0" else "2", "--log-level", "warn"],
                                        stderr=subprocess.PIPE, text=True)
        return began

    def wait(self, began):
        # At log level warn nothing is said: the port is found by asking the kernel.
        while True:
            if self.process.poll() is not None:
                raise SystemExit("the server ended: " + self.process.stderr.read())
            found = self.port()
            if found:
                self.address = found
                return time.monotonic() - began
            time.sleep(0.002)

    def port(self):
        inodes = set()
        try:
            for fd in os.listdir(f"/proc/{self.process.pid}/fd"):
                target = os.readlink(f"/proc/{self.process.pid}/fd/{fd}")
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        except OSError:
            return None
        with open("/proc/net/tcp", encoding="ascii") as f:
            for line in f.readlines()[1:]:
                part = line.split()
                if part[3] == "0A" and part[9] in inodes:
                    return int(part[1].split(":")[1], 16)
        return None

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            raise SystemExit("the server ended with an error: " + self.process.stderr.read())


def wrk(server, script, path, token, connections, seconds):
    env = dict(os.environ, JETON_TOKEN=token)
    out = subprocess.run(["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s",
                          os.path.join(HERE, script), f"http://127.0.0.1:{server.address}{path}"],
                         env=env, text=True, capture_output=True, check=True).stdout
    said = json.loads(re.search(r"^JSON (.*)$", out, re.M).group(1))
    if said["wrong"] or said["errors"]:
        raise SystemExit(f"wrk {script}: {said}")
    return said["requests"] / (said["microseconds"] / 1e6), said


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

    def __init__(self, server, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.address, timeout=60)
        self.headers = {"Authorization": "Bearer " + token}

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


def measure_pages(server, token, org, total):
    pages = Pages(server, token)
    base = f"/api/v4/orgs/{org}/tokens?per_page=100"
    cut = f"/api/v4/orgs/{org}/tokens?per_page=250"
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


def fill(server, token, org, wanted, have):
    began = time.monotonic()
    while have < wanted:
        _, said = wrk(server, "create.lua", f"/api/v4/orgs/{org}/tokens", token, 64, 10)
        have += said["requests"]
        print(f"  filling: {have} tokens after {time.monotonic() - began:.0f} s", file=sys.stderr)
    return have


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jeton")
    parser.add_argument("--json")
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", help="where the database and the raw writes go (a file system that fsync means something on)")
    args = parser.parse_args()
    root = tempfile.mkdtemp(prefix="jeton-bench-", dir=args.dir or os.path.join(os.getcwd(), "build"))
    result = {"tokens": 0}
    try:
        server = Server(args.jeton, root)
        org, token = server.made["org_id"], server.made["token"]
        made = f"/api/v4/orgs/{org}/tokens"
        server.wait(server.start("0"))
        rates = {"my_scopes on one core": [], "create, 1 connection": [], "create, 32 connections": [],
                 "append 4 KiB + fdatasync": [], "overwrite 4 KiB + fdatasync": []}
        have = 0
        for _ in range(args.rounds):
            rates["append 4 KiB + fdatasync"].append(raw_append(root, args.seconds / 2))
            for connections, name in ((1, "create, 1 connection"), (32, "create, 32 connections")):
                rate, said = wrk(server, "create.lua", made, token, connections, args.seconds)
                rates[name].append(rate)
                have += said["requests"]
            rates["overwrite 4 KiB + fdatasync"].append(raw_overwrite(root, args.seconds / 2))
            rates["my_scopes on one core"].append(
                wrk(server, "scopes.lua", f"/api/v4/orgs/{org}/my_scopes", token, 32, args.seconds)[0])
        result["per_second"] = {name: spread(values) for name, values in rates.items()}
        # Within a round: what the disk does changes from one to the next.
        for connections in ("1 connection", "32 connections"):
            result[f"create, {connections} / append"] = spread(
                [made / raw for made, raw in zip(rates[f"create, {connections}"], rates["append 4 KiB + fdatasync"])], 2)
        result["resident_mib_before"] = round(server.resident_mib(), 1)
        server.stop()
        server.wait(server.start("0,1"))
        have = fill(server, token, org, args.tokens, have)
        server.stop()
        starts = []
        for _ in range(3):
            starts.append(server.wait(server.start("0,1")))
            resident = server.resident_mib()
            if len(starts) < 3:
                server.stop()
        result.update(tokens=have, start_seconds=spread(starts, 2), resident_mib=round(resident, 1),
                      database_mib=round(os.path.getsize(os.path.join(server.data, "jeton.db")) / 2**20, 1))
        result["page_ms"], result["middle_after"] = measure_pages(server, token, org, have)
        server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    report(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)


def report(r):
    def line(name, s, unit):
        print(f"{name:42} {s['median']:>12,} {unit:6} ({s['least']:,} to {s['most']:,}, {s['rounds']} rounds)")

    for name, s in r["per_second"].items():
        line(name, s, "/s")
    print(f"\nwith {r['tokens']:,} tokens ({r['database_mib']:,} MiB database)")
    for name, s in r["page_ms"].items():
        line(f"GET tokens, 100 rows, {name} page", s, "ms")
    line("start until it listens", r["start_seconds"], "s")
    print(f"{'resident memory':42} {r['resident_mib']:>12,} MiB    (before filling {r['resident_mib_before']:,})")
    pages = [s["median"] for s in r["page_ms"].values()]
    print()
    for connections, goal in (("1 connection", "0.5"), ("32 connections", "1")):
        line(f"create, {connections} / append (goal {goal})", r[f"create, {connections} / append"], "")
    print(f"slowest page / fastest page                 {max(pages) / min(pages):.2f}  (goal at most 2)")


if __name__ == "__main__":
    main()
