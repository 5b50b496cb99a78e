/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/user.h"

#include "authority/note.h"
#include "authority/personal.h"
#include "authority/role.h"
#include "base/text.h"
#include "store/invitation.h"

#include <stdio.h>
#include <string.h>

enum jt_result jt_user_may_be(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *role, struct jt_why *why)
{
	const struct jt_extent everywhere = {.reach = JT_REACH_ORG};
	const struct jt_role *admin = jt_policy_super_admin(tx->policy);
	struct jt_scopes scopes;
	enum jt_reach reach;
	enum jt_result r;

	if (admin != NULL && jt_id_equal(&admin->id, role))
		return jt_rule_owner(tx, who, why);
	r = jt_rule_role(tx, &who->caller.org, role, &scopes, &reach, why);
	if (r != JT_OK)
		return r;
	jt_scopes_cut(&scopes, &tx->policy->may[JT_KIND_PERSONAL]);
	jt_scopes_minus(&scopes, &tx->policy->owner_only); /* held by the owner alone, whatever a role says */
	return jt_rule_ceiling(tx, who, &scopes, &everywhere, why);
}

static enum jt_result fill(struct jt_tx *tx, const struct jt_new_user *order, struct jt_account_row *row)
{
	int before_at = (int)strcspn(order->email, "@");
	enum jt_result r;

	*row = (struct jt_account_row){.org = order->org,
		.id = jt_id_new(tx->now_ns),
		.role = order->role,
		.password_own = order->password_own,
		.joined_ns = tx->now_ns};
	(void)snprintf(row->email, sizeof(row->email), "%s", order->email);
	if (order->name != NULL)
		(void)snprintf(row->name, sizeof(row->name), "%s", order->name);
	else
		(void)snprintf(row->name, sizeof(row->name), "%.*s", before_at, order->email);
	r = jt_text_fold(row->email, row->email_fold, sizeof(row->email_fold));
	return r == JT_OK ? jt_text_fold(row->name, row->name_fold, sizeof(row->name_fold)) : r;
}

/* Whoever is a user now is no longer invited. */
static enum jt_result withdraw(struct jt_tx *tx, const struct jt_account_row *row)
{
	struct jt_invitation_row invited;
	enum jt_result r = jt_invitation_by_email(tx->db, &row->org, row->email_fold, &invited);

	if (r != JT_OK)
		return r == JT_NOT_FOUND ? JT_OK : r;
	r = jt_link_drop(tx->db, &row->org, JT_LINK_INVITATION, &invited.id);
	return r == JT_OK ? jt_invitation_delete(tx->db, &row->org, &invited.id) : r;
}

enum jt_result jt_user_add(
	struct jt_tx *tx, const struct jt_new_user *order, struct jt_account_row *out, struct jt_why *why)
{
	char value[JT_TOKEN_SIZE];
	enum jt_result r = fill(tx, order, out);

	if (r == JT_OK && (r = jt_account_insert(tx->db, out, order->password)) == JT_CONSTRAINT)
		return jt_why_say(why, JT_ALREADY_EXISTS, "there is a user with this e-mail already");
	if (r == JT_OK)
		r = withdraw(tx, out);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &out->org, JT_NOUN_USER, &out->id);
	if (r == JT_OK)
		r = jt_personal_issue(tx, &out->org, &out->id, value, NULL);
	jt_secret_wipe(value, sizeof(value));
	return r;
}

static json_t *tell(const struct jt_account_row *row, const char *set_up_by)
{
	char role[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s}", "email", row->email, "name", row->name, "role",
		jt_id_text(&row->role, role), "set_up_by", set_up_by);
}

enum jt_result jt_user_create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_user_order *order,
	struct jt_account_row *out, struct jt_new_link *link, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_new_user made = {
		.org = *org, .email = order->email, .name = order->name, .password = order->password};
	enum jt_result r = jt_role_named(tx, org, "org_role", order->role, JT_ROLE_AT_ORG, &made.role, why);

	*link = (struct jt_new_link){0};
	if (r == JT_OK)
		r = jt_user_may_be(tx, who, &made.role, why);
	if (r == JT_OK)
		r = jt_user_add(tx, &made, out, why);
	if (r == JT_OK && order->password == NULL)
		r = jt_link_make(tx, org, JT_LINK_SETUP, &out->id, link);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "create_user", "user", &out->id,
			tell(out, order->password != NULL ? "password" : "link"));
	return r;
}
