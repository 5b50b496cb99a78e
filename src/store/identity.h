/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_IDENTITY_H
#define JT_STORE_IDENTITY_H

#include "db/db.h"

/* A user as they prove who they are, and as they see themselves. */

#define JT_IDENTITY_EMAIL_SIZE 256
#define JT_IDENTITY_NAME_SIZE (128 * 4 + 1)
#define JT_IDENTITY_PASSWORD_SIZE 160

struct jt_identity {
	struct jt_id org, id, role;
	char email[JT_IDENTITY_EMAIL_SIZE];
	char name[JT_IDENTITY_NAME_SIZE];
	char password[JT_IDENTITY_PASSWORD_SIZE]; /* its hash; "" : none was set */
	bool disabled;
	int64_t login_ns; /* 0: never signed in */
};

/* Each JT_NOT_FOUND if the org has no such user. */
JT_MUST_USE enum jt_result jt_identity_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_identity *out);
JT_MUST_USE enum jt_result jt_identity_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, struct jt_identity *out);
/* Gives the user this org role, and lets a disabled one in again. */
JT_MUST_USE enum jt_result jt_identity_promote(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, const struct jt_id *role);
/* Notes when they last signed in. */
JT_MUST_USE enum jt_result jt_identity_signed_in(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, int64_t login_ns);

#endif
