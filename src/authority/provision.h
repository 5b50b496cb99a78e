/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_PROVISION_H
#define JT_AUTHORITY_PROVISION_H

#include "authority/user.h"

#include <jansson.h>

/* Users in bulk: what cannot be done is left out and named, the rest is done. */

/* Texts as the request had them, each once. */
struct jt_rejected {
	json_t *emails, *org_roles, *team_roles;
};

/* One user: made, or given the role and the memberships named. `item` has email, organization_role and may have name and
 * team_membership ([{team_id, role}]). An e-mail, a role or a target that cannot be used rejects the item, a membership that
 * cannot be used only itself. *done says whether *row is the user now. Errors are those of the machinery only. A user must not
 * come twice in one transaction: the rules would ask about the state before it. */
JT_MUST_USE enum jt_result jt_provision(struct jt_tx *tx, const struct jt_actor *who, const json_t *item,
	struct jt_rejected *rejected, struct jt_account_row *row, bool *done);

#endif
