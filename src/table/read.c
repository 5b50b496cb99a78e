/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include <string.h>

/* Elements back to ids, for those who think in ids. */

static struct jt_id user_id(const struct jt_view *v, uint32_t user)
{
	return user != 0 && user < v->room[JT_SECTION_USER] ? v->user[user].id : (struct jt_id){{0}};
}

static struct jt_id role_id(const struct jt_view *v, uint32_t role)
{
	return role != 0 && role < v->room[JT_SECTION_ROLE] ? v->role[role].id : (struct jt_id){{0}};
}

static struct jt_id team_id(const struct jt_view *v, uint32_t team)
{
	return team != 0 && team < v->room[JT_SECTION_TEAM] ? v->team[team].id : (struct jt_id){{0}};
}

bool jt_view_org(const struct jt_view *v, const struct jt_id *org, struct jt_table_org *out)
{
	uint32_t at = jt_find_org(v, org);
	uint32_t state = at ? jt_pair_value(atomic_load_explicit(&v->org[at].state, memory_order_acquire)) : 0;

	if (state != JT_RECORD_ACTIVE && state != JT_RECORD_INACTIVE)
		return false;
	out->id = *org;
	out->owner = user_id(v, jt_org_owner(v, at));
	out->active = state == JT_RECORD_ACTIVE;
	return true;
}

bool jt_view_user(const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_user *out)
{
	uint32_t of = jt_find_org(v, org);
	uint32_t role = 0;
	enum jt_record_state state = jt_user_state(v, of, jt_find_user(v, of, id), &role);

	if (state != JT_RECORD_ACTIVE && state != JT_RECORD_INACTIVE)
		return false;
	out->org = *org;
	out->id = *id;
	out->role = role_id(v, role);
	out->active = state == JT_RECORD_ACTIVE;
	return true;
}

bool jt_view_role(const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_role *out)
{
	const struct jt_set_record *set = NULL;
	uint32_t of = jt_find_org(v, org);

	if (of)
		set = jt_role_set(v, jt_find_role_for(v, of, id));
	if (!set || !jt_set_scopes(set->scopes, &out->scopes) || !jt_pair_is(set->reach))
		return false;
	out->org = *org;
	out->id = *id;
	out->reach = (uint32_t)set->reach == JT_REACH_ORG ? JT_REACH_ORG : JT_REACH_TEAMS;
	return true;
}

bool jt_view_has_team(const struct jt_view *v, const struct jt_id *org, const struct jt_id *team)
{
	uint32_t of = jt_find_org(v, org);

	return of != 0 && jt_team_is_there(v, of, jt_find_team(v, of, team));
}

bool jt_view_member(const struct jt_view *v, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *user, struct jt_table_member *out)
{
	uint32_t of = jt_find_org(v, org);
	uint32_t role = of ? jt_member_role(v, jt_find_user(v, of, user), jt_find_team(v, of, team)) : 0;

	if (role == 0)
		return false;
	*out = (struct jt_table_member){.org = *org, .team = *team, .user = *user, .role = role_id(v, role)};
	return true;
}

bool jt_view_app(const struct jt_view *v, const struct jt_id *org, const char *name, struct jt_table_app *out)
{
	size_t length = strnlen(name, JT_APP_NAME_MAX + 1);
	uint32_t of = jt_find_org(v, org);
	uint32_t team = 0;

	if (of == 0 || !jt_app_team(v, of, jt_find_app(v, of, name, length), &team))
		return false;
	out->org = *org;
	memcpy(out->name, name, length);
	out->name[length] = '\0';
	out->team = team_id(v, team);
	return true;
}

/* Adds a live value. */
static void take_value(const struct jt_view *v, const struct jt_hot_entry *e, uint64_t word, struct jt_table_token *out)
{
	memset(out->digest[out->values], 0, JT_DIGEST_SIZE);
	memcpy(out->digest[out->values], e->digest, JT_TABLE_DIGEST);
	out->value_expires_s[out->values++] = jt_word_expires_s(word, v->epoch_s);
}

/* What an entry's word says of the token at `at`. */
static void take_facts(const struct jt_view *v, uint32_t at, uint64_t word, struct jt_table_token *out)
{
	bool personal = jt_word_kind(word) == JT_KIND_PERSONAL;

	out->kind = (enum jt_kind)jt_word_kind(word);
	out->limited = jt_word_limited(word);
	out->revoked = jt_word_state(word) == JT_VALUE_REVOKED;
	out->role = role_id(v, personal ? 0 : jt_word_role(word));
	out->user = user_id(v, personal ? jt_cold_ref(v, at) : 0);
	out->expires_s = jt_word_expires_s(word, v->epoch_s);
}

