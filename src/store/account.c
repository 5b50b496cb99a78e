/* SPDX-License-Identifier: Apache-2.0 */
#include "store/account.h"

#include "store/personal.h"
#include "store/usage.h"

#include <stdio.h>

#define COLUMNS \
	"SELECT org, id, role, email, email_fold, name, name_fold, password_own, disabled, joined_ns, login_ns " \
	"FROM account WHERE org = $1"

JT_SQL(account_insert,
	"INSERT INTO account (org, id, email, email_fold, name, name_fold, role, password, password_own, disabled, "
	"joined_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
JT_SQL(account_get, COLUMNS " AND id = $2");
JT_SQL(account_name, "SELECT name FROM account WHERE org = $1 AND id = $2");
JT_SQL(account_last_use,
	"SELECT COALESCE(MAX(token_usage.last_used_s), 0) FROM token CROSS JOIN token_usage WHERE token.org = $1 AND "
	"token.account = $2 AND token.kind = 'personal' AND token_usage.org = token.org AND token_usage.token = "
	"token.id");
JT_SQL(account_by_email, COLUMNS " AND email_fold = $2");
JT_SQL(account_update,
	"UPDATE account SET name = $3, name_fold = $4, role = $5, disabled = $6 WHERE org = $1 AND id = $2");
JT_SQL(account_set_password, "UPDATE account SET password = $3, password_own = $4 WHERE org = $1 AND id = $2");
JT_SQL(account_delete, "DELETE FROM account WHERE org = $1 AND id = $2");
JT_SQL(account_end_token, "UPDATE token SET revoked_ns = $3, listed = 0, sealed = NULL WHERE org = $1 AND id = $2");

/* One statement for each order and each place to start from, so that no list sorts. */
JT_SQL(account_list_email_up, COLUMNS " AND email_fold > $2 ORDER BY email_fold LIMIT $3 OFFSET $4");
JT_SQL(account_list_email_down, COLUMNS " ORDER BY email_fold DESC LIMIT $2 OFFSET $3");
JT_SQL(account_list_email_below, COLUMNS " AND email_fold < $2 ORDER BY email_fold DESC LIMIT $3 OFFSET $4");
JT_SQL(account_list_name_up, COLUMNS " AND (name_fold, id) > ($2, $5) ORDER BY name_fold, id LIMIT $3 OFFSET $4");
JT_SQL(account_list_name_down, COLUMNS " ORDER BY name_fold DESC, id DESC LIMIT $2 OFFSET $3");
JT_SQL(account_list_name_below,
	COLUMNS " AND (name_fold, id) < ($2, $5) ORDER BY name_fold DESC, id DESC LIMIT $3 OFFSET $4");

enum jt_result jt_account_insert(struct jt_db *db, const struct jt_account_row *a, const char *password)
{
	return jt_db_run(db, &account_insert,
		JT_BIND(JT_ID(&a->org), JT_ID(&a->id), JT_T(a->email), JT_T(a->email_fold), JT_T(a->name),
			JT_T(a->name_fold), JT_ID(&a->role), JT_T(password), JT_I(a->password_own ? 1 : 0),
			JT_I(a->disabled ? 1 : 0), JT_I(a->joined_ns)),
		NULL);
}

enum jt_result jt_account_next(struct jt_rows *rows, struct jt_account_row *out)
{
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	out->role = jt_rows_id(rows, 2);
	(void)snprintf(out->email, sizeof(out->email), "%s", jt_rows_text(rows, 3));
	(void)snprintf(out->email_fold, sizeof(out->email_fold), "%s", jt_rows_text(rows, 4));
	(void)snprintf(out->name, sizeof(out->name), "%s", jt_rows_text(rows, 5));
	(void)snprintf(out->name_fold, sizeof(out->name_fold), "%s", jt_rows_text(rows, 6));
	out->password_own = jt_rows_int(rows, 7) != 0;
	out->disabled = jt_rows_int(rows, 8) != 0;
	out->joined_ns = jt_rows_int(rows, 9);
	out->login_ns = jt_rows_int(rows, 10);
	return JT_OK;
}

static enum jt_result read_one(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_account_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, sql, vals, count, &rows);

	if (r == JT_OK)
		r = jt_account_next(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_account_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_account_row *out)
{
	return read_one(db, &account_get, JT_BIND(JT_ID(org), JT_ID(id)), out);
}

enum jt_result jt_account_name(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, char *out, size_t size)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &account_name, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK)
		(void)snprintf(out, size, "%s", jt_rows_text(rows, 0));
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_account_last_use(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t *last_used_s)
{
	return jt_db_int(db, &account_last_use, JT_BIND(JT_ID(org), JT_ID(id)), last_used_s);
}

