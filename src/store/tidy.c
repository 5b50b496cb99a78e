/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tidy.h"

/* One org at a time, so that the walk follows the index (org, created_s); CROSS, because SQLite keeps the order of that. */
JT_SQL(tidy_idempotency_delete,
	"DELETE FROM idempotency WHERE (org, caller, method, path, key_hash) IN (SELECT i.org, i.caller, i.method, "
	"i.path, "
	"i.key_hash FROM org CROSS JOIN idempotency AS i WHERE i.org = org.id AND i.created_s < $1 LIMIT $2)");

JT_SQL(tidy_session_delete, "DELETE FROM session WHERE hash IN (SELECT s.hash FROM session AS s WHERE s.expires_s <= "
			    "$1 ORDER BY s.expires_s LIMIT $2)");
JT_SQL(tidy_link_delete,
	"DELETE FROM link WHERE hash IN (SELECT l.hash FROM org CROSS JOIN link AS l WHERE l.org = org.id "
	"AND l.expires_s < $1 LIMIT $2)");
JT_SQL(tidy_invitation_delete, "DELETE FROM invitation WHERE (org, id) IN (SELECT v.org, v.id FROM org CROSS JOIN "
			       "invitation AS v WHERE v.org = "
			       "org.id AND v.created_ns < $1 LIMIT $2)");

enum jt_result jt_tidy_idempotency(struct jt_db *db, int64_t before_s, int64_t limit, int64_t *removed)
{
	return jt_db_run(db, &tidy_idempotency_delete, JT_BIND(JT_I(before_s), JT_I(limit)), removed);
}

enum jt_result jt_tidy_sessions(struct jt_db *db, int64_t now_s, int64_t limit, int64_t *removed)
{
	return jt_db_run(db, &tidy_session_delete, JT_BIND(JT_I(now_s), JT_I(limit)), removed);
}

enum jt_result jt_tidy_links(struct jt_db *db, int64_t now_s, int64_t limit, int64_t *removed)
{
	return jt_db_run(db, &tidy_link_delete, JT_BIND(JT_I(now_s), JT_I(limit)), removed);
}

enum jt_result jt_tidy_invitations(struct jt_db *db, int64_t before_ns, int64_t limit, int64_t *removed)
{
	return jt_db_run(db, &tidy_invitation_delete, JT_BIND(JT_I(before_ns), JT_I(limit)), removed);
}
