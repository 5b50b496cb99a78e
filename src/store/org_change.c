/* SPDX-License-Identifier: Apache-2.0 */
#include "store/org_change.h"

JT_SQL(org_set_name, "UPDATE org SET name = $2 WHERE id = $1");
JT_SQL(org_set_owner, "UPDATE org SET owner = $2 WHERE id = $1");
JT_SQL(org_set_inactive, "UPDATE org SET active = 0 WHERE id = $1 AND active = 1");
JT_SQL(org_require_factor, "UPDATE org SET require_factor = $2 WHERE id = $1");
JT_SQL(org_only, "SELECT id FROM org WHERE active = 1 ORDER BY id LIMIT 2");

enum jt_result jt_org_set_name(struct jt_db *db, const struct jt_id *org, const char *name)
{
	return jt_db_hit(db, &org_set_name, JT_BIND(JT_ID(org), JT_T(name)));
}

enum jt_result jt_org_set_owner(struct jt_db *db, const struct jt_id *org, const struct jt_id *owner)
{
	return jt_db_hit(db, &org_set_owner, JT_BIND(JT_ID(org), JT_ID(owner)));
}

enum jt_result jt_org_set_require_factor(struct jt_db *db, const struct jt_id *org, bool required)
{
	return jt_db_hit(db, &org_require_factor, JT_BIND(JT_ID(org), JT_I(required ? 1 : 0)));
}

enum jt_result jt_org_set_inactive(struct jt_db *db, const struct jt_id *org)
{
	return jt_db_hit(db, &org_set_inactive, JT_BIND(JT_ID(org)));
}

enum jt_result jt_org_only(struct jt_db *db, struct jt_id *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &org_only, JT_NO_BIND, &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		*out = jt_rows_id(rows, 0);
		r = jt_rows_next(rows);
		r = r == JT_DONE ? JT_OK : r == JT_OK ? JT_NOT_FOUND : r;
	} else if (r == JT_DONE) {
		r = JT_NOT_FOUND;
	}
	jt_rows_close(&rows);
	return r;
}
