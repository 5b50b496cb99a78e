# SPDX-License-Identifier: Apache-2.0
"""One Jeton with a verification socket and one API for the session; each proxy in front of them, from contrib/."""

import importlib.util
import os
import shutil
import sys
import tempfile

import pytest

API = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api")
sys.path.insert(0, API)

from front import GROUP, PROXIES, Echo, Impostor  # noqa: E402
from serving import Server  # noqa: E402

spec = importlib.util.spec_from_file_location("fixtures_of_the_api", os.path.join(API, "conftest.py"))
fixtures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fixtures)
NAMES = sorted(PROXIES)
NOBODY = "00000000-0000-0000-0000-0000000000aa"


@pytest.fixture(scope="session")
def room():
    """A directory whose sockets belong to the proxies' group, as contrib/README.md has it for Jeton's."""
    made = tempfile.mkdtemp(prefix="jeton-proxy-")
    shutil.chown(made, group=GROUP)
    os.chmod(made, 0o2755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def api():
    made = Echo()
    yield made
    made.stop()


def run_jeton(socket):
    """A server whose /verify listens at `socket`, behind one proxy; `again()` starts it as before."""
    made = Server()
    made.socket = socket
    made.again = lambda: made.start("--trusted-hops", "1", "--verify-listen", "unix:" + socket)
    try:
        yield made.again()
        made.stop()
    finally:
        if made.process is not None:
            made.process.kill()
            made.process.wait()
        made.remove()


@pytest.fixture(scope="session")
def jeton(room):
    """The Jeton that all tests share: it may be stopped and continued, but not ended."""
    yield from run_jeton(os.path.join(room, "verify.sock"))


@pytest.fixture(scope="session")
def org(jeton):
    return jeton.demo()


@pytest.fixture(scope="session")
def impostor(room):
    """What answers in Jeton's place as a test wants it."""
    made = Impostor(os.path.join(room, "impostor.sock"))
    yield made
    made.stop()


def run_front(kind, home, api, socket, org):
    front = PROXIES[kind](home, api, socket, org)
    try:
        yield front.start()
        front.stop()
    finally:
        front.kill()


@pytest.fixture(scope="session", params=NAMES)
def front(request, room, api, jeton, org):
    """Each proxy in front of the API, asking Jeton."""
    yield from run_front(request.param, os.path.join(room, request.param), api, jeton.socket, org.id)


@pytest.fixture(scope="session", params=NAMES)
def misled(request, room, api, impostor):
    """Each proxy in front of the API, asking the impostor."""
    yield from run_front(request.param, os.path.join(room, "misled-" + request.param), api, impostor.path, NOBODY)


@pytest.fixture(scope="session")
def mortal(room):
    """A Jeton that may be killed."""
    yield from run_jeton(os.path.join(room, "mortal.sock"))


@pytest.fixture(scope="session", params=NAMES)
def orphaned(request, room, api, mortal):
    """Each proxy in front of the API, asking the Jeton that may be killed."""
    home = os.path.join(room, "orphaned-" + request.param)
    yield from run_front(request.param, home, api, mortal.socket, mortal.demo().id)
