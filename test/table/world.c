/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "catalogue/catalogue.h"
#include "verify/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The world in the words of a table. */

#define SCOPES 4
#define LONG_AGO_S 2000000000
#define LATER_S 4000000000

static struct jt_policy *policy;
static const char *const scope_name[SCOPES] = {"org:read", "findings:list", "org:delete", "teams:list"};
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
		MUST(jt_policy_scope(policy, scope_name[i], strlen(scope_name[i])) != NULL);
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

static struct jt_id id_of(unsigned noun, unsigned org, unsigned at)
{
	struct jt_id id = {{0}};
	uint64_t half = jt_mix(((uint64_t)noun << 40 | (uint64_t)org << 20 | at) + 1);

	memcpy(id.b, &half, sizeof(half));
	id.b[8] = (uint8_t)noun;
	id.b[9] = (uint8_t)org;
	id.b[10] = (uint8_t)at;
	return id;
}

static struct jt_id role_id(unsigned org, unsigned role)
{
	return role < managed ? role_of[role]->id : id_of(KEY_ROLE, org, role - managed);
}

static void value_text(unsigned value, char out[JT_TOKEN_SIZE])
{
	(void)snprintf(out, JT_TOKEN_SIZE, "jtn_value_%016llx", (unsigned long long)jt_mix(value + 1000));
}

static void app_name(unsigned app, char out[JT_APP_NAME_MAX + 1])
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

/* ---- in the table's words */

struct jt_table *world_table(const char *dir)
{
	const struct jt_table_options options = {.dir = dir, .store = {{7}}, .brand = "jtn", .bound_s = 100000};
	struct jt_table *t = NULL;
	struct jt_why why = {0};

	MUST(jt_table_new(&options, &t, &why) == JT_OK);
	return t;
}

static struct jt_table_org org_row(const struct world *w, unsigned org)
{
	return (struct jt_table_org){.id = id_of(KEY_ORG, org, 0),
		.owner = id_of(KEY_USER, org, w->org[org].owner),
		.active = w->org[org].active};
}

static struct jt_table_user user_row(const struct world *w, unsigned org, unsigned at)
{
	return (struct jt_table_user){.org = id_of(KEY_ORG, org, 0),
		.id = id_of(KEY_USER, org, at),
		.role = role_id(org, w->user[org][at].role),
		.active = w->user[org][at].active};
}

static struct jt_table_role role_row(const struct world *w, unsigned org, unsigned at)
{
	struct jt_table_role r = {
		.org = id_of(KEY_ORG, org, 0), .id = id_of(KEY_ROLE, org, at), .reach = w->role[org][at].reach};

	for (unsigned i = 0; i < SCOPES; i++) {
		if (w->role[org][at].mask >> i & 1)
			jt_scopes_add(&r.scopes, jt_policy_scope(policy, scope_name[i], strlen(scope_name[i]))->bit);
	}
	return r;
}

static struct jt_table_app app_row(const struct world *w, unsigned org, unsigned at)
{
	struct jt_table_app a = {.org = id_of(KEY_ORG, org, 0)};

	app_name(at, a.name);
	if (w->app[org][at].team >= 0)
		a.team = id_of(KEY_TEAM, org, (unsigned)w->app[org][at].team);
	return a;
}

static struct jt_table_token token_row(const struct world *w, unsigned at)
{
	struct jt_table_token k = {.org = id_of(KEY_ORG, w->token[at].org, 0),
		.id = id_of(KEY_TOKEN, 0, at),
		.kind = w->token[at].kind,
		.limited = w->token[at].limited,
		.revoked = w->token[at].revoked,
		.expires_s = w->token[at].expires_s,
		.values = w->token[at].values};

	if (k.kind == JT_KIND_PERSONAL)
		k.user = id_of(KEY_USER, w->token[at].org, w->token[at].user);
	else
		k.role = role_id(w->token[at].org, w->token[at].role);
	for (unsigned i = 0; i < k.values; i++) {
		char text[JT_TOKEN_SIZE];

		value_text(w->token[at].value[i], text);
		jt_token_digest(text, strlen(text), k.digest[i]);
		k.value_expires_s[i] = w->token[at].value_expires_s[i];
	}
	for (unsigned i = 0; i < TEAMS; i++) {
		if (w->token[at].teams >> i & 1)
			k.team[k.teams++] = id_of(KEY_TEAM, w->token[at].org, i);
	}
	return k;
}

