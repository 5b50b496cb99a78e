/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: an explanation says what libjeton answers, whatever is asked of whomever, names the one step that refused, and tells
 * nothing of the value; out of memory it says so; and while the table changes under it, it is of one moment. */
#include "alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"
#include "jeton.h"
#include "table/table.h"
#include "verify/explain.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEQ 42
#define BOUND_S 3600 /* the table is renewed once, and slow machines take their time */
#define HOLDERS_MAX 64
#define SETS 24
#define SET_MAX 4

static struct jt_policy *policy;
static struct jt_table *table;
static struct jeton *lib;
static char directory[64], path[80];
static struct jt_id org_a, org_b, org_off, team_own, team_other, team_of_b;
static struct jt_id custom, custom_teams, demoted;

static struct holder {
	char value[JT_TOKEN_SIZE];
	struct jt_id org, token;
} holder[HOLDERS_MAX];
static size_t holders;

/* Sets of scopes that are asked for: none, single ones of every mark, and some together. */
static const char *const sets[SETS][SET_MAX] = {{NULL}, {"findings:list"}, {"findings:update"}, {"org:read"},
	{"tokens:create"}, {"tokens:list"}, {"org:delete"}, {"org_owner:update"}, {"teams:update"}, {"apps:create"},
	{"policies:write"}, {"jira_issue:write"}, {"scans:create"}, {"seats:claim"}, {"no_such:scope"}, {"findings:*"},
	{"findings:list", "findings:update"}, {"findings:list", "no_such:scope", "org:delete"},
	{"org:delete", "no_such:scope"}, {"org:read", "findings:list"}, {"findings:list", "tokens:list"},
	{"apps:list", "project:read", "scans:read"}, {"scans:create", "scans:read", "policies:write", "org:read"},
	{"findings:update", "findings:update"}};

static struct jt_id fresh(void)
{
	return jt_id_new(jt_clock_ns());
}

static struct holder *put_token(struct jt_table_token *k)
{
	struct holder *h = &holder[holders++];

	assert_true(holders <= HOLDERS_MAX);
	k->id = fresh();
	k->values = 1;
	jt_token_mint(JT_BRAND_DEFAULT, k->kind, h->value);
	jt_token_digest(h->value, strlen(h->value), k->digest[0]);
	assert_int_equal(jt_table_put_token(table, k), JT_OK);
	h->org = k->org;
	h->token = k->id;
	return h;
}

static struct jt_id put_user(const struct jt_id *org, const struct jt_id *role, bool active, const struct jt_id *in_own)
{
	struct jt_table_user u = {.org = *org, .id = fresh(), .role = *role, .active = active};
	struct jt_table_token k = {.org = *org, .kind = JT_KIND_PERSONAL, .user = u.id};

	assert_int_equal(jt_table_put_user(table, &u), JT_OK);
	if (in_own) {
		struct jt_table_member m = {.org = *org, .team = team_own, .user = u.id, .role = *in_own};

		assert_int_equal(jt_table_put_member(table, &m), JT_OK);
	}
	(void)put_token(&k);
	return u.id;
}

static void put_org(const struct jt_id *org, const struct jt_id *owner, bool active)
{
	struct jt_table_org o = {.id = *org, .owner = *owner, .active = active};

	assert_int_equal(jt_table_put_org(table, &o), JT_OK);
}

static void put_app(const struct jt_id *org, const char *name, const struct jt_id *team)
{
	struct jt_table_app a = {.org = *org, .team = team ? *team : (struct jt_id){{0}}};

	(void)snprintf(a.name, sizeof(a.name), "%s", name);
	assert_int_equal(jt_table_put_app(table, &a), JT_OK);
}

