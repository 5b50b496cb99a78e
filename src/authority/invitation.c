/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/invitation.h"

#include "authority/note.h"
#include "authority/role.h"
#include "base/text.h"

#include <stdio.h>

/* Step: who is a user already is not invited; who was invited before is invited anew. */
static enum jt_result make_room(struct jt_tx *tx, const struct jt_invitation_row *row, struct jt_why *why)
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
	r = jt_link_drop(tx->db, &row->org, JT_LINK_INVITATION, &old.id);
	return r == JT_OK ? jt_invitation_delete(tx->db, &row->org, &old.id) : r;
}

enum jt_result jt_invitation_make(struct jt_tx *tx, const struct jt_actor *who, const struct jt_invitation_order *order,
	struct jt_invitation_row *out, struct jt_new_link *link, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	char role[JT_ID_TEXT_SIZE];
	enum jt_result r;

	*link = (struct jt_new_link){0};
	*out = (struct jt_invitation_row){
		.org = *org, .id = jt_id_new(tx->now_ns), .invited_by = who->caller.token, .created_ns = tx->now_ns};
	r = jt_role_named(tx, org, "org_role", order->role, JT_ROLE_AT_ORG, &out->role, why);
	if (r == JT_OK)
		r = jt_user_may_be(tx, who, &out->role, why);
	(void)snprintf(out->email, sizeof(out->email), "%s", order->email);
	(void)snprintf(out->name, sizeof(out->name), "%s", order->name != NULL ? order->name : "");
	if (r == JT_OK)
		r = jt_text_fold(out->email, out->email_fold, sizeof(out->email_fold));
	if (r == JT_OK)
		r = make_room(tx, out, why);
	if (r == JT_OK)
		r = jt_invitation_insert(tx->db, out);
	if (r == JT_OK)
		r = jt_link_make(tx, org, JT_LINK_INVITATION, &out->id, link);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "create_invitation", "invitation", &out->id,
			json_pack("{s:s, s:s}", "email", out->email, "role", jt_id_text(&out->role, role)));
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
		r = jt_link_drop(tx->db, org, JT_LINK_INVITATION, id);
	if (r == JT_OK)
		r = jt_invitation_delete(tx->db, org, id);
	return r == JT_OK ? jt_note_id(tx, who, "delete_invitation", "invitation", id,
				    json_pack("{s:s}", "email", row.email))
			  : r;
}
