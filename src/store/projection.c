/* SPDX-License-Identifier: Apache-2.0 */
#include "store/projection.h"

#include <string.h>

/* For each noun one list of columns, used by the single read and by the scan, so that one function fills from both. */
#define ORG_COLUMNS "SELECT id, owner, active FROM org"
#define USER_COLUMNS "SELECT org, id, role, disabled FROM account"
#define ROLE_COLUMNS "SELECT org, id, reach_teams, scopes FROM role"
#define TEAM_COLUMNS "SELECT org, id FROM team"
#define MEMBER_COLUMNS "SELECT org, team, account, role FROM member"
#define APP_COLUMNS "SELECT org, id, team FROM app"

JT_SQL(project_org, ORG_COLUMNS " WHERE id = $1");
JT_SQL(project_orgs, ORG_COLUMNS " ORDER BY id");
JT_SQL(project_user, USER_COLUMNS " WHERE org = $1 AND id = $2");
JT_SQL(project_users, USER_COLUMNS " ORDER BY org, id");
JT_SQL(project_role, ROLE_COLUMNS " WHERE org = $1 AND id = $2");
JT_SQL(project_roles, ROLE_COLUMNS " ORDER BY org, id");
JT_SQL(project_team, TEAM_COLUMNS " WHERE org = $1 AND id = $2");
JT_SQL(project_teams, TEAM_COLUMNS " ORDER BY org, id");
JT_SQL(project_member, MEMBER_COLUMNS " WHERE org = $1 AND team = $2 AND account = $3");
JT_SQL(project_members, MEMBER_COLUMNS " ORDER BY org, team, account");
JT_SQL(project_app, APP_COLUMNS " WHERE org = $1 AND id = $2");
JT_SQL(project_apps, APP_COLUMNS " ORDER BY org, id");

JT_SQL(project_count_orgs, "SELECT CAST(count(*) AS BIGINT) FROM org");
JT_SQL(project_count_users, "SELECT CAST(count(*) AS BIGINT) FROM account");
JT_SQL(project_count_roles, "SELECT CAST(count(*) AS BIGINT) FROM role");
JT_SQL(project_count_teams, "SELECT CAST(count(*) AS BIGINT) FROM team");
JT_SQL(project_count_members, "SELECT CAST(count(*) AS BIGINT) FROM member");
JT_SQL(project_count_apps, "SELECT CAST(count(*) AS BIGINT) FROM app");
JT_SQL(project_count_tokens, "SELECT CAST(count(*) AS BIGINT) FROM token");
JT_SQL(project_count_values, "SELECT CAST(count(*) AS BIGINT) FROM token_value");
JT_SQL(project_count_token_teams, "SELECT CAST(count(*) AS BIGINT) FROM token_team");

enum jt_result jt_project_sizes(struct jt_db *db, struct jt_table_sizes *out)
{
	const struct {
		const struct jt_sql *sql;
		uint64_t *into;
	} counts[] = {{&project_count_orgs, &out->orgs}, {&project_count_users, &out->users},
		{&project_count_roles, &out->roles}, {&project_count_teams, &out->teams},
		{&project_count_members, &out->members}, {&project_count_apps, &out->apps},
		{&project_count_tokens, &out->tokens}, {&project_count_token_teams, &out->teams_of_tokens},
		{&project_count_values, &out->overlaps}};
	enum jt_result r = JT_OK;

	*out = (struct jt_table_sizes){0};
	for (size_t i = 0; r == JT_OK && i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t n = 0;

		r = jt_db_int(db, counts[i].sql, JT_NO_BIND, &n);
		*counts[i].into = (uint64_t)n;
	}
	out->overlaps = out->overlaps > out->tokens ? out->overlaps - out->tokens : 0;
	/* Guesses: the table grows where they are wrong. A list is two longer than its teams. */
	out->text = 32 * out->apps;
	out->teams_of_tokens *= 3;
	return r;
}

