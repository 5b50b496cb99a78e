/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/request.h"
#include "http/server.h"
#include "store/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7662: what is this token, if it lives? The table says so; of the sorts of dead tokens none is told from another, by bytes or
 * by time. */

static enum jt_result check_introspect(struct jt_call *c)
{
	const struct jt_form *f = &c->form;
	const char *app = jt_form_text(f, "app");
	const char *team = jt_form_text(f, "team");
	struct jt_place *place = calloc(1, sizeof(*place));

	c->state = place;
	if (!place)
		return JT_NOMEM;
	if (!jt_form_find(f, "token"))
		return jt_why_field(&c->why, "token", "is needed");
	if (app && team)
		return jt_why_field(&c->why, "team", "an app or a team, not both");
	place->kind = app ? JT_PLACE_APP : team ? JT_PLACE_TEAM : JT_PLACE_ORG;
	if (app && !jt_text_is_app(app, strlen(app)))
		return jt_why_field(&c->why, "app", "is not an app's name");
	if (app)
		(void)snprintf(place->app, sizeof(place->app), "%s", app);
	if (team && jt_id_parse(team, strlen(team), &place->team) != JT_OK)
		return jt_why_field(&c->why, "team", "must be a UUID");
	return jt_call_demand(c, "min_seq", jt_form_text(f, "min_seq"));
}

/* What the caller may know of a token, all of it as it was at one moment. */
struct seen {
	enum jt_step step;
	struct jt_caller whose;
	bool active;        /* it lives, and the caller may know */
	struct jt_id *team; /* the token's, cut down to the caller's own if that is limited */
	size_t teams;
	struct jt_scopes held; /* at the place that the caller named */
};

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct jt_id *)a)->b, ((const struct jt_id *)b)->b, sizeof(((const struct jt_id *)a)->b));
}

/* Keeps those of a limited caller's teams that are the holder's too. */
static enum jt_result keep_common(struct jt_call *c, const struct jt_caller *holder, struct seen *s)
{
	struct jt_id *theirs = NULL;
	size_t count = 0, kept = 0;
	enum jt_result r = JT_OK;

	if (!holder->confined)
		return JT_OK;
	r = jt_verify_teams(jt_authority_verify(c->au), holder, &theirs, &count);
	if (count > 0)
		qsort(theirs, count, sizeof(*theirs), by_id);
	for (size_t i = 0; i < s->teams; i++) {
		if (count > 0 && bsearch(&s->team[i], theirs, count, sizeof(*theirs), by_id))
			s->team[kept++] = s->team[i];
	}
	s->teams = kept;
	free(theirs);
	return r;
}

/* A token that the caller is not told of takes as long as one that is dead: for a limited caller, as long as one that has
 * the caller's own teams. */
static enum jt_result look_once(struct jt_call *c, const struct jt_form_field *token, struct seen *s)
{
	struct jt_verify *v = jt_authority_verify(c->au);
	const struct jt_caller *who = &c->who.caller;
	struct jt_grant grant, own;
	enum jt_result r = JT_OK;
	bool known;

	s->step = jt_verify_token(v, token->value, token->size, &s->whose);
	known = s->step == JT_STEP_ALLOWED && jt_id_equal(&s->whose.org, &who->org);
	if (who->limited || (known && s->whose.confined))
		r = jt_verify_teams(v, who->limited ? who : &s->whose, &s->team, &s->teams);
	if (r != JT_OK)
		return r;
	if (who->limited)
		r = keep_common(c, known ? &s->whose : who, s);
	if (r != JT_OK)
		return r;
	s->active = known && (!who->limited || s->teams > 0);
	if (!s->active)
		return JT_OK;
	/* A place that the caller does not see is not there. */
	jt_verify_grant(v, who, c->state, &own);
	jt_verify_grant(v, &s->whose, c->state, &grant);
	if (own.visible)
		s->held = grant.held;
	return JT_OK;
}

static enum jt_result look(struct jt_call *c, const struct jt_form_field *token, struct seen *s)
{
	struct jt_verify *v = jt_authority_verify(c->au);

	for (struct jt_look look = {0}; jt_verify_look(v, &look);) {
		struct jt_caller who = c->who.caller;
		enum jt_step step = JT_STEP_ALLOWED;
		enum jt_result r = JT_OK;

		free(s->team);
		memset(s, 0, sizeof(*s));
		r = look_once(c, token, s);
		/* Whoever died meanwhile is told so, and not what is seen of nothing. */
		step = jt_verify_again(v, &who);
		if (step == JT_STEP_STALE || s->step == JT_STEP_STALE)
			break;
		if (r != JT_OK || step != JT_STEP_ALLOWED)
			return r != JT_OK ? r : jt_call_refuse(c, JT_UNAUTHENTICATED, step);
		if (jt_verify_looked(v, &look))
			return JT_OK;
	}
	return jt_call_refuse(c, JT_STALE, JT_STEP_STALE);
}

