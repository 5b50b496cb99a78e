/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/inside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const struct jt_limit limits[2] = {
	{JT_GUARD_ADDRESS_BURST, JT_GUARD_ADDRESS_SECONDS}, {JT_GUARD_ACCOUNT_BURST, JT_GUARD_ACCOUNT_SECONDS}};

#define NETWORK_BYTES 8

/* A network, not a host: whoever has an IPv6 address has a /64 of them. */
static void address_key(const char *address, char *out, size_t size)
{
	struct in6_addr v6;
	char network[NETWORK_BYTES * 2 + 1];

	(void)snprintf(out, size, "a:%s", address);
	if (inet_pton(AF_INET6, address, &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6))
		return;
	(void)jt_hex(v6.s6_addr, NETWORK_BYTES, network);
	(void)snprintf(out, size, "n:%s", network);
}

/* Whom the body names; "" for a link. An org has more than one spelling, so accounts of one e-mail share a limit. */
static void account_key(const struct jt_call *c, char *out, size_t size)
{
	const char *email = jt_call_text(c, "email");
	char fold[256] = "";

	out[0] = '\0';
	if (c->by_session) {
		char user[JT_ID_TEXT_SIZE];

		(void)snprintf(out, size, "i:%s", jt_id_text(&c->session.account, user));
		return;
	}
	if (email && jt_text_fold(email, fold, sizeof(fold)) == JT_OK)
		(void)snprintf(out, size, "u:%s", fold);
}

enum jt_result jt_guard_enter(struct jt_http_request *r)
{
	char key[2][400];
	enum jt_result result = JT_OK;

	address_key(r->call.who.address, key[0], sizeof(key[0]));
	account_key(&r->call, key[1], sizeof(key[1]));
	for (unsigned i = 0; result == JT_OK && i < 2; i++) {
		unsigned wait = 0;

		if (key[i][0])
			result = jt_limiter_take(r->server->limiter, &limits[i], key[i], strlen(key[i]),
				jt_clock_mono_ns(), &r->limited[i], &wait);
		r->call.why.retry_after_s = wait;
	}
	if (result != JT_OK)
		r->reason = "limited";
	return result;
}

void jt_guard_leave(struct jt_http_request *r)
{
	bool guessed = r->call.missed || r->result == JT_BAD_CREDENTIALS || r->result == JT_TOO_MANY ||
		       (r->result == JT_GONE && !r->call.who.caller.user.b[0]);

	for (unsigned i = 0; i < 2; i++) {
		if (!guessed)
			jt_limiter_give(r->server->limiter, &limits[i], r->limited[i]);
		r->limited[i] = 0;
	}
}
