# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of a test's own: a private directory, a unix socket only, gone at the end."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile


class PostgreSQL:
	"""with PostgreSQL() as server: server.conninfo"""

	def __init__(self):
		found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))
		if not found:
			raise RuntimeError("PostgreSQL is not installed (postgresql-15)")
		self.programs = os.path.dirname(found[-1])
		self.root = tempfile.mkdtemp(prefix="jeton-pg-")
		self.data = os.path.join(self.root, "data")
		# PostgreSQL refuses to run as root.
		self.prefix = []
		if os.geteuid() == 0:
			user = pwd.getpwnam("postgres")
			os.chown(self.root, user.pw_uid, user.pw_gid)
			self.prefix = ["setpriv", "--reuid=%d" % user.pw_uid, "--regid=%d" % user.pw_gid, "--clear-groups", "--"]
		self.conninfo = "host=%s user=jeton dbname=postgres" % self.root

	def run(self, program, *args):
		done = subprocess.run([*self.prefix, os.path.join(self.programs, program), *args], capture_output=True, text=True,
			cwd=self.root, timeout=120, stdin=subprocess.DEVNULL)
		if done.returncode != 0:
			raise RuntimeError("%s: %s%s" % (program, done.stdout, done.stderr))

	def __enter__(self):
		try:
			self.run("initdb", "-D", self.data, "-U", "jeton", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
			self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.root, "log"), "-o",
				"-c listen_addresses='' -c unix_socket_directories='%s' -c fsync=off -c shared_buffers=16MB" % self.root,
				"start")
		except BaseException:
			self.__exit__()
			raise
		return self

	def __exit__(self, *unused):
		try:
			if os.path.exists(os.path.join(self.data, "postmaster.pid")):
				self.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")
		finally:
			shutil.rmtree(self.root, ignore_errors=True)