/* When its id was made: a UUID of version 7 begins with the millisecond. */
static int64_t issued_s(const struct jt_id *id)
{
	int64_t ms = 0;

	for (unsigned i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms / 1000;
}

/* ---- the answer, which is asked for as often as a verification: written down as it is, without a tree */

/* ,"name":"text", of what needs no escape. */
static void put_plain(struct jt_buf *b, const char *name, const char *text)
{
	jt_buf_put_text(b, ",\"");
	jt_buf_put_text(b, name);
	jt_buf_put_text(b, "\":\"");
	jt_buf_put_text(b, text);
	jt_buf_put_text(b, "\"");
}

static void put_id(struct jt_buf *b, const char *name, const struct jt_id *id)
{
	char text[JT_ID_TEXT_SIZE];

	put_plain(b, name, jt_id_text(id, text));
}

static enum jt_result put_string(struct jt_buf *b, const char *name, const char *text)
{
	json_t *string = json_string(text);
	char *escaped = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	json_decref(string);
	if (!escaped)
		return JT_NOMEM;
	jt_buf_put_text(b, ",\"");
	jt_buf_put_text(b, name);
	jt_buf_put_text(b, "\":");
	jt_buf_put_text(b, escaped);
	free(escaped);
	return JT_OK;
}

/* Absent if there are none. */
static void put_scopes(struct jt_buf *b, const struct jt_scopes *held, const struct jt_policy *p)
{
	bool any = false;

	for (unsigned i = 0; i < p->scope_count; i++) {
		const struct jt_scope *s = &p->scope[p->by_name[i]];

		if (!jt_scopes_has(held, s->bit))
			continue;
		jt_buf_put_text(b, any ? " " : ",\"scope\":\"");
		jt_buf_put_text(b, s->name);
		any = true;
	}
	if (any)
		jt_buf_put_text(b, "\"");
}

static void put_teams(struct jt_buf *b, const struct seen *seen)
{
	char text[JT_ID_TEXT_SIZE];

	jt_buf_put_text(b, ",\"teams\":[");
	for (size_t i = 0; i < seen->teams; i++) {
		jt_buf_put_text(b, i > 0 ? ",\"" : "\"");
		jt_buf_put_text(b, jt_id_text(&seen->team[i], text));
		jt_buf_put_text(b, "\"");
	}
	jt_buf_put_text(b, "]");
}

/* The user's name, which the table does not have. */
static enum jt_result put_username(struct jt_buf *b, struct jt_call *c, const struct jt_caller *whose)
{
	struct jt_account_row *user = calloc(1, sizeof(*user));
	struct jt_tx tx;
	enum jt_result r = user ? jt_reading_begin(c->au, &tx) : JT_NOMEM;

	if (r == JT_OK) {
		r = jt_account_get(tx.db, &whose->org, &whose->user, user);
		jt_reading_end(&tx);
	}
	if (r == JT_OK && user->email[0])
		r = put_string(b, "username", user->email);
	free(user);
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result answer_active(struct jt_call *c, const struct seen *seen)
{
	const struct jt_caller *whose = &seen->whose;
	struct jt_verify *v = jt_authority_verify(c->au);
	bool personal = !jt_id_is_none(&whose->user);
	struct jt_buf b = {0};
	enum jt_result r = JT_OK;

	jt_buf_put_text(&b, "{\"active\":true,\"token_type\":\"Bearer\"");
	put_id(&b, "client_id", &whose->token);
	put_id(&b, "jti", &whose->token);
	put_id(&b, "sub", personal ? &whose->user : &whose->token);
	put_id(&b, "org", &whose->org);
	put_plain(&b, "kind", jt_kind_name(whose->kind));
	jt_buf_printf(&b, ",\"iat\":%lld", (long long)issued_s(&whose->token));
	if (whose->expires_s)
		jt_buf_printf(&b, ",\"exp\":%lld", (long long)whose->expires_s);
	put_scopes(&b, &seen->held, jt_verify_policy(v));
	jt_verify_policy_done(v);
	if (whose->confined)
		put_teams(&b, seen);
	r = put_string(&b, "iss", jt_server_url_public(c->http->server));
	if (r == JT_OK && personal)
		r = put_username(&b, c, whose);
	jt_buf_put_text(&b, "}");
	if (r == JT_OK)
		r = jt_buf_check(&b);
	if (r != JT_OK) {
		jt_buf_free(&b);
		return r;
	}
	return jt_call_answer_raw(c, (char *)b.data, b.size, "application/json");
}

static enum jt_result answer_dead(struct jt_call *c)
{
	static const char dead[] = "{\"active\":false}";

	return jt_call_answer_raw(c, strdup(dead), sizeof(dead) - 1, "application/json");
}

static enum jt_result run_introspect(struct jt_call *c, struct jt_tx *tx)
{
	struct seen seen = {.active = false};
	enum jt_result r = look(c, jt_form_find(&c->form, "token"), &seen);

	(void)tx;
	if (r == JT_OK)
		r = seen.active ? answer_active(c, &seen) : answer_dead(c);
	if (r == JT_OK && seen.active)
		jt_call_used(c, &seen.whose, NULL);
	free(seen.team);
	return r;
}

const struct jt_op jt_api_introspect[] = {
	{.id = "introspect_token",
		.method = "POST",
		.path = "/oauth/introspect",
		.scope = "tokens:introspect",
		.level = JT_LEVEL_TOKEN,
		.flags = JT_OP_OAUTH | JT_OP_BASIC | JT_OP_LIMITED | JT_OP_FULL | JT_OP_VERIFIES | JT_OP_PLAIN |
			 JT_OP_QUIET,
		.check = check_introspect,
		.run = run_introspect},
	{0},
};
