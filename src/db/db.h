/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_DB_DB_H
#define JT_DB_DB_H

#include "base/id.h"
#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thin SQL seam (MECHANISM.md "The SQL seam"). Values are int64, text (UTF-8, no NUL) or bytes; parameters are $1..$n.
 * A connection belongs to one thread at a time. */
struct jt_db;
struct jt_rows;

enum jt_db_mode {
	JT_DB_READ,  /* only reads; the schema must exist */
	JT_DB_WRITE, /* the schema must exist */
	JT_DB_CREATE /* makes the database if there is none */
};

/* `where`: a data directory for the embedded database (DIR/jeton.db). WAL, synchronous FULL, foreign keys on.
 * JT_IO if there is none, JT_NEWER_SCHEMA, JT_DISK_FULL, JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_db_open(const char *where, enum jt_db_mode mode, struct jt_db **out);
/* NULL is taken. Open rows are closed, an open transaction is rolled back. */
void jt_db_close(struct jt_db *db);
/* What the engine last said, for the log. Never NULL; lives until the next call. */
const char *jt_db_error(const struct jt_db *db);

/* SQL is written with JT_SQL in src/store/, src/db/ and src/feed/ only. Every statement is listed in a section of the
 * binary, so that a test can prepare each on both engines. One statement, no trailing semicolon. */
struct jt_sql {
	const char *name;
	const char *text;
};
#define JT_SQL(id, sql) \
	static const struct jt_sql id = {#id, sql}; \
	static const struct jt_sql *const id##_listed __attribute__((section("jt_sql"), used)) = &id

/* A value to bind. JT_B binds bytes (NULL: SQL NULL), JT_T text (NULL: SQL NULL), JT_I an int64. Not copied: it must
 * live until the call returns. */
struct jt_val {
	enum { JT_VAL_INT, JT_VAL_TEXT, JT_VAL_BYTES, JT_VAL_NULL } type;
	int64_t number;
	const void *at;
	size_t size;
};
/* What JT_I, JT_T and JT_B make. */
/* A number; text up to its terminator; `size` bytes. A NULL pointer binds NULL, a size of 0 the empty value. */
struct jt_val jt_val_int(int64_t v);
struct jt_val jt_val_text(const char *text);
struct jt_val jt_val_bytes(const void *at, size_t size);
/* An id; the none id binds NULL. */
struct jt_val jt_val_id(const struct jt_id *id);
#define JT_I(v) jt_val_int(v)
#define JT_T(v) jt_val_text(v)
#define JT_B(at, size) jt_val_bytes((at), (size))
#define JT_ID(id) jt_val_id(id)
#define JT_BIND(...) \
	(const struct jt_val[]){__VA_ARGS__}, sizeof((const struct jt_val[]){__VA_ARGS__}) / sizeof(struct jt_val)
#define JT_NO_BIND NULL, 0

/* Runs a statement that returns no rows. *changed (may be NULL) gets how many rows it wrote. JT_CONSTRAINT if a
 * constraint refused it (the transaction goes on only if this was in a savepoint), JT_DISK_FULL, JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_db_run(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, int64_t *changed);
/* Starts a query. The bound values are copied. */
JT_MUST_USE enum jt_result jt_db_query(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_rows **out);
/* JT_OK: there is a row; JT_DONE: no more; else an error. */
JT_MUST_USE enum jt_result jt_rows_next(struct jt_rows *r);
/* Ends the query, sets *r to NULL. NULL and a pointer to NULL are taken. The statement stays prepared. */
void jt_rows_close(struct jt_rows **r);
/* Columns from 0. Of SQL NULL: 0, "" , size 0, the none id. Pointers live until the next jt_rows_next or close.
 * A column of another type is a programmer's error (assert). */
int64_t jt_rows_int(struct jt_rows *r, unsigned column);
const char *jt_rows_text(struct jt_rows *r, unsigned column);
const void *jt_rows_bytes(struct jt_rows *r, unsigned column, size_t *size);
struct jt_id jt_rows_id(struct jt_rows *r, unsigned column);
bool jt_rows_null(struct jt_rows *r, unsigned column);
/* A query of exactly one row and one integer. JT_NOT_FOUND if there is no row. */
JT_MUST_USE enum jt_result jt_db_int(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, int64_t *out);

/* Runs a statement that is to write a row: JT_NOT_FOUND if it wrote none; else as jt_db_run. */
JT_MUST_USE enum jt_result jt_db_hit(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count);

/* Transactions do not nest. A read transaction sees one snapshot, taken here. When the engine has given a transaction up by
 * itself (a full disk), every call but commit and rollback answers why, until one of these two ends it. */
JT_MUST_USE enum jt_result jt_db_begin_read(struct jt_db *db);
JT_MUST_USE enum jt_result jt_db_begin_write(struct jt_db *db);
/* Durable when JT_OK is returned. On failure nothing of the transaction remains. */
JT_MUST_USE enum jt_result jt_db_commit(struct jt_db *db);
/* Nothing happens if no transaction is open (a failed commit has ended it). */
void jt_db_rollback(struct jt_db *db);
/* Savepoints nest to any depth; each is released or undone by exactly one call. */
JT_MUST_USE enum jt_result jt_db_savepoint(struct jt_db *db);
JT_MUST_USE enum jt_result jt_db_release(struct jt_db *db);
JT_MUST_USE enum jt_result jt_db_undo(struct jt_db *db);
bool jt_db_in_transaction(const struct jt_db *db);

/* Brings the schema to the newest version, in a transaction for each step. JT_NEWER_SCHEMA if it is beyond ours. */
JT_MUST_USE enum jt_result jt_db_migrate(struct jt_db *db);
/* The version in the database (0: empty) and the newest that this program knows. */
JT_MUST_USE enum jt_result jt_db_version(struct jt_db *db, int64_t *version);
int64_t jt_db_version_known(void);
/* A consistent copy of the embedded database into the new file `to`, while others write; checked after (integrity,
 * foreign keys). JT_ALREADY_EXISTS if `to` exists, JT_IO, JT_DISK_FULL, JT_DB. */
JT_MUST_USE enum jt_result jt_db_backup(struct jt_db *db, const char *to);

#endif
