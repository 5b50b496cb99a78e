/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include <stdlib.h>
#include <string.h>

/* From a file into its successor: what still counts, packed anew. The records go by the front door; tokens, which are many,
 * entry by entry, with their elements translated. What is named by others and was not told of yet comes along as such; what is
 * gone does not. */

struct elements {
	uint32_t *org, *role, *user, *team; /* element there -> element here; 0: gone */
};

static uint32_t used_of(const struct jt_view *v, enum jt_section s)
{
	uint32_t used = atomic_load_explicit(&v->live->used[s], memory_order_relaxed);

	return used < v->room[s] ? used : v->room[s];
}

static void free_elements(struct elements *e)
{
	free(e->org);
	free(e->role);
	free(e->user);
	free(e->team);
}

static enum jt_result new_elements(const struct jt_view *from, struct elements *e)
{
	e->org = calloc(used_of(from, JT_SECTION_ORG) + 1, sizeof(uint32_t));
	e->role = calloc(used_of(from, JT_SECTION_ROLE) + 1, sizeof(uint32_t));
	e->user = calloc(used_of(from, JT_SECTION_USER) + 1, sizeof(uint32_t));
	e->team = calloc(used_of(from, JT_SECTION_TEAM) + 1, sizeof(uint32_t));
	return e->org && e->role && e->user && e->team ? JT_OK : JT_NOMEM;
}

static enum jt_result copy_orgs(const struct jt_view *from, struct jt_view *into, struct elements *e)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_ORG); at++) {
		struct jt_table_org o;

		if (jt_find_org(from, &from->org[at].id) != at)
			continue;
		if (jt_view_org(from, &from->org[at].id, &o))
			r = jt_put_org(into, &o);
		else if (jt_pair_value(atomic_load(&from->org[at].state)) == JT_RECORD_NONE)
			r = jt_put_need_org(into, &from->org[at].id, &e->org[at]);
		e->org[at] = jt_find_org(into, &from->org[at].id);
	}
	return r;
}

static enum jt_result copy_role(const struct jt_view *from, struct jt_view *into, struct elements *e, uint32_t at)
{
	const struct jt_role_record *record = &from->role[at];
	struct jt_table_role role;
	enum jt_result r = JT_OK;

	if (record->org == 0) { /* a managed one is there already, if the vocabulary still has it */
		e->role[at] = jt_find_role(into, 0, &record->id);
		return JT_OK;
	}
	if (record->org >= used_of(from, JT_SECTION_ORG) || e->org[record->org] == 0)
		return JT_OK;
	if (!jt_view_role(from, &from->org[record->org].id, &record->id, &role))
		return JT_OK; /* it grants nothing, as role 0 does */
	r = jt_put_role(into, &role);
	e->role[at] = jt_find_role(into, e->org[record->org], &record->id);
	return r;
}

static enum jt_result copy_roles(const struct jt_view *from, struct jt_view *into, struct elements *e)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_ROLE); at++)
		r = copy_role(from, into, e, at);
	return r;
}

static enum jt_result copy_users(const struct jt_view *from, struct jt_view *into, struct elements *e)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_USER); at++) {
		const struct jt_user_record *u = &from->user[at];
		struct jt_table_user user;
		uint32_t role = 0;

		if (u->org >= used_of(from, JT_SECTION_ORG) || e->org[u->org] == 0)
			continue;
		if (jt_view_user(from, &from->org[u->org].id, &u->id, &user))
			r = jt_put_user(into, &user);
		else if (jt_user_state(from, u->org, at, &role) == JT_RECORD_NONE)
			r = jt_put_need_user(into, e->org[u->org], &u->id, &e->user[at]);
		e->user[at] = jt_find_user(into, e->org[u->org], &u->id);
	}
	return r;
}

static enum jt_result copy_teams(const struct jt_view *from, struct jt_view *into, struct elements *e)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_TEAM); at++) {
		const struct jt_team_record *team = &from->team[at];

		if (team->org >= used_of(from, JT_SECTION_ORG) || e->org[team->org] == 0)
			continue;
		if (jt_team_is_there(from, team->org, at))
			r = jt_put_team(into, &from->org[team->org].id, &team->id);
		else if (jt_pair_value(atomic_load(&team->state)) == JT_RECORD_NONE)
			r = jt_put_need_team(into, e->org[team->org], &team->id, &e->team[at]);
		e->team[at] = jt_find_team(into, e->org[team->org], &team->id);
	}
	return r;
}

static enum jt_result copy_members(const struct jt_view *from, struct jt_view *into)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_MEMBER); at++) {
		const struct jt_member_record *m = &from->member[at];
		struct jt_table_member member;
		uint32_t org;

