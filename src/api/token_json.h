/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_TOKEN_JSON_H
#define JT_API_TOKEN_JSON_H

#include "authority/token.h"
#include "http/call.h"

enum jt_token_details { JT_TOKEN_PLAIN, JT_TOKEN_DETAILS };
/* A token as answers spell it, with its value if it has one; with details also what its role, its maker and its teams are called,
 * and its state. */
JT_MUST_USE enum jt_result jt_json_token_shown(
	struct jt_tx *tx, const struct jt_token_shown *shown, enum jt_token_details details, json_t **out);

/* The `run` of list_tokens. */
JT_MUST_USE enum jt_result jt_api_list_tokens(struct jt_call *c, struct jt_tx *tx);

#endif