static bool is_gone(const struct world *w, const struct world_key *key)
{
	switch (key->noun) {
	case KEY_ORG:
		return w->org[key->org].being != THERE;
	case KEY_USER:
		return w->user[key->org][key->a].being != THERE;
	case KEY_ROLE:
		return w->role[key->org][key->a].being != THERE;
	case KEY_TEAM:
		return w->team[key->org][key->a] != THERE;
	case KEY_MEMBER:
		return w->member[key->org][key->a][key->b] < 0;
	case KEY_APP:
		return !w->app[key->org][key->a].there;
	case KEY_TOKEN:
		return w->token[key->a].being != THERE;
	}
	return true;
}

static void drop(struct jt_table *t, const struct world_key *key)
{
	const struct jt_id org = id_of(KEY_ORG, key->org, 0);
	const struct jt_id id = id_of(key->noun, key->noun == KEY_TOKEN ? 0 : key->org, key->a);
	const struct jt_id team = id_of(KEY_TEAM, key->org, key->a), user = id_of(KEY_USER, key->org, key->b);
	char name[JT_APP_NAME_MAX + 1];

	app_name(key->a, name);
	switch (key->noun) {
	case KEY_ORG:
		jt_table_drop_org(t, &org);
		break;
	case KEY_USER:
		jt_table_drop_user(t, &org, &id);
		break;
	case KEY_ROLE:
		jt_table_drop_role(t, &org, &id);
		break;
	case KEY_TEAM:
		jt_table_drop_team(t, &org, &id);
		break;
	case KEY_MEMBER:
		jt_table_drop_member(t, &org, &team, &user);
		break;
	case KEY_APP:
		jt_table_drop_app(t, &org, name);
		break;
	case KEY_TOKEN:
		jt_table_drop_token(t, &org, &id);
		break;
	}
}

static void put(struct jt_table *t, const struct world *w, const struct world_key *key)
{
	const struct jt_id org = id_of(KEY_ORG, key->org, 0), team = id_of(KEY_TEAM, key->org, key->a);
	struct jt_table_member m = {.org = org, .team = team, .user = id_of(KEY_USER, key->org, key->b)};
	struct jt_table_org o;
	struct jt_table_user u;
	struct jt_table_role r;
	struct jt_table_app a;
	struct jt_table_token k;

	switch (key->noun) {
	case KEY_ORG:
		o = org_row(w, key->org);
		MUST(jt_table_put_org(t, &o) == JT_OK);
		break;
	case KEY_USER:
		u = user_row(w, key->org, key->a);
		MUST(jt_table_put_user(t, &u) == JT_OK);
		break;
	case KEY_ROLE:
		r = role_row(w, key->org, key->a);
		MUST(jt_table_put_role(t, &r) == JT_OK);
		break;
	case KEY_TEAM:
		MUST(jt_table_put_team(t, &org, &team) == JT_OK);
		break;
	case KEY_MEMBER:
		m.role = role_id(key->org, (unsigned)w->member[key->org][key->a][key->b]);
		MUST(jt_table_put_member(t, &m) == JT_OK);
		break;
	case KEY_APP:
		a = app_row(w, key->org, key->a);
		MUST(jt_table_put_app(t, &a) == JT_OK);
		break;
	case KEY_TOKEN:
		k = token_row(w, key->a);
		MUST(jt_table_put_token(t, &k) == JT_OK);
		break;
	}
}

/* As src/feed/project_changes.c does it: a role is first cut to what it had. */
static void narrow(struct jt_table *t, const struct world *w, const struct world_key *key)
{
	struct jt_table_role before, cut;

	if (is_gone(w, key)) {
		drop(t, key);
	} else if (key->noun == KEY_ROLE) {
		cut = role_row(w, key->org, key->a);
		if (!jt_view_role(jt_table_view(t), &cut.org, &cut.id, &before))
			return;
		jt_scopes_cut(&cut.scopes, &before.scopes);
		if (before.reach == JT_REACH_TEAMS)
			cut.reach = JT_REACH_TEAMS;
		MUST(jt_table_put_role(t, &cut) == JT_OK);
	} else if ((key->noun == KEY_TOKEN && w->token[key->a].revoked) ||
		   (key->noun == KEY_USER && !w->user[key->org][key->a].active) ||
		   (key->noun == KEY_ORG && !w->org[key->org].active)) {
		put(t, w, key);
	}
}

