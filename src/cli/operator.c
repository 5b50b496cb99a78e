/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/operator.h"

#include "authority/password.h"
#include "base/log.h"
#include "cli/input.h"
#include "store/org.h"
#include "store/org_change.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum jt_exit jt_operator_failed(const char *what, enum jt_result r, const struct jt_why *why)
{
	enum jt_exit code = JT_EXIT_UNREACHABLE;

	if (r == JT_VALIDATION || r == JT_MALFORMED || r == JT_TOO_LONG || r == JT_TRUNCATED)
		code = JT_EXIT_USAGE;
	else if (jt_result_status(r) < 500)
		code = JT_EXIT_REFUSED;
	(void)jt_complain(code, "%s: %s", what, why->message[0] ? why->message : jt_result_text(r));
	for (unsigned i = 0; i < why->fields && i < JT_WHY_FIELDS_MAX; i++)
		(void)jt_complain(code, "  %s", why->field[i]);
	return code;
}

struct jt_authority *jt_operator_open(const struct jt_args *args, enum jt_exit *code)
{
	struct jt_authority_options options = {.data = jt_args_text(args, "data"), .as = JT_OPEN_OPERATOR};
	struct jt_authority *au = NULL;
	struct jt_why why = {0};
	enum jt_result r = JT_OK;

	*code = JT_EXIT_USAGE;
	if (!options.data) {
		(void)jt_complain(JT_EXIT_USAGE, "--data DIR is needed");
		return NULL;
	}
	jt_log_setup(JT_LOG_WARN, JT_LOG_LOGFMT);
	r = jt_authority_open(&options, &au, &why);
	if (r != JT_OK) {
		*code = jt_operator_failed("cannot open the data directory", r, &why);
		*code = JT_EXIT_UNREACHABLE;
	}
	return au;
}

enum jt_result jt_operator_org(struct jt_db *db, const char *text, struct jt_id *out, struct jt_why *why)
{
	struct jt_org_row row;
	enum jt_result r = JT_OK;

	if (!text) {
		r = jt_org_only(db, out);
		return r == JT_NOT_FOUND
			       ? jt_why_say(why, JT_VALIDATION, "there is more than one org: say --org ID or SLUG")
			       : r;
	}
	if (jt_id_parse(text, strlen(text), out) == JT_OK)
		r = jt_org_get(db, out, &row);
	else
		r = jt_org_by_slug(db, text, out);
	return r == JT_NOT_FOUND ? jt_why_say(why, r, "there is no org '%.80s'", text) : r;
}

struct step {
	struct jt_job job;
	enum jt_result (*step)(struct jt_tx *tx, void *context, struct jt_why *why);
	void *context;
	struct jt_why *why;
};

static enum jt_result run_step(struct jt_job *job, struct jt_tx *tx)
{
	struct step *s = (struct step *)(void *)((char *)job - offsetof(struct step, job));

	memset(s->why, 0, sizeof(*s->why));
	return s->step(tx, s->context, s->why);
}

enum jt_result jt_operator_write(struct jt_authority *au,
	enum jt_result (*step)(struct jt_tx *tx, void *context, struct jt_why *why), void *context, struct jt_why *why)
{
	struct step s = {.job = {.run = run_step}, .step = step, .context = context, .why = why};

	return jt_committer_run(jt_authority_committer(au), &s.job);
}

enum jt_exit jt_print_json(json_t *o)
{
	if (!o || json_dumpf(o, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF) {
		json_decref(o);
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	}
	json_decref(o);
	return JT_EXIT_OK;
}

enum jt_exit jt_operator_password(const struct jt_args *args, const char *prompt, struct jt_secret **out)
{
	struct jt_secret *line = NULL;
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!jt_args_flag(args, "password-stdin"))
		return JT_EXIT_OK;
	r = jt_input_secret(prompt, JT_PASSWORD_MAX, &line);
	if (r != JT_OK)
		return jt_complain(
			JT_EXIT_USAGE, "cannot take the password from standard input: %s", jt_result_text(r));
	if (jt_secret_size(line) < JT_PASSWORD_MIN) {
		jt_secret_free(&line);
		return jt_complain(JT_EXIT_USAGE, "the password must be at least %d bytes long", JT_PASSWORD_MIN);
	}
	r = jt_secret_new(jt_secret_size(line) + 1, out);
	if (r == JT_OK)
		memcpy(jt_secret_bytes(*out), jt_secret_view(line), jt_secret_size(line));
	jt_secret_free(&line);
	return r == JT_OK ? JT_EXIT_OK : jt_complain(JT_EXIT_UNREACHABLE, "%s", jt_result_text(r));
}
