/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include <assert.h>

/* These are the engine's own words, so they are not listed among the statements. */
static const struct jt_sql begin_read = {"begin_read", "BEGIN"};
static const struct jt_sql begin_write = {"begin_write", "BEGIN IMMEDIATE"};
static const struct jt_sql touch = {"touch", "SELECT 1 FROM sqlite_schema LIMIT 1"};
static const struct jt_sql commit = {"commit", "COMMIT"};
static const struct jt_sql rollback = {"rollback", "ROLLBACK"};
/* One name for all: the innermost of that name is meant, on both engines. */
static const struct jt_sql savepoint = {"savepoint", "SAVEPOINT jt"};
static const struct jt_sql release = {"release", "RELEASE SAVEPOINT jt"};
static const struct jt_sql undo = {"undo", "ROLLBACK TO SAVEPOINT jt"};

static enum jt_result begin(struct jt_db *db, const struct jt_sql *how)
{
	enum jt_result r = JT_OK;

	assert(!db->in_transaction);
	r = jt_sqlite_do(db, how);
	if (r != JT_OK)
		return r;
	db->in_transaction = true;
	db->savepoints = 0;
	db->lost = JT_OK;
	return JT_OK;
}

static void ended(struct jt_db *db)
{
	db->in_transaction = false;
	db->savepoints = 0;
	db->lost = JT_OK;
}

/* BEGIN alone takes no snapshot: the first read does, so it is done here. */
enum jt_result jt_db_begin_read(struct jt_db *db)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = begin(db, &begin_read);

	if (r != JT_OK)
		return r;
	r = jt_db_query(db, &touch, JT_NO_BIND, &rows);
	if (r == JT_OK)
		r = jt_rows_next(rows);
	jt_rows_close(&rows);
	if (r == JT_OK || r == JT_DONE)
		return JT_OK;
	jt_db_rollback(db);
	return r;
}

enum jt_result jt_db_begin_write(struct jt_db *db)
{
	return begin(db, &begin_write);
}

enum jt_result jt_db_commit(struct jt_db *db)
{
	enum jt_result r = JT_OK;

	assert(db->in_transaction);
	assert(db->savepoints == 0 || db->lost != JT_OK);
	r = jt_sqlite_do(db, &commit);
	if (r != JT_OK)
		jt_db_rollback(db);
	else
		ended(db);
	return r;
}

void jt_db_rollback(struct jt_db *db)
{
	if (!db->in_transaction)
		return;
	ended(db); /* first, so that a transaction that SQLite itself has ended does not refuse */
	if (!sqlite3_get_autocommit(db->handle) && jt_sqlite_do(db, &rollback) != JT_OK)
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

enum jt_result jt_db_savepoint(struct jt_db *db)
{
	enum jt_result r = JT_OK;

	assert(db->in_transaction);
	r = jt_sqlite_do(db, &savepoint);
	if (r == JT_OK)
		db->savepoints++;
	return r;
}

enum jt_result jt_db_release(struct jt_db *db)
{
	assert(db->in_transaction && db->savepoints > 0);
	db->savepoints--;
	return jt_sqlite_do(db, &release);
}

enum jt_result jt_db_undo(struct jt_db *db)
{
	enum jt_result r = JT_OK;

	assert(db->in_transaction && db->savepoints > 0);
	db->savepoints--;
	r = jt_sqlite_do(db, &undo);
	return r == JT_OK ? jt_sqlite_do(db, &release) : r;
}

bool jt_db_in_transaction(const struct jt_db *db)
{
	return db->in_transaction;
}
