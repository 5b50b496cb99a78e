/* SPDX-License-Identifier: Apache-2.0 */
#include "api/user_list.h"

#include "api/user_json.h"
#include "base/buf.h"
#include "base/text.h"
#include "store/member.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1000
#define TEAM_FEW 1000 /* members of a team that are sorted here; among more, the org is walked */
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
	bool has_search, has_email;
	char search[WORD_SIZE], email[WORD_SIZE]; /* folded */
	struct jt_id team, role;                  /* none: any */
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
	if (!jt_id_is_none(&w->role) && !jt_id_equal(&w->role, &row->role))
		return false;
	return w->order.after == NULL || compare(w, row, w->order.after) > 0;
}

static enum jt_result is_in_team(struct jt_tx *tx, const struct wish *w, const struct jt_account_row *row, bool *is)
{
	struct jt_id role;
	enum jt_result r = JT_OK;

	*is = true;
	if (jt_id_is_none(&w->team))
		return JT_OK;
	r = jt_member_get(tx->db, &row->org, &w->team, &row->id, &role);
	*is = r == JT_OK;
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result one_user(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	struct jt_account_row row;
	bool is = false;
	enum jt_result r = jt_account_by_email(tx->db, org, w->email, &row);

	if (r == JT_OK)
		r = is_in_team(tx, w, &row, &is);
	if (r == JT_OK && is && w->page.offset == 0 && matches(w, &row))
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

/* The ids of a team's members, up to TEAM_FEW; *all is false if there are more. */
static enum jt_result few_members(
	struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct jt_id *id, size_t *count, bool *all)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_member_of_team(tx->db, org, &w->team, &rows);

	*count = 0;
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK && *count < TEAM_FEW)
		id[(*count)++] = jt_rows_id(rows, 0);
	jt_rows_close(&rows);
	*all = r == JT_DONE;
	return r == JT_DONE ? JT_OK : r;
}

static void skip_first(struct users *u, size_t skip)
{
	skip = skip < u->count ? skip : u->count;
	u->count -= skip;
	if (u->count > 0)
		memmove(u->row, u->row + skip, u->count * sizeof(*u->row));
}

/* Those of the ids that match, sorted here. */
static enum jt_result of_ids(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, const struct jt_id *id,
	size_t count, struct users *out)
{
	struct jt_account_row row;
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < count; i++) {
		r = jt_account_get(tx->db, org, &id[i], &row);
		if (r == JT_OK && matches(w, &row))
			r = keep(out, &row);
	}
	if (r != JT_OK)
		return r;
	if (out->count > 0)
		qsort(out->row, out->count, sizeof(*out->row),
			w->order.sort == JT_ACCOUNT_BY_NAME ? by_name : by_email);
	if (w->order.descending)
		turn(out);
	skip_first(out, w->page.offset);
	return JT_OK;
}

