/* SPDX-License-Identifier: Apache-2.0 */
#include "table/put.h"

#include <string.h>

/* Orgs, users, teams, members, apps. */

enum jt_result jt_put_org(struct jt_view *w, const struct jt_table_org *o)
{
	struct jt_org_record *record = NULL;
	uint32_t at = 0, owner = 0, before = 0;
	enum jt_result r = jt_put_need_org(w, &o->id, &at);

	if (r == JT_OK)
		r = jt_put_need_user(w, at, &o->owner, &owner);
	if (r != JT_OK)
		return r;
	record = &w->org[at];
	if (!o->active)
		jt_put_word(w, &w->org[at].state, jt_pair(JT_RECORD_INACTIVE));
	before = jt_org_owner(w, at);
	/* While the org still names the old owner: whoever is stopped here does it again. */
	if (before != owner)
		jt_put_disown(w, before);
	jt_put_word(w, &record->owner, jt_ref_of(&o->id, at, owner));
	jt_put_refresh(w, owner);
	if (o->active)
		jt_put_word(w, &w->org[at].state, jt_pair(JT_RECORD_ACTIVE));
	return JT_OK;
}

void jt_put_narrow_org(struct jt_view *w, const struct jt_table_org *o)
{
	uint32_t at = jt_find_org(w, &o->id);
	uint32_t owner = at ? jt_org_owner(w, at) : 0;

	if (owner == 0 || owner == jt_find_user(w, at, &o->owner))
		return;
	jt_put_disown(w, owner);
	jt_put_word(w, &w->org[at].owner, jt_ref_of(&o->id, at, 0));
}

void jt_drop_org(struct jt_view *w, const struct jt_id *org)
{
	uint32_t at = jt_find_org(w, org);

	if (at)
		jt_put_word(w, &w->org[at].state, jt_pair(JT_RECORD_GONE));
}

enum jt_result jt_put_user(struct jt_view *w, const struct jt_table_user *u)
{
	uint32_t state = u->active ? JT_RECORD_ACTIVE : JT_RECORD_INACTIVE;
	uint32_t org = 0, at = 0, role = 0;
	enum jt_result r = jt_put_need_org(w, &u->org, &org);

	if (r == JT_OK)
		r = jt_put_need_user(w, org, &u->id, &at);
	if (r == JT_OK)
		r = jt_put_need_role(w, org, &u->role, &role);
	if (r != JT_OK)
		return r;
	jt_put_word(w, &w->user[at].role, jt_pair(state << JT_USER_STATE | role));
	jt_put_refresh(w, at);
	return JT_OK;
}

void jt_drop_user(struct jt_view *w, const struct jt_id *org, const struct jt_id *user)
{
	uint32_t at = jt_find_user(w, jt_find_org(w, org), user);

	if (!at)
		return;
	jt_put_word(w, &w->user[at].role, jt_pair((uint32_t)JT_RECORD_GONE << JT_USER_STATE));
	jt_put_refresh(w, at);
}

enum jt_result jt_put_team(struct jt_view *w, const struct jt_id *org, const struct jt_id *team)
{
	uint32_t of = 0, at = 0;
	enum jt_result r = jt_put_need_org(w, org, &of);

	if (r == JT_OK)
		r = jt_put_need_team(w, of, team, &at);
	if (r == JT_OK) {
		jt_put_word(w, &w->team[at].state, jt_pair(JT_RECORD_ACTIVE));
	}
	return r;
}

void jt_drop_team(struct jt_view *w, const struct jt_id *org, const struct jt_id *team)
{
	uint32_t at = jt_find_team(w, jt_find_org(w, org), team);

	/* Members and limits that name it count for nothing from here on. */
	if (at) {
		jt_put_word(w, &w->team[at].state, jt_pair(JT_RECORD_GONE));
	}
}

