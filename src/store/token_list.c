/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token.h"

#include <stdint.h>

/* One statement for each order and each index that serves it, so that no list scans or sorts. What the filters drop is
 * dropped while walking. */
#define LIST(id, who, order, beyond) \
	JT_SQL(id, "SELECT org, id, kind, role, label, description, token_type, limited, created_ns, created_by, " \
		   "created_by_token, expires_s, lifetime_s, revoked_ns, (SELECT token_usage.last_used_s FROM " \
		   "token_usage " \
		   "WHERE token_usage.org = token.org AND token_usage.token = token.id) " \
		   "FROM token WHERE org = $1" who " AND listed = 1 " \
		   "AND (created_ns, id) " beyond \
		   " ($2, $3) AND ($4 = '' OR token_type = $4) AND ($5 = '' OR kind = $5) " \
		   "AND ($6 = 1 OR expires_s IS NULL OR expires_s > $7) " \
		   "ORDER BY created_ns " order ", id " order " LIMIT $8 OFFSET $9")

LIST(token_list_up, "", "ASC", ">");
LIST(token_list_down, "", "DESC", "<");
LIST(token_list_user_up, " AND created_by = $10", "ASC", ">");
LIST(token_list_user_down, " AND created_by = $10", "DESC", "<");
LIST(token_list_token_up, " AND created_by_token = $10", "ASC", ">");
LIST(token_list_token_down, " AND created_by_token = $10", "DESC", "<");

enum jt_result jt_token_list(
	struct jt_db *db, const struct jt_id *org, const struct jt_token_filter *f, struct jt_rows **out)
{
	static const struct jt_sql *const statements[3][2] = {
		[JT_TOKENS_ALL] = {&token_list_up, &token_list_down},
		[JT_TOKENS_OF_USER] = {&token_list_user_up, &token_list_user_down},
		[JT_TOKENS_OF_TOKEN] = {&token_list_token_up, &token_list_token_down},
	};
	/* Without a place to continue from: before all that was made after 1970, or after all that ever will be. */
	const int64_t end = f->descending ? INT64_MAX : -1;
	const struct jt_val vals[] = {JT_ID(org), JT_I(f->continued ? f->after_ns : end),
		JT_B(f->after_id.b, JT_ID_SIZE), JT_T(f->type ? f->type : ""), JT_T(f->kind ? f->kind : ""),
		JT_I(f->expired), JT_I(f->now_s), JT_I(f->limit), JT_I(f->offset), JT_B(f->by.b, JT_ID_SIZE)};

	return jt_db_query(db, statements[f->of][f->descending ? 1 : 0], vals, f->of == JT_TOKENS_ALL ? 9 : 10, out);
}
