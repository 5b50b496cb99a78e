/* SPDX-License-Identifier: Apache-2.0 */
#include "store/factor.h"

#include <string.h>

#define OF_ACCOUNT " WHERE org = $1 AND account = $2"

JT_SQL(factor_get, "SELECT org, account, enrolled, secret, pending, last_step FROM factor" OF_ACCOUNT);
JT_SQL(factor_insert, "INSERT INTO factor (org, account, enrolled, secret, pending, last_step) "
		      "VALUES ($1, $2, $3, $4, $5, $6)");
JT_SQL(factor_update, "UPDATE factor SET enrolled = $3, secret = $4, pending = $5, last_step = $6" OF_ACCOUNT);
JT_SQL(factor_delete, "DELETE FROM factor" OF_ACCOUNT);
JT_SQL(factor_scan, "SELECT org, account FROM factor WHERE (org, account) > ($1, $2) ORDER BY org, account LIMIT $3");
JT_SQL(recovery_add, "INSERT INTO recovery_code (org, account, hash) VALUES ($1, $2, $3)");
JT_SQL(recovery_take, "DELETE FROM recovery_code" OF_ACCOUNT " AND hash = $3");
JT_SQL(recovery_delete, "DELETE FROM recovery_code" OF_ACCOUNT);
JT_SQL(recovery_count, "SELECT count(*) FROM recovery_code" OF_ACCOUNT);

static enum jt_result read_sealed(
	struct jt_rows *rows, unsigned column, uint8_t out[JT_FACTOR_SEALED_MAX], size_t *size)
{
	const void *at = jt_rows_bytes(rows, column, size);

	if (*size > JT_FACTOR_SEALED_MAX)
		return JT_MALFORMED;
	if (*size > 0)
		memcpy(out, at, *size);
	return JT_OK;
}

enum jt_result jt_factor_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_factor_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &factor_get, JT_BIND(JT_ID(org), JT_ID(account)), &rows);

	memset(out, 0, sizeof(*out));
	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		out->org = jt_rows_id(rows, 0);
		out->account = jt_rows_id(rows, 1);
		out->enrolled = jt_rows_int(rows, 2) != 0;
		out->last_step = jt_rows_int(rows, 5);
		r = read_sealed(rows, 3, out->secret, &out->secret_size);
	}
	if (r == JT_OK)
		r = read_sealed(rows, 4, out->pending, &out->pending_size);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

static struct jt_val sealed(const uint8_t *at, size_t size)
{
	return size > 0 ? jt_val_bytes(at, size) : (struct jt_val){.type = JT_VAL_NULL};
}

enum jt_result jt_factor_put(struct jt_db *db, const struct jt_factor_row *row)
{
	const struct jt_val vals[] = {JT_ID(&row->org), JT_ID(&row->account), JT_I(row->enrolled ? 1 : 0),
		sealed(row->secret, row->secret_size), sealed(row->pending, row->pending_size), JT_I(row->last_step)};
	const size_t count = sizeof(vals) / sizeof(vals[0]);
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &factor_update, vals, count, &changed);

	return r == JT_OK && changed == 0 ? jt_db_run(db, &factor_insert, vals, count, NULL) : r;
}

enum jt_result jt_factor_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *account)
{
	return jt_db_hit(db, &factor_delete, JT_BIND(JT_ID(org), JT_ID(account)));
}

enum jt_result jt_factor_scan(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t limit, struct jt_rows **out)
{
	return jt_db_query(db, &factor_scan,
		JT_BIND(JT_B(org->b, sizeof(org->b)), JT_B(account->b, sizeof(account->b)), JT_I(limit)), out);
}

enum jt_result jt_recovery_add(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const uint8_t hash[JT_RECOVERY_HASH_SIZE])
{
	return jt_db_run(
		db, &recovery_add, JT_BIND(JT_ID(org), JT_ID(account), JT_B(hash, JT_RECOVERY_HASH_SIZE)), NULL);
}

enum jt_result jt_recovery_take(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const uint8_t hash[JT_RECOVERY_HASH_SIZE])
{
	return jt_db_hit(db, &recovery_take, JT_BIND(JT_ID(org), JT_ID(account), JT_B(hash, JT_RECOVERY_HASH_SIZE)));
}

enum jt_result jt_recovery_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *account)
{
	return jt_db_run(db, &recovery_delete, JT_BIND(JT_ID(org), JT_ID(account)), NULL);
}

enum jt_result jt_recovery_count(struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t *out)
{
	return jt_db_int(db, &recovery_count, JT_BIND(JT_ID(org), JT_ID(account)), out);
}
