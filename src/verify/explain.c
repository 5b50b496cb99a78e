/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/explaining.h"

#include "verify/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who holds the value, the walk through the steps, and that it comes to what everybody else is answered. */

#define TRIES 8 /* explanations of a table that changes under them */

/* An entry that says who holds it; as ask.c has it, only what is whole counts. */
static void find_value(struct jt_explaining *x)
{
	const struct jt_view *v = x->v;
	const struct jt_hot_entry *h = NULL;
	uint8_t digest[JT_DIGEST_SIZE];

	if (x->ask->length > JT_TOKEN_MAX)
		return;
	jt_token_digest(x->ask->token, x->ask->length, digest);
	h = jt_find_value(v, digest, &x->word);
	if (!h || !jt_word_is_sound(x->word, h->org, h->token) || h->org >= v->room[JT_SECTION_ORG] ||
		jt_word_kind(x->word) >= JT_KIND_COUNT || h->token >= v->room[JT_SECTION_TOKEN_ID])
		return;
	x->found = true;
	x->org = h->org;
	x->token = h->token;
	x->hidden = x->ask->hides && x->ask->hides(x->ask->context, &v->org[h->org].id, &v->token_id[h->token]);
}

static void add_team(struct jt_explaining *x, uint32_t team)
{
	struct jt_explanation *e = x->e;

	if (!jt_team_is_there(x->v, x->org, team))
		return;
	if (e->teams < JT_EXPLAIN_TEAMS_MAX)
		jt_explain_team(x, team, &e->team[e->teams]);
	e->teams++;
}

static void find_teams(struct jt_explaining *x)
{
	if (x->e->limited) {
		uint32_t list[JT_TOKEN_TEAMS_MAX];
		unsigned count = jt_cold_list(x->v, jt_cold_ref(x->v, x->token), list, JT_TOKEN_TEAMS_MAX);

		for (unsigned i = 0; i < count; i++)
			add_team(x, list[i]);
	} else if (x->e->confined) {
		struct jt_teams_of walk = jt_teams_of(x->v, x->user);

		for (uint32_t team = jt_teams_next(&walk); team; team = jt_teams_next(&walk))
			add_team(x, team);
	}
}

/* What the entry, the role and the user say of the holder. */
static void find_holder(struct jt_explaining *x)
{
	struct jt_explanation *e = x->e;
	const struct jt_view *v = x->v;
	bool personal = false;

	e->org = v->org[x->org].id;
	e->token = v->token_id[x->token];
	e->kind = (enum jt_kind)jt_word_kind(x->word);
	personal = e->kind == JT_KIND_PERSONAL;
	e->owner = personal && jt_word_owner(x->word);
	e->limited = !personal && jt_word_limited(x->word);
	e->expires_s = jt_word_expiry(x->word) ? v->epoch_s + jt_word_expiry(x->word) : 0;
	x->role = jt_role_set(v, jt_word_role(x->word));
	jt_explain_role(x, jt_word_role(x->word), &e->role);
	e->confined = e->limited || (personal && !e->owner && e->role.reach != JT_REACH_ORG);
	if (personal) {
		x->user = jt_cold_ref(v, x->token);
		if (x->user < v->room[JT_SECTION_USER])
			e->user = v->user[x->user].id;
	}
	find_teams(x);
}

static void decide(struct jt_explaining *x)
{
	struct jt_explanation *e = x->e;
	bool on = true;

	for (unsigned i = 0; i < JT_EXPLAIN_STEP_COUNT; i++) {
		struct jt_explain_step *s = &e->steps[i];

		s->step = jt_explain_checks[i].step;
		s->check = jt_explain_checks[i].check;
		if (!on)
			continue;
		on = jt_explain_checks[i].passes(x, s->text);
		s->outcome = on ? JT_EXPLAIN_PASSED : JT_EXPLAIN_REFUSED;
		if (!on)
			e->step = s->step;
	}
}

static void explain_once(struct jt_explaining *x)
{
	struct jt_explanation *e = x->e;

	memset(e, 0, sizeof(*e));
	e->as_of = jt_view_seq(x->v);
	e->scopes = x->ask->scope_count;
	for (size_t i = 0; i < e->scopes; i++)
		(void)snprintf(e->scope[i].name, sizeof(e->scope[i].name), "%s", x->ask->scopes[i]);
	find_value(x);
	if (x->found && !x->hidden)
		find_holder(x);
	decide(x);
	if (!e->known) { /* the holder was looked up before it was known whether it counts */
		e->token = e->org = e->user = (struct jt_id){{0}};
	}
	jt_explain_conclude(x);
}

/* The same question, as everybody else asks it. */
static enum jt_step ask_plainly(const struct jt_explaining *x, struct jeton_scope *scopes, uint32_t *missing)
{
	const struct jt_explain_ask *ask = x->ask;
	const struct jt_id *org = ask->org ? ask->org : &x->e->org;
	struct jeton_org of = {.term = {.id = *org}};
	struct jeton_team team = {.term = {.org = *org, .id = ask->team}};
	struct jeton_app app = {.term = {.org = *org, .name = ask->app, .length = ask->app ? strlen(ask->app) : 0}};
	struct jeton_scope *list[JT_EXPLAIN_SCOPES_MAX];
	struct jeton_request request = {.org = ask->org ? &of : NULL,
		.scopes = list,
		.scope_count = ask->scope_count,
		.app = ask->place == JT_PLACE_APP ? &app : NULL,
		.team = ask->place == JT_PLACE_TEAM ? &team : NULL,
		.min_seq = ask->min_seq};
	uint8_t digest[JT_DIGEST_SIZE] = {0};
	struct jt_asked asked;
	enum jt_step step;

	for (size_t i = 0; i < ask->scope_count; i++) {
		scopes[i].term.name = ask->scopes[i];
		scopes[i].term.length = strlen(ask->scopes[i]);
		list[i] = &scopes[i];
	}
	if (ask->length <= JT_TOKEN_MAX)
		jt_token_digest(ask->token, ask->length, digest);
	step = jt_ask_view(x->v, digest, &request, &asked);
	*missing = asked.missing;
	return step;
}

/* Does the explanation come to what everybody else is answered? */
static bool agrees(const struct jt_explaining *x, struct jeton_scope *scopes)
{
	uint32_t missing = 0;
	enum jt_step step = ask_plainly(x, scopes, &missing);
	enum jt_step said = x->e->step;

	if (x->hidden && said == JT_STEP_UNKNOWN)
		return true;
	if (said == JT_STEP_SHAPE || said == JT_STEP_CHECKSUM)
		said = JT_STEP_UNKNOWN; /* why nothing was found is asked afterwards there */
	return step == said && (step == JT_STEP_ALLOWED || missing == x->e->missing);
}

enum jt_result jt_explain(const struct jt_view *v, const struct jt_explain_ask *ask, struct jt_explanation **out)
{
	struct jt_explanation *e = NULL;
	struct jeton_scope *scopes = NULL;
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (ask->scope_count > JT_EXPLAIN_SCOPES_MAX)
		return JT_TOO_LONG;
	e = calloc(1, sizeof(*e));
	scopes = calloc(ask->scope_count + 1, sizeof(*scopes));
	if (e && scopes)
		r = JT_BUSY;
	for (unsigned i = 0; r == JT_BUSY && i < TRIES; i++) {
		struct jt_explaining x = {.v = v, .ask = ask, .e = e};

		explain_once(&x);
		if (agrees(&x, scopes))
			r = JT_OK;
	}
	free(scopes);
	if (r == JT_OK)
		*out = e;
	else
		free(e);
	return r;
}
