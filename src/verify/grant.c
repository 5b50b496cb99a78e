/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

/* What somebody holds somewhere: gathers the facts from the table, and lets policy/grant.h decide. */

#define TRIES 4      /* files that may be replaced under one question */
#define LOOKS_MAX 64 /* how often what changes under a look is looked at anew */

void jt_verify_role_facts(const struct jt_view *v, uint32_t role, struct jt_verify_role_facts *out)
{
	const struct jt_set_record *set = jt_role_set(v, role);

	*out = (struct jt_verify_role_facts){.reach = JT_REACH_TEAMS};
	if (!set || !jt_pair_is(set->reach) || !jt_set_scopes(set->scopes, &out->scopes) ||
		!jt_set_scopes(set->in_team, &out->in_team)) {
		*out = (struct jt_verify_role_facts){.reach = JT_REACH_TEAMS};
		return;
	}
	out->known = true;
	out->reach = (uint32_t)set->reach == JT_REACH_ORG ? JT_REACH_ORG : JT_REACH_TEAMS;
}

/* The team that a place is in, or 0. False if there is no such place. */
static bool team_of(const struct jt_view *v, uint32_t org, const struct jt_place *place, uint32_t *team)
{
	*team = 0;
	if (place->kind == JT_PLACE_ORG)
		return true;
	if (place->kind == JT_PLACE_TEAM) {
		*team = jt_find_team(v, org, &place->team);
		return jt_team_is_there(v, org, *team);
	}
	if (!jt_app_team(v, org, jt_find_app(v, org, place->app, strlen(place->app)), team))
		return false;
	if (!jt_team_is_there(v, org, *team))
		*team = 0;
	return true;
}

/* The caller's token in this view: by where it stood, or by its id. 0: none. */
static uint32_t token_of(const struct jt_view *v, const struct jt_caller *who)
{
	if (who->at.instance == v->instance && who->at.token < v->room[JT_SECTION_TOKEN_ID] &&
		jt_id_equal(&v->token_id[who->at.token], &who->token))
		return who->at.token;
	return jt_find_token(v, &who->token);
}

/* The word of a token that is neither revoked nor of another org; 0: there is none. */
static uint64_t word_of(const struct jt_view *v, uint32_t org, uint32_t token)
{
	uint64_t link = token ? atomic_load_explicit(&v->token_link[token], memory_order_acquire) : 0;
	uint64_t halves[2] = {(uint32_t)link, link >> 32};

	for (unsigned i = 0; i < 2; i++) {
		const struct jt_hot_entry *e = NULL;
		uint64_t word = 0;

		if (halves[i] == 0 || halves[i] > v->room[JT_SECTION_HOT])
			continue;
		e = &v->hot[halves[i] - 1];
		word = atomic_load_explicit(&e->word, memory_order_acquire);
		/* 0: it is being written, and not to be looked at. */
		if (word != 0 && jt_word_is_sound(word, e->org, e->token) && e->org == org && e->token == token &&
			jt_word_state(word) != JT_VALUE_REVOKED)
			return word;
	}
	return 0;
}

/* A user as holder; false if the user (or the token that they came with) counts for nothing. */
static bool user_holds(
	const struct jt_view *v, const struct jt_caller *who, uint32_t org, uint32_t team, struct jt_holding *h)
{
	static const uint8_t nothing[JT_DIGEST_SIZE];
	uint32_t user = jt_find_user(v, org, &who->user);
	uint32_t role = 0, in_team = 0;
	struct jt_verify_role_facts facts;

	if (jt_user_state(v, org, user, &role) != JT_RECORD_ACTIVE)
		return false;
	if (!jt_secret_equal(who->digest, sizeof(who->digest), nothing, sizeof(nothing)) &&
		word_of(v, org, token_of(v, who)) == 0)
		return false;
	jt_verify_role_facts(v, role, &facts);
	h->owner = jt_org_owner(v, org) == user;
	h->confined = !h->owner && facts.reach == JT_REACH_TEAMS;
	h->role = facts.scopes;
	if (team)
		in_team = jt_member_role(v, user, team);
	if (in_team) {
		h->among = true;
		jt_verify_role_facts(v, in_team, &facts);
		h->in_team = facts.in_team;
	}
	return true;
}

