/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_TX_H
#define JT_AUTHORITY_TX_H

#include "base/id.h"
#include "base/result.h"
#include "db/db.h"
#include "feed/feed.h"
#include "verify/verify.h"

struct jt_authority;
struct jt_reader_db;

/* Who asks, for the rules and for the audit log. */
struct jt_actor {
	enum { JT_ACTOR_TOKEN, JT_ACTOR_OPERATOR, JT_ACTOR_LINK, JT_ACTOR_PASSWORD, JT_ACTOR_SESSION } how;
	struct jt_caller caller; /* of a token, a password, a session; else only `org` is set */
	struct jt_id session;    /* JT_ACTOR_SESSION */
	char address[64];
	char request[65]; /* the request id, up to 64 characters */
};

/* A transaction, reading or writing, with what a use case needs. Made by the committer (writes) or by http (reads). */
struct jt_tx {
	struct jt_authority *au;
	struct jt_db *db;
	struct jt_reader_db *reader; /* jt_reading_begin's own */
	struct jt_verify *verify;
	const struct jt_policy *policy; /* held for the length of the transaction */
	int64_t now_ns;
	bool writing;
	struct jt_head head; /* writing: this transaction's number */
	uint64_t changes;
	struct jt_table_sizes needs; /* of the table's room, at most, for all of them */
	/* Set by whatever could change what anybody holds, other than a new token: the committer then projects this
	 * transaction before it runs the next job, so that the table is exact whenever a rule asks it. */
	bool moves_grants;
};

/* Notes a change for the followers; sets moves_grants unless `noun` is a token that is new (jt_tx_new_token). */
JT_MUST_USE enum jt_result jt_tx_change(
	struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const void *key, size_t key_size);
JT_MUST_USE enum jt_result jt_tx_changed_id(
	struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const struct jt_id *id);
JT_MUST_USE enum jt_result jt_tx_new_token(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *token, size_t teams); /* that it is limited to */

#endif
