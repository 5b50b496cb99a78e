/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/note.h"
#include "authority/token.h"

#include <stdio.h>
#include <string.h>

/* To a service token there is nothing but what it issued. */
static bool is_for(const struct jt_actor *who, const struct jt_token_row *row)
{
	return who->how != JT_ACTOR_TOKEN || who->caller.kind != JT_KIND_SERVICE ||
	       jt_id_equal(&row->created_by_token, &who->caller.token);
}

enum jt_result jt_token_show(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	struct jt_token_shown *out, struct jt_why *why)
{
	enum jt_result r;

	out->teams = 0;
	out->value[0] = '\0';
	r = jt_token_find(tx->db, &who->caller.org, id, &out->row);
	if (r == JT_NOT_FOUND || (r == JT_OK && (out->row.revoked || !is_for(who, &out->row))))
		return jt_why_say(why, JT_NOT_FOUND, "there is no such token");
	if (r == JT_OK && out->row.limited)
		r = jt_token_teams(tx->db, &who->caller.org, id, out->team, &out->teams);
	return r;
}

enum jt_result jt_token_describe(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	const char *label, const char *description, struct jt_token_shown *out, struct jt_why *why)
{
	struct jt_token_row *row = &out->row;
	enum jt_result r = jt_token_show(tx, who, id, out, why);

	if (r != JT_OK || (!label && !description))
		return r;
	if (label && (size_t)snprintf(row->label, sizeof(row->label), "%s", label) >= sizeof(row->label))
		return JT_TOO_LONG;
	if (description && (size_t)snprintf(row->description, sizeof(row->description), "%s", description) >=
				   sizeof(row->description))
		return JT_TOO_LONG;
	r = jt_token_relabel(tx->db, row);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &row->org, JT_NOUN_TOKEN, id);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "update_token", "token", id,
			json_pack("{s:s*, s:s*}", "label", label, "description", description));
	return r;
}
