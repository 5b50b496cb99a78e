/* SPDX-License-Identifier: Apache-2.0 */
#include "store/invitation.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS "SELECT org, id, role, invited_by, email, email_fold, name, created_ns FROM invitation WHERE org = $1"

JT_SQL(invitation_insert, "INSERT INTO invitation (org, id, email, email_fold, name, role, invited_by, created_ns) "
			  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
JT_SQL(invitation_get, COLUMNS " AND id = $2");
JT_SQL(invitation_by_email, COLUMNS " AND email_fold = $2");
JT_SQL(invitation_delete, "DELETE FROM invitation WHERE org = $1 AND id = $2");
JT_SQL(invitation_list_up, COLUMNS " AND id > $2 ORDER BY id LIMIT $3 OFFSET $4");
JT_SQL(invitation_list_down, COLUMNS " AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4");

enum jt_result jt_invitation_insert(struct jt_db *db, const struct jt_invitation_row *v)
{
	return jt_db_run(db, &invitation_insert,
		JT_BIND(JT_ID(&v->org), JT_ID(&v->id), JT_T(v->email), JT_T(v->email_fold), JT_T(v->name),
			JT_ID(&v->role), JT_ID(&v->invited_by), JT_I(v->created_ns)),
		NULL);
}

enum jt_result jt_invitation_next(struct jt_rows *rows, struct jt_invitation_row *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	out->role = jt_rows_id(rows, 2);
	out->invited_by = jt_rows_id(rows, 3);
	(void)snprintf(out->email, sizeof(out->email), "%s", jt_rows_text(rows, 4));
	(void)snprintf(out->email_fold, sizeof(out->email_fold), "%s", jt_rows_text(rows, 5));
	(void)snprintf(out->name, sizeof(out->name), "%s", jt_rows_text(rows, 6));
	out->created_ns = jt_rows_int(rows, 7);
	return JT_OK;
}

static enum jt_result read_one(struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count,
	struct jt_invitation_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, sql, vals, count, &rows);

	if (r == JT_OK)
		r = jt_invitation_next(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_invitation_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_invitation_row *out)
{
	return read_one(db, &invitation_get, JT_BIND(JT_ID(org), JT_ID(id)), out);
}

enum jt_result jt_invitation_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_invitation_row *out)
{
	return read_one(db, &invitation_by_email, JT_BIND(JT_ID(org), JT_T(email_fold)), out);
}

enum jt_result jt_invitation_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &invitation_delete, JT_BIND(JT_ID(org), JT_ID(id)), &changed);

	return r == JT_OK && changed == 0 ? JT_NOT_FOUND : r;
}

enum jt_result jt_invitation_list(struct jt_db *db, const struct jt_id *org, enum jt_invitation_sort order,
	const struct jt_id *after, int64_t limit, int64_t offset, struct jt_rows **rows)
{
	const bool falling = order == JT_INVITATION_FALLING;
	struct jt_id from;

	memset(from.b, falling ? 0xff : 0, sizeof(from.b));
	if (after != NULL)
		from = *after;
	return jt_db_query(db, falling ? &invitation_list_down : &invitation_list_up,
		JT_BIND(JT_ID(org), JT_B(from.b, sizeof(from.b)), JT_I(limit), JT_I(offset)), rows);
}
