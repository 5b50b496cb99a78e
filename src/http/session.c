/* SPDX-License-Identifier: Apache-2.0 */
#include "http/session.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/inside.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CSRF_CONTEXT "jeton csrf 1"

_Static_assert(JT_CSRF_SIZE >= (crypto_auth_hmacsha256_BYTES + 2) / 3 * 4, "room for the text of the mac");

void jt_session_csrf(const char *secret, char out[JT_CSRF_SIZE])
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char text[(crypto_auth_hmacsha256_BYTES + 2) / 3 * 4 + 1];

	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)CSRF_CONTEXT, strlen(CSRF_CONTEXT));
	(void)crypto_auth_hmacsha256_final(&state, mac);
	memcpy(out, jt_base64url(mac, sizeof(mac), text), JT_CSRF_SIZE);
	jt_secret_wipe(&state, sizeof(state));
	jt_secret_wipe(text, sizeof(text));
}

/* The cookie's value into `out`; "" if it has none that could be ours. *times: how often it is there. */
static void find_cookie(const char *cookies, char out[JT_SESSION_SECRET_SIZE], unsigned *times)
{
	const size_t name = strlen(JT_SESSION_COOKIE);

	out[0] = '\0';
	*times = 0;
	while (cookies && *cookies) {
		size_t length = strcspn(cookies, ";");

		if (length > name && strncmp(cookies, JT_SESSION_COOKIE, name) == 0 && cookies[name] == '=') {
			(*times)++;
			if (length - name == JT_SESSION_SECRET_SIZE) { /* '=' and the text without its terminator */
				memcpy(out, cookies + name + 1, JT_SESSION_SECRET_SIZE - 1);
				out[JT_SESSION_SECRET_SIZE - 1] = '\0';
			}
		}
		cookies += length;
		cookies += strspn(cookies, "; ");
	}
}

bool jt_session_presented(const struct jt_http_request *r)
{
	const struct jt_op *op = r->match.op;
	char secret[JT_SESSION_SECRET_SIZE];
	unsigned times = 0;

	if (op->flags & (JT_OP_NARROW | JT_OP_OAUTH | JT_OP_BASIC))
		return false;
	if (op->level == JT_LEVEL_OPEN && !(op->flags & JT_OP_BY_SESSION))
		return false;
	find_cookie(r->head.cookie, secret, &times);
	jt_secret_wipe(secret, sizeof(secret));
	return times > 0;
}

enum jt_result jt_same_origin(const struct jt_http_request *r)
{
	const char *site = r->head.fetch_site, *origin = r->head.origin;
	const char *ours = jt_server_url_public(r->server);
	size_t length = origin ? strlen(origin) : 0;

	if (site)
		return strcmp(site, "same-origin") == 0 ? JT_OK : JT_CSRF_REFUSED;
	if (!origin)
		return JT_OK; /* no browser that tells */
	return strncmp(ours, origin, length) == 0 && (ours[length] == '\0' || ours[length] == '/') ? JT_OK
												   : JT_CSRF_REFUSED;
}

static bool changes(const struct jt_http_request *r)
{
	return strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
}

/* Step: the change was made by a page that could read what only a page of this origin can. */
static enum jt_result is_ours(const struct jt_http_request *r)
{
	const char *shown = r->head.csrf;

	if (!changes(r))
		return JT_OK;
	if (!shown || !jt_secret_equal(shown, strlen(shown), r->call.csrf, strlen(r->call.csrf)))
		return JT_CSRF_REFUSED;
	return jt_same_origin(r);
}

static enum jt_result refuse(struct jt_http_request *r, enum jt_step step)
{
	if (step == JT_STEP_STALE || jt_table_poisoned(jt_authority_table(r->call.au)))
		return jt_call_refuse(&r->call, JT_STALE, JT_STEP_STALE);
	jt_why_say(&r->call.why, JT_UNAUTHENTICATED, "your session has ended: sign in again");
	return jt_call_refuse(&r->call, JT_UNAUTHENTICATED, step);
}

