/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/proof.h"
#include "api/role_json.h"
#include "authority/factor.h"
#include "authority/note.h"
#include "authority/password.h"
#include "authority/user.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/session.h"
#include "store/factor.h"
#include "store/org.h"
#include "store/role.h"

#include <stdlib.h>
#include <string.h>

/* How a user signs in to the dashboard, and what they do about it: with a session alone, never with a token. */

/* ---- what a session is told of itself */

static json_t *factor_json(const struct jt_session_row *s, int64_t codes)
{
	json_t *o = json_pack("{s:b, s:b}", "enrolled", (int)s->enrolled, "required", (int)s->required);

	if (o && s->enrolled && json_object_set_new(o, "recovery_codes_left", json_integer(codes)) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *times_json(const struct jt_session_row *s, int64_t now_s)
{
	json_t *o = json_pack("{s:o, s:o, s:o}", "id", jt_json_id(&s->id), "created_at",
		jt_json_time_s(s->created_ns / JT_NS_PER_S), "expires_at", jt_json_time_s(s->expires_s));

	if (o && jt_session_is_confirmed(s, now_s) &&
		json_object_set_new(o, "confirmed_until_at", jt_json_time_s(s->confirmed_s + JT_SESSION_CONFIRMED_S)) !=
			0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* The name of an org role, managed or custom. */
static enum jt_result role_name(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *id, json_t **out)
{
	const struct jt_role *managed = jt_policy_role(tx->policy, id);
	struct jt_role_row row;
	struct jt_rows *rows = NULL;
	enum jt_result r = JT_OK;

	if (!managed)
		r = jt_role_get(tx->db, org, id, &rows, &row);
	if (r == JT_OK)
		*out = json_string(managed ? managed->name : row.name);
	jt_rows_close(&rows);
	return r;
}

static enum jt_result user_json(struct jt_tx *tx, const struct jt_caller *who, json_t **out)
{
	struct jt_account_row *row = calloc(1, sizeof(*row));
	json_t *name = NULL;
	enum jt_result r = row ? jt_account_get(tx->db, &who->org, &who->user, row) : JT_NOMEM;

	if (r == JT_OK)
		r = role_name(tx, &who->org, &row->role, &name);
	if (r == JT_OK)
		*out = json_pack("{s:o, s:s, s:s, s:o, s:o, s:b}", "id", jt_json_id(&row->id), "name", row->name,
			"email", row->email, "role_id", jt_json_id(&row->role), "role_name", name, "owner",
			(int)who->owner);
	free(row);
	return r;
}

static json_t *scopes_json(struct jt_tx *tx, const struct jt_caller *who)
{
	const struct jt_place place = {.kind = JT_PLACE_ORG};
	struct jt_grant grant;

	jt_verify_grant(tx->verify, who, &place, &grant);
	jt_scopes_unite(&grant.held, &grant.partly);
	return jt_json_scopes(tx->policy, &grant.held);
}

/* Who is signed in, and what a page of theirs needs to know at once. */
static enum jt_result answer_session(struct jt_call *c, struct jt_tx *tx, const struct jt_session_row *s)
{
	const struct jt_caller *who = &c->who.caller;
	json_t *user = NULL;
	struct jt_org_row org;
	int64_t codes = 0;
	enum jt_result r = jt_org_get(tx->db, &s->org, &org);

	if (r == JT_OK)
		r = jt_recovery_count(tx->db, &s->org, &s->account, &codes);
	if (r == JT_OK)
		r = user_json(tx, who, &user);
	if (r != JT_OK)
		return r;
	return jt_call_answer(
		c, json_pack("{s:o, s:s, s:o, s:{s:o, s:s, s:s}, s:o, s:o, s:b}", "session",
			   times_json(s, tx->now_ns / JT_NS_PER_S), "csrf", c->csrf, "user", user, "org", "id",
			   jt_json_id(&org.id), "name", org.name, "slug", org.slug, "scopes", scopes_json(tx, who),
			   "second_factor", factor_json(s, codes), "restricted", (int)(s->required && !s->enrolled)));
}

static enum jt_result run_get(struct jt_call *c, struct jt_tx *tx)
{
	return answer_session(c, tx, &c->session);
}

/* ---- in and out */

static enum jt_result check_sign_in(struct jt_call *c)
{
	enum jt_result r = jt_same_origin(c->http);

	return r == JT_OK ? jt_proof_check(c) : r;
}

static enum jt_result run_sign_in(struct jt_call *c, struct jt_tx *tx)
{
	char secret[JT_SESSION_SECRET_SIZE] = "";
	struct jt_session_row s;
	enum jt_result r = jt_proof_become(c, tx);

	if (r == JT_OK)
		r = jt_session_begin(tx, &c->who, c->http->head.user_agent, secret, &s);
	if (r == JT_OK) {
		jt_session_csrf(secret, c->csrf);
		jt_call_set_cookie(c, secret, JT_SESSION_LIFE_S);
		r = answer_session(c, tx, &s);
	}
	jt_secret_wipe(secret, sizeof(secret));
	return r;
}

static enum jt_result run_sign_out(struct jt_call *c, struct jt_tx *tx)
{
	jt_call_set_cookie(c, "", 0);
	return jt_session_end(tx, &c->who, &c->session.id);
}

/* ---- all of one's own */

static json_t *row_json(const struct jt_call *c, const struct jt_session_row *s)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:b}", "id", jt_json_id(&s->id), "created_at",
		jt_json_time_s(s->created_ns / JT_NS_PER_S), "last_seen_at", jt_json_time_s(s->seen_ns / JT_NS_PER_S),
		"address", s->address, "user_agent", s->agent, "current", (int)jt_id_equal(&s->id, &c->session.id));
}

static enum jt_result run_list(struct jt_call *c, struct jt_tx *tx)
{
	const int64_t now_s = tx->now_ns / JT_NS_PER_S;
	json_t *list = json_array();
	struct jt_session_row s;
	struct jt_rows *rows = NULL;
	enum jt_result r = list ? jt_session_list(tx->db, &c->session.org, &c->session.account, &rows) : JT_NOMEM;

	while (r == JT_OK && (r = jt_session_next(rows, &s)) == JT_OK)
		if (!jt_session_has_ended(&s, now_s) && json_array_append_new(list, row_json(c, &s)) != 0)
			r = JT_NOMEM;
	jt_rows_close(&rows);
	if (r == JT_DONE)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}

static enum jt_result run_end(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "session", &id);

	if (r == JT_OK)
		r = jt_session_end(tx, &c->who, &id);
	if (r == JT_OK && jt_id_equal(&id, &c->session.id))
		jt_call_set_cookie(c, "", 0);
	return r;
}

