/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_SCOPE_H
#define JT_STORE_SCOPE_H

#include "db/db.h"
#include "policy/scopes.h"

/* The bits that scopes were given: once, for ever. Also what of the catalogue is in use. */

struct jt_scope_bit {
	uint16_t bit;
	char name[JT_SCOPE_NAME_MAX + 1];
};

/* All of them, by bit: at most JT_SCOPES_MAX into `out`. */
JT_MUST_USE enum jt_result jt_scope_bits(struct jt_db *db, struct jt_scope_bit out[JT_SCOPES_MAX], size_t *count);
JT_MUST_USE enum jt_result jt_scope_bit_add(struct jt_db *db, unsigned bit, const char *name);

/* Every custom role with its scopes: columns org's slug, role's name, scopes. */
JT_MUST_USE enum jt_result jt_scope_uses(struct jt_db *db, struct jt_rows **out);

/* Every role id that is used and is no custom role of the org, with how often: columns what uses it ("user", "team member",
 * "token", "invitation"), role, count. */
JT_MUST_USE enum jt_result jt_scope_role_uses(struct jt_db *db, struct jt_rows **out);

#endif
