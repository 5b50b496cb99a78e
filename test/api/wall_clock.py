# SPDX-License-Identifier: Apache-2.0
"""A wall clock for a server of a test's own, by libfaketime; CLOCK_MONOTONIC and CLOCK_BOOTTIME, which never step, are left."""

import glob
import os


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert found, "the package faketime is not installed: tools/setup test"
    return found[0]


class Clock:
    """A wall clock that runs beside the true one, for whoever is started with its environment."""

    def __init__(self, directory, name):
        self.path = os.path.join(directory, name)
        self.set(0)

    def set(self, seconds):
        """From now on it shows the true time and so many seconds more."""
        new = self.path + ".new"
        with open(new, "w", encoding="ascii") as f:
            f.write("%+d\n" % seconds)
        os.rename(new, self.path)

    @property
    def environment(self):
        # A sanitizer wants to be loaded first; the clock comes before it and disturbs nothing.
        sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        return {"LD_PRELOAD": library(), "ASAN_OPTIONS": sanitizer, "FAKETIME_TIMESTAMP_FILE": self.path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
