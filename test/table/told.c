/* SPDX-License-Identifier: Apache-2.0 */
#include "world_inside.h"

#include <stdlib.h>
#include <string.h>

/* The world in a table's words, and what a table shows of it by id. */

#define LONG_AGO_S 2000000000

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
	return (struct jt_table_org){.id = world_id(KEY_ORG, org, 0),
		.owner = world_id(KEY_USER, org, w->org[org].owner),
		.active = w->org[org].active};
}

static struct jt_table_user user_row(const struct world *w, unsigned org, unsigned at)
{
	return (struct jt_table_user){.org = world_id(KEY_ORG, org, 0),
		.id = world_id(KEY_USER, org, at),
		.role = world_role_id(org, w->user[org][at].role),
		.active = w->user[org][at].active};
}

static struct jt_table_role role_row(const struct world *w, unsigned org, unsigned at)
{
	struct jt_table_role r = {
		.org = world_id(KEY_ORG, org, 0), .id = world_id(KEY_ROLE, org, at), .reach = w->role[org][at].reach};

	for (unsigned i = 0; i < SCOPES; i++) {
		if (w->role[org][at].mask >> i & 1)
			jt_scopes_add(&r.scopes,
				jt_policy_scope(world_policy(), world_scopes[i], strlen(world_scopes[i]))->bit);
	}
	return r;
}

static struct jt_table_app app_row(const struct world *w, unsigned org, unsigned at)
{
	struct jt_table_app a = {.org = world_id(KEY_ORG, org, 0)};

	world_app(at, a.name);
	if (w->app[org][at].team >= 0)
		a.team = world_id(KEY_TEAM, org, (unsigned)w->app[org][at].team);
	return a;
}

static struct jt_table_token token_row(const struct world *w, unsigned at)
{
	struct jt_table_token k = {.org = world_id(KEY_ORG, w->token[at].org, 0),
		.id = world_id(KEY_TOKEN, 0, at),
		.kind = w->token[at].kind,
		.limited = w->token[at].limited,
		.revoked = w->token[at].revoked,
		.expires_s = w->token[at].expires_s,
		.values = w->token[at].values};

