/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/team_list.h"
#include "authority/team.h"
#include "http/call.h"

#include <string.h>

static enum jt_result run_get(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_team_row team;
	struct jt_id id;
	int64_t members = 0;
	json_t *people = NULL, *apps = NULL;
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_call_path_id(c, "team", &id);

	if (r == JT_OK)
		r = jt_team_get(tx->db, &c->org, &id, &team);
	if (r == JT_OK)
		r = jt_json_members(tx, &c->org, &id, &people, &members);
	if (r == JT_OK)
		r = jt_json_team_apps(tx, &c->org, &id, &apps);
	if (r == JT_OK)
		return jt_call_answer(c, json_pack("{s:s, s:s, s:I, s:o, s:o, s:[]}", "team_id", jt_id_text(&id, text),
						 "team_name", team.name, "version", (json_int_t)team.version,
						 "applications", apps, "members", people, "groups"));
	json_decref(people);
	json_decref(apps);
	return r;
}

static struct jt_team_order order_of(struct jt_call *c)
{
	struct jt_team_order order = {.version = -1,
		.add_apps = jt_call_list(c, "add_applications"),
		.remove_apps = jt_call_list(c, "remove_applications"),
		.add_members = jt_call_list(c, "add_team_membership"),
		.remove_members = jt_call_list(c, "remove_team_membership"),
		.name = jt_call_text(c, "change_name")};

	(void)jt_call_int(c, "version", &order.version);
	(void)jt_call_bool(c, "force_app_inclusion", &order.force);
	return order;
}

static enum jt_result run_change(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_team_order order = order_of(c);
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "team", &id);

	if (r == JT_OK)
		r = jt_team_change(tx, &c->who, c->op->id, &id, &order, &c->why);
	return r == JT_OK ? run_get(c, tx) : r;
}

static enum jt_result check_create(struct jt_call *c)
{
	if (jt_call_list(c, "members") != NULL && jt_call_list(c, "team_membership") != NULL)
		return jt_why_field(&c->why, "members", "means the same as team_membership: give one of them");
	return JT_OK;
}

static enum jt_result run_create(struct jt_call *c, struct jt_tx *tx)
{
	json_t *members = jt_call_list(c, "members");
	struct jt_team_order order = {.version = -1,
		.name = jt_call_text(c, "name"),
		.add_apps = jt_call_list(c, "applications"),
		.add_members = members != NULL ? members : jt_call_list(c, "team_membership")};
	char text[JT_ID_TEXT_SIZE];
	struct jt_id id;
	enum jt_result r = jt_team_create(tx, &c->who, &order, &id, &c->why);

	return r == JT_OK ? jt_call_answer(c, json_pack("{s:s}", "team_id", jt_id_text(&id, text))) : r;
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	int64_t version = -1;
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "team", &id);

	(void)jt_call_int(c, "version", &version);
	return r == JT_OK ? jt_team_remove(tx, &c->who, &id, version, &c->why) : r;
}

#define VERSION(is) \
	{ \
		.name = "version", .type = JT_FIELD_INT, .need = (is), .min = 0, .max = INT64_MAX \
	}
#define APPS(field) \
	{ \
		.name = (field), .type = JT_FIELD_LIST, .min = 0, .max = 1000, .item = JT_FIELD_APP \
	}
#define USERS(field) \
	{ \
		.name = (field), .type = JT_FIELD_LIST, .min = 0, .max = 1000, .item = JT_FIELD_ID \
	}
#define MEMBERS(field) \
	{ \
		.name = (field), .type = JT_FIELD_LIST, .min = 0, .max = 1000, .item = JT_FIELD_OBJECT, \
		.of = member_fields \
	}
#define FORCE \
	{ \
		.name = "force_app_inclusion", .type = JT_FIELD_BOOL \
	}
#define OBJECT(fields) \
	{ \
		{ \
			.type = JT_FIELD_OBJECT, .of = (fields) \
		} \
	}