static void take_teams(const struct jt_view *v, uint32_t ref, struct jt_table_token *out)
{
	uint32_t team[JT_TOKEN_TEAMS_MAX];

	out->teams = jt_cold_list(v, ref, team, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < out->teams; i++)
		out->team[i] = team_id(v, team[i]);
}

bool jt_view_token(const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out)
{
	uint32_t of = jt_find_org(v, org);
	uint32_t at = of ? jt_find_token(v, id) : 0;
	uint64_t link = at ? atomic_load_explicit(&v->token_link[at], memory_order_acquire) : 0;
	const uint32_t both[JT_TOKEN_VALUES_MAX] = {(uint32_t)link, (uint32_t)(link >> 32)};
	bool found = false;

	out->org = *org;
	out->id = *id;
	out->values = out->teams = 0;
	for (unsigned i = 0; i < JT_TOKEN_VALUES_MAX; i++) {
		const struct jt_hot_entry *e = NULL;
		uint64_t word = 0;

		if (both[i] == 0 || both[i] > v->room[JT_SECTION_HOT])
			continue;
		e = &v->hot[both[i] - 1];
		word = atomic_load_explicit(&e->word, memory_order_acquire);
		if (word == 0 || !jt_word_is_sound(word, e->org, e->token) || e->token != at || e->org != of)
			continue;
		if (!found)
			take_facts(v, at, word, out);
		found = true;
		if (jt_word_state(word) != JT_VALUE_REVOKED)
			take_value(v, e, word, out);
	}
	if (found && out->limited && out->kind != JT_KIND_PERSONAL)
		take_teams(v, jt_cold_ref(v, at), out);
	return found;
}

/* Has the token a value that was not revoked? */
static bool has_value(const struct jt_view *v, uint32_t token)
{
	uint64_t link = atomic_load_explicit(&v->token_link[token], memory_order_acquire);
	const uint32_t both[JT_TOKEN_VALUES_MAX] = {(uint32_t)link, (uint32_t)(link >> 32)};

	for (unsigned i = 0; i < JT_TOKEN_VALUES_MAX; i++) {
		const struct jt_hot_entry *e = NULL;
		uint64_t word = 0;

		if (both[i] == 0 || both[i] > v->room[JT_SECTION_HOT])
			continue;
		e = &v->hot[both[i] - 1];
		word = atomic_load_explicit(&e->word, memory_order_acquire);
		if (word != 0 && jt_word_is_sound(word, e->org, e->token) && e->token == token &&
			jt_word_state(word) != JT_VALUE_REVOKED)
			return true;
	}
	return false;
}

bool jt_view_personal(const struct jt_view *v, const struct jt_id *org, const struct jt_id *user, struct jt_id *token)
{
	uint32_t of = jt_find_org(v, org);
	uint32_t at = of ? jt_find_user(v, of, user) : 0;
	uint32_t k = at ? jt_pair_value(atomic_load_explicit(&v->user[at].token, memory_order_acquire)) : 0;

	if (k == 0 || k >= v->room[JT_SECTION_TOKEN_ID] || !has_value(v, k))
		return false;
	*token = v->token_id[k];
	return true;
}

size_t jt_view_teams_of_user(
	const struct jt_view *v, const struct jt_id *org, const struct jt_id *user, struct jt_id *out, size_t max)
{
	uint32_t of = jt_find_org(v, org);
	uint32_t at = of ? jt_find_user(v, of, user) : 0;
	struct jt_teams_of walk = jt_teams_of(v, at);
	size_t count = 0;

	for (uint32_t team = jt_teams_next(&walk); team; team = jt_teams_next(&walk)) {
		if (!jt_team_is_there(v, of, team))
			continue;
		if (count < max)
			out[count] = v->team[team].id;
		count++;
	}
	return count;
}

bool jt_table_token_at(
	const struct jt_table *t, uint64_t instance, uint32_t index, struct jt_id *org, struct jt_id *token)
{
	const struct jt_view *v = jt_table_view(t);
	uint64_t link;
	uint32_t at;

	/* Retired files are known until their memory is given back. */
	if (v && v->instance != instance) {
		for (v = atomic_load(&t->retired); v && v->instance != instance; v = v->older)
			continue;
	}
	if (!v || atomic_load(&v->punched) || index == 0 || index >= v->room[JT_SECTION_TOKEN_ID])
		return false;
	link = atomic_load_explicit(&v->token_link[index], memory_order_acquire);
	at = (uint32_t)link;
	/* The cold side names an entry before it is published: only then is it whole. */
	if (at == 0 || at > v->room[JT_SECTION_HOT] ||
		atomic_load_explicit(&v->hot[at - 1].word, memory_order_acquire) == 0 || v->hot[at - 1].token != index)
		return false;
	return jt_org_id(v, v->hot[at - 1].org, org) && jt_token_id(v, index, token);
}
