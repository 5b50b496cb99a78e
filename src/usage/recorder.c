/* SPDX-License-Identifier: Apache-2.0 */
#include "usage/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define GOLDEN 0x9e3779b97f4a7c15ULL
#define OWNER_SHIFT 56 /* 64 less the bits of JT_USAGE_OWNERS */
#define SLOT_SHIFT 55  /* 64 less the bits of JT_USAGE_SLOTS */

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static_assert(JT_USAGE_OWNERS == 1 << (64 - OWNER_SHIFT) && JT_USAGE_SLOTS == 1 << (64 - SLOT_SHIFT), "the shifts");

static int make_memfd(void)
{
	int fd = memfd_create("jeton-usage", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("jeton-usage", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

enum jt_result jt_recorder_renew(struct jt_recorder *r)
{
	struct jt_usage_memory *m = MAP_FAILED;
	int fd = make_memfd();

	if (fd < 0)
		return errno == ENOMEM ? JT_NOMEM : JT_IO;
	if (ftruncate(fd, sizeof(*m)) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m != MAP_FAILED && madvise(m, sizeof(*m), MADV_DONTFORK) != 0) {
		(void)munmap(m, sizeof(*m));
		m = MAP_FAILED;
	}
	if (m == MAP_FAILED) {
		(void)close(fd);
		return JT_IO;
	}
	m->version = JT_USAGE_VERSION;
	m->lanes = JT_USAGE_LANES;
	m->slots = JT_USAGE_SLOTS;
	m->ring = JT_USAGE_RING;
	m->size = sizeof(*m);
	m->magic = JT_USAGE_MAGIC;
	if (r->fd >= 0) /* the parent's */
		(void)close(r->fd);
	r->fd = fd;
	JT_USAGE_PUT(r->own->memory, m);
	return JT_OK;
}

enum jt_result jt_recorder_new(struct jt_recorder **out)
{
	struct jt_recorder *r = calloc(1, sizeof(*r));
	enum jt_result result = JT_IO;

	*out = NULL;
	if (!r)
		return JT_NOMEM;
	r->fd = -1;
	r->own = mmap(NULL, sizeof(*r->own), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->own == MAP_FAILED) {
		r->own = NULL;
		result = JT_NOMEM;
	} else if (madvise(r->own, sizeof(*r->own), MADV_WIPEONFORK) == 0) {
		result = jt_recorder_renew(r);
	}
	if (result != JT_OK) {
		jt_recorder_free(r);
		return result;
	}
	*out = r;
	return JT_OK;
}

void jt_recorder_free(struct jt_recorder *r)
{
	struct jt_usage_memory *m = NULL;

	if (!r)
		return;
	if (r->own) {
		m = JT_USAGE_GET(r->own->memory);
		if (m) /* a forked child has nothing mapped there */
			(void)munmap(m, sizeof(*m));
		(void)munmap(r->own, sizeof(*r->own));
	}
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r);
}

int jt_recorder_fd(const struct jt_recorder *r)
{
	return JT_USAGE_GET(r->own->memory) ? r->fd : -1;
}

/* A lane for a thread that has none, noted from `at` on; NULL if all are given away. */
static __attribute__((noinline)) struct jt_usage_owner *claim(
	struct jt_usage_own *own, struct jt_usage_memory *m, uintptr_t self, size_t at)
{
	uint32_t lane = JT_USAGE_OWN(own->lanes);

	if (lane >= JT_USAGE_LANES)
		return NULL;
	lane = atomic_fetch_add_explicit(&own->lanes, 1, memory_order_relaxed);
	if (lane >= JT_USAGE_LANES) {
		atomic_store_explicit(&own->lanes, JT_USAGE_LANES, memory_order_relaxed);
		return NULL;
	}
	/* Fewer lanes than places: there is a free one. */
	for (uintptr_t nobody = 0;; nobody = 0, at = (at + 1) % JT_USAGE_OWNERS)
		if (atomic_compare_exchange_strong_explicit(
			    &own->owner[at].self, &nobody, self, memory_order_relaxed, memory_order_relaxed))
			break;
	atomic_store_explicit(&own->owner[at].lane, lane, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->claimed, 1, memory_order_release);
	return &own->owner[at];
}

/* The calling thread's entry; NULL if it cannot have one. */
static inline struct jt_usage_owner *find_owner(struct jt_usage_own *own, struct jt_usage_memory *m)
{
	const uintptr_t self = (uintptr_t)pthread_self();
	size_t at = (size_t)((self >> 6) * GOLDEN >> OWNER_SHIFT);

	for (;; at = (at + 1) % JT_USAGE_OWNERS) {
		const uintptr_t there = JT_USAGE_OWN(own->owner[at].self);

		if (LIKELY(there == self))
			return &own->owner[at];
		if (!there)
			return claim(own, m, self, at);
	}
}

/* Puts what a slot holds into the ring; false if that is full. */
static bool push(struct jt_usage_lane *lane, uint32_t at)
{
	const struct jt_usage_slot *s = &lane->slot[at];
	const uint64_t head = JT_USAGE_OWN(lane->head);
	const uint32_t minute = JT_USAGE_OWN(s->minute);
	struct jt_usage_entry *e = &lane->ring[head % JT_USAGE_RING];

	if (head - JT_USAGE_GET(lane->tail) >= JT_USAGE_RING)
		return false;
	JT_USAGE_PUT(e->instance, JT_USAGE_OWN(s->instance));
	JT_USAGE_PUT(e->index, JT_USAGE_OWN(s->index));
	JT_USAGE_PUT(e->gen, JT_USAGE_OWN(s->gen));
	JT_USAGE_PUT(e->minute, minute);
	JT_USAGE_PUT(e->count, JT_USAGE_OWN(s->count));
	JT_USAGE_PUT(e->slot, at);
	for (unsigned w = 0; w < JT_USAGE_HALF; w++)
		JT_USAGE_PUT(e->scopes[w], JT_USAGE_OWN(s->scopes[w]));
	for (unsigned w = 0; w < JT_USAGE_HALF && (minute & JT_USAGE_WIDE); w++)
		JT_USAGE_PUT(
			lane->ring_wide[head % JT_USAGE_RING].scopes[w], JT_USAGE_OWN(lane->slot_wide[at].scopes[w]));
	JT_USAGE_PUT(lane->head, head + 1);
	return true;
}

/* Another token moves into the slot. What was there, and is not yet taken, goes into the ring; with no room for it there, it
 * stays, and the new one is not recorded: false. */
static __attribute__((noinline)) bool move_in(
	struct jt_usage_lane *lane, uint32_t at, uint64_t instance, uint32_t index, uint32_t minute)
{
	struct jt_usage_slot *s = &lane->slot[at];
	const uint32_t gen = JT_USAGE_OWN(s->gen);
	const uint32_t next = gen + 2 ? gen + 2 : 2;

	if (gen && JT_USAGE_GET(s->taken) != ((uint64_t)gen << 32 | JT_USAGE_OWN(s->count)) && !push(lane, at)) {
		JT_USAGE_PUT(lane->lost, JT_USAGE_OWN(lane->lost) + 1);
		return false;
	}
	JT_USAGE_PUT(s->gen, next - 1);
	JT_USAGE_PUT(s->instance, instance);
	JT_USAGE_PUT(s->index, index);
	JT_USAGE_PUT(s->count, 0);
	for (unsigned w = 0; w < JT_USAGE_HALF; w++)
		JT_USAGE_PUT(s->scopes[w], 0);
	for (unsigned w = 0; w < JT_USAGE_HALF && (JT_USAGE_OWN(s->minute) & JT_USAGE_WIDE); w++)
		JT_USAGE_PUT(lane->slot_wide[at].scopes[w], 0);
	JT_USAGE_PUT(s->minute, minute);
	JT_USAGE_PUT(s->gen, next);
	return true;
}

/* A slot of the calling thread that holds the token, and where it is. */
struct place {
	struct jt_usage_lane *lane;
	struct jt_usage_slot *slot;
	uint32_t at;
	bool tick;
};

static inline bool find(struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, struct place *p)
{
	struct jt_usage_memory *m = JT_USAGE_GET(r->own->memory);
	struct jt_usage_owner *owner = NULL;

	p->tick = true;
	if (!m)
		return false;
	p->tick = false;
	owner = find_owner(r->own, m);
	if (!owner)
		return false;
	if (JT_USAGE_OWN(owner->minute) != minute) {
		atomic_store_explicit(&owner->minute, minute, memory_order_relaxed);
		p->tick = true;
	}
	p->lane = &m->lane[JT_USAGE_OWN(owner->lane)];
	p->at = (uint32_t)((index ^ instance) * GOLDEN >> SLOT_SHIFT);
	p->slot = &p->lane->slot[p->at];
	if (LIKELY(JT_USAGE_OWN(p->slot->index) == index && JT_USAGE_OWN(p->slot->instance) == instance &&
		    JT_USAGE_OWN(p->slot->count) != UINT32_MAX && JT_USAGE_OWN(p->slot->gen) != 0))
		return true;
	return move_in(p->lane, p->at, instance, index, minute);
}

static inline void add_word(struct place *p, unsigned word, uint64_t bits, uint32_t *wide)
{
	_Atomic uint64_t *at =
		word < JT_USAGE_HALF ? &p->slot->scopes[word] : &p->lane->slot_wide[p->at].scopes[word - JT_USAGE_HALF];
	const uint64_t had = JT_USAGE_OWN(*at);

	if (bits & ~had)
		JT_USAGE_PUT(*at, had | bits);
	if (word >= JT_USAGE_HALF)
		*wide = JT_USAGE_WIDE;
}

/* The count comes last: who sees it sees what belongs to it. */
static inline void count_one(struct place *p, uint32_t minute, uint32_t wide)
{
	const uint32_t had = JT_USAGE_OWN(p->slot->minute);
	const uint32_t now = minute | wide | (had & JT_USAGE_WIDE);

	if (now != had)
		JT_USAGE_PUT(p->slot->minute, now);
	JT_USAGE_PUT(p->slot->count, JT_USAGE_OWN(p->slot->count) + 1);
}

bool jt_recorder_note(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_scopes *exercised)
{
	struct place p;
	uint32_t wide = 0;

	minute &= ~JT_USAGE_WIDE;
	if (!find(r, instance, index, minute, &p))
		return p.tick;
	for (unsigned w = 0; exercised && w < JT_SCOPES_MAX / 64; w++)
		if (exercised->word[w])
			add_word(&p, w, exercised->word[w], &wide);
	count_one(&p, minute, wide);
	return p.tick;
}

bool jt_recorder_note_bit(struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, unsigned bit)
{
	struct place p;
	uint32_t wide = 0;

	assert(bit < JT_SCOPES_MAX);
	minute &= ~JT_USAGE_WIDE;
	if (!find(r, instance, index, minute, &p))
		return p.tick;
	add_word(&p, bit / 64, 1ULL << (bit % 64), &wide);
	count_one(&p, minute, wide);
	return p.tick;
}
