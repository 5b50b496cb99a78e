# SPDX-License-Identifier: Apache-2.0
"""Goal: verification stays correct when a clock steps back or jumps a day: the server's, which says what UTC is, and a
reader's, which is of no matter. The clocks are libfaketime's; CLOCK_MONOTONIC and CLOCK_BOOTTIME, which never step, are left."""

import os
import signal
import time

import pytest

from client import eventually
from serving import Server
from wall_clock import Clock
from zero_readers import ALLOWED, INVALID, UNAVAILABLE, Reader

HOUR = 3600
DAY = 24 * HOUR
BOUND_S = 6


@pytest.fixture
def world(tmp_path, monkeypatch):
	"""A server with a clock of its own, and a reader with another."""
	server_clock = Clock(str(tmp_path), "server")
	reader_clock = Clock(str(tmp_path), "reader")
	one = Server()
	reader = None
	try:
		with monkeypatch.context() as m:
			for name, value in server_clock.environment.items():
				m.setenv(name, value)
			one.start("--stale-after", str(BOUND_S))
		reader = Reader(os.path.join(one.run, "table"), reader_clock.environment)
		yield one, server_clock, reader, reader_clock
		one.stop()
	finally:
		if reader is not None:
			reader.end()
		if one.process is not None:
			one.process.kill()
			one.process.wait()
		one.remove()


def moved(server, clock, seconds, event):
	"""Steps the server's clock and waits until it has noticed."""
	before = server.log.count(event)
	clock.set(seconds)
	eventually(lambda: server.log.count(event) > before, "the server notices its clock")


def test_the_servers_clock_jumps_and_steps_back(world):
	server, clock, reader, _ = world
	org = server.demo()
	hour = org.issue(valid_for_seconds=HOUR)
	week = org.issue(valid_for_seconds=7 * DAY)
	assert reader.ask(hour["value"]) == ALLOWED and org.client(hour["value"]).works()

	moved(server, clock, DAY, "stepped forward")
	eventually(lambda: reader.ask(hour["value"]) == INVALID, "a jump expires what it must")
	assert not org.client(hour["value"]).works()
	assert reader.ask(week["value"]) == ALLOWED and org.client(week["value"]).works()

	for back in (0, -3 * DAY):
		moved(server, clock, back, "stepped back")
		for _ in range(3):
			assert reader.ask(hour["value"]) == INVALID, "what had expired lives again"
			assert not org.client(hour["value"]).works(), "what had expired lives again in the API"
			assert reader.ask(week["value"]) == ALLOWED and org.client(week["value"]).works()
		late = org.issue(valid_for_seconds=HOUR)
		assert reader.ask(late["value"]) == ALLOWED and org.client(late["value"]).works()
		org.owner.delete("O/tokens/" + late["id"]).ok()
		assert reader.ask(late["value"]) == INVALID and not org.client(late["value"]).works()


def test_a_readers_clock_is_of_no_matter(world):
	server, _, reader, clock = world
	org = server.demo()
	hour = org.issue(valid_for_seconds=HOUR)
	short = org.issue(valid_for_seconds=1)
	eventually(lambda: reader.ask(short["value"]) == INVALID, "a token expires")
	for wrong in (0, -1, 1, -HOUR, DAY, -DAY, 3650 * DAY, -3650 * DAY, 0):
		clock.set(wrong)
		assert reader.ask(hour["value"]) == ALLOWED
		assert reader.ask(short["value"]) == INVALID
	assert abs(reader.second - os.stat(server.run).st_ctime) < DAY, "the clock was moved at all"
	org.owner.delete("O/tokens/" + hour["id"]).ok()
	assert reader.ask(hour["value"]) == INVALID


def test_a_lease_ends_whatever_a_readers_clock_says(world):
	"""Goal: the table of a server that no longer speaks is believed for the bound and not longer, by a reader, too, whose clock is
	set back again and again to the moment in which the server spoke last."""
	server, _, reader, clock = world
	token = server.demo().issue()["value"]
	assert reader.ask(token) == ALLOWED
	server.process.send_signal(signal.SIGSTOP)
	try:
		stopped = time.clock_gettime(time.CLOCK_BOOTTIME)
		result = ALLOWED
		while result == ALLOWED:
			asked = time.clock_gettime(time.CLOCK_BOOTTIME)
			clock.set(-int(asked - stopped))
			result = reader.ask(token)
			assert result in (ALLOWED, UNAVAILABLE)
			assert result == UNAVAILABLE or asked - stopped < BOUND_S, "believed for longer than the bound"
		assert time.clock_gettime(time.CLOCK_BOOTTIME) - stopped > BOUND_S - 2, "not believed for long enough"
		for back in range(2 * BOUND_S):
			clock.set(-back)
			assert reader.ask(token) == UNAVAILABLE, "believed again when the clock was set back by %d s" % back
	finally:
		server.process.send_signal(signal.SIGCONT)
	eventually(lambda: reader.ask(token) == ALLOWED, "the server speaks again")
