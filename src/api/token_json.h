/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_TOKEN_JSON_H
#define JT_API_TOKEN_JSON_H

#include "authority/token.h"
#include "http/call.h"

/* A token as answers spell it, with its value if it has one. NULL on want of memory. */
json_t *jt_json_token(const struct jt_token_shown *shown);
/* The `run` of list_tokens. */
JT_MUST_USE enum jt_result jt_api_list_tokens(struct jt_call *c, struct jt_tx *tx);

#endif
