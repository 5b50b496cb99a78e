/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/cut.h"
#include "authority/app.h"
#include "base/text.h"
#include "http/call.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 10000

static json_t *app_json(struct jt_call *c, struct jt_tx *tx, const struct jt_app_row *app)
{
	char team[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s*, s:[], s:[], s:b}", "id", app->id, "name",
		app->name[0] != '\0' ? app->name : app->id, "team_id",
		jt_id_is_none(&app->team) ? NULL : jt_id_text(&app->team, team), "tags", "labels", "can_delete",
		jt_app_deletable(tx, &c->who, &app->team));
}

struct gathered {
	struct jt_app_row *row;
	size_t count, room;
};

static enum jt_result keep(struct gathered *g, const struct jt_app_row *app)
{
	if (g->count == g->room) {
		size_t room = g->room > 0 ? g->room * 2 : 64;
		struct jt_app_row *more = realloc(g->row, room * sizeof(*more));

		if (more == NULL)
			return JT_NOMEM;
		g->row = more;
		g->room = room;
	}
	g->row[g->count++] = *app;
	return JT_OK;
}

static int rising(const void *a, const void *b)
{
	return strcmp(((const struct jt_app_row *)a)->id, ((const struct jt_app_row *)b)->id);
}

static int falling(const void *a, const void *b)
{
	return rising(b, a);
}

/* What the list is asked for. */
struct wish {
	struct jt_page page;
	enum jt_app_sort order;
	char after[JT_APP_NAME_MAX + 1];
	bool has_search;
	char search[JT_APP_LABEL_SIZE]; /* folded */
	struct jt_id team;              /* none: any */
};

/* A text is looked for anywhere in the id and the name, ASCII letters in any case. */
static enum jt_result is_found(const struct wish *w, const struct jt_app_row *app, bool *is)
{
	char id[JT_APP_NAME_MAX + 1] = "", name[JT_APP_LABEL_SIZE] = "";
	enum jt_result r = JT_OK;

	*is = true;
	if (!w->has_search)
		return JT_OK;
	r = jt_text_fold(app->id, id, sizeof(id));
	if (r == JT_OK)
		r = jt_text_fold(app->name, name, sizeof(name));
	*is = r == JT_OK && (strstr(id, w->search) != NULL || strstr(name, w->search) != NULL);
	return r;
}

/* `most` that are found after the first `skip`: of a team, or of the whole org (NULL). */
static enum jt_result gather(struct jt_tx *tx, const struct jt_id *org, const struct wish *w, const struct jt_id *team,
	size_t skip, size_t most, struct gathered *g)
{
	const bool all = !w->has_search;
	const size_t end = g->count + most;
	struct jt_rows *rows = NULL;
	struct jt_app_row app;
	enum jt_result r = jt_app_list(
		tx->db, org, team, w->order, w->after, all ? (int64_t)most : INT64_MAX, all ? (int64_t)skip : 0, &rows);

	while (r == JT_OK && g->count < end && (r = jt_app_next(rows, &app)) == JT_OK) {
		bool is = false;

		r = is_found(w, &app, &is);
		if (r == JT_OK && is && !all && skip > 0)
			skip--;
		else if (r == JT_OK && is)
			r = keep(g, &app);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static bool among(const struct jt_id *team, const struct jt_id *teams, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (jt_id_equal(team, &teams[i]))
			return true;
	return false;
}

/* Merged from the caller's teams. */
static enum jt_result gather_own(struct jt_tx *tx, const struct jt_id *org, const struct wish *w,
	const struct jt_id *teams, size_t count, struct gathered *g)
{
	const size_t offset = w->page.offset;
	size_t skip = 0;
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < count; i++)
		r = gather(tx, org, w, &teams[i], 0, w->page.limit + offset + 1, g);
	if (g->count > 0)
		qsort(g->row, g->count, sizeof(*g->row), w->page.descending ? falling : rising);
	skip = offset < g->count ? offset : g->count;
	g->count -= skip;
	if (g->count > 0)
		memmove(g->row, g->row + skip, g->count * sizeof(*g->row));
	return r;
}

/* The first rows of the page, in order. A team that the caller does not see has no apps. */
static enum jt_result gather_page(struct jt_call *c, struct jt_tx *tx, const struct wish *w, struct gathered *g)
{
	const struct jt_id *team = jt_id_is_none(&w->team) ? NULL : &w->team;
	struct jt_id *teams = NULL;
	size_t count = 0;
	bool cut = false;
	enum jt_result r = jt_api_cut(c, tx, &cut, &teams, &count);

	if (r == JT_OK && cut && team == NULL)
		r = gather_own(tx, &c->org, w, teams, count, g);
	else if (r == JT_OK && (!cut || among(team, teams, count)))
		r = gather(tx, &c->org, w, team, w->page.offset, (size_t)w->page.limit + 1, g);
	free(teams);
	return r;
}

static enum jt_result read_wish(struct jt_call *c, struct wish *w)
{
	const char *search = jt_call_query(c, "search"), *team = jt_call_query(c, "team");
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &w->page);

	w->order = w->page.descending ? JT_APP_FALLING : JT_APP_RISING;
	w->has_search = search != NULL;
	if (r == JT_OK && search != NULL)
		r = jt_text_fold(search, w->search, sizeof(w->search));
	if (r == JT_OK && team != NULL && jt_id_parse(team, strlen(team), &w->team) != JT_OK)
		r = jt_why_field(&c->why, "team", "must be a UUID");
	if (r != JT_OK || !w->page.continued)
		return r;
	if (!jt_text_is_app((const char *)w->page.after, w->page.after_size))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	memcpy(w->after, w->page.after, w->page.after_size);
	return JT_OK;
}

