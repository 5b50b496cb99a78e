# SPDX-License-Identifier: Apache-2.0
"""A mixed write load of many clients that remembers what was acknowledged, and looks whether it is all there.

Whatever was under way when the server died may have happened or not, as a whole: such an object is `unsure` in the one thing
that was asked, and every later look accepts both. Nobody but its thread ever touches an object."""

import http.client
import random
import threading

from client import CI, Client, ORG_ROLES, PASSWORD, unique
from lives import all_pages

DIED = (OSError, http.client.HTTPException)
ROLES = ["MEMBER", "GUEST", "POWER_USER", "TEAM_DEFINED"]


class Token:
	def __init__(self, made):
		self.id = made["id"]
		self.label = made["label"]
		self.live = made["value"]  # None: not known, or there is none
		self.dead = []             # values that must never work again
		self.revoked = False
		self.unsure = False


class User:
	def __init__(self, made, role):
		self.id = made["id_v2"]
		self.email = made["email"]
		self.roles = {role}        # more than one: a change was under way
		self.value = None
		self.deleted = False
		self.unsure = False        # a deletion was under way


class Worker:
	"""One client and what it owns."""

	def __init__(self, seed):
		self.random = random.Random(seed)
		self.tokens = []
		self.users = []
		self.maybe_users = []      # e-mails of creations that were under way
		self.touched = set()
		self.acknowledged = 0

	def run(self, base, token, org, enough):
		"""Works until the server dies or `enough()`."""
		client = Client(base, token, org)
		try:
			while not enough():
				self.step(client)
				self.acknowledged += 1
		except DIED:
			pass
		finally:
			client.close()

	def step(self, client):
		live = [t for t in self.tokens if not t.revoked and not t.unsure]
		users = [u for u in self.users if not u.deleted and not u.unsure]
		what = self.random.choice(("token", "token", "rotate", "revoke", "revoke", "user", "role", "role", "drop"))
		if what == "rotate" and live:
			self.rotate(client, self.random.choice(live))
		elif what == "revoke" and live:
			self.revoke(client, self.random.choice(live))
		elif what == "role" and users:
			self.change_role(client, self.random.choice(users))
		elif what == "drop" and len(users) > 3:
			self.drop(client, self.random.choice(users))
		elif what == "user" or what == "role":
			self.make_user(client)
		else:
			made = client.post("O/tokens", {"label": unique("load"), "role_id": CI}).ok()
			self.tokens.append(Token(made))
			self.touched.add(self.tokens[-1])

	def rotate(self, client, token):
		self.touched.add(token)
		token.unsure = True
		made = client.post("O/tokens/%s/rotate" % token.id, {}).ok()
		token.dead.append(token.live)
		token.live = made["value"]
		token.unsure = False

	def revoke(self, client, token):
		self.touched.add(token)
		token.unsure = True
		client.delete("O/tokens/" + token.id).ok()
		token.dead.append(token.live)
		token.live = None
		token.revoked = True
		token.unsure = False

	def make_user(self, client):
		role = self.random.choice(ROLES)
		email = unique("load") + "@example.com"
		self.maybe_users.append(email)
		made = client.post("O/rbac/users", {"email": email, "org_role": role, "password": PASSWORD}).ok()
		self.maybe_users.remove(email)
		user = User(made, role)
		self.users.append(user)
		self.touched.add(user)
		if self.random.random() < 0.3:
			user.value = reveal(client, email)

	def change_role(self, client, user):
		self.touched.add(user)
		role = self.random.choice(ROLES)
		user.roles.add(role)
		client.put("O/rbac/users/" + user.id, {"org_role": role}).ok()
		user.roles = {role}

	def drop(self, client, user):
		self.touched.add(user)
		user.unsure = True
		client.delete("O/rbac/users/" + user.id).ok()
		user.deleted = True
		user.unsure = False


def reveal(client, email):
	return client.other(None).post("/api/v4/user/token/reveal",
		{"org": client.org, "email": email, "password": PASSWORD}).ok()["value"]


