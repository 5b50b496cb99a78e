/* SPDX-License-Identifier: Apache-2.0 */
#include "api/explain_json.h"
#include "cli/client.h"
#include "cli/explain.h"
#include "jeton.h"
#include "verify/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `jeton verify` as any process on this machine verifies: with libjeton, on the table. */

#define LOOKS_MAX 1000
#define TEAMS_MAX 1000 /* that are named */
#define TRIES 4        /* tables that may take each other's place under one question */

/* What is asked, looked up. */
struct question {
	struct jeton *lib;
	const char *token;
	size_t length;
	struct jeton_request request;
	struct jeton_scope *scope[JT_EXPLAIN_SCOPES_MAX];
	const char *name[JT_EXPLAIN_SCOPES_MAX]; /* of each scope */
	struct jt_id org_id, team_id;
	const char *org; /* NULL: any */
};

/* What was decided, and of JETON_PARTIAL for which teams. */
struct decision {
	enum jeton_result result;
	struct jeton_answer answer;
	json_t *teams;
};

static enum jt_exit exit_of(const struct jt_args *args, const struct decision *d)
{
	switch (d->result) {
	case JETON_ALLOWED:
		return JT_EXIT_OK;
	case JETON_PARTIAL: /* what is held for the teams is nothing where there are none */
		return jt_args_flag(args, "partial") && json_array_size(d->teams) > 0 ? JT_EXIT_OK : JT_EXIT_REFUSED;
	case JETON_INVALID:
	case JETON_SCOPE:
	case JETON_NOT_VISIBLE:
		return JT_EXIT_REFUSED;
	case JETON_BAD_ARGUMENT:
		return JT_EXIT_USAGE;
	default:
		return JT_EXIT_UNREACHABLE;
	}
}

/* ---- what is asked */

static enum jt_exit take_scopes(const struct jt_args *args, struct question *q)
{
	const char *name = NULL;

	while ((name = jt_args_nth(args, "scope", q->request.scope_count)) != NULL) {
		size_t i = q->request.scope_count;
		enum jeton_result r = JETON_BAD_ARGUMENT;

		if (i == JT_EXPLAIN_SCOPES_MAX)
			return jt_complain(JT_EXIT_USAGE, "at most %d scopes at once", JT_EXPLAIN_SCOPES_MAX);
		r = jeton_scope_new(q->lib, name, &q->scope[i]);
		if (r != JETON_ALLOWED)
			return jt_complain(JT_EXIT_UNREACHABLE, "%s", jeton_result_text(r));
		q->name[i] = name;
		q->request.scope_count++;
	}
	q->request.scopes = q->scope;
	return JT_EXIT_OK;
}

/* An app or a team is looked for in the org that was named, or else in the token's own; a token that nobody knows is refused
 * before that. */
static enum jeton_result take_place(const struct jt_args *args, struct question *q)
{
	const char *app = jt_args_text(args, "app");
	const char *team = jt_args_text(args, "team");
	struct jeton_answer answer = {0};
	char own[JETON_ID_SIZE];
	const char *org = q->org;

	if (!app && !team)
		return JETON_ALLOWED;
	if (!org) {
		(void)jeton_verify(q->lib, q->token, q->length, NULL, &answer);
		if (jeton_answer_org(q->lib, &answer, own) != JETON_ALLOWED)
			return JETON_ALLOWED;
		org = own;
	}
	return app ? jeton_app_new(q->lib, org, app, &q->request.app)
		   : jeton_team_new(q->lib, org, team, &q->request.team);
}

static enum jt_exit take_question(const struct jt_args *args, struct question *q)
{
	const char *app = jt_args_text(args, "app");
	const char *team = jt_args_text(args, "team");
	int64_t min_seq = 0;
	enum jt_exit code = take_scopes(args, q);
	enum jeton_result r = JETON_ALLOWED;

