/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "usage_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOW 29000000U
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define MEMORY_SIZE ((off_t)sizeof(struct jt_usage_memory))

static struct seen seen;

/* A memory as a stranger makes it. */
struct stranger {
	int fd;
	struct jt_usage_memory *m;
};

static struct stranger strange(unsigned flags, off_t size, int seals)
{
	struct stranger s = {.fd = memfd_create("stranger", MFD_ALLOW_SEALING | flags)};

	assert_true(s.fd >= 0);
	assert_int_equal(ftruncate(s.fd, size), 0);
	s.m = mmap(NULL, (size_t)MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, s.fd, 0);
	assert_true(s.m != MAP_FAILED);
	if (size >= 4096) {
		s.m->magic = JT_USAGE_MAGIC;
		s.m->version = JT_USAGE_VERSION;
		s.m->lanes = JT_USAGE_LANES;
		s.m->slots = JT_USAGE_SLOTS;
		s.m->ring = JT_USAGE_RING;
		s.m->size = (uint64_t)MEMORY_SIZE;
	}
	if (seals)
		assert_int_equal(fcntl(s.fd, F_ADD_SEALS, seals), 0);
	return s;
}

static void stranger_end(struct stranger *s)
{
	(void)munmap(s->m, (size_t)MEMORY_SIZE);
	(void)close(s->fd);
}

static enum jt_result offer(struct stranger *s)
{
	struct jt_drain *d = NULL;
	enum jt_result r = jt_drain_open(s->fd, &d);

	assert_int_equal(d != NULL, r == JT_OK);
	jt_drain_free(d);
	return r;
}

static struct jt_drained pass(struct jt_drain *d)
{
	struct jt_drained out;

	assert_int_equal(jt_drain_pass(d, NOW, &seen.to, &out), JT_OK);
	return out;
}

static void what_is_no_such_memory_is_refused(void **state)
{
	/* Goal: whatever could fault, block, or be misread is refused when it is handed over. */
	static const int lacking[] = {0, F_SEAL_GROW | F_SEAL_SEAL, F_SEAL_SHRINK | F_SEAL_SEAL,
		F_SEAL_SHRINK | F_SEAL_GROW, SEALS | F_SEAL_FUTURE_WRITE};
	static const off_t sizes[] = {0, 4096, sizeof(struct jt_usage_memory) - 4096,
		sizeof(struct jt_usage_memory) + 4096, sizeof(struct jt_usage_memory) - 1};
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain *d = NULL;
	int pipes[2], file = -1;
	char path[] = "/tmp/usage-XXXXXX";

	(void)state;
	assert_int_equal(offer(&s), JT_OK);
	stranger_end(&s);
	for (size_t i = 0; i < sizeof(lacking) / sizeof(*lacking); i++) {
		s = strange(0, MEMORY_SIZE, lacking[i]);
		assert_int_equal(offer(&s), JT_MALFORMED);
		stranger_end(&s);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		s = strange(0, sizes[i], SEALS);
		assert_int_equal(offer(&s), JT_MALFORMED);
		stranger_end(&s);
	}
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(jt_drain_open(pipes[0], &d), JT_MALFORMED);
	assert_int_equal(jt_drain_open(-1, &d), JT_MALFORMED);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	file = mkstemp(path);
	assert_true(file >= 0 && unlink(path) == 0 && ftruncate(file, MEMORY_SIZE) == 0);
	assert_int_equal(jt_drain_open(file, &d), JT_MALFORMED);
	(void)close(file);
}

