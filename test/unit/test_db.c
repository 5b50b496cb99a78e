/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include "db_fixture.h"

#include <string.h>

SQL(scope_all, "SELECT bit, name FROM scope ORDER BY bit");
SQL(scope_bit, "SELECT bit FROM scope WHERE name = $1");
SQL(scope_names, "SELECT name FROM scope ORDER BY name");
SQL(scope_rename, "UPDATE scope SET name = $2 WHERE bit >= $1");
SQL(swapped, "SELECT $2, $1, $3");
SQL(nothing, "SELECT NULL, NULL, NULL");
SQL(org_add, "INSERT INTO org (id, name, slug, owner, active, created_ns, audit_seq, audit_mac)"
	     " VALUES ($1, $2, $3, $1, 1, 0, 0, $4)");
SQL(org_mac, "SELECT audit_mac FROM org WHERE id = $1");
SQL(limit_add, "INSERT INTO org_limit (org, kind, max_token_s) VALUES ($1, $2, $3)");
SQL(version_set, "UPDATE meta SET value = $1 WHERE key = 'schema_version'");
SQL(no_such_table, "SELECT a FROM nowhere");
SQL(wrong_type, "INSERT INTO scope (bit, name) VALUES ($1, $2)");

static void binds_by_number(void **state)
{
	/* Goal: $1 is the first value whatever the order in which the parameters appear in the text. */
	struct fixture *f = *state;
	struct jt_rows *rows = NULL;

	assert_int_equal(jt_db_query(f->db, &swapped, JT_BIND(JT_I(1), JT_T("two"), JT_I(3)), &rows), JT_OK);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	assert_string_equal(jt_rows_text(rows, 0), "two");
	assert_int_equal(jt_rows_int(rows, 1), 1);
	assert_int_equal(jt_rows_int(rows, 2), 3);
	assert_int_equal(jt_rows_next(rows), JT_DONE);
	assert_int_equal(jt_rows_next(rows), JT_DONE); /* and it does not start again */
	jt_rows_close(&rows);
	assert_null(rows);
	jt_rows_close(&rows);
	jt_rows_close(NULL);
}

static void nulls(void **state)
{
	/* Goal: NULL reads as nothing of each type, and NULL pointers and the none id are bound as NULL. */
	struct fixture *f = *state;
	struct jt_rows *rows = NULL;
	struct jt_id none = {{0}}, got;
	size_t size = 7;

	assert_int_equal(jt_db_query(f->db, &nothing, JT_NO_BIND, &rows), JT_OK);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	assert_true(jt_rows_null(rows, 0));
	assert_int_equal(jt_rows_int(rows, 0), 0);
	assert_string_equal(jt_rows_text(rows, 1), "");
	assert_non_null(jt_rows_bytes(rows, 2, &size));
	assert_int_equal(size, 0);
	got = jt_rows_id(rows, 2);
	assert_true(jt_id_is_none(&got));
	jt_rows_close(&rows);
	assert_int_equal(jt_db_query(f->db, &swapped, JT_BIND(JT_T(NULL), JT_B(NULL, 0), JT_ID(&none)), &rows), JT_OK);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_true(jt_rows_null(rows, i));
	jt_rows_close(&rows);
}

static void values_come_back(void **state)
{
	/* Goal: bytes come back as they went in: empty ones (which are not NULL), zero bytes, an id; text as UTF-8. */
	struct fixture *f = *state;
	struct jt_rows *rows = NULL;
	struct jt_id id = jt_id_new(1), got;
	static const unsigned char odd[4] = {0, 0xff, 0, 1};
	const void *at = NULL;
	size_t size = 0;

	assert_int_equal(jt_db_query(f->db, &swapped, JT_BIND(JT_B("", 0), JT_B(odd, 4), JT_ID(&id)), &rows), JT_OK);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	at = jt_rows_bytes(rows, 0, &size);
	assert_int_equal(size, 4);
	assert_memory_equal(at, odd, 4);
	assert_false(jt_rows_null(rows, 1));
	(void)jt_rows_bytes(rows, 1, &size);
	assert_int_equal(size, 0);
	got = jt_rows_id(rows, 2);
	assert_true(jt_id_equal(&got, &id));
	jt_rows_close(&rows);
	assert_int_equal(jt_db_run(f->db, &org_add,
				 JT_BIND(JT_ID(&id), JT_T("\xc3\xa9t\xc3\xa9"), JT_T("s"), JT_B(odd, 4)), NULL),
		JT_OK);
	assert_int_equal(jt_db_query(f->db, &org_mac, JT_BIND(JT_ID(&id)), &rows), JT_OK);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	at = jt_rows_bytes(rows, 0, &size);
	assert_memory_equal(at, odd, size);
	jt_rows_close(&rows);
}

