/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "cli/client.h"
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD_MAX 1024
#define CODE_MAX 32

/* Makes the directories above `path`, 0700. */
static void make_parents(const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		return;
	for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			break;
		*at = '/';
	}
	free(copy);
}

/* Written beside and renamed, so that a full disk costs nothing that was there. */
static enum jt_exit keep(json_t *what, const char *path)
{
	char *beside = NULL;
	FILE *file = NULL;
	int fd = -1;
	bool good = false;

	if (!path)
		return jt_complain(JT_EXIT_UNREACHABLE, "there is no home directory to keep it in");
	make_parents(path);
	if (asprintf(&beside, "%s.new", path) < 0)
		return jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file) {
		good = json_dumpf(what, file, JSON_INDENT(1)) == 0 && fputc('\n', file) != EOF;
		good = fclose(file) == 0 && good && rename(beside, path) == 0;
	}
	if (!good)
		(void)jt_complain(JT_EXIT_UNREACHABLE, "cannot write %s: %s", path, strerror(errno));
	free(beside);
	return good ? JT_EXIT_OK : JT_EXIT_UNREACHABLE;
}

static json_t *proof_of(const struct jt_args *args, const struct jt_client *c, const struct jt_secret *password,
	const struct jt_secret *code)
{
	json_t *body = json_pack("{s:s, s:s%, s:s*}", "email", jt_args_at(args, 0), "password",
		(const char *)jt_secret_view(password), jt_secret_size(password), "org", jt_client_org(c));

	if (body && code &&
		json_object_set_new(
			body, "otp", json_stringn((const char *)jt_secret_view(code), jt_secret_size(code))) != 0) {
		json_decref(body);
		return NULL;
	}
	return body;
}

static bool wants_code(const struct jt_reply *reply)
{
	const char *code = json_string_value(json_object_get(reply->body, "code"));

	return reply->status == 401 && code && strcmp(code, "OTP_REQUIRED") == 0;
}

/* With the password, and with a one-time code if that is not enough. */
static enum jt_exit reveal(
	const struct jt_args *args, struct jt_client *c, const struct jt_secret *password, json_t **out)
{
	static const char path[] = "/api/v4/user/token/reveal";
	struct jt_secret *otp = NULL;
	struct jt_reply reply;
	enum jt_exit code = JT_EXIT_OK;

	jt_client_send(c, "POST", path, proof_of(args, c, password, NULL), &reply);
	if (wants_code(&reply)) {
		jt_reply_free(&reply);
		if (jt_input_secret("One-time code", CODE_MAX, &otp) != JT_OK)
			return jt_complain(JT_EXIT_USAGE, "this account has a second factor: a one-time code is "
							  "needed, on the line after the password");
		jt_client_send(c, "POST", path, proof_of(args, c, password, otp), &reply);
	}
	if (reply.status == 200)
		*out = json_incref(json_object_get(reply.body, "response"));
	else
		code = jt_client_complain(&reply);
	jt_secret_free(&otp);
	jt_reply_free(&reply);
	return code;
}

/* Reveals the personal token, asks which org it is for, and keeps both. */
static enum jt_exit sign_in(const struct jt_args *args, struct jt_client *c, const struct jt_secret *password)
{
	char *path = jt_credentials_path();
	json_t *secret = NULL, *me = NULL, *kept = NULL;
	const char *value = NULL, *org = NULL;
	enum jt_exit code = reveal(args, c, password, &secret);

	value = json_string_value(json_object_get(secret, "value"));
	if (code == JT_EXIT_OK && (!value || !path || !jt_client_use(c, value)))
		code = jt_complain(
			JT_EXIT_UNREACHABLE, path ? "out of memory" : "there is no home directory to keep it in");
	if (code == JT_EXIT_OK)
		code = jt_client_call(c, "GET", "/api/v4/user", NULL, &me);
	org = json_string_value(json_object_get(json_array_get(json_object_get(me, "membership"), 0), "organization"));
	if (code == JT_EXIT_OK) {
		kept = json_pack("{s:s, s:s?, s:s}", "url", jt_client_url(c), "org", org, "token", value);
		code = kept ? keep(kept, path) : jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	}
	if (code == JT_EXIT_OK)
		printf("Signed in to %s; the personal token is kept in %s.\n", jt_client_url(c), path);
	json_decref(secret);
	json_decref(me);
	json_decref(kept);
	free(path);
	return code;
}

static enum jt_exit run_login(const struct jt_args *args)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_client *c = jt_client_bare(args, &code);
	struct jt_secret *password = NULL;

	if (!c)
		return code;
	if (jt_input_secret("Password", PASSWORD_MAX, &password) != JT_OK)
		code = jt_complain(JT_EXIT_USAGE, "cannot take the password from standard input");
	else
		code = sign_in(args, c, password);
	jt_secret_free(&password);
	jt_client_free(c);
	return code;
}

static const struct jt_option options[] = {
	{.name = "url", .value = "URL", .help = "the server; else JETON_URL"},
	{.name = "org", .value = "ORG", .help = "id or slug; may be left out while the deployment has one org"},
	{0},
};

const struct jt_command jt_cli_login[] = {
	{.name = "login",
		.arguments = "EMAIL",
		.least = 1,
		.most = 1,
		.summary = "keep your personal token for the other commands",
		.detail = "Asks for the password once (or reads it from standard input), and for a one-time or "
			  "recovery code\n"
			  "if the account has a second factor. Keeps the token, never the password, in "
			  "~/.config/jeton/credentials, readable by you alone.",
		.example = "jeton login --url http://127.0.0.1:8080 olga@acme.example",
		.options = options,
		.run = run_login},
	{0},
};
