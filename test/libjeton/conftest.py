# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the API's tests, and an installed copy of what is built."""

import importlib.util
import os
import sys

import pytest

API = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api")
sys.path.insert(0, API)

spec = importlib.util.spec_from_file_location("fixtures_of_the_api", os.path.join(API, "conftest.py"))
fixtures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fixtures)
server, pool, org, server_factory = fixtures.server, fixtures.pool, fixtures.org, fixtures.server_factory

from installed import Installed  # noqa: E402


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """What `meson install` puts into a directory of its own."""
    return Installed(tmp_path_factory.mktemp("installed"))