		if (m->user == 0 || m->user >= from->room[JT_SECTION_USER] || m->team >= from->room[JT_SECTION_TEAM])
			continue;
		org = from->user[m->user].org;
		if (org == 0 || org >= from->room[JT_SECTION_ORG] ||
			jt_pair_value(atomic_load(&from->team[m->team].state)) == JT_RECORD_GONE)
			continue;
		if (jt_view_member(from, &from->org[org].id, &from->team[m->team].id, &from->user[m->user].id, &member))
			r = jt_put_member(into, &member);
	}
	return r;
}

static enum jt_result copy_apps(const struct jt_view *from, struct jt_view *into)
{
	enum jt_result r = JT_OK;

	for (uint32_t at = 1; r == JT_OK && at < used_of(from, JT_SECTION_APP); at++) {
		const struct jt_app_record *a = &from->app[at];
		char name[JT_APP_NAME_MAX + 1];
		struct jt_table_app app;

		if (a->org == 0 || a->org >= from->room[JT_SECTION_ORG] || a->length > JT_APP_NAME_MAX ||
			a->text > from->room[JT_SECTION_TEXT] || a->length > from->room[JT_SECTION_TEXT] - a->text)
			continue;
		memcpy(name, from->text + a->text, a->length);
		name[a->length] = '\0';
		if (jt_find_app(from, a->org, name, a->length) == at &&
			jt_view_app(from, &from->org[a->org].id, name, &app))
			r = jt_put_app(into, &app);
	}
	return r;
}

/* A list of teams, translated. A team that is gone stays in it as one that is not there. */
static enum jt_result copy_list(
	const struct jt_view *from, struct jt_view *into, const struct elements *e, uint32_t ref, uint32_t *out)
{
	uint32_t team[JT_TOKEN_TEAMS_MAX];
	unsigned count = jt_cold_list(from, ref, team, JT_TOKEN_TEAMS_MAX);
	uint64_t check = 0;
	enum jt_result r = jt_put_claim(into, JT_SECTION_LIST, 2 + count, out);

	if (r != JT_OK)
		return r;
	into->list[*out] = count;
	for (unsigned i = 0; i < count; i++) {
		into->list[*out + 2 + i] = team[i] < used_of(from, JT_SECTION_TEAM) ? e->team[team[i]] : 0;
		check = jt_mix(check + into->list[*out + 2 + i]);
	}
	into->list[*out + 1] = jt_record_check(check, count, *out);
	return JT_OK;
}

struct moved {
	uint32_t token, org, ref;
};

static enum jt_result copy_cold(const struct jt_view *from, struct jt_view *into, const struct elements *e,
	const struct jt_hot_entry *first, uint64_t word, struct moved *m)
{
	const struct jt_id *id = &from->token_id[first->token];
	uint32_t ref = jt_cold_ref(from, first->token);
	enum jt_result r = JT_OK;

	m->org = e->org[first->org];
	if (jt_word_kind(word) == JT_KIND_PERSONAL)
		m->ref = ref < used_of(from, JT_SECTION_USER) ? e->user[ref] : 0;
	else if (jt_word_limited(word))
		r = copy_list(from, into, e, ref, &m->ref);
	if (r == JT_OK)
		r = jt_put_claim(into, JT_SECTION_TOKEN_ID, 1, &m->token);
	if (r != JT_OK)
		return r;
	into->token_id[m->token] = *id;
	atomic_store_explicit(&into->token_ref[m->token], jt_ref_of(id, m->token, m->ref), memory_order_relaxed);
	if (jt_word_kind(word) == JT_KIND_PERSONAL && m->ref != 0)
		atomic_store_explicit(&into->user[m->ref].token, jt_pair(m->token), memory_order_relaxed);
	atomic_fetch_add_explicit(&into->live->tokens, 1, memory_order_relaxed);
	return jt_put_slot(into, JT_SECTION_TOKEN_SLOT, jt_id_hash(into->seed, 0, id), m->token);
}

/* The role of a token, here. One that grants nothing was left behind, but may be told later: its id must not be lost. */
static enum jt_result role_here(const struct jt_view *from, struct jt_view *into, const struct elements *e,
	uint32_t role, uint32_t org, uint32_t *out)
{
	*out = 0;
	if (role == 0 || role >= used_of(from, JT_SECTION_ROLE))
		return JT_OK;
	*out = e->role[role];
	if (*out == 0 && from->role[role].org != 0)
		return jt_put_need_role(into, org, &from->role[role].id, out);
	return JT_OK;
}

