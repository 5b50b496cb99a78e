/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_LIMITER_H
#define JT_HTTP_LIMITER_H

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* Token buckets against guessing. An attempt takes one from its bucket and success gives it back, so that only failures
 * count. Memory is fixed: a full table forgets the bucket that is closest to full again. Any thread. */
struct jt_limiter;

/* How many failures at once, and how many seconds until one is forgiven. */
struct jt_limit {
	unsigned burst;
	unsigned seconds;
};

/* JT_NOMEM. `buckets` is a power of two, at least 8. */
JT_MUST_USE enum jt_result jt_limiter_new(size_t buckets, struct jt_limiter **out);
void jt_limiter_free(struct jt_limiter *l);
/* Takes one from the bucket of `key` (`size` bytes). JT_OK; JT_TOO_MANY with *wait_s, after which there will be one. *taken is what
 * jt_limiter_give needs. `now_ns` never steps back (CLOCK_BOOTTIME). */
JT_MUST_USE enum jt_result jt_limiter_take(struct jt_limiter *l, const struct jt_limit *limit, const void *key,
	size_t size, int64_t now_ns, unsigned long long *taken, unsigned *wait_s);
/* Success: gives back. 0 is taken. */
void jt_limiter_give(struct jt_limiter *l, const struct jt_limit *limit, unsigned long long taken);

#endif
