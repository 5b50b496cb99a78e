/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdlib.h>

static const struct jt_column list_columns[] = {{"id", "ID"}, {"name", "NAME"}, {"team_id", "TEAM"}, {0}};
static const struct jt_column columns[] = {
	{"id", "id"}, {"name", "name"}, {"team_id", "team"}, {"can_delete", "you may delete it"}, {0}};

static enum jt_exit run_list(const struct jt_args *args)
{
	return jt_run_list(args, "apps", list_columns);
}

static enum jt_exit on_app(
	const struct jt_args *args, const char *method, const struct jt_column *show, const char *done)
{
	char *path = jt_client_path("apps/%s", jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, method, path, NULL, show, done);

	free(path);
	return code;
}

static enum jt_exit run_show(const struct jt_args *args)
{
	return on_app(args, "GET", columns, NULL);
}

static enum jt_exit run_delete(const struct jt_args *args)
{
	return on_app(args, "DELETE", NULL, "Deleted.");
}

/* What was rejected is a refusal, whatever the status. */
static enum jt_exit run_put(const struct jt_args *args)
{
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *answer = NULL;

	if (!c)
		return code;
	code = jt_client_call(c, "PUT", "apps",
		json_pack("[{s:s, s:s*, s:s*, s:s*}]", "id", jt_args_at(args, 0), "name", jt_args_text(args, "name"),
			"team_id", jt_args_text(args, "team"), "base_branch", jt_args_text(args, "base-branch")),
		&answer);
	if (code == JT_EXIT_OK && json_array_size(json_object_get(answer, "rejected_ids")) > 0)
		code = jt_complain(JT_EXIT_REFUSED, "rejected: the app belongs elsewhere");
	else if (code == JT_EXIT_OK && json_array_size(json_object_get(answer, "rejected_team_ids")) > 0)
		code = jt_complain(JT_EXIT_REFUSED, "rejected: you cannot make apps on that team");
	else if (code == JT_EXIT_OK)
		code = jt_print_list(args, json_object_get(answer, "apps"), list_columns);
	json_decref(answer);
	jt_client_free(c);
	return code;
}

static const struct jt_option plain_options[] = {JT_CLIENT_OPTIONS, {0}};
static const struct jt_option put_options[] = {
	{.name = "name", .value = "NAME", .help = "how people call it"},
	{.name = "team", .value = "ID", .help = "the team that it is in"},
	{.name = "base-branch", .value = "BRANCH", .help = "what others are compared with"},
	JT_CLIENT_OPTIONS,
	{0},
};

const struct jt_command jt_cli_app[] = {
	{.name = "app list",
		.arguments = "",
		.summary = "list the apps that you can see",
		.example = "jeton app list",
		.options = plain_options,
		.run = run_list},
	{.name = "app put",
		.arguments = "APP",
		.least = 1,
		.most = 1,
		.summary = "make an app, or change its name or branch",
		.example = "jeton app put --team 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11 shop",
		.options = put_options,
		.run = run_put},
	{.name = "app show",
		.arguments = "APP",
		.least = 1,
		.most = 1,
		.summary = "show an app",
		.example = "jeton app show shop",
		.options = plain_options,
		.run = run_show},
	{.name = "app delete",
		.arguments = "APP",
		.least = 1,
		.most = 1,
		.summary = "delete an app",
		.example = "jeton app delete shop",
		.options = plain_options,
		.run = run_delete},
	{0},
};
