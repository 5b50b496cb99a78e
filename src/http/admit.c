/* SPDX-License-Identifier: Apache-2.0 */
#include "http/admit.h"

#include "base/clock.h"
#include "base/secret.h"
#include "http/credential.h"
#include "http/inside.h"
#include "http/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum jt_result refuse(struct jt_http_request *r, enum jt_result result, enum jt_step step)
{
	return jt_call_refuse(&r->call, result, step);
}

/* While the table cannot be believed nobody is known: that is no word about the token. */
static enum jt_result refuse_unknown(struct jt_http_request *r, enum jt_step step)
{
	return step == JT_STEP_STALE || jt_table_poisoned(jt_authority_table(r->call.au))
		       ? refuse(r, JT_STALE, JT_STEP_STALE)
		       : refuse(r, JT_UNAUTHENTICATED, step);
}

/* The value decides; `id`, where it is given, must be its token's. */
static enum jt_result know(struct jt_http_request *r, const char *value, size_t size, const struct jt_id *id)
{
	struct jt_caller *who = &r->call.who.caller;
	enum jt_step step = jt_verify_token(jt_authority_verify(r->call.au), value, size, who);

	if (step == JT_STEP_ALLOWED && id && !jt_id_equal(id, &who->token))
		step = JT_STEP_UNKNOWN;
	r->authenticated = step == JT_STEP_ALLOWED;
	return r->authenticated ? JT_OK : refuse_unknown(r, step);
}

static enum jt_result know_basic(struct jt_http_request *r)
{
	char value[JT_BASIC_MAX];
	struct jt_id id;
	size_t size = 0;
	enum jt_result result = JT_UNAUTHENTICATED;

	if (!jt_basic(r->head.authorization, &id, value, &size))
		return refuse(r, JT_UNAUTHENTICATED, JT_STEP_SHAPE);
	result = know(r, value, size, &id);
	jt_secret_wipe(value, sizeof(value));
	return result;
}

static enum jt_result authenticate(struct jt_http_request *r)
{
	const char *value = jt_bearer(r->head.authorization);

	r->presented = r->head.authorization != NULL;
	r->basic = (r->match.op->flags & JT_OP_BASIC) && jt_is_basic(r->head.authorization);
	if (r->basic)
		return know_basic(r);
	return value ? know(r, value, strlen(value), NULL) : refuse(r, JT_UNAUTHENTICATED, JT_STEP_SHAPE);
}

/* By the one credential that there is. */
static enum jt_result identify(struct jt_http_request *r)
{
	return jt_session_presented(r) ? jt_session_admit(r) : authenticate(r);
}

static enum jt_result same_org(struct jt_http_request *r)
{
	struct jt_id org;

	if (jt_call_path_id(&r->call, "org", &org) != JT_OK || !jt_id_equal(&org, &r->call.who.caller.org))
		return refuse(r, JT_NOT_FOUND, JT_STEP_OTHER_ORG);
	r->call.org = org;
	return JT_OK;
}

static bool has(const struct jt_scopes *set, const struct jt_scope *scope)
{
	return scope && jt_scopes_has(set, scope->bit);
}

/* Is the scope held somewhere: in the org, in full or partly, or on one of the caller's teams? */
static bool held_somewhere(struct jt_http_request *r, const struct jt_scope *scope)
{
	struct jt_verify *v = jt_authority_verify(r->call.au);
	struct jt_place place = {.kind = JT_PLACE_ORG};
	struct jt_id *team = NULL;
	struct jt_grant grant;
	size_t count = 0;
	bool found;

	jt_verify_grant(v, &r->call.who.caller, &place, &grant);
	found = has(&grant.held, scope) || has(&grant.partly, scope);
	if (!found && jt_verify_teams(v, &r->call.who.caller, &team, &count) != JT_OK)
		return false;
	place.kind = JT_PLACE_TEAM;
	for (size_t i = 0; i < count && !found; i++) {
		place.team = team[i];
		jt_verify_grant(v, &r->call.who.caller, &place, &grant);
		found = has(&grant.held, scope);
	}
	free(team);
	return found;
}

static enum jt_result lacks(struct jt_http_request *r, const char *scope)
{
	(void)snprintf(r->call.why.scope, sizeof(r->call.why.scope), "%s", scope);
	return refuse(r, JT_MISSING_SCOPE, JT_STEP_SCOPE);
}

/* Step: what the path names is there for this caller, then the scope. */
static enum jt_result at_place(struct jt_http_request *r, const struct jt_policy *p, struct jt_place *place)
{
	const struct jt_op *op = r->match.op;
	const char *scope = op->scope;

	if (op->read_scope && !held_somewhere(r, jt_policy_scope(p, op->read_scope, strlen(op->read_scope))))
		return lacks(r, scope ? scope : op->read_scope);
	jt_verify_grant(jt_authority_verify(r->call.au), &r->call.who.caller, place, &r->call.grant);
	if (!r->call.grant.visible || jt_scopes_empty(&r->call.grant.held))
		return refuse(r, JT_NOT_FOUND, JT_STEP_NOT_VISIBLE);
	if (scope && !has(&r->call.grant.held, jt_policy_scope(p, scope, strlen(scope))))
		return lacks(r, scope);
	return JT_OK;
}

