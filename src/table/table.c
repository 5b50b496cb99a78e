/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include "base/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void jt_table_key(const struct jt_table *t, const struct jt_id *org, const void *rest, size_t size, uint8_t key[16])
{
	uint8_t text[JT_ID_SIZE + JT_APP_NAME_MAX + 1];

	_Static_assert(crypto_shorthash_siphashx24_BYTES == 16, "a map's key is 16 bytes");
	assert(size <= sizeof(text) - JT_ID_SIZE);
	memcpy(text, org->b, JT_ID_SIZE);
	memcpy(text + JT_ID_SIZE, rest, size);
	(void)crypto_shorthash_siphashx24(key, text, JT_ID_SIZE + size, t->key);
}

static const struct jt_id *org_of(const struct jt_table_node *node)
{
	return (const struct jt_id *)(const void *)(node + 1);
}

struct jt_table_node *jt_table_string(const struct jt_map *m, const struct jt_id *org)
{
	struct jt_table_node *first = NULL;
	size_t at = 0;

	for (struct jt_table_node *node = jt_map_next(m, &at); node; node = jt_map_next(m, &at)) {
		if (jt_id_equal(org_of(node), org)) {
			node->next = first;
			first = node;
		}
	}
	return first;
}

void jt_table_free_map(struct jt_map *m)
{
	size_t at = 0;

	for (void *node = jt_map_next(m, &at); node; node = jt_map_next(m, &at))
		free(node);
	jt_map_free(m);
}

static void start_maps(struct jt_table *t)
{
	struct jt_map *maps[] = {&t->orgs, &t->users, &t->roles, &t->teams, &t->apps, &t->members, &t->by_user,
		&t->by_team, &t->tokens, &t->digests, &t->personals};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		uint64_t seed = 0;

		jt_secret_random(&seed, sizeof(seed));
		jt_map_start(maps[i], seed);
	}
}

static void free_maps(struct jt_table *t)
{
	struct jt_map *owning[] = {
		&t->orgs, &t->users, &t->roles, &t->teams, &t->apps, &t->members, &t->by_user, &t->by_team, &t->tokens};

	jt_map_free(&t->digests);
	jt_map_free(&t->personals);
	for (size_t i = 0; i < sizeof(owning) / sizeof(owning[0]); i++)
		jt_table_free_map(owning[i]);
}

enum jt_result jt_table_new(struct jt_table **out)
{
	pthread_rwlockattr_t attr;
	struct jt_table *t = calloc(1, sizeof(*t));
	int failed = 0;

	*out = NULL;
	if (!t)
		return JT_NOMEM;
	failed = pthread_rwlockattr_init(&attr);
	if (!failed) {
		/* A stream of readers must not hold up a revocation. */
		failed = pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		failed = failed ? failed : pthread_rwlock_init(&t->lock, &attr);
		(void)pthread_rwlockattr_destroy(&attr);
	}
	if (failed) {
		free(t);
		return JT_NOMEM;
	}
	jt_secret_random(t->key, sizeof(t->key));
	start_maps(t);
	*out = t;
	return JT_OK;
}

void jt_table_free(struct jt_table *t)
{
	if (!t)
		return;
	free_maps(t);
	(void)pthread_rwlock_destroy(&t->lock);
	free(t);
}

void jt_table_begin(struct jt_table *t)
{
	int failed = pthread_rwlock_wrlock(&t->lock);

	assert(!failed);
}

void jt_table_end(struct jt_table *t, uint64_t seq, uint64_t nonce)
{
	atomic_store(&t->nonce, nonce);
	atomic_store(&t->seq, seq);
	jt_table_unlock(t);
}

void jt_table_poison(struct jt_table *t)
{
	atomic_store(&t->poisoned, true);
}

void jt_table_clear(struct jt_table *t)
{
	free_maps(t);
	start_maps(t);
	atomic_store(&t->token_count, 0);
	atomic_store(&t->seq, 0);
	atomic_store(&t->nonce, 0);
	atomic_store(&t->poisoned, false);
}

void jt_table_lock(struct jt_table *t)
{
	int failed = pthread_rwlock_rdlock(&t->lock);

	assert(!failed);
}

void jt_table_unlock(struct jt_table *t)
{
	int failed = pthread_rwlock_unlock(&t->lock);

	assert(!failed);
}

uint64_t jt_table_watermark(const struct jt_table *t)
{
	return atomic_load(&t->seq);
}

uint64_t jt_table_nonce(const struct jt_table *t)
{
	return atomic_load(&t->nonce);
}

bool jt_table_poisoned(const struct jt_table *t)
{
	return atomic_load(&t->poisoned);
}

uint64_t jt_table_tokens(const struct jt_table *t)
{
	return atomic_load(&t->token_count);
}
