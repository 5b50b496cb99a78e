/* SPDX-License-Identifier: Apache-2.0 */
#include "api/token_json.h"

#include "authority/role.h"
#include "base/clock.h"
#include "store/account.h"
#include "store/token_list.h"

static json_t *teams_json(const struct jt_token_shown *shown)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < shown->teams; i++) {
		if (json_array_append_new(list, jt_json_id(&shown->team[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *plain(const struct jt_token_shown *shown)
{
	const struct jt_token_row *row = &shown->row;
	const struct jt_id *by = jt_id_is_none(&row->created_by) ? &row->created_by_token : &row->created_by;
	json_t *o = json_pack("{s:o, s:s, s:s, s:o, s:s, s:s, s:o, s:b}", "id", jt_json_id(&row->id), "label",
		row->label, "description", row->description, "role_id", jt_json_id(&row->role), "token_type",
		row->token_type, "kind", jt_kind_name(row->kind), "created_at",
		jt_json_time_s(row->created_ns / JT_NS_PER_S), "limited", (int)row->limited);
	bool whole = o != NULL;

	if (whole && !jt_id_is_none(by))
		whole = json_object_set_new(o, "created_by", jt_json_id(by)) == 0;
	if (whole && row->expires_s)
		whole = json_object_set_new(o, "expires_at", jt_json_time_s(row->expires_s)) == 0;
	if (whole && row->last_used_s)
		whole = json_object_set_new(o, "last_used_at", jt_json_time_s(row->last_used_s)) == 0;
	if (whole && row->limited)
		whole = json_object_set_new(o, "teams", teams_json(shown)) == 0;
	if (whole && shown->value[0])
		whole = json_object_set_new(o, "value", json_string(shown->value)) == 0;
	if (whole)
		return o;
	json_decref(o);
	return NULL;
}

/* The first of these that is so; lists filter by each of them. */
static const char *state_of(const struct jt_token_row *row, int64_t now_s)
{
	if (row->expires_s && row->expires_s <= now_s)
		return "expired";
	if (row->expires_s && row->expires_s <= now_s + JT_TOKENS_EXPIRE_SOON_S)
		return "expiring";
	return row->last_used_s ? "active" : "unused";
}

static enum jt_result set_role_name(struct jt_tx *tx, const struct jt_token_row *row, json_t *o)
{
	const struct jt_role *managed = NULL;
	char name[JT_ROLE_NAME_SIZE];
	enum jt_result r = jt_role_called(tx, &row->org, &row->role, name, sizeof(name), &managed);

	if (r == JT_NOT_FOUND)
		return JT_OK;
	return r == JT_OK ? jt_json_set(o, "role_name", json_string(name), JT_ABSENT_NOMEM) : r;
}

/* The name of a user, or the label of a token; neither if whoever it was is gone. */
static enum jt_result set_maker(struct jt_tx *tx, const struct jt_token_row *row, json_t *o)
{
	const bool user = !jt_id_is_none(&row->created_by);
	char name[JT_ACCOUNT_NAME_SIZE];
	enum jt_result r = JT_OK;

	_Static_assert(JT_LABEL_SIZE <= sizeof(name), "a label fits, too");
	if (!user && jt_id_is_none(&row->created_by_token))
		return JT_OK;
	r = user ? jt_account_name(tx->db, &row->org, &row->created_by, name, sizeof(name))
		 : jt_token_label(tx->db, &row->org, &row->created_by_token, name, sizeof(name));
	if (r == JT_OK)
		r = jt_json_set(o, "created_by_name", json_string(name), JT_ABSENT_NOMEM);
	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	return jt_json_set(o, "created_by_kind", json_string(user ? "user" : "token"), JT_ABSENT_NOMEM);
}

/* In the order of `teams`. */
static enum jt_result set_team_names(struct jt_tx *tx, const struct jt_token_row *row, json_t *o)
{
	json_t *list = json_array();
	struct jt_rows *rows = NULL;
	enum jt_result r = list ? jt_token_team_names(tx->db, &row->org, &row->id, &rows) : JT_NOMEM;

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		if (json_array_append_new(list, json_string(jt_rows_text(rows, 0))) != 0)
			r = JT_NOMEM;
	}
	jt_rows_close(&rows);
	if (r == JT_DONE)
		return jt_json_set(o, "team_names", list, JT_ABSENT_NOMEM);
	json_decref(list);
	return r;
}

enum jt_result jt_json_token_shown(
	struct jt_tx *tx, const struct jt_token_shown *shown, enum jt_token_details details, json_t **out)
{
	const struct jt_token_row *row = &shown->row;
	json_t *o = plain(shown);
	enum jt_result r = o ? JT_OK : JT_NOMEM;

	if (r == JT_OK && details == JT_TOKEN_DETAILS) {
		r = set_role_name(tx, row, o);
		if (r == JT_OK)
			r = set_maker(tx, row, o);
		if (r == JT_OK && row->limited)
			r = set_team_names(tx, row, o);
		if (r == JT_OK)
			r = jt_json_set(
				o, "state", json_string(state_of(row, tx->now_ns / JT_NS_PER_S)), JT_ABSENT_NOMEM);
	}
	if (r == JT_OK)
		*out = o;
	else
		json_decref(o);
	return r;
}
