/* SPDX-License-Identifier: Apache-2.0 */
#include "api/explain_json.h"

#include <string.h>

/* Takes `value`. */
static void set(json_t *object, const char *key, json_t *value, bool *whole)
{
	if (jt_json_set(object, key, value, JT_ABSENT_NOMEM) != JT_OK)
		*whole = false;
}

static void set_text(json_t *object, const char *key, const char *text, bool *whole)
{
	if (text[0])
		set(object, key, json_string(text), whole);
}

static json_t *finish(json_t *object, bool whole)
{
	if (whole)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *role_json(const struct jt_explain_role *role)
{
	json_t *o = json_pack("{s:o, s:s, s:s}", "id", jt_json_id(&role->id), "type",
		role->managed ? "managed" : "custom", "reach", role->reach == JT_REACH_ORG ? "org" : "teams");
	bool whole = o != NULL;

	set_text(o, "name", role->name, &whole);
	return finish(o, whole);
}

static json_t *team_json(const struct jt_explain_team *team)
{
	json_t *o = json_pack("{s:o}", "id", jt_json_id(&team->id));
	bool whole = o != NULL;

	set_text(o, "name", team->name, &whole);
	return finish(o, whole);
}

static json_t *value_json(const struct jt_explanation *e)
{
	char letter[2] = {e->letter, '\0'};
	json_t *o = json_pack("{s:b}", "shape", (int)e->shape);
	bool whole = o != NULL;

	if (e->shape) {
		set(o, "checksum", json_boolean(e->checksum), &whole);
		set_text(o, "letter", letter, &whole);
	}
	return finish(o, whole);
}

static json_t *teams_json(const struct jt_explanation *e)
{
	json_t *list = json_array();
	bool whole = list != NULL;

	for (size_t i = 0; whole && i < e->teams && i < JT_EXPLAIN_TEAMS_MAX; i++)
		whole = json_array_append_new(list, team_json(&e->team[i])) == 0;
	return finish(list, whole);
}

static json_t *token_json(const struct jt_explanation *e)
{
	json_t *o = json_pack("{s:o, s:s, s:o, s:b, s:b}", "id", jt_json_id(&e->token), "kind", jt_kind_name(e->kind),
		"org", jt_json_id(&e->org), "limited", (int)e->limited, "confined", (int)e->confined);
	bool whole = o != NULL;

	if (!jt_id_is_none(&e->user)) {
		set(o, "user", jt_json_id(&e->user), &whole);
		set(o, "owner", json_boolean(e->owner), &whole);
	}
	if (!jt_id_is_none(&e->role.id))
		set(o, "role", role_json(&e->role), &whole);
	if (e->expires_s)
		set(o, "expires_at", jt_json_time_s(e->expires_s), &whole);
	if (e->confined) {
		set(o, "teams", teams_json(e), &whole);
		set(o, "team_count", json_integer((json_int_t)e->teams), &whole);
	}
	return finish(o, whole);
}

static json_t *place_json(const struct jt_explanation *e)
{
	json_t *o = json_pack("{s:b, s:b}", "found", (int)e->place_there, "among", (int)e->among);
	bool whole = o != NULL;

	if (!jt_id_is_none(&e->place.id))
		set(o, "team", team_json(&e->place), &whole);
	if (!jt_id_is_none(&e->team_role.id))
		set(o, "role", role_json(&e->team_role), &whole);
	return finish(o, whole);
}

static json_t *step_json(const struct jt_explain_step *s)
{
	static const char *const outcome[] = {[JT_EXPLAIN_NOT_REACHED] = "not_reached",
		[JT_EXPLAIN_PASSED] = "passed",
		[JT_EXPLAIN_REFUSED] = "refused"};
	json_t *o = json_pack(
		"{s:s, s:s, s:s}", "step", jt_step_name(s->step), "check", s->check, "outcome", outcome[s->outcome]);
	bool whole = o != NULL;

	set_text(o, "text", s->text, &whole);
	return finish(o, whole);
}

static const char *outcome_of(const struct jt_explain_scope *s)
{
	if (!s->judged)
		return "not_reached";
	switch (s->step) {
	case JT_STEP_ALLOWED:
		return "held";
	case JT_STEP_PARTIAL:
		return "partly";
	case JT_STEP_UNKNOWN_SCOPE:
		return "unknown";
	default:
		return "missing";
	}
}

/* What the catalogue says of the scope. */
static void set_marks(json_t *o, const struct jt_policy *p, const struct jt_explain_scope *s, bool *whole)
{
	json_t *areas = json_array();
	json_t *held_by = json_array();
	json_t *marks = json_pack("[s*, s*, s*]", s->everyone ? "everyone" : NULL, s->by_team ? "by_team" : NULL,
		s->owner_only ? "owner_only" : NULL);

	for (unsigned i = 0; i < p->area_count; i++) {
		if ((s->areas >> i & 1) && json_array_append_new(areas, json_string(p->area[i])) != 0)
			*whole = false;
	}
	for (unsigned i = 0; i < p->role_count && i < 32; i++) {
		if ((s->held_by >> i & 1) && json_array_append_new(held_by, json_string(p->role[i].name)) != 0)
			*whole = false;
	}
	set(o, "areas", areas, whole);
	set(o, "marks", marks, whole);
	set(o, "held_by", held_by, whole);
}

static json_t *scope_json(const struct jt_policy *p, const struct jt_explain_scope *s)
{
	static const char *const through[] = {[JT_THROUGH_NOTHING] = "nothing",
		[JT_THROUGH_OWNER] = "owner",
		[JT_THROUGH_ROLE] = "role",
		[JT_THROUGH_TEAM_ROLE] = "team_role"};
	json_t *o = json_pack("{s:s, s:s}", "scope", s->name, "outcome", outcome_of(s));
	bool whole = o != NULL;

	set_text(o, "text", s->text, &whole);
	if (s->known) {
		set(o, "kind_may", json_boolean(s->kind_may), &whole);
		set(o, "in_role", json_boolean(s->in_role), &whole);
		set(o, "in_team_role", json_boolean(s->in_team_role), &whole);
		set(o, "through", json_string(through[s->through]), &whole);
		set_marks(o, p, s, &whole);
	}
	return finish(o, whole);
}

static bool is_about_scope(enum jt_step step)
{
	return step == JT_STEP_UNKNOWN_SCOPE || step == JT_STEP_SCOPE || step == JT_STEP_PARTIAL;
}

json_t *jt_json_explanation(const struct jt_policy *p, const struct jt_explanation *e)
{
	json_t *steps = json_array();
	json_t *scopes = json_array();
	json_t *o = json_pack("{s:b, s:s, s:s, s:I, s:o}", "allowed", e->step == JT_STEP_ALLOWED, "decision",
		jt_step_name(e->step), "conclusion", e->conclusion, "as_of", (json_int_t)e->as_of, "value",
		value_json(e));
	bool whole = o && steps && scopes;

	for (unsigned i = 0; whole && i < JT_EXPLAIN_STEP_COUNT; i++)
		whole = json_array_append_new(steps, step_json(&e->steps[i])) == 0;
	for (size_t i = 0; whole && i < e->scopes; i++)
		whole = json_array_append_new(scopes, scope_json(p, &e->scope[i])) == 0;
	if (e->now_s)
		set(o, "decided_at", jt_json_time_s(e->now_s), &whole);
	if (is_about_scope(e->step))
		set(o, "missing", json_string(e->scope[e->missing].name), &whole);
	if (e->known)
		set(o, "token", token_json(e), &whole);
	if (e->placed)
		set(o, "place", place_json(e), &whole);
	set(o, "steps", steps, &whole);
	set(o, "scopes", scopes, &whole);
	return finish(o, whole);
}
