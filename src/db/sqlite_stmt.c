/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned bucket_of(const struct jt_sql *sql)
{
	return (unsigned)(((uintptr_t)sql >> 4) % JT_SQLITE_BUCKETS);
}

/* SQLite takes "$2" for a name and numbers names by first appearance, so each $n is looked up, once. */
static void map_params(struct jt_rows *s)
{
	s->params = (unsigned)sqlite3_bind_parameter_count(s->stmt);
	assert(s->params <= JT_SQLITE_PARAMS_MAX);
	for (unsigned n = 1; n <= s->params; n++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "$%u", n);
		s->slot[n - 1] = sqlite3_bind_parameter_index(s->stmt, name);
		assert(s->slot[n - 1] > 0); /* $1..$n without a gap */
	}
}

static enum jt_result prepare(struct jt_db *db, const struct jt_sql *sql, struct jt_rows **out)
{
	struct jt_rows *s = calloc(1, sizeof(*s));
	int code = SQLITE_OK;

	if (!s)
		return JT_NOMEM;
	code = sqlite3_prepare_v3(db->handle, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
	if (code != SQLITE_OK) {
		free(s);
		return jt_sqlite_failed(db, sql->name, code);
	}
	s->db = db;
	s->sql = sql;
	map_params(s);
	*out = s;
	return JT_OK;
}

/* The cached statement, or, if it is being read from (the same query inside itself), a loose one. */
static enum jt_result take(struct jt_db *db, const struct jt_sql *sql, struct jt_rows **out)
{
	struct jt_rows **bucket = &db->bucket[bucket_of(sql)];
	struct jt_rows *s = *bucket;
	enum jt_result r = JT_OK;

	if (db->in_transaction && db->lost != JT_OK)
		return db->lost;
	while (s && s->sql != sql)
		s = s->next;
	if (!s || s->busy) {
		bool loose = s != NULL;

		r = prepare(db, sql, &s);
		if (r != JT_OK)
			return r;
		assert(s);
		s->loose = loose;
		s->next = loose ? db->loose : *bucket;
		*(loose ? &db->loose : bucket) = s;
	}
	s->busy = true;
	s->done = false;
	*out = s;
	return JT_OK;
}

static void put_back(struct jt_rows *s)
{
	struct jt_rows **at = &s->db->loose;

	if (!s->loose) {
		(void)sqlite3_reset(s->stmt); /* repeats the error of the last step, which was told then */
		(void)sqlite3_clear_bindings(s->stmt);
		s->busy = false;
		return;
	}
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	(void)sqlite3_finalize(s->stmt);
	free(s);
}

static int bind_one(sqlite3_stmt *stmt, int slot, const struct jt_val *v, sqlite3_destructor_type life)
{
	switch (v->type) {
	case JT_VAL_INT:
		return sqlite3_bind_int64(stmt, slot, v->number);
	case JT_VAL_TEXT:
		return sqlite3_bind_text64(stmt, slot, v->at, v->size, life, SQLITE_UTF8);
	case JT_VAL_BYTES:
		return v->size == 0 ? sqlite3_bind_zeroblob(stmt, slot, 0)
				    : sqlite3_bind_blob64(stmt, slot, v->at, v->size, life);
	case JT_VAL_NULL:
		return sqlite3_bind_null(stmt, slot);
	}
	return SQLITE_MISUSE;
}

static enum jt_result start(struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count,
	sqlite3_destructor_type life, struct jt_rows **out)
{
	struct jt_rows *s = NULL;
	enum jt_result r = take(db, sql, &s);

	if (r != JT_OK)
		return r;
	assert(count == s->params);
	for (size_t i = 0; i < count; i++) {
		int code = bind_one(s->stmt, s->slot[i], &vals[i], life);

		if (code != SQLITE_OK) {
			r = jt_sqlite_failed(db, sql->name, code);
			put_back(s);
			return r;
		}
	}
	*out = s;
	return JT_OK;
}

enum jt_result jt_db_run(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, int64_t *changed)
{
	struct jt_rows *s = NULL;
	enum jt_result r = start(db, sql, vals, count, SQLITE_STATIC, &s);
	int code = SQLITE_OK;

	if (changed)
		*changed = 0;
	if (r != JT_OK)
		return r;
	code = sqlite3_step(s->stmt);
	assert(code != SQLITE_ROW); /* a query is for jt_db_query() */
	if (code != SQLITE_DONE)
		r = jt_sqlite_failed(db, sql->name, code);
	else if (changed)
		*changed = sqlite3_changes64(db->handle);
	put_back(s);
	return r;
}

enum jt_result jt_sqlite_do(struct jt_db *db, const struct jt_sql *sql)
{
	return jt_db_run(db, sql, JT_NO_BIND, NULL);
}

enum jt_result jt_db_query(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_rows **out)
{
	*out = NULL;
	return start(db, sql, vals, count, SQLITE_TRANSIENT, out);
}

enum jt_result jt_rows_next(struct jt_rows *r)
{
	int code = SQLITE_DONE;

	if (!r->done)
		code = sqlite3_step(r->stmt);
	if (code == SQLITE_ROW)
		return JT_OK;
	r->done = true; /* a step beyond the end would start again */
	return code == SQLITE_DONE ? JT_DONE : jt_sqlite_failed(r->db, r->sql->name, code);
}

void jt_rows_close(struct jt_rows **r)
{
	if (!r || !*r)
		return;
	put_back(*r);
	*r = NULL;
}

void jt_sqlite_forget(struct jt_db *db)
{
	while (db->loose)
		put_back(db->loose); /* NOLINT(clang-analyzer-unix.Malloc): put_back takes it off the list first */
	for (unsigned i = 0; i < JT_SQLITE_BUCKETS; i++) {
		while (db->bucket[i]) {
			struct jt_rows *s = db->bucket[i];

			db->bucket[i] = s->next;
			(void)sqlite3_finalize(s->stmt);
			free(s);
		}
	}
}