static void another_format_is_refused(void **state)
{
	/* Goal: each field of the header must be as it is written down. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);

	(void)state;
	for (size_t at = 0; at < 32; at++) {
		((uint8_t *)s.m)[at] ^= 0x10;
		assert_int_equal(offer(&s), JT_MALFORMED);
		((uint8_t *)s.m)[at] ^= 0x10;
	}
	assert_int_equal(offer(&s), JT_OK);
	stranger_end(&s);
}

static void only_for_reading_is_refused(void **state)
{
	/* Goal: a descriptor that cannot be written through is refused, and does not end the authority at its first store. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	char path[64];
	struct jt_drain *d = NULL;
	int fd = -1;

	(void)state;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", s.fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(jt_drain_open(fd, &d), JT_MALFORMED);
	(void)close(fd);
	stranger_end(&s);
}

static void set_slot(struct jt_usage_slot *slot, uint32_t gen, uint32_t count, uint32_t minute)
{
	slot->instance = 1;
	slot->index = 2;
	slot->gen = gen;
	slot->count = count;
	slot->minute = minute;
}

static void times_are_clamped(void **state)
{
	/* Goal: no use is in the future, and none is older than a day. */
	static const uint32_t said[] = {NOW + 1, 0x7fffffff, NOW, NOW - 1440, NOW - 1441, 0};
	static const uint32_t is[] = {NOW, NOW, NOW, NOW - 1440, NOW - 1440, NOW - 1440};
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain d = {.memory = s.m};
	struct jt_drained out;

	(void)state;
	seen_start(&seen);
	s.m->claimed = 1;
	for (uint32_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		set_slot(&s.m->lane[0].slot[9], 2, i + 1, said[i]);
		assert_int_equal(pass(&d).uses, 1);
		assert_int_equal(seen.minute[2], is[i]);
	}
	/* On a clock that says it is the first of January 1970. */
	set_slot(&s.m->lane[0].slot[9], 2, 100, 5);
	assert_int_equal(jt_drain_pass(&d, 3, &seen.to, &out), JT_OK);
	assert_int_equal(seen.minute[2], 3);
	stranger_end(&s);
}

static void counts_that_run_backwards(void **state)
{
	/* Goal: a count or a generation below what was taken says nothing; the count that was taken is never taken again. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_usage_slot *slot = &s.m->lane[0].slot[0];
	struct jt_drain d = {.memory = s.m};

	(void)state;
	seen_start(&seen);
	s.m->claimed = 1;
	set_slot(slot, 10, 100, NOW);
	assert_int_equal(pass(&d).uses, 100);
	slot->count = 7;
	assert_int_equal(pass(&d).uses, 0);
	slot->gen = 8;
	slot->count = 1000;
	assert_int_equal(pass(&d).uses, 0);
	slot->gen = 10;
	slot->count = 101;
	assert_int_equal(pass(&d).uses, 1);
	slot->gen = 11; /* odd: a token is moving in, and may never have done so */
	slot->count = 500;
	assert_int_equal(pass(&d).records, 0);
	slot->gen = 12;
	assert_int_equal(pass(&d).uses, 500);
	stranger_end(&s);
}

static void lanes_and_rings_beyond_their_ends(void **state)
{
	/* Goal: no number in the memory leads out of it: lanes beyond 64, a head far from the tail or behind it, a slot
	 * that there is not, an odd generation. */
	static const uint64_t heads[] = {JT_USAGE_RING + 1, UINT64_MAX, 1ULL << 63, UINT64_MAX - JT_USAGE_RING};
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_usage_lane *lane = &s.m->lane[JT_USAGE_LANES - 1];
	struct jt_drain d = {.memory = s.m};
	struct jt_drained out;

	(void)state;
	seen_start(&seen);
	s.m->claimed = UINT32_MAX;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		lane->tail = 0;
		lane->head = heads[i];
		out = pass(&d);
		assert_int_equal(out.wrong, 1);
		assert_int_equal(out.records, 0);
		assert_int_equal(lane->tail, heads[i]);
	}
	lane->tail = 5; /* behind */
	lane->head = 4;
	assert_int_equal(pass(&d).wrong, 1);
	for (uint32_t i = 0; i < 4; i++) {
		struct jt_usage_entry *e = &lane->ring[(4 + i) % JT_USAGE_RING];

		e->gen = i == 1 ? 3 : 2;
		e->count = 1;
		e->slot = (uint32_t[]){JT_USAGE_SLOTS, 0, UINT32_MAX, JT_USAGE_SLOTS - 1}[i];
	}
	lane->head = 8;
	out = pass(&d);
	assert_int_equal(out.wrong, 3);
	assert_int_equal(out.records, 1);
	assert_int_equal(lane->tail, 8);
	stranger_end(&s);
}

