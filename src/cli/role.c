/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdlib.h>

static const struct jt_column list_columns[] = {
	{"id", "ID"}, {"name", "NAME"}, {"role_type", "TYPE"}, {"id_aliases", "ALIASES"}, {0}};
static const struct jt_column columns[] = {
	{"id", "id"}, {"name", "name"}, {"role_type", "type"}, {"scopes", "scopes"}, {0}};

static enum jt_exit run_list(const struct jt_args *args)
{
	return jt_run_list(args, "rbac/roles", list_columns);
}

static json_t *scopes(const struct jt_args *args)
{
	json_t *list = json_array();

	for (size_t i = 0; list && jt_args_nth(args, "scope", i); i++)
		(void)json_array_append_new(list, json_string(jt_args_nth(args, "scope", i)));
	return list;
}

static enum jt_exit run_create(const struct jt_args *args)
{
	return jt_run_call(args, "POST", "rbac/roles",
		json_pack("{s:s, s:o, s:s, s:s*}", "name", jt_args_at(args, 0), "scopes", scopes(args), "role_type",
			jt_args_flag(args, "team") ? "team" : "organization", "description",
			jt_args_text(args, "description")),
		columns, NULL);
}

static enum jt_exit run_update(const struct jt_args *args)
{
	char *path = jt_client_path("rbac/roles/%s", jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, "PUT", path,
		json_pack("{s:o, s:s*, s:s*}", "scopes", scopes(args), "name", jt_args_text(args, "name"),
			"description", jt_args_text(args, "description")),
		columns, NULL);

	free(path);
	return code;
}

static enum jt_exit run_delete(const struct jt_args *args)
{
	char *path = jt_client_path("rbac/roles/%s", jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, "DELETE", path, NULL, NULL, "Deleted.");

	free(path);
	return code;
}

static const struct jt_option plain_options[] = {JT_CLIENT_OPTIONS, {0}};
static const struct jt_option create_options[] = {
	{.name = "scope", .value = "SCOPE", .help = "a scope, or resource:* for all of a resource", .many = true},
	{.name = "team", .help = "a role to be held in teams; else in the org"},
	{.name = "description", .value = "TEXT", .help = "what it is for"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option update_options[] = {
	{.name = "scope", .value = "SCOPE", .help = "all that it has from now on", .many = true},
	{.name = "name", .value = "NAME", .help = "a new name"},
	{.name = "description", .value = "TEXT", .help = "what it is for"},
	JT_CLIENT_OPTIONS,
	{0},
};

const struct jt_command jt_cli_role[] = {
	{.name = "role list",
		.arguments = "",
		.summary = "list the roles of users, managed and custom",
		.example = "jeton role list",
		.options = plain_options,
		.run = run_list},
	{.name = "role create",
		.arguments = "NAME",
		.least = 1,
		.most = 1,
		.summary = "make a custom role",
		.example = "jeton role create --scope 'findings:*' --scope apps:list Triage",
		.options = create_options,
		.run = run_create},
	{.name = "role update",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "replace a custom role's scopes",
		.example = "jeton role update --scope findings:list 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = update_options,
		.run = run_update},
	{.name = "role delete",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "delete a custom role that nobody has",
		.example = "jeton role delete 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = plain_options,
		.run = run_delete},
	{0},
};
