# SPDX-License-Identifier: Apache-2.0
"""Fixtures: one server for the session, a fresh org for whoever asks for one."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from serving import OrgPool, Server  # noqa: E402


@pytest.fixture(scope="session")
def server():
    """One running server, shared: what needs the whole deployment takes `server_factory`."""
    made = Server()
    try:
        made.start()
        yield made
        made.stop()
    finally:
        if made.process is not None:
            made.process.kill()
            made.process.wait()
        made.remove()


@pytest.fixture(scope="session")
def pool(server):
    made = OrgPool(server)
    yield made
    made.end()


@pytest.fixture
def org(pool):
    """An org that nobody else uses."""
    return pool.take()


@pytest.fixture
def other_org(pool):
    """A second org that nobody else uses."""
    return pool.take()


@pytest.fixture
def server_factory():
    """server_factory("--flag", ...) starts a server of its own; all are stopped and judged at the end."""
    made = []

    def factory(*more):
        one = Server()
        made.append(one)
        return one.start(*more)

    yield factory
    try:
        for one in made:
            one.stop()
    finally:
        for one in made:
            if one.process is not None:
                one.process.kill()
                one.process.wait()
            one.remove()
