/* SPDX-License-Identifier: Apache-2.0 */
#include "asked.h"

#include "authority/rules.h"
#include "base/clock.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"
#include "policy/decide.h"
#include "verify/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every (role or kind) x (place) x (scope), decided by the real table, verifier and rules, one line each:
 *     decide HOLDER PLACE SCOPE STEP
 *     give   HOLDER REACH SCOPE RESULT
 * and the same asked of libjeton, in the lines of asked.h. test_matrix.py compares all of them with a model of its own. */

#define MANAGED_MAX 16
#define ROLE_MAX 64

static struct jt_policy *policy;
static struct jt_table *table;
static struct jt_verify *verify;
static struct jt_id org_a, org_b, team_own, team_other, team_of_b;
static struct jt_id custom_all, custom_odd, custom_teams, custom_gone;
static char dir[] = "/dev/shm/jeton-matrix-XXXXXX";

#define MUST(call) \
	do { \
		if ((call) != JT_OK) { \
			fprintf(stderr, "matrix: %s failed\n", #call); \
			exit(2); \
		} \
	} while (0)

static struct jt_id fresh(void)
{
	return jt_id_new(jt_clock_ns());
}

struct holder {
	char name[80];
	char value[JT_TOKEN_SIZE];
	struct jt_caller caller;
};

static struct holder holder[256];
static size_t holders;

/* A token record with one value; `h` gets it. */
static void put_token(struct holder *h, struct jt_table_token *k)
{
	k->org = org_a;
	k->id = fresh();
	k->values = 1;
	jt_token_mint(JT_BRAND_DEFAULT, k->kind, h->value);
	jt_token_digest(h->value, strlen(h->value), k->digest[0]);
	MUST(jt_table_put_token(table, k));
}

struct named_role {
	const char *name;
	struct jt_id id;
};

static void add_user(const struct named_role *role, const struct named_role *in_team, bool owner)
{
	struct holder *h = &holder[holders++];
	struct jt_table_user u = {.org = org_a, .id = fresh(), .role = role->id, .active = true};
	struct jt_table_token k = {.kind = JT_KIND_PERSONAL, .user = u.id};

	snprintf(h->name, sizeof(h->name), "user/%s/%s", owner ? "OWNER" : role->name, in_team ? in_team->name : "-");
	if (owner) {
		struct jt_table_org o = {.id = org_a, .owner = u.id, .active = true};

		MUST(jt_table_put_org(table, &o));
	}
	MUST(jt_table_put_user(table, &u));
	put_token(h, &k);
	if (in_team) {
		struct jt_table_member m = {.org = org_a, .team = team_own, .user = u.id, .role = in_team->id};

		MUST(jt_table_put_member(table, &m));
	}
}

static void add_token(enum jt_kind kind, const struct named_role *role, bool limited, bool orphan)
{
	struct holder *h = &holder[holders++];
	struct jt_table_token k = {.kind = kind, .role = role->id, .limited = limited};

	if (limited && !orphan)
		k.team[k.teams++] = team_own;
	snprintf(h->name, sizeof(h->name), "token/%s/%s", kind == JT_KIND_CUSTOM ? role->name : jt_kind_name(kind),
		orphan    ? "orphan"
		: limited ? "limited"
			  : "org");
	put_token(h, &k);
}

/* Custom roles: everything, every second scope in the order of names, every third with reach teams; and one of everything that
 * is dropped while it is held. */
static void put_custom_roles(void)
{
	struct jt_table_role all = {.org = org_a, .id = custom_all = fresh(), .reach = JT_REACH_ORG};
	struct jt_table_role odd = {.org = org_a, .id = custom_odd = fresh(), .reach = JT_REACH_ORG};
	struct jt_table_role teams = {.org = org_a, .id = custom_teams = fresh(), .reach = JT_REACH_TEAMS};

	for (unsigned i = 0; i < policy->scope_count; i++) {
		unsigned bit = policy->scope[policy->by_name[i]].bit;

		jt_scopes_add(&all.scopes, bit);
		if (i % 2 == 1)
			jt_scopes_add(&odd.scopes, bit);
		if (i % 3 == 0)
			jt_scopes_add(&teams.scopes, bit);
	}
	MUST(jt_table_put_role(table, &all));
	all.id = custom_gone = fresh();
	MUST(jt_table_put_role(table, &all));
	MUST(jt_table_put_role(table, &odd));
	MUST(jt_table_put_role(table, &teams));
}

static void put_app(const struct jt_id *org, const char *name, const struct jt_id *team)
{
	struct jt_table_app a = {.org = *org};

	if (team)
		a.team = *team;
	snprintf(a.name, sizeof(a.name), "%s", name);
	MUST(jt_table_put_app(table, &a));
}

static void put_places(void)
{
	const struct jt_table_org a = {.id = org_a, .owner = fresh(), .active = true};
	const struct jt_table_org b = {.id = org_b, .owner = fresh(), .active = true};

	/* An org is there before what is in it; its owner comes later. */
	MUST(jt_table_put_org(table, &a));
	MUST(jt_table_put_org(table, &b));
	MUST(jt_table_put_team(table, &org_a, &team_own));
	MUST(jt_table_put_team(table, &org_a, &team_other));
	MUST(jt_table_put_team(table, &org_b, &team_of_b));
	put_app(&org_a, "app-own", &team_own);
	put_app(&org_a, "app-other", &team_other);
	put_app(&org_a, "app-loose", NULL);
	put_app(&org_b, "app-of-b", &team_of_b);
	/* The same name in both orgs, on different sides of the fence. */
	put_app(&org_a, "app-twin", &team_other);
	put_app(&org_b, "app-twin", &team_of_b);
}

static void put_holders(void)
{
	struct named_role org_role[MANAGED_MAX], in_team[MANAGED_MAX];
	size_t roles = 0, team_roles = 0;

	for (unsigned i = 0; i < policy->role_count; i++) {
		const struct jt_role *r = &policy->role[i];

		if (r->use != JT_ROLE_FOR_USERS)
			continue;
		org_role[roles++] = (struct named_role){r->alias[0], r->id};
		for (unsigned a = 0; a < r->team_aliases; a++)
			in_team[team_roles++] = (struct named_role){r->team_alias[a], r->id};
	}
	org_role[roles++] = (struct named_role){"custom-all", custom_all};
	org_role[roles++] = (struct named_role){"custom-odd", custom_odd};
	org_role[roles++] = (struct named_role){"custom-teams", custom_teams};
	org_role[roles++] = (struct named_role){"custom-gone", custom_gone};
	in_team[team_roles++] = (struct named_role){"custom-odd", custom_odd};
	in_team[team_roles++] = (struct named_role){"custom-all", custom_all};
	for (size_t i = 0; i < roles; i++) {
		add_user(&org_role[i], NULL, false);
		for (size_t t = 0; t < team_roles; t++)
			add_user(&org_role[i], &in_team[t], false);
	}
	for (unsigned i = 0; i < policy->role_count; i++)
		if (policy->role[i].super_admin) {
			struct named_role admin = {"SUPER_ADMIN", policy->role[i].id};

			add_user(&admin, NULL, true);
		}
	for (int limited = 0; limited < 3; limited++) {
		for (unsigned i = 0; i < policy->role_count; i++) {
			const struct jt_role *r = &policy->role[i];
			struct named_role named = {r->name, r->id};

			if (r->use == JT_ROLE_FOR_TOKENS)
				add_token(r->kind, &named, limited > 0, limited == 2);
		}
		for (size_t i = roles - 4; i < roles; i++)
			add_token(JT_KIND_CUSTOM, &org_role[i], limited > 0, limited == 2);
	}
}

static void decide(struct holder *h, const char *name, const struct jt_place *place, const char *scope)
{
	struct jt_grant grant;

	jt_verify_grant(verify, &h->caller, place, &grant);
	printf("decide %s %s %s %s\n", h->name, name, scope,
		jt_step_name(jt_decide_scopes(policy, &grant, &scope, 1, NULL)));
}

static void decide_all(struct holder *h)
{
	static const struct {
		const char *name, *app;
		enum jt_place_kind kind;
		const struct jt_id *team;
	} places[] = {{"org", "", JT_PLACE_ORG, NULL}, {"team-own", "", JT_PLACE_TEAM, &team_own},
		{"team-other", "", JT_PLACE_TEAM, &team_other}, {"team-of-b", "", JT_PLACE_TEAM, &team_of_b},
		{"team-none", "", JT_PLACE_TEAM, &org_a}, {"app-own", "app-own", JT_PLACE_APP, NULL},
		{"app-other", "app-other", JT_PLACE_APP, NULL}, {"app-loose", "app-loose", JT_PLACE_APP, NULL},
		{"app-of-b", "app-of-b", JT_PLACE_APP, NULL}, {"app-twin", "app-twin", JT_PLACE_APP, NULL},
		{"app-none", "app-none", JT_PLACE_APP, NULL}};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct jt_place place = {.kind = places[i].kind};

		if (places[i].team)
			place.team = *places[i].team;
		snprintf(place.app, sizeof(place.app), "%s", places[i].app);
		for (unsigned s = 0; s < policy->scope_count; s++)
			decide(h, places[i].name, &place, policy->scope[s].name);
		decide(h, places[i].name, &place, "no_such:scope");
	}
}