static void full_everywhere(void **state)
{
	/* Goal: a memory with something new in every slot and every entry, always, costs a pass no more than its bound, and every
	 * lane gets its turn. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain d = {.memory = s.m};
	unsigned seen_lanes = 0;

	(void)state;
	seen_start(&seen);
	s.m->claimed = JT_USAGE_LANES;
	for (unsigned round = 1; round <= 12; round++) {
		for (unsigned l = 0; l < JT_USAGE_LANES; l++) {
			s.m->lane[l].head = s.m->lane[l].tail + JT_USAGE_RING;
			for (unsigned i = 0; i < JT_USAGE_RING; i++) {
				s.m->lane[l].ring[i].gen = round * 2;
				s.m->lane[l].ring[i].index = l;
				s.m->lane[l].ring[i].slot = i % JT_USAGE_SLOTS;
				s.m->lane[l].ring[i].count = UINT32_MAX;
			}
			for (unsigned i = 0; i < JT_USAGE_SLOTS; i++) {
				s.m->lane[l].slot[i].index = l;
				s.m->lane[l].slot[i].count = UINT32_MAX;
				s.m->lane[l].slot[i].gen = round * 2 + 2;
			}
		}
		assert_true(pass(&d).pressed);
		assert_true(seen.room >= UINT64_MAX - round * JT_USAGE_PASS_USES_MAX);
	}
	for (unsigned l = 0; l < JT_USAGE_LANES; l++)
		seen_lanes += seen.count[l] > 0;
	assert_int_equal(seen_lanes, JT_USAGE_LANES);
	stranger_end(&s);
}

static void what_it_said_it_lost(void **state)
{
	/* Goal: what is lost is told once, however the numbers jump, and never as a huge number because one went back. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain *d = NULL;

	(void)state;
	seen_start(&seen);
	s.m->claimed = 2;
	s.m->lane[0].lost = 5; /* before it was handed over: another authority was told */
	assert_int_equal(jt_drain_open(s.fd, &d), JT_OK);
	assert_int_equal(pass(d).lost, 0);
	s.m->lane[1].lost = 3;
	assert_int_equal(pass(d).lost, 3);
	assert_int_equal(pass(d).lost, 0);
	s.m->lane[0].lost = 0;
	assert_int_equal(pass(d).lost, 0);
	jt_drain_free(d);
	stranger_end(&s);
}

static void holes_read_as_nothing(void **state)
{
	/* Goal: pages taken away from under the drain are zeros, and no fault. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain *d = NULL;

	(void)state;
	seen_start(&seen);
	s.m->claimed = JT_USAGE_LANES;
	set_slot(&s.m->lane[3].slot[3], 2, 9, NOW);
	assert_int_equal(jt_drain_open(s.fd, &d), JT_OK);
	assert_int_equal(pass(d).uses, 9);
	assert_int_equal(fallocate(s.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, MEMORY_SIZE), 0);
	assert_int_equal(pass(d).uses, 0);
	jt_drain_free(d);
	stranger_end(&s);
}

static void *scribble(void *arg)
{
	struct stranger *s = arg;
	_Atomic uint64_t *words = (_Atomic uint64_t *)(void *)s->m->lane;
	const size_t count = sizeof(s->m->lane) / 8;
	uint64_t seed = 88172645463325252ULL;

	for (unsigned i = 0; i < 4000000; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		/* Small numbers too: they are the ones that mean something. Now and then a head, where it hurts. */
		words[i % 8 ? (seed >> 20) % count : i / 8 % JT_USAGE_LANES * (sizeof(struct jt_usage_lane) / 8)] =
			seed & 1 ? seed : seed % 4096;
	}
	s->m->claimed = 0;
	return NULL;
}

static void a_scribbling_writer(void **state)
{
	/* Goal: whatever is written anywhere while it is drained, passes end, stay within their bound, and name nothing that they
	 * may not: minutes of the last day, counts above 0. */
	struct stranger s = strange(0, MEMORY_SIZE, SEALS);
	struct jt_drain d = {.memory = s.m};
	pthread_t writer;

	(void)state;
	seen_start(&seen);
	s.m->claimed = JT_USAGE_LANES;
	assert_int_equal(pthread_create(&writer, NULL, scribble, &s), 0);
	while (s.m->claimed) {
		struct jt_drained out = pass(&d);

		assert_true(out.records <= JT_USAGE_PASS_USES_MAX);
		assert_true(out.uses <= (uint64_t)out.records * UINT32_MAX);
	}
	assert_int_equal(pthread_join(writer, NULL), 0);
	for (unsigned i = 0; i < SEEN_MAX; i++)
		assert_true(!seen.count[i] || (seen.minute[i] <= NOW && seen.minute[i] >= NOW - 1440));
	stranger_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_no_such_memory_is_refused),
		cmocka_unit_test(another_format_is_refused), cmocka_unit_test(only_for_reading_is_refused),
		cmocka_unit_test(times_are_clamped), cmocka_unit_test(counts_that_run_backwards),
		cmocka_unit_test(lanes_and_rings_beyond_their_ends), cmocka_unit_test(full_everywhere),
		cmocka_unit_test(what_it_said_it_lost), cmocka_unit_test(holes_read_as_nothing),
		cmocka_unit_test(a_scribbling_writer)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
