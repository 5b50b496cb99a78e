/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_USER_JSON_H
#define JT_API_USER_JSON_H

#include "http/call.h"
#include "store/account.h"

/* Users as answers spell them, and what requests about them share. */

enum jt_user_details { JT_USER_PLAIN, JT_USER_DETAILS };
/* A row of GET rbac/users: the org role is the entry with an empty team_id. */
JT_MUST_USE enum jt_result jt_json_user(
	struct jt_tx *tx, const struct jt_account_row *row, enum jt_user_details details, json_t **out);
/* Appends to `list` what the user is in each of their teams, as team_membership has it. */
JT_MUST_USE enum jt_result jt_json_teams_of(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, json_t *list);
/* As GET /user. NULL on want of memory. */
json_t *jt_json_me(const struct jt_account_row *row, const char *org_name);
/* The URL to pass on: the deployment's own, the purpose as its path, the secret in the fragment. NULL on want of memory. */
json_t *jt_json_link(const struct jt_call *c, const char *purpose, const char *secret);
/* jt_op.hash for bodies with a `password`: call->state becomes the text of its hash, or stays NULL if there is none. */
JT_MUST_USE enum jt_result jt_api_hash_password(struct jt_call *c);

#endif
