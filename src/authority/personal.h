/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_PERSONAL_H
#define JT_AUTHORITY_PERSONAL_H

#include "authority/token.h"
#include "authority/tx.h"
#include "base/secret.h"
#include "store/personal.h"

/* A user's personal token: made with the user, found again by the user, replaced by a reset. One step each; the rules about
 * who may ask are the callers'. Its value is kept sealed under the key file, unless the deployment says `once`. */

/* Makes the token of a new user: row, value, sealed value, change. `value` gets the terminated text: wipe it. *token (may
 * be NULL) gets its id. It lives as long as the org's maximum for personal tokens says, else for ever. */
JT_MUST_USE enum jt_result jt_personal_issue(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	char value[JT_TOKEN_SIZE], struct jt_id *token);
/* A new value in place of the old, which is dead when this is committed; id and row stay. A user whose token was revoked gets
 * another. */
JT_MUST_USE enum jt_result jt_personal_replace(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	char value[JT_TOKEN_SIZE], struct jt_id *token);
/* The value as it is now; reading transactions suffice. JT_GONE if values are shown only once, JT_NOT_FOUND, JT_WRONG_KEY. */
JT_MUST_USE enum jt_result jt_personal_reveal(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	struct jt_secret **value, struct jt_id *token);

/* The token as its user may see it at any time: without its value. */
struct jt_personal_used {
	struct jt_personal_row row; /* without what is sealed, and without the digest */
	bool kept;                  /* its value can be found again */
	struct jt_token_used used;  /* `never` is left empty */
};
/* Reading transactions suffice. JT_NOT_FOUND: it was revoked. */
JT_MUST_USE enum jt_result jt_personal_usage(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account, struct jt_personal_used *out);

#endif
