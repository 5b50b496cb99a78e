/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_SESSION_H
#define JT_STORE_SESSION_H

#include "db/db.h"

/* Rows of `session`: who is signed in to the dashboard. */

#define JT_SESSION_HASH_SIZE 32
#define JT_SESSION_ADDRESS_SIZE 64
#define JT_SESSION_AGENT_SIZE 257 /* a longer User-Agent is cut */

struct jt_session_row {
	uint8_t hash[JT_SESSION_HASH_SIZE]; /* SHA-256 of the cookie's value */
	struct jt_id org, id, account;
	int64_t created_ns, seen_ns;
	int64_t expires_s;
	int64_t confirmed_s;                                                 /* when the password was last given */
	char address[JT_SESSION_ADDRESS_SIZE], agent[JT_SESSION_AGENT_SIZE]; /* of whoever signed in */
	/* Read with it, never written. */
	bool required; /* the org demands a second factor */
	bool enrolled; /* the user has one */
};

/* A new one. */
JT_MUST_USE enum jt_result jt_session_insert(struct jt_db *db, const struct jt_session_row *s);
/* By the hash alone. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_get(
	struct jt_db *db, const uint8_t hash[JT_SESSION_HASH_SIZE], struct jt_session_row *out);
/* The user's sessions, newest first: jt_session_next reads each, without `required` and `enrolled`. */
JT_MUST_USE enum jt_result jt_session_list(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, struct jt_rows **rows);
JT_MUST_USE enum jt_result jt_session_next(struct jt_rows *rows, struct jt_session_row *out);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_set_seen(
	struct jt_db *db, const struct jt_id *org, const uint8_t hash[JT_SESSION_HASH_SIZE], int64_t seen_ns);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_set_confirmed(
	struct jt_db *db, const struct jt_id *org, const uint8_t hash[JT_SESSION_HASH_SIZE], int64_t confirmed_s);
/* One of the user's. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_delete(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, const struct jt_id *id);
/* All of the user's but `except` (NULL: all); *ended (may be NULL) gets how many. */
JT_MUST_USE enum jt_result jt_session_delete_all(struct jt_db *db, const struct jt_id *org, const struct jt_id *account,
	const struct jt_id *except, int64_t *ended);
/* The user's oldest, beyond the newest `keep`. */
JT_MUST_USE enum jt_result jt_session_trim(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *account, int64_t keep);

#endif