static void put_roles(void)
{
	struct jt_table_role r = {.org = org_a, .id = custom = fresh(), .reach = JT_REACH_ORG};
	struct jt_table_role t = {.org = org_a, .id = custom_teams = fresh(), .reach = JT_REACH_TEAMS};

	for (unsigned i = 0; i < policy->scope_count; i++) {
		if (i % 2)
			jt_scopes_add(&r.scopes, policy->scope[i].bit);
		jt_scopes_add(&t.scopes, policy->scope[i].bit);
	}
	assert_int_equal(jt_table_put_role(table, &r), JT_OK);
	assert_int_equal(jt_table_put_role(table, &t), JT_OK);
}

static struct jt_id role_of(const char *alias)
{
	return jt_policy_role_by_alias(policy, JT_ALIAS_ORG, alias)->id;
}

/* Users of every org role, in a team and in none, disabled, and of an org that is. */
static void put_people(void)
{
	static const char *const alias[] = {"GUEST", "MEMBER", "POWER_USER", "TEAM_DEFINED", "SUPER_ADMIN"};
	struct jt_id role = role_of("SUPER_ADMIN"), in_team = role_of("MEMBER"), gone = fresh();
	struct jt_id owner = put_user(&org_a, &role, true, NULL);

	put_org(&org_a, &owner, true);
	for (size_t i = 0; i < sizeof(alias) / sizeof(*alias); i++) {
		role = role_of(alias[i]);
		(void)put_user(&org_a, &role, true, NULL);
		(void)put_user(&org_a, &role, true, &in_team);
	}
	(void)put_user(&org_a, &custom, true, &custom);
	(void)put_user(&org_a, &custom_teams, true, &in_team);
	(void)put_user(&org_a, &custom_teams, true, NULL);
	(void)put_user(&org_a, &gone, true, NULL);
	(void)put_user(&org_a, &role, false, NULL);
	(void)put_user(&org_off, &role, true, NULL);
	owner = put_user(&org_b, &role, true, NULL);
	put_org(&org_b, &owner, true);
	put_org(&org_off, &owner, false);
	role = role_of("POWER_USER");
	demoted = put_user(&org_a, &role, true, NULL);
}

/* Tokens of every kind: org-wide, limited, limited to what is gone; expired, revoked, about to expire. */
static void put_tokens(void)
{
	struct jt_id gone = fresh();
	struct jt_table_token k;

	for (unsigned i = 0; i < policy->role_count; i++) {
		if (policy->role[i].use != JT_ROLE_FOR_TOKENS)
			continue;
		k = (struct jt_table_token){.org = org_a, .kind = policy->role[i].kind, .role = policy->role[i].id};
		(void)put_token(&k);
		k.limited = true;
		k.team[k.teams++] = team_own;
		(void)put_token(&k);
		k.team[0] = gone;
		(void)put_token(&k);
	}
	k = (struct jt_table_token){.org = org_a, .kind = JT_KIND_CUSTOM, .role = custom};
	(void)put_token(&k);
	k.expires_s = jt_clock_s() + 3600;
	(void)put_token(&k);
	k.expires_s = jt_clock_s() - 3600;
	(void)put_token(&k);
	k.expires_s = 0;
	k.revoked = true;
	(void)put_token(&k);
	/* Damage, or a catalogue that was narrowed: the role has more than the kind may hold. */
	k = (struct jt_table_token){.org = org_a, .kind = JT_KIND_CI, .role = custom};
	(void)put_token(&k);
	k = (struct jt_table_token){.org = org_b, .kind = JT_KIND_CUSTOM, .role = custom};
	(void)put_token(&k);
}

