/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proof.h"

#include "authority/factor.h"
#include "authority/password.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/request.h"
#include "store/identity.h"
#include "store/org.h"
#include "store/org_change.h"

#include <stdlib.h>
#include <string.h>

/* Who proved by password to be whom. */
struct proof {
	struct jt_id org, user;
	char hash[JT_IDENTITY_PASSWORD_SIZE]; /* what the password was held against */
};

void jt_proof_drop(void *state)
{
	jt_secret_wipe(state, sizeof(struct proof));
	free(state);
}

/* By id or slug; left out while there is only one. JT_NOT_FOUND, JT_VALIDATION. */
static enum jt_result find_org(struct jt_call *c, struct jt_tx *tx, struct jt_id *out)
{
	const char *text = jt_call_text(c, "org");
	struct jt_org_row row = {.active = false};
	enum jt_result r = JT_OK;

	if (!text) {
		r = jt_org_only(tx->db, out);
		return r == JT_NOT_FOUND
			       ? jt_why_field(&c->why, "org", "is needed: there are several organizations here")
			       : r;
	}
	if (jt_id_parse(text, strlen(text), out) != JT_OK)
		r = jt_org_by_slug(tx->db, text, out);
	if (r == JT_OK)
		r = jt_org_get(tx->db, out, &row);
	return r == JT_OK && !row.active ? JT_NOT_FOUND : r;
}

static enum jt_result find_user(struct jt_call *c, struct jt_tx *tx, struct jt_id *org, struct jt_identity *out)
{
	char fold[JT_IDENTITY_EMAIL_SIZE];
	enum jt_result r;

	if (c->by_session) {
		*org = c->session.org;
		return jt_identity_get(tx->db, org, &c->session.account, out);
	}
	r = find_org(c, tx, org);
	if (r == JT_OK)
		r = jt_text_fold(jt_call_text(c, "email"), fold, sizeof(fold));
	return r == JT_OK ? jt_identity_by_email(tx->db, org, fold, out) : r;
}

/* Whom the body names, or the session's user; an empty hash if that is nobody who could get in. */
static enum jt_result look_up(struct jt_call *c, struct jt_tx *tx, struct proof *proof)
{
	struct jt_identity user = {.disabled = true};
	enum jt_result r = find_user(c, tx, &proof->org, &user);

	if (r == JT_OK && !user.disabled) {
		proof->user = user.id;
		memcpy(proof->hash, user.password, sizeof(proof->hash));
	}
	jt_secret_wipe(&user, sizeof(user));
	return r == JT_NOT_FOUND || r == JT_TOO_LONG ? JT_OK : r;
}

enum jt_result jt_proof_check(struct jt_call *c)
{
	bool given = jt_call_text(c, "email") || jt_call_text(c, "password");

	if ((c->http->head.authorization || c->by_session) && given)
		return jt_why_say(&c->why, JT_BAD_REQUEST, "two credentials at once: %s, or e-mail and password",
			c->by_session ? "a session" : "an Authorization header");
	if (c->by_session)
		return JT_OK;
	if (c->http->head.authorization)
		return JT_SESSION_ONLY;
	if (!given)
		return jt_why_say(&c->why, JT_UNAUTHENTICATED, "e-mail and password are needed");
	if (!jt_call_text(c, "email"))
		return jt_why_field(&c->why, "email", "is needed");
	if (!jt_call_text(c, "password"))
		return jt_why_field(&c->why, "password", "is needed");
	return JT_OK;
}

enum jt_result jt_proof_hash(struct jt_call *c)
{
	const char *password = jt_call_text(c, "password");
	struct proof *proof = NULL;
	struct jt_tx tx;
	enum jt_result r;

	if (!password)
		return JT_OK; /* a session that needs no other proof */
	proof = calloc(1, sizeof(*proof));
	r = proof ? jt_reading_begin(c->au, &tx) : JT_NOMEM;
	c->state = proof;
	if (r != JT_OK)
		return r;
	r = look_up(c, &tx, proof);
	jt_reading_end(&tx);
	if (r == JT_OK && !jt_password_matches(proof->hash, password, strlen(password)))
		r = JT_BAD_CREDENTIALS;
	return r;
}

/* Step: the password that was proved is still theirs. */
static enum jt_result still_theirs(struct jt_tx *tx, const struct proof *proof)
{
	struct jt_identity user;
	enum jt_result r = jt_identity_get(tx->db, &proof->org, &proof->user, &user);

	if (r == JT_NOT_FOUND || (r == JT_OK && (user.disabled || strcmp(user.password, proof->hash) != 0)))
		r = JT_BAD_CREDENTIALS;
	jt_secret_wipe(&user, sizeof(user));
	return r;
}

enum jt_result jt_proof_become(struct jt_call *c, struct jt_tx *tx)
{
	const struct proof *proof = c->state;
	enum jt_result r;

	if (!proof)
		return JT_OK;
	r = still_theirs(tx, proof);
	if (r == JT_OK && !c->by_session &&
		jt_verify_user(tx->verify, &proof->org, &proof->user, &c->who.caller) != JT_STEP_ALLOWED)
		r = JT_BAD_CREDENTIALS;
	if (r == JT_OK && !c->by_session)
		c->who.how = JT_ACTOR_PASSWORD;
	return r == JT_OK ? jt_factor_prove(tx, &proof->org, &proof->user, jt_call_text(c, "otp"), &c->why) : r;
}
