/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS \
	"session.hash, session.org, session.id, session.account, session.created_ns, session.seen_ns, " \
	"session.expires_s, session.confirmed_s, session.address, session.agent"
#define OF_ACCOUNT " WHERE org = $1 AND account = $2"

JT_SQL(session_insert, "INSERT INTO session (org, hash, id, account, created_ns, seen_ns, expires_s, confirmed_s, "
		       "address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
JT_SQL(session_get, "SELECT " COLUMNS ", org.require_factor, (SELECT count(*) FROM factor WHERE factor.org = "
		    "session.org AND factor.account = session.account AND factor.enrolled = 1) "
		    "FROM session, org WHERE session.hash = $1 AND org.id = session.org");
JT_SQL(session_list,
	"SELECT " COLUMNS " FROM session" OF_ACCOUNT " ORDER BY org DESC, account DESC, created_ns DESC, id DESC");
JT_SQL(session_set_seen, "UPDATE session SET seen_ns = $3 WHERE org = $1 AND hash = $2");
JT_SQL(session_set_confirmed, "UPDATE session SET confirmed_s = $3 WHERE org = $1 AND hash = $2");
JT_SQL(session_delete, "DELETE FROM session" OF_ACCOUNT " AND id = $3");
JT_SQL(session_delete_all, "DELETE FROM session" OF_ACCOUNT);
JT_SQL(session_delete_others, "DELETE FROM session" OF_ACCOUNT " AND id <> $3");
JT_SQL(session_trim, "DELETE FROM session" OF_ACCOUNT " AND id NOT IN (SELECT s.id FROM session AS s WHERE s.org = $1 "
		     "AND s.account = $2 ORDER BY s.created_ns DESC, s.id DESC LIMIT $3)");

enum jt_result jt_session_insert(struct jt_db *db, const struct jt_session_row *s)
{
	return jt_db_run(db, &session_insert,
		JT_BIND(JT_ID(&s->org), JT_B(s->hash, sizeof(s->hash)), JT_ID(&s->id), JT_ID(&s->account),
			JT_I(s->created_ns), JT_I(s->seen_ns), JT_I(s->expires_s), JT_I(s->confirmed_s),
			JT_T(s->address), JT_T(s->agent)),
		NULL);
}

enum jt_result jt_session_next(struct jt_rows *rows, struct jt_session_row *out)
{
	const void *hash = NULL;
	size_t size = 0;
	enum jt_result r = jt_rows_next(rows);

	if (r != JT_OK)
		return r;
	memset(out, 0, sizeof(*out));
	hash = jt_rows_bytes(rows, 0, &size);
	if (size != sizeof(out->hash))
		return JT_MALFORMED;
	memcpy(out->hash, hash, size);
	out->org = jt_rows_id(rows, 1);
	out->id = jt_rows_id(rows, 2);
	out->account = jt_rows_id(rows, 3);
	out->created_ns = jt_rows_int(rows, 4);
	out->seen_ns = jt_rows_int(rows, 5);
	out->expires_s = jt_rows_int(rows, 6);
	out->confirmed_s = jt_rows_int(rows, 7);
	(void)snprintf(out->address, sizeof(out->address), "%s", jt_rows_text(rows, 8));
	(void)snprintf(out->agent, sizeof(out->agent), "%s", jt_rows_text(rows, 9));
	return JT_OK;
}

enum jt_result jt_session_get(struct jt_db *db, const uint8_t hash[JT_SESSION_HASH_SIZE], struct jt_session_row *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &session_get, JT_BIND(JT_B(hash, JT_SESSION_HASH_SIZE)), &rows);

	if (r == JT_OK)
		r = jt_session_next(rows, out);
	if (r == JT_OK) {
		out->required = jt_rows_int(rows, 10) != 0;
		out->enrolled = jt_rows_int(rows, 11) != 0;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

enum jt_result jt_session_list(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_rows **rows)
{
	return jt_db_query(db, &session_list, JT_BIND(JT_ID(org), JT_ID(account)), rows);
}

enum jt_result jt_session_set_seen(
	struct jt_db *db, const struct jt_id *org, const uint8_t hash[JT_SESSION_HASH_SIZE], int64_t seen_ns)
{
	return jt_db_hit(db, &session_set_seen, JT_BIND(JT_ID(org), JT_B(hash, JT_SESSION_HASH_SIZE), JT_I(seen_ns)));
}

enum jt_result jt_session_set_confirmed(
	struct jt_db *db, const struct jt_id *org, const uint8_t hash[JT_SESSION_HASH_SIZE], int64_t confirmed_s)
{
	return jt_db_hit(
		db, &session_set_confirmed, JT_BIND(JT_ID(org), JT_B(hash, JT_SESSION_HASH_SIZE), JT_I(confirmed_s)));
}

enum jt_result jt_session_delete(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, const struct jt_id *id)
{
	return jt_db_hit(db, &session_delete, JT_BIND(JT_ID(org), JT_ID(account), JT_ID(id)));
}

enum jt_result jt_session_delete_all(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const struct jt_id *except, int64_t *ended)
{
	if (except)
		return jt_db_run(db, &session_delete_others, JT_BIND(JT_ID(org), JT_ID(account), JT_ID(except)), ended);
	return jt_db_run(db, &session_delete_all, JT_BIND(JT_ID(org), JT_ID(account)), ended);
}

enum jt_result jt_session_trim(struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t keep)
{
	return jt_db_run(db, &session_trim, JT_BIND(JT_ID(org), JT_ID(account), JT_I(keep)), NULL);
}
