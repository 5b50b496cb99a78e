/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limiter.h"

#include "base/clock.h"
#include "base/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define WAYS 8

/* A bucket is kept as the moment at which it is full again: `now` or before is full, `burst * seconds` ahead is empty. */
struct bucket {
	unsigned long long hash; /* keyed; 0: free */
	int64_t full_ns;
};

struct jt_limiter {
	pthread_mutex_t lock;
	unsigned char key[crypto_shorthash_KEYBYTES];
	size_t mask; /* sets - 1 */
	struct bucket at[];
};

enum jt_result jt_limiter_new(size_t buckets, struct jt_limiter **out)
{
	struct jt_limiter *l = calloc(1, sizeof(*l) + buckets * sizeof(l->at[0]));

	*out = l;
	if (!l)
		return JT_NOMEM;
	pthread_mutex_init(&l->lock, NULL);
	jt_secret_random(l->key, sizeof(l->key));
	l->mask = buckets / WAYS - 1;
	return JT_OK;
}

void jt_limiter_free(struct jt_limiter *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static unsigned long long hash_of(const struct jt_limiter *l, const void *key, size_t size)
{
	unsigned char bytes[crypto_shorthash_BYTES];
	unsigned long long h = 0;

	if (crypto_shorthash(bytes, key, size, l->key) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		h = h << 8 | bytes[i];
	return h ? h : 1;
}

/* The bucket of `hash`, or the one of its set that is the least loss. */
static struct bucket *find(struct jt_limiter *l, unsigned long long hash)
{
	struct bucket *set = &l->at[(hash & l->mask) * WAYS];
	struct bucket *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (set[i].full_ns < least->full_ns)
			least = &set[i];
	}
	return least;
}

enum jt_result jt_limiter_take(struct jt_limiter *l, const struct jt_limit *limit, const void *key, size_t size,
	int64_t now_ns, unsigned long long *taken, unsigned *wait_s)
{
	unsigned long long hash = hash_of(l, key, size);
	int64_t one = (int64_t)limit->seconds * JT_NS_PER_S;
	struct bucket *b;
	int64_t wait;

	*taken = 0;
	*wait_s = 0;
	pthread_mutex_lock(&l->lock);
	b = find(l, hash);
	if (b->hash != hash || b->full_ns < now_ns) {
		b->hash = hash;
		b->full_ns = now_ns;
	}
	wait = b->full_ns + one - (now_ns + (int64_t)limit->burst * one);
	if (wait <= 0) {
		b->full_ns += one;
		*taken = hash;
	}
	pthread_mutex_unlock(&l->lock);
	if (wait <= 0)
		return JT_OK;
	*wait_s = (unsigned)((wait + JT_NS_PER_S - 1) / JT_NS_PER_S);
	return JT_TOO_MANY;
}

void jt_limiter_give(struct jt_limiter *l, const struct jt_limit *limit, unsigned long long taken)
{
	struct bucket *b;

	if (taken == 0)
		return;
	pthread_mutex_lock(&l->lock);
	b = find(l, taken);
	if (b->hash == taken)
		b->full_ns -= (int64_t)limit->seconds * JT_NS_PER_S;
	pthread_mutex_unlock(&l->lock);
}
