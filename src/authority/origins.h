/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_ORIGINS_H
#define JT_AUTHORITY_ORIGINS_H

#include "base/address.h"
#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* From which addresses the tokens came that this process has verified. Each thread writes what it sees into a lane of its own,
 * and one other thread takes it from there: what costs is a thread's first use of a token from an address. Lower bounds, in
 * bounded memory. */
struct jt_origins;

#define JT_ORIGINS_LANES_MAX 256    /* threads; what further ones see is counted as lost */
#define JT_ORIGINS_SLOTS 1024       /* of a lane: tokens with an address; a power of two */
#define JT_ORIGINS_WAITING_MAX 4096 /* of a lane: those that had to give up their slot since they were last taken */

/* What was seen of one token from one address since it was last taken. */
struct jt_origin {
	uint64_t instance; /* the table file */
	uint32_t index;    /* the token's record in it */
	uint32_t minute;   /* of the last use, UTC since 1970 */
	struct jt_address from;
	uint64_t uses; /* at least 1 */
};

/* JT_NOMEM. */
JT_MUST_USE enum jt_result jt_origins_new(struct jt_origins **out);
/* No thread may be using it. NULL is taken. */
void jt_origins_free(struct jt_origins *o);

/* One use, from `from`, which is not none. Any thread; a thread's first use takes a lock, later ones never wait. */
void jt_origins_note(
	struct jt_origins *o, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_address *from);

/* Where they go. What `take` cannot keep it counts itself. */
struct jt_origins_to {
	void (*take)(struct jt_origins_to *to, const struct jt_origin *origin);
};
/* Takes all that was seen; returns how many uses there was no room for since the last time. One thread at a time. */
uint64_t jt_origins_drain(struct jt_origins *o, struct jt_origins_to *to);

#endif
