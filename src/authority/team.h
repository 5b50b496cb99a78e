/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_TEAM_H
#define JT_AUTHORITY_TEAM_H

#include "authority/rules.h"
#include "store/app.h"
#include "store/team.h"

#include <jansson.h>

/* Teams (RULES.md "Apps and teams"): who is in them, and which apps. */

/* What is to change; NULL and -1 leave things as they are. Lists are JSON arrays that the body's schema has checked. */
struct jt_team_order {
	int64_t version; /* that the caller has seen; -1: any */
	const char *name;
	json_t *add_apps;       /* ids */
	json_t *remove_apps;    /* ids */
	bool force;             /* take apps from other teams */
	json_t *add_members;    /* objects: user_id_v2, team_role; whoever is a member gets the new role */
	json_t *remove_members; /* user ids */
};

/* Operation names for the audit log are the callers' (update_team, update_team_apps, ...). */
/* JT_ALREADY_EXISTS for the name; JT_NOT_FOUND for an app or user; JT_CONFLICT for an app of another team; roles as in
 * jt_role_named; JT_CANNOT_EXCEED_SELF. */
JT_MUST_USE enum jt_result jt_team_create(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_team_order *order, struct jt_id *id, struct jt_why *why);
/* All of it or nothing; counts the version up. JT_STALE_VERSION, and as above. An app needs team_apps:update where it is and
 * where it goes. */
JT_MUST_USE enum jt_result jt_team_change(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const struct jt_id *id, const struct jt_team_order *order, struct jt_why *why);
/* Users and apps stay. Every membership that ends is within the ceiling. JT_STALE_VERSION, JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_team_remove(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, int64_t version, struct jt_why *why);

/* Parts of the above, for provisioning too. Gives `user` the role in the team, within the ceiling over what is given and what
 * they had there. JT_DONE: they had it already. `extent` is where the role reaches as the caller sees it: the team, or the org for a team that is new. */
JT_MUST_USE enum jt_result jt_team_put_member(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_id *user, const struct jt_id *role, const struct jt_extent *extent, struct jt_why *why);
/* JT_NOT_FOUND if the user is not in the team. */
JT_MUST_USE enum jt_result jt_team_drop_member(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_id *user, const struct jt_extent *extent, struct jt_why *why);
/* Puts an app into the team, or takes it out. Both where it is and where it goes ask for team_apps:update; a team that loses one
 * to another counts its version up. */
JT_MUST_USE enum jt_result jt_team_add_app(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_extent *extent, const char *app, bool force, struct jt_why *why);
JT_MUST_USE enum jt_result jt_team_remove_app(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, const char *app, struct jt_why *why);

#endif
