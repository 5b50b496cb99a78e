/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_TEAM_LIST_H
#define JT_API_TEAM_LIST_H

#include "http/call.h"

/* The list of teams, and what it shares with a single one. */

/* GET O/rbac/teams: all of the org's, or those that the caller can read. */
JT_MUST_USE enum jt_result jt_api_list_teams(struct jt_call *c, struct jt_tx *tx);
/* The members of a team, [{user_id_v2, team_role}]: a new reference in *out. *count grows by how many there are. */
JT_MUST_USE enum jt_result jt_json_members(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, json_t **out, int64_t *count);
/* The ids of a team's apps: a new reference in *out. */
JT_MUST_USE enum jt_result jt_json_team_apps(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, json_t **out);

#endif
