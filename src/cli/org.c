/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/password.h"
#include "base/secret.h"
#include "cli/operator.h"

#include <stdio.h>
#include <string.h>

struct creation {
	struct jt_new_org order;
	const char *hash;
	struct jt_made_org made;
};

static enum jt_result create(struct jt_tx *tx, void *context, struct jt_why *why)
{
	struct creation *c = context;
	struct jt_actor who = jt_operator(NULL);

	return jt_org_create(tx, &who, &c->order, c->hash, &c->made, why);
}

static enum jt_exit print_made(const struct jt_args *args, const struct jt_made_org *made)
{
	char org[JT_ID_TEXT_SIZE], owner[JT_ID_TEXT_SIZE];

	jt_id_text(&made->org, org);
	jt_id_text(&made->owner, owner);
	if (jt_args_flag(args, "json"))
		return jt_print_json(
			json_pack("{s:s, s:s, s:s}", "org_id", org, "owner_id", owner, "token", made->token));
	printf("org    %s\nowner  %s\ntoken  %s\n\nThe token is the owner's personal one, and is shown this once.\n",
		org, owner, made->token);
	return JT_EXIT_OK;
}

static enum jt_exit run_create(const struct jt_args *args)
{
	struct creation c = {.order = {.name = jt_args_text(args, "name"),
				     .owner_email = jt_args_text(args, "owner"),
				     .owner_name = jt_args_text(args, "owner-name")}};
	char hash[JT_PASSWORD_HASH_SIZE] = "";
	struct jt_secret *password = NULL;
	struct jt_authority *au = NULL;
	struct jt_why why = {0};
	enum jt_exit code = JT_EXIT_USAGE;
	enum jt_result r = JT_OK;

	if (!c.order.name || !c.order.owner_email)
		return jt_complain(JT_EXIT_USAGE, "org create needs --name and --owner; see jeton org create --help");
	code = jt_operator_password(args, "Password for the owner (12 characters at least)", &password);
	if (code != JT_EXIT_OK)
		return code;
	if (password) {
		r = jt_password_hash((const char *)jt_secret_view(password), jt_secret_size(password) - 1, hash);
		c.hash = hash;
	}
	jt_secret_free(&password);
	au = jt_operator_open(args, &code);
	if (!au)
		return code;
	if (r == JT_OK)
		r = jt_operator_write(au, create, &c, &why);
	code = r == JT_OK ? print_made(args, &c.made) : jt_operator_failed("cannot create the org", r, &why);
	jt_secret_wipe(&c.made, sizeof(c.made));
	jt_secret_wipe(hash, sizeof(hash));
	jt_authority_close(au);
	return code;
}

static const struct jt_option create_options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; its server may be running"},
	{.name = "name", .value = "NAME", .help = "the org's name"},
	{.name = "owner", .value = "EMAIL", .help = "its owner's e-mail address"},
	{.name = "owner-name", .value = "NAME", .help = "the owner's name; else what stands before the @"},
	{.name = "password-stdin",
		.help = "read the owner's password from standard input; without it there is none yet"},
	{.name = "json", .help = "print org_id, owner_id and token as JSON"},
	{0},
};

const struct jt_command jt_cli_org[] = {
	{.name = "org create",
		.arguments = "",
		.summary = "make a further org with its owner",
		.detail = "A running server notices within a second. The owner's personal token is printed, this once.",
		.example = "jeton org create --data /var/lib/jeton --name Beta --owner bo@beta.example",
		.options = create_options,
		.run = run_create},
	{0},
};
