/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_POLICY_DECIDE_H
#define JT_POLICY_DECIDE_H

#include "policy/grant.h"

/* The decision: named steps in their order; the first that refuses is the reason. These names are what the log says. */
#define JT_STEPS(X) \
	X(ALLOWED, "allowed") \
	X(SHAPE, "shape") \
	X(CHECKSUM, "checksum") \
	X(UNKNOWN, "unknown") \
	X(OTHER_ORG, "other-org") \
	X(REVOKED, "revoked") \
	X(NOT_YET_VALID, "not-yet-valid") \
	X(EXPIRED, "expired") \
	X(ORG_INACTIVE, "org-inactive") \
	X(USER_INACTIVE, "user-inactive") \
	X(NOT_VISIBLE, "not-visible") \
	X(UNKNOWN_SCOPE, "unknown-scope") \
	X(SCOPE, "scope") \
	X(PARTIAL, "partial") \
	X(BEHIND, "behind") /* nothing was decided: the table does not show yet what was demanded */ \
	X(STALE, "stale")   /* nothing was decided: the table cannot be believed now */

enum jt_step {
#define JT_STEP_ENUM(name, text) JT_STEP_##name,
	JT_STEPS(JT_STEP_ENUM)
#undef JT_STEP_ENUM
		JT_STEP_COUNT
};

/* "checksum"; never NULL. */
const char *jt_step_name(enum jt_step step);

/* What is known about a value when the decision is made. */
struct jt_facts {
	enum jt_token_shape shape;
	bool known;
	bool same_org;
	bool revoked;
	int64_t not_before_s; /* seconds UTC; 0: at once */
	int64_t expires_s;    /* first second at which it no longer lives; 0: never */
	bool org_active;
	bool user_active; /* true for tokens that belong to no user */
};

/* The steps from shape to user active. `now_s` is seconds UTC. JT_STEP_ALLOWED if none refuses. */
enum jt_step jt_decide_token(const struct jt_facts *facts, int64_t now_s);

/* The last steps, for a grant at a place: visible, every scope known to the catalogue, every scope held. `wanted` are
 * `count` names; *missing (may be NULL) gets the index of the first that refuses. JT_STEP_PARTIAL if all are held but some
 * only partly. */
enum jt_step jt_decide_scopes(const struct jt_policy *p, const struct jt_grant *grant, const char *const *wanted,
	size_t count, size_t *missing);

#endif
