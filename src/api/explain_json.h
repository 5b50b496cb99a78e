/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_EXPLAIN_JSON_H
#define JT_API_EXPLAIN_JSON_H

#include "http/call.h"
#include "verify/explain.h"

/* An explanation as doc/openapi.yaml has it, and as `jeton verify --explain --json` prints it; `p` is the policy of the view
 * that was explained. Nothing is null in it: what was not found out is left out. NULL on want of memory. */
json_t *jt_json_explanation(const struct jt_policy *p, const struct jt_explanation *e);

#endif
