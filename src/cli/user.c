/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <stdlib.h>
#include <string.h>

static const struct jt_column list_columns[] = {
	{"id_v2", "ID"}, {"email", "E-MAIL"}, {"name", "NAME"}, {"org_role", "ROLE"}, {"disabled", "DISABLED"}, {0}};
static const struct jt_column invited_columns[] = {
	{"id", "ID"}, {"email", "E-MAIL"}, {"name", "NAME"}, {"role", "ROLE"}, {0}};
static const struct jt_column made_columns[] = {{"id_v2", "id"}, {"email", "e-mail"}, {"name", "name"},
	{"url", "set-up link"}, {"expires_at", "good until"}, {0}};
static const struct jt_column invitation_columns[] = {
	{"id", "id"}, {"email", "e-mail"}, {"url", "link to pass on"}, {0}};
static const struct jt_column link_columns[] = {
	{"purpose", "purpose"}, {"url", "link to pass on"}, {"expires_at", "expires"}, {0}};

static enum jt_exit run_list(const struct jt_args *args)
{
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *list = NULL;

	if (!c)
		return code;
	code = jt_client_list(c, "rbac/users?details=true", &list);
	/* The org role is the membership without a team. */
	for (size_t i = 0; code == JT_EXIT_OK && !jt_args_flag(args, "json") && i < json_array_size(list); i++) {
		json_t *user = json_array_get(list, i), *all = json_object_get(user, "team_membership");

		for (size_t m = 0; m < json_array_size(all); m++) {
			json_t *one = json_array_get(all, m);
			const char *team = json_string_value(json_object_get(one, "team_id"));

			if (team && !*team)
				(void)json_object_set(user, "org_role", json_object_get(one, "role_name"));
		}
	}
	if (code == JT_EXIT_OK)
		code = jt_print_list(args, list, list_columns);
	json_decref(list);
	jt_client_free(c);
	return code;
}

static enum jt_exit run_create(const struct jt_args *args)
{
	const char *role = jt_args_text(args, "role");
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *made = NULL;

	if (!c)
		return code;
	code = jt_client_call(c, "POST", "rbac/users",
		json_pack("{s:s, s:s, s:s*}", "email", jt_args_at(args, 0), "org_role", role ? role : "MEMBER", "name",
			jt_args_text(args, "name")),
		&made);
	if (code == JT_EXIT_OK && !jt_args_flag(args, "json"))
		(void)json_object_update_missing(made, json_object_get(made, "setup"));
	if (code == JT_EXIT_OK)
		code = jt_print_object(args, made, made_columns);
	json_decref(made);
	jt_client_free(c);
	return code;
}

static enum jt_exit on_user(
	const struct jt_args *args, const char *method, const char *format, json_t *body, const char *done)
{
	char *path = jt_client_path(format, jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, method, path, body, NULL, done);

	free(path);
	return code;
}

static enum jt_exit run_role(const struct jt_args *args)
{
	return on_user(args, "PUT", "rbac/users/%s", json_pack("{s:s}", "org_role", jt_args_at(args, 1)),
		"Done: the user's personal token holds the new role's scopes from now on.");
}

static enum jt_exit run_disable(const struct jt_args *args)
{
	return on_user(args, "PATCH", "rbac/users/%s", json_pack("{s:b}", "disabled", 1),
		"Disabled: the user's personal token is refused from now on.");
}

static enum jt_exit run_enable(const struct jt_args *args)
{
	return on_user(args, "PATCH", "rbac/users/%s", json_pack("{s:b}", "disabled", 0), "Enabled.");
}

static enum jt_exit run_delete(const struct jt_args *args)
{
	return on_user(args, "DELETE",
		jt_args_flag(args, "revoke-created") ? "rbac/users/%s?revoke_created=true" : "rbac/users/%s", NULL,
		"Deleted.");
}

