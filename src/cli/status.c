/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdio.h>

/* healthz, readyz, and who one is there. */
static enum jt_exit run_status(const struct jt_args *args)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = jt_client_bare(args, &code);
	struct jt_reply health, ready;
	const char *said = NULL;

	if (!c)
		return code;
	jt_client_send(c, "GET", "/healthz", NULL, &health);
	if (health.status == 0) {
		code = jt_client_complain(&health);
		jt_client_free(c);
		return code;
	}
	jt_client_send(c, "GET", "/readyz", NULL, &ready);
	code = ready.status == 200 ? JT_EXIT_OK : JT_EXIT_UNREACHABLE;
	said = json_string_value(json_object_get(ready.body, "message"));
	if (jt_args_flag(args, "json")) {
		printf("{\"url\":\"%s\",\"healthy\":%s,\"ready\":%s}\n", jt_client_url(c),
			health.status == 200 ? "true" : "false", ready.status == 200 ? "true" : "false");
	} else {
		printf("server  %s\nanswers %s\nready   %s%s%s\n", jt_client_url(c),
			health.status == 200 ? "yes" : "no", ready.status == 200 ? "yes" : "no", said ? ": " : "",
			said ? said : "");
	}
	jt_reply_free(&health);
	jt_reply_free(&ready);
	jt_client_free(c);
	return code;
}

static const struct jt_option options[] = {
	{.name = "url", .value = "URL", .help = "the server; else JETON_URL, else what login kept"},
	{.name = "json", .help = "print JSON"},
	{0},
};

const struct jt_command jt_cli_status[] = {
	{.name = "status",
		.arguments = "",
		.summary = "ask a server whether it is well",
		.detail = "Exit status 3 if it cannot be reached or is not ready.",
		.example = "jeton status --url http://127.0.0.1:8080",
		.options = options,
		.run = run_status},
	{0},
};
