/* SPDX-License-Identifier: Apache-2.0 */
#include "usage/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define GOLDEN 0x9e3779b97f4a7c15ULL
#define OWNER_SHIFT 56 /* 64 less the bits of JT_USAGE_OWNERS */
#define SET_SHIFT 55   /* the same of the pairs of slots */

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static_assert(JT_USAGE_OWNERS == 1 << (64 - OWNER_SHIFT) && JT_USAGE_SLOTS / 2 == 1 << (64 - SET_SHIFT), "the shifts");

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
	atomic_store_explicit(&own->owner[at].lane, &m->lane[lane], memory_order_relaxed);
	atomic_fetch_add_explicit(&m->claimed, 1, memory_order_release);
	return &own->owner[at];
}

/* What tells the calling thread from all others that live. */
static ALWAYS_INLINE uintptr_t myself(void)
{
#ifdef __x86_64__
	uintptr_t self = 0;

	/* The first word that the thread register points to is its own address (the ABI for thread-local storage): what
	 * pthread_self() answers, without the call. */
	__asm__("mov %%fs:0, %0" : "=r"(self));
	return self;
#else
	return (uintptr_t)pthread_self();
#endif
}

/* Where its entry is looked for first. */
static ALWAYS_INLINE size_t owner_place(uintptr_t self)
{
	return (size_t)((self >> 6) * GOLDEN >> OWNER_SHIFT);
}

/* The calling thread's entry; NULL if it cannot have one. */
static struct jt_usage_owner *find_owner(struct jt_usage_own *own, struct jt_usage_memory *m)
{
	const uintptr_t self = myself();
	size_t at = owner_place(self);

	for (;; at = (at + 1) % JT_USAGE_OWNERS) {
		const uintptr_t there = JT_USAGE_OWN(own->owner[at].self);

		if (LIKELY(there == self))
			return &own->owner[at];
		if (!there)
			return claim(own, m, self, at);
	}
}

static ALWAYS_INLINE bool is_full(struct jt_usage_lane *lane)
{
	return JT_USAGE_OWN(lane->head) - JT_USAGE_GET(lane->tail) >= JT_USAGE_RING;
}

/* Puts what a slot holds into the ring, which is not full. */
static void push(struct jt_usage_lane *lane, uint32_t at)
{
	const struct jt_usage_slot *s = &lane->slot[at];
	const uint64_t head = JT_USAGE_OWN(lane->head);
	const uint32_t minute = JT_USAGE_OWN(s->minute);
	struct jt_usage_entry *e = &lane->ring[head % JT_USAGE_RING];

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
}

/* Whether all that the slot holds has been taken. */
static bool is_free(const struct jt_usage_slot *s)
{
	const uint32_t gen = JT_USAGE_OWN(s->gen);

	return !gen || JT_USAGE_GET(s->taken) == ((uint64_t)gen << 32 | JT_USAGE_OWN(s->count));
}

/* Another token moves into one of the two slots from `at`. What was there, and is not yet taken, goes into the ring, which is
 * not full. */
static __attribute__((noinline)) struct jt_usage_slot *move_in(
	struct jt_usage_lane *lane, uint32_t at, uint64_t instance, uint32_t index, uint32_t minute)
{
	struct jt_usage_slot *s = &lane->slot[at];
	uint32_t next = 0;

	if (!is_free(s) && (is_free(s + 1) || JT_USAGE_OWN(s[1].count) < JT_USAGE_OWN(s->count))) {
		s++; /* who is used more stays */
		at++;
	}
	if (!is_free(s))
		push(lane, at);
	next = JT_USAGE_OWN(s->gen) + 2;
	if (!next)
		next = 2;
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
	atomic_store_explicit(&lane->tag[at], (uint32_t)instance ^ index, memory_order_relaxed);
	return s;
}

/* A count of 0 is that of a slot never used; a full one must start anew. */
static ALWAYS_INLINE bool holds(const struct jt_usage_slot *s, uint64_t instance, uint32_t index)
{
	return JT_USAGE_OWN(s->index) == index && JT_USAGE_OWN(s->instance) == instance &&
	       JT_USAGE_OWN(s->count) - 1 < UINT32_MAX - 1;
}

/* The first of a token's two slots. */
static ALWAYS_INLINE uint32_t first_slot(uint64_t instance, uint32_t index)
{
	return (uint32_t)((index ^ instance) * GOLDEN >> SET_SHIFT) * 2;
}

static ALWAYS_INLINE void count_one(struct jt_usage_slot *s)
{
	JT_USAGE_PUT(s->count, JT_USAGE_OWN(s->count) + 1);
}

static ALWAYS_INLINE void lose_one(struct jt_usage_lane *lane)
{
	JT_USAGE_PUT(lane->lost, JT_USAGE_OWN(lane->lost) + 1);
}

/* The slot that holds the token, after all; NULL if there is no room for it. */
static struct jt_usage_slot *slot_for(struct jt_usage_lane *lane, uint64_t instance, uint32_t index, uint32_t minute)
{
	const uint32_t at = first_slot(instance, index);

