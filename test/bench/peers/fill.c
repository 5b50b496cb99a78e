/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "base/text.h"
#include "entry.h"

#include <sqlite3.h>
#include <string.h>
#include <time.h>

#define ID 16
#define COMMIT_EVERY 500000
#define INDEXES_MAX 16

/* Rising with the index, as the ids of tokens do that are made one after another: the rows are appended. */
static void token_id(uint64_t index, uint8_t out[ID])
{
	static const uint8_t head[9] = {0x01, 0x8f, 0x3c, 0x7e, 0x4b, 0x1a, 0x70, 0x00, 0x80};

	memcpy(out, head, sizeof(head));
	for (size_t i = sizeof(head); i < ID; i++)
		out[i] = (uint8_t)(index >> 8 * (ID - 1 - i));
}

struct filling {
	sqlite3 *db;
	sqlite3_stmt *token, *value, *team;
	const struct bench_fill_options *o;
	uint8_t org[ID], role[ID], user[ID], by[ID], teams[BENCH_TEAMS][ID];
	int64_t created_ns;
	char *index[INDEXES_MAX]; /* the statements that make them again */
	int indexes;
};

static void must(struct filling *f, bool good)
{
	if (!good)
		bench_fail("fill: %s", sqlite3_errmsg(f->db));
}

static int compare(void *unused, int a_size, const void *a, int b_size, const void *b)
{
	int c = memcmp(a, b, (size_t)(a_size < b_size ? a_size : b_size));

	(void)unused;
	return c ? c : a_size - b_size;
}

static void run_text(struct filling *f, const char *sql)
{
	must(f, sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3_stmt *prepare(struct filling *f, const char *sql)
{
	sqlite3_stmt *s = NULL;

	must(f, sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK);
	return s;
}

static void bind_bytes(sqlite3_stmt *s, int at, const void *bytes, int size)
{
	sqlite3_bind_blob(s, at, bytes, size, SQLITE_STATIC);
}

static void step(struct filling *f, sqlite3_stmt *s)
{
	must(f, sqlite3_step(s) == SQLITE_DONE && sqlite3_reset(s) == SQLITE_OK);
}

static void unhex(const char *text, void *out, size_t size)
{
	if (!text || strlen(text) < 2 * size || jt_unhex(text, 2 * size, out, size) != JT_OK)
		bench_fail("fill: an id is not %zu hex digits", 2 * size);
}

/* An index is faster made at the end. Its statement comes from the schema itself. */
static void drop_indexes(struct filling *f)
{
	sqlite3_stmt *s = prepare(f,
		"SELECT sql, 'DROP INDEX ' || name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
		" AND tbl_name IN ('token', 'token_value', 'token_team')");
	char *drop[INDEXES_MAX] = {NULL};

	while (sqlite3_step(s) == SQLITE_ROW && f->indexes < INDEXES_MAX) {
		f->index[f->indexes] = sqlite3_mprintf("%s", sqlite3_column_text(s, 0));
		drop[f->indexes++] = sqlite3_mprintf("%s", sqlite3_column_text(s, 1));
	}
	sqlite3_finalize(s);
	for (int i = 0; i < f->indexes; i++) {
		run_text(f, drop[i]);
		sqlite3_free(drop[i]);
	}
}

static void make_indexes(struct filling *f)
{
	for (int i = 0; i < f->indexes; i++) {
		run_text(f, f->index[i]);
		sqlite3_free(f->index[i]);
	}
}

static void open_database(struct filling *f, const struct bench_fill_options *o)
{
	must(f, sqlite3_open_v2(o->database, &f->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	must(f, sqlite3_create_collation(f->db, "C", SQLITE_UTF8, NULL, compare) == SQLITE_OK);
	run_text(f, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		    "PRAGMA cache_size = -524288; PRAGMA temp_store = MEMORY");
	drop_indexes(f);
	f->token = prepare(f,
		"INSERT INTO token (org, id, kind, role, label, description, token_type, limited, listed, created_ns,"
		" created_by, created_by_token, expires_s, lifetime_s)"
		" VALUES (?1, ?2, 'ci', ?3, 'bench', '', 'access', ?4, 1, ?5, ?6, ?7, ?8, ?9)");
	f->value =
		prepare(f, "INSERT INTO token_value (org, token, gen, digest, expires_s) VALUES (?1, ?2, 1, ?3, ?4)");
	f->team = prepare(f, "INSERT INTO token_team (org, token, team) VALUES (?1, ?2, ?3)");
}

static void put_teams(struct filling *f, uint64_t index, const uint8_t id[ID])
{
	for (unsigned i = 0; i < BENCH_TEAMS_EACH; i++) {
		bind_bytes(f->team, 1, f->org, ID);
		bind_bytes(f->team, 2, id, ID);
		bind_bytes(f->team, 3, f->teams[bench_team(index, i)], ID);
		step(f, f->team);
	}
}

static void put(struct filling *f, uint64_t index)
{
	int64_t expires_s = f->created_ns / 1000000000 + BENCH_LIFETIME_S;
	char value[BENCH_VALUE_SIZE];
	uint8_t id[ID], digest[SHA256_DIGEST_SIZE];

	token_id(index, id);
	bench_value(index, value);
	bench_digest(&(struct bench_text){value, BENCH_VALUE_LENGTH, 0}, digest);
	bind_bytes(f->token, 1, f->org, ID);
	bind_bytes(f->token, 2, id, ID);
	bind_bytes(f->token, 3, f->role, ID);
	sqlite3_bind_int(f->token, 4, bench_is_limited(index));
	sqlite3_bind_int64(f->token, 5, f->created_ns + (int64_t)index);
	bind_bytes(f->token, 6, f->user, ID);
	bind_bytes(f->token, 7, f->by, ID);
	sqlite3_bind_int64(f->token, 8, expires_s);
	sqlite3_bind_int64(f->token, 9, BENCH_LIFETIME_S);
	step(f, f->token);
	bind_bytes(f->value, 1, f->org, ID);
	bind_bytes(f->value, 2, id, ID);
	bind_bytes(f->value, 3, digest, sizeof(digest));
	sqlite3_bind_int64(f->value, 4, expires_s);
	step(f, f->value);
	if (bench_is_limited(index))
		put_teams(f, index, id);
}

void bench_fill(const struct bench_fill_options *o, uint64_t count)
{
	struct filling f = {.o = o, .created_ns = (int64_t)time(NULL) * 1000000000};

	unhex(o->org, f.org, ID);
	unhex(o->role, f.role, ID);
	unhex(o->user, f.user, ID);
	unhex(o->by, f.by, ID);
	unhex(o->teams, f.teams, sizeof(f.teams));
	open_database(&f, o);
	run_text(&f, "BEGIN");
	for (uint64_t i = 0; i < count; i++) {
		put(&f, i);
		if (i % COMMIT_EVERY == COMMIT_EVERY - 1)
			run_text(&f, "COMMIT; BEGIN");
	}
	run_text(&f, "COMMIT");
	make_indexes(&f);
	run_text(&f, "PRAGMA journal_mode = WAL");
	sqlite3_finalize(f.token);
	sqlite3_finalize(f.value);
	sqlite3_finalize(f.team);
	must(&f, sqlite3_close(f.db) == SQLITE_OK);
}
