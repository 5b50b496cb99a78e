# SPDX-License-Identifier: Apache-2.0
"""Goal: from the moment in which the API has answered that something was taken away, no verification that begins later accepts
it, in whatever process, and the API itself does not either; and what stands is never refused meanwhile, not even to who
demands what X-Jeton-Seq of the last answer said. And what was let in as of some state was not gone in it.

JETON_ZERO_API: how many changes (1,000). JETON_SEED: where the random numbers start."""

import os
import random

import pytest

from serving import Server
from zero_readers import ALLOW, EITHER, REFUSE, Log, Readers

CHANGES = int(os.environ.get("JETON_ZERO_API", "1000"))
SEED = int(os.environ.get("JETON_SEED", "1"))
SCOPE, OTHER = "tokens:list", "roles:list"  # of a member, and not of a guest, as of the custom roles here
ENTRIES_A_CHANGE = 2


class Thing:
	"""Something that is taken away and given back; `probes` are (number, may it be accepted now)."""

	def __init__(self, world):
		self.world = world
		self.org = world.org
		self.log = world.log

	def call(self, call):
		answer = call()
		answer.ok()
		self.seq = int(answer.headers["X-Jeton-Seq"])
		self.log.answered(self.seq)
		return answer

	def taken(self, numbers, call, tokens=()):
		"""Takes away: whatever was asked is over when `call` has been answered."""
		for number in numbers:
			self.log.mark(number, EITHER)
		answer = self.call(call)
		for number in numbers:
			self.log.mark(number, REFUSE)
		for token in tokens:
			self.org.client(token).get("O/my_scopes").refused(401)
		return answer

	def given(self, numbers, call):
		for number in numbers:
			self.log.mark(number, EITHER)
		answer = self.call(call)
		for number in numbers:
			self.log.mark(number, ALLOW)
		return answer


class Token(Thing):
	"""Made, rotated, revoked."""

	def __init__(self, world):
		super().__init__(world)
		self.id = None

	def made(self, answer):
		self.id = answer["id"]
		self.value = answer["value"]
		self.number = self.log.add(self.value, ALLOW)

	def change(self, chance):
		if self.id is None:
			self.made(self.org.issue("ci"))
		elif chance.random() < 0.5:
			self.taken([self.number], lambda: self.org.owner.delete("O/tokens/" + self.id), [self.value])
			self.id = None
			self.log.dead(self.number, self.seq)
		else:
			old = self.number
			self.made(self.taken([old], lambda: self.org.owner.post("O/tokens/%s/rotate" % self.id, {}),
				[self.value]).json["response"])
			self.log.dead(old, self.seq)


class Role(Thing):
	"""A custom role, a token of it and a user of it."""

	def __init__(self, world):
		super().__init__(world)
		self.id = self.org.role([SCOPE, OTHER])
		self.token = self.org.issue(role_id=self.id)["value"]
		self.user = self.org.user(self.id)
		self.numbers = [self.log.add(value, ALLOW, SCOPE) for value in (self.token, self.user.token)]
		self.steady = self.log.add(self.token, ALLOW, OTHER)
		self.wide = True

	def change(self, chance):
		self.wide = not self.wide
		scopes = [SCOPE, OTHER] if self.wide else [OTHER]
		change = self.given if self.wide else self.taken
		change(self.numbers, lambda: self.org.owner.put("O/rbac/roles/" + self.id, {"scopes": scopes}))
		assert (SCOPE in self.org.client(self.token).scopes()) == self.wide


class User(Thing):
	"""A user who is disabled, and whose role changes."""

	def __init__(self, world):
		super().__init__(world)
		self.user = self.org.user("POWER_USER")
		self.strong = True
		self.enabled = True
		self.scope = sorted(self.user.client.scopes() - world.guests)[0]
		self.valid = self.log.add(self.user.token, ALLOW)
		self.scoped = self.log.add(self.user.token, ALLOW, self.scope)

	def change(self, chance):
		path = "O/rbac/users/" + self.user.id
		if chance.random() < 0.5:
			self.enabled = not self.enabled
			change = self.given if self.enabled else self.taken
			change([self.valid] + ([self.scoped] if self.strong else []),
				lambda: self.org.owner.patch(path, {"disabled": not self.enabled}))
			assert self.user.client.works() == self.enabled
		else:
			self.strong = not self.strong
			change = self.given if self.strong else self.taken
			change([self.scoped] if self.enabled else [],
				lambda: self.org.owner.put(path, {"org_role": "POWER_USER" if self.strong else "GUEST"}))


class Team(Thing):
	"""A member who is confined to teams, and a token limited to one; and the team goes, and another comes."""

	def __init__(self, world):
		super().__init__(world)
		self.user = self.org.user("TEAM_DEFINED")
		self.make()

	def make(self):
		self.team = self.org.team(members=[(self.user, "TEAM_ADMIN")])
		self.version = self.org.version(self.team)
		self.member = True
		self.token = self.org.issue("ci", teams=[self.team])
		self.limited = self.log.add(self.token["value"], ALLOW, team=self.team)
		self.number = self.log.add(self.user.token, ALLOW, team=self.team)

	def change(self, chance):
		path = "O/rbac/teams/" + self.team
		if chance.random() < 0.25:
			self.taken([self.limited] + ([self.number] if self.member else []),
				lambda: self.org.owner.delete(path, {"version": self.version}))
			self.make()
			return
		self.member = not self.member
		edit = {"add_team_membership": [{"user_id_v2": self.user.id, "team_role": "TEAM_ADMIN"}]} if self.member else {
			"remove_team_membership": [self.user.id]}
		change = self.given if self.member else self.taken
		answer = change([self.number], lambda: self.org.owner.put(path, {"version": self.version, **edit}))
		self.version = answer.json["response"]["version"]


class World:
	def __init__(self, server, log):
		self.org = server.demo()
		self.log = log
		self.guests = self.org.user("GUEST").client.scopes()
		self.things = [kind(self) for kind in (Token, Token, Token, Role, Role, User, User, Team, Team)]


def notice(server, world, tmp_path):
	"""A reader that is told that what stands was taken away says so: what it did not find above is not there."""
	log = Log(str(tmp_path / "wrong"), 2)
	log.add(world.org.token, ALLOW)
	log.add(world.org.issue("ci")["value"], REFUSE)
	_, wrong = Readers(server, log, 1).end()
	log.close()
	assert len(wrong) == 1 and "expected refuse" in wrong[0], wrong


@pytest.mark.parametrize("changes", [CHANGES])
def test_zero_window_through_the_api(changes, tmp_path):
	chance = random.Random(SEED)
	server = Server()
	log = Log(str(tmp_path / "log"), changes * ENTRIES_A_CHANGE + 64)
	readers = None
	try:
		server.start()
		world = World(server, log)
		readers = Readers(server, log, 2 * os.cpu_count())
		for _ in range(changes):
			chance.choice(world.things).change(chance)
		asked, wrong = readers.end()
		assert not wrong, "\n".join(wrong)
		assert asked > changes
		notice(server, world, tmp_path)
		print("%d changes, %d verifications, 0 wrong" % (changes, asked))
		server.stop()
	finally:
		if readers is not None:
			for process in readers.processes:
				process.kill()
		if server.process is not None:
			server.process.kill()
			server.process.wait()
		log.close()
		server.remove()
