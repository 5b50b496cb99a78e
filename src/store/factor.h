/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_FACTOR_H
#define JT_STORE_FACTOR_H

#include "db/db.h"

/* Rows of `factor` and `recovery_code`: the second factor of a user. */

#define JT_FACTOR_SEALED_MAX 128
#define JT_RECOVERY_HASH_SIZE 32

struct jt_factor_row {
	struct jt_id org, account;
	bool enrolled;
	int64_t last_step;                                                   /* the newest whose code was taken */
	size_t secret_size, pending_size;                                    /* 0: none */
	uint8_t secret[JT_FACTOR_SEALED_MAX], pending[JT_FACTOR_SEALED_MAX]; /* sealed */
};

/* JT_NOT_FOUND if the user has none and sets none up. */
JT_MUST_USE enum jt_result jt_factor_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_factor_row *out);
/* In place of the row that there was. */
JT_MUST_USE enum jt_result jt_factor_put(struct jt_db *db, const struct jt_factor_row *row);
/* Its recovery codes go with it. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_factor_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *account);
/* Rows in the order of org and account, beyond these: columns org, account. */
JT_MUST_USE enum jt_result jt_factor_scan(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t limit, struct jt_rows **out);

/* One more that is not spent. */
JT_MUST_USE enum jt_result jt_recovery_add(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const uint8_t hash[JT_RECOVERY_HASH_SIZE]);
/* Spends a code. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_recovery_take(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const uint8_t hash[JT_RECOVERY_HASH_SIZE]);
/* All of them. */
JT_MUST_USE enum jt_result jt_recovery_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *account);
/* How many are left. */
JT_MUST_USE enum jt_result jt_recovery_count(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t *out);

#endif
