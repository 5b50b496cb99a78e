/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_ORG_LIMIT_H
#define JT_STORE_ORG_LIMIT_H

#include "db/db.h"
#include "token/token.h"

/* Rows of `org_limit`: the longest lifetime in seconds that an org lets a token of each kind have. 0: none. */

/* All of them, by kind. */
JT_MUST_USE enum jt_result jt_org_limits_get(struct jt_db *db, const struct jt_id *org, int64_t out[JT_KIND_COUNT]);
/* Makes them so, all at once. */
JT_MUST_USE enum jt_result jt_org_limits_set(
	struct jt_db *db, const struct jt_id *org, const int64_t seconds[JT_KIND_COUNT]);

#endif
