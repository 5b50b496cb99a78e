/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/usage_json.h"
#include "api/user_json.h"
#include "authority/note.h"
#include "authority/password.h"
#include "authority/personal.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/request.h"
#include "store/identity.h"
#include "store/org.h"
#include "store/org_change.h"

#include <stdlib.h>
#include <string.h>

#define REVOKED "your personal token was revoked: reset it"

/* Who proved by password to be whom. */
struct proof {
	struct jt_id org, user;
	char hash[JT_IDENTITY_PASSWORD_SIZE]; /* what the password was held against */
};

static void drop_proof(void *state)
{
	jt_secret_wipe(state, sizeof(struct proof));
	free(state);
}

/* By id or slug; left out while there is only one. JT_NOT_FOUND. */
static enum jt_result find_org(struct jt_tx *tx, const char *text, struct jt_id *out)
{
	struct jt_org_row row = {.active = false};
	enum jt_result r = JT_OK;

	if (!text)
		return jt_org_only(tx->db, out);
	if (jt_id_parse(text, strlen(text), out) != JT_OK)
		r = jt_org_by_slug(tx->db, text, out);
	if (r == JT_OK)
		r = jt_org_get(tx->db, out, &row);
	return r == JT_OK && !row.active ? JT_NOT_FOUND : r;
}

/* Whom the body names; an empty hash if that is nobody who could get in. */
static enum jt_result look_up(struct jt_call *c, struct jt_tx *tx, struct proof *proof)
{
	char fold[JT_IDENTITY_EMAIL_SIZE];
	struct jt_identity user = {.disabled = true};
	enum jt_result r = find_org(tx, jt_call_text(c, "org"), &proof->org);

	if (r == JT_OK)
		r = jt_text_fold(jt_call_text(c, "email"), fold, sizeof(fold));
	if (r == JT_OK)
		r = jt_identity_by_email(tx->db, &proof->org, fold, &user);
	if (r == JT_OK && !user.disabled) {
		proof->user = user.id;
		memcpy(proof->hash, user.password, sizeof(proof->hash));
	}
	jt_secret_wipe(&user, sizeof(user));
	return r == JT_NOT_FOUND || r == JT_TOO_LONG ? JT_OK : r;
}

static enum jt_result check_proof(struct jt_call *c)
{
	bool given = jt_call_text(c, "email") || jt_call_text(c, "password");

	if (c->http->head.authorization && given)
		return jt_why_say(
			&c->why, JT_BAD_REQUEST, "two credentials at once: leave out the Authorization header");
	if (c->http->head.authorization)
		return JT_SESSION_ONLY;
	if (!given)
		return jt_why_say(&c->why, JT_UNAUTHENTICATED, "e-mail and password are needed");
	if (!jt_call_text(c, "email"))
		return jt_why_field(&c->why, "email", "is needed");
	if (!jt_call_text(c, "password"))
		return jt_why_field(&c->why, "password", "is needed");
	/* Whoever sends one believes that it is checked. */
	if (jt_call_text(c, "otp"))
		return jt_why_field(&c->why, "otp", "must be left out: no account here has a second factor");
	return JT_OK;
}

/* On the pool. Whoever there is, and whatever is wrong, one hash is made. */
static enum jt_result hash_proof(struct jt_call *c)
{
	const char *password = jt_call_text(c, "password");
	struct proof *proof = calloc(1, sizeof(*proof));
	struct jt_tx tx;
	enum jt_result r = proof ? jt_reading_begin(c->au, &tx) : JT_NOMEM;

	c->state = proof;
	if (r != JT_OK)
		return r;
	r = look_up(c, &tx, proof);
	jt_reading_end(&tx);
	if (r == JT_OK && !jt_password_matches(proof->hash, password, strlen(password)))
		r = JT_BAD_CREDENTIALS;
	return r;
}

/* The caller is this user from here on, unless the password was changed meanwhile. */
static enum jt_result become(struct jt_call *c, struct jt_tx *tx)
{
	const struct proof *proof = c->state;
	struct jt_identity user;
	enum jt_result r = jt_identity_get(tx->db, &proof->org, &proof->user, &user);

	if (r == JT_NOT_FOUND || (r == JT_OK && (user.disabled || strcmp(user.password, proof->hash) != 0)))
		r = JT_BAD_CREDENTIALS;
	jt_secret_wipe(&user, sizeof(user));
	if (r == JT_OK && jt_verify_user(tx->verify, &proof->org, &proof->user, &c->who.caller) != JT_STEP_ALLOWED)
		r = JT_BAD_CREDENTIALS;
	c->who.how = JT_ACTOR_PASSWORD;
	return r;
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
	enum jt_result r = become(c, tx);

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
	enum jt_result r = become(c, tx);

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
	enum jt_result r = jt_id_is_none(&who->user) ? JT_NOT_A_USER
						     : jt_personal_usage(tx, &who->org, &who->user, &shown);

	if (r == JT_NOT_FOUND)
		return jt_why_say(&c->why, JT_GONE, REVOKED);
	return r == JT_OK ? jt_call_answer(c, personal_json(tx->policy, &shown, tx->now_ns / JT_NS_PER_S)) : r;
}

static const struct jt_field proof_fields[] = {
	{.name = "org", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "email", .type = JT_FIELD_EMAIL, .min = 3, .max = 254},
	{.name = "password", .type = JT_FIELD_SECRET, .min = 1, .max = 1024},
	{.name = "otp", .type = JT_FIELD_NAME, .min = 6, .max = 8},
	{0},
};
static const struct jt_field proof_body[] = {{.type = JT_FIELD_OBJECT, .of = proof_fields}};

#define BY_PASSWORD (JT_OP_STRICT | JT_OP_SECRET | JT_OP_GUARDED | JT_OP_BODY_OPTIONAL)

const struct jt_op jt_api_account[] = {
	{.id = "get_user", .method = "GET", .path = "/api/v4/user", .level = JT_LEVEL_TOKEN, .run = run_me},
	{.id = "get_user_token",
		.method = "GET",
		.path = "/api/v4/user/token",
		.level = JT_LEVEL_TOKEN,
		.run = run_my_token},
	{.id = "reveal_user_token",
		.method = "POST",
		.path = "/api/v4/user/token/reveal",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | JT_OP_REPEATABLE | BY_PASSWORD,
		.body = proof_body,
		.check = check_proof,
		.hash = hash_proof,
		.run = run_reveal,
		.drop = drop_proof},
	{.id = "reset_user_token",
		.method = "POST",
		.path = "/api/v4/user/token/reset",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | BY_PASSWORD,
		.body = proof_body,
		.check = check_proof,
		.hash = hash_proof,
		.run = run_reset,
		.drop = drop_proof},
	{0},
};
