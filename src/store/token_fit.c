/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token_search.h"

#include <stdio.h>
#include <string.h>

JT_SQL(token_facts,
	"SELECT created_ns, expires_s, label_fold, role, kind, token_type, created_by, created_by_token FROM token "
	"WHERE org = $1 AND id = $2 AND listed = 1");
JT_SQL(token_in_team, "SELECT CAST(1 AS BIGINT) FROM token_team WHERE org = $1 AND token = $2 AND team = $3");
JT_SQL(token_last_used, "SELECT last_used_s FROM token_usage WHERE org = $1 AND token = $2");

static bool end_fits(const struct jt_token_search *s, int64_t expires_s)
{
	return expires_s >= s->end_from && expires_s <= s->end_to;
}

static bool label_fits(const struct jt_token_search *s, const char *label)
{
	return !s->f->search || strstr(label, s->f->search) != NULL;
}

bool jt_token_step_fits(const struct jt_token_search *s, const struct jt_token_step *step)
{
	if (step->end_known && !end_fits(s, step->expires_s))
		return false;
	return !step->label || label_fits(s, step->label);
}

bool jt_token_must_look(const struct jt_token_search *s, enum jt_token_path path)
{
	const struct jt_token_filter *f = s->f;
	const bool has_label =
		path == JT_TOKENS_ALONG_CREATED || path == JT_TOKENS_ALONG_LABEL || path == JT_TOKENS_ALONG_EXPIRES;

	if (!has_label && (f->search || f->state != JT_TOKENS_LIVE_OR_EXPIRED))
		return true;
	if (f->of != JT_TOKENS_ALL && path != JT_TOKENS_ALONG_USER && path != JT_TOKENS_ALONG_TOKEN)
		return true;
	if (f->kind && path != JT_TOKENS_ALONG_KIND)
		return true;
	return f->type || (!jt_id_is_none(&f->role) && path != JT_TOKENS_ALONG_ROLE);
}

static bool is(const struct jt_id *wanted, struct jt_rows *rows, unsigned column)
{
	const struct jt_id id = jt_rows_id(rows, column);

	return jt_id_equal(wanted, &id);
}

static bool row_fits(const struct jt_token_search *s, struct jt_rows *rows, const struct jt_token_facts *facts)
{
	const struct jt_token_filter *f = s->f;

	if (!end_fits(s, facts->expires_s) || !label_fits(s, facts->label))
		return false;
	if (!jt_id_is_none(&f->role) && !is(&f->role, rows, 3))
		return false;
	if ((f->kind && strcmp(f->kind, jt_rows_text(rows, 4)) != 0) ||
		(f->type && strcmp(f->type, jt_rows_text(rows, 5)) != 0))
		return false;
	return f->of == JT_TOKENS_ALL || is(&f->by, rows, f->of == JT_TOKENS_OF_USER ? 6 : 7);
}

enum jt_result jt_token_row_fits(
	struct jt_token_search *s, const struct jt_id *id, bool *fits, struct jt_token_facts *facts)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(s->db, &token_facts, JT_BIND(JT_ID(s->org), JT_ID(id)), &rows);

	s->out->work += JT_TOKEN_LOOK;
	*fits = false;
	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		facts->created_ns = jt_rows_int(rows, 0);
		facts->expires_s = jt_rows_null(rows, 1) ? JT_TOKEN_NO_END : jt_rows_int(rows, 1);
		(void)snprintf(facts->label, sizeof(facts->label), "%s", jt_rows_text(rows, 2));
		*fits = row_fits(s, rows, facts);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_token_use(struct jt_token_search *s, const struct jt_id *id, int64_t *last_used_s)
{
	enum jt_result r = jt_db_int(s->db, &token_last_used, JT_BIND(JT_ID(s->org), JT_ID(id)), last_used_s);

	s->out->work += JT_TOKEN_LOOK;
	return r;
}

enum jt_result jt_token_rest_fits(
	struct jt_token_search *s, const struct jt_id *id, enum jt_token_path path, bool *fits)
{
	int64_t found = 0, last_used_s = 0;
	enum jt_result r = JT_OK;

	*fits = true;
	if (!jt_id_is_none(&s->f->team) && !s->of_team) {
		s->out->work += JT_TOKEN_LOOK;
		r = jt_db_int(s->db, &token_in_team, JT_BIND(JT_ID(s->org), JT_ID(id), JT_ID(&s->f->team)), &found);
		*fits = r == JT_OK;
		if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	if (r == JT_OK && *fits && s->f->state == JT_TOKENS_UNUSED && path != JT_TOKENS_ALONG_LAST_USED) {
		r = jt_token_use(s, id, &last_used_s);
		*fits = r == JT_OK && last_used_s == JT_TOKEN_NEVER_USED;
	}
	return r;
}
