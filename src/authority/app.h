/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_APP_H
#define JT_AUTHORITY_APP_H

#include "authority/rules.h"
#include "store/app.h"

/* Apps (RULES.md "Apps and teams"). */

struct jt_app_order {
	const char *id;
	const char *name;         /* NULL leaves it */
	const char *base_branch;  /* NULL leaves it */
	const struct jt_id *team; /* NULL: none was named */
};

enum jt_app_outcome {
	JT_APP_DONE,         /* *out is the app as it is now */
	JT_APP_REJECTED,     /* it belongs elsewhere; the same whether or not the caller may see it */
	JT_APP_TEAM_REJECTED /* the team is not there, or not one on which the caller may make apps */
};

/* Makes or updates one app. JT_VALIDATION if no team is named and the caller's are not exactly one; JT_MISSING_SCOPE for
 * apps:create at org level, or project:update where name or branch would change. */
JT_MUST_USE enum jt_result jt_app_put(struct jt_tx *tx, const struct jt_actor *who, const struct jt_app_order *order,
	enum jt_app_outcome *outcome, struct jt_app_row *out, struct jt_why *why);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_app_remove(
	struct jt_tx *tx, const struct jt_actor *who, const char *id, struct jt_why *why);
/* Whether the caller may delete an app of this team (none: of no team). */
bool jt_app_deletable(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team);

#endif