/* The org's own gate: a token of A at B, whatever it holds. */
static void decide_other_org(struct holder *h)
{
	struct jt_caller caller;
	enum jt_step step = jt_verify_token(verify, h->value, strlen(h->value), &caller);
	struct jt_facts facts = {.shape = JT_SHAPE_OK, .known = true, .org_active = true, .user_active = true};

	if (step == JT_STEP_ALLOWED) {
		facts.same_org = jt_id_equal(&caller.org, &org_b);
		step = jt_decide_token(&facts, jt_clock_s());
	}
	printf("decide %s org-b * %s\n", h->name, jt_step_name(step));
}

static void give(struct holder *h, const char *name, const struct jt_extent *extent, unsigned scope)
{
	struct jt_tx tx = {.verify = verify, .policy = policy, .now_ns = jt_clock_ns()};
	struct jt_actor who = {.how = JT_ACTOR_TOKEN, .caller = h->caller};
	struct jt_scopes one = {{0}};
	struct jt_why why = {0};

	jt_scopes_add(&one, policy->scope[scope].bit);
	printf("give %s %s %s %s\n", h->name, name, policy->scope[scope].name,
		jt_result_code(jt_rule_ceiling(&tx, &who, &one, extent, &why)));
}

static void give_all(struct holder *h)
{
	const struct jt_extent org = {.reach = JT_REACH_ORG};
	const struct jt_extent own = {.reach = JT_REACH_TEAMS, .team = &team_own, .teams = 1};
	const struct jt_extent other = {.reach = JT_REACH_TEAMS, .team = &team_other, .teams = 1};
	const struct jt_id both_teams[] = {team_own, team_other};
	const struct jt_extent both = {.reach = JT_REACH_TEAMS, .team = both_teams, .teams = 2};
	const struct jt_extent foreign = {.reach = JT_REACH_TEAMS, .team = &team_of_b, .teams = 1};

	for (unsigned s = 0; s < policy->scope_count; s++) {
		give(h, "org", &org, s);
		give(h, "team-own", &own, s);
		give(h, "team-other", &other, s);
		give(h, "both-teams", &both, s);
		give(h, "team-of-b", &foreign, s);
	}
}

