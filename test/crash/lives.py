# SPDX-License-Identifier: Apache-2.0
"""A server that dies and comes back on the same data, and a disk of a few megabytes, for the crash tests."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

import serving as api
from client import DEADLINE_S

run_jeton = api.run_jeton


class Mortal(api.Server):
	"""One data directory and the servers that run on it one after another. `extra` is added to their environment."""

	def __init__(self, root=None):
		if root is not None:
			# Server makes its root by mkdtemp: let it be inside the given one.
			before, tempfile.tempdir = tempfile.tempdir, root
			try:
				super().__init__()
			finally:
				tempfile.tempdir = before
		else:
			super().__init__()

	def born(self, *more, **extra):
		"""Starts a server; returns whether it came to listen (it may be told to die before that)."""
		with self.changed:
			self.lines = []
		environment = api.environment()
		environment.update(extra)
		self.process = subprocess.Popen(
			[api.JETON, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--run", self.run,
				"--log-format", "logfmt", *more],
			stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
		self.reader = threading.Thread(target=self.collect, args=(self.process.stderr,), daemon=True)
		self.reader.start()
		try:
			self.base = self.wait_log(lambda f: f.get("event") == "listening", "the server listens")["url"].rstrip("/")
		except AssertionError:
			self.buried(DEADLINE_S)
			if self.killed:
				return False
			raise
		return True

	@property
	def killed(self):
		return self.process.returncode == -signal.SIGKILL

	def buried(self, seconds):
		"""Waits for the end of a process that dies, however it does."""
		self.process.wait(seconds)
		self.reader.join(DEADLINE_S)
		self.process.stderr.close()

	def kill(self):
		"""SIGKILL, unless it is dead already. Any other end than that is a failure of the server."""
		self.process.kill()
		self.buried(DEADLINE_S)
		report = api.SANITIZER.search(self.log)
		assert report is None, self.log[report.start():report.start() + 4000]
		assert self.killed, "ended with %s, not by SIGKILL\n%s" % (self.process.returncode, self.log[-4000:])
		self.process = None

	def audit_is_whole(self):
		done = run_jeton("audit", "verify", "--data", self.data, check=False)
		assert done.returncode == 0, "audit verify: %d\n%s%s" % (done.returncode, done.stdout, done.stderr)

	def end(self):
		if self.process is not None and self.process.poll() is None:
			self.process.kill()
			self.buried(DEADLINE_S)
		self.remove()


def all_pages(client, path):
	"""Every row of a list, page after page."""
	rows = []
	while path:
		answer = client.get(path)
		rows += answer.ok()
		path = (answer.json.get("next_page") or "").removeprefix(client.base)
	return rows


class SmallDisk:
	"""A tmpfs. Entering it needs root, or a user namespace of one's own (see in_namespace)."""

	def __init__(self, megabytes):
		self.megabytes = megabytes
		self.path = None

	def __enter__(self):
		self.path = tempfile.mkdtemp(prefix="jeton-disk-")
		subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % self.megabytes, "tmpfs", self.path], check=True)
		return self

	def __exit__(self, *unused):
		subprocess.run(["umount", "-l", self.path], check=False)
		os.rmdir(self.path)

	@property
	def ballast(self):
		return os.path.join(self.path, "ballast")

	def fill(self):
		"""Writes until there is no room for one more page."""
		with open(self.ballast, "ab", buffering=0) as f:
			size = 1 << 20
			while size >= 512:
				try:
					if f.write(b"\1" * size) < size:
						size //= 2
				except OSError:
					size //= 2

	def make_room(self):
		os.unlink(self.ballast)


def can_mount():
	"""Whether this process may mount: being root is not enough in a container."""
	at = tempfile.mkdtemp(prefix="jeton-mount-")
	try:
		done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", at], capture_output=True, check=False)
		if done.returncode == 0:
			subprocess.run(["umount", at], check=True)
		return done.returncode == 0
	finally:
		os.rmdir(at)


def in_namespace(test):
	"""Runs a test again in a namespace in which it may mount."""
	assert "JETON_NAMESPACE" not in os.environ, "cannot mount even in a user namespace of our own"
	done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m", "pytest", "-q",
		"-p", "no:cacheprovider", test], env=dict(os.environ, JETON_NAMESPACE="1"), capture_output=True, text=True,
		timeout=600, check=False)
	assert done.returncode == 0, done.stdout + done.stderr
