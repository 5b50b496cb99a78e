/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_IDEMPOTENCY_H
#define JT_STORE_IDEMPOTENCY_H

#include "db/db.h"

/* Answers kept for replays (RULES.md "Idempotency"). Old ones go with jt_tidy_idempotency. */

#define JT_IDEMPOTENCY_HASH_SIZE 32

/* By what an answer is found. */
struct jt_idempotency_key {
	struct jt_id org;
	struct jt_id caller; /* the token, or whose password it was */
	const char *method, *path;
	uint8_t hash[JT_IDEMPOTENCY_HASH_SIZE]; /* SHA-256 of the key */
};

struct jt_idempotency_row {
	uint8_t body_hash[JT_IDEMPOTENCY_HASH_SIZE]; /* SHA-256 of query and body */
	int64_t created_s;
	int status;
	bool secret;        /* `answer` is sealed */
	struct jt_id token; /* whose value is in it; may be none */
	const void *answer; /* read: lives until the rows are closed */
	size_t answer_size;
};

/* JT_OK with *rows open, to be closed by the caller; JT_NOT_FOUND with none. */
JT_MUST_USE enum jt_result jt_idempotency_find(
	struct jt_db *db, const struct jt_idempotency_key *key, struct jt_rows **rows, struct jt_idempotency_row *out);
/* Puts a new one. JT_CONSTRAINT if the org is gone (or there is one): run it in a savepoint. */
JT_MUST_USE enum jt_result jt_idempotency_put(
	struct jt_db *db, const struct jt_idempotency_key *key, const struct jt_idempotency_row *row);

#endif
