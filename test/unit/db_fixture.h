/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_DB_FIXTURE_H
#define TEST_DB_FIXTURE_H

/* A migrated database in a directory of its own, for each test of db. Include after cmocka.h. */

#include "db/db.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQL(id, text) static const struct jt_sql id = {#id, text}
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

SQL(scope_add, "INSERT INTO scope (bit, name) VALUES ($1, $2)");
SQL(scope_count, "SELECT count(*) FROM scope");

struct fixture {
	char dir[64];
	struct jt_db *db;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void open_at(const char *dir, enum jt_db_mode mode, struct jt_db **db)
{
	assert_int_equal(jt_db_open(dir, mode, db), JT_OK);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "%s", "/tmp/jeton-db-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	open_at(f->dir, JT_DB_CREATE, &f->db);
	assert_int_equal(jt_db_migrate(f->db), JT_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	jt_db_close(f->db);
	(void)nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static inline int64_t count_of(struct jt_db *db)
{
	int64_t n = -1;

	assert_int_equal(jt_db_int(db, &scope_count, JT_NO_BIND, &n), JT_OK);
	return n;
}

static inline enum jt_result add(struct jt_db *db, int64_t bit, const char *name)
{
	return jt_db_run(db, &scope_add, JT_BIND(JT_I(bit), JT_T(name)), NULL);
}

#endif
