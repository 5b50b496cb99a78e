/* SPDX-License-Identifier: Apache-2.0 */
#include "api/user_list.h"

#include "api/user_json.h"
#include "base/text.h"
#include "store/member.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1000
#define WORD_SIZE (254 * 4 + 1)

struct users {
	struct jt_account_row *row;
	size_t count, room;
};

static enum jt_result keep(struct users *u, const struct jt_account_row *row)
{
	if (u->count == u->room) {
		size_t room = u->room > 0 ? u->room * 2 : 64;
		struct jt_account_row *more = realloc(u->row, room * sizeof(*more));

		if (more == NULL)
			return JT_NOMEM;
		u->row = more;
		u->room = room;
	}
	u->row[u->count++] = *row;
	return JT_OK;
}

/* What the list is asked for. */
struct wish {
	struct jt_page page;
	struct jt_account_wish order;
	struct jt_account_row after;
	bool has_search, has_email, has_team;
	char search[WORD_SIZE], email[WORD_SIZE]; /* folded */
	struct jt_id team;
};

static int by_email(const void *a, const void *b)
{
	return strcmp(((const struct jt_account_row *)a)->email_fold, ((const struct jt_account_row *)b)->email_fold);
}

static int by_name(const void *a, const void *b)
{
	const struct jt_account_row *x = a, *y = b;
	int side = strcmp(x->name_fold, y->name_fold);

	return side != 0 ? side : memcmp(x->id.b, y->id.b, sizeof(x->id.b));
}

static int compare(const struct wish *w, const struct jt_account_row *a, const struct jt_account_row *b)
{
	int side = w->order.sort == JT_ACCOUNT_BY_NAME ? by_name(a, b) : by_email(a, b);

	return w->order.descending ? -side : side;
}

/* A text is looked for anywhere in the name and the e-mail. */
static bool matches(const struct wish *w, const struct jt_account_row *row)
{
	if (w->has_search && strstr(row->name_fold, w->search) == NULL && strstr(row->email_fold, w->search) == NULL)
		return false;
	return w->order.after == NULL || compare(w, row, w->order.after) > 0;
}

static enum jt_result one_user(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	struct jt_account_row row;
	struct jt_id role;
	enum jt_result r = jt_account_by_email(tx->db, org, w->email, &row);

	if (r == JT_OK && w->has_team)
		r = jt_member_get(tx->db, org, &w->team, &row.id, &role);
	if (r == JT_OK && w->page.offset == 0 && matches(w, &row))
		return keep(out, &row);
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static void turn(struct users *u)
{
	for (size_t i = 0; i < u->count / 2; i++) {
		struct jt_account_row other = u->row[i];

		u->row[i] = u->row[u->count - 1 - i];
		u->row[u->count - 1 - i] = other;
	}
}

/* A team's members are found by the team, and sorted here. */
static enum jt_result of_team(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	struct jt_rows *rows = NULL;
	struct jt_account_row row;
	enum jt_result r = jt_member_of_team(tx->db, org, &w->team, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id id = jt_rows_id(rows, 0);

		r = jt_account_get(tx->db, org, &id, &row);
		if (r == JT_OK && matches(w, &row))
			r = keep(out, &row);
	}
	jt_rows_close(&rows);
	if (r != JT_DONE)
		return r;
	if (out->count > 0)
		qsort(out->row, out->count, sizeof(*out->row),
			w->order.sort == JT_ACCOUNT_BY_NAME ? by_name : by_email);
	if (w->order.descending)
		turn(out);
	if (w->page.offset > 0) {
		size_t skip = w->page.offset < out->count ? w->page.offset : out->count;

		out->count -= skip;
		if (out->count > 0)
			memmove(out->row, out->row + skip, out->count * sizeof(*out->row));
	}
	return JT_OK;
}

/* All of the org in order, as far as the page goes. */
static enum jt_result of_org(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	const size_t wanted = (size_t)w->page.limit + 1;
	struct jt_account_wish order = w->order;
	struct jt_rows *rows = NULL;
	struct jt_account_row row;
	size_t skip = w->has_search ? w->page.offset : 0;
	enum jt_result r;

	order.limit = w->has_search ? INT64_MAX : (int64_t)wanted;
	order.offset = w->has_search ? 0 : w->page.offset;
	r = jt_account_list(tx->db, org, &order, &rows);
	while (r == JT_OK && out->count < wanted && (r = jt_account_next(rows, &row)) == JT_OK) {
		if (!matches(w, &row))
			continue;
		if (skip > 0)
			skip--;
		else
			r = keep(out, &row);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result find(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	if (w->has_email)
		return one_user(tx, org, w, out);
	return w->has_team ? of_team(tx, org, w, out) : of_org(tx, org, w, out);
}

static enum jt_result read_word(struct jt_call *c, const char *name, char word[WORD_SIZE], bool *there)
{
	const char *text = jt_call_query(c, name);

	*there = text != NULL;
	return text != NULL ? jt_text_fold(text, word, WORD_SIZE) : JT_OK;
}

/* The page's parameters; `after` holds a user's id, whose row is where the list goes on. */
static enum jt_result read_wish(struct jt_call *c, struct jt_tx *tx, struct wish *w)
{
	const char *sort = jt_call_query(c, "sort"), *team = jt_call_query(c, "team");
	struct jt_id id;
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &w->page);

	w->order = (struct jt_account_wish){.sort = JT_ACCOUNT_BY_EMAIL, .descending = w->page.descending};
	if (sort != NULL && strcmp(sort, "name") == 0)
		w->order.sort = JT_ACCOUNT_BY_NAME;
	if (r == JT_OK)
		r = read_word(c, "search", w->search, &w->has_search);
	if (r == JT_OK)
		r = read_word(c, "email", w->email, &w->has_email);
	w->has_team = team != NULL;
	if (r == JT_OK && team != NULL && jt_id_parse(team, strlen(team), &w->team) != JT_OK)
		r = jt_why_field(&c->why, "team", "must be a UUID");
	if (r != JT_OK || !w->page.continued)
		return r;
	if (w->page.after_size != sizeof(id.b))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	memcpy(id.b, w->page.after, sizeof(id.b));
	r = jt_account_get(tx->db, &c->org, &id, &w->after);
	if (r == JT_NOT_FOUND)
		return jt_why_field(&c->why, "after", "names a user who is gone; begin again without it");
	w->order.after = &w->after;
	return r;
}

enum jt_result jt_api_list_users(struct jt_call *c, struct jt_tx *tx)
{
	const enum jt_user_details details = jt_call_query_true(c, "details") ? JT_USER_DETAILS : JT_USER_PLAIN;
	struct users u = {0};
	struct wish w;
	json_t *list = json_array(), *one = NULL;
	unsigned shown = 0;
	enum jt_result r = list != NULL ? read_wish(c, tx, &w) : JT_NOMEM;

	if (r == JT_OK)
		r = find(tx, &c->org, &w, &u);
	if (r == JT_OK) {
		shown = (unsigned)(u.count < w.page.limit ? u.count : w.page.limit);
		if (u.count > w.page.limit) {
			jt_page_full(&w.page, &shown);
			r = jt_page_more(c, &w.page, u.row[shown - 1].id.b, JT_ID_SIZE);
		}
	}
	for (unsigned i = 0; r == JT_OK && i < shown; i++) {
		r = jt_json_user(tx, &u.row[i], details, &one);
		if (r == JT_OK && json_array_append_new(list, one) != 0)
			r = JT_NOMEM;
	}
	free(u.row);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}
