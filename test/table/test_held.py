# SPDX-License-Identifier: Apache-2.0
"""Goal: while a commit has not reached the table, no answer shows that it was made. It is held back between the two (fault
points before_project and before_follow, JETON_TEST_HOLD_AT), and whoever asks then waits, or is answered by the older state."""

import fcntl
import json
import os
import threading

import pytest

from client import CI, unique
from serving import Server, run_jeton
from zero_readers import ALLOWED, INVALID, Reader

WAITS_S = 0.4  # so long nothing is answered that must not be


class Ask:
	"""One request in a thread of its own; `now` is its Answer, None while there is none."""

	def __init__(self, client, method, path, body=None, **more):
		self.now = None
		self.over = threading.Event()
		self.thread = threading.Thread(target=self.run, args=(client.other(client.token), method, path, body, more), daemon=True)
		self.thread.start()

	def run(self, client, method, path, body, more):
		self.now = client.ask(method, path, body, **more)
		client.close()
		self.over.set()

	def answered(self):
		assert self.over.wait(30), "no answer after the table was let go"
		return self.now


class Held:
	"""A server whose commits wait for a lock before they reach the table."""

	def __init__(self, directory):
		self.path = os.path.join(directory, "hold")
		self.server = Server()
		with open(self.path, "w", encoding="ascii"):
			pass
		os.environ["JETON_TEST_HOLD_AT"] = "before_project+before_follow:" + self.path
		try:
			self.server.start("--threads", "4")
		finally:
			del os.environ["JETON_TEST_HOLD_AT"]
		self.reader = Reader(os.path.join(self.server.run, "table"))
		self.verify = self.reader.ask
		self.lock = None

	def hold(self):
		self.lock = open(self.path, "rb")
		fcntl.flock(self.lock, fcntl.LOCK_EX)
		self.before = self.server.log.count("at=before_project")

	def await_held(self):
		"""A commit is made, and waits."""
		self.server.wait_log(lambda f: self.server.log.count("at=before_project") > self.before and f.get("event") == "held",
			"a commit is held back")

	def let_go(self):
		self.lock.close()
		self.lock = None

	def end(self):
		if self.lock:
			self.let_go()
		self.reader.end()
		if self.server.process is not None:
			self.server.process.kill()
			self.server.process.wait()
		self.server.remove()


@pytest.fixture
def held(tmp_path):
	made = Held(str(tmp_path))
	try:
		yield made
		made.server.stop()
	finally:
		made.end()


def nobody(asks):
	"""None of these is answered while the table is held back."""
	for ask in asks:
		assert not ask.over.wait(WAITS_S / len(asks)), "answered too early: %r" % ask.now


def test_a_revocation_that_is_held_back(held):
	org = held.server.demo()
	key = {"Idempotency-Key": unique("key-of-a-creation")}
	body = {"label": unique("held"), "role_id": CI}
	made = org.owner.post("O/tokens", body, headers=key).ok()
	path = "O/tokens/" + made["id"]
	assert held.verify(made["value"]) == ALLOWED

	held.hold()
	first = Ask(org.owner, "DELETE", path)
	held.await_held()
	assert held.verify(made["value"]) == ALLOWED, "the table is ahead of its follower"
	with_it = Ask(org.client(made["value"]), "GET", "O/my_scopes")
	asks = [first, Ask(org.owner, "DELETE", path), Ask(org.owner, "POST", "O/tokens", body, headers=key),
		Ask(org.owner, "GET", "O/tokens"), Ask(org.owner, "GET", path), Ask(org.owner, "POST", path + "/rotate", {})]
	nobody(asks)
	assert held.verify(made["value"]) == ALLOWED
	assert with_it.now is None or with_it.now.status == 200, "the API is ahead of the table"
	held.let_go()

	first.answered().ok()
	assert held.verify(made["value"]) == INVALID
	org.client(made["value"]).get("O/my_scopes").refused(401)
	asks[1].answered().refused(404)
	replay = asks[2].answered()
	assert replay.status >= 400 and "value" not in replay.text.replace("no value", ""), replay
	assert made["id"] not in [t["id"] for t in asks[3].answered().ok()]
	asks[4].answered().refused(404)
	asks[5].answered().refused(409, "NOT_ROTATABLE")


def test_a_creation_that_is_held_back(held):
	"""The other way round: a 409, a list and a replay tell of what was made only when it works."""
	org = held.server.demo()
	key = {"Idempotency-Key": unique("key-of-a-creation")}
	role = {"name": unique("role"), "scopes": ["tokens:list"], "role_type": "organization"}
	body = {"label": unique("held"), "role_id": CI}

	held.hold()
	first = Ask(org.owner, "POST", "O/rbac/roles", role)
	held.await_held()
	asks = [first, Ask(org.owner, "POST", "O/rbac/roles", role), Ask(org.owner, "GET", "O/rbac/roles")]
	# Of two with one key the later is told, at once, that the earlier is still running; which that is, chance decides.
	twins = [Ask(org.owner, "POST", "O/tokens", body, headers=key) for _ in range(2)]
	nobody(asks)
	early = [twin for twin in twins if twin.over.is_set()]
	assert len(early) < 2
	for twin in early:
		twin.answered().refused(409, "IDEMPOTENCY_IN_PROGRESS")
	held.let_go()
	role_id = first.answered().ok()["id"]
	asks[1].answered().refused(409, "CUSTOM_ROLE_CREATION_CONFLICT")
	assert role_id in [r["id"] for r in asks[2].answered().ok()]
	made = next(twin.answered() for twin in twins if twin.answered().status < 300)
	assert held.verify(made.ok()["value"]) == ALLOWED
	replay = org.owner.post("O/tokens", body, headers=key).ok()
	assert replay["id"] == made.ok()["id"]
	assert org.client(org.issue(role_id=role_id)["value"]).scopes() >= {"tokens:list"}


def test_two_commits_of_one_row(held):
	"""Goal: a row that is committed twice before the table has it, by the server and by an operator's process beside it, ends
	in the table as it is in the database, whichever of the two the follower comes to first."""
	org = held.server.demo()
	for strong in ("POWER_USER", "GUEST"):
		user = org.user("MEMBER")
		held.hold()
		first = Ask(org.owner, "PUT", "O/rbac/users/" + user.id, {"org_role": strong})
		held.await_held()
		run_jeton("recover", "--data", held.server.data, "--user", user.id, "--make-owner")
		second = Ask(org.owner, "GET", "O/rbac/users")
		nobody([first, second])
		assert held.verify(user.token) == ALLOWED
		held.let_go()
		first.answered().ok()
		rows = {u["id_v2"]: u for u in second.answered().ok()}
		assert "SUPER_ADMIN" in json.dumps(rows[user.id]), rows[user.id]
		assert user.client.scopes() >= {"org:update"}, "the table has the first of two commits"
		org.owner = user.client
