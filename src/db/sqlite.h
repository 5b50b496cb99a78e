/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_DB_SQLITE_H
#define JT_DB_SQLITE_H

#include "db/db.h"

#include <sqlite3.h>

/* Inside of the SQLite driver. Only src/db/sqlite*.c include this. */

#define JT_SQLITE_PARAMS_MAX 48
#define JT_SQLITE_BUCKETS 256

/* A prepared statement; `busy` while somebody reads rows from it. */
struct jt_rows {
	struct jt_db *db;
	const struct jt_sql *sql;
	sqlite3_stmt *stmt;
	struct jt_rows *next; /* in its bucket, or among the loose ones */
	unsigned params;
	int slot[JT_SQLITE_PARAMS_MAX]; /* slot[n - 1]: the index that SQLite gave $n */
	bool busy;
	bool loose; /* the same text was busy: this one is finalized when its rows are closed */
	bool done;
};

struct jt_db {
	sqlite3 *handle;
	char *path;
	struct jt_rows *bucket[JT_SQLITE_BUCKETS]; /* by the address of the jt_sql */
	struct jt_rows *loose;
	bool in_transaction;
	unsigned savepoints;
	enum jt_result lost; /* SQLite rolled the transaction back by itself, for this reason; JT_OK: it did not */
	char error[256];
};

/* Registers the collation "C" (memcmp) and the limits and switches that every handle of ours has. Returns SQLite's code. */
int jt_sqlite_setup(sqlite3 *handle);
/* Turns SQLite's code for what just failed into ours, keeps its words for jt_db_error() and logs what is not the
 * caller's business (everything but constraints). `what` names the statement. */
JT_MUST_USE enum jt_result jt_sqlite_failed(struct jt_db *db, const char *what, int code);
/* The same mapping for a handle that is no jt_db; logs. `path` is the file, to see whether its disk is full. */
JT_MUST_USE enum jt_result jt_sqlite_judge(sqlite3 *handle, const char *path, const char *what, int code);
/* Runs a statement without parameters or rows (BEGIN, SAVEPOINT ...). */
JT_MUST_USE enum jt_result jt_sqlite_do(struct jt_db *db, const struct jt_sql *sql);
/* The migration's text in SQLite's words: BIGINT, BYTEA, the comment. NULL: no memory. The caller frees. */
char *jt_sqlite_words(const char *text);
/* Finalizes every statement. */
void jt_sqlite_forget(struct jt_db *db);
/* fsync of a file or directory. JT_IO. */
JT_MUST_USE enum jt_result jt_sqlite_sync_path(const char *path);
/* fsync of the directory that holds `path`. JT_IO. */
JT_MUST_USE enum jt_result jt_sqlite_sync_parent(const char *path);

/* Registers a VFS over SQLite's default one that writes a commit's frames to the log at once, and returns its name; NULL if
 * it cannot be. Call once. */
const char *jt_sqlite_vfs(void);

#endif
