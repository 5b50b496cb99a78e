# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the API's tests, for the command line's."""

import os
import sys

API = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api")
sys.path.insert(0, API)

import importlib.util  # noqa: E402

spec = importlib.util.spec_from_file_location("fixtures_of_the_api", os.path.join(API, "conftest.py"))
fixtures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fixtures)
server, pool, org, server_factory = fixtures.server, fixtures.pool, fixtures.org, fixtures.server_factory
