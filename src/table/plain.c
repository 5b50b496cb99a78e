/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Orgs, users, roles, teams and apps: records of one size that nothing else points to. */

struct team {
	struct jt_id org, id;
};

#define NODE_OF(type) \
	struct { \
		struct jt_table_node node; \
		struct type is; \
	}

static enum jt_result put(struct jt_map *m, const uint8_t key[16], const void *record, size_t size)
{
	struct jt_table_node *node = jt_map_get(m, key);
	enum jt_result r = JT_OK;

	if (!node) {
		node = malloc(sizeof(*node) + size);
		r = node ? jt_map_put(m, key, node, NULL) : JT_NOMEM;
		if (r != JT_OK) {
			free(node);
			return r;
		}
	}
	memcpy(node + 1, record, size);
	return JT_OK;
}

static const void *get(const struct jt_map *m, const uint8_t key[16], const struct jt_id *org)
{
	const struct jt_table_node *node = jt_map_get(m, key);

	/* Two keys never collide (128 keyed bits); a record of another org is refused all the same. */
	return node && memcmp(node + 1, org->b, JT_ID_SIZE) == 0 ? node + 1 : NULL;
}

static void drop(struct jt_map *m, const uint8_t key[16])
{
	free(jt_map_take(m, key));
}

enum jt_result jt_table_put_org(struct jt_table *t, const struct jt_table_org *o)
{
	uint8_t key[16];

	jt_table_key(t, &o->id, "", 0, key);
	return put(&t->orgs, key, o, sizeof(*o));
}

const struct jt_table_org *jt_table_org(const struct jt_table *t, const struct jt_id *org)
{
	uint8_t key[16];

	jt_table_key(t, org, "", 0, key);
	return get(&t->orgs, key, org);
}

enum jt_result jt_table_put_user(struct jt_table *t, const struct jt_table_user *u)
{
	uint8_t key[16];

	jt_table_key(t, &u->org, u->id.b, JT_ID_SIZE, key);
	return put(&t->users, key, u, sizeof(*u));
}

const struct jt_table_user *jt_table_user(const struct jt_table *t, const struct jt_id *org, const struct jt_id *id)
{
	const struct jt_table_user *u = NULL;
	uint8_t key[16];

	jt_table_key(t, org, id->b, JT_ID_SIZE, key);
	u = get(&t->users, key, org);
	return u && jt_id_equal(&u->id, id) ? u : NULL;
}

void jt_table_drop_user(struct jt_table *t, const struct jt_id *org, const struct jt_id *user)
{
	uint8_t key[16];

	jt_table_key(t, org, user->b, JT_ID_SIZE, key);
	drop(&t->users, key);
	jt_table_drop_list(t, &t->by_user, org, user);
}

enum jt_result jt_table_put_role(struct jt_table *t, const struct jt_table_role *r)
{
	uint8_t key[16];

	jt_table_key(t, &r->org, r->id.b, JT_ID_SIZE, key);
	return put(&t->roles, key, r, sizeof(*r));
}

const struct jt_table_role *jt_table_role(const struct jt_table *t, const struct jt_id *org, const struct jt_id *id)
{
	const struct jt_table_role *r = NULL;
	uint8_t key[16];

	jt_table_key(t, org, id->b, JT_ID_SIZE, key);
	r = get(&t->roles, key, org);
	return r && jt_id_equal(&r->id, id) ? r : NULL;
}

void jt_table_drop_role(struct jt_table *t, const struct jt_id *org, const struct jt_id *role)
{
	uint8_t key[16];

	jt_table_key(t, org, role->b, JT_ID_SIZE, key);
	drop(&t->roles, key);
}

enum jt_result jt_table_put_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team)
{
	struct team record = {.org = *org, .id = *team};
	uint8_t key[16];

	jt_table_key(t, org, team->b, JT_ID_SIZE, key);
	return put(&t->teams, key, &record, sizeof(record));
}

bool jt_table_has_team(const struct jt_table *t, const struct jt_id *org, const struct jt_id *team)
{
	const struct team *found = NULL;
	uint8_t key[16];

	jt_table_key(t, org, team->b, JT_ID_SIZE, key);
	found = get(&t->teams, key, org);
	return found && jt_id_equal(&found->id, team);
}

void jt_table_drop_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team)
{
	uint8_t key[16];

	jt_table_key(t, org, team->b, JT_ID_SIZE, key);
	drop(&t->teams, key);
	jt_table_drop_list(t, &t->by_team, org, team);
}

static bool app_key(const struct jt_table *t, const struct jt_id *org, const char *name, uint8_t key[16])
{
	size_t length = strnlen(name, JT_APP_NAME_MAX + 1);

	if (length > JT_APP_NAME_MAX)
		return false;
	jt_table_key(t, org, name, length, key);
	return true;
}

enum jt_result jt_table_put_app(struct jt_table *t, const struct jt_table_app *a)
{
	uint8_t key[16];

	if (!app_key(t, &a->org, a->name, key))
		return JT_TOO_LONG;
	return put(&t->apps, key, a, sizeof(*a));
}

const struct jt_table_app *jt_table_app(const struct jt_table *t, const struct jt_id *org, const char *name)
{
	const struct jt_table_app *a = NULL;
	uint8_t key[16];

	if (!app_key(t, org, name, key))
		return NULL;
	a = get(&t->apps, key, org);
	return a && strcmp(a->name, name) == 0 ? a : NULL;
}

void jt_table_drop_app(struct jt_table *t, const struct jt_id *org, const char *name)
{
	uint8_t key[16];

	if (app_key(t, org, name, key))
		drop(&t->apps, key);
}

void jt_table_drop_org(struct jt_table *t, const struct jt_id *org)
{
	struct jt_map *maps[] = {&t->apps, &t->teams, &t->users, &t->roles, &t->orgs};
	struct jt_table_node *next = NULL;
	uint8_t key[16];

	_Static_assert(
		offsetof(NODE_OF(jt_table_app), is) == sizeof(struct jt_table_node), "a record follows its node");
	_Static_assert(
		offsetof(NODE_OF(jt_table_role), is) == sizeof(struct jt_table_node), "a record follows its node");
	jt_table_drop_tokens_of(t, org);
	jt_table_drop_members_of(t, org);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		for (struct jt_table_node *node = jt_table_string(maps[i], org); node; node = next) {
			next = node->next;
			if (maps[i] == &t->apps)
				(void)app_key(t, org, ((struct jt_table_app *)(void *)(node + 1))->name, key);
			else if (maps[i] == &t->orgs)
				jt_table_key(t, org, "", 0, key);
			else /* org, then id */
				jt_table_key(t, org, (const uint8_t *)(node + 1) + JT_ID_SIZE, JT_ID_SIZE, key);
			drop(maps[i], key);
		}
	}
}