static enum jt_result look_up(struct jt_http_request *r, const char *secret)
{
	struct jt_session_row *s = &r->call.session;
	struct jt_tx tx;
	enum jt_result result = jt_reading_begin(r->call.au, &tx);

	if (result == JT_OK)
		result = jt_session_find(tx.db, secret, tx.now_ns / JT_NS_PER_S, s);
	jt_reading_end(&tx);
	if (result == JT_OK)
		jt_session_seen(r->call.au, s, tx.now_ns);
	return result;
}

/* Step: the session's user, as the table knows them. */
static enum jt_result become(struct jt_http_request *r)
{
	struct jt_actor *who = &r->call.who;
	const struct jt_session_row *s = &r->call.session;
	enum jt_step step = jt_verify_user(jt_authority_verify(r->call.au), &s->org, &s->account, &who->caller);

	if (step != JT_STEP_ALLOWED)
		return refuse(r, step);
	who->how = JT_ACTOR_SESSION;
	who->session = s->id;
	r->call.by_session = true;
	r->authenticated = true;
	return JT_OK;
}

enum jt_result jt_session_admit(struct jt_http_request *r)
{
	char secret[JT_SESSION_SECRET_SIZE];
	unsigned times = 0;
	enum jt_result result = JT_NOT_FOUND;

	r->presented = true;
	if (r->head.authorization)
		return jt_why_say(&r->call.why, JT_BAD_REQUEST,
			"two credentials at once: an Authorization header and the cookie of a session");
	find_cookie(r->head.cookie, secret, &times);
	if (times > 1 || r->head.cookie_twice)
		return jt_why_say(&r->call.why, JT_BAD_REQUEST, "the session's cookie is there more than once");
	if (secret[0]) {
		result = look_up(r, secret);
		jt_session_csrf(secret, r->call.csrf);
	}
	jt_secret_wipe(secret, sizeof(secret));
	if (result == JT_NOT_FOUND)
		return refuse(r, JT_STEP_UNKNOWN);
	if (result == JT_OK)
		result = become(r);
	if (result == JT_OK && is_ours(r) != JT_OK) {
		r->reason = "csrf";
		result = JT_CSRF_REFUSED;
	}
	return result;
}

enum jt_result jt_session_again(struct jt_http_request *r, struct jt_db *db)
{
	uint8_t hash[JT_SESSION_HASH_SIZE];
	enum jt_result result;

	memcpy(hash, r->call.session.hash, sizeof(hash));
	result = jt_session_get(db, hash, &r->call.session);
	return result == JT_NOT_FOUND ? refuse(r, JT_STEP_UNKNOWN) : result;
}

enum jt_result jt_session_suffices(struct jt_http_request *r)
{
	const struct jt_op *op = r->match.op;
	const struct jt_session_row *s = &r->call.session;
	bool own = (op->flags & JT_OP_SESSION) && op->level == JT_LEVEL_TOKEN;

	if (!r->call.by_session)
		return op->flags & JT_OP_SESSION ? JT_SESSION_ONLY : JT_OK;
	if (s->required && !s->enrolled && !own)
		return JT_FACTOR_REQUIRED;
	if ((op->flags & JT_OP_CONFIRMED) && !jt_session_is_confirmed(s, jt_clock_s()))
		return JT_CONFIRM_PASSWORD;
	return JT_OK;
}

void jt_call_set_cookie(struct jt_call *c, const char *secret, int64_t life_s)
{
	(void)snprintf(c->cookie, sizeof(c->cookie), "%s=%s; Path=/; Max-Age=%lld; HttpOnly; Secure; SameSite=Strict",
		JT_SESSION_COOKIE, secret, (long long)(secret[0] ? life_s : 0));
	jt_call_header(c, "Set-Cookie", c->cookie);
}
