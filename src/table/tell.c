/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include <assert.h>

/* Rows that changed together, in three steps. First whatever takes away: each row becomes no more than it was and no more than
 * it is to be. Then who owns an org from here on, and what is neither more nor less than before, by one store each. Then
 * whatever gives. So up to the second step nobody has more than before, and after it nobody has more than in the end.
 *
 * In the second step rows that are decided about together must not meet half changed. Users and tokens never meet each
 * other. A membership meets its user, an app everybody: those are taken away first if what they meet changes, too. */

struct telling {
	struct jt_table *t;
	bool users, members, apps, tokens; /* which of them change in the second step */
};

/* Whoever owns the org, and is let in, holds everything: whatever role they are given does not show while they do. */
static bool is_owner(const struct jt_view *v, const struct jt_table_row *row)
{
	struct jt_table_user user;
	struct jt_table_org org;

	return row->noun == JT_TABLE_USER && !row->gone && row->user.active && jt_view_org(v, &row->user.org, &org) &&
	       jt_id_equal(&org.owner, &row->user.id) && jt_view_user(v, &row->user.org, &row->user.id, &user) &&
	       user.active;
}

/* Is it there, and to be something else that is neither more nor less? */
static bool crosses(const struct jt_view *v, const struct jt_table_row *row)
{
	struct jt_table_org org;
	struct jt_table_user user;
	struct jt_table_member member;
	struct jt_table_app app;

	if (row->gone)
		return false;
	switch (row->noun) {
	case JT_TABLE_USER:
		return row->user.active && jt_view_user(v, &row->user.org, &row->user.id, &user) && user.active &&
		       !jt_id_equal(&user.role, &row->user.role);
	case JT_TABLE_MEMBER:
		return jt_view_member(v, &row->member.org, &row->member.team, &row->member.user, &member) &&
		       !jt_id_equal(&member.role, &row->member.role);
	case JT_TABLE_APP:
		return jt_view_app(v, &row->app.org, row->app.name, &app) && !jt_id_equal(&app.team, &row->app.team);
	case JT_TABLE_TOKEN:
		return !row->token->revoked && jt_put_token_differs(v, row->token);
	case JT_TABLE_ORG:
		return row->org.active && jt_view_org(v, &row->org.id, &org) && org.active &&
		       !jt_id_equal(&org.owner, &row->org.owner);
	case JT_TABLE_ROLE:
	case JT_TABLE_TEAM:
		break;
	}
	return false;
}

static void note_crossing(struct telling *all, const struct jt_view *v, const struct jt_table_row *row)
{
	if (!crosses(v, row))
		return;
	all->users = all->users || row->noun == JT_TABLE_USER;
	all->members = all->members || row->noun == JT_TABLE_MEMBER;
	all->apps = all->apps || row->noun == JT_TABLE_APP;
	all->tokens = all->tokens || row->noun == JT_TABLE_TOKEN;
}

static void drop(struct jt_table *t, const struct jt_table_row *row)
{
	switch (row->noun) {
	case JT_TABLE_ORG:
		jt_table_drop_org(t, &row->org.id);
		break;
	case JT_TABLE_USER:
		jt_table_drop_user(t, &row->user.org, &row->user.id);
		break;
	case JT_TABLE_ROLE:
		jt_table_drop_role(t, &row->role.org, &row->role.id);
		break;
	case JT_TABLE_TEAM:
		jt_table_drop_team(t, &row->team.org, &row->team.id);
		break;
	case JT_TABLE_MEMBER:
		jt_table_drop_member(t, &row->member.org, &row->member.team, &row->member.user);
		break;
	case JT_TABLE_APP:
		jt_table_drop_app(t, &row->app.org, row->app.name);
		break;
	case JT_TABLE_TOKEN:
		jt_table_drop_token(t, &row->token->org, &row->token->id);
		break;
	}
}

