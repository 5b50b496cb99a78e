# SPDX-License-Identifier: Apache-2.0
"""Goal: on a full disk every write is refused by a clear 503, nothing is half written, reading goes on; when there is room
again the same server goes on writing; nothing that was acknowledged is lost and nothing that was refused appears."""

import threading

from client import CI, Client, eventually, unique
from lives import Mortal, SmallDisk, all_pages, can_mount, in_namespace

MEGABYTES = 32
WRITERS = 4
WRITES_MAX = 20000


class Writer:
	"""Creates tokens until it is refused."""

	def __init__(self, server, token, org):
		self.client = Client(server.base, token, org)
		self.made = {}
		self.refused = []

	def until_refused(self):
		for _ in range(WRITES_MAX):
			label = unique("full")
			answer = self.client.post("O/tokens", {"label": label, "role_id": CI, "description": "d" * 1000})
			if answer.status == 503:
				answer.refused(503, "STORAGE_FULL")
				self.refused.append(label)
				return
			self.made[label] = answer.ok()
		raise AssertionError("the disk is not full after %d writes" % WRITES_MAX)


def check_same(client, writers, kept):
	"""Exactly what was acknowledged is listed, and its values work."""
	listed = {t["label"] for t in all_pages(client, "O/tokens")}
	made = {label for w in writers for label in w.made} | {kept["label"]}
	refused = {label for w in writers for label in w.refused}
	assert listed == made, "lost %s, too many %s" % (list(made - listed)[:5], list(listed - made)[:5])
	assert not listed & refused
	for writer in writers:
		for made_token in list(writer.made.values())[-5:]:
			assert client.other(made_token["value"]).works()


def refuse_everything(client, kept, disk):
	"""While the disk is full: each sort of write, and reading."""
	for method, path, body in (
		("DELETE", "O/tokens/" + kept["id"], None),
		("POST", "O/tokens/%s/rotate" % kept["id"], {}),
		("PATCH", "O/tokens/" + kept["id"], {"label": "changed", "description": "x" * 1000}),
		("POST", "O/rbac/users", {"email": unique("full") + "@example.com", "org_role": "MEMBER"}),
		("POST", "O/rbac/teams", {"name": unique("full")}),
	):
		disk.fill()
		client.ask(method, path, body).refused(503, "STORAGE_FULL")
	assert client.other(kept["value"]).works(), "a refused revocation revoked"
	assert client.get("O/tokens/" + kept["id"]).ok()["label"] == kept["label"]
	assert client.get("/healthz").status == 200


def scenario(disk):
	server = Mortal(disk.path)
	try:
		assert server.born()
		client = Client(server.base, server.first["token"], server.first["org_id"])
		kept = client.post("O/tokens", {"label": unique("kept"), "role_id": CI}).ok()
		writers = [Writer(server, server.first["token"], server.first["org_id"]) for _ in range(WRITERS)]
		disk.fill()
		threads = [threading.Thread(target=w.until_refused) for w in writers]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join(120)
			assert not thread.is_alive()
		assert all(len(w.refused) == 1 for w in writers), "a writer was not refused with STORAGE_FULL"
		check_same(client, writers, kept)
		refuse_everything(client, kept, disk)
		check_same(client, writers, kept)
		disk.make_room()
		again = eventually(lambda: client.post("O/tokens", {"label": unique("again"), "role_id": CI}), "an answer")
		writers[0].made[again.ok()["label"]] = again.ok()
		assert client.other(again.ok()["value"]).works()
		server.stop()
		server.audit_is_whole()
		assert server.born()
		client = Client(server.base, server.first["token"], server.first["org_id"])
		check_same(client, writers, kept)
		client.delete("O/tokens/" + kept["id"]).ok()
		assert not client.other(kept["value"]).works()
		server.stop()
	finally:
		server.end()


def test_full_disk():
	if not can_mount():
		in_namespace(__file__ + "::test_full_disk")
		return
	with SmallDisk(MEGABYTES) as disk:
		scenario(disk)
