/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_LINK_H
#define JT_AUTHORITY_LINK_H

#include "authority/tx.h"
#include "store/link.h"

/* Links that work once (RULES.md "Accounts and orgs"): 256 bits, of which only a hash is kept. */

#define JT_LINK_SECRET_SIZE 44 /* base64url of 32 bytes, and the terminator */
#define JT_LINK_SETUP_S (72 * 3600)
#define JT_LINK_RESET_S 3600

struct jt_new_link {
	char secret[JT_LINK_SECRET_SIZE]; /* "": none was made. Wipe it */
	int64_t expires_s;
};

/* A link in place of the one that the target had for this purpose. It lives 72 hours, one to reset a password 1 hour. */
JT_MUST_USE enum jt_result jt_link_make(struct jt_tx *tx, const struct jt_id *org, enum jt_link_purpose purpose,
	const struct jt_id *target, struct jt_new_link *out);
/* Spends a link. JT_GONE if there is none, or it has expired. */
JT_MUST_USE enum jt_result jt_link_spend(struct jt_tx *tx, const char *secret, struct jt_link_row *out);

#endif