static const struct jt_field member_fields[] = {
	{.name = "user_id_v2", .type = JT_FIELD_ID, .need = JT_REQUIRED},
	{.name = "team_role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{0},
};
static const struct jt_field create_fields[] = {
	{.name = "name", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	APPS("applications"),
	MEMBERS("members"),
	MEMBERS("team_membership"),
	{0},
};
static const struct jt_field create_body[] = OBJECT(create_fields);
static const struct jt_field change_fields[] = {
	VERSION(JT_OPTIONAL),
	APPS("add_applications"),
	APPS("remove_applications"),
	FORCE,
	MEMBERS("add_team_membership"),
	USERS("remove_team_membership"),
	{0},
};
static const struct jt_field change_body[] = OBJECT(change_fields);
static const struct jt_field membership_fields[] = {
	VERSION(JT_REQUIRED), MEMBERS("add_team_membership"), USERS("remove_team_membership"), {0}};
static const struct jt_field membership_body[] = OBJECT(membership_fields);
static const struct jt_field apps_fields[] = {
	VERSION(JT_REQUIRED), APPS("add_applications"), APPS("remove_applications"), FORCE, {0}};
static const struct jt_field apps_body[] = OBJECT(apps_fields);
static const struct jt_field metadata_fields[] = {
	VERSION(JT_REQUIRED), {.name = "change_name", .type = JT_FIELD_NAME, .min = 1, .max = 128}, {0}};
static const struct jt_field metadata_body[] = OBJECT(metadata_fields);
static const struct jt_field delete_fields[] = {VERSION(JT_REQUIRED), {0}};
static const struct jt_field delete_body[] = OBJECT(delete_fields);

static const struct jt_param list_query[] = {
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "teamName", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "search", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "no_members", .type = JT_FIELD_BOOL},
	{.name = "details", .type = JT_FIELD_BOOL},
	{0},
};

#define TEAMS "/api/v4/orgs/{org}/rbac/teams"
#define ON_TEAM .read_scope = "teams:read", .level = JT_LEVEL_TEAM

const struct jt_op jt_api_teams[] = {
	{.id = "list_teams",
		.method = "GET",
		.path = TEAMS,
		.scope = "teams:list",
		.level = JT_LEVEL_ORG,
		.query = list_query,
		.run = jt_api_list_teams},
	{.id = "create_team",
		.method = "POST",
		.path = TEAMS,
		.scope = "teams:create",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL,
		.body = create_body,
		.check = check_create,
		.run = run_create},
	{.id = "get_team", .method = "GET", .path = TEAMS "/{team}", .scope = "teams:read", ON_TEAM, .run = run_get},
	{.id = "update_team",
		.method = "PUT",
		.path = TEAMS "/{team}",
		.scope = "teams:update",
		ON_TEAM,
		.flags = JT_OP_WRITE,
		.body = change_body,
		.run = run_change},
	{.id = "update_team_membership",
		.method = "PUT",
		.path = TEAMS "/{team}/membership",
		.scope = "team_members:update",
		ON_TEAM,
		.flags = JT_OP_WRITE,
		.body = membership_body,
		.run = run_change},
	{.id = "update_team_apps",
		.method = "PUT",
		.path = TEAMS "/{team}/apps",
		.scope = "team_apps:update",
		ON_TEAM,
		.flags = JT_OP_WRITE,
		.body = apps_body,
		.run = run_change},
	{.id = "update_team_metadata",
		.method = "PUT",
		.path = TEAMS "/{team}/metadata",
		.scope = "teams:update",
		ON_TEAM,
		.flags = JT_OP_WRITE,
		.body = metadata_body,
		.run = run_change},
	{.id = "delete_team",
		.method = "DELETE",
		.path = TEAMS "/{team}",
		.scope = "teams:delete",
		ON_TEAM,
		.flags = JT_OP_WRITE,
		.body = delete_body,
		.run = run_delete},
	{0},
};
