/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include "base/text.h"

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define CONTENDERS_MAX 32
#define CALIBRATE_NS 200000000
#define THREADS_MAX 2

void bench_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void *bench_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		bench_fail("out of memory");
	return p;
}

static double ns_per_tick, overhead;

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_ticks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The counter moves in steps of many ticks, give or take one. Within the step that a quantile falls into, it is put where its
 * rank says. */
static double quantile(const uint32_t *sorted, size_t count, double q)
{
	const uint32_t same = 4;
	size_t rank = (size_t)(q * (double)count), below = rank, above = rank;
	uint32_t step = UINT32_MAX;

	for (size_t i = 1; i < count; i++) {
		if (sorted[i] - sorted[i - 1] > same && sorted[i] - sorted[i - 1] < step)
			step = sorted[i] - sorted[i - 1];
	}
	if (step == UINT32_MAX)
		return sorted[rank];
	while (below > 0 && sorted[rank] - sorted[below - 1] <= same)
		below--;
	while (above < count && sorted[above] - sorted[rank] <= same)
		above++;
	return sorted[rank] + step * ((double)(rank - below) / (double)(above - below) - 0.5);
}

void bench_clock_start(void)
{
	enum { TRIES = 20001 };
	uint32_t *empty = bench_alloc(TRIES * sizeof(*empty));
	int64_t began_ns = monotonic_ns(), now_ns = began_ns;
	uint64_t began = bench_ticks();
	unsigned a = 0x80000007, b = 0, c = 0, d = 0;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(d & 1u << 8))
		bench_fail("the time stamp counter is not invariant on this machine");
	while (now_ns - began_ns < CALIBRATE_NS)
		now_ns = monotonic_ns();
	ns_per_tick = (double)(now_ns - began_ns) / (double)(bench_ticks() - began);
	for (int i = 0; i < TRIES; i++) {
		uint64_t t = bench_ticks();

		empty[i] = (uint32_t)(bench_ticks() - t);
	}
	qsort(empty, TRIES, sizeof(*empty), by_ticks);
	overhead = quantile(empty, TRIES, 0.5);
	free(empty);
}

double bench_clock_ns(uint64_t ticks)
{
	return (double)ticks * ns_per_tick;
}

