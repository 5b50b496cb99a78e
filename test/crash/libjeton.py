# SPDX-License-Identifier: Apache-2.0
"""libjeton, through ctypes: what another process beside the server sees."""

import ctypes
import os
import random
import sys

ALLOWED, UNAVAILABLE = 0, 5


class Table:
	"""An opened table. It outlives its writers."""

	def __init__(self, path):
		self.lib = ctypes.CDLL(os.path.join(os.environ["JETON_BUILD"], "src/verify/libjeton.so.1"))
		self.lib.jeton_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
		self.lib.jeton_verify.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
		self.lib.jeton_close.argtypes = [ctypes.c_void_p]
		self.handle = ctypes.c_void_p()
		self.result = self.lib.jeton_open(path.encode(), ctypes.byref(self.handle))

	def verify(self, value):
		return self.lib.jeton_verify(self.handle, value.encode(), len(value), None, None)

	def close(self):
		self.lib.jeton_close(self.handle)


def watch(path):
	"""What the watcher does: one table, opened once, for all the lives of the server."""
	os.set_blocking(0, False)
	table, dead, rest, asked, wrong, ended = None, [], b"", 0, 0, False
	while not ended or (table is None and dead):
		try:
			piece = os.read(0, 65536)
			ended = piece == b""
			*lines, rest = (rest + piece).split(b"\n")
			dead += [line.decode() for line in lines]
		except BlockingIOError:
			pass
		if table is None:
			table = Table(path)
			if table.result != ALLOWED:
				table = None
				continue
		for value in dead[-200:] + random.sample(dead, min(len(dead), 50)):
			asked += 1
			wrong += table.verify(value) == ALLOWED
	print(asked, wrong)


if __name__ == "__main__":
	watch(sys.argv[1])
