/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_PROOF_H
#define JT_API_PROOF_H

#include "http/call.h"

/* A body that proves who somebody is: e-mail, password and, where there is a second factor, a one-time code; from a session the
 * password alone. The steps of an operation, one each; call->state is theirs between them. */

#define JT_PROOF_FIELDS \
	{.name = "org", .type = JT_FIELD_NAME, .min = 1, .max = 128}, \
		{.name = "email", .type = JT_FIELD_EMAIL, .min = 3, .max = 254}, \
		{.name = "password", .type = JT_FIELD_SECRET, .min = 1, .max = 1024}, \
	{ \
		.name = "otp", .type = JT_FIELD_NAME, .min = 6, .max = 32 \
	}

/* jt_op.check: e-mail and password are there, and no other credential is. With JT_OP_BY_SESSION a session does instead. */
JT_MUST_USE enum jt_result jt_proof_check(struct jt_call *c);
/* jt_op.hash: on the pool. Whoever there is, and whatever is wrong, one hash is made. JT_BAD_CREDENTIALS. */
JT_MUST_USE enum jt_result jt_proof_hash(struct jt_call *c);
/* In jt_op.run: the caller is whom the body proved, or the session's user, from here on; the one-time code is spent. JT_BAD_CREDENTIALS
 * also if the password was changed meanwhile; JT_OTP_REQUIRED. */
JT_MUST_USE enum jt_result jt_proof_become(struct jt_call *c, struct jt_tx *tx);
/* jt_op.drop. */
void jt_proof_drop(void *state);

#endif
