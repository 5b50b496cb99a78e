/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/verify_quick.h"
#include "http/request.h"
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Forward auth: may the bearer do what the query asks? For proxies, which ask before they let a request through. */

#define TEAMS_MAX 100      /* more are not named in a header */
#define HELD_TEXT_MAX 3072 /* of a header: proxies keep room for some kilobytes */

struct wish {
	struct jt_id org;
	struct jt_place place;
	const char *scope[JT_QUERY_MAX];
	size_t scopes;
	bool partial;
	struct jt_scopes exercised;
	char token_text[JT_ID_TEXT_SIZE], org_text[JT_ID_TEXT_SIZE], user_text[JT_ID_TEXT_SIZE];
	char scopes_text[JT_API_SCOPES_MAX];
	char teams_text[TEAMS_MAX * JT_ID_TEXT_SIZE + 1];
};

static enum jt_result read_place(struct jt_call *c, struct jt_place *place)
{
	const char *app = jt_call_query(c, "app");
	const char *team = jt_call_query(c, "team");

	place->kind = JT_PLACE_ORG;
	if (app && team)
		return jt_why_field(&c->why, "team", "an app or a team, not both");
	if (app) {
		place->kind = JT_PLACE_APP;
		(void)snprintf(place->app, sizeof(place->app), "%s", app);
	}
	if (team) {
		place->kind = JT_PLACE_TEAM;
		return jt_id_parse(team, strlen(team), &place->team);
	}
	return JT_OK;
}

static enum jt_result check_verify(struct jt_call *c)
{
	const struct jt_target *t = &c->http->target;
	const char *org = jt_call_query(c, "org");
	struct wish *w = calloc(1, sizeof(*w));

	c->state = w;
	if (!w)
		return JT_NOMEM;
	if (!org)
		return jt_why_field(&c->why, "org", "is needed");
	for (unsigned i = 0; i < t->count; i++) {
		if (strcmp(t->query[i].name, "scope") == 0)
			w->scope[w->scopes++] = t->query[i].value;
	}
	w->partial = jt_call_query(c, "partial") != NULL;
	return jt_id_parse(org, strlen(org), &w->org) == JT_OK ? read_place(c, &w->place) : JT_INTERNAL;
}

static void add_word(char *out, size_t size, const char *word)
{
	size_t used = strlen(out);

	(void)snprintf(out + used, size - used, "%s%s", used ? " " : "", word);
}

static size_t add_scope(char *out, size_t used, size_t most, const char *name)
{
	size_t length = strlen(name);

	if (used + length + 2 > most)
		return most;
	if (used > 0)
		out[used++] = ' ';
	memcpy(out + used, name, length + 1);
	return used + length;
}

size_t jt_api_verify_scopes(const struct jt_policy *p, const struct jt_scopes *held, const char *const *asked,
	size_t count, char out[JT_API_SCOPES_MAX])
{
	size_t most = count > 0 ? JT_API_SCOPES_MAX : HELD_TEXT_MAX;
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && used < most; i++)
		used = add_scope(out, used, most, asked[i]);
	for (unsigned i = 0; count == 0 && i < p->scope_count && used < most; i++) {
		if (jt_scopes_has(held, p->scope[p->by_name[i]].bit))
			used = add_scope(out, used, most, p->scope[p->by_name[i]].name);
	}
	if (used == most) {
		out[0] = '\0';
		used = 0;
	}
	return used;
}

static enum jt_result write_teams(
	struct jt_call *c, struct wish *w, const char *scope, const struct jt_id *team, size_t count)
{
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = JT_OK;

	if (count > TEAMS_MAX) {
		(void)snprintf(c->why.scope, sizeof(c->why.scope), "%s", scope);
		r = jt_call_refuse(c, JT_MISSING_SCOPE, JT_STEP_PARTIAL);
		return jt_why_say(&c->why, r, "name an app or a team: there are too many teams for a header");
	}
	for (size_t i = 0; i < count; i++)
		add_word(w->teams_text, sizeof(w->teams_text), jt_id_text(&team[i], text));
	return JT_OK;
}

static enum jt_result refuse(struct jt_call *c, enum jt_step step, const char *scope)
{
	struct jt_caller who = c->who.caller;
	struct jt_why *why = &c->why;
	/* To a value that died meanwhile nothing is visible; and whom a table refused that cannot be believed was not refused. */
	enum jt_step now = jt_verify_again(jt_authority_verify(c->au), &who);

	if (now == JT_STEP_STALE)
		return jt_call_refuse(c, JT_STALE, JT_STEP_STALE);
	if (now != JT_STEP_ALLOWED || step == JT_STEP_OTHER_ORG)
		return jt_call_refuse(c, JT_UNAUTHENTICATED, now != JT_STEP_ALLOWED ? now : step);
	if (step == JT_STEP_NOT_VISIBLE)
		return jt_call_refuse(
			c, jt_why_say(why, JT_FORBIDDEN, "there is no such app or team for this token"), step);
	(void)snprintf(why->scope, sizeof(why->scope), "%s", scope);
	if (step == JT_STEP_PARTIAL)
		jt_why_say(why, JT_MISSING_SCOPE, "name an app or a team: the scope is held for some teams only");
	return jt_call_refuse(c, JT_MISSING_SCOPE, step);
}

