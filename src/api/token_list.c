/* SPDX-License-Identifier: Apache-2.0 */
#include "api/token_json.h"

#include "api/token_cursor.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/identity.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 10000

_Static_assert(JT_TOKEN_CURSOR_MAX <= JT_PAGE_AFTER_MAX, "a place fits into next_page");

/* What is asked for, read from the query. */
struct request {
	struct jt_page page;
	struct jt_token_filter f;
	struct jt_token_wish wish;
	struct jt_token_found found;
	char search[JT_LABEL_SIZE];
	bool nobody; /* no token can be meant */
	enum jt_token_details details;
};

/* Who must have issued them: the query's word, and a service token sees its own only. */
static enum jt_result read_maker(struct jt_call *c, struct jt_tx *tx, struct request *q)
{
	const char *by = jt_call_query(c, "created_by");
	const struct jt_caller *who = &c->who.caller;
	struct jt_token_filter *f = &q->f;
	struct jt_identity user;
	enum jt_result r = JT_OK;

	if (by && jt_id_parse(by, strlen(by), &f->by) != JT_OK)
		return jt_why_field(&c->why, "created_by", "must be a UUID");
	if (who->kind == JT_KIND_SERVICE) {
		q->nobody = by && !jt_id_equal(&f->by, &who->token);
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

/* A token's id means that token; any other text is looked for in labels. */
static enum jt_result read_search(struct jt_call *c, struct jt_tx *tx, struct request *q)
{
	const char *text = jt_call_query(c, "search");
	struct jt_token_row row;
	struct jt_id id;
	enum jt_result r = JT_NOT_FOUND;

	if (!text)
		return JT_OK;
	if (jt_id_parse(text, strlen(text), &id) == JT_OK)
		r = jt_token_find(tx->db, &c->org, &id, &row);
	if (r == JT_OK && !row.revoked) {
		q->f.one = id;
		return JT_OK;
	}
	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	q->f.search = q->search;
	return jt_text_fold(text, q->search, sizeof(q->search));
}

static enum jt_result read_id(struct jt_call *c, const char *name, struct jt_id *out)
{
	const char *text = jt_call_query(c, name);

	if (text && jt_id_parse(text, strlen(text), out) != JT_OK)
		return jt_why_field(&c->why, name, "must be a UUID");
	return JT_OK;
}

static void read_state(struct jt_call *c, struct jt_token_filter *f)
{
	const char *state = jt_call_query(c, "state");

	f->state = jt_call_query_true(c, "show_expired") ? JT_TOKENS_LIVE_OR_EXPIRED : JT_TOKENS_LIVE;
	if (!state)
		return;
	f->state = strcmp(state, "expired") == 0    ? JT_TOKENS_EXPIRED
		   : strcmp(state, "expiring") == 0 ? JT_TOKENS_EXPIRING
		   : strcmp(state, "unused") == 0   ? JT_TOKENS_UNUSED
						    : JT_TOKENS_LIVE;
}

static enum jt_result read_filter(struct jt_call *c, struct jt_tx *tx, struct request *q)
{
	enum jt_result r = read_maker(c, tx, q);

	q->f.now_s = tx->now_ns / JT_NS_PER_S;
	q->f.type = jt_call_query(c, "token_type");
	q->f.kind = jt_call_query(c, "kind");
	read_state(c, &q->f);
	if (r == JT_OK)
		r = read_id(c, "role", &q->f.role);
	if (r == JT_OK)
		r = read_id(c, "team", &q->f.team);
	if (r == JT_OK)
		r = read_search(c, tx, q);
	return r;
}

static enum jt_token_sort read_order(struct jt_call *c)
{
	const char *sort = jt_call_query(c, "sort");

	if (!sort || strcmp(sort, "created") == 0)
		return JT_TOKENS_BY_CREATED;
	if (strcmp(sort, "label") == 0)
		return JT_TOKENS_BY_LABEL;
	return strcmp(sort, "last_used") == 0 ? JT_TOKENS_BY_LAST_USED : JT_TOKENS_BY_EXPIRES;
}

/* Whoever asks for nothing that v4 lacks gets what v4 gives: the whole list, whatever it costs. */
static bool is_bounded(struct jt_call *c)
{
	static const char *const ours[] = {"search", "role", "team", "state", "sort", "details"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (jt_call_query(c, ours[i]))
			return true;
	}
	return false;
}

static enum jt_result read_wish(struct jt_call *c, struct request *q)
{
	const bool bounded = is_bounded(c);
	struct jt_page *page = &q->page;
	struct jt_token_wish *wish = &q->wish;
	unsigned keep = 0;
	enum jt_result r = jt_page_read(c, bounded ? 0 : WHOLE_MAX, page);

	if (r != JT_OK)
		return r;
	jt_page_full(page, &keep);
	wish->order = read_order(c);
	wish->descending = page->descending;
	wish->continued = page->continued;
	wish->skip = page->offset;
	wish->limit = page->limit;
	wish->keep = keep;
	wish->work = bounded ? JT_TOKEN_WORK_MAX : INT64_MAX;
	if (page->continued &&
		jt_token_cursor_read(page->after, page->after_size, wish->order, &wish->after, &wish->skip) != JT_OK)
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	return JT_OK;
}

static enum jt_result add_row(struct jt_tx *tx, const struct request *q, const struct jt_id *org, size_t i,
	struct jt_token_shown *shown, json_t *list)
{
	json_t *o = NULL;
	enum jt_result r = JT_OK;

	memset(shown, 0, sizeof(*shown));
	r = jt_token_find(tx->db, org, &q->found.id[i], &shown->row);
	if (r == JT_OK && shown->row.limited)
		r = jt_token_teams(tx->db, org, &shown->row.id, shown->team, &shown->teams);
	if (r == JT_OK)
		r = jt_json_token_shown(tx, shown, q->details, &o);
	if (r == JT_OK && json_array_append_new(list, o) != 0)
		r = JT_NOMEM;
	return r;
}

static enum jt_result add_rows(struct jt_tx *tx, const struct request *q, const struct jt_id *org, json_t *list)
{
	struct jt_token_shown *shown = calloc(1, sizeof(*shown));
	enum jt_result r = shown ? JT_OK : JT_NOMEM;

	for (size_t i = 0; r == JT_OK && i < q->found.count; i++)
		r = add_row(tx, q, org, i, shown, list);
	free(shown);
	return r;
}

static enum jt_result find(struct jt_call *c, struct jt_tx *tx, struct request *q)
{
	uint8_t key[JT_TOKEN_CURSOR_MAX];
	size_t size = 0;
	enum jt_result r = jt_token_list(tx->db, &c->org, &q->f, &q->wish, &q->found);

	if (r != JT_OK || !q->found.more)
		return r;
	size = jt_token_cursor_write(q->wish.order, &q->found.next, q->found.skip, key);
	return jt_page_more(c, &q->page, key, size);
}

enum jt_result jt_api_list_tokens(struct jt_call *c, struct jt_tx *tx)
{
	struct request *q = calloc(1, sizeof(*q));
	json_t *list = json_array();
	enum jt_result r = q && list ? read_wish(c, q) : JT_NOMEM;

	if (r == JT_OK)
		r = read_filter(c, tx, q);
	if (r == JT_OK)
		q->details = jt_call_query_true(c, "details") ? JT_TOKEN_DETAILS : JT_TOKEN_PLAIN;
	if (r == JT_OK && !q->nobody)
		r = find(c, tx, q);
	if (r == JT_OK)
		r = add_rows(tx, q, &c->org, list);
	if (q)
		free(q->found.id);
	free(q);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}
