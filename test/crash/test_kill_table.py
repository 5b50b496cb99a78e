# SPDX-License-Identifier: Apache-2.0
"""Goal: another process that verifies with libjeton never accepts a value after its revocation was acknowledged, while the
server is killed by SIGKILL at any moment under load and started again; the next start repairs or rebuilds its table, and then
says of each value what the server says.

JETON_ROUNDS: how many kills in all (40). JETON_SEED: where the random numbers start."""

import os
import random
import subprocess
import sys
import threading

from lives import Mortal
from load import Load
import libjeton

ROUNDS = int(os.environ.get("JETON_ROUNDS", "40")) // 4
SEED = int(os.environ.get("JETON_SEED", "1"))
CLIENTS = 8
POINTS = [None, None, "after_commit", "before_project", "after_project"]


class Watcher:
	"""A process of its own, which is told of dead values one a line, and asks about all of them without end."""

	def __init__(self, server):
		self.process = subprocess.Popen([sys.executable, libjeton.__file__, os.path.join(server.run, "table")], stdin=subprocess.PIPE,
			stdout=subprocess.PIPE, text=True)
		self.lock = threading.Lock()

	def tell(self, value):
		with self.lock:
			self.process.stdin.write(value + "\n")
			self.process.stdin.flush()

	def end(self):
		"""(questions that were asked, dead values that were let in)."""
		out, _ = self.process.communicate(timeout=60)
		assert self.process.returncode == 0, "the watcher ended with %d" % self.process.returncode
		return [int(n) for n in out.split()]


def dead_values(load):
	return [value for w in load.workers for t in w.tokens for value in t.dead]


def tell_as_they_die(load, watcher):
	"""A value is told of when the answer to its revocation has come."""
	for worker in load.workers:
		for name in ("rotate", "revoke"):
			def told(client, token, act=getattr(worker, name)):
				act(client, token)
				watcher.tell(token.dead[-1])
			setattr(worker, name, told)


def check_table(server, load):
	"""By a reader that comes new."""
	table = libjeton.Table(os.path.join(server.run, "table"))
	assert table.result == libjeton.ALLOWED
	for value in dead_values(load):
		assert table.verify(value) not in (libjeton.ALLOWED, libjeton.UNAVAILABLE), "dead, and accepted"
	for token in (t for w in load.workers for t in w.tokens):
		if token.live is not None and not token.unsure:
			assert table.verify(token.live) == libjeton.ALLOWED, "%s: alive, and refused" % token.label
	table.close()


def test_no_reader_accepts_what_was_revoked_across_kills():
	chance = random.Random(SEED * 15485863)
	server = Mortal()
	try:
		load = Load(server, CLIENTS, SEED * 32452843)
		watcher = Watcher(server)
		tell_as_they_die(load, watcher)
		for number in range(ROUNDS):
			point = POINTS[number % len(POINTS)]
			extra = {"JETON_TEST_KILL_AT": "%s:%d" % (point, chance.randint(2, 25))} if point else {}
			if server.born(**extra):
				load.run(server, chance.randint(1, 250))
			else:
				server.process = None
			assert server.born(), "it does not start again"
			load.check(server)
			check_table(server, load)
			server.kill()
		asked, wrong = watcher.end()
		assert wrong == 0, "%d of %d" % (wrong, asked)
		assert asked > 1000 and len(dead_values(load)) > ROUNDS, "hardly anything was asked"
	finally:
		server.end()
