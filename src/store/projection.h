/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_PROJECTION_H
#define JT_STORE_PROJECTION_H

#include "db/db.h"
#include "table/table.h"

/* Rows as the table wants them. Each noun is read one at a time (JT_NOT_FOUND if the row is gone) or all in one ordered
 * scan (next: JT_OK, JT_DONE or an error). `p` turns the names in custom roles into bits; an unknown name grants nothing. */

/* How much there is, for the room that a table needs; the bytes of names are not counted. */
JT_MUST_USE enum jt_result jt_project_sizes(struct jt_db *db, struct jt_table_sizes *out);

/* Orgs. */
JT_MUST_USE enum jt_result jt_project_org(struct jt_db *db, const struct jt_id *org, struct jt_table_org *out);
JT_MUST_USE enum jt_result jt_project_orgs(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_org_next(struct jt_rows *rows, struct jt_table_org *out);

/* Users. */
JT_MUST_USE enum jt_result jt_project_user(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_table_user *out);
JT_MUST_USE enum jt_result jt_project_users(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_user_next(struct jt_rows *rows, struct jt_table_user *out);

/* Custom roles. */
JT_MUST_USE enum jt_result jt_project_role(struct jt_db *db, const struct jt_policy *p, const struct jt_id *org,
	const struct jt_id *id, struct jt_table_role *out);
JT_MUST_USE enum jt_result jt_project_roles(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_role_next(
	struct jt_rows *rows, const struct jt_policy *p, struct jt_table_role *out);

/* A team is its two ids. */
JT_MUST_USE enum jt_result jt_project_team(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
JT_MUST_USE enum jt_result jt_project_teams(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_team_next(struct jt_rows *rows, struct jt_id *org, struct jt_id *id);

/* Members. */
JT_MUST_USE enum jt_result jt_project_member(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *user, struct jt_table_member *out);
JT_MUST_USE enum jt_result jt_project_members(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_member_next(struct jt_rows *rows, struct jt_table_member *out);

/* Apps. */
JT_MUST_USE enum jt_result jt_project_app(
	struct jt_db *db, const struct jt_id *org, const char *name, struct jt_table_app *out);
JT_MUST_USE enum jt_result jt_project_apps(struct jt_db *db, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_project_app_next(struct jt_rows *rows, struct jt_table_app *out);

/* One token with its values and teams. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_project_token(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out);

/* All tokens that are not revoked: three scans in one order (token, its values, its teams), walked together. */
struct jt_token_scan;
/* JT_NOMEM, JT_DB. */
JT_MUST_USE enum jt_result jt_token_scan_open(struct jt_db *db, struct jt_token_scan **out);
JT_MUST_USE enum jt_result jt_token_scan_next(struct jt_token_scan *s, struct jt_table_token *out);
/* NULL is taken. */
void jt_token_scan_close(struct jt_token_scan *s);

#endif
