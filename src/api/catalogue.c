/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/role_json.h"
#include "http/call.h"

/* What the catalogue in force says, for who draws the matrix of kinds, roles and areas. It is the same for everybody, and tells nothing
 * of an org. */

/* Appends to `list`, or gives both up. */
static json_t *append(json_t *list, json_t *item)
{
	if (list && json_array_append_new(list, item) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *areas_json(const struct jt_policy *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->area_count; i++)
		list = append(
			list, json_pack("{s:s, s:o}", "name", p->area[i], "scopes", jt_json_scopes(p, &p->in_area[i])));
	return list;
}

/* Does a token of this kind hold what a role says, of whatever area? */
static bool is_by_role(enum jt_kind kind)
{
	return kind == JT_KIND_PERSONAL || kind == JT_KIND_CUSTOM;
}

/* A row of the matrix: of each area what the kind may hold at all; an area of which it may hold nothing is left out. */
static json_t *row_json(const struct jt_policy *p, enum jt_kind kind)
{
	json_t *row = json_object();

	for (unsigned i = 0; row && i < p->area_count; i++) {
		struct jt_scopes held = p->in_area[i];
		json_t *cell = NULL;

		jt_scopes_cut(&held, &p->may[kind]);
		if (jt_scopes_empty(&held))
			continue;
		cell = is_by_role(kind) ? json_string("by role") : jt_json_scopes(p, &held);
		if (json_object_set_new(row, p->area[i], cell) != 0) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}

static json_t *kinds_json(const struct jt_policy *p)
{
	json_t *list = json_array();

	for (int k = 0; list && k < JT_KIND_COUNT; k++) {
		const struct jt_role *role = jt_policy_token_role(p, (enum jt_kind)k);

		list = append(list, json_pack("{s:s, s:s, s:o}", "name", jt_kind_name((enum jt_kind)k), "description",
					    role ? role->description : "", "areas", row_json(p, (enum jt_kind)k)));
	}
	return list;
}

static json_t *areas_of(const struct jt_policy *p, const struct jt_scope *scope)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->area_count; i++)
		if (scope->areas >> i & 1)
			list = append(list, json_string(p->area[i]));
	return list;
}

static json_t *scopes_json(const struct jt_policy *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->scope_count; i++) {
		const struct jt_scope *s = &p->scope[i];

		list = append(list,
			json_pack("{s:s, s:b, s:b, s:b, s:o}", "name", s->name, "everyone", (int)s->everyone, "by_team",
				(int)s->by_team, "owner_only", (int)s->owner_only, "areas", areas_of(p, s)));
	}
	return list;
}

/* Who carries it: users, or tokens of one kind. */
static json_t *role_json(const struct jt_policy *p, const struct jt_role *role)
{
	const bool for_tokens = role->use == JT_ROLE_FOR_TOKENS;
	char id[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:o}", "id", jt_id_text(&role->id, id), "name", role->name,
		"description", role->description, "for", for_tokens ? "tokens" : "users", "reach",
		role->reach == JT_REACH_ORG ? "org" : "teams", "kind", for_tokens ? jt_kind_name(role->kind) : NULL,
		"scopes", jt_json_scopes(p, &role->scopes));
}

static json_t *roles_json(const struct jt_policy *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->role_count; i++)
		list = append(list, role_json(p, &p->role[i]));
	return list;
}

static enum jt_result run_get(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_policy *p = tx->policy;

	return jt_call_answer(c, json_pack("{s:o, s:o, s:o, s:o}", "areas", areas_json(p), "kinds", kinds_json(p),
					 "roles", roles_json(p), "scopes", scopes_json(p)));
}

const struct jt_op jt_api_catalogue[] = {
	{.id = "get_catalogue",
		.method = "GET",
		.path = "/api/v4/orgs/{org}/catalogue",
		.level = JT_LEVEL_ORG,
		.run = run_get},
	{0},
};
