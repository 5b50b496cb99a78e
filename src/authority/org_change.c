/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/org_change.h"

#include "authority/note.h"
#include "store/identity.h"
#include "store/org.h"
#include "store/org_change.h"
#include "store/org_limit.h"

static json_t *maxima_json(const int64_t max_token_s[JT_KIND_COUNT])
{
	json_t *o = json_object();

	for (int k = 0; o && k < JT_KIND_COUNT; k++) {
		if (max_token_s[k] &&
			json_object_set_new(o, jt_kind_name((enum jt_kind)k), json_integer(max_token_s[k])) != 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

/* Step: the maxima that are named; the audit row tells all of them, before and after. */
static enum jt_result change_maxima(
	struct jt_tx *tx, const struct jt_id *org, const int64_t max_token_s[JT_KIND_COUNT], json_t *detail)
{
	int64_t maximum[JT_KIND_COUNT];
	enum jt_result r = jt_org_limits_get(tx->db, org, maximum);

	if (r == JT_OK && json_object_set_new(detail, "max_token_seconds_was", maxima_json(maximum)) != 0)
		return JT_NOMEM;
	for (int k = 0; r == JT_OK && k < JT_KIND_COUNT; k++) {
		if (max_token_s[k] >= 0)
			maximum[k] = max_token_s[k];
	}
	if (r == JT_OK && json_object_set_new(detail, "max_token_seconds", maxima_json(maximum)) != 0)
		return JT_NOMEM;
	return r == JT_OK ? jt_org_limits_set(tx->db, org, maximum) : r;
}

/* Step: each that is named; `detail` gets what the audit row tells of it. */
static enum jt_result change_each(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_org_order *order, json_t *detail)
{
	enum jt_result r = JT_OK;

	if (order->name)
		r = jt_org_set_name(tx->db, org, order->name);
	if (r == JT_OK && order->max_token_s)
		r = change_maxima(tx, org, order->max_token_s, detail);
	if (r == JT_OK && order->require_factor) {
		r = jt_org_set_require_factor(tx->db, org, *order->require_factor);
		if (json_object_set_new(detail, "require_second_factor", json_boolean(*order->require_factor)) != 0)
			r = JT_NOMEM;
	}
	return r == JT_OK ? jt_tx_changed_id(tx, org, JT_NOUN_ORG, org) : r;
}

enum jt_result jt_org_alter(struct jt_tx *tx, const struct jt_actor *who, const struct jt_org_order *order)
{
	const struct jt_id *org = &who->caller.org;
	json_t *detail = NULL;
	enum jt_result r;

	if (!order->name && !order->max_token_s && !order->require_factor)
		return JT_OK;
	detail = json_pack("{s:s*}", "name", order->name);
	if (!detail)
		return JT_NOMEM;
	r = change_each(tx, org, order, detail);
	if (r == JT_OK)
		return jt_note_id(tx, who, "update_org", "org", org, detail);
	json_decref(detail);
	return r;
}

enum jt_result jt_org_end(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	enum jt_result r = jt_rule_owner(tx, who, why);

	if (r == JT_OK)
		r = jt_org_set_inactive(tx->db, org);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_ORG, org);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "delete_org", "org", org, json_object());
	return r;
}

/* Step: the new owner is an active Super Admin; whom the operator names becomes one. */
static enum jt_result is_fit(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_identity *user, struct jt_why *why)
{
	const struct jt_role *admin = jt_policy_super_admin(tx->policy);
	enum jt_result r;

	if (!admin)
		return jt_why_say(why, JT_CONFLICT, "the catalogue has no role for an owner");
	if (jt_id_equal(&user->role, &admin->id) && !user->disabled)
		return JT_OK;
	if (who->how != JT_ACTOR_OPERATOR)
		return jt_why_say(why, JT_CONFLICT, "the new owner must be an active Super Admin");
	r = jt_identity_promote(tx->db, &user->org, &user->id, &admin->id);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &user->org, JT_NOUN_USER, &user->id);
	return r;
}

enum jt_result jt_org_hand_over(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	char before[JT_ID_TEXT_SIZE], after[JT_ID_TEXT_SIZE];
	struct jt_identity new_owner;
	struct jt_org_row row;
	enum jt_result r = jt_rule_owner(tx, who, why);

	if (r == JT_OK)
		r = jt_org_get(tx->db, org, &row);
	if (r == JT_OK)
		r = jt_identity_get(tx->db, org, user, &new_owner);
	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such user");
	if (r == JT_OK && jt_id_equal(&row.owner, user))
		return jt_why_say(why, JT_CONFLICT, "this user is the owner already");
	if (r == JT_OK)
		r = is_fit(tx, who, &new_owner, why);
	if (r == JT_OK)
		r = jt_org_set_owner(tx->db, org, user);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_ORG, org);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "set_owner", "org", org,
			json_pack("{s:s, s:s}", "from", jt_id_text(&row.owner, before), "to", jt_id_text(user, after)));
	return r;
}
