/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/project.h"

#include "store/projection.h"

#include <stdlib.h>
#include <string.h>

#define CHANGES_MAX 20000

/* A change with the row that it names, as the follower's snapshot has it. */
struct change {
	struct jt_id org;
	enum jt_noun noun;
	size_t key_size;
	uint8_t key[JT_CHANGE_KEY_MAX + 1]; /* terminated, for names */
	bool gone;
	union {
		struct jt_table_org org;
		struct jt_table_user user;
		struct jt_table_role role;
		struct jt_table_member member;
		struct jt_table_app app;
		struct jt_table_token *token;
	} row;
};

struct jt_projected {
	uint64_t from;
	struct jt_head head;
	struct change *at;
	size_t count, room;
};

void jt_projected_free(struct jt_projected *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->count; i++) {
		if (all->at[i].noun == JT_NOUN_TOKEN)
			free(all->at[i].row.token);
	}
	free(all->at);
	free(all);
}

static enum jt_result add_change(struct jt_projected *all, struct jt_rows *rows)
{
	struct change *c = NULL;
	size_t size = 0;
	const void *key = jt_rows_bytes(rows, 2, &size);

	if (all->count == CHANGES_MAX)
		return JT_TOO_MUCH_WORK;
	if (size > JT_CHANGE_KEY_MAX)
		return JT_MALFORMED;
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 4;
		struct change *grown = realloc(all->at, room * sizeof(*grown));

		if (!grown)
			return JT_NOMEM;
		all->at = grown;
		all->room = room;
	}
	c = &all->at[all->count++];
	memset(c, 0, sizeof(*c));
	c->org = jt_rows_id(rows, 0);
	c->noun = (enum jt_noun)jt_rows_int(rows, 1);
	c->key_size = size;
	if (size > 0)
		memcpy(c->key, key, size);
	return JT_OK;
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

static struct jt_id key_id(const struct change *c, unsigned which)
{
	struct jt_id id;

	memcpy(id.b, c->key + which * JT_ID_SIZE, JT_ID_SIZE);
	return id;
}

static bool key_fits(const struct change *c)
{
	switch (c->noun) {
	case JT_NOUN_MARK:
		return true;
	case JT_NOUN_APP:
		return c->key_size > 0;
	case JT_NOUN_MEMBER:
		return c->key_size == 2 * JT_ID_SIZE;
	case JT_NOUN_ORG:
	case JT_NOUN_USER:
	case JT_NOUN_ROLE:
	case JT_NOUN_TEAM:
	case JT_NOUN_TOKEN:
		return c->key_size == JT_ID_SIZE;
	}
	return false;
}

static enum jt_result read_token(struct jt_db *db, struct change *c, const struct jt_id *id)
{
	c->row.token = calloc(1, sizeof(*c->row.token));
	return c->row.token ? jt_project_token(db, &c->org, id, c->row.token) : JT_NOMEM;
}

static enum jt_result read_row(struct jt_db *db, const struct jt_policy *p, struct change *c)
{
	struct jt_id id = {{0}};
	struct jt_id second = {{0}};
	enum jt_result r = JT_OK;

	if (!key_fits(c))
		return JT_MALFORMED;
	if (c->noun != JT_NOUN_MARK && c->noun != JT_NOUN_APP)
		id = key_id(c, 0);
	switch (c->noun) {
	case JT_NOUN_ORG:
		r = jt_project_org(db, &id, &c->row.org);
		break;
	case JT_NOUN_USER:
		r = jt_project_user(db, &c->org, &id, &c->row.user);
		break;
	case JT_NOUN_ROLE:
		r = jt_project_role(db, p, &c->org, &id, &c->row.role);
		break;
	case JT_NOUN_TEAM:
		r = jt_project_team(db, &c->org, &id);
		break;
	case JT_NOUN_MEMBER:
		second = key_id(c, 1);
		r = jt_project_member(db, &c->org, &id, &second, &c->row.member);
		break;
	case JT_NOUN_APP:
		r = jt_project_app(db, &c->org, (const char *)c->key, &c->row.app);
		break;
	case JT_NOUN_TOKEN:
		r = read_token(db, c, &id);
		break;
	case JT_NOUN_MARK:
		break;
	}
	c->gone = r == JT_NOT_FOUND;
	return c->gone ? JT_OK : r;
}

static void drop(struct jt_table *table, const struct change *c)
{
	struct jt_id id = {{0}}, second = {{0}};

	if (c->noun != JT_NOUN_APP)
		id = key_id(c, 0);
	if (c->noun == JT_NOUN_MEMBER)
		second = key_id(c, 1);

	switch (c->noun) {
	case JT_NOUN_ORG:
		jt_table_drop_org(table, &id);
		break;
	case JT_NOUN_USER:
		jt_table_drop_user(table, &c->org, &id);
		break;
	case JT_NOUN_ROLE:
		jt_table_drop_role(table, &c->org, &id);
		break;
	case JT_NOUN_TEAM:
		jt_table_drop_team(table, &c->org, &id);
		break;
	case JT_NOUN_MEMBER:
		jt_table_drop_member(table, &c->org, &id, &second);
		break;
	case JT_NOUN_APP:
		jt_table_drop_app(table, &c->org, (const char *)c->key);
		break;
	case JT_NOUN_TOKEN:
		jt_table_drop_token(table, &c->org, &id);
		break;
	case JT_NOUN_MARK:
		break;
	}
}