	for (uint32_t way = 0; way < 2; way++)
		if (holds(&lane->slot[at + way], instance, index))
			return &lane->slot[at + way];
	if (is_full(lane)) { /* until the authority has looked, who is in a slot stays there */
		lose_one(lane);
		return NULL;
	}
	return move_in(lane, at, instance, index, minute);
}

/* Scopes and minute; the count comes after them: who sees it sees what belongs to it. */
static void add(struct jt_usage_lane *lane, struct jt_usage_slot *s, uint32_t minute, const struct jt_scopes *set)
{
	struct jt_usage_wide *wide = &lane->slot_wide[s - lane->slot];

	minute |= JT_USAGE_OWN(s->minute) & JT_USAGE_WIDE;
	for (unsigned w = 0; w < JT_USAGE_HALF; w++) {
		if (set->word[w])
			JT_USAGE_PUT(s->scopes[w], JT_USAGE_OWN(s->scopes[w]) | set->word[w]);
		if (set->word[JT_USAGE_HALF + w]) {
			JT_USAGE_PUT(wide->scopes[w], JT_USAGE_OWN(wide->scopes[w]) | set->word[JT_USAGE_HALF + w]);
			minute |= JT_USAGE_WIDE;
		}
	}
	JT_USAGE_PUT(s->minute, minute);
	count_one(s);
}

/* Everything that is not as it was the last time. */
static __attribute__((noinline)) bool note_slowly(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_scopes *set)
{
	static const struct jt_scopes nothing;
	struct jt_usage_memory *m = JT_USAGE_GET(r->own->memory);
	struct jt_usage_owner *owner = m ? find_owner(r->own, m) : NULL;
	struct jt_usage_slot *s = NULL;
	bool tick = !m;

	minute &= ~JT_USAGE_WIDE;
	if (!owner)
		return tick;
	if (JT_USAGE_OWN(owner->minute) != minute) {
		atomic_store_explicit(&owner->minute, minute, memory_order_relaxed);
		tick = true;
	}
	s = slot_for(JT_USAGE_OWN(owner->lane), instance, index, minute);
	if (s)
		add(JT_USAGE_OWN(owner->lane), s, minute, set ? set : &nothing);
	return tick;
}

static __attribute__((noinline)) bool note_bit_slowly(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, unsigned bit)
{
	struct jt_scopes set = {{0}};

	assert(bit < JT_SCOPES_MAX);
	set.word[bit / 64] = 1ULL << (bit % 64);
	return note_slowly(r, instance, index, minute, &set);
}

/* What is most often so: the thread has its lane where it is looked for first, and the token is in its slot, in this minute. */
enum found { FOUND, LOST, SLOW };

static ALWAYS_INLINE enum found find(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, struct jt_usage_slot **slot)
{
	const uintptr_t self = myself();
	const struct jt_usage_owner *owner = &r->own->owner[owner_place(self)];
	const uint32_t tag = (uint32_t)instance ^ index;
	uint32_t at = first_slot(instance, index);
	struct jt_usage_lane *lane = NULL;
	uint64_t first = 0, second = 0; /* 0: it may be in that slot */

	/* In a forked child nobody is any more. */
	if (UNLIKELY(JT_USAGE_OWN(owner->self) != self || JT_USAGE_OWN(owner->minute) != minute))
		return SLOW;
	lane = JT_USAGE_OWN(owner->lane);
	first = JT_USAGE_OWN(lane->tag[at]) ^ tag;
	second = JT_USAGE_OWN(lane->tag[at + 1]) ^ tag;
	if (first * second != 0) { /* one branch, not two: which of the slots it is nobody can foresee */
		if (!is_full(lane))
			return SLOW;
		lose_one(lane);
		return LOST;
	}
	*slot = &lane->slot[at + (first != 0)];
	return LIKELY(holds(*slot, instance, index) && (JT_USAGE_OWN((*slot)->minute) & ~JT_USAGE_WIDE) == minute)
		       ? FOUND
		       : SLOW;
}

bool jt_recorder_note(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_scopes *exercised)
{
	struct jt_usage_slot *s = NULL;
	enum found found = find(r, instance, index, minute, &s);
	uint64_t fresh = 0;

	for (unsigned w = 0; exercised && found == FOUND && w < JT_USAGE_HALF; w++)
		fresh |= (exercised->word[w] & ~JT_USAGE_OWN(s->scopes[w])) | exercised->word[JT_USAGE_HALF + w];
	if (UNLIKELY(found == SLOW || fresh))
		return note_slowly(r, instance, index, minute, exercised);
	if (found == FOUND)
		count_one(s);
	return false;
}

bool jt_recorder_note_bit(struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, unsigned bit)
{
	struct jt_usage_slot *s = NULL;
	enum found found = find(r, instance, index, minute, &s);

	if (found == LOST)
		return false;
	if (UNLIKELY(found == SLOW || bit >= JT_SCOPES_MAX / 2 ||
		     !(JT_USAGE_OWN(s->scopes[bit / 64]) >> (bit % 64) & 1)))
		return note_bit_slowly(r, instance, index, minute, bit);
	count_one(s);
	return false;
}
