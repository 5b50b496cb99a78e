/* SPDX-License-Identifier: Apache-2.0 */
#include "api/token_json.h"

#include "base/buf.h"
#include "base/clock.h"
#include "store/identity.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 10000
#define KEY_SIZE 24 /* created_ns and id: where a page ends */

static json_t *teams_json(const struct jt_token_shown *shown)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < shown->teams; i++) {
		if (json_array_append_new(list, jt_json_id(&shown->team[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *jt_json_token(const struct jt_token_shown *shown)
{
	const struct jt_token_row *row = &shown->row;
	const struct jt_id *by = jt_id_is_none(&row->created_by) ? &row->created_by_token : &row->created_by;
	json_t *o = json_pack("{s:o, s:s, s:s, s:o, s:s, s:s, s:o, s:b}", "id", jt_json_id(&row->id), "label",
		row->label, "description", row->description, "role_id", jt_json_id(&row->role), "token_type",
		row->token_type, "kind", jt_kind_name(row->kind), "created_at",
		jt_json_time_s(row->created_ns / JT_NS_PER_S), "limited", (int)row->limited);
	bool whole = o != NULL;

	if (whole && !jt_id_is_none(by))
		whole = json_object_set_new(o, "created_by", jt_json_id(by)) == 0;
	if (whole && row->expires_s)
		whole = json_object_set_new(o, "expires_at", jt_json_time_s(row->expires_s)) == 0;
	if (whole && row->last_used_s)
		whole = json_object_set_new(o, "last_used_at", jt_json_time_s(row->last_used_s)) == 0;
	if (whole && row->limited)
		whole = json_object_set_new(o, "teams", teams_json(shown)) == 0;
	if (whole && shown->value[0])
		whole = json_object_set_new(o, "value", json_string(shown->value)) == 0;
	if (whole)
		return o;
	json_decref(o);
	return NULL;
}

/* Who must have issued them: the query's word, and a service token sees its own only. *none: nobody can be meant. */
static enum jt_result read_maker(struct jt_call *c, struct jt_tx *tx, struct jt_token_filter *f, bool *none)
{
	const char *by = jt_call_query(c, "created_by");
	const struct jt_caller *who = &c->who.caller;
	struct jt_identity user;
	enum jt_result r = JT_OK;

	*none = false;
	f->of = JT_TOKENS_ALL;
	if (by && jt_id_parse(by, strlen(by), &f->by) != JT_OK)
		return jt_why_field(&c->why, "created_by", "must be a UUID");
	if (who->kind == JT_KIND_SERVICE) {
		*none = by && !jt_id_equal(&f->by, &who->token);
		f->of = JT_TOKENS_OF_TOKEN;
		f->by = who->token;
		return JT_OK;
	}
	if (!by)
		return JT_OK;
	r = jt_identity_get(tx->db, &c->org, &f->by, &user);
	f->of = r == JT_OK ? JT_TOKENS_OF_USER : JT_TOKENS_OF_TOKEN;
	/* A user who is gone is found by what they left. */
	if (r == JT_NOT_FOUND) {
		struct jt_token_row maker;

		r = jt_token_find(tx->db, &c->org, &f->by, &maker);
		if (r == JT_NOT_FOUND)
			f->of = JT_TOKENS_OF_USER;
	}
	jt_secret_wipe(&user, sizeof(user));
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result read_after(struct jt_call *c, const struct jt_page *page, struct jt_token_filter *f)
{
	struct jt_reader in = jt_reader_of(page->after, page->after_size);
	uint64_t ns = 0;

	f->continued = page->continued;
	if (!page->continued)
		return JT_OK;
	if (page->after_size != KEY_SIZE || jt_read_u64(&in, &ns) != JT_OK ||
		jt_read_bytes(&in, f->after_id.b, sizeof(f->after_id.b)) != JT_OK || ns > INT64_MAX)
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	f->after_ns = (int64_t)ns;
	return JT_OK;
}

static enum jt_result more(struct jt_call *c, const struct jt_page *page, const struct jt_token_row *last)
{
	struct jt_buf key = {0};
	enum jt_result r = JT_OK;

	jt_buf_put_u64(&key, (uint64_t)last->created_ns);
	jt_buf_put(&key, last->id.b, sizeof(last->id.b));
	r = jt_buf_check(&key);
	if (r == JT_OK)
		r = jt_page_more(c, page, key.data, key.size);
	jt_buf_free(&key);
	return r;
}

/* Rows into `list`; the last that is to be shown if there were more goes to *edge. */
static enum jt_result gather(struct jt_tx *tx, const struct jt_token_filter *f, const struct jt_page *page,
	json_t *list, struct jt_token_row *edge, bool *over)
{
	struct jt_token_shown *shown = calloc(1, sizeof(*shown));
	struct jt_rows *rows = NULL;
	unsigned keep = page->limit;
	unsigned n = 0;
	const struct jt_id *org = &edge->org;
	enum jt_result r = shown ? jt_token_list(tx->db, org, f, &rows) : JT_NOMEM;

	*over = false;
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		if (n == page->limit) {
			*over = true;
			break;
		}
		memset(shown, 0, sizeof(*shown));
		jt_token_list_row(rows, &shown->row);
		if (shown->row.limited)
			r = jt_token_teams(tx->db, org, &shown->row.id, shown->team, &shown->teams);
		if (r == JT_OK && json_array_append_new(list, jt_json_token(shown)) != 0)
			r = JT_NOMEM;
		jt_page_full(page, &keep);
		if (++n == keep)
			*edge = shown->row;
	}
	jt_rows_close(&rows);
	free(shown);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_api_list_tokens(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_token_filter f = {.type = jt_call_query(c, "token_type"),
		.kind = jt_call_query(c, "kind"),
		.expired = jt_call_query_true(c, "show_expired"),
		.now_s = tx->now_ns / JT_NS_PER_S};
	struct jt_token_row *edge = calloc(1, sizeof(*edge));
	json_t *list = json_array();
	struct jt_page page;
	bool none = false;
	bool over = false;
	unsigned keep = 0;
	enum jt_result r = edge && list ? jt_page_read(c, WHOLE_MAX, &page) : JT_NOMEM;

	if (r == JT_OK)
		r = read_after(c, &page, &f);
	if (r == JT_OK)
		r = read_maker(c, tx, &f, &none);
	if (r == JT_OK && !none) {
		f.descending = page.descending;
		f.limit = (int64_t)page.limit + 1;
		f.offset = page.offset;
		edge->org = c->org;
		r = gather(tx, &f, &page, list, edge, &over);
	}
	if (r == JT_OK && over) {
		jt_page_full(&page, &keep);
		while (r == JT_OK && json_array_size(list) > keep)
			r = json_array_remove(list, json_array_size(list) - 1) == 0 ? JT_OK : JT_INTERNAL;
		if (r == JT_OK)
			r = more(c, &page, edge);
	}
	free(edge);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}
