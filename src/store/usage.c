/* SPDX-License-Identifier: Apache-2.0 */
#include "store/usage.h"

#define SCOPES "scopes_0, scopes_1, scopes_2, scopes_3, scopes_4, scopes_5, scopes_6, scopes_7"
#define UNITE(column) column " = token_usage." column " | excluded." column
/* A sum of two columns, no more than what $`most` says. */
#define SUM_OF(table, column, most) \
	column " = CASE WHEN " table "." column " < " most " - excluded." column " THEN " table "." column \
	       " + excluded." column " ELSE " most " END"

JT_SQL(usage_known,
	"SELECT token.kind, token.revoked_ns, token_usage.trace, token.listed FROM token LEFT JOIN token_usage ON "
	"token_usage.org = token.org AND token_usage.token = token.id WHERE token.org = $1 AND token.id = $2");
JT_SQL(usage_add,
	"INSERT INTO token_usage (org, token, uses, last_used_s, trace, " SCOPES ", listed) "
	"VALUES ($1, $2, $3, $4, $14, $5, $6, $7, $8, $9, $10, $11, $12, $15) "
	"ON CONFLICT (org, token) DO UPDATE SET " SUM_OF("token_usage",
		"uses", "$13") ", "
			       "last_used_s = CASE WHEN token_usage.last_used_s > excluded.last_used_s THEN "
			       "token_usage.last_used_s "
			       "ELSE excluded.last_used_s END, trace = excluded.trace, " UNITE("scopes_0") ", " UNITE("scopes_1") ", " UNITE(
				       "scopes_2") ", " UNITE("scopes_3") ", " UNITE("scopes_4") ", " UNITE("scopes_"
													    "5") ","
														 " " UNITE(
															 "scopes_"
															 "6") ","
															      " " UNITE(
																      "scopes_7"));
JT_SQL(usage_begin, "INSERT INTO token_usage (org, token, uses, last_used_s, " SCOPES ", listed) "
		    "VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)");
JT_SQL(usage_end, "UPDATE token_usage SET listed = 0, trace = NULL WHERE org = $1 AND token = $2");
JT_SQL(usage_get, "SELECT uses, last_used_s, trace, " SCOPES " FROM token_usage WHERE org = $1 AND token = $2");
JT_SQL(org_usage_add, "INSERT INTO org_usage (org, day, kind, uses) VALUES ($1, $2, $3, $4) "
		      "ON CONFLICT (org, day, kind) DO UPDATE SET " SUM_OF("org_usage", "uses", "$5"));
JT_SQL(org_usage_list, "SELECT day, kind, uses FROM org_usage WHERE org = $1 AND day >= $2 ORDER BY day, kind");

enum jt_result jt_usage_begin(struct jt_db *db, const struct jt_id *org, const struct jt_id *token)
{
	return jt_db_run(db, &usage_begin, JT_BIND(JT_ID(org), JT_ID(token)), NULL);
}

enum jt_result jt_usage_end(struct jt_db *db, const struct jt_id *org, const struct jt_id *token)
{
	return jt_db_run(db, &usage_end, JT_BIND(JT_ID(org), JT_ID(token)), NULL);
}

/* A token as far as it matters here. */
struct known {
	enum jt_kind kind;
	bool revoked, listed;
	struct jt_trace trace;
};

static void read_trace(struct jt_rows *rows, unsigned column, int64_t today, struct jt_trace *out)
{
	size_t size = 0;
	const void *bytes = jt_rows_bytes(rows, column, &size);

	jt_trace_read(bytes, size, today, out);
}

static enum jt_result know(struct jt_db *db, const struct jt_usage_row *row, int64_t today, struct known *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &usage_known, JT_BIND(JT_ID(&row->org), JT_ID(&row->token)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		r = jt_kind_parse(jt_rows_text(rows, 0), &out->kind);
		out->revoked = !jt_rows_null(rows, 1);
		read_trace(rows, 2, today, &out->trace);
		out->listed = jt_rows_int(rows, 3) != 0;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

static enum jt_result add_to_org(struct jt_db *db, const struct jt_usage_row *row, enum jt_kind kind, int64_t today)
{
	enum jt_result r = JT_OK;

	for (int64_t day = row->trace.day - JT_TRACE_DAYS + 1; r == JT_OK && day <= row->trace.day; day++) {
		const int64_t uses = jt_trace_on(&row->trace, day);

		if (uses > 0 && day <= today)
			r = jt_db_run(db, &org_usage_add,
				JT_BIND(JT_ID(&row->org), JT_I(day), JT_T(jt_kind_name(kind)), JT_I(uses),
					JT_I(JT_USES_MAX)),
				NULL);
	}
	return r;
}

static enum jt_result add_to_token(
	struct jt_db *db, const struct jt_usage_row *row, const struct known *known, const struct jt_buf *trace)
{
	const uint64_t *w = row->scopes.word;

	return jt_db_run(db, &usage_add,
		JT_BIND(JT_ID(&row->org), JT_ID(&row->token), JT_I(row->uses), JT_I(row->last_used_s),
			JT_I((int64_t)w[0]), JT_I((int64_t)w[1]), JT_I((int64_t)w[2]), JT_I((int64_t)w[3]),
			JT_I((int64_t)w[4]), JT_I((int64_t)w[5]), JT_I((int64_t)w[6]), JT_I((int64_t)w[7]),
			JT_I(JT_USES_MAX), JT_B(trace->data, trace->size), JT_I(known->listed ? 1 : 0)),
		NULL);
}

enum jt_result jt_usage_add(struct jt_db *db, const struct jt_usage_row *row, int64_t today)
{
	struct jt_buf trace = {0};
	struct known known;
	enum jt_result r = know(db, row, today, &known);

	if (r != JT_OK)
		return r == JT_NOT_FOUND ? JT_OK : r; /* deleted meanwhile: it gets nothing, and breaks no constraint */
	if (!known.revoked) {
		jt_trace_add(&known.trace, &row->trace);
		jt_trace_write(&known.trace, &trace);
	}
	r = jt_buf_check(&trace);
	if (r == JT_OK)
		r = add_to_token(db, row, &known, &trace);
	if (r == JT_OK)
		r = add_to_org(db, row, known.kind, today);
	jt_buf_free(&trace);
	return r;
}

enum jt_result jt_usage_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t today, struct jt_usage_row *out)
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
		read_trace(rows, 2, today, &out->trace);
		for (unsigned w = 0; w < JT_SCOPES_MAX / 64; w++)
			out->scopes.word[w] = (uint64_t)jt_rows_int(rows, 3 + w);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_org_usage(struct jt_db *db, const struct jt_id *org, int64_t day, struct jt_rows **out)
{
	return jt_db_query(db, &org_usage_list, JT_BIND(JT_ID(org), JT_I(day)), out);
}
