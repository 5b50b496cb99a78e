/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/project.h"

#include "store/projection.h"

#include <stdlib.h>

static enum jt_result load_orgs(struct jt_db *db, struct jt_table *table)
{
	struct jt_rows *rows = NULL;
	struct jt_table_org org;
	enum jt_result r = jt_project_orgs(db, &rows);

	while (r == JT_OK && (r = jt_project_org_next(rows, &org)) == JT_OK)
		r = jt_table_put_org(table, &org);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_roles(struct jt_db *db, struct jt_table *table, const struct jt_policy *p)
{
	struct jt_rows *rows = NULL;
	struct jt_table_role role;
	enum jt_result r = jt_project_roles(db, &rows);

	while (r == JT_OK && (r = jt_project_role_next(rows, p, &role)) == JT_OK)
		r = jt_table_put_role(table, &role);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_users(struct jt_db *db, struct jt_table *table)
{
	struct jt_rows *rows = NULL;
	struct jt_table_user user;
	enum jt_result r = jt_project_users(db, &rows);

	while (r == JT_OK && (r = jt_project_user_next(rows, &user)) == JT_OK)
		r = jt_table_put_user(table, &user);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_teams(struct jt_db *db, struct jt_table *table)
{
	struct jt_rows *rows = NULL;
	struct jt_id org;
	struct jt_id team;
	enum jt_result r = jt_project_teams(db, &rows);

	while (r == JT_OK && (r = jt_project_team_next(rows, &org, &team)) == JT_OK)
		r = jt_table_put_team(table, &org, &team);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_members(struct jt_db *db, struct jt_table *table)
{
	struct jt_rows *rows = NULL;
	struct jt_table_member member;
	enum jt_result r = jt_project_members(db, &rows);

	while (r == JT_OK && (r = jt_project_member_next(rows, &member)) == JT_OK)
		r = jt_table_put_member(table, &member);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_apps(struct jt_db *db, struct jt_table *table)
{
	struct jt_rows *rows = NULL;
	struct jt_table_app app;
	enum jt_result r = jt_project_apps(db, &rows);

	while (r == JT_OK && (r = jt_project_app_next(rows, &app)) == JT_OK)
		r = jt_table_put_app(table, &app);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load_tokens(struct jt_db *db, struct jt_table *table)
{
	struct jt_token_scan *scan = NULL;
	struct jt_table_token *token = calloc(1, sizeof(*token));
	enum jt_result r = token ? jt_token_scan_open(db, &scan) : JT_NOMEM;

	while (r == JT_OK && (r = jt_token_scan_next(scan, token)) == JT_OK)
		r = jt_table_put_token(table, token);
	jt_token_scan_close(scan);
	free(token);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result load(struct jt_db *db, struct jt_table *table, const struct jt_policy *p)
{
	enum jt_result r = load_orgs(db, table);

	if (r == JT_OK)
		r = load_roles(db, table, p);
	if (r == JT_OK)
		r = load_users(db, table);
	if (r == JT_OK)
		r = load_teams(db, table);
	if (r == JT_OK)
		r = load_members(db, table);
	if (r == JT_OK)
		r = load_apps(db, table);
	return r == JT_OK ? load_tokens(db, table) : r;
}

enum jt_result jt_project_all(
	struct jt_db *db, struct jt_table *table, const struct jt_policy *p, const struct jt_head *head)
{
	struct jt_table_sizes sizes;
	enum jt_result r = jt_project_sizes(db, &sizes);

	if (r == JT_OK)
		r = jt_table_rebuild(table, p, &sizes);
	if (r == JT_OK)
		r = load(db, table, p);
	if (r == JT_OK)
		r = jt_table_publish(table, head->seq, head->nonce);
	if (r != JT_OK)
		jt_table_abandon(table);
	return r;
}
