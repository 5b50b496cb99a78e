/* SPDX-License-Identifier: Apache-2.0 */
#include "store/org_limit.h"

#include <string.h>

JT_SQL(org_limit_list, "SELECT kind, max_token_s FROM org_limit WHERE org = $1");
JT_SQL(org_limit_clear, "DELETE FROM org_limit WHERE org = $1");
JT_SQL(org_limit_insert, "INSERT INTO org_limit (org, kind, max_token_s) VALUES ($1, $2, $3)");

enum jt_result jt_org_limits_get(struct jt_db *db, const struct jt_id *org, int64_t out[JT_KIND_COUNT])
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &org_limit_list, JT_BIND(JT_ID(org)), &rows);
	enum jt_kind kind;

	memset(out, 0, JT_KIND_COUNT * sizeof(out[0]));
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		if (jt_kind_parse(jt_rows_text(rows, 0), &kind) == JT_OK)
			out[kind] = jt_rows_int(rows, 1);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_org_limits_set(struct jt_db *db, const struct jt_id *org, const int64_t seconds[JT_KIND_COUNT])
{
	enum jt_result r = jt_db_run(db, &org_limit_clear, JT_BIND(JT_ID(org)), NULL);

	for (int k = 0; r == JT_OK && k < JT_KIND_COUNT; k++) {
		if (seconds[k])
			r = jt_db_run(db, &org_limit_insert,
				JT_BIND(JT_ID(org), JT_T(jt_kind_name((enum jt_kind)k)), JT_I(seconds[k])), NULL);
	}
	return r;
}
