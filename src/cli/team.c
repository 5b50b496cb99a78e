/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdlib.h>

static const struct jt_column list_columns[] = {
	{"team_id", "ID"}, {"team_name", "NAME"}, {"team_version", "VERSION"}, {"projects", "APPS"}, {0}};
static const struct jt_column columns[] = {
	{"team_id", "id"}, {"team_name", "name"}, {"version", "version"}, {"applications", "apps"}, {0}};

static json_t *texts(const struct jt_args *args, const char *option)
{
	json_t *list = jt_args_nth(args, option, 0) ? json_array() : NULL;

	for (size_t i = 0; list && jt_args_nth(args, option, i); i++)
		(void)json_array_append_new(list, json_string(jt_args_nth(args, option, i)));
	return list;
}

static enum jt_exit run_list(const struct jt_args *args)
{
	return jt_run_list(args, "rbac/teams", list_columns);
}

static enum jt_exit run_create(const struct jt_args *args)
{
	return jt_run_call(args, "POST", "rbac/teams",
		json_pack("{s:s, s:o*}", "name", jt_args_at(args, 0), "applications", texts(args, "app")), columns,
		NULL);
}

static enum jt_exit on_team(const struct jt_args *args, const char *method, json_t *body, const char *done)
{
	char *path = jt_client_path("rbac/teams/%s", jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, method, path, body, done ? NULL : columns, done);

	free(path);
	return code;
}

static enum jt_exit run_show(const struct jt_args *args)
{
	return on_team(args, "GET", NULL, NULL);
}

static enum jt_exit run_update(const struct jt_args *args)
{
	const char *role = jt_args_text(args, "role");
	json_t *members = NULL;

	for (size_t i = 0; jt_args_nth(args, "add-user", i); i++) {
		members = members ? members : json_array();
		(void)json_array_append_new(
			members, json_pack("{s:s, s:s}", "user_id_v2", jt_args_nth(args, "add-user", i), "team_role",
					 role ? role : "TEAM_MEMBER"));
	}
	return on_team(args, "PUT",
		json_pack("{s:o*, s:o*, s:o*, s:o*, s:o*}", "add_applications", texts(args, "add-app"),
			"remove_applications", texts(args, "remove-app"), "add_team_membership", members,
			"remove_team_membership", texts(args, "remove-user"), "force_app_inclusion",
			jt_args_flag(args, "force") ? json_true() : NULL),
		NULL);
}

static enum jt_exit run_delete(const struct jt_args *args)
{
	int64_t version = -1;

	if (!jt_args_int(args, "version", 0, INT64_MAX, &version))
		return JT_EXIT_USAGE;
	if (version < 0)
		return jt_complain(JT_EXIT_USAGE, "team delete needs --version N, as jeton team show prints it");
	return on_team(args, "DELETE", json_pack("{s:I}", "version", (json_int_t)version),
		"Deleted; its users and apps stay.");
}

static const struct jt_option plain_options[] = {JT_CLIENT_OPTIONS, {0}};
static const struct jt_option create_options[] = {
	{.name = "app", .value = "APP", .help = "an app to put into it", .many = true},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option update_options[] = {
	{.name = "add-user", .value = "ID", .help = "a user to add", .many = true},
	{.name = "role",
		.value = "ROLE",
		.help = "of those: TEAM_ADMIN, TEAM_MANAGER, TEAM_MEMBER, TEAM_GUEST (TEAM_MEMBER)"},
	{.name = "remove-user", .value = "ID", .help = "a user to take out", .many = true},
	{.name = "add-app", .value = "APP", .help = "an app to add", .many = true},
	{.name = "remove-app", .value = "APP", .help = "an app to take out", .many = true},
	{.name = "force", .help = "take apps from other teams"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option delete_options[] = {
	{.name = "version", .value = "N", .help = "the version that you have seen"},
	JT_CLIENT_OPTIONS,
	{0},
};

const struct jt_command jt_cli_team[] = {
	{.name = "team list",
		.arguments = "",
		.summary = "list the teams that you can read",
		.example = "jeton team list",
		.options = plain_options,
		.run = run_list},
	{.name = "team create",
		.arguments = "NAME",
		.least = 1,
		.most = 1,
		.summary = "make a team",
		.example = "jeton team create --app shop --app billing payments",
		.options = create_options,
		.run = run_create},
	{.name = "team show",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "show a team",
		.example = "jeton team show 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = plain_options,
		.run = run_show},
	{.name = "team update",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "change who and what is in a team",
		.example = "jeton team update --add-app shop 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = update_options,
		.run = run_update},
	{.name = "team delete",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "delete a team",
		.example = "jeton team delete --version 3 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = delete_options,
		.run = run_delete},
	{0},
};