class Load:
	"""`workers` threads on one org."""

	def __init__(self, server, workers, seed):
		self.org = server.first["org_id"]
		self.token = server.first["token"]
		self.workers = [Worker(seed * 1000 + n) for n in range(workers)]
		self.random = random.Random(seed)

	@property
	def acknowledged(self):
		return sum(w.acknowledged for w in self.workers)

	def run(self, server, operations):
		"""Runs until the server dies by itself, or kills it after so many acknowledged operations."""
		before = self.acknowledged
		gone = threading.Event()
		failures = []

		def enough():
			return gone.is_set() or self.acknowledged - before >= operations + 1000

		def work(worker):
			try:
				worker.run(server.base, self.token, self.org, enough)
			except BaseException as trouble:
				failures.append(trouble)
			with reached:
				ended.append(worker)
				reached.notify_all()

		def count(worker):
			# Counts in the middle of the work of others: the moment of the kill is as good as random.
			step = worker.step

			def counted(client):
				step(client)
				with reached:
					reached.notify_all()
			worker.step = counted
			return step

		reached = threading.Condition()
		ended = []
		steps = [(w, count(w)) for w in self.workers]
		threads = [threading.Thread(target=work, args=(w,)) for w in self.workers]
		for thread in threads:
			thread.start()
		with reached:
			reached.wait_for(lambda: self.acknowledged - before >= operations or len(ended) == len(self.workers)
				or failures, timeout=60)
			fired = len(ended) == len(self.workers) and not failures
		if fired:
			server.process.wait(30)
		server.kill()
		gone.set()
		for thread in threads:
			thread.join(60)
			assert not thread.is_alive(), "a client hangs on a dead server"
		for worker, _ in steps:
			del worker.step
		if failures:
			raise failures[0]
		return fired

	def check(self, server):
		"""After the server is back: everything acknowledged is there, nothing dead is accepted."""
		client = Client(server.base, self.token, self.org)
		listed = {t["id"]: t for t in all_pages(client, "O/tokens")}
		users = {u["id_v2"]: u for u in all_pages(client, "O/rbac/users")}
		emails = {u["email"]: u for u in users.values()}
		for worker in self.workers:
			for token in worker.tokens:
				self.check_token(client, token, listed, token in worker.touched or self.random.random() < 0.05)
			for user in worker.users:
				self.check_user(client, user, users, user in worker.touched or self.random.random() < 0.05)
			for email in worker.maybe_users:
				if email in emails:
					assert client.other(reveal(client, email)).works(), "half a user: %s" % email
			worker.maybe_users = []
			worker.touched = set()
		client.close()

	def check_token(self, client, token, listed, ask):
		if not token.unsure:
			assert (token.id in listed) != token.revoked, "%s: revoked %s, listed %s" % (
				token.label, token.revoked, token.id in listed)
		if token.id in listed:
			assert listed[token.id]["label"] == token.label
		if not ask:
			return
		for value in token.dead:
			assert not client.other(value).works(), "%s: a dead value is accepted" % token.label
		if token.live is not None and not token.unsure:
			assert client.other(token.live).works(), "%s: an acknowledged value is refused" % token.label
		if token.revoked:
			client.get("O/tokens/" + token.id).refused(404)

	def check_user(self, client, user, users, ask):
		there = user.id in users
		if user.deleted:
			assert not there, "%s was deleted and is back" % user.email
			if ask and user.value is not None:
				assert not client.other(user.value).works(), "%s is deleted, the token is accepted" % user.email
			return
		assert there or user.unsure, "%s is lost" % user.email
		if not there:
			user.deleted = True
			user.unsure = False
			return
		user.unsure = False
		role = role_of(users[user.id])
		assert role in user.roles, "%s has %s, not one of %s" % (user.email, role, user.roles)
		user.roles = {role}
		if ask and user.value is not None:
			assert client.other(user.value).works(), "the token of %s is refused" % user.email


def role_of(row):
	"""The alias of the org role in a row of GET rbac/users."""
	entry = next(m for m in row["team_membership"] if m["team_id"] == "")
	names = {entry["role"], entry.get("role_name"), *entry.get("role_aliases", [])}
	found = [alias for alias, role_id in ORG_ROLES.items() if alias in names or role_id in names]
	assert len(found) == 1, entry
	return found[0]
