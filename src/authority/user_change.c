/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/user.h"

#include "authority/note.h"
#include "authority/personal.h"
#include "authority/token.h"
#include "base/text.h"
#include "store/session.h"

#include <stdio.h>

static enum jt_result find(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	struct jt_account_row *row, struct jt_why *why)
{
	enum jt_result r = jt_account_get(tx->db, &who->caller.org, id, row);

	return r == JT_NOT_FOUND ? jt_why_say(why, r, "there is no such user") : r;
}

static enum jt_result save(struct jt_tx *tx, const struct jt_account_row *row)
{
	enum jt_result r = jt_account_update(tx->db, row);

	return r == JT_OK ? jt_tx_changed_id(tx, &row->org, JT_NOUN_USER, &row->id) : r;
}

enum jt_result jt_user_set_role(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const struct jt_id *id, const struct jt_id *role, struct jt_why *why)
{
	char was[JT_ID_TEXT_SIZE], now[JT_ID_TEXT_SIZE];
	struct jt_account_row row;
	enum jt_result r = find(tx, who, id, &row, why);

	if (r == JT_OK)
		r = jt_rule_over_user(tx, who, id, why);
	if (r == JT_OK)
		r = jt_user_may_be(tx, who, role, why);
	if (r != JT_OK || jt_id_equal(&row.role, role))
		return r;
	(void)jt_id_text(&row.role, was);
	row.role = *role;
	r = save(tx, &row);
	return r == JT_OK ? jt_note_id(tx, who, operation, "user", id,
				    json_pack("{s:s, s:s, s:s}", "email", row.email, "role_was", was, "role",
					    jt_id_text(role, now)))
			  : r;
}

enum jt_result jt_user_update(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, const char *name,
	const bool *disabled, struct jt_why *why)
{
	const bool themselves = jt_id_equal(&who->caller.user, id);
	struct jt_account_row row;
	json_t *detail = NULL;
	enum jt_result r = find(tx, who, id, &row, why);

	if (r == JT_OK && (disabled != NULL || !themselves))
		r = jt_rule_over_user(tx, who, id, why);
	if (r != JT_OK || (name == NULL && disabled == NULL))
		return r;
	detail = json_pack("{s:s, s:s*}", "email", row.email, "name", name);
	if (detail == NULL)
		return JT_NOMEM;
	if (name != NULL) {
		(void)snprintf(row.name, sizeof(row.name), "%s", name);
		r = jt_text_fold(row.name, row.name_fold, sizeof(row.name_fold));
	}
	if (disabled != NULL) {
		row.disabled = *disabled;
		if (json_object_set_new(detail, "disabled", json_boolean(*disabled)) != 0)
			r = JT_NOMEM;
	}
	if (r == JT_OK && row.disabled)
		r = jt_session_delete_all(tx->db, &row.org, id, NULL, NULL);
	if (r == JT_OK)
		r = save(tx, &row);
	if (r == JT_OK)
		return jt_note_id(tx, who, "update_user", "user", id, detail);
	json_decref(detail);
	return r;
}

/* Step: the personal token and every link end. */
static enum jt_result end_access(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user)
{
	struct jt_id token;
	enum jt_result r = jt_account_end_token(tx->db, org, user, tx->now_ns, &token);

	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_TOKEN, &token);
	if (r == JT_OK || r == JT_NOT_FOUND)
		r = jt_link_drop(tx->db, org, JT_LINK_SETUP, user);
	return r == JT_OK ? jt_link_drop(tx->db, org, JT_LINK_RESET, user) : r;
}

enum jt_result jt_user_remove(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_user_tokens tokens, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_account_row row;
	int64_t revoked = 0;
	enum jt_result r = find(tx, who, id, &row, why);

	if (r == JT_OK)
		r = jt_rule_over_user(tx, who, id, why);
	if (r == JT_OK && tokens == JT_USER_TOKENS_REVOKED)
		r = jt_token_revoke_made(tx, who, id, &revoked, why);
	if (r == JT_OK)
		r = end_access(tx, org, id);
	if (r == JT_OK)
		r = jt_account_delete(tx->db, org, id);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_USER, id);
	return r == JT_OK ? jt_note_id(tx, who, "delete_user", "user", id,
				    json_pack("{s:s, s:I}", "email", row.email, "tokens_revoked", (json_int_t)revoked))
			  : r;
}

enum jt_result jt_user_reset(
	struct jt_tx *tx, const struct jt_actor *who, const char *operation, const struct jt_id *id, struct jt_why *why)
{
	char value[JT_TOKEN_SIZE];
	struct jt_account_row row;
	enum jt_result r = find(tx, who, id, &row, why);

	if (r == JT_OK)
		r = jt_rule_over_user(tx, who, id, why);
	if (r != JT_OK)
		return r;
	r = jt_personal_replace(tx, &row.org, id, value, NULL);
	jt_secret_wipe(value, sizeof(value));
	return r == JT_OK ? jt_note_id(tx, who, operation, "user", id, json_pack("{s:s}", "email", row.email)) : r;
}

enum jt_result jt_user_link(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_link_purpose *purpose, struct jt_new_link *link, struct jt_why *why)
{
	struct jt_account_row row;
	enum jt_result r = find(tx, who, id, &row, why);

	if (r == JT_OK)
		r = jt_rule_over_user(tx, who, id, why);
	if (r == JT_OK && row.disabled)
		r = jt_why_say(why, JT_CONFLICT, "this user is disabled: enable them first");
	if (r != JT_OK)
		return r;
	*purpose = row.password_own ? JT_LINK_RESET : JT_LINK_SETUP;
	r = jt_link_make(tx, &row.org, *purpose, id, link);
	return r == JT_OK ? jt_note_id(tx, who, "make_user_link", "user", id,
				    json_pack("{s:s, s:s}", "email", row.email, "link", jt_link_name(*purpose)))
			  : r;
}
