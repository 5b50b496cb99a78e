/* SPDX-License-Identifier: Apache-2.0 */
#include "store/personal.h"

#include <string.h>

JT_SQL(personal_insert,
	"INSERT INTO token (org, id, kind, account, label, description, token_type, limited, listed, created_ns, "
	"created_by, "
	"expires_s, sealed) VALUES ($1, $2, 'personal', $3, 'personal', '', 'access', 0, 0, $4, $3, $5, $6)");
JT_SQL(personal_value_insert,
	"INSERT INTO token_value (org, token, gen, digest, expires_s) VALUES ($1, $2, $3, $4, $5)");
JT_SQL(personal_find,
	"SELECT id FROM token WHERE org = $1 AND account = $2 AND kind = 'personal' AND revoked_ns IS NULL");
JT_SQL(personal_get, "SELECT id, created_ns, expires_s, sealed FROM token WHERE org = $1 AND id = $2");
JT_SQL(personal_gen, "SELECT gen FROM token_value WHERE org = $1 AND token = $2 ORDER BY gen DESC LIMIT 1");
JT_SQL(personal_values_delete, "DELETE FROM token_value WHERE org = $1 AND token = $2");
JT_SQL(personal_update,
	"UPDATE token SET expires_s = $3, sealed = $4 WHERE org = $1 AND id = $2 AND revoked_ns IS NULL");
JT_SQL(personal_sealed, "SELECT sealed FROM token WHERE org = $1 AND id = $2 AND revoked_ns IS NULL");
JT_SQL(personal_scan_sealed, "SELECT org, id, sealed FROM token WHERE sealed IS NOT NULL AND (org, id) > ($1, $2) "
			     "ORDER BY org, id LIMIT $3");
JT_SQL(personal_set_sealed, "UPDATE token SET sealed = $3 WHERE org = $1 AND id = $2");

static struct jt_val expiry(int64_t expires_s)
{
	return expires_s ? jt_val_int(expires_s) : (struct jt_val){.type = JT_VAL_NULL};
}

static enum jt_result insert_value(struct jt_db *db, const struct jt_personal_row *row, int64_t gen)
{
	return jt_db_run(db, &personal_value_insert,
		JT_BIND(JT_ID(&row->org), JT_ID(&row->id), JT_I(gen), JT_B(row->digest, sizeof(row->digest)),
			expiry(row->expires_s)),
		NULL);
}

enum jt_result jt_personal_insert(struct jt_db *db, const struct jt_personal_row *row)
{
	enum jt_result r = jt_db_run(db, &personal_insert,
		JT_BIND(JT_ID(&row->org), JT_ID(&row->id), JT_ID(&row->account), JT_I(row->created_ns),
			expiry(row->expires_s), JT_B(row->sealed, row->sealed_size)),
		NULL);

	return r == JT_OK ? insert_value(db, row, 1) : r;
}

enum jt_result jt_personal_find(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_id *id)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &personal_find, JT_BIND(JT_ID(org), JT_ID(account)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK)
		*id = jt_rows_id(rows, 0);
	else if (r == JT_DONE)
		r = JT_NOT_FOUND;
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_personal_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_personal_row *out, bool *kept)
{
	struct jt_rows *rows = NULL;
	struct jt_id id;
	enum jt_result r = jt_personal_find(db, org, account, &id);

	if (r == JT_OK)
		r = jt_db_query(db, &personal_get, JT_BIND(JT_ID(org), JT_ID(&id)), &rows);
	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		*out = (struct jt_personal_row){.org = *org,
			.id = jt_rows_id(rows, 0),
			.account = *account,
			.created_ns = jt_rows_int(rows, 1),
			.expires_s = jt_rows_int(rows, 2)};
		*kept = !jt_rows_null(rows, 3);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_personal_set_value(struct jt_db *db, const struct jt_personal_row *row)
{
	int64_t gen = 0;
	int64_t changed = 0;
	enum jt_result r = jt_db_int(db, &personal_gen, JT_BIND(JT_ID(&row->org), JT_ID(&row->id)), &gen);

	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	r = jt_db_run(db, &personal_values_delete, JT_BIND(JT_ID(&row->org), JT_ID(&row->id)), NULL);
	if (r != JT_OK)
		return r;
	r = jt_db_run(db, &personal_update,
		JT_BIND(JT_ID(&row->org), JT_ID(&row->id), expiry(row->expires_s), JT_B(row->sealed, row->sealed_size)),
		&changed);
	if (r == JT_OK && changed != 1)
		return JT_NOT_FOUND;
	return r == JT_OK ? insert_value(db, row, gen + 1) : r;
}

enum jt_result jt_personal_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, uint8_t *out, size_t room, size_t *size)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &personal_sealed, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK) {
		const void *at = jt_rows_bytes(rows, 0, size);

		if (*size > room)
			r = JT_TOO_LONG;
		else if (*size > 0)
			memcpy(out, at, *size);
	} else if (r == JT_DONE) {
		r = JT_NOT_FOUND;
	}
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_personal_scan_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t limit, struct jt_rows **out)
{
	/* The none id binds NULL, before which nothing is: the start of the walk is 16 zero bytes. */
	return jt_db_query(db, &personal_scan_sealed,
		JT_BIND(JT_B(org->b, sizeof(org->b)), JT_B(id->b, sizeof(id->b)), JT_I(limit)), out);
}

enum jt_result jt_personal_set_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, const void *sealed, size_t size)
{
	return jt_db_run(db, &personal_set_sealed, JT_BIND(JT_ID(org), JT_ID(id), JT_B(sealed, size)), NULL);
}
