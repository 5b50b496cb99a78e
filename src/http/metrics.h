/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_METRICS_H
#define JT_HTTP_METRICS_H

#include "base/buf.h"
#include "http/router.h"

#include <stdatomic.h>

/* Counters since the start, in Prometheus' text format. No label holds anything that a client chose. */

#define JT_STATUS_CLASSES 5 /* 1xx to 5xx */

struct jt_metrics {
	unsigned ops;                            /* the last one counts what matched no operation */
	_Atomic uint64_t *by_op;                 /* [ops + 1][JT_STATUS_CLASSES] */
	_Atomic uint64_t by_step[JT_STEP_COUNT]; /* refusals of tokens and scopes */
	_Atomic uint64_t by_result[JT_RESULT_COUNT];
	_Atomic uint64_t expired;     /* requests that did not arrive in time */
	_Atomic uint64_t nanoseconds; /* from the first line to the answer, summed */
	_Atomic int64_t active;       /* requests that are being read or answered */
	_Atomic int64_t writing;      /* of these, with the committer */
	_Atomic int64_t hashing;      /* of these, with the password pool */
	_Atomic int64_t connections;
};

/* All zero, for so many operations: JT_NOMEM. Freed by the other. */
JT_MUST_USE enum jt_result jt_metrics_start(struct jt_metrics *m, unsigned ops);
void jt_metrics_end(struct jt_metrics *m);
/* `op` is the operation's index, or `ops` for none. */
void jt_metrics_count(struct jt_metrics *m, unsigned op, int status, enum jt_result result, int64_t ns);
/* Appends all of it to `out`. */
void jt_metrics_print(
	const struct jt_metrics *m, const struct jt_routes *routes, struct jt_authority *au, struct jt_buf *out);

#endif
