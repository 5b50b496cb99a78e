/* SPDX-License-Identifier: Apache-2.0 */
#include "store/link.h"

#include <string.h>

JT_SQL(link_insert, "INSERT INTO link (org, hash, purpose, target, expires_s) VALUES ($1, $2, $3, $4, $5)");
JT_SQL(link_delete, "DELETE FROM link WHERE org = $1 AND purpose = $2 AND target = $3");
JT_SQL(link_find, "SELECT org, purpose, target, expires_s FROM link WHERE hash = $1");

static const char *const names[JT_LINK_PURPOSES] = {
#define JT_LINK_TEXT(name, text) text,
	JT_LINKS(JT_LINK_TEXT)
#undef JT_LINK_TEXT
};

const char *jt_link_name(enum jt_link_purpose purpose)
{
	return names[purpose];
}

enum jt_result jt_link_drop(
	struct jt_db *db, const struct jt_id *org, enum jt_link_purpose purpose, const struct jt_id *target)
{
	return jt_db_run(db, &link_delete, JT_BIND(JT_ID(org), JT_T(names[purpose]), JT_ID(target)), NULL);
}

enum jt_result jt_link_put(struct jt_db *db, const struct jt_link_row *link)
{
	enum jt_result r = jt_link_drop(db, &link->org, link->purpose, &link->target);

	if (r != JT_OK)
		return r;
	return jt_db_run(db, &link_insert,
		JT_BIND(JT_ID(&link->org), JT_B(link->hash, sizeof(link->hash)), JT_T(names[link->purpose]),
			JT_ID(&link->target), JT_I(link->expires_s)),
		NULL);
}

static enum jt_result read_purpose(const char *text, enum jt_link_purpose *out)
{
	for (int i = 0; i < JT_LINK_PURPOSES; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum jt_link_purpose)i;
			return JT_OK;
		}
	return JT_MALFORMED;
}

enum jt_result jt_link_find(struct jt_db *db, const uint8_t hash[JT_LINK_HASH_SIZE], struct jt_link_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &link_find, JT_BIND(JT_B(hash, JT_LINK_HASH_SIZE)), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		memcpy(out->hash, hash, sizeof(out->hash));
		out->org = jt_rows_id(rows, 0);
		out->target = jt_rows_id(rows, 2);
		out->expires_s = jt_rows_int(rows, 3);
		r = read_purpose(jt_rows_text(rows, 1), &out->purpose);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}
