/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_USAGE_JSON_H
#define JT_API_USAGE_JSON_H

#include "authority/token.h"
#include "http/call.h"

/* A day UTC, since 1970, as answers spell it: "2026-11-25". NULL on want of memory. */
json_t *jt_json_day(int64_t day);
/* What is known of a token's use: count, last_used_at, scopes_used, the last 30 days up to `now_s`, the latest places. NULL on want
 * of memory. */
json_t *jt_json_used(const struct jt_policy *p, const struct jt_token_used *used, int64_t now_s);

#endif