/* All of the org in order, as far as the page goes. */
static enum jt_result of_org(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	const bool cut = w->has_search || !jt_id_is_none(&w->team) || !jt_id_is_none(&w->role);
	const size_t wanted = (size_t)w->page.limit + 1;
	struct jt_account_wish order = w->order;
	struct jt_rows *rows = NULL;
	struct jt_account_row row;
	size_t skip = cut ? w->page.offset : 0;
	bool is = false;
	enum jt_result r;

	order.limit = cut ? INT64_MAX : (int64_t)wanted;
	order.offset = cut ? 0 : w->page.offset;
	r = jt_account_list(tx->db, org, &order, &rows);
	while (r == JT_OK && out->count < wanted && (r = jt_account_next(rows, &row)) == JT_OK) {
		if (!matches(w, &row))
			continue;
		r = is_in_team(tx, w, &row, &is);
		if (r == JT_OK && is && skip > 0)
			skip--;
		else if (r == JT_OK && is)
			r = keep(out, &row);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result find(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, struct users *out)
{
	struct jt_id *id = NULL;
	size_t count = 0;
	bool all = false;
	enum jt_result r = JT_OK;

	if (w->has_email)
		return one_user(tx, org, w, out);
	if (!jt_id_is_none(&w->team)) {
		id = calloc(TEAM_FEW, sizeof(*id));
		r = id != NULL ? few_members(tx, org, w, id, &count, &all) : JT_NOMEM;
	}
	if (r == JT_OK)
		r = all ? of_ids(tx, org, w, id, count, out) : of_org(tx, org, w, out);
	free(id);
	return r;
}

/* Where a page ends: the order, the id, and the text that it is sorted by; so a list goes on though that user is gone. */
static enum jt_result more(struct jt_call *c, const struct wish *w, const struct jt_account_row *last)
{
	struct jt_buf key = {0};
	enum jt_result r = JT_OK;

	jt_buf_put_u8(&key, (uint8_t)w->order.sort);
	jt_buf_put(&key, last->id.b, sizeof(last->id.b));
	jt_buf_put_text(&key, w->order.sort == JT_ACCOUNT_BY_NAME ? last->name_fold : last->email_fold);
	r = jt_buf_check(&key);
	if (r == JT_OK)
		r = jt_page_more(c, &w->page, key.data, key.size);
	jt_buf_free(&key);
	return r;
}

static enum jt_result read_after(struct jt_call *c, struct wish *w)
{
	const bool by_name = w->order.sort == JT_ACCOUNT_BY_NAME;
	struct jt_reader in = jt_reader_of(w->page.after, w->page.after_size);
	uint8_t sort = 0;
	enum jt_result r = jt_read_u8(&in, &sort);

	if (r == JT_OK)
		r = jt_read_bytes(&in, w->after.id.b, sizeof(w->after.id.b));
	if (r != JT_OK || sort != (uint8_t)w->order.sort || !jt_text_is_name((const char *)in.at, in.left) ||
		in.left >= (by_name ? sizeof(w->after.name_fold) : sizeof(w->after.email_fold)))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	w->order.after = &w->after;
	return jt_read_bytes(&in, by_name ? w->after.name_fold : w->after.email_fold, in.left);
}

static enum jt_result read_word(struct jt_call *c, const char *name, char word[WORD_SIZE], bool *there)
{
	const char *text = jt_call_query(c, name);

	*there = text != NULL;
	return text != NULL ? jt_text_fold(text, word, WORD_SIZE) : JT_OK;
}

static enum jt_result read_id(struct jt_call *c, const char *name, struct jt_id *out)
{
	const char *text = jt_call_query(c, name);

	if (text != NULL && jt_id_parse(text, strlen(text), out) != JT_OK)
		return jt_why_field(&c->why, name, "must be a UUID");
	return JT_OK;
}

static enum jt_result read_wish(struct jt_call *c, struct wish *w)
{
	const char *sort = jt_call_query(c, "sort");
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &w->page);

	w->order = (struct jt_account_wish){.sort = JT_ACCOUNT_BY_EMAIL, .descending = w->page.descending};
	if (sort != NULL && strcmp(sort, "name") == 0)
		w->order.sort = JT_ACCOUNT_BY_NAME;
	if (r == JT_OK)
		r = read_word(c, "search", w->search, &w->has_search);
	if (r == JT_OK)
		r = read_word(c, "email", w->email, &w->has_email);
	if (r == JT_OK)
		r = read_id(c, "team", &w->team);
	if (r == JT_OK)
		r = read_id(c, "role", &w->role);
	return r == JT_OK && w->page.continued ? read_after(c, w) : r;
}

enum jt_result jt_api_list_users(struct jt_call *c, struct jt_tx *tx)
{
	const enum jt_user_details details = jt_call_query_true(c, "details") ? JT_USER_DETAILS : JT_USER_PLAIN;
	struct users u = {0};
	struct wish *w = calloc(1, sizeof(*w));
	json_t *list = json_array(), *one = NULL;
	unsigned shown = 0;
	enum jt_result r = list != NULL && w != NULL ? read_wish(c, w) : JT_NOMEM;

	if (r == JT_OK)
		r = find(tx, &c->org, w, &u);
	if (r == JT_OK) {
		shown = (unsigned)(u.count < w->page.limit ? u.count : w->page.limit);
		if (u.count > w->page.limit) {
			jt_page_full(&w->page, &shown);
			r = more(c, w, &u.row[shown - 1]);
		}
	}
	for (unsigned i = 0; r == JT_OK && i < shown; i++) {
		r = jt_json_user(tx, &u.row[i], details, &one);
		if (r == JT_OK && json_array_append_new(list, one) != 0)
			r = JT_NOMEM;
	}
	free(u.row);
	free(w);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}
