/* SPDX-License-Identifier: Apache-2.0 */
#include "store/meta.h"

#include <string.h>

JT_SQL(meta_get, "SELECT value FROM meta WHERE key = $1");
JT_SQL(meta_set,
	"INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");

enum jt_result jt_meta_get(struct jt_db *db, const char *key, char *out, size_t size)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &meta_get, JT_BIND(JT_T(key)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK) {
		const char *value = jt_rows_text(rows, 0);
		size_t length = strlen(value);

		if (length < size)
			memcpy(out, value, length + 1);
		else
			r = JT_TOO_LONG;
	} else if (r == JT_DONE) {
		r = JT_NOT_FOUND;
	}
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_meta_set(struct jt_db *db, const char *key, const char *value)
{
	return jt_db_run(db, &meta_set, JT_BIND(JT_T(key), JT_T(value)), NULL);
}
