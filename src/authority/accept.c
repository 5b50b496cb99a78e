/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/invitation.h"

#include "authority/authority.h"
#include "authority/note.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Who invited: the holder of the token they did it with, or the user of a session. False if that is nobody any more. */
static bool find_inviter(struct jt_tx *tx, const struct jt_invitation_row *invited, struct jt_actor *out)
{
	const struct jt_view *v = jt_table_view(jt_authority_table(tx->au));
	struct jt_table_token token;
	bool good = false;

	*out = (struct jt_actor){.how = JT_ACTOR_TOKEN, .caller = {.org = invited->org, .token = invited->invited_by}};
	if (v && jt_view_token(v, &invited->org, &invited->invited_by, &token) && !token.revoked && token.values > 0) {
		good = true;
		out->caller.user = token.user;
		out->caller.kind = token.kind;
		memcpy(out->caller.digest, token.digest[0], sizeof(out->caller.digest));
	}
	return good || jt_verify_user(tx->verify, &invited->org, &invited->invited_by, &out->caller) == JT_STEP_ALLOWED;
}

/* Step: the inviter could still invite to that role. */
static enum jt_result ask_inviter(struct jt_tx *tx, const struct jt_invitation_row *invited)
{
	const struct jt_place at_org = {.kind = JT_PLACE_ORG};
	struct jt_actor inviter;
	enum jt_result r;

	if (!find_inviter(tx, invited, &inviter))
		return JT_GONE;
	r = jt_rule_holds(tx, &inviter, "org_invitations:create", &at_org, NULL);
	return r == JT_OK ? jt_user_may_be(tx, &inviter, &invited->role, NULL) : r;
}

static enum jt_result join(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_link_row *link, const struct jt_acceptance *order)
{
	struct jt_invitation_row invited;
	struct jt_account_row made;
	char by[JT_ID_TEXT_SIZE], role[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_invitation_get(tx->db, &link->org, &link->target, &invited);

	if (r == JT_OK)
		r = ask_inviter(tx, &invited);
	if (r == JT_OK) {
		struct jt_new_user user = {.org = link->org,
			.role = invited.role,
			.email = invited.email,
			.name = order->name ? order->name : invited.name,
			.password = order->password,
			.password_own = true};

		r = jt_user_add(tx, &user, &made, NULL); /* withdraws the invitation */
	}
	return r == JT_OK ? jt_note_id(tx, who, "accept_invitation", "user", &made.id,
				    json_pack("{s:s, s:s, s:s, s:s}", "email", made.email, "link", "invitation", "role",
					    jt_id_text(&made.role, role), "invited_by_token",
					    jt_id_text(&invited.invited_by, by)))
			  : r;
}

static enum jt_result rename_user(struct jt_tx *tx, struct jt_account_row *row, const char *name)
{
	enum jt_result r;

	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	r = jt_text_fold(row->name, row->name_fold, sizeof(row->name_fold));
	if (r == JT_OK)
		r = jt_account_update(tx->db, row);
	return r == JT_OK ? jt_tx_changed_id(tx, &row->org, JT_NOUN_USER, &row->id) : r;
}

static enum jt_result set_password(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_link_row *link, const struct jt_acceptance *order)
{
	struct jt_account_row row;
	bool replaced = false;
	enum jt_result r = jt_account_get(tx->db, &link->org, &link->target, &row);

	if (r == JT_OK && row.disabled)
		r = JT_GONE;
	if (r == JT_OK)
		r = jt_user_set_password(tx, &row.org, &row.id, order->password, true, NULL, &replaced);
	if (r == JT_OK && link->purpose == JT_LINK_SETUP && order->name)
		r = rename_user(tx, &row, order->name);
	return r == JT_OK ? jt_note_id(tx, who, "accept_invitation", "user", &row.id,
				    json_pack("{s:s, s:s, s:b}", "email", row.email, "link",
					    jt_link_name(link->purpose), "token_replaced", (int)replaced))
			  : r;
}

enum jt_result jt_link_accept(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_acceptance *order, struct jt_why *why)
{
	struct jt_actor bearer = *who;
	struct jt_link_row link;
	enum jt_result r = jt_link_spend(tx, order->secret, &link);

	if (r == JT_OK) {
		bearer.how = JT_ACTOR_LINK;
		bearer.caller = (struct jt_caller){.org = link.org};
		r = link.purpose == JT_LINK_INVITATION ? join(tx, &bearer, &link, order)
						       : set_password(tx, &bearer, &link, order);
	}
	if (r == JT_OK || jt_result_status(r) >= 500)
		return r;
	return jt_why_say(why, JT_GONE, "this link no longer works; ask for another");
}
