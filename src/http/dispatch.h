/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_DISPATCH_H
#define JT_HTTP_DISPATCH_H

#include "http/request.h"

/* The walk of a request, in the order that API.md gives. */

/* When the header is there: framing, path and method, caller, scope. What is wrong is in r->result. */
void jt_dispatch_head(struct jt_http_request *r);

enum jt_next {
	JT_NEXT_ANSWER, /* r->result and r->call say what */
	JT_NEXT_AWAY    /* another thread has it: it calls jt_mhd_resume when it is done */
};
/* When the body is there: query, body, then the operation. Called on the loop. `suspend` is called before another thread gets the
 * request. */
enum jt_next jt_dispatch_body(struct jt_http_request *r, void (*suspend)(struct jt_http_request *r));
/* A request that ended before it was answered. */
void jt_dispatch_give_up(struct jt_http_request *r);
/* Once, when the answer is made: counts, logs, and notes a refusal for the audit log. */
void jt_dispatch_tell(struct jt_http_request *r, int status);

#endif