void world_tell(struct jt_table *t, const struct world *w, const struct world_key *key, unsigned keys)
{
	for (unsigned i = 0; i < keys; i++)
		narrow(t, w, &key[i]);
	for (unsigned i = 0; i < keys; i++) {
		if (!is_gone(w, &key[i]))
			put(t, w, &key[i]);
	}
}

static void tell_if_there(
	struct jt_table *t, const struct world *w, unsigned noun, unsigned org, unsigned a, unsigned b)
{
	const struct world_key key = {.noun = noun, .org = org, .a = a, .b = b};

	if (!is_gone(w, &key) && !(noun == KEY_TOKEN && w->token[a].revoked))
		put(t, w, &key);
}

void world_rebuild(struct jt_table *t, const struct world *w, uint64_t seq)
{
	const struct jt_table_sizes sizes = {.orgs = ORGS};

	MUST(jt_table_rebuild(t, policy, &sizes) == JT_OK);
	for (unsigned o = 0; o < ORGS; o++)
		tell_if_there(t, w, KEY_ORG, o, 0, 0);
	for (unsigned o = 0; o < ORGS; o++) {
		for (unsigned i = 0; i < ROLES; i++)
			tell_if_there(t, w, KEY_ROLE, o, i, 0);
		for (unsigned i = 0; i < USERS; i++)
			tell_if_there(t, w, KEY_USER, o, i, 0);
		for (unsigned i = 0; i < TEAMS; i++)
			tell_if_there(t, w, KEY_TEAM, o, i, 0);
		for (unsigned i = 0; i < TEAMS * USERS; i++)
			tell_if_there(t, w, KEY_MEMBER, o, i / USERS, i % USERS);
		for (unsigned i = 0; i < APPS; i++)
			tell_if_there(t, w, KEY_APP, o, i, 0);
	}
	for (unsigned i = 0; i < TOKENS; i++)
		tell_if_there(t, w, KEY_TOKEN, 0, i, 0);
	MUST(jt_table_publish(t, seq, world_nonce(seq)) == JT_OK);
}

/* ---- asking */

#define EACH 16 /* questions about a value */
#define NOT_ASKED 0xff

struct asker {
	struct jeton *j;
	struct jeton_scope *scope[SCOPES];
	struct jeton_org *org[ORGS];
	struct jeton_app *app[ORGS][APPS];
	struct jeton_team *team[ORGS][TEAMS];
	unsigned value[2]; /* the last that was let in, that had expired */
	bool has[2];
	uint64_t min_seq;
};

static const char *id_text(const struct jt_id id, char out[JT_ID_TEXT_SIZE])
{
	return jt_id_text(&id, out);
}

struct asker *asker_new(const char *path)
{
	struct asker *a = calloc(1, sizeof(*a));
	char org[JT_ID_TEXT_SIZE], text[JT_ID_TEXT_SIZE], name[JT_APP_NAME_MAX + 1];

	MUST(a != NULL);
	if (jeton_open(path, &a->j) != JETON_ALLOWED) {
		free(a);
		return NULL;
	}
	for (unsigned i = 0; i < SCOPES; i++)
		MUST(jeton_scope_new(a->j, scope_name[i], &a->scope[i]) == JETON_ALLOWED);
	for (unsigned o = 0; o < ORGS; o++) {
		(void)id_text(id_of(KEY_ORG, o, 0), org);
		MUST(jeton_org_new(a->j, org, &a->org[o]) == JETON_ALLOWED);
		for (unsigned i = 0; i < APPS; i++) {
			app_name(i, name);
			MUST(jeton_app_new(a->j, org, name, &a->app[o][i]) == JETON_ALLOWED);
		}
		for (unsigned i = 0; i < TEAMS; i++)
			MUST(jeton_team_new(a->j, org, id_text(id_of(KEY_TEAM, o, i), text), &a->team[o][i]) ==
				JETON_ALLOWED);
	}
	return a;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	for (unsigned i = 0; i < SCOPES; i++)
		jeton_scope_free(a->scope[i]);
	for (unsigned o = 0; o < ORGS; o++) {
		jeton_org_free(a->org[o]);
		for (unsigned i = 0; i < APPS; i++)
			jeton_app_free(a->app[o][i]);
		for (unsigned i = 0; i < TEAMS; i++)
			jeton_team_free(a->team[o][i]);
	}
	jeton_close(a->j);
	free(a);
}

