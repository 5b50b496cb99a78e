/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_USAGE_H
#define JT_STORE_USAGE_H

#include "db/db.h"
#include "policy/scopes.h"
#include "store/trace.h"
#include "token/token.h"

/* What was recorded of a token's use, of any kind of token, and of the use of all tokens of an org. */

#define JT_USES_MAX (1LL << 62) /* a count goes no further */

struct jt_usage_row {
	struct jt_id org, token;
	int64_t uses; /* 0 to JT_USES_MAX */
	int64_t last_used_s;
	struct jt_scopes scopes; /* exercised at least once */
	struct jt_trace trace;
};

/* A token that is listed from now on, and that nobody has used: lists by last use find it. */
JT_MUST_USE enum jt_result jt_usage_begin(struct jt_db *db, const struct jt_id *org, const struct jt_id *token);
/* It is revoked: listed no more, and what is known of when and from where is forgotten. Counts and scopes stay. */
JT_MUST_USE enum jt_result jt_usage_end(struct jt_db *db, const struct jt_id *org, const struct jt_id *token);
/* Adds to what there is, of the token and, by the days of the trace, of its org: the counts, the later time, the scopes of both,
 * the trace, of which what is later than `today` is left out. JT_OK too if the token is no longer there. */
JT_MUST_USE enum jt_result jt_usage_add(struct jt_db *db, const struct jt_usage_row *row, int64_t today);
/* JT_NOT_FOUND if nothing was ever recorded of it. */
JT_MUST_USE enum jt_result jt_usage_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t today, struct jt_usage_row *out);

#define JT_ORG_USAGE_DAYS 90 /* days of an org's use that are kept */
/* The use of the org's tokens on `day` and after, in order: columns day, kind (its name), uses. */
JT_MUST_USE enum jt_result jt_org_usage(struct jt_db *db, const struct jt_id *org, int64_t day, struct jt_rows **out);

#endif