static enum jt_step decide(struct jt_call *c, struct wish *w, size_t *missing)
{
	struct jt_verify *v = jt_authority_verify(c->au);
	const struct jt_policy *p = NULL;
	struct jt_grant grant;
	enum jt_step step = JT_STEP_OTHER_ORG;

	if (!jt_id_equal(&w->org, &c->who.caller.org))
		return step;
	p = jt_verify_policy(v);
	jt_verify_grant(v, &c->who.caller, &w->place, &grant);
	step = jt_decide_scopes(p, &grant, w->scope, w->scopes, missing);
	if (step == JT_STEP_ALLOWED || step == JT_STEP_PARTIAL) {
		(void)jt_api_verify_scopes(p, &grant.held, w->scope, w->scopes, w->scopes_text);
		for (size_t i = 0; i < w->scopes; i++) /* all of them are known */
			jt_scopes_add(&w->exercised, jt_policy_scope(p, w->scope[i], strlen(w->scope[i]))->bit);
	}
	jt_verify_policy_done(v);
	return step;
}

static void write_headers(struct jt_call *c, struct wish *w)
{
	const struct jt_caller *who = &c->who.caller;

	jt_call_header(c, "X-Jeton-Token-Id", jt_id_text(&who->token, w->token_text));
	jt_call_header(c, "X-Jeton-Kind", jt_kind_name(who->kind));
	jt_call_header(c, "X-Jeton-Org", jt_id_text(&who->org, w->org_text));
	jt_call_header(c, "X-Jeton-User", jt_id_is_none(&who->user) ? "" : jt_id_text(&who->user, w->user_text));
	jt_call_header(c, "X-Jeton-Scopes", w->scopes_text);
	jt_call_header(c, "X-Jeton-Teams", w->teams_text);
}

/* With the teams that a partial answer is to be cut down to, as they were at the moment of the decision. */
static enum jt_result decide_partly(
	struct jt_call *c, struct wish *w, size_t *missing, enum jt_step *step, struct jt_id **team, size_t *count)
{
	struct jt_verify *v = jt_authority_verify(c->au);

	for (struct jt_look look = {0}; jt_verify_look(v, &look);) {
		enum jt_result r = JT_OK;

		free(*team);
		*team = NULL;
		*count = 0;
		*step = decide(c, w, missing);
		if (*step == JT_STEP_PARTIAL)
			r = jt_verify_teams(v, &c->who.caller, team, count);
		if (r != JT_OK || jt_verify_looked(v, &look))
			return r;
	}
	return jt_call_refuse(c, JT_STALE, JT_STEP_STALE);
}

static enum jt_result run_verify(struct jt_call *c, struct jt_tx *tx)
{
	struct wish *w = c->state;
	struct jt_id *team = NULL;
	size_t missing = 0, count = 0;
	enum jt_step step = JT_STEP_ALLOWED;
	enum jt_result r = JT_OK;

	(void)tx;
	if (w->partial)
		r = decide_partly(c, w, &missing, &step, &team, &count);
	else
		step = decide(c, w, &missing);
	if (r == JT_OK && step == JT_STEP_PARTIAL && w->partial && count > 0)
		r = write_teams(c, w, w->scope[missing], team, count);
	else if (r == JT_OK && step != JT_STEP_ALLOWED) /* PARTIAL of no team among them: that is not held */
		r = refuse(c, w->partial && step == JT_STEP_PARTIAL ? JT_STEP_SCOPE : step,
			w->scopes ? w->scope[missing] : "");
	free(team);
	if (r == JT_OK) {
		write_headers(c, w);
		jt_call_used(c, &c->who.caller, w->scopes ? &w->exercised : NULL);
	}
	c->status = 204;
	return r;
}

static const struct jt_param verify_query[] = {
	{.name = "org", .type = JT_FIELD_ID},
	{.name = "scope", .type = JT_FIELD_NAME, .min = 1, .max = 64, .many = true},
	{.name = "app", .type = JT_FIELD_APP, .min = 1, .max = 128},
	{.name = "team", .type = JT_FIELD_ID},
	{.name = "partial", .type = JT_FIELD_NAME, .min = 1, .max = 16, .values = "ok"},
	{.name = "min_seq", .type = JT_FIELD_INT, .min = 0, .max = INT64_MAX},
	{0},
};

const struct jt_op jt_api_verify[] = {
	{.id = "verify_token",
		.method = "GET",
		.path = "/verify",
		.level = JT_LEVEL_TOKEN,
		.flags = JT_OP_PLAIN | JT_OP_VERIFIES | JT_OP_QUIET | JT_OP_NARROW,
		.query = verify_query,
		.quick = jt_api_verify_quick,
		.check = check_verify,
		.run = run_verify},
	{0},
};
