/* SPDX-License-Identifier: Apache-2.0 */
#include "api/team_list.h"

#include "api/cut.h"
#include "base/text.h"
#include "store/app.h"
#include "store/member.h"
#include "store/team.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1000
#define MEMBERS_UNPAGED_MAX 10000

static const char *role_word(const struct jt_policy *p, const struct jt_id *role, char text[JT_ID_TEXT_SIZE])
{
	const struct jt_role *managed = jt_policy_role(p, role);

	return managed != NULL && managed->team_aliases > 0 ? managed->team_alias[0] : jt_id_text(role, text);
}

enum jt_result jt_json_members(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, json_t **out, int64_t *count)
{
	char user_text[JT_ID_TEXT_SIZE], role_text[JT_ID_TEXT_SIZE];
	json_t *list = json_array();
	struct jt_rows *rows = NULL;
	enum jt_result r = list != NULL ? jt_member_of_team(tx->db, org, team, &rows) : JT_NOMEM;

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id user = jt_rows_id(rows, 0), role = jt_rows_id(rows, 1);

		if (json_array_append_new(list, json_pack("{s:s, s:s}", "user_id_v2", jt_id_text(&user, user_text),
							"team_role", role_word(tx->policy, &role, role_text))) != 0)
			r = JT_NOMEM;
		++*count;
	}
	jt_rows_close(&rows);
	if (r == JT_DONE) {
		*out = list;
		return JT_OK;
	}
	json_decref(list);
	return r;
}

enum jt_result jt_json_team_apps(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, json_t **out)
{
	json_t *list = json_array();
	struct jt_rows *rows = NULL;
	struct jt_app_row app;
	enum jt_result r = list != NULL ? JT_OK : JT_NOMEM;

	if (r == JT_OK)
		r = jt_app_list(tx->db, org, team, JT_APP_RISING, "", INT64_MAX, 0, &rows);
	while (r == JT_OK && (r = jt_app_next(rows, &app)) == JT_OK)
		if (json_array_append_new(list, json_string(app.id)) != 0)
			r = JT_NOMEM;
	jt_rows_close(&rows);
	if (r == JT_DONE) {
		*out = list;
		return JT_OK;
	}
	json_decref(list);
	return r;
}

struct teams {
	struct jt_team_row *row;
	size_t count, room;
};

static enum jt_result keep(struct teams *t, const struct jt_team_row *row)
{
	if (t->count == t->room) {
		size_t room = t->room > 0 ? t->room * 2 : 64;
		struct jt_team_row *more = realloc(t->row, room * sizeof(*more));

		if (more == NULL)
			return JT_NOMEM;
		t->row = more;
		t->room = room;
	}
	t->row[t->count++] = *row;
	return JT_OK;
}

static int rising(const void *a, const void *b)
{
	return strcmp(((const struct jt_team_row *)a)->name_fold, ((const struct jt_team_row *)b)->name_fold);
}

static int falling(const void *a, const void *b)
{
	return rising(b, a);
}

/* What the list is asked for. `after` is the folded name of the last team that was shown. */
struct wish {
	struct jt_page page;
	bool has_only, has_search;
	char only[JT_TEAM_NAME_SIZE], search[JT_TEAM_NAME_SIZE]; /* folded: the whole name; a part of it */
	char after[JT_TEAM_NAME_SIZE];
};

static bool is_called(const struct wish *w, const struct jt_team_row *row)
{
	if (w->has_only && strcmp(row->name_fold, w->only) != 0)
		return false;
	return !w->has_search || strstr(row->name_fold, w->search) != NULL;
}

static bool fits(const struct wish *w, const struct jt_team_row *row)
{
	int side = strcmp(row->name_fold, w->after);

	if (!is_called(w, row))
		return false;
	return !w->page.continued || (w->page.descending ? side < 0 : side > 0);
}

static void skip_first(struct teams *t, size_t skip)
{
	skip = skip < t->count ? skip : t->count;
	t->count -= skip;
	if (t->count > 0)
		memmove(t->row, t->row + skip, t->count * sizeof(*t->row));
}

/* A caller who sees only their teams has few: they are sorted here. */
static enum jt_result own_teams(struct jt_call *c, struct jt_tx *tx, const struct wish *w, const struct jt_id *teams,
	size_t count, struct teams *out)
{
	struct jt_team_row row;
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < count; i++) {
		r = jt_team_get(tx->db, &c->org, &teams[i], &row);
		if (r == JT_OK && fits(w, &row))
			r = keep(out, &row);
		else if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	if (out->row != NULL)
		qsort(out->row, out->count, sizeof(*out->row), w->page.descending ? falling : rising);
	skip_first(out, w->page.offset);
	return r;
}

/* Those of the rows that fit, as many as the page needs. */
static enum jt_result keep_fitting(const struct wish *w, size_t skip, struct jt_rows *rows, struct teams *out)
{
	struct jt_team_row row;
	enum jt_result r = JT_OK;

