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

/* RFC 7662: what is this token, if it lives? Whatever the answer, the same statement is run: of the sorts of dead tokens none is
 * told from another, by bytes or by time. */

#define TEAMS_MAX JT_TOKEN_TEAMS_MAX

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

/* The teams of a limited caller on which `whose` is seen at all. Empties the list that `whose` has where the caller sees none. */
static size_t common(struct jt_call *c, const struct jt_caller *whose, struct jt_id *team, size_t count)
{
	struct jt_place place = {.kind = JT_PLACE_TEAM};
	struct jt_grant grant;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		place.team = team[i];
		jt_verify_grant(jt_authority_verify(c->au), whose, &place, &grant);
		if (grant.visible)
			team[kept++] = team[i];
	}
	return kept;
}

/* What the caller may know of a token that lives: its teams, cut down to the caller's own if that is limited. */
struct seen {
	bool active;
	struct jt_id *team;
	size_t teams;
};

static enum jt_result look(struct jt_call *c, const struct jt_caller *whose, struct seen *out)
{
	struct jt_verify *v = jt_authority_verify(c->au);
	const struct jt_caller *who = &c->who.caller;
	enum jt_result r = JT_OK;

	if (!jt_id_equal(&whose->org, &who->org))
		return JT_OK;
	if (who->limited || whose->confined)
		r = jt_verify_teams(v, who->limited ? who : whose, &out->team, &out->teams);
	if (r == JT_OK && who->limited)
		out->teams = common(c, whose, out->team, out->teams);
	out->active = r == JT_OK && (!who->limited || out->teams > 0);
	return r;
}

/* The scopes held in full at the place that the caller named, as one text; NULL: none, or no memory. */
static json_t *scopes_json(struct jt_call *c, const struct jt_caller *whose, const struct jt_policy *p)
{
	const struct jt_place *place = c->state;
	struct jt_grant grant, own;
	struct jt_buf text = {0};
	json_t *out = NULL;

	/* A place that the caller does not see is not there. */
	jt_verify_grant(jt_authority_verify(c->au), &c->who.caller, place, &own);
	jt_verify_grant(jt_authority_verify(c->au), whose, place, &grant);
	for (unsigned i = 0; own.visible && i < p->scope_count; i++) {
		const struct jt_scope *s = &p->scope[p->by_name[i]];

		if (!jt_scopes_has(&grant.held, s->bit))
			continue;
		jt_buf_put_text(&text, text.size ? " " : "");
		jt_buf_put_text(&text, s->name);
	}
	if (text.size > 0 && jt_buf_check(&text) == JT_OK)
		out = json_stringn((const char *)text.data, text.size);
	jt_buf_free(&text);
	return out;
}

/* When its id was made: a UUID of version 7 begins with the millisecond. */
static int64_t issued_s(const struct jt_id *id)
{
	int64_t ms = 0;

	for (unsigned i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms / 1000;
}

static json_t *teams_json(const struct seen *seen)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < seen->teams; i++) {
		if (json_array_append_new(list, jt_json_id(&seen->team[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static enum jt_result answer_active(
	struct jt_call *c, struct jt_tx *tx, const struct jt_caller *whose, const struct seen *seen, const char *email)
{
	const struct jt_id *subject = jt_id_is_none(&whose->user) ? &whose->token : &whose->user;
	json_t *o = json_pack("{s:b, s:o, s:s, s:I, s:o, s:s, s:o, s:o, s:s}", "active", 1, "client_id",
		jt_json_id(&whose->token), "token_type", "Bearer", "iat", (json_int_t)issued_s(&whose->token), "sub",
		jt_json_id(subject), "iss", jt_server_url_public(c->http->server), "jti", jt_json_id(&whose->token),
		"org", jt_json_id(&whose->org), "kind", jt_kind_name(whose->kind));
	enum jt_result r = o ? JT_OK : JT_NOMEM;
	char *text = NULL;

	if (r == JT_OK)
		r = jt_json_set(o, "scope", scopes_json(c, whose, tx->policy), JT_ABSENT_OK);
	if (r == JT_OK && whose->expires_s)
		r = jt_json_set(o, "exp", json_integer(whose->expires_s), JT_ABSENT_NOMEM);
	if (r == JT_OK && email[0])
		r = jt_json_set(o, "username", json_string(email), JT_ABSENT_NOMEM);
	if (r == JT_OK && whose->confined)
		r = jt_json_set(o, "teams", teams_json(seen), JT_ABSENT_NOMEM);
	if (r == JT_OK)
		text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return r == JT_OK ? jt_call_answer_raw(c, text, text ? strlen(text) : 0, "application/json") : r;
}

static enum jt_result answer_dead(struct jt_call *c)
{
	static const char dead[] = "{\"active\":false}";

	return jt_call_answer_raw(c, strdup(dead), sizeof(dead) - 1, "application/json");
}

static enum jt_result run_introspect(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_form_field *token = jt_form_find(&c->form, "token");
	struct jt_account_row *user = calloc(1, sizeof(*user));
	struct seen seen = {.active = false};
	struct jt_caller whose;
	enum jt_step step = jt_verify_token(tx->verify, token->value, token->size, &whose);
	enum jt_result r = user ? JT_OK : JT_NOMEM;

	if (r == JT_OK && step == JT_STEP_ALLOWED)
		r = look(c, &whose, &seen);
	else if (r == JT_OK && jt_table_poisoned(jt_authority_table(c->au)))
		r = jt_call_refuse(c, JT_STALE, JT_STEP_STALE);
	if (r == JT_OK) {
		r = jt_account_get(tx->db, &c->who.caller.org, &whose.user, user);
		r = r == JT_NOT_FOUND ? JT_OK : r;
	}
	if (r == JT_OK)
		r = seen.active ? answer_active(c, tx, &whose, &seen, user->email) : answer_dead(c);
	free(seen.team);
	free(user);
	return r;
}

const struct jt_op jt_api_introspect[] = {
	{.id = "introspect_token",
		.method = "POST",
		.path = "/oauth/introspect",
		.scope = "tokens:introspect",
		.level = JT_LEVEL_TOKEN,
		.flags = JT_OP_OAUTH | JT_OP_BASIC | JT_OP_LIMITED | JT_OP_FULL | JT_OP_VERIFIES,
		.check = check_introspect,
		.run = run_introspect},
	{0},
};
