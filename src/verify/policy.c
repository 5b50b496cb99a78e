/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The policy in force: read under a lock that prefers the writer, so that a busy server can be reloaded, and that each
 * thread takes once however deep its calls nest. */

#define HELD_MAX 4 /* verifiers that one thread holds the policies of at once: tests have two */

struct held {
	const struct jt_verify *of;
	unsigned depth;
};

static _Thread_local struct held held[HELD_MAX];

static struct held *find(const struct jt_verify *v)
{
	for (unsigned i = 0; i < HELD_MAX; i++) {
		if (held[i].of == v)
			return &held[i];
	}
	return NULL;
}

enum jt_result jt_verify_new(
	struct jt_table *table, const struct jt_policy *policy, const char *brand, struct jt_verify **out)
{
	pthread_rwlockattr_t attr;
	struct jt_verify *v = calloc(1, sizeof(*v));
	int failed = 0;

	*out = NULL;
	if (!v)
		return JT_NOMEM;
	assert(jt_brand_is_valid(brand));
	failed = pthread_rwlockattr_init(&attr);
	if (!failed) {
		failed = pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		failed = failed ? failed : pthread_rwlock_init(&v->lock, &attr);
		(void)pthread_rwlockattr_destroy(&attr);
	}
	if (failed) {
		free(v);
		return JT_NOMEM;
	}
	v->table = table;
	v->policy = policy;
	(void)snprintf(v->brand, sizeof(v->brand), "%s", brand);
	*out = v;
	return JT_OK;
}

void jt_verify_free(struct jt_verify *v)
{
	if (!v)
		return;
	assert(!find(v));
	(void)pthread_rwlock_destroy(&v->lock);
	free(v);
}

const struct jt_policy *jt_verify_swap(struct jt_verify *v, const struct jt_policy *policy)
{
	const struct jt_policy *old = NULL;
	int failed = 0;

	assert(!find(v));
	failed = pthread_rwlock_wrlock(&v->lock);
	assert(!failed);
	old = v->policy;
	v->policy = policy;
	failed = pthread_rwlock_unlock(&v->lock);
	assert(!failed);
	return old;
}

const struct jt_policy *jt_verify_policy(struct jt_verify *v)
{
	struct held *h = find(v);

	if (!h) {
		int failed = pthread_rwlock_rdlock(&v->lock);

		h = find(NULL);
		assert(!failed && h);
		h->of = v;
	}
	h->depth++;
	return v->policy;
}

void jt_verify_policy_done(struct jt_verify *v)
{
	struct held *h = find(v);

	assert(h && h->depth > 0);
	if (--h->depth == 0) {
		int failed = pthread_rwlock_unlock(&v->lock);

		assert(!failed);
		h->of = NULL;
	}
}
