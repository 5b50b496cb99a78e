/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"
#include "authority/note.h"
#include "authority/token_rules.h"
#include "base/clock.h"
#include "base/secret.h"

#include <string.h>

static enum jt_result is_rotatable(const struct jt_token_row *row, int64_t now_s, struct jt_why *why)
{
	if (row->revoked)
		return jt_why_say(why, JT_NOT_ROTATABLE, "this token was revoked; issue another one");
	if (row->expires_s && row->expires_s <= now_s)
		return jt_why_say(why, JT_NOT_ROTATABLE, "this token has expired; issue another one");
	return JT_OK;
}

/* All that issuing the same token would need. */
static enum jt_result may_issue_again(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_shown *t, struct jt_why *why)
{
	struct jt_extent extent = {.reach = JT_REACH_ORG};
	char text[JT_ID_TEXT_SIZE];
	struct jt_token_role role;
	enum jt_result r;

	(void)jt_id_text(&t->row.role, text);
	if (t->row.limited)
		extent = (struct jt_extent){.reach = JT_REACH_TEAMS, .team = t->team, .teams = t->teams};
	r = jt_token_rule_service(tx, who, text, why);
	if (r == JT_OK)
		r = jt_token_rule_role(tx, &t->row.org, text, &role, why);
	if (r == JT_OK)
		r = jt_token_rule_team_role(&role, t->row.limited, why);
	if (r == JT_OK)
		r = jt_token_rule_teams(tx, who, t->team, t->teams, why);
	if (r == JT_OK)
		r = jt_token_rule_give(tx, who, &role, &extent, why);
	return r;
}

/* The lifetime it was issued for starts again, within what the org now allows. */
static enum jt_result renew_expiry(
	struct jt_tx *tx, const struct jt_actor *who, struct jt_token_row *row, struct jt_why *why)
{
	int64_t lifetime_s = row->lifetime_s, most_s = 0;
	enum jt_result r = jt_token_rule_lifetime(tx, who, row->kind, 0, &most_s, why);

	if (most_s && (lifetime_s == 0 || lifetime_s > most_s))
		lifetime_s = most_s;
	row->expires_s = lifetime_s ? tx->now_ns / JT_NS_PER_S + lifetime_s : 0;
	return r;
}

/* When the value that is replaced ends: never after it, or the token, would have ended anyway. */
static int64_t overlap_end(int64_t now_s, int64_t overlap_s, int64_t old_s, int64_t new_s)
{
	int64_t end_s = now_s + overlap_s;

	if (old_s && end_s > old_s)
		end_s = old_s;
	if (new_s && end_s > new_s)
		end_s = new_s;
	return end_s;
}

static enum jt_result write_value(struct jt_tx *tx, int64_t overlap_s, int64_t old_expires_s, struct jt_token_shown *t)
{
	const struct jt_id *org = &t->row.org, *id = &t->row.id;
	const int64_t now_s = tx->now_ns / JT_NS_PER_S;
	uint8_t digest[JT_DIGEST_SIZE];
	int64_t gen = 0;
	enum jt_result r = jt_token_newest_value(tx->db, org, id, &gen);

	if (r == JT_OK) /* at most two live: the one that is replaced, if it overlaps, and the new one */
		r = jt_token_drop_values(tx->db, org, id, overlap_s ? gen : gen + 1);
	if (r == JT_OK && overlap_s)
		r = jt_token_end_value(
			tx->db, org, id, gen, overlap_end(now_s, overlap_s, old_expires_s, t->row.expires_s));
	if (r != JT_OK)
		return r;
	jt_token_mint(jt_authority_brand(tx->au), t->row.kind, t->value);
	jt_token_digest(t->value, strlen(t->value), digest);
	r = jt_token_add_value(tx->db, org, id, gen + 1, digest, t->row.expires_s);
	if (r == JT_OK)
		r = jt_token_set_expiry(tx->db, org, id, t->row.expires_s);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_TOKEN, id);
	return r;
}

enum jt_result jt_token_rotate(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, int64_t overlap_s,
	struct jt_token_shown *out, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	int64_t old_expires_s = 0;
	enum jt_result r;

	memset(out, 0, sizeof(*out));
	r = jt_token_find(tx->db, org, id, &out->row);
	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such token");
	if (r == JT_OK && out->row.limited)
		r = jt_token_teams(tx->db, org, id, out->team, &out->teams);
	if (r == JT_OK)
		r = is_rotatable(&out->row, tx->now_ns / JT_NS_PER_S, why);
	if (r == JT_OK)
		r = may_issue_again(tx, who, out, why);
	if (r != JT_OK)
		return r;
	old_expires_s = out->row.expires_s;
	r = renew_expiry(tx, who, &out->row, why);
	if (r == JT_OK)
		r = write_value(tx, overlap_s, old_expires_s, out);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "rotate_token", "token", id,
			json_pack("{s:I, s:I}", "overlap_seconds", (json_int_t)overlap_s, "expires_s",
				(json_int_t)out->row.expires_s));
	if (r != JT_OK)
		jt_secret_wipe(out->value, sizeof(out->value));
	return r;
}
