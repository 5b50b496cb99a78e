/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/password.h"
#include "authority/recover.h"
#include "base/clock.h"
#include "base/secret.h"
#include "cli/operator.h"

#include <stdio.h>

struct order {
	const char *org;
	struct jt_recovery recovery;
};

static enum jt_result recover(struct jt_tx *tx, void *context, struct jt_why *why)
{
	struct order *o = context;
	enum jt_result r = jt_operator_org(tx->db, o->org, &o->recovery.org, why);

	return r == JT_OK ? jt_recover(tx, &o->recovery, why) : r;
}

static enum jt_exit print_link(const struct jt_args *args, const struct jt_recovery *v)
{
	const char *base = jt_args_text(args, "public-url");
	char until[JT_TIME_TEXT_SIZE], id[JT_ID_TEXT_SIZE];

	if (jt_args_flag(args, "json"))
		return jt_print_json(json_pack("{s:s, s:s*, s:s*}", "user_id", jt_id_text(&v->user_id, id), "secret",
			v->link.secret[0] ? v->link.secret : NULL, "expires_at",
			v->link.secret[0] ? jt_time_text(v->link.expires_s, until) : NULL));
	if (!v->link.secret[0]) {
		if (v->drop_factor)
			printf("The second factor is gone.\n");
		if (v->hash)
			printf("The password is set.\n");
		return JT_EXIT_OK;
	}
	printf("A link that works once, until %s:\n\n  %s/reset#token=%s\n\n", jt_time_text(v->link.expires_s, until),
		base ? base : "http://127.0.0.1:8080", v->link.secret);
	printf("Or without a browser: POST {\"token\": \"...\", \"name\": \"...\", \"password\": \"...\"} to\n"
	       "/api/v4/invitations/accept, where token is what follows #token= in the link.\n");
	return JT_EXIT_OK;
}

static enum jt_exit run_recover(const struct jt_args *args)
{
	struct order o = {.org = jt_args_text(args, "org"),
		.recovery = {.user = jt_args_text(args, "user"),
			.make_owner = jt_args_flag(args, "make-owner"),
			.drop_factor = jt_args_flag(args, "drop-second-factor")}};
	struct jt_recovery *v = &o.recovery;
	char hash[JT_PASSWORD_HASH_SIZE] = "";
	struct jt_secret *password = NULL;
	struct jt_authority *au = NULL;
	struct jt_why why = {0};
	enum jt_exit code = JT_EXIT_USAGE;
	enum jt_result r = JT_OK;

	if (!v->user)
		return jt_complain(JT_EXIT_USAGE, "recover needs --user EMAIL; see jeton recover --help");
	code = jt_operator_password(args, "New password (12 characters at least)", &password);
	if (code != JT_EXIT_OK)
		return code;
	if (password) {
		r = jt_password_hash((const char *)jt_secret_view(password), jt_secret_size(password) - 1, hash);
		v->hash = hash;
	}
	jt_secret_free(&password);
	au = jt_operator_open(args, &code);
	if (!au)
		return code;
	if (r == JT_OK)
		r = jt_operator_write(au, recover, &o, &why);
	code = r == JT_OK ? print_link(args, v) : jt_operator_failed("cannot recover", r, &why);
	jt_secret_wipe(&v->link, sizeof(v->link));
	jt_secret_wipe(hash, sizeof(hash));
	jt_authority_close(au);
	return code;
}

static const struct jt_option options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; its server may be running"},
	{.name = "org", .value = "ORG", .help = "id or slug; may be left out while there is one org"},
	{.name = "user", .value = "USER", .help = "e-mail address or id"},
	{.name = "make-owner", .help = "make this user an active Super Admin and the org's owner"},
	{.name = "drop-second-factor",
		.help = "take away the second factor of a user who lost it, instead of making a link"},
	{.name = "password-stdin",
		.help = "set the password read from standard input, instead of making a link; older links end"},
	{.name = "public-url", .value = "URL", .help = "what the link begins with (http://127.0.0.1:8080)"},
	{.name = "json", .help = "print user_id and the link's secret as JSON"},
	{0},
};

const struct jt_command jt_cli_recover[] = {
	{.name = "recover",
		.arguments = "",
		.summary = "the operator's way back in: a new password for a user",
		.detail = "Prints a link that works once, for an hour. The audit log says that the local operator did "
			  "it.",
		.example = "jeton recover --data /var/lib/jeton --org acme --user olga@acme.example",
		.options = options,
		.run = run_recover},
	{0},
};