static int set_up(void **state)
{
	const struct jt_table_sizes none = {0};
	struct jt_table_options options = {.brand = JT_BRAND_DEFAULT, .bound_s = BOUND_S};
	struct jt_catalogue_error error;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "/dev/shm/jeton-explain-XXXXXX");
	if (jt_secret_start() != JT_OK || !mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" JT_TABLE_FILE, directory);
	options.dir = directory;
	if (jt_catalogue_default(&policy, &error) != JT_OK || jt_table_new(&options, &table, NULL) != JT_OK ||
		jt_table_rebuild(table, policy, &none) != JT_OK)
		return -1;
	org_a = fresh(), org_b = fresh(), org_off = fresh();
	team_own = fresh(), team_other = fresh(), team_of_b = fresh();
	if (jt_table_put_team(table, &org_a, &team_own) != JT_OK ||
		jt_table_put_team(table, &org_a, &team_other) != JT_OK ||
		jt_table_put_team(table, &org_b, &team_of_b) != JT_OK)
		return -1;
	put_roles();
	put_people();
	put_tokens();
	put_app(&org_a, "own", &team_own);
	put_app(&org_a, "other", &team_other);
	put_app(&org_a, "loose", NULL);
	put_app(&org_a, "twin", &team_other);
	put_app(&org_b, "twin", &team_of_b);
	put_app(&org_b, "foreign", &team_of_b);
	if (jt_table_publish(table, SEQ, 1) != JT_OK)
		return -1;
	jt_table_renew(table, jt_clock_mono_ns());
	return jeton_open(path, &lib) == JETON_ALLOWED ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	jeton_close(lib);
	jt_table_free(table);
	jt_catalogue_free(policy);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command) == 0 ? 0 : -1;
}

/* ---- the same question, asked of both */

static size_t seen[JT_STEP_COUNT];
static struct jt_id own_org; /* of the token that is asked about: where places are looked for if no org is named */

/* Up to the step that refused all passed, and none was reached after it. */
static void check_steps(const struct jt_explanation *e)
{
	bool on = true;

	for (unsigned i = 0; i < JT_EXPLAIN_STEP_COUNT; i++) {
		const struct jt_explain_step *s = &e->steps[i];

		assert_int_equal(s->outcome, !on                  ? JT_EXPLAIN_NOT_REACHED
					     : s->step == e->step ? JT_EXPLAIN_REFUSED
								  : JT_EXPLAIN_PASSED);
		assert_true((s->text[0] != '\0') == on);
		on = on && s->step != e->step;
	}
	assert_true(on == (e->step == JT_STEP_ALLOWED));
	assert_true(e->conclusion[0] != '\0');
}

/* Nothing of the value but the letter of its kind: no six characters of it, anywhere in what would be shown. */
static void check_silence(const struct jt_explanation *e, const char *value)
{
	const char *secret = strchr(value, '_');
	const char *bytes = (const char *)e;

	for (size_t at = 0; secret && at + 7 <= strlen(secret); at++)
		assert_null(memmem(bytes, sizeof(*e), secret + 1 + at, 6));
}

/* What libjeton answers, as the name of a step. */
static const char *ask_lib(const struct jt_explain_ask *ask, size_t *missing)
{
	char org_text[JT_ID_TEXT_SIZE], of_text[JT_ID_TEXT_SIZE], team_text[JT_ID_TEXT_SIZE];
	struct jeton_scope *scope[SET_MAX] = {NULL};
	struct jeton_request request = {
		.scopes = scope, .scope_count = ask->scope_count, .min_seq = ask->min_seq, .org = NULL};
	struct jeton_answer answer;

	(void)jt_id_text(ask->org ? ask->org : &org_a, org_text);
	(void)jt_id_text(&ask->team, team_text);
	(void)jt_id_text(ask->org ? ask->org : &own_org, of_text);
	for (size_t i = 0; i < ask->scope_count; i++)
		assert_int_equal(jeton_scope_new(lib, ask->scopes[i], &scope[i]), JETON_ALLOWED);
	if (ask->org)
		assert_int_equal(jeton_org_new(lib, org_text, &request.org), JETON_ALLOWED);
	if (ask->place == JT_PLACE_APP)
		assert_int_equal(jeton_app_new(lib, of_text, ask->app, &request.app), JETON_ALLOWED);
	if (ask->place == JT_PLACE_TEAM)
		assert_int_equal(jeton_team_new(lib, of_text, team_text, &request.team), JETON_ALLOWED);
	(void)jeton_verify(lib, ask->token, ask->length, &request, &answer);
	for (size_t i = 0; i < ask->scope_count; i++)
		jeton_scope_free(scope[i]);
	jeton_org_free(request.org);
	jeton_app_free(request.app);
	jeton_team_free(request.team);
	*missing = answer.missing;
	return answer.reason;
}

