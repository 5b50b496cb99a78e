/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_INVITATION_H
#define JT_STORE_INVITATION_H

#include "store/account.h"

/* Rows of `invitation`: who is invited and has not accepted. The link is in store/link.h. */

struct jt_invitation_row {
	struct jt_id org, id, role;
	struct jt_id invited_by; /* the token whose holder must still be able to */
	char email[JT_ACCOUNT_EMAIL_SIZE], email_fold[JT_ACCOUNT_EMAIL_SIZE];
	char name[JT_ACCOUNT_NAME_SIZE];
	int64_t created_ns;
};

/* JT_CONSTRAINT if the e-mail is invited already. */
JT_MUST_USE enum jt_result jt_invitation_insert(struct jt_db *db, const struct jt_invitation_row *v);
/* Each JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_invitation_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_invitation_row *out);
JT_MUST_USE enum jt_result jt_invitation_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_invitation_row *out);
JT_MUST_USE enum jt_result jt_invitation_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
enum jt_invitation_sort { JT_INVITATION_RISING, JT_INVITATION_FALLING };
/* In the order in which they were made, or the other way, beyond `after` (NULL: all). */
JT_MUST_USE enum jt_result jt_invitation_list(struct jt_db *db, const struct jt_id *org, enum jt_invitation_sort order,
	const struct jt_id *after, int64_t limit, int64_t offset, struct jt_rows **rows);
/* JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_invitation_next(struct jt_rows *rows, struct jt_invitation_row *out);

#endif