static void counts(void **state)
{
	/* Goal: jt_db_int tells 'no row' from a number, and jt_db_run tells how many rows it wrote. */
	struct fixture *f = *state;
	int64_t n = 0;

	assert_int_equal(jt_db_int(f->db, &scope_bit, JT_BIND(JT_T("a")), &n), JT_NOT_FOUND);
	assert_int_equal(add(f->db, 1, "a"), JT_OK);
	assert_int_equal(add(f->db, 2, "b"), JT_OK);
	assert_int_equal(jt_db_int(f->db, &scope_bit, JT_BIND(JT_T("b")), &n), JT_OK);
	assert_int_equal(n, 2);
	assert_int_equal(jt_db_run(f->db, &scope_rename, JT_BIND(JT_I(2), JT_T("c")), &n), JT_OK);
	assert_int_equal(n, 1);
	assert_int_equal(jt_db_run(f->db, &scope_rename, JT_BIND(JT_I(9), JT_T("d")), &n), JT_OK);
	assert_int_equal(n, 0);
}

static void sorts_by_bytes(void **state)
{
	/* Goal: COLLATE "C" sorts by bytes, so that both engines and our C code agree. */
	static const char *const want[] = {"B", "a", "ab", "b", "\xc3\xa9"};
	struct fixture *f = *state;
	struct jt_rows *rows = NULL;

	for (int64_t i = 0; i < 5; i++)
		assert_int_equal(add(f->db, i, want[(i * 3) % 5]), JT_OK);
	assert_int_equal(jt_db_query(f->db, &scope_names, JT_NO_BIND, &rows), JT_OK);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(jt_rows_next(rows), JT_OK);
		assert_string_equal(jt_rows_text(rows, 0), want[i]);
	}
	jt_rows_close(&rows);
}

static void constraint_in_savepoint(void **state)
{
	/* Goal: what a constraint refuses inside a savepoint leaves the outer transaction usable and whole. */
	struct fixture *f = *state;

	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	assert_true(jt_db_in_transaction(f->db));
	assert_int_equal(add(f->db, 1, "outer"), JT_OK);
	assert_int_equal(jt_db_savepoint(f->db), JT_OK);
	assert_int_equal(add(f->db, 2, "inner"), JT_OK);
	assert_int_equal(add(f->db, 3, "outer"), JT_CONSTRAINT);
	assert_int_equal(jt_db_undo(f->db), JT_OK);
	assert_int_equal(add(f->db, 4, "after"), JT_OK);
	assert_int_equal(jt_db_commit(f->db), JT_OK);
	assert_false(jt_db_in_transaction(f->db));
	assert_int_equal(count_of(f->db), 2);
}

static void savepoints_nest(void **state)
{
	/* Goal: savepoints nest; undoing an outer one takes released inner ones with it. */
	struct fixture *f = *state;
	int64_t n = 0;

	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	for (int64_t i = 0; i < 5; i++) {
		assert_int_equal(jt_db_savepoint(f->db), JT_OK);
		assert_int_equal(add(f->db, i, (const char[]){(char)('a' + i), 0}), JT_OK);
	}
	assert_int_equal(jt_db_undo(f->db), JT_OK);    /* 4 */
	assert_int_equal(jt_db_release(f->db), JT_OK); /* 3, into 2 */
	assert_int_equal(jt_db_undo(f->db), JT_OK);    /* 2, and 3 with it */
	assert_int_equal(jt_db_release(f->db), JT_OK);
	assert_int_equal(jt_db_release(f->db), JT_OK);
	assert_int_equal(jt_db_commit(f->db), JT_OK);
	assert_int_equal(count_of(f->db), 2);
	assert_int_equal(jt_db_int(f->db, &scope_bit, JT_BIND(JT_T("b")), &n), JT_OK);
	assert_int_equal(n, 1);
}

