/* SPDX-License-Identifier: Apache-2.0 */
#include "store/role.h"

JT_SQL(role_insert,
	"INSERT INTO role (org, id, name, name_fold, description, for_teams, reach_teams, scopes, created_ns) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
JT_SQL(role_update,
	"UPDATE role SET name = $3, name_fold = $4, description = $5, scopes = $6 WHERE org = $1 AND id = $2");
JT_SQL(role_delete, "DELETE FROM role WHERE org = $1 AND id = $2");
JT_SQL(role_get, "SELECT org, id, name, name_fold, description, for_teams, reach_teams, scopes, created_ns FROM role "
		 "WHERE org = $1 AND id = $2");
JT_SQL(role_list, "SELECT org, id, name, name_fold, description, for_teams, reach_teams, scopes, created_ns FROM role "
		  "WHERE org = $1 ORDER BY name_fold");
JT_SQL(role_count, "SELECT count(*) FROM role WHERE org = $1");
JT_SQL(role_users, "SELECT count(*) FROM account WHERE org = $1 AND role = $2");
JT_SQL(role_members, "SELECT count(*) FROM member WHERE org = $1 AND role = $2");
JT_SQL(role_tokens, "SELECT count(*) FROM token WHERE org = $1 AND role = $2 AND listed = 1");
JT_SQL(role_invitations, "SELECT count(*) FROM invitation WHERE org = $1 AND role = $2");
JT_SQL(role_of_member, "SELECT count(*) FROM member WHERE org = $1 AND account = $2 AND role = $3");

enum jt_result jt_role_insert(struct jt_db *db, const struct jt_role_row *role)
{
	return jt_db_run(db, &role_insert,
		JT_BIND(JT_ID(&role->org), JT_ID(&role->id), JT_T(role->name), JT_T(role->name_fold),
			JT_T(role->description), JT_I(role->for_teams ? 1 : 0), JT_I(role->reach_teams ? 1 : 0),
			JT_T(role->scopes), JT_I(role->created_ns)),
		NULL);
}

enum jt_result jt_role_update(struct jt_db *db, const struct jt_role_row *role)
{
	return jt_db_run(db, &role_update,
		JT_BIND(JT_ID(&role->org), JT_ID(&role->id), JT_T(role->name), JT_T(role->name_fold),
			JT_T(role->description), JT_T(role->scopes)),
		NULL);
}

enum jt_result jt_role_count(struct jt_db *db, const struct jt_id *org, int64_t *count)
{
	return jt_db_int(db, &role_count, JT_BIND(JT_ID(org)), count);
}

enum jt_result jt_role_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	return jt_db_run(db, &role_delete, JT_BIND(JT_ID(org), JT_ID(id)), NULL);
}

enum jt_result jt_role_next(struct jt_rows *rows, struct jt_role_row *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	*out = (struct jt_role_row){.org = jt_rows_id(rows, 0),
		.id = jt_rows_id(rows, 1),
		.name = jt_rows_text(rows, 2),
		.name_fold = jt_rows_text(rows, 3),
		.description = jt_rows_text(rows, 4),
		.for_teams = jt_rows_int(rows, 5) != 0,
		.reach_teams = jt_rows_int(rows, 6) != 0,
		.scopes = jt_rows_text(rows, 7),
		.created_ns = jt_rows_int(rows, 8)};
	return JT_OK;
}

enum jt_result jt_role_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_rows **rows,
	struct jt_role_row *out)
{
	enum jt_result r = jt_db_query(db, &role_get, JT_BIND(JT_ID(org), JT_ID(id)), rows);

	if (r == JT_OK)
		r = jt_role_next(*rows, out);
	if (r != JT_OK)
		jt_rows_close(rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_role_list(struct jt_db *db, const struct jt_id *org, struct jt_rows **rows)
{
	return jt_db_query(db, &role_list, JT_BIND(JT_ID(org)), rows);
}

enum jt_result jt_role_uses(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_role_use_count *out)
{
	enum jt_result r = jt_db_int(db, &role_users, JT_BIND(JT_ID(org), JT_ID(id)), &out->users);

	if (r == JT_OK)
		r = jt_db_int(db, &role_members, JT_BIND(JT_ID(org), JT_ID(id)), &out->members);
	if (r == JT_OK)
		r = jt_db_int(db, &role_tokens, JT_BIND(JT_ID(org), JT_ID(id)), &out->tokens);
	if (r == JT_OK)
		r = jt_db_int(db, &role_invitations, JT_BIND(JT_ID(org), JT_ID(id)), &out->invitations);
	return r;
}

enum jt_result jt_role_held_in_teams(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *role, const struct jt_id *account, int64_t *out)
{
	return jt_db_int(db, &role_of_member, JT_BIND(JT_ID(org), JT_ID(account), JT_ID(role)), out);
}
