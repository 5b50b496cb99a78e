/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_LINK_H
#define JT_STORE_LINK_H

#include "db/db.h"

/* Rows of `link`: secrets that work once. Only SHA-256 of a secret is here. */

#define JT_LINK_HASH_SIZE 32

/* X(NAME, text in the database) */
#define JT_LINKS(X) \
	X(INVITATION, "invitation") \
	X(SETUP, "setup") \
	X(RESET, "reset")

enum jt_link_purpose {
#define JT_LINK_ENUM(name, text) JT_LINK_##name,
	JT_LINKS(JT_LINK_ENUM)
#undef JT_LINK_ENUM
		JT_LINK_PURPOSES
};

struct jt_link_row {
	uint8_t hash[JT_LINK_HASH_SIZE];
	struct jt_id org;
	struct jt_id target; /* the invitation or the account */
	enum jt_link_purpose purpose;
	int64_t expires_s;
};

/* "invitation"; never NULL. */
const char *jt_link_name(enum jt_link_purpose purpose);
/* Puts the link in place of the one that the target had for this purpose. */
JT_MUST_USE enum jt_result jt_link_put(struct jt_db *db, const struct jt_link_row *link);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_link_find(
	struct jt_db *db, const uint8_t hash[JT_LINK_HASH_SIZE], struct jt_link_row *out);
/* Removes the target's link of this purpose, if it has one. */
JT_MUST_USE enum jt_result jt_link_drop(
	struct jt_db *db, const struct jt_id *org, enum jt_link_purpose purpose, const struct jt_id *target);

#endif
