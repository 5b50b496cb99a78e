/* SPDX-License-Identifier: Apache-2.0 */
/* ninja -C build/test test/bench/bench_usage && build/test/test/bench/bench_usage
 *
 * What recording costs, beside the floor of a verification: nettle's SHA-256 of the value and one acquire load at the digest's
 * home line, each iteration waiting for the one before. Recording on and off take turns in blocks within one run; a thread
 * drains once a second, as the authority does. Prints a line a size and thread, and how much two threads do of what one does. Times
 * are the threads' own processor time, so that neighbours on the machine count for less. */
#include "usage/drain.h"
#include "usage/recorder.h"

#include <nettle/sha2.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VALUE_SIZE 45
#define BLOCK 20000U
#define BLOCKS 150 /* of each sort; the median counts */
#define INSTANCE 0x5eed5eed5eed5eedULL
#define THREADS_MAX 2

static _Atomic uint64_t *lines; /* four words each: 32 bytes */
static uint64_t tokens;
static struct jt_recorder *recorder;
static _Atomic bool ended;
static uint64_t drained, lost;

struct worker {
	pthread_t thread;
	pthread_barrier_t *together;
	uint64_t seed, last;
	double ns[2][BLOCKS]; /* a verification: without, with */
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static double block(struct worker *w, bool record)
{
	char value[VALUE_SIZE + 1] = "jtnc_0123456789012345678901234567890123456789";
	const double began = seconds(CLOCK_THREAD_CPUTIME_ID);

	for (unsigned i = 0; i < BLOCK; i++) {
		const uint64_t n = (next(&w->seed) >> 32) * tokens >> 32;
		const uint64_t told = n ^ (w->last >> 63); /* 0: but the next begins only when this one has been read */
		struct sha256_ctx hash;
		uint8_t digest[SHA256_DIGEST_SIZE];
		uint64_t word = 0;

		memcpy(value + 5, &told, sizeof(told));
		sha256_init(&hash);
		sha256_update(&hash, VALUE_SIZE, (const uint8_t *)value);
		sha256_digest(&hash, sizeof(digest), digest);
		memcpy(&word, digest, sizeof(word));
		word = (word >> 32) * tokens >> 32;
		w->last = atomic_load_explicit(&lines[word * 4], memory_order_acquire);
		if (record)
			(void)jt_recorder_note_bit(recorder, INSTANCE, (uint32_t)word, 29000000, (unsigned)(n & 63));
	}
	return (seconds(CLOCK_THREAD_CPUTIME_ID) - began) * 1e9 / BLOCK;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	pthread_barrier_wait(w->together);
	for (unsigned i = 0; i < BLOCKS; i++)
		for (unsigned record = 0; record < 2; record++)
			w->ns[record][i] = block(w, record);
	return NULL;
}

static enum jt_result take(struct jt_drain_to *to, const struct jt_use *use)
{
	(void)to;
	drained += use->count;
	return JT_OK;
}

static void *drain(void *arg)
{
	struct jt_drain_to to = {take};
	struct jt_drain *d = arg;
	double at = now();

	while (!ended) {
		struct jt_drained out;

		(void)poll(NULL, 0, 10);
		if (now() - at < 1)
			continue;
		at = now();
		if (jt_drain_pass(d, 29000000, &to, &out) == JT_OK)
			lost += out.lost;
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *ns)
{
	qsort(ns, BLOCKS, sizeof(*ns), by_size);
	return ns[BLOCKS / 2];
}

/* *rate gets the verifications a second of all threads together: without recording, with it. */
static void run(unsigned threads, double rate[2])
{
	static struct worker w[THREADS_MAX];
	pthread_barrier_t together;

	pthread_barrier_init(&together, NULL, threads);
	for (unsigned i = 0; i < threads; i++) {
		w[i].together = &together;
		w[i].seed = 0x9e3779b97f4a7c15ULL * (i + 1);
		if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < threads; i++)
		(void)pthread_join(w[i].thread, NULL);
	pthread_barrier_destroy(&together);
	for (unsigned i = 0; i < threads; i++) {
		const double off = median(w[i].ns[0]), on = median(w[i].ns[1]);

		printf("%9llu tokens, thread %u of %u: %6.1f ns, recording %6.1f ns, %+5.1f ns, ratio %.3f\n",
			(unsigned long long)tokens, i + 1, threads, off, on, on - off, on / off);
		rate[0] += 1e9 / off;
		rate[1] += 1e9 / on;
	}
}

int main(void)
{
	static const uint64_t sizes[] = {100, 10000, 1000000, 10000000};
	struct jt_drain *d = NULL;
	pthread_t drainer;

	if (jt_recorder_new(&recorder) != JT_OK || jt_drain_open(jt_recorder_fd(recorder), &d) != JT_OK ||
		pthread_create(&drainer, NULL, drain, d) != 0)
		return EXIT_FAILURE;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		double one[2] = {0}, two[2] = {0};
		void *memory = NULL;

		tokens = sizes[i];
		memory = calloc(tokens, 32);
		lines = memory;
		if (!memory)
			return EXIT_FAILURE;
		for (uint64_t n = 0; n < tokens * 4; n++)
			atomic_init(&lines[n], n);
		run(1, one);
		run(2, two);
		printf("%9llu tokens: two threads do %.2f times what one does, recording %.2f times\n",
			(unsigned long long)tokens, two[0] / one[0], two[1] / one[1]);
		free(memory);
	}
	ended = true;
	(void)pthread_join(drainer, NULL);
	printf("%llu uses drained, %llu had no room\n", (unsigned long long)drained, (unsigned long long)lost);
	jt_drain_free(d);
	jt_recorder_free(recorder);
	return EXIT_SUCCESS;
}
