/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What somebody holds somewhere: gathers the facts from the table, and lets policy/grant.h decide. */

#define TRIES 4          /* files that may be replaced under one question */
#define LOOKS_AT_ONCE 64 /* before whoever changes what is looked at is waited for */

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

/* Where all of it stands that a question is about: it stays there as long as the file lives. 0: it is not there. */
struct stands {
	const struct jt_view *v;
	const struct jt_caller *who;
	const struct jt_place *place;
	uint32_t org, token, user, team, app;
	const struct jt_hot_entry *value; /* that the caller came with */
};

/* The caller's token in this view: by where it stood, or by its id. 0: none. */
static uint32_t token_of(const struct jt_view *v, const struct jt_caller *who)
{
	if (who->at.instance == v->instance && who->at.token < v->room[JT_SECTION_TOKEN_ID] &&
		jt_id_equal(&v->token_id[who->at.token], &who->token))
		return who->at.token;
	return jt_find_token(v, &who->token);
}

static struct stands find_all(const struct jt_view *v, const struct jt_caller *who, const struct jt_place *place)
{
	struct stands s = {
		.v = v, .who = who, .place = place, .org = jt_find_org(v, &who->org), .token = token_of(v, who)};
	uint64_t word = 0;

	if (who->kind == JT_KIND_PERSONAL)
		s.user = jt_find_user(v, s.org, &who->user);
	if (jt_came_with_value(who))
		s.value = jt_find_value(v, who->digest, &word);
	if (place->kind == JT_PLACE_TEAM)
		s.team = jt_find_team(v, s.org, &place->team);
	else if (place->kind == JT_PLACE_APP)
		s.app = jt_find_app(v, s.org, place->app, strlen(place->app));
	return s;
}

/* The team that the place is in now, or 0. False if there is no such place. */
static bool team_of(const struct stands *s, uint32_t *team)
{
	*team = s->team;
	if (s->place->kind == JT_PLACE_ORG)
		return true;
	if (s->place->kind == JT_PLACE_TEAM)
		return jt_team_is_there(s->v, s->org, s->team);
	if (!jt_app_team(s->v, s->org, s->app, team))
		return false;
	if (!jt_team_is_there(s->v, s->org, *team))
		*team = 0;
	return true;
}

/* The word of an entry that is the token's, and not revoked; else 0. */
static uint64_t live_word(const struct stands *s, const struct jt_hot_entry *e)
{
	uint64_t word = atomic_load_explicit(&e->word, memory_order_acquire);

	/* 0: it is being written, and not to be looked at. */
	return word != 0 && jt_word_is_sound(word, e->org, e->token) && e->org == s->org && e->token == s->token &&
			       s->token != 0 && jt_word_state(word) != JT_VALUE_REVOKED
		       ? word
		       : 0;
}

/* The word of the value that the caller came with, or else of any that the token has; 0: there is none. */
static uint64_t word_of(const struct stands *s)
{
	uint64_t link = 0, word = 0;

	if (jt_came_with_value(s->who))
		return s->value ? live_word(s, s->value) : 0;
	if (s->token != 0)
		link = atomic_load_explicit(&s->v->token_link[s->token], memory_order_acquire);
	for (unsigned half = 0; word == 0 && half < 2; half++) {
		uint32_t at = (uint32_t)(link >> (32 * half));

		if (at != 0 && at <= s->v->room[JT_SECTION_HOT])
			word = live_word(s, &s->v->hot[at - 1]);
	}
	return word;
}

/* A user as holder; false if the user counts for nothing. */
static bool user_holds(const struct stands *s, uint32_t team, struct jt_holding *h)
{
	uint32_t role = 0, in_team = 0;
	struct jt_verify_role_facts facts;

	if (jt_user_state(s->v, s->org, s->user, &role) != JT_RECORD_ACTIVE)
		return false;
	jt_verify_role_facts(s->v, role, &facts);
	h->owner = jt_org_owner(s->v, s->org) == s->user;
	h->confined = !h->owner && facts.reach == JT_REACH_TEAMS;
	h->role = facts.scopes;
	if (team)
		in_team = jt_member_role(s->v, s->user, team);
	if (in_team) {
		h->among = true;
		jt_verify_role_facts(s->v, in_team, &facts);
		h->in_team = facts.in_team;
	}
	return true;
}

/* The same for an integration token. */
static bool token_holds(const struct stands *s, uint64_t word, uint32_t team, struct jt_holding *h)
{
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	struct jt_verify_role_facts role;
	unsigned teams = 0;
	bool any = false;

	if (word == 0 || jt_word_kind(word) == JT_KIND_PERSONAL || jt_word_kind(word) >= JT_KIND_COUNT)
		return false;
	h->kind = (enum jt_kind)jt_word_kind(word);
	h->confined = jt_word_limited(word);
	if (h->confined)
		teams = jt_cold_list(s->v, jt_cold_ref(s->v, s->token), list, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < teams; i++) {
		if (!jt_team_is_there(s->v, s->org, list[i]))
			continue;
		any = true;
		h->among = h->among || list[i] == team;
	}
	jt_verify_role_facts(s->v, jt_word_role(word), &role);
	if (!h->confined || any) /* the last team was deleted: holds nothing */
		h->role = role.scopes;
	return true;
}

static bool holds_now(const struct stands *s, uint64_t word, struct jt_holding *h)
{
	uint32_t team = 0;

	*h = (struct jt_holding){.kind = s->who->kind};
	if (!jt_org_is_active(s->v, s->org) || !team_of(s, &team) || (jt_came_with_value(s->who) && word == 0))
		return false;
	return s->who->kind == JT_KIND_PERSONAL ? user_holds(s, team, h) : token_holds(s, word, team, h);
}

/* False: nothing counts here. All that it goes by was so at one moment: it waits for a pause in what is told, as the rows of one
 * commit are, of which there is no endless number. */
static bool holds(
	const struct jt_view *v, const struct jt_caller *who, const struct jt_place *place, struct jt_holding *h)
{
	const struct timespec moment = {.tv_nsec = 20000};
	const struct stands s = find_all(v, who, place);

	for (unsigned looks = 0;; looks++) {
		uint64_t moves = jt_moves(v), word = word_of(&s);
		bool any = holds_now(&s, word, h);

		if (word == word_of(&s) && jt_moves(v) == moves)
			return any;
		if (looks >= LOOKS_AT_ONCE)
			(void)nanosleep(&moment, NULL);
	}
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
	const struct jt_place place = {.kind = JT_PLACE_ORG};
	const struct stands s = find_all(v, who, &place);
	uint64_t word = word_of(&s);
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned teams = 0;
	size_t count = 0;

	if (word != 0 && jt_word_limited(word))
		teams = jt_cold_list(v, jt_cold_ref(v, s.token), list, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < teams; i++) {
		if (!jt_team_is_there(v, s.org, list[i]))
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
