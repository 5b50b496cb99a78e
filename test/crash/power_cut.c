/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what db said was committed survives a power cut at any moment of its I/O, and of the transaction that was underway
 * all or nothing is there. The same with synchronous = OFF must be seen to fail, else this test could not see anything.
 * JETON_CUTS: how many cuts (500). JETON_SEED: where the random numbers start. */
#include "base/log.h"
#include "db/db.h"
#include "disk.h"
#include "vfs_shim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 48
#define TEXT_MAX 6000
#define SQL(id, text) static const struct jt_sql id = {#id, text}

SQL(slot_put, "INSERT INTO scope (bit, name) VALUES ($1, $2) ON CONFLICT (bit) DO UPDATE SET name = excluded.name");
SQL(slot_drop, "DELETE FROM scope WHERE bit = $1");
SQL(slot_all, "SELECT bit, name FROM scope ORDER BY bit");
SQL(whole, "PRAGMA integrity_check");

/* What is in each slot: the number of the transaction that wrote it; 0: no row. */
struct state {
	uint64_t slot[SLOTS];
};

static struct state acknowledged, underway;
static uint64_t transactions, cuts_underway_kept, cuts_underway_lost;
static const char *dir;

/* The text that transaction `n` puts into a slot: long or short, but always the same. */
static const char *text_of(uint64_t n, unsigned slot)
{
	static char text[TEXT_MAX + 64];
	size_t length = (size_t)((n * 2654435761u + slot * 40503u) % TEXT_MAX);
	int head = snprintf(text, sizeof(text), "%llu/%u/", (unsigned long long)n, slot);

	if (n % 3 == 0)
		length %= 100;
	memset(text + head, 'a' + (int)(n % 26), length);
	text[(size_t)head + length] = '\0';
	return text;
}

static enum jt_result change_slot(struct jt_db *db, uint64_t n, unsigned slot)
{
	if (disk_random(4) == 0) {
		underway.slot[slot] = 0;
		return jt_db_run(db, &slot_drop, JT_BIND(JT_I(slot)), NULL);
	}
	underway.slot[slot] = n;
	return jt_db_run(db, &slot_put, JT_BIND(JT_I(slot), JT_T(text_of(n, slot))), NULL);
}

/* One transaction with a savepoint that is undone in it, as the committer makes them. */
static enum jt_result transact(struct jt_db *db)
{
	uint64_t n = ++transactions;
	unsigned changes = (unsigned)disk_random(12) + 1;
	struct state before;
	enum jt_result r = jt_db_begin_write(db);

	underway = acknowledged;
	for (unsigned i = 0; r == JT_OK && i < changes; i++)
		r = change_slot(db, n, (unsigned)disk_random(SLOTS));
	before = underway;
	if (r == JT_OK)
		r = jt_db_savepoint(db);
	if (r == JT_OK)
		r = change_slot(db, n + 1000000000, (unsigned)disk_random(SLOTS));
	if (r == JT_OK)
		r = jt_db_undo(db);
	underway = before;
	if (r == JT_OK)
		r = jt_db_commit(db);
	if (r == JT_OK)
		acknowledged = underway;
	else
		jt_db_rollback(db);
	return r;
}

/* Works until the power is gone; a reader now and then holds a snapshot, so that checkpoints meet one. */
static void work(struct jt_db *db)
{
	struct jt_db *reader = NULL;
	enum jt_result r = JT_OK;

	if (jt_db_open(dir, JT_DB_READ, &reader) != JT_OK)
		return;
	while (r == JT_OK && !disk_is_cut()) {
		if (disk_random(6) == 0) {
			if (jt_db_in_transaction(reader))
				jt_db_rollback(reader);
			else
				r = jt_db_begin_read(reader);
		}
		if (r == JT_OK)
			r = transact(db);
	}
	jt_db_close(reader);
}

static bool equal(const struct state *a, const struct state *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool read_state(struct jt_db *db, struct state *found)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &slot_all, JT_NO_BIND, &rows);
	bool good = r == JT_OK;

	memset(found, 0, sizeof(*found));
	while (good && (r = jt_rows_next(rows)) == JT_OK) {
		int64_t slot = jt_rows_int(rows, 0);
		const char *text = jt_rows_text(rows, 1);
		uint64_t n = strtoull(text, NULL, 10);

		good = slot >= 0 && slot < SLOTS && strcmp(text, text_of(n, (unsigned)slot)) == 0;
		if (good)
			found->slot[slot] = n;
	}
	jt_rows_close(&rows);
	return good && r == JT_DONE;
}