/* The same for an integration token. */
static bool token_holds(
	const struct jt_view *v, const struct jt_caller *who, uint32_t org, uint32_t team, struct jt_holding *h)
{
	uint32_t token = token_of(v, who);
	uint64_t word = word_of(v, org, token);
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	struct jt_verify_role_facts role;
	unsigned teams = 0;
	bool any = false;

	if (word == 0 || jt_word_kind(word) == JT_KIND_PERSONAL || jt_word_kind(word) >= JT_KIND_COUNT)
		return false;
	h->kind = (enum jt_kind)jt_word_kind(word);
	h->confined = jt_word_limited(word);
	if (h->confined)
		teams = jt_cold_list(v, jt_cold_ref(v, token), list, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < teams; i++) {
		if (!jt_team_is_there(v, org, list[i]))
			continue;
		any = true;
		h->among = h->among || list[i] == team;
	}
	jt_verify_role_facts(v, jt_word_role(word), &role);
	if (!h->confined || any) /* the last team was deleted: holds nothing */
		h->role = role.scopes;
	return true;
}

static bool holds_now(
	const struct jt_view *v, const struct jt_caller *who, const struct jt_place *place, struct jt_holding *h)
{
	uint32_t org = jt_find_org(v, &who->org);
	uint32_t team = 0;

	*h = (struct jt_holding){.kind = who->kind};
	if (!jt_org_is_active(v, org) || !team_of(v, org, place, &team))
		return false;
	return who->kind == JT_KIND_PERSONAL ? user_holds(v, who, org, team, h) : token_holds(v, who, org, team, h);
}

/* False: nothing counts here. All that it goes by was so at one moment. */
static bool holds(
	const struct jt_view *v, const struct jt_caller *who, const struct jt_place *place, struct jt_holding *h)
{
	for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
		uint32_t org = jt_find_org(v, &who->org);
		uint64_t moves = jt_moves(v), word = word_of(v, org, token_of(v, who));
		bool any = holds_now(v, who, place, h);

		if (word == word_of(v, org, token_of(v, who)) && jt_moves(v) == moves)
			return any;
	}
	return false;
}

void jt_verify_grant(
	struct jt_verify *v, const struct jt_caller *who, const struct jt_place *place, struct jt_grant *out)
{
	const struct jt_policy *p = jt_verify_policy(v);
	struct jt_holding h;

	*out = (struct jt_grant){.visible = false};
	for (unsigned i = 0; i < TRIES; i++) {
		const struct jt_view *view = jt_table_view(v->table);

		if (!view || jt_table_poisoned(v->table))
			break;
		if (holds(view, who, place, &h)) {
			jt_grant_compute(p, &h, place->kind, out);
			break;
		}
		if (view == jt_table_view(v->table))
			break;
	}
	jt_verify_policy_done(v);
}

enum jt_result jt_verify_role(struct jt_verify *v, const struct jt_id *org, const struct jt_id *role,
	struct jt_scopes *scopes, enum jt_reach *reach)
{
	const struct jt_view *view = jt_table_view(v->table);
	struct jt_verify_role_facts facts;
	uint32_t of = 0;

	if (!view || jt_table_poisoned(v->table))
		return JT_STALE;
	of = jt_find_org(view, org);
	jt_verify_role_facts(view, jt_find_role_for(view, of, role), &facts);
	if (!facts.known)
		return JT_NOT_FOUND;
	*scopes = facts.scopes;
	*reach = facts.reach;
	return JT_OK;
}

static size_t teams_of_token(const struct jt_view *v, const struct jt_caller *who, struct jt_id *out, size_t max)
{
	uint32_t org = jt_find_org(v, &who->org);
	uint32_t token = token_of(v, who);
	uint64_t word = word_of(v, org, token);
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned teams = 0;
	size_t count = 0;

	if (word != 0 && jt_word_limited(word))
		teams = jt_cold_list(v, jt_cold_ref(v, token), list, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < teams; i++) {
		if (!jt_team_is_there(v, org, list[i]))
			continue;
		if (count < max)
			out[count] = v->team[list[i]].id;
		count++;
	}
	return count;
}

static size_t teams_of(const struct jt_view *v, const struct jt_caller *who, struct jt_id *out, size_t max)
{
	return who->kind == JT_KIND_PERSONAL ? jt_view_teams_of_user(v, &who->org, &who->user, out, max)
					     : teams_of_token(v, who, out, max);
}

enum jt_result jt_verify_teams(struct jt_verify *v, const struct jt_caller *who, struct jt_id **teams, size_t *count)
{
	const struct jt_view *view = jt_table_view(v->table);
	struct jt_id *made = NULL;
	size_t n = 0, now = 0;

	*teams = NULL;
	*count = 0;
	if (!view || jt_table_poisoned(v->table))
		return JT_STALE;
	n = teams_of(view, who, NULL, 0);
	if (n == 0)
		return JT_OK;
	made = calloc(n, sizeof(*made));
	if (!made)
		return JT_NOMEM;
	now = teams_of(view, who, made, n);
	*teams = made;
	*count = now < n ? now : n; /* there may be fewer or more by now */
	return JT_OK;
}
