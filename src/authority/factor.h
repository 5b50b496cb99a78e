/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_FACTOR_H
#define JT_AUTHORITY_FACTOR_H

#include "authority/totp.h"
#include "authority/tx.h"

/* The second factor of a user: one-time codes from an app, and recovery codes for who lost it. The user is the caller; each writes
 * its audit row. Its secret is kept sealed under the key file, of recovery codes only a hash. */

#define JT_RECOVERY_CODES 10
#define JT_RECOVERY_CODE_SIZE 20 /* "abcd-efgh-ijkl-mnop": 80 bits, and the terminator */

struct jt_recovery_codes {
	char code[JT_RECOVERY_CODES][JT_RECOVERY_CODE_SIZE];
};

/* Begins to set one up: `secret` gets the new one's text, which is in force when jt_factor_enable has seen a code of it; one that is in
 * force stays so until then. Wipe it. */
JT_MUST_USE enum jt_result jt_factor_begin(
	struct jt_tx *tx, const struct jt_actor *who, char secret[JT_TOTP_TEXT_SIZE]);
/* Puts it in force. JT_CONFLICT if none was begun, JT_BAD_CREDENTIALS if the code is not of it. Wipe *out. */
JT_MUST_USE enum jt_result jt_factor_enable(struct jt_tx *tx, const struct jt_actor *who, const char *code,
	struct jt_recovery_codes *out, struct jt_why *why);
/* Ten other recovery codes. JT_CONFLICT if there is no second factor. Wipe *out. */
JT_MUST_USE enum jt_result jt_factor_renew_codes(
	struct jt_tx *tx, const struct jt_actor *who, struct jt_recovery_codes *out, struct jt_why *why);
/* Takes it away. JT_CONFLICT if there is none or the org requires one. */
JT_MUST_USE enum jt_result jt_factor_disable(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why);
/* The operator takes it from a user (jeton recover); *was (may be NULL) gets whether there was one. Writes no audit row. */
JT_MUST_USE enum jt_result jt_factor_drop(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, bool *was);

/* Whether one is in force. */
JT_MUST_USE enum jt_result jt_factor_is_enrolled(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, bool *out);
/* Holds `code` (NULL: none was given), a one-time or recovery code, against a user's second factor; what is taken is spent. JT_OK
 * without a code if there is none; JT_OTP_REQUIRED; JT_BAD_CREDENTIALS; JT_VALIDATION for a code where none is asked for. */
JT_MUST_USE enum jt_result jt_factor_prove(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, const char *code, struct jt_why *why);

/* Seals every secret anew under the newest key (jeton key rotate). JT_WRONG_KEY if one cannot be opened. */
JT_MUST_USE enum jt_result jt_factor_seal_all(struct jt_tx *tx);

#endif
