/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_ACCOUNT_H
#define JT_STORE_ACCOUNT_H

#include "db/db.h"

/* Rows of `account`: the users of an org as an administrator has them. How a user proves who they are: store/identity.h. */

#define JT_ACCOUNT_EMAIL_SIZE 256
#define JT_ACCOUNT_NAME_SIZE (128 * 4 + 1)

struct jt_account_row {
	struct jt_id org, id, role;
	char email[JT_ACCOUNT_EMAIL_SIZE], email_fold[JT_ACCOUNT_EMAIL_SIZE];
	char name[JT_ACCOUNT_NAME_SIZE], name_fold[JT_ACCOUNT_NAME_SIZE];
	bool password_own; /* the user set the password; else somebody else did, or nobody */
	bool disabled;
	int64_t joined_ns;
	int64_t login_ns; /* 0: never signed in */
};

/* A new user; `password` is its hash, or NULL. JT_CONSTRAINT if the org has that e-mail. */
JT_MUST_USE enum jt_result jt_account_insert(struct jt_db *db, const struct jt_account_row *a, const char *password);
/* Each JT_NOT_FOUND if the org has no such user. */
JT_MUST_USE enum jt_result jt_account_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_account_row *out);
JT_MUST_USE enum jt_result jt_account_by_email(
	struct jt_db *db, const struct jt_id *org, const char *email_fold, struct jt_account_row *out);
/* The name alone. */
JT_MUST_USE enum jt_result jt_account_name(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, char *out, size_t size);
/* When the user's own token was last used; 0: never, that anybody knows. */
JT_MUST_USE enum jt_result jt_account_last_use(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t *last_used_s);
/* Writes name, role and disabled. */
JT_MUST_USE enum jt_result jt_account_update(struct jt_db *db, const struct jt_account_row *a);
/* `hash` is a password's; `own`: the user set it. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_account_set_password(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, const char *hash, bool own);
/* Memberships go with it; its personal token must have been ended. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_account_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
/* Revokes the personal token and forgets its sealed value. JT_NOT_FOUND if there is none. */
JT_MUST_USE enum jt_result jt_account_end_token(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t now_ns, struct jt_id *token);

enum jt_account_sort { JT_ACCOUNT_BY_EMAIL, JT_ACCOUNT_BY_NAME };
/* Which users, in which order. */
struct jt_account_wish {
	enum jt_account_sort sort; /* folded e-mail; or folded name, then id */
	bool descending;
	const struct jt_account_row *after; /* only beyond this one; NULL: from the start */
	int64_t limit, offset;
};
/* Each row is read with jt_account_next. */
JT_MUST_USE enum jt_result jt_account_list(
	struct jt_db *db, const struct jt_id *org, const struct jt_account_wish *w, struct jt_rows **rows);
/* JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_account_next(struct jt_rows *rows, struct jt_account_row *out);

#endif
