/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/audit.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 10000
#define NAME_SIZE 64
#define MINUTE_S 60

struct entry {
	struct entry *next; /* in a list on its way to the database */
	struct jt_actor who;
	char operation[NAME_SIZE];
	char code[NAME_SIZE];
	int64_t minute;
	int64_t folded;
	uint8_t key[16];
};

struct jt_refusals {
	pthread_mutex_t lock;
	struct jt_map map;     /* entry.key -> entry */
	struct entry *written; /* in a transaction that is not yet known to be committed; not in `map` */
	uint64_t dropped;
};

enum jt_result jt_refusals_new(struct jt_refusals **out)
{
	struct jt_refusals *r = calloc(1, sizeof(*r));
	uint64_t seed = 0;

	*out = NULL;
	if (!r)
		return JT_NOMEM;
	pthread_mutex_init(&r->lock, NULL);
	jt_secret_random(&seed, sizeof(seed));
	jt_map_start(&r->map, seed);
	*out = r;
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

void jt_refusals_free(struct jt_refusals *r)
{
	size_t at = 0;

	if (!r)
		return;
	for (void *e = jt_map_next(&r->map, &at); e; e = jt_map_next(&r->map, &at))
		free(e);
	jt_map_free(&r->map);
	free_list(r->written);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* What makes two refusals alike. */
static void key_of(struct entry *e)
{
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(e->key));
	(void)crypto_generichash_update(&state, e->who.caller.org.b, JT_ID_SIZE);
	(void)crypto_generichash_update(&state, e->who.caller.token.b, JT_ID_SIZE);
	(void)crypto_generichash_update(&state, e->who.caller.user.b, JT_ID_SIZE);
	(void)crypto_generichash_update(&state, e->who.session.b, JT_ID_SIZE);
	(void)crypto_generichash_update(
		&state, (const uint8_t *)e->who.address, strnlen(e->who.address, sizeof(e->who.address)) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)&e->minute, sizeof(e->minute));
	(void)crypto_generichash_update(&state, (const uint8_t *)e->operation, sizeof(e->operation));
	(void)crypto_generichash_update(&state, (const uint8_t *)e->code, sizeof(e->code));
	(void)crypto_generichash_final(&state, e->key, sizeof(e->key));
}

/* Under the lock: takes `e`, or adds its count to one that is alike. */
static void fold(struct jt_refusals *r, struct entry *e)
{
	struct entry *same = jt_map_get(&r->map, e->key);

	if (same) {
		same->folded += e->folded;
		free(e);
	} else if (r->map.count >= ENTRIES_MAX || jt_map_put(&r->map, e->key, e, NULL) != JT_OK) {
		r->dropped += (uint64_t)e->folded;
		free(e);
	}
}

void jt_refusals_note(struct jt_refusals *r, const struct jt_actor *who, const char *operation, const char *code)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e) {
		pthread_mutex_lock(&r->lock);
		r->dropped++;
		pthread_mutex_unlock(&r->lock);
		return;
	}
	e->who = *who;
	(void)snprintf(e->operation, sizeof(e->operation), "%s", operation);
	(void)snprintf(e->code, sizeof(e->code), "%s", code);
	e->minute = jt_clock_s() / MINUTE_S;
	e->folded = 1;
	key_of(e);
	pthread_mutex_lock(&r->lock);
	fold(r, e);
	pthread_mutex_unlock(&r->lock);
}

/* Moves what is due out of the map; returns it as a list. */
static struct entry *take_due(struct jt_refusals *r, enum jt_refusals_which which)
{
	int64_t minute = jt_clock_s() / MINUTE_S;
	struct entry *due = NULL;
	size_t at = 0;

	for (struct entry *e = jt_map_next(&r->map, &at); e; e = jt_map_next(&r->map, &at)) {
		/* Also what a clock that was set back left in the future. */
		if (which == JT_REFUSALS_ALL || e->minute != minute) {
			e->next = due;
			due = e;
		}
	}
	for (struct entry *e = due; e; e = e->next)
		(void)jt_map_take(&r->map, e->key);
	return due;
}

static enum jt_result write_entry(struct jt_tx *tx, const struct entry *e)
{
	const struct jt_audit_entry row = {.operation = e->operation, .outcome = e->code, .folded = e->folded};
	enum jt_result r = jt_audit(tx, &e->who, &e->who.caller.org, &row);

	return r == JT_NOT_FOUND ? JT_OK : r; /* the org is gone, and its log with it */
}

enum jt_result jt_refusals_flush(struct jt_refusals *r, struct jt_tx *tx, enum jt_refusals_which which)
{
	struct entry *due = NULL;
	uint64_t dropped = 0;
	enum jt_result result = JT_OK;

	pthread_mutex_lock(&r->lock);
	due = take_due(r, which);
	dropped = r->dropped;
	r->dropped = 0;
	pthread_mutex_unlock(&r->lock);
	if (dropped)
		jt_log(JT_LOG_WARN, "refusals not recorded: too many at once", JT_LN("count", (long long)dropped));
	if (!due)
		return JT_DONE;
	for (struct entry *e = due; result == JT_OK && e; e = e->next)
		result = write_entry(tx, e);
	pthread_mutex_lock(&r->lock);
	r->written = due;
	pthread_mutex_unlock(&r->lock);
	return result;
}

void jt_refusals_settle(struct jt_refusals *r, enum jt_result committed)
{
	struct entry *list = NULL;

	pthread_mutex_lock(&r->lock);
	list = r->written;
	r->written = NULL;
	while (list && committed != JT_OK) {
		struct entry *e = list;

		list = e->next;
		e->next = NULL;
		fold(r, e);
	}
	pthread_mutex_unlock(&r->lock);
	free_list(list);
}