static void compare(const struct jt_explain_ask *ask)
{
	struct jt_explanation *e = NULL;
	size_t missing = 0;
	const char *answered = ask_lib(ask, &missing);

	assert_int_equal(jt_explain(jt_table_view(table), ask, &e), JT_OK);
	if (strcmp(jt_step_name(e->step), answered) != 0)
		fail_msg("explained as %s, answered %s: %s", jt_step_name(e->step), answered, e->conclusion);
	assert_int_equal(e->missing, e->step == JT_STEP_ALLOWED ? 0 : missing);
	check_steps(e);
	if (ask->place == JT_PLACE_ORG && ask->scope_count <= 1)
		check_silence(e, ask->token);
	seen[e->step]++;
	free(e);
}

static void compare_places(struct jt_explain_ask ask)
{
	static const char *const app[] = {"own", "other", "loose", "twin", "foreign", "none"};
	const struct jt_id *const team[] = {&team_own, &team_other, &team_of_b, &org_a};

	compare(&ask);
	ask.place = JT_PLACE_APP;
	for (size_t i = 0; i < sizeof(app) / sizeof(*app); i++) {
		ask.app = app[i];
		compare(&ask);
	}
	ask.app = NULL;
	ask.place = JT_PLACE_TEAM;
	for (size_t i = 0; i < sizeof(team) / sizeof(*team); i++) {
		ask.team = *team[i];
		compare(&ask);
	}
}

static void compare_sets(struct jt_explain_ask ask)
{
	for (size_t s = 0; s < SETS; s++) {
		ask.scopes = sets[s];
		for (ask.scope_count = 0; ask.scope_count < SET_MAX && sets[s][ask.scope_count];)
			ask.scope_count++;
		compare_places(ask);
	}
}

/* Every holder, in every place, for every set of scopes, asked with and without an org. */
static void everything_agrees(void **state)
{
	const struct jt_id *const orgs[] = {&org_a, NULL, &org_b};

	(void)state;
	for (size_t h = 0; h < holders; h++) {
		own_org = holder[h].org;
		for (size_t o = 0; o < 3; o++) {
			struct jt_explain_ask ask = {
				.token = holder[h].value, .length = strlen(holder[h].value), .org = orgs[o]};

			compare_sets(ask);
		}
	}
	for (unsigned s = 0; s < JT_STEP_STALE; s++) {
		bool elsewhere = s == JT_STEP_SHAPE || s == JT_STEP_CHECKSUM || s == JT_STEP_UNKNOWN ||
				 s == JT_STEP_NOT_YET_VALID || s == JT_STEP_BEHIND;

		if ((seen[s] > 0) == elsewhere)
			fail_msg("%zu times %s", seen[s], jt_step_name((enum jt_step)s));
	}
}

static void ask_text(const char *text, enum jt_step wanted)
{
	struct jt_explain_ask ask = {.token = text, .length = strlen(text)};

	seen[wanted] = 0;
	compare_sets(ask);
	assert_int_equal(seen[wanted], SETS * 11);
}

