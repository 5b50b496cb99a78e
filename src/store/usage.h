/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_USAGE_H
#define JT_STORE_USAGE_H

#include "db/db.h"
#include "policy/scopes.h"

/* What was recorded of a token's use, of any kind of token. */

#define JT_USES_MAX (1LL << 62) /* a count goes no further */

struct jt_usage_row {
	struct jt_id org, token;
	int64_t uses; /* 0 to JT_USES_MAX */
	int64_t last_used_s;
	struct jt_scopes scopes; /* exercised at least once */
};

/* A token that is listed from now on, and that nobody has used: lists by last use find it. */
JT_MUST_USE enum jt_result jt_usage_begin(struct jt_db *db, const struct jt_id *org, const struct jt_id *token);
/* It is listed no more. What was recorded of it stays. */
JT_MUST_USE enum jt_result jt_usage_end(struct jt_db *db, const struct jt_id *org, const struct jt_id *token);
/* Adds to what there is: the counts, the later time, the scopes of both. JT_OK too if the token is no longer there. */
JT_MUST_USE enum jt_result jt_usage_add(struct jt_db *db, const struct jt_usage_row *row);
/* JT_NOT_FOUND if nothing was ever recorded of it. */
JT_MUST_USE enum jt_result jt_usage_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_usage_row *out);

#endif
