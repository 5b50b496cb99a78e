/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_ASKED_H
#define JT_TEST_ASKED_H

#include "policy/policy.h"
#include "verify/verify.h"

/* The same questions as matrix.c puts to the verifier, put to libjeton through the table's file, one line each:
 *     ask  HOLDER PLACE SCOPE  STEP:RESULT          jeton_verify
 *     pair HOLDER PLACE S,T    STEP:RESULT:MISSING  of two scopes at once, the org demanded
 *     set  HOLDER PLACE SCOPE  STEP                 what jt_ask_grant says is held
 *     told HOLDER - -          same                 what jeton_answer_... says, against the verifier's caller */

struct asked_place {
	const char *name; /* as it is printed */
	const char *org;  /* UUIDs as text */
	const char *app;  /* NULL: no app */
	const char *team; /* NULL: no team */
};

/* Opens the table and interns everything. Ends the process on failure, as all of these do. */
void asked_open(const char *table, const struct jt_policy *policy, const struct asked_place *place, size_t places);
/* Everything about one holder, at every place. `team`: what the verifier confines it to, if it does. */
void asked_holder(
	const char *name, const char *value, const struct jt_caller *who, const struct jt_id *team, size_t teams);
/* Of a holder, at an org that is not the holder's. */
void asked_other_org(const char *name, const char *value, const char *org);
void asked_close(void);

#endif
