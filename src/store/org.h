/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_ORG_H
#define JT_STORE_ORG_H

#include "db/db.h"

#include "token/token.h"

/* Rows of `org`, and what is made with one: its owner's account. */

#define JT_ORG_NAME_SIZE (128 * 4 + 1)
#define JT_ORG_SLUG_SIZE 80

struct jt_org_row {
	struct jt_id id, owner;
	char name[JT_ORG_NAME_SIZE];
	char slug[JT_ORG_SLUG_SIZE];
	bool active;
	bool require_factor; /* read only: every session needs a second factor */
	int64_t created_ns;
};

/* A new org, its audit chain empty. JT_CONSTRAINT if the slug is taken. */
JT_MUST_USE enum jt_result jt_org_insert(struct jt_db *db, const struct jt_org_row *org);
JT_MUST_USE enum jt_result jt_org_get(struct jt_db *db, const struct jt_id *id, struct jt_org_row *out);
JT_MUST_USE enum jt_result jt_org_by_slug(struct jt_db *db, const char *slug, struct jt_id *out);
JT_MUST_USE enum jt_result jt_org_count(struct jt_db *db, int64_t *out);
/* Every org: columns id, name, slug, owner; ordered by id. */
JT_MUST_USE enum jt_result jt_org_scan(struct jt_db *db, struct jt_rows **out);
/* The org's maximum for a kind in seconds; 0: none. */
JT_MUST_USE enum jt_result jt_org_limit(struct jt_db *db, const struct jt_id *org, enum jt_kind kind, int64_t *seconds);

/* The account that an org is made with. */
struct jt_founder {
	struct jt_id org, id, role;
	const char *email, *email_fold, *name, *name_fold;
	const char *password; /* its hash, or NULL. Not the user's own: who makes an org sees the owner's token too */
	int64_t joined_ns;
};
/* Inserts that account. JT_CONSTRAINT if the e-mail is taken. */
JT_MUST_USE enum jt_result jt_founder_insert(struct jt_db *db, const struct jt_founder *f);

#endif
