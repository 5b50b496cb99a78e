/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/role_json.h"
#include "api/token_json.h"
#include "api/usage_json.h"
#include "authority/token.h"
#include "base/clock.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#define TEAMS_MAX JT_TOKEN_TEAMS_MAX
#define REVOKED_AT_ONCE_MAX 1000

static enum jt_result run_list_roles(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_policy *p = tx->policy;
	json_t *list = json_array();

	for (unsigned i = 0; list && i < p->role_count; i++) {
		const struct jt_role *role = &p->role[i];
		char id[JT_ID_TEXT_SIZE];

		if (role->use != JT_ROLE_FOR_TOKENS)
			continue;
		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s, s:s}", "id", jt_id_text(&role->id, id), "label",
					  role->name, "description", role->description, "role_type", "managed")) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return jt_call_answer(c, list);
}

/* The ids that a field of the body names: no two alike. call->state becomes the array. */
static enum jt_result read_ids(struct jt_call *c, const char *field)
{
	json_t *list = jt_call_list(c, field);
	size_t count = json_array_size(list);
	struct jt_id *id = count ? calloc(count, sizeof(*id)) : NULL;

	if (count && !id)
		return JT_NOMEM;
	c->state = id;
	for (size_t i = 0; i < count; i++) {
		const json_t *text = json_array_get(list, i);

		if (jt_id_parse(json_string_value(text), json_string_length(text), &id[i]) != JT_OK)
			return jt_why_field(&c->why, field, "must be a list of UUIDs");
		for (size_t before = 0; before < i; before++) {
			if (jt_id_equal(&id[before], &id[i]))
				return jt_why_field(&c->why, field, "names %s twice", json_string_value(text));
		}
	}
	return JT_OK;
}

/* Answers with a token; with its value if it has one. Wipes it. */
static enum jt_result answer(struct jt_call *c, struct jt_tx *tx, struct jt_token_shown *shown)
{
	json_t *o = NULL;
	enum jt_result r = jt_json_token_shown(
		tx, shown, jt_call_query_true(c, "details") ? JT_TOKEN_DETAILS : JT_TOKEN_PLAIN, &o);

	if (r == JT_OK)
		r = jt_call_answer(c, o);

	if (r == JT_OK && shown->value[0])
		c->secret_of = shown->row.id;
	jt_secret_wipe(shown->value, sizeof(shown->value));
	return r;
}

static enum jt_result run_create(struct jt_call *c, struct jt_tx *tx)
{
	json_t *teams = jt_call_list(c, "teams");
	struct jt_token_order order = {.label = jt_call_text(c, "label"),
		.description = jt_call_text(c, "description"),
		.role = jt_call_text(c, "role_id"),
		.token_type = jt_call_text(c, "token_type"),
		.limited = teams != NULL,
		.team = c->state,
		.teams = json_array_size(teams)};
	struct jt_token_shown *shown = calloc(1, sizeof(*shown));
	enum jt_result r = shown ? JT_OK : JT_NOMEM;

	(void)jt_call_int(c, "valid_for_seconds", &order.valid_for_s);
	if (r == JT_OK)
		r = jt_token_issue(tx, &c->who, &order, shown, &c->why);
	if (r == JT_OK)
		r = answer(c, tx, shown);
	free(shown);
	return r;
}

/* One token, by whatever `what` does with it. */
static enum jt_result on_token(struct jt_call *c, struct jt_tx *tx,
	enum jt_result (*what)(struct jt_call *c, struct jt_tx *tx, const struct jt_id *id, struct jt_token_shown *out))
{
	struct jt_token_shown *shown = calloc(1, sizeof(*shown));
	struct jt_id id;
	enum jt_result r = shown ? jt_call_path_id(c, "token", &id) : JT_NOMEM;

	if (r == JT_OK)
		r = what(c, tx, &id, shown);
	if (r == JT_OK)
		r = answer(c, tx, shown);
	free(shown);
	return r;
}

static enum jt_result show(struct jt_call *c, struct jt_tx *tx, const struct jt_id *id, struct jt_token_shown *out)
{
	return jt_token_show(tx, &c->who, id, out, &c->why);
}

static enum jt_result run_get(struct jt_call *c, struct jt_tx *tx)
{
	return on_token(c, tx, show);
}