/* In the order of the answers. Apps and teams are of the value's org. */
static void ask_value(struct asker *a, unsigned value, unsigned org, uint8_t out[EACH])
{
	struct jeton_scope *both[2] = {a->scope[0], a->scope[1]};
	char text[JT_TOKEN_SIZE];
	unsigned n = 0;

	value_text(value, text);
	for (unsigned i = 0; i <= SCOPES + 1; i++) {
		struct jeton_request r = {.scopes = i < SCOPES ? &a->scope[i] : both};
		struct jeton_answer answer;

		r.scope_count = i < SCOPES ? 1 : i == SCOPES ? 0 : 2;
		out[n] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, &answer);
		if (i == SCOPES && (out[n] == JETON_ALLOWED || strcmp(answer.reason, "expired") == 0)) {
			a->value[out[n] == JETON_ALLOWED ? LET_IN : EXPIRED] = value;
			a->has[out[n] == JETON_ALLOWED ? LET_IN : EXPIRED] = true;
		}
		n++;
	}
	for (unsigned i = 0; i < ORGS; i++) {
		struct jeton_request r = {.org = a->org[i]};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	for (unsigned i = 0; i < APPS; i++) {
		struct jeton_request r = {.app = a->app[org][i], .scopes = &a->scope[1], .scope_count = 1};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	for (unsigned i = 0; i < TEAMS; i++) {
		struct jeton_request r = {.team = a->team[org][i], .scopes = &a->scope[1 + i % 3], .scope_count = 1};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	{
		struct jeton_request r = {.team = a->team[org][0]};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	MUST(n < EACH);
}

void asker_ask(struct asker *a, const struct world *w, struct answers *out)
{
	memset(out, NOT_ASKED, sizeof(*out));
	for (unsigned v = 0; v < w->made; v++)
		ask_value(a, v, w->value_org[v], &out->said[v * EACH]);
}

static void forget(struct jt_term *t)
{
	atomic_store(&t->found, 0);
}

void asker_forget(struct asker *a)
{
	for (unsigned i = 0; i < SCOPES; i++)
		forget(&a->scope[i]->term);
	for (unsigned o = 0; o < ORGS; o++) {
		forget(&a->org[o]->term);
		for (unsigned i = 0; i < APPS; i++)
			forget(&a->app[o][i]->term);
		for (unsigned i = 0; i < TEAMS; i++)
			forget(&a->team[o][i]->term);
	}
}

void asker_demand(struct asker *a, uint64_t seq)
{
	a->min_seq = seq;
}

bool asker_has(const struct asker *a, enum which which)
{
	return a->has[which];
}

enum jeton_result asker_one(struct asker *a, enum which which)
{
	struct jeton_request r = {.min_seq = a->min_seq};
	char text[JT_TOKEN_SIZE];

	MUST(a->has[which]);
	value_text(a->value[which], text);
	return jeton_verify(a->j, text, strlen(text), &r, NULL);
}

/* Under a name that is not one of the world's. */
static bool finds(struct asker *a, const char *name)
{
	bool found = false;

	for (unsigned o = 0; o < ORGS; o++) {
		char org[JT_ID_TEXT_SIZE], text[JT_TOKEN_SIZE];
		struct jeton_app *app = NULL;
		struct jeton_request r = {0};
		enum jeton_result said;

		value_text(a->value[LET_IN], text);
		if (jeton_app_new(a->j, id_text(id_of(KEY_ORG, o, 0), org), name, &app) != JETON_ALLOWED)
			continue;
		r.app = app;
		said = jeton_verify(a->j, text, strlen(text), &r, NULL);
		found = found || said == JETON_ALLOWED || said == JETON_PARTIAL;
		jeton_app_free(app);
	}
	return found;
}

bool asker_finds_misnamed(struct asker *a, const char *text, size_t size)
{
	char name[6] = "";

	for (size_t at = 1; at + 5 < size && text[at]; at += 5) {
		memcpy(name, text + at, 5);
		if (!(strncmp(name, "app-", 4) == 0 && name[4] >= '0' && name[4] < '0' + APPS) && finds(a, name))
			return true;
	}
	return false;
}

const char *asker_question(unsigned at)
{
	static char text[64];
	static const char *const names[EACH] = {"scope 0", "scope 1", "scope 2", "scope 3", "nothing", "scopes 0 1",
		"org 0", "org 1", "app 0", "app 1", "app 2", "team 0", "team 1", "team 2", "team 0 alone", ""};

	(void)snprintf(text, sizeof(text), "value %u, %s", at / EACH, names[at % EACH]);
	return text;
}

/* ---- by id */

static void stir(uint64_t *sum, const void *at, size_t size)
{
	const uint8_t *b = at;

	for (size_t i = 0; i < size; i++)
		*sum = (*sum ^ b[i]) * 0x100000001b3ULL;
	*sum = jt_mix(*sum);
}

static void stir_token(uint64_t *sum, const struct jt_view *v, const struct world *w, unsigned at)
{
	const struct jt_table_token row = token_row(w, at);
	struct jt_table_token k;

	/* What was revoked may still be found, to name the reason, or not. */
	if (w->token[at].being != THERE || w->token[at].revoked || w->org[w->token[at].org].being != THERE)
		return;
	memset(&k, 0, sizeof(k));
	if (!jt_view_token(v, &row.org, &row.id, &k))
		return;
	stir(sum, &k.id, sizeof(k.id));
	stir(sum, &k.user, sizeof(k.user));
	stir(sum, &k.role, sizeof(k.role));
	stir(sum, &k.values, sizeof(k.values));
	stir(sum, k.digest, sizeof(k.digest[0]) * k.values);
	for (unsigned i = 0; i < k.values; i++) {
		/* What is past is past, to whatever second it was cut. */
		int64_t end_s =
			k.value_expires_s[i] > LONG_AGO_S || k.value_expires_s[i] == 0 ? k.value_expires_s[i] : 1;

		stir(sum, &end_s, sizeof(end_s));
	}
	stir(sum, &k.limited, sizeof(k.limited));
	for (unsigned i = 0; i < k.teams; i++) {
		if (jt_view_has_team(v, &row.org, &k.team[i]))
			stir(sum, &k.team[i], sizeof(k.team[i]));
	}
}

static void stir_people(uint64_t *sum, const struct jt_view *v, unsigned org)
{
	const struct jt_id o = id_of(KEY_ORG, org, 0);
	struct jt_id teams[TEAMS], token;
	struct jt_table_user u;

	for (unsigned i = 0; i < USERS; i++) {
		const struct jt_id id = id_of(KEY_USER, org, i);
		struct jt_table_member m;

		memset(&u, 0, sizeof(u));
		if (!jt_view_user(v, &o, &id, &u))
			continue;
		stir(sum, &u, sizeof(u));
		if (jt_view_personal(v, &o, &id, &token))
			stir(sum, &token, sizeof(token));
		for (unsigned t = 0; t < TEAMS; t++) {
			const struct jt_id team = id_of(KEY_TEAM, org, t);

			memset(&m, 0, sizeof(m));
			if (jt_view_has_team(v, &o, &team) && jt_view_member(v, &o, &team, &id, &m))
				stir(sum, &m, sizeof(m));
		}
		token.b[0] = (uint8_t)jt_view_teams_of_user(v, &o, &id, teams, TEAMS);
		stir(sum, &token.b[0], 1);
	}
}

uint64_t world_shown(const struct jt_view *v, const struct world *w)
{
	uint64_t sum = 1;

	for (unsigned o = 0; o < ORGS; o++) {
		const struct jt_id id = id_of(KEY_ORG, o, 0);
		struct jt_table_org org;
		struct jt_table_app app;
		struct jt_table_role role;

		memset(&org, 0, sizeof(org));
		if (!jt_view_org(v, &id, &org))
			continue;
		stir(&sum, &org, sizeof(org));
		stir_people(&sum, v, o);
		for (unsigned i = 0; i < ROLES; i++) {
			const struct jt_id r = id_of(KEY_ROLE, o, i);

			memset(&role, 0, sizeof(role));
			if (jt_view_role(v, &id, &r, &role))
				stir(&sum, &role, sizeof(role));
		}
		for (unsigned i = 0; i < APPS; i++) {
			memset(&app, 0, sizeof(app));
			app_name(i, app.name);
			if (jt_view_app(v, &id, app.name, &app))
				stir(&sum, &app, sizeof(app));
		}
	}
	for (unsigned i = 0; i < TOKENS; i++)
		stir_token(&sum, v, w, i);
	return sum;
}
