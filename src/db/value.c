/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <string.h>

struct jt_val jt_val_int(int64_t v)
{
	return (struct jt_val){.type = JT_VAL_INT, .number = v};
}

struct jt_val jt_val_text(const char *text)
{
	if (!text)
		return (struct jt_val){.type = JT_VAL_NULL};
	return (struct jt_val){.type = JT_VAL_TEXT, .at = text, .size = strlen(text)};
}

struct jt_val jt_val_bytes(const void *at, size_t size)
{
	if (!at)
		return (struct jt_val){.type = JT_VAL_NULL};
	return (struct jt_val){.type = JT_VAL_BYTES, .at = at, .size = size};
}

struct jt_val jt_val_id(const struct jt_id *id)
{
	if (!id || jt_id_is_none(id))
		return (struct jt_val){.type = JT_VAL_NULL};
	return jt_val_bytes(id->b, sizeof(id->b));
}

enum jt_result jt_db_int(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, int64_t *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, sql, vals, count, &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK)
		*out = jt_rows_int(rows, 0);
	else if (r == JT_DONE)
		r = JT_NOT_FOUND;
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_db_hit(struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, sql, vals, count, &changed);

	return r == JT_OK && changed == 0 ? JT_NOT_FOUND : r;
}