static void remove_dir(void)
{
	static const char *const files[] = {"table", "table.new", "table.old", "lock"};
	char path[sizeof(dir) + 16];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

/* The places of decide_all as libjeton is asked about them; and, at the end, what is named within the other org. */
static void open_asked(void)
{
	char a[JT_ID_TEXT_SIZE], b[JT_ID_TEXT_SIZE], own[JT_ID_TEXT_SIZE], other[JT_ID_TEXT_SIZE],
		of_b[JT_ID_TEXT_SIZE];
	const struct asked_place place[] = {{"org", a, NULL, NULL}, {"team-own", a, NULL, own},
		{"team-other", a, NULL, other}, {"team-of-b", a, NULL, of_b}, {"team-none", a, NULL, a},
		{"app-own", a, "app-own", NULL}, {"app-other", a, "app-other", NULL},
		{"app-loose", a, "app-loose", NULL}, {"app-of-b", a, "app-of-b", NULL},
		{"app-twin", a, "app-twin", NULL}, {"app-none", a, "app-none", NULL}, {"b/team-own", b, NULL, own},
		{"b/team-of-b", b, NULL, of_b}, {"b/app-of-b", b, "app-of-b", NULL},
		{"b/app-twin", b, "app-twin", NULL}};
	char path[sizeof(dir) + 16];

	(void)jt_id_text(&org_a, a);
	(void)jt_id_text(&org_b, b);
	(void)jt_id_text(&team_own, own);
	(void)jt_id_text(&team_other, other);
	(void)jt_id_text(&team_of_b, of_b);
	snprintf(path, sizeof(path), "%s/" JT_TABLE_FILE, dir);
	asked_open(path, policy, place, sizeof(place) / sizeof(*place));
}

static void ask_all(struct holder *h)
{
	char b[JT_ID_TEXT_SIZE];
	struct jt_id *team = NULL;
	size_t teams = 0;

	(void)jt_id_text(&org_b, b);
	MUST(jt_verify_teams(verify, &h->caller, &team, &teams));
	asked_holder(h->name, h->value, &h->caller, team, teams);
	asked_other_org(h->name, h->value, b);
	free(team);
}

static void make_table(void)
{
	const struct jt_table_options options = {
		.dir = dir, .brand = JT_BRAND_DEFAULT, .bound_s = JT_TABLE_BOUND_EMBEDDED_S};
	const struct jt_table_sizes none = {0};

	MUST(jt_table_new(&options, &table, NULL));
	MUST(jt_table_rebuild(table, policy, &none));
	MUST(jt_verify_new(table, policy, JT_BRAND_DEFAULT, &verify));
	org_a = fresh(), org_b = fresh(), team_own = fresh(), team_other = fresh(), team_of_b = fresh();
	put_places();
	put_custom_roles();
	put_holders();
	jt_table_drop_role(table, &org_a, &custom_gone);
	MUST(jt_table_publish(table, 1, 1));
}

int main(void)
{
	struct jt_catalogue_error error;

	MUST(jt_secret_start());
	MUST(jt_catalogue_default(&policy, &error));
	if (!mkdtemp(dir) || atexit(remove_dir) != 0)
		return 2;
	make_table();
	open_asked();
	for (size_t i = 0; i < holders; i++) {
		struct holder *h = &holder[i];

		jt_table_renew(table, jt_clock_mono_ns());
		if (jt_verify_token(verify, h->value, strlen(h->value), &h->caller) != JT_STEP_ALLOWED) {
			fprintf(stderr, "matrix: %s is not let in\n", h->name);
			return 2;
		}
		decide_all(h);
		decide_other_org(h);
		give_all(h);
		ask_all(h);
	}
	asked_close();
	jt_verify_free(verify);
	jt_table_free(table);
	jt_catalogue_free(policy);
	return 0;
}
