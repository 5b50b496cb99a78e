/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/inside.h"

#include <stdio.h>
#include <string.h>

static const struct jt_limit limits[2] = {
	{JT_GUARD_ADDRESS_BURST, JT_GUARD_ADDRESS_SECONDS}, {JT_GUARD_ACCOUNT_BURST, JT_GUARD_ACCOUNT_SECONDS}};

/* A network, not a host: whoever has an IPv6 address has a /64 of them. */
static void address_key(const char *address, char *out, size_t size)
{
	const char *at = address;
	unsigned groups = 0;

	(void)snprintf(out, size, "a:%s", address);
	if (!strchr(address, ':') || strstr(address, "::"))
		return;
	for (; *at && groups < 4; at++)
		groups += *at == ':';
	(void)snprintf(out, size, "a:%.*s", (int)(at - address), address);
}

/* The account that is guessed at, as far as the body says it; "" for a link. */
static void account_key(const struct jt_call *c, char *out, size_t size)
{
	const char *email = jt_call_text(c, "email");
	const char *org = jt_call_text(c, "org");
	char fold[256] = "";

	out[0] = '\0';
	if (email && jt_text_fold(email, fold, sizeof(fold)) == JT_OK)
		(void)snprintf(out, size, "u:%.80s:%s", org ? org : "", fold);
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
	bool guessed = r->result == JT_BAD_CREDENTIALS || r->result == JT_TOO_MANY ||
		       (r->result == JT_GONE && !r->call.who.caller.user.b[0]);

	for (unsigned i = 0; i < 2; i++) {
		if (!guessed)
			jt_limiter_give(r->server->limiter, &limits[i], r->limited[i]);
		r->limited[i] = 0;
	}
}
