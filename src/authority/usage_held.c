/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/usage_held.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/secret.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
	struct entry *next; /* in `first`, or in `written` */
	struct jt_usage_row row;
};

struct jt_usage_held {
	pthread_mutex_t lock;
	struct jt_map map;           /* the token's id -> its entry among those from `first` */
	struct entry *first, **last; /* oldest first */
	struct entry *written;       /* in a transaction of which nobody knows yet; not in `map` */
};

enum jt_result jt_usage_held_new(struct jt_usage_held **out)
{
	struct jt_usage_held *h = calloc(1, sizeof(*h));
	uint64_t seed = 0;

	*out = h;
	if (!h)
		return JT_NOMEM;
	pthread_mutex_init(&h->lock, NULL);
	jt_secret_random(&seed, sizeof(seed));
	jt_map_start(&h->map, seed);
	h->last = &h->first;
	return JT_OK;
}

static void free_list(struct entry *list)
{
	while (list) {
		struct entry *next = list->next;

		free(list);
		list = next;
	}
}

void jt_usage_held_free(struct jt_usage_held *h)
{
	if (!h)
		return;
	free_list(h->first);
	free_list(h->written);
	jt_map_free(&h->map);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static void unite(struct jt_usage_row *row, const struct jt_usage_row *with)
{
	row->uses = with->uses < JT_USES_MAX - row->uses ? row->uses + with->uses : JT_USES_MAX;
	if (with->last_used_s > row->last_used_s)
		row->last_used_s = with->last_used_s;
	jt_scopes_unite(&row->scopes, &with->scopes);
	jt_trace_add(&row->trace, &with->trace);
}

/* Under the lock, for at most `most` tokens. */
static enum jt_result hold(struct jt_usage_held *h, const struct jt_usage_row *row, size_t most)
{
	struct entry *e = jt_map_get(&h->map, row->token.b);

	if (e) {
		unite(&e->row, row);
		return JT_OK;
	}
	if (h->map.count >= most)
		return JT_BUSY;
	e = calloc(1, sizeof(*e));
	if (!e || jt_map_put(&h->map, row->token.b, e, NULL) != JT_OK) {
		free(e);
		return JT_NOMEM;
	}
	e->row = *row;
	*h->last = e;
	h->last = &e->next;
	return JT_OK;
}

enum jt_result jt_usage_hold(struct jt_usage_held *h, const struct jt_usage_row *row)
{
	enum jt_result r = JT_OK;

	pthread_mutex_lock(&h->lock);
	r = hold(h, row, JT_USAGE_HELD_MAX);
	pthread_mutex_unlock(&h->lock);
	return r;
}

size_t jt_usage_held_count(struct jt_usage_held *h)
{
	size_t count = 0;

	pthread_mutex_lock(&h->lock);
	count = h->map.count;
	pthread_mutex_unlock(&h->lock);
	return count;
}

/* The oldest, up to so many, as a list of their own. */
static struct entry *take(struct jt_usage_held *h, unsigned most)
{
	struct entry *list = h->first;
	struct entry **end = &h->first;

	for (unsigned n = 0; *end && n < most; n++) {
		(void)jt_map_take(&h->map, (*end)->row.token.b);
		end = &(*end)->next;
	}
	if (end == &h->first)
		return NULL;
	h->first = *end;
	*end = NULL;
	if (!h->first)
		h->last = &h->first;
	return list;
}

enum jt_result jt_usage_flush(struct jt_usage_held *h, struct jt_tx *tx)
{
	enum jt_result r = JT_OK;

	jt_usage_settle(h, JT_BUSY); /* a transaction that is run again */
	pthread_mutex_lock(&h->lock);
	h->written = take(h, JT_USAGE_ROWS_MAX);
	pthread_mutex_unlock(&h->lock);
	if (!h->written)
		return JT_DONE;
	for (const struct entry *e = h->written; r == JT_OK && e; e = e->next)
		r = jt_usage_add(tx->db, &e->row, tx->now_ns / JT_NS_PER_S / JT_TRACE_DAY_S);
	return r;
}

void jt_usage_settle(struct jt_usage_held *h, enum jt_result committed)
{
	pthread_mutex_lock(&h->lock);
	/* Without memory for it a lower bound is a little lower. */
	for (const struct entry *e = h->written; committed != JT_OK && e; e = e->next)
		(void)hold(h, &e->row, JT_USAGE_HELD_MAX + JT_USAGE_ROWS_MAX);
	pthread_mutex_unlock(&h->lock);
	free_list(h->written);
	h->written = NULL;
}
