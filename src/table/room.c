/* SPDX-License-Identifier: Apache-2.0 */
#include "table/table.h"

#include "table/put.h"

#include <string.h>

/* What a put would take: nothing for what is there already, whatever it changes about it. */

/* The element of an org, or 0; one that is not there is counted. */
static uint32_t org_at(const struct jt_view *v, const struct jt_id *org, struct jt_table_sizes *n)
{
	uint32_t at = jt_find_org(v, org);

	n->orgs += at == 0;
	return at;
}

static void needs_org(const struct jt_view *v, const struct jt_table_org *o, struct jt_table_sizes *n)
{
	n->users += jt_find_user(v, org_at(v, &o->id, n), &o->owner) == 0;
}

static void needs_user(const struct jt_view *v, const struct jt_table_user *u, struct jt_table_sizes *n)
{
	uint32_t org = org_at(v, &u->org, n);

	n->users += jt_find_user(v, org, &u->id) == 0;
	n->roles += jt_find_role_for(v, org, &u->role) == 0;
}

static void needs_role(const struct jt_view *v, const struct jt_table_role *r, struct jt_table_sizes *n)
{
	struct jt_table_role is;

	(void)org_at(v, &r->org, n);
	n->roles += !jt_view_role(v, &r->org, &r->id, &is) || is.reach != r->reach ||
		    !jt_scopes_equal(&is.scopes, &r->scopes); /* a set of its own for each change */
}

static void needs_team(const struct jt_view *v, const struct jt_table_team *t, struct jt_table_sizes *n)
{
	n->teams += jt_find_team(v, org_at(v, &t->org, n), &t->id) == 0;
}

static void needs_member(const struct jt_view *v, const struct jt_table_member *m, struct jt_table_sizes *n)
{
	uint32_t org = org_at(v, &m->org, n);
	uint32_t user = jt_find_user(v, org, &m->user), team = jt_find_team(v, org, &m->team);

	n->users += user == 0;
	n->teams += team == 0;
	n->members += user == 0 || team == 0 || jt_find_member(v, user, team) == 0;
	n->roles += jt_find_role_for(v, org, &m->role) == 0;
}

static void needs_app(const struct jt_view *v, const struct jt_table_app *a, struct jt_table_sizes *n)
{
	size_t length = strnlen(a->name, sizeof(a->name));
	uint32_t org = org_at(v, &a->org, n);

	n->teams += !jt_id_is_none(&a->team) && jt_find_team(v, org, &a->team) == 0;
	if (jt_find_app(v, org, a->name, length) == 0) {
		n->apps++;
		n->text += length;
	}
}

static void needs_token(const struct jt_view *v, const struct jt_table_token *k, struct jt_table_sizes *n)
{
	uint32_t org = org_at(v, &k->org, n);
	uint32_t at = jt_find_token(v, &k->id);
	bool is_new = at == 0;
	uint64_t word = 0;

	for (unsigned i = 0; i < k->values && i < JT_TOKEN_VALUES_MAX; i++)
		is_new = is_new || !jt_find_value(v, k->digest[i], &word);
	if (!is_new) {
		if (k->limited && !k->revoked && !jt_put_list_is(v, org, jt_cold_ref(v, at), k))
			n->teams_of_tokens += 2 + k->teams;
		return;
	}
	n->tokens++;
	if (k->kind == JT_KIND_PERSONAL)
		n->users += jt_find_user(v, org, &k->user) == 0;
	else
		n->roles += jt_find_role_for(v, org, &k->role) == 0;
	for (unsigned i = 0; k->limited && i < k->teams && i < JT_TOKEN_TEAMS_MAX; i++) {
		n->teams_of_tokens++;
		n->teams += jt_find_team(v, org, &k->team[i]) == 0;
	}
}

static void needs_row(const struct jt_view *v, const struct jt_table_row *row, struct jt_table_sizes *n)
{
	switch (row->noun) {
	case JT_TABLE_ORG:
		needs_org(v, &row->org, n);
		break;
	case JT_TABLE_USER:
		needs_user(v, &row->user, n);
		break;
	case JT_TABLE_ROLE:
		needs_role(v, &row->role, n);
		break;
	case JT_TABLE_TEAM:
		needs_team(v, &row->team, n);
		break;
	case JT_TABLE_MEMBER:
		needs_member(v, &row->member, n);
		break;
	case JT_TABLE_APP:
		needs_app(v, &row->app, n);
		break;
	case JT_TABLE_TOKEN:
		needs_token(v, row->token, n);
		break;
	}
}

struct jt_table_sizes jt_view_needs(const struct jt_view *v, const struct jt_table_row *row, size_t count)
{
	struct jt_table_sizes n = {0};

	for (size_t i = 0; i < count; i++) {
		if (!row[i].gone)
			needs_row(v, &row[i], &n);
	}
	return n;
}
