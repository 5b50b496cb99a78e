# SPDX-License-Identifier: Apache-2.0
"""The real binary over real HTTP: one server for the session, a fresh org for whoever asks for one."""

import json
import os
import queue
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from client import Client, Org, PASSWORD, DEADLINE_S, eventually, unique

JETON = os.environ.get("JETON_BIN", "jeton")
WRAP = shlex.split(os.environ.get("JETON_WRAP", ""))  # e.g. valgrind, around the server
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer|Assertion .* failed")
FIELD = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*"|\S*)')
ORGS_AHEAD = 3


def environment():
    env = dict(os.environ)
    env["JETON_TEST_CHEAP_HASH"] = "1"
    for name in ("JETON_URL", "JETON_ORG", "JETON_TOKEN"):
        env.pop(name, None)
    return env


def sanitized():
    """Whether the binary was built with AddressSanitizer."""
    with open(shutil.which(JETON), "rb") as f:
        return b"__asan_init" in f.read()


def run_jeton(*args, stdin="", check=True):
    """Runs one command to its end; returns the CompletedProcess."""
    done = subprocess.run([JETON, *args], input=stdin, capture_output=True, text=True, timeout=60, env=environment())
    if check:
        assert done.returncode == 0, "jeton %s: %d\n%s\n%s" % (" ".join(args), done.returncode, done.stdout,
            done.stderr)
    return done


def parse_logfmt(line):
    fields = {}
    for key, value in FIELD.findall(line):
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        fields[key] = value
    return fields


class Server:
    """One `jeton serve` with a data directory of its own and everything that it logs."""

    def __init__(self, owner="owner@example.com"):
        self.root = tempfile.mkdtemp(prefix="jeton-e2e-")
        self.data = os.path.join(self.root, "data")
        self.run = os.path.join(self.root, "run")
        os.mkdir(self.run, 0o750)
        self.process = None
        self.reader = None
        self.base = None
        self.lines = []
        self.changed = threading.Condition()
        done = run_jeton("init", "--data", self.data, "--org", "Demo", "--owner", owner, "--password-stdin", "--json",
            stdin=PASSWORD + "\n")
        self.first = json.loads(done.stdout)
        self.first["email"] = owner

    def start(self, *more):
        if self.reader:
            self.reader.join(DEADLINE_S)  # else the end of what the last process said is taken for this one's
        with self.changed:
            self.lines = []
        self.process = subprocess.Popen(
            [*WRAP, JETON, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--run", self.run,
                "--log-format", "logfmt", *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
        self.reader = threading.Thread(target=self.collect, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        line = self.wait_log(lambda f: f.get("event") == "listening", "the server listens")
        self.base = line["url"].rstrip("/")
        return self

    def collect(self, pipe):
        for raw in pipe:
            text = raw.decode("utf-8", "replace").rstrip("\n")
            with self.changed:
                self.lines.append(text)
                self.changed.notify_all()
        with self.changed:
            self.lines.append("event=eof")
            self.changed.notify_all()

    @property
    def log(self):
        """All that was logged so far, as one text."""
        with self.changed:
            return "\n".join(self.lines)

    def wait_log(self, wanted, what, seconds=DEADLINE_S):
        """The fields of the first line for which `wanted(fields)` holds, past or to come."""
        end = time.monotonic() + seconds
        seen = 0
        with self.changed:
            while True:
                for line in self.lines[seen:]:
                    fields = parse_logfmt(line)
                    if wanted(fields):
                        return fields
                    if fields.get("event") == "eof":
                        raise AssertionError("the server ended before: %s\n%s" % (what, "\n".join(self.lines[-40:])))
                seen = len(self.lines)
                left = end - time.monotonic()
                assert left > 0, "not logged: %s\n%s" % (what, "\n".join(self.lines[-40:]))
                self.changed.wait(left)

    def refusal(self, request_id):
        """The reason that the log gives for the refusal of this request."""
        line = self.wait_log(lambda f: f.get("event") == "refused" and request_id in f.values(),
            "why request %s was refused" % request_id)
        return line["reason"]

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not stop on SIGTERM\n" + self.log[-4000:])
        self.reader.join(DEADLINE_S)
        self.process.stderr.close()
        self.process = None
        report = SANITIZER.search(self.log)
        assert report is None, self.log[max(0, report.start() - 200):report.start() + 4000]
        assert code == 0, "exit status %d\n%s" % (code, self.log[-4000:])

    def resident_kib(self):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def demo(self):
        """The org that `init` made."""
        return Org(self, "Demo", self.first)

    def make_org(self):
        """A new org, made beside the running server as an operator does, and awaited until the server knows it."""
        name = unique("org")
        email = unique("owner") + "@example.com"
        done = run_jeton("org", "create", "--data", self.data, "--name", name, "--owner", email, "--json",
            "--password-stdin", stdin=PASSWORD + "\n")
        made = json.loads(done.stdout)
        made["email"] = email
        org = Org(self, name, made)
        probe = Client(self.base, org.token, org.id)
        eventually(lambda: probe.works(), "the server notices a new org")
        probe.close()
        return org


class OrgPool:
    """Makes orgs ahead in a thread, so that a test need not wait for one."""

    def __init__(self, server):
        self.server = server
        self.ready = queue.Queue(ORGS_AHEAD)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.fill, daemon=True)
        self.thread.start()

    def fill(self):
        while not self.ended.is_set():
            try:
                made = self.server.make_org()
            except BaseException as trouble:  # given to the test that asks
                made = trouble
            while not self.ended.is_set():
                try:
                    self.ready.put(made, timeout=0.1)
                    break
                except queue.Full:
                    continue

    def take(self):
        made = self.ready.get(timeout=60)
        if isinstance(made, BaseException):
            raise made
        return made

    def end(self):
        self.ended.set()
        self.thread.join(60)
