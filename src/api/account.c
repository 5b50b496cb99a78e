/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/proof.h"
#include "api/usage_json.h"
#include "api/user_json.h"
#include "authority/factor.h"
#include "authority/note.h"
#include "authority/personal.h"
#include "authority/user.h"
#include "base/clock.h"
#include "base/secret.h"
#include "store/org.h"

#include <stdlib.h>
#include <string.h>

#define REVOKED "your personal token was revoked: reset it"

/* Step: who proved it by password has the second factor that the org demands; of a session it was asked before. */
static enum jt_result prove(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_org_row org = {.require_factor = false};
	bool enrolled = false;
	enum jt_result r = jt_proof_become(c, tx);

	if (r == JT_OK && !c->by_session)
		r = jt_org_get(tx->db, &c->who.caller.org, &org);
	if (r != JT_OK || c->by_session || !org.require_factor)
		return r;
	r = jt_factor_is_enrolled(tx, &c->who.caller.org, &c->who.caller.user, &enrolled);
	return r == JT_OK && !enrolled ? JT_FACTOR_REQUIRED : r;
}

static enum jt_result answer_value(struct jt_call *c, const struct jt_id *id, const char *value, size_t size)
{
	c->secret_of = *id;
	return jt_call_answer(c, json_pack("{s:o, s:s%}", "id", jt_json_id(id), "value", value, size));
}

static enum jt_result run_reveal(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_secret *value = NULL;
	struct jt_id id;
	enum jt_result r = prove(c, tx);

	if (r == JT_OK)
		r = jt_personal_reveal(tx, &c->who.caller.org, &c->who.caller.user, &value, &id);
	if (r == JT_GONE)
		jt_why_say(&c->why, r, "personal tokens are shown once here: reset it instead");
	if (r == JT_NOT_FOUND)
		r = jt_why_say(&c->why, JT_GONE, REVOKED);
	if (r == JT_OK)
		r = jt_note_id(tx, &c->who, "reveal_user_token", "token", &id, json_object());
	if (r == JT_OK)
		r = answer_value(c, &id, (const char *)jt_secret_view(value), jt_secret_size(value));
	jt_secret_free(&value);
	return r;
}

static enum jt_result run_reset(struct jt_call *c, struct jt_tx *tx)
{
	char value[JT_TOKEN_SIZE] = "";
	struct jt_id id;
	enum jt_result r = prove(c, tx);

	if (r == JT_OK)
		r = jt_personal_replace(tx, &c->who.caller.org, &c->who.caller.user, value, &id);
	if (r == JT_OK)
		r = jt_note_id(tx, &c->who, "reset_user_token", "token", &id, json_object());
	if (r == JT_OK)
		r = answer_value(c, &id, value, strlen(value));
	jt_secret_wipe(value, sizeof(value));
	return r;
}

static enum jt_result run_me(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_caller *who = &c->who.caller;
	struct jt_account_row *row = calloc(1, sizeof(*row));
	struct jt_org_row org;
	enum jt_result r = row ? JT_OK : JT_NOMEM;

	if (r == JT_OK && jt_id_is_none(&who->user))
		r = JT_NOT_A_USER;
	if (r == JT_OK)
		r = jt_account_get(tx->db, &who->org, &who->user, row);
	if (r == JT_OK)
		r = jt_org_get(tx->db, &who->org, &org);
	if (r == JT_OK)
		r = jt_call_answer(c, jt_json_me(row, org.name));
	free(row);
	return r;
}

static json_t *personal_json(const struct jt_policy *p, const struct jt_personal_used *shown, int64_t now_s)
{
	json_t *o = jt_json_used(p, &shown->used, now_s);
	bool whole = o && json_object_set_new(o, "id", jt_json_id(&shown->row.id)) == 0 &&
		     json_object_set_new(o, "created_at", jt_json_time_s(shown->row.created_ns / JT_NS_PER_S)) == 0 &&
		     json_object_set_new(o, "value", json_string(shown->kept ? "kept" : "once")) == 0;

	if (whole && shown->row.expires_s)
		whole = json_object_set_new(o, "expires_at", jt_json_time_s(shown->row.expires_s)) == 0;
	if (whole)
		return o;
	json_decref(o);
	return NULL;
}

static enum jt_result run_my_token(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_caller *who = &c->who.caller;
	struct jt_personal_used shown;
	enum jt_result r =
		jt_id_is_none(&who->user) ? JT_NOT_A_USER : jt_personal_usage(tx, &who->org, &who->user, &shown);

	if (r == JT_NOT_FOUND)
		return jt_why_say(&c->why, JT_GONE, REVOKED);
	return r == JT_OK ? jt_call_answer(c, personal_json(tx->policy, &shown, tx->now_ns / JT_NS_PER_S)) : r;
}

static enum jt_result run_rename(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_id *user = &c->who.caller.user;

	if (jt_id_is_none(user))
		return JT_NOT_A_USER;
	return jt_user_update(tx, &c->who, user, jt_call_text(c, "name"), NULL, &c->why);
}

static enum jt_result run_teams(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_caller *who = &c->who.caller;
	json_t *list = json_array();
	enum jt_result r = list ? JT_OK : JT_NOMEM;

	if (r == JT_OK && jt_id_is_none(&who->user))
		r = JT_NOT_A_USER;
	if (r == JT_OK)
		r = jt_json_teams_of(tx, &who->org, &who->user, list);
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}

static const struct jt_field name_fields[] = {
	{.name = "name", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{0},
};
static const struct jt_field name_body[] = {{.type = JT_FIELD_OBJECT, .of = name_fields}};
static const struct jt_field proof_fields[] = {
	JT_PROOF_FIELDS,
	{0},
};
static const struct jt_field proof_body[] = {{.type = JT_FIELD_OBJECT, .of = proof_fields}};

#define BY_PASSWORD \
	(JT_OP_STRICT | JT_OP_SECRET | JT_OP_GUARDED | JT_OP_BODY_OPTIONAL | JT_OP_BY_SESSION | JT_OP_CONFIRMED)

const struct jt_op jt_api_account[] = {
	{.id = "get_user", .method = "GET", .path = "/api/v4/user", .level = JT_LEVEL_TOKEN, .run = run_me},
	{.id = "get_user_token",
		.method = "GET",
		.path = "/api/v4/user/token",
		.level = JT_LEVEL_TOKEN,
		.run = run_my_token},
	{.id = "rename_user",
		.method = "PATCH",
		.path = "/api/v4/user",
		.level = JT_LEVEL_TOKEN,
		.flags = JT_OP_WRITE | JT_OP_STRICT,
		.body = name_body,
		.run = run_rename},
	{.id = "list_user_teams",
		.method = "GET",
		.path = "/api/v4/user/teams",
		.level = JT_LEVEL_TOKEN,
		.run = run_teams},
	{.id = "reveal_user_token",
		.method = "POST",
		.path = "/api/v4/user/token/reveal",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | JT_OP_REPEATABLE | BY_PASSWORD,
		.body = proof_body,
		.check = jt_proof_check,
		.hash = jt_proof_hash,
		.run = run_reveal,
		.drop = jt_proof_drop},
	{.id = "reset_user_token",
		.method = "POST",
		.path = "/api/v4/user/token/reset",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | BY_PASSWORD,
		.body = proof_body,
		.check = jt_proof_check,
		.hash = jt_proof_hash,
		.run = run_reset,
		.drop = jt_proof_drop},
	{0},
};
