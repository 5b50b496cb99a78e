/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/explaining.h"

#include <string.h>

/* One scope at a time: what it is, whether it is held, through what, and else for want of what. And the last sentence. */

static bool set_has(const struct jt_set_word *words, unsigned bit)
{
	const struct jt_set_word *w = &words[bit / 64];

	return (w->held >> (bit % 64) & 1) != 0 && w->held == ~w->not_held;
}

/* "a, b, c": the names of what is set in `bits`. */
static void say_names(char *text, uint32_t bits, const char *(*name)(const struct jt_policy *p, unsigned i),
	const struct jt_policy *p)
{
	bool first = true;

	for (unsigned i = 0; i < 32; i++) {
		if (!(bits >> i & 1))
			continue;
		jt_explain_say(text, "%s%s", first ? "" : ", ", name(p, i));
		first = false;
	}
}

static const char *area_name(const struct jt_policy *p, unsigned i)
{
	return i < p->area_count ? p->area[i] : "";
}

static const char *role_name(const struct jt_policy *p, unsigned i)
{
	return i < p->role_count ? p->role[i].name : "";
}

/* The managed roles that would hold it for such a holder in such a place. */
static uint32_t find_held_by(const struct jt_explaining *x, const struct jt_scope *s)
{
	const struct jt_policy *p = &x->v->policy;
	bool personal = x->e->kind == JT_KIND_PERSONAL;
	uint32_t found = 0;

	for (unsigned i = 0; i < p->role_count && i < 32; i++) {
		const struct jt_role *role = &p->role[i];
		bool has = jt_scopes_has(&role->scopes, s->bit) || (x->team && jt_scopes_has(&role->in_team, s->bit));

		if (role->use == (personal ? JT_ROLE_FOR_USERS : JT_ROLE_FOR_TOKENS) && has && !s->owner_only)
			found |= 1U << i;
	}
	return found;
}

static void say_kind(const struct jt_explaining *x, const struct jt_explain_scope *s, char *text)
{
	const struct jt_policy *p = &x->v->policy;
	const char *kind = jt_kind_name(x->e->kind);
	uint32_t areas = p->kind_areas[x->e->kind];

	jt_explain_say(text, "no %s token may hold it", kind);
	if (areas == 0)
		return;
	jt_explain_say(text, ": it is in the area%s ", (s->areas & (s->areas - 1)) ? "s" : "");
	say_names(text, s->areas, area_name, p);
	jt_explain_say(text, ", and the kind has ");
	say_names(text, areas, area_name, p);
}

/* Which role it is not in. */
static void say_lack(const struct jt_explaining *x, const struct jt_explain_scope *s, char *text)
{
	const struct jt_explanation *e = x->e;

	if (x->in_team && e->among) {
		jt_explain_say(text, "neither ");
		jt_explain_say_role(text, &e->role);
		jt_explain_say(text, " nor, in the team, ");
		jt_explain_say_role(text, &e->team_role);
		jt_explain_say(text, " holds %s", s->name);
	} else {
		jt_explain_say_role(text, &e->role);
		jt_explain_say(text, " does not hold %s", s->name);
	}
}

static void say_missing(const struct jt_explaining *x, const struct jt_explain_scope *s, char *text)
{
	bool in_a_role = s->in_role || s->in_team_role;

	if (!in_a_role)
		say_lack(x, s, text);
	if (s->owner_only && !x->e->owner) {
		jt_explain_say(text, "%sonly the org's owner holds %s, with the personal token", in_a_role ? "" : "; ",
			s->name);
		return;
	}
	if (!s->kind_may) {
		if (in_a_role)
			jt_explain_say(text, "the role has %s, but ", s->name);
		else
			jt_explain_say(text, ", and ");
		say_kind(x, s, text);
	}
	if (!in_a_role || !s->kind_may) {
		jt_explain_say(text, "; held by: ");
		say_names(text, s->held_by, role_name, &x->v->policy);
		if (!s->held_by)
			jt_explain_say(text, "no managed role");
	} else if (x->e->limited && x->e->teams == 0) {
		jt_explain_say(text, "the token is limited to teams, and none of them is left: it holds nothing");
	} else {
		jt_explain_say(text,
			"%s is held on the %zu team%s alone, and cannot be had in the org at large: name an "
			"app or a team",
			s->name, x->e->teams, x->e->teams == 1 ? "" : "s");
	}
}

