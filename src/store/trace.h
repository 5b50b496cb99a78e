/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TRACE_H
#define JT_STORE_TRACE_H

#include "base/address.h"
#include "base/buf.h"

/* When and from where a token was used, as far back as it is kept: a few hundred bytes a token at most, in one column
 * (doc/formats/usage.md). Pure. All zero: nothing is known. */

#define JT_TRACE_DAYS 30
#define JT_TRACE_PLACES 5
#define JT_TRACE_DAY_S 86400

/* An address that a token was used from. */
struct jt_trace_place {
	struct jt_address from;
	int64_t last_used_s; /* to the minute */
	int64_t uses;        /* since it is among those that are kept */
};

struct jt_trace {
	int64_t day;                  /* the newest that is kept, in days UTC since 1970 */
	uint32_t uses[JT_TRACE_DAYS]; /* on that day, on the one before, ... */
	unsigned places;
	struct jt_trace_place place[JT_TRACE_PLACES]; /* the latest first */
};

/* So many uses more on `day`. What is older than the days that are kept is not. */
void jt_trace_add_day(struct jt_trace *t, int64_t day, int64_t uses);
/* Adds to what is kept of the address; else takes the place of the one that was not used for the longest time. */
void jt_trace_add_place(struct jt_trace *t, const struct jt_trace_place *p);
/* All that `with` says more. */
void jt_trace_add(struct jt_trace *t, const struct jt_trace *with);
/* How many on `day`. */
int64_t jt_trace_on(const struct jt_trace *t, int64_t day);

/* Appends; the caller checks the buffer. */
void jt_trace_write(const struct jt_trace *t, struct jt_buf *out);
/* Reads what jt_trace_write wrote; of anything else, nothing is known. What is later than `today`, when the clock was wrong, is left
 * out. */
void jt_trace_read(const void *bytes, size_t size, int64_t today, struct jt_trace *out);

#endif