static enum jt_result describe(struct jt_call *c, struct jt_tx *tx, const struct jt_id *id, struct jt_token_shown *out)
{
	return jt_token_describe(
		tx, &c->who, id, jt_call_text(c, "label"), jt_call_text(c, "description"), out, &c->why);
}

static enum jt_result run_update(struct jt_call *c, struct jt_tx *tx)
{
	return on_token(c, tx, describe);
}

static enum jt_result rotate(struct jt_call *c, struct jt_tx *tx, const struct jt_id *id, struct jt_token_shown *out)
{
	int64_t overlap_s = 0;

	(void)jt_call_int(c, "overlap_seconds", &overlap_s);
	return jt_token_rotate(tx, &c->who, id, overlap_s, out, &c->why);
}

static enum jt_result run_rotate(struct jt_call *c, struct jt_tx *tx)
{
	return on_token(c, tx, rotate);
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	enum jt_cascade cascade = jt_call_query_true(c, "cascade") ? JT_CASCADE_YES : JT_CASCADE_NO;
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "token", &id);

	return r == JT_OK ? jt_token_revoke(tx, &c->who, &id, cascade, &c->why) : r;
}

static enum jt_result check_revoke(struct jt_call *c)
{
	return read_ids(c, "ids");
}

static enum jt_result run_revoke(struct jt_call *c, struct jt_tx *tx)
{
	json_t *ids = jt_call_list(c, "ids"), *revoked = json_array(), *not_found = json_array();
	const size_t count = json_array_size(ids);
	const struct jt_id *id = c->state;
	bool *done = calloc(count, sizeof(*done));
	enum jt_result r = revoked && not_found && done ? JT_OK : JT_NOMEM;

	if (r == JT_OK)
		r = jt_token_revoke_all(tx, &c->who, id, count, done);
	for (size_t i = 0; r == JT_OK && i < count; i++) {
		if (json_array_append_new(done[i] ? revoked : not_found, jt_json_id(&id[i])) != 0)
			r = JT_NOMEM;
	}
	free(done);
	if (r == JT_OK)
		return jt_call_answer(c, json_pack("{s:o, s:o}", "revoked", revoked, "not_found", not_found));
	json_decref(revoked);
	json_decref(not_found);
	return r;
}

static enum jt_result run_usage(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_token_used used;
	struct jt_id id;
	json_t *answer = NULL;
	enum jt_result r = jt_call_path_id(c, "token", &id);

	if (r == JT_OK)
		r = jt_token_usage(tx, &c->who, &id, &used, &c->why);
	if (r != JT_OK)
		return r;
	answer = jt_json_used(tx->policy, &used, tx->now_ns / JT_NS_PER_S);
	if (answer && json_object_set_new(answer, "scopes_never_used", jt_json_scopes(tx->policy, &used.never)) != 0) {
		json_decref(answer);
		answer = NULL;
	}
	return jt_call_answer(c, answer);
}

