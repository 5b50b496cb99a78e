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

static enum jt_result gather(struct gathered *g, struct jt_rows *rows)
{
	struct jt_app_row app;
	enum jt_result r = JT_OK;

	while ((r = jt_app_next(rows, &app)) == JT_OK) {
		if (g->count == g->room) {
			size_t room = g->room > 0 ? g->room * 2 : 64;
			struct jt_app_row *more = realloc(g->row, room * sizeof(*more));

			if (more == NULL)
				return JT_NOMEM;
			g->row = more;
			g->room = room;
		}
		g->row[g->count++] = app;
	}
	return r == JT_DONE ? JT_OK : r;
}

static int rising(const void *a, const void *b)
{
	return strcmp(((const struct jt_app_row *)a)->id, ((const struct jt_app_row *)b)->id);
}

static int falling(const void *a, const void *b)
{
	return rising(b, a);
}

/* The first rows of the page, in order: of the org, or merged from the caller's teams. */
static enum jt_result gather_page(struct jt_call *c, struct jt_tx *tx, const struct jt_page *page, struct gathered *g)
{
	char after[JT_PAGE_AFTER_MAX + 1] = "";
	enum jt_app_sort order = page->descending ? JT_APP_FALLING : JT_APP_RISING;
	struct jt_id *teams = NULL;
	struct jt_rows *rows = NULL;
	size_t count = 0;
	bool cut = false;
	enum jt_result r = JT_OK;

	memcpy(after, page->after, page->after_size);
	if (page->continued && !jt_text_is_app(after, page->after_size))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	r = jt_api_cut(c, tx, &cut, &teams, &count);
	if (r == JT_OK && !cut) {
		r = jt_app_list(tx->db, &c->org, NULL, order, after, (int64_t)page->limit + 1, page->offset, &rows);
		if (r == JT_OK)
			r = gather(g, rows);
		jt_rows_close(&rows);
		return r;
	}
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		r = jt_app_list(
			tx->db, &c->org, &teams[i], order, after, (int64_t)page->limit + page->offset + 1, 0, &rows);
		if (r == JT_OK)
			r = gather(g, rows);
		jt_rows_close(&rows);
	}
	free(teams);
	if (g->row != NULL)
		qsort(g->row, g->count, sizeof(*g->row), page->descending ? falling : rising);
	if (page->offset > 0 && g->row != NULL) {
		size_t skip = page->offset < g->count ? page->offset : g->count;

		memmove(g->row, g->row + skip, (g->count - skip) * sizeof(*g->row));
		g->count -= skip;
	}
	return r;
}

static enum jt_result run_list(struct jt_call *c, struct jt_tx *tx)
{
	struct gathered g = {0};
	json_t *list = json_array();
	struct jt_page page;
	unsigned keep = 0;
	enum jt_result r = jt_page_read(c, WHOLE_MAX, &page);

	if (r == JT_OK)
		r = gather_page(c, tx, &page, &g);
	if (r == JT_OK && g.row != NULL)
		keep = (unsigned)(g.count < page.limit ? g.count : page.limit);
	if (r == JT_OK && g.row != NULL && g.count > page.limit) {
		jt_page_full(&page, &keep);
		r = jt_page_more(c, &page, g.row[keep - 1].id, strlen(g.row[keep - 1].id));
	}
	for (unsigned i = 0; r == JT_OK && g.row != NULL && i < keep; i++)
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

#define APPS "/api/v4/orgs/{org}/apps"

const struct jt_op jt_api_apps[] = {
	{.id = "list_apps",
		.method = "GET",
		.path = APPS,
		.scope = "apps:list",
		.level = JT_LEVEL_ORG,
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
