# SPDX-License-Identifier: Apache-2.0
"""A verifier written anew from doc/formats/usage.md: says that tokens were used, as another process would, or whatever it likes."""

import fcntl
import mmap
import os
import socket
import sqlite3
import struct
import time
import uuid

SIZE = 13111296
LANE, SLOTS, SLOT_SIZE, WIDE = 4096, 8192, 64, 139264
F_ADD_SEALS, SHRINK_GROW_SEAL = 1033, 2 | 4 | 1
TOKEN_ID = 88 + 16 * 16  # where a table file says where the ids of tokens are, doc/formats/table.md


class Verifier:
    """One process's memory, and its connection to the server's socket."""

    def __init__(self, server, connect=True):
        self.server = server
        self.fd = os.memfd_create("verifier", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, SIZE)
        self.memory = mmap.mmap(self.fd, SIZE)
        self.memory[:36] = struct.pack("<8sIIIIQI", b"JTUSAGE1", 1, 64, 1024, 1024, SIZE, 1)
        self.slots = {}
        self.socket = None
        if connect:
            self.seal()
            self.connect()

    def seal(self, seals=SHRINK_GROW_SEAL):
        fcntl.fcntl(self.fd, F_ADD_SEALS, seals)

    def connect(self, greeting=b"JTUSAGE1"):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(os.path.join(self.server.run, "usage.sock"))
        socket.send_fds(self.socket, [greeting], [self.fd])

    def ended(self):
        """Whether the server has hung up, now or within some seconds."""
        self.socket.settimeout(20)
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.memory.close()
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def where(self, token):
        """(instance of the table file, the token's index in it)."""
        with open(os.path.join(self.server.run, "table"), "rb") as f:
            table = f.read()
        at, room = struct.unpack_from("<QQ", table, TOKEN_ID)
        ids = table[at:at + 16 * room]
        index = next(i for i in range(0, len(ids), 16) if ids[i:i + 16] == uuid.UUID(token).bytes) // 16
        return struct.unpack_from("<Q", table, 16)[0], index

    def bits(self, scopes):
        """Words of a set, by the bits that the database gave."""
        with sqlite3.connect("file:%s?mode=ro" % os.path.join(self.server.data, "jeton.db"), uri=True) as db:
            bit = dict(db.execute("SELECT name, bit FROM scope"))
        words = [0] * 8
        for scope in scopes:
            words[bit[scope] // 64] |= 1 << bit[scope] % 64
        return words

    def use(self, token, count, scopes=(), minute=None):
        """`count` more uses of a token, by which `scopes` were asked for."""
        instance, index = self.where(token)
        number = self.slots.setdefault((instance, index), len(self.slots))
        slot = LANE + SLOTS + number * SLOT_SIZE
        words = self.bits(scopes)
        before = struct.unpack_from("<QIIIIQ4Q", self.memory, slot)
        minute = int(time.time()) // 60 if minute is None else minute
        struct.pack_into("<4Q", self.memory, slot + 32, *[a | b for a, b in zip(before[6:], words)])
        struct.pack_into("<QI", self.memory, slot, instance, index)
        struct.pack_into("<I", self.memory, slot + 16, minute | (before[3] & 1 << 31) | (1 << 31 if any(words[4:]) else 0))
        wide = LANE + WIDE + number * 32
        struct.pack_into("<4Q", self.memory, wide,
            *[a | b for a, b in zip(struct.unpack_from("<4Q", self.memory, wide), words[4:])])
        struct.pack_into("<I", self.memory, slot + 20, before[4] + count)
        struct.pack_into("<I", self.memory, slot + 12, 2)