	if (code != JT_EXIT_OK)
		return code;
	if (!jt_args_int(args, "min-seq", 0, INT64_MAX, &min_seq))
		return JT_EXIT_USAGE;
	q->request.min_seq = (uint64_t)min_seq;
	q->org = jt_args_text(args, "org") ? jt_args_text(args, "org") : getenv("JETON_ORG");
	q->org = q->org && *q->org ? q->org : NULL;
	if (q->org && (jt_id_parse(q->org, strlen(q->org), &q->org_id) != JT_OK))
		return jt_complain(JT_EXIT_USAGE, "the org must be given by its id, a UUID: '%s'", q->org);
	if (team && jt_id_parse(team, strlen(team), &q->team_id) != JT_OK)
		return jt_complain(JT_EXIT_USAGE, "the team must be given by its id, a UUID: '%s'", team);
	if (q->org)
		r = jeton_org_new(q->lib, q->org, &q->request.org);
	if (r == JETON_ALLOWED)
		r = take_place(args, q);
	if (r == JETON_BAD_ARGUMENT)
		return jt_complain(JT_EXIT_USAGE, "'%s' cannot be an app", app ? app : "");
	return r == JETON_ALLOWED ? JT_EXIT_OK : jt_complain(JT_EXIT_UNREACHABLE, "%s", jeton_result_text(r));
}

static void drop_question(struct question *q)
{
	for (size_t i = 0; i < q->request.scope_count; i++)
		jeton_scope_free(q->scope[i]);
	jeton_org_free(q->request.org);
	jeton_app_free(q->request.app);
	jeton_team_free(q->request.team);
	jeton_close(q->lib);
}

/* ---- the plain answer */

/* Until the teams are those of the decision. */
static struct decision decide(const struct question *q)
{
	char(*ids)[JETON_ID_SIZE] = calloc(TEAMS_MAX, sizeof(*ids));
	struct decision d = {.result = JETON_NO_MEMORY, .teams = json_array()};
	enum jeton_result told = JETON_UNAVAILABLE;
	size_t count = 0;

	for (unsigned i = 0; ids && d.teams && i < LOOKS_MAX && told == JETON_UNAVAILABLE; i++) {
		d.result = jeton_verify(q->lib, q->token, q->length, &q->request, &d.answer);
		told = JETON_ALLOWED;
		if (d.result == JETON_PARTIAL)
			told = jeton_answer_teams(q->lib, &d.answer, ids, TEAMS_MAX, &count);
	}
	if (d.result == JETON_PARTIAL && told != JETON_ALLOWED)
		d.result = told;
	for (size_t i = 0; i < count && i < TEAMS_MAX; i++)
		(void)json_array_append_new(d.teams, json_string(ids[i]));
	free(ids);
	return d;
}

static enum jt_exit print_json(const struct question *q, const struct decision *d, enum jt_exit code)
{
	const struct jeton_answer *a = &d->answer;
	enum jeton_result r = d->result;
	char token[JETON_ID_SIZE] = "", org[JETON_ID_SIZE] = "", user[JETON_ID_SIZE] = "";
	const char *kind = "";
	json_t *out = NULL;
	bool known = jeton_answer_token(q->lib, a, token) == JETON_ALLOWED &&
		     jeton_answer_org(q->lib, a, org) == JETON_ALLOWED &&
		     jeton_answer_user(q->lib, a, user) == JETON_ALLOWED &&
		     jeton_answer_kind(q->lib, a, &kind) == JETON_ALLOWED;

