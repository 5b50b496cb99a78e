/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_ORG_CHANGE_H
#define JT_STORE_ORG_CHANGE_H

#include "db/db.h"

/* What happens to an org after it was made (store/org.h). Each answers JT_NOT_FOUND if there is no such org. */

/* Replaces the name. */
JT_MUST_USE enum jt_result jt_org_set_name(struct jt_db *db, const struct jt_id *org, const char *name);
/* Replaces the owner. */
JT_MUST_USE enum jt_result jt_org_set_owner(struct jt_db *db, const struct jt_id *org, const struct jt_id *owner);
/* Whether every session needs a second factor. */
JT_MUST_USE enum jt_result jt_org_set_require_factor(struct jt_db *db, const struct jt_id *org, bool required);
/* Its row and all that is in it stay; nothing in it is good any more. */
JT_MUST_USE enum jt_result jt_org_set_inactive(struct jt_db *db, const struct jt_id *org);
/* The only active org of the deployment. JT_NOT_FOUND if there is none or more than one. */
JT_MUST_USE enum jt_result jt_org_only(struct jt_db *db, struct jt_id *out);

#endif