static enum jt_result run_end_all(struct jt_call *c, struct jt_tx *tx)
{
	bool others = jt_call_query_true(c, "others");
	int64_t ended = 0;
	enum jt_result r = jt_session_end_all(tx, &c->who, others ? &c->session.id : NULL, &ended);

	if (r == JT_OK && !others)
		jt_call_set_cookie(c, "", 0);
	return r == JT_OK ? jt_call_answer(c, json_pack("{s:I}", "ended", (json_int_t)ended)) : r;
}

/* ---- the password */

static enum jt_result run_confirm(struct jt_call *c, struct jt_tx *tx)
{
	enum jt_result r = jt_proof_become(c, tx);

	if (r == JT_OK)
		r = jt_session_confirm(tx, &c->session);
	return r == JT_OK ? jt_call_answer(c, json_pack("{s:o}", "confirmed_until_at",
						      jt_json_time_s(c->session.confirmed_s + JT_SESSION_CONFIRMED_S)))
			  : r;
}

static const struct jt_field sign_in_fields[] = {
	JT_PROOF_FIELDS,
	{0},
};
static const struct jt_field sign_in_body[] = {{.type = JT_FIELD_OBJECT, .of = sign_in_fields}};
static const struct jt_field confirm_fields[] = {
	{.name = "password", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 1, .max = 1024},
	{.name = "otp", .type = JT_FIELD_NAME, .min = 6, .max = 32},
	{0},
};
static const struct jt_field confirm_body[] = {{.type = JT_FIELD_OBJECT, .of = confirm_fields}};
static const struct jt_param end_all_query[] = {{.name = "others", .type = JT_FIELD_BOOL}, {0}};

#define OWN .level = JT_LEVEL_TOKEN
#define CHANGES (JT_OP_SESSION | JT_OP_WRITE | JT_OP_REPEATABLE)

const struct jt_op jt_api_session[] = {
	{.id = "sign_in",
		.method = "POST",
		.path = "/api/v4/session",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | JT_OP_REPEATABLE | JT_OP_STRICT | JT_OP_SECRET | JT_OP_GUARDED,
		.body = sign_in_body,
		.check = check_sign_in,
		.hash = jt_proof_hash,
		.run = run_sign_in,
		.drop = jt_proof_drop},
	{.id = "get_session",
		.method = "GET",
		.path = "/api/v4/session",
		OWN,
		.flags = JT_OP_SESSION | JT_OP_SECRET,
		.run = run_get},
	{.id = "sign_out", .method = "DELETE", .path = "/api/v4/session", OWN, .flags = CHANGES, .run = run_sign_out},
	{.id = "confirm_session",
		.method = "POST",
		.path = "/api/v4/session/confirm",
		OWN,
		.flags = CHANGES | JT_OP_STRICT | JT_OP_GUARDED,
		.body = confirm_body,
		.hash = jt_proof_hash,
		.run = run_confirm,
		.drop = jt_proof_drop},
	{.id = "list_sessions",
		.method = "GET",
		.path = "/api/v4/sessions",
		OWN,
		.flags = JT_OP_SESSION,
		.run = run_list},
	{.id = "end_sessions",
		.method = "DELETE",
		.path = "/api/v4/sessions",
		OWN,
		.flags = CHANGES,
		.query = end_all_query,
		.run = run_end_all},
	{.id = "end_session",
		.method = "DELETE",
		.path = "/api/v4/sessions/{session}",
		OWN,
		.flags = CHANGES,
		.run = run_end},
	{0},
};