/* What is no token of ours: by its shape, by its checksum, and one that nobody made here. */
static void strangers_agree(void **state)
{
	char value[JT_TOKEN_SIZE], damaged[JT_TOKEN_SIZE];
	char longer[3 * JT_TOKEN_SIZE];

	(void)state;
	jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_JIRA, value);
	ask_text(value, JT_STEP_UNKNOWN);
	(void)snprintf(damaged, sizeof(damaged), "%s", value);
	damaged[10] = damaged[10] == 'a' ? 'b' : 'a';
	ask_text(damaged, JT_STEP_CHECKSUM);
	(void)snprintf(damaged, sizeof(damaged), "%s", holder[0].value);
	damaged[20] = damaged[20] == 'a' ? 'b' : 'a';
	ask_text(damaged, JT_STEP_CHECKSUM);
	ask_text("", JT_STEP_SHAPE);
	ask_text("jtn", JT_STEP_SHAPE);
	ask_text("ghp_0123456789", JT_STEP_SHAPE);
	(void)snprintf(longer, sizeof(longer), "%s%s", value, value);
	ask_text(longer, JT_STEP_SHAPE);
}

static void watermarks_agree(void **state)
{
	struct jt_explain_ask ask = {.token = holder[0].value, .length = strlen(holder[0].value), .min_seq = SEQ};

	(void)state;
	own_org = holder[0].org;
	compare_places(ask);
	seen[JT_STEP_BEHIND] = 0;
	ask.min_seq = SEQ + 1;
	compare_places(ask);
	assert_int_equal(seen[JT_STEP_BEHIND], 11);
}

static struct jt_explanation *explain(struct jt_explain_ask ask)
{
	struct jt_explanation *e = NULL;

	ask.length = strlen(ask.token);
	assert_int_equal(jt_explain(jt_table_view(table), &ask, &e), JT_OK);
	return e;
}

static struct jt_id only;

static bool hides_all_but(void *context, const struct jt_id *org, const struct jt_id *token)
{
	assert_ptr_equal(context, &only);
	assert_false(jt_id_is_none(org));
	return !jt_id_equal(token, &only);
}

/* A token that the one who asks must not know is explained byte by byte as one that does not exist. */
static void what_is_hidden_is_unknown(void **state)
{
	char value[JT_TOKEN_SIZE];
	struct jt_explain_ask ask = {.hides = hides_all_but, .context = &only, .scopes = sets[1], .scope_count = 1};
	struct jt_explanation *known = NULL, *unknown = NULL;

	(void)state;
	only = holder[1].token;
	for (size_t h = 0; h < holders; h++) {
		jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CI, value);
		value[strlen(JT_BRAND_DEFAULT)] = holder[h].value[strlen(JT_BRAND_DEFAULT)];
		ask.token = holder[h].value;
		known = explain(ask);
		assert_int_equal(known->step == JT_STEP_UNKNOWN, h != 1);
		if (h != 1 && holder[h].value[strlen(JT_BRAND_DEFAULT)] == 'c') {
			jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CI, value);
			ask.token = value;
			unknown = explain(ask);
			unknown->now_s = known->now_s;
			memcpy(unknown->steps[0].text, known->steps[0].text, sizeof(known->steps[0].text));
			assert_memory_equal(known, unknown, sizeof(*known));
			free(unknown);
		}
		free(known);
	}
}

/* To one who may not know of all places, one that the token does not see is as one that is not there. */
static void what_is_not_seen_is_not_told(void **state)
{
	struct jt_explain_ask ask = {.discreet = true, .place = JT_PLACE_APP};
	static const char *const app[] = {"other", "loose", "none"};
	struct jt_explanation *e[3];
	size_t refused = 0;

	(void)state;
	for (size_t h = 0; h < holders; h++) {
		ask.token = holder[h].value;
		for (size_t i = 0; i < 3; i++) {
			ask.app = app[i];
			e[i] = explain(ask);
			refused += i < 2 && e[i]->step == JT_STEP_NOT_VISIBLE;
			e[i]->now_s = 0;
			memset(e[i]->steps[0].text, 0, sizeof(e[i]->steps[0].text));
			memset(e[i]->steps[8].text, 0, sizeof(e[i]->steps[8].text)); /* how long from now */
		}
		for (size_t i = 0; i < 2; i++) {
			if (e[i]->step == JT_STEP_NOT_VISIBLE)
				assert_memory_equal(e[i], e[2], sizeof(*e[i]));
		}
		for (size_t i = 0; i < 3; i++)
			free(e[i]);
	}
	assert_true(refused >= 20);
}

