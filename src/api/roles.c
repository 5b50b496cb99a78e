/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/role_json.h"
#include "authority/role.h"
#include "http/call.h"

#include <string.h>

static enum jt_result run_list(struct jt_call *c, struct jt_tx *tx)
{
	json_t *list = json_array();
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = list != NULL ? JT_OK : JT_NOMEM;

	for (unsigned i = 0; r == JT_OK && i < tx->policy->role_count; i++)
		if (tx->policy->role[i].use == JT_ROLE_FOR_USERS &&
			json_array_append_new(list, jt_json_managed_role(tx->policy, &tx->policy->role[i])) != 0)
			r = JT_NOMEM;
	if (r == JT_OK)
		r = jt_role_list(tx->db, &c->org, &rows);
	while (r == JT_OK && (r = jt_role_next(rows, &row)) == JT_OK)
		if (json_array_append_new(list, jt_json_custom_role(&row)) != 0)
			r = JT_NOMEM;
	jt_rows_close(&rows);
	if (r == JT_DONE)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}

static enum jt_result answer_role(struct jt_call *c, struct jt_tx *tx, const struct jt_id *id)
{
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = jt_role_get(tx->db, &c->org, id, &rows, &row);

	if (r == JT_OK)
		r = jt_call_answer(c, jt_json_custom_role(&row));
	jt_rows_close(&rows);
	return r;
}

static enum jt_result check_create(struct jt_call *c)
{
	const char *type = jt_call_text(c, "role_type"), *reach = jt_call_text(c, "reach");

	if (type != NULL && strcmp(type, "team") != 0 && strcmp(type, "organization") != 0)
		return jt_why_field(&c->why, "role_type", "must be team or organization");
	if (reach != NULL && strcmp(reach, "org") != 0 && strcmp(reach, "teams") != 0)
		return jt_why_field(&c->why, "reach", "must be org or teams");
	if (reach != NULL && type != NULL && strcmp(type, "team") == 0 && strcmp(reach, "teams") != 0)
		return jt_why_field(&c->why, "reach", "a team role reaches the team in which it is held");
	return JT_OK;
}

static enum jt_result run_create(struct jt_call *c, struct jt_tx *tx)
{
	const char *type = jt_call_text(c, "role_type"), *reach = jt_call_text(c, "reach");
	struct jt_role_order order = {.name = jt_call_text(c, "name"),
		.description = jt_call_text(c, "description"),
		.scopes = jt_call_list(c, "scopes"),
		.for_teams = type != NULL && strcmp(type, "team") == 0,
		.reach_teams = reach != NULL && strcmp(reach, "teams") == 0};
	struct jt_id id;
	enum jt_result r = jt_role_create(tx, &c->who, &order, &id, &c->why);

	c->status = 201;
	return r == JT_OK ? answer_role(c, tx, &id) : r;
}

static enum jt_result run_update(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_role_order order = {.name = jt_call_text(c, "name"),
		.description = jt_call_text(c, "description"),
		.scopes = jt_call_list(c, "scopes")};
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "role", &id);

	if (r == JT_OK)
		r = jt_role_change(tx, &c->who, &id, &order, &c->why);
	return r == JT_OK ? answer_role(c, tx, &id) : r;
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "role", &id);

	return r == JT_OK ? jt_role_remove(tx, &c->who, &id, &c->why) : r;
}

static enum jt_result run_scopes(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_scopes may = tx->policy->all;

	jt_scopes_minus(&may, &tx->policy->owner_only);
	return jt_call_answer(c, jt_json_scopes(tx->policy, &may));
}

static const struct jt_field create_fields[] = {
	{.name = "name", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "scopes",
		.type = JT_FIELD_LIST,
		.need = JT_REQUIRED,
		.min = 0,
		.max = 512,
		.item = JT_FIELD_NAME,
		.item_min = 3,
		.item_max = 80},
	{.name = "description", .type = JT_FIELD_TEXT, .min = 0, .max = 1024},
	{.name = "role_type", .type = JT_FIELD_NAME, .min = 1, .max = 32},
	{.name = "reach", .type = JT_FIELD_NAME, .min = 1, .max = 32},
	{0},
};
static const struct jt_field create_body[] = {{.type = JT_FIELD_OBJECT, .of = create_fields}};
static const struct jt_field update_fields[] = {
	{.name = "scopes",
		.type = JT_FIELD_LIST,
		.need = JT_REQUIRED,
		.min = 0,
		.max = 512,
		.item = JT_FIELD_NAME,
		.item_min = 3,
		.item_max = 80},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "description", .type = JT_FIELD_TEXT, .min = 0, .max = 1024},
	{0},
};
static const struct jt_field update_body[] = {{.type = JT_FIELD_OBJECT, .of = update_fields}};

#define ROLES "/api/v4/orgs/{org}/rbac/roles"

const struct jt_op jt_api_roles[] = {
	{.id = "list_roles",
		.method = "GET",
		.path = ROLES,
		.scope = "roles:list",
		.level = JT_LEVEL_ORG,
		.run = run_list},
	{.id = "create_role",
		.method = "POST",
		.path = ROLES,
		.scope = "roles:create",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_STATUS_409,
		.body = create_body,
		.check = check_create,
		.run = run_create},
	{.id = "update_role",
		.method = "PUT",
		.path = ROLES "/{role}",
		.scope = "roles:update",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_STATUS_404,
		.body = update_body,
		.run = run_update},
	{.id = "delete_role",
		.method = "DELETE",
		.path = ROLES "/{role}",
		.scope = "roles:delete",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_STATUS_404,
		.run = run_delete},
	{.id = "list_scopes",
		.method = "GET",
		.path = "/api/v4/orgs/{org}/rbac/scopes",
		.scope = "scopes:list",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_FULL,
		.run = run_scopes},
	{0},
};
