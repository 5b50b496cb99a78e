/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"
#include "authority/note.h"
#include "authority/token_rules.h"
#include "base/clock.h"
#include "base/secret.h"

#include <stdio.h>
#include <string.h>

/* Where the token will be good: the teams that were named; none named is the whole org, whoever asks. */
static enum jt_result choose_teams(struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_order *order,
	struct jt_token_shown *out, struct jt_why *why)
{
	out->row.limited = order->limited;
	out->teams = order->limited ? order->teams : 0;
	if (out->teams)
		memcpy(out->team, order->team, out->teams * sizeof(out->team[0]));
	return jt_token_rule_teams(tx, who, out->team, out->teams, why);
}

static enum jt_result fill_row(struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_order *order,
	const struct jt_token_role *role, struct jt_token_row *row)
{
	row->org = who->caller.org;
	row->id = jt_id_new(tx->now_ns);
	row->role = role->id;
	row->kind = role->kind;
	row->created_ns = tx->now_ns;
	row->created_by = who->caller.user;
	row->created_by_token = who->caller.token;
	if ((size_t)snprintf(row->label, sizeof(row->label), "%s", order->label) >= sizeof(row->label) ||
		(size_t)snprintf(row->description, sizeof(row->description), "%s",
			order->description ? order->description : "") >= sizeof(row->description))
		return JT_TOO_LONG;
	(void)snprintf(row->token_type, sizeof(row->token_type), "%s",
		order->token_type ? order->token_type : role->token_type);
	return JT_OK;
}

static enum jt_result write_token(struct jt_tx *tx, struct jt_token_shown *out)
{
	const struct jt_token_row *row = &out->row;
	uint8_t digest[JT_DIGEST_SIZE];
	enum jt_result r;

	jt_token_mint(jt_authority_brand(tx->au), row->kind, out->value);
	jt_token_digest(out->value, strlen(out->value), digest);
	r = jt_token_insert(tx->db, row);
	if (r == JT_OK)
		r = jt_token_add_value(tx->db, &row->org, &row->id, 1, digest, row->expires_s);
	for (size_t i = 0; r == JT_OK && i < out->teams; i++)
		r = jt_token_add_team(tx->db, &row->org, &row->id, &out->team[i]);
	if (r == JT_OK)
		r = jt_tx_new_token(tx, &row->org, &row->id, out->teams);
	return r;
}

static json_t *teams_json(const struct jt_token_shown *t)
{
	json_t *list = json_array();
	char text[JT_ID_TEXT_SIZE];

	for (size_t i = 0; list && i < t->teams; i++) {
		if (json_array_append_new(list, json_string(jt_id_text(&t->team[i], text))) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static enum jt_result note_issue(struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_shown *t)
{
	char role[JT_ID_TEXT_SIZE];
	json_t *teams = t->row.limited ? teams_json(t) : NULL;
	json_t *detail = NULL;

	if (t->row.limited && !teams)
		return JT_NOMEM;
	detail = json_pack("{s:s, s:s, s:s, s:b, s:I, s:o*}", "label", t->row.label, "kind", jt_kind_name(t->row.kind),
		"role", jt_id_text(&t->row.role, role), "limited", t->row.limited ? 1 : 0, "expires_s",
		(json_int_t)t->row.expires_s, "teams", teams);
	return jt_note_id(tx, who, "create_token", "token", &t->row.id, detail);
}

enum jt_result jt_token_issue(struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_order *order,
	struct jt_token_shown *out, struct jt_why *why)
{
	struct jt_extent extent = {.reach = JT_REACH_ORG};
	struct jt_token_role role;
	int64_t lifetime_s = 0;
	enum jt_result r;

	memset(out, 0, sizeof(*out));
	r = jt_token_rule_service(tx, who, order->role, why);
	if (r == JT_OK)
		r = jt_token_rule_role(tx, &who->caller.org, order->role, &role, why);
	if (r == JT_OK)
		r = choose_teams(tx, who, order, out, why);
	if (r == JT_OK)
		r = jt_token_rule_team_role(&role, out->row.limited, why);
	if (r != JT_OK)
		goto out;
	if (out->row.limited)
		extent = (struct jt_extent){.reach = JT_REACH_TEAMS, .team = out->team, .teams = out->teams};
	r = jt_token_rule_give(tx, who, &role, &extent, why);
	if (r == JT_OK)
		r = jt_token_rule_lifetime(tx, who, role.kind, order->valid_for_s, &lifetime_s, why);
	if (r == JT_OK)
		r = fill_row(tx, who, order, &role, &out->row);
	if (r != JT_OK)
		goto out;
	out->row.lifetime_s = lifetime_s;
	out->row.expires_s = lifetime_s ? tx->now_ns / JT_NS_PER_S + lifetime_s : 0;
	r = write_token(tx, out);
	if (r == JT_OK)
		r = note_issue(tx, who, out);
out:
	if (r != JT_OK)
		jt_secret_wipe(out->value, sizeof(out->value));
	return r;
}