/* A membership that nobody has yet: first into the user's list, then found, and in force by its role alone. */
static enum jt_result new_member(struct jt_view *w, uint32_t user, uint32_t team, uint32_t *out)
{
	struct jt_member_record *m = NULL;
	uint32_t next = jt_pair_value(atomic_load_explicit(&w->user[user].members, memory_order_relaxed));
	enum jt_result r = jt_put_claim(w, JT_SECTION_MEMBER, 1, out);

	if (r != JT_OK)
		return r;
	m = &w->member[*out];
	m->user = user;
	m->team = team;
	m->next = next;
	m->check = jt_member_check(user, team, next, *out);
	atomic_store_explicit(&m->role, jt_pair(0), memory_order_release);
	atomic_store_explicit(&w->user[user].members, jt_pair(*out), memory_order_release);
	return jt_put_slot(w, JT_SECTION_MEMBER_SLOT, jt_member_hash(w, user, team), *out);
}

enum jt_result jt_put_member(struct jt_view *w, const struct jt_table_member *m)
{
	uint32_t org = 0, user = 0, team = 0, role = 0, at = 0;
	enum jt_result r = jt_put_need_org(w, &m->org, &org);

	if (r == JT_OK)
		r = jt_put_need_user(w, org, &m->user, &user);
	if (r == JT_OK)
		r = jt_put_need_team(w, org, &m->team, &team);
	if (r == JT_OK)
		r = jt_put_need_role(w, org, &m->role, &role);
	if (r != JT_OK)
		return r;
	at = jt_find_member(w, user, team);
	if (!at)
		r = new_member(w, user, team, &at);
	if (r == JT_OK) {
		jt_put_word(w, &w->member[at].role, jt_pair(JT_THERE | role));
	}
	return r;
}

void jt_drop_member(struct jt_view *w, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user)
{
	uint32_t of = jt_find_org(w, org);
	uint32_t at = jt_find_member(w, jt_find_user(w, of, user), jt_find_team(w, of, team));

	if (at) {
		jt_put_word(w, &w->member[at].role, jt_pair(0));
	}
}

static enum jt_result new_app(struct jt_view *w, uint32_t org, const char *name, size_t length, uint32_t *out)
{
	struct jt_app_record *a = NULL;
	const uint64_t hash = jt_app_hash(w, org, name, length);
	uint32_t text = 0;
	enum jt_result r = jt_put_claim(w, JT_SECTION_TEXT, (uint32_t)length, &text);

	if (r == JT_OK)
		r = jt_put_claim(w, JT_SECTION_APP, 1, out);
	if (r != JT_OK)
		return r;
	memcpy(w->text + text, name, length);
	a = &w->app[*out];
	a->org = org;
	a->text = text;
	a->length = (uint32_t)length;
	a->check = jt_app_check(a, hash, *out);
	atomic_store_explicit(&a->team, jt_pair(0), memory_order_relaxed);
	return jt_put_slot(w, JT_SECTION_APP_SLOT, hash, *out);
}

enum jt_result jt_put_app(struct jt_view *w, const struct jt_table_app *a)
{
	size_t length = strnlen(a->name, sizeof(a->name));
	uint32_t org = 0, team = 0, at = 0;
	enum jt_result r = length <= JT_APP_NAME_MAX ? jt_put_need_org(w, &a->org, &org) : JT_TOO_LONG;

	if (r == JT_OK && !jt_id_is_none(&a->team))
		r = jt_put_need_team(w, org, &a->team, &team);
	if (r != JT_OK)
		return r;
	at = jt_find_app(w, org, a->name, length);
	if (!at)
		r = new_app(w, org, a->name, length, &at);
	if (r == JT_OK) {
		jt_put_word(w, &w->app[at].team, jt_pair(JT_THERE | team));
	}
	return r;
}

void jt_drop_app(struct jt_view *w, const struct jt_id *org, const char *name)
{
	uint32_t at = jt_find_app(w, jt_find_org(w, org), name, strnlen(name, JT_APP_NAME_MAX + 1));

	if (at) {
		jt_put_word(w, &w->app[at].team, jt_pair(0));
	}
}
