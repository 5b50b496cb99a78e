# SPDX-License-Identifier: Apache-2.0
"""What every part of the benchmark uses: medians, processes on a core, wrk, and the facts of the machine."""
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ["liblmdb0", "redis-server", "libhiredis0.14", "libjwt0", "libssl3", "libmacaroons0", "libnettle8", "nginx-light",
            "glewlwyd", "libmicrohttpd12", "libsqlite3-0", "wrk", "gcc-12", "libc6"]


def spread(values, digits=3):
    values = sorted(values)
    return {"median": round(statistics.median(values), digits), "least": round(values[0], digits),
            "most": round(values[-1], digits), "rounds": len(values)}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = re.search(r"^model name\s*: (.*)$", f.read(), re.M)
    with open("/sys/kernel/mm/transparent_hugepage/enabled", encoding="utf-8") as f:
        huge = re.search(r"\[(\w+)\]", f.read()).group(1)
    versions = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES], text=True, capture_output=True,
                              check=False).stdout
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "page_size": os.sysconf("SC_PAGE_SIZE"), "transparent_huge_pages": huge,
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
            "versions": dict(line.split(" ", 1) for line in versions.splitlines() if " " in line)}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=60):
    """Asks until it is true. The kernel and logs are all that says when a foreign server is ready."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(0.002)


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A server on the given cores, its output in a file; ended by stop(), or by end_all() whatever happens."""

    started = []

    def __init__(self, command, cores, log, env=None):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=out, stderr=out,
                                            env=dict(os.environ, **(env or {})))
        Process.started.append(self.process)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def alive(self):
        if self.process.poll() is not None:
            raise SystemExit(f"{self.process.args[3]} ended: {self.said()[-2000:]}")
        return True

    def running(self):
        return self.process.poll() is None

    def wait_port(self, port):
        wait_for(lambda: self.alive() and answers(port), self.process.args[3])

    def cpu_seconds(self):
        """utime + stime of all its threads."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            part = f.read().rsplit(")", 1)[1].split()
        return (int(part[11]) + int(part[12])) / TICKS

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) / 1024

    def stop(self, clean=True):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(120)
        if clean and code != 0:
            raise SystemExit(f"{self.process.args[3]} ended with {code}: {self.said()[-2000:]}")


def end_all():
    for process in Process.started:
        if process.poll() is None:
            process.kill()
            process.wait()


def wrk(url, script, env, connections, seconds):
    """One wrk thread on core 1. Returns what the script printed; an answer that was not wanted ends the benchmark."""
    out = subprocess.run(["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s",
                          os.path.join(HERE, script), url], env=dict(os.environ, **env), text=True, capture_output=True,
                         check=True)
    said = json.loads(re.search(r"^JSON (.*)$", out.stdout, re.M).group(1))
    if said["wrong"] or said["errors"]:
        raise SystemExit(f"wrk {script} {url}: {said}")
    return said


def cost(server, run):
    """`run` loads the server and returns requests, microseconds, p50_us, p99_us: what that cost the server."""
    before = server.cpu_seconds()
    said = run()
    used, seconds = server.cpu_seconds() - before, said["microseconds"] / 1e6
    return {"cpu_s_per_million": used / said["requests"] * 1e6, "busy": used / seconds, "rate": said["requests"] / seconds,
            "p50_us": said["p50_us"], "p99_us": said["p99_us"]}


def gather(rounds):
    """{name: [what cost() returned, ...]} as medians with their spread. A rate counts only where the core was busy."""
    result = {}
    for name, all_rounds in rounds.items():
        result[name] = {key: spread([r[key] for r in all_rounds]) for key in all_rounds[0]}
        result[name]["rate_counts"] = result[name]["busy"]["median"] > 0.95
    return result
