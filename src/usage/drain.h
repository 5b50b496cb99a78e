/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_USAGE_DRAIN_H
#define JT_USAGE_DRAIN_H

#include "base/result.h"
#include "policy/scopes.h"

/* The authority's side of a verifier's memory. Whoever made it may be anybody and may go on changing it in any way: it is
 * neither believed nor waited for, and can say nothing but that tokens were used. One thread at a time. */
struct jt_drain;

#define JT_USAGE_PAST_MIN 1440        /* a use is never shown as older than this, in minutes before the pass */
#define JT_USAGE_PASS_USES_MAX 16384U /* what one pass takes from one verifier; the rest waits for the next */

/* Maps the memory behind `fd`, which the caller keeps and may close. JT_MALFORMED if it is not sealed, not of the size, not of
 * the format and version, or not plain memory; JT_NOMEM, JT_IO. */
JT_MUST_USE enum jt_result jt_drain_open(int fd, struct jt_drain **out);
/* NULL is taken. */
void jt_drain_free(struct jt_drain *d);

/* What was recorded of one token since it was last taken: `count` uses, at least 1, the last in `minute`. */
struct jt_use {
	uint64_t instance;
	uint32_t index;
	uint32_t count;
	uint32_t minute;
	struct jt_scopes scopes;
};

/* Where uses go. `take` answers JT_OK, or anything else to end the pass: that use then stays where it is. */
struct jt_drain_to {
	enum jt_result (*take)(struct jt_drain_to *to, const struct jt_use *use);
};

struct jt_drained {
	uint64_t uses;    /* the sum of all counts taken */
	uint64_t lost;    /* uses that the verifier had no room for, since the last pass */
	unsigned records; /* how often `take` was called with success */
	unsigned wrong;   /* what cannot be the work of our recorder */
	bool pressed;     /* a ring was more than half full, or not all was taken: come again sooner */
};

/* One round. The clock says `now_minute` (UTC, since 1970). JT_OK, or what `take` answered last. */
JT_MUST_USE enum jt_result jt_drain_pass(
	struct jt_drain *d, uint32_t now_minute, struct jt_drain_to *to, struct jt_drained *out);

#endif