static enum jt_result put(struct jt_table *t, const struct jt_table_row *row)
{
	switch (row->noun) {
	case JT_TABLE_ORG:
		return jt_table_put_org(t, &row->org);
	case JT_TABLE_USER:
		return jt_table_put_user(t, &row->user);
	case JT_TABLE_ROLE:
		return jt_table_put_role(t, &row->role);
	case JT_TABLE_TEAM:
		return jt_table_put_team(t, &row->team.org, &row->team.id);
	case JT_TABLE_MEMBER:
		return jt_table_put_member(t, &row->member);
	case JT_TABLE_APP:
		return jt_table_put_app(t, &row->app);
	case JT_TABLE_TOKEN:
		return jt_table_put_token(t, row->token);
	}
	return JT_OK;
}

/* A role, cut to what it had before. */
static enum jt_result narrow_role(struct jt_table *t, const struct jt_table_role *role)
{
	struct jt_table_role cut = *role;
	struct jt_table_role before;

	if (!jt_view_role(jt_table_view(t), &cut.org, &cut.id, &before))
		return JT_OK;
	jt_scopes_cut(&cut.scopes, &before.scopes);
	if (before.reach == JT_REACH_TEAMS)
		cut.reach = JT_REACH_TEAMS;
	return jt_table_put_role(t, &cut);
}

static enum jt_result narrow(struct telling *all, const struct jt_table_row *row)
{
	struct jt_table *t = all->t;
	bool meets = false;

	if (row->gone) {
		drop(t, row);
		return JT_OK;
	}
	switch (row->noun) {
	case JT_TABLE_ORG:
		if (!row->org.active)
			return jt_table_put_org(t, &row->org);
		jt_put_narrow_org(jt_table_target(t), &row->org);
		break;
	case JT_TABLE_USER:
		return row->user.active ? JT_OK : jt_table_put_user(t, &row->user);
	case JT_TABLE_ROLE:
		return narrow_role(t, &row->role);
	case JT_TABLE_MEMBER:
		meets = all->users;
		break;
	case JT_TABLE_APP:
		meets = all->users || all->members || all->tokens;
		break;
	case JT_TABLE_TOKEN:
		if (row->token->revoked)
			return jt_table_put_token(t, row->token);
		jt_put_narrow_token(jt_table_target(t), row->token);
		break;
	case JT_TABLE_TEAM:
		break;
	}
	if (meets && crosses(jt_table_view(t), row))
		drop(t, row);
	return JT_OK;
}

static bool is_rested_on(const struct jt_table_row *row)
{
	return row->noun == JT_TABLE_ORG || row->noun == JT_TABLE_USER || row->noun == JT_TABLE_TEAM;
}

static enum jt_result tell(struct jt_table *t, const struct jt_table_row *row, size_t count)
{
	struct telling all = {.t = t};
	enum jt_result r = JT_OK;

	/* So that who hands the org over has what they will have from the moment in which they own it no more. */
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (is_owner(jt_table_view(t), &row[i]))
			r = put(t, &row[i]);
	}
	for (size_t i = 0; i < count; i++)
		note_crossing(&all, jt_table_view(t), &row[i]);
	/* First what others rest on, so that these do not show as gone one by one. */
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (row[i].gone && is_rested_on(&row[i]))
			drop(t, &row[i]);
	}
	for (size_t i = 0; r == JT_OK && i < count; i++)
		r = narrow(&all, &row[i]);
	/* Orgs first: what else their new owners become does not show any more. */
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (row[i].noun == JT_TABLE_ORG && crosses(jt_table_view(t), &row[i]))
			r = put(t, &row[i]);
	}
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (crosses(jt_table_view(t), &row[i]))
			r = put(t, &row[i]);
	}
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (!row[i].gone)
			r = put(t, &row[i]);
	}
	return r;
}

enum jt_result jt_table_tell(struct jt_table *t, const struct jt_table_row *row, size_t count)
{
	enum jt_result r = JT_OK;

	assert(!t->building);
	jt_table_change_begins(t);
	r = tell(t, row, count);
	jt_table_change_ends(t);
	return r;
}