static enum jt_result in_org(struct jt_http_request *r, const struct jt_policy *p)
{
	const struct jt_op *op = r->match.op;
	const struct jt_place place = {.kind = JT_PLACE_ORG};
	const struct jt_scope *scope = op->scope ? jt_policy_scope(p, op->scope, strlen(op->scope)) : NULL;

	jt_verify_grant(jt_authority_verify(r->call.au), &r->call.who.caller, &place, &r->call.grant);
	if (!op->scope || has(&r->call.grant.held, scope))
		return JT_OK;
	if (!(op->flags & JT_OP_FULL) && has(&r->call.grant.partly, scope))
		return JT_OK;
	if ((op->flags & JT_OP_PLACED || (op->flags & JT_OP_LIMITED && r->call.who.caller.limited)) &&
		held_somewhere(r, scope))
		return JT_OK;
	return lacks(r, op->scope);
}

static enum jt_result authorize(struct jt_http_request *r, const struct jt_policy *p)
{
	struct jt_place place = {.kind = JT_PLACE_ORG};
	const char *app;

	switch (r->match.op->level) {
	case JT_LEVEL_ORG:
		return in_org(r, p);
	case JT_LEVEL_TEAM:
		/* What is not an id is no team: looked up as one that cannot be. */
		place.kind = JT_PLACE_TEAM;
		if (jt_call_path_id(&r->call, "team", &place.team) != JT_OK)
			memset(&place.team, 0, sizeof(place.team));
		return at_place(r, p, &place);
	case JT_LEVEL_APP:
		place.kind = JT_PLACE_APP;
		app = jt_call_path(&r->call, "app");
		(void)snprintf(place.app, sizeof(place.app), "%s", app && strlen(app) < sizeof(place.app) ? app : "");
		return at_place(r, p, &place);
	case JT_LEVEL_TOKEN:
		return r->match.op->scope ? in_org(r, p) : JT_OK;
	case JT_LEVEL_OPEN:
	default:
		return JT_OK;
	}
}

static enum jt_result authorize_now(struct jt_http_request *r)
{
	struct jt_verify *v = jt_authority_verify(r->call.au);
	enum jt_result result = authorize(r, jt_verify_policy(v));

	jt_verify_policy_done(v);
	return result == JT_OK ? jt_session_suffices(r) : result;
}

/* A verification of the caller itself is noted by its operation, which knows what was asked for. */
static void note_use(struct jt_http_request *r)
{
	struct jt_verify *v = jt_authority_verify(r->call.au);
	const struct jt_op *op = r->match.op;
	struct jt_scopes exercised = {{0}};
	const struct jt_scope *scope = NULL;

	if ((op->flags & JT_OP_VERIFIES) && !op->scope)
		return;
	if (op->scope) {
		scope = jt_policy_scope(jt_verify_policy(v), op->scope, strlen(op->scope));
		if (scope)
			jt_scopes_add(&exercised, scope->bit);
		jt_verify_policy_done(v);
	}
	jt_call_used(&r->call, &r->call.who.caller, scope ? &exercised : NULL);
}

enum jt_result jt_admit(struct jt_http_request *r)
{
	enum jt_result result = JT_OK;

	if (r->match.op->level == JT_LEVEL_OPEN && !jt_session_presented(r))
		return JT_OK;
	/* What is demanded comes first: an older table would not know a new token. */
	r->call.as_of = jt_table_watermark(jt_authority_table(r->call.au));
	result = jt_call_demand(&r->call, "X-Jeton-Min-Seq", r->head.min_seq);
	if (result == JT_OK && (r->match.op->flags & JT_OP_VERIFIES))
		result = jt_call_demand(&r->call, "min_seq", jt_call_query(&r->call, "min_seq"));
	if (result == JT_OK)
		result = identify(r);
	if (result == JT_OK && r->match.op->level != JT_LEVEL_TOKEN && r->match.op->level != JT_LEVEL_OPEN)
		result = same_org(r);
	if (result == JT_OK)
		result = authorize_now(r);
	if (result == JT_OK && !r->call.by_session)
		note_use(r);
	return result;
}

enum jt_result jt_admit_again(struct jt_http_request *r, struct jt_db *db)
{
	struct jt_verify *v = jt_authority_verify(r->call.au);
	enum jt_result result = JT_OK;
	enum jt_step step;

	if (!r->authenticated)
		return JT_OK;
	if (r->call.by_session)
		result = jt_session_again(r, db);
	if (result != JT_OK)
		return result;
	step = jt_verify_again(v, &r->call.who.caller);
	if (step != JT_STEP_ALLOWED)
		return refuse_unknown(r, step);
	result = authorize_now(r);
	/* To a value that died just now nothing is visible, which is no word about what the path names. */
	if (result != JT_OK)
		step = jt_verify_again(v, &r->call.who.caller);
	return step == JT_STEP_ALLOWED ? result : refuse_unknown(r, step);
}