static enum jt_exit run_link(const struct jt_args *args)
{
	char *path = jt_client_path("rbac/users/%s/link", jt_args_at(args, 0));
	enum jt_exit code = jt_run_call(args, "POST", path, NULL, link_columns, NULL);

	free(path);
	return code;
}

static enum jt_exit run_invite(const struct jt_args *args)
{
	const char *role = jt_args_text(args, "role");

	return jt_run_call(args, "POST", "rbac/invitations",
		json_pack("{s:s, s:s}", "email", jt_args_at(args, 0), "org_role", role ? role : "MEMBER"),
		invitation_columns, NULL);
}

static enum jt_exit run_invitations(const struct jt_args *args)
{
	return jt_run_list(args, "rbac/invitations", invited_columns);
}

static const struct jt_option plain_options[] = {JT_CLIENT_OPTIONS, {0}};
static const struct jt_option create_options[] = {
	{.name = "role",
		.value = "ROLE",
		.help = "SUPER_ADMIN, POWER_USER, MEMBER, GUEST, TEAM_DEFINED or a role's id (MEMBER)"},
	{.name = "name", .value = "NAME", .help = "else what stands before the @"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option invite_options[] = {
	{.name = "role", .value = "ROLE", .help = "as for user create (MEMBER)"},
	JT_CLIENT_OPTIONS,
	{0},
};
static const struct jt_option delete_options[] = {
	{.name = "revoke-created", .help = "also revoke the integration tokens that the user issued"},
	JT_CLIENT_OPTIONS,
	{0},
};

#define SPENT \
	"The link works once, for 72 hours. Whoever it is for spends it with POST {\"token\": \"...\", \"name\": " \
	"\"...\", \"password\": \"...\"}\nto /api/v4/invitations/accept, where token is what follows #token= in the " \
	"link."

const struct jt_command jt_cli_user[] = {
	{.name = "user list",
		.arguments = "",
		.summary = "list the org's users",
		.example = "jeton user list",
		.options = plain_options,
		.run = run_list},
	{.name = "user create",
		.arguments = "EMAIL",
		.least = 1,
		.most = 1,
		.summary = "make a user; prints a set-up link",
		.detail = SPENT,
		.example = "jeton user create --role POWER_USER pia@acme.example",
		.options = create_options,
		.run = run_create},
	{.name = "user role",
		.arguments = "ID ROLE",
		.least = 2,
		.most = 2,
		.summary = "give a user another org role",
		.example = "jeton user role 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11 GUEST",
		.options = plain_options,
		.run = run_role},
	{.name = "user disable",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "refuse a user's token until enabled",
		.example = "jeton user disable 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = plain_options,
		.run = run_disable},
	{.name = "user enable",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "let a disabled user in again",
		.example = "jeton user enable 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = plain_options,
		.run = run_enable},
	{.name = "user link",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "make a link with which a user sets a password",
		.detail = "A set-up link (72 hours) for who has set none of their own yet, else one to reset it (an "
			  "hour). It "
			  "works\nonce, and ends the one that there was.",
		.example = "jeton user link 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = plain_options,
		.run = run_link},
	{.name = "user delete",
		.arguments = "ID",
		.least = 1,
		.most = 1,
		.summary = "delete a user and their personal token",
		.example = "jeton user delete --revoke-created 0190f5c2-7c1e-7d43-9d1a-6f2f5a0c9e11",
		.options = delete_options,
		.run = run_delete},
	{.name = "user invite",
		.arguments = "EMAIL",
		.least = 1,
		.most = 1,
		.summary = "invite somebody; prints the link",
		.detail = SPENT,
		.example = "jeton user invite --role GUEST gus@acme.example",
		.options = invite_options,
		.run = run_invite},
	{.name = "user invitations",
		.arguments = "",
		.summary = "list pending invitations",
		.example = "jeton user invitations",
		.options = plain_options,
		.run = run_invitations},
	{0},
};
