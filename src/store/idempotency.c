/* SPDX-License-Identifier: Apache-2.0 */
#include "store/idempotency.h"

#include <string.h>

JT_SQL(idempotency_find, "SELECT body_hash, created_s, status, secret, token, answer FROM idempotency "
			 "WHERE org = $1 AND caller = $2 AND method = $3 AND path = $4 AND key_hash = $5");
JT_SQL(idempotency_put, "INSERT INTO idempotency (org, caller, method, path, key_hash, body_hash, created_s, status, "
			"answer, secret, token) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");

enum jt_result jt_idempotency_find(
	struct jt_db *db, const struct jt_idempotency_key *key, struct jt_rows **rows, struct jt_idempotency_row *out)
{
	const void *hash;
	size_t size = 0;
	enum jt_result r = jt_db_query(db, &idempotency_find,
		JT_BIND(JT_ID(&key->org), JT_ID(&key->caller), JT_T(key->method), JT_T(key->path),
			JT_B(key->hash, sizeof(key->hash))),
		rows);

	memset(out, 0, sizeof(*out));
	if (r == JT_OK)
		r = jt_rows_next(*rows);
	if (r != JT_OK) {
		jt_rows_close(rows);
		return r == JT_DONE ? JT_NOT_FOUND : r;
	}
	hash = jt_rows_bytes(*rows, 0, &size);
	memcpy(out->body_hash, hash, size < sizeof(out->body_hash) ? size : sizeof(out->body_hash));
	out->created_s = jt_rows_int(*rows, 1);
	out->status = (int)jt_rows_int(*rows, 2);
	out->secret = jt_rows_int(*rows, 3) != 0;
	out->token = jt_rows_id(*rows, 4);
	out->answer = jt_rows_bytes(*rows, 5, &out->answer_size);
	return JT_OK;
}

enum jt_result jt_idempotency_put(
	struct jt_db *db, const struct jt_idempotency_key *key, const struct jt_idempotency_row *row)
{
	return jt_db_run(db, &idempotency_put,
		JT_BIND(JT_ID(&key->org), JT_ID(&key->caller), JT_T(key->method), JT_T(key->path),
			JT_B(key->hash, sizeof(key->hash)), JT_B(row->body_hash, sizeof(row->body_hash)),
			JT_I(row->created_s), JT_I(row->status), JT_B(row->answer, row->answer_size), JT_I(row->secret),
			JT_ID(&row->token)),
		NULL);
}
