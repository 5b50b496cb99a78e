/* SPDX-License-Identifier: Apache-2.0 */
#include "zero_inside.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"

#include <string.h>

uint32_t world_probes(uint64_t changes)
{
	return (uint32_t)(STAFF * PROBES_OF_STAFF + TEAMS * PROBES_OF_TEAM + ORGS + OWNERS * 2 + STEADY + SLOTS +
			  changes);
}

struct jt_table *world_table(struct world *w)
{
	return w->table;
}

const struct jt_policy *world_policy(struct world *w)
{
	return w->policy;
}

struct jt_id world_id(void)
{
	return jt_id_new(jt_clock_ns());
}

/* A scope that a role alone gives, to a person as to a token. */
static unsigned find_scope(const struct jt_policy *p)
{
	for (unsigned i = 0; i < p->scope_count; i++) {
		unsigned bit = p->scope[i].bit;

		if (!p->scope[i].everyone && !p->scope[i].owner_only && jt_scopes_has(&p->may[JT_KIND_PERSONAL], bit) &&
			jt_scopes_has(&p->may[JT_KIND_CUSTOM], bit) && !jt_scopes_has(&p->own[JT_KIND_CUSTOM], bit))
			return i;
	}
	fprintf(stderr, "zero_window: the catalogue has no such scope\n");
	exit(2);
}

struct question {
	const char *what;
	bool scoped;
	enum place place;
	unsigned which;
};

static uint32_t add_probe(struct world *w, const struct question *q, const char *value)
{
	struct probe *p = &w->log->probe[w->log->probes++];

	p->what = q->what;
	p->scoped = q->scoped;
	p->place = (uint8_t)q->place;
	p->which = (uint8_t)q->which;
	memcpy(p->value, value, sizeof(p->value));
	world_mark(p, EXPECT_REFUSE);
	return (uint32_t)(p - w->log->probe);
}

static void make_token(struct jt_table_token *k, const struct jt_id *org, enum jt_kind kind, const struct jt_id *of,
	char value[JT_TOKEN_SIZE])
{
	k->org = *org;
	k->id = world_id();
	k->kind = kind;
	if (kind == JT_KIND_PERSONAL)
		k->user = *of;
	else
		k->role = *of;
	k->values = 1;
	memset(value, 0, JT_TOKEN_SIZE);
	jt_token_mint(JT_BRAND_DEFAULT, kind, value);
	jt_token_digest(value, strlen(value), k->digest[0]);
}

static void make_user(struct jt_table_user *u, const struct jt_id *org, const struct jt_id *role)
{
	*u = (struct jt_table_user){.org = *org, .id = world_id(), .role = *role, .active = true};
}

static void make_roles(struct world *w)
{
	const unsigned scope = find_scope(w->policy);

	w->bit = w->policy->scope[scope].bit;
	(void)snprintf(w->log->scope, sizeof(w->log->scope), "%s", w->policy->scope[scope].name);
	w->org = (struct jt_table_org){.id = world_id(), .owner = world_id(), .active = true};
	(void)jt_id_text(&w->org.id, w->log->org);
	w->elsewhere = world_id();
	w->strong = (struct jt_table_role){.org = w->org.id, .id = world_id(), .reach = JT_REACH_ORG};
	w->weak = (struct jt_table_role){.org = w->org.id, .id = world_id(), .reach = JT_REACH_ORG};
	w->confined = (struct jt_table_role){.org = w->org.id, .id = world_id(), .reach = JT_REACH_TEAMS};
	jt_scopes_add(&w->strong.scopes, w->bit);
	jt_scopes_add(&w->weak.scopes, w->policy->scope[scope ? 0 : 1].bit);
}

static void make_staff(struct world *w, struct staff *s)
{
	char value[JT_TOKEN_SIZE];

	s->role = w->strong;
	s->role.id = world_id();
	s->strong = s->role_there = s->user_there = s->has_role = true;
	make_user(&s->user, &w->org.id, &s->role.id);
	make_token(&s->personal, &w->org.id, JT_KIND_PERSONAL, &s->user.id, value);
	s->probe = add_probe(w, &(struct question){.what = "user"}, value);
	(void)add_probe(w, &(struct question){.what = "user, scope of the role", .scoped = true}, value);
	make_token(&s->custom, &w->org.id, JT_KIND_CUSTOM, &s->role.id, value);
	(void)add_probe(w, &(struct question){.what = "token, scope of the role", .scoped = true}, value);
	(void)add_probe(w, &(struct question){.what = "token of a role"}, value);
}

