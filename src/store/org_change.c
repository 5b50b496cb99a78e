/* SPDX-License-Identifier: Apache-2.0 */
#include "store/org_change.h"

JT_SQL(org_set_name, "UPDATE org SET name = $2 WHERE id = $1");
JT_SQL(org_set_owner, "UPDATE org SET owner = $2 WHERE id = $1");
JT_SQL(org_set_inactive, "UPDATE org SET active = 0 WHERE id = $1 AND active = 1");
JT_SQL(org_only, "SELECT id FROM org WHERE active = 1 ORDER BY id LIMIT 2");

static enum jt_result one(enum jt_result r, int64_t changed)
{
	return r == JT_OK && changed == 0 ? JT_NOT_FOUND : r;
}

enum jt_result jt_org_set_name(struct jt_db *db, const struct jt_id *org, const char *name)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &org_set_name, JT_BIND(JT_ID(org), JT_T(name)), &changed);

	return one(r, changed);
}

enum jt_result jt_org_set_owner(struct jt_db *db, const struct jt_id *org, const struct jt_id *owner)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &org_set_owner, JT_BIND(JT_ID(org), JT_ID(owner)), &changed);

	return one(r, changed);
}

enum jt_result jt_org_set_inactive(struct jt_db *db, const struct jt_id *org)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &org_set_inactive, JT_BIND(JT_ID(org)), &changed);

	return one(r, changed);
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
