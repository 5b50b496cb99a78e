/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token.h"

#include "base/text.h"
#include "store/usage.h"

#include <assert.h>
#include <stdio.h>

#define COLUMNS \
	"org, id, kind, role, label, description, token_type, limited, created_ns, created_by, created_by_token, " \
	"expires_s, lifetime_s, revoked_ns, (SELECT token_usage.last_used_s FROM token_usage WHERE " \
	"token_usage.org = token.org AND token_usage.token = token.id)"

JT_SQL(token_insert,
	"INSERT INTO token (org, id, kind, role, label, description, token_type, limited, listed, created_ns, "
	"created_by, "
	"created_by_token, expires_s, lifetime_s, label_fold) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, "
	"$12, "
	"$13, $14)");
JT_SQL(token_value_insert, "INSERT INTO token_value (org, token, gen, digest, expires_s) VALUES ($1, $2, $3, $4, $5)");
JT_SQL(token_value_newest, "SELECT COALESCE(MAX(gen), 0) FROM token_value WHERE org = $1 AND token = $2");
JT_SQL(token_value_drop, "DELETE FROM token_value WHERE org = $1 AND token = $2 AND gen < $3");
JT_SQL(token_value_end, "UPDATE token_value SET expires_s = $4 WHERE org = $1 AND token = $2 AND gen = $3");
JT_SQL(token_team_insert, "INSERT INTO token_team (org, token, team) VALUES ($1, $2, $3)");
JT_SQL(token_team_list, "SELECT team FROM token_team WHERE org = $1 AND token = $2 ORDER BY team");
JT_SQL(token_team_names,
	"SELECT team.name FROM token_team CROSS JOIN team WHERE token_team.org = $1 AND token_team.token = $2 AND "
	"team.org = token_team.org AND team.id = token_team.team ORDER BY token_team.team");
JT_SQL(token_label, "SELECT label FROM token WHERE org = $1 AND id = $2");
JT_SQL(token_find, "SELECT " COLUMNS " FROM token WHERE org = $1 AND id = $2 AND kind <> 'personal'");
JT_SQL(token_relabel,
	"UPDATE token SET label = $3, description = $4, label_fold = $5 WHERE org = $1 AND id = $2 AND listed = 1");
JT_SQL(token_set_expiry, "UPDATE token SET expires_s = $3 WHERE org = $1 AND id = $2 AND listed = 1");
JT_SQL(token_mark_revoked, "UPDATE token SET revoked_ns = $3, listed = 0 WHERE org = $1 AND id = $2 AND listed = 1");
JT_SQL(token_expiry, "SELECT expires_s FROM token WHERE org = $1 AND id = $2");
JT_SQL(token_issued_by, "SELECT id FROM token WHERE org = $1 AND created_by_token = $2 AND listed = 1 AND kind = 'ci' "
			"ORDER BY created_ns, id");
JT_SQL(token_made_by, "SELECT id FROM token WHERE org = $1 AND created_by = $2 AND listed = 1 ORDER BY created_ns, id");
JT_SQL(token_role_for_teams, "SELECT for_teams FROM role WHERE org = $1 AND id = $2");
JT_SQL(token_exists, "SELECT CAST(1 AS BIGINT) FROM token WHERE org = $1 AND id = $2");

static struct jt_val time_or_null(int64_t seconds)
{
	struct jt_val none = {.type = JT_VAL_NULL};

	return seconds ? jt_val_int(seconds) : none;
}

enum jt_result jt_token_insert(struct jt_db *db, const struct jt_token_row *row)
{
	char fold[JT_LABEL_SIZE];
	enum jt_result r = jt_text_fold(row->label, fold, sizeof(fold));

	if (r == JT_OK)
		r = jt_db_run(db, &token_insert,
			JT_BIND(JT_ID(&row->org), JT_ID(&row->id), JT_T(jt_kind_name(row->kind)), JT_ID(&row->role),
				JT_T(row->label), JT_T(row->description), JT_T(row->token_type), JT_I(row->limited),
				JT_I(row->created_ns), JT_ID(&row->created_by), JT_ID(&row->created_by_token),
				time_or_null(row->expires_s), time_or_null(row->lifetime_s), JT_T(fold)),
			NULL);
	return r == JT_OK ? jt_usage_begin(db, &row->org, &row->id) : r;
}

enum jt_result jt_token_add_value(struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t gen,
	const uint8_t digest[JT_DIGEST_SIZE], int64_t expires_s)
{
	return jt_db_run(db, &token_value_insert,
		JT_BIND(JT_ID(org), JT_ID(token), JT_I(gen), JT_B(digest, JT_DIGEST_SIZE), time_or_null(expires_s)),
		NULL);
}

enum jt_result jt_token_newest_value(struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t *gen)
{
	return jt_db_int(db, &token_value_newest, JT_BIND(JT_ID(org), JT_ID(token)), gen);
}

enum jt_result jt_token_drop_values(struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t gen)
{
	return jt_db_run(db, &token_value_drop, JT_BIND(JT_ID(org), JT_ID(token), JT_I(gen)), NULL);
}

