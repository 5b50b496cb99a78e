/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/user_json.h"
#include "api/user_list.h"
#include "authority/role.h"
#include "authority/user.h"

static enum jt_result answer_made(struct jt_call *c, const struct jt_account_row *made, const struct jt_new_link *link)
{
	char id[JT_ID_TEXT_SIZE];
	json_t *url = NULL, *at = NULL;
	json_t *o = json_pack(
		"{s:s, s:s, s:s}", "id_v2", jt_id_text(&made->id, id), "name", made->name, "email", made->email);

	if (o != NULL && link->secret[0] != '\0') {
		url = jt_json_link(c, "setup", link->secret);
		at = jt_json_time_s(link->expires_s);
		if (json_object_set_new(o, "setup", json_pack("{s:o, s:o}", "url", url, "expires_at", at)) != 0) {
			json_decref(o);
			o = NULL;
		}
	}
	return jt_call_answer(c, o);
}

static enum jt_result run_create(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_user_order order = {.email = jt_call_text(c, "email"),
		.name = jt_call_text(c, "name"),
		.role = jt_call_text(c, "org_role"),
		.password = c->state};
	struct jt_account_row made;
	struct jt_new_link link;
	enum jt_result r = jt_user_create(tx, &c->who, &order, &made, &link, &c->why);

	if (r == JT_OK)
		r = answer_made(c, &made, &link);
	jt_secret_wipe(&link, sizeof(link));
	return r;
}

static enum jt_result run_set_role(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id id, role;
	enum jt_result r =
		jt_role_named(tx, &c->org, "org_role", jt_call_text(c, "org_role"), JT_ROLE_AT_ORG, &role, &c->why);

	if (r == JT_OK)
		r = jt_call_path_id(c, "user", &id);
	return r == JT_OK ? jt_user_set_role(tx, &c->who, c->op->id, &id, &role, &c->why) : r;
}

static enum jt_result run_update(struct jt_call *c, struct jt_tx *tx)
{
	bool disabled = false;
	const bool given = jt_call_bool(c, "disabled", &disabled);
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "user", &id);

	if (r != JT_OK)
		return r;
	return jt_user_update(tx, &c->who, &id, jt_call_text(c, "name"), given ? &disabled : NULL, &c->why);
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	const enum jt_user_tokens tokens =
		jt_call_query_true(c, "revoke_created") ? JT_USER_TOKENS_REVOKED : JT_USER_TOKENS_STAY;
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "user", &id);

	return r == JT_OK ? jt_user_remove(tx, &c->who, &id, tokens, &c->why) : r;
}

static enum jt_result run_link(struct jt_call *c, struct jt_tx *tx)
{
	enum jt_link_purpose purpose = JT_LINK_RESET;
	struct jt_new_link link = {0};
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "user", &id);

	if (r == JT_OK)
		r = jt_user_link(tx, &c->who, &id, &purpose, &link, &c->why);
	if (r == JT_OK)
		r = jt_call_answer(c, json_pack("{s:s, s:o, s:o}", "purpose", jt_link_name(purpose), "url",
					      jt_json_link(c, jt_link_name(purpose), link.secret), "expires_at",
					      jt_json_time_s(link.expires_s)));
	jt_secret_wipe(&link, sizeof(link));
	return r;
}

static const struct jt_field create_fields[] = {
	{.name = "email", .type = JT_FIELD_EMAIL, .need = JT_REQUIRED, .min = 3, .max = 254},
	{.name = "org_role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "password", .type = JT_FIELD_SECRET, .min = 12, .max = 1024},
	{0},
};
static const struct jt_field create_body[] = {{.type = JT_FIELD_OBJECT, .of = create_fields}};
static const struct jt_field role_fields[] = {
	{.name = "org_role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{0},
};
static const struct jt_field role_body[] = {{.type = JT_FIELD_OBJECT, .of = role_fields}};
static const struct jt_field update_fields[] = {
	{.name = "disabled", .type = JT_FIELD_BOOL},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{0},
};
static const struct jt_field update_body[] = {{.type = JT_FIELD_OBJECT, .of = update_fields}};

static const struct jt_param list_query[] = {
	{.name = "search", .type = JT_FIELD_NAME, .min = 1, .max = 254},
	{.name = "email", .type = JT_FIELD_NAME, .min = 3, .max = 254},
	{.name = "team", .type = JT_FIELD_ID},
	{.name = "role", .type = JT_FIELD_ID},
	{.name = "sort", .type = JT_FIELD_NAME, .min = 1, .max = 16, .values = "email|name"},
	{.name = "details", .type = JT_FIELD_BOOL},
	{0},
};
static const struct jt_param delete_query[] = {{.name = "revoke_created", .type = JT_FIELD_BOOL}, {0}};

#define USERS "/api/v4/orgs/{org}/rbac/users"

const struct jt_op jt_api_users[] = {
	{.id = "list_users",
		.method = "GET",
		.path = USERS,
		.scope = "org_user:list",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_FULL,
		.query = list_query,
		.run = jt_api_list_users},
	{.id = "create_user",
		.method = "POST",
		.path = USERS,
		.scope = "org_user:create",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_SECRET,
		.body = create_body,
		.hash = jt_api_hash_password,
		.run = run_create},
	{.id = "set_user_role",
		.method = "PUT",
		.path = USERS "/{user}",
		.scope = "teams:update",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL,
		.body = role_body,
		.run = run_set_role},
	{.id = "update_user",
		.method = "PATCH",
		.path = USERS "/{user}",
		.scope = "org_user:update",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_STRICT,
		.body = update_body,
		.run = run_update},
	{.id = "delete_user",
		.method = "DELETE",
		.path = USERS "/{user}",
		.scope = "org_user:delete",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_CONFIRMED,
		.query = delete_query,
		.run = run_delete},
	{.id = "make_user_link",
		.method = "POST",
		.path = USERS "/{user}/link",
		.scope = "org_user:update",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_SECRET | JT_OP_CONFIRMED,
		.run = run_link},
	{0},
};
