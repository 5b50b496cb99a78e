/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_PERSONAL_H
#define JT_STORE_PERSONAL_H

#include "db/db.h"

#include "token/token.h"

/* The rows of personal tokens: one a user, never listed, the value sealed beside its digest. */

struct jt_personal_row {
	struct jt_id org, id, account;
	int64_t created_ns;
	int64_t expires_s;  /* 0: never */
	const void *sealed; /* NULL: not kept */
	size_t sealed_size;
	uint8_t digest[JT_DIGEST_SIZE];
};

/* Inserts the token and its first value. */
JT_MUST_USE enum jt_result jt_personal_insert(struct jt_db *db, const struct jt_personal_row *row);
/* The row's id by its user. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_personal_find(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_id *id);
/* The row by its user, without sealed value and digest; *kept: whether there is a sealed value. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_personal_get(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	struct jt_personal_row *out, bool *kept);
/* A new value: digest, sealed and expires_s of `row`; all older values are removed. */
JT_MUST_USE enum jt_result jt_personal_set_value(struct jt_db *db, const struct jt_personal_row *row);
/* Copies the sealed value: at most `room` bytes; *size 0 if none is kept. */
JT_MUST_USE enum jt_result jt_personal_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, uint8_t *out, size_t room, size_t *size);
/* For a new key: tokens with a sealed value after (*org, *id), in order; columns org, id, sealed; at most `limit`. */
JT_MUST_USE enum jt_result jt_personal_scan_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t limit, struct jt_rows **out);
JT_MUST_USE enum jt_result jt_personal_set_sealed(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, const void *sealed, size_t size);

#endif
