/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_ORG_CHANGE_H
#define JT_AUTHORITY_ORG_CHANGE_H

#include "authority/rules.h"

/* What happens to an org after it was made. The org is the caller's. Each writes its audit row and its change. */

struct jt_org_order {
	const char *name;           /* NULL leaves it */
	const int64_t *max_token_s; /* of each kind; NULL leaves all; 0: none for that kind; -1: as it was */
	const bool *require_factor; /* every session needs a second factor; NULL leaves it */
};
/* Maxima bind what is issued later. */
JT_MUST_USE enum jt_result jt_org_alter(struct jt_tx *tx, const struct jt_actor *who, const struct jt_org_order *order);
/* Every token of the org is dead when this is committed; its rows and its audit log stay. JT_OWNER_ONLY. */
JT_MUST_USE enum jt_result jt_org_end(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why);
/* `user` becomes the owner, the old owner stays a Super Admin. By the owner: to an active Super Admin only (JT_CONFLICT). By the
 * operator: to any user, who is made an active Super Admin. JT_OWNER_ONLY, JT_NOT_FOUND, JT_CONFLICT if they own it already. */
JT_MUST_USE enum jt_result jt_org_hand_over(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, struct jt_why *why);

#endif
