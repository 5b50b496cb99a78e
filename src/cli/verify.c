/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/secret.h"
#include "cli/client.h"
#include "cli/explain.h"
#include "cli/input.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `jeton verify`: on the table of this machine, or, with --url, by a server. */

#define TOKEN_LINE_MAX 4096

/* ---- a server's answer to /verify */

/* Words with a blank between them, one a line. */
static void print_words(char *words)
{
	char *next = NULL;

	for (char *at = words; at; at = next) {
		next = strchr(at, ' ');
		if (next)
			*next++ = '\0';
		jt_print_clean(at);
		putchar('\n');
	}
}

static json_t *teams_json(const char *teams)
{
	json_t *list = teams ? json_array() : NULL;

	for (const char *at = teams; list && *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		(void)json_array_append_new(list, json_stringn(at, n));
		at += n;
	}
	return list;
}

static enum jt_exit tell_json(const struct jt_reply *reply, bool allowed)
{
	json_t *out = json_pack("{s:b, s:s*, s:o*, s:s*}", "allowed", (int)allowed, "missing",
		reply->scope[0] ? reply->scope : NULL, "teams", teams_json(reply->teams), "message",
		allowed ? NULL : json_string_value(json_object_get(reply->body, "message")));
	bool whole = out && json_dumpf(out, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;

	json_decref(out);
	return whole ? JT_EXIT_OK : jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
}

static enum jt_exit tell(const struct jt_args *args, const struct jt_reply *reply)
{
	const char *message = json_string_value(json_object_get(reply->body, "message"));
	bool allowed = reply->status == 204;

	if (!allowed && reply->status != 401 && reply->status != 403) {
		enum jt_exit code = jt_client_complain(reply);

		return reply->status == 400 ? JT_EXIT_USAGE : code == JT_EXIT_REFUSED ? JT_EXIT_UNREACHABLE : code;
	}
	if (jt_args_flag(args, "json")) {
		if (tell_json(reply, allowed) != JT_EXIT_OK)
			return JT_EXIT_UNREACHABLE;
	} else if (allowed && reply->teams) {
		puts("allowed for these teams only:");
		print_words(reply->teams);
	} else if (allowed) {
		puts("allowed");
	} else {
		fputs("refused: ", stdout);
		jt_print_clean(reply->status == 401 ? "no valid token" : message ? message : "not allowed");
		putchar('\n');
	}
	return allowed ? JT_EXIT_OK : JT_EXIT_REFUSED;
}

static void add_query(struct jt_buf *path, const char *name, const char *value)
{
	char *escaped = value ? jt_client_path("%s", value) : NULL;

	if (escaped)
		jt_buf_printf(path, "%c%s=%s", memchr(path->data, '?', path->size) ? '&' : '?', name, escaped);
	else if (value)
		path->failed = true;
	free(escaped);
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

/* The token itself asks, as a proxy does for it. */
static enum jt_exit ask_server(const struct jt_args *args, const struct jt_secret *value)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = jt_client_bare(args, &code);
	struct jt_reply reply = {0};
	struct jt_buf path = {0};

	if (!c)
		return code;
	if (!jt_client_org(c)) {
		jt_client_free(c);
		return jt_complain(JT_EXIT_USAGE, "no org: give --org or JETON_ORG, or run jeton login");
	}
	jt_buf_put_text(&path, "/verify");
	add_query(&path, "org", jt_client_org(c));
	for (size_t i = 0; jt_args_nth(args, "scope", i); i++)
		add_query(&path, "scope", jt_args_nth(args, "scope", i));
	add_query(&path, "app", jt_args_text(args, "app"));
	add_query(&path, "team", jt_args_text(args, "team"));
	add_query(&path, "min_seq", jt_args_text(args, "min-seq"));
	add_query(&path, "partial", jt_args_flag(args, "partial") ? "ok" : NULL);
	code = JT_EXIT_UNREACHABLE;
	if (jt_buf_text(&path) && use_value(c, value)) {
		jt_client_send(c, "GET", jt_buf_text(&path), NULL, &reply);
		code = tell(args, &reply);
	}
	jt_reply_free(&reply);
	jt_buf_free(&path);
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
	if (jt_args_text(args, "url") && jt_args_flag(args, "explain") && jt_args_text(args, "min-seq"))
		return "a server explains without --min-seq";
	return NULL;
}

static enum jt_exit run_verify(const struct jt_args *args)
{
	const char *wrong = conflict(args);
	const char *scope = NULL;
	struct jt_secret *value = NULL;
	enum jt_exit code = JT_EXIT_OK;

	for (size_t i = 0; (scope = jt_args_nth(args, "scope", i)) != NULL; i++) {
		if (!jt_scope_name_is_valid(scope, strlen(scope)))
			return jt_complain(JT_EXIT_USAGE, "'%s' is no scope, such as findings:list", scope);
	}
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
