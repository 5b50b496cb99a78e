/* SPDX-License-Identifier: Apache-2.0 */
#include "world_inside.h"

#include "catalogue/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What there is, and what happens. */

#define LATER_S 4000000000

static struct jt_policy *policy;
const char *const world_scopes[SCOPES] = {"org:read", "findings:list", "org:delete", "teams:list"};
static unsigned managed; /* roles for users, of the policy */
static const struct jt_role *role_of[JT_ROLES_MANAGED_MAX];

void must(bool kept, const char *what, const char *file, int line)
{
	if (kept)
		return;
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

uint64_t chance(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ULL;
	return jt_mix(*state);
}

void world_start(void)
{
	struct jt_catalogue_error error;

	MUST(jt_catalogue_default(&policy, &error) == JT_OK);
	for (unsigned i = 0; i < policy->role_count; i++) {
		if (policy->role[i].use == JT_ROLE_FOR_USERS)
			role_of[managed++] = &policy->role[i];
	}
	for (unsigned i = 0; i < SCOPES; i++)
		MUST(jt_policy_scope(policy, world_scopes[i], strlen(world_scopes[i])) != NULL);
}

void world_end(void)
{
	jt_catalogue_free(policy);
}

const struct jt_policy *world_policy(void)
{
	return policy;
}

uint64_t world_nonce(uint64_t seq)
{
	return jt_mix(seq + 77);
}

struct jt_id world_id(unsigned noun, unsigned org, unsigned at)
{
	struct jt_id id = {{0}};
	uint64_t half = jt_mix(((uint64_t)noun << 40 | (uint64_t)org << 20 | at) + 1);

	memcpy(id.b, &half, sizeof(half));
	id.b[8] = (uint8_t)noun;
	id.b[9] = (uint8_t)org;
	id.b[10] = (uint8_t)at;
	return id;
}

struct jt_id world_role_id(unsigned org, unsigned role)
{
	return role < managed ? role_of[role]->id : world_id(KEY_ROLE, org, role - managed);
}

void world_value(unsigned value, char out[JT_TOKEN_SIZE])
{
	(void)snprintf(out, JT_TOKEN_SIZE, "jtn_value_%016llx", (unsigned long long)jt_mix(value + 1000));
}

void world_app(unsigned app, char out[JT_APP_NAME_MAX + 1])
{
	(void)snprintf(out, JT_APP_NAME_MAX + 1, "app-%u", app);
}

/* ---- what happens */

struct happening {
	struct world *w;
	uint64_t random;
	struct change *out;
};

static unsigned draw(struct happening *h, unsigned below)
{
	return (unsigned)(chance(&h->random) % below);
}

static void name_key(struct happening *h, unsigned noun, unsigned org, unsigned a, unsigned b)
{
	MUST(h->out->keys < KEYS_MAX);
	h->out->key[h->out->keys].noun = noun;
	h->out->key[h->out->keys].org = org;
	h->out->key[h->out->keys].a = a;
	h->out->key[h->out->keys++].b = b;
}

static unsigned any_role(struct happening *h, unsigned org)
{
	unsigned role = draw(h, managed + ROLES);

	if (role < managed && role_of[role]->super_admin)
		role++;
	if (role >= managed + ROLES || (role >= managed && h->w->role[org][role - managed].being != THERE))
		return 1; /* a managed one, whichever */
	return role;
}

/* A token that nobody has had yet, or one that is gone for good; TOKENS: there is none. */
static unsigned free_token(const struct world *w)
{
	unsigned at = 0;

	while (at < TOKENS && w->token[at].being != NEVER)
		at++;
	return at;
}

static bool new_value(struct world *w, unsigned at, unsigned place)
{
	if (w->made == VALUES)
		return false;
	w->value_org[w->made] = w->token[at].org;
	w->token[at].value[place] = w->made++;
	w->token[at].value_expires_s[place] = 0;
	return true;
}

static void issue(struct happening *h, unsigned org, int user)
{
	struct world *w = h->w;
	unsigned at = free_token(w);
	unsigned kind = 1 + draw(h, JT_KIND_COUNT - 1);

	if (at == TOKENS)
		return;
	w->token[at].org = org;
	if (!new_value(w, at, 0))
		return;
	w->token[at].being = THERE;
	w->token[at].values = 1;
	w->token[at].kind = user >= 0 ? JT_KIND_PERSONAL : (enum jt_kind)kind;
	w->token[at].user = user >= 0 ? (unsigned)user : 0;
	w->token[at].role = kind == JT_KIND_CUSTOM ? managed + draw(h, ROLES) : any_role(h, org);
	w->token[at].limited = user < 0 && draw(h, 2);
	for (unsigned i = 0; w->token[at].limited && i < TEAMS; i++)
		w->token[at].teams |= w->team[org][i] == THERE && draw(h, 2) ? 1U << i : 0;
	if (draw(h, 8) == 0)
		w->token[at].expires_s = draw(h, 2) ? LATER_S : 1000000000;
	name_key(h, KEY_TOKEN, org, at, 0);
}

static void make_user(struct happening *h, unsigned org)
{
	unsigned at = 0;

	while (at < USERS && h->w->user[org][at].being != NEVER)
		at++;
	if (at == USERS)
		return;
	h->w->user[org][at].being = THERE;
	h->w->user[org][at].active = true;
	h->w->user[org][at].role = any_role(h, org);
	/* In whichever order: a token may be told before its user. */
	if (draw(h, 2))
		issue(h, org, (int)at);
	name_key(h, KEY_USER, org, at, 0);
	if (h->out->keys == 1)
		issue(h, org, (int)at);
}

static void drop_user(struct happening *h, unsigned org, unsigned at)
{
	struct world *w = h->w;

	if (w->user[org][at].being != THERE || w->org[org].owner == at)
		return;
	w->user[org][at].being = GONE;
	for (unsigned k = 0; k < TOKENS; k++) {
		if (w->token[k].being != THERE || w->token[k].org != org || w->token[k].user != at ||
			w->token[k].kind != JT_KIND_PERSONAL)
			continue;
		w->token[k].revoked = true;
		name_key(h, KEY_TOKEN, org, k, 0);
	}
	for (unsigned t = 0; t < TEAMS; t++) {
		if (w->member[org][t][at] >= 0)
			name_key(h, KEY_MEMBER, org, t, at);
		w->member[org][t][at] = -1;
	}
	name_key(h, KEY_USER, org, at, 0);
}

static void give_away(struct happening *h, unsigned org, unsigned to)
{
	struct world *w = h->w;
	unsigned from = w->org[org].owner;

	if (w->user[org][to].being != THERE || to == from)
		return;
	w->org[org].owner = to;
	name_key(h, KEY_ORG, org, 0, 0);
	/* Mostly the roles change with it, as they do in the authority. */
	if (draw(h, 3) == 0) {
		h->out->name = "give away alone";
		return;
	}
	w->user[org][from].role = any_role(h, org);
	w->user[org][to].role = 0;
	name_key(h, KEY_USER, org, from, 0);
	name_key(h, KEY_USER, org, to, 0);
}

static void change_role(struct happening *h, unsigned org, unsigned at)
{
	bool drop = h->w->role[org][at].being == THERE && draw(h, 4) == 0;

	h->w->role[org][at].being = drop ? GONE : THERE;
	h->w->role[org][at].mask = draw(h, 1U << SCOPES);
	h->w->role[org][at].reach = draw(h, 3) ? JT_REACH_ORG : JT_REACH_TEAMS;
	name_key(h, KEY_ROLE, org, at, 0);
}

static void change_team(struct happening *h, unsigned org, unsigned at)
{
	struct world *w = h->w;

	if (w->team[org][at] == NEVER) {
		/* Members may be told before their team. */
		for (unsigned u = 0; u < USERS && draw(h, 2); u++) {
			if (w->user[org][u].being != THERE)
				continue;
			w->member[org][at][u] = (int)any_role(h, org);
			name_key(h, KEY_MEMBER, org, at, u);
		}
		w->team[org][at] = THERE;
	} else if (w->team[org][at] == THERE && draw(h, 3) == 0) {
		w->team[org][at] = GONE;
		for (unsigned u = 0; u < USERS; u++) {
			if (w->member[org][at][u] >= 0)
				name_key(h, KEY_MEMBER, org, at, u);
			w->member[org][at][u] = -1;
		}
		for (unsigned i = 0; i < APPS; i++) {
			if (w->app[org][i].team != (int)at)
				continue;
			w->app[org][i].team = -1;
			name_key(h, KEY_APP, org, i, 0);
		}
	} else {
		return;
	}
	name_key(h, KEY_TEAM, org, at, 0);
}

static void change_member(struct happening *h, unsigned org, unsigned team, unsigned user)
{
	if (h->w->team[org][team] != THERE || h->w->user[org][user].being != THERE)
		return;
	h->w->member[org][team][user] = draw(h, 3) ? (int)any_role(h, org) : -1;
	name_key(h, KEY_MEMBER, org, team, user);
}

static void change_app(struct happening *h, unsigned org, unsigned at)
{
	unsigned team = draw(h, TEAMS + 1);

	h->w->app[org][at].there = draw(h, 5) != 0;
	h->w->app[org][at].team = team < TEAMS && h->w->team[org][team] == THERE ? (int)team : -1;
	name_key(h, KEY_APP, org, at, 0);
}

static void rotate(struct happening *h, unsigned at, bool overlap)
{
	struct world *w = h->w;
	unsigned old = w->token[at].value[0];

	if (w->token[at].being != THERE || w->token[at].revoked || !new_value(w, at, 0))
		return;
	w->token[at].values = overlap ? 2 : 1;
	w->token[at].value[1] = old;
	w->token[at].value_expires_s[1] = overlap ? 3000000000 : 0;
	name_key(h, KEY_TOKEN, w->token[at].org, at, 0);
}

static void revoke(struct happening *h, unsigned at)
{
	if (h->w->token[at].being != THERE)
		return;
	/* Revoked first, pruned from the database later. */
	if (h->w->token[at].revoked || draw(h, 2))
		h->w->token[at].being = GONE;
	h->w->token[at].revoked = true;
	name_key(h, KEY_TOKEN, h->w->token[at].org, at, 0);
}

static void end_overlap(struct happening *h, unsigned at)
{
	if (h->w->token[at].being != THERE || h->w->token[at].values != 2)
		return;
	h->w->token[at].values = 1;
	name_key(h, KEY_TOKEN, h->w->token[at].org, at, 0);
}

static void found_org(struct happening *h, unsigned org)
{
	h->w->org[org].being = THERE;
	h->w->org[org].active = true;
	name_key(h, KEY_ORG, org, 0, 0);
	make_user(h, org);
	h->w->user[org][0].role = 0;
}

static void any_row(struct happening *h)
{
	struct world *w = h->w;
	unsigned org = draw(h, ORGS), at = draw(h, USERS), what = draw(h, 24);

	h->out->name = (const char *[]){"suspend", "give away", "drop org", "disable", "drop user", "role of user",
		"role of user", "role", "role", "team", "team", "member", "member", "app", "app", "issue", "issue",
		"issue", "rotate", "rotate over", "rotate over", "revoke", "end overlap", "user"}[what];
	if (w->org[org].being == NEVER) {
		h->out->name = "found";
		found_org(h, org);
		return;
	}
	if (what == 0 && w->org[org].being == THERE) {
		w->org[org].active = !w->org[org].active;
		name_key(h, KEY_ORG, org, 0, 0);
	} else if (what == 1) {
		give_away(h, org, at);
	} else if (what == 2 && org == 1 && draw(h, 4) == 0) {
		w->org[org].being = GONE;
		name_key(h, KEY_ORG, org, 0, 0);
	} else if (what == 3 && w->user[org][at].being == THERE) {
		w->user[org][at].active = !w->user[org][at].active;
		name_key(h, KEY_USER, org, at, 0);
	} else if (what == 4) {
		drop_user(h, org, at);
	} else if ((what == 5 || what == 6) && w->user[org][at].being == THERE) {
		w->user[org][at].role = any_role(h, org);
		name_key(h, KEY_USER, org, at, 0);
	} else if (what == 7 || what == 8) {
		change_role(h, org, draw(h, ROLES));
	} else if (what == 9 || what == 10) {
		change_team(h, org, draw(h, TEAMS));
	} else if (what == 11 || what == 12) {
		change_member(h, org, draw(h, TEAMS), at);
	} else if (what == 13 || what == 14) {
		change_app(h, org, draw(h, APPS));
	} else if (what >= 15 && what <= 17) {
		issue(h, org, -1);
	} else if (what >= 18 && what <= 20) {
		rotate(h, draw(h, TOKENS), what != 18);
	} else if (what == 21) {
		revoke(h, draw(h, TOKENS));
	} else if (what == 22) {
		end_overlap(h, draw(h, TOKENS));
	} else {
		make_user(h, org);
	}
}

void world_step(struct world *w, uint64_t seed, unsigned step, struct change *out)
{
	struct happening h = {.w = w, .random = jt_mix(seed + 1) + step, .out = out};
	unsigned what = draw(&h, 60);

	memset(out, 0, sizeof(*out));
	if (step == 0) {
		memset(w, 0, sizeof(*w));
		memset(w->member, -1, sizeof(w->member));
	}
	out->name = "-";
	if (step > 0 && what < 5) {
		out->name = (const char *[]){"grow", "rebuild", "renew", "poison", "restart"}[what];
		out->what = CHANGE_GROW + what;
		return;
	}
	for (unsigned i = 0; i < 20 && out->keys == 0; i++)
		any_row(&h);
}