static enum jt_result copy_entry(const struct jt_view *from, struct jt_view *into, const struct elements *e,
	const struct jt_hot_entry *old, const struct moved *m, uint32_t *at)
{
	uint64_t word = atomic_load_explicit(&old->word, memory_order_acquire);
	uint32_t role = 0;
	uint32_t expiry = jt_word_expiry(word);
	const uint8_t *digest = (const uint8_t *)old->digest;
	enum jt_result r = jt_put_place(into, digest, NULL, at);

	if (r == JT_OK)
		r = role_here(from, into, e, jt_word_role(word), m->org, &role);
	if (r != JT_OK)
		return r;
	if (expiry != JT_EXPIRY_BURNT) /* which stays so */
		expiry = jt_put_expiry(into, jt_word_expires_s(word, from->epoch_s));
	word = jt_word_make(expiry, (enum jt_kind)jt_word_kind(word), role, jt_word_limited(word), jt_word_owner(word),
		jt_word_state(word), m->org, m->token);
	jt_put_entry(into, *at, digest, m->org, m->token, word);
	return JT_OK;
}

/* A token with the entries that its cold side names; what was revoked is left behind. */
static enum jt_result copy_token(
	const struct jt_view *from, struct jt_view *into, const struct elements *e, uint32_t token)
{
	uint64_t link = atomic_load_explicit(&from->token_link[token], memory_order_acquire);
	const uint32_t both[JT_TOKEN_VALUES_MAX] = {(uint32_t)link, (uint32_t)(link >> 32)};
	struct moved m = {0};
	uint64_t new_link = 0;
	enum jt_result r = JT_OK;

	for (unsigned i = 0; r == JT_OK && i < JT_TOKEN_VALUES_MAX; i++) {
		const struct jt_hot_entry *old =
			both[i] && both[i] <= from->room[JT_SECTION_HOT] ? &from->hot[both[i] - 1] : NULL;
		uint64_t word = old ? atomic_load_explicit(&old->word, memory_order_acquire) : 0;
		uint32_t at = 0;

		if (!old || old->token != token || !jt_word_is_sound(word, old->org, old->token) ||
			jt_word_state(word) == JT_VALUE_REVOKED || old->org >= used_of(from, JT_SECTION_ORG) ||
			e->org[old->org] == 0)
			continue;
		if (m.token == 0)
			r = copy_cold(from, into, e, old, word, &m);
		if (r == JT_OK)
			r = copy_entry(from, into, e, old, &m, &at);
		new_link |= ((uint64_t)at + 1) << (32 * i);
	}
	if (r == JT_OK && m.token != 0)
		atomic_store_explicit(&into->token_link[m.token], new_link, memory_order_release);
	return r;
}

static enum jt_result copy_tokens(const struct jt_view *from, struct jt_view *into, const struct elements *e)
{
	uint32_t used = used_of(from, JT_SECTION_TOKEN_ID);
	enum jt_result r = JT_OK;

	for (uint32_t token = 1; r == JT_OK && token < used; token++)
		r = copy_token(from, into, e, token);
	return r;
}

enum jt_result jt_table_copy(const struct jt_view *from, struct jt_view *into)
{
	struct elements e = {0};
	enum jt_result r = new_elements(from, &e);

	if (r == JT_OK)
		r = copy_orgs(from, into, &e);
	if (r == JT_OK)
		r = copy_roles(from, into, &e);
	if (r == JT_OK)
		r = copy_users(from, into, &e);
	if (r == JT_OK)
		r = copy_teams(from, into, &e);
	if (r == JT_OK)
		r = copy_members(from, into);
	if (r == JT_OK)
		r = copy_apps(from, into);
	if (r == JT_OK)
		r = copy_tokens(from, into, &e);
	free_elements(&e);
	return r;
}

static uint64_t overlaps_of(const struct jt_view *v)
{
	uint32_t used = used_of(v, JT_SECTION_TOKEN_ID);
	uint64_t n = 0;

	for (uint32_t token = 1; token < used; token++) {
		uint64_t link = atomic_load_explicit(&v->token_link[token], memory_order_relaxed);

		n += (uint32_t)link != 0 && link >> 32 != 0;
	}
	return n;
}

struct jt_table_sizes jt_table_sizes_of(const struct jt_view *v)
{
	return (struct jt_table_sizes){
		.orgs = used_of(v, JT_SECTION_ORG),
		.roles = used_of(v, JT_SECTION_ROLE),
		.users = used_of(v, JT_SECTION_USER),
		.teams = used_of(v, JT_SECTION_TEAM),
		.members = used_of(v, JT_SECTION_MEMBER),
		.apps = used_of(v, JT_SECTION_APP),
		.tokens = atomic_load_explicit(&v->live->tokens, memory_order_relaxed),
		.text = used_of(v, JT_SECTION_TEXT),
		.teams_of_tokens = used_of(v, JT_SECTION_LIST),
		.overlaps = overlaps_of(v),
	};
}
