/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BENCH_H
#define JT_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <x86intrin.h>

/* What every contender of the in-process benchmark shares: the clock, the tokens, the blocks, the figures.
 *
 * One round gives every contender a turn: a warm-up, a block timed as a whole, and a block timed call by call, each over
 * tokens of its own that were written out in the order of their use before the clock ran. A call begins only when the one
 * before it has ended, loads included (lfence), as it would if each came from another request. The next texts are on their
 * way into the nearest cache meanwhile, for everybody, as the bytes of a request that was just read are there. */

/* The clock: the time stamp counter, held against CLOCK_MONOTONIC. What two readings with nothing between them show is taken off
 * every single call. Ends the process if the counter is not invariant. */
void bench_clock_start(void);
double bench_clock_ns(uint64_t ticks);

/* Earlier instructions have completed, loads too, before the counter is read; later ones wait until it has been. */
static inline __attribute__((always_inline)) uint64_t bench_ticks(void)
{
	unsigned cpu;
	uint64_t t = __rdtscp(&cpu);

	_mm_lfence();
	return t;
}

uint64_t bench_random(uint64_t *state); /* splitmix64 */

/* The tokens: number `index` is the same in every program and every run, so nobody has to keep 10 M of them. One in
 * BENCH_LIMITED is a limited token, in BENCH_TEAMS_EACH of BENCH_TEAMS teams; the others may act in the whole org. */
#define BENCH_VALUE_SIZE 48
#define BENCH_VALUE_LENGTH 43
#define BENCH_LIMITED 16
#define BENCH_TEAMS 64
#define BENCH_TEAMS_EACH 2
#define BENCH_LIFETIME_S (30 * 86400)
/* "jtnc_" and 38 digits, terminated. */
void bench_value(uint64_t index, char out[BENCH_VALUE_SIZE]);
static inline bool bench_is_limited(uint64_t index)
{
	return index % BENCH_LIMITED == 0;
}
/* The index of a random token among `count`, limited or not as asked. */
uint64_t bench_pick(uint64_t *state, uint64_t count, bool limited);
/* The number of team `which` of a limited token. */
static inline unsigned bench_team(uint64_t index, unsigned which)
{
	return (unsigned)((index / BENCH_LIMITED + which * 31) % BENCH_TEAMS);
}

/* What is handed to a contender. */
struct bench_text {
	const char *text;
	size_t length;
	unsigned team; /* one that the token is in, if it is limited */
};

#define BENCH_BLOCK 20000
#define BENCH_AHEAD 8

struct bench_figures {
	double *of; /* one a round */
	size_t count;
};

struct bench_contender {
	const char *name;    /* "lmdb" */
	const char *variant; /* "one transaction"; or "" */
	size_t block;        /* calls a block, at most BENCH_BLOCK */
	bool shared;         /* `self` may be used by several threads: measured with one and two */
	void *self;
	bool limited; /* over limited tokens, or else over those that are not */
	/* Writes out `count` texts for a block, outside the clock; NULL: random tokens. */
	void (*draw)(void *self, uint64_t *state, struct bench_text *out, size_t count);
	/* Both from BENCH_CONTENDER: return how many calls accepted; all must. */
	size_t (*whole)(void *self, const struct bench_text *text, size_t count);
	size_t (*each)(void *self, const struct bench_text *text, size_t count, uint32_t *ticks);
	struct bench_figures mean_ns, p50_ns, p99_ns;
};

/* Asks for a text that comes soon, and its second line (a value may lie across two). */
static inline __attribute__((always_inline)) void bench_ahead(const struct bench_text *t)
{
	__builtin_prefetch(t[BENCH_AHEAD].text);
	__builtin_prefetch(t[BENCH_AHEAD].text + 64);
}

/* Defines NAME_whole and NAME_each over `static inline bool NAME(void *self, const struct bench_text *t)`, inlined: what a
 * call through a pointer costs is nobody's. */
#define BENCH_CONTENDER(NAME) \
	static size_t NAME##_whole(void *self, const struct bench_text *text, size_t count) \
	{ \
		size_t accepted = 0; \
		for (size_t i = 0; i < count; i++) { \
			bench_ahead(&text[i]); \
			accepted += NAME(self, &text[i]) ? 1 : 0; \
			_mm_lfence(); \
		} \
		return accepted; \
	} \
	static size_t NAME##_each(void *self, const struct bench_text *text, size_t count, uint32_t *ticks) \
	{ \
		size_t accepted = 0; \
		for (size_t i = 0; i < count; i++) { \
			uint64_t began; \
			bench_ahead(&text[i]); \
			began = bench_ticks(); \
			accepted += NAME(self, &text[i]) ? 1 : 0; \
			ticks[i] = (uint32_t)(bench_ticks() - began); \
		} \
		return accepted; \
	}

struct bench_run {
	uint64_t count; /* live tokens */
	const char *pages;
	uint64_t table_kib, huge_kib; /* of the table's mapping, and what of that is on huge pages */
	unsigned rounds;
	unsigned core;
	uint64_t state;
	struct bench_contender *contender;
	size_t contenders;
};

/* Pins the calling thread. Ends the process if it cannot be. */
void bench_pin(unsigned core);
/* Adds a contender, copied; ends the process if there are too many. */
void bench_add(struct bench_run *run, const struct bench_contender *c);
/* All rounds. Ends the process, with a message, if a call refuses what it had to accept. */
void bench_rounds(struct bench_run *run);
/* One JSON line a contender. Ratios are to the contender "floor" of the same round. */
void bench_report(const struct bench_run *run, FILE *to);
/* For each contender that threads may share: calls a second with one thread and with two, in turns, as a JSON line. */
void bench_report_threads(struct bench_run *run, FILE *to);
/* `"name":{"median":..,"least":..,"most":..,"rounds":..}`. Sorts the figures. */
void bench_print_figures(FILE *to, const char *name, double *of, size_t count);
/* Prints to standard error and ends the process. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Never NULL. */
void *bench_alloc(size_t size);

#endif
