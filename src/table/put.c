/* SPDX-License-Identifier: Apache-2.0 */
#include "table/put.h"

#include <string.h>

/* Elements, slots, and the records that stand for an id. */

#define FULL_OF(room) ((room) - (room) / 8) /* of slots and HOT: beyond it, looking takes too long */

enum jt_result jt_put_claim(struct jt_view *w, enum jt_section section, uint32_t count, uint32_t *at)
{
	uint32_t used = atomic_load_explicit(&w->live->used[section], memory_order_relaxed);

	if (used == 0)
		used = 1; /* element 0 is none */
	if (count > w->room[section] || used > w->room[section] - count)
		return JT_DISK_FULL;
	/* First, so that whoever is stopped here loses the element, and nobody gets it twice. */
	atomic_store_explicit(&w->live->used[section], used + count, memory_order_release);
	*at = used;
	return JT_OK;
}

enum jt_result jt_put_slot(struct jt_view *w, enum jt_section slots, uint64_t hash, uint32_t element)
{
	_Atomic uint32_t *slot = jt_view_slots(w, slots);
	uint32_t room = w->room[slots];
	uint32_t used = atomic_load_explicit(&w->live->used[slots], memory_order_relaxed);
	uint32_t at = jt_place_of(hash, room);

	if (used >= FULL_OF(room))
		return JT_DISK_FULL;
	for (uint32_t n = 0; n < room && n < JT_PROBES_MAX; n++) {
		if (atomic_load_explicit(&slot[at], memory_order_relaxed) == 0) {
			atomic_store_explicit(&slot[at], element, memory_order_release);
			atomic_store_explicit(&w->live->used[slots], used + 1, memory_order_relaxed);
			return JT_OK;
		}
		at = at + 1 == room ? 0 : at + 1;
	}
	return JT_DISK_FULL;
}

enum jt_result jt_put_need_org(struct jt_view *w, const struct jt_id *id, uint32_t *out)
{
	enum jt_result r = JT_OK;

	*out = jt_find_org(w, id);
	if (*out)
		return JT_OK;
	r = jt_put_claim(w, JT_SECTION_ORG, 1, out);
	if (r != JT_OK)
		return r;
	w->org[*out].id = *id;
	atomic_store_explicit(&w->org[*out].owner, jt_ref_of(id, *out, 0), memory_order_relaxed);
	atomic_store_explicit(&w->org[*out].state, jt_pair(JT_RECORD_NONE), memory_order_release);
	return jt_put_slot(w, JT_SECTION_ORG_SLOT, jt_id_hash(w->seed, 0, id), *out);
}

enum jt_result jt_put_need_user(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out)
{
	struct jt_user_record *u = NULL;
	enum jt_result r = JT_OK;

	*out = jt_find_user(w, org, id);
	if (*out)
		return JT_OK;
	r = jt_put_claim(w, JT_SECTION_USER, 1, out);
	if (r != JT_OK)
		return r;
	u = &w->user[*out];
	u->id = *id;
	u->org = org;
	u->check = jt_id_check(id, org, *out);
	atomic_store_explicit(&u->role, jt_pair(0), memory_order_relaxed);
	atomic_store_explicit(&u->token, jt_pair(0), memory_order_relaxed);
	atomic_store_explicit(&u->members, jt_pair(0), memory_order_relaxed);
	return jt_put_slot(w, JT_SECTION_USER_SLOT, jt_id_hash(w->seed, org, id), *out);
}

enum jt_result jt_put_need_team(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out)
{
	struct jt_team_record *t = NULL;
	enum jt_result r = JT_OK;

	*out = jt_find_team(w, org, id);
	if (*out)
		return JT_OK;
	r = jt_put_claim(w, JT_SECTION_TEAM, 1, out);
	if (r != JT_OK)
		return r;
	t = &w->team[*out];
	t->id = *id;
	t->org = org;
	t->check = jt_id_check(id, org, *out);
	atomic_store_explicit(&t->state, jt_pair(JT_RECORD_NONE), memory_order_relaxed);
	return jt_put_slot(w, JT_SECTION_TEAM_SLOT, jt_id_hash(w->seed, org, id), *out);
}

static enum jt_result new_role(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out)
{
	struct jt_role_record *role = NULL;
	enum jt_result r = jt_put_claim(w, JT_SECTION_ROLE, 1, out);

	if (r == JT_OK && *out > JT_TABLE_ROLES_MAX)
		r = JT_DISK_FULL;
	if (r != JT_OK)
		return r;
	role = &w->role[*out];
	role->id = *id;
	role->org = org;
	role->check = jt_id_check(id, org, *out);
	atomic_store_explicit(&role->set, jt_pair(0), memory_order_relaxed);
	return jt_put_slot(w, JT_SECTION_ROLE_SLOT, jt_id_hash(w->seed, org, id), *out);
}

enum jt_result jt_put_need_role(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out)
{
	*out = jt_find_role_for(w, org, id);
	return *out ? JT_OK : new_role(w, org, id, out);
}

/* ---- roles */

static void fill_words(struct jt_set_word *word, const struct jt_scopes *s)
{
	for (unsigned i = 0; i < JT_SET_WORDS; i++)
		word[i] = (struct jt_set_word){.held = s->word[i], .not_held = ~s->word[i]};
}

static bool grants_already(const struct jt_view *w, uint32_t role, const struct jt_set_record *wanted)
{
	const struct jt_set_record *set = jt_role_set(w, role);

	return set && memcmp(set, wanted, sizeof(*set)) == 0;
}

/* What a role grants is written anew, whole, and then taken into use by one store. */
static enum jt_result grant(struct jt_view *w, uint32_t role, const struct jt_scopes *scopes,
	const struct jt_scopes *in_team, enum jt_reach reach)
{
	struct jt_set_record set = {.reach = jt_pair((uint32_t)reach)};
	uint32_t at = 0;
	enum jt_result r = JT_OK;

	fill_words(set.scopes, scopes);
	fill_words(set.in_team, in_team);
	if (grants_already(w, role, &set))
		return JT_OK;
	r = jt_put_claim(w, JT_SECTION_SET, 1, &at);
	if (r != JT_OK)
		return r;
	w->set[at] = set;
	jt_put_word(w, &w->role[role].set, jt_pair(at));
	return JT_OK;
}

enum jt_result jt_put_role(struct jt_view *w, const struct jt_table_role *role)
{
	uint32_t org = 0, at = 0;
	enum jt_result r = jt_put_need_org(w, &role->org, &org);

	if (r == JT_OK)
		r = jt_put_need_role(w, org, &role->id, &at);
	if (r == JT_OK && w->role[at].org == 0)
		r = JT_CONFLICT; /* nobody replaces a managed role */
	return r == JT_OK ? grant(w, at, &role->scopes, &role->scopes, role->reach) : r;
}

enum jt_result jt_put_managed(struct jt_view *w, const struct jt_role *role)
{
	static const struct jt_scopes none;
	uint32_t at = jt_find_role(w, 0, &role->id);
	enum jt_result r = at ? JT_OK : new_role(w, 0, &role->id, &at);

	/* Without team aliases it cannot be held in a team. */
	return r == JT_OK ? grant(w, at, &role->scopes, role->team_aliases > 0 ? &role->in_team : &none, role->reach)
			  : r;
}

void jt_drop_role(struct jt_view *w, const struct jt_id *org, const struct jt_id *role)
{
	uint32_t at = jt_find_role(w, jt_find_org(w, org), role);

	if (at && w->role[at].org != 0) {
		jt_put_word(w, &w->role[at].set, jt_pair(0));
	}
}
