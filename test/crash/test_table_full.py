# SPDX-License-Identifier: Apache-2.0
"""Goal: where the table lives is full and the table cannot grow: whatever exists is verified as before, what would need room is
refused with 503 before anything is committed, what needs none (revoking, narrowing, removing) works at once; when there is
room again the same server goes on. No token is refused for it at any time."""

import os
import threading

from client import CI, PASSWORD, Client, unique
from lives import Mortal, SmallDisk, all_pages, can_mount, in_namespace

MEGABYTES = 8
WRITERS = 4
WRITES_MAX = 3000


def until_refused(server, made, refused):
	client = Client(server.base, server.first["token"], server.first["org_id"])
	for _ in range(WRITES_MAX):
		label = unique("room")
		answer = client.post("O/tokens", {"label": label, "role_id": CI})
		if answer.status == 503:
			answer.refused(503, "STORAGE_FULL")
			refused.append(label)
			return
		made.append(answer.ok())
	raise AssertionError("the table is not full after %d tokens" % WRITES_MAX)


def fill_table(server):
	made, refused = [], []
	threads = [threading.Thread(target=until_refused, args=(server, made, refused)) for _ in range(WRITERS)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(120)
		assert not thread.is_alive()
	assert len(refused) == WRITERS, "a writer was not refused with STORAGE_FULL"
	return made, refused


def check_same(client, made, refused):
	listed = {t["label"] for t in all_pages(client, "O/tokens")}
	assert not listed & set(refused), "refused, and there"
	assert {t["label"] for t in made} <= listed, "made, and not there"


def make_user(client, role):
	email = unique("full") + "@example.com"
	made = client.post("O/rbac/users", {"email": email, "org_role": role, "password": PASSWORD}).ok()
	value = client.other(None).post("/api/v4/user/token/reveal",
		{"org": client.org, "email": email, "password": PASSWORD}).ok()["value"]
	return made["id_v2"], client.other(value)


def scenario(disk):
	server = Mortal()
	try:
		os.rmdir(server.run)
		server.run = os.path.join(disk.path, "run")
		assert server.born()
		client = Client(server.base, server.first["token"], server.first["org_id"])
		admin, as_admin = make_user(client, "POWER_USER")
		gone, as_gone = make_user(client, "MEMBER")
		disk.fill()
		made, refused = fill_table(server)
		check_same(client, made, refused)
		for token in made[:3] + made[-3:]:
			assert client.other(token["value"]).works(), "an existing token is refused"
		# What needs no room.
		for token in made[:40]:
			client.delete("O/tokens/" + token["id"]).ok()
			assert not client.other(token["value"]).works(), "revoked, and accepted"
		before = as_admin.scopes()
		client.put("O/rbac/users/" + admin, {"org_role": "GUEST"}).ok()
		assert as_admin.scopes() < before, "narrowed, and not narrower"
		client.delete("O/rbac/users/" + gone).ok()
		assert not as_gone.works(), "deleted, and accepted"
		# What does. It is refused again and again, and costs nobody anything.
		for _ in range(5):
			client.post("O/tokens", {"label": unique("more"), "role_id": CI}).refused(503, "STORAGE_FULL")
			client.post("O/tokens/%s/rotate" % made[50]["id"], {}).refused(503, "STORAGE_FULL")
			assert client.other(made[50]["value"]).works()
		disk.make_room()
		again = client.post("O/tokens", {"label": unique("again"), "role_id": CI}).ok()
		assert client.other(again["value"]).works()
		rotated = client.post("O/tokens/%s/rotate" % made[50]["id"], {}).ok()
		assert client.other(rotated["value"]).works() and not client.other(made[50]["value"]).works()
		check_same(client, made[40:] + [again], refused)
		assert "cannot follow" not in server.log, server.log[-2000:]
		server.stop()
		server.audit_is_whole()
	finally:
		server.end()


def test_full_table():
	if not can_mount():
		in_namespace(__file__ + "::test_full_table")
		return
	with SmallDisk(MEGABYTES) as disk:
		scenario(disk)
