/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "cli/client.h"
#include "cli/explain.h"
#include "cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `jeton verify`: on the table of this machine, or, with --url, by a server. */

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

static bool use_value(struct jt_client *c, const struct jt_secret *value)
{
	char *token = strndup((const char *)jt_secret_view(value), jt_secret_size(value));
	bool used = token && jt_client_use(c, token);

	if (token)
		jt_secret_wipe(token, strlen(token));
	free(token);
	return used;
}

/* The token itself asks what it holds. */
static enum jt_exit ask_server(const struct jt_args *args, const struct jt_secret *value)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = jt_client_bare(args, &code);
	struct jt_reply reply = {0};
	char *path = NULL;

	if (!c)
		return code;
	if (!jt_client_org(c)) {
		jt_client_free(c);
		return jt_complain(JT_EXIT_USAGE, "no org: give --org or JETON_ORG, or run jeton login");
	}
	path = place(args);
	code = JT_EXIT_UNREACHABLE;
	if (path && use_value(c, value)) {
		jt_client_send(c, "GET", path, NULL, &reply);
		code = tell(args, &reply);
	}
	jt_reply_free(&reply);
	free(path);
	jt_client_free(c);
	return code;
}

static json_t *explain_body(const struct jt_args *args, const struct jt_secret *value)
{
	json_t *scopes = json_array();
	json_t *body = json_pack("{s:s%, s:s*, s:s*}", "token", (const char *)jt_secret_view(value),
		jt_secret_size(value), "app", jt_args_text(args, "app"), "team", jt_args_text(args, "team"));

	for (size_t i = 0; scopes && jt_args_nth(args, "scope", i); i++)
		(void)json_array_append_new(scopes, json_string(jt_args_nth(args, "scope", i)));
	if (body && json_object_set_new(body, "scopes", scopes) == 0)
		return body;
	json_decref(body);
	return NULL;
}

/* Somebody who may list tokens asks about one, with a token of their own. */
static enum jt_exit explain_by_server(const struct jt_args *args, const struct jt_secret *value)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *body = c ? explain_body(args, value) : NULL;
	json_t *explanation = NULL;

	if (!c)
		return code;
	code = body ? jt_client_call(c, "POST", "explain", body, &explanation)
		    : jt_complain(JT_EXIT_USAGE, "the token is not text");
	/* That the asking was refused says nothing of the token. */
	if (code == JT_EXIT_OK)
		code = jt_print_explanation(args, explanation);
	else if (code == JT_EXIT_REFUSED)
		code = JT_EXIT_UNREACHABLE;
	json_decref(explanation);
	jt_client_free(c);
	return code;
}

static enum jt_exit take_value(const char *text, struct jt_secret **out)
{
	enum jt_result r = JT_OK;

	if (strcmp(text, "-") == 0)
		r = jt_input_secret("Token", TOKEN_LINE_MAX, out);
	else
		r = *text ? jt_secret_copy(text, strlen(text), out) : JT_TRUNCATED;
	return r == JT_OK ? JT_EXIT_OK : jt_complain(JT_EXIT_USAGE, "cannot take the token: %s", jt_result_text(r));
}

/* Which of its options cannot go together; NULL: all can. */
static const char *conflict(const struct jt_args *args)
{
	if (jt_args_text(args, "app") && jt_args_text(args, "team"))
		return "--app and --team exclude each other";
	if (jt_args_text(args, "url") && jt_args_text(args, "table"))
		return "--table and --url exclude each other";
	if (jt_args_text(args, "url") && jt_args_text(args, "min-seq"))
		return "--min-seq is asked of a table, not of --url";
	return NULL;
}

static enum jt_exit run_verify(const struct jt_args *args)
{
	const char *wrong = conflict(args);
	struct jt_secret *value = NULL;
	enum jt_exit code = JT_EXIT_OK;

	if (wrong)
		return jt_complain(JT_EXIT_USAGE, "%s", wrong);
	code = take_value(jt_args_at(args, 0), &value);
	if (code == JT_EXIT_OK && !jt_args_text(args, "url"))
		code = jt_verify_on_table(args, value);
	else if (code == JT_EXIT_OK && jt_args_flag(args, "explain"))
		code = explain_by_server(args, value);
	else if (code == JT_EXIT_OK)
		code = ask_server(args, value);
	jt_secret_free(&value);
	return code;
}

static const struct jt_option options[] = {
	{.name = "table", .value = "FILE", .help = "the table; else JETON_TABLE, else where a server here keeps it"},
	{.name = "url", .value = "URL", .help = "ask this server instead of the table"},
	{.name = "org", .value = "ID", .help = "must be the token's org; else JETON_ORG, else any will do"},
	{.name = "scope", .value = "SCOPE", .help = "must be held; of several, all", .many = true},
	{.name = "app", .value = "APP", .help = "on this app"},
	{.name = "team", .value = "ID", .help = "on this team"},
	{.name = "min-seq", .value = "N", .help = "the table must show this change (X-Jeton-Seq) or later"},
	{.name = "partial", .help = "held for some teams only is enough; they are printed"},
	{.name = "explain", .help = "print the decision step by step, and who else holds what is missing"},
	{.name = "json", .help = "print JSON"},
	{0},
};

const struct jt_command jt_cli_verify[] = {
	{.name = "verify",
		.arguments = "TOKEN | -",
		.least = 1,
		.most = 1,
		.summary = "is this token good, and for what?",
		.detail =
			"Decides as every program on this machine does: on the table that jeton serve keeps in shared "
			"memory.\nThat needs no server and no token of its own. A server is asked only with --url: "
			"then "
			"the token itself\nasks what it holds, and with --explain you ask about it with a token that "
			"may "
			"list tokens (JETON_TOKEN,\nor what login kept). Without an org the token of any org is good, "
			"and an app or a team is looked for\nin the token's own.\nWith - the token is read from "
			"standard "
			"input, and is never in ps; no part of it is printed. Exit status\n0: allowed, 1: refused, 3: "
			"nobody could say.",
		.example = "jeton verify --scope findings:list --app shop - < token\n"
			   "jeton verify --explain --scope findings:update --team 0190c4d2-7a51-7e3c-9d1f-2b6f4c8e5a10 "
			   "- < token",
		.options = options,
		.run = run_verify},
	{0},
};
