/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_ANSWER_H
#define JT_HTTP_ANSWER_H

#include "base/buf.h"
#include "http/request.h"

/* What goes back: the envelope, the errors, the headers (API.md "Manners"). */

#define JT_ANSWER_HEADERS_MAX 24

struct jt_answer {
	int status;
	char *body; /* malloc'd; NULL: none */
	size_t size;
	bool secret;              /* wipe the body after it was sent */
	struct jt_stream *stream; /* instead of a body: to be ended by whoever sends it */
	unsigned headers;
	struct {
		const char *name;
		const char *value; /* static, or in the request, or below */
	} header[JT_ANSWER_HEADERS_MAX];
	char challenge[320];
	char retry_after[16];
};

/* The body of a success, for a call that has its answer. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_answer_render(const struct jt_call *c, struct jt_buf *out);
/* The status of a success. */
int jt_answer_status(const struct jt_call *c);
/* Everything, for a request that is answered or refused. Takes what it can from the request. JT_NOMEM: out->status is 503 with no
 * body. The body is the caller's. */
JT_MUST_USE enum jt_result jt_answer_make(struct jt_http_request *r, struct jt_answer *out);
/* The body of an error on its own (malloc'd, terminated), for what never became a request. NULL: no memory. */
char *jt_answer_error(enum jt_result result, const char *message);

#endif
