/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/explaining.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Words for roles and teams, and the step `visible`. */

#define TEAMS_SAID 3 /* of a list, in a sentence; all of them are in the explanation */

void jt_explain_say(char text[JT_EXPLAIN_TEXT_SIZE], const char *format, ...)
{
	size_t length = strlen(text);
	size_t at = 0;
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text + length, JT_EXPLAIN_TEXT_SIZE - length, format, list);
	va_end(list);
	/* Whole characters only. */
	length = strlen(text);
	while (at < length) {
		uint32_t code = 0;
		size_t n = jt_text_next(text + at, length - at, &code);

		if (n == 0)
			break;
		at += n;
	}
	text[at] = '\0';
}

void jt_explain_say_role(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explain_role *role)
{
	char id[JT_ID_TEXT_SIZE];

	if (jt_id_is_none(&role->id))
		jt_explain_say(text, "a role that is gone");
	else
		jt_explain_say(text, "the %srole %s", role->managed ? "" : "custom ",
			role->name[0] ? role->name : jt_id_text(&role->id, id));
}

void jt_explain_say_team(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explain_team *team)
{
	char id[JT_ID_TEXT_SIZE];

	if (team->name[0])
		jt_explain_say(text, "the team %s (%s)", team->name, jt_id_text(&team->id, id));
	else
		jt_explain_say(text, "the team %s", jt_id_text(&team->id, id));
}

void jt_explain_say_teams(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explanation *e, const char *before)
{
	char id[JT_ID_TEXT_SIZE];

	jt_explain_say(text, "%s%zu team%s", before, e->teams, e->teams == 1 ? "" : "s");
	for (size_t i = 0; i < e->teams && i < TEAMS_SAID; i++)
		jt_explain_say(text, "%s%s", i ? ", " : " (",
			e->team[i].name[0] ? e->team[i].name : jt_id_text(&e->team[i].id, id));
	if (e->teams)
		jt_explain_say(text, "%s)", e->teams > TEAMS_SAID ? ", ..." : "");
}

void jt_explain_role(const struct jt_explaining *x, uint32_t element, struct jt_explain_role *out)
{
	const struct jt_set_record *set = jt_role_set(x->v, element);
	const struct jt_explain_ask *ask = x->ask;
	const struct jt_role *managed = NULL;

	memset(out, 0, sizeof(*out));
	out->reach = JT_REACH_TEAMS;
	if (element == 0 || element >= x->v->room[JT_SECTION_ROLE])
		return;
	out->id = x->v->role[element].id;
	if (set && set->reach == jt_pair(JT_REACH_ORG))
		out->reach = JT_REACH_ORG;
	managed = jt_policy_role(&x->v->policy, &out->id);
	out->managed = managed != NULL;
	if (managed)
		(void)snprintf(out->name, sizeof(out->name), "%s", managed->name);
	else if (!ask->role_name || !ask->role_name(ask->context, &x->e->org, &out->id, out->name))
		out->name[0] = '\0';
}

void jt_explain_team(const struct jt_explaining *x, uint32_t element, struct jt_explain_team *out)
{
	const struct jt_explain_ask *ask = x->ask;

	memset(out, 0, sizeof(*out));
	if (element == 0 || element >= x->v->room[JT_SECTION_TEAM])
		return;
	out->id = x->v->team[element].id;
	if (!ask->team_name || !ask->team_name(ask->context, &x->e->org, &out->id, out->name))
		out->name[0] = '\0';
}

/* At org level everything is visible; how far it goes is another matter. */
static void say_org(const struct jt_explaining *x, char *text)
{
	const struct jt_explanation *e = x->e;

	jt_explain_say(text, "asked in the org at large");
	if (e->limited)
		jt_explain_say(text, "; the token is limited to teams");
	else if (e->confined) {
		jt_explain_say_teams(text, e, "; the user's role reaches ");
		jt_explain_say(text, " alone");
	}
}

