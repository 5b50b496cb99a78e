/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "db/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Goal: the VFS that gathers writes to the log changes nothing that anybody can see: after each commit another connection
 * through SQLite's own VFS reads it, and so does whoever finds the files as they are at that moment; what was rolled back is
 * nowhere. With pages that spill before the commit, frames that are written twice, and with and without syncs. */

static char directory[64], path[96];

static int set_up(void **state)
{
	struct jt_db *db = NULL;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/jeton-wal-XXXXXX");
	if (!mkdtemp(directory) || jt_db_open(directory, JT_DB_CREATE, &db) != JT_OK)
		return -1;
	jt_db_close(db); /* it has registered the VFS */
	(void)snprintf(path, sizeof(path), "%s/t.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command) == 0 ? 0 : -1;
}

static sqlite3 *open_with(const char *file, const char *vfs)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs), SQLITE_OK);
	return db;
}

static void run(sqlite3 *db, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
}

/* The content as one number and a count, and the engine's own opinion. */
static void assert_same(sqlite3 *one, sqlite3 *other)
{
	static const char *const questions[] = {
		"SELECT count(*) || ' ' || coalesce(sum(id * length(body) + unicode(body)), 0) || ' ' || "
		"coalesce(sum(version * id), 0) FROM t",
		"PRAGMA integrity_check"};

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		sqlite3_stmt *a = NULL, *b = NULL;

		assert_int_equal(sqlite3_prepare_v2(one, questions[i], -1, &a, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_prepare_v2(other, questions[i], -1, &b, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(a), SQLITE_ROW);
		assert_int_equal(sqlite3_step(b), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(a, 0), (const char *)sqlite3_column_text(b, 0));
		if (i == 1)
			assert_string_equal((const char *)sqlite3_column_text(a, 0), "ok");
		(void)sqlite3_finalize(a);
		(void)sqlite3_finalize(b);
	}
}

/* Looks with another connection, and at a copy of the files as a crash would leave them. */
static void look(sqlite3 *writer, sqlite3 *reader)
{
	char command[1024], copy[128];
	sqlite3 *found = NULL;

	assert_same(writer, reader);
	(void)snprintf(copy, sizeof(copy), "%s/found.db", directory);
	(void)snprintf(
		command, sizeof(command), "rm -f %s* && cp %s %s && cp %s-wal %s-wal", copy, path, copy, path, copy);
	assert_int_equal(system(command), 0);
	found = open_with(copy, NULL);
	assert_same(writer, found);
	assert_int_equal(sqlite3_close(found), SQLITE_OK);
}

static void write_all(const char *sync)
{
	sqlite3 *writer = open_with(path, "jeton"), *reader = NULL;

	run(writer, "PRAGMA journal_mode = WAL; PRAGMA cache_size = 8; PRAGMA wal_autocheckpoint = 400");
	run(writer, sync);
	run(writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)");
	reader = open_with(path, NULL);
	for (int round = 0; round < 6; round++) {
		run(writer, "BEGIN IMMEDIATE");
		run(writer, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
			    "INSERT INTO t (version, body) SELECT i, hex(randomblob(200)) FROM n");
		run(writer, "UPDATE t SET version = version + 1, body = hex(randomblob(210)) WHERE id % 3 = 0");
		run(writer, "SAVEPOINT s; UPDATE t SET body = 'lost'; ROLLBACK TO s; RELEASE s");
		run(writer, "UPDATE t SET version = version + 7 WHERE id % 2 = 0");
		run(writer, "COMMIT");
		look(writer, reader);
		run(writer, "BEGIN IMMEDIATE; UPDATE t SET body = hex(randomblob(300)); DELETE FROM t WHERE id % 5 = "
			    "0; ROLLBACK");
		look(writer, reader);
		run(writer, "UPDATE t SET version = version + 1 WHERE id = 7");
		look(writer, reader);
		run(reader,
			"UPDATE t SET version = version + 1 WHERE id = 8"); /* the log goes on where another wrote */
		run(writer, "UPDATE t SET version = version + 1 WHERE id = 9");
		look(writer, reader);
	}
	run(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	look(writer, reader);
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	writer = open_with(path, NULL);
	assert_same(writer, reader);
	run(writer, "DROP TABLE t");
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
}

static void with_syncs(void **state)
{
	(void)state;
	write_all("PRAGMA synchronous = FULL");
}

static void without_syncs(void **state)
{
	/* What is held is handed on by the commit itself, not by a sync that may not come. */
	(void)state;
	write_all("PRAGMA synchronous = OFF");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(with_syncs), cmocka_unit_test(without_syncs)};

	return cmocka_run_group_tests_name("db_wal", tests, set_up, tear_down);
}
