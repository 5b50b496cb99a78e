/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/team.h"

#include "authority/note.h"
#include "store/identity.h"
#include "store/member.h"

#include <string.h>

static enum jt_result change_member(
	struct jt_tx *tx, const struct jt_id *team, const struct jt_id *user, const struct jt_id *org)
{
	uint8_t key[2 * JT_ID_SIZE];

	memcpy(key, team->b, JT_ID_SIZE);
	memcpy(key + JT_ID_SIZE, user->b, JT_ID_SIZE);
	return jt_tx_change(tx, org, JT_NOUN_MEMBER, key, sizeof(key));
}

enum jt_result jt_team_put_member(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_id *user, const struct jt_id *role, const struct jt_extent *extent, struct jt_why *why)
{
	struct jt_member_row row = {.org = who->caller.org, .team = *team, .account = *user, .role = *role};
	struct jt_identity identity;
	struct jt_id had;
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_identity_get(tx->db, &row.org, user, &identity);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no user %s", jt_id_text(user, text));
	if (r == JT_OK)
		r = jt_rule_membership(tx, who, &identity.role, role, extent, why);
	if (r == JT_OK) {
		r = jt_member_get(tx->db, &row.org, team, user, &had);
		if (r == JT_OK && jt_id_equal(&had, role))
			return JT_DONE;
		if (r == JT_OK)
			r = jt_rule_membership(tx, who, &identity.role, &had, extent, why);
		else if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	if (r == JT_OK)
		r = jt_member_put(tx->db, &row);
	return r == JT_OK ? change_member(tx, team, user, &row.org) : r;
}

enum jt_result jt_team_drop_member(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_id *user, const struct jt_extent *extent, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_identity identity;
	char text[JT_ID_TEXT_SIZE];
	struct jt_id had;
	enum jt_result r = jt_member_get(tx->db, org, team, user, &had);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "user %s is not in this team", jt_id_text(user, text));
	if (r == JT_OK)
		r = jt_identity_get(tx->db, org, user, &identity);
	if (r == JT_OK)
		r = jt_rule_membership(tx, who, &identity.role, &had, extent, why);
	if (r == JT_OK)
		r = jt_member_delete(tx->db, org, team, user, NULL);
	return r == JT_OK ? change_member(tx, team, user, org) : r;
}

/* Step: an app comes from whoever may change both where it is and where it goes; from another team only by force. An app of
 * no team is the org's. A team that is made in this transaction is its maker's to fill. */
static enum jt_result may_move(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *from,
	const struct jt_id *to, const struct jt_extent *extent, const char *app, bool force, struct jt_why *why)
{
	const bool free = jt_id_is_none(from), made_now = extent->reach == JT_REACH_ORG;
	struct jt_place there = {.kind = free ? JT_PLACE_ORG : JT_PLACE_TEAM, .team = *from};
	struct jt_place here = {.kind = made_now ? JT_PLACE_ORG : JT_PLACE_TEAM, .team = *to};
	enum jt_result r = JT_OK;

	if (!free && !force)
		return jt_why_say(why, JT_CONFLICT, "app '%s' is in another team; force_app_inclusion moves it", app);
	r = jt_rule_holds(tx, who, "team_apps:update", &there, why);
	return r == JT_OK ? jt_rule_holds(tx, who, "team_apps:update", &here, why) : r;
}

/* Whether the caller may know of the app at all. */
static bool sees(struct jt_tx *tx, const struct jt_actor *who, const char *app)
{
	struct jt_place place = {.kind = JT_PLACE_APP};
	struct jt_grant grant;

	memcpy(place.app, app, strlen(app) + 1);
	jt_verify_grant(tx->verify, &who->caller, &place, &grant);
	return grant.visible;
}

/* What another team lost is told, and whoever read that team reads it anew. */
static enum jt_result take_from(
	struct jt_tx *tx, const struct jt_actor *who, const char *app, const struct jt_id *from, const struct jt_id *to)
{
	char was[JT_ID_TEXT_SIZE], is[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_team_touch(tx->db, &who->caller.org, from);

	return r == JT_OK ? jt_note(tx, who, "move_app", "app", app,
				    json_pack("{s:s, s:s}", "from", jt_id_text(from, was), "to", jt_id_text(to, is)))
			  : r;
}

enum jt_result jt_team_add_app(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_extent *extent, const char *app, bool force, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	struct jt_app_row row;
	struct jt_id from;
	enum jt_result r = jt_app_get(tx->db, org, app, &row);

	if (r == JT_NOT_FOUND || (r == JT_OK && !sees(tx, who, app)))
		return jt_why_say(why, JT_NOT_FOUND, "there is no app '%s'", app);
	if (r != JT_OK || jt_id_equal(&row.team, team))
		return r;
	from = row.team;
	row.team = *team;
	r = may_move(tx, who, &from, team, extent, app, force, why);
	if (r == JT_OK)
		r = jt_app_update(tx->db, &row);
	if (r == JT_OK && !jt_id_is_none(&from))
		r = take_from(tx, who, app, &from, team);
	return r == JT_OK ? jt_tx_change(tx, org, JT_NOUN_APP, app, strlen(app)) : r;
}

enum jt_result jt_team_remove_app(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, const char *app, struct jt_why *why)
{
	const struct jt_place here = {.kind = JT_PLACE_TEAM, .team = *team};
	const struct jt_id *org = &who->caller.org;
	struct jt_app_row row;
	enum jt_result r = jt_app_get(tx->db, org, app, &row);

	if (r == JT_NOT_FOUND || (r == JT_OK && !jt_id_equal(&row.team, team)))
		return jt_why_say(why, JT_NOT_FOUND, "app '%s' is not in this team", app);
	row.team = (struct jt_id){{0}};
	if (r == JT_OK)
		r = jt_rule_holds(tx, who, "team_apps:update", &here, why);
	if (r == JT_OK)
		r = jt_app_update(tx->db, &row);
	return r == JT_OK ? jt_tx_change(tx, org, JT_NOUN_APP, app, strlen(app)) : r;
}