/* After a query for one row: its result, with "no row" as JT_NOT_FOUND; ends the query. */
static enum jt_result single(enum jt_result r, struct jt_rows **rows)
{
	jt_rows_close(rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_project_orgs(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_orgs, JT_NO_BIND, out);
}

enum jt_result jt_project_org_next(struct jt_rows *rows, struct jt_table_org *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->id = jt_rows_id(rows, 0);
	out->owner = jt_rows_id(rows, 1);
	out->active = jt_rows_int(rows, 2) != 0;
	return JT_OK;
}

enum jt_result jt_project_org(struct jt_db *db, const struct jt_id *org, struct jt_table_org *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_org, JT_BIND(JT_ID(org)), &rows);

	return single(r == JT_OK ? jt_project_org_next(rows, out) : r, &rows);
}

enum jt_result jt_project_users(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_users, JT_NO_BIND, out);
}

enum jt_result jt_project_user_next(struct jt_rows *rows, struct jt_table_user *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	out->role = jt_rows_id(rows, 2);
	out->active = jt_rows_int(rows, 3) == 0;
	return JT_OK;
}

enum jt_result jt_project_user(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_table_user *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_user, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	return single(r == JT_OK ? jt_project_user_next(rows, out) : r, &rows);
}

enum jt_result jt_project_roles(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_roles, JT_NO_BIND, out);
}

/* Names with one space between. */
static void scopes_of(const struct jt_policy *p, const char *names, struct jt_scopes *out)
{
	memset(out, 0, sizeof(*out));
	while (*names) {
		size_t length = strcspn(names, " ");
		const struct jt_scope *scope = jt_policy_scope(p, names, length);

		if (scope)
			jt_scopes_add(out, scope->bit);
		names += length + (names[length] == ' ' ? 1 : 0);
	}
}

enum jt_result jt_project_role_next(struct jt_rows *rows, const struct jt_policy *p, struct jt_table_role *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	out->reach = jt_rows_int(rows, 2) != 0 ? JT_REACH_TEAMS : JT_REACH_ORG;
	scopes_of(p, jt_rows_text(rows, 3), &out->scopes);
	return JT_OK;
}

enum jt_result jt_project_role(struct jt_db *db, const struct jt_policy *p, const struct jt_id *org,
	const struct jt_id *id, struct jt_table_role *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_role, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	return single(r == JT_OK ? jt_project_role_next(rows, p, out) : r, &rows);
}

enum jt_result jt_project_teams(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_teams, JT_NO_BIND, out);
}

enum jt_result jt_project_team_next(struct jt_rows *rows, struct jt_id *org, struct jt_id *id)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	*org = jt_rows_id(rows, 0);
	*id = jt_rows_id(rows, 1);
	return JT_OK;
}

enum jt_result jt_project_team(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_team, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	return single(r == JT_OK ? jt_rows_next(rows) : r, &rows);
}

enum jt_result jt_project_members(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_members, JT_NO_BIND, out);
}

enum jt_result jt_project_member_next(struct jt_rows *rows, struct jt_table_member *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->team = jt_rows_id(rows, 1);
	out->user = jt_rows_id(rows, 2);
	out->role = jt_rows_id(rows, 3);
	return JT_OK;
}

enum jt_result jt_project_member(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *user, struct jt_table_member *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_member, JT_BIND(JT_ID(org), JT_ID(team), JT_ID(user)), &rows);

	return single(r == JT_OK ? jt_project_member_next(rows, out) : r, &rows);
}

enum jt_result jt_project_apps(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &project_apps, JT_NO_BIND, out);
}

enum jt_result jt_project_app_next(struct jt_rows *rows, struct jt_table_app *out)
{
	enum jt_result r = jt_rows_next(rows);
	const char *name = NULL;

	if (r != JT_OK)
		return r;
	name = jt_rows_text(rows, 1);
	if (strlen(name) >= sizeof(out->name))
		return JT_MALFORMED;
	memcpy(out->name, name, strlen(name) + 1);
	out->org = jt_rows_id(rows, 0);
	out->team = jt_rows_id(rows, 2);
	return JT_OK;
}

enum jt_result jt_project_app(struct jt_db *db, const struct jt_id *org, const char *name, struct jt_table_app *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_app, JT_BIND(JT_ID(org), JT_T(name)), &rows);

	return single(r == JT_OK ? jt_project_app_next(rows, out) : r, &rows);
}