static bool is_whole(struct jt_db *db)
{
	struct jt_rows *rows = NULL;
	bool good = jt_db_query(db, &whole, JT_NO_BIND, &rows) == JT_OK && jt_rows_next(rows) == JT_OK &&
		    strcmp(jt_rows_text(rows, 0), "ok") == 0;

	jt_rows_close(&rows);
	return good;
}

/* After the power is back. NULL: all is well. */
static const char *verify(struct jt_db *db)
{
	struct state found;

	if (!is_whole(db))
		return "the database is damaged";
	if (!read_state(db, &found))
		return "the rows cannot be read, or are not what was written";
	if (equal(&found, &acknowledged)) {
		cuts_underway_lost += !equal(&underway, &acknowledged);
		return NULL;
	}
	if (!equal(&found, &underway))
		return "an acknowledged transaction is lost, or there is half a transaction";
	cuts_underway_kept++;
	acknowledged = found;
	return NULL;
}

static void remove_shared_memory(void)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/jeton.db-shm", dir);
	(void)unlink(path);
}

static const char *start_over(void)
{
	struct jt_db *db = NULL;
	const char *wrong = NULL;

	disk_format();
	remove_shared_memory();
	memset(&acknowledged, 0, sizeof(acknowledged));
	underway = acknowledged;
	if (jt_db_open(dir, JT_DB_CREATE, &db) != JT_OK || jt_db_migrate(db) != JT_OK)
		wrong = "a new database cannot be made";
	jt_db_close(db);
	return wrong;
}

/* One life: opens (which may itself be cut), works, loses power, comes back, and is looked at. */
static const char *one_cut(void)
{
	struct jt_db *db = NULL;
	const char *wrong = NULL;

	disk_power_on();
	underway = acknowledged;
	disk_cut_after(disk_random(disk_random(4) ? 60 : 1500) + 1);
	if (jt_db_open(dir, JT_DB_WRITE, &db) == JT_OK)
		work(db);
	jt_db_close(db);
	if (!disk_is_cut())
		return "the power was not cut";
	db = NULL;
	remove_shared_memory();
	disk_power_on();
	if (jt_db_open(dir, JT_DB_WRITE, &db) != JT_OK)
		return "the database does not open";
	wrong = verify(db);
	jt_db_close(db);
	return wrong;
}

/* Returns in how many of `cuts` something was lost; stops at the first if `stop`. */
static unsigned run(const char *sync, unsigned cuts, uint64_t seed, bool stop, FILE *out)
{
	unsigned lost = 0;

	if (setenv("JETON_TEST_SYNC", sync, 1) != 0 || setenv("JETON_TEST_CHECKPOINT", "60", 1) != 0)
		return 1;
	for (unsigned i = 0; i < cuts; i++) {
		const char *wrong = NULL;

		disk_seed(seed + i);
		if (i % 25 == 0 || wrong)
			wrong = start_over();
		if (!wrong)
			wrong = one_cut();
		if (!wrong)
			continue;
		lost++;
		if (stop) {
			(void)fprintf(out, "cut %u (JETON_SEED=%llu): %s\n", i, (unsigned long long)seed, wrong);
			return lost;
		}
		if (start_over() != NULL)
			return lost;
	}
	disk_format();
	return lost;
}

static unsigned setting(const char *name, unsigned standard)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n > 0 && n < 100000000 ? (unsigned)n : standard;
}

int main(void)
{
	unsigned cuts = setting("JETON_CUTS", 500);
	uint64_t seed = setting("JETON_SEED", 20240101);
	char at[] = "/tmp/jeton-cut-XXXXXX", path[64];
	FILE *out = fdopen(dup(STDERR_FILENO), "w");
	int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
	unsigned lost = 0, seen = 0;

	if (!out || quiet < 0 || !mkdtemp(at) || vfs_shim_register() != 0)
		return 2;
	(void)dup2(quiet, STDERR_FILENO); /* a database without power says so, thousands of times */
	dir = at;
	lost = run("FULL", cuts, seed, true, out);
	(void)fprintf(out,
		"synchronous=FULL: %u cuts, %u with a loss; %llu transactions; underway: %llu kept, %llu undone\n",
		cuts, lost, (unsigned long long)transactions, (unsigned long long)cuts_underway_kept,
		(unsigned long long)cuts_underway_lost);
	seen = run("OFF", cuts / 4 + 20, seed, false, out);
	(void)fprintf(out, "synchronous=OFF: %u cuts, %u with a loss (must be seen)\n", cuts / 4 + 20, seen);
	(void)snprintf(path, sizeof(path), "%s/jeton.db", dir);
	(void)unlink(path);
	remove_shared_memory();
	(void)rmdir(dir);
	(void)fclose(out);
	(void)close(quiet);
	return lost == 0 && seen > 0 ? 0 : 1;
}
