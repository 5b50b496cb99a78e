/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include <string.h>

JT_SQL(chain_get, "SELECT audit_seq, audit_mac FROM org WHERE id = $1");
JT_SQL(chain_set, "UPDATE org SET audit_seq = $2, audit_mac = $3 WHERE id = $1");
JT_SQL(chain_scan, "SELECT id, audit_seq, audit_mac FROM org ORDER BY id");
JT_SQL(audit_insert, "INSERT INTO audit (org, seq, time_ns, actor, token, account, address, request, operation, "
		     "target_type, target, "
		     "detail, outcome, folded, key_gen, mac) "
		     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
#define AUDIT_COLUMNS \
	"org, seq, time_ns, actor, token, account, address, request, operation, target_type, target, detail, " \
	"outcome, " \
	"folded, key_gen, mac"
JT_SQL(audit_scan, "SELECT " AUDIT_COLUMNS " FROM audit WHERE org = $1 ORDER BY seq");
JT_SQL(audit_scan_from, "SELECT " AUDIT_COLUMNS " FROM audit WHERE org = $1 AND seq >= $2 ORDER BY seq");
JT_SQL(audit_between,
	"SELECT " AUDIT_COLUMNS " FROM audit WHERE org = $1 AND (time_ns, seq) > ($2, $3) AND time_ns < $4 "
	"ORDER BY time_ns, seq LIMIT $5");

enum jt_result jt_chain_get(struct jt_db *db, const struct jt_id *org, int64_t *seq, uint8_t mac[JT_CHAIN_MAC_SIZE])
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &chain_get, JT_BIND(JT_ID(org)), &rows);

	if (r != JT_OK)
		return r;
	r = jt_rows_next(rows);
	if (r == JT_OK) {
		size_t size = 0;
		const void *at = jt_rows_bytes(rows, 1, &size);

		*seq = jt_rows_int(rows, 0);
		if (size == JT_CHAIN_MAC_SIZE)
			memcpy(mac, at, size);
		else
			memset(mac, 0, JT_CHAIN_MAC_SIZE); /* no row has it: whoever verifies sees that */
	} else if (r == JT_DONE) {
		r = JT_NOT_FOUND;
	}
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_chain_set(
	struct jt_db *db, const struct jt_id *org, int64_t seq, const uint8_t mac[JT_CHAIN_MAC_SIZE])
{
	return jt_db_run(db, &chain_set, JT_BIND(JT_ID(org), JT_I(seq), JT_B(mac, JT_CHAIN_MAC_SIZE)), NULL);
}

enum jt_result jt_chain_scan(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &chain_scan, JT_NO_BIND, out);
}

enum jt_result jt_audit_insert(struct jt_db *db, const struct jt_audit_row *row)
{
	return jt_db_run(db, &audit_insert,
		JT_BIND(JT_ID(&row->org), JT_I(row->seq), JT_I(row->time_ns), JT_T(row->actor), JT_ID(&row->token),
			JT_ID(&row->account), JT_T(row->address), JT_T(row->request), JT_T(row->operation),
			JT_T(row->target_type), JT_T(row->target), JT_T(row->detail), JT_T(row->outcome),
			JT_I(row->folded), JT_I(row->key_gen), JT_B(row->mac, sizeof(row->mac))),
		NULL);
}

enum jt_result jt_audit_scan(struct jt_db *db, const struct jt_id *org, struct jt_rows **out)
{
	return jt_db_query(db, &audit_scan, JT_BIND(JT_ID(org)), out);
}

enum jt_result jt_audit_scan_from(struct jt_db *db, const struct jt_id *org, int64_t seq, struct jt_rows **out)
{
	return jt_db_query(db, &audit_scan_from, JT_BIND(JT_ID(org), JT_I(seq)), out);
}

enum jt_result jt_audit_between(
	struct jt_db *db, const struct jt_id *org, const struct jt_audit_span *span, struct jt_rows **out)
{
	return jt_db_query(db, &audit_between,
		JT_BIND(JT_ID(org), JT_I(span->from_ns), JT_I(span->after_seq), JT_I(span->until_ns),
			JT_I(span->limit)),
		out);
}

enum jt_result jt_audit_next(struct jt_rows *rows, struct jt_audit_row *out)
{
	enum jt_result r = jt_rows_next(rows);
	size_t size = 0;
	const void *mac = NULL;

	if (r != JT_OK)
		return r;
	out->org = jt_rows_id(rows, 0);
	out->seq = jt_rows_int(rows, 1);
	out->time_ns = jt_rows_int(rows, 2);
	out->actor = jt_rows_text(rows, 3);
	out->token = jt_rows_id(rows, 4);
	out->account = jt_rows_id(rows, 5);
	out->address = jt_rows_text(rows, 6);
	out->request = jt_rows_text(rows, 7);
	out->operation = jt_rows_text(rows, 8);
	out->target_type = jt_rows_text(rows, 9);
	out->target = jt_rows_text(rows, 10);
	out->detail = jt_rows_text(rows, 11);
	out->outcome = jt_rows_text(rows, 12);
	out->folded = jt_rows_int(rows, 13);
	out->key_gen = jt_rows_int(rows, 14);
	mac = jt_rows_bytes(rows, 15, &size);
	if (size != JT_CHAIN_MAC_SIZE)
		return JT_MALFORMED;
	memcpy(out->mac, mac, size);
	return JT_OK;
}
