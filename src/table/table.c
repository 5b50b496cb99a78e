/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "table/guard.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PUNCH_AFTER_NS (5 * JT_NS_PER_S) /* by then no reader is in the middle of a look */
#define STEP_NS JT_NS_PER_S              /* a clock that goes back by less is held until it has caught up */
#define BURN_AHEAD_S 3                   /* readers go by the old time until all that had expired is burnt */

enum jt_result jt_table_new(const struct jt_table_options *options, struct jt_table **out, struct jt_why *why)
{
	struct jt_table *t = calloc(1, sizeof(*t));
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!t)
		return JT_NOMEM;
	t->lock_fd = -1;
	t->options = *options;
	assert(jt_brand_is_valid(options->brand) && options->bound_s >= JT_TABLE_BOUND_MIN_S);
	(void)snprintf(t->brand, sizeof(t->brand), "%s", options->brand);
	if (options->dir) {
		t->dir = strdup(options->dir);
		r = t->dir ? jt_table_attach(t, why) : JT_NOMEM;
	}
	t->options.dir = t->dir;
	t->options.brand = t->brand;
	if (r != JT_OK) {
		jt_table_free(t);
		return r;
	}
	*out = t;
	return JT_OK;
}

void jt_table_free(struct jt_table *t)
{
	struct jt_view *next = NULL;

	if (!t)
		return;
	jt_table_abandon(t);
	jt_view_close(atomic_load(&t->view));
	for (struct jt_view *v = atomic_load(&t->retired); v; v = next) {
		next = v->older;
		jt_view_close(v);
	}
	if (t->lock_fd >= 0)
		(void)close(t->lock_fd);
	free(t->dir);
	free(t->path);
	free(t->path_new);
	free(t->path_old);
	free(t);
}

/* What follows is stored with release, so whoever sees any of it sees this before. */
void jt_table_change_begins(struct jt_table *t)
{
	atomic_store_explicit(&t->moment, jt_table_moment(t) + 1, memory_order_relaxed);
}

void jt_table_change_ends(struct jt_table *t)
{
	atomic_store_explicit(&t->moment, jt_table_moment(t) + 1, memory_order_release);
}

struct jt_view *jt_table_target(struct jt_table *t)
{
	struct jt_view *target = t->building ? t->building : atomic_load(&t->view);

	assert(target);
	return target;
}

enum jt_result jt_table_rebuild(struct jt_table *t, const struct jt_policy *policy, const struct jt_table_sizes *sizes)
{
	enum jt_result r = JT_OK;

	jt_table_abandon(t);
	r = jt_table_create(t, policy, sizes, &t->building);
	if (r == JT_OK)
		t->building->filling = true;
	return r;
}

enum jt_result jt_table_publish(struct jt_table *t, uint64_t seq, uint64_t nonce)
{
	struct jt_view *v = t->building, *old = atomic_load(&t->view);
	enum jt_result r = JT_OK;

	assert(v);
	v->filling = false;
	if (old)
		jt_table_carry_lease(old, v);
	atomic_store_explicit(&v->live->nonce, nonce, memory_order_relaxed);
	atomic_store_explicit(&v->live->seq, jt_seal((int64_t)seq), memory_order_relaxed);
	t->building = NULL;
	r = jt_table_succeed(t, v);
	if (r != JT_OK)
		jt_table_discard(t, v);
	return r;
}

void jt_table_abandon(struct jt_table *t)
{
	if (!t->building)
		return;
	jt_table_discard(t, t->building);
	t->building = NULL;
}

void jt_table_show(struct jt_table *t, uint64_t seq, uint64_t nonce)
{
	struct jt_view *v = atomic_load(&t->view);

	atomic_store_explicit(&v->live->nonce, nonce, memory_order_relaxed);
	atomic_store_explicit(&v->live->seq, jt_seal((int64_t)seq), memory_order_release);
}

void jt_table_poison(struct jt_table *t)
{
	struct jt_view *v = atomic_load(&t->view);

	if (v)
		atomic_store_explicit(&v->live->state, JT_TABLE_POISONED, memory_order_release);
}

/* ---- time */

void jt_table_burn(struct jt_view *v, int64_t utc_s)
{
	int64_t limit = utc_s - v->epoch_s;
	uint32_t burnt = 0;

	for (uint32_t at = 0; at < v->room[JT_SECTION_HOT]; at++) {
		struct jt_hot_entry *e = &v->hot[at];
		uint64_t word = atomic_load_explicit(&e->word, memory_order_relaxed);

		if (word == 0 || jt_word_expiry(word) <= JT_EXPIRY_BURNT || (int64_t)jt_word_expiry(word) > limit ||
			!jt_word_is_sound(word, e->org, e->token))
			continue;
		burnt++;
		word = jt_word_until(word, JT_EXPIRY_BURNT, e->org, e->token);
		atomic_store_explicit(&e->word, word, memory_order_release);
	}
	atomic_fetch_add_explicit(&v->live->burnt, burnt, memory_order_relaxed);
}

