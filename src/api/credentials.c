/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/proof.h"
#include "authority/factor.h"
#include "authority/note.h"
#include "authority/password.h"
#include "authority/user.h"
#include "base/secret.h"
#include "store/account.h"

#include <stdlib.h>
#include <string.h>

/* The password and the second factor of who is signed in. */

/* ---- the password */

/* What is between hash and run: the proof of the old password, and the hash of the new one. */
struct change {
	void *proof;
	char hash[JT_PASSWORD_HASH_SIZE];
};

static void drop_change(void *state)
{
	struct change *change = state;

	if (change->proof)
		jt_proof_drop(change->proof);
	jt_secret_wipe(change, sizeof(*change));
	free(change);
}

static enum jt_result hash_change(struct jt_call *c)
{
	const char *password = jt_call_text(c, "new_password");
	struct change *change = calloc(1, sizeof(*change));
	enum jt_result r = change ? jt_proof_hash(c) : JT_NOMEM;

	if (change) {
		change->proof = c->state;
		c->state = change;
	}
	return r == JT_OK ? jt_password_hash(password, strlen(password), change->hash) : r;
}

static enum jt_result run_change(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_caller *who = &c->who.caller;
	struct change *change = c->state;
	bool replaced = false;
	enum jt_result r;

	c->state = change->proof;
	r = jt_proof_become(c, tx);
	c->state = change;
	if (r == JT_OK)
		r = jt_user_set_password(tx, &who->org, &who->user, change->hash, true, &c->session.id, &replaced);
	if (r == JT_OK)
		r = jt_note_id(tx, &c->who, "change_password", "user", &who->user,
			json_pack("{s:b}", "token_replaced", (int)replaced));
	return r == JT_OK ? jt_call_answer(c, json_pack("{s:b}", "token_replaced", (int)replaced)) : r;
}

/* ---- the second factor */

/* Everything but RFC 3986's unreserved characters as %XX; `out` holds three times the text and its terminator. */
static void escape(const char *text, char *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digit[] = "0123456789ABCDEF";

	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (strchr(plain, *text)) {
			*out++ = *text;
			continue;
		}
		*out++ = '%';
		*out++ = digit[c >> 4];
		*out++ = digit[c & 15];
	}
	*out = '\0';
}

/* What an authenticator app reads (the Key URI format of Google Authenticator). */
static json_t *key_uri(const struct jt_account_row *row, const char *secret)
{
	char label[JT_ACCOUNT_EMAIL_SIZE * 3];

	escape(row->email, label);
	return json_sprintf("otpauth://totp/Jeton:%s?secret=%s&issuer=Jeton&algorithm=SHA1&digits=6&period=%d", label,
		secret, JT_TOTP_STEP_S);
}

static enum jt_result run_begin(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_caller *who = &c->who.caller;
	struct jt_account_row *row = calloc(1, sizeof(*row));
	char secret[JT_TOTP_TEXT_SIZE] = "";
	enum jt_result r = row ? jt_account_get(tx->db, &who->org, &who->user, row) : JT_NOMEM;

	if (r == JT_OK)
		r = jt_factor_begin(tx, &c->who, secret);
	if (r == JT_OK)
		r = jt_call_answer(c, json_pack("{s:s, s:o}", "secret", secret, "url", key_uri(row, secret)));
	jt_secret_wipe(secret, sizeof(secret));
	free(row);
	return r;
}

/* Wipes the codes. */
static enum jt_result answer_codes(struct jt_call *c, struct jt_recovery_codes *codes)
{
	json_t *list = json_array();
	bool whole = list != NULL;

	for (unsigned i = 0; whole && i < JT_RECOVERY_CODES; i++)
		whole = json_array_append_new(list, json_string(codes->code[i])) == 0;
	jt_secret_wipe(codes, sizeof(*codes));
	if (whole)
		return jt_call_answer(c, json_pack("{s:o}", "recovery_codes", list));
	json_decref(list);
	return JT_NOMEM;
}

static enum jt_result run_enable(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_recovery_codes codes;
	enum jt_result r = jt_factor_enable(tx, &c->who, jt_call_text(c, "otp"), &codes, &c->why);

	return r == JT_OK ? answer_codes(c, &codes) : r;
}

static enum jt_result run_renew_codes(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_recovery_codes codes;
	enum jt_result r = jt_factor_renew_codes(tx, &c->who, &codes, &c->why);

	return r == JT_OK ? answer_codes(c, &codes) : r;
}

static enum jt_result run_disable(struct jt_call *c, struct jt_tx *tx)
{
	return jt_factor_disable(tx, &c->who, &c->why);
}

static const struct jt_field change_fields[] = {
	{.name = "password", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 1, .max = 1024},
	{.name = "otp", .type = JT_FIELD_NAME, .min = 6, .max = 32},
	{.name = "new_password", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 12, .max = 1024},
	{0},
};
static const struct jt_field change_body[] = {{.type = JT_FIELD_OBJECT, .of = change_fields}};
static const struct jt_field enable_fields[] = {
	{.name = "otp", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 6, .max = 6},
	{0},
};
static const struct jt_field enable_body[] = {{.type = JT_FIELD_OBJECT, .of = enable_fields}};

#define OWN .level = JT_LEVEL_TOKEN
#define CHANGES (JT_OP_SESSION | JT_OP_WRITE | JT_OP_REPEATABLE)
#define FACTOR "/api/v4/user/second_factor"

const struct jt_op jt_api_credentials[] = {
	{.id = "change_password",
		.method = "PUT",
		.path = "/api/v4/user/password",
		OWN,
		.flags = CHANGES | JT_OP_STRICT | JT_OP_GUARDED,
		.body = change_body,
		.hash = hash_change,
		.run = run_change,
		.drop = drop_change},
	{.id = "begin_second_factor",
		.method = "POST",
		.path = FACTOR,
		OWN,
		.flags = CHANGES | JT_OP_CONFIRMED | JT_OP_SECRET,
		.run = run_begin},
	{.id = "enable_second_factor",
		.method = "PUT",
		.path = FACTOR,
		OWN,
		.flags = CHANGES | JT_OP_CONFIRMED | JT_OP_SECRET | JT_OP_STRICT | JT_OP_GUARDED,
		.body = enable_body,
		.run = run_enable},
	{.id = "disable_second_factor",
		.method = "DELETE",
		.path = FACTOR,
		OWN,
		.flags = CHANGES | JT_OP_CONFIRMED,
		.run = run_disable},
	{.id = "renew_recovery_codes",
		.method = "POST",
		.path = FACTOR "/recovery_codes",
		OWN,
		.flags = CHANGES | JT_OP_CONFIRMED | JT_OP_SECRET,
		.run = run_renew_codes},
	{0},
};
