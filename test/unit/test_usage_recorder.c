/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "usage_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 29000000U
#define FILE_OF_TABLE 0x1122334455667788ULL

static struct seen seen;

static struct jt_drained pass(struct jt_drain *d)
{
	struct jt_drained out;

	assert_int_equal(jt_drain_pass(d, NOW, &seen.to, &out), JT_OK);
	assert_int_equal(out.wrong, 0);
	return out;
}

static int set_up(void **state)
{
	struct jt_recorder *r = NULL;

	seen_start(&seen);
	if (jt_recorder_new(&r) != JT_OK)
		return -1;
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	jt_recorder_free(*state);
	return 0;
}

static struct jt_scopes scopes_of(unsigned a, unsigned b)
{
	struct jt_scopes s = {{0}};

	s.word[a / 64] |= 1ULL << (a % 64);
	s.word[b / 64] |= 1ULL << (b % 64);
	return s;
}

static bool has(const struct jt_scopes *s, unsigned bit)
{
	return s->word[bit / 64] >> (bit % 64) & 1;
}

static void memory_is_sealed(void **state)
{
	/* Goal: nobody can make the memory shorter or longer, nor take the seals away; the descriptor is not inherited by exec. */
	struct jt_recorder *r = *state;
	const int fd = jt_recorder_fd(r);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 13111296); /* as doc/formats/usage.md has it */
	assert_int_equal(ftruncate(fd, 4096), -1);
	assert_int_equal(ftruncate(fd, st.st_size + 4096), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void uses_arrive(void **state)
{
	/* Goal: count, last minute and the scopes of each use arrive, once; the first use of a minute asks for a tick. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	const struct jt_scopes both = scopes_of(0, 511);
	struct jt_drained out;

	assert_true(jt_recorder_note(r, FILE_OF_TABLE, 7, NOW - 1, &both));
	assert_false(jt_recorder_note_bit(r, FILE_OF_TABLE, 7, NOW - 1, 64));
	assert_true(jt_recorder_note(r, FILE_OF_TABLE, 7, NOW, NULL));
	assert_false(jt_recorder_note_bit(r, FILE_OF_TABLE, 8, NOW, 255));
	out = pass(&d);
	assert_int_equal(out.records, 2);
	assert_int_equal(out.uses, 4);
	assert_int_equal(seen.instance, FILE_OF_TABLE);
	assert_int_equal(seen.count[7], 3);
	assert_int_equal(seen.minute[7], NOW);
	for (unsigned bit = 0; bit < JT_SCOPES_MAX; bit++) {
		assert_int_equal(has(&seen.scopes[7], bit), bit == 0 || bit == 64 || bit == 511);
		assert_int_equal(has(&seen.scopes[8], bit), bit == 255);
	}
	assert_int_equal(pass(&d).records, 0);
	assert_false(jt_recorder_note(r, FILE_OF_TABLE, 7, NOW, NULL));
	assert_int_equal(pass(&d).uses, 1);
	assert_int_equal(seen.count[7], 4);
}

static void another_table_is_another_token(void **state)
{
	/* Goal: the same index in another table file is another token, and so is record 0 of instance 0. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);

	(void)jt_recorder_note(r, 0, 0, NOW, NULL);
	assert_int_equal(pass(&d).records, 1);
	assert_int_equal(seen.instance, 0);
	for (uint64_t instance = 1; instance <= 3; instance++)
		(void)jt_recorder_note(r, instance << 20, 5, NOW, NULL);
	assert_int_equal(pass(&d).records, 3);
	assert_int_equal(seen.count[5], 3);
}

static void what_is_evicted_arrives(void **state)
{
	/* Goal: tokens that share slots push each other into the ring, and every use of each is counted once, wide scopes and
	 * all, whether it is taken from the slot, from the ring, or in two parts. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	uint64_t made = 0;

	for (unsigned round = 0; round < 100; round++) {
		for (uint32_t index = 0; index < 1400; index++, made++)
			(void)jt_recorder_note_bit(r, FILE_OF_TABLE, index, NOW, index % JT_SCOPES_MAX);
		if (round % 3 == 0)
			for (uint32_t index = 0; index < 50; index++, made++)
				(void)jt_recorder_note_bit(r, FILE_OF_TABLE, index, NOW, index % JT_SCOPES_MAX);
		assert_int_equal(pass(&d).lost, 0);
	}
	assert_int_equal(seen.sum, made);
	for (uint32_t index = 0; index < 1400; index++) {
		assert_int_equal(seen.count[index], index < 50 ? 134 : 100);
		for (unsigned bit = 0; bit < JT_SCOPES_MAX; bit++)
			assert_int_equal(has(&seen.scopes[index], bit), bit == index % JT_SCOPES_MAX);
	}
}

static void what_does_not_fit_is_lost_and_said(void **state)
{
	/* Goal: with nobody draining nothing waits and nothing is overwritten: counts are lower bounds, and what is missing is
	 * known to the last use. After a pass there is room again. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	struct jt_drained out;

	for (unsigned round = 0; round < 5; round++)
		for (uint32_t index = 0; index < SEEN_MAX; index++)
			(void)jt_recorder_note(r, FILE_OF_TABLE, index, NOW, NULL);
	out = pass(&d);
	assert_true(out.pressed);
	assert_true(out.records > JT_USAGE_RING);
	assert_int_equal(out.uses + out.lost, 5 * SEEN_MAX);
	for (uint32_t index = 0; index < SEEN_MAX; index++)
		assert_true(seen.count[index] <= 5);
	(void)jt_recorder_note(r, FILE_OF_TABLE, 1, NOW, NULL);
	out = pass(&d);
	assert_int_equal(out.uses, 1);
	assert_int_equal(out.lost, 0);
	assert_false(out.pressed);
}

static void a_full_count_starts_anew(void **state)
{
	/* Goal: the 4,294,967,296th use of a token between two passes is not counted as none. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	struct jt_usage_slot *s = NULL;

	(void)jt_recorder_note(r, FILE_OF_TABLE, 3, NOW, NULL);
	for (unsigned i = 0; i < JT_USAGE_SLOTS; i++)
		if (d.memory->lane[0].slot[i].gen)
			s = &d.memory->lane[0].slot[i];
	s->count = UINT32_MAX - 1;
	(void)jt_recorder_note(r, FILE_OF_TABLE, 3, NOW, NULL);
	(void)jt_recorder_note(r, FILE_OF_TABLE, 3, NOW, NULL);
	(void)jt_recorder_note(r, FILE_OF_TABLE, 3, NOW, NULL);
	assert_int_equal(pass(&d).uses, (uint64_t)UINT32_MAX + 2);
	s->gen = UINT32_MAX - 1; /* and its generation after the last is not 0 */
	s->taken = 0;
	(void)jt_recorder_note(r, FILE_OF_TABLE + 512, 3, NOW, NULL);
	assert_true(s->gen != 0 && s->gen % 2 == 0);
}

static void a_full_authority_takes_the_rest_later(void **state)
{
	/* Goal: whoever takes nothing more loses nothing: what it refused comes again, once. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	struct jt_drained out;

	for (uint32_t index = 0; index < 1000; index++)
		(void)jt_recorder_note(r, FILE_OF_TABLE, index, NOW, NULL);
	for (unsigned i = 0; i < 10; i++) {
		seen.room = i < 9 ? 100 : UINT64_MAX;
		assert_int_equal(jt_drain_pass(&d, NOW, &seen.to, &out), i < 9 ? JT_BUSY : JT_OK);
		assert_int_equal(out.records, 100);
	}
	assert_int_equal(pass(&d).records, 0);
	for (uint32_t index = 0; index < 1000; index++)
		assert_int_equal(seen.count[index], 1);
}

struct writer {
	struct jt_recorder *r;
	uint32_t first, tokens; /* which it uses */
	unsigned rounds;
	pthread_barrier_t *together;
};

static void *write_uses(void *arg)
{
	const struct writer *w = arg;

	if (w->together)
		pthread_barrier_wait(w->together);
	for (unsigned round = 0; round < w->rounds; round++)
		for (uint32_t i = 0; i < w->tokens; i++)
			(void)jt_recorder_note_bit(
				w->r, FILE_OF_TABLE, w->first + i, NOW, (w->first + i) % JT_SCOPES_MAX);
	if (w->together)
		pthread_barrier_wait(w->together);
	return NULL;
}

static void writers_and_drain_at_once(void **state)
{
	/* Goal: while threads record, of which two evict all the time, each pass takes what is whole: at the end no use is counted
	 * twice, none is counted that was not made, and what is missing is what was said to be lost. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	struct writer w[3] = {{.r = r, .first = 0, .tokens = 1500, .rounds = 2000},
		{.r = r, .first = 1500, .tokens = 40, .rounds = 50000},
		{.r = r, .first = 2000, .tokens = 1500, .rounds = 2000}};
	pthread_t thread[3];
	struct jt_drained out;
	uint64_t lost = 0, made = 0;

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, write_uses, &w[i]), 0);
	while (seen.sum + lost < 4000000) { /* less than they make: they are at it all the while */
		out = pass(&d);
		lost += out.lost;
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		made += (uint64_t)w[i].tokens * w[i].rounds;
	}
	do {
		out = pass(&d);
		lost += out.lost;
	} while (out.records > 0);
	assert_int_equal(seen.sum + lost, made);
	for (unsigned i = 0; i < 3; i++)
		for (uint32_t index = w[i].first; index < w[i].first + w[i].tokens; index++) {
			assert_true(seen.count[index] <= w[i].rounds);
			for (unsigned bit = 0; seen.count[index] && bit < JT_SCOPES_MAX; bit++)
				assert_int_equal(has(&seen.scopes[index], bit), bit == index % JT_SCOPES_MAX);
		}
}