static void say_held(const struct jt_explaining *x, const struct jt_explain_scope *s, char *text)
{
	const struct jt_explanation *e = x->e;

	switch (s->through) {
	case JT_THROUGH_OWNER:
		jt_explain_say(text, "the org's owner holds every scope");
		break;
	case JT_THROUGH_TEAM_ROLE:
		jt_explain_say(text, "in the team ");
		jt_explain_say_role(text, &e->team_role);
		jt_explain_say(text, " holds %s", s->name);
		break;
	default:
		jt_explain_say_role(text, &e->role);
		jt_explain_say(text, " holds %s", s->name);
	}
	if (!e->confined || x->ask->place != JT_PLACE_ORG)
		return;
	if (s->step == JT_STEP_PARTIAL)
		jt_explain_say(text, " for %zu team%s only: name an app or a team, or have the answer cut down to them",
			e->teams, e->teams == 1 ? "" : "s");
	else
		jt_explain_say(text, ", in the org at large because %s",
			s->everyone ? "it is for everyone" : "it is cut down to what the token itself made");
}

/* As ask.c decides it. */
static void judge(const struct jt_explaining *x, struct jt_explain_scope *s)
{
	const struct jt_explanation *e = x->e;
	bool confined_at_org = e->confined && x->ask->place == JT_PLACE_ORG;
	bool anything = !e->limited || !confined_at_org || e->teams > 0;
	bool held = e->owner || s->in_role || s->in_team_role;

	s->step = JT_STEP_SCOPE;
	if (!held || !s->kind_may || (s->owner_only && !e->owner) || !anything)
		return;
	if (!confined_at_org || s->everyone || s->kind_own)
		s->step = JT_STEP_ALLOWED;
	else if (s->by_team)
		s->step = JT_STEP_PARTIAL;
	if (s->step != JT_STEP_SCOPE)
		s->through = e->owner ? JT_THROUGH_OWNER : s->in_role ? JT_THROUGH_ROLE : JT_THROUGH_TEAM_ROLE;
}

void jt_explain_scope(const struct jt_explaining *x, size_t i)
{
	const struct jt_policy *p = &x->v->policy;
	struct jt_explain_scope *s = &x->e->scope[i];
	size_t length = strlen(s->name);
	const struct jt_scope *of = jt_policy_scope(p, s->name, length);

	s->judged = true;
	s->known = of != NULL;
	if (!of) {
		s->step = JT_STEP_UNKNOWN_SCOPE;
		jt_explain_say(s->text, "the catalogue has no scope %s%s", s->name,
			length > 0 && s->name[length - 1] == '*' ? ": ask for one operation at a time" : "");
		return;
	}
	s->areas = of->areas;
	s->everyone = of->everyone;
	s->by_team = of->by_team;
	s->owner_only = of->owner_only;
	s->kind_may = jt_scopes_has(&p->may[x->e->kind], of->bit);
	s->kind_own = jt_scopes_has(&p->own[x->e->kind], of->bit);
	s->in_role = x->role && set_has(x->role->scopes, of->bit);
	s->in_team_role = x->in_team && set_has(x->in_team->in_team, of->bit);
	s->held_by = find_held_by(x, of);
	judge(x, s);
	if (s->step == JT_STEP_SCOPE)
		say_missing(x, s, s->text);
	else
		say_held(x, s, s->text);
}

/* The step that refused says why; of scopes, the scope does. */
void jt_explain_conclude(struct jt_explaining *x)
{
	struct jt_explanation *e = x->e;
	const char *why = "";

	for (unsigned i = 0; i < JT_EXPLAIN_STEP_COUNT; i++) {
		if (e->steps[i].outcome == JT_EXPLAIN_REFUSED)
			why = e->steps[i].text;
	}
	if (e->step == JT_STEP_UNKNOWN_SCOPE || e->step == JT_STEP_SCOPE || e->step == JT_STEP_PARTIAL)
		why = e->scope[e->missing].text;
	if (e->step == JT_STEP_ALLOWED && e->scopes == 0)
		jt_explain_say(e->conclusion, "allowed: the token is valid, and no scope is asked for");
	else if (e->step == JT_STEP_ALLOWED && e->scopes > 1)
		jt_explain_say(e->conclusion, "allowed: all %zu scopes are held", e->scopes);
	else if (e->step == JT_STEP_ALLOWED)
		jt_explain_say(e->conclusion, "allowed: %s", e->scope[0].text);
	else if (e->step == JT_STEP_STALE || e->step == JT_STEP_BEHIND)
		jt_explain_say(e->conclusion, "cannot be decided: %s", why);
	else if (e->step == JT_STEP_PARTIAL)
		jt_explain_say(e->conclusion, "partly: %s", why);
	else
		jt_explain_say(e->conclusion, "refused: %s", why);
}
