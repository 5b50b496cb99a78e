/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_ROLE_H
#define JT_AUTHORITY_ROLE_H

#include "authority/rules.h"
#include "store/role.h"

#include <jansson.h>

/* Custom roles (RULES.md "Nobody gives what they do not hold"), and what a role is called in a request. */

#define JT_ROLE_NAME_SIZE (128 * 4 + 1)
#define JT_ROLES_CUSTOM_MAX 1000 /* an org's: the list of roles always comes whole */

struct jt_role_order {
	const char *name;        /* update: NULL leaves it */
	const char *description; /* update: NULL leaves it; create: NULL is "" */
	json_t *scopes;          /* an array of texts: scopes, or resource:* */
	bool for_teams;          /* create */
	bool reach_teams;        /* create */
};

/* JT_VALIDATION for what is not a scope, or not one that a custom role may have; JT_CANNOT_EXCEED_SELF;
 * JT_CUSTOM_ROLE_CONFLICT if the name is taken, by a managed role among them, or the org has JT_ROLES_CUSTOM_MAX. */
JT_MUST_USE enum jt_result jt_role_create(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_role_order *order, struct jt_id *id, struct jt_why *why);
/* The scopes become those of `order`. What is added and what is taken must both be held by the caller. JT_NOT_FOUND (a managed
 * role too), JT_OWN_ROLE, and as above (JT_ALREADY_EXISTS for the name). */
JT_MUST_USE enum jt_result jt_role_change(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	const struct jt_role_order *order, struct jt_why *why);
/* JT_NOT_FOUND, JT_ROLE_IN_USE with the counts in `why`. */
JT_MUST_USE enum jt_result jt_role_remove(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, struct jt_why *why);

/* Where a role is to be held. */
enum jt_role_place {
	JT_ROLE_AT_ORG, /* an org role: one of the managed ones for users, or a custom organization role */
	JT_ROLE_IN_TEAM /* a team role: a managed one that has team aliases, or a custom team role */
};
/* Reads an id or an alias. JT_ROLE_NOT_APPLICABLE with `why` naming `text` and `field`. */
JT_MUST_USE enum jt_result jt_role_named(struct jt_tx *tx, const struct jt_id *org, const char *field, const char *text,
	enum jt_role_place place, struct jt_id *id, struct jt_why *why);
/* A role's name for people and, for a managed one, its aliases (NULL for a custom role). The name is copied to `name`
 * (`size` bytes, truncated). JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_role_called(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *id, char *name,
	size_t size, const struct jt_role **managed);

#endif