uint64_t bench_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void bench_value(uint64_t index, char out[BENCH_VALUE_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t state = index * 0x2545f4914f6cdd1d + 1;
	size_t n = 5;

	memset(out, 0, BENCH_VALUE_SIZE);
	memcpy(out, "jtnc_", n);
	for (int word = 0; word < 4; word++) {
		uint64_t bits = bench_random(&state);

		for (int i = 0; i < 8; i++, bits >>= 8)
			out[n++] = digits[(bits & 255) % 62];
	}
	jt_base62_u32(jt_crc32(out, n), out + n, 6);
}

uint64_t bench_pick(uint64_t *state, uint64_t count, bool limited)
{
	uint64_t index = 0;

	if (limited)
		return bench_random(state) % ((count + BENCH_LIMITED - 1) / BENCH_LIMITED) * BENCH_LIMITED;
	do {
		index = bench_random(state) % count;
	} while (bench_is_limited(index));
	return index;
}

void bench_pin(unsigned core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		bench_fail("cannot be pinned to core %u", core);
}

void bench_add(struct bench_run *run, const struct bench_contender *c)
{
	struct bench_contender *own = NULL;

	if (!run->contender)
		run->contender = bench_alloc(CONTENDERS_MAX * sizeof(*own));
	if (run->contenders == CONTENDERS_MAX || c->block > BENCH_BLOCK)
		bench_fail("too many contenders, or too long a block");
	own = &run->contender[run->contenders++];
	*own = *c;
	own->mean_ns.of = bench_alloc(run->rounds * sizeof(double));
	own->p50_ns.of = bench_alloc(run->rounds * sizeof(double));
	own->p99_ns.of = bench_alloc(run->rounds * sizeof(double));
}

/* The texts of one block, and where they are written out. */
struct block {
	struct bench_text text[BENCH_BLOCK + BENCH_AHEAD];
	char value[BENCH_BLOCK][BENCH_VALUE_SIZE];
	uint32_t ticks[BENCH_BLOCK];
};

/* On huge pages: what the texts' own pages cost would fall on everybody's slowest hundredth. */
static struct block *block_new(void)
{
	const size_t huge = (size_t)2 << 20, size = (sizeof(struct block) + huge - 1) & ~(huge - 1);
	struct block *b = aligned_alloc(huge, size);

	if (!b)
		bench_fail("out of memory");
	(void)madvise(b, size, MADV_HUGEPAGE);
	memset(b, 0, size);
	return b;
}

static void draw(struct bench_run *run, const struct bench_contender *c, struct block *b)
{
	if (c->draw) {
		c->draw(c->self, &run->state, b->text, c->block);
		return;
	}
	for (size_t i = 0; i < c->block; i++) {
		uint64_t index = bench_pick(&run->state, run->count, c->limited);

		bench_value(index, b->value[i]);
		b->text[i] = (struct bench_text){b->value[i], BENCH_VALUE_LENGTH, bench_team(index, 0)};
	}
}

static void all_accepted(const struct bench_contender *c, size_t accepted)
{
	if (accepted != c->block)
		bench_fail("%s (%s) refused %zu of %zu", c->name, c->variant, c->block - accepted, c->block);
}

/* What is drawn is drawn before the warm-up: nothing but calls stands between that and the figures. */
static void turn(struct bench_run *run, struct bench_contender *c, struct block *const b[3])
{
	uint32_t *ticks = b[2]->ticks;
	uint64_t began;

	for (int i = 0; i < 3; i++)
		draw(run, c, b[i]);
	all_accepted(c, c->whole(c->self, b[0]->text, c->block));
	began = bench_ticks();
	all_accepted(c, c->whole(c->self, b[1]->text, c->block));
	c->mean_ns.of[c->mean_ns.count++] = (double)(bench_ticks() - began) * ns_per_tick / (double)c->block;
	all_accepted(c, c->each(c->self, b[2]->text, c->block, ticks));
	qsort(ticks, c->block, sizeof(*ticks), by_ticks);
	c->p50_ns.of[c->p50_ns.count++] = (quantile(ticks, c->block, 0.50) - overhead) * ns_per_tick;
	c->p99_ns.of[c->p99_ns.count++] = (quantile(ticks, c->block, 0.99) - overhead) * ns_per_tick;
}

void bench_rounds(struct bench_run *run)
{
	struct block *const b[3] = {block_new(), block_new(), block_new()};

	bench_pin(run->core);
	for (unsigned round = 0; round < run->rounds; round++) {
		for (size_t i = 0; i < run->contenders; i++)
			turn(run, &run->contender[(i + round) % run->contenders], b);
	}
	for (int i = 0; i < 3; i++)
		free(b[i]);
}

/* All threads run a block at the same time, then draw the next one: the time is from the first begin to the last end. */
#define THREAD_BLOCKS 8

struct meeting {
	atomic_uint here;
	unsigned threads;
};

struct worker {
	pthread_t thread;
	struct bench_run run; /* its own random state */
	const struct bench_contender *contender;
	struct block *warm, *block;
	struct meeting *meeting;
	unsigned core;
	size_t accepted;
	uint64_t began[THREAD_BLOCKS], ended[THREAD_BLOCKS];
};

/* Spins: a thread that had to be woken would begin late. */
static void meet(struct meeting *m, unsigned time)
{
	atomic_fetch_add(&m->here, 1);
	while (atomic_load_explicit(&m->here, memory_order_acquire) < m->threads * time)
		_mm_pause();
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct bench_contender *c = w->contender;
	unsigned time = 0;

	bench_pin(w->core);
	for (int i = 0; i < THREAD_BLOCKS; i++) {
		draw(&w->run, c, w->block);
		draw(&w->run, c, w->warm);
		w->accepted += c->whole(c->self, w->warm->text, c->block);
		meet(w->meeting, ++time);
		w->began[i] = bench_ticks();
		w->accepted += c->whole(c->self, w->block->text, c->block);
		w->ended[i] = bench_ticks();
		meet(w->meeting, ++time);
	}
	return NULL;
}

static uint64_t longest(const struct worker *worker, unsigned threads, int block)
{
	uint64_t began = worker[0].began[block], ended = worker[0].ended[block];

	for (unsigned i = 1; i < threads; i++) {
		began = worker[i].began[block] < began ? worker[i].began[block] : began;
		ended = worker[i].ended[block] > ended ? worker[i].ended[block] : ended;
	}
	return ended - began;
}

/* Calls a second of all threads together. One alone runs on `core`, several on the first cores. */
static double rate(struct bench_run *run, const struct bench_contender *c, unsigned threads, unsigned core)
{
	struct worker worker[THREADS_MAX] = {0};
	struct meeting meeting = {.threads = threads};
	double ns = 0;

	for (unsigned i = 0; i < threads; i++) {
		worker[i] = (struct worker){
			.run = *run, .contender = c, .meeting = &meeting, .core = threads > 1 ? i : core};
		worker[i].run.state = bench_random(&run->state);
		worker[i].block = block_new();
		worker[i].warm = block_new();
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]) != 0)
			bench_fail("no thread");
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(worker[i].thread, NULL);
		if (worker[i].accepted != c->block * THREAD_BLOCKS * 2)
			bench_fail("%s refused in a thread", c->name);
		free(worker[i].block);
		free(worker[i].warm);
	}
	for (int i = 0; i < THREAD_BLOCKS; i++)
		ns += (double)longest(worker, threads, i) * ns_per_tick;
	return (double)(c->block * THREAD_BLOCKS * threads) / ns * 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void bench_print_figures(FILE *to, const char *name, double *of, size_t count)
{
	qsort(of, count, sizeof(*of), by_value);
	fprintf(to, "\"%s\":{\"median\":%.4g,\"least\":%.4g,\"most\":%.4g,\"rounds\":%zu}", name,
		count % 2 ? of[count / 2] : (of[count / 2 - 1] + of[count / 2]) / 2, of[0], of[count - 1], count);
}

