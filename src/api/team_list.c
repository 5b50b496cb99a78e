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

static enum jt_result keep_all(struct teams *t, struct jt_rows *rows)
{
	struct jt_team_row row;
	enum jt_result r = JT_OK;

	while (r == JT_OK && (r = jt_team_next(rows, &row)) == JT_OK)
		r = keep(t, &row);
	return r == JT_DONE ? JT_OK : r;
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
	const char *only; /* folded name; NULL: all */
	char after[JT_TEAM_NAME_SIZE];
};

static bool beyond(const struct wish *w, const struct jt_team_row *row)
{
	int side = strcmp(row->name_fold, w->after);

	if (w->only != NULL && strcmp(row->name_fold, w->only) != 0)
		return false;
	return !w->page.continued || (w->page.descending ? side < 0 : side > 0);
}

/* A caller who sees only their teams has few: they are sorted here. */
static enum jt_result own_teams(struct jt_call *c, struct jt_tx *tx, const struct wish *w, const struct jt_id *teams,
	size_t count, struct teams *out)
{
	struct jt_team_row row;
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < count; i++) {
		r = jt_team_get(tx->db, &c->org, &teams[i], &row);
		if (r == JT_OK && beyond(w, &row))
			r = keep(out, &row);
		else if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	if (out->row != NULL)
		qsort(out->row, out->count, sizeof(*out->row), w->page.descending ? falling : rising);
	if (w->page.offset > 0 && out->row != NULL) {
		size_t skip = w->page.offset < out->count ? w->page.offset : out->count;

		memmove(out->row, out->row + skip, (out->count - skip) * sizeof(*out->row));
		out->count -= skip;
	}
	return r;
}

static enum jt_result find(struct jt_call *c, struct jt_tx *tx, const struct wish *w, struct teams *out)
{
	struct jt_id *teams = NULL;
	struct jt_rows *rows = NULL;
	size_t count = 0;
	bool cut = false;
	enum jt_result r = jt_api_cut(c, tx, &cut, &teams, &count);

	if (r == JT_OK && cut)
		r = own_teams(c, tx, w, teams, count, out);
	else if (r == JT_OK && w->only != NULL)
		r = jt_team_named(tx->db, &c->org, w->only, &rows);
	else if (r == JT_OK)
		r = jt_team_list(tx->db, &c->org, w->page.descending ? JT_TEAM_FALLING : JT_TEAM_RISING, w->after,
			(int64_t)w->page.limit + 1, w->page.offset, &rows);
	if (r == JT_OK && rows != NULL)
		r = keep_all(out, rows);
	jt_rows_close(&rows);
	free(teams);
	return r;
}

/* The page's parameters; `after` holds a team's id, whose name is where the list goes on. */
static enum jt_result read_wish(struct jt_call *c, struct jt_tx *tx, struct wish *w, char only[JT_TEAM_NAME_SIZE])
{
	const char *name = jt_call_query(c, "name"), *other = jt_call_query(c, "teamName");
	struct jt_team_row team;
	struct jt_id id;
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &w->page);

	w->only = NULL;
	w->after[0] = '\0';
	if (r == JT_OK && (name != NULL || other != NULL)) {
		r = jt_text_fold(name != NULL ? name : other, only, JT_TEAM_NAME_SIZE);
		w->only = only;
	}
	if (r != JT_OK || !w->page.continued)
		return r;
	if (w->page.after_size != sizeof(id.b))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	memcpy(id.b, w->page.after, sizeof(id.b));
	r = jt_team_get(tx->db, &c->org, &id, &team);
	if (r == JT_NOT_FOUND)
		return jt_why_field(&c->why, "after", "names a team that is gone; begin again without it");
	if (r == JT_OK)
		memcpy(w->after, team.name_fold, sizeof(w->after));
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
	json_decref(apps);
	json_decref(people);
	return r;
}

enum jt_result jt_api_list_teams(struct jt_call *c, struct jt_tx *tx)
{
	char only[JT_TEAM_NAME_SIZE];
	struct teams t = {0};
	struct wish w;
	json_t *list = json_array();
	int64_t members = 0;
	unsigned shown = 0;
	enum jt_result r = read_wish(c, tx, &w, only);

	if (r == JT_OK)
		r = find(c, tx, &w, &t);
	if (r == JT_OK) {
		shown = (unsigned)(t.count < w.page.limit ? t.count : w.page.limit);
		if (t.count > w.page.limit) {
			jt_page_full(&w.page, &shown);
			r = jt_page_more(c, &w.page, t.row[shown - 1].id.b, JT_ID_SIZE);
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
