/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_AUDIT_H
#define JT_STORE_AUDIT_H

#include "db/db.h"

/* Rows of the audit log and the heads of the orgs' chains. What they mean is src/authority/audit.h. */

#define JT_CHAIN_MAC_SIZE 32

/* Texts are never NULL; `token` and `account` may be none. */
struct jt_audit_row {
	struct jt_id org;
	int64_t seq, time_ns;
	const char *actor;
	struct jt_id token, account;
	const char *address, *request, *operation, *target_type, *target, *detail, *outcome;
	int64_t folded, key_gen;
	uint8_t mac[JT_CHAIN_MAC_SIZE];
};

/* The head of an org's chain. JT_NOT_FOUND if there is no such org. */
JT_MUST_USE enum jt_result jt_chain_get(
	struct jt_db *db, const struct jt_id *org, int64_t *seq, uint8_t mac[JT_CHAIN_MAC_SIZE]);
JT_MUST_USE enum jt_result jt_chain_set(
	struct jt_db *db, const struct jt_id *org, int64_t seq, const uint8_t mac[JT_CHAIN_MAC_SIZE]);
/* Every org's head: columns id, audit_seq, audit_mac. */
JT_MUST_USE enum jt_result jt_chain_scan(struct jt_db *db, struct jt_rows **out);

/* Appends a row; its mac is the caller's. */
JT_MUST_USE enum jt_result jt_audit_insert(struct jt_db *db, const struct jt_audit_row *row);
/* All rows of an org in the order of seq. */
JT_MUST_USE enum jt_result jt_audit_scan(struct jt_db *db, const struct jt_id *org, struct jt_rows **out);
/* The rows from `seq` on. */
JT_MUST_USE enum jt_result jt_audit_scan_from(
	struct jt_db *db, const struct jt_id *org, int64_t seq, struct jt_rows **out);
/* From `from_ns`, beyond the row `after_seq` of that very time (0: that time included), until `until_ns`, which is not. */
struct jt_audit_span {
	int64_t from_ns, after_seq, until_ns, limit;
};
/* Rows of a span in the order of time and seq. */
JT_MUST_USE enum jt_result jt_audit_between(
	struct jt_db *db, const struct jt_id *org, const struct jt_audit_span *span, struct jt_rows **out);
/* The next row of any. Texts live until the next call. JT_OK, JT_DONE, JT_MALFORMED if mac is not 32 bytes. */
JT_MUST_USE enum jt_result jt_audit_next(struct jt_rows *rows, struct jt_audit_row *out);

#endif
