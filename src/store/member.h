/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_MEMBER_H
#define JT_STORE_MEMBER_H

#include "db/db.h"

/* Rows of `member`: who is in a team, with which role. */
struct jt_member_row {
	struct jt_id org, team, account, role;
};

/* Puts or replaces. JT_CONSTRAINT if there is no such team or account. */
JT_MUST_USE enum jt_result jt_member_put(struct jt_db *db, const struct jt_member_row *m);
/* JT_NOT_FOUND if the account is not in the team. */
JT_MUST_USE enum jt_result jt_member_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *account, struct jt_id *role);
/* *changed: 1, or 0 if the account was not in the team. */
JT_MUST_USE enum jt_result jt_member_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *account, int64_t *changed);
/* How many are in the team. */
JT_MUST_USE enum jt_result jt_member_count(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *team, int64_t *count);
/* Columns account, role; by account. */
JT_MUST_USE enum jt_result jt_member_of_team(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *team, struct jt_rows **rows);
/* Columns team, role, the team's name; by team. */
JT_MUST_USE enum jt_result jt_member_of_account(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_rows **rows);

#endif
