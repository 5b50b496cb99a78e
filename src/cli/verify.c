/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "cli/client.h"
#include "cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_LINE_MAX 4096

static bool holds(const json_t *scopes, const char *wanted)
{
	for (size_t i = 0; i < json_array_size(scopes); i++)
		if (strcmp(json_string_value(json_array_get(scopes, i)), wanted) == 0)
			return true;
	return false;
}

/* The first wanted scope that is not held, or NULL. */
static const char *missing(const struct jt_args *args, const json_t *scopes)
{
	for (size_t i = 0; jt_args_nth(args, "scope", i); i++)
		if (!holds(scopes, jt_args_nth(args, "scope", i)))
			return jt_args_nth(args, "scope", i);
	return NULL;
}

static enum jt_exit tell(const struct jt_args *args, const struct jt_reply *reply)
{
	json_t *scopes = json_object_get(reply->body, "response");
	const char *lacks = reply->status == 200 ? missing(args, scopes) : NULL;
	bool allowed = reply->status == 200 && !lacks;
	json_t *out = NULL;

	if (reply->status == 0 || reply->status >= 500)
		return jt_client_complain(reply);
	if (jt_args_flag(args, "json")) {
		out = json_pack("{s:b, s:s*, s:O*}", "allowed", (int)allowed, "missing", lacks, "scopes",
			reply->status == 200 ? scopes : NULL);
		if (!out || json_dumpf(out, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF) {
			json_decref(out);
			return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
		}
		json_decref(out);
	} else if (allowed) {
		puts("allowed");
	} else if (lacks) {
		printf("refused: it does not hold %s here\n", lacks);
	} else {
		printf("refused: %s\n", reply->status == 404 ? "not visible to it, or not there" : "no valid token");
	}
	return allowed ? JT_EXIT_OK : JT_EXIT_REFUSED;
}

static char *place(const struct jt_args *args)
{
	if (jt_args_text(args, "app"))
		return jt_client_path("apps/%s/my_scopes", jt_args_text(args, "app"));
	if (jt_args_text(args, "team"))
		return jt_client_path("rbac/teams/%s/my_scopes", jt_args_text(args, "team"));
	return strdup("my_scopes");
}

static enum jt_exit take_token(struct jt_client *c, const char *text)
{
	struct jt_secret *line = NULL;
	char *token = NULL;
	enum jt_exit code = JT_EXIT_OK;

	if (strcmp(text, "-") != 0)
		return jt_client_use(c, text) ? JT_EXIT_OK : JT_EXIT_UNREACHABLE;
	if (jt_input_secret("Token", TOKEN_LINE_MAX, &line) != JT_OK)
		return jt_complain(JT_EXIT_USAGE, "cannot take the token from standard input");
	token = strndup((const char *)jt_secret_view(line), jt_secret_size(line));
	code = token && jt_client_use(c, token) ? JT_EXIT_OK : JT_EXIT_UNREACHABLE;
	if (token)
		jt_secret_wipe(token, strlen(token));
	free(token);
	jt_secret_free(&line);
	return code;
}

static enum jt_exit run_verify(const struct jt_args *args)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = NULL;
	struct jt_reply reply = {0};
	char *path = NULL;

	if (jt_args_text(args, "app") && jt_args_text(args, "team"))
		return jt_complain(JT_EXIT_USAGE, "--app and --team exclude each other");
	if ((c = jt_client_bare(args, &code)) == NULL)
		return code;
	if (!jt_client_org(c)) {
		jt_client_free(c);
		return jt_complain(JT_EXIT_USAGE, "no org: give --org or JETON_ORG, or run jeton login");
	}
	code = take_token(c, jt_args_at(args, 0));
	path = place(args);
	if (code == JT_EXIT_OK && path) {
		jt_client_send(c, "GET", path, NULL, &reply);
		code = tell(args, &reply);
	}
	jt_reply_free(&reply);
	free(path);
	jt_client_free(c);
	return code;
}

static const struct jt_option options[] = {
	{.name = "url", .value = "URL", .help = "the server; else JETON_URL, else what login kept"},
	{.name = "org", .value = "ID", .help = "the org's id; else JETON_ORG, else what login kept"},
	{.name = "scope", .value = "SCOPE", .help = "must be held; of several, all", .many = true},
	{.name = "app", .value = "APP", .help = "on this app"},
	{.name = "team", .value = "ID", .help = "on this team"},
	{.name = "json", .help = "print allowed, missing and scopes as JSON"},
	{0},
};

const struct jt_command jt_cli_verify[] = {
	{.name = "verify",
		.arguments = "TOKEN | -",
		.least = 1,
		.most = 1,
		.summary = "is this token good, and for what?",
		.detail =
			"With - the token is read from standard input, and is never in ps. Exit status 0: allowed, 1: "
			"refused,\n3: nobody could say.",
		.example = "jeton verify --scope findings:list --app shop - < token",
		.options = options,
		.run = run_verify},
	{0},
};