static void refusals(void **state)
{
	/* Goal: rollback leaves nothing; closing rolls back; foreign keys and STRICT types are enforced; a bug is no constraint. */
	struct fixture *f = *state;
	struct jt_id id = jt_id_new(1);
	struct jt_rows *rows = NULL;

	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	assert_int_equal(add(f->db, 1, "a"), JT_OK);
	jt_db_rollback(f->db);
	assert_int_equal(count_of(f->db), 0);
	assert_int_equal(jt_db_run(f->db, &limit_add, JT_BIND(JT_ID(&id), JT_T("ci"), JT_I(1)), NULL), JT_CONSTRAINT);
	assert_int_equal(add(f->db, 1, NULL), JT_CONSTRAINT);
	assert_int_equal(jt_db_run(f->db, &wrong_type, JT_BIND(JT_T("x"), JT_B("x", 1)), NULL), JT_DB);
	assert_int_equal(jt_db_query(f->db, &no_such_table, JT_NO_BIND, &rows), JT_DB);
	assert_null(rows);
	assert_non_null(strstr(jt_db_error(f->db), "nowhere"));
	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	assert_int_equal(add(f->db, 1, "a"), JT_OK);
	assert_int_equal(jt_db_query(f->db, &scope_all, JT_NO_BIND, &rows), JT_OK);
	jt_db_close(f->db); /* with rows open and a transaction begun */
	f->db = NULL;
	open_at(f->dir, JT_DB_WRITE, &f->db);
	assert_int_equal(count_of(f->db), 0);
}

static void snapshot(void **state)
{
	/* Goal: a read transaction sees one snapshot, taken when it begins, while another connection writes and commits. */
	struct fixture *f = *state;
	struct jt_db *reader = NULL;

	open_at(f->dir, JT_DB_READ, &reader);
	assert_int_equal(jt_db_begin_read(reader), JT_OK);
	assert_int_equal(add(f->db, 1, "a"), JT_OK);
	assert_int_equal(count_of(reader), 0);
	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	assert_int_equal(add(f->db, 2, "b"), JT_OK);
	assert_int_equal(count_of(reader), 0);
	jt_db_rollback(reader);
	assert_int_equal(count_of(reader), 1); /* not what is not committed */
	assert_int_equal(jt_db_commit(f->db), JT_OK);
	assert_int_equal(count_of(reader), 2);
	assert_int_equal(add(reader, 3, "c"), JT_DB); /* a reader only reads */
	jt_db_close(reader);
}

static void query_inside_query(void **state)
{
	/* Goal: rows can be read while the same connection writes, and the same query can run inside itself. */
	struct fixture *f = *state;
	struct jt_rows *outer = NULL, *inner = NULL;
	int64_t pairs = 0;

	for (int64_t i = 0; i < 3; i++)
		assert_int_equal(add(f->db, i, (const char[]){(char)('a' + i), 0}), JT_OK);
	assert_int_equal(jt_db_query(f->db, &scope_all, JT_NO_BIND, &outer), JT_OK);
	while (jt_rows_next(outer) == JT_OK) {
		const char *name = jt_rows_text(outer, 1);

		assert_int_equal(jt_db_query(f->db, &scope_all, JT_NO_BIND, &inner), JT_OK);
		while (jt_rows_next(inner) == JT_OK)
			pairs++;
		jt_rows_close(&inner);
		assert_int_equal(name[0], 'a' + jt_rows_int(outer, 0));
	}
	jt_rows_close(&outer);
	assert_int_equal(pairs, 9);
	assert_int_equal(jt_db_query(f->db, &scope_all, JT_NO_BIND, &outer), JT_OK);
	assert_int_equal(jt_rows_next(outer), JT_OK);
	assert_int_equal(jt_db_run(f->db, &scope_rename, JT_BIND(JT_I(2), JT_T("z")), NULL), JT_OK);
	assert_int_equal(jt_rows_next(outer), JT_OK);
	jt_rows_close(&outer);
}

static void query_copies(void **state)
{
	/* Goal: the values of a query are copied, so the caller may reuse theirs. */
	struct fixture *f = *state;
	struct jt_rows *rows = NULL;
	char name[] = "aaaa";

	assert_int_equal(add(f->db, 1, "aaaa"), JT_OK);
	assert_int_equal(jt_db_query(f->db, &scope_bit, JT_BIND(JT_T(name)), &rows), JT_OK);
	memset(name, 'x', 4);
	assert_int_equal(jt_rows_next(rows), JT_OK);
	jt_rows_close(&rows);
}