static enum jt_result run_list(struct jt_call *c, struct jt_tx *tx)
{
	struct gathered g = {0};
	json_t *list = json_array();
	struct wish w = {.has_search = false};
	unsigned shown = 0;
	enum jt_result r = list != NULL ? read_wish(c, &w) : JT_NOMEM;

	if (r == JT_OK)
		r = gather_page(c, tx, &w, &g);
	if (r == JT_OK) {
		shown = (unsigned)(g.count < w.page.limit ? g.count : w.page.limit);
		if (g.count > w.page.limit) {
			jt_page_full(&w.page, &shown);
			r = jt_page_more(c, &w.page, g.row[shown - 1].id, strlen(g.row[shown - 1].id));
		}
	}
	for (unsigned i = 0; r == JT_OK && i < shown; i++)
		if (json_array_append_new(list, app_json(c, tx, &g.row[i])) != 0)
			r = JT_NOMEM;
	free(g.row);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}

static json_t *put_json(const struct jt_app_row *app)
{
	char team[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s*, s:s*, s:s*}", "id", app->id, "name", app->name[0] != '\0' ? app->name : NULL,
		"team_id", jt_id_is_none(&app->team) ? NULL : jt_id_text(&app->team, team), "base_branch",
		app->base_branch[0] != '\0' ? app->base_branch : NULL);
}

static bool names(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
			return true;
	return false;
}

static int name_once(json_t *list, const char *text)
{
	return names(list, text) ? 0 : json_array_append_new(list, json_string(text));
}

static enum jt_result put_one(
	struct jt_call *c, struct jt_tx *tx, const json_t *item, json_t *done, json_t *ids, json_t *teams)
{
	const char *team = json_string_value(json_object_get(item, "team_id"));
	struct jt_app_order order = {.id = json_string_value(json_object_get(item, "id")),
		.name = json_string_value(json_object_get(item, "name")),
		.base_branch = json_string_value(json_object_get(item, "base_branch"))};
	enum jt_app_outcome outcome = JT_APP_DONE;
	struct jt_app_row row;
	struct jt_id team_id;
	enum jt_result r = JT_OK;
	int failed = 0;

	if (team != NULL) {
		if (jt_id_parse(team, strlen(team), &team_id) != JT_OK)
			return jt_why_field(&c->why, "team_id", "must be a UUID");
		order.team = &team_id;
	}
	if ((r = jt_app_put(tx, &c->who, &order, &outcome, &row, &c->why)) != JT_OK)
		return r;
	if (outcome == JT_APP_DONE)
		failed = json_array_append_new(done, put_json(&row));
	else if (outcome == JT_APP_REJECTED)
		failed = name_once(ids, order.id);
	else
		failed = name_once(teams, team != NULL ? team : "");
	return failed == 0 ? JT_OK : JT_NOMEM;
}

static enum jt_result run_put(struct jt_call *c, struct jt_tx *tx)
{
	json_t *done = json_array(), *ids = json_array(), *teams = json_array(), *item = NULL;
	enum jt_result r = done != NULL && ids != NULL && teams != NULL ? JT_OK : JT_NOMEM;
	size_t i = 0;

	json_array_foreach(c->body, i, item)
	{
		if (r == JT_OK)
			r = put_one(c, tx, item, done, ids, teams);
	}
	if (r == JT_OK)
		return jt_call_answer(
			c, json_pack("{s:o, s:o, s:o}", "apps", done, "rejected_ids", ids, "rejected_team_ids", teams));
	json_decref(done);
	json_decref(ids);
	json_decref(teams);
	return r;
}

static enum jt_result run_get(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_app_row app;
	enum jt_result r = jt_app_get(tx->db, &c->org, jt_call_path(c, "app"), &app);

	return r == JT_OK ? jt_call_answer(c, app_json(c, tx, &app)) : r;
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	return jt_app_remove(tx, &c->who, jt_call_path(c, "app"), &c->why);
}

static const struct jt_field item_fields[] = {
	{.name = "id", .type = JT_FIELD_APP, .need = JT_REQUIRED},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "team_id", .type = JT_FIELD_ID},
	{.name = "base_branch", .type = JT_FIELD_NAME, .min = 1, .max = 255},
	{0},
};
static const struct jt_field put_body[] = {
	{.type = JT_FIELD_LIST, .min = 0, .max = 1000, .item = JT_FIELD_OBJECT, .of = item_fields}};

static const struct jt_param list_query[] = {
	{.name = "search", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "team", .type = JT_FIELD_ID},
	{0},
};

#define APPS "/api/v4/orgs/{org}/apps"

const struct jt_op jt_api_apps[] = {
	{.id = "list_apps",
		.method = "GET",
		.path = APPS,
		.scope = "apps:list",
		.level = JT_LEVEL_ORG,
		.query = list_query,
		.run = run_list},
	{.id = "put_apps",
		.method = "PUT",
		.path = APPS,
		.scope = "apps:create",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_PLACED,
		.body = put_body,
		.run = run_put},
	{.id = "get_app",
		.method = "GET",
		.path = APPS "/{app}",
		.scope = "project:read",
		.read_scope = "project:read",
		.level = JT_LEVEL_APP,
		.run = run_get},
	{.id = "delete_app",
		.method = "DELETE",
		.path = APPS "/{app}",
		.scope = "project:delete",
		.read_scope = "project:read",
		.level = JT_LEVEL_APP,
		.flags = JT_OP_WRITE,
		.run = run_delete},
	{0},
};
