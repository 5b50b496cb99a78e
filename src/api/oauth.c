/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "authority/token.h"
#include "http/request.h"
#include "http/server.h"

#include <string.h>

/* RFC 7009: whoever holds a value may kill it. And RFC 8414: where these things are. */

static enum jt_result check_revoke(struct jt_call *c)
{
	return jt_form_find(&c->form, "token") ? JT_OK : jt_why_field(&c->why, "token", "is needed");
}

static enum jt_result run_revoke(struct jt_call *c, struct jt_tx *tx)
{
	const struct jt_form_field *token = jt_form_find(&c->form, "token");
	enum jt_result r = jt_token_surrender(tx, &c->who, token->value, token->size);
	enum jt_result answered = jt_call_answer_raw(c, strdup("{}"), 2, "application/json");

	c->missed = r == JT_NOT_FOUND;
	if (answered != JT_OK)
		return answered;
	/* For its holder it is dead either way (2.2); nothing is written then. */
	return c->missed ? JT_DONE : r;
}

static enum jt_result run_metadata(struct jt_call *c, struct jt_tx *tx)
{
	const char *url = jt_server_url_public(c->http->server);
	/* No grant is had here. RFC 8414 requires the list of response types (2) and that empty ones are left out (3.2): a client
	 * that looks for it finds it. */
	json_t *o = json_pack("{s:s, s:s+, s:[s, s], s:s+, s:[s], s:[]}", "issuer", url, "introspection_endpoint", url,
		"/oauth/introspect", "introspection_endpoint_auth_methods_supported", "client_secret_basic", "Bearer",
		"revocation_endpoint", url, "/oauth/revoke", "revocation_endpoint_auth_methods_supported", "none",
		"response_types_supported");
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	(void)tx;
	json_decref(o);
	return jt_call_answer_raw(c, text, text ? strlen(text) : 0, "application/json");
}

const struct jt_op jt_api_oauth[] = {
	{.id = "revoke_token",
		.method = "POST",
		.path = "/oauth/revoke",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | JT_OP_REPEATABLE | JT_OP_GUARDED | JT_OP_OAUTH,
		.check = check_revoke,
		.run = run_revoke},
	{.id = "get_authorization_server",
		.method = "GET",
		.path = "/.well-known/oauth-authorization-server",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_PLAIN,
		.run = run_metadata},
	{0},
};
