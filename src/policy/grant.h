/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_POLICY_GRANT_H
#define JT_POLICY_GRANT_H

#include "policy/policy.h"

/* What a token holds, computed when it is used (RULES.md "What a token holds"). Pure. */

enum jt_place_kind { JT_PLACE_ORG, JT_PLACE_TEAM, JT_PLACE_APP };

/* The facts about one holder in one place, gathered by whoever knows them (src/verify/). */
struct jt_holding {
	enum jt_kind kind;
	bool owner;               /* a personal token of the org's owner: every scope */
	bool confined;            /* limited, or the user's org role has reach `teams` */
	struct jt_scopes role;    /* of the user's org role, or of the token's role */
	bool among;               /* the place is a team of the holder's, or an app in one; not read at org level */
	struct jt_scopes in_team; /* personal: of the user's role in that team; else empty */
};

struct jt_grant {
	bool visible;          /* false: to this holder the place does not exist */
	struct jt_scopes held; /* in full */
	struct jt_scopes
		partly; /* at org level only: held for the holder's teams, an answer must be cut down to them */
};

/* The scopes held at a place. A confined holder sees only places `among` its own. Whether the place exists is the caller's
 * to know: it must not ask about one that does not. Scopes marked owner_only are held by the owner's personal token alone. */
void jt_grant_compute(
	const struct jt_policy *p, const struct jt_holding *h, enum jt_place_kind place, struct jt_grant *out);

#endif
