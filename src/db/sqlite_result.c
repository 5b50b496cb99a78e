/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>

/* SQLite says SQLITE_FULL for a write, but SQLITE_IOERR for the same lack met in the shared-memory file or a fsync. */
static bool disk_is_full(sqlite3 *handle, const char *path)
{
	int cause = handle ? sqlite3_system_errno(handle) : 0;
	struct statvfs fs;

	if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG)
		return true;
	return path && statvfs(path, &fs) == 0 && fs.f_bavail == 0;
}

static enum jt_result classify(sqlite3 *handle, const char *path, int code)
{
	if (code == SQLITE_CONSTRAINT_DATATYPE)
		return JT_DB; /* a bug in a statement, not something a caller did */
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return JT_CONSTRAINT;
	case SQLITE_NOMEM:
		return JT_NOMEM;
	case SQLITE_FULL:
		return JT_DISK_FULL;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return disk_is_full(handle, path) ? JT_DISK_FULL : JT_DB;
	default:
		return JT_DB;
	}
}

enum jt_result jt_sqlite_judge(sqlite3 *handle, const char *path, const char *what, int code)
{
	enum jt_result r = classify(handle, path, code);

	if (r != JT_CONSTRAINT)
		jt_log(JT_LOG_ERROR, "database error", JT_LT("statement", what), JT_LN("code", code),
			JT_LT("error", handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code)));
	return r;
}

enum jt_result jt_sqlite_failed(struct jt_db *db, const char *what, int code)
{
	enum jt_result r = jt_sqlite_judge(db->handle, db->path, what, code);

	(void)snprintf(db->error, sizeof(db->error), "%s: %s", what,
		db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
	/* A full disk or a failed write makes SQLite roll back by itself: what comes next must not run on its own. */
	if (db->in_transaction && db->lost == JT_OK && sqlite3_get_autocommit(db->handle))
		db->lost = r;
	return r;
}
