/* SPDX-License-Identifier: Apache-2.0 */
#include "asked.h"

#include "jeton.h"

#include "verify/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 32
#define PAIR_STRIDE 7 /* from a scope to the one that it is asked together with */
#define UNKNOWN_SCOPE "no_such:scope"
#define TEAMS_MAX 8

static struct jeton *j;
static const struct jt_policy *policy;
static struct {
	const char *name;
	struct jeton_org *org;
	struct jeton_app *app;
	struct jeton_team *team;
} at[PLACES_MAX];
static size_t places;
static struct {
	const char *name;
	struct jeton_scope *scope;
} asked[JT_SCOPES_MAX + 1];
static size_t scopes;

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "matrix: libjeton: %s\n", what);
	exit(2);
}

static void intern(const char *name)
{
	must(jeton_scope_new(j, name, &asked[scopes].scope) == JETON_ALLOWED, name);
	asked[scopes++].name = name;
}

void asked_open(const char *table, const struct jt_policy *p, const struct asked_place *place, size_t count)
{
	must(jeton_open(table, &j) == JETON_ALLOWED, "the table does not open");
	policy = p;
	for (unsigned s = 0; s < p->scope_count; s++)
		intern(p->scope[s].name);
	intern(UNKNOWN_SCOPE);
	must(count <= PLACES_MAX, "too many places");
	for (places = 0; places < count; places++) {
		at[places].name = place[places].name;
		must(jeton_org_new(j, place[places].org, &at[places].org) == JETON_ALLOWED, "org");
		must(!place[places].app || jeton_app_new(j, place[places].org, place[places].app, &at[places].app) ==
						   JETON_ALLOWED,
			"app");
		must(!place[places].team || jeton_team_new(j, place[places].org, place[places].team,
						    &at[places].team) == JETON_ALLOWED,
			"team");
	}
}

void asked_close(void)
{
	for (size_t i = 0; i < places; i++) {
		jeton_org_free(at[i].org);
		jeton_app_free(at[i].app);
		jeton_team_free(at[i].team);
	}
	for (size_t i = 0; i < scopes; i++)
		jeton_scope_free(asked[i].scope);
	jeton_close(j);
}

static void ask(const char *holder, const char *value, size_t place, size_t scope)
{
	const struct jeton_request one = {
		.scopes = &asked[scope].scope, .scope_count = 1, .app = at[place].app, .team = at[place].team};
	struct jeton_answer answer;
	enum jeton_result r = jeton_verify(j, value, strlen(value), &one, &answer);

	must(answer.as_of == 1 && answer.expires_s == 0 && answer.missing == 0, "as_of, expires_s or missing");
	must(jeton_verify(j, value, strlen(value), &one, NULL) == r, "without an answer it is another");
	printf("ask %s %s %s %s:%d\n", holder, at[place].name, asked[scope].name, answer.reason, (int)r);
}

static void ask_pair(const char *holder, const char *value, size_t place, size_t scope)
{
	size_t with = (scope + PAIR_STRIDE) % scopes;
	struct jeton_scope *const list[] = {asked[scope].scope, asked[with].scope};
	const struct jeton_request two = {
		.org = at[0].org, .scopes = list, .scope_count = 2, .app = at[place].app, .team = at[place].team};
	struct jeton_answer answer;
	enum jeton_result r = jeton_verify(j, value, strlen(value), &two, &answer);

	printf("pair %s %s %s,%s %s:%d:%zu\n", holder, at[place].name, asked[scope].name, asked[with].name,
		answer.reason, (int)r, answer.missing);
}

static void print_set(const char *holder, const char *value, size_t place)
{
	const struct jt_view *v = atomic_load(&j->view);
	const struct jeton_request here = {.app = at[place].app, .team = at[place].team};
	static const struct jeton_request nothing;
	uint8_t digest[JT_DIGEST_SIZE];
	struct jt_asked found;
	struct jt_grant grant;

	jt_token_digest(value, strlen(value), digest);
	must(jt_ask_view(v, digest, &nothing, &found) == JT_STEP_ALLOWED, "a holder is not let in");
	jt_ask_grant(v, &found, &here, &grant);
	for (size_t s = 0; s < scopes; s++)
		printf("set %s %s %s %s\n", holder, at[place].name, asked[s].name,
			jt_step_name(jt_decide_scopes(policy, &grant, &asked[s].name, 1, NULL)));
}

static bool is_id(const char *text, const struct jt_id *id)
{
	char should[JT_ID_TEXT_SIZE] = "";

	if (!jt_id_is_none(id))
		(void)jt_id_text(id, should);
	return strcmp(text, should) == 0;
}

static bool is_among(const struct jt_id *team, size_t teams, const char *id)
{
	for (size_t i = 0; i < teams; i++) {
		if (is_id(id, &team[i]))
			return true;
	}
	return false;
}

/* Those of the verifier, each once; nothing for who is not confined. */
static bool same_teams(const struct jeton_answer *answer, bool confined, const struct jt_id *team, size_t teams)
{
	char ids[TEAMS_MAX][JETON_ID_SIZE];
	size_t count = 0;
	enum jeton_result r = jeton_answer_teams(j, answer, ids, TEAMS_MAX, &count);

	if (!confined)
		return r == JETON_BAD_ARGUMENT && count == 0;
	for (size_t i = 0; i < count && i < TEAMS_MAX; i++) {
		if (!is_among(team, teams, ids[i]) || (i > 0 && strcmp(ids[i], ids[i - 1]) == 0))
			return false;
	}
	return r == JETON_ALLOWED && count == teams;
}

static const char *what_differs(const char *value, const struct jt_caller *who, const struct jt_id *team, size_t teams)
{
	char id[JETON_ID_SIZE];
	const char *kind = NULL;
	struct jeton_answer answer;

	must(jeton_verify(j, value, strlen(value), NULL, &answer) == JETON_ALLOWED, "a holder is not let in");
	if (jeton_answer_token(j, &answer, id) != JETON_ALLOWED || !is_id(id, &who->token))
		return "token";
	if (jeton_answer_org(j, &answer, id) != JETON_ALLOWED || !is_id(id, &who->org))
		return "org";
	if (jeton_answer_user(j, &answer, id) != JETON_ALLOWED || !is_id(id, &who->user))
		return "user";
	if (jeton_answer_kind(j, &answer, &kind) != JETON_ALLOWED || strcmp(kind, jt_kind_name(who->kind)) != 0)
		return "kind";
	return same_teams(&answer, who->confined, team, teams) ? "same" : "teams";
}

void asked_holder(
	const char *name, const char *value, const struct jt_caller *who, const struct jt_id *team, size_t teams)
{
	for (size_t place = 0; place < places; place++) {
		for (size_t s = 0; s < scopes; s++) {
			ask(name, value, place, s);
			ask_pair(name, value, place, s);
		}
		print_set(name, value, place);
	}
	printf("told %s - - %s\n", name, what_differs(value, who, team, teams));
}

void asked_other_org(const char *name, const char *value, const char *org)
{
	struct jeton_request other = {0};
	struct jeton_answer answer;
	enum jeton_result r;

	must(jeton_org_new(j, org, &other.org) == JETON_ALLOWED, "the other org");
	r = jeton_verify(j, value, strlen(value), &other, &answer);
	printf("ask %s org-b * %s:%d\n", name, answer.reason, (int)r);
	jeton_org_free(other.org);
}
