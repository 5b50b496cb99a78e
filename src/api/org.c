/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/role_json.h"
#include "authority/org_change.h"
#include "authority/token.h"
#include "base/clock.h"
#include "http/call.h"
#include "store/org.h"
#include "store/org_limit.h"

/* What is held at the operation's place: at org level also what is held for the caller's teams. */
static enum jt_result run_my_scopes(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_verify *v = jt_authority_verify(c->au);
	struct jt_scopes held = c->grant.held;
	enum jt_result r;

	(void)tx;
	jt_scopes_unite(&held, &c->grant.partly);
	r = jt_call_answer(c, jt_json_scopes(jt_verify_policy(v), &held));
	jt_verify_policy_done(v);
	return r;
}

static enum jt_result answer_org(struct jt_call *c, struct jt_tx *tx)
{
	int64_t maximum[JT_KIND_COUNT] = {0};
	struct jt_org_row org;
	json_t *maxima = json_object();
	enum jt_result r = jt_org_get(tx->db, &c->org, &org);

	if (r == JT_OK)
		r = jt_org_limits_get(tx->db, &c->org, maximum);
	for (int k = 0; r == JT_OK && k < JT_KIND_COUNT; k++) {
		if (maximum[k] &&
			json_object_set_new(maxima, jt_kind_name((enum jt_kind)k), json_integer(maximum[k])) != 0)
			r = JT_NOMEM;
	}
	if (r == JT_OK)
		return jt_call_answer(c,
			json_pack("{s:o, s:s, s:s, s:o, s:b, s:o}", "id", jt_json_id(&org.id), "name", org.name, "slug",
				org.slug, "max_token_seconds", maxima, "require_second_factor", (int)org.require_factor,
				"created_at", jt_json_time_s(org.created_ns / JT_NS_PER_S)));
	json_decref(maxima);
	return r;
}

/* The maxima that the body names; -1: not named. False if there are none. */
static bool read_maxima(struct jt_call *c, int64_t out[JT_KIND_COUNT])
{
	json_t *map = json_object_get(c->body, "max_token_seconds");
	const char *key = NULL;
	json_t *value = NULL;

	for (int k = 0; k < JT_KIND_COUNT; k++)
		out[k] = -1;
	json_object_foreach(map, key, value)
	{
		enum jt_kind kind;

		if (jt_kind_parse(key, &kind) == JT_OK)
			out[kind] = json_integer_value(value);
	}
	return map != NULL;
}

static enum jt_result check_update(struct jt_call *c)
{
	json_t *map = json_object_get(c->body, "max_token_seconds");
	const char *key = NULL;
	json_t *value = NULL;
	enum jt_kind kind;
	bool required;

	if (!map && !jt_call_text(c, "name") && !jt_call_bool(c, "require_second_factor", &required))
		return jt_why_field(&c->why, "body", "must have name, max_token_seconds or require_second_factor");
	json_object_foreach(map, key, value)
	{
		if (jt_kind_parse(key, &kind) != JT_OK)
			return jt_why_field(&c->why, "max_token_seconds", "'%.40s' is not a kind of token", key);
	}
	return JT_OK;
}

static enum jt_result run_update(struct jt_call *c, struct jt_tx *tx)
{
	int64_t maximum[JT_KIND_COUNT];
	bool required = false;
	struct jt_org_order order = {.name = jt_call_text(c, "name")};
	enum jt_result r;

	if (read_maxima(c, maximum))
		order.max_token_s = maximum;
	if (jt_call_bool(c, "require_second_factor", &required))
		order.require_factor = &required;
	r = jt_org_alter(tx, &c->who, &order);

	return r == JT_OK ? answer_org(c, tx) : r;
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	return jt_org_end(tx, &c->who, &c->why);
}

static enum jt_result run_set_owner(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id user = {{0}};

	(void)jt_call_id(c, "user_id", &user);
	return jt_org_hand_over(tx, &c->who, &user, &c->why);
}

static const struct jt_field update_fields[] = {
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "max_token_seconds", .type = JT_FIELD_MAP, .min = 0, .max = JT_VALID_FOR_MAX_S},
	{.name = "require_second_factor", .type = JT_FIELD_BOOL},
	{0},
};
static const struct jt_field update_body[] = {{.type = JT_FIELD_OBJECT, .of = update_fields}};
static const struct jt_field owner_fields[] = {
	{.name = "user_id", .type = JT_FIELD_ID, .need = JT_REQUIRED},
	{0},
};
static const struct jt_field owner_body[] = {{.type = JT_FIELD_OBJECT, .of = owner_fields}};

#define ORG "/api/v4/orgs/{org}"

const struct jt_op jt_api_org[] = {
	{.id = "my_scopes",
		.method = "GET",
		.path = ORG "/my_scopes",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_PLAIN,
		.run = run_my_scopes},
	{.id = "my_scopes_app",
		.method = "GET",
		.path = ORG "/apps/{app}/my_scopes",
		.level = JT_LEVEL_APP,
		.flags = JT_OP_PLAIN,
		.run = run_my_scopes},
	{.id = "my_scopes_team",
		.method = "GET",
		.path = ORG "/rbac/teams/{team}/my_scopes",
		.level = JT_LEVEL_TEAM,
		.flags = JT_OP_PLAIN,
		.run = run_my_scopes},
	{.id = "get_org", .method = "GET", .path = ORG, .scope = "org:read", .level = JT_LEVEL_ORG, .run = answer_org},
	{.id = "update_org",
		.method = "PATCH",
		.path = ORG,
		.scope = "org:update",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_FULL,
		.body = update_body,
		.check = check_update,
		.run = run_update},
	{.id = "delete_org",
		.method = "DELETE",
		.path = ORG,
		.scope = "org:delete",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_CONFIRMED,
		.run = run_delete},
	{.id = "set_owner",
		.method = "POST",
		.path = ORG "/owner",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_SESSION | JT_OP_CONFIRMED,
		.body = owner_body,
		.run = run_set_owner},
	{0},
};
