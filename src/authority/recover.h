/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_RECOVER_H
#define JT_AUTHORITY_RECOVER_H

#include "authority/link.h"

/* The operator's way back in (RULES.md "Accounts and orgs"): what `jeton recover` does. */
struct jt_recovery {
	struct jt_id org;
	const char *user;        /* an e-mail address or an id */
	const char *hash;        /* of the new password, which the operator knows too; NULL: a reset link is made */
	bool make_owner;         /* the user becomes an active Super Admin and the owner */
	bool drop_factor;        /* the second factor goes; without `hash` no link is made then */
	struct jt_id user_id;    /* out */
	struct jt_new_link link; /* out. Wipe it */
};

/* Writes its audit row as the local operator. JT_NOT_FOUND, and as jt_org_hand_over. */
JT_MUST_USE enum jt_result jt_recover(struct jt_tx *tx, struct jt_recovery *v, struct jt_why *why);

#endif
