/* SPDX-License-Identifier: Apache-2.0 */
#include "store/usage.h"

#define SCOPES "scopes_0, scopes_1, scopes_2, scopes_3, scopes_4, scopes_5, scopes_6, scopes_7"
#define UNITE(column) column " = token_usage." column " | excluded." column

/* Selected from the token itself: one that was deleted meanwhile gets nothing, and breaks no constraint. */
JT_SQL(usage_add,
	"INSERT INTO token_usage (org, token, uses, last_used_s, " SCOPES ", listed) "
	"SELECT token.org, token.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, token.listed FROM token WHERE "
	"token.org = $1 "
	"AND token.id = $2 ON CONFLICT (org, token) DO UPDATE SET "
	"uses = CASE WHEN token_usage.uses < $13 - excluded.uses THEN token_usage.uses + excluded.uses ELSE $13 END, "
	"last_used_s = CASE WHEN token_usage.last_used_s > excluded.last_used_s THEN token_usage.last_used_s "
	"ELSE excluded.last_used_s END, " UNITE("scopes_0") ", " UNITE("scopes_1") ", " UNITE("scopes_2") ", " UNITE(
		"scopes_3") ", " UNITE("scopes_4") ", " UNITE("scopes_5") ", " UNITE("scopes_6") ", " UNITE("scopes_"
													    "7"));
JT_SQL(usage_begin, "INSERT INTO token_usage (org, token, uses, last_used_s, " SCOPES ", listed) "
		    "VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)");
JT_SQL(usage_end, "UPDATE token_usage SET listed = 0 WHERE org = $1 AND token = $2");
JT_SQL(usage_get, "SELECT uses, last_used_s, " SCOPES " FROM token_usage WHERE org = $1 AND token = $2");

enum jt_result jt_usage_begin(struct jt_db *db, const struct jt_id *org, const struct jt_id *token)
{
	return jt_db_run(db, &usage_begin, JT_BIND(JT_ID(org), JT_ID(token)), NULL);
}

enum jt_result jt_usage_end(struct jt_db *db, const struct jt_id *org, const struct jt_id *token)
{
	return jt_db_run(db, &usage_end, JT_BIND(JT_ID(org), JT_ID(token)), NULL);
}

enum jt_result jt_usage_add(struct jt_db *db, const struct jt_usage_row *row)
{
	const uint64_t *w = row->scopes.word;

	return jt_db_run(db, &usage_add,
		JT_BIND(JT_ID(&row->org), JT_ID(&row->token), JT_I(row->uses), JT_I(row->last_used_s),
			JT_I((int64_t)w[0]), JT_I((int64_t)w[1]), JT_I((int64_t)w[2]), JT_I((int64_t)w[3]),
			JT_I((int64_t)w[4]), JT_I((int64_t)w[5]), JT_I((int64_t)w[6]), JT_I((int64_t)w[7]),
			JT_I(JT_USES_MAX)),
		NULL);
}

enum jt_result jt_usage_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_usage_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &usage_get, JT_BIND(JT_ID(org), JT_ID(token)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		out->org = *org;
		out->token = *token;
		out->uses = jt_rows_int(rows, 0);
		out->last_used_s = jt_rows_int(rows, 1);
		for (unsigned w = 0; w < JT_SCOPES_MAX / 64; w++)
			out->scopes.word[w] = (uint64_t)jt_rows_int(rows, 2 + w);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}
