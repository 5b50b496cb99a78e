/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/invitation.h"

#include "authority/note.h"
#include "authority/role.h"
#include "base/text.h"

#include <stdio.h>

/* Step: an invitation ends by whoever could have made it. */
static enum jt_result end(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_invitation_row *row, struct jt_why *why)
{
	enum jt_result r = jt_user_may_be(tx, who, &row->role, why);

	if (r == JT_OK || r == JT_ROLE_NOT_APPLICABLE) /* a role that is gone gives nothing */
		r = jt_link_drop(tx->db, &row->org, JT_LINK_INVITATION, &row->id);
	return r == JT_OK ? jt_invitation_delete(tx->db, &row->org, &row->id) : r;
}

/* Step: who is a user already is not invited; who was invited before is invited anew, and *replaced gets that invitation's id. */
static enum jt_result make_room(struct jt_tx *tx, const struct jt_actor *who, const struct jt_invitation_row *row,
	struct jt_id *replaced, struct jt_why *why)
{
	struct jt_account_row user;
	struct jt_invitation_row old;
	enum jt_result r = jt_account_by_email(tx->db, &row->org, row->email_fold, &user);

	if (r == JT_OK)
		return jt_why_say(why, JT_ALREADY_EXISTS, "there is a user with this e-mail already");
	if (r == JT_NOT_FOUND)
		r = jt_invitation_by_email(tx->db, &row->org, row->email_fold, &old);
	if (r != JT_OK)
		return r == JT_NOT_FOUND ? JT_OK : r;
	*replaced = old.id;
	return end(tx, who, &old, why);
}

enum jt_result jt_invitation_make(struct jt_tx *tx, const struct jt_actor *who, const struct jt_invitation_order *order,
	struct jt_invitation_row *out, struct jt_new_link *link, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	char role[JT_ID_TEXT_SIZE], was[JT_ID_TEXT_SIZE];
	struct jt_id replaced = {{0}};
	enum jt_result r;

	*link = (struct jt_new_link){0};
	*out = (struct jt_invitation_row){.org = *org,
		.id = jt_id_new(tx->now_ns),
		.invited_by = who->how == JT_ACTOR_SESSION ? who->caller.user : who->caller.token,
		.created_ns = tx->now_ns};
	r = jt_role_named(tx, org, "org_role", order->role, JT_ROLE_AT_ORG, &out->role, why);
	if (r == JT_OK)
		r = jt_user_may_be(tx, who, &out->role, why);
	(void)snprintf(out->email, sizeof(out->email), "%s", order->email);
	(void)snprintf(out->name, sizeof(out->name), "%s", order->name != NULL ? order->name : "");
	if (r == JT_OK)
		r = jt_text_fold(out->email, out->email_fold, sizeof(out->email_fold));
	if (r == JT_OK)
		r = make_room(tx, who, out, &replaced, why);
	if (r == JT_OK)
		r = jt_invitation_insert(tx->db, out);
	if (r == JT_OK)
		r = jt_link_make(tx, org, JT_LINK_INVITATION, &out->id, link);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "create_invitation", "invitation", &out->id,
			json_pack("{s:s, s:s, s:s*}", "email", out->email, "role", jt_id_text(&out->role, role),
				"replaces", jt_id_is_none(&replaced) ? NULL : jt_id_text(&replaced, was)));
	return r;
}

enum jt_result jt_invitation_withdraw(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_invitation_row row;
	enum jt_result r = jt_invitation_get(tx->db, org, id, &row);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such invitation");
	if (r == JT_OK)
		r = end(tx, who, &row, why);
	return r == JT_OK ? jt_note_id(tx, who, "delete_invitation", "invitation", id,
				    json_pack("{s:s}", "email", row.email))
			  : r;
}
