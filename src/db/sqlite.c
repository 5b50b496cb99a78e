/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include "base/log.h"
#include "db/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000

static int compare_c(void *unused, int a_size, const void *a, int b_size, const void *b)
{
	int least = a_size < b_size ? a_size : b_size;
	int order = memcmp(a, b, (size_t)least);

	(void)unused;
	return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static const char *vfs; /* NULL: SQLite's own */

/* Before SQLite is first used: without its own count of memory, an allocation takes no lock that all connections share. */
static void prepare_library(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	vfs = jt_sqlite_vfs();
}

int jt_sqlite_setup(sqlite3 *handle)
{
	int code = sqlite3_create_collation(handle, "C", SQLITE_UTF8, NULL, compare_c);

	if (code == SQLITE_OK)
		code = sqlite3_extended_result_codes(handle, 1);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(handle, BUSY_MS);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
	return code;
}

enum jt_result jt_sqlite_sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum jt_result r = JT_OK;

	if (fd < 0)
		return JT_IO;
	if (fsync(fd) != 0)
		r = JT_IO;
	(void)close(fd);
	return r;
}

enum jt_result jt_sqlite_sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	enum jt_result r = dir ? jt_sqlite_sync_path(dir) : JT_NOMEM;

	free(dir);
	return r;
}

/* SQLite gives its -wal and -shm the mode of the database, so making that 0600 first covers all three. */
static enum jt_result make_file(const char *dir, const char *path)
{
	int fd = -1;

	if (mkdir(dir, 0700) == 0) {
		enum jt_result r = jt_sqlite_sync_parent(dir);

		if (r != JT_OK)
			return r;
	} else if (errno != EEXIST) {
		return errno == ENOSPC || errno == EDQUOT ? JT_DISK_FULL : JT_IO;
	}
	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return JT_OK;
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? JT_DISK_FULL : JT_IO;
	(void)close(fd);
	return jt_sqlite_sync_path(dir);
}

static int pragma(sqlite3 *handle, const char *text)
{
	return sqlite3_exec(handle, text, NULL, NULL, NULL);
}

/* The power-loss test must be able to show that it would see a missing fsync, and wants checkpoints often. */
#ifdef JT_TEST_HOOKS
static int turn_knobs(sqlite3 *handle)
{
	const char *sync = getenv("JETON_TEST_SYNC");
	const char *pages = getenv("JETON_TEST_CHECKPOINT");
	int code = SQLITE_OK;

	if (sync && strcmp(sync, "OFF") == 0)
		code = pragma(handle, "PRAGMA synchronous = OFF");
	if (code == SQLITE_OK && pages)
		code = sqlite3_wal_autocheckpoint(handle, (int)strtol(pages, NULL, 10));
	return code;
}
#else
static int turn_knobs(sqlite3 *handle)
{
	(void)handle;
	return SQLITE_OK;
}
#endif

static int check_wal(sqlite3 *handle)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(handle, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		const char *mode = (const char *)sqlite3_column_text(stmt, 0);

		code = mode && strcmp(mode, "wal") == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
	}
	(void)sqlite3_finalize(stmt);
	return code;
}

static int configure(struct jt_db *db, enum jt_db_mode mode)
{
	int code = jt_sqlite_setup(db->handle);

	if (code == SQLITE_OK)
		code = pragma(db->handle,
			"PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
			"PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = "
			"67108864");
	if (code == SQLITE_OK)
		code = mode == JT_DB_READ ? pragma(db->handle, "PRAGMA cache_size = -16384; PRAGMA query_only = ON")
					  : pragma(db->handle, "PRAGMA cache_size = -32768");
	if (code == SQLITE_OK && mode != JT_DB_READ)
		code = check_wal(db->handle);
	if (code == SQLITE_OK)
		code = pragma(db->handle, "PRAGMA synchronous = FULL");
	if (code == SQLITE_OK)
		code = turn_knobs(db->handle);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	return code;
}

/* A reader or writer of a database that has no schema, or a newer one, could only do harm. */
static enum jt_result check_schema(struct jt_db *db, enum jt_db_mode mode)
{
	int64_t version = 0;
	enum jt_result r = JT_OK;

	if (mode == JT_DB_CREATE)
		return JT_OK;
	r = jt_db_version(db, &version);
	if (r != JT_OK)
		return r;
	if (version > jt_db_version_known())
		return JT_NEWER_SCHEMA;
	if (version == 0) {
		jt_log(JT_LOG_ERROR, "database without a schema", JT_LT("path", db->path));
		return JT_DB;
	}
	return JT_OK;
}

enum jt_result jt_db_open(const char *where, enum jt_db_mode mode, struct jt_db **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct jt_db *db = calloc(1, sizeof(*db));
	enum jt_result r = JT_NOMEM;
	int code = SQLITE_OK;

	*out = NULL;
	pthread_once(&once, prepare_library);
	if (!db || asprintf(&db->path, "%s/jeton.db", where) < 0) {
		free(db);
		return JT_NOMEM;
	}
	r = mode == JT_DB_CREATE ? make_file(where, db->path) : access(db->path, F_OK) == 0 ? JT_OK : JT_IO;
	if (r != JT_OK)
		goto out;
	code = sqlite3_open_v2(db->path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
	if (code == SQLITE_OK)
		code = configure(db, mode);
	r = code == SQLITE_OK ? check_schema(db, mode) : jt_sqlite_failed(db, "open", code);
out:
	if (r != JT_OK) {
		jt_db_close(db);
		return r;
	}
	*out = db;
	return JT_OK;
}

void jt_db_close(struct jt_db *db)
{
	if (!db)
		return;
	if (db->in_transaction)
		jt_db_rollback(db);
	jt_sqlite_forget(db);
	if (sqlite3_close(db->handle) != SQLITE_OK)
		jt_log(JT_LOG_ERROR, "database not closed", JT_LT("path", db->path));
	free(db->path);
	free(db);
}

const char *jt_db_error(const struct jt_db *db)
{
	return db ? db->error : "";
}