static void versions(void **state)
{
	/* Goal: migrating again changes nothing; a database from the future is refused by everybody and stays as it is. */
	struct fixture *f = *state;
	struct jt_db *other = NULL;
	int64_t version = 0;

	assert_int_equal(jt_db_version(f->db, &version), JT_OK);
	assert_int_equal(version, jt_db_version_known());
	assert_true(version >= 1);
	assert_int_equal(add(f->db, 1, "kept"), JT_OK);
	assert_int_equal(jt_db_migrate(f->db), JT_OK);
	assert_int_equal(count_of(f->db), 1);
	assert_int_equal(jt_db_run(f->db, &version_set, JT_BIND(JT_T("9999")), NULL), JT_OK);
	assert_int_equal(jt_db_migrate(f->db), JT_NEWER_SCHEMA);
	assert_int_equal(jt_db_open(f->dir, JT_DB_READ, &other), JT_NEWER_SCHEMA);
	assert_int_equal(jt_db_open(f->dir, JT_DB_WRITE, &other), JT_NEWER_SCHEMA);
	assert_null(other);
	assert_int_equal(count_of(f->db), 1);
}

static void opening(void **state)
{
	/* Goal: without a database, or with an empty one, only CREATE opens; what it makes is for the owner's eyes alone. */
	static const char *const files[] = {"jeton.db", "jeton.db-wal", "jeton.db-shm"};
	struct fixture *f = *state;
	struct jt_db *db = NULL;
	char dir[128], path[256];
	struct stat st;
	int64_t version = 7;
	mode_t before = umask(0);

	(void)snprintf(dir, sizeof(dir), "%s/sub", f->dir);
	assert_int_equal(jt_db_open(dir, JT_DB_READ, &db), JT_IO);
	assert_int_equal(jt_db_open(dir, JT_DB_WRITE, &db), JT_IO);
	open_at(dir, JT_DB_CREATE, &db);
	assert_int_equal(jt_db_version(db, &version), JT_OK);
	assert_int_equal(version, 0);
	jt_db_close(db);
	assert_int_equal(jt_db_open(dir, JT_DB_WRITE, &db), JT_DB);
	open_at(dir, JT_DB_CREATE, &db);
	assert_int_equal(jt_db_migrate(db), JT_OK);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	jt_db_close(db);
	(void)umask(before);
}

static void garbage(void **state)
{
	/* Goal: a file that is no database is refused, and an existing one is not overwritten. */
	struct fixture *f = *state;
	struct jt_db *db = NULL;
	char dir[128], path[256];
	FILE *file = NULL;

	(void)snprintf(dir, sizeof(dir), "%s/bad", f->dir);
	(void)snprintf(path, sizeof(path), "%s/jeton.db", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 2000; i++)
		(void)fputs("not a database ", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(jt_db_open(dir, JT_DB_CREATE, &db), JT_DB);
	assert_int_equal(jt_db_open(dir, JT_DB_READ, &db), JT_DB);
	assert_null(db);
}

static void many_statements(void **state)
{
	/* Goal: the statement cache holds more statements than it has buckets, each with its own parameters. */
	enum { MANY = 600 };
	static struct jt_sql sql[MANY];
	static char text[MANY][64];
	struct fixture *f = *state;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			int64_t n = 0;

			(void)snprintf(text[i], sizeof(text[i]), "SELECT $1 + %d", i);
			sql[i] = (struct jt_sql){"many", text[i]};
			assert_int_equal(jt_db_int(f->db, &sql[i], JT_BIND(JT_I(round)), &n), JT_OK);
			assert_int_equal(n, i + round);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(binds_by_number),
		TEST(nulls),
		TEST(values_come_back),
		TEST(counts),
		TEST(sorts_by_bytes),
		TEST(constraint_in_savepoint),
		TEST(savepoints_nest),
		TEST(refusals),
		TEST(snapshot),
		TEST(query_inside_query),
		TEST(query_copies),
		TEST(versions),
		TEST(opening),
		TEST(garbage),
		TEST(many_statements),
	};

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
