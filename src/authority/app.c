/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/app.h"

#include "authority/audit.h"
#include "authority/authority.h"
#include "authority/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool holds(struct jt_tx *tx, const struct jt_actor *who, const char *scope, const struct jt_place *place)
{
	const struct jt_scope *known = jt_policy_scope(tx->policy, scope, strlen(scope));
	struct jt_grant grant;

	jt_verify_grant(tx->verify, &who->caller, place, &grant);
	return known != NULL && grant.visible && jt_scopes_has(&grant.held, known->bit);
}

static bool holds_on_team(struct jt_tx *tx, const struct jt_actor *who, const char *scope, const struct jt_id *team)
{
	const struct jt_place place = {.kind = JT_PLACE_TEAM, .team = *team};

	return holds(tx, who, scope, &place);
}

static bool holds_in_org(struct jt_tx *tx, const struct jt_actor *who, const char *scope)
{
	const struct jt_place place = {.kind = JT_PLACE_ORG};

	return holds(tx, who, scope, &place);
}

/* Step: where an item goes that names no team. A caller who sees only their teams means the one they have. */
static enum jt_result own_team(struct jt_tx *tx, const struct jt_actor *who, struct jt_id *team, struct jt_why *why)
{
	struct jt_id *teams = NULL;
	size_t count = 0;
	enum jt_result r = JT_OK;

	*team = (struct jt_id){{0}};
	if (!who->caller.confined)
		return JT_OK;
	r = jt_verify_teams(tx->verify, &who->caller, &teams, &count);
	if (r == JT_OK && count != 1)
		r = jt_why_field(why, "team_id", "is needed: you have %zu teams", count);
	else if (r == JT_OK)
		*team = teams[0];
	free(teams);
	return r;
}

static enum jt_result write_app(struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_row *row, bool isnew)
{
	char team[JT_ID_TEXT_SIZE];
	enum jt_result r = isnew ? jt_app_insert(tx->db, row) : jt_app_update(tx->db, row);

	if (r == JT_OK)
		r = jt_tx_change(tx, &row->org, JT_NOUN_APP, row->id, strlen(row->id));
	if (r != JT_OK)
		return r;
	return jt_note(tx, who, isnew ? "create_app" : "update_app", "app", row->id,
		json_pack("{s:s, s:s, s:s*}", "name", row->name, "base_branch", row->base_branch, "team_id",
			jt_id_is_none(&row->team) ? NULL : jt_id_text(&row->team, team)));
}

/* The answer is a success, and only names the item: so it is recorded. */
static enum jt_result reject(
	struct jt_tx *tx, const struct jt_actor *who, enum jt_app_outcome why, enum jt_app_outcome *outcome)
{
	jt_refusals_note(jt_authority_refusals(tx->au), who, "put_apps", jt_result_code(JT_MISSING_SCOPE));
	*outcome = why;
	return JT_OK;
}

static enum jt_result create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_order *order,
	const struct jt_id *team, enum jt_app_outcome *outcome, struct jt_app_row *out, struct jt_why *why)
{
	const struct jt_place org = {.kind = JT_PLACE_ORG};
	enum jt_result r = JT_OK;

	if (!jt_id_is_none(team) && !holds_on_team(tx, who, "apps:create", team))
		return reject(tx, who, JT_APP_TEAM_REJECTED, outcome);
	if (jt_id_is_none(team))
		r = jt_rule_holds(tx, who, "apps:create", &org, why);
	if (r != JT_OK)
		return r;
	*out = (struct jt_app_row){.org = who->caller.org, .team = *team, .created_ns = tx->now_ns};
	snprintf(out->id, sizeof(out->id), "%s", order->id);
	snprintf(out->name, sizeof(out->name), "%s", order->name != NULL ? order->name : "");
	snprintf(
		out->base_branch, sizeof(out->base_branch), "%s", order->base_branch != NULL ? order->base_branch : "");
	return write_app(tx, who, out, true);
}

/* Step: an app stays where it is, but for one of no team, which whoever may make apps both in the org and on the team takes
 * into it. */
static bool may_be_in(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_row *app, const struct jt_id *team)
{
	if (jt_id_equal(&app->team, team))
		return true;
	return jt_id_is_none(&app->team) && holds_in_org(tx, who, "apps:create") &&
	       holds_on_team(tx, who, "apps:create", team);
}

static enum jt_result update(struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_order *order, bool move,
	struct jt_app_row *out, struct jt_why *why)
{
	struct jt_place place = {.kind = JT_PLACE_APP};
	bool told = (order->name != NULL && strcmp(order->name, out->name) != 0) ||
		    (order->base_branch != NULL && strcmp(order->base_branch, out->base_branch) != 0);
	enum jt_result r = JT_OK;

	if (!told && !move)
		return JT_OK;
	memcpy(place.app, out->id, sizeof(place.app));
	if (told)
		r = jt_rule_holds(tx, who, "project:update", &place, why);
	if (order->name != NULL)
		snprintf(out->name, sizeof(out->name), "%s", order->name);
	if (order->base_branch != NULL)
		snprintf(out->base_branch, sizeof(out->base_branch), "%s", order->base_branch);
	return r == JT_OK ? write_app(tx, who, out, false) : r;
}

enum jt_result jt_app_put(struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_order *order,
	enum jt_app_outcome *outcome, struct jt_app_row *out, struct jt_why *why)
{
	bool move = false;
	struct jt_id team;
	enum jt_result r = JT_OK;

	*outcome = JT_APP_DONE;
	if (order->team != NULL)
		team = *order->team;
	else if ((r = own_team(tx, who, &team, why)) != JT_OK)
		return r;
	r = jt_app_get(tx->db, &who->caller.org, order->id, out);
	if (r == JT_NOT_FOUND)
		return create(tx, who, order, &team, outcome, out, why);
	if (r != JT_OK)
		return r;
	if (!jt_id_is_none(&team)) {
		if (!may_be_in(tx, who, out, &team))
			return reject(tx, who, JT_APP_REJECTED, outcome);
		move = !jt_id_equal(&out->team, &team);
		out->team = team;
	}
	/* Being told of an app, too, needs the right to make one where it is. */
	if (!jt_id_is_none(&out->team) ? !holds_on_team(tx, who, "apps:create", &out->team)
				       : !holds_in_org(tx, who, "apps:create"))
		return reject(tx, who, JT_APP_REJECTED, outcome);
	return update(tx, who, order, move, out, why);
}

enum jt_result jt_app_remove(struct jt_tx *tx, const struct jt_actor *who, const char *id, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_app_row row;
	enum jt_result r = jt_app_get(tx->db, org, id, &row);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such app");
	if (r == JT_OK)
		r = jt_app_delete(tx->db, org, id);
	if (r == JT_OK)
		r = jt_tx_change(tx, org, JT_NOUN_APP, id, strlen(id));
	return r == JT_OK ? jt_note(tx, who, "delete_app", "app", id, json_pack("{s:s}", "name", row.name)) : r;
}

bool jt_app_deletable(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team)
{
	return jt_id_is_none(team) ? holds_in_org(tx, who, "project:delete")
				   : holds_on_team(tx, who, "project:delete", team);
}
