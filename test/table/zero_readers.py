# SPDX-License-Identifier: Apache-2.0
"""Reader processes on a server's table, and the log that tells them what each value has to be answered (zero_log.h)."""

import mmap
import os
import re
import struct
import subprocess

BUILD = os.path.join(os.environ.get("JETON_BUILD", ""), "test/table")
HEAD, ENTRY = 32, 192
EITHER, ALLOW, REFUSE = 0, 1, 2
ALLOWED, INVALID, UNAVAILABLE = 0, 2, 5  # of enum jeton_result


class Reader:
	"""Another process, with libjeton on a table, that answers one question after another."""

	def __init__(self, table, environment=None):
		self.process = subprocess.Popen([os.path.join(BUILD, "zero_clock"), table], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
			text=True, env=dict(os.environ, **(environment or {})))

	def ask(self, token):
		self.process.stdin.write(token + "\n")
		self.process.stdin.flush()
		result, self.second = (int(n) for n in self.process.stdout.readline().split())
		return result

	def end(self):
		self.process.stdin.close()
		self.process.wait(10)
		self.process.stdout.close()


class Log:
	def __init__(self, path, room):
		self.path = path
		with open(path, "wb+") as f:
			f.truncate(HEAD + room * ENTRY)
			self.map = mmap.mmap(f.fileno(), 0)
		self.words = memoryview(self.map).cast("Q")  # an item is stored by one instruction
		self.room = room
		self.count = 0
		self.words[2] = room

	def add(self, value, expect, scope="", team=""):
		"""A new question; returns its number."""
		number = self.count
		assert number < self.room
		struct.pack_into("56s64s56s", self.map, HEAD + number * ENTRY + 8, value.encode(), scope.encode(), team.encode())
		self.words[(HEAD + number * ENTRY) // 8] = expect
		self.count += 1
		self.words[0] = self.count
		return number

	def mark(self, number, expect):
		at = (HEAD + number * ENTRY) // 8
		self.words[at] = ((self.words[at] >> 2) + 1) << 2 | expect

	def dead(self, number, seq):
		"""It was taken away for ever by this change."""
		self.words[(HEAD + (number + 1) * ENTRY) // 8 - 1] = seq

	def answered(self, seq):
		"""What a mutation's answer said: every reader may demand it from here on."""
		assert seq > self.words[3], "numbers go up"
		self.words[3] = seq

	def close(self):
		self.words.release()
		self.map.close()


class Readers:
	def __init__(self, server, log, count):
		self.log = log
		self.processes = [subprocess.Popen([os.path.join(BUILD, "zero_api"), os.path.join(server.run, "table"), log.path, server.first["org_id"],
			str(n + 1)], stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.nice(10)) for n in range(count)]

	def end(self):
		"""Stops them; returns how many verifications there were, and what was wrong."""
		self.log.words[1] = 1
		asked, wrong = 0, []
		for process in self.processes:
			said = process.communicate(timeout=60)[0]
			found = re.search(r"(\d+) asked, (\d+) allowed, (\d+) refused", said)
			if process.returncode != 0 or not found:
				wrong.append("exit %d: %s" % (process.returncode, said))
			else:
				assert int(found[2]) > 0 and int(found[3]) > 0, said
				asked += int(found[1])
		return asked, wrong
