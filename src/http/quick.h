/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_QUICK_H
#define JT_HTTP_QUICK_H

#include "base/address.h"
#include "base/id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The short way of an operation that is asked a million times for each time that another is: a plain GET whose header says who
 * asks and no more. It says what the long way would say; whatever is in the least unusual, every refusal among it, goes the
 * long way. No allocation, no line in the log. */

#define JT_QUICK_PARTS 10
#define JT_QUICK_TEXT_MAX 4096
#define JT_QUICK_TARGET_MAX 512

struct jt_quick_part {
	const char *name;
	const char *value; /* not terminated, not empty */
	size_t size;
};

/* An answer of 204: headers alone. Nothing in it need be set at first but `parts`. */
struct jt_quick {
	unsigned parts;
	struct jt_quick_part part[JT_QUICK_PARTS];
	char small[JT_QUICK_PARTS][JT_ID_TEXT_SIZE]; /* where the value of each may be kept: an id, a number */
	char text[JT_QUICK_TEXT_MAX];                /* and of one that is longer */
};

struct jt_authority;
struct jt_quick_ask {
	struct jt_authority *au;
	int64_t now_s;
	const struct jt_address *from; /* the client; none: nobody knows */
	const char *query;             /* what follows the question mark, as it came */
	size_t query_size;             /* below JT_QUICK_TARGET_MAX */
	void **kept; /* what the operation keeps for the connection, NULL at first: malloc'd by it, freed with the connection */
	const char *token;
	size_t token_size;
};
/* True: `out` is the answer. False: the long way; what was put into `out` does not matter then. */
typedef bool jt_quick_answer(const struct jt_quick_ask *ask, struct jt_quick *out);

/* Adds a header. */
static inline void jt_quick_put(struct jt_quick *q, const char *name, const char *value, size_t size)
{
	q->part[q->parts++] = (struct jt_quick_part){name, value, size};
}

/* What a connection keeps for its short requests. */
struct jt_lane {
	char target[JT_QUICK_TARGET_MAX]; /* of the request that is read, as it came */
	size_t target_size;
	int64_t started_ns;
	bool ready, answered;
	void *kept;     /* the operation's */
	void *response; /* the library's, made anew only where a value's size differs; NULL: none */
	unsigned parts;
	size_t size[JT_QUICK_PARTS];
	char *value[JT_QUICK_PARTS]; /* in `response` */
};

/* Are the values of `q` as long as those that the lane's answer has? */
bool jt_lane_fits(const struct jt_lane *lane, const struct jt_quick *q);

struct jt_server;
struct jt_wire;
struct jt_head_lines;
/* A request begins: true if it may go the short way. Keeps `target`. */
bool jt_quick_begin(struct jt_server *s, struct jt_wire *w, const char *target);
/* Its header is there, and whole: true if `out` is the answer, to be sent with 204. Counts it then. */
bool jt_quick_judge(struct jt_server *s, struct jt_wire *w, const char *method, const struct jt_head_lines *head,
	struct jt_quick *out);

#endif