enum jt_result jt_token_end_value(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t gen, int64_t expires_s)
{
	return jt_db_run(
		db, &token_value_end, JT_BIND(JT_ID(org), JT_ID(token), JT_I(gen), time_or_null(expires_s)), NULL);
}

enum jt_result jt_token_add_team(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, const struct jt_id *team)
{
	return jt_db_run(db, &token_team_insert, JT_BIND(JT_ID(org), JT_ID(token), JT_ID(team)), NULL);
}

enum jt_result jt_token_teams(struct jt_db *db, const struct jt_id *org, const struct jt_id *token,
	struct jt_id out[JT_TOKEN_TEAMS_MAX], size_t *count)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &token_team_list, JT_BIND(JT_ID(org), JT_ID(token)), &rows);

	*count = 0;
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		assert(*count < JT_TOKEN_TEAMS_MAX); /* none is issued with more */
		out[(*count)++] = jt_rows_id(rows, 0);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_token_team_names(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_rows **out)
{
	return jt_db_query(db, &token_team_names, JT_BIND(JT_ID(org), JT_ID(token)), out);
}

static void copy_text(struct jt_rows *rows, unsigned column, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", jt_rows_text(rows, column));
}

static void read_row(struct jt_rows *rows, struct jt_token_row *out)
{
	out->org = jt_rows_id(rows, 0);
	out->id = jt_rows_id(rows, 1);
	if (jt_kind_parse(jt_rows_text(rows, 2), &out->kind) != JT_OK)
		out->kind = JT_KIND_CUSTOM; /* cannot be: kinds are written by name from the same list */
	out->role = jt_rows_id(rows, 3);
	copy_text(rows, 4, out->label, sizeof(out->label));
	copy_text(rows, 5, out->description, sizeof(out->description));
	copy_text(rows, 6, out->token_type, sizeof(out->token_type));
	out->limited = jt_rows_int(rows, 7) != 0;
	out->created_ns = jt_rows_int(rows, 8);
	out->created_by = jt_rows_id(rows, 9);
	out->created_by_token = jt_rows_id(rows, 10);
	out->expires_s = jt_rows_int(rows, 11);
	out->lifetime_s = jt_rows_int(rows, 12);
	out->revoked = !jt_rows_null(rows, 13);
	out->last_used_s = jt_rows_int(rows, 14);
}

enum jt_result jt_token_find(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_token_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &token_find, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK)
		read_row(rows, out);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_token_label(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, char *out, size_t size)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &token_label, JT_BIND(JT_ID(org), JT_ID(id)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK)
		copy_text(rows, 0, out, size);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

/* A write that must meet one row. */
static enum jt_result one(enum jt_result r, int64_t changed)
{
	return r == JT_OK && changed == 0 ? JT_NOT_FOUND : r;
}

enum jt_result jt_token_relabel(struct jt_db *db, const struct jt_token_row *row)
{
	char fold[JT_LABEL_SIZE];
	int64_t changed = 0;
	enum jt_result r = jt_text_fold(row->label, fold, sizeof(fold));

	if (r == JT_OK)
		r = jt_db_run(db, &token_relabel,
			JT_BIND(JT_ID(&row->org), JT_ID(&row->id), JT_T(row->label), JT_T(row->description),
				JT_T(fold)),
			&changed);
	return one(r, changed);
}

enum jt_result jt_token_expiry(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t *expires_s)
{
	return jt_db_int(db, &token_expiry, JT_BIND(JT_ID(org), JT_ID(id)), expires_s);
}

enum jt_result jt_token_issued_by(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_rows **out)
{
	return jt_db_query(db, &token_issued_by, JT_BIND(JT_ID(org), JT_ID(token)), out);
}

enum jt_result jt_token_made_by(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, struct jt_rows **out)
{
	return jt_db_query(db, &token_made_by, JT_BIND(JT_ID(org), JT_ID(user)), out);
}

enum jt_result jt_token_set_expiry(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t expires_s)
{
	int64_t changed = 0;
	enum jt_result r =
		jt_db_run(db, &token_set_expiry, JT_BIND(JT_ID(org), JT_ID(id), time_or_null(expires_s)), &changed);

	return one(r, changed);
}

enum jt_result jt_token_mark_revoked(struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t now_ns)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &token_mark_revoked, JT_BIND(JT_ID(org), JT_ID(id), JT_I(now_ns)), &changed);

	r = one(r, changed);
	return r == JT_OK ? jt_usage_end(db, org, id) : r;
}

enum jt_result jt_token_role_for_teams(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *role, bool *for_teams)
{
	int64_t flag = 0;
	enum jt_result r = jt_db_int(db, &token_role_for_teams, JT_BIND(JT_ID(org), JT_ID(role)), &flag);

	*for_teams = flag != 0;
	return r;
}

enum jt_result jt_token_exists(struct jt_db *db, const struct jt_id *org, const struct jt_id *id)
{
	int64_t found = 0;

	return jt_db_int(db, &token_exists, JT_BIND(JT_ID(org), JT_ID(id)), &found);
}