static void make_crew(struct world *w, unsigned i)
{
	struct crew *c = &w->crew[i];
	char value[JT_TOKEN_SIZE];

	c->team_there = c->member_there = c->member_strong = c->app_there = c->app_at_home = true;
	c->team = world_id();
	make_user(&c->user, &w->org.id, &w->confined.id);
	c->member = (struct jt_table_member){.org = w->org.id, .team = c->team, .user = c->user.id};
	c->app.org = w->org.id;
	(void)snprintf(c->app.name, sizeof(c->app.name), "app-%u", i);
	(void)snprintf(w->log->app[i], sizeof(w->log->app[i]), "%s", c->app.name);
	(void)jt_id_text(&c->team, w->log->team[i]);
	make_token(&c->personal, &w->org.id, JT_KIND_PERSONAL, &c->user.id, value);
	c->probe = add_probe(w, &(struct question){"member, on the app", true, PLACE_APP, i}, value);
	(void)add_probe(w, &(struct question){"member, on the team", true, PLACE_TEAM, i}, value);
	(void)add_probe(w, &(struct question){"member, no scope", false, PLACE_TEAM, i}, value);
	make_token(&c->limited, &w->org.id, JT_KIND_CUSTOM, &w->strong.id, value);
	c->limited.limited = true;
	c->limited.teams = 1;
	c->limited.team[0] = c->team;
	(void)add_probe(w, &(struct question){"limited, on the app", true, PLACE_APP, i}, value);
	(void)add_probe(w, &(struct question){"limited, on the team", true, PLACE_TEAM, i}, value);
	make_token(&w->steady[i], &w->org.id, JT_KIND_CUSTOM, &w->strong.id, value);
	(void)add_probe(w, &(struct question){"not limited, on the app", true, PLACE_APP, i}, value);
}

static void make_orgs(struct world *w)
{
	char value[JT_TOKEN_SIZE];

	for (unsigned i = 0; i < ORGS; i++) {
		struct branch *b = &w->branch[i];

		b->there = true;
		b->org = (struct jt_table_org){.id = world_id(), .owner = world_id(), .active = true};
		make_token(&b->token, &b->org.id, JT_KIND_CUSTOM, &w->strong.id, value);
		b->probe = add_probe(w, &(struct question){.what = "token of an org", .scoped = true}, value);
	}
	for (unsigned i = 0; i < OWNERS; i++) {
		struct firm *f = &w->firm[i];

		f->org = (struct jt_table_org){.id = world_id(), .active = true};
		for (unsigned n = 0; n < 2; n++) {
			make_user(&f->user[n], &f->org.id, &w->weak.id);
			make_token(&f->token[n], &f->org.id, JT_KIND_PERSONAL, &f->user[n].id, value);
			(void)add_probe(w, &(struct question){.what = "owner", .scoped = true}, value);
		}
		f->org.owner = f->user[0].id;
		f->probe = w->log->probes - 2;
	}
}

static void make_tokens(struct world *w, uint32_t probes)
{
	char value[JT_TOKEN_SIZE];
	uint32_t used;

	for (unsigned i = TEAMS; i < STEADY; i++) {
		make_token(&w->steady[i], &w->org.id, JT_KIND_CUSTOM, &w->strong.id, value);
		world_mark(&w->log->probe[add_probe(w, &(struct question){.what = "untouched", .scoped = true}, value)],
			EXPECT_ALLOW);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		make_token(&w->slot[i].token, &w->org.id, JT_KIND_CUSTOM, &w->strong.id, value);
	used = w->log->probes;
	while (w->log->probes < probes) {
		memset(value, 0, sizeof(value));
		jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CUSTOM, value);
		(void)add_probe(w, &(struct question){.what = "value", .scoped = true}, value);
	}
	w->log->probes = used; /* the others are given out as they are needed */
}

struct world *world_new(struct log *log, const char *dir, uint64_t seed, uint64_t changes, enum sabotage how)
{
	struct jt_table_options options = {.dir = dir, .brand = JT_BRAND_DEFAULT, .bound_s = JT_TABLE_BOUND_EMBEDDED_S};
	struct world *w = calloc(1, sizeof(*w));
	struct jt_catalogue_error error;
	struct jt_why why = {0};

	if (!w)
		return NULL;
	w->log = log;
	w->random = seed;
	w->sabotage = how;
	options.store = world_id();
	MUST(jt_secret_start());
	MUST(jt_catalogue_default(&w->policy, &error));
	MUST(jt_table_new(&options, &w->table, &why));
	make_roles(w);
	for (unsigned i = 0; i < STAFF; i++)
		make_staff(w, &w->staff[i]);
	for (unsigned i = 0; i < TEAMS; i++)
		make_crew(w, i);
	make_orgs(w);
	make_tokens(w, world_probes(changes));
	world_rebuild(w);
	for (unsigned i = 0; i < STAFF; i++)
		world_staff_marks(w, &w->staff[i]);
	for (unsigned i = 0; i < TEAMS; i++)
		world_crew_marks(w, &w->crew[i]);
	for (unsigned i = 0; i < ORGS; i++)
		world_mark(&w->log->probe[w->branch[i].probe], EXPECT_ALLOW);
	for (unsigned i = 0; i < OWNERS; i++)
		world_firm_marks(w, &w->firm[i]);
	return w;
}

void world_free(struct world *w)
{
	jt_table_free(w->table);
	jt_catalogue_free(w->policy);
	free(w);
}
