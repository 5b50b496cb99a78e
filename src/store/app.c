/* SPDX-License-Identifier: Apache-2.0 */
#include "store/app.h"

#include <stdio.h>

#define COLUMNS "SELECT org, id, name, team, base_branch, created_ns FROM app "

JT_SQL(app_insert, "INSERT INTO app (org, id, name, team, base_branch, created_ns) VALUES ($1, $2, $3, $4, $5, $6)");
JT_SQL(app_get, COLUMNS "WHERE org = $1 AND id = $2");
JT_SQL(app_update, "UPDATE app SET name = $3, team = $4, base_branch = $5 WHERE org = $1 AND id = $2");
JT_SQL(app_delete, "DELETE FROM app WHERE org = $1 AND id = $2");
JT_SQL(app_leave_team, "UPDATE app SET team = NULL WHERE org = $1 AND team = $2");
JT_SQL(app_list_rising, COLUMNS "WHERE org = $1 AND id > $2 ORDER BY id LIMIT $3 OFFSET $4");
JT_SQL(app_list_falling, COLUMNS "WHERE org = $1 ORDER BY id DESC LIMIT $2 OFFSET $3");
JT_SQL(app_list_falling_after, COLUMNS "WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4");
JT_SQL(app_list_team_rising, COLUMNS "WHERE org = $1 AND team = $2 AND id > $3 ORDER BY id LIMIT $4 OFFSET $5");
/* The bound that is always true makes SQLite walk the team by app_team rather than all apps of the org. */
JT_SQL(app_list_team_falling, COLUMNS "WHERE org = $1 AND team = $2 AND id > '' ORDER BY id DESC LIMIT $3 OFFSET $4");
JT_SQL(app_list_team_falling_after,
	COLUMNS "WHERE org = $1 AND team = $2 AND id < $3 ORDER BY id DESC LIMIT $4 OFFSET $5");

enum jt_result jt_app_insert(struct jt_db *db, const struct jt_app_row *app)
{
	return jt_db_run(db, &app_insert,
		JT_BIND(JT_ID(&app->org), JT_T(app->id), JT_T(app->name), JT_ID(&app->team), JT_T(app->base_branch),
			JT_I(app->created_ns)),
		NULL);
}

enum jt_result jt_app_next(struct jt_rows *rows, struct jt_app_row *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	snprintf(out->id, sizeof(out->id), "%s", jt_rows_text(rows, 1));
	snprintf(out->name, sizeof(out->name), "%s", jt_rows_text(rows, 2));
	out->team = jt_rows_id(rows, 3);
	snprintf(out->base_branch, sizeof(out->base_branch), "%s", jt_rows_text(rows, 4));
	out->created_ns = jt_rows_int(rows, 5);
	return JT_OK;
}

enum jt_result jt_app_get(struct jt_db *db, const struct jt_id *org, const char *id, struct jt_app_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &app_get, JT_BIND(JT_ID(org), JT_T(id)), &rows);

	if (r == JT_OK)
		r = jt_app_next(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_app_update(struct jt_db *db, const struct jt_app_row *app)
{
	return jt_db_run(db, &app_update,
		JT_BIND(JT_ID(&app->org), JT_T(app->id), JT_T(app->name), JT_ID(&app->team), JT_T(app->base_branch)),
		NULL);
}

enum jt_result jt_app_delete(struct jt_db *db, const struct jt_id *org, const char *id)
{
	return jt_db_run(db, &app_delete, JT_BIND(JT_ID(org), JT_T(id)), NULL);
}

static enum jt_result list_of_org(struct jt_db *db, const struct jt_id *org, enum jt_app_sort order, const char *after,
	int64_t limit, int64_t offset, struct jt_rows **rows)
{
	if (order == JT_APP_RISING)
		return jt_db_query(
			db, &app_list_rising, JT_BIND(JT_ID(org), JT_T(after), JT_I(limit), JT_I(offset)), rows);
	if (after[0] == '\0')
		return jt_db_query(db, &app_list_falling, JT_BIND(JT_ID(org), JT_I(limit), JT_I(offset)), rows);
	return jt_db_query(
		db, &app_list_falling_after, JT_BIND(JT_ID(org), JT_T(after), JT_I(limit), JT_I(offset)), rows);
}

enum jt_result jt_app_list(struct jt_db *db, const struct jt_id *org, const struct jt_id *team, enum jt_app_sort order,
	const char *after, int64_t limit, int64_t offset, struct jt_rows **rows)
{
	if (team == NULL)
		return list_of_org(db, org, order, after, limit, offset, rows);
	if (order == JT_APP_RISING)
		return jt_db_query(db, &app_list_team_rising,
			JT_BIND(JT_ID(org), JT_ID(team), JT_T(after), JT_I(limit), JT_I(offset)), rows);
	if (after[0] == '\0')
		return jt_db_query(
			db, &app_list_team_falling, JT_BIND(JT_ID(org), JT_ID(team), JT_I(limit), JT_I(offset)), rows);
	return jt_db_query(db, &app_list_team_falling_after,
		JT_BIND(JT_ID(org), JT_ID(team), JT_T(after), JT_I(limit), JT_I(offset)), rows);
}

enum jt_result jt_app_leave_team(struct jt_db *db, const struct jt_id *org, const struct jt_id *team)
{
	return jt_db_run(db, &app_leave_team, JT_BIND(JT_ID(org), JT_ID(team)), NULL);
}
