/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include <assert.h>
#include <string.h>

/* The column's type is fixed by the statement and the STRICT schema: another one is a mistake in our SQL. */
static bool is_null(struct jt_rows *r, unsigned column, int wanted)
{
	int type = SQLITE_NULL;

	assert((int)column < sqlite3_data_count(r->stmt));
	type = sqlite3_column_type(r->stmt, (int)column);
	assert(type == wanted || type == SQLITE_NULL);
	return type == SQLITE_NULL;
}

int64_t jt_rows_int(struct jt_rows *r, unsigned column)
{
	return is_null(r, column, SQLITE_INTEGER) ? 0 : sqlite3_column_int64(r->stmt, (int)column);
}

const char *jt_rows_text(struct jt_rows *r, unsigned column)
{
	const unsigned char *text = is_null(r, column, SQLITE_TEXT) ? NULL : sqlite3_column_text(r->stmt, (int)column);

	return text ? (const char *)text : "";
}

const void *jt_rows_bytes(struct jt_rows *r, unsigned column, size_t *size)
{
	const void *at = is_null(r, column, SQLITE_BLOB) ? NULL : sqlite3_column_blob(r->stmt, (int)column);

	*size = at ? (size_t)sqlite3_column_bytes(r->stmt, (int)column) : 0;
	return at ? at : "";
}

struct jt_id jt_rows_id(struct jt_rows *r, unsigned column)
{
	struct jt_id id = {{0}};
	size_t size = 0;
	const void *at = jt_rows_bytes(r, column, &size);

	if (size == sizeof(id.b))
		memcpy(id.b, at, sizeof(id.b));
	return id;
}

bool jt_rows_null(struct jt_rows *r, unsigned column)
{
	assert((int)column < sqlite3_data_count(r->stmt));
	return sqlite3_column_type(r->stmt, (int)column) == SQLITE_NULL;
}
