/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGES_A_STEP 1024

/* Every row is looked at: a backup that cannot be used must be found out now, not when it is needed. */
static enum jt_result expect(sqlite3 *copy, const char *path, const char *text, const char *wanted)
{
	sqlite3_stmt *stmt = NULL;
	enum jt_result r = JT_OK;
	int code = sqlite3_prepare_v2(copy, text, -1, &stmt, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(stmt);
		if (code != SQLITE_ROW)
			break;
		const char *said = (const char *)sqlite3_column_text(stmt, 0);

		if (!wanted || !said || strcmp(said, wanted) != 0) {
			jt_log(JT_LOG_ERROR, "bad backup", JT_LT("check", text), JT_LT("said", said));
			r = JT_DB;
		}
	}
	if (code != SQLITE_DONE)
		r = jt_sqlite_judge(copy, path, text, code);
	(void)sqlite3_finalize(stmt);
	return r;
}

static enum jt_result check(sqlite3 *copy, const char *path)
{
	enum jt_result r = expect(copy, path, "PRAGMA integrity_check", "ok");

	return r == JT_OK ? expect(copy, path, "PRAGMA foreign_key_check", NULL) : r;
}

/* In a read transaction of the source, so that writers neither wait nor make the copy start again. */
static enum jt_result copy_pages(struct jt_db *db, sqlite3 *copy, const char *path)
{
	sqlite3_backup *job = NULL;
	enum jt_result r = jt_db_begin_read(db);
	int code = SQLITE_OK;

	if (r != JT_OK)
		return r;
	job = sqlite3_backup_init(copy, "main", db->handle, "main");
	if (!job) {
		r = jt_sqlite_judge(copy, path, "backup", sqlite3_extended_errcode(copy));
		jt_db_rollback(db);
		return r;
	}
	do {
		code = sqlite3_backup_step(job, PAGES_A_STEP);
	} while (code == SQLITE_OK);
	(void)sqlite3_backup_finish(job);
	if (code != SQLITE_DONE)
		r = jt_sqlite_judge(copy, path, "backup", code);
	jt_db_rollback(db);
	return r;
}

/* The copy is one file without a log beside it; the next jt_db_open() for writing turns WAL on again. */
static enum jt_result fill(struct jt_db *db, const char *path)
{
	sqlite3 *copy = NULL;
	enum jt_result r = JT_OK;
	int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code == SQLITE_OK)
		code = jt_sqlite_setup(copy);
	if (code == SQLITE_OK)
		code = sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	r = code == SQLITE_OK ? copy_pages(db, copy, path) : jt_sqlite_judge(copy, path, "backup", code);
	if (r == JT_OK) {
		code = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
		r = code == SQLITE_OK ? check(copy, path) : jt_sqlite_judge(copy, path, "backup", code);
	}
	if (sqlite3_close(copy) != SQLITE_OK && r == JT_OK)
		r = JT_DB;
	return r;
}

/* Only a whole, checked and synced copy ever bears the name `to`; link(2) never replaces. */
static enum jt_result publish(const char *part, const char *to)
{
	enum jt_result r = jt_sqlite_sync_path(part);

	if (r != JT_OK)
		return r;
	if (link(part, to) != 0)
		return errno == EEXIST ? JT_ALREADY_EXISTS : JT_IO;
	return jt_sqlite_sync_parent(to);
}

static void remove_part(const char *part)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *path = NULL;

		if (asprintf(&path, "%s%s", part, tails[i]) < 0)
			continue;
		(void)unlink(path);
		free(path);
	}
}

enum jt_result jt_db_backup(struct jt_db *db, const char *to)
{
	char *part = NULL;
	enum jt_result r = JT_OK;
	int fd = -1;

	if (access(to, F_OK) == 0)
		return JT_ALREADY_EXISTS;
	if (asprintf(&part, "%s.part-XXXXXX", to) < 0)
		return JT_NOMEM;
	fd = mkostemp(part, O_CLOEXEC); /* 0600 */
	if (fd < 0) {
		r = errno == ENOSPC || errno == EDQUOT ? JT_DISK_FULL : JT_IO;
		free(part);
		return r;
	}
	(void)close(fd);
	r = fill(db, part);
	if (r == JT_OK)
		r = publish(part, to);
	remove_part(part);
	free(part);
	return r;
}
