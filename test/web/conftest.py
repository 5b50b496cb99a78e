# SPDX-License-Identifier: Apache-2.0
"""Lets these tests import the server and the client of test/api."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
