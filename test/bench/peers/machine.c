/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

/* No memory, no waiting, six additions at a time: what two of this machine's cores do more than one. Where two of them share what
 * adds, as the threads of one physical core do, it is little more, and nothing else can be either. */

#define TURNS 64

static inline __attribute__((always_inline)) bool add_once(void *self, const struct bench_text *t)
{
	uint64_t a[6] = {t->length, 1, 2, 3, 4, 5};

	(void)self;
	for (unsigned i = 0; i < TURNS; i++) {
		for (unsigned n = 0; n < 6; n++) {
			a[n] += i;
			__asm__ volatile("" : "+r"(a[n]));
		}
	}
	return (a[0] | a[1] | a[2] | a[3] | a[4] | a[5]) != 0;
}

BENCH_CONTENDER(add_once)

void bench_add_machine(struct bench_run *run)
{
	const struct bench_contender c = {.name = "machine",
		.variant = "additions in registers",
		.block = BENCH_BLOCK,
		.shared = true,
		.whole = add_once_whole,
		.each = add_once_each};

	bench_add(run, &c);
}