static void threads_beyond_the_lanes(void **state)
{
	/* Goal: 64 threads at once have a lane each; the others record nothing and are not held up; threads that come later go on
	 * in the lanes of those that have ended. */
	enum { THREADS = JT_USAGE_LANES + 16 };
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	pthread_barrier_t together;
	struct writer w = {.r = r, .first = 9, .tokens = 1, .rounds = 1000, .together = &together};
	pthread_t thread[THREADS];

	pthread_barrier_init(&together, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, write_uses, &w), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	pthread_barrier_destroy(&together);
	assert_int_equal(d.memory->claimed, JT_USAGE_LANES);
	assert_int_equal(pass(&d).uses, 1000 * JT_USAGE_LANES);
	assert_false(jt_recorder_note(r, FILE_OF_TABLE, 9, NOW, NULL)); /* this thread came too late */
	assert_int_equal(pass(&d).uses, 0);
}

static void short_threads_share_a_lane(void **state)
{
	/* Goal: a thousand threads one after the other do not use the lanes up. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	struct writer w = {.r = r, .first = 9, .tokens = 1, .rounds = 1};

	for (unsigned i = 0; i < 1000; i++) {
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, write_uses, &w), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	assert_int_equal(pass(&d).uses, 1000);
}

static void a_child_does_not_write_its_parents_lanes(void **state)
{
	/* Goal: in a forked child nothing is recorded, and a tick is asked for each time; the parent's memory stays as it was,
	 * and goes on working. Freeing in the child is safe. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	int status = 0;
	pid_t child;

	(void)jt_recorder_note(r, FILE_OF_TABLE, 2, NOW, NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool right = jt_recorder_fd(r) == -1;

		for (unsigned i = 0; i < 1000; i++)
			right = right && jt_recorder_note(r, FILE_OF_TABLE, 2, NOW, NULL);
		jt_recorder_free(r);
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)jt_recorder_note(r, FILE_OF_TABLE, 2, NOW, NULL);
	assert_int_equal(pass(&d).uses, 2);
}

static void a_child_has_memory_of_its_own(void **state)
{
	/* Goal: once renewed, a child records into its own memory alone, through a descriptor of its own. */
	struct jt_recorder *r = *state;
	struct jt_drain d = drain_over(r);
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct jt_drain own;
		struct jt_drained out;
		bool right = jt_recorder_renew(r) == JT_OK && jt_recorder_fd(r) >= 0;

		if (right) {
			own = drain_over(r);
			(void)jt_recorder_note(r, FILE_OF_TABLE, 2, NOW, NULL);
			right = jt_drain_pass(&own, NOW, &seen.to, &out) == JT_OK && out.uses == 1;
		}
		jt_recorder_free(r);
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(pass(&d).uses, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {CASE(memory_is_sealed), CASE(uses_arrive),
		CASE(another_table_is_another_token), CASE(what_is_evicted_arrives),
		CASE(what_does_not_fit_is_lost_and_said), CASE(a_full_count_starts_anew),
		CASE(a_full_authority_takes_the_rest_later), CASE(writers_and_drain_at_once),
		CASE(threads_beyond_the_lanes), CASE(short_threads_share_a_lane),
		CASE(a_child_does_not_write_its_parents_lanes), CASE(a_child_has_memory_of_its_own)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
