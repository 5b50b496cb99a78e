/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_ADMIT_H
#define JT_HTTP_ADMIT_H

#include "http/request.h"

/* Who calls, and may they: the part of API.md's order that comes before the body. */

/* 401, then 404 for another org, 404 for a team or app that is not the caller's to see, 403 for a missing scope. JT_OK, or the
 * refusal with r->reason for the log. */
JT_MUST_USE enum jt_result jt_admit(struct jt_http_request *r);
/* The same for somebody who was let in and then had to wait: their access may have ended meanwhile. */
JT_MUST_USE enum jt_result jt_admit_again(struct jt_http_request *r, struct jt_db *db);

#endif
