/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_IDEMPOTENCY_H
#define JT_HTTP_IDEMPOTENCY_H

#include "http/request.h"

/* Idempotency-Key (RULES.md "Idempotency"). The first request's answer is written in its own transaction. A later one is
 * authorized and run anew, so that a replay obeys the rules of its moment; then what it wrote is undone and the first answer is
 * given again. */

#define JT_IDEMPOTENCY_KEY_MIN 16
#define JT_IDEMPOTENCY_KEY_MAX 255
#define JT_IDEMPOTENCY_SECRET_SECONDS 3600

/* Keys whose first request still runs, in this process. Any thread. */
struct jt_running;

/* An empty set: JT_NOMEM. NULL is taken by the other. */
JT_MUST_USE enum jt_result jt_running_new(struct jt_running **out);
void jt_running_free(struct jt_running *set);

/* JT_VALIDATION if there is a key that is none. */
JT_MUST_USE enum jt_result jt_idempotency_check(struct jt_http_request *r);
/* Before the request leaves its loop. JT_IDEMPOTENCY_BUSY if another with this key runs. Nothing to do without a key. */
JT_MUST_USE enum jt_result jt_idempotency_enter(struct jt_http_request *r);
/* When it has its answer, or has failed. */
void jt_idempotency_leave(struct jt_http_request *r);
/* On the committer, after the operation ran with `ran`. Its result stands (and is recorded, if it was JT_OK), or JT_DONE: there
 * was an earlier answer, now in r->kept; everything of this run must be undone. JT_IDEMPOTENCY_REUSED, JT_IDEMPOTENCY_GONE. */
JT_MUST_USE enum jt_result jt_idempotency_settle(struct jt_http_request *r, struct jt_tx *tx, enum jt_result ran);

#endif
