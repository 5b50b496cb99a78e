/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/project.h"

#include "store/projection.h"

#include <stdlib.h>
#include <string.h>

#define CHANGES_MAX 20000

/* The rows that changed, as the follower's snapshot has them. */
struct jt_projected {
	uint64_t from;
	struct jt_head head;
	struct jt_table_row *row;
	size_t count, room;
};

void jt_projected_free(struct jt_projected *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->count; i++) {
		if (all->row[i].noun == JT_TABLE_TOKEN)
			free(all->row[i].token);
	}
	free(all->row);
	free(all);
}

static struct jt_id key_id(const uint8_t *key, unsigned which)
{
	struct jt_id id;

	memcpy(id.b, key + which * JT_ID_SIZE, JT_ID_SIZE);
	return id;
}

static bool key_fits(enum jt_noun noun, size_t size)
{
	switch (noun) {
	case JT_NOUN_MARK:
		return true;
	case JT_NOUN_APP:
		return size > 0 && size <= JT_APP_NAME_MAX;
	case JT_NOUN_MEMBER:
		return size == 2 * JT_ID_SIZE;
	case JT_NOUN_ORG:
	case JT_NOUN_USER:
	case JT_NOUN_ROLE:
	case JT_NOUN_TEAM:
	case JT_NOUN_TOKEN:
		return size == JT_ID_SIZE;
	}
	return false;
}

/* What names the row. JT_DONE: there is none. */
static enum jt_result name_row(
	enum jt_noun noun, const struct jt_id *org, const uint8_t *key, size_t size, struct jt_table_row *row)
{
	memset(row, 0, sizeof(*row));
	if (!key_fits(noun, size))
		return JT_MALFORMED;
	switch (noun) {
	case JT_NOUN_ORG:
		row->noun = JT_TABLE_ORG;
		row->org.id = key_id(key, 0);
		break;
	case JT_NOUN_USER:
		row->noun = JT_TABLE_USER;
		row->user = (struct jt_table_user){.org = *org, .id = key_id(key, 0)};
		break;
	case JT_NOUN_ROLE:
		row->noun = JT_TABLE_ROLE;
		row->role = (struct jt_table_role){.org = *org, .id = key_id(key, 0)};
		break;
	case JT_NOUN_TEAM:
		row->noun = JT_TABLE_TEAM;
		row->team = (struct jt_table_team){.org = *org, .id = key_id(key, 0)};
		break;
	case JT_NOUN_MEMBER:
		row->noun = JT_TABLE_MEMBER;
		row->member = (struct jt_table_member){.org = *org, .team = key_id(key, 0), .user = key_id(key, 1)};
		break;
	case JT_NOUN_APP:
		row->noun = JT_TABLE_APP;
		row->app.org = *org;
		memcpy(row->app.name, key, size);
		break;
	case JT_NOUN_TOKEN:
		row->noun = JT_TABLE_TOKEN;
		row->token = calloc(1, sizeof(*row->token));
		if (!row->token)
			return JT_NOMEM;
		row->token->org = *org;
		row->token->id = key_id(key, 0);
		break;
	case JT_NOUN_MARK:
		return JT_DONE;
	}
	return JT_OK;
}

static enum jt_result add_change(struct jt_projected *all, struct jt_rows *rows)
{
	struct jt_id org = jt_rows_id(rows, 0);
	size_t size = 0;
	const void *key = jt_rows_bytes(rows, 2, &size);
	enum jt_result r = JT_OK;

	if (all->count == CHANGES_MAX)
		return JT_TOO_MUCH_WORK;
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 4;
		struct jt_table_row *grown = realloc(all->row, room * sizeof(*grown));

		if (!grown)
			return JT_NOMEM;
		all->row = grown;
		all->room = room;
	}
	r = name_row((enum jt_noun)jt_rows_int(rows, 1), &org, key, size, &all->row[all->count]);
	all->count += r == JT_OK;
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result list_changes(struct jt_db *db, uint64_t from, struct jt_projected *all)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_change_scan(db, from, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK)
		r = add_change(all, rows);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result read_token(struct jt_db *db, struct jt_table_token *token)
{
	const struct jt_id org = token->org, id = token->id;
	enum jt_result r = jt_project_token(db, &org, &id, token);

	token->org = org;
	token->id = id;
	return r;
}

static enum jt_result read_row(struct jt_db *db, const struct jt_policy *p, struct jt_table_row *row)
{
	const struct jt_table_row name = *row;
	enum jt_result r = JT_OK;

	switch (name.noun) {
	case JT_TABLE_ORG:
		r = jt_project_org(db, &name.org.id, &row->org);
		break;
	case JT_TABLE_USER:
		r = jt_project_user(db, &name.user.org, &name.user.id, &row->user);
		break;
	case JT_TABLE_ROLE:
		r = jt_project_role(db, p, &name.role.org, &name.role.id, &row->role);
		break;
	case JT_TABLE_TEAM:
		r = jt_project_team(db, &name.team.org, &name.team.id);
		break;
	case JT_TABLE_MEMBER:
		r = jt_project_member(db, &name.member.org, &name.member.team, &name.member.user, &row->member);
		break;
	case JT_TABLE_APP:
		r = jt_project_app(db, &name.app.org, name.app.name, &row->app);
		break;
	case JT_TABLE_TOKEN:
		r = read_token(db, row->token);
		break;
	}
	if (r != JT_NOT_FOUND)
		return r;
	*row = name;
	row->gone = true;
	return JT_OK;
}

struct jt_table_sizes jt_projected_needs(const struct jt_table *table, const struct jt_projected *all)
{
	const struct jt_view *v = jt_table_view(table);

	return v ? jt_view_needs(v, all->row, all->count) : (struct jt_table_sizes){0};
}

enum jt_result jt_project_apply(struct jt_table *table, const struct jt_projected *all)
{
	enum jt_result r = JT_OK;

	if (!jt_table_stands(table) || jt_table_watermark(table) != all->from)
		return JT_STALE;
	r = jt_table_tell(table, all->row, all->count);
	if (r == JT_OK)
		jt_table_show(table, all->head.seq, all->head.nonce);
	else
		jt_table_poison(table);
	return r;
}

enum jt_result jt_project_read(struct jt_db *db, const struct jt_policy *p, uint64_t from, const struct jt_head *head,
	struct jt_projected **out)
{
	struct jt_projected *all = calloc(1, sizeof(*all));
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (!all)
		return JT_NOMEM;
	all->from = from;
	all->head = *head;
	r = list_changes(db, from, all);
	for (size_t i = 0; r == JT_OK && i < all->count; i++)
		r = read_row(db, p, &all->row[i]);
	if (r != JT_OK) {
		jt_projected_free(all);
		return r;
	}
	*out = all;
	return JT_OK;
}