static enum jt_result put(struct jt_table *table, const struct change *c)
{
	struct jt_id id = c->noun == JT_NOUN_TEAM ? key_id(c, 0) : (struct jt_id){{0}};

	switch (c->noun) {
	case JT_NOUN_ORG:
		return jt_table_put_org(table, &c->row.org);
	case JT_NOUN_USER:
		return jt_table_put_user(table, &c->row.user);
	case JT_NOUN_ROLE:
		return jt_table_put_role(table, &c->row.role);
	case JT_NOUN_TEAM:
		return jt_table_put_team(table, &c->org, &id);
	case JT_NOUN_MEMBER:
		return jt_table_put_member(table, &c->row.member);
	case JT_NOUN_APP:
		return jt_table_put_app(table, &c->row.app);
	case JT_NOUN_TOKEN:
		return jt_table_put_token(table, c->row.token);
	case JT_NOUN_MARK:
		break;
	}
	return JT_OK;
}

static void needs(const struct jt_view *v, const struct change *c, struct jt_table_sizes *n)
{
	struct jt_id id = c->noun == JT_NOUN_TEAM ? key_id(c, 0) : (struct jt_id){{0}};

	switch (c->noun) {
	case JT_NOUN_ORG:
		jt_view_needs_org(v, &c->row.org, n);
		break;
	case JT_NOUN_USER:
		jt_view_needs_user(v, &c->row.user, n);
		break;
	case JT_NOUN_ROLE:
		jt_view_needs_role(v, &c->row.role, n);
		break;
	case JT_NOUN_TEAM:
		jt_view_needs_team(v, &c->org, &id, n);
		break;
	case JT_NOUN_MEMBER:
		jt_view_needs_member(v, &c->row.member, n);
		break;
	case JT_NOUN_APP:
		jt_view_needs_app(v, &c->row.app, n);
		break;
	case JT_NOUN_TOKEN:
		jt_view_needs_token(v, c->row.token, n);
		break;
	case JT_NOUN_MARK:
		break;
	}
}

struct jt_table_sizes jt_projected_needs(const struct jt_table *table, const struct jt_projected *all)
{
	const struct jt_view *v = jt_table_view(table);
	struct jt_table_sizes n = {0};

	for (size_t i = 0; v && i < all->count; i++) {
		if (!all->at[i].gone)
			needs(v, &all->at[i], &n);
	}
	return n;
}

/* A role that changed, cut to what it had before: nobody gains while others have not lost yet. */
static enum jt_result put_narrowed_role(struct jt_table *table, const struct change *c)
{
	struct jt_table_role cut = c->row.role;
	struct jt_table_role before;

	if (!jt_view_role(jt_table_view(table), &cut.org, &cut.id, &before))
		return JT_OK;
	jt_scopes_cut(&cut.scopes, &before.scopes);
	if (before.reach == JT_REACH_TEAMS)
		cut.reach = JT_REACH_TEAMS;
	return jt_table_put_role(table, &cut);
}

/* What takes away: rows that are gone, tokens revoked, users and orgs put to rest, roles that lost scopes. */
static enum jt_result narrow(struct jt_table *table, const struct change *c)
{
	if (c->noun == JT_NOUN_MARK)
		return JT_OK;
	if (c->gone) {
		drop(table, c);
		return JT_OK;
	}
	if (c->noun == JT_NOUN_ROLE)
		return put_narrowed_role(table, c);
	if ((c->noun == JT_NOUN_TOKEN && c->row.token->revoked) || (c->noun == JT_NOUN_USER && !c->row.user.active) ||
		(c->noun == JT_NOUN_ORG && !c->row.org.active))
		return put(table, c);
	return JT_OK;
}

enum jt_result jt_project_apply(struct jt_table *table, const struct jt_projected *all)
{
	enum jt_result r = JT_OK;

	if (!jt_table_stands(table) || jt_table_watermark(table) != all->from)
		return JT_STALE;
	for (size_t i = 0; r == JT_OK && i < all->count; i++)
		r = narrow(table, &all->at[i]);
	for (size_t i = 0; r == JT_OK && i < all->count; i++) {
		if (!all->at[i].gone)
			r = put(table, &all->at[i]);
	}
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
		r = read_row(db, p, &all->at[i]);
	if (r != JT_OK) {
		jt_projected_free(all);
		return r;
	}
	*out = all;
	return JT_OK;
}