/* The place, and the team that it is in. As ask.c has it: a place of another org is not there. */
static bool find_place(struct jt_explaining *x)
{
	const struct jt_explain_ask *ask = x->ask;
	const struct jt_view *v = x->v;
	uint32_t org = ask->org ? jt_find_org(v, ask->org) : x->org;

	if (ask->place == JT_PLACE_TEAM) {
		x->team = jt_find_team(v, org, &ask->team);
		return jt_team_is_there(v, x->org, x->team);
	}
	if (!jt_app_team(v, x->org, jt_find_app(v, org, ask->app, strlen(ask->app)), &x->team))
		return false;
	if (!jt_team_is_there(v, x->org, x->team))
		x->team = 0;
	return true;
}

/* Is the place's team one of the holder's? Finds the user's role in it. */
static bool find_among(struct jt_explaining *x)
{
	struct jt_explanation *e = x->e;
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned count = 0;
	uint32_t role = 0;

	if (x->team == 0)
		return false;
	if (e->kind == JT_KIND_PERSONAL) {
		role = jt_member_role(x->v, x->user, x->team);
		x->in_team = jt_role_set(x->v, role);
		if (role)
			jt_explain_role(x, role, &e->team_role);
		return role != 0;
	}
	if (e->limited)
		count = jt_cold_list(x->v, jt_cold_ref(x->v, x->token), list, JT_TOKEN_TEAMS_MAX);
	for (unsigned i = 0; i < count; i++) {
		if (list[i] == x->team)
			return true;
	}
	return false;
}

/* "the app shop is in the team payments", "the team payments". */
static void say_place(const struct jt_explaining *x, char *text)
{
	const struct jt_explanation *e = x->e;

	if (x->ask->place == JT_PLACE_APP)
		jt_explain_say(text, "the app %s is in %s", x->ask->app, x->team ? "" : "no team");
	if (x->team)
		jt_explain_say_team(text, &e->place);
}

/* How an integration token stands to it. */
static void say_token(const struct jt_explaining *x, char *text)
{
	const struct jt_explanation *e = x->e;

	if (!e->limited)
		jt_explain_say(text, "; the token is good in the whole org");
	else if (e->among)
		jt_explain_say(text, "%s one of the %zu that the token is limited to",
			x->ask->place == JT_PLACE_APP ? ", which is" : " is", e->teams);
	else
		jt_explain_say_teams(
			text, e, x->team ? ", and the token is limited to " : "; the token is limited to ");
}

/* How a user does. */
static void say_user(const struct jt_explaining *x, char *text)
{
	const struct jt_explanation *e = x->e;

	if (e->among) {
		jt_explain_say(text, ", where the user is a member with ");
		jt_explain_say_role(text, &e->team_role);
		return;
	}
	if (x->team)
		jt_explain_say(text, "; the user is no member of it, %s ", e->confined ? "and" : "but");
	else
		jt_explain_say(text, "%s ", e->confined ? ", and" : ";");
	if (e->owner) {
		jt_explain_say(text, "owns the org");
		return;
	}
	jt_explain_say_role(text, &e->role);
	if (e->confined)
		jt_explain_say_teams(text, e, " reaches the user's ");
	else
		jt_explain_say(text, " reaches the whole org");
	jt_explain_say(text, "%s", e->confined ? " alone" : "");
}

bool jt_explain_visible(struct jt_explaining *x, char text[JT_EXPLAIN_TEXT_SIZE])
{
	struct jt_explanation *e = x->e;
	bool visible = true;

	if (x->ask->place == JT_PLACE_ORG) {
		e->placed = e->place_there = true;
		say_org(x, text);
		return true;
	}
	e->place_there = find_place(x);
	e->among = e->place_there && find_among(x);
	visible = e->place_there && (!e->confined || e->among);
	if (!visible && x->ask->discreet) {
		e->place_there = e->among = false;
		jt_explain_say(
			text, "there is no such %s for this token", x->ask->place == JT_PLACE_APP ? "app" : "team");
		return false;
	}
	e->placed = true;
	if (!e->place_there) {
		jt_explain_say(text, "the org has no such %s", x->ask->place == JT_PLACE_APP ? "app" : "team");
		return false;
	}
	jt_explain_team(x, x->team, &e->place);
	say_place(x, text);
	if (e->kind == JT_KIND_PERSONAL)
		say_user(x, text);
	else
		say_token(x, text);
	return visible;
}
