# SPDX-License-Identifier: Apache-2.0
"""Goal: one server per data directory. A second one exits with 3 and names the first; the lock dies with its process."""

import subprocess

from client import Client
from lives import Mortal, api


def second(server):
	return subprocess.run([api.JETON, "serve", "--data", server.data, "--listen", "127.0.0.1:0", "--run", server.run],
		stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=api.environment(), check=False)


def test_a_second_server_is_refused_and_told_who_has_it():
	server = Mortal()
	try:
		assert server.born()
		refused = second(server)
		assert refused.returncode == 3, (refused.returncode, refused.stderr)
		assert str(server.process.pid) in refused.stderr, refused.stderr
		assert Client(server.base, server.first["token"], server.first["org_id"]).works(), "the first one suffered"
		server.stop()
	finally:
		server.end()


def test_the_lock_ends_with_its_process():
	server = Mortal()
	try:
		assert server.born()
		server.kill()
		assert server.born(), "a dead server's lock was kept"
		server.stop()
		assert server.born(), "a stopped server's lock was kept"
		server.stop()
	finally:
		server.end()
