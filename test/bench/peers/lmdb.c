/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "entry.h"

#include <lmdb.h>
#include <stdlib.h>

#define KEY SHA256_DIGEST_SIZE
#define COMMIT_EVERY 1000000

static void must(int code, const char *what)
{
	if (code != 0)
		bench_fail("lmdb: %s: %s", what, mdb_strerror(code));
}

struct lmdb {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	struct bench_asked asked;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, KEY);
}

static MDB_env *open_env(const char *directory, unsigned flags, uint64_t count)
{
	MDB_env *env = NULL;

	must(mdb_env_create(&env), "create");
	must(mdb_env_set_mapsize(env, (size_t)(count * 160 + (64 << 20))), "map size");
	must(mdb_env_open(env, directory, flags, 0600), "open");
	return env;
}

/* Sorted and appended, its pages are full: the densest tree that LMDB can have. */
void bench_load_lmdb(const char *directory, uint64_t count)
{
	uint8_t(*keys)[KEY] = bench_alloc((size_t)count * KEY);
	MDB_env *env = open_env(directory, MDB_NOSYNC | MDB_NOMETASYNC | MDB_WRITEMAP, count);
	MDB_txn *txn = NULL;
	MDB_dbi dbi = 0;
	struct bench_asked asked;
	struct bench_entry entry;

	bench_asked_fill(&asked);
	entry = bench_entry_new(&asked);
	for (uint64_t i = 0; i < count; i++) {
		char value[BENCH_VALUE_SIZE];

		bench_value(i, value);
		bench_digest(&(struct bench_text){value, BENCH_VALUE_LENGTH, 0}, keys[i]);
	}
	qsort(keys, (size_t)count, KEY, by_key);
	must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	must(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
	for (uint64_t i = 0; i < count; i++) {
		MDB_val key = {KEY, keys[i]}, data = {sizeof(entry), &entry};

		must(mdb_put(txn, dbi, &key, &data, MDB_APPEND), "put");
		if (i % COMMIT_EVERY == COMMIT_EVERY - 1) {
			must(mdb_txn_commit(txn), "commit");
			must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
		}
	}
	must(mdb_txn_commit(txn), "commit");
	must(mdb_env_sync(env, 1), "sync");
	mdb_env_close(env);
	free(keys);
}

static inline __attribute__((always_inline)) bool look_up(struct lmdb *l, const struct bench_text *t)
{
	uint8_t digest[KEY];
	MDB_val key = {KEY, digest}, data;

	bench_digest(t, digest);
	return mdb_get(l->txn, l->dbi, &key, &data) == 0 && data.mv_size == sizeof(struct bench_entry) &&
	       bench_decide(&l->asked, data.mv_data);
}

static inline __attribute__((always_inline)) bool renewed_once(void *self, const struct bench_text *t)
{
	struct lmdb *l = self;
	bool good = mdb_txn_renew(l->txn) == 0 && look_up(l, t);

	mdb_txn_reset(l->txn);
	return good;
}

static inline __attribute__((always_inline)) bool kept_once(void *self, const struct bench_text *t)
{
	return look_up(self, t);
}

BENCH_CONTENDER(renewed_once)
BENCH_CONTENDER(kept_once)

static struct lmdb *open_reader(struct bench_run *run, const char *directory)
{
	struct lmdb *l = bench_alloc(sizeof(*l));

	l->env = open_env(directory, MDB_RDONLY | MDB_NOTLS | MDB_NORDAHEAD, run->count);
	bench_asked_fill(&l->asked);
	must(mdb_txn_begin(l->env, NULL, MDB_RDONLY, &l->txn), "begin");
	must(mdb_dbi_open(l->txn, NULL, 0, &l->dbi), "open");
	return l;
}

/* Its mapping stands on no 2 MiB boundary, so the kernel cannot give it huge pages: 4 KiB in every run. */
void bench_add_lmdb(struct bench_run *run, const char *directory)
{
	struct lmdb *l = open_reader(run, directory);
	struct bench_contender kept = {.name = "lmdb",
		.variant = "one transaction",
		.block = BENCH_BLOCK,
		.self = l,
		.whole = kept_once_whole,
		.each = kept_once_each};
	struct bench_contender renewed = {.name = "lmdb",
		.variant = "renewed for each look-up",
		.block = BENCH_BLOCK,
		.whole = renewed_once_whole,
		.each = renewed_once_each};
	struct lmdb *other = bench_alloc(sizeof(*other));

	*other = *l; /* the same environment, a transaction of its own */
	must(mdb_txn_begin(l->env, NULL, MDB_RDONLY, &other->txn), "begin");
	mdb_txn_reset(other->txn);
	renewed.self = other;
	bench_add(run, &kept);
	bench_add(run, &renewed);
}
