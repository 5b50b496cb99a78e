/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include <stdlib.h>
#include <string.h>

/* Who is in which team: each record hangs in two lists, that of its user and that of its team. */

struct member {
	struct jt_table_node node;
	struct jt_table_member is;
	struct member *next[2];  /* [0] of the same user, [1] of the same team */
	struct member **from[2]; /* what points here */
};

struct list {
	struct jt_table_node node;
	struct jt_id org, id;
	struct member *first;
};

static void member_key(const struct jt_table *t, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *user, uint8_t key[16])
{
	struct jt_id both[2] = {*team, *user};

	jt_table_key(t, org, both, sizeof(both), key);
}

static struct list *find_list(
	const struct jt_table *t, const struct jt_map *map, const struct jt_id *org, const struct jt_id *id)
{
	struct list *l = NULL;
	uint8_t key[16];

	jt_table_key(t, org, id->b, JT_ID_SIZE, key);
	l = jt_map_get(map, key);
	return l && jt_id_equal(&l->org, org) && jt_id_equal(&l->id, id) ? l : NULL;
}

/* The list of a user or a team, made if there is none yet; NULL if there is no memory. */
static struct list *need_list(struct jt_table *t, struct jt_map *map, const struct jt_id *org, const struct jt_id *id)
{
	struct list *l = find_list(t, map, org, id);
	uint8_t key[16];

	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->org = *org;
	l->id = *id;
	jt_table_key(t, org, id->b, JT_ID_SIZE, key);
	if (jt_map_put(map, key, l, NULL) != JT_OK) {
		free(l);
		return NULL;
	}
	return l;
}

static void free_list_if_empty(struct jt_table *t, struct jt_map *map, struct list *l)
{
	uint8_t key[16];

	if (!l || l->first)
		return;
	jt_table_key(t, &l->org, l->id.b, JT_ID_SIZE, key);
	free(jt_map_take(map, key));
}

static void hang(struct member *m, unsigned in, struct list *l)
{
	m->next[in] = l->first;
	m->from[in] = &l->first;
	if (l->first)
		l->first->from[in] = &m->next[in];
	l->first = m;
}

static void unhang(struct member *m, unsigned in)
{
	*m->from[in] = m->next[in];
	if (m->next[in])
		m->next[in]->from[in] = m->from[in];
}

static struct member *find(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user)
{
	struct member *m = NULL;
	uint8_t key[16];

	member_key(t, org, team, user, key);
	m = jt_map_get(&t->members, key);
	return m && jt_id_equal(&m->is.org, org) && jt_id_equal(&m->is.team, team) && jt_id_equal(&m->is.user, user)
		       ? m
		       : NULL;
}

enum jt_result jt_table_put_member(struct jt_table *t, const struct jt_table_member *m)
{
	struct member *mine = find(t, &m->org, &m->team, &m->user);
	struct list *of_user = NULL;
	struct list *of_team = NULL;
	uint8_t key[16];

	if (mine) {
		mine->is.role = m->role;
		return JT_OK;
	}
	mine = calloc(1, sizeof(*mine));
	of_user = mine ? need_list(t, &t->by_user, &m->org, &m->user) : NULL;
	of_team = of_user ? need_list(t, &t->by_team, &m->org, &m->team) : NULL;
	member_key(t, &m->org, &m->team, &m->user, key);
	if (!of_team || jt_map_put(&t->members, key, mine, NULL) != JT_OK) {
		free_list_if_empty(t, &t->by_user, of_user);
		free_list_if_empty(t, &t->by_team, of_team);
		free(mine);
		return JT_NOMEM;
	}
	mine->is = *m;
	hang(mine, 0, of_user);
	hang(mine, 1, of_team);
	return JT_OK;
}

static void drop(struct jt_table *t, struct member *m)
{
	uint8_t key[16];

	member_key(t, &m->is.org, &m->is.team, &m->is.user, key);
	(void)jt_map_take(&t->members, key);
	unhang(m, 0);
	unhang(m, 1);
	free_list_if_empty(t, &t->by_user, find_list(t, &t->by_user, &m->is.org, &m->is.user));
	free_list_if_empty(t, &t->by_team, find_list(t, &t->by_team, &m->is.org, &m->is.team));
	free(m);
}

void jt_table_drop_member(
	struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user)
{
	struct member *m = find(t, org, team, user);

	if (m)
		drop(t, m);
}

void jt_table_drop_list(struct jt_table *t, struct jt_map *map, const struct jt_id *org, const struct jt_id *id)
{
	/* The list itself goes with its last member. */
	for (struct list *l = find_list(t, map, org, id); l; l = find_list(t, map, org, id))
		drop(t, l->first);
}

void jt_table_drop_members_of(struct jt_table *t, const struct jt_id *org)
{
	struct jt_table_node *next = NULL;

	for (struct jt_table_node *node = jt_table_string(&t->members, org); node; node = next) {
		next = node->next;
		drop(t, (struct member *)(void *)node);
	}
}

const struct jt_table_member *jt_table_member(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user)
{
	const struct member *m = find(t, org, team, user);

	return m ? &m->is : NULL;
}

size_t jt_table_teams_of_user(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *user, struct jt_id *out, size_t max)
{
	const struct list *l = find_list(t, &t->by_user, org, user);
	size_t count = 0;

	for (const struct member *m = l ? l->first : NULL; m; m = m->next[0]) {
		if (!jt_table_has_team(t, org, &m->is.team))
			continue;
		if (count < max)
			out[count] = m->is.team;
		count++;
	}
	return count;
}
