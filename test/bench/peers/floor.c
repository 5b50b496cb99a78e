/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "entry.h"

#include <stdatomic.h>

#define LINE 64

static inline __attribute__((always_inline)) bool floor_once(void *self, const struct bench_text *t)
{
	const struct bench_home *home = self;
	uint8_t digest[SHA256_DIGEST_SIZE];
	uint64_t first;
	const _Atomic uint64_t *word;

	bench_digest(t, digest);
	memcpy(&first, digest, sizeof(first));
	word = (const _Atomic uint64_t *)(const void *)(home->lines + ((first >> 32) * home->count >> 32) * LINE);
	return atomic_load_explicit(word, memory_order_acquire) != UINT64_MAX;
}

BENCH_CONTENDER(floor_once)

void bench_add_floor(struct bench_run *run, const struct bench_home *home)
{
	struct bench_home *own = bench_alloc(sizeof(*own));
	struct bench_contender c = {.name = "floor",
		.variant = "SHA-256 and one load",
		.block = BENCH_BLOCK,
		.shared = true,
		.self = own,
		.whole = floor_once_whole,
		.each = floor_once_each};

	*own = *home;
	bench_add(run, &c);
}
