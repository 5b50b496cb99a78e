/* SPDX-License-Identifier: Apache-2.0 */
#include "store/projection.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_COLUMNS "SELECT org, id, kind, account, role, limited, revoked_ns, expires_s FROM token"
#define VALUE_COLUMNS "SELECT org, token, digest, expires_s FROM token_value"
#define TEAM_COLUMNS "SELECT org, token, team FROM token_team"

JT_SQL(project_token, TOKEN_COLUMNS " WHERE org = $1 AND id = $2");
JT_SQL(project_token_values, VALUE_COLUMNS " WHERE org = $1 AND token = $2 ORDER BY gen DESC LIMIT 2");
JT_SQL(project_token_teams, TEAM_COLUMNS " WHERE org = $1 AND token = $2 ORDER BY team");
JT_SQL(project_tokens, TOKEN_COLUMNS " WHERE revoked_ns IS NULL ORDER BY org, id");
JT_SQL(project_values, VALUE_COLUMNS " ORDER BY org, token, gen");
JT_SQL(project_teams_of_tokens, TEAM_COLUMNS " ORDER BY org, token, team");

/* Everything but values and teams, of which it has none yet. */
static enum jt_result fill(struct jt_rows *rows, struct jt_table_token *out)
{
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	out->user = jt_rows_id(rows, 3);
	out->role = jt_rows_id(rows, 4);
	out->limited = jt_rows_int(rows, 5) != 0;
	out->revoked = !jt_rows_null(rows, 6);
	out->expires_s = jt_rows_int(rows, 7);
	out->values = 0;
	out->teams = 0;
	return jt_kind_parse(jt_rows_text(rows, 2), &out->kind);
}

static enum jt_result read_digest(struct jt_rows *rows, uint8_t out[JT_DIGEST_SIZE])
{
	size_t size = 0;
	const void *at = jt_rows_bytes(rows, 2, &size);

	if (size != JT_DIGEST_SIZE)
		return JT_MALFORMED;
	memcpy(out, at, JT_DIGEST_SIZE);
	return JT_OK;
}

/* Puts a value before those that are there: generations come in rising order, the current one is wanted first. */
static enum jt_result push_value(struct jt_rows *rows, struct jt_table_token *out)
{
	memcpy(out->digest[1], out->digest[0], JT_DIGEST_SIZE);
	out->value_expires_s[1] = out->value_expires_s[0];
	out->value_expires_s[0] = jt_rows_int(rows, 3);
	out->values = out->values < JT_TOKEN_VALUES_MAX ? out->values + 1 : JT_TOKEN_VALUES_MAX;
	return read_digest(rows, out->digest[0]);
}

static void push_team(struct jt_rows *rows, struct jt_table_token *out)
{
	if (out->teams < JT_TOKEN_TEAMS_MAX)
		out->team[out->teams++] = jt_rows_id(rows, 2);
}

static enum jt_result find_values(struct jt_db *db, struct jt_table_token *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_token_values, JT_BIND(JT_ID(&out->org), JT_ID(&out->id)), &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK && out->values < JT_TOKEN_VALUES_MAX) {
		out->value_expires_s[out->values] = jt_rows_int(rows, 3);
		r = read_digest(rows, out->digest[out->values++]);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result find_teams(struct jt_db *db, struct jt_table_token *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_token_teams, JT_BIND(JT_ID(&out->org), JT_ID(&out->id)), &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK)
		push_team(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_project_token(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &project_token, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r == JT_OK) {
		r = jt_rows_next(rows);
		if (r == JT_DONE)
			r = JT_NOT_FOUND;
		if (r == JT_OK)
			r = fill(rows, out);
	}
	jt_rows_close(&rows);
	if (r == JT_OK)
		r = find_values(db, out);
	if (r == JT_OK && out->limited)
		r = find_teams(db, out);
	return r;
}

/* A scan that stands on a row, with the token it is about. */
struct side {
	struct jt_rows *rows;
	bool done;
	struct jt_id org, token;
};

struct jt_token_scan {
	struct jt_rows *tokens;
	struct side values, teams;
};

static enum jt_result step(struct side *s)
{
	enum jt_result r = jt_rows_next(s->rows);

	if (r == JT_DONE) {
		s->done = true;
		return JT_OK;
	}
	if (r == JT_OK) {
		s->org = jt_rows_id(s->rows, 0);
		s->token = jt_rows_id(s->rows, 1);
	}
	return r;
}

/* Where the scan stands, compared with a token. */
static int side_compare(const struct side *s, const struct jt_table_token *k)
{
	int c = memcmp(s->org.b, k->org.b, JT_ID_SIZE);

	return c != 0 ? c : memcmp(s->token.b, k->id.b, JT_ID_SIZE);
}

enum jt_result jt_token_scan_open(struct jt_db *db, struct jt_token_scan **out)
{
	struct jt_token_scan *s = calloc(1, sizeof(*s));
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (!s)
		return r;
	r = jt_db_query(db, &project_tokens, JT_NO_BIND, &s->tokens);
	if (r == JT_OK)
		r = jt_db_query(db, &project_values, JT_NO_BIND, &s->values.rows);
	if (r == JT_OK)
		r = jt_db_query(db, &project_teams_of_tokens, JT_NO_BIND, &s->teams.rows);
	if (r == JT_OK)
		r = step(&s->values);
	if (r == JT_OK)
		r = step(&s->teams);
	if (r != JT_OK) {
		jt_token_scan_close(s);
		return r;
	}
	*out = s;
	return JT_OK;
}

enum jt_result jt_token_scan_next(struct jt_token_scan *s, struct jt_table_token *out)
{
	enum jt_result r = jt_rows_next(s->tokens);

	if (r == JT_OK)
		r = fill(s->tokens, out);
	for (int c; r == JT_OK && !s->values.done && (c = side_compare(&s->values, out)) <= 0;) {
		if (c == 0)
			r = push_value(s->values.rows, out);
		if (r == JT_OK)
			r = step(&s->values);
	}
	for (int c; r == JT_OK && !s->teams.done && (c = side_compare(&s->teams, out)) <= 0;) {
		if (c == 0 && out->limited)
			push_team(s->teams.rows, out);
		r = step(&s->teams);
	}
	return r;
}

void jt_token_scan_close(struct jt_token_scan *s)
{
	if (!s)
		return;
	jt_rows_close(&s->teams.rows);
	jt_rows_close(&s->values.rows);
	jt_rows_close(&s->tokens);
	free(s);
}
