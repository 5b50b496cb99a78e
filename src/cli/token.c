/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct jt_column list_columns[] = {{"id", "ID"}, {"label", "LABEL"}, {"kind", "KIND"},
	{"created_at", "CREATED"}, {"expires_at", "EXPIRES"}, {"last_used_at", "LAST USED"}, {"teams", "TEAMS"}, {0}};
static const struct jt_column columns[] = {{"id", "id"}, {"label", "label"}, {"description", "description"},
	{"kind", "kind"}, {"role_id", "role"}, {"token_type", "type"}, {"created_at", "created"},
	{"created_by", "created by"}, {"expires_at", "expires"}, {"last_used_at", "last used"}, {"teams", "teams"},
	{"value", "value"}, {0}};
static const struct jt_column usage_columns[] = {{"count", "uses"}, {"last_used_at", "last used"},
	{"scopes_used", "scopes used"}, {"scopes_never_used", "scopes never used"}, {0}};

/* The managed token roles by the name of their kind, so that nobody need know a UUID. */
static enum jt_exit find_role(struct jt_client *c, const char *wanted, json_t **out)
{
	static const struct {
		const char *name, *label;
	} names[] = {{"ci", "CI"}, {"access", "Access"}, {"jira", "Jira plugin"}, {"github", "GitHub"},
		{"service", "Service account"}};
	json_t *roles = NULL;
	enum jt_exit code = JT_EXIT_OK;

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		if (strcmp(names[n].name, wanted) != 0)
			continue;
		if ((code = jt_client_list(c, "roles", &roles)) != JT_EXIT_OK)
			return code;
		for (size_t i = 0; i < json_array_size(roles); i++) {
			json_t *role = json_array_get(roles, i);
			const char *label = json_string_value(json_object_get(role, "label"));

			if (label && strcmp(label, names[n].label) == 0)
				*out = json_incref(json_object_get(role, "id"));
		}
		json_decref(roles);
	}
	if (!*out)
		*out = json_string(wanted);
	return JT_EXIT_OK;
}

static enum jt_exit run_create(const struct jt_args *args)
{
	const char *role = jt_args_text(args, "role");
	int64_t seconds = 0;
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = NULL;
	json_t *body = NULL, *role_id = NULL, *teams = NULL, *response = NULL;

	if (!jt_args_int(args, "valid-for", 1, 3153600000LL, &seconds))
		return JT_EXIT_USAGE;
	if ((c = jt_client_open(args, &code)) == NULL)
		return code;
	code = find_role(c, role ? role : "ci", &role_id);
	if (jt_args_nth(args, "team", 0))
		teams = json_array();
	for (size_t i = 0; jt_args_nth(args, "team", i); i++)
		(void)json_array_append_new(teams, json_string(jt_args_nth(args, "team", i)));
	if (code == JT_EXIT_OK) {
		body = json_pack("{s:s, s:O, s:s*, s:o*, s:o*}", "label", jt_args_at(args, 0), "role_id", role_id,
			"description", jt_args_text(args, "description"), "valid_for_seconds",
			seconds ? json_integer(seconds) : NULL, "teams", teams);
		code = jt_client_call(c, "POST", "tokens", body, &response);
	}
	if (code == JT_EXIT_OK)
		code = jt_print_object(args, response, columns);
	if (code == JT_EXIT_OK && !jt_args_flag(args, "json"))
		puts("\nThe value is shown this once.");
	json_decref(response);
	json_decref(role_id);
	jt_client_free(c);
	return code;
}

static enum jt_exit run_list(const struct jt_args *args)
{
	const char *by = jt_args_text(args, "created-by"), *kind = jt_args_text(args, "kind");
	char path[256];

	(void)snprintf(path, sizeof(path), "tokens?show_expired=%s%s%.60s%s%.60s",
		jt_args_flag(args, "expired") ? "true" : "false", kind ? "&kind=" : "", kind ? kind : "",
		by ? "&created_by=" : "", by ? by : "");
	return jt_run_list(args, path, list_columns);
}

static enum jt_exit on_token(const struct jt_args *args, const char *method, const char *format, json_t *body,
	const struct jt_column *show, const char *done)
{
	char *path = jt_client_path(format, jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, method, path, body, show, done);

	free(path);
	return code;
}

static enum jt_exit run_show(const struct jt_args *args)
{
	if (jt_args_flag(args, "usage"))
		return on_token(args, "GET", "tokens/%s/usage", NULL, usage_columns, NULL);
	return on_token(args, "GET", "tokens/%s", NULL, columns, NULL);
}

static enum jt_exit run_rotate(const struct jt_args *args)
{
	int64_t overlap = 0;

	if (!jt_args_int(args, "overlap", 0, 604800, &overlap))
		return JT_EXIT_USAGE;
	return on_token(args, "POST", "tokens/%s/rotate", json_pack("{s:I}", "overlap_seconds", (json_int_t)overlap),
		columns, "\nThe value is shown this once.");
}

static enum jt_exit run_revoke(const struct jt_args *args)
{
	return on_token(args, "DELETE", jt_args_flag(args, "cascade") ? "tokens/%s?cascade=true" : "tokens/%s", NULL,
		NULL, "Revoked: every value of it is refused from now on.");
}

static const struct jt_option create_options[] = {
	{.name = "role", .value = "ROLE", .help = "ci, access, jira, github, service, or a role's id (ci)"},
	{.name = "description", .value = "TEXT", .help = "what it is for"},
	{.name = "valid-for", .value = "SECONDS", .help = "how long it lives; else as long as the org lets it"},
	{.name = "team", .value = "ID", .help = "good for this team and its apps only", .many = true},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option list_options[] = {
	{.name = "expired", .help = "also those that have expired"},
	{.name = "kind", .value = "KIND", .help = "only ci, github, jira, access, service or custom"},
	{.name = "created-by", .value = "ID", .help = "only those that this user or service token issued"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option show_options[] = {
	{.name = "usage", .help = "how often and when it was used, and which of its scopes never were"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option rotate_options[] = {
	{.name = "overlap", .value = "SECONDS", .help = "how long the old value goes on working, up to 604800 (0)"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option revoke_options[] = {
	{.name = "cascade", .help = "also the tokens that this service token issued"},
	JT_CLIENT_OPTIONS,
	{0},
};

const struct jt_command jt_cli_token[] = {
	{.name = "token create",
		.arguments = "LABEL",
		.least = 1,
		.most = 1,
		.summary = "issue an integration token",
		.example = "jeton token create --role ci --valid-for 2592000 'nightly build'",
		.options = create_options,
		.run = run_create},
	{.name = "token list",
		.arguments = "",
		.summary = "list the org's integration tokens",
		.example = "jeton token list --kind ci",
		.options = list_options,
		.run = run_list},
	{.name = "token show",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "show one token, or how it was used; never its value",
		.example = "jeton token show 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11\n"
			   "jeton token show --usage 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = show_options,
		.run = run_show},
	{.name = "token rotate",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "give a token a new value",
		.detail = "With --overlap the old value goes on working for that long, so that the new one can be "
			  "deployed "
			  "first.",
		.example = "jeton token rotate --overlap 86400 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = rotate_options,
		.run = run_rotate},
	{.name = "token revoke",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "kill every value of a token",
		.example = "jeton token revoke 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = revoke_options,
		.run = run_revoke},
	{0},
};
