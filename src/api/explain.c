/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/explain_json.h"
#include "store/role.h"
#include "store/team.h"
#include "store/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* POST O/explain: why a value that one has in hand is let in, or is not. It reads and changes nothing, so it leaves no audit
 * row and takes no Idempotency-Key: nothing of the value is kept. */

#define TRIES 4 /* table files that may be replaced under one question */
#define VALUE_MAX 1024

/* On behalf of whom. */
struct asker {
	struct jt_call *call;
	struct jt_tx *tx;
	enum jt_result result; /* of what the database was asked in between */
};

/* A token of another org, and to a service token what it did not issue, are as unknown here as a value that nobody has. */
static bool hides(void *context, const struct jt_id *org, const struct jt_id *token)
{
	struct asker *a = context;
	const struct jt_caller *who = &a->call->who.caller;
	struct jt_token_row row;
	enum jt_result r = JT_OK;

	if (!jt_id_equal(org, &who->org))
		return true;
	if (who->kind != JT_KIND_SERVICE)
		return false;
	r = jt_token_find(a->tx->db, org, token, &row);
	if (r != JT_OK && r != JT_NOT_FOUND)
		a->result = r;
	return r != JT_OK || !jt_id_equal(&row.created_by_token, &who->token);
}

/* Does the caller hold in the org at large the scope that lists such things? */
static bool may_list(const struct asker *a, const char *scope)
{
	const struct jt_scope *s = jt_policy_scope(a->tx->policy, scope, strlen(scope));

	return s && jt_scopes_has(&a->call->grant.held, s->bit);
}

static bool role_name(void *context, const struct jt_id *org, const struct jt_id *id, char out[JT_EXPLAIN_NAME_SIZE])
{
	struct asker *a = context;
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = may_list(a, "roles:list") ? jt_role_get(a->tx->db, org, id, &rows, &row) : JT_NOT_FOUND;
	bool told = r == JT_OK && (size_t)snprintf(out, JT_EXPLAIN_NAME_SIZE, "%s", row.name) < JT_EXPLAIN_NAME_SIZE;

	jt_rows_close(&rows);
	return told;
}

static bool team_name(void *context, const struct jt_id *org, const struct jt_id *id, char out[JT_EXPLAIN_NAME_SIZE])
{
	struct asker *a = context;
	struct jt_team_row row;

	return may_list(a, "teams:list") && jt_team_get(a->tx->db, org, id, &row) == JT_OK &&
	       (size_t)snprintf(out, JT_EXPLAIN_NAME_SIZE, "%s", row.name) < JT_EXPLAIN_NAME_SIZE;
}

static enum jt_result check_explain(struct jt_call *c)
{
	const json_t *list = jt_call_list(c, "scopes");

	if (jt_call_text(c, "app") && jt_call_text(c, "team"))
		return jt_why_field(&c->why, "team", "must be left out where app is given");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *name = json_array_get(list, i);

		if (!jt_scope_name_is_valid(json_string_value(name), json_string_length(name)))
			return jt_why_field(&c->why, "scopes", "must be a list of scopes, as findings:list");
	}
	return JT_OK;
}

/* The table's present file, or its successor if it was retired meanwhile. */
static enum jt_result explain(struct jt_call *c, const struct jt_explain_ask *ask)
{
	struct jt_table *table = jt_authority_table(c->au);
	struct jt_explanation *e = NULL;
	enum jt_result r = JT_STALE;

	for (unsigned i = 0; r == JT_STALE && i < TRIES; i++) {
		const struct jt_view *v = jt_table_view(table);

		if (!v)
			return JT_STALE;
		r = jt_explain(v, ask, &e);
		if (r == JT_OK && e->step == JT_STEP_STALE)
			r = JT_STALE;
		if (r == JT_OK)
			r = jt_call_answer(c, jt_json_explanation(&v->policy, e));
		free(e);
		e = NULL;
	}
	return r;
}

static enum jt_result run_explain(struct jt_call *c, struct jt_tx *tx)
{
	const json_t *list = jt_call_list(c, "scopes");
	const json_t *token = json_object_get(c->body, "token");
	const char *scopes[JT_EXPLAIN_SCOPES_MAX];
	struct asker asker = {.call = c, .tx = tx, .result = JT_OK};
	struct jt_explain_ask ask = {.token = json_string_value(token),
		.length = json_string_length(token),
		.org = &c->org,
		.app = jt_call_text(c, "app"),
		.scopes = scopes,
		.discreet = c->who.caller.confined,
		.context = &asker,
		.hides = hides,
		.role_name = role_name,
		.team_name = team_name};
	enum jt_result r = JT_OK;

	for (; ask.scope_count < json_array_size(list); ask.scope_count++)
		scopes[ask.scope_count] = json_string_value(json_array_get(list, ask.scope_count));
	if (ask.app)
		ask.place = JT_PLACE_APP;
	else if (jt_call_id(c, "team", &ask.team))
		ask.place = JT_PLACE_TEAM;
	r = explain(c, &ask);
	return asker.result != JT_OK ? asker.result : r;
}

static const struct jt_field explain_fields[] = {
	{.name = "token", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 1, .max = VALUE_MAX},
	{.name = "scopes",
		.type = JT_FIELD_LIST,
		.min = 0,
		.max = JT_EXPLAIN_SCOPES_MAX,
		.item = JT_FIELD_NAME,
		.item_min = 3,
		.item_max = JT_SCOPE_NAME_MAX},
	{.name = "app", .type = JT_FIELD_APP, .min = 1, .max = JT_APP_NAME_MAX},
	{.name = "team", .type = JT_FIELD_ID},
	{0},
};
static const struct jt_field explain_body[] = {{.type = JT_FIELD_OBJECT, .of = explain_fields}};

const struct jt_op jt_api_explain[] = {
	{.id = "explain_token",
		.method = "POST",
		.path = "/api/v4/orgs/{org}/explain",
		.scope = "tokens:list",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_STRICT | JT_OP_FULL | JT_OP_VERIFIES,
		.body = explain_body,
		.check = check_explain,
		.run = run_explain},
	{0},
};
