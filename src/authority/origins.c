/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/origins.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN 0x9e3779b97f4a7c15ULL
#define SLOT_SHIFT 54 /* 64 less the bits of JT_ORIGINS_SLOTS */

static_assert(JT_ORIGINS_SLOTS == 1 << (64 - SLOT_SHIFT), "the shift");

/* Who is in it changes under the lane's lock, and only its thread changes it: so that thread reads without. */
struct slot {
	uint64_t instance;
	uint32_t index;
	_Atomic uint32_t minute;
	struct jt_address from;
	_Atomic uint64_t uses; /* since it moved in */
	uint64_t taken;        /* of them; under the lock */
};

struct lane {
	pthread_mutex_t lock;
	struct slot slot[JT_ORIGINS_SLOTS];
	size_t waiting;
	struct jt_origin *out; /* JT_ORIGINS_WAITING_MAX; `waiting` of them hold something */
	_Atomic uint64_t lost;
};

struct jt_origins {
	uint64_t id; /* of all there ever were in this process; not 0 */
	pthread_mutex_t lock;
	_Atomic unsigned lanes;
	struct lane *_Atomic lane[JT_ORIGINS_LANES_MAX];
	_Atomic uint64_t lost; /* by threads without a lane */
	uint64_t lost_told;
	struct jt_origin *spare;                  /* the drain's: changes places with a lane's `out` */
	struct jt_origin fresh[JT_ORIGINS_SLOTS]; /* the drain's: what was new in the slots */
};

/* The calling thread's lane, of the origins whose id is `of`. */
static _Thread_local struct {
	uint64_t of;
	struct lane *lane; /* NULL: there was none to be had */
} mine;

enum jt_result jt_origins_new(struct jt_origins **out)
{
	static _Atomic uint64_t ids;
	struct jt_origins *o = calloc(1, sizeof(*o));

	*out = NULL;
	if (!o)
		return JT_NOMEM;
	o->spare = calloc(JT_ORIGINS_WAITING_MAX, sizeof(*o->spare));
	if (!o->spare) {
		free(o);
		return JT_NOMEM;
	}
	o->id = atomic_fetch_add(&ids, 1) + 1;
	pthread_mutex_init(&o->lock, NULL);
	*out = o;
	return JT_OK;
}

static void free_lane(struct lane *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l->out);
	free(l);
}

void jt_origins_free(struct jt_origins *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < atomic_load(&o->lanes); i++)
		free_lane(atomic_load(&o->lane[i]));
	pthread_mutex_destroy(&o->lock);
	free(o->spare);
	free(o);
}

static struct lane *new_lane(void)
{
	struct lane *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->out = calloc(JT_ORIGINS_WAITING_MAX, sizeof(*l->out));
	if (l->out)
		return l;
	free_lane(l);
	return NULL;
}

/* A thread's first use: it gets a lane, or none for ever. */
static __attribute__((noinline)) void claim(struct jt_origins *o)
{
	struct lane *l = NULL;
	unsigned lanes;

	pthread_mutex_lock(&o->lock);
	lanes = atomic_load(&o->lanes);
	if (lanes < JT_ORIGINS_LANES_MAX)
		l = new_lane();
	if (l) {
		atomic_store(&o->lane[lanes], l);
		atomic_store(&o->lanes, lanes + 1);
	}
	pthread_mutex_unlock(&o->lock);
	mine.of = o->id;
	mine.lane = l;
}

/* What of the slot was not taken yet. */
static uint64_t rest(const struct slot *s)
{
	return atomic_load_explicit(&s->uses, memory_order_relaxed) - s->taken;
}

static struct jt_origin origin_of(const struct slot *s)
{
	return (struct jt_origin){.instance = s->instance,
		.index = s->index,
		.minute = atomic_load_explicit(&s->minute, memory_order_relaxed),
		.from = s->from,
		.uses = rest(s)};
}

/* Another token, or another address, moves in. If the lane is just being drained this use is lost: nobody waits. */
static __attribute__((noinline)) void move_in(struct lane *l, struct slot *s, uint64_t instance, uint32_t index,
	uint32_t minute, const struct jt_address *from)
{
	uint64_t lost = 0;

	if (pthread_mutex_trylock(&l->lock) != 0) {
		atomic_fetch_add_explicit(&l->lost, 1, memory_order_relaxed);
		return;
	}
	if (rest(s) > 0 && l->waiting < JT_ORIGINS_WAITING_MAX)
		l->out[l->waiting++] = origin_of(s);
	else
		lost = rest(s);
	s->instance = instance;
	s->index = index;
	s->from = *from;
	s->taken = 0;
	atomic_store_explicit(&s->minute, minute, memory_order_relaxed);
	atomic_store_explicit(&s->uses, 1, memory_order_relaxed);
	pthread_mutex_unlock(&l->lock);
	if (lost)
		atomic_fetch_add_explicit(&l->lost, lost, memory_order_relaxed);
}

void jt_origins_note(
	struct jt_origins *o, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_address *from)
{
	struct slot *s = NULL;
	uint64_t half[2];

	if (__builtin_expect(mine.of != o->id, 0))
		claim(o);
	if (!mine.lane) {
		atomic_fetch_add_explicit(&o->lost, 1, memory_order_relaxed);
		return;
	}
	memcpy(half, from, sizeof(half));
	s = &mine.lane->slot[(half[0] ^ half[1] ^ index ^ instance) * GOLDEN >> SLOT_SHIFT];
	if (s->index != index || s->instance != instance || memcmp(&s->from, from, sizeof(*from)) != 0) {
		move_in(mine.lane, s, instance, index, minute, from);
		return;
	}
	/* Nobody else stores these. */
	if (atomic_load_explicit(&s->minute, memory_order_relaxed) != minute)
		atomic_store_explicit(&s->minute, minute, memory_order_relaxed);
	atomic_store_explicit(&s->uses, atomic_load_explicit(&s->uses, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void drain_lane(struct jt_origins *o, struct lane *l, struct jt_origins_to *to)
{
	struct jt_origin *out = NULL;
	size_t waiting = 0, fresh = 0;

	pthread_mutex_lock(&l->lock);
	out = l->out;
	waiting = l->waiting;
	l->out = o->spare;
	l->waiting = 0;
	for (size_t i = 0; i < JT_ORIGINS_SLOTS; i++) {
		struct slot *s = &l->slot[i];

		if (rest(s) == 0)
			continue;
		o->fresh[fresh] = origin_of(s);
		s->taken += o->fresh[fresh++].uses;
	}
	pthread_mutex_unlock(&l->lock);
	o->spare = out;
	for (size_t i = 0; i < waiting; i++)
		to->take(to, &out[i]);
	for (size_t i = 0; i < fresh; i++)
		to->take(to, &o->fresh[i]);
}

uint64_t jt_origins_drain(struct jt_origins *o, struct jt_origins_to *to)
{
	const unsigned lanes = atomic_load(&o->lanes);
	uint64_t lost = atomic_load_explicit(&o->lost, memory_order_relaxed), told = o->lost_told;

	for (unsigned i = 0; i < lanes; i++) {
		struct lane *l = atomic_load(&o->lane[i]);

		drain_lane(o, l, to);
		lost += atomic_load_explicit(&l->lost, memory_order_relaxed);
	}
	o->lost_told = lost;
	return lost - told;
}
