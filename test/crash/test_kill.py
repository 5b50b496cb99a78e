# SPDX-License-Identifier: Apache-2.0
"""Goal: what was acknowledged survives SIGKILL at any moment, and at each named point between commit, projection and answer;
no value that was acknowledged as revoked, or rotated away, is ever accepted again; the audit chain stays whole.

JETON_ROUNDS: how many kills in all (40). JETON_SEED: where the random numbers start."""

import os
import random

import pytest

from lives import Mortal
from load import Load

ROUNDS = int(os.environ.get("JETON_ROUNDS", "40"))
SEED = int(os.environ.get("JETON_SEED", "1"))
CLIENTS = 8
ROUNDS_A_LIFE = 20
POINTS = [None, "before_commit", "after_commit", "before_project", "after_project", "before_answer"]
OPERATIONS_MAX = 250
PASSINGS_MAX = 25  # what so many operations surely reach, however they are batched


def lives():
	"""(number of the first round, rounds) of each data directory."""
	return [(n, min(ROUNDS_A_LIFE, ROUNDS - n)) for n in range(0, ROUNDS, ROUNDS_A_LIFE)]


def one_round(server, load, number, chance):
	"""Runs under load until it dies, then looks. Returns the point at which it died by itself, if it did."""
	point = POINTS[number % len(POINTS)]
	extra = {"JETON_TEST_KILL_AT": "%s:%d" % (point, chance.randint(2, PASSINGS_MAX))} if point else {}
	fired = True
	if server.born(**extra):
		fired = load.run(server, chance.randint(1, OPERATIONS_MAX) if point is None else OPERATIONS_MAX)
	else:
		server.process = None
	server.audit_is_whole()
	assert server.born(), "it does not start again"
	load.check(server)
	server.kill()
	return point if fired else None


@pytest.mark.parametrize("first,rounds", lives())
def test_acknowledged_writes_survive_sigkill(first, rounds):
	chance = random.Random(SEED * 7919 + first)
	server = Mortal()
	fired = set()
	try:
		load = Load(server, CLIENTS, SEED * 104729 + first)
		for number in range(first, first + rounds):
			try:
				fired.add(one_round(server, load, number, chance))
			except AssertionError as trouble:
				raise AssertionError("round %d (JETON_SEED=%d): %s" % (number, SEED, trouble)) from trouble
		assert load.acknowledged > rounds, "nothing was acknowledged"
		if rounds >= 2 * len(POINTS):
			assert fired >= set(POINTS[1:]), "never reached: %s" % (set(POINTS[1:]) - fired)
		assert server.born()
		server.stop()
		server.audit_is_whole()
	finally:
		server.end()


def test_a_clean_stop_keeps_everything():
	"""Goal: SIGTERM in the middle of nothing loses nothing either, and the next start finds the table as it was."""
	server = Mortal()
	try:
		load = Load(server, 1, SEED)
		assert server.born()
		worker = load.workers[0]
		worker.run(server.base, load.token, load.org, lambda: worker.acknowledged >= 40)
		server.stop()
		assert server.born()
		load.check(server)
		server.stop()
		server.audit_is_whole()
	finally:
		server.end()