	out = json_pack("{s:b, s:s, s:I, s:s*, s:s*, s:s*, s:s*, s:s*, s:O*}", "allowed", code == JT_EXIT_OK,
		"decision", a->reason, "as_of", (json_int_t)a->as_of, "missing",
		r == JETON_SCOPE || r == JETON_PARTIAL ? q->name[a->missing] : NULL, "token_id", known ? token : NULL,
		"kind", known ? kind : NULL, "org", known ? org : NULL, "user", *user ? user : NULL, "teams",
		r == JETON_PARTIAL ? d->teams : NULL);
	if (out && known && a->expires_s)
		(void)json_object_set_new(out, "expires_at", jt_json_time_s(a->expires_s));
	if (!out || json_dumpf(out, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
		code = jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	json_decref(out);
	return code;
}

static void print_partial(const struct decision *d)
{
	puts("allowed for these teams only:");
	for (size_t i = 0; i < json_array_size(d->teams); i++)
		puts(json_string_value(json_array_get(d->teams, i)));
}

static void print_words(const struct question *q, const struct decision *d, enum jt_exit code)
{
	const struct jeton_answer *a = &d->answer;

	switch (d->result) {
	case JETON_ALLOWED:
		puts("allowed");
		break;
	case JETON_PARTIAL:
		if (code == JT_EXIT_OK)
			print_partial(d);
		else
			printf("refused: it holds %s for some teams only; name an app or a team, or say --partial\n",
				q->name[a->missing]);
		break;
	case JETON_SCOPE:
		printf("refused: %s %s here\n",
			strcmp(a->reason, jt_step_name(JT_STEP_UNKNOWN_SCOPE)) == 0 ? "there is no scope"
										    : "it does not hold",
			q->name[a->missing]);
		break;
	case JETON_NOT_VISIBLE:
		puts("refused: not visible to it, or not there");
		break;
	default:
		printf("refused: no valid token (%s)\n", a->reason);
	}
}

static enum jt_exit answer_plainly(const struct jt_args *args, const struct question *q)
{
	struct decision d = decide(q);
	enum jt_exit code = exit_of(args, &d);

	if (code == JT_EXIT_UNREACHABLE || code == JT_EXIT_USAGE)
		code = jt_complain(code, "%s", jeton_result_text(d.result));
	else if (jt_args_flag(args, "json"))
		code = print_json(q, &d, code);
	else
		print_words(q, &d, code);
	json_decref(d.teams);
	return code;
}

/* ---- the explanation */

static enum jt_exit explain(const struct jt_args *args, const struct question *q)
{
	const struct jt_view *v = atomic_load(&q->lib->view);
	struct jt_explain_ask ask = {.token = q->token,
		.length = q->length,
		.org = q->org ? &q->org_id : NULL,
		.app = jt_args_text(args, "app"),
		.team = q->team_id,
		.scopes = q->name,
		.scope_count = q->request.scope_count,
		.min_seq = q->request.min_seq};
	struct jt_explanation *e = NULL;
	enum jt_result r = JT_OK;
	enum jt_exit code = JT_EXIT_UNREACHABLE;
	json_t *out = NULL;

	ask.place = ask.app ? JT_PLACE_APP : jt_args_text(args, "team") ? JT_PLACE_TEAM : JT_PLACE_ORG;
	r = jt_explain(v, &ask, &e);
	for (unsigned i = 0; i < TRIES && r == JT_OK && e->step == JT_STEP_STALE; i++) {
		const struct jt_view *next = jt_handle_follow(q->lib, v);

		if (!next)
			break;
		free(e);
		v = next;
		r = jt_explain(v, &ask, &e);
	}
	if (r == JT_OK)
		out = jt_json_explanation(&v->policy, e);
	if (out)
		code = jt_print_explanation(args, out);
	else
		(void)jt_complain(code, "%s", jt_result_text(r == JT_OK ? JT_NOMEM : r));
	json_decref(out);
	free(e);
	return code;
}

/* No table: says where one was looked for, and that a server can be asked. */
static enum jt_exit complain_of(const char *path, enum jeton_result r)
{
	const char *url = getenv("JETON_URL");

	if (!path)
		path = getenv("JETON_TABLE");
	if (path)
		(void)jt_complain(JT_EXIT_UNREACHABLE, "%s: %s", path, jeton_result_text(r));
	else
		(void)jt_complain(JT_EXIT_UNREACHABLE,
			"%s, where a server on this machine keeps it (--table, JETON_TABLE)", jeton_result_text(r));
	if (r == JETON_NO_TABLE)
		(void)jt_complain(JT_EXIT_UNREACHABLE, "to ask a server instead: jeton verify --url %s",
			url && *url ? url : "URL");
	return JT_EXIT_UNREACHABLE;
}

enum jt_exit jt_verify_on_table(const struct jt_args *args, const struct jt_secret *value)
{
	struct question q = {.token = (const char *)jt_secret_view(value), .length = jt_secret_size(value)};
	const char *path = jt_args_text(args, "table");
	enum jeton_result r = jeton_open(path, &q.lib);
	enum jt_exit code = JT_EXIT_OK;

	if (r != JETON_ALLOWED)
		return complain_of(path, r);
	(void)jeton_guard_sigbus(); /* without, a file that is cut shorter ends us, which lets nobody in either */
	code = take_question(args, &q);
	if (code == JT_EXIT_OK)
		code = jt_args_flag(args, "explain") ? explain(args, &q) : answer_plainly(args, &q);
	drop_question(&q);
	return code;
}