enum jt_result jt_account_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_account_row *out)
{
	return read_one(db, &account_by_email, JT_BIND(JT_ID(org), JT_T(email_fold)), out);
}

/* A write that must meet one row. */
static enum jt_result one(enum jt_result r, int64_t changed)
{
	return r == JT_OK && changed == 0 ? JT_NOT_FOUND : r;
}

enum jt_result jt_account_update(struct jt_db *db, const struct jt_account_row *a)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &account_update,
		JT_BIND(JT_ID(&a->org), JT_ID(&a->id), JT_T(a->name), JT_T(a->name_fold), JT_ID(&a->role),
			JT_I(a->disabled ? 1 : 0)),
		&changed);

	return one(r, changed);
}

enum jt_result jt_account_set_password(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, const char *hash, bool own)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(
		db, &account_set_password, JT_BIND(JT_ID(org), JT_ID(id), JT_T(hash), JT_I(own ? 1 : 0)), &changed);

	return one(r, changed);
}

enum jt_result jt_account_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &account_delete, JT_BIND(JT_ID(org), JT_ID(id)), &changed);

	return one(r, changed);
}

enum jt_result jt_account_end_token(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t now_ns, struct jt_id *token)
{
	int64_t changed = 0;
	enum jt_result r = jt_personal_find(db, org, account, token);

	if (r == JT_OK)
		r = jt_db_run(db, &account_end_token, JT_BIND(JT_ID(org), JT_ID(token), JT_I(now_ns)), &changed);
	r = one(r, r == JT_OK ? changed : 0);
	return r == JT_OK ? jt_usage_end(db, org, token) : r;
}

enum jt_result jt_account_list(
	struct jt_db *db, const struct jt_id *org, const struct jt_account_wish *w, struct jt_rows **rows)
{
	static const struct jt_sql *const beyond[2][2] = {
		[JT_ACCOUNT_BY_EMAIL] = {&account_list_email_up, &account_list_email_below},
		[JT_ACCOUNT_BY_NAME] = {&account_list_name_up, &account_list_name_below},
	};
	static const struct jt_sql *const from_the_end[2] = {
		[JT_ACCOUNT_BY_EMAIL] = &account_list_email_down, [JT_ACCOUNT_BY_NAME] = &account_list_name_down};
	const bool by_name = w->sort == JT_ACCOUNT_BY_NAME;
	const char *text = w->after == NULL ? "" : by_name ? w->after->name_fold : w->after->email_fold;
	struct jt_id id = {{0}};

	if (w->after != NULL)
		id = w->after->id;
	if (w->descending && w->after == NULL)
		return jt_db_query(
			db, from_the_end[w->sort], JT_BIND(JT_ID(org), JT_I(w->limit), JT_I(w->offset)), rows);
	const struct jt_val vals[] = {
		JT_ID(org), JT_T(text), JT_I(w->limit), JT_I(w->offset), JT_B(id.b, sizeof(id.b))};

	return jt_db_query(db, beyond[w->sort][w->descending ? 1 : 0], vals, by_name ? 5 : 4, rows);
}