	if (k.kind == JT_KIND_PERSONAL)
		k.user = world_id(KEY_USER, w->token[at].org, w->token[at].user);
	else
		k.role = world_role_id(w->token[at].org, w->token[at].role);
	for (unsigned i = 0; i < k.values; i++) {
		char text[JT_TOKEN_SIZE];

		world_value(w->token[at].value[i], text);
		jt_token_digest(text, strlen(text), k.digest[i]);
		k.value_expires_s[i] = w->token[at].value_expires_s[i];
	}
	for (unsigned i = 0; i < TEAMS; i++) {
		if (w->token[at].teams >> i & 1)
			k.team[k.teams++] = world_id(KEY_TEAM, w->token[at].org, i);
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

/* The row that a key names, as `w` has it; `token` is where one is kept. */
static struct jt_table_row row_of(const struct world *w, const struct world_key *key, struct jt_table_token *token)
{
	const struct jt_id org = world_id(KEY_ORG, key->org, 0);
	struct jt_table_row row = {.gone = is_gone(w, key)};

	switch (key->noun) {
	case KEY_ORG:
		row.noun = JT_TABLE_ORG;
		row.org = org_row(w, key->org);
		break;
	case KEY_USER:
		row.noun = JT_TABLE_USER;
		row.user = user_row(w, key->org, key->a);
		break;
	case KEY_ROLE:
		row.noun = JT_TABLE_ROLE;
		row.role = role_row(w, key->org, key->a);
		break;
	case KEY_TEAM:
		row.noun = JT_TABLE_TEAM;
		row.team = (struct jt_table_team){org, world_id(KEY_TEAM, key->org, key->a)};
		break;
	case KEY_MEMBER:
		row.noun = JT_TABLE_MEMBER;
		row.member = (struct jt_table_member){.org = org,
			.team = world_id(KEY_TEAM, key->org, key->a),
			.user = world_id(KEY_USER, key->org, key->b)};
		if (!row.gone)
			row.member.role = world_role_id(key->org, (unsigned)w->member[key->org][key->a][key->b]);
		break;
	case KEY_APP:
		row.noun = JT_TABLE_APP;
		row.app = app_row(w, key->org, key->a);
		break;
	case KEY_TOKEN:
		row.noun = JT_TABLE_TOKEN;
		*token = token_row(w, key->a);
		row.token = token;
		break;
	}
	return row;
}

void world_tell(struct jt_table *t, const struct world *w, const struct world_key *key, unsigned keys)
{
	struct jt_table_token *token = calloc(keys + 1, sizeof(*token));
	struct jt_table_row *row = calloc(keys + 1, sizeof(*row));

	MUST(token && row);
	for (unsigned i = 0; i < keys; i++)
		row[i] = row_of(w, &key[i], &token[i]);
	MUST(jt_table_tell(t, row, keys) == JT_OK);
	free(row);
	free(token);
}

static void put(struct jt_table *t, const struct jt_table_row *row)
{
	switch (row->noun) {
	case JT_TABLE_ORG:
		MUST(jt_table_put_org(t, &row->org) == JT_OK);
		break;
	case JT_TABLE_USER:
		MUST(jt_table_put_user(t, &row->user) == JT_OK);
		break;
	case JT_TABLE_ROLE:
		MUST(jt_table_put_role(t, &row->role) == JT_OK);
		break;
	case JT_TABLE_TEAM:
		MUST(jt_table_put_team(t, &row->team.org, &row->team.id) == JT_OK);
		break;
	case JT_TABLE_MEMBER:
		MUST(jt_table_put_member(t, &row->member) == JT_OK);
		break;
	case JT_TABLE_APP:
		MUST(jt_table_put_app(t, &row->app) == JT_OK);
		break;
	case JT_TABLE_TOKEN:
		MUST(jt_table_put_token(t, row->token) == JT_OK);
		break;
	}
}

static void tell_if_there(
	struct jt_table *t, const struct world *w, unsigned noun, unsigned org, unsigned a, unsigned b)
{
	const struct world_key key = {.noun = noun, .org = org, .a = a, .b = b};
	struct jt_table_token token;
	struct jt_table_row row = row_of(w, &key, &token);

	if (!row.gone && !(noun == KEY_TOKEN && w->token[a].revoked))
		put(t, &row);
}

void world_rebuild(struct jt_table *t, const struct world *w, uint64_t seq)
{
	const struct jt_table_sizes sizes = {.orgs = ORGS};

	MUST(jt_table_rebuild(t, world_policy(), &sizes) == JT_OK);
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
	const struct jt_id o = world_id(KEY_ORG, org, 0);
	struct jt_id teams[TEAMS], token;
	struct jt_table_user u;

	for (unsigned i = 0; i < USERS; i++) {
		const struct jt_id id = world_id(KEY_USER, org, i);
		struct jt_table_member m;

		memset(&u, 0, sizeof(u));
		if (!jt_view_user(v, &o, &id, &u))
			continue;
		stir(sum, &u, sizeof(u));
		if (jt_view_personal(v, &o, &id, &token))
			stir(sum, &token, sizeof(token));
		for (unsigned t = 0; t < TEAMS; t++) {
			const struct jt_id team = world_id(KEY_TEAM, org, t);

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
		const struct jt_id id = world_id(KEY_ORG, o, 0);
		struct jt_table_org org;
		struct jt_table_app app;
		struct jt_table_role role;

		memset(&org, 0, sizeof(org));
		if (!jt_view_org(v, &id, &org))
			continue;
		stir(&sum, &org, sizeof(org));
		stir_people(&sum, v, o);
		for (unsigned i = 0; i < ROLES; i++) {
			const struct jt_id r = world_id(KEY_ROLE, o, i);

			memset(&role, 0, sizeof(role));
			if (jt_view_role(v, &id, &r, &role))
				stir(&sum, &role, sizeof(role));
		}
		for (unsigned i = 0; i < APPS; i++) {
			memset(&app, 0, sizeof(app));
			world_app(i, app.name);
			if (jt_view_app(v, &id, app.name, &app))
				stir(&sum, &app, sizeof(app));
		}
	}
	for (unsigned i = 0; i < TOKENS; i++)
		stir_token(&sum, v, w, i);
	return sum;
}
