/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_ROLE_H
#define JT_STORE_ROLE_H

#include "db/db.h"

/* Rows of `role`: the custom roles of an org. Texts of a row that was read live as long as its rows are open and not moved. */
struct jt_role_row {
	struct jt_id org, id;
	const char *name, *name_fold, *description;
	const char *scopes; /* names, sorted, one space between */
	bool for_teams, reach_teams;
	int64_t created_ns;
};

/* Who has a role. */
struct jt_role_use_count {
	int64_t users, members, tokens, invitations;
};

/* JT_CONSTRAINT if the org has a role of that name. */
JT_MUST_USE enum jt_result jt_role_insert(struct jt_db *db, const struct jt_role_row *role);
/* Name, description and scopes. JT_CONSTRAINT if the name is taken. */
JT_MUST_USE enum jt_result jt_role_update(struct jt_db *db, const struct jt_role_row *role);
/* How many custom roles the org has. */
JT_MUST_USE enum jt_result jt_role_count(struct jt_db *db, const struct jt_id *org, int64_t *count);
JT_MUST_USE enum jt_result jt_role_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
/* JT_NOT_FOUND, or *rows stand on the role, which is also in *out: close them when done with it. */
JT_MUST_USE enum jt_result jt_role_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *id,
	struct jt_rows **rows, struct jt_role_row *out);
/* All roles of the org, by name. */
JT_MUST_USE enum jt_result jt_role_list(struct jt_db *db, const struct jt_id *org, struct jt_rows **rows);
/* The next of them: JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_role_next(struct jt_rows *rows, struct jt_role_row *out);
/* How many users, memberships, live tokens and pending invitations have the role, managed or custom. */
JT_MUST_USE enum jt_result jt_role_uses(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_role_use_count *out);
/* In how many teams a user has the role. */
JT_MUST_USE enum jt_result jt_role_held_in_teams(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *role, const struct jt_id *account, int64_t *out);

#endif