static const struct jt_field create_fields[] = {
	{.name = "label", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "role_id", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "description", .type = JT_FIELD_TEXT, .min = 0, .max = 1024},
	{.name = "token_type", .type = JT_FIELD_NAME, .min = 1, .max = 16},
	{.name = "valid_for_seconds", .type = JT_FIELD_INT, .min = 1, .max = JT_VALID_FOR_MAX_S},
	{.name = "teams", .type = JT_FIELD_LIST, .min = 1, .max = TEAMS_MAX, .item = JT_FIELD_ID},
	{0},
};
static const struct jt_field create_body[] = {{.type = JT_FIELD_OBJECT, .of = create_fields}};
static const struct jt_field update_fields[] = {
	{.name = "label", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "description", .type = JT_FIELD_TEXT, .min = 0, .max = 1024},
	{0},
};
static const struct jt_field update_body[] = {{.type = JT_FIELD_OBJECT, .of = update_fields}};
static const struct jt_field rotate_fields[] = {
	{.name = "overlap_seconds", .type = JT_FIELD_INT, .min = 0, .max = JT_OVERLAP_MAX_S},
	{0},
};
static const struct jt_field rotate_body[] = {{.type = JT_FIELD_OBJECT, .of = rotate_fields}};
static const struct jt_field revoke_fields[] = {
	{.name = "ids",
		.type = JT_FIELD_LIST,
		.need = JT_REQUIRED,
		.min = 1,
		.max = REVOKED_AT_ONCE_MAX,
		.item = JT_FIELD_ID},
	{0},
};
static const struct jt_field revoke_body[] = {{.type = JT_FIELD_OBJECT, .of = revoke_fields}};
static const struct jt_param list_query[] = {
	{.name = "show_expired", .type = JT_FIELD_BOOL},
	{.name = "token_type", .type = JT_FIELD_NAME, .min = 1, .max = 16, .values = "access|integration"},
	{.name = "kind",
		.type = JT_FIELD_NAME,
		.min = 1,
		.max = 16,
		.values = "personal|ci|github|jira|access|service|custom"},
	{.name = "created_by", .type = JT_FIELD_ID},
	{.name = "search", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "role", .type = JT_FIELD_ID},
	{.name = "team", .type = JT_FIELD_ID},
	{.name = "state", .type = JT_FIELD_NAME, .min = 1, .max = 16, .values = "active|expired|expiring|unused"},
	{.name = "sort", .type = JT_FIELD_NAME, .min = 1, .max = 16, .values = "created|label|last_used|expires"},
	{.name = "details", .type = JT_FIELD_BOOL},
	{0},
};
static const struct jt_param show_query[] = {{.name = "details", .type = JT_FIELD_BOOL}, {0}};
static const struct jt_param delete_query[] = {{.name = "cascade", .type = JT_FIELD_BOOL}, {0}};

static enum jt_result check_type(struct jt_call *c)
{
	const char *type = jt_call_text(c, "token_type");

	if (type && strcmp(type, "access") != 0 && strcmp(type, "integration") != 0)
		return jt_why_field(&c->why, "token_type", "must be access or integration");
	return read_ids(c, "teams");
}

#define TOKENS "/api/v4/orgs/{org}/tokens"
#define ON_ORG .level = JT_LEVEL_ORG

const struct jt_op jt_api_tokens[] = {
	{.id = "list_token_roles",
		.method = "GET",
		.path = "/api/v4/orgs/{org}/roles",
		.scope = "roles:list",
		ON_ORG,
		.run = run_list_roles},
	{.id = "list_tokens",
		.method = "GET",
		.path = TOKENS,
		.scope = "tokens:list",
		ON_ORG,
		.flags = JT_OP_FULL,
		.query = list_query,
		.run = jt_api_list_tokens},
	{.id = "create_token",
		.method = "POST",
		.path = TOKENS,
		.scope = "tokens:create",
		ON_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_FULL | JT_OP_SECRET | JT_OP_CONFIRMED,
		.body = create_body,
		.check = check_type,
		.run = run_create},
	{.id = "get_token",
		.method = "GET",
		.path = TOKENS "/{token}",
		.scope = "tokens:list",
		ON_ORG,
		.flags = JT_OP_FULL,
		.query = show_query,
		.run = run_get},
	{.id = "get_token_usage",
		.method = "GET",
		.path = TOKENS "/{token}/usage",
		.scope = "tokens:list",
		ON_ORG,
		.flags = JT_OP_FULL,
		.run = run_usage},
	{.id = "update_token",
		.method = "PATCH",
		.path = TOKENS "/{token}",
		.scope = "tokens:update",
		ON_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_FULL,
		.body = update_body,
		.run = run_update},
	{.id = "delete_token",
		.method = "DELETE",
		.path = TOKENS "/{token}",
		.scope = "tokens:delete",
		ON_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_CONFIRMED,
		.query = delete_query,
		.run = run_delete},
	{.id = "revoke_tokens",
		.method = "POST",
		.path = TOKENS "/revoke",
		.scope = "tokens:delete",
		ON_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_FULL,
		.body = revoke_body,
		.check = check_revoke,
		.run = run_revoke},
	{.id = "rotate_token",
		.method = "POST",
		.path = TOKENS "/{token}/rotate",
		.scope = "tokens:update",
		ON_ORG,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_FULL | JT_OP_SECRET | JT_OP_BODY_OPTIONAL | JT_OP_CONFIRMED,
		.body = rotate_body,
		.run = run_rotate},
	{0},
};
