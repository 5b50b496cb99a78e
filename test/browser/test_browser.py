# SPDX-License-Identifier: Apache-2.0
"""Stories in a real Chromium, each on a server of its own. The story itself, with its goal first, is in stories/NAME.mjs; what is there
before it begins is made here. Screenshots of every page that a story looks at are left in JETON_SHOTS (the build's `shots`)."""

import json
import os
import subprocess

import pytest

import npm_packages
from client import PASSWORD
from serving import Server, environment

HERE = os.path.dirname(os.path.abspath(__file__))
STORIES = os.path.join(HERE, "stories")
SHOTS = os.environ.get("JETON_SHOTS") or os.path.join(os.environ.get("JETON_BUILD") or "/tmp/jeton", "shots")
DEADLINE_S = 240


def nothing(org):
    """The demo org as `init` made it: its owner, who set no password of their own."""
    return {}


def a_member(org):
    """And a member with a password of their own."""
    user = org.user("MEMBER", name="Mia Member")
    return {"member": {"email": user.email, "password": PASSWORD, "token": user.token}}


# What a story finds when it begins; what is returned is told to it.
PREPARE = {"shows_a_member_no_tokens": a_member}


@pytest.fixture(scope="session")
def packages():
    return npm_packages.installed(HERE)


@pytest.fixture
def world():
    """A server of the story's own, with its one org."""
    server = Server()
    try:
        server.start()
        yield server.demo()
        server.stop()
    finally:
        if server.process is not None:
            server.process.kill()
            server.process.wait()
        server.remove()


def tell(packages, org, name, **more):
    facts = {"base": org.server.base, "org": org.id, "owner": {"email": org.owner_email, "password": PASSWORD, "token": org.token},
        **more}
    env = dict(environment(), JETON_NPM=packages, JETON_SHOTS=SHOTS)
    done = subprocess.run(["node", os.path.join(HERE, "run.mjs"), os.path.join(STORIES, name + ".mjs")], input=json.dumps(facts),
        capture_output=True, text=True, timeout=DEADLINE_S, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(f[:-4] for f in os.listdir(STORIES) if f.endswith(".mjs")))
def test_story(packages, world, name):
    """Goal: as the story says."""
    tell(packages, world, name, **PREPARE.get(name, nothing)(world))
