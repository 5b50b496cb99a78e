/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/user_json.h"
#include "authority/provision.h"
#include "authority/user.h"
#include "base/text.h"
#include "store/org.h"

#include <string.h>

#define EMAIL_TEXT_SIZE (254 * 4 + 1)

/* Step: an e-mail counts once in a request; the second time it is rejected. */
static enum jt_result provision_one(struct jt_call *c, struct jt_tx *tx, const json_t *item, json_t *seen,
	struct jt_rejected *rejected, const char *org_name, json_t *users)
{
	const char *email = json_string_value(json_object_get(item, "email"));
	char fold[EMAIL_TEXT_SIZE];
	struct jt_account_row row;
	bool done = false;
	enum jt_result r = jt_text_fold(email, fold, sizeof(fold));

	if (r != JT_OK)
		return r;
	if (json_object_get(seen, fold) != NULL)
		return json_array_append_new(rejected->emails, json_string(email)) == 0 ? JT_OK : JT_NOMEM;
	if (json_object_set_new(seen, fold, json_true()) != 0)
		return JT_NOMEM;
	r = jt_provision(tx, &c->who, item, rejected, &row, &done);
	if (r == JT_OK && done && json_array_append_new(users, jt_json_me(&row, org_name)) != 0)
		r = JT_NOMEM;
	return r;
}

static enum jt_result run_provision(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_rejected rejected = {json_array(), json_array(), json_array()};
	json_t *users = json_array(), *seen = json_object(), *item = NULL;
	struct jt_org_row org;
	size_t i = 0;
	enum jt_result r = JT_NOMEM;

	if (users != NULL && seen != NULL && rejected.emails != NULL && rejected.org_roles != NULL &&
		rejected.team_roles != NULL)
		r = jt_org_get(tx->db, &c->org, &org);
	json_array_foreach(c->body, i, item)
	{
		if (r == JT_OK)
			r = provision_one(c, tx, item, seen, &rejected, org.name, users);
	}
	if (r == JT_OK)
		r = jt_call_answer(c,
			json_pack("{s:O, s:O, s:O, s:O}", "users", users, "rejected_emails", rejected.emails,
				"rejected_org_roles", rejected.org_roles, "rejected_team_roles", rejected.team_roles));
	json_decref(users);
	json_decref(seen);
	json_decref(rejected.emails);
	json_decref(rejected.org_roles);
	json_decref(rejected.team_roles);
	return r;
}

static enum jt_result run_reset_one(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "user", &id);

	c->status = 204;
	return r == JT_OK ? jt_user_reset(tx, &c->who, c->op->id, &id, &c->why) : r;
}

/* Step: an id counts once. Who is not here is told apart; any other refusal refuses the whole request. */
static enum jt_result reset_one_of_many(
	struct jt_call *c, struct jt_tx *tx, const char *text, json_t *seen, json_t *reset, json_t *not_found)
{
	char key[JT_ID_TEXT_SIZE];
	struct jt_id id;
	enum jt_result r;

	if (jt_id_parse(text, strlen(text), &id) != JT_OK)
		return jt_why_field(&c->why, "user_ids", "must be UUIDs");
	if (json_object_get(seen, jt_id_text(&id, key)) != NULL)
		return JT_OK;
	if (json_object_set_new(seen, key, json_true()) != 0)
		return JT_NOMEM;
	r = jt_user_reset(tx, &c->who, c->op->id, &id, &c->why);
	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	return json_array_append_new(r == JT_OK ? reset : not_found, json_string(key)) == 0 ? JT_OK : JT_NOMEM;
}

static enum jt_result run_reset_many(struct jt_call *c, struct jt_tx *tx)
{
	json_t *reset = json_array(), *not_found = json_array(), *seen = json_object(), *item = NULL;
	enum jt_result r = reset != NULL && not_found != NULL && seen != NULL ? JT_OK : JT_NOMEM;
	size_t i = 0;

	json_array_foreach(jt_call_list(c, "user_ids"), i, item)
	{
		if (r == JT_OK)
			r = reset_one_of_many(c, tx, json_string_value(item), seen, reset, not_found);
	}
	if (r == JT_OK)
		r = jt_call_answer(
			c, json_pack("{s:O, s:O, s:[]}", "reset", reset, "not_found", not_found, "not_saml"));
	json_decref(reset);
	json_decref(not_found);
	json_decref(seen);
	return r;
}

static const struct jt_field membership_fields[] = {
	{.name = "team_id", .type = JT_FIELD_ID, .need = JT_REQUIRED},
	{.name = "role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{0},
};
static const struct jt_field item_fields[] = {
	/* What is not an e-mail address is not refused, but named in rejected_emails. */
	{.name = "email", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 0, .max = 254},
	{.name = "organization_role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "team_membership",
		.type = JT_FIELD_LIST,
		.min = 0,
		.max = 100,
		.item = JT_FIELD_OBJECT,
		.of = membership_fields},
	{0},
};
static const struct jt_field provision_body[] = {
	{.type = JT_FIELD_LIST, .min = 1, .max = 1000, .item = JT_FIELD_OBJECT, .of = item_fields}};
static const struct jt_field reset_fields[] = {
	{.name = "user_ids", .type = JT_FIELD_LIST, .need = JT_REQUIRED, .min = 1, .max = 1000, .item = JT_FIELD_ID},
	{0},
};
static const struct jt_field reset_body[] = {{.type = JT_FIELD_OBJECT, .of = reset_fields}};

#define SAML "/api/v4/orgs/{org}/saml"
#define UPDATES .scope = "org_user:update", .level = JT_LEVEL_ORG

const struct jt_op jt_api_saml[] = {
	{.id = "provision_users",
		.method = "POST",
		.path = SAML "/provision",
		UPDATES,
		.flags = JT_OP_WRITE | JT_OP_FULL,
		.body = provision_body,
		.run = run_provision},
	{.id = "reset_user_access_token",
		.method = "POST",
		.path = SAML "/users/{user}/access_token/reset",
		UPDATES,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_CONFIRMED,
		.run = run_reset_one},
	{.id = "reset_access_tokens",
		.method = "POST",
		.path = SAML "/access_token/reset",
		UPDATES,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_CONFIRMED,
		.body = reset_body,
		.run = run_reset_many},
	{0},
};