void jt_table_carry_lease(const struct jt_view *from, struct jt_view *into)
{
	atomic_store(&into->live->utc_minus_boot, atomic_load(&from->live->utc_minus_boot));
	atomic_store(&into->live->fresh_until, atomic_load(&from->live->fresh_until));
	atomic_fetch_add(&into->live->burnt, atomic_load(&from->live->burnt));
}

/* Puts to death what has expired by the time that is told, and what will have before another is. */
static void burn_past(struct jt_table *t, struct jt_view *v)
{
	int64_t ahead_s = BURN_AHEAD_S, until_s = 0;

	do {
		until_s = (jt_clock_mono_ns() + t->utc_minus_boot_ns) / JT_NS_PER_S + ahead_s;
		jt_table_burn(v, until_s);
		if (t->building)
			jt_table_burn(t->building, until_s);
		ahead_s *= 2;
	} while ((jt_clock_mono_ns() + t->utc_minus_boot_ns) / JT_NS_PER_S + 2 > until_s);
}

/* What is to be told of UTC. It goes back only after all that had expired by the old time was put to death. */
static int64_t settle_utc(struct jt_table *t, struct jt_view *v, int64_t boot_ns, int64_t wall_ns)
{
	int64_t offset = wall_ns - boot_ns;
	int64_t told = t->utc_minus_boot_ns;

	if (told != 0 && offset < told - STEP_NS) {
		jt_log(JT_LOG_WARN, "the clock was stepped back: what had expired stays expired",
			JT_LN("ms", (long long)((told - offset) / 1000000)));
		jt_table_change_begins(t);
		burn_past(t, v);
		jt_table_change_ends(t);
	} else if (told != 0 && offset > told + STEP_NS) {
		jt_log(JT_LOG_WARN, "the clock was stepped forward",
			JT_LN("ms", (long long)((offset - told) / 1000000)));
	} else if (told != 0 && offset < told) {
		offset = told;
	}
	t->utc_minus_boot_ns = offset;
	return offset;
}

/* Gives the memory of retired files back: who still looks there sees zeros, which refuse and send it on. */
static void punch_retired(struct jt_table *t, int64_t boot_ns)
{
	for (struct jt_view *v = atomic_load(&t->retired); v && boot_ns - t->retired_ns > PUNCH_AFTER_NS;
		v = v->older) {
		if (atomic_load(&v->punched))
			break; /* the older ones were, too */
		atomic_store(&v->punched, true);
		(void)madvise(v->at, v->size, MADV_REMOVE);
	}
}

void jt_table_renew(struct jt_table *t, int64_t taken_ns)
{
	struct jt_view *v = atomic_load(&t->view);
	int64_t boot_ns = jt_clock_mono_ns();
	int64_t utc_offset;

	if (!v)
		return;
	utc_offset = settle_utc(t, v, boot_ns, jt_clock_ns());
	/* What UTC is before the lease: whoever believes the lease must not take an older file's time, or none, for UTC. */
	atomic_store_explicit(&v->live->utc_minus_boot, jt_seal((utc_offset + JT_NS_PER_MS - 1) / JT_NS_PER_MS),
		memory_order_release);
	atomic_store_explicit(&v->live->fresh_until,
		jt_seal(taken_ns / JT_NS_PER_MS + (int64_t)t->options.bound_s * 1000), memory_order_release);
	punch_retired(t, boot_ns);
}

/* ---- what readers ask of the writer's */

const struct jt_view *jt_table_view(const struct jt_table *t)
{
	return atomic_load_explicit(&t->view, memory_order_acquire);
}

uint64_t jt_table_moment(const struct jt_table *t)
{
	return atomic_load_explicit(&t->moment, memory_order_acquire);
}

uint64_t jt_table_watermark(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	return v ? jt_view_seq(v) : 0;
}

uint64_t jt_table_nonce(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	return v ? atomic_load_explicit(&v->live->nonce, memory_order_acquire) : 0;
}

/* A view that was retired between two loads has a successor. */
static const struct jt_view *standing(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	if (v && atomic_load_explicit(&v->live->state, memory_order_acquire) == JT_TABLE_RETIRED)
		v = jt_table_view(t);
	return v && atomic_load_explicit(&v->live->state, memory_order_acquire) == JT_TABLE_LIVES ? v : NULL;
}

bool jt_table_stands(const struct jt_table *t)
{
	return standing(t) != NULL;
}

bool jt_table_now(const struct jt_table *t, int64_t *now_s)
{
	const struct jt_view *v = standing(t);

	return v && jt_view_fresh(v, now_s);
}

bool jt_table_poisoned(const struct jt_table *t)
{
	int64_t now_s = 0;

	return !jt_table_now(t, &now_s);
}

uint64_t jt_table_tokens(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	return v ? atomic_load_explicit(&v->live->tokens, memory_order_relaxed) : 0;
}

uint64_t jt_table_bytes(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	return v ? v->size : 0;
}
