/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "usage/inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A verifier's memory as a stranger leaves it between passes. The first byte says how: 0: what follows is the memory, from the
 * first lane on; else it is steps of 16 bytes: where (in lanes, then in words) and what to write, with a pass after each step
 * whose first byte is odd. */

#define NOW 29000000U
#define LANE_WORDS (sizeof(struct jt_usage_lane) / 8)

static struct jt_usage_memory *memory;
static unsigned records;

static void promise(bool kept)
{
	if (!kept)
		abort();
}

static enum jt_result take(struct jt_drain_to *to, const struct jt_use *use)
{
	(void)to;
	promise(use->count > 0 && use->minute <= NOW && use->minute >= NOW - JT_USAGE_PAST_MIN);
	records++;
	return records % 100 == 99 ? JT_BUSY : JT_OK; /* now and then the authority has no room */
}

static void pass(struct jt_drain *d)
{
	struct jt_drain_to to = {take};
	struct jt_drained out;
	enum jt_result r = JT_OK;

	records = 0;
	r = jt_drain_pass(d, NOW, &to, &out);
	promise(r == JT_OK || (r == JT_BUSY && out.pressed));
	promise(out.records + (r == JT_BUSY) == records && records <= JT_USAGE_PASS_USES_MAX);
	promise(out.uses >= out.records && out.uses <= (uint64_t)out.records * UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_drain d = {0};
	uint64_t *words = NULL;

	if (!memory)
		memory = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || size == 0)
		return 0;
	(void)madvise(memory, sizeof(*memory), MADV_DONTNEED); /* zero again */
	memory->claimed = data[0] == 0 ? 3 : data[0];
	words = (uint64_t *)(void *)memory->lane;
	d.memory = memory;
	if (data[0] == 0)
		memcpy(words, data + 1, size - 1 < sizeof(memory->lane) ? size - 1 : sizeof(memory->lane));
	for (size_t at = 1; data[0] != 0 && at + 16 <= size; at += 16) {
		uint32_t word = 0;

		memcpy(&word, data + at + 2, sizeof(word));
		memcpy(&words[data[at + 1] % JT_USAGE_LANES * LANE_WORDS + word % LANE_WORDS], data + at + 8, 8);
		if (data[at] & 1)
			pass(&d);
	}
	pass(&d);
	pass(&d);
	return 0;
}
