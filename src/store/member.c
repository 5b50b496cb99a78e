/* SPDX-License-Identifier: Apache-2.0 */
#include "store/member.h"

JT_SQL(member_put, "INSERT INTO member (org, team, account, role) VALUES ($1, $2, $3, $4) "
		   "ON CONFLICT (org, team, account) DO UPDATE SET role = excluded.role");
JT_SQL(member_get, "SELECT role FROM member WHERE org = $1 AND team = $2 AND account = $3");
JT_SQL(member_delete, "DELETE FROM member WHERE org = $1 AND team = $2 AND account = $3");
JT_SQL(member_count, "SELECT count(*) FROM member WHERE org = $1 AND team = $2");
JT_SQL(member_of_team, "SELECT account, role FROM member WHERE org = $1 AND team = $2 ORDER BY account");
/* CROSS, because SQLite could begin with the teams; and the bound that is always true makes it walk the account's memberships by
 * member_account rather than all of the org. */
JT_SQL(member_of_account,
	"SELECT member.team, member.role, team.name FROM member CROSS JOIN team WHERE member.org = $1 AND "
	"member.account = $2 "
	"AND member.team > $3 AND team.org = member.org AND team.id = member.team ORDER BY member.team");

enum jt_result jt_member_put(struct jt_db *db, const struct jt_member_row *m)
{
	return jt_db_run(
		db, &member_put, JT_BIND(JT_ID(&m->org), JT_ID(&m->team), JT_ID(&m->account), JT_ID(&m->role)), NULL);
}

enum jt_result jt_member_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *account, struct jt_id *role)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &member_get, JT_BIND(JT_ID(org), JT_ID(team), JT_ID(account)), &rows);

	if (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK)
		*role = jt_rows_id(rows, 0);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_member_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *account, int64_t *changed)
{
	return jt_db_run(db, &member_delete, JT_BIND(JT_ID(org), JT_ID(team), JT_ID(account)), changed);
}

enum jt_result jt_member_count(struct jt_db *db, const struct jt_id *org, const struct jt_id *team, int64_t *count)
{
	return jt_db_int(db, &member_count, JT_BIND(JT_ID(org), JT_ID(team)), count);
}

enum jt_result jt_member_of_team(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *team, struct jt_rows **rows)
{
	return jt_db_query(db, &member_of_team, JT_BIND(JT_ID(org), JT_ID(team)), rows);
}

enum jt_result jt_member_of_account(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_rows **rows)
{
	return jt_db_query(db, &member_of_account, JT_BIND(JT_ID(org), JT_ID(account), JT_B("", 0)), rows);
}