	while (r == JT_OK && out->count <= w->page.limit && (r = jt_team_next(rows, &row)) == JT_OK) {
		if (!fits(w, &row))
			continue;
		if (skip > 0)
			skip--;
		else
			r = keep(out, &row);
	}
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result all_teams(struct jt_call *c, struct jt_tx *tx, const struct wish *w, struct teams *out)
{
	const bool cut = w->has_only || w->has_search;
	struct jt_rows *rows = NULL;
	enum jt_result r = JT_OK;

	if (w->has_only)
		r = jt_team_named(tx->db, &c->org, w->only, &rows);
	else
		r = jt_team_list(tx->db, &c->org, w->page.descending ? JT_TEAM_FALLING : JT_TEAM_RISING, w->after,
			cut ? INT64_MAX : (int64_t)w->page.limit + 1, cut ? 0 : w->page.offset, &rows);
	if (r == JT_OK)
		r = keep_fitting(w, cut ? w->page.offset : 0, rows, out);
	jt_rows_close(&rows);
	return r;
}

static enum jt_result find(struct jt_call *c, struct jt_tx *tx, const struct wish *w, struct teams *out)
{
	struct jt_id *teams = NULL;
	size_t count = 0;
	bool cut = false;
	enum jt_result r = jt_api_cut(c, tx, &cut, &teams, &count);

	if (r == JT_OK)
		r = cut ? own_teams(c, tx, w, teams, count, out) : all_teams(c, tx, w, out);
	free(teams);
	return r;
}

/* The page's parameters; `after` is the name where the list goes on. */
static enum jt_result read_wish(struct jt_call *c, struct wish *w)
{
	const char *name = jt_call_query(c, "name"), *search = jt_call_query(c, "search");
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &w->page);

	if (name == NULL)
		name = jt_call_query(c, "teamName");
	w->has_only = name != NULL;
	w->has_search = search != NULL;
	if (r == JT_OK && name != NULL)
		r = jt_text_fold(name, w->only, sizeof(w->only));
	if (r == JT_OK && search != NULL)
		r = jt_text_fold(search, w->search, sizeof(w->search));
	if (r != JT_OK || !w->page.continued)
		return r;
	if (w->page.after_size >= sizeof(w->after) || !jt_text_is_name((const char *)w->page.after, w->page.after_size))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	memcpy(w->after, w->page.after, w->page.after_size);
	return JT_OK;
}

static enum jt_result add_counts(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, const json_t *apps, json_t *o)
{
	int64_t members = 0;
	enum jt_result r = jt_member_count(tx->db, org, team, &members);

	if (r == JT_OK)
		r = jt_json_set(o, "member_count", json_integer((json_int_t)members), JT_ABSENT_NOMEM);
	if (r == JT_OK)
		r = jt_json_set(o, "app_count", json_integer((json_int_t)json_array_size(apps)), JT_ABSENT_NOMEM);
	return r;
}

static enum jt_result show(
	struct jt_call *c, struct jt_tx *tx, const struct jt_team_row *team, int64_t *members, json_t *list)
{
	json_t *apps = NULL, *people = NULL, *o = NULL;
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_json_team_apps(tx, &c->org, &team->id, &apps);

	if (r == JT_OK && !jt_call_query_true(c, "no_members"))
		r = jt_json_members(tx, &c->org, &team->id, &people, members);
	if (r == JT_OK) {
		o = json_pack("{s:s, s:s, s:I, s:O, s:O*}", "team_id", jt_id_text(&team->id, text), "team_name",
			team->name, "team_version", (json_int_t)team->version, "projects", apps, "members", people);
		r = json_array_append_new(list, o) == 0 ? JT_OK : JT_NOMEM;
	}
	if (r == JT_OK && jt_call_query_true(c, "details"))
		r = add_counts(tx, &c->org, &team->id, apps, o);
	json_decref(apps);
	json_decref(people);
	return r;
}

enum jt_result jt_api_list_teams(struct jt_call *c, struct jt_tx *tx)
{
	struct teams t = {0};
	struct wish w = {.has_only = false};
	json_t *list = json_array();
	int64_t members = 0;
	unsigned shown = 0;
	enum jt_result r = list != NULL ? read_wish(c, &w) : JT_NOMEM;

	if (r == JT_OK)
		r = find(c, tx, &w, &t);
	if (r == JT_OK) {
		shown = (unsigned)(t.count < w.page.limit ? t.count : w.page.limit);
		if (t.count > w.page.limit) {
			jt_page_full(&w.page, &shown);
			r = jt_page_more(c, &w.page, t.row[shown - 1].name_fold, strlen(t.row[shown - 1].name_fold));
		}
	}
	for (unsigned i = 0; r == JT_OK && i < shown; i++) {
		r = show(c, tx, &t.row[i], &members, list);
		if (r == JT_OK && w.page.whole && members > MEMBERS_UNPAGED_MAX)
			r = jt_why_say(&c->why, JT_TOO_MUCH_WORK,
				"these teams have more than %d members: use page and per_page, or no_members=true",
				MEMBERS_UNPAGED_MAX);
	}
	free(t.row);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}
