/* SPDX-License-Identifier: Apache-2.0 */
#include "store/identity.h"

#include <stdio.h>

#define IDENTITY "SELECT org, id, role, email, name, password, disabled, login_ns FROM account WHERE org = $1 AND "

JT_SQL(identity_by_email, IDENTITY "email_fold = $2");
JT_SQL(identity_get, IDENTITY "id = $2");
JT_SQL(identity_promote, "UPDATE account SET role = $3, disabled = 0 WHERE org = $1 AND id = $2");
JT_SQL(identity_signed_in, "UPDATE account SET login_ns = $3 WHERE org = $1 AND id = $2");

static enum jt_result read_one(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_identity *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, sql, vals, count, &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		out->org = jt_rows_id(rows, 0);
		out->id = jt_rows_id(rows, 1);
		out->role = jt_rows_id(rows, 2);
		(void)snprintf(out->email, sizeof(out->email), "%s", jt_rows_text(rows, 3));
		(void)snprintf(out->name, sizeof(out->name), "%s", jt_rows_text(rows, 4));
		(void)snprintf(out->password, sizeof(out->password), "%s", jt_rows_text(rows, 5));
		out->disabled = jt_rows_int(rows, 6) != 0;
		out->login_ns = jt_rows_int(rows, 7);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_identity_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_identity *out)
{
	return read_one(db, &identity_by_email, JT_BIND(JT_ID(org), JT_T(email_fold)), out);
}

enum jt_result jt_identity_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, struct jt_identity *out)
{
	return read_one(db, &identity_get, JT_BIND(JT_ID(org), JT_ID(user)), out);
}

enum jt_result jt_identity_promote(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, const struct jt_id *role)
{
	return jt_db_hit(db, &identity_promote, JT_BIND(JT_ID(org), JT_ID(user), JT_ID(role)));
}

enum jt_result jt_identity_signed_in(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, int64_t login_ns)
{
	return jt_db_hit(db, &identity_signed_in, JT_BIND(JT_ID(org), JT_ID(user), JT_I(login_ns)));
}