static enum jt_result explain_and_free(void *arg)
{
	struct jt_explanation *e = NULL;
	enum jt_result r = jt_explain(jt_table_view(table), arg, &e);

	assert_true((e != NULL) == (r == JT_OK));
	free(e);
	return r;
}

static void out_of_memory(void **state)
{
	struct jt_explain_ask ask = {.token = holder[0].value,
		.length = strlen(holder[0].value),
		.scopes = sets[16],
		.scope_count = 2,
		.place = JT_PLACE_APP,
		.app = "own"};

	(void)state;
	assert_true(alloc_fail_each(explain_and_free, &ask) >= 2);
	ask.scope_count = JT_EXPLAIN_SCOPES_MAX + 1;
	assert_int_equal(explain_and_free(&ask), JT_TOO_LONG);
}

static _Atomic bool stop;

/* A user who goes up and down. */
static void *change(void *arg)
{
	struct jt_table_user u = {.org = org_a, .id = demoted, .active = true};

	(void)arg;
	for (unsigned i = 0; !stop; i++) {
		u.role = role_of(i % 2 ? "POWER_USER" : "TEAM_DEFINED");
		if (jt_table_put_user(table, &u) != JT_OK)
			return (void *)1;
	}
	return NULL;
}

/* What is told while roles change is true of one moment: the decision and the role beside it belong together. */
static void changes_under_it(void **state)
{
	struct jt_explain_ask ask = {.token = holder[holders - 1].value, .scopes = sets[10], .scope_count = 1};
	size_t told[2] = {0};
	void *failed = NULL;
	pthread_t writer;

	(void)state;
	for (size_t h = 0; h < holders; h++) {
		struct jt_table_token k;

		if (jt_view_token(jt_table_view(table), &org_a, &holder[h].token, &k) && jt_id_equal(&k.user, &demoted))
			ask.token = holder[h].value;
	}
	ask.length = strlen(ask.token);
	assert_int_equal(pthread_create(&writer, NULL, change, NULL), 0);
	for (unsigned i = 0; i < 4000; i++) {
		struct jt_explanation *e = NULL;
		enum jt_result r = jt_explain(jt_table_view(table), &ask, &e);

		assert_true(r == JT_OK || r == JT_BUSY);
		if (r == JT_OK) {
			bool power = strcmp(e->role.name, "Power User") == 0;

			assert_int_equal(e->step, power ? JT_STEP_ALLOWED : JT_STEP_SCOPE);
			told[power]++;
		}
		free(e);
	}
	stop = true;
	assert_int_equal(pthread_join(writer, &failed), 0);
	assert_null(failed);
	assert_true(told[0] > 0 && told[1] > 0);
}

/* Last, for it ends the table. */
static void a_table_that_is_not_believed(void **state)
{
	struct jt_explain_ask ask = {.token = holder[0].value};
	struct jt_explanation *e = NULL;

	(void)state;
	jt_table_poison(table);
	e = explain(ask);
	assert_int_equal(e->step, JT_STEP_STALE);
	check_steps(e);
	assert_false(e->known);
	free(e);
	ask.length = strlen(ask.token);
	compare(&ask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(everything_agrees), cmocka_unit_test(strangers_agree),
		cmocka_unit_test(watermarks_agree), cmocka_unit_test(what_is_hidden_is_unknown),
		cmocka_unit_test(what_is_not_seen_is_not_told), cmocka_unit_test(out_of_memory),
		cmocka_unit_test(changes_under_it), cmocka_unit_test(a_table_that_is_not_believed)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
