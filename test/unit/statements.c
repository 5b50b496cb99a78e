/* SPDX-License-Identifier: Apache-2.0 */
/* Lists every statement of the program, as JSON on standard output, for test_statements.py:
 *   statements list                 [{name, text}]
 *   statements sqlite DIR           the same with {error} or {plan: [text]}, on a new database in DIR
 *   statements postgresql CONNINFO  the same with {error} or {params: [type], columns: [type]}, on an empty database */
#include "base/buf.h"
#include "db/db.h"
#include "db/migrations.h"
#include "db/sqlite.h"

#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct jt_sql *const __start_jt_sql[];
extern const struct jt_sql *const __stop_jt_sql[];

/* What the seam binds and reads, by PostgreSQL's numbers. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		abort();
}

static void append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		abort();
}

typedef void examine_fn(void *engine, const struct jt_sql *sql, json_t *into);

static json_t *each(examine_fn *examine, void *engine)
{
	json_t *all = json_array();

	for (const struct jt_sql *const *sql = __start_jt_sql; sql < __stop_jt_sql; sql++) {
		json_t *one = json_pack("{s:s, s:s}", "name", (*sql)->name, "text", (*sql)->text);

		if (!one)
			abort();
		if (examine)
			examine(engine, *sql, one);
		append(all, one);
	}
	return all;
}

static void examine_sqlite(void *engine, const struct jt_sql *sql, json_t *into)
{
	sqlite3 *handle = engine;
	sqlite3_stmt *stmt = NULL;
	json_t *plan = json_array();
	char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql->text);
	const char *rest = NULL;
	int code = sqlite3_prepare_v2(handle, text, -1, &stmt, &rest);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			append(plan, json_string((const char *)sqlite3_column_text(stmt, 3)));
	}
	if (code != SQLITE_DONE)
		put(into, "error", json_string(sqlite3_errmsg(handle)));
	else if (rest && *rest)
		put(into, "error", json_string("more than one statement"));
	put(into, "plan", plan);
	(void)sqlite3_finalize(stmt);
	sqlite3_free(text);
}

static json_t *on_sqlite(const char *dir)
{
	struct jt_db *db = NULL;
	sqlite3 *handle = NULL;
	json_t *all = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/jeton.db", dir);
	if (jt_db_open(dir, JT_DB_CREATE, &db) == JT_OK && jt_db_migrate(db) == JT_OK &&
		sqlite3_open(path, &handle) == SQLITE_OK && jt_sqlite_setup(handle) == SQLITE_OK)
		all = each(examine_sqlite, handle);
	(void)sqlite3_close(handle);
	jt_db_close(db);
	return all;
}

static const char *type_name(Oid oid)
{
	switch (oid) {
	case OID_BYTEA:
		return "bytes";
	case OID_INT8:
		return "int64";
	case OID_TEXT:
		return "text";
	default:
		return "other";
	}
}

/* What postgres.c will say that a parameter is: its value's type, never one that the server guesses. */
static Oid bound_as(Oid guessed)
{
	return guessed == OID_INT2 || guessed == OID_INT4    ? OID_INT8
	       : guessed == OID_BYTEA || guessed == OID_INT8 ? guessed
							     : OID_TEXT;
}

static PGresult *describe(PGconn *conn, const char *name, const char *text, int count, const Oid *types)
{
	PGresult *r = PQprepare(conn, name, text, count, types);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		return r;
	PQclear(r);
	return PQdescribePrepared(conn, name);
}

static void examine_postgresql(void *engine, const struct jt_sql *sql, json_t *into)
{
	Oid types[JT_SQLITE_PARAMS_MAX] = {0};
	json_t *params = json_array(), *columns = json_array();
	PGresult *r = describe(engine, "", sql->text, 0, NULL);
	int count = PQnparams(r);

	for (int i = 0; i < count && i < JT_SQLITE_PARAMS_MAX; i++) {
		types[i] = bound_as(PQparamtype(r, i));
		append(params, json_string(type_name(types[i])));
	}
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		PQclear(r);
		r = describe(engine, "", sql->text, count, types);
	}
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		put(into, "error", json_string(PQresultErrorMessage(r)));
	for (int i = 0; i < PQnfields(r); i++)
		append(columns, json_string(type_name(PQftype(r, i))));
	put(into, "params", params);
	put(into, "columns", columns);
	PQclear(r);
}

static bool migrate_postgresql(PGconn *conn)
{
	bool good = true;

	for (unsigned i = 0; good && i < jt_migration_count; i++) {
		struct jt_buf text = {0};
		PGresult *r = NULL;

		for (const char *const *line = jt_migrations[i].lines; *line; line++)
			jt_buf_put_text(&text, *line);
		r = PQexec(conn, jt_buf_text(&text));
		good = PQresultStatus(r) == PGRES_COMMAND_OK;
		if (!good)
			(void)fprintf(stderr, "%s: %s", jt_migrations[i].name, PQresultErrorMessage(r));
		PQclear(r);
		jt_buf_free(&text);
	}
	return good;
}

static json_t *on_postgresql(const char *where)
{
	PGconn *conn = PQconnectdb(where);
	json_t *all = NULL;

	if (PQstatus(conn) != CONNECTION_OK)
		(void)fprintf(stderr, "%s", PQerrorMessage(conn));
	else if (migrate_postgresql(conn))
		all = each(examine_postgresql, conn);
	PQfinish(conn);
	return all;
}

int main(int argc, char **argv)
{
	json_t *all = NULL;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		all = each(NULL, NULL);
	else if (argc == 3 && strcmp(argv[1], "sqlite") == 0)
		all = on_sqlite(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "postgresql") == 0)
		all = on_postgresql(argv[2]);
	if (!all || json_dumpf(all, stdout, JSON_INDENT(1)) != 0)
		return 1;
	json_decref(all);
	return 0;
}
