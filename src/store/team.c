/* SPDX-License-Identifier: Apache-2.0 */
#include "store/team.h"

#include <stdio.h>

#define COLUMNS "SELECT org, id, name, name_fold, version, created_ns FROM team "

JT_SQL(team_insert, "INSERT INTO team (org, id, name, name_fold, version, created_ns) VALUES ($1, $2, $3, $4, $5, $6)");
JT_SQL(team_get, COLUMNS "WHERE org = $1 AND id = $2");
JT_SQL(team_touch, "UPDATE team SET version = version + 1 WHERE org = $1 AND id = $2");
JT_SQL(team_update, "UPDATE team SET name = $3, name_fold = $4, version = $5 WHERE org = $1 AND id = $2");
JT_SQL(team_delete, "DELETE FROM team WHERE org = $1 AND id = $2");
JT_SQL(team_list_rising, COLUMNS "WHERE org = $1 AND name_fold > $2 ORDER BY name_fold LIMIT $3 OFFSET $4");
JT_SQL(team_list_falling, COLUMNS "WHERE org = $1 ORDER BY name_fold DESC LIMIT $2 OFFSET $3");
JT_SQL(team_list_falling_after, COLUMNS "WHERE org = $1 AND name_fold < $2 ORDER BY name_fold DESC LIMIT $3 OFFSET $4");
JT_SQL(team_named, COLUMNS "WHERE org = $1 AND name_fold = $2");

enum jt_result jt_team_insert(struct jt_db *db, const struct jt_team_row *team)
{
	return jt_db_run(db, &team_insert,
		JT_BIND(JT_ID(&team->org), JT_ID(&team->id), JT_T(team->name), JT_T(team->name_fold),
			JT_I(team->version), JT_I(team->created_ns)),
		NULL);
}

enum jt_result jt_team_next(struct jt_rows *rows, struct jt_team_row *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	snprintf(out->name, sizeof(out->name), "%s", jt_rows_text(rows, 2));
	snprintf(out->name_fold, sizeof(out->name_fold), "%s", jt_rows_text(rows, 3));
	out->version = jt_rows_int(rows, 4);
	out->created_ns = jt_rows_int(rows, 5);
	return JT_OK;
}

enum jt_result jt_team_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_team_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &team_get, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r == JT_OK)
		r = jt_team_next(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_team_update(struct jt_db *db, const struct jt_team_row *team)
{
	return jt_db_run(db, &team_update,
		JT_BIND(JT_ID(&team->org), JT_ID(&team->id), JT_T(team->name), JT_T(team->name_fold),
			JT_I(team->version)),
		NULL);
}

enum jt_result jt_team_touch(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	return jt_db_run(db, &team_touch, JT_BIND(JT_ID(org), JT_ID(id)), NULL);
}

enum jt_result jt_team_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	return jt_db_run(db, &team_delete, JT_BIND(JT_ID(org), JT_ID(id)), NULL);
}

enum jt_result jt_team_list(struct jt_db *db, const struct jt_id *org, enum jt_team_sort order, const char *after,
	int64_t limit, int64_t offset, struct jt_rows **rows)
{
	if (order == JT_TEAM_RISING)
		return jt_db_query(
			db, &team_list_rising, JT_BIND(JT_ID(org), JT_T(after), JT_I(limit), JT_I(offset)), rows);
	if (after[0] == '\0')
		return jt_db_query(db, &team_list_falling, JT_BIND(JT_ID(org), JT_I(limit), JT_I(offset)), rows);
	return jt_db_query(
		db, &team_list_falling_after, JT_BIND(JT_ID(org), JT_T(after), JT_I(limit), JT_I(offset)), rows);
}

enum jt_result jt_team_named(struct jt_db *db, const struct jt_id *org, const char *name_fold, struct jt_rows **rows)
{
	return jt_db_query(db, &team_named, JT_BIND(JT_ID(org), JT_T(name_fold)), rows);
}
