/* SPDX-License-Identifier: Apache-2.0 */
#include "store/org.h"

#include <string.h>

JT_SQL(org_insert, "INSERT INTO org (id, name, slug, owner, active, created_ns, audit_seq, audit_mac) "
		   "VALUES ($1, $2, $3, $4, $5, $6, 0, $7)");
JT_SQL(org_get, "SELECT id, name, slug, owner, active, created_ns, require_factor FROM org WHERE id = $1");
JT_SQL(org_by_slug, "SELECT id FROM org WHERE slug = $1");
JT_SQL(org_count, "SELECT count(*) FROM org");
JT_SQL(org_scan, "SELECT id, name, slug, owner FROM org ORDER BY id");
JT_SQL(org_limit_of, "SELECT max_token_s FROM org_limit WHERE org = $1 AND kind = $2");
JT_SQL(founder_insert, "INSERT INTO account (org, id, email, email_fold, name, name_fold, role, password, "
		       "password_own, disabled, joined_ns) "
		       "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9)");

static const uint8_t no_mac[32];

enum jt_result jt_org_insert(struct jt_db *db, const struct jt_org_row *org)
{
	return jt_db_run(db, &org_insert,
		JT_BIND(JT_ID(&org->id), JT_T(org->name), JT_T(org->slug), JT_ID(&org->owner),
			JT_I(org->active ? 1 : 0), JT_I(org->created_ns), JT_B(no_mac, sizeof(no_mac))),
		NULL);
}

static enum jt_result copy_text(const char *text, char *out, size_t size)
{
	size_t length = strlen(text);

	if (length >= size)
		return JT_TOO_LONG;
	memcpy(out, text, length + 1);
	return JT_OK;
}

enum jt_result jt_org_get(struct jt_db *db, const struct jt_id *id, struct jt_org_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &org_get, JT_BIND(JT_ID(id)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK) {
		out->id = jt_rows_id(rows, 0);
		r = copy_text(jt_rows_text(rows, 1), out->name, sizeof(out->name));
		if (r == JT_OK)
			r = copy_text(jt_rows_text(rows, 2), out->slug, sizeof(out->slug));
		out->owner = jt_rows_id(rows, 3);
		out->active = jt_rows_int(rows, 4) != 0;
		out->created_ns = jt_rows_int(rows, 5);
		out->require_factor = jt_rows_int(rows, 6) != 0;
	} else if (r == JT_DONE) {
		r = JT_NOT_FOUND;
	}
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_org_by_slug(struct jt_db *db, const char *slug, struct jt_id *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &org_by_slug, JT_BIND(JT_T(slug)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK)
		*out = jt_rows_id(rows, 0);
	else if (r == JT_DONE)
		r = JT_NOT_FOUND;
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_org_count(struct jt_db *db, int64_t *out)
{
	return jt_db_int(db, &org_count, JT_NO_BIND, out);
}

enum jt_result jt_org_scan(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &org_scan, JT_NO_BIND, out);
}

enum jt_result jt_org_limit(struct jt_db *db, const struct jt_id *org, enum jt_kind kind, int64_t *seconds)
{
	enum jt_result r = jt_db_int(db, &org_limit_of, JT_BIND(JT_ID(org), JT_T(jt_kind_name(kind))), seconds);

	if (r != JT_NOT_FOUND)
		return r;
	*seconds = 0;
	return JT_OK;
}

enum jt_result jt_founder_insert(struct jt_db *db, const struct jt_founder *f)
{
	return jt_db_run(db, &founder_insert,
		JT_BIND(JT_ID(&f->org), JT_ID(&f->id), JT_T(f->email), JT_T(f->email_fold), JT_T(f->name),
			JT_T(f->name_fold), JT_ID(&f->role), JT_T(f->password), JT_I(f->joined_ns)),
		NULL);
}
