/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "authority/authority.h"
#include "cli/input.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD_MAX 1024

/* The password as a terminated text in secret memory. */
static enum jt_exit ask_password(struct jt_secret **out)
{
	struct jt_secret *line = NULL;
	enum jt_result r = jt_input_secret("Password for the owner (12 characters at least)", PASSWORD_MAX, &line);

	if (r != JT_OK)
		return jt_complain(
			JT_EXIT_USAGE, "cannot take the password from standard input: %s", jt_result_text(r));
	r = jt_secret_new(jt_secret_size(line) + 1, out);
	if (r == JT_OK)
		memcpy(jt_secret_bytes(*out), jt_secret_view(line), jt_secret_size(line));
	jt_secret_free(&line);
	return r == JT_OK ? JT_EXIT_OK : jt_complain(JT_EXIT_UNREACHABLE, "%s", jt_result_text(r));
}

static enum jt_exit print_made(const struct jt_made_org *made, const char *data, bool json)
{
	char org[JT_ID_TEXT_SIZE], owner[JT_ID_TEXT_SIZE];
	json_t *o = NULL;

	jt_id_text(&made->org, org);
	jt_id_text(&made->owner, owner);
	if (!json) {
		printf("org    %s\nowner  %s\ntoken  %s\n\n", org, owner, made->token);
		printf("The token is the owner's personal one, and is shown this once. Start the server:\n");
		printf("  jeton serve --data %s\n", data);
		return JT_EXIT_OK;
	}
	o = json_pack("{s:s, s:s, s:s}", "org_id", org, "owner_id", owner, "token", made->token);
	if (o == NULL || json_dumpf(o, stdout, JSON_COMPACT) != 0)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	putchar('\n');
	json_decref(o);
	return JT_EXIT_OK;
}

static enum jt_exit exit_of(enum jt_result r)
{
	switch (r) {
	case JT_OK:
		return JT_EXIT_OK;
	case JT_ALREADY_EXISTS:
	case JT_CONFLICT:
		return JT_EXIT_REFUSED;
	case JT_VALIDATION:
	case JT_MALFORMED:
		return JT_EXIT_USAGE;
	default:
		return JT_EXIT_UNREACHABLE;
	}
}

static enum jt_exit run_init(const struct jt_args *args)
{
	const char *data = jt_args_text(args, "data");
	struct jt_new_org order = {.name = jt_args_text(args, "org"),
		.owner_email = jt_args_text(args, "owner"),
		.owner_name = jt_args_text(args, "name"),
		.brand = jt_args_text(args, "brand")};
	struct jt_secret *password = NULL;
	struct jt_made_org made = {0};
	struct jt_why why = {0};
	enum jt_exit code = JT_EXIT_OK;
	enum jt_result r = JT_OK;

	if (data == NULL || order.name == NULL || order.owner_email == NULL)
		return jt_complain(JT_EXIT_USAGE, "init needs --data, --org and --owner; see jeton init --help");
	if (jt_args_flag(args, "password-stdin")) {
		if ((code = ask_password(&password)) != JT_EXIT_OK)
			return code;
		order.password = (const char *)jt_secret_view(password);
	}
	r = jt_authority_init(data, jt_args_text(args, "catalogue"), &order, &made, &why);
	jt_secret_free(&password);
	if (r != JT_OK)
		code = jt_complain(
			exit_of(r), "cannot set up %s: %s", data, why.message[0] ? why.message : jt_result_text(r));
	for (unsigned i = 0; i < why.fields && i < JT_WHY_FIELDS_MAX; i++)
		jt_complain(code, "%s", why.field[i]);
	if (r == JT_OK)
		code = print_made(&made, data, jt_args_flag(args, "json"));
	jt_secret_wipe(&made, sizeof(made));
	return code;
}

static const struct jt_option init_options[] = {
	{.name = "data", .value = "DIR", .help = "where everything is kept; made if it is not there"},
	{.name = "org", .value = "NAME", .help = "the first org's name"},
	{.name = "owner", .value = "EMAIL", .help = "its owner's e-mail address"},
	{.name = "name", .value = "NAME", .help = "the owner's name; else what stands before the @"},
	{.name = "password-stdin",
		.help = "read the owner's password from standard input; without it there is none yet"},
	{.name = "brand", .value = "LETTERS", .help = "2 to 8 lower-case letters that every token begins with (jtn)"},
	{.name = "catalogue", .value = "FILE", .help = "scopes, roles and kinds; else the one compiled in"},
	{.name = "json", .help = "print org_id, owner_id and token as JSON"},
	{0},
};

const struct jt_command jt_cli_init[] = {
	{.name = "init",
		.arguments = "",
		.summary = "set up a data directory with its first org and owner",
		.detail = "The owner's personal token is printed, this once. The key file DIR/jeton.key is part of "
			  "every backup:\n"
			  "without it, personal tokens cannot be shown again and the audit log cannot be proved.",
		.example = "jeton init --data /var/lib/jeton --org Acme --owner olga@acme.example",
		.options = init_options,
		.run = run_init},
	{0},
};
