/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/recover.h"

#include "authority/authority.h"
#include "authority/factor.h"
#include "authority/note.h"
#include "authority/org_change.h"
#include "authority/user.h"
#include "base/text.h"

#include <string.h>

static enum jt_result find_user(struct jt_tx *tx, struct jt_recovery *v, struct jt_why *why)
{
	struct jt_account_row row;
	char fold[JT_ACCOUNT_EMAIL_SIZE];
	enum jt_result r = JT_OK;

	if (jt_id_parse(v->user, strlen(v->user), &v->user_id) == JT_OK)
		r = jt_account_get(tx->db, &v->org, &v->user_id, &row);
	else if ((r = jt_text_fold(v->user, fold, sizeof(fold))) == JT_OK)
		r = jt_account_by_email(tx->db, &v->org, fold, &row);
	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no user '%.80s' in this org", v->user);
	if (r == JT_OK)
		v->user_id = row.id;
	return r;
}

enum jt_result jt_recover(struct jt_tx *tx, struct jt_recovery *v, struct jt_why *why)
{
	const struct jt_actor who = jt_operator(&v->org);
	bool replaced = false, had_factor = false;
	enum jt_result r = find_user(tx, v, why);

	if (r == JT_OK && v->make_owner)
		r = jt_org_hand_over(tx, &who, &v->user_id, why);
	if (r == JT_OK && v->drop_factor)
		r = jt_factor_drop(tx, &v->org, &v->user_id, &had_factor);
	if (r == JT_OK && v->drop_factor && !had_factor)
		return jt_why_say(why, JT_NOT_FOUND, "this user has no second factor");
	if (r == JT_OK && v->hash)
		r = jt_user_set_password(tx, &v->org, &v->user_id, v->hash, false, NULL, &replaced);
	else if (r == JT_OK && !v->drop_factor)
		r = jt_link_make(tx, &v->org, JT_LINK_RESET, &v->user_id, &v->link);
	return r == JT_OK ? jt_note_id(tx, &who, "recover", "user", &v->user_id,
				    json_pack("{s:b, s:b, s:s*}", "make_owner", (int)v->make_owner,
					    "drop_second_factor", (int)v->drop_factor, "by",
					    v->hash          ? "password"
					    : v->drop_factor ? NULL
							     : "link"))
			  : r;
}
