/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_RULES_H
#define JT_AUTHORITY_RULES_H

#include "authority/tx.h"

/* The rules that several use cases share, one named step each (RULES.md). All ask the table, which the committer has made
 * exact before it runs a job. */

/* Where something that is given or taken reaches. */
struct jt_extent {
	enum jt_reach reach; /* ORG: the org and all in it; TEAMS: `team` alone */
	const struct jt_id *team;
	size_t teams;
};

/* "Nobody gives what they do not hold": every scope of `scopes` is held by the caller, in full, everywhere in `extent`. With
 * reach teams, scopes marked `everyone` must be held at org level too. JT_CANNOT_EXCEED_SELF names the first missing scope.
 * The operator, who is nobody in the table, is refused here and in the rules below but for jt_rule_owner. */
JT_MUST_USE enum jt_result jt_rule_ceiling(struct jt_tx *tx, const struct jt_actor *who, const struct jt_scopes *scopes,
	const struct jt_extent *extent, struct jt_why *why);
/* The caller is the owner, with the owner's own personal token or session. JT_OWNER_ONLY. */
JT_MUST_USE enum jt_result jt_rule_owner(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why);
/* The caller holds `scope` in full at `place`: for what a body, not the path, names. JT_MISSING_SCOPE with why->scope. */
JT_MUST_USE enum jt_result jt_rule_holds(struct jt_tx *tx, const struct jt_actor *who, const char *scope,
	const struct jt_place *place, struct jt_why *why);
/* May the caller act on this user at all? A Super Admin is acted on by the owner only (JT_FELLOW_ADMIN), the owner by nobody
 * (JT_OWNER_PROTECTED); anybody else needs the cover of what that user holds, in org and teams. */
JT_MUST_USE enum jt_result jt_rule_over_user(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, struct jt_why *why);
/* May the caller give or take a membership? The cover of what a user whose org role is `role` holds in a team by being in it
 * as `team_role`: an org role with reach `teams` is held there too. `extent`: the team; the org for a team that is new. */
JT_MUST_USE enum jt_result jt_rule_membership(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *role,
	const struct jt_id *team_role, const struct jt_extent *extent, struct jt_why *why);
/* The scopes of a managed or custom role of the caller's org, uncut, and its reach. JT_ROLE_NOT_APPLICABLE if there is none. */
JT_MUST_USE enum jt_result jt_rule_role(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *role,
	struct jt_scopes *scopes, enum jt_reach *reach, struct jt_why *why);

#endif