static void print_ratio(FILE *to, const char *name, const struct bench_figures *of, const struct bench_figures *floor)
{
	double *ratio = bench_alloc(of->count * sizeof(*ratio));

	for (size_t i = 0; i < of->count; i++)
		ratio[i] = of->of[i] / floor->of[i];
	fputc(',', to);
	bench_print_figures(to, name, ratio, of->count);
	free(ratio);
}

static void print_sorted(FILE *to, const char *name, const struct bench_figures *of)
{
	double *copy = bench_alloc(of->count * sizeof(*copy));

	memcpy(copy, of->of, of->count * sizeof(*copy));
	fputc(',', to);
	bench_print_figures(to, name, copy, of->count);
	free(copy);
}

void bench_report(const struct bench_run *run, FILE *to)
{
	const struct bench_contender *floor = NULL;

	for (size_t i = 0; i < run->contenders; i++) {
		if (strcmp(run->contender[i].name, "floor") == 0)
			floor = &run->contender[i];
	}
	for (size_t i = 0; i < run->contenders; i++) {
		const struct bench_contender *c = &run->contender[i];

		fprintf(to,
			"{\"contender\":\"%s\",\"variant\":\"%s\",\"tokens\":%llu,\"pages\":\"%s\",\"table_kib\":%llu,"
			"\"huge_kib\":%llu,\"block\":%zu",
			c->name, c->variant, (unsigned long long)run->count, run->pages,
			(unsigned long long)run->table_kib, (unsigned long long)run->huge_kib, c->block);
		print_sorted(to, "mean_ns", &c->mean_ns);
		print_sorted(to, "p50_ns", &c->p50_ns);
		print_sorted(to, "p99_ns", &c->p99_ns);
		if (floor) {
			print_ratio(to, "mean_to_floor", &c->mean_ns, &floor->mean_ns);
			print_ratio(to, "p50_to_floor", &c->p50_ns, &floor->p50_ns);
			print_ratio(to, "p99_to_floor", &c->p99_ns, &floor->p99_ns);
		}
		fputs("}\n", to);
	}
}

void bench_report_threads(struct bench_run *run, FILE *to)
{
	double *one = bench_alloc(run->rounds * sizeof(*one)), *two = bench_alloc(run->rounds * sizeof(*two));
	double *scaling = bench_alloc(run->rounds * sizeof(*scaling));

	for (size_t i = 0; i < run->contenders; i++) {
		const struct bench_contender *c = &run->contender[i];

		if (!c->shared)
			continue;
		for (unsigned round = 0; round < run->rounds; round++) {
			one[round] = rate(run, c, 1, round % 2);
			two[round] = rate(run, c, 2, 0);
			scaling[round] = two[round] / one[round];
		}
		fprintf(to, "{\"threads_of\":\"%s\",\"variant\":\"%s\",\"tokens\":%llu,\"pages\":\"%s\",", c->name,
			c->variant, (unsigned long long)run->count, run->pages);
		bench_print_figures(to, "one_per_s", one, run->rounds);
		fputc(',', to);
		bench_print_figures(to, "two_per_s", two, run->rounds);
		fputc(',', to);
		bench_print_figures(to, "scaling", scaling, run->rounds);
		fputs("}\n", to);
	}
	free(one);
	free(two);
	free(scaling);
}
