/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_INVITATION_H
#define JT_AUTHORITY_INVITATION_H

#include "authority/user.h"
#include "store/invitation.h"

/* Invitations, and what is done with the secret of a link. */

struct jt_invitation_order {
	const char *email, *name; /* name NULL: "" */
	const char *role;         /* an id or an alias */
};
/* Replaces the invitation that the e-mail had. Refusals as in jt_user_create. Wipe *link. */
JT_MUST_USE enum jt_result jt_invitation_make(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_invitation_order *order, struct jt_invitation_row *out, struct jt_new_link *link,
	struct jt_why *why);
/* Its link stops working. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_invitation_withdraw(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, struct jt_why *why);

struct jt_acceptance {
	const char *secret;
	const char *name;     /* NULL: the one that they have, or were invited by */
	const char *password; /* its hash */
};
/* Spends a link: an invitation makes the account, a set-up or reset link sets the user's own password, and if it is the first
 * of their own, a new personal token takes the place of the one that others could have had. JT_GONE, in the same words, for
 * whatever no longer works: also if the inviter could no longer invite to that role. `who` gives address and request id. */
JT_MUST_USE enum jt_result jt_link_accept(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_acceptance *order, struct jt_why *why);

#endif
