/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_USAGE_FIXTURE_H
#define JT_TEST_USAGE_FIXTURE_H

#include "usage/inside.h"

#include <string.h>

/* What the usage tests share: somewhere for uses to go, and a drain over a recorder's own mapping, so that the thread
 * sanitizer knows that both sides touch the same memory. */

#define SEEN_MAX 4096

struct seen {
	struct jt_drain_to to;
	uint64_t count[SEEN_MAX]; /* by index */
	uint32_t minute[SEEN_MAX];
	struct jt_scopes scopes[SEEN_MAX];
	uint64_t instance; /* of the last */
	uint64_t sum;
	uint64_t room; /* how many records it takes before it is full */
};

static inline enum jt_result seen_take(struct jt_drain_to *to, const struct jt_use *use)
{
	struct seen *s = (struct seen *)(void *)to;

	if (s->room == 0)
		return JT_BUSY;
	s->room--;
	s->instance = use->instance;
	s->sum += use->count;
	if (use->index < SEEN_MAX) {
		s->count[use->index] += use->count;
		s->minute[use->index] = use->minute;
		for (unsigned w = 0; w < JT_SCOPES_MAX / 64; w++)
			s->scopes[use->index].word[w] |= use->scopes.word[w];
	}
	return JT_OK;
}

static inline void seen_start(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	s->to.take = seen_take;
	s->room = UINT64_MAX;
}

static inline struct jt_drain drain_over(struct jt_recorder *r)
{
	return (struct jt_drain){.memory = r->own->memory};
}

#endif
